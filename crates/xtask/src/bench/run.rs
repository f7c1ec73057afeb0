//! The phases of one measurement, each on a real server: flood, load, settle, restart, kill. Not here: questions and printing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::ask::Placed;
use super::corpus::Corpus;
use super::encode::BASE_NANOS;
use super::probe::Probe;
use super::proc::{self, Memory};
use super::send::{Ledger, Load, Measured, State, send};
use super::server::{Launch, Server};

/// A server is settled when it used less than this share of a core …
const SETTLED_SHARE: f64 = 0.02;
/// … for so many seconds, unless more are asked for.
pub(super) const SETTLED_SECONDS: u64 = 5;
/// Waited for at most so long, beside those seconds.
const SETTLE_WAIT: Duration = Duration::from_secs(180);
const MINUTE_NANOS: u64 = 60_000_000_000;
const MILLI_NANOS: u64 = 1_000_000;
/// Between the end of a workload and now, so that probes have minutes of their own.
const GAP_MINUTES: u64 = 2;

/// How a workload is sent.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    pub(super) connections: usize,
    pub(super) rate: u64,
    pub(super) is_gzip: bool,
    /// Seconds of rest after which a server is settled.
    pub(super) settled_seconds: u64,
}

/// A load, and what it cost until the server was settled.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) sent: Measured,
    pub(super) acknowledged: u64,
    pub(super) probes: Vec<u64>,
    /// Processor seconds of the server until the last answer, and until it was settled.
    pub(super) cpu_at_ack: f64,
    pub(super) cpu_settled: f64,
    /// `None`: it did not settle in time.
    pub(super) settled_after: Option<Duration>,
    /// Processor seconds of the sender.
    pub(super) cpu_sender: f64,
    /// Cores that others kept busy during the load.
    pub(super) others: f64,
    pub(super) memory: Memory,
    pub(super) disk_bytes: u64,
    pub(super) ballast_bytes: u64,
    pub(super) disk_split: BTreeMap<String, u64>,
    pub(super) written_bytes: u64,
}

impl Loaded {
    pub(super) fn per_million(&self, seconds: f64) -> f64 {
        seconds * 1e6 / self.acknowledged.max(1) as f64
    }

    /// Acknowledged spans per second.
    pub(super) fn rate(&self) -> f64 {
        self.acknowledged as f64 / self.sent.elapsed.as_secs_f64()
    }
}

/// Where to put a workload so that its last span is a little in the past; packed bodies stay where they are.
pub(super) fn place(now: u64, end_millis: u64, is_gzip: bool) -> Placed {
    if is_gzip {
        return Placed { begin: BASE_NANOS };
    }
    Placed { begin: (now / MINUTE_NANOS - minutes(end_millis) - GAP_MINUTES) * MINUTE_NANOS }
}

/// Where to put another workload so that it ends before `placed` begins.
pub(super) fn place_before(placed: Placed, end_millis: u64, is_gzip: bool) -> Placed {
    if is_gzip {
        return placed;
    }
    Placed { begin: placed.begin - (minutes(end_millis) + GAP_MINUTES) * MINUTE_NANOS }
}

fn minutes(millis: u64) -> u64 {
    (millis * MILLI_NANOS).div_ceil(MINUTE_NANOS)
}

/// Sends everything, with probes beside it, and waits until the server is settled.
pub(super) fn load(
    server: &Server,
    data_dir: &Path,
    corpus: &Corpus,
    sending: Sending,
    placed: Placed,
) -> Result<Loaded> {
    let (own, pid) = (std::process::id(), server.pid());
    let before = (proc::cpu_seconds(pid)?, proc::cpu_seconds(own)?, proc::machine_cpu_seconds()?, Instant::now());
    let ledger = Ledger::new(corpus);
    let probe = Probe { http: server.http, otlp: server.otlp };
    let (sent, probes) = std::thread::scope(|scope| {
        let probing = scope.spawn(|| probe.run(&ledger.ended));
        let sent = send(&sending.load(corpus, server, placed, true), &ledger);
        ledger.ended.store(true, Relaxed);
        (sent, probing.join())
    });
    let probes = probes.map_err(|_panic| anyhow::anyhow!("the probe panicked"))??;
    let at_ack = (proc::cpu_seconds(pid)?, proc::cpu_seconds(own)?, proc::machine_cpu_seconds()?, before.3.elapsed());
    let settled_after = settle(pid, sending.settled_seconds)?;
    let (server_cpu, sender_cpu) = (at_ack.0 - before.0, at_ack.1 - before.1);
    Ok(Loaded {
        sent: sent?,
        acknowledged: ledger.acknowledged_spans(),
        probes,
        cpu_at_ack: server_cpu,
        cpu_settled: proc::cpu_seconds(pid)? - before.0,
        settled_after,
        cpu_sender: sender_cpu,
        others: (at_ack.2 - before.2 - server_cpu - sender_cpu).max(0.0) / at_ack.3.as_secs_f64(),
        memory: proc::memory(pid)?,
        disk_bytes: proc::store_bytes(data_dir)?,
        ballast_bytes: proc::ballast_bytes(data_dir),
        disk_split: proc::disk_bytes_by_folder(data_dir)?,
        written_bytes: proc::written_bytes(pid)?,
    })
}

