//! The warnings of each row of a row group, without the other cold columns.

use model::Warnings;

use super::super::error::BlockError;
use super::super::layout::Owner;
use super::super::schema::Field;
use super::super::source::BlockSource;
use super::BlockReader;

impl<S: BlockSource> BlockReader<S> {
    /// `shapes` are those of the rows of the group, as [`BlockReader::shapes`] gives them.
    pub fn warnings(&self, number: usize, shapes: &[u32]) -> Result<Vec<Warnings>, BlockError> {
        let columns = &self.dictionary()?.tables.columns;
        let is_warnings =
            |column: &&super::super::schema::ColumnInfo| column.owner == Owner::Span && column.field == Field::Warnings;
        let Some(column) = columns.iter().position(|column| is_warnings(&column)) else {
            return Ok(vec![Warnings::NONE; shapes.len()]);
        };
        let scan = self.scan(number, shapes.to_vec())?;
        let bits = scan.group()?.all_numbers(column as u32, shapes)?;
        Ok(bits.into_iter().map(Warnings::from_bits).collect())
    }
}
