//! The clock of the machine: the only place that asks for the time of day. Everyone else is handed a `Clock`.

use std::time::{SystemTime, UNIX_EPOCH};

use model::UnixNanos;
use storage::clock::Clock;

/// Ticks as the machine does; it may jump in either direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else is handed")]
    fn now(&self) -> UnixNanos {
        // A clock before 1970 reads as 1970: spans must be accepted whatever the clock says.
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixNanos(u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX))
    }
}
