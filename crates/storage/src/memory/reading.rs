//! Answers of the in-memory store, each by a scan over everything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::batch::AttributeView;
use model::{RedCell, Span, TimeRange, Trace, TraceId, TraceSummary};

use super::{MemoryStore, State, StoredSpan, matching};
use crate::BoxFuture;
use crate::capabilities::SearchCapabilities;
use crate::condition::Field;
use crate::error::StorageError;
use crate::names::{AttributeValue, AttributesWanted, Names, NamesQuery, OperationName, ServiceName, ValueKind};
use crate::query::{Answer, Completeness, TraceList, TraceQuery};
use crate::read::{StoredTrace, TraceReader};
use crate::rollup::{EdgeSeries, EdgesQuery, RedPoint, RedQuery, RedSeries};

impl TraceReader for MemoryStore {
    fn capabilities(&self) -> SearchCapabilities {
        SearchCapabilities {
            exact_counts: true,
            order_by_duration: true,
            attributes: true,
            read_your_writes: true,
            deduplication: true,
        }
    }

    fn trace(
        &self,
        id: TraceId,
        _hint: Option<TimeRange>,
    ) -> BoxFuture<'_, Result<Answer<Option<StoredTrace>>, StorageError>> {
        Box::pin(async move { Ok(self.state().trace(id)) })
    }

    fn search(&self, query: TraceQuery) -> BoxFuture<'_, Result<Answer<TraceList>, StorageError>> {
        Box::pin(async move { Ok(self.state().search(&query)) })
    }

    fn red(&self, query: RedQuery) -> BoxFuture<'_, Result<Answer<Vec<RedSeries>>, StorageError>> {
        Box::pin(async move { Ok(self.state().red(&query)) })
    }

    fn edges(&self, query: EdgesQuery) -> BoxFuture<'_, Result<Answer<Vec<EdgeSeries>>, StorageError>> {
        Box::pin(async move { Ok(self.state().edges(&query)) })
    }

    fn names(&self, query: NamesQuery) -> BoxFuture<'_, Result<Answer<Names>, StorageError>> {
        Box::pin(async move { Ok(self.state().names(&query)) })
    }
}

impl State {
    fn trace(&self, id: TraceId) -> Answer<Option<StoredTrace>> {
        let stored: &[StoredSpan] = self.traces.get(&id).map_or(&[], Vec::as_slice);
        let stored: Vec<&StoredSpan> = stored.iter().filter(|stored| !stored.is_replaced).collect();
        let sequence = stored.iter().map(|stored| stored.sequence).max().unwrap_or(0);
        let trace = Trace::new(id, stored.iter().map(|stored| stored.span.clone()).collect());
        self.answer(trace.map(|trace| StoredTrace { trace, sequence }), stored.len() as u64, self.watermark)
    }

    fn search(&self, query: &TraceQuery) -> Answer<TraceList> {
        let watermark = query.after.map_or(self.watermark, |after| after.watermark.min(self.watermark));
        let mut found: Vec<TraceSummary> = Vec::new();
        for stored in self.traces.values() {
            let spans: Vec<&Span> =
                stored.iter().filter(|stored| stored.is_seen(watermark)).map(|stored| &stored.span).collect();
            found.extend(matching_summary(query, &spans));
        }
        found.sort_by_key(|summary| (Reverse(query.order.key(summary.start, summary.duration())), summary.trace_id));
        let matched = found.len() as u64;
        self.answer(TraceList::page(found, query, watermark), matched, watermark)
    }

    fn red(&self, query: &RedQuery) -> Answer<Vec<RedSeries>> {
        let mut series: BTreeMap<(&str, Option<&str>), BTreeMap<_, RedCell>> = BTreeMap::new();
        let mut matched = 0;
        for span in self.every_span() {
            let Some(start) = query.point_of(span.start) else { continue };
            let skipped = query.service.as_ref().is_some_and(|service| service != span.service())
                || (query.entry_only && !span.is_entry());
            if skipped {
                continue;
            }
            matched += 1;
            let points = series.entry((span.service(), query.by_name.then_some(&span.name))).or_default();
            points.entry(start).or_default().add(span.duration(), span.is_error());
        }
        let series = series.into_iter().map(|((service, name), points)| RedSeries {
            service: service.to_owned(),
            name: name.map(str::to_owned),
            points: points.into_iter().map(|(start, cell)| RedPoint { start, cell }).collect(),
        });
        self.answer(series.collect(), matched, self.watermark)
    }

