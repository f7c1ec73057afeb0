//! How many tests passed and failed, read from what each runner prints. Runs no suite by itself.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{self, End};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    pub(crate) fn line(self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed)
    }
}

/// How a runner's lines become one count.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    /// One line per test binary: add them up.
    Cargo,
    /// One closing line: the last one speaks.
    Closing,
}

/// Longest time between two lines of a suite that still works: its slowest test takes well under a minute.
const SILENCE_MAX: Duration = Duration::from_secs(10 * 60);

/// Runs a suite, shows its output as it comes, and counts.
/// A runner that ends badly without naming a failure (a crash, a compile error, a hang) counts as one.
pub(crate) fn stream(command: &mut Command, runner: Runner) -> Result<Count> {
    let mut count = Count::default();
    let end = process::watch(command, SILENCE_MAX, |line| {
        println!("{line}");
        match runner {
            Runner::Cargo => count.add(from_cargo_line(line).unwrap_or_default()),
            Runner::Closing => count = from_closing_line(line).unwrap_or(count),
        }
    })?;
    match end {
        End::Exited(status) if status.success() || count.failed > 0 => {}
        End::Exited(status) => {
            println!("{} ended with {status} and named no failed test: counted as one", process::shown(command));
            count.failed = 1;
        }
        End::Silent(time) => {
            let minutes = time.as_secs() / 60;
            println!("{} said nothing for {minutes} minutes: killed and counted as failed", process::shown(command));
            count.failed += 1;
        }
    }
    Ok(count)
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; …`. An ignored test proves nothing: it counts as failed.
fn from_cargo_line(line: &str) -> Option<Count> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let number = |word: &str| {
        let part = rest.split([';', '.']).find(|part| part.trim_end().ends_with(word))?;
        part.trim().split(' ').next()?.parse::<u64>().ok()
    };
    Some(Count { passed: number("passed")?, failed: number("failed")? + number("ignored")? })
}

/// `N passed, N failed` alone on a line.
fn from_closing_line(line: &str) -> Option<Count> {
    let (passed, failed) = line.trim().split_once(", ")?;
    Some(Count {
        passed: passed.strip_suffix(" passed")?.parse().ok()?,
        failed: failed.strip_suffix(" failed")?.parse().ok()?,
    })
}

/// Playwright's JSON report. Flaky and skipped tests count as failed: neither has shown that its claim holds.
pub(crate) fn from_playwright(report: &str) -> Result<Count> {
    let report: serde_json::Value = serde_json::from_str(report).context("cannot read Playwright's report")?;
    let stats = &report["stats"];
    let number = |name: &str| stats[name].as_u64().with_context(|| format!("Playwright's report lacks stats.{name}"));
    let errors = report["errors"].as_array().map_or(0, Vec::len) as u64;
    Ok(Count {
        passed: number("expected")?,
        failed: number("unexpected")? + number("flaky")? + number("skipped")? + errors,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_line_counts_ignored_tests_as_failed() {
        let line = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        assert_eq!(from_cargo_line(line), Some(Count { passed: 12, failed: 3 }));
        assert_eq!(from_cargo_line("running 12 tests"), None);
    }

    #[test]
    fn closing_line_must_stand_alone() {
        assert_eq!(from_closing_line("7 passed, 0 failed"), Some(Count { passed: 7, failed: 0 }));
        assert_eq!(from_closing_line("python: 7 passed, 0 failed"), None);
        assert_eq!(from_closing_line("7 passed, 0 failed, 1 skipped"), None);
    }

    #[test]
    fn playwright_report_counts_skipped_flaky_and_broken_files_as_failed() {
        let report = r#"{"stats":{"expected":4,"unexpected":1,"flaky":1,"skipped":1},"errors":[{}]}"#;
        assert_eq!(from_playwright(report).unwrap(), Count { passed: 4, failed: 4 });
        assert!(from_playwright("{}").is_err());
    }

    #[test]
    fn crash_without_a_named_failure_counts_as_one() {
        let mut crash = Command::new("sh");
        crash.args(["-c", "echo 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured'; exit 3"]);
        assert_eq!(stream(&mut crash, Runner::Cargo).unwrap(), Count { passed: 2, failed: 1 });
    }

    #[test]
    fn last_closing_line_speaks_for_the_suite() {
        let mut clients = Command::new("sh");
        clients.args(["-c", "echo '1 passed, 0 failed'; echo '3 passed, 0 failed'"]);
        assert_eq!(stream(&mut clients, Runner::Closing).unwrap(), Count { passed: 3, failed: 0 });
    }
}
