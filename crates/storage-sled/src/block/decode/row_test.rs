//! Which rows meet a condition on a field. Shapes and dictionaries decide for many rows at once, cells for the others.
//!
//! The meaning is `storage::condition`'s: each value that is looked at is given to its test.

use model::Value;
use model::batch::AttributeView;
use storage::{FieldCondition, ValueTest};

use super::super::error::BlockError;
use super::super::layout::Owner;
use super::super::schema::{Class, Kind};
use super::super::source::BlockSource;
use super::BlockReader;
use super::dictionary::Words;
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
        let mut met = vec![false; rows.len()];
        // Rows of which it is not decided yet whether they meet the test.
        let mut open: Vec<u32> = Vec::new();
        for (row, shape) in self.shapes.iter().enumerate().filter(|(row, _)| rows[*row]) {
            match spans.is_met[*shape as usize] {
                true => met[row] = true,
                false => open.push(row as u32),
            }
        }
        for column in &mut spans.columns {
            column.walk_rows(self, &condition.test, &open, &mut met)?;
            open.retain(|row| !met[*row as usize]);
        }
        for (part, owner) in units.iter_mut().zip([Owner::Event, Owner::Link]) {
            if part.may_meet() && !open.is_empty() {
                let mut wanted = vec![false; rows.len()];
                open.iter().for_each(|row| wanted[*row as usize] = true);
                part.keep_units(self, &condition.test, owner, &wanted, &mut met)?;
                open.retain(|row| !met[*row as usize]);
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
    /// Sets in `met` those of these rows of which a cell meets the test.
    fn walk_rows<S: BlockSource>(
        &mut self,
        scan: &GroupScan<'_, S>,
        test: &ValueTest,
        rows: &[u32],
        met: &mut [bool],
    ) -> Result<(), BlockError> {
        let shape_of = |row: u32| scan.shapes[row as usize] as usize;
        if rows.iter().all(|row| self.of.cells[shape_of(*row)] == 0) {
            return Ok(());
        }
        let Some(cells) = scan.kept_cells(&self.of)? else {
            let mut wanted = vec![false; met.len()];
            rows.iter().for_each(|row| wanted[*row as usize] = true);
            return self.walk(scan, test, Owner::Span, &wanted, met);
        };
        let ColumnTest { of, verdicts } = self;
        let words = match of.class {
            Class::Dictionary => Some(scan.words(of.column)?),
            _ => None,
        };
        verdicts.resize(words.map_or(0, Words::len), None);
        let with_cells = rows.iter().copied().filter(|row| of.cells[shape_of(*row)] > 0);
        cells.try_each(with_cells, |row, cell| {
            met[row as usize] |= match words {
                None => test.is_met(number(of.kind, cell)?),
                Some(words) => verdict(verdicts, words, test, usize::try_from(cell).ok().ok_or(PART)?)?,
            };
            Ok(())
        })
    }

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
        let values = scan.group()?.values(of.column, of.class)?;
        if let Values::Codes(_, words) = &values {
            verdicts.resize(words.len(), None);
        }
        let mut meets_at = |at: usize| -> Result<bool, BlockError> {
            Ok(match &values {
                Values::Numbers(numbers) => test.is_met(number(of.kind, *numbers.get(at).ok_or(PART)?)?),
                Values::Words(words) => meets(test, word(words, at)?),
                Values::Codes(codes, words) => {
                    let code = usize::try_from(*codes.get(at).ok_or(PART)?).ok().ok_or(PART)?;
                    verdict(verdicts, words, test, code)?
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

/// Whether the word with this code meets the test, asked once.
fn verdict(verdicts: &mut [Option<bool>], words: &Words, test: &ValueTest, code: usize) -> Result<bool, BlockError> {
    let verdict = verdicts.get_mut(code).ok_or(PART)?;
    match *verdict {
        Some(known) => Ok(known),
        None => Ok(*verdict.insert(meets(test, word(words, code)?))),
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
