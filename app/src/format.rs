//! The one way to print durations, counts, rates, shares and times. Same text on both sides: no locale, no clock, times in UTC.

mod count;
mod duration;
mod time;

pub use count::{bytes, count, count_at_least, per_second, share};
pub use duration::duration;
pub use time::{date_time_input, date_time_iso, time_of_day, time_of_day_millis};
