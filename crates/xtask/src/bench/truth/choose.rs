//! Which questions are asked: drawn from the workload itself, so that they find something, and a few that must not.

use super::edges::edges;
use super::evaluate::{Evaluator, Pair, minutes_of};
use super::{Ask, Question, Search};
use crate::bench::random::Random;
use crate::bench::span::{Row, Spans};
use crate::bench::workload::Workload;

/// Stream of the seed from which questions are drawn.
const STREAM: u64 = 5;
/// Different questions of each name; more samples ask them again.
const VARIANTS: usize = 20;
/// The same for single traces, of which the server keeps those asked for last.
const TRACE_VARIANTS: usize = 200;
/// Recent and old traces are among the last and the first of so many parts.
const PARTS: u64 = 20;
const HOUR_MILLIS: u64 = 3_600_000;

/// What a trace question is about; the others are whole.
enum Chosen {
    Trace(Option<u32>),
    Search(Search),
}

/// All questions with their answers.
pub(in crate::bench) fn questions(workload: &dyn Workload, spans: &Spans, seed: u64, end_millis: u64) -> Vec<Question> {
    let mut chooser = Chooser { workload, spans, random: Random::new(seed, STREAM), end_millis };
    let mut chosen: Vec<(&str, Chosen)> = Vec::new();
    for _ in 0..TRACE_VARIANTS {
        chosen.extend(chooser.traces());
    }
    let largest = (0..spans.traces.len() as u32).max_by_key(|trace| spans.traces[*trace as usize].rows);
    chosen.push(("Q1 trace by id, largest", Chosen::Trace(largest)));
    chosen.push(("Q1 trace by id, absent", Chosen::Trace(None)));
    for _ in 0..VARIANTS {
        chosen.extend(chooser.searches().map(|(name, search)| (name, Chosen::Search(search))));
    }
    let pairs: Vec<Pair> = chosen
        .iter()
        .filter_map(|(_, chosen)| match chosen {
            Chosen::Search(search) => search.attribute.clone(),
            Chosen::Trace(_) => None,
        })
        .collect();
    let evaluator = Evaluator::new(workload, spans, &pairs);
    let mut questions: Vec<Question> =
        chosen.into_iter().map(|(name, chosen)| answered(&evaluator, spans, name, chosen)).collect();
    questions.extend([("Q8 RED of all services, 1 h", 1), ("Q8 RED of all services, 24 h", 24)].map(
        |(name, hours)| {
            let from_millis = end_millis.saturating_sub(hours * HOUR_MILLIS);
            let answer = evaluator.services(from_millis, end_millis);
            Question { name: name.to_owned(), ask: Ask::Services { from_millis, to_millis: end_millis, answer } }
        },
    ));
    let hours_of_edges = [("Q9 edges, 1 h", 1), ("Q9 edges, 24 h", 24)];
    questions.extend(hours_of_edges.into_iter().filter(|_| workload.has_few_nodes()).map(|(name, hours)| {
        let from_millis = end_millis.saturating_sub(hours * HOUR_MILLIS);
        let answer = edges(workload, spans, minutes_of(from_millis, end_millis));
        Question { name: name.to_owned(), ask: Ask::Edges { from_millis, to_millis: end_millis, answer } }
    }));
    questions.extend(workload.services().iter().take(VARIANTS).map(|service| {
        let answer = evaluator.operations(service);
        Question {
            name: "Q10 span names of a service".to_owned(),
            ask: Ask::Operations { service: service.clone(), answer },
        }
    }));
    questions
}

fn answered(evaluator: &Evaluator<'_>, spans: &Spans, name: &str, chosen: Chosen) -> Question {
    let ask = match chosen {
        Chosen::Trace(None) => Ask::Trace { id: format!("{:032x}", u128::MAX), answer: None },
        Chosen::Trace(Some(trace)) => {
            let id = format!("{:032x}", spans.traces[trace as usize].id);
            Ask::Trace { id, answer: Some(evaluator.trace(trace)) }
        }
        Chosen::Search(search) => {
            let answer = evaluator.search(&search);
            Ask::Search { search, answer }
        }
    };
    Question { name: name.to_owned(), ask }
}

struct Chooser<'a> {
    workload: &'a dyn Workload,
    spans: &'a Spans,
    random: Random,
    end_millis: u64,
}

impl Chooser<'_> {
    fn traces(&mut self) -> [(&'static str, Chosen); 2] {
        let traces = self.spans.traces.len() as u64;
        let part = traces.div_ceil(PARTS);
        let old = self.random.below(part);
        let recent = traces - 1 - self.random.below(part);
        [
            ("Q1 trace by id, recent", Chosen::Trace(Some(recent as u32))),
            ("Q1 trace by id, old", Chosen::Trace(Some(old as u32))),
        ]
    }

    fn searches(&mut self) -> [(&'static str, Search); 8] {
        let keys = self.workload.keys();
        let all = Search { to_millis: self.end_millis, ..Search::default() };
        let (row, other) = (self.row(), self.row());
        let service = self.service_of(&other);
        let named =
            Search { name: Some(self.workload.name(&row).to_owned()), service: self.service_of(&row), ..all.clone() };
        let (common_row, common) = self.row_with(keys.common);
        let (_, rare) = self.row_with(keys.rare);
        let in_service =
            Search { service: self.service_of(&common_row), attribute: Some(common.clone()), ..all.clone() };
        let middle = Search {
            from_millis: self.end_millis / 4,
            to_millis: self.end_millis - self.end_millis / 4,
            duration_min: Some(self.trace_duration()),
            longest_first: true,
            ..in_service.clone()
        };
        let hour_ago = self.end_millis.saturating_sub(HOUR_MILLIS);
        let absent = (keys.rare.to_owned(), "no such value".to_owned());
        [
            ("Q2 service, newest 20", Search { service, ..all.clone() }),
            ("Q3 service, name, minimum duration", Search { duration_min: Some(self.trace_duration()), ..named }),
            ("Q4 attribute in a service", in_service),
            ("Q5 attribute anywhere, common", Search { attribute: Some(common), ..all.clone() }),
            ("Q5 attribute anywhere, rare", Search { attribute: Some(rare), ..all.clone() }),
            ("Q5 attribute anywhere, absent", Search { attribute: Some(absent), ..all.clone() }),
            ("Q6 failed, last hour", Search { errors: true, from_millis: hour_ago, ..all }),
            ("Q7 service, attribute, duration, time; slowest 20", middle),
        ]
    }

    fn row(&mut self) -> Row {
        self.random.one_of(&self.spans.rows).clone()
    }

    fn service_of(&self, row: &Row) -> Option<String> {
        Some(self.workload.services()[usize::from(row.service)].clone())
    }

    /// A span that has the attribute, and its value.
    fn row_with(&mut self, key: &str) -> (Row, Pair) {
        loop {
            let row = self.row();
            let found = self.workload.attributes(&row).into_iter().find(|(name, _)| name == key);
            if let Some((_, value)) = found {
                let value = value.text().into_owned();
                return (row, (key.to_owned(), value));
            }
        }
    }

    /// The duration of some trace: half of all last longer, on average.
    fn trace_duration(&mut self) -> u64 {
        let rows = self.spans.of_trace(self.random.below(self.spans.traces.len() as u64) as u32);
        rows.iter().map(Row::end).max().unwrap_or_default() - rows[0].start
    }
}
