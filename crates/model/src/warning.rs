//! What we noticed about a span, or changed in it. Kept with the span and shown to the reader.

/// One oddity. The number is stored, so it is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Warning {
    /// A text was not UTF-8; its bad bytes became U+FFFD.
    InvalidUtf8 = 0,
    /// The end precedes the start; the duration counts as zero.
    EndBeforeStart = 1,
    /// No start was sent; the time of receipt stands in for it.
    StartMissing = 2,
    /// The start is more than a day ahead of the time of receipt.
    StartInFuture = 3,
    /// No end was sent: the span may still be running. A finished span of the same identity takes its place.
    EndMissing = 4,
    /// A value was longer than the limit and was cut.
    ValueCut = 5,
    /// More attributes, events or links than the limit; the rest was counted and left out.
    ListCut = 6,
    /// A value was nested deeper than the limit; the rest was kept as text.
    NestingCut = 7,
    /// Another span of the trace has the same id and other content.
    DuplicateId = 8,
    /// The parent was not received.
    ParentMissing = 9,
    /// The parents formed a circle, which was cut here.
    CycleCut = 10,
    /// The span was read out of a request that was damaged elsewhere.
    Salvaged = 11,
    /// Another span of the trace has the same id, kind, service and start, and other content.
    Conflict = 12,
    /// The start is more than thirty days before the time of receipt.
    StartLongAgo = 13,
}

/// A set of warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Warnings(u32);

// === impl Warning ===

impl Warning {
    /// Every warning, by ascending number.
    pub const ALL: [Warning; 14] = [
        Warning::InvalidUtf8,
        Warning::EndBeforeStart,
        Warning::StartMissing,
        Warning::StartInFuture,
        Warning::EndMissing,
        Warning::ValueCut,
        Warning::ListCut,
        Warning::NestingCut,
        Warning::DuplicateId,
        Warning::ParentMissing,
        Warning::CycleCut,
        Warning::Salvaged,
        Warning::Conflict,
        Warning::StartLongAgo,
    ];

    /// One sentence for the reader, without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Warning::InvalidUtf8 => "a text was not valid UTF-8, its bad bytes are shown as \u{fffd}",
            Warning::EndBeforeStart => "the span ends before it starts, its duration counts as zero",
            Warning::StartMissing => "no start time was sent, the time of receipt stands in for it",
            Warning::StartInFuture => "the span starts more than a day after it was received",
            Warning::EndMissing => "no end time was sent, the span may still be running",
            Warning::ValueCut => "a value was longer than the limit and was cut",
            Warning::ListCut => "more attributes, events or links than the limit, the rest was left out",
            Warning::NestingCut => "a value was nested too deeply, the rest was kept as text",
            Warning::DuplicateId => "another span of this trace has the same id and other content",
            Warning::ParentMissing => "its parent was not received",
            Warning::CycleCut => "the parents form a circle, it was cut at this span",
            Warning::Salvaged => "the rest of its request was damaged",
            Warning::Conflict => "this span was reported twice with different content, both are kept",
            Warning::StartLongAgo => "the span starts more than thirty days before it was received",
        }
    }
}

// === impl Warnings ===

impl Warnings {
    /// No warning.
    pub const NONE: Warnings = Warnings(0);

    /// Adds `warning`.
    pub fn add(&mut self, warning: Warning) {
        self.0 |= 1 << warning as u8;
    }

    /// Adds all of `other`.
    pub fn join(&mut self, other: Warnings) {
        self.0 |= other.0;
    }

    /// Whether `warning` is in the set.
    pub fn has(&self, warning: Warning) -> bool {
        self.0 & (1 << warning as u8) != 0
    }

    /// The warnings in the set, by ascending number.
    pub fn iter(&self) -> impl Iterator<Item = Warning> + use<> {
        let set = *self;
        Warning::ALL.into_iter().filter(move |warning| set.has(*warning))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// The set as stored: bit `n` is the warning with number `n`.
    pub fn bits(&self) -> u32 {
        self.0
    }

    /// From the stored form; unknown bits are kept for a newer reader.
    pub fn from_bits(bits: u32) -> Warnings {
        Warnings(bits)
    }
}
