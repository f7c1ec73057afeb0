//! Which rows meet a condition on a field. Shapes and dictionaries decide for many rows at once, cells for the others.
//!
//! The meaning is `storage::condition`'s: each value that is looked at is given to its test.

use model::Value;
use model::batch::AttributeView;
use storage::{FieldCondition, ValueTest};

use super::super::error::BlockError;
use super::super::layout::Owner;
use super::super::schema::Kind;
use super::super::source::BlockSource;
use super::BlockReader;
use super::field::{FieldColumn, OWNERS, StoredValue, number, word};
use super::group::{PART, Values};
use super::group_scan::GroupScan;

/// A condition as one block decides it.
pub struct RowTest<'q> {
    condition: &'q FieldCondition,
    /// By [`OWNERS`].
    parts: [PartTest; 3],
}

struct PartTest {
    /// By shape: everything of this shape meets the test.
    is_met: Vec<bool>,
    columns: Vec<ColumnTest>,
}

struct ColumnTest {
    of: FieldColumn,
    /// By word of its dictionary, as far as asked before.
    verdicts: Vec<Option<bool>>,
}

/// All bytes, arrays and maps are alike to a test, so that none is decoded.
static OTHER: Value = Value::Bytes(Vec::new());

impl<S: BlockSource> BlockReader<S> {
    /// Prepares a condition for this block.
    pub fn row_test<'q>(&self, condition: &'q FieldCondition) -> Result<RowTest<'q>, BlockError> {
        let dictionary = self.dictionary()?;
        let test = &condition.test;
        let mut is_met = OWNERS.map(|owner| vec![false; dictionary.shapes(owner).len()]);
        self.visit_fixed(&condition.field, |owner, shape, value| {
            is_met[owner as usize][shape] |= meets(test, value);
            Ok(())
        })?;
        let mut columns = self.field_columns(&condition.field)?.into_iter();
        let parts = is_met.map(|is_met| {
            let of_owner = columns.next().unwrap_or_default().into_iter().filter(|column| may_meet(test, column.kind));
            PartTest { is_met, columns: of_owner.map(|of| ColumnTest { of, verdicts: Vec::new() }).collect() }
        });
        Ok(RowTest { condition, parts })
    }

    /// Whether rows of each shape may meet the condition, whatever is in their columns.
    pub fn shapes_that_may_meet(&self, test: &RowTest<'_>) -> Result<Vec<bool>, BlockError> {
        let dictionary = self.dictionary()?;
        let [spans, units @ ..] = &test.parts;
        let counts = [dictionary.events, dictionary.links];
        let may_meet = |(number, is_met): (usize, &bool)| {
            if test.condition.is_negated {
                return !is_met;
            }
            let has_unit = |(part, column): (&PartTest, &Option<u32>)| {
                let slots = &dictionary.tables.span_shapes[number].slots;
                part.may_meet() && slots.iter().any(|slot| Some(slot.column) == *column)
            };
            *is_met || spans.has_cells(number) || units.iter().zip(&counts).any(has_unit)
        };
        Ok(spans.is_met.iter().enumerate().map(may_meet).collect())
    }
}

impl<S: BlockSource> GroupScan<'_, S> {
    /// Leaves in `rows` only those that meet the condition.
    pub fn keep(&mut self, test: &mut RowTest<'_>, rows: &mut [bool]) -> Result<(), BlockError> {
        let RowTest { condition, parts: [spans, units @ ..] } = test;
        let mut met: Vec<bool> = self.shapes.iter().map(|shape| spans.is_met[*shape as usize]).collect();
        let open = |met: &[bool]| -> Vec<bool> { rows.iter().zip(met).map(|(row, met)| *row && !*met).collect() };
        for column in &mut spans.columns {
            let wanted = open(&met);
            column.walk(self, &condition.test, Owner::Span, &wanted, &mut met)?;
        }
        for (part, owner) in units.iter_mut().zip([Owner::Event, Owner::Link]) {
            if part.may_meet() {
                let wanted = open(&met);
                part.keep_units(self, &condition.test, owner, &wanted, &mut met)?;
            }
        }
        for (row, met) in rows.iter_mut().zip(met) {
            *row &= met != condition.is_negated;
        }
        Ok(())
    }
}

