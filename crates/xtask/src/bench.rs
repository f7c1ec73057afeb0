//! `bench`: a seeded workload against a real server; every answer is checked against what was sent. This file says the order.

mod ask;
mod check;
mod compare;
mod corpus;
mod encode;
pub(crate) mod host;
pub(crate) mod http;
mod options;
pub(crate) mod percentile;
mod prepare;
mod probe;
mod proc;
pub(crate) mod protobuf;
mod quantile;
pub(crate) mod random;
mod report;
mod requests;
mod run;
mod send;
pub(crate) mod server;
mod span;
mod truth;
mod workload;

use anyhow::{Context, Result, ensure};

pub(crate) use self::options::Options;

use crate::bench::ask::{Asked, Placed, ask_all};
use crate::bench::corpus::Corpus;
use crate::bench::host::Host;
use crate::bench::http::Client;
use crate::bench::prepare::{Prepared, Wanted, prepare};
use crate::bench::report::Results;
use crate::bench::run::{Loaded, Sending};
use crate::bench::server::{Launch, Server, fresh_folder};
use crate::bench::truth::{Ask, Question, Truth};
use crate::build::{self, Flavour};
use crate::process::step;
use crate::workspace::Workspace;

/// Spans that are sent while the server is killed: such a part of the workload, of another seed.
const KILL_PART: usize = 10;
const KILL_SPANS_MIN: usize = 20_000;
/// Of each kind of question, to see that a kill changed no answer.
const SAMPLES_AFTER_KILL: usize = 20;

/// `Ok(false)` when an answer was wrong; everything has been said by then.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> Result<bool> {
    let folder = workspace.target.join("bench");
    let wanted = Wanted { name: options.name, spans: options.spans, seed: options.seed, is_gzip: options.is_gzip };
    let prepared = prepare(&folder, wanted)?;
    let for_kill = (options.spans / KILL_PART).max(KILL_SPANS_MIN);
    let more = prepare(&folder, Wanted { spans: for_kill, seed: options.seed.wrapping_add(1), ..wanted })?;

    // A folder of our own inside the one that was named: it is emptied, more than once.
    let data_dir = options.data_dir.as_ref().unwrap_or(&folder).join("bench-store");
    fresh_folder(&data_dir)?;
    let binary = match &options.binary {
        Some(path) => path.canonicalize().with_context(|| format!("no such binary: {}", path.display()))?,
        None => build::build(workspace, Flavour::Release)?,
    };
    let host = Host::look(workspace, &data_dir)?;
    println!("{}", host.line());
    let bench = Bench {
        options,
        truth: &prepared.truth,
        corpus: &prepared.corpus,
        more: &more,
        launch: Launch { binary, data_dir, flags: options.serve_flags.clone() },
        sending: Sending {
            connections: options.connections,
            rate: options.rate,
            is_gzip: options.is_gzip,
            settled_seconds: options.settled_seconds,
        },
        placed: run::place(host.now, prepared.truth.end_millis, options.is_gzip),
    };
    if let Some(other) = &options.against {
        let other = Launch { binary: other.clone(), ..bench.launch.clone() };
        println!("A: {}\nB: {}", bench.launch.binary.display(), other.binary.display());
        let table = compare::in_turns(options.rounds, || bench.flood(&bench.launch), || bench.flood(&other))?;
        println!("\n{table}");
        return Ok(true);
    }
    let results = bench.measure(host.line())?;
    fresh_folder(&bench.launch.data_dir)?;
    results.tell(&workspace.root.join("docs/benchmarks.md"))?;
    Ok(results.wrong_answers() == 0)
}

/// Everything that the phases share.
struct Bench<'a> {
    options: &'a Options,
    truth: &'a Truth,
    corpus: &'a Corpus,
    /// Sent while the server is killed.
    more: &'a Prepared,
    launch: Launch,
    sending: Sending,
    placed: Placed,
}

impl<'a> Bench<'a> {
    fn measure(&self, host: String) -> Result<Results<'a>> {
        // A limited rate says what an answer takes, an unlimited one what the machine can do: two runs, two stores.
        let flood = match self.options.rate {
            0 => None,
            _ => Some(step("load as fast as answered", || self.flood(&self.launch))?),
        };
        let server = self.launch.start()?;
        let loaded =
            step("load", || run::load(&server, &self.launch.data_dir, self.corpus, self.sending, self.placed))?;
        let (stored, right) = (server.spans()?, self.truth.spans + loaded.probes.len() as u64);
        ensure!(
            stored == right,
            "the server has {stored} spans, right is {right} with probes: no answer can be judged"
        );
        run::accounted(&server, &loaded)?;

        let questions = &self.truth.questions;
        let asked = step("questions", || self.ask(&server, &mut questions.iter(), self.options.queries))?;
        let rss_end = proc::memory(server.pid())?.now;
        let placed = run::place_before(self.placed, self.more.truth.end_millis, self.options.is_gzip);
        let (restarted, server) =
            step("restart", || run::restart(server, &self.launch, &self.more.corpus, self.sending, placed))?;
        let asked_after_kill = step("questions again", || {
            let mut still_right = questions.iter().filter(|question| holds_later(question, self.options.is_gzip));
            self.ask(&server, &mut still_right, SAMPLES_AFTER_KILL)
        })?;
        server.stop()?;
        let (options, truth) = (self.options, self.truth);
        Ok(Results { options, host, truth, flood, loaded, asked, asked_after_kill, restarted, rss_end })
    }

    /// As fast as answered, on a store of its own.
    fn flood(&self, launch: &Launch) -> Result<Loaded> {
        let server = launch.start()?;
        let sending = Sending { rate: 0, ..self.sending };
        let flooded = run::load(&server, &launch.data_dir, self.corpus, sending, self.placed)?;
        run::accounted(&server, &flooded)?;
        server.kill()?;
        fresh_folder(&launch.data_dir)?;
        Ok(flooded)
    }

    fn ask(
        &self,
        server: &Server,
        questions: &mut dyn Iterator<Item = &Question>,
        samples: usize,
    ) -> Result<Vec<Asked>> {
        ask_all(&mut Client::new(server.http), questions, self.placed, samples)
    }
}

/// Whether what was sent during the kill leaves the answer as it was: it lies before every range that is asked for,
/// but packed bodies cannot be moved, and span names are counted without a range.
fn holds_later(question: &Question, is_gzip: bool) -> bool {
    match question.ask {
        Ask::Trace { .. } => true,
        Ask::Search { .. } | Ask::Services { .. } | Ask::Edges { .. } => !is_gzip,
        Ask::Operations { .. } => false,
    }
}
