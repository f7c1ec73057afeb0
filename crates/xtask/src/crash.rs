//! `crash`: the real server is killed again and again, and each time what it acknowledged is compared with what it answers.
//! This file says the order. A run that fails keeps its store and its log, and says where.

mod answers;
mod content;
mod counts;
mod ledger;
mod life;
mod load;
mod options;
mod phase;
mod tally;
mod verify;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

pub(crate) use self::options::Options;

use crate::bench::host::{Host, unix_nanos};
use crate::bench::random::Random;
use crate::bench::server::fresh_folder;
use crate::build::{self, Flavour};
use crate::crash::content::{Content, MINUTES};
use crate::crash::ledger::Ledger;
use crate::crash::life::{Launch, Life, Ready};
use crate::crash::load::Load;
use crate::crash::phase::Phase;
use crate::crash::tally::Tally;
use crate::crash::verify::Verifier;
use crate::workspace::Workspace;

/// Kills between two lines that say how far it is.
const KILLS_PER_LINE: u64 = 25;
const MINUTE_NANOS: u64 = 60_000_000_000;

/// `Ok(false)` when the run was void; a fault is an error that says where everything was kept.
pub(crate) fn crash(workspace: &Workspace, options: &Options) -> Result<bool> {
    let binary = match &options.binary {
        Some(path) => path.canonicalize().with_context(|| format!("no such binary: {}", path.display()))?,
        None => build::build(workspace, Flavour::Release)?,
    };
    // A folder of our own inside the one that was named: it is emptied.
    let folder = options.data_dir.as_ref().unwrap_or(&workspace.target).join("crash");
    fresh_folder(&folder)?;
    let launch = Launch { binary, data_dir: folder.join("store"), log: folder.join("server.log") };
    std::fs::create_dir_all(&launch.data_dir)?;
    let host = Host::look(workspace, &folder)?.line();
    println!("{host}");
    let begin = (unix_nanos() / MINUTE_NANOS - 2 * MINUTES) * MINUTE_NANOS;
    let content = Content { seed: options.seed, begin };
    let ledger = Ledger::default();
    let verifier = Verifier::new(content, &ledger);
    let random = Random::new(options.seed, 0);
    let mut run =
        Run { options, launch, content, ledger: &ledger, verifier, random, tally: Tally::default(), retained: false };
    run.go().with_context(|| kept(&folder, options))?;
    run.tally.tell(&host, options, &workspace.root.join("docs/benchmarks.md"))?;
    if run.tally.is_void() {
        println!("void: fewer than 5,000 spans were acknowledged per second before the kills");
        return Ok(false);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(true)
}

fn kept(folder: &Path, options: &Options) -> String {
    format!("seed {}; the store and the log of the server are kept in {}", options.seed, folder.display())
}

/// Everything that the lives share.
struct Run<'a> {
    options: &'a Options,
    launch: Launch,
    content: Content,
    ledger: &'a Ledger,
    verifier: Verifier<'a>,
    random: Random,
    tally: Tally,
    /// Retention ran since the last look.
    retained: bool,
}

impl Run<'_> {
    fn go(&mut self) -> Result<()> {
        let begin = Instant::now();
        let mut said = 0;
        while self.tally.kills() < self.options.kills {
            let server = self.look(begin)?;
            let phase = Phase::draw(&mut self.random);
            self.live_and_die(server, phase).with_context(|| format!("a kill {}", phase.words()))?;
            if self.tally.kills() >= said + KILLS_PER_LINE {
                said = self.tally.kills();
                println!("{}", self.tally.line());
            }
        }
        let server = self.look(begin)?;
        self.verifier.look_at_all(&server).context("at the end")?;
        server.life.stop()?;
        self.note(begin);
        Ok(())
    }

    /// Starts a server without retention and compares.
    fn look(&mut self, begin: Instant) -> Result<Ready> {
        let server = self.launch.start(false)?.ready()?;
        self.tally.ready.push(u64::try_from(server.after.as_nanos())?);
        let after = self.tally.kills();
        self.verifier.look(&server, self.retained).with_context(|| format!("after kill {after}"))?;
        self.retained = false;
        self.note(begin);
        Ok(server)
    }

    fn note(&mut self, begin: Instant) {
        self.tally.compared = self.verifier.compared;
        self.tally.dropped = self.verifier.dropped;
        self.tally.unknown = self.verifier.unknown;
        self.tally.elapsed = begin.elapsed();
    }

    fn live_and_die(&mut self, server: Ready, phase: Phase) -> Result<()> {
        let (time, delay) = (Phase::load_time(&mut self.random), phase.delay(&mut self.random));
        match phase {
            Phase::Load => self.load(server, time + delay, |life| life.kill(false))?,
            Phase::Building => {
                let life = self.load(server, time, Ok)?;
                std::thread::sleep(delay);
                life.kill(false)?;
            }
            Phase::Opening => {
                self.load(server, time, |life| life.kill(false))?;
                *self.tally.kills.entry(Phase::Load).or_default() += 1;
                let opening = self.launch.start(false)?;
                std::thread::sleep(delay);
                opening.kill(false)?;
            }
            Phase::Draining => self.load(server, time, |life| {
                life.terminate()?;
                std::thread::sleep(delay);
                life.kill(true)
            })?,
            Phase::Retaining => {
                server.life.stop()?;
                self.retained = true;
                let server = self.launch.start(true)?.ready()?;
                self.load(server, time + delay, |life| life.kill(false))?;
            }
        }
        *self.tally.kills.entry(phase).or_default() += 1;
        Ok(())
    }

    /// Spans arrive for so long, then `end` decides while they still do.
    fn load<T>(&mut self, server: Ready, time: Duration, end: impl FnOnce(Life) -> Result<T>) -> Result<T> {
        let Options { writers, spans_per_second, .. } = *self.options;
        let load = Load::new(&self.content, self.ledger, server.otlp, writers, spans_per_second);
        let acknowledged = self.ledger.acknowledged();
        let mut measured = (0, 0.0);
        let result = load.during(|| {
            let begin = Instant::now();
            std::thread::sleep(time);
            measured = (self.ledger.acknowledged() - acknowledged, begin.elapsed().as_secs_f64());
            end(server.life)
        });
        self.tally.loads.push(measured);
        self.tally.refusals += load.refusals.load(std::sync::atomic::Ordering::Relaxed);
        result
    }
}
