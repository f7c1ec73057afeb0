//! A row group of which some columns are read: which events and links belong to which row. Not here: what is looked for.

use model::{Warning, Warnings};

use super::super::GROUP_CELLS_MAX;
use super::super::error::BlockError;
use super::super::layout::{Owner, cold};
use super::super::schema::{ColumnInfo, Field};
use super::super::source::BlockSource;
use super::BlockReader;
use super::group::{Group, PART};

/// An open row group. Columns are read when they are asked for.
pub struct GroupScan<'r, S> {
    pub(super) group: Group<'r, S>,
    /// The shape of each row.
    pub(super) shapes: Vec<u32>,
    /// Events and links; `None` until they are needed.
    units: [Option<Units>; 2],
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
        let mut group = Group::open(self, number, false)?;
        group.count(&group.dictionary.tables.span_shapes, &shapes, 0)?;
        Ok(GroupScan { group, shapes, units: [None, None] })
    }
}

impl<S: BlockSource> GroupScan<'_, S> {
    /// Reads which events or links there are, once.
    pub(super) fn load(&mut self, owner: Owner) -> Result<(), BlockError> {
        let dictionary = self.group.dictionary;
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
            units.counts = self.group.all_numbers(column, &self.shapes)?;
            let total = units.counts.iter().map(|count| *count as usize).sum();
            if total > GROUP_CELLS_MAX {
                return Err(PART);
            }
            let codes = self.group.numbers(shape_column, total)?;
            units.shapes = codes.iter().map(|code| (*code).min(u32::MAX.into()) as u32).collect();
            // Refuses shapes that do not exist.
            self.group.count(dictionary.shapes(owner), &units.shapes, 0)?;
        }
        self.units[place] = Some(units);
        Ok(())
    }

    /// Leaves in `rows` only spans that have ended: what is pending counts in nothing.
    pub fn keep_ended(&self, rows: &mut [bool]) -> Result<(), BlockError> {
        let columns = &self.group.dictionary.tables.columns;
        let is_warnings = |info: &ColumnInfo| info.owner == Owner::Span && info.field == Field::Warnings;
        if let Some(column) = columns.iter().position(is_warnings) {
            let warnings = self.group.all_numbers(column as u32, &self.shapes)?;
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
