//! The pages of Tracewell, rendered by the server and hydrated in the browser.

pub mod client;
