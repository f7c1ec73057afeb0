//! Counts whole batches into cells by minute, service, name and kind. Not here: how long cells are kept.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::{LatencyLog, NAME_OTHER, RedDetail, RedKey, WEIGHT_ONE, weight_of};
use crate::batch::{Dictionary, SpanBatch, StringId};
use crate::rollup::{RedCells, minute_of};
use crate::span::SpanKind;

/// Names that are told apart within a service; further ones are counted as [`NAME_OTHER`].
pub const NAMES_MAX: u32 = 2_000;

/// Cells a fold should hold at most, some 30 MB of them: whoever feeds it asks [`RedFold::is_full`] and takes them.
pub const RED_CELLS_MAX: usize = 65_536;

/// Cells in the making, by numbers instead of texts.
#[derive(Debug, Default)]
pub struct RedFold {
    texts: Dictionary,
    cell_places: HashMap<CellKey, u32, RandomState>,
    /// Beside each cell what its histogram is owed.
    cells: Vec<(RedDetail, LatencyLog)>,
    /// (service, name) seen, and how many names a service has.
    names: HashSet<(StringId, StringId), RandomState>,
    names_by_service: HashMap<StringId, u32, RandomState>,
    /// By text of the batch that is being counted: its number here.
    known: Vec<StringId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CellKey {
    service: StringId,
    name: StringId,
    minute: u32,
    kind: SpanKind,
    is_entry: bool,
}

/// A [`super::RedKey`] whose texts belong to the fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedName<'a> {
    /// Their service.
    pub service: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their kind.
    pub kind: SpanKind,
    /// Whether a service was asked to do them.
    pub is_entry: bool,
}

/// A text of the batch that was not met yet.
const NOT_KNOWN: StringId = StringId::MAX;

impl RedFold {
    /// No spans yet.
    pub fn new() -> RedFold {
        RedFold::default()
    }

    /// Counts every span of a batch once, in the minute of its start.
    pub fn add(&mut self, batch: &SpanBatch) {
        let columns = batch.columns();
        self.known.clear();
        self.known.resize(columns.strings.len(), NOT_KNOWN);
        let mut trace_state = (NOT_KNOWN, WEIGHT_ONE);
        for row in batch.rows() {
            let index = row.index();
            let service_here = columns.resources[row.resource_index()].service;
            let key = CellKey {
                service: self.number(service_here, row.service()),
                name: self.number(columns.name[index], row.name()),
                minute: minute_of(row.start()),
                kind: row.kind(),
                is_entry: row.is_entry(),
            };
            let state = columns.trace_state[index];
            if state != trace_state.0 {
                trace_state = (state, weight_of(&columns.strings[state as usize]));
            }
            let place = match self.cell_places.get(&key) {
                Some(place) => *place,
                None => self.new_place(key),
            };
            let (cell, log) = &mut self.cells[place as usize];
            cell.add_logged(row.trace_id(), row.duration(), row.is_error(), trace_state.1, log);
        }
    }

    /// How many cells it holds.
    pub fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// Whether it holds [`RED_CELLS_MAX`] cells or more: time to [`RedFold::take`] them.
    pub fn is_full(&self) -> bool {
        self.cells.len() >= RED_CELLS_MAX
    }

    /// What was counted since cells were last taken, with its minute, in no order.
    pub fn cells(&mut self) -> impl Iterator<Item = (RedName<'_>, u32, &RedDetail)> {
        self.settle();
        let fold = &*self;
        let text = |id: StringId| fold.texts.get(id).expect("the fold numbered it");
        fold.cell_places.iter().map(move |(key, place)| {
            let (service, name) = (text(key.service), text(key.name));
            let name = RedName { service, name, kind: key.kind, is_entry: key.is_entry };
            (name, key.minute, &fold.cells[*place as usize].0)
        })
    }

    /// All cells counted since the last time; nothing is kept.
    pub fn take(&mut self) -> RedCells {
        self.settle();
        let fold = std::mem::take(self);
        let text = |id: StringId| fold.texts.get(id).expect("the fold numbered it");
        let mut taken = RedCells::default();
        let mut cells = fold.cells;
        #[expect(clippy::iter_over_hash_type, reason = "each key once, into a sorted map")]
        for (key, place) in &fold.cell_places {
            let red_key = RedKey {
                service: text(key.service).into(),
                name: text(key.name).into(),
                kind: key.kind,
                is_entry: key.is_entry,
            };
            taken.add(red_key, key.minute, std::mem::take(&mut cells[*place as usize].0));
        }
        taken
    }

