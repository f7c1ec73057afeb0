//! OTLP protobuf straight into columns: the bytes are walked once, borrowed, and no span is ever built.
//!
//! `proto` reads the same requests span by span and is what this must agree with; damaged requests are left to it.
//! Here: the request, its resources and scopes. Not here: a span (`walk/span`), texts and attributes (`walk/words`).

mod origin;
mod span;
mod words;

use std::collections::HashMap;
use std::hint::black_box;

use foldhash::fast::RandomState;
use model::batch::{AttributeCell, Columns};
use model::{Span, SpanBatch, Warnings};

use self::origin::{Known, Raw};
use self::words::Words;
use super::proto;
use crate::decoded::{DecodeError, DecodedBatch, Rejected};
use crate::limits::Limits;
use crate::protobuf::cursor::{Cursor, Damaged};

/// A span cannot be shorter: it has two ids.
const SPAN_BYTES_MIN: usize = 28;
/// Attributes of a usual span; room for as many is taken at the start.
const ATTRIBUTES_PER_SPAN: usize = 8;
/// A longer request would not fit into the cache beside the processor.
const TOUCH_BYTES_MAX: usize = 512 * 1024;
const CACHE_LINE_BYTES: usize = 64;
/// Bytes of a request for each text that is new in it, usually; room for as many is taken at the start.
const BYTES_PER_TEXT: usize = 192;

/// Reads an `ExportTraceServiceRequest`, or `TracesData`, which has the same form. No bytes are an empty request.
///
/// When the request is damaged, what can be read of it is, flagged `Salvaged`.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, DecodeError> {
    match walked(bytes, limits) {
        Ok(decoded) => Ok(decoded),
        Err(Damaged) => Ok(DecodedBatch::from(proto::decode(bytes, limits)?)),
    }
}

fn walked(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, Damaged> {
    touch(bytes);
    let rows_max = limits.spans_max.min(bytes.len() / SPAN_BYTES_MIN);
    let mut walk = Walk::new(bytes.len(), count_spans(bytes)?.min(rows_max), limits);
    walk.request(bytes)?;
    Ok(walk.finish())
}

/// Whether nothing is wrong with the structure of a request.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn is_whole(bytes: &[u8], limits: &Limits) -> bool {
    walked(bytes, limits).is_ok()
}

/// What has been read of a request.
struct Walk<'a> {
    words: Words<'a>,
    /// All but the texts and the values that are neither text nor number, which are in `words`.
    columns: Columns,
    /// Attributes of the span being read; those of its events go straight into the columns.
    pairs: Vec<AttributeCell>,
    rejected: Rejected,
    /// Spans beyond [`Limits::spans_max`].
    excess: u64,
    /// Numbers of resources by their bytes. A number that was forgotten since stays until it is overwritten.
    resource_numbers: HashMap<Raw<'a>, u32, RandomState>,
    scope_numbers: HashMap<Raw<'a>, u32, RandomState>,
    /// One for each resource in the columns.
    resources: Vec<Known<'a>>,
    scopes: Vec<Known<'a>>,
}

/// Who produced the spans that follow.
#[derive(Clone, Copy)]
struct Origin {
    resource: u32,
    scope: u32,
    /// Noted about either; every span of theirs carries it.
    warnings: Warnings,
}

