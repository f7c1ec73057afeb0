//! Asks the server every question of the truth, times the answers and judges them. Not here: what is right (`check`).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::check;
use super::http::{Client, Response, escaped};
use super::percentile::Percentiles;
use super::truth::{Ask, PAGE, Question, Search};

const API: &str = "/api/tracewell/v1";
const MILLI_NANOS: u64 = 1_000_000;
const MINUTE_MILLIS: u64 = 60_000;
/// Samples of one kind of question end after so long.
const KIND_TIME_MAX: Duration = Duration::from_secs(20);
/// As many edges as the server gives at once.
const EDGES_MAX: usize = 10_000;
/// Wrong answers of one kind that are told in full.
const WRONG_TOLD_MAX: usize = 2;

/// Where a workload lies in time on this server.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    /// Unix nanoseconds of the begin; whole minutes, so that minutes stay minutes.
    pub(super) begin: u64,
}

/// What one kind of question gave.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) samples: usize,
    pub(super) wrong: usize,
    /// Nanoseconds from the request to the last byte.
    pub(super) times: Percentiles,
}

/// Asks each kind `samples` times. Wrong answers are said at once.
pub(super) fn ask_all(
    client: &mut Client,
    questions: &mut dyn Iterator<Item = &Question>,
    placed: Placed,
    samples: usize,
) -> Result<Vec<Asked>> {
    let mut kinds: Vec<(&str, Vec<&Question>)> = Vec::new();
    for question in questions {
        match kinds.iter_mut().find(|(name, _)| *name == question.name) {
            Some((_, variants)) => variants.push(question),
            None => kinds.push((&question.name, vec![question])),
        }
    }
    kinds.into_iter().map(|(name, variants)| ask_kind(client, name, &variants, placed, samples)).collect()
}

fn ask_kind(client: &mut Client, name: &str, variants: &[&Question], placed: Placed, samples: usize) -> Result<Asked> {
    let mut times = Vec::with_capacity(samples);
    let mut wrong = 0;
    let begin = Instant::now();
    for (sample, question) in variants.iter().cycle().take(samples).enumerate() {
        let (time, judged) = ask(client, &question.ask, placed, sample < variants.len())?;
        times.push(u64::try_from(time.as_nanos())?);
        if let Err(error) = judged {
            wrong += 1;
            if wrong <= WRONG_TOLD_MAX {
                println!("WRONG: {name}: {error:#}");
            }
        }
        if begin.elapsed() > KIND_TIME_MAX {
            break;
        }
    }
    Ok(Asked { name: name.to_owned(), samples: times.len(), wrong, times: Percentiles::of(times) })
}

/// The time of one answer, and whether it was right. `is_new`: not asked before, so everything is looked at.
fn ask(client: &mut Client, ask: &Ask, placed: Placed, is_new: bool) -> Result<(Duration, Result<()>)> {
    let path = path(ask, placed);
    let begin = Instant::now();
    let answer = client.get(&path).with_context(|| format!("no answer to {path}"))?;
    let time = begin.elapsed();
    Ok((time, judge(client, ask, &answer, placed, is_new).with_context(|| path)))
}

fn path(ask: &Ask, placed: Placed) -> String {
    let millis = |relative: u64| placed.begin / MILLI_NANOS + relative;
    match ask {
        Ask::Trace { id, .. } => format!("{API}/traces/{id}"),
        Ask::Operations { service, .. } => format!("{API}/operations?service={}", escaped(service)),
        Ask::Services { from_millis, to_millis, .. } => {
            format!("{API}/services?from={}&to={}", millis(*from_millis), millis(*to_millis))
        }
        Ask::Edges { from_millis, to_millis, .. } => {
            format!("{API}/edges?limit={EDGES_MAX}&from={}&to={}", millis(*from_millis), millis(*to_millis))
        }
        Ask::Search { search, .. } => search_path(search, millis(search.from_millis), millis(search.to_millis)),
    }
}

fn search_path(search: &Search, from: u64, to: u64) -> String {
    let mut path = format!("{API}/traces?from={from}&to={to}&limit={PAGE}");
    let mut add = |name: &str, value: &str| path += &format!("&{name}={}", escaped(value));
    for (name, value) in [("service", &search.service), ("name", &search.name)] {
        value.iter().for_each(|value| add(name, value));
    }
    if let Some((key, value)) = &search.attribute {
        add("attributes", &format!("{key}=\"{value}\""));
    }
    if let Some(nanos) = search.duration_min {
        add("min", &format!("{nanos}ns"));
    }
    if search.errors {
        add("errors", "true");
    }
    if search.longest_first {
        add("order", "longest");
    }
    path
}

fn judge(client: &mut Client, ask: &Ask, answer: &Response, placed: Placed, is_new: bool) -> Result<()> {
    if let Ask::Trace { answer: None, .. } = ask {
        ensure!(answer.status == 404, "status {} for a trace that does not exist", answer.status);
        return Ok(());
    }
    ensure!(answer.status == 200, "status {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    let json: Value = serde_json::from_slice(&answer.body)?;
    match ask {
        Ask::Trace { answer: None, .. } => Ok(()),
        Ask::Trace { id, answer: Some(truth) } => {
            check::trace(&json, truth, placed.begin)?;
            if !is_new {
                return Ok(());
            }
            let spans = client.get(&format!("{API}/traces/{id}/otlp.json"))?;
            check::span_set(&serde_json::from_slice(&spans.body)?, truth, placed.begin)
        }
        Ask::Search { answer: truth, .. } => check::search(&json, truth, placed.begin),
        Ask::Services { from_millis, answer: truth, .. } => check::services(&json, truth, from_millis / MINUTE_MILLIS),
        Ask::Edges { answer: truth, .. } => check::edges(&json, truth),
        Ask::Operations { answer: truth, .. } => check::operations(&json, truth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_is_written_as_the_api_reads_it() {
        let search = Search {
            service: Some("cart".to_owned()),
            attribute: Some(("a.b".to_owned(), "c d".to_owned())),
            errors: true,
            duration_min: Some(1_500),
            longest_first: true,
            ..Search::default()
        };
        assert_eq!(
            search_path(&search, 5, 9),
            "/api/tracewell/v1/traces?from=5&to=9&limit=20&service=cart\
             &attributes=a.b%3D%22c%20d%22&min=1500ns&errors=true&order=longest"
        );
    }
}
