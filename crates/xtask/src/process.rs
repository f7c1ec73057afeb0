//! Other programs: run one to its end with a heading and a time, or keep one running and stop it by its id.

mod watched;

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

pub(crate) use self::watched::{End, watch};

/// How long a child may drain after SIGTERM before it is killed; the server promises ten seconds.
const STOP_WAIT: Duration = Duration::from_secs(15);
/// How often a child is asked whether it has ended.
const POLL: Duration = Duration::from_millis(50);

/// Says what begins, runs `work`, says how long it took. A long step is never silent for a reader of a log.
pub(crate) fn step<T>(heading: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {heading}");
    let start = Instant::now();
    let result = work().with_context(|| format!("step failed: {heading}"));
    let word = if result.is_ok() { "done" } else { "FAILED" };
    println!("<== {heading}: {word} in {:.1} s", start.elapsed().as_secs_f64());
    result
}

/// Runs a program to its end with our own input and output; its failure is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// The standard output of a program that must succeed.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}: {}", shown(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    format!("`{}`", words.join(" "))
}

/// A program that runs beside us. It has its own process group, so a Ctrl-C reaches only us,
/// and each child hears exactly one signal, in the order we choose.
pub(crate) struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command.process_group(0).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
        Ok(Self { name, child })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, or `None` while it runs.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to drain, waits, and kills it when it does not.
    pub(crate) fn stop(mut self) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).with_context(|| format!("cannot signal {}", self.name))?;
        let deadline = Instant::now() + STOP_WAIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(POLL);
        }
        println!("{} did not stop within {} s: killing it", self.name, STOP_WAIT.as_secs());
        self.child.kill()?;
        Ok(self.child.wait()?)
    }
}
