//! The dictionary of a block: texts, tables, and one list of values per attribute column, read when first needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::super::bytes::Cursor;
use super::super::directory::ChunkName;
use super::super::error::BlockError;
use super::super::layout::{Owner, Section, dictionary};
use super::super::schema::{Field, Kind};
use super::super::source::BlockSource;
use super::super::tables::Tables;
use super::super::texts::{self, Strings, Texts};
use super::BlockReader;
use super::bundle::Bundle;

/// What was read of it.
pub(super) struct Dictionary {
    pub(super) strings: Strings,
    pub(super) tables: Tables,
    /// The columns that hold how many events and links a span has.
    pub(super) events: Option<u32>,
    pub(super) links: Option<u32>,
    bundle: Bundle,
    /// By attribute column.
    values: Vec<OnceLock<Words>>,
}

/// Values of a column: texts, or encoded bytes, arrays and maps.
#[derive(Debug)]
pub(super) enum Words {
    Strings(Strings),
    Others(Texts),
}

const PART: BlockError = BlockError::Invalid("dictionary");

impl Dictionary {
    /// The text with this number, which was checked when the tables were read.
    pub(super) fn string(&self, id: u32) -> &str {
        self.strings.get(id as usize).unwrap_or_default()
    }

    /// The name of a service code, likewise.
    pub(super) fn service(&self, code: u32) -> &str {
        self.tables.services.get(code as usize).map_or("", |id| self.string(*id))
    }
}

impl Words {
    pub(super) fn new(texts: Texts, kind: Kind) -> Result<Words, BlockError> {
        match kind {
            Kind::Text => texts.into_strings().map(Words::Strings).ok_or(PART),
            _ => Ok(Words::Others(texts)),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Words::Strings(strings) => strings.len(),
            Words::Others(texts) => texts.len(),
        }
    }
}

impl<S: BlockSource> BlockReader<S> {
    pub(super) fn dictionary(&self) -> Result<&Dictionary, BlockError> {
        if let Some(dictionary) = self.dictionary.get() {
            return Ok(dictionary);
        }
        let name = |column: u32| ChunkName::new(Section::Dictionary, column, 0);
        let strings = list(&self.chunk(name(dictionary::STRINGS))?)?.into_strings().ok_or(PART)?;
        let tables = Tables::take(&self.chunk(name(dictionary::TABLES))?, strings.len())?;
        let bundle = self.chunk_if_any(name(dictionary::BUNDLE))?.map(Cow::into_owned).unwrap_or_default();
        let values = tables.columns.iter().map(|_| OnceLock::new()).collect();
        let counts = |field: Field| {
            let place = tables.columns.iter().position(|column| column.owner == Owner::Span && column.field == field);
            place.map(|place| place as u32)
        };
        let (events, links) = (counts(Field::Events), counts(Field::Links));
        let read = Dictionary { strings, tables, events, links, bundle: Bundle::new(bundle)?, values };
        Ok(self.dictionary.get_or_init(|| read))
    }

    /// The values of a column of class dictionary.
    pub(super) fn words(&self, column: u32) -> Result<&Words, BlockError> {
        let dictionary = self.dictionary()?;
        let place = dictionary.values.get(column as usize).ok_or(PART)?;
        if let Some(words) = place.get() {
            return Ok(words);
        }
        let number = dictionary::OF_COLUMN.checked_add(column).ok_or(PART)?;
        let texts = match dictionary.bundle.get(number) {
            Some(bytes) => list(bytes)?,
            None => list(&self.chunk(ChunkName::new(Section::Dictionary, number, 0))?)?,
        };
        let words = Words::new(texts, dictionary.tables.columns[column as usize].kind)?;
        Ok(place.get_or_init(|| words))
    }
}

fn list(bytes: &[u8]) -> Result<Texts, BlockError> {
    let mut cursor = Cursor::new(bytes, "dictionary");
    let texts = texts::take_list(&mut cursor)?;
    cursor.finish()?;
    Ok(texts)
}
