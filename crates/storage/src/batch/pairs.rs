//! The attributes of a batch, both ways: which keys follow each other is guessed from what came before, so most take no bytes.
//!
//! Both sides learn alike: what followed a key last time is expected to follow it again, with the same text.

use model::batch::{AttributeCell, ValueCell};

use super::reader::Reader;
use super::writer::{varint, zigzag};
use super::{BatchError, tag};

/// Of a text: as it was under this key last time.
const AS_BEFORE: u64 = 0;
/// The one after all that were used so far.
const NEXT: u64 = 1;
/// Any other is its number plus this.
const NUMBER: u64 = 2;

/// What is known of a key.
#[derive(Clone, Copy)]
struct Known {
    /// The key that followed, and the sort of its value.
    next: Option<(u32, u8)>,
    text: Option<u32>,
}

/// What both sides have learnt.
struct Learnt {
    /// By key; the last one stands for the begin.
    keys: Vec<Known>,
    previous: usize,
    /// One more than the greatest number used so far.
    fresh: u32,
}

impl Learnt {
    fn new(strings: usize) -> Learnt {
        Learnt { keys: vec![Known { next: None, text: None }; strings + 1], previous: strings, fresh: 0 }
    }

    fn expected(&self) -> Option<(u32, u8)> {
        self.keys[self.previous].next
    }

    fn learn_key(&mut self, key: u32, sort: u8) {
        self.keys[self.previous].next = Some((key, sort));
        self.previous = key as usize;
    }

    fn learn_text(&mut self, key: u32, text: u32) {
        self.keys[key as usize].text = Some(text);
        self.fresh = self.fresh.max(text.saturating_add(1));
    }
}

/// Appends the cells of a batch with so many strings.
pub(super) fn put(out: &mut Vec<u8>, cells: &[AttributeCell], strings: usize) {
    varint(out, cells.len() as u64);
    put_keys(out, cells, &mut Learnt::new(strings));
    let learnt = &mut Learnt::new(strings);
    cells.iter().for_each(|cell| put_value(out, cell, learnt));
}

fn put_keys(out: &mut Vec<u8>, cells: &[AttributeCell], learnt: &mut Learnt) {
    let mut run = 0;
    for cell in cells {
        let (key, sort) = (cell.key(), sort_of(cell.value()));
        if learnt.expected() == Some((key, sort)) {
            run += 1;
            learnt.previous = key as usize;
        } else {
            varint(out, run);
            varint(out, key.into());
            out.push(sort);
            learnt.learn_key(key, sort);
            run = 0;
        }
    }
    varint(out, run);
}

fn put_value(out: &mut Vec<u8>, cell: &AttributeCell, learnt: &mut Learnt) {
    match cell.value() {
        ValueCell::Empty => out.push(0),
        ValueCell::String(id) => {
            if learnt.keys[cell.key() as usize].text == Some(id) {
                varint(out, AS_BEFORE);
            } else if id == learnt.fresh {
                varint(out, NEXT);
            } else {
                varint(out, u64::from(id) + NUMBER);
            }
            learnt.learn_text(cell.key(), id);
        }
        ValueCell::Bool(value) => out.push(value.into()),
        ValueCell::Int(value) => zigzag(out, value),
        ValueCell::Double(value) => out.extend_from_slice(&value.to_bits().to_le_bytes()),
        ValueCell::Other(index) => varint(out, index.into()),
    }
}

/// The cells that [`put`] wrote, for a batch with so many strings.
pub(super) fn take(reader: &mut Reader<'_>, strings: usize) -> Result<Vec<AttributeCell>, BatchError> {
    reader.enter("attributes");
    // Each has at least one byte for its value.
    let count = reader.count(1)?;
    let keys = take_keys(reader, count, &mut Learnt::new(strings))?;
    let learnt = &mut Learnt::new(strings);
    keys.into_iter().map(|(key, sort)| Ok(AttributeCell::new(key, take_value(reader, key, sort, learnt)?))).collect()
}

fn take_keys(reader: &mut Reader<'_>, count: usize, learnt: &mut Learnt) -> Result<Vec<(u32, u8)>, BatchError> {
    let mut keys = Vec::new();
    loop {
        let run = reader.varint()?;
        if run > (count - keys.len()) as u64 {
            return Err(reader.invalid());
        }
        for _ in 0..run {
            let (key, sort) = learnt.expected().ok_or(reader.invalid())?;
            learnt.previous = key as usize;
            keys.push((key, sort));
        }
        if keys.len() == count {
            return Ok(keys);
        }
        let (key, sort) = (reader.varint32()?, reader.byte()?);
        if key > AttributeCell::KEY_MAX || key as usize >= learnt.keys.len() - 1 {
            return Err(reader.invalid());
        }
        learnt.learn_key(key, sort);
        keys.push((key, sort));
    }
}

fn take_value(reader: &mut Reader<'_>, key: u32, sort: u8, learnt: &mut Learnt) -> Result<ValueCell, BatchError> {
    Ok(match sort {
        tag::EMPTY if reader.byte()? == 0 => ValueCell::Empty,
        tag::STRING => {
            let id = match reader.varint()? {
                AS_BEFORE => learnt.keys[key as usize].text.ok_or(reader.invalid())?,
                NEXT => learnt.fresh,
                number => u32::try_from(number - NUMBER).ok().ok_or(reader.invalid())?,
            };
            learnt.learn_text(key, id);
            ValueCell::String(id)
        }
        tag::BOOL => match reader.byte()? {
            0 => ValueCell::Bool(false),
            1 => ValueCell::Bool(true),
            _ => return Err(reader.invalid()),
        },
        tag::INT => ValueCell::Int(reader.zigzag()?),
        tag::DOUBLE => ValueCell::Double(f64::from_bits(u64::from_le_bytes(reader.array()?))),
        tag::OTHER => ValueCell::Other(reader.varint32()?),
        _ => return Err(reader.invalid()),
    })
}

fn sort_of(value: ValueCell) -> u8 {
    match value {
        ValueCell::Empty => tag::EMPTY,
        ValueCell::String(_) => tag::STRING,
        ValueCell::Bool(_) => tag::BOOL,
        ValueCell::Int(_) => tag::INT,
        ValueCell::Double(_) => tag::DOUBLE,
        ValueCell::Other(_) => tag::OTHER,
    }
}
