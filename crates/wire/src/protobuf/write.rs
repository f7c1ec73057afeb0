//! Writes protobuf fields into a vector. Fields at their default are left out, as proto3 does; `_always` forms keep them.

/// A message under construction.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn varint(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.varint_always(number, value);
        }
    }

    pub(crate) fn varint_always(&mut self, number: u32, value: u64) {
        self.tag(number, 0);
        push_varint(&mut self.bytes, value);
    }

    pub(crate) fn fixed64(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.fixed64_always(number, value);
        }
    }

    pub(crate) fn fixed64_always(&mut self, number: u32, value: u64) {
        self.tag(number, 1);
        self.bytes.extend(value.to_le_bytes());
    }

    pub(crate) fn fixed32(&mut self, number: u32, value: u32) {
        if value != 0 {
            self.tag(number, 5);
            self.bytes.extend(value.to_le_bytes());
        }
    }

    pub(crate) fn bytes(&mut self, number: u32, value: &[u8]) {
        if !value.is_empty() {
            self.bytes_always(number, value);
        }
    }

    pub(crate) fn bytes_always(&mut self, number: u32, value: &[u8]) {
        self.tag(number, 2);
        push_varint(&mut self.bytes, value.len() as u64);
        self.bytes.extend(value);
    }

    /// A message, present even when it is empty.
    pub(crate) fn message(&mut self, number: u32, write: impl FnOnce(&mut Writer)) {
        self.tag(number, 2);
        let start = self.bytes.len();
        write(self);
        // The length precedes what it measures: append it, then turn the end to the front.
        let end = self.bytes.len();
        push_varint(&mut self.bytes, (end - start) as u64);
        self.bytes[start..].rotate_left(end - start);
    }

    fn tag(&mut self, number: u32, wire_type: u64) {
        push_varint(&mut self.bytes, u64::from(number) << 3 | wire_type);
    }
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_preceded_by_its_length_however_long_it_is() {
        let mut writer = Writer::default();
        writer.message(1, |inner| inner.message(2, |innermost| innermost.bytes(3, &[7; 200])));
        let bytes = writer.into_bytes();
        assert_eq!(bytes[..9], [0x0a, 0xce, 0x01, 0x12, 0xcb, 0x01, 0x1a, 0xc8, 0x01]);
        assert_eq!(bytes.len(), 9 + 200);
    }

    #[test]
    fn defaults_are_left_out_unless_asked_for() {
        let mut writer = Writer::default();
        writer.varint(1, 0);
        writer.fixed32(2, 0);
        writer.bytes(3, b"");
        assert_eq!(writer.bytes, []);
        writer.varint_always(1, 300);
        writer.bytes_always(2, b"");
        assert_eq!(writer.bytes, [0x08, 0xac, 0x02, 0x12, 0x00]);
    }
}
