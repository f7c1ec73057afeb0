//! One life of the server: started on the store of the run, ready or not yet, and ended. Not here: when, and what is asked.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::server::{addresses, serve};

/// One that was told to end may take so long; it promises ten seconds.
const STOP_WAIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(2);
/// So little that memtables freeze and blocks are built several times in a second.
const MEMTABLE_SPANS: &str = "2000";
const PARTITION_BYTES: &str = "2MiB";
/// What retention keeps while it runs.
const RETENTION_BYTES: &str = "6MiB";

/// How to start one.
pub(super) struct Launch {
    pub(super) binary: PathBuf,
    pub(super) data_dir: PathBuf,
    /// Everything that all lives say.
    pub(super) log: PathBuf,
}

/// A server that was started.
pub(super) struct Life {
    child: Child,
    output: BufReader<ChildStdout>,
    began: Instant,
}

/// A server that says where it listens.
pub(super) struct Ready {
    pub(super) life: Life,
    pub(super) http: SocketAddr,
    pub(super) otlp: SocketAddr,
    pub(super) after: Duration,
}

impl Launch {
    /// `retains`: whether retention looks all the time, or not at all.
    pub(super) fn start(&self, retains: bool) -> Result<Life> {
        let retention_wait = if retains { "100 ms" } else { "1 h" };
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut child = serve(&self.binary)?
            .args([
                "--memory",
                "small",
                "--memtable-spans-max",
                MEMTABLE_SPANS,
                "--partition-bytes-max",
                PARTITION_BYTES,
            ])
            .args(["--retention-bytes", RETENTION_BYTES, "--retention-wait", retention_wait])
            .args(["--log-level", "info", "--data-dir"])
            .arg(&self.data_dir)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let output = BufReader::new(child.stdout.take().context("no standard output although it was piped")?);
        Ok(Life { child, output, began: Instant::now() })
    }
}

impl Life {
    /// Waits until it says that it is ready.
    pub(super) fn ready(mut self) -> Result<Ready> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        match addresses(&line) {
            Some((http, otlp)) => Ok(Ready { after: self.began.elapsed(), life: self, http, otlp }),
            None => bail!("the server said no addresses and ended with {}: {line}", self.child.wait()?),
        }
    }

    /// Asks it to end, and does not wait.
    pub(super) fn terminate(&self) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), Signal::TERM)?)
    }

    /// Asks it to end and waits.
    pub(super) fn stop(mut self) -> Result<()> {
        self.terminate()?;
        let begin = Instant::now();
        while begin.elapsed() < STOP_WAIT {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the server ended with {status} when it was asked to end");
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        bail!("the server did not end within {} s", STOP_WAIT.as_secs())
    }

    /// `kill -9`. An error when it had ended by itself, unless that is what it was asked for.
    pub(super) fn kill(mut self, may_have_ended: bool) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            ensure!(may_have_ended && status.success(), "the server ended by itself with {status}");
            return Ok(());
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // After `stop` and `kill` there is nobody left; after an error of ours nobody may stay.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}