/// How much there was at some point, to be able to forget what came after it.
struct Mark {
    rows: usize,
    strings: usize,
    others: usize,
    attributes: usize,
    events: usize,
    links: usize,
    resources: usize,
    scopes: usize,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    fn new(request_bytes: usize, rows: usize, limits: &'a Limits) -> Walk<'a> {
        Walk {
            words: Words::new(request_bytes, request_bytes / BYTES_PER_TEXT, limits),
            columns: columns_for(rows),
            pairs: Vec::new(),
            rejected: Rejected::default(),
            excess: 0,
            resource_numbers: HashMap::default(),
            scope_numbers: HashMap::default(),
            resources: Vec::new(),
            scopes: Vec::new(),
        }
    }

    fn request(&mut self, request: &'a [u8]) -> Result<(), Damaged> {
        let mut fields = Cursor::new(request);
        while let Some(tag) = fields.tag()? {
            if let Some(resource_spans) = message(&mut fields, tag, 1)? {
                self.resource_spans(resource_spans)?;
            }
        }
        Ok(())
    }

    fn resource_spans(&mut self, resource_spans: &'a [u8]) -> Result<(), Damaged> {
        let mark = self.mark();
        // The resource may follow the spans it produced, so it is looked for first.
        let (resource, warnings) = self.resource(resource_spans)?;
        let mut fields = Cursor::new(resource_spans);
        while let Some(tag) = fields.tag()? {
            if let Some(scope_spans) = message(&mut fields, tag, 2)? {
                self.scope_spans(scope_spans, resource, warnings)?;
            }
        }
        self.forget_unless_used(&mark);
        Ok(())
    }

    fn scope_spans(&mut self, scope_spans: &'a [u8], resource: u32, mut warnings: Warnings) -> Result<(), Damaged> {
        let mark = self.mark();
        let (scope, scope_warnings) = self.scope(scope_spans)?;
        warnings.join(scope_warnings);
        let origin = Origin { resource, scope, warnings };
        let mut fields = Cursor::new(scope_spans);
        while let Some(tag) = fields.tag()? {
            let Some(span) = message(&mut fields, tag, 2)? else { continue };
            if self.columns.trace_id.len() < self.words.intake.limits.spans_max {
                self.span(span, origin)?;
            } else {
                self.excess += 1;
            }
        }
        self.forget_unless_used(&mark);
        Ok(())
    }

    fn finish(mut self) -> DecodedBatch {
        let excess_reason = || format!("more than {} spans in one request", self.words.intake.limits.spans_max);
        if self.excess > 0 {
            self.rejected.add(&excess_reason(), self.excess);
        }
        if self.columns.trace_id.is_empty() {
            return DecodedBatch { batch: None, rejected: self.rejected };
        }
        (self.columns.strings, self.columns.others) = self.words.finish();
        // A batch stays in memory for minutes: what was taken too much for its largest part goes back.
        self.columns.attributes.shrink_to_fit();
        let batch = SpanBatch::from_columns(self.columns).expect("each index was handed out by the walk itself");
        DecodedBatch { batch: Some(batch), rejected: self.rejected }
    }

    fn mark(&self) -> Mark {
        Mark {
            rows: self.columns.trace_id.len(),
            strings: self.words.dictionary.len(),
            others: self.words.others.len(),
            attributes: self.columns.attributes.len(),
            events: self.columns.events.len(),
            links: self.columns.links.len(),
            resources: self.columns.resources.len(),
            scopes: self.columns.scopes.len(),
        }
    }

    /// Forgets what belongs to no span: a batch names no service that sent nothing.
    fn forget_unless_used(&mut self, mark: &Mark) {
        if self.columns.trace_id.len() == mark.rows {
            self.forget_since(mark);
        }
    }

    #[cold]
    fn forget_since(&mut self, mark: &Mark) {
        self.words.dictionary.truncate(mark.strings);
        self.words.others.truncate(mark.others);
        self.columns.attributes.truncate(mark.attributes);
        self.columns.events.truncate(mark.events);
        self.columns.links.truncate(mark.links);
        self.columns.resources.truncate(mark.resources);
        self.resources.truncate(mark.resources);
        self.columns.scopes.truncate(mark.scopes);
        self.scopes.truncate(mark.scopes);
    }

    /// Takes memory for an accepted span as `proto` does.
    fn charge_span(&mut self) {
        self.words.intake.charge(size_of::<Span>());
    }
}

/// The payload of a field when it has this number; another one is passed over. One that is no message there means that this is
/// no such request.
#[inline(always)]
fn message<'a>(fields: &mut Cursor<'a>, tag: u64, number: u64) -> Result<Option<&'a [u8]>, Damaged> {
    if tag >> 3 != number {
        return fields.skip(tag).map(|()| None);
    }
    if tag & 7 == 2 { fields.bytes().map(Some) } else { Err(Damaged) }
}

/// Brings a request near the processor. Counting its spans jumps from one to the next, where each jump would wait for memory
/// anew; here nothing waits for anything.
fn touch(request: &[u8]) {
    if request.len() <= TOUCH_BYTES_MAX {
        black_box(request.iter().step_by(CACHE_LINE_BYTES).fold(0, |sum: u8, byte| sum ^ byte));
    }
}

/// Spans in a request, whether they are good or not.
fn count_spans(request: &[u8]) -> Result<usize, Damaged> {
    let mut count = 0;
    let mut groups = Cursor::new(request);
    while let Some(tag) = groups.tag()? {
        let Some(resource_spans) = message(&mut groups, tag, 1)? else { continue };
        let mut groups = Cursor::new(resource_spans);
        while let Some(tag) = groups.tag()? {
            let Some(scope_spans) = message(&mut groups, tag, 2)? else { continue };
            let mut spans = Cursor::new(scope_spans);
            while let Some(tag) = spans.tag()? {
                count += usize::from(message(&mut spans, tag, 2)?.is_some());
            }
        }
    }
    Ok(count)
}

/// Columns with room for as many rows, so that they need not grow.
fn columns_for(rows: usize) -> Columns {
    Columns {
        attributes: Vec::with_capacity(rows * ATTRIBUTES_PER_SPAN),
        trace_id: Vec::with_capacity(rows),
        span_id: Vec::with_capacity(rows),
        parent_span_id: Vec::with_capacity(rows),
        start: Vec::with_capacity(rows),
        end: Vec::with_capacity(rows),
        name: Vec::with_capacity(rows),
        kind: Vec::with_capacity(rows),
        status_code: Vec::with_capacity(rows),
        status_message: Vec::with_capacity(rows),
        trace_state: Vec::with_capacity(rows),
        flags: Vec::with_capacity(rows),
        warnings: Vec::with_capacity(rows),
        resource: Vec::with_capacity(rows),
        scope: Vec::with_capacity(rows),
        span_attributes: Vec::with_capacity(rows),
        attributes_dropped: Vec::with_capacity(rows),
        span_events: Vec::with_capacity(rows),
        events_dropped: Vec::with_capacity(rows),
        span_links: Vec::with_capacity(rows),
        links_dropped: Vec::with_capacity(rows),
        ..Columns::default()
    }
}
