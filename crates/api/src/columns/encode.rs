//! Columns to bytes. Not here: reading them back.

use super::TraceColumns;
use super::varint::{put_difference, put_varint};
use super::{
    CLOCK_ADJUSTED, END, GROUP_ROWS, HEADER_BYTES, MAGIC, MARKS, Mark, NAMES, PARTIAL, ROWS, SERVICES, VERSION,
};

/// Worst-case data measured about nine bytes.
const ROW_BYTES_EXPECTED: usize = 12;

impl TraceColumns {
    /// The bytes of `columns v1`.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.len() * ROW_BYTES_EXPECTED);
        self.put_header(&mut bytes);
        put_section(&mut bytes, SERVICES, |body| put_words(body, &self.services));
        put_section(&mut bytes, NAMES, |body| put_words(body, &self.names));
        for first in (0..self.len()).step_by(GROUP_ROWS) {
            put_section(&mut bytes, ROWS, |body| self.put_group(body, first));
        }
        if !self.marks.is_empty() {
            put_section(&mut bytes, MARKS, |body| self.put_marks(body));
        }
        put_section(&mut bytes, END, |body| {
            body.extend(u32_of(self.len()).to_le_bytes());
            body.extend([0; 4]);
        });
        let summed = bytes.len() - 4;
        let sum = crc32c::crc32c(&bytes[..summed]);
        bytes[summed..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn put_header(&self, bytes: &mut Vec<u8>) {
        let adjusted = self.marks.iter().any(|(_, code)| *code == Mark::ClockAdjusted as u8);
        let flags = if self.complete { 0 } else { PARTIAL } | if adjusted { CLOCK_ADJUSTED } else { 0 };
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        bytes.extend(self.trace_id);
        bytes.extend(self.sequence.to_le_bytes());
        bytes.extend(self.t0.to_le_bytes());
        bytes.extend(self.extent.to_le_bytes());
        bytes.extend(u32_of(self.len()).to_le_bytes());
        bytes.extend(self.errors.to_le_bytes());
        bytes.extend(u32_of(GROUP_ROWS).to_le_bytes());
        bytes.extend(self.depth.iter().copied().max().unwrap_or(0).to_le_bytes());
        bytes.extend([0; 2]);
        assert_eq!(bytes.len(), HEADER_BYTES, "the header has a fixed length");
    }

    fn put_group(&self, body: &mut Vec<u8>, first: usize) {
        let rows = first..self.len().min(first + GROUP_ROWS);
        body.extend(u32_of(first).to_le_bytes());
        body.extend(u32_of(rows.len()).to_le_bytes());
        put_column(body, |column| {
            let mut previous = 0;
            for start in &self.start[rows.clone()] {
                put_difference(column, *start, previous);
                previous = *start;
            }
        });
        put_column(body, |column| self.duration[rows.clone()].iter().for_each(|ns| put_varint(column, *ns)));
        put_column(body, |column| {
            for row in rows.clone() {
                let up = if self.parent[row] == TraceColumns::NO_PARENT {
                    0
                } else {
                    row as u64 - u64::from(self.parent[row])
                };
                put_varint(column, up);
            }
        });
        put_column(body, |column| {
            let mut previous = 0;
            for depth in &self.depth[rows.clone()] {
                put_difference(column, u64::from(*depth), previous);
                previous = u64::from(*depth);
            }
        });
        put_column(body, |column| self.subtree[rows.clone()].iter().for_each(|n| put_varint(column, u64::from(*n))));
        put_column(body, |column| {
            for service in &self.service[rows.clone()] {
                put_index(column, u32::from(*service), self.services.len());
            }
        });
        put_column(body, |column| {
            for name in &self.name[rows.clone()] {
                put_index(column, *name, self.names.len());
            }
        });
        put_column(body, |column| column.extend(&self.flags[rows.clone()]));
    }

    fn put_marks(&self, body: &mut Vec<u8>) {
        put_varint(body, self.marks.len() as u64);
        let mut previous = 0;
        for (row, code) in &self.marks {
            put_varint(body, u64::from(row - previous));
            body.push(*code);
            previous = *row;
        }
    }
}

fn put_section(bytes: &mut Vec<u8>, tag: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    bytes.extend([tag, 0, 0, 0]);
    put_column(bytes, fill);
}

/// `fill`'s bytes behind their length.
fn put_column(bytes: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let at = bytes.len();
    bytes.extend([0; 4]);
    fill(bytes);
    let length = u32_of(bytes.len() - at - 4);
    bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

fn put_words(body: &mut Vec<u8>, words: &[String]) {
    put_varint(body, words.len() as u64);
    for word in words {
        put_varint(body, word.len() as u64);
        body.extend(word.as_bytes());
    }
}

fn put_index(column: &mut Vec<u8>, index: u32, words: usize) {
    column.extend(&index.to_le_bytes()[..index_bytes(words)]);
}

/// Bytes of an index into a dictionary of `words`.
pub(super) fn index_bytes(words: usize) -> usize {
    match words {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

fn u32_of(count: usize) -> u32 {
    u32::try_from(count).expect("a trace in memory has fewer than 2^32 rows and bytes per section")
}
