//! From the spans of a trace to its columns. Not here: bytes.

use std::collections::HashMap;

use model::{Span, SpanKind, Trace, TraceTree, UnixNanos, Value, Warning, Warnings};

use super::{Mark, TraceColumns};

/// Attribute of a link that keeps the type of an OpenTracing reference.
const REF_TYPE: &str = "opentracing.ref_type";
/// Name that services share which found no room in the dictionary.
const FURTHER_SERVICES: &str = "(further services)";

impl TraceColumns {
    /// The trace, arranged depth first. `sequence` names the state that was read, `complete` says whether all of it was.
    pub fn of(trace: &Trace, sequence: u64, complete: bool) -> TraceColumns {
        let spans = trace.spans();
        let tree = TraceTree::build(spans);
        let t0 = spans.iter().map(|span| span.start).min().unwrap_or_default();
        let mut columns =
            TraceColumns { trace_id: *trace.id.bytes(), sequence, t0: t0.0, complete, ..TraceColumns::default() };
        columns.reserve(spans.len());
        let mut services = Dictionary::default();
        let mut names = Dictionary::default();
        for (row, place) in (0u32..).zip(tree.rows()) {
            let span = &spans[place.span as usize];
            columns.push_times(span, t0);
            columns.parent.push(place.parent.unwrap_or(TraceColumns::NO_PARENT));
            columns.depth.push(u16::try_from(place.depth).unwrap_or(u16::MAX));
            columns.subtree.push(place.subtree);
            columns.service.push(services.service_index(span.service()));
            columns.name.push(names.index(&span.name));
            columns.errors += u32::from(span.is_error());
            let marked = columns.marks.len();
            columns.marks.extend(marks(span, place.warnings).into_iter().map(|mark| (row, mark as u8)));
            columns.flags.push(flags(span, columns.marks.len() > marked));
        }
        columns.services = services.words;
        columns.names = names.words;
        columns
    }

    fn push_times(&mut self, span: &Span, t0: UnixNanos) {
        let (start, duration) = (span.start.since(t0).0, span.duration().0);
        self.start.push(start);
        self.duration.push(duration);
        self.extent = self.extent.max(start.saturating_add(duration));
    }

    fn reserve(&mut self, rows: usize) {
        self.start.reserve_exact(rows);
        self.duration.reserve_exact(rows);
        self.parent.reserve_exact(rows);
        self.depth.reserve_exact(rows);
        self.subtree.reserve_exact(rows);
        self.service.reserve_exact(rows);
        self.name.reserve_exact(rows);
        self.flags.reserve_exact(rows);
    }
}

fn flags(span: &Span, marked: bool) -> u8 {
    let on = |condition: bool, bit: u8| if condition { bit } else { 0 };
    let kind = match span.kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    };
    kind | on(span.is_error(), TraceColumns::ERROR)
        | on(!span.events.is_empty(), TraceColumns::EVENTS)
        | on(!span.links.is_empty(), TraceColumns::LINKS)
        | on(marked, TraceColumns::MARK)
}

/// Ascending by code.
fn marks(span: &Span, noticed_while_arranging: Warnings) -> Vec<Mark> {
    let warnings = Warnings::from_bits(span.warnings.bits() | noticed_while_arranging.bits());
    let mut marks: Vec<Mark> = warnings.iter().filter_map(mark_from_warning).collect();
    if follows_from(span) {
        marks.push(Mark::FollowsFrom);
    }
    marks.sort_unstable();
    marks
}

/// What concerns the place of a bar; the rest is told in the details of the span.
fn mark_from_warning(warning: Warning) -> Option<Mark> {
    match warning {
        Warning::ParentMissing => Some(Mark::ParentMissing),
        Warning::StartMissing => Some(Mark::ClockAdjusted),
        Warning::EndBeforeStart => Some(Mark::EndBeforeStart),
        Warning::DuplicateId => Some(Mark::DuplicateId),
        // The same two rows are marked for their id.
        Warning::Conflict => None,
        Warning::CycleCut => Some(Mark::CycleCut),
        Warning::EndMissing => Some(Mark::NoEndYet),
        Warning::StartInFuture => Some(Mark::ClockAhead),
        Warning::StartLongAgo => Some(Mark::ClockBehind),
        Warning::InvalidUtf8 | Warning::ValueCut | Warning::ListCut | Warning::NestingCut | Warning::Salvaged => None,
    }
}

/// Whether the reference that became the parent was a FollowsFrom.
fn follows_from(span: &Span) -> bool {
    span.links.iter().any(|link| {
        link.trace_id == span.trace_id
            && Some(link.span_id) == span.parent_span_id
            && matches!(link.attributes.get(REF_TYPE), Some(Value::String(text)) if text == "follows_from")
    })
}

/// Words by first use.
#[derive(Default)]
struct Dictionary<'a> {
    words: Vec<String>,
    known: HashMap<&'a str, u32>,
}

impl<'a> Dictionary<'a> {
    fn index(&mut self, word: &'a str) -> u32 {
        *self.known.entry(word).or_insert_with(|| {
            self.words.push(word.to_owned());
            self.words.len() as u32 - 1
        })
    }

    /// A row has two bytes for its service; what does not fit shares the last place.
    fn service_index(&mut self, service: &'a str) -> u16 {
        let known = self.known.contains_key(service);
        let word = if known || self.words.len() < usize::from(u16::MAX) { service } else { FURTHER_SERVICES };
        u16::try_from(self.index(word)).expect("the dictionary ends with the shared place, number 65,535")
    }
}
