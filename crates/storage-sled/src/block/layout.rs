//! The numbers of sections and of the columns in them. They are stored, so none is ever reused.

/// A part of a block. The order of the numbers is the order in the block: what is read first lies first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Section {
    /// What is known of each row group.
    Zone = 1,
    /// Which traces may be in the block.
    Filter = 2,
    /// One line per trace.
    Trace = 3,
    /// Texts, resources, shapes.
    Dictionary = 4,
    /// Which row groups may hold a term.
    Term = 5,
    /// Counts and histograms, opaque here.
    Red = 6,
    /// Calls between services, opaque here.
    Edge = 7,
    /// Columns that scans read, column by column.
    Hot = 8,
    /// Everything else, row group by row group.
    Cold = 9,
}

/// Whose attributes a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the words of OpenTelemetry")]
pub enum Owner {
    Span = 0,
    Event = 1,
    Link = 2,
}

/// Columns of [`Section::Trace`].
pub(super) mod trace {
    pub(in crate::block) const ROWS: u32 = 0;
    pub(in crate::block) const START: u32 = 1;
    pub(in crate::block) const DURATION: u32 = 2;
    pub(in crate::block) const ROOT: u32 = 3;
    pub(in crate::block) const ERRORS: u32 = 4;
    pub(in crate::block) const WARNINGS: u32 = 5;
    // 6 is kept for the weight of a trace that stands for others; until it is written, each stands for itself.
    pub(in crate::block) const SERVICES: u32 = 7;
    /// The ids of the first [`IDS`] traces, then those of the next, and so on.
    pub(in crate::block) const ID: u32 = 16;
    /// Ids in one chunk: it fits into two pages.
    pub(in crate::block) const IDS: usize = 4_096;
}

/// Columns of [`Section::Dictionary`].
pub(super) mod dictionary {
    pub(in crate::block) const STRINGS: u32 = 0;
    pub(in crate::block) const TABLES: u32 = 1;
    /// Small dictionaries, together.
    pub(in crate::block) const BUNDLE: u32 = 2;
    /// The dictionary of attribute column n is this plus n.
    pub(in crate::block) const OF_COLUMN: u32 = 16;
}

/// Columns of [`Section::Term`].
pub(super) mod term {
    /// The first [`TERMS`] terms, then the next, and so on.
    pub(in crate::block) const INDEX: u32 = 0;
    pub(in crate::block) const TERMS: usize = 4_096;
    /// One filter for each equal part of the hashes of what is no term of the index.
    pub(in crate::block) const FILTER: u32 = 1 << 24;
    /// Hashes per filter, about: it fits into a page.
    pub(in crate::block) const FILTER_HASHES: usize = 32_768;
}

/// Columns of [`Section::Hot`].
pub(super) mod hot {
    pub(in crate::block) const SHAPE: u32 = 0;
    pub(in crate::block) const START: u32 = 1;
    pub(in crate::block) const DURATION: u32 = 2;
    /// Rows that end before they start, and by how much; absent when there is none.
    pub(in crate::block) const REVERSED: u32 = 3;
    pub(in crate::block) const PARENT: u32 = 4;
    /// Steps up that do not fit into a byte; absent when there is none.
    pub(in crate::block) const PARENT_STEPS: u32 = 5;
    /// Ids of parents outside the row group; absent when there is none.
    pub(in crate::block) const PARENT_ID: u32 = 6;
}

/// Columns of [`Section::Cold`].
pub(super) mod cold {
    pub(in crate::block) const SPAN_ID: u32 = 0;
    /// Small columns, together.
    pub(in crate::block) const BUNDLE: u32 = 1;
    pub(in crate::block) const EVENT_SHAPE: u32 = 2;
    pub(in crate::block) const EVENT_TIME: u32 = 3;
    pub(in crate::block) const LINK_SHAPE: u32 = 4;
    pub(in crate::block) const LINK_TRACE_ID: u32 = 5;
    pub(in crate::block) const LINK_SPAN_ID: u32 = 6;
    /// Attribute column n is this plus n.
    pub(in crate::block) const ATTRIBUTE: u32 = 16;
}

/// Values of [`hot::PARENT`].
pub(super) mod parent {
    /// Up to here: so many steps up from the row before; none means the row before itself.
    pub(in crate::block) const STEPS_MAX: u8 = 252;
    pub(in crate::block) const STEPS_FAR: u8 = 253;
    pub(in crate::block) const ELSEWHERE: u8 = 254;
    pub(in crate::block) const NONE: u8 = 255;
}

// === impl Section ===

impl Section {
    pub(super) fn from_number(number: u64) -> Option<Section> {
        Some(match number {
            1 => Section::Zone,
            2 => Section::Filter,
            3 => Section::Trace,
            4 => Section::Dictionary,
            5 => Section::Term,
            6 => Section::Red,
            7 => Section::Edge,
            8 => Section::Hot,
            9 => Section::Cold,
            _ => return None,
        })
    }

    /// For messages.
    pub(super) fn word(self) -> &'static str {
        match self {
            Section::Zone => "zones",
            Section::Filter => "trace filter",
            Section::Trace => "trace directory",
            Section::Dictionary => "dictionary",
            Section::Term => "term index",
            Section::Red => "rollups",
            Section::Edge => "edges",
            Section::Hot => "hot column",
            Section::Cold => "cold column",
        }
    }
}

// === impl Owner ===

impl Owner {
    pub(super) fn from_number(number: u8) -> Option<Owner> {
        [Owner::Span, Owner::Event, Owner::Link].into_iter().find(|owner| *owner as u8 == number)
    }
}
