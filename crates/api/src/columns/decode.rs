//! Bytes to columns. Believes nothing: no allocation follows a count that the remaining bytes could not fill.

use super::encode::index_bytes;
use super::varint::{take_difference, take_varint};
use super::{END, HEADER_BYTES, MAGIC, MARKS, NAMES, PARTIAL, ROWS, SERVICES, TraceColumns, VERSION};

/// Indexes of services have two bytes at most.
const SERVICES_MAX: usize = 65_536;

/// Why bytes are not the columns of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    /// Other bytes altogether.
    #[error("not trace columns: the first bytes are not TWC1")]
    Magic,
    /// Written by a newer server.
    #[error("trace columns have version {0}, this page reads version 1: reload the page")]
    Version(u16),
    /// The bytes end too early.
    #[error("trace columns end inside their {0}: load them again")]
    Truncated(&'static str),
    /// The bytes changed on the way.
    #[error("trace columns have a wrong checksum: load them again")]
    Checksum,
    /// The bytes contradict themselves.
    #[error("trace columns are damaged: {0}")]
    Damaged(&'static str),
}

use ColumnsError::{Damaged, Truncated};

impl TraceColumns {
    /// Reads what [`TraceColumns::encode`] wrote, of this version and of later additions to it.
    pub fn decode(bytes: &[u8]) -> Result<TraceColumns, ColumnsError> {
        let mut rest = Bytes(bytes);
        let (mut columns, counts) = header(&mut rest)?;
        loop {
            let tag = rest.take::<4>("section head")?[0];
            let length = rest.u32("section head")?;
            let mut body = Bytes(rest.slice(length as usize, "section")?);
            match tag {
                SERVICES => columns.services = words(&mut body, SERVICES_MAX)?,
                NAMES => columns.names = words(&mut body, u32::MAX as usize)?,
                ROWS => columns.take_group(&mut body)?,
                MARKS => columns.take_marks(&mut body)?,
                END => {
                    check_end(&columns, &mut body, bytes, rest.0)?;
                    break;
                }
                _ => {}
            }
        }
        if counts.rows as usize != columns.len() {
            return Err(Damaged("header and sections disagree about the number of rows"));
        }
        columns.check_forest()?;
        columns.check_rows(&counts)?;
        Ok(columns)
    }

    fn take_group(&mut self, body: &mut Bytes<'_>) -> Result<(), ColumnsError> {
        let first = body.u32("rows")? as usize;
        let count = body.u32("rows")? as usize;
        if first != self.len() {
            return Err(Damaged("a group of rows is missing or repeated"));
        }
        let mut previous = 0;
        take_column(body, count, &mut self.start, |bytes| {
            previous = take_difference(bytes, previous)?;
            Some(previous)
        })?;
        take_column(body, count, &mut self.duration, take_varint)?;
        let mut row = first as u64;
        take_column(body, count, &mut self.parent, |bytes| {
            let up = take_varint(bytes)?;
            let parent = if up == 0 { Some(TraceColumns::NO_PARENT) } else { u32::try_from(row.checked_sub(up)?).ok() };
            row += 1;
            parent
        })?;
        let mut previous = 0;
        take_column(body, count, &mut self.depth, |bytes| {
            previous = take_difference(bytes, previous)?;
            u16::try_from(previous).ok()
        })?;
        take_column(body, count, &mut self.subtree, |bytes| u32::try_from(take_varint(bytes)?).ok())?;
        let services = self.services.len();
        take_column(body, count, &mut self.service, |bytes| u16::try_from(take_index(bytes, services)?).ok())?;
        let names = self.names.len();
        take_column(body, count, &mut self.name, |bytes| take_index(bytes, names))?;
        take_column(body, count, &mut self.flags, |bytes| {
            let (flags, rest) = bytes.split_first()?;
            *bytes = rest;
            Some(*flags)
        })
    }

    fn take_marks(&mut self, body: &mut Bytes<'_>) -> Result<(), ColumnsError> {
        let count = take_varint(&mut body.0).ok_or(Truncated("marks"))?;
        if count > body.0.len() as u64 / 2 {
            return Err(Truncated("marks"));
        }
        let mut row = 0u32;
        for _ in 0..count {
            let delta = take_varint(&mut body.0).ok_or(Truncated("marks"))?;
            row = u32::try_from(delta)
                .ok()
                .and_then(|delta| row.checked_add(delta))
                .ok_or(Damaged("a mark is beyond all rows"))?;
            self.marks.push((row, body.take::<1>("marks")?[0]));
        }
        Ok(())
    }

    /// Rows are in depth-first order: each parent is the innermost row whose subtree is still open, and subtrees nest.
    fn check_forest(&self) -> Result<(), ColumnsError> {
        let rows = self.len() as u64;
        // (row, first row after its subtree), innermost last.
        let mut open: Vec<(u32, u64)> = Vec::new();
        for row in 0..self.len() {
            while open.last().is_some_and(|(_, end)| *end <= row as u64) {
                open.pop();
            }
            let (parent, parent_end, depth) = match open.last() {
                Some((parent, end)) => (*parent, *end, self.depth[*parent as usize].saturating_add(1)),
                None => (TraceColumns::NO_PARENT, rows, 0),
            };
            if self.parent[row] != parent {
                return Err(Damaged("a row does not stand below its parent"));
            }
            if self.depth[row] != depth {
                return Err(Damaged("a row is not one deeper than its parent"));
            }
            let end = row as u64 + 1 + u64::from(self.subtree[row]);
            if end > parent_end {
                return Err(Damaged("a subtree ends after the one around it"));
            }
            open.push((row as u32, end));
        }
        Ok(())
    }

    fn check_rows(&self, counts: &Counts) -> Result<(), ColumnsError> {
        if self.t0.checked_add(self.extent).is_none() {
            return Err(Damaged("the trace ends after the end of time"));
        }
        let inside =
            |(start, duration): (&u64, &u64)| start.checked_add(*duration).is_some_and(|end| end <= self.extent);
        if !self.start.iter().zip(&self.duration).all(inside) {
            return Err(Damaged("a span ends after the trace"));
        }
        if self.service.iter().any(|index| usize::from(*index) >= self.services.len()) {
            return Err(Damaged("a row has an unknown service"));
        }
        if self.name.iter().any(|index| *index as usize >= self.names.len()) {
            return Err(Damaged("a row has an unknown name"));
        }
        if self.marks.last().is_some_and(|(row, _)| *row as usize >= self.len()) {
            return Err(Damaged("a mark is beyond all rows"));
        }
        let errors = self.flags.iter().filter(|flags| *flags & TraceColumns::ERROR != 0).count();
        if errors != counts.errors as usize {
            return Err(Damaged("header and rows disagree about the number of errors"));
        }
        Ok(())
    }
}

/// What the header promises about the rows.
struct Counts {
    rows: u32,
    errors: u32,
}

fn header(rest: &mut Bytes<'_>) -> Result<(TraceColumns, Counts), ColumnsError> {
    if rest.take::<4>("header")? != MAGIC {
        return Err(ColumnsError::Magic);
    }
    let version = u16::from_le_bytes(rest.take("header")?);
    if version != VERSION {
        return Err(ColumnsError::Version(version));
    }
    let mut header = Bytes(rest.slice(HEADER_BYTES - 6, "header")?);
    let flags = u16::from_le_bytes(header.take("header")?);
    let mut columns = TraceColumns {
        trace_id: header.take("header")?,
        sequence: header.u64("header")?,
        t0: header.u64("header")?,
        extent: header.u64("header")?,
        complete: flags & PARTIAL == 0,
        ..TraceColumns::default()
    };
    let counts = Counts { rows: header.u32("header")?, errors: header.u32("header")? };
    columns.errors = counts.errors;
    // Rows per group and greatest depth help a reader that streams; this one has all bytes.
    Ok((columns, counts))
}

fn check_end(columns: &TraceColumns, body: &mut Bytes<'_>, all: &[u8], after: &[u8]) -> Result<(), ColumnsError> {
    if body.u32("end")? as usize != columns.len() {
        return Err(Damaged("a group of rows is missing or repeated"));
    }
    let summed = all.len() - after.len() - body.0.len();
    if body.u32("end")? != crc32c::crc32c(&all[..summed]) {
        return Err(ColumnsError::Checksum);
    }
    if !after.is_empty() || !body.0.is_empty() {
        return Err(Damaged("bytes follow the end"));
    }
    Ok(())
}

fn words(body: &mut Bytes<'_>, words_max: usize) -> Result<Vec<String>, ColumnsError> {
    let count = take_varint(&mut body.0).ok_or(Truncated("dictionary"))?;
    if count > body.0.len().min(words_max) as u64 {
        return Err(Truncated("dictionary"));
    }
    let mut words = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let length = take_varint(&mut body.0).ok_or(Truncated("dictionary"))?;
        let length = usize::try_from(length).map_err(|_e| Truncated("dictionary"))?;
        let word = str::from_utf8(body.slice(length, "dictionary")?).map_err(|_e| Damaged("a word is not UTF-8"))?;
        words.push(word.to_owned());
    }
    Ok(words)
}

