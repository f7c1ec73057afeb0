//! Protobuf as far as an OTLP request needs it: a writer, and a reader of fields. Not here: which field means what.

pub(super) mod read;

/// A message under construction.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn varint(&mut self, number: u32, value: u64) {
        self.key(number, 0);
        self.push(value);
    }

    pub(crate) fn fixed64(&mut self, number: u32, value: u64) {
        self.key(number, 1);
        self.bytes.extend(value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, number: u32, value: &[u8]) {
        self.key(number, 2);
        self.push(value.len() as u64);
        self.bytes.extend(value);
    }

    pub(crate) fn message(&mut self, number: u32, write: impl FnOnce(&mut Self)) {
        self.key(number, 2);
        let begin = self.bytes.len();
        write(self);
        let length = self.bytes.len() - begin;
        // The length stands before what it measures and is known only now: appended, then turned to the front.
        self.push(length as u64);
        let prefix = self.bytes.len() - begin - length;
        self.bytes[begin..].rotate_right(prefix);
    }

    fn key(&mut self, number: u32, wire_type: u64) {
        self.push(u64::from(number) << 3 | wire_type);
    }

    fn push(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of protobuf's own description of its encoding, then one field of each further kind.
    #[test]
    fn messages_are_the_bytes_of_the_specification() {
        let mut writer = Writer::default();
        writer.varint(1, 150);
        writer.bytes(2, b"testing");
        writer.message(3, |inner| inner.varint(1, 150));
        writer.fixed64(4, 1);
        let golden = b"\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01\x21\x01\0\0\0\0\0\0\0";
        assert_eq!(writer.bytes, golden);
    }

    #[test]
    fn length_of_two_bytes_moves_the_message_behind_it() {
        let mut writer = Writer::default();
        writer.message(1, |inner| inner.message(16, |inner| inner.bytes(1, &[7; 200])));
        assert_eq!(&writer.bytes[..9], b"\x0a\xcf\x01\x82\x01\xcb\x01\x0a\xc8");
        assert_eq!(&writer.bytes[10..], [7; 200]);
    }
}
