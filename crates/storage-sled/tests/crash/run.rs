//! One life of the writer, from its start to its kill, and what was heard of it. Not here: what it does (`writer`).

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::ledger::Ledger;
use crate::writer;

/// When the writer is killed from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// So long after it began to open.
    Opening(Duration),
    /// So long after so many batches were acknowledged.
    Acked(u64, Duration),
    /// Not at all: it closes after so many batches.
    Never(u64),
}

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    /// The test that this process is in: the writer is the same program, asked for the same test.
    pub(crate) test: &'a str,
    pub(crate) directory: &'a Path,
    /// Runs of one store have different numbers.
    pub(crate) number: u64,
    pub(crate) when: When,
    /// In the form of the variable that `storage-sled` reads.
    pub(crate) failpoint: Option<&'a str>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Killed,
    Closed,
}

impl Run<'_> {
    /// Runs the writer to its end and keeps the books.
    pub(crate) fn go(&self, ledger: &mut Ledger) -> End {
        let mut child = self.start(ledger);
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut acked = 0;
        while let Some(line) = next_line(&mut output) {
            acked += u64::from(note(ledger, &line));
            let delay = match self.when {
                When::Opening(delay) if line == "opening" => delay,
                When::Acked(wanted, delay) if acked >= wanted => delay,
                _ => continue,
            };
            // Not a wait for anything: where the kill hits is what differs from run to run.
            std::thread::sleep(delay);
            // It may have ended itself at a failpoint just now.
            drop(child.kill());
            break;
        }
        // What was said before the end counts, read or not.
        while let Some(line) = next_line(&mut output) {
            note(ledger, &line);
        }
        self.judge(child.wait().expect("gone"))
    }

    fn start(&self, ledger: &Ledger) -> Child {
        let again: Vec<String> = ledger.unknown().iter().map(u64::to_string).collect();
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command
            .args([self.test, "--exact", "--nocapture"])
            .env(writer::DIRECTORY, self.directory)
            .env(writer::FIRST, (self.number * writer::NUMBERS_PER_RUN).to_string())
            .env(writer::CLOCK, ledger.clock.to_string())
            .env(writer::AGAIN, again.join(" "))
            .stdout(Stdio::piped())
            // A writer that gives up says why.
            .stderr(Stdio::inherit());
        if let When::Never(acks) = self.when {
            command.env(writer::CLOSE_AFTER, acks.to_string());
        }
        if let Some(failpoint) = self.failpoint {
            command.env("TRACEWELL_FAILPOINT", failpoint);
        }
        command.spawn().expect("starts")
    }

    fn judge(&self, status: ExitStatus) -> End {
        const SIGABRT: i32 = 6;
        const SIGKILL: i32 = 9;
        let may_abort = self.failpoint.is_some_and(|failpoint| failpoint.ends_with(":abort"));
        match status.signal() {
            Some(SIGKILL) => End::Killed,
            Some(SIGABRT) if may_abort => End::Killed,
            None if status.success() => End::Closed,
            _ => panic!("the writer ended by itself with {status}: {self:?}"),
        }
    }
}

/// Whether the line is an acknowledgement.
fn note(ledger: &mut Ledger, line: &str) -> bool {
    let mut words = line.split(' ');
    let verb = words.next();
    let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).expect("a number follows");
    match verb {
        Some("issued") => {
            let (number, clock) = (number(), number());
            ledger.issue(number, clock);
        }
        Some("acked") => ledger.ack(number()),
        Some("clock") => ledger.move_clock(number()),
        _ => {}
    }
    verb == Some("acked")
}

/// A line that was cut by a kill is none.
fn next_line(output: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = String::new();
    output.read_line(&mut line).expect("text");
    line.strip_suffix('\n').map(str::to_owned)
}
