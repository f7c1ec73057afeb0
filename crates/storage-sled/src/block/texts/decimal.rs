//! Decimal numbers as a program prints them: no sign, no leading zeros, 64 bits.

use super::Texts;

/// The numbers, when each text is one.
pub(super) fn shrink(texts: &[&[u8]]) -> Option<Vec<u64>> {
    texts.first()?;
    texts.iter().map(|text| number(text)).collect()
}

/// The number that prints as `text`.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    let digits = match text {
        [b'0'] => return Some(0),
        [b'1'..=b'9', ..] if text.len() <= 20 => text,
        _ => return None,
    };
    digits.iter().try_fold(0u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The texts again.
pub(super) fn grow(numbers: &[u64]) -> Texts {
    let mut texts = Texts { bytes: Vec::with_capacity(numbers.len() * 6), ends: Vec::with_capacity(numbers.len()) };
    for number in numbers {
        push(&mut texts.bytes, *number);
        texts.ends.push(texts.bytes.len());
    }
    texts
}

/// Appends the digits of `number`.
pub(super) fn push(bytes: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut place = digits.len();
    loop {
        place -= 1;
        digits[place] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[place..]);
}
