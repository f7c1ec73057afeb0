//! Numbers from the decimal text that clients send for them: `5`, `5.0`, `1.7e18`, exact as long as 64 bits can be.

/// Digits that always fit into 128 bits.
const DIGITS_MAX: usize = 38;

/// The whole number that `text` stands for; `None` when it has a fraction, is very large or is no number.
pub(crate) fn integer_from(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if whole.len() + fraction.len() == 0 || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let magnitude =
        shifted(&digits().collect::<Vec<u8>>(), exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// A count or a time: fractions are cut off, what lies outside 64 bits becomes the nearest end. `None` for no number.
pub(crate) fn u64_from(text: &str) -> Option<u64> {
    match integer_from(text) {
        Some(integer) => Some(u64::try_from(integer.max(0)).unwrap_or(u64::MAX)),
        None => double_from(text).filter(|double| !double.is_nan()).map(|double| double as u64),
    }
}

/// A double, or one of protobuf's three words for what JSON cannot say.
pub(crate) fn double_from(text: &str) -> Option<f64> {
    // Rust also reads `inf`, `nan` and the like, which no client means as numbers.
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if text.ends_with(|last: char| last.is_ascii_digit() || last == '.') => text.parse().ok(),
        _ => None,
    }
}

/// `digits` times ten to the power of `exponent`.
fn shifted(digits: &[u8], exponent: i32) -> Option<i128> {
    let from = digits.iter().position(|digit| *digit != b'0');
    let Some(from) = from else { return Some(0) };
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    let significant = &digits[from..digits.len() - zeros];
    let zeros = usize::try_from(exponent.checked_add(i32::try_from(zeros).ok()?)?).ok()?;
    if significant.len().checked_add(zeros)? > DIGITS_MAX {
        return None;
    }
    let value = significant.iter().fold(0, |value: i128, digit| value * 10 + i128::from(digit - b'0'));
    Some((0..zeros).fold(value, |value, _| value * 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_are_exact_in_every_notation() {
        for (text, expected) in [
            ("5", 5),
            ("5.0", 5),
            ("-5.00e0", -5),
            ("1.795205603576370212e18", 1_795_205_603_576_370_212),
            ("1.7e18", 1_700_000_000_000_000_000),
            ("1200e-2", 12),
            ("0.000", 0),
            ("-0", 0),
            ("18446744073709551615", u64::MAX.into()),
        ] {
            assert_eq!(integer_from(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_is_none() {
        for text in ["", "-", ".", "e5", "5.5", "1e-1", "1e400", "1e99999999999", "0x5", "NaN", "5 "] {
            assert_eq!(integer_from(text), None, "{text}");
        }
    }

    #[test]
    fn times_and_counts_saturate() {
        assert_eq!(u64_from("-1"), Some(0));
        assert_eq!(u64_from("1e400"), Some(u64::MAX));
        assert_eq!(u64_from("99999999999999999999"), Some(u64::MAX));
        assert_eq!(u64_from("7.9"), Some(7));
        assert_eq!(u64_from("NaN"), None);
        assert_eq!(u64_from("soon"), None);
    }

    #[test]
    fn only_the_three_words_of_protobuf_are_doubles() {
        assert_eq!(double_from("-Infinity"), Some(f64::NEG_INFINITY));
        assert!(double_from("NaN").is_some_and(f64::is_nan));
        assert_eq!(double_from("1e400"), Some(f64::INFINITY));
        assert_eq!(double_from("inf"), None);
        assert_eq!(double_from("nan"), None);
    }

    proptest! {
        #[test]
        fn printed_integers_read_back(value: i64) {
            prop_assert_eq!(integer_from(&value.to_string()), Some(value.into()));
        }

        #[test]
        fn no_text_panics(text in "[-+0-9.eE]{0,60}") {
            let _ = (integer_from(&text), u64_from(&text), double_from(&text));
        }
    }
}
