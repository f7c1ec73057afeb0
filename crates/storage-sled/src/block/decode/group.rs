//! The cold columns of one row group: which cells belong to which row, and the cells themselves when they are needed.

use std::borrow::Cow;

use super::super::bytes::Cursor;
use super::super::directory::ChunkName;
use super::super::error::BlockError;
use super::super::layout::{Section, cold};
use super::super::schema::{Class, Shape, Slot};
use super::super::source::BlockSource;
use super::super::{GROUP_CELLS_MAX, planes, texts};
use super::BlockReader;
use super::bundle::Bundle;
use super::dictionary::{Dictionary, Words};

pub(super) const PART: BlockError = BlockError::Invalid("cold column");

/// One row group, its cold bytes fetched chunk by chunk.
pub(super) struct Group<'r, S> {
    pub(super) reader: &'r BlockReader<S>,
    pub(super) dictionary: &'r Dictionary,
    group: usize,
    bundle: Bundle,
    columns: Vec<Column<'r>>,
}

/// Cells of one column, handed out row by row.
struct Column<'r> {
    /// Cells in the whole group, and before the next one.
    total: usize,
    at: usize,
    /// Read when its first cell is asked for.
    values: Option<Values<'r>>,
}

/// The cells of one column.
pub(super) enum Values<'r> {
    Codes(Vec<u64>, &'r Words),
    Numbers(Vec<u64>),
    Words(Words),
}

