//! What a server must answer after a kill: each acknowledged trace once and equal, and counts that equal a recount.
//! Everything written since the last look is asked for, of what is older a sample, at the end all of it.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::answers;
use super::content::{BUCKETS, Content, MINUTES, SERVICES, SPANS};
use super::counts::Counts;
use super::ledger::{Ledger, State};
use super::life::Ready;
use crate::bench::http::{Client, escaped};
use crate::bench::random::Random;

const API: &str = "/api/tracewell/v1";
/// Older traces that are looked at again each time.
const SAMPLES: usize = 10;
/// Of the newest traces, those that are also searched for by an attribute that no other has.
const SEARCHED: usize = 5;
/// Retention drops in the order of writing, which differs from that of the numbers by no more than the writers that run
/// beside each other: after so many that are there, no older one is missing.
const PRESENT_IN_A_ROW: usize = 64;
const MINUTE_MILLIS: u64 = 60_000;
const MILLI_NANOS: u64 = 1_000_000;

/// What was seen so far.
pub(super) struct Verifier<'a> {
    content: Content,
    ledger: &'a Ledger,
    random: Random,
    /// Counts of the traces that are there.
    counts: Counts,
    present: BTreeSet<u64>,
    /// Numbers below were looked at, those that were not there stand in `absent`.
    seen_end: u64,
    absent: BTreeSet<u64>,
    /// Traces that were compared span by span.
    pub(super) compared: u64,
    /// Traces that retention has dropped.
    pub(super) dropped: u64,
    /// Requests without an answer that turned out to be stored, and not to be.
    pub(super) unknown: (u64, u64),
}

impl<'a> Verifier<'a> {
    pub(super) fn new(content: Content, ledger: &'a Ledger) -> Self {
        Self {
            content,
            ledger,
            random: Random::new(content.seed, 1),
            counts: Counts::new(),
            present: BTreeSet::new(),
            seen_end: 0,
            absent: BTreeSet::new(),
            compared: 0,
            dropped: 0,
            unknown: (0, 0),
        }
    }

    /// `retained`: whether retention ran since the last look.
    pub(super) fn look(&mut self, server: &Ready, retained: bool) -> Result<()> {
        let mut client = Client::new(server.http);
        if retained {
            self.forget_dropped(&mut client)?;
        }
        self.look_at_new(&mut client)?;
        for _sample in 0..SAMPLES.min(self.present.len()) {
            let place = usize::try_from(self.random.below(self.present.len() as u64))?;
            let number = *self.present.iter().nth(place).expect("below the length");
            ensure!(self.is_there(&mut client, number)?, "trace {number} is lost, it was there before");
        }
        self.compare_counts(&mut client)?;
        self.compare_searches(&mut client)
    }

    /// Compares everything that there is.
    pub(super) fn look_at_all(&mut self, server: &Ready) -> Result<()> {
        self.look(server, false)?;
        let mut client = Client::new(server.http);
        for number in self.present.clone() {
            ensure!(self.is_there(&mut client, number)?, "trace {number} is lost, it was there before");
        }
        Ok(())
    }

    fn forget_dropped(&mut self, client: &mut Client) -> Result<()> {
        let (mut in_a_row, dropped_before) = (0, self.dropped);
        for number in self.present.clone() {
            if self.is_there(client, number)? {
                in_a_row += 1;
                if in_a_row == PRESENT_IN_A_ROW {
                    return Ok(());
                }
                continue;
            }
            in_a_row = 0;
            self.present.remove(&number);
            self.counts.remove(&self.content, number);
            self.ledger.forget(number);
            self.dropped += 1;
        }
        // The newest partition is never dropped.
        ensure!(in_a_row > 0 || self.dropped == dropped_before, "retention has left nothing that was there before");
        Ok(())
    }

