//! A program whose lines are read as they come, and which is ended when it falls silent: a test that hangs must fail,
//! not keep everyone waiting. Not here: what the lines mean.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::shown;

/// How a watched program ended.
#[derive(Debug)]
pub(crate) enum End {
    Exited(ExitStatus),
    /// It printed nothing for so long and was killed, with all that it had started.
    Silent(Duration),
}

/// Runs `command` to its end and gives `each` every line of its standard output.
/// `silence`: the longest time between two lines.
pub(crate) fn watch(command: &mut Command, silence: Duration, mut each: impl FnMut(&str)) -> Result<End> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let lines = read_aside(child.stdout.take().context("no standard output although it was piped")?);
    loop {
        match lines.recv_timeout(silence) {
            Ok(line) => each(&line),
            Err(RecvTimeoutError::Disconnected) => return Ok(End::Exited(child.wait()?)),
            Err(RecvTimeoutError::Timeout) => {
                kill_with_descendants(Pid::from_child(&child));
                child.wait()?;
                return Ok(End::Silent(silence));
            }
        }
    }
}

/// A read cannot be given up, but waiting for what another thread reads can.
fn read_aside(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Children first become known, then nobody starts new ones, so the parent is stopped before it is asked.
fn kill_with_descendants(pid: Pid) {
    let _ended_by_itself = kill_process(pid, Signal::STOP);
    for child in children_of(pid).unwrap_or_default() {
        kill_with_descendants(child);
    }
    let _ended_by_itself = kill_process(pid, Signal::KILL);
}

/// Of all its threads: each thread has its own children.
fn children_of(pid: Pid) -> Result<Vec<Pid>> {
    let mut children = Vec::new();
    for thread in std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()))? {
        let text = std::fs::read_to_string(thread?.path().join("children"))?;
        for word in text.split_whitespace() {
            let Some(child) = word.parse().ok().and_then(Pid::from_raw) else { bail!("no process id: {word}") };
            children.push(child);
        }
    }
    Ok(children)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn every_line_arrives_and_then_the_end() {
        let mut lines = Vec::new();
        let end = watch(&mut shell("echo one; echo two; exit 3"), Duration::from_secs(60), |line| {
            lines.push(line.to_owned());
        });
        assert!(matches!(end.unwrap(), End::Exited(status) if status.code() == Some(3)));
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn a_program_that_falls_silent_is_ended_with_what_it_started() {
        // The grandchild says its process id; it would outlive a kill of the shell alone.
        let mut lines = Vec::new();
        let end = watch(&mut shell("sleep 600 & echo $!; wait"), Duration::from_secs(1), |line| {
            lines.push(line.to_owned());
        });
        assert!(matches!(end.unwrap(), End::Silent(_)));
        let started = Pid::from_raw(lines.concat().parse().expect("a process id")).expect("not zero");
        // A signal is carried out some time after it was sent, so ending is waited for; running on would last 600 s.
        let deadline = Instant::now() + Duration::from_secs(60);
        while runs(started) {
            assert!(Instant::now() < deadline, "the grandchild still runs");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// An ended process may not have been collected yet by the one that inherits it.
    fn runs(pid: Pid) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        state.is_ok_and(|state| !state.contains(") Z "))
    }
}