impl PartTest {
    fn may_meet(&self) -> bool {
        !self.columns.is_empty() || self.is_met.contains(&true)
    }

    fn has_cells(&self, shape: usize) -> bool {
        self.columns.iter().any(|column| column.of.cells[shape] > 0)
    }

    /// Sets in `met` the wanted rows of which an event or link meets the test.
    fn keep_units<S: BlockSource>(
        &mut self,
        scan: &mut GroupScan<'_, S>,
        test: &ValueTest,
        owner: Owner,
        wanted: &[bool],
        met: &mut [bool],
    ) -> Result<(), BlockError> {
        if !wanted.contains(&true) {
            return Ok(());
        }
        scan.load(owner)?;
        let units = scan.units(owner).ok_or(PART)?;
        if units.shapes.is_empty() {
            return Ok(());
        }
        let mut unit_met: Vec<bool> = units.shapes.iter().map(|shape| self.is_met[*shape as usize]).collect();
        for column in &mut self.columns {
            let open: Vec<bool> = units.rows().zip(&unit_met).map(|(row, met)| wanted[row] && !*met).collect();
            column.walk(scan, test, owner, &open, &mut unit_met)?;
        }
        for (row, unit_met) in units.rows().zip(unit_met) {
            met[row] |= unit_met;
        }
        Ok(())
    }
}

impl ColumnTest {
    /// Sets in `met` those of the wanted rows, events or links of which a cell meets the test.
    fn walk<S: BlockSource>(
        &mut self,
        scan: &GroupScan<'_, S>,
        test: &ValueTest,
        owner: Owner,
        wanted: &[bool],
        met: &mut [bool],
    ) -> Result<(), BlockError> {
        let shapes = match owner {
            Owner::Span => &scan.shapes,
            Owner::Event | Owner::Link => &scan.units(owner).ok_or(PART)?.shapes,
        };
        let ColumnTest { of, verdicts } = self;
        if !shapes.iter().zip(wanted).any(|(shape, wanted)| *wanted && of.cells[*shape as usize] > 0) {
            return Ok(());
        }
        let values = scan.group.values(of.column, of.class)?;
        if let Values::Codes(_, words) = &values {
            verdicts.resize(words.len(), None);
        }
        let mut meets_at = |at: usize| -> Result<bool, BlockError> {
            Ok(match &values {
                Values::Numbers(numbers) => test.is_met(number(of.kind, *numbers.get(at).ok_or(PART)?)?),
                Values::Words(words) => meets(test, word(words, at)?),
                Values::Codes(codes, words) => {
                    let code = usize::try_from(*codes.get(at).ok_or(PART)?).ok().ok_or(PART)?;
                    let verdict = verdicts.get_mut(code).ok_or(PART)?;
                    match *verdict {
                        Some(known) => known,
                        None => *verdict.insert(meets(test, word(words, code)?)),
                    }
                }
            })
        };
        let mut at = 0usize;
        for ((shape, wanted), met) in shapes.iter().zip(wanted).zip(met) {
            let end = at + of.cells[*shape as usize] as usize;
            while *wanted && !*met && at < end {
                *met = meets_at(at)?;
                at += 1;
            }
            at = end;
        }
        Ok(())
    }
}

fn meets(test: &ValueTest, value: StoredValue<'_>) -> bool {
    test.is_met(match value {
        StoredValue::Simple(view) => view,
        StoredValue::Other(_) => AttributeView::Other(&OTHER),
    })
}

/// `false` only when no value of this type meets the test: then its column need not be read.
fn may_meet(test: &ValueTest, kind: Kind) -> bool {
    match kind {
        Kind::Text => test.is_for_texts(),
        Kind::Int | Kind::Double => test.is_for_numbers(),
        Kind::Bool | Kind::Empty | Kind::Other => true,
    }
}
