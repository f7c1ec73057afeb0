//! The server that is measured: starts it, waits until it is ready, ends it. Not here: what is asked of it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::http::Client;

/// A server that is not ready after so long will not be.
const READY_WAIT: Duration = Duration::from_secs(300);
const READY_POLL: Duration = Duration::from_millis(2);
/// One that was told to end may take so long; it promises ten seconds.
const STOP_WAIT: Duration = Duration::from_secs(60);

/// How to start one.
#[derive(Clone)]
pub(crate) struct Launch {
    pub(crate) binary: PathBuf,
    pub(crate) data_dir: PathBuf,
    /// Handed to `tracewell serve` as they are.
    pub(crate) flags: Vec<String>,
}

pub(crate) struct Server {
    child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) otlp: SocketAddr,
    /// From its start until `/ready` said yes.
    pub(crate) ready_after: Duration,
}

impl Launch {
    pub(crate) fn start(&self) -> Result<Server> {
        std::fs::create_dir_all(&self.data_dir)?;
        let begin = Instant::now();
        let mut child = serve(&self.binary)?
            .args(["--log-level", "warn", "--data-dir"])
            .arg(&self.data_dir)
            .args(&self.flags)
            .current_dir(&self.data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let mut line = String::new();
        let output = child.stdout.take().context("no standard output although it was piped")?;
        BufReader::new(output).read_line(&mut line)?;
        let mut server = match addresses(&line) {
            Some((http, otlp)) => Server { child, http, otlp, ready_after: Duration::ZERO },
            None => {
                let status = child.wait()?;
                bail!("the server said no addresses and ended with {status}: {line}");
            }
        };
        server.wait_until_ready(begin)?;
        Ok(server)
    }
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Spans that it says it has.
    pub(crate) fn spans(&self) -> Result<u64> {
        let answer = Client::new(self.http).get("/api/tracewell/v1/status")?;
        let status: serde_json::Value = serde_json::from_slice(&answer.body)?;
        status["spans"].as_u64().context("the status has no count of spans")
    }

    /// A line of `/metrics` without labels.
    pub(crate) fn counter(&self, name: &str) -> Result<u64> {
        let answer = Client::new(self.http).get("/metrics")?;
        let text = String::from_utf8(answer.body)?;
        let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(values.next().with_context(|| format!("no {name} in /metrics"))?.parse()?)
    }

    /// Asks it to end and waits. Returns how long that took.
    pub(crate) fn stop(mut self) -> Result<Duration> {
        let begin = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        while begin.elapsed() < STOP_WAIT {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the server ended with {status} when it was asked to end");
                return Ok(begin.elapsed());
            }
            std::thread::sleep(READY_POLL);
        }
        bail!("the server did not end within {} s", STOP_WAIT.as_secs())
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn wait_until_ready(&mut self, begin: Instant) -> Result<()> {
        let mut client = Client::new(self.http);
        while begin.elapsed() < READY_WAIT {
            if client.get("/ready").is_ok_and(|answer| answer.status == 200) {
                self.ready_after = begin.elapsed();
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status} before it was ready");
            }
            std::thread::sleep(READY_POLL);
        }
        bail!("the server was not ready within {} s", READY_WAIT.as_secs())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` and `kill` there is nobody left; after an error of ours nobody may stay.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// The call of a server beside which others may run: free ports, and no door that has a port of its own.
pub(crate) fn serve(binary: &Path) -> Result<Command> {
    let help = Command::new(binary).args(["serve", "--help"]).output();
    let help = help.with_context(|| format!("cannot start {}", binary.display()))?;
    let mut command = Command::new(binary);
    command.args(["serve", "--http", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "off"]);
    // A binary that is compared with may be older than such doors.
    if String::from_utf8_lossy(&help.stdout).contains("--doors") {
        command.args(["--doors", "named"]);
    }
    Ok(command)
}

/// Of the line that the server prints: first where pages are, then where spans go.
pub(crate) fn addresses(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let mut urls = line.split_whitespace().filter_map(|word| word.trim_end_matches(',').strip_prefix("http://"));
    let http = urls.next()?.parse().ok()?;
    let otlp = urls.next()?.strip_suffix("/v1/traces")?.parse().ok()?;
    Some((http, otlp))
}

/// An empty folder for a store.
pub(crate) fn fresh_folder(path: &Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path).with_context(|| format!("cannot empty {}", path.display()))?;
    }
    Ok(std::fs::create_dir_all(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_the_line_of_the_server() {
        let line = "tracewell is ready: http://127.0.0.1:5  ·  send spans: OTLP gRPC off, OTLP HTTP http://127.0.0.1:6/v1/traces\n";
        let (http, otlp) = addresses(line).unwrap();
        assert_eq!((http.port(), otlp.port()), (5, 6));
        assert_eq!(addresses("error: disk full\n"), None);
    }
}
