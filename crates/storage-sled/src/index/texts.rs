//! Service and name of spans in memory, numbered or not. Not here: numbering them (`interner`).

use std::collections::VecDeque;

use super::{BatchSlot, Index, Interner, NO_NUMBER, SpanEntry};

/// Where texts are: most have a number, the others are read from the batch of their span.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(super) numbered: &'a Interner,
    pub(super) batches: &'a VecDeque<Option<BatchSlot>>,
    pub(super) batch_first: u32,
}

/// A text that a question asks for.
pub(crate) struct WantedText<'a> {
    texts: Texts<'a>,
    number: Option<u32>,
    text: &'a str,
}

// === impl Texts ===

impl<'a> Texts<'a> {
    pub(crate) fn service(&self, span: &SpanEntry) -> &'a str {
        self.numbered.text(span.service).unwrap_or_else(|| self.slot(span).batch.row(span.row as usize).service())
    }

    pub(crate) fn name(&self, span: &SpanEntry) -> &'a str {
        self.numbered.text(span.name).unwrap_or_else(|| self.slot(span).batch.row(span.row as usize).name())
    }

    fn slot(&self, span: &SpanEntry) -> &'a BatchSlot {
        let slot = self.batches.get(span.batch.wrapping_sub(self.batch_first) as usize).and_then(Option::as_ref);
        slot.expect("a span in memory is of a batch in memory")
    }
}

// === impl WantedText ===

impl WantedText<'_> {
    pub(crate) fn is_service(&self, span: &SpanEntry) -> bool {
        match span.service {
            NO_NUMBER => self.texts.service(span) == self.text,
            number => self.number == Some(number),
        }
    }

    pub(crate) fn is_name(&self, span: &SpanEntry) -> bool {
        match span.name {
            NO_NUMBER => self.texts.name(span) == self.text,
            number => self.number == Some(number),
        }
    }
}

// === impl Index ===

impl Index {
    pub(crate) fn texts(&self) -> Texts<'_> {
        Texts { numbered: &self.names, batches: &self.batches, batch_first: self.batch_first }
    }

    /// `None` when no span in memory has this text.
    pub(crate) fn wanted_text<'a>(&'a self, text: &'a str) -> Option<WantedText<'a>> {
        let number = self.names.find(text);
        let may_be_there = number.is_some() || self.generations.values().any(|generation| generation.texts.has_others);
        may_be_there.then(|| WantedText { texts: self.texts(), number, text })
    }
}