    fn look_at_new(&mut self, client: &mut Client) -> Result<()> {
        let again = std::mem::take(&mut self.absent);
        let new = self.ledger.from(self.seen_end);
        self.seen_end = self.ledger.issued();
        for number in again.into_iter().chain(new) {
            let state = self.ledger.state(number).context("it was issued")?;
            let is_there = self.is_there(client, number)?;
            match (state, is_there) {
                (State::Acknowledged, false) => bail!("trace {number} is lost, it was acknowledged"),
                (State::Refused, true) => bail!("trace {number} is there, though it was refused each time"),
                (State::Unknown, _) => {
                    self.unknown.0 += u64::from(is_there);
                    self.unknown.1 += u64::from(!is_there);
                }
                (State::Acknowledged, true) | (State::Refused, false) => {}
            }
            if is_there {
                self.present.insert(number);
                self.counts.add(&self.content, number);
            } else {
                self.absent.insert(number);
            }
        }
        Ok(())
    }

    /// Whether the trace is there; then it must be whole and equal.
    fn is_there(&mut self, client: &mut Client, number: u64) -> Result<bool> {
        let trace = format!("{:032x}", self.content.trace(number));
        let answer = client.get(&format!("{API}/traces/{trace}/otlp.json"))?;
        match answer.status {
            404 => Ok(false),
            200 => {
                self.compared += 1;
                let json = serde_json::from_slice(&answer.body)?;
                answers::spans(&json, &self.content, number).with_context(|| format!("trace {number}"))?;
                Ok(true)
            }
            status => bail!("trace {number} was answered with {status}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }

    fn compare_counts(&self, client: &mut Client) -> Result<()> {
        let status = json(client, &format!("{API}/status"))?;
        ensure!(status["quarantined"].as_array().is_some_and(Vec::is_empty), "set aside: {}", status["quarantined"]);
        let (got, right) = (status["spans"].as_u64(), self.present.len() as u64 * SPANS);
        ensure!(got == Some(right), "the server has {got:?} spans, right is {right}");
        let services = json(client, &format!("{API}/services?{}", self.range()))?;
        answers::services(&services, &self.counts)?;
        for (name, service) in SERVICES.iter().zip(&self.counts.services) {
            let operations = json(client, &format!("{API}/operations?service={name}"))?;
            answers::operations(&operations, service).with_context(|| format!("service {name}"))?;
        }
        Ok(())
    }

    fn compare_searches(&mut self, client: &mut Client) -> Result<()> {
        let service = self.random.one_of(&SERVICES);
        self.matched(client, &format!("service={service}"), self.present.len())?;
        let of_bucket = self.random.below(BUCKETS);
        let right = self.present.iter().filter(|number| **number % BUCKETS == of_bucket).count();
        let bucket = escaped(&format!("crash.bucket=\"{}\"", self.content.bucket(of_bucket)));
        self.matched(client, &format!("attributes={bucket}"), right)?;
        for number in self.present.iter().rev().take(SEARCHED) {
            let query = escaped(&format!("crash.number=\"{number}\""));
            let answer = self.matched(client, &format!("attributes={query}"), 1)?;
            let (got, right) = (&answer["traces"][0]["trace_id"], format!("{:032x}", self.content.trace(*number)));
            ensure!(*got == right.as_str(), "a search for trace {number} gives {got}, right is {right}");
        }
        Ok(())
    }

    fn matched(&self, client: &mut Client, query: &str, right: usize) -> Result<Value> {
        let answer = json(client, &format!("{API}/traces?{}&limit=1&{query}", self.range()))?;
        answers::complete(&answer)?;
        let got = answer["completeness"]["matched"].as_u64();
        ensure!(got == Some(right as u64), "{query} matches {got:?} traces, right is {right}");
        Ok(answer)
    }

    /// The times of all spans.
    fn range(&self) -> String {
        let from = self.content.begin / MILLI_NANOS;
        format!("from={from}&to={}", from + MINUTES * MINUTE_MILLIS)
    }
}

fn json(client: &mut Client, path: &str) -> Result<Value> {
    let answer = client.get(path).with_context(|| format!("no answer to {path}"))?;
    ensure!(
        answer.status == 200,
        "{path} was answered with {}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    serde_json::from_slice(&answer.body).with_context(|| path.to_owned())
}
