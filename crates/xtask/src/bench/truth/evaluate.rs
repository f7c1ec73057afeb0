//! Answers from what was generated, by lists of rows per service and per attribute. `tests` answers again from the bytes.

use std::collections::{BTreeMap, HashMap};

use super::{Listed, OperationAnswer, PAGE, Search, SearchAnswer, ServiceAnswer, TraceAnswer, span_hash};
use crate::bench::span::{Kind, Row, Spans};
use crate::bench::workload::Workload;

const MINUTE_NANOS: u64 = 60_000_000_000;
const MINUTE_MILLIS: u64 = 60_000;
const MILLI_NANOS: u64 = 1_000_000;

/// An attribute with a value.
pub(in crate::bench) type Pair = (String, String);

pub(in crate::bench) struct Evaluator<'a> {
    workload: &'a dyn Workload,
    spans: &'a Spans,
    by_service: Vec<Vec<u32>>,
    by_pair: BTreeMap<Pair, Vec<u32>>,
}

impl<'a> Evaluator<'a> {
    /// Only searches for these `pairs` can be answered later.
    pub(in crate::bench) fn new(workload: &'a dyn Workload, spans: &'a Spans, pairs: &[Pair]) -> Self {
        let mut by_service = vec![Vec::new(); workload.services().len()];
        for (index, row) in (0..).zip(&spans.rows) {
            by_service[usize::from(row.service)].push(index);
        }
        let by_pair = rows_by_pair(workload, spans, pairs);
        Self { workload, spans, by_service, by_pair }
    }

    pub(in crate::bench) fn search(&self, search: &Search) -> SearchAnswer {
        let service = search.service.as_ref().map(|name| self.service_number(name));
        let mut traces: Vec<u32> = Vec::new();
        let mut consider = |index: u32| {
            let row = &self.spans.rows[index as usize];
            if self.meets(row, search, service) {
                traces.push(row.trace);
            }
        };
        match (&search.attribute, service) {
            (Some(pair), _) => self.by_pair.get(pair).into_iter().flatten().for_each(|index| consider(*index)),
            (None, Some(service)) => self.by_service[usize::from(service)].iter().for_each(|index| consider(*index)),
            (None, None) => (0..self.spans.rows.len() as u32).for_each(consider),
        }
        traces.sort_unstable();
        traces.dedup();
        let long_enough = |listed: &Listed| search.duration_min.is_none_or(|min| listed.duration >= min);
        let mut found: Vec<Listed> = traces.into_iter().map(|trace| self.listed(trace)).filter(long_enough).collect();
        let key = |listed: &Listed| if search.longest_first { listed.duration } else { listed.start };
        // Ids are written with all their digits, so their text has their order.
        found.sort_by(|a, b| key(b).cmp(&key(a)).then_with(|| a.id.cmp(&b.id)));
        let matched = found.len() as u64;
        found.truncate(PAGE);
        SearchAnswer { matched, first: found }
    }

    pub(in crate::bench) fn trace(&self, trace: u32) -> TraceAnswer {
        let rows = self.spans.of_trace(trace);
        let hash = |row: &Row| {
            let parent = row.parent.map_or(0, |parent| self.spans.rows[parent as usize].span_id);
            span_hash(row.span_id, parent, row.start, row.end(), self.workload.name(row))
        };
        TraceAnswer {
            listed: self.listed(trace),
            root_service: self.workload.services()[usize::from(rows[0].service)].clone(),
            root_name: self.workload.name(&rows[0]).to_owned(),
            span_set: rows.iter().map(hash).fold(0, u64::wrapping_add),
        }
    }

    /// Of whole minutes.
    pub(in crate::bench) fn services(&self, from_millis: u64, to_millis: u64) -> Vec<ServiceAnswer> {
        let minutes = minutes_of(from_millis, to_millis);
        let services = self.workload.services().iter().zip(&self.by_service);
        let mut answers: Vec<ServiceAnswer> = services
            .map(|(name, rows)| {
                let rows = rows.iter().map(|index| &self.spans.rows[*index as usize]);
                self.service(name, rows.filter(|row| minutes.contains(&(row.start / MINUTE_NANOS))))
            })
            .filter(|answer| answer.spans > 0)
            .collect();
        answers.sort_by(|a, b| a.service.cmp(&b.service));
        answers
    }