/// One value.
#[derive(Clone, Copy)]
pub(super) enum CellValue<'v> {
    Empty,
    Number(u64),
    /// The dictionary of the column, and which of its words.
    Code(&'v Words, usize),
    /// A word that only this cell has.
    Word(&'v Words, usize),
}

impl<'r, S: BlockSource> Group<'r, S> {
    pub(super) fn open(reader: &'r BlockReader<S>, group: usize) -> Result<Group<'r, S>, BlockError> {
        let dictionary = reader.dictionary()?;
        let column = || Column { total: 0, at: 0, values: None };
        let columns = dictionary.tables.columns.iter().map(|_| column()).collect();
        let mut opened = Group { reader, dictionary, group, bundle: Bundle::default(), columns };
        if let Some(bytes) = opened.chunk(cold::BUNDLE)? {
            let bundle = Bundle::new(bytes.into_owned())?;
            opened.bundle = bundle;
        }
        Ok(opened)
    }

    /// Adds up the cells of rows with these shapes; `before` of them lie before the first that will be asked for.
    pub(super) fn count(&mut self, shapes: &[Shape], codes: &[u32], before: usize) -> Result<(), BlockError> {
        let mut counts = vec![(0usize, 0usize); shapes.len()];
        for (place, code) in codes.iter().enumerate() {
            let count = counts.get_mut(*code as usize).ok_or(PART)?;
            count.0 += 1;
            count.1 += usize::from(place < before);
        }
        let mut cells = 0usize;
        for (shape, (total, before)) in shapes.iter().zip(counts).filter(|(_, counts)| counts.0 > 0) {
            cells = cells.saturating_add(total.saturating_mul(shape.slots.len()));
            for slot in shape.slots.iter().filter(|slot| slot.constant.is_none()) {
                let column = &mut self.columns[slot.column as usize];
                column.total += total;
                column.at += before;
            }
        }
        if cells > GROUP_CELLS_MAX { Err(PART) } else { Ok(()) }
    }

    /// The next cell of this column of a shape.
    pub(super) fn next(&mut self, slot: &Slot) -> Result<CellValue<'_>, BlockError> {
        let class = self.dictionary.tables.columns[slot.column as usize].class;
        if class == Class::None {
            return Ok(CellValue::Empty);
        }
        if let Some(constant) = slot.constant {
            return match class {
                Class::Number => Ok(CellValue::Number(constant)),
                Class::Dictionary => {
                    let words = self.reader.words(slot.column)?;
                    Ok(CellValue::Code(words, place_in(words, constant)?))
                }
                Class::Plain | Class::None => Err(PART),
            };
        }
        if self.columns[slot.column as usize].values.is_none() {
            let values = self.values(slot.column, class)?;
            self.columns[slot.column as usize].values = Some(values);
        }
        let column = &mut self.columns[slot.column as usize];
        let at = column.at;
        column.at += 1;
        match column.values.as_ref().ok_or(PART)? {
            Values::Numbers(numbers) => numbers.get(at).copied().map(CellValue::Number).ok_or(PART),
            Values::Codes(codes, words) => Ok(CellValue::Code(words, place_in(words, *codes.get(at).ok_or(PART)?)?)),
            Values::Words(words) => Ok(CellValue::Word(words, place_in(words, at as u64)?)),
        }
    }

    /// All cells of a column, of which [`Group::count`] says how many there are.
    pub(super) fn values(&self, column: u32, class: Class) -> Result<Values<'r>, BlockError> {
        self.values_of(column, class, self.columns[column as usize].total)
    }

    /// The same for who knows that there are `total` cells.
    pub(super) fn values_of(&self, column: u32, class: Class, total: usize) -> Result<Values<'r>, BlockError> {
        let number = cold::ATTRIBUTE.checked_add(column).ok_or(PART)?;
        let bytes = self.column(number)?;
        let mut cursor = Cursor::new(&bytes, "cold column");
        let values = match class {
            Class::Number => Values::Numbers(planes::take(&mut cursor, total)?),
            Class::Dictionary => Values::Codes(planes::take(&mut cursor, total)?, self.reader.words(column)?),
            Class::Plain => {
                let kind = self.dictionary.tables.columns[column as usize].kind;
                Values::Words(Words::new(texts::take(&mut cursor, total)?, kind)?)
            }
            Class::None => return Err(PART),
        };
        cursor.finish()?;
        Ok(values)
    }

    /// The value of a number column in every row of the group, 0 where a row has none. Hands out nothing.
    pub(super) fn all_numbers(&self, column: u32, codes: &[u32]) -> Result<Vec<u32>, BlockError> {
        let tables = &self.dictionary.tables;
        let total = self.columns[column as usize].total;
        let values = match total {
            0 => Vec::new(),
            _ => match self.values(column, tables.columns[column as usize].class)? {
                Values::Numbers(values) => values,
                Values::Codes(..) | Values::Words(_) => return Err(PART),
            },
        };
        let slot = |shape: &Shape| shape.slots.iter().find(|slot| slot.column == column).copied();
        let slots: Vec<Option<Slot>> = tables.span_shapes.iter().map(slot).collect();
        let mut values = values.into_iter();
        let number = |code: &u32| {
            let value = match slots[*code as usize] {
                None => Some(0),
                Some(Slot { constant: Some(constant), .. }) => Some(constant),
                Some(Slot { constant: None, .. }) => values.next(),
            };
            value.and_then(|value| u32::try_from(value).ok()).ok_or(PART)
        };
        codes.iter().map(number).collect()
    }

    /// Numbers of a column that is no attribute's.
    pub(super) fn numbers(&self, column: u32, count: usize) -> Result<Vec<u64>, BlockError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let bytes = self.column(column)?;
        let mut cursor = Cursor::new(&bytes, "cold column");
        let numbers = planes::take(&mut cursor, count)?;
        cursor.finish()?;
        Ok(numbers)
    }

    /// Ids of a column that is no attribute's.
    pub(super) fn ids<const N: usize>(&self, column: u32, count: usize) -> Result<Vec<[u8; N]>, BlockError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let bytes = self.column(column)?;
        let (ids, rest) = bytes.as_chunks::<N>();
        if ids.len() == count && rest.is_empty() { Ok(ids.to_vec()) } else { Err(PART) }
    }

    fn column(&self, column: u32) -> Result<Cow<'_, [u8]>, BlockError> {
        match self.bundle.get(column) {
            Some(bytes) => Ok(Cow::Borrowed(bytes)),
            None => self.chunk(column)?.ok_or(PART),
        }
    }

    fn chunk(&self, column: u32) -> Result<Option<Cow<'_, [u8]>>, BlockError> {
        self.reader.chunk_if_any(ChunkName::new(Section::Cold, column, self.group))
    }
}

fn place_in(words: &Words, code: u64) -> Result<usize, BlockError> {
    usize::try_from(code).ok().filter(|code| *code < words.len()).ok_or(PART)
}
