//! Texts, keys and values of one request, with guesses about which comes next. Not here: whose they are.
//!
//! Spans of one kind carry the same keys in the same order, mostly with the same values. So before a text is looked up, it is
//! compared with the one that came at this place last time.

use model::batch::{AttributeCell, Dictionary, StringId, Texts, ValueCell};
use model::{Attribute, Value};

use crate::intake::Intake;
use crate::limits::Limits;
use crate::otlp::proto::value;
use crate::protobuf::cursor::{Cursor, Damaged};
use crate::protobuf::read::Part;

/// Number of the empty text.
pub(super) const EMPTY: StringId = 0;

/// The dictionary of a request and what helps to fill it.
pub(super) struct Words<'a> {
    pub(super) intake: Intake<'a>,
    pub(super) dictionary: Dictionary,
    /// Values that are neither text nor number.
    pub(super) others: Vec<Value>,
    /// By number of a text, at least up to the greatest of a key. Those of texts that were never keys are of no use.
    hints: Vec<Hint>,
    /// Lists so far; numbers them.
    lists: u32,
}

/// What is known of a text as a key.
#[derive(Clone, Copy, Default)]
struct Hint {
    /// The key that followed it last time.
    next: StringId,
    /// The text that was its value last time.
    value: StringId,
    /// Where it stands in the list being read, per level.
    seen: [Seen; 2],
}

#[derive(Clone, Copy, Default)]
struct Seen {
    /// Number of the list.
    list: u32,
    place: u32,
}

/// Lists lie in one another: those of events and links in the time of the span's own.
#[derive(Clone, Copy)]
pub(super) enum Level {
    Span = 0,
    Inner = 1,
}

/// A list of attributes being read.
pub(super) struct List {
    level: Level,
    number: u32,
    /// The key read last, or what stands before the first one.
    previous: StringId,
    /// The key that probably comes next.
    next: StringId,
    /// Pairs taken, repeated keys included.
    length: usize,
    /// By the client, as it says.
    pub(super) dropped_by_client: u32,
    dropped_by_us: u32,
}

// === impl Words ===

impl<'a> Words<'a> {
    pub(super) fn new(request_bytes: usize, texts: usize, limits: &'a Limits) -> Words<'a> {
        let mut dictionary = Dictionary::with_capacity(texts);
        let empty = dictionary.intern("");
        assert_eq!(empty, EMPTY, "the first text has the first number");
        let intake = Intake::new(request_bytes, limits);
        let hints = vec![Hint::default()];
        Words { intake, dictionary, others: Vec::new(), hints, lists: 0 }
    }

    /// A text that was announced as UTF-8; bytes that are not become U+FFFD.
    #[inline]
    pub(super) fn text(&mut self, bytes: &[u8]) -> StringId {
        if bytes.is_empty() {
            return EMPTY;
        }
        self.text_within(bytes, self.intake.limits.value_bytes_max)
    }

    /// A list which follows the text `before`.
    pub(super) fn list(&mut self, level: Level, before: StringId) -> List {
        self.lists = self.lists.checked_add(1).expect("a request is bounded long before four thousand million lists");
        let next = self.hints.get(before as usize).map_or(EMPTY, |hint| hint.next);
        List { level, number: self.lists, previous: before, next, length: 0, dropped_by_client: 0, dropped_by_us: 0 }
    }

    /// Reads a `KeyValue` of `list` to the end of `cells`, unless there are too many already.
    /// The last value of a repeated key wins, at the place of its first one.
    pub(super) fn attribute(
        &mut self,
        pair: &[u8],
        list: &mut List,
        cells: &mut Vec<AttributeCell>,
    ) -> Result<(), Damaged> {
        if !self.intake.admits::<Attribute>(list.length, self.intake.limits.attributes_max) {
            list.dropped_by_us = list.dropped_by_us.saturating_add(1);
            return Ok(());
        }
        list.length += 1;
        let Some((key, any_value)) = usual_pair(pair) else {
            let (key, value) = self.unusual_pair(pair, list)?;
            self.put(key, value, list, cells);
            return Ok(());
        };
        let key = self.key(key, list);
        // One `put` for each case, so that its value need not be put together in memory first.
        match *any_value {
            [0x0a, length @ 0..0x80, ref text @ ..] if text.len() == usize::from(length) => {
                let text = self.value_text(text, key);
                self.put(key, ValueCell::String(text), list, cells);
            }
            [0x18, value @ 0..0x80] => self.put(key, ValueCell::Int(value.into()), list, cells),
            _ => {
                let value = self.value(any_value, key)?;
                self.put(key, value, list, cells);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn put(&mut self, key: StringId, value: ValueCell, list: &mut List, cells: &mut Vec<AttributeCell>) {
        let hint = &mut self.hints[key as usize];
        list.previous = key;
        list.next = hint.next;
        let seen = &mut hint.seen[list.level as usize];
        if seen.list == list.number {
            cells[seen.place as usize] = AttributeCell::new(key, value);
        } else {
            *seen = Seen { list: list.number, place: super::span::index_of(cells.len()) };
            cells.push(AttributeCell::new(key, value));
        }
    }

    /// All texts by number, and the values that are neither text nor number.
    pub(super) fn finish(self) -> (Texts, Vec<Value>) {
        (self.dictionary.into_strings(), self.others)
    }

    fn unusual_pair(&mut self, pair: &[u8], list: &List) -> Result<(StringId, ValueCell), Damaged> {
        let (mut key, mut value) = (EMPTY, ValueCell::Empty);
        let mut fields = Cursor::new(pair);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x0a => key = self.key(fields.bytes()?, list),
                0x12 => value = self.value(fields.bytes()?, key)?,
                _ => fields.skip(tag)?,
            }
        }
        Ok((key, value))
    }

    /// The number of a key; there is a hint for it.
    #[inline(always)]
    fn key(&mut self, bytes: &[u8], list: &List) -> StringId {
        let is_next = bytes.len() <= self.intake.limits.key_bytes_max && self.dictionary.is(list.next, bytes);
        if is_next { list.next } else { self.other_key(bytes, list.previous) }
    }

    #[inline(never)]
    fn other_key(&mut self, bytes: &[u8], previous: StringId) -> StringId {
        let key = self.text_within(bytes, self.intake.limits.key_bytes_max);
        if key.max(previous) as usize >= self.hints.len() {
            self.hints.resize(self.dictionary.len(), Hint::default());
        }
        self.hints[previous as usize].next = key;
        key
    }

    /// Reads an `AnyValue`. The last of its fields is its value.
    fn value(&mut self, any_value: &[u8], key: StringId) -> Result<ValueCell, Damaged> {
        let mut value = ValueCell::Empty;
        let mut fields = Cursor::new(any_value);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x0a => value = ValueCell::String(self.value_text(fields.bytes()?, key)),
                0x10 => value = ValueCell::Bool(fields.varint()? != 0),
                0x18 => value = ValueCell::Int(fields.varint()? as i64),
                0x21 => value = ValueCell::Double(f64::from_bits(fields.fixed64()?)),
                0x2a | 0x32 | 0x3a => value = self.other(tag >> 3, fields.bytes()?)?,
                _ => fields.skip(tag)?,
            }
        }
        Ok(value)
    }

