//! `columns v1`: a trace as arrays in depth-first order. Not here: compression and transport. The bytes are drawn in `docs/formats/columns.md`.

mod arrange;
mod decode;
mod encode;
mod varint;

#[cfg(test)]
mod tests;

pub use decode::ColumnsError;

/// One trace, row by row: row `n` of each array is one span. Rows are in depth-first order, siblings by start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceColumns {
    /// The trace.
    pub trace_id: [u8; 16],
    /// State of the trace; row numbers hold for this one only.
    pub sequence: u64,
    /// Earliest start, unix nanoseconds.
    pub t0: u64,
    /// Latest end minus `t0`, nanoseconds.
    pub extent: u64,
    /// Number of failed spans.
    pub errors: u32,
    /// Whether everything stored was read.
    pub complete: bool,
    /// Services, by first use.
    pub services: Vec<String>,
    /// Span names, by first use.
    pub names: Vec<String>,
    /// Nanoseconds from `t0`.
    pub start: Vec<u64>,
    /// Nanoseconds.
    pub duration: Vec<u64>,
    /// Row of the parent, [`TraceColumns::NO_PARENT`] for a root.
    pub parent: Vec<u32>,
    /// Number of ancestors.
    pub depth: Vec<u16>,
    /// Number of descendants.
    pub subtree: Vec<u32>,
    /// Index into `services`.
    pub service: Vec<u16>,
    /// Index into `names`.
    pub name: Vec<u32>,
    /// Bits 0-2 kind (OTLP's number), 3 error, 4 on critical path, 5 has events, 6 has links, 7 has a mark.
    pub flags: Vec<u8>,
    /// (row, code of a [`Mark`]), ascending; codes of a newer writer are kept.
    pub marks: Vec<(u32, u8)>,
}

/// What was noticed about a row. The number is part of the format, so it is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Mark {
    /// The parent was not received.
    ParentMissing = 1,
    /// The start is not what the client's clock said.
    ClockAdjusted = 2,
    /// The span ends before it starts; its duration counts as zero.
    EndBeforeStart = 3,
    /// Another span of the trace has the same id.
    DuplicateId = 4,
    /// The parents formed a circle, which was cut here.
    CycleCut = 5,
    /// No end was sent.
    NoEndYet = 6,
    /// The parent did not wait for it: an OpenTracing FollowsFrom reference.
    FollowsFrom = 7,
    /// It starts more than a day after it was received.
    ClockAhead = 8,
    /// It starts more than thirty days before it was received.
    ClockBehind = 9,
}

const MAGIC: [u8; 4] = *b"TWC1";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 64;
/// Rows per ROWS section.
const GROUP_ROWS: usize = 65_536;
/// Header flag: something stored was not read.
const PARTIAL: u16 = 1;
/// Header flag: the start of some span was adjusted.
const CLOCK_ADJUSTED: u16 = 8;
/// Section tags that this version writes; the others are skipped.
const SERVICES: u8 = 1;
const NAMES: u8 = 2;
const ROWS: u8 = 4;
const MARKS: u8 = 7;
const END: u8 = 255;

// === impl TraceColumns ===

impl TraceColumns {
    /// `Content-Type` of the bytes.
    pub const CONTENT_TYPE: &str = "application/vnd.tracewell.trace-columns; version=1";
    /// Parent of a root.
    pub const NO_PARENT: u32 = u32::MAX;
    /// Flag: failed.
    pub const ERROR: u8 = 1 << 3;
    /// Flag: held the trace up.
    pub const CRITICAL: u8 = 1 << 4;
    /// Flag: has events.
    pub const EVENTS: u8 = 1 << 5;
    /// Flag: has links.
    pub const LINKS: u8 = 1 << 6;
    /// Flag: has a mark.
    pub const MARK: u8 = 1 << 7;

    /// Marks of one row, ascending.
    pub fn marks_of(&self, row: u32) -> &[(u32, u8)] {
        let first = self.marks.partition_point(|(marked, _)| *marked < row);
        let count = self.marks[first..].partition_point(|(marked, _)| *marked == row);
        &self.marks[first..first + count]
    }

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }
}

// === impl Mark ===

impl Mark {
    /// Every mark, by ascending number.
    pub const ALL: [Mark; 9] = [
        Mark::ParentMissing,
        Mark::ClockAdjusted,
        Mark::EndBeforeStart,
        Mark::DuplicateId,
        Mark::CycleCut,
        Mark::NoEndYet,
        Mark::FollowsFrom,
        Mark::ClockAhead,
        Mark::ClockBehind,
    ];

    /// From its number; `None` for one of a newer writer.
    pub fn from_code(code: u8) -> Option<Mark> {
        Mark::ALL.into_iter().find(|mark| *mark as u8 == code)
    }
}
