//! The batch that a reader fills: the block's numbers become those of the batch, each text and resource copied once.

use model::batch::{AttributeCell, Columns, ResourceCell, ScopeCell, Slice, StringId, ValueCell};
use storage::batch::decode_value;

use super::super::error::BlockError;
use super::super::schema::{Kind, SharedAttributes, SharedValue};
use super::dictionary::{Dictionary, Words};
use super::group::{CellValue, PART};

/// The batch so far.
pub(super) struct Output<'r> {
    pub(super) columns: Columns,
    dictionary: &'r Dictionary,
    /// By number in the block; [`UNKNOWN`] until one is needed.
    strings: Vec<StringId>,
    resources: Vec<u32>,
    scopes: Vec<u32>,
    /// By attribute column and code; empty until the column is needed.
    words: Vec<Vec<StringId>>,
}

const UNKNOWN: u32 = u32::MAX;

impl<'r> Output<'r> {
    pub(super) fn new(dictionary: &'r Dictionary) -> Output<'r> {
        Output {
            columns: Columns::default(),
            dictionary,
            strings: vec![UNKNOWN; dictionary.strings.len()],
            resources: vec![UNKNOWN; dictionary.tables.resources.len()],
            scopes: vec![UNKNOWN; dictionary.tables.scopes.len()],
            words: vec![Vec::new(); dictionary.tables.columns.len()],
        }
    }

    /// A text of the dictionary.
    pub(super) fn string(&mut self, id: u32) -> Result<StringId, BlockError> {
        let known = &mut self.strings[id as usize];
        if *known == UNKNOWN {
            *known = push_text(&mut self.columns, self.dictionary.string(id))?;
        }
        Ok(*known)
    }

    /// A cell of an attribute column.
    pub(super) fn value(&mut self, column: u32, kind: Kind, cell: CellValue<'_>) -> Result<ValueCell, BlockError> {
        let Output { columns, words: known, .. } = self;
        Ok(match (kind, cell) {
            (_, CellValue::Empty) => ValueCell::Empty,
            (Kind::Bool, CellValue::Number(bits)) => ValueCell::Bool(bits != 0),
            (Kind::Int, CellValue::Number(bits)) => ValueCell::Int(bits as i64),
            (Kind::Double, CellValue::Number(bits)) => ValueCell::Double(f64::from_bits(bits)),
            (_, CellValue::Code(Words::Strings(strings), code)) => {
                let known = &mut known[column as usize];
                if known.is_empty() {
                    known.resize(strings.len(), UNKNOWN);
                }
                let known = known.get_mut(code).ok_or(PART)?;
                if *known == UNKNOWN {
                    *known = push_text(columns, strings.get(code).ok_or(PART)?)?;
                }
                ValueCell::String(*known)
            }
            (_, CellValue::Word(Words::Strings(strings), place)) => {
                ValueCell::String(push_text(columns, strings.get(place).ok_or(PART)?)?)
            }
            (_, CellValue::Code(Words::Others(others), place) | CellValue::Word(Words::Others(others), place)) => {
                other(columns, others.get(place).ok_or(PART)?)?
            }
            (_, CellValue::Number(_)) => return Err(PART),
        })
    }

    pub(super) fn resource(&mut self, number: u32) -> Result<u32, BlockError> {
        if self.resources[number as usize] != UNKNOWN {
            return Ok(self.resources[number as usize]);
        }
        let dictionary = self.dictionary;
        let resource = &dictionary.tables.resources[number as usize];
        let cell = ResourceCell {
            service: self.string(dictionary.tables.services[resource.service as usize])?,
            attributes: self.shared(&resource.attributes)?,
            attributes_dropped: resource.dropped,
            schema_url: self.string(resource.schema_url)?,
        };
        self.columns.resources.push(cell);
        let index = self.columns.resources.len() as u32 - 1;
        self.resources[number as usize] = index;
        Ok(index)
    }

    pub(super) fn scope(&mut self, number: u32) -> Result<u32, BlockError> {
        if self.scopes[number as usize] != UNKNOWN {
            return Ok(self.scopes[number as usize]);
        }
        let scope = &self.dictionary.tables.scopes[number as usize];
        let cell = ScopeCell {
            name: self.string(scope.name)?,
            version: self.string(scope.version)?,
            attributes: self.shared(&scope.attributes)?,
            attributes_dropped: scope.dropped,
            schema_url: self.string(scope.schema_url)?,
        };
        self.columns.scopes.push(cell);
        let index = self.columns.scopes.len() as u32 - 1;
        self.scopes[number as usize] = index;
        Ok(index)
    }

    fn shared(&mut self, attributes: &SharedAttributes) -> Result<Slice, BlockError> {
        let start = self.columns.attributes.len() as u32;
        for (key, value) in attributes {
            let value = match value {
                SharedValue::Empty => ValueCell::Empty,
                SharedValue::Text(text) => ValueCell::String(self.string(*text)?),
                SharedValue::Bool(value) => ValueCell::Bool(*value),
                SharedValue::Int(value) => ValueCell::Int(*value),
                SharedValue::Double(value) => ValueCell::Double(*value),
                SharedValue::Other(bytes) => other(&mut self.columns, bytes)?,
            };
            let key = self.string(*key)?;
            self.columns.attributes.push(AttributeCell::new(key, value));
        }
        Ok(Slice { start, end: self.columns.attributes.len() as u32 })
    }
}

fn push_text(columns: &mut Columns, text: &str) -> Result<StringId, BlockError> {
    let has_room = columns.strings.try_push(text);
    has_room.then(|| columns.strings.len() as u32 - 1).ok_or(PART)
}

fn other(columns: &mut Columns, bytes: &[u8]) -> Result<ValueCell, BlockError> {
    columns.others.push(decode_value(bytes).ok().ok_or(BlockError::Invalid("value"))?);
    Ok(ValueCell::Other(columns.others.len() as u32 - 1))
}
