//! What a decoder takes in of texts, raw bytes and lists: within the limits, and with a warning for whatever it changed.

use std::borrow::Cow;

use model::{Attribute, Attributes, Value, Warning, Warnings};

use crate::limits::Limits;

/// The limits of one request, what is left of its memory, and the warnings of the thing being read.
pub(crate) struct Intake<'l> {
    pub(crate) limits: &'l Limits,
    /// Memory which the lists of this request may still take.
    room_bytes: usize,
    /// Warnings since they were last taken.
    warnings: Warnings,
}

/// Attributes as they arrive, with those left out.
#[derive(Default)]
pub(crate) struct AttributesDraft {
    pairs: Vec<Attribute>,
    /// By the client, as it says.
    pub(crate) dropped_by_client: u32,
    dropped_by_us: u32,
}

// === impl Intake ===

impl<'l> Intake<'l> {
    pub(crate) fn new(request_bytes: usize, limits: &'l Limits) -> Intake<'l> {
        let room_bytes = request_bytes.saturating_mul(limits.memory_factor_max);
        let room_bytes = room_bytes.saturating_add(Limits::MEMORY_FREE_BYTES);
        Intake { limits, room_bytes, warnings: Warnings::NONE }
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        self.warnings.add(warning);
    }

    /// The warnings noted since the last call.
    pub(crate) fn take_warnings(&mut self) -> Warnings {
        std::mem::take(&mut self.warnings)
    }

    /// Whether a list of `length` elements may grow by one. When not, the caller leaves the element out and counts it.
    pub(crate) fn admits<T>(&mut self, length: usize, length_max: usize) -> bool {
        let bytes = size_of::<T>();
        let admitted = length < length_max && bytes <= self.room_bytes;
        if admitted {
            self.room_bytes -= bytes;
        } else {
            self.warn(Warning::ListCut);
        }
        admitted
    }

    /// Memory which lists may still take.
    pub(crate) fn room_bytes(&self) -> usize {
        self.room_bytes
    }

    /// Takes so much memory, or nothing when there is less.
    pub(crate) fn charge_all(&mut self, bytes: usize) -> bool {
        let enough = bytes <= self.room_bytes;
        if enough {
            self.room_bytes -= bytes;
        }
        enough
    }

    /// Takes memory that is not refused, so that less is left for lists.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.room_bytes = self.room_bytes.saturating_sub(bytes);
    }

    /// A text that was announced as UTF-8; bytes that are not become U+FFFD.
    pub(crate) fn text(&mut self, bytes: &[u8]) -> String {
        self.text_within(bytes, self.limits.value_bytes_max)
    }

    /// The key of an attribute, likewise.
    pub(crate) fn key(&mut self, bytes: &[u8]) -> String {
        self.text_within(bytes, self.limits.key_bytes_max)
    }

    /// Raw bytes.
    pub(crate) fn raw(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        if bytes.len() > self.limits.value_bytes_max {
            self.warn(Warning::ValueCut);
            bytes.truncate(self.limits.value_bytes_max);
            bytes.shrink_to_fit();
        }
        bytes
    }

    /// The same of bytes that lie elsewhere: no more of them is copied than is kept.
    pub(crate) fn raw_of(&mut self, bytes: &[u8]) -> Vec<u8> {
        let kept = bytes.len().min(self.limits.value_bytes_max + 1);
        self.raw(bytes[..kept].to_vec())
    }

    /// A text of at most so many bytes, likewise.
    pub(crate) fn text_within(&mut self, bytes: &[u8], bytes_max: usize) -> String {
        let (kept, note) = match bytes.len() > bytes_max {
            false => (bytes, String::new()),
            true => {
                self.warn(Warning::ValueCut);
                cut(bytes, bytes_max)
            }
        };
        let mut text = match String::from_utf8_lossy(kept) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => {
                self.warn(Warning::InvalidUtf8);
                text
            }
        };
        // A replacement character is longer than the byte it stands for.
        if text.len() > bytes_max {
            self.warn(Warning::ValueCut);
            text.truncate(text.floor_char_boundary(bytes_max - note.len().min(bytes_max)));
        }
        text.push_str(&note);
        text
    }
}

