//! A row group of which some columns are read: which events and links belong to which row. Not here: what is looked for.

use std::cell::OnceCell;
use std::sync::Arc;

use model::{Warning, Warnings};

use super::super::GROUP_CELLS_MAX;
use super::super::error::BlockError;
use super::super::layout::{Owner, cold};
use super::super::schema::{Class, ColumnInfo, Field};
use super::super::source::BlockSource;
use super::BlockReader;
use super::dictionary::{Dictionary, Words};
use super::field::FieldColumn;
use super::group::{Group, PART, Values};
use super::packed::Packed;

/// A row group. It is opened, and columns are read, when they are asked for.
pub struct GroupScan<'r, S> {
    reader: &'r BlockReader<S>,
    number: usize,
    group: OnceCell<Group<'r, S>>,
    /// The same, without the numbers of cells in its columns.
    uncounted: OnceCell<Group<'r, S>>,
    kept: Option<&'r dyn KeptCells>,
    /// The shape of each row.
    pub(super) shapes: Vec<u32>,
    /// Events and links; `None` until they are needed.
    units: [Option<Units>; 2],
}

/// Where whoever scans often keeps columns of cells.
pub trait KeptCells {
    /// Of each row the number or the code of its cell in this column, 0 where it has none; `read` gives what is not kept.
    fn cells(
        &self,
        column: u32,
        read: &mut dyn FnMut() -> Result<Vec<u64>, BlockError>,
    ) -> Result<Arc<Packed>, BlockError>;
}

/// The events or links of a row group.
#[derive(Default)]
pub(super) struct Units {
    /// How many each row has.
    pub(super) counts: Vec<u32>,
    /// The shape of each.
    pub(super) shapes: Vec<u32>,
}

impl<S: BlockSource> BlockReader<S> {
    /// Opens a row group; `shapes` are those of its rows, as [`BlockReader::shapes`] gives them.
    pub fn scan(&self, number: usize, shapes: Vec<u32>) -> Result<GroupScan<'_, S>, BlockError> {
        let shape_count = self.dictionary()?.tables.span_shapes.len();
        if shapes.iter().any(|shape| *shape as usize >= shape_count) {
            return Err(PART);
        }
        let (group, uncounted) = (OnceCell::new(), OnceCell::new());
        Ok(GroupScan { reader: self, number, group, uncounted, kept: None, shapes, units: [None, None] })
    }
}

impl<'r, S: BlockSource> GroupScan<'r, S> {
    /// Columns of cells are kept there from now on.
    pub fn keeping(self, kept: &'r dyn KeptCells) -> GroupScan<'r, S> {
        GroupScan { kept: Some(kept), ..self }
    }

    pub(super) fn dictionary(&self) -> Result<&'r Dictionary, BlockError> {
        self.reader.dictionary()
    }

    pub(super) fn words(&self, column: u32) -> Result<&'r Words, BlockError> {
        self.reader.words(column)
    }

    pub(super) fn group(&self) -> Result<&Group<'r, S>, BlockError> {
        if let Some(group) = self.group.get() {
            return Ok(group);
        }
        let mut group = Group::open(self.reader, self.number)?;
        group.count(&group.dictionary.tables.span_shapes, &self.shapes, 0)?;
        Ok(self.group.get_or_init(|| group))
    }

    /// For who knows how many cells a column has: to count those of all columns takes longer than to read one.
    fn uncounted(&self) -> Result<&Group<'r, S>, BlockError> {
        if let Some(group) = self.group.get().or_else(|| self.uncounted.get()) {
            return Ok(group);
        }
        let group = Group::open(self.reader, self.number)?;
        Ok(self.uncounted.get_or_init(|| group))
    }

    fn group_mut(&mut self) -> Result<&mut Group<'r, S>, BlockError> {
        self.group()?;
        self.group.get_mut().ok_or(PART)
    }

    /// Of each row the cell of a column of which no row has two. `None` for columns of texts, and when nothing is kept.
    pub(super) fn kept_cells(&self, of: &FieldColumn) -> Result<Option<Arc<Packed>>, BlockError> {
        let (Some(kept), Class::Dictionary | Class::Number) = (self.kept, of.class) else { return Ok(None) };
        if of.cells.iter().any(|count| *count > 1) {
            return Ok(None);
        }
        let mut read = || {
            let total = self.shapes.iter().filter(|shape| of.cells[**shape as usize] > 0).count();
            let cells = match self.uncounted()?.values_of(of.column, of.class, total)? {
                Values::Numbers(cells) | Values::Codes(cells, _) => cells,
                Values::Words(_) => return Err(PART),
            };
            let mut cells = cells.into_iter();
            let cell = |shape: &u32| match of.cells[*shape as usize] {
                0 => Ok(0),
                _ => cells.next().ok_or(PART),
            };
            self.shapes.iter().map(cell).collect()
        };
        kept.cells(of.column, &mut read).map(Some)
    }
}

impl<S: BlockSource> GroupScan<'_, S> {
    /// Reads which events or links there are, once.
    pub(super) fn load(&mut self, owner: Owner) -> Result<(), BlockError> {
        let dictionary = self.dictionary()?;
        let (place, column, shape_column) = match owner {
            Owner::Span => return Ok(()),
            Owner::Event => (0, dictionary.events, cold::EVENT_SHAPE),
            Owner::Link => (1, dictionary.links, cold::LINK_SHAPE),
        };
        if self.units[place].is_some() {
            return Ok(());
        }
        let mut units = Units::default();
        if let Some(column) = column {
            let group = self.group()?;
            units.counts = group.all_numbers(column, &self.shapes)?;
            let total = units.counts.iter().map(|count| *count as usize).sum();
            if total > GROUP_CELLS_MAX {
                return Err(PART);
            }
            let codes = group.numbers(shape_column, total)?;
            units.shapes = codes.iter().map(|code| (*code).min(u32::MAX.into()) as u32).collect();
            // Refuses shapes that do not exist.
            self.group_mut()?.count(dictionary.shapes(owner), &units.shapes, 0)?;
        }
        self.units[place] = Some(units);
        Ok(())
    }

    /// Leaves in `rows` only spans that have ended: what is pending counts in nothing.
    pub fn keep_ended(&self, rows: &mut [bool]) -> Result<(), BlockError> {
        let columns = &self.dictionary()?.tables.columns;
        let is_warnings = |info: &ColumnInfo| info.owner == Owner::Span && info.field == Field::Warnings;
        if let Some(column) = columns.iter().position(is_warnings) {
            let warnings = self.group()?.all_numbers(column as u32, &self.shapes)?;
            for (row, bits) in rows.iter_mut().zip(warnings) {
                *row &= !Warnings::from_bits(bits).has(Warning::EndMissing);
            }
        }
        Ok(())
    }

    /// The events or links, which were loaded.
    pub(super) fn units(&self, owner: Owner) -> Option<&Units> {
        match owner {
            Owner::Span => None,
            Owner::Event => self.units[0].as_ref(),
            Owner::Link => self.units[1].as_ref(),
        }
    }
}

impl Units {
    /// The row of each event or link, ascending.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        let repeated = |(row, count): (usize, &u32)| std::iter::repeat_n(row, *count as usize);
        self.counts.iter().enumerate().flat_map(repeated)
    }
}