    fn settle(&mut self) {
        self.cells.iter_mut().for_each(|(cell, log)| log.settle(&mut cell.cell.durations));
    }

    fn number(&mut self, here: StringId, text: &str) -> StringId {
        let known = &mut self.known[here as usize];
        if *known == NOT_KNOWN {
            *known = self.texts.intern(text);
        }
        *known
    }

    /// Where a cell goes that is met for the first time, or the one that takes the names beyond the limit.
    fn new_place(&mut self, mut key: CellKey) -> u32 {
        if !self.names.contains(&(key.service, key.name)) {
            let names = self.names_by_service.entry(key.service).or_default();
            if *names < NAMES_MAX {
                *names += 1;
                self.names.insert((key.service, key.name));
            } else {
                key.name = self.texts.intern(NAME_OTHER);
            }
        }
        let next = u32::try_from(self.cells.len()).expect("a cell takes a hundred bytes: memory ends first");
        let place = *self.cell_places.entry(key).or_insert(next);
        if place == next {
            self.cells.push(Default::default());
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::batch::BatchBuilder;
    use crate::span::{Span, StatusCode};
    use crate::testing::{resource, span};
    use crate::time::UnixNanos;
    use proptest::prelude::*;

    fn batch(spans: &[Span]) -> SpanBatch {
        let mut builder = BatchBuilder::new();
        spans.iter().for_each(|span| builder.push(span));
        builder.finish().expect("tests count at least one span")
    }

    /// Counts span by span, with texts for keys.
    fn plain(spans: &[Span]) -> RedCells {
        let mut cells: BTreeMap<(RedKey, u32), RedDetail> = BTreeMap::new();
        for span in spans {
            let key = RedKey {
                service: span.service().into(),
                name: span.name.as_str().into(),
                kind: span.kind,
                is_entry: span.is_entry(),
            };
            let cell = cells.entry((key, minute_of(span.start))).or_default();
            cell.add(span.trace_id, span.duration(), span.is_error(), weight_of(&span.trace_state));
        }
        let mut rollup = RedCells::default();
        cells.into_iter().for_each(|((key, minute), cell)| rollup.add(key, minute, cell));
        rollup
    }

    prop_compose! {
        fn any_span()(
            id in 1u8..200, trace in 1u8..5, service in 0u8..3, name in 0u8..4, kind in 0i64..6, has_parent: bool,
            minute in 0u64..3, nanos in 0u64..1_000_000, is_error: bool, is_sampled: bool,
        ) -> Span {
            let mut span = span(trace, id, has_parent.then(|| crate::SpanId::new([9; 8]).expect("not zero")));
            span.resource = resource(&format!("service {service}"));
            span.name = format!("name {name}");
            span.kind = SpanKind::from_number(kind);
            span.start = UnixNanos(minute * 60_000_000_000 + nanos);
            span.end = UnixNanos(span.start.0 + nanos);
            span.status.code = if is_error { StatusCode::Error } else { StatusCode::Unset };
            span.trace_state = if is_sampled { "ot=th:8".to_owned() } else { String::new() };
            span
        }
    }

    proptest! {
        #[test]
        fn counting_batches_equals_counting_spans(batches in prop::collection::vec(prop::collection::vec(any_span(), 1..20), 1..5)) {
            let mut fold = RedFold::new();
            batches.iter().for_each(|spans| fold.add(&batch(spans)));
            let mut seen = RedCells::default();
            for (RedName { service, name, kind, is_entry }, minute, cell) in fold.cells() {
                let key = RedKey { service: service.into(), name: name.into(), kind, is_entry };
                seen.add(key, minute, cell.clone());
            }
            prop_assert_eq!(seen, plain(&batches.concat()));
            prop_assert_eq!(fold.take(), plain(&batches.concat()));
            prop_assert_eq!(fold.take(), RedCells::default(), "taken twice");
        }
    }

    #[test]
    fn names_beyond_the_limit_are_counted_together() {
        let mut fold = RedFold::new();
        let spans: Vec<Span> =
            (0..NAMES_MAX + 5).map(|number| Span { name: format!("GET /{number}"), ..span(1, 1, None) }).collect();
        fold.add(&batch(&spans));
        fold.add(&batch(&spans));
        let cells = fold.take();
        let calls =
            |name: &str| cells.iter().filter(|(key, ..)| &*key.name == name).map(|(.., cell)| cell.cell.calls).sum();
        let (other, first): (u64, u64) = (calls(NAME_OTHER), calls("GET /0"));
        assert_eq!((other, first, cells.len()), (10, 2, NAMES_MAX as usize + 1));
    }
}
