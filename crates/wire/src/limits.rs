//! How much of one request a decoder takes. Not here: limits on bytes in flight or after decompression, which are the server's.

/// Bounds for one request. What exceeds them is cut or refused, counted and flagged; nothing here fails a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Spans taken from one request; the excess is rejected and counted.
    pub spans_max: usize,
    /// Attributes per span, event, link, resource, scope or map; the excess is counted as dropped.
    pub attributes_max: usize,
    /// Events per span; the excess is counted as dropped.
    pub events_max: usize,
    /// Links per span; the excess is counted as dropped.
    pub links_max: usize,
    /// Bytes of an attribute's key; a longer one is cut, its length and hash noted in it.
    pub key_bytes_max: usize,
    /// Bytes of a text or of raw bytes; longer ones are cut, for a text its length and hash are noted in it.
    pub value_bytes_max: usize,
    /// Nesting of arrays and maps in a value; what lies deeper is kept as text.
    pub value_depth_max: usize,
    /// Nesting of protobuf messages below an attribute; a span with more is rejected.
    pub proto_depth_max: usize,
    /// Nesting of JSON objects and arrays; a request with more cannot be decoded.
    pub json_depth_max: usize,
    /// Bytes of memory that the lists of a request may take for each byte received, beyond [`Limits::MEMORY_FREE_BYTES`].
    /// Lists that would take more are cut: two bytes on the wire can claim an event of sixty.
    pub memory_factor_max: usize,
}

impl Limits {
    /// Memory that every request may take, however short it is.
    pub const MEMORY_FREE_BYTES: usize = 1 << 20;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            spans_max: 100_000,
            attributes_max: 1024,
            events_max: 1024,
            links_max: 1024,
            key_bytes_max: 1024,
            value_bytes_max: 64 * 1024,
            value_depth_max: 32,
            proto_depth_max: 100,
            json_depth_max: 128,
            // An array of small integers honestly needs 8: four bytes on the wire, 32 in memory.
            memory_factor_max: 16,
        }
    }
}
