//! A generated span as few numbers: its attributes are drawn anew from `draw` whenever they are needed,
//! so ten million spans fit in memory. Not here: how the numbers are drawn (`workload`).

use std::borrow::Cow;

/// All spans of a workload.
pub(super) struct Spans {
    /// Trace by trace, parents before children.
    pub(super) rows: Vec<Row>,
    pub(super) traces: Vec<TraceRow>,
}

#[derive(Clone, Debug)]
pub(super) struct TraceRow {
    pub(super) id: u128,
    pub(super) first: u32,
    pub(super) rows: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) trace: u32,
    /// The row of the parent.
    pub(super) parent: Option<u32>,
    pub(super) span_id: u64,
    /// Nanoseconds since the begin of the workload.
    pub(super) start: u64,
    pub(super) duration: u64,
    /// Seed of everything that is not here.
    pub(super) draw: u64,
    pub(super) service: u16,
    pub(super) operation: u16,
    pub(super) instance: u8,
    pub(super) is_error: bool,
}

/// OTLP's number of a span's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    Int(i64),
}

/// Keys with their values, in the order of sending.
pub(super) type Attributes<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

pub(super) struct Event<'a> {
    /// Nanoseconds after the start of its span.
    pub(super) after: u64,
    pub(super) name: &'a str,
    pub(super) attributes: Attributes<'a>,
}

impl Spans {
    pub(super) fn of_trace(&self, trace: u32) -> &[Row] {
        let trace = &self.traces[trace as usize];
        &self.rows[trace.first as usize..(trace.first + trace.rows) as usize]
    }
}

impl Row {
    pub(super) fn end(&self) -> u64 {
        self.start + self.duration
    }
}

impl Kind {
    /// The word of the server's API.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
        }
    }
}

impl Value<'_> {
    /// The form in which searches name a value.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Int(number) => Cow::Owned(number.to_string()),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).expect("drawn numbers are far below 63 bits"))
    }
}