    pub(in crate::bench) fn operations(&self, service: &str) -> Vec<OperationAnswer> {
        let mut counts: BTreeMap<(&str, Kind), u64> = BTreeMap::new();
        for index in &self.by_service[usize::from(self.service_number(service))] {
            let row = &self.spans.rows[*index as usize];
            *counts.entry((self.workload.name(row), self.workload.kind(row))).or_default() += 1;
        }
        let answer = |((name, kind), spans): ((&str, Kind), u64)| OperationAnswer {
            name: name.to_owned(),
            kind: kind.word().to_owned(),
            spans,
        };
        let mut answers: Vec<OperationAnswer> = counts.into_iter().map(answer).collect();
        answers.sort();
        answers
    }

    fn service(&self, name: &str, rows: impl Iterator<Item = &'a Row>) -> ServiceAnswer {
        let (mut spans, mut errors, mut request_errors) = (0, 0, 0);
        let mut durations = Vec::new();
        let mut minutes: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for row in rows {
            spans += 1;
            errors += u64::from(row.is_error);
            if row.parent.is_none() || self.workload.kind(row) == Kind::Server {
                request_errors += u64::from(row.is_error);
                durations.push(row.duration);
                let minute = minutes.entry(row.start / MINUTE_NANOS).or_default();
                minute.0 += 1;
                minute.1 += u64::from(row.is_error);
            }
        }
        durations.sort_unstable();
        ServiceAnswer {
            service: name.to_owned(),
            spans,
            errors,
            requests: durations.len() as u64,
            request_errors,
            quantiles: [500, 950, 990].map(|per_mille| crate::bench::percentile::of_sorted(&durations, per_mille)),
            minutes: minutes.into_iter().map(|(minute, (requests, errors))| (minute, requests, errors)).collect(),
        }
    }

    fn meets(&self, row: &Row, search: &Search, service: Option<u16>) -> bool {
        let range = search.from_millis * MILLI_NANOS..search.to_millis * MILLI_NANOS;
        range.contains(&row.start)
            && service.is_none_or(|service| row.service == service)
            && (!search.errors || row.is_error)
            && search.name.as_ref().is_none_or(|name| self.workload.name(row) == name)
    }

    fn listed(&self, trace: u32) -> Listed {
        let rows = self.spans.of_trace(trace);
        // Children start after their parent, so the root is the first.
        let start = rows[0].start;
        let end = rows.iter().map(Row::end).max().unwrap_or(start);
        Listed {
            id: format!("{:032x}", self.spans.traces[trace as usize].id),
            start,
            duration: end - start,
            spans: rows.len() as u64,
            errors: rows.iter().filter(|row| row.is_error).count() as u64,
        }
    }

    fn service_number(&self, name: &str) -> u16 {
        let place = self.workload.services().iter().position(|service| service == name);
        u16::try_from(place.expect("questions are asked about services of the workload")).expect("few services")
    }
}

/// The range, widened as the server does.
pub(super) fn minutes_of(from_millis: u64, to_millis: u64) -> std::ops::Range<u64> {
    from_millis / MINUTE_MILLIS..to_millis.div_ceil(MINUTE_MILLIS)
}

/// One pass over all attributes, for all pairs at once.
fn rows_by_pair(workload: &dyn Workload, spans: &Spans, pairs: &[Pair]) -> BTreeMap<Pair, Vec<u32>> {
    let mut wanted: HashMap<&str, HashMap<&str, Vec<u32>>> = HashMap::new();
    for (key, value) in pairs {
        wanted.entry(key).or_default().entry(value).or_default();
    }
    for (index, row) in (0..).zip(&spans.rows) {
        for (key, value) in workload.attributes(row) {
            let rows = wanted.get_mut(&*key).and_then(|values| values.get_mut(&*value.text()));
            rows.into_iter().for_each(|rows| rows.push(index));
        }
    }
    let take = |(key, value): &Pair| {
        let rows = wanted.get_mut(key.as_str())?.remove(value.as_str())?;
        Some(((key.clone(), value.clone()), rows))
    };
    pairs.iter().filter_map(take).collect()
}
