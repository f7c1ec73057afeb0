//! The sender: replays requests at their time, and keeps a ledger of what was answered. It makes nothing,
//! so that it takes little of the processor that it measures. Not here: what to send.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::corpus::{Corpus, Place};
use super::http::{Connection, Response, export_head};

/// Refusals of one request after which it is given up.
const REFUSALS_MAX: u32 = 120;
/// How long to wait after a refusal that does not say.
const REFUSAL_WAIT: Duration = Duration::from_secs(1);
/// Room for the head of a request before its body.
const HEAD_BYTES_MAX: usize = 512;
/// A thread reads one body and waits: it needs little.
const STACK_BYTES: usize = 256 * 1024;

pub(super) struct Load<'a> {
    pub(super) corpus: &'a Corpus,
    pub(super) address: SocketAddr,
    pub(super) connections: usize,
    /// Spans per second; 0: as fast as answered.
    pub(super) rate: u64,
    /// What times are moved by.
    pub(super) shift_nanos: u64,
    pub(super) is_gzip: bool,
    /// What to do when a connection breaks: send again, or leave the request unknown and end.
    pub(super) resends: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    Unsent = 0,
    /// Sent, and no answer came: it may be stored or not.
    Unknown = 1,
    Acknowledged = 2,
}

/// Shared by the connections, and with whoever watches.
pub(super) struct Ledger {
    states: Vec<AtomicU8>,
    acknowledged_spans: AtomicU64,
    /// Set to end a load from outside.
    pub(super) ended: AtomicBool,
}

/// What a load measured.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) elapsed: Duration,
    /// From the moment a request was meant to be sent until it was acknowledged, nanoseconds.
    pub(super) latencies: Vec<u64>,
    /// Answers other than yes, by status.
    pub(super) refusals: BTreeMap<u16, u64>,
    /// Connections that had to be opened anew.
    pub(super) reconnects: u64,
    /// Acknowledged requests of which some spans were rejected.
    pub(super) partial: u64,
}

impl Ledger {
    pub(super) fn new(corpus: &Corpus) -> Self {
        Self {
            states: corpus.requests.iter().map(|_| AtomicU8::new(State::Unsent as u8)).collect(),
            acknowledged_spans: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        }
    }

    pub(super) fn acknowledged_spans(&self) -> u64 {
        self.acknowledged_spans.load(Relaxed)
    }

    /// The requests in this state.
    pub(super) fn of(&self, state: State) -> Vec<usize> {
        let states = self.states.iter().enumerate();
        states.filter(|(_, found)| found.load(Relaxed) == state as u8).map(|(request, _)| request).collect()
    }

    fn acknowledge(&self, request: usize, spans: u32) {
        self.states[request].store(State::Acknowledged as u8, Relaxed);
        self.acknowledged_spans.fetch_add(u64::from(spans), Relaxed);
    }
}

/// Sends every request of the ledger that is not acknowledged, and returns when all are answered or given up.
pub(super) fn send(load: &Load<'_>, ledger: &Ledger) -> Result<Measured> {
    let due: Vec<usize> = ledger
        .states
        .iter()
        .enumerate()
        .filter(|(_, state)| state.load(Relaxed) != State::Acknowledged as u8)
        .map(|(request, _)| request)
        .collect();
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Measured::default());
    let begin = Instant::now();
    std::thread::scope(|scope| -> Result<()> {
        for _ in 0..load.connections {
            let sender =
                Sender { load, ledger, due: &due, next: &next, begin, connection: None, measured: Measured::default() };
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
                let measured = sender.run();
                all.lock().unwrap_or_else(PoisonError::into_inner).add(measured);
            })?;
        }
        Ok(())
    })?;
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.elapsed = begin.elapsed();
    Ok(all)
}

/// One connection.
struct Sender<'a> {
    load: &'a Load<'a>,
    ledger: &'a Ledger,
    due: &'a [usize],
    next: &'a AtomicUsize,
    begin: Instant,
    connection: Option<Connection>,
    measured: Measured,
}

impl Sender<'_> {
    fn run(mut self) -> Measured {
        // Made once, and never grown: in an unoptimised build that would cost more than sending.
        let body_bytes_max = self.load.corpus.requests.iter().map(Place::bytes).max().unwrap_or_default();
        let (mut buffer, mut scratch) = (vec![0; HEAD_BYTES_MAX + body_bytes_max], Vec::new());
        while !self.ledger.ended.load(Relaxed) {
            let Some(request) = self.due.get(self.next.fetch_add(1, Relaxed)) else { break };
            let place = &self.load.corpus.requests[*request];
            let head = export_head(self.load.address, place.bytes(), self.load.is_gzip);
            let begin = HEAD_BYTES_MAX - head.len();
            let end = HEAD_BYTES_MAX + place.bytes();
            buffer[begin..HEAD_BYTES_MAX].copy_from_slice(head.as_bytes());
            let body = &mut buffer[HEAD_BYTES_MAX..end];
            if let Err(error) = self.load.corpus.read(place, self.load.shift_nanos, body, &mut scratch) {
                eprintln!("bench: cannot read request {request}: {error:#}");
                break;
            }
            let meant = self.wait_for(place.spans_before);
            self.ledger.states[*request].store(State::Unknown as u8, Relaxed);
            match self.deliver(&buffer[begin..end]) {
                Ok(true) => {
                    self.ledger.acknowledge(*request, place.spans);
                    self.measured.latencies.push(u64::try_from(meant.elapsed().as_nanos()).unwrap_or(u64::MAX));
                }
                Ok(false) => {}
                Err(error) => {
                    if self.load.resends {
                        eprintln!("bench: a connection broke and cannot be opened anew: {error}");
                    }
                    break;
                }
            }
        }
        self.measured
    }

    /// Returns the moment at which the request is meant to be sent: latency counts from there,
    /// so a server that is slow to answer does not hide it by being asked more slowly.
    fn wait_for(&self, spans_before: u64) -> Instant {
        if self.load.rate == 0 {
            return Instant::now();
        }
        let meant = self.begin + Duration::from_secs_f64(spans_before as f64 / self.load.rate as f64);
        std::thread::sleep(meant.saturating_duration_since(Instant::now()));
        meant
    }

    /// Whether it was acknowledged; an error when the server cannot be reached.
    fn deliver(&mut self, request: &[u8]) -> io::Result<bool> {
        for _ in 0..REFUSALS_MAX {
            let answer = self.exchange(request)?;
            if answer.status == 200 {
                self.measured.partial += u64::from(!answer.body.is_empty());
                return Ok(true);
            }
            *self.measured.refusals.entry(answer.status).or_default() += 1;
            if !matches!(answer.status, 429 | 503) {
                return Ok(false);
            }
            std::thread::sleep(answer.retry_after.map_or(REFUSAL_WAIT, Duration::from_secs));
        }
        Ok(false)
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<Response> {
        if let Some(connection) = &mut self.connection {
            match connection.exchange(request) {
                Ok(answer) => return Ok(answer),
                Err(error) if !self.load.resends => return Err(error),
                // Servers close connections that grow old. What was sent may be stored; then it is known there.
                Err(_) => self.measured.reconnects += 1,
            }
        }
        self.connection.insert(Connection::open(self.load.address)?).exchange(request)
    }
}

impl Measured {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        for (status, count) in other.refusals {
            *self.refusals.entry(status).or_default() += count;
        }
        self.reconnects += other.reconnects;
        self.partial += other.partial;
    }
}
