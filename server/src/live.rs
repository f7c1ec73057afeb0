//! What happens now, for open pages: counts over seconds and newest traces. Not here: the websocket (`http::live`).

pub mod hub;

pub use hub::LiveHub;
