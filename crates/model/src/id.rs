//! Trace and span identifiers. An id is never zero; text is lower-case hex at every edge.

use std::fmt;

/// Sixteen bytes that name one trace, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

/// Eight bytes that name one span inside its trace, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

// === impl TraceId ===

impl TraceId {
    /// `None` when all bytes are zero.
    pub fn new(bytes: [u8; 16]) -> Option<TraceId> {
        (bytes != [0; 16]).then_some(TraceId(bytes))
    }

    /// `None` unless `bytes` are sixteen and not all zero.
    pub fn from_slice(bytes: &[u8]) -> Option<TraceId> {
        TraceId::new(bytes.try_into().ok()?)
    }

    /// Reads 1 to 32 hex digits of either case; short ones are padded on the left, as Jaeger prints 64-bit ids.
    ///
    /// ```
    /// let id = model::TraceId::from_hex("4BF9").expect("hex, not zero");
    /// assert_eq!(id.to_string(), "00000000000000000000000000004bf9");
    /// assert_eq!(model::TraceId::from_hex("0"), None);
    /// ```
    pub fn from_hex(text: &str) -> Option<TraceId> {
        TraceId::new(bytes_from_hex(text)?)
    }

    /// The sixteen bytes, most significant first.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// === impl SpanId ===

impl SpanId {
    /// `None` when all bytes are zero.
    pub fn new(bytes: [u8; 8]) -> Option<SpanId> {
        (bytes != [0; 8]).then_some(SpanId(bytes))
    }

    /// `None` unless `bytes` are eight and not all zero.
    pub fn from_slice(bytes: &[u8]) -> Option<SpanId> {
        SpanId::new(bytes.try_into().ok()?)
    }

    /// Reads 1 to 16 hex digits of either case, padded on the left.
    pub fn from_hex(text: &str) -> Option<SpanId> {
        SpanId::new(bytes_from_hex(text)?)
    }

    /// The eight bytes, most significant first.
    pub fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hex digits right-aligned in `N` bytes; `None` for an empty, too long or non-hex text.
fn bytes_from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 2 * N {
        return None;
    }
    let mut bytes = [0u8; N];
    for (place, digit) in digits.iter().rev().enumerate() {
        let nibble = char::from(*digit).to_digit(16)? as u8;
        bytes[N - 1 - place / 2] |= nibble << (4 * (place % 2));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zero_is_no_id() {
        assert_eq!(TraceId::new([0; 16]), None);
        assert_eq!(SpanId::from_hex("0000000000000000"), None);
        assert_eq!(TraceId::from_slice(&[1; 8]), None, "eight bytes are no trace id");
    }

    #[test]
    fn short_hex_is_padded_on_the_left() {
        let id = TraceId::from_hex("F1a").map(|id| id.to_string());
        assert_eq!(id.as_deref(), Some("00000000000000000000000000000f1a"));
        assert_eq!(SpanId::from_hex("g1"), None);
        assert_eq!(SpanId::from_hex("00112233445566778"), None, "seventeen digits");
        assert_eq!(SpanId::from_hex(""), None);
    }

    proptest! {
        #[test]
        fn printed_ids_read_back(bytes: [u8; 16]) {
            let id = TraceId::new(bytes);
            prop_assert_eq!(id.and_then(|id| TraceId::from_hex(&id.to_string())), id);
        }
    }
}
