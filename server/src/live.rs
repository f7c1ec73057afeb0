//! What happens now, for open pages: counts over seconds and newest traces. Not here: the websocket (`http::live`).

pub mod hub;
pub mod session;

mod newest;
mod ring;
mod window;

pub use hub::LiveHub;
pub use session::Session;
