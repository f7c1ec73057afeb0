//! Which row groups may hold a term.

use super::super::bytes::Cursor;
use super::super::error::BlockError;
use super::super::fuse::Fuse;
use super::super::layout::{Section, term};
use super::super::planes;
use super::super::source::BlockSource;
use super::super::term::Term;
use super::BlockReader;
use super::chunk;

impl<S: BlockSource> BlockReader<S> {
    /// Bit `n` is set when row group `n` may have a span with this term. Never wrong about one that has.
    pub fn groups_with(&self, term: Term) -> Result<u64, BlockError> {
        let mut groups = 0;
        for entry in self.directory.section(Section::Term) {
            let is_filter = entry.name.column >= term::FILTER;
            let key = if is_filter { term.0 } else { term.short().into() };
            if key < entry.range.0 || key > entry.range.1 {
                continue;
            }
            let stored = self.source.bytes(entry.offset..entry.offset + u64::from(entry.length))?;
            let bytes = chunk::open(entry, stored)?;
            if !is_filter {
                groups |= mask_in(&bytes, key)?;
            } else if Fuse::take(&bytes)?.may_hold(term.0) {
                groups = u64::MAX;
            }
        }
        Ok(groups & (u64::MAX >> (64 - self.header.groups)))
    }
}

fn mask_in(bytes: &[u8], short: u64) -> Result<u64, BlockError> {
    let mut cursor = Cursor::new(bytes, "term index");
    let count = usize::try_from(cursor.varint()?).ok().filter(|count| *count <= term::TERMS);
    let count = count.ok_or(cursor.invalid())?;
    let shorts = planes::take(&mut cursor, count)?;
    let masks = planes::take(&mut cursor, count)?;
    cursor.finish()?;
    Ok(shorts.binary_search(&short).map_or(0, |place| masks[place]))
}