    #[inline(always)]
    fn value_text(&mut self, bytes: &[u8], key: StringId) -> StringId {
        let hint = &mut self.hints[key as usize];
        let bytes_max = self.intake.limits.value_bytes_max;
        if bytes.len() <= bytes_max && self.dictionary.is(hint.value, bytes) {
            return hint.value;
        }
        let text = self.text_within(bytes, bytes_max);
        self.hints[key as usize].value = text;
        text
    }

    /// Raw bytes, an array or a map.
    #[cold]
    fn other(&mut self, number: u64, part: &[u8]) -> Result<ValueCell, Damaged> {
        let value = value::decode_list_or_bytes(&mut self.intake, number, Part::whole(part));
        Ok(match value.map_err(|_fault| Damaged)? {
            // One that was nested too deeply.
            Value::String(text) => ValueCell::String(self.dictionary.intern(&text)),
            value => {
                self.others.push(value);
                ValueCell::Other(super::span::index_of(self.others.len() - 1))
            }
        })
    }

    #[inline]
    fn text_within(&mut self, bytes: &[u8], bytes_max: usize) -> StringId {
        let known = if bytes.len() <= bytes_max { self.dictionary.intern_bytes(bytes) } else { None };
        known.unwrap_or_else(|| self.changed_text(bytes, bytes_max))
    }

    #[cold]
    fn changed_text(&mut self, bytes: &[u8], bytes_max: usize) -> StringId {
        let text = self.intake.text_within(bytes, bytes_max);
        self.dictionary.intern(&text)
    }
}

/// Key and value of a `KeyValue` as every known client writes it: one field each, both short.
#[inline(always)]
fn usual_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x0a, key_length @ 0..0x80, rest @ ..] = pair else { return None };
    let (key, rest) = rest.split_at_checked(usize::from(*key_length))?;
    let [0x12, value_length @ 0..0x80, value @ ..] = rest else { return None };
    (value.len() == usize::from(*value_length)).then_some((key, value))
}

// === impl List ===

impl List {
    /// How many attributes were left out by anybody.
    pub(super) fn dropped(&self) -> u32 {
        self.dropped_by_client.saturating_add(self.dropped_by_us)
    }
}
