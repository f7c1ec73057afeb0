//! `2026-11-21T14:00`, as a `datetime-local` field writes it, read as UTC. The inverse of `format::date_time_input`.

/// Milliseconds since 1970; none for anything else, and for years before 1970 or after 9999.
pub(super) fn millis_from_iso(text: &str) -> Option<u64> {
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let clock = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let [hour, minute, second] = numbers(clock.split('.').next()?, ':')?;
    let sane = (1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !sane || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000)
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let mut parts = text.split(separator);
    let mut next = || parts.next()?.parse().ok();
    let numbers = [next()?, next()?, next()?];
    parts.next().is_none().then_some(numbers)
}

/// Days since 1970. Years start in March here, so that the leap day is the last of its year.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::millis_from_iso;
    use crate::format::date_time_input;

    proptest! {
        #[test]
        fn printed_second_reads_back(secs in 0u64..253_402_300_800) {
            prop_assert_eq!(millis_from_iso(&date_time_input(secs * 1_000)), Some(secs * 1_000));
        }

        #[test]
        fn no_text_panics(text in "[0-9T:.é-]{0,24}") {
            millis_from_iso(&text);
        }
    }
}
