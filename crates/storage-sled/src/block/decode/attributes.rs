//! The values of one attribute in a row group, without the other columns: for exact predicates.

use model::Value;
use model::batch::AttributeView;
use storage::batch::decode_value;

use super::super::error::BlockError;
use super::super::layout::cold;
use super::super::schema::{Field, Kind, Shape, SharedAttributes, SharedValue, Slot};
use super::super::source::BlockSource;
use super::BlockReader;
use super::dictionary::{Dictionary, Words};
use super::group::{CellValue, Group, PART};

impl<S: BlockSource> BlockReader<S> {
    /// Calls `visit` with each row (counted from the first of the group) and each value that `key` has there:
    /// on the span, its events, its links, its resource and its scope.
    pub fn visit_attribute(
        &self,
        group: usize,
        key: &str,
        mut visit: impl FnMut(u32, AttributeView<'_>),
    ) -> Result<(), BlockError> {
        let shapes = self.shapes(group)?;
        self.visit_shared(&shapes, key, &mut visit)?;
        let dictionary = self.dictionary()?;
        let tables = &dictionary.tables;
        let is_wanted = |slot: &&Slot| match tables.columns[slot.column as usize].field {
            Field::Attribute(id) => dictionary.string(id) == key,
            _ => false,
        };
        let wanted = |shapes: &[Shape]| -> Vec<Vec<Slot>> {
            shapes.iter().map(|shape| shape.slots.iter().filter(is_wanted).copied().collect()).collect()
        };
        let span_slots = wanted(&tables.span_shapes);
        let mut cells = Group::open(self, group, false)?;
        cells.count(&tables.span_shapes, &shapes, 0)?;
        for (row, shape) in (0u32..).zip(&shapes) {
            for slot in &span_slots[*shape as usize] {
                self.visit_cell(&mut cells, slot, |value| visit(row, value))?;
            }
        }
        let parts = [
            (dictionary.events, cold::EVENT_SHAPE, &tables.event_shapes),
            (dictionary.links, cold::LINK_SHAPE, &tables.link_shapes),
        ];
        for (counts, shape_column, part_shapes) in parts {
            let slots = wanted(part_shapes);
            let Some(counts) = counts.filter(|_| slots.iter().any(|slots| !slots.is_empty())) else { continue };
            let counts = cells.all_numbers(counts, &shapes)?;
            let total = counts.iter().map(|count| *count as usize).sum();
            if total > super::super::GROUP_CELLS_MAX {
                return Err(PART);
            }
            let codes: Vec<u32> =
                cells.numbers(shape_column, total)?.iter().map(|code| (*code).min(u32::MAX.into()) as u32).collect();
            cells.count(part_shapes, &codes, 0)?;
            let mut codes = codes.iter();
            for (row, count) in (0u32..).zip(counts) {
                for code in codes.by_ref().take(count as usize) {
                    for slot in &slots[*code as usize] {
                        self.visit_cell(&mut cells, slot, |value| visit(row, value))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn visit_cell(
        &self,
        cells: &mut Group<'_, S>,
        slot: &Slot,
        mut visit: impl FnMut(AttributeView<'_>),
    ) -> Result<(), BlockError> {
        let kind = cells.dictionary.tables.columns[slot.column as usize].kind;
        match (kind, cells.next(slot)?) {
            (_, CellValue::Empty) => visit(AttributeView::Empty),
            (Kind::Bool, CellValue::Number(bits)) => visit(AttributeView::Bool(bits != 0)),
            (Kind::Int, CellValue::Number(bits)) => visit(AttributeView::Int(bits as i64)),
            (Kind::Double, CellValue::Number(bits)) => visit(AttributeView::Double(f64::from_bits(bits))),
            (_, CellValue::Number(_)) => return Err(PART),
            (_, CellValue::Code(words, place) | CellValue::Word(words, place)) => match words {
                Words::Strings(strings) => visit(AttributeView::String(strings.get(place).ok_or(PART)?)),
                Words::Others(others) => {
                    let value = decode_value(others.get(place).ok_or(PART)?).ok().ok_or(PART)?;
                    visit(AttributeView::Other(&value));
                }
            },
        }
        Ok(())
    }

    /// Resources and scopes are looked at once, not for every row.
    fn visit_shared(
        &self,
        shapes: &[u32],
        key: &str,
        visit: &mut impl FnMut(u32, AttributeView<'_>),
    ) -> Result<(), BlockError> {
        let dictionary = self.dictionary()?;
        let tables = &dictionary.tables;
        let of_key = |attributes: &SharedAttributes| -> Result<Vec<Value>, BlockError> {
            let found = attributes.iter().filter(|(id, _)| dictionary.string(*id) == key);
            found.map(|(_, value)| owned(dictionary, value)).collect()
        };
        let resources = tables.resources.iter().map(|resource| of_key(&resource.attributes));
        let resources = resources.collect::<Result<Vec<_>, _>>()?;
        let scopes = tables.scopes.iter().map(|scope| of_key(&scope.attributes)).collect::<Result<Vec<_>, _>>()?;
        if resources.iter().chain(&scopes).all(Vec::is_empty) {
            return Ok(());
        }
        for (row, shape) in (0u32..).zip(shapes) {
            let head = &tables.span_shapes[*shape as usize].head;
            let values = resources[head.resource as usize].iter().chain(&scopes[head.scope as usize]);
            values.for_each(|value| visit(row, view(value)));
        }
        Ok(())
    }
}

fn owned(dictionary: &Dictionary, value: &SharedValue) -> Result<Value, BlockError> {
    Ok(match value {
        SharedValue::Empty => Value::Empty,
        SharedValue::Text(text) => Value::from(dictionary.string(*text)),
        SharedValue::Bool(value) => Value::Bool(*value),
        SharedValue::Int(value) => Value::Int(*value),
        SharedValue::Double(value) => Value::Double(*value),
        SharedValue::Other(bytes) => decode_value(bytes).ok().ok_or(PART)?,
    })
}

fn view(value: &Value) -> AttributeView<'_> {
    match value {
        Value::Empty => AttributeView::Empty,
        Value::String(text) => AttributeView::String(text),
        Value::Bool(value) => AttributeView::Bool(*value),
        Value::Int(value) => AttributeView::Int(*value),
        Value::Double(value) => AttributeView::Double(*value),
        other => AttributeView::Other(other),
    }
}