    fn names(&self, query: &NamesQuery) -> Answer<Names> {
        let (names, matched) = match query {
            NamesQuery::Services => {
                let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
                self.every_span().for_each(|span| *counts.entry(span.service()).or_default() += 1);
                let name = |(service, spans): (&str, u64)| ServiceName { service: service.to_owned(), spans };
                let names: Vec<_> = counts.into_iter().map(name).collect();
                let matched = names.len();
                (Names::Services(names), matched)
            }
            NamesQuery::Operations { service, kind } => {
                let mut counts: BTreeMap<_, u64> = BTreeMap::new();
                for span in self.every_span() {
                    let wanted = service.as_ref().is_none_or(|service| span.service() == service)
                        && kind.is_none_or(|kind| span.kind == kind);
                    if wanted {
                        *counts.entry((span.service(), span.name.as_str(), span.kind)).or_default() += 1;
                    }
                }
                let name = |((service, name, kind), spans): ((&str, &str, _), u64)| OperationName {
                    service: service.to_owned(),
                    name: name.to_owned(),
                    kind,
                    spans,
                };
                let names: Vec<_> = counts.into_iter().map(name).collect();
                let matched = names.len();
                (Names::Operations(names), matched)
            }
            NamesQuery::AttributeKeys(wanted) => {
                let keys = |span: &Span| -> BTreeSet<String> {
                    wanted.scope.lists(span).into_iter().flatten().map(|pair| pair.key.clone()).collect()
                };
                let (keys, matched) = self.attributes(wanted, keys, |key| key);
                (Names::AttributeKeys(keys), matched)
            }
            NamesQuery::AttributeValues { key, wanted } => {
                let field = Field::attribute(wanted.scope, key);
                let values = |span: &Span| field.values(span).into_iter().filter_map(value_of).collect();
                let (values, matched) = self.attributes(wanted, values, |value: &AttributeValue| &value.form);
                (Names::AttributeValues(values), matched)
            }
        };
        self.answer(names, matched as u64, self.watermark)
    }

    /// What `of_span` finds on the spans that are wanted, with the numbers of spans; and how many different ones there are.
    fn attributes<T: Ord>(
        &self,
        wanted: &AttributesWanted,
        of_span: impl Fn(&Span) -> BTreeSet<T>,
        text: impl Fn(&T) -> &String,
    ) -> (Vec<(T, u64)>, usize) {
        let mut counts: BTreeMap<T, u64> = BTreeMap::new();
        for span in self.every_span() {
            let is_wanted = wanted.range.contains(span.start)
                && wanted.service.as_ref().is_none_or(|service| span.service() == service);
            for name in of_span(span).into_iter().filter(|name| is_wanted && text(name).starts_with(&wanted.prefix)) {
                *counts.entry(name).or_default() += 1;
            }
        }
        let matched = counts.len();
        (wanted.arrange(counts.into_iter().collect()), matched)
    }

    /// Every span that counts: what is pending does when it has ended.
    pub(super) fn every_span(&self) -> impl Iterator<Item = &Span> {
        self.traces.values().flatten().map(|stored| &stored.span).filter(|span| !span.is_pending())
    }

    pub(super) fn answer<T>(&self, value: T, matched: u64, watermark: u64) -> Answer<T> {
        let completeness = Completeness { matched, scanned: self.spans, complete: true, watermark, reason: None };
        Answer { value, completeness }
    }
}

impl StoredSpan {
    fn is_seen(&self, watermark: u64) -> bool {
        self.sequence <= watermark && !self.is_replaced
    }
}

/// The summary of these spans of one trace, when the trace matches.
fn matching_summary(query: &TraceQuery, spans: &[&Span]) -> Option<TraceSummary> {
    spans.iter().find(|span| matching::span_meets(query, span))?;
    let (first, others) = spans.split_first()?;
    let mut summary = TraceSummary::of(first);
    others.iter().for_each(|span| summary.add(span));
    query.accepts_duration(summary.duration()).then_some(summary)
}

/// A value that can be asked for by value.
fn value_of(value: AttributeView<'_>) -> Option<AttributeValue> {
    let (form, kind) = match value {
        AttributeView::String(text) => (text.to_owned(), ValueKind::Text),
        AttributeView::Bool(value) => (value.to_string(), ValueKind::Bool),
        AttributeView::Int(value) => (value.to_string(), ValueKind::Int),
        AttributeView::Double(value) => (value.to_string(), ValueKind::Double),
        AttributeView::Empty | AttributeView::Other(_) => return None,
    };
    Some(AttributeValue { form, kind })
}
