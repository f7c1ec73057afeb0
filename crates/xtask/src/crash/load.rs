//! Writers that send at a steady pace and keep the ledger, until they are told to end or their server is gone.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::content::{Content, SPANS};
use super::ledger::{Ledger, State};
use crate::bench::http::{Connection, export_head};

/// Waited after a refusal, whatever the server proposes: kills do not wait for polite clients.
const REFUSAL_WAIT: Duration = Duration::from_millis(50);

/// The writers of one life.
pub(super) struct Load<'a> {
    pub(super) content: &'a Content,
    pub(super) ledger: &'a Ledger,
    pub(super) otlp: SocketAddr,
    pub(super) writers: usize,
    pub(super) spans_per_second: u64,
    pub(super) ended: AtomicBool,
    pub(super) refusals: AtomicU64,
    /// An answer that no server of ours may give.
    trouble: Mutex<Option<String>>,
}

impl<'a> Load<'a> {
    pub(super) fn new(
        content: &'a Content,
        ledger: &'a Ledger,
        otlp: SocketAddr,
        writers: usize,
        spans_per_second: u64,
    ) -> Self {
        let (ended, refusals) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { content, ledger, otlp, writers, spans_per_second, ended, refusals, trouble: Mutex::default() }
    }

    /// Sends while `meanwhile` runs on this thread. Returns its result once no request is on its way any more.
    pub(super) fn during<T>(&self, meanwhile: impl FnOnce() -> Result<T>) -> Result<T> {
        let begin = Instant::now();
        let (again, sent) = (Mutex::new(self.ledger.open()), AtomicU64::new(0));
        let result = std::thread::scope(|scope| {
            for _writer in 0..self.writers {
                scope.spawn(|| {
                    if let Err(error) = self.write(&again, &sent, begin) {
                        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                    }
                });
            }
            let result = meanwhile();
            self.ended.store(true, Relaxed);
            result
        })?;
        match self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(trouble) => bail!(trouble),
            None => Ok(result),
        }
    }

    fn write(&self, again: &Mutex<Vec<u64>>, sent: &AtomicU64, begin: Instant) -> Result<()> {
        let Ok(mut connection) = Connection::open(self.otlp) else { return Ok(()) };
        while !self.ended.load(Relaxed) {
            let place = sent.fetch_add(SPANS, Relaxed);
            let due = begin + Duration::from_secs_f64(place as f64 / self.spans_per_second as f64);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let repeated = again.lock().unwrap_or_else(PoisonError::into_inner).pop();
            if repeated.is_none() && self.ended.load(Relaxed) {
                break;
            }
            // Sent before without an answer, it may be stored already: then a refusal proves nothing.
            let is_in_doubt = repeated.is_some_and(|number| self.ledger.state(number) == Some(State::Unknown));
            let number = repeated.unwrap_or_else(|| self.ledger.issue());
            if !self.deliver(&mut connection, number, is_in_doubt)? {
                break;
            }
        }
        Ok(())
    }

    /// `false`: the connection is gone.
    fn deliver(&self, connection: &mut Connection, number: u64, is_in_doubt: bool) -> Result<bool> {
        let body = self.content.body(number);
        let mut request = export_head(self.otlp, body.len(), false).into_bytes();
        request.extend(body);
        loop {
            self.ledger.repeat(number);
            let Ok(answer) = connection.exchange(&request) else { return Ok(false) };
            match answer.status {
                200 if answer.body.is_empty() => {
                    self.ledger.acknowledge(number);
                    return Ok(true);
                }
                429 | 503 => {
                    if !is_in_doubt {
                        self.ledger.refuse(number);
                    }
                    self.refusals.fetch_add(1, Relaxed);
                    if self.ended.load(Relaxed) {
                        return Ok(true);
                    }
                    std::thread::sleep(REFUSAL_WAIT);
                }
                status => {
                    bail!("request {number} was answered with {status}: {}", String::from_utf8_lossy(&answer.body))
                }
            }
        }
    }
}
