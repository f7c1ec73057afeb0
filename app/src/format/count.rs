//! Counts, rates, shares and sizes.

/// `1,204,882`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same, with `≥` when it is a lower bound.
pub fn count_at_least(number: u64, complete: bool) -> String {
    if complete { count(number) } else { format!("≥ {}", count(number)) }
}

/// `842/s`, `8.4/s`, `0.04/s`; `0/s` for nothing.
pub fn per_second(events: u64, secs: u64) -> String {
    let rate = events as f64 / secs.max(1) as f64;
    match rate {
        _ if events == 0 => "0/s".to_owned(),
        0.0..0.01 => "< 0.01/s".to_owned(),
        0.01..0.995 => format!("{rate:.2}/s"),
        0.995..9.95 => format!("{rate:.1}/s"),
        _ => format!("{}/s", count(rate.round() as u64)),
    }
}

/// `14.2 %`, `0.20 %`, `100 %`; `0 %` for none and `< 0.01 %` for hardly any.
pub fn share(part: u64, whole: u64) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    match percent {
        _ if part == 0 => "0 %".to_owned(),
        0.0..0.005 => "< 0.01 %".to_owned(),
        0.005..9.995 => format!("{percent:.2} %"),
        9.995..99.95 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

/// `412 B`, `64.0 KiB`, `1.2 GiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut size = number as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_is_grouped_by_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_204_882, "1,204,882")];
        for (number, text) in cases {
            assert_eq!(count(number), text);
        }
        assert_eq!(count_at_least(9_214, false), "≥ 9,214");
    }

    #[test]
    fn something_never_prints_as_nothing() {
        assert_eq!(share(0, 10), "0 %");
        assert_eq!(share(1, 10_000_000), "< 0.01 %");
        assert_eq!(share(142, 1000), "14.2 %");
        assert_eq!(share(1, 500), "0.20 %");
        assert_eq!(share(7, 7), "100 %");
        assert_eq!(share(0, 0), "0 %");
        assert_eq!(per_second(0, 900), "0/s");
        assert_eq!(per_second(1, 900), "< 0.01/s");
        assert_eq!(per_second(90, 900), "0.10/s");
        assert_eq!(per_second(842 * 900, 900), "842/s");
        assert_eq!(per_second(7_560, 900), "8.4/s");
    }

    #[test]
    fn bytes_change_unit_before_four_digits() {
        let cases = [(1023, "1023 B"), (1024, "1.0 KiB"), (1024 * 1024 - 1, "1.0 MiB"), (1_288_490_189, "1.2 GiB")];
        for (number, text) in cases {
            assert_eq!(bytes(number), text);
        }
    }
}
