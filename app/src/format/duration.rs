//! Durations: three significant digits up to a minute, two units above.

const MICRO: f64 = 1e3;
const MILLI: f64 = 1e6;
const SECOND: f64 = 1e9;

/// `412 ns`, `41.2 µs`, `0.80 ms`, `412 ms`, `2.84 s`, `2 min 05 s`, `14 h 02 min`, `3 d 04 h`.
pub fn duration(nanos: u64) -> String {
    // Bounds lie where rounding would print 1000 of the smaller unit.
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..99_950 => format!("{} µs", three_digits(nanos as f64 / MICRO)),
        99_950..999_500_000 => format!("{} ms", three_digits(nanos as f64 / MILLI)),
        999_500_000..59_950_000_000 => format!("{} s", three_digits(nanos as f64 / SECOND)),
        _ => long((nanos + 500_000_000) / 1_000_000_000),
    }
}

fn three_digits(number: f64) -> String {
    if number < 9.995 {
        format!("{number:.2}")
    } else if number < 99.95 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

fn long(secs: u64) -> String {
    match secs {
        0..3_600 => format!("{} min {:02} s", secs / 60, secs % 60),
        3_600..86_400 => format!("{} h {:02} min", secs / 3_600, secs / 60 % 60),
        _ => format!("{} d {:02} h", secs / 86_400, secs / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn duration_has_three_digits_and_one_unit_up_to_a_minute() {
        let cases = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (41_234, "41.2 µs"),
            (99_949, "99.9 µs"),
            (99_950, "0.10 ms"),
            (800_000, "0.80 ms"),
            (9_994_999, "9.99 ms"),
            (9_995_000, "10.0 ms"),
            (411_600_000, "412 ms"),
            (999_499_999, "999 ms"),
            (999_500_000, "1.00 s"),
            (2_840_000_000, "2.84 s"),
            (59_949_999_999, "59.9 s"),
            (59_950_000_000, "1 min 00 s"),
            (125_000_000_000, "2 min 05 s"),
            (50_520_000_000_000, "14 h 02 min"),
            (273_600_000_000_000, "3 d 04 h"),
        ];
        for (nanos, text) in cases {
            assert_eq!(duration(nanos), text, "{nanos}");
        }
        assert_eq!(duration(u64::MAX / 2), "106751 d 23 h");
    }
}
