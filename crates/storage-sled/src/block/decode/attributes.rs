//! The values of one field, each under a number: a block has few different ones, and its rows many. Not here: conditions on them.

use model::batch::AttributeView;
use storage::Field;
use storage::batch::decode_value;

use super::super::error::BlockError;
use super::super::source::BlockSource;
use super::BlockReader;
use super::field::{FieldColumn, OWNERS, StoredValue, number, word};
use super::group::{PART, Values};
use super::group_scan::GroupScan;

/// The values of a field in one block, as far as they were met. Numbers are given by whoever asks.
pub struct FieldValues {
    parts: [PartValues; 3],
}

struct PartValues {
    /// By shape: values that everything of this shape has.
    fixed: Vec<Vec<u32>>,
    /// With the numbers of the words of its dictionary, as far as they are known.
    columns: Vec<(FieldColumn, Vec<Option<u32>>)>,
}

impl<S: BlockSource> BlockReader<S> {
    /// Prepares for [`GroupScan::visit`]. `number_of` gives a value its number.
    pub fn field_values(
        &self,
        field: &Field,
        mut number_of: impl FnMut(AttributeView<'_>) -> u32,
    ) -> Result<FieldValues, BlockError> {
        let dictionary = self.dictionary()?;
        let mut fixed = OWNERS.map(|owner| vec![Vec::new(); dictionary.shapes(owner).len()]);
        self.visit_fixed(field, |owner, shape, value| {
            fixed[owner as usize][shape].push(number_stored(value, &mut number_of)?);
            Ok(())
        })?;
        let mut columns = self.field_columns(field)?.into_iter();
        let parts = fixed.map(|fixed| {
            let of_owner = columns.next().unwrap_or_default();
            PartValues { fixed, columns: of_owner.into_iter().map(|column| (column, Vec::new())).collect() }
        });
        Ok(FieldValues { parts })
    }
}

impl FieldValues {
    /// Whether no row of the block has a value.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(PartValues::is_empty)
    }
}

impl PartValues {
    fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.fixed.iter().all(Vec::is_empty)
    }
}

impl<S: BlockSource> GroupScan<'_, S> {
    /// Calls `visit` with each row (counted from the first of the group) out of `rows` and the number of each value that it has,
    /// in any order. A value that a row has several times is given as often.
    pub fn visit(
        &mut self,
        values: &mut FieldValues,
        rows: &[bool],
        mut number_of: impl FnMut(AttributeView<'_>) -> u32,
        mut visit: impl FnMut(u32, u32),
    ) -> Result<(), BlockError> {
        for (owner, part) in OWNERS.into_iter().zip(&mut values.parts) {
            if part.is_empty() {
                continue;
            }
            self.load(owner)?;
            let (shapes, row_of): (&[u32], Vec<usize>) = match self.units(owner) {
                Some(units) => (&units.shapes, units.rows().collect()),
                None => (&self.shapes, (0..self.shapes.len()).collect()),
            };
            for (shape, row) in shapes.iter().zip(&row_of).filter(|(_, row)| rows[**row]) {
                part.fixed[*shape as usize].iter().for_each(|value| visit(*row as u32, *value));
            }
            for (column, known) in &mut part.columns {
                if !shapes.iter().any(|shape| column.cells[*shape as usize] > 0) {
                    continue;
                }
                let cells = self.group()?.values(column.column, column.class)?;
                if let Values::Codes(_, words) = &cells {
                    known.resize(words.len(), None);
                }
                let mut at = 0usize;
                for (shape, row) in shapes.iter().zip(&row_of) {
                    for _cell in 0..column.cells[*shape as usize] {
                        if rows[*row] {
                            visit(*row as u32, number_at(&cells, at, column, known, &mut number_of)?);
                        }
                        at += 1;
                    }
                }
            }
        }
        Ok(())
    }
}

fn number_at(
    cells: &Values<'_>,
    at: usize,
    column: &FieldColumn,
    known: &mut [Option<u32>],
    number_of: &mut impl FnMut(AttributeView<'_>) -> u32,
) -> Result<u32, BlockError> {
    match cells {
        Values::Numbers(numbers) => Ok(number_of(number(column.kind, *numbers.get(at).ok_or(PART)?)?)),
        Values::Words(words) => number_stored(word(words, at)?, number_of),
        Values::Codes(codes, words) => {
            let code = usize::try_from(*codes.get(at).ok_or(PART)?).ok().ok_or(PART)?;
            let known = known.get_mut(code).ok_or(PART)?;
            match *known {
                Some(number) => Ok(number),
                None => Ok(*known.insert(number_stored(word(words, code)?, number_of)?)),
            }
        }
    }
}

fn number_stored(
    value: StoredValue<'_>,
    number_of: &mut impl FnMut(AttributeView<'_>) -> u32,
) -> Result<u32, BlockError> {
    match value {
        StoredValue::Simple(view) => Ok(number_of(view)),
        StoredValue::Other(bytes) => Ok(number_of(AttributeView::Other(&decode_value(bytes).ok().ok_or(PART)?))),
    }
}