/// What is kept of a long text, and the note that stands for the rest: two texts that differ stay different.
fn cut(bytes: &[u8], bytes_max: usize) -> (&[u8], String) {
    let note = format!("… [cut: {} bytes, fnv1a {:016x}]", bytes.len(), fnv1a(bytes));
    let mut keep = bytes_max.saturating_sub(note.len());
    // Never inside a character: its later bytes are 10xxxxxx, at most three of them.
    for _ in 0..3 {
        if keep > 0 && bytes[keep] & 0xc0 == 0x80 {
            keep -= 1;
        }
    }
    (&bytes[..keep], note)
}

/// Tells texts apart whose beginnings agree; no defence against forgery.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

// === impl AttributesDraft ===

impl AttributesDraft {
    /// Whether one more is taken; counts it as dropped when not.
    pub(crate) fn admits(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<Attribute>(self.pairs.len(), intake.limits.attributes_max);
        if !admitted {
            self.dropped_by_us = self.dropped_by_us.saturating_add(1);
        }
        admitted
    }

    /// Forgets what came before: of a repeated list the last one wins.
    pub(crate) fn restart(&mut self) {
        self.pairs.clear();
        self.dropped_by_us = 0;
    }

    /// Adds one that was admitted.
    pub(crate) fn push(&mut self, pair: Attribute) {
        self.pairs.push(pair);
    }

    /// The value of `key`; of several the last one.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.pairs.iter().rfind(|pair| pair.key == key).map(|pair| &pair.value)
    }

    /// The value of `key` when it is text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// Takes `key` out; of several values the last one is given.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let taken = self.get(key).cloned()?;
        self.pairs.retain(|pair| pair.key != key);
        Some(taken)
    }

    /// Gives a pair another key, unless that is there already.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if self.get(to).is_none() {
            self.pairs.iter_mut().filter(|pair| pair.key == from).for_each(|pair| to.clone_into(&mut pair.key));
        }
    }

    /// Adds a pair of ours, unless the key is there already.
    pub(crate) fn add(&mut self, key: &str, value: Value) {
        if self.get(key).is_none() {
            self.pairs.push(Attribute { key: key.to_owned(), value });
        }
    }

    /// Leaves out the pairs of which `is_kept` says no; nothing is counted as dropped.
    pub(crate) fn retain(&mut self, is_kept: impl FnMut(&Attribute) -> bool) {
        self.pairs.retain(is_kept);
    }

    /// The attributes, and how many were left out by anybody.
    pub(crate) fn finish(self) -> (Attributes, u32) {
        (Attributes::from_pairs(self.pairs), self.dropped_by_client.saturating_add(self.dropped_by_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intake(limits: &Limits) -> Intake<'_> {
        Intake::new(0, limits)
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        let limits = Limits { value_bytes_max: 64, ..Limits::default() };
        let mut intake = intake(&limits);
        let text = intake.text("ä".repeat(100).as_bytes());
        assert_eq!(text, format!("{}… [cut: 200 bytes, fnv1a 195b25545f8c9e85]", "ä".repeat(10)));
        assert!(text.len() <= 64);
        assert_eq!(intake.take_warnings().iter().collect::<Vec<_>>(), [Warning::ValueCut]);
        assert_eq!(intake.text("ä".repeat(32).as_bytes()), "ä".repeat(32), "64 bytes fit");
        assert!(intake.take_warnings().is_empty());
    }

    #[test]
    fn two_long_keys_with_one_beginning_stay_two() {
        let limits = Limits::default();
        let mut intake = intake(&limits);
        let long = "k".repeat(5000);
        let (one, two) = (intake.key(format!("{long}1").as_bytes()), intake.key(format!("{long}2").as_bytes()));
        assert_ne!(one, two);
        assert!(one.len() <= 1024 && two.len() <= 1024);
    }

    #[test]
    fn bad_bytes_become_replacement_characters_with_a_warning() {
        let limits = Limits::default();
        let mut intake = intake(&limits);
        assert_eq!(intake.text(b"a\xffb"), "a\u{fffd}b");
        assert!(intake.take_warnings().has(Warning::InvalidUtf8));
        assert_eq!(intake.text("\u{fffd}".as_bytes()), "\u{fffd}", "sent as it is");
        assert!(intake.take_warnings().is_empty());
    }

    #[test]
    fn lists_grow_within_the_memory_that_the_request_justifies() {
        let limits = Limits::default();
        let mut intake = Intake::new(1000, &limits);
        let admitted = (0..1_000_000).filter(|_| intake.admits::<[u8; 64]>(0, 1)).count();
        assert_eq!(admitted, (16_000 + (1 << 20)) / 64);
        assert!(intake.take_warnings().has(Warning::ListCut));
    }
}
