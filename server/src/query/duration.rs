//! Durations as people write them: `100ms`, `1.5s`, `2m`, `1h30m`. Not here: printing them, which pages do.

use model::SpanDuration;

/// Units with their nanoseconds; longer names first where one begins another.
const UNITS: [(&str, u64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Reads one or more numbers with units; the error is a sentence.
pub fn parse(text: &str) -> Result<SpanDuration, String> {
    let bad = || format!("a duration is written like 100ms, 1.5s or 2m, not `{text}`");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(bad());
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, remaining) = after.split_at(unit_end);
        let (_, size) = UNITS.into_iter().find(|(name, _)| *name == unit.trim_end()).ok_or_else(bad)?;
        nanos += scaled(number, size).ok_or_else(bad)?;
        rest = remaining;
    }
    u64::try_from(nanos).map(SpanDuration).map_err(|_e| format!("a duration of at most 584 years, not `{text}`"))
}

/// A decimal number times `size`, rounded down to whole nanoseconds.
fn scaled(number: &str, size: u64) -> Option<u128> {
    /// More digits than any number of nanoseconds that fits has.
    const DIGITS_MAX: usize = 20;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > DIGITS_MAX || fraction.contains('.') {
        return None;
    }
    let mut nanos = if whole.is_empty() { 0 } else { whole.parse::<u128>().ok()? * u128::from(size) };
    // Eighteen digits behind the point are kept, so that no unit loses a nanosecond.
    let mut nanos_fraction = 0;
    let mut place = u128::from(size) * 10_u128.pow(18);
    for digit in fraction.chars().take(DIGITS_MAX) {
        place /= 10;
        nanos_fraction += place * u128::from(digit.to_digit(10)?);
    }
    nanos += nanos_fraction / 10_u128.pow(18);
    Some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> Option<u64> {
        parse(text).ok().map(|duration| duration.0)
    }

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(nanos("100ms"), Some(100_000_000));
        assert_eq!(nanos("1.5s"), Some(1_500_000_000));
        assert_eq!(nanos("1.25us"), Some(1_250));
        assert_eq!(nanos("0.000000001s"), Some(1));
        assert_eq!(nanos("2m"), Some(120_000_000_000));
        assert_eq!(nanos("1h30m"), Some(5_400_000_000_000));
        assert_eq!(nanos(" 7µs "), Some(7_000));
        assert_eq!(nanos(".5s"), Some(500_000_000));
    }

    #[test]
    fn what_is_no_duration_is_refused_with_a_hint() {
        for bad in ["", "5", "ms", "1.2.3s", "-1s", "1 fortnight", ".s", "1s2", "99999999999d", "1e3s"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse("soon"), Err("a duration is written like 100ms, 1.5s or 2m, not `soon`".to_owned()));
    }
}