impl Sending {
    fn load<'a>(self, corpus: &'a Corpus, server: &Server, placed: Placed, resends: bool) -> Load<'a> {
        Load {
            corpus,
            address: server.otlp,
            connections: self.connections,
            rate: self.rate,
            shift_nanos: placed.begin.wrapping_sub(BASE_NANOS),
            is_gzip: self.is_gzip,
            resends,
        }
    }
}

/// How long the server was still busy; `None` when it did not come to rest.
fn settle(pid: u32, settled_seconds: u64) -> Result<Option<Duration>> {
    let begin = Instant::now();
    let (mut quiet, mut busy_until) = (0, Duration::ZERO);
    let mut last = proc::cpu_seconds(pid)?;
    while begin.elapsed() < SETTLE_WAIT + Duration::from_secs(settled_seconds) {
        std::thread::sleep(Duration::from_secs(1));
        let now = proc::cpu_seconds(pid)?;
        // The kernel counts in hundredths: two of them in a second are the limit itself.
        if now - last <= SETTLED_SHARE {
            quiet += 1;
        } else {
            (quiet, busy_until) = (0, begin.elapsed());
        }
        if quiet == settled_seconds {
            return Ok(Some(busy_until));
        }
        last = now;
    }
    Ok(None)
}

/// How a server came back.
pub(super) struct Restarted {
    pub(super) stopped_after: Duration,
    pub(super) disk_bytes_stopped: u64,
    pub(super) ready_clean: Duration,
    pub(super) ready_killed: Duration,
    /// Acknowledged before the kill; each of them was found again.
    pub(super) acknowledged_at_kill: u64,
    pub(super) unknown_at_kill: u64,
}

/// Ends the server politely and starts it; sends `more`, kills it half way, starts it, sends the rest.
/// After each step the count of spans must be right. Returns the server that runs then.
pub(super) fn restart(
    server: Server,
    launch: &Launch,
    more: &Corpus,
    sending: Sending,
    placed: Placed,
) -> Result<(Restarted, Server)> {
    let stored = server.spans()?;
    let stopped_after = server.stop()?;
    let disk_bytes_stopped = proc::store_bytes(&launch.data_dir)?;
    let server = launch.start()?;
    let ready_clean = server.ready_after;
    counted(&server, stored, stored).context("after a clean stop")?;

    let ledger = Ledger::new(more);
    kill_half_way(server, more, sending, placed, &ledger)?;
    let acknowledged = ledger.acknowledged_spans();
    let spans =
        |state| ledger.of(state).into_iter().map(|request| u64::from(more.requests[request].spans)).sum::<u64>();
    let unknown = spans(State::Unknown);
    let server = launch.start()?;
    let ready_killed = server.ready_after;
    counted(&server, stored + acknowledged, stored + acknowledged + unknown).context("after kill -9")?;

    ledger.ended.store(false, Relaxed);
    send(&sending.load(more, &server, placed, true), &ledger)?;
    counted(&server, stored + more.spans(), stored + more.spans()).context("after sending again what had no answer")?;
    let restarted = Restarted {
        stopped_after,
        disk_bytes_stopped,
        ready_clean,
        ready_killed,
        acknowledged_at_kill: acknowledged,
        unknown_at_kill: unknown,
    };
    Ok((restarted, server))
}

/// Loads the server and kills it when half is acknowledged.
fn kill_half_way(server: Server, more: &Corpus, sending: Sending, placed: Placed, ledger: &Ledger) -> Result<()> {
    const POLL: Duration = Duration::from_millis(1);
    let load = sending.load(more, &server, placed, false);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(&load, ledger));
        while ledger.acknowledged_spans() < more.spans() / 2 && !sending.is_finished() {
            std::thread::sleep(POLL);
        }
        let killed = server.kill();
        ledger.ended.store(true, Relaxed);
        let sent = sending.join().map_err(|_panic| anyhow::anyhow!("the sender panicked"))?;
        sent.and(killed)
    })
}

/// The server's own counts of a load must agree with the ledger of the sender.
pub(super) fn accounted(server: &Server, loaded: &Loaded) -> Result<()> {
    let right = loaded.acknowledged + loaded.probes.len() as u64;
    let count = |name: &str| server.counter(&format!("tracewell_spans_{name}_total"));
    let (received, accepted, stored) = (count("received")?, count("accepted")?, count("stored")?);
    // What was sent again over a new connection was received twice, and stored once.
    let repeated = if loaded.sent.reconnects == 0 { 0 } else { count("deduplicated")? };
    let counts = [received, accepted, stored + repeated];
    ensure!(counts == [right + repeated; 3], "received, accepted, stored: {counts:?}; right is {right} each");
    Ok(())
}

fn counted(server: &Server, least: u64, most: u64) -> Result<()> {
    let spans = server.spans()?;
    ensure!((least..=most).contains(&spans), "the server has {spans} spans, right is {least} to {most}");
    Ok(())
}
