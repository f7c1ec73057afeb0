//! The values of one field in a row group, without the other columns. Not here: what is asked of them.

use model::batch::AttributeView;
use storage::Field;
use storage::batch::decode_value;

use super::super::error::BlockError;
use super::super::source::BlockSource;
use super::field::{OWNERS, StoredValue, number, word};
use super::group::{PART, Values};
use super::group_scan::GroupScan;

impl<S: BlockSource> GroupScan<'_, S> {
    /// Calls `visit` with each row (counted from the first of the group) and each value that the field has there, in any order.
    pub fn visit(&mut self, field: &Field, mut visit: impl FnMut(u32, AttributeView<'_>)) -> Result<(), BlockError> {
        let mut give = |row: usize, value: StoredValue<'_>| -> Result<(), BlockError> {
            match value {
                StoredValue::Simple(view) => visit(row as u32, view),
                StoredValue::Other(bytes) => {
                    let value = decode_value(bytes).ok().ok_or(PART)?;
                    visit(row as u32, AttributeView::Other(&value));
                }
            }
            Ok(())
        };
        let columns = self.reader.field_columns(field)?;
        let mut is_fixed = [false; 3];
        self.reader.visit_fixed(field, |owner, _, _| {
            is_fixed[owner as usize] = true;
            Ok(())
        })?;
        for ((owner, columns), is_fixed) in OWNERS.into_iter().zip(columns).zip(is_fixed) {
            if columns.is_empty() && !is_fixed {
                continue;
            }
            self.load(owner)?;
            let (shapes, rows): (&[u32], Vec<usize>) = match self.units(owner) {
                Some(units) => (&units.shapes, units.rows().collect()),
                None => (&self.shapes, (0..self.shapes.len()).collect()),
            };
            if is_fixed {
                let places = places_by_shape(shapes, self.group.dictionary.shapes(owner).len());
                self.reader.visit_fixed(field, |of, shape, value| {
                    let places = if of == owner { places[shape].as_slice() } else { &[] };
                    places.iter().try_for_each(|place| give(rows[*place], value))
                })?;
            }
            for column in columns {
                if !shapes.iter().any(|shape| column.cells[*shape as usize] > 0) {
                    continue;
                }
                let values = self.group.values(column.column, column.class)?;
                let mut at = 0usize;
                for (shape, row) in shapes.iter().zip(&rows) {
                    for _cell in 0..column.cells[*shape as usize] {
                        let value = match &values {
                            Values::Numbers(numbers) => {
                                StoredValue::Simple(number(column.kind, *numbers.get(at).ok_or(PART)?)?)
                            }
                            Values::Words(words) => word(words, at)?,
                            Values::Codes(codes, words) => {
                                word(words, usize::try_from(*codes.get(at).ok_or(PART)?).ok().ok_or(PART)?)?
                            }
                        };
                        give(*row, value)?;
                        at += 1;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Where each shape occurs.
fn places_by_shape(shapes: &[u32], count: usize) -> Vec<Vec<usize>> {
    let mut places = vec![Vec::new(); count];
    shapes.iter().enumerate().for_each(|(place, shape)| places[*shape as usize].push(place));
    places
}