/// Reads one column of `count` values, which use up exactly its bytes.
fn take_column<T>(
    body: &mut Bytes<'_>,
    count: usize,
    values: &mut Vec<T>,
    mut take: impl FnMut(&mut &[u8]) -> Option<T>,
) -> Result<(), ColumnsError> {
    let length = body.u32("rows")? as usize;
    let mut column = body.slice(length, "rows")?;
    // Each value takes a byte at least.
    if count > column.len() {
        return Err(Truncated("rows"));
    }
    values.reserve_exact(count);
    for _ in 0..count {
        values.push(take(&mut column).ok_or(Damaged("a value is out of range"))?);
    }
    if !column.is_empty() {
        return Err(Damaged("a column is longer than its rows"));
    }
    Ok(())
}

fn take_index(bytes: &mut &[u8], words: usize) -> Option<u32> {
    let width = index_bytes(words);
    let (index, rest) = bytes.split_at_checked(width)?;
    *bytes = rest;
    let mut padded = [0; 4];
    padded[..width].copy_from_slice(index);
    Some(u32::from_le_bytes(padded))
}

/// Bytes not yet read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn slice(&mut self, length: usize, part: &'static str) -> Result<&'a [u8], ColumnsError> {
        let (slice, rest) = self.0.split_at_checked(length).ok_or(Truncated(part))?;
        self.0 = rest;
        Ok(slice)
    }

    fn take<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], ColumnsError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Truncated(part))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32(&mut self, part: &'static str) -> Result<u32, ColumnsError> {
        self.take(part).map(u32::from_le_bytes)
    }

    fn u64(&mut self, part: &'static str) -> Result<u64, ColumnsError> {
        self.take(part).map(u64::from_le_bytes)
    }
}
