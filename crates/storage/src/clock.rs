//! The time of day, handed down so that tests own it. Not here: a clock that really ticks, the server has that one.

use model::UnixNanos;

/// Tells the time. It may jump in either direction: a store uses it for names and ages only, never for order.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixNanos;
}
