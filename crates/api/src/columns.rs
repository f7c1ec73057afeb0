//! `columns v1`: a trace as arrays in depth-first order. Not here: compression and transport.

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
    /// (row, code), ascending. 1 parent missing, 2 clock adjusted, 3 end before start, 4 duplicate id, 5 cycle cut, 6 no end yet, 7 parent by FollowsFrom.
    pub marks: Vec<(u32, u8)>,
}

impl TraceColumns {
    /// Parent of a root.
    pub const NO_PARENT: u32 = u32::MAX;
    /// Flag: failed.
    pub const ERROR: u8 = 1 << 3;
    /// Flag: has events.
    pub const EVENTS: u8 = 1 << 5;
    /// Flag: has links.
    pub const LINKS: u8 = 1 << 6;
    /// Flag: has a mark.
    pub const MARK: u8 = 1 << 7;

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }
}
