//! `test`: every suite there is, each run even when an earlier one failed. The last line is the total.

mod count;
mod suite;

use std::process::Command;

use anyhow::{Result, bail};

use crate::build::{self, Flavour};
use crate::test::count::{Count, Runner};
use crate::test::suite::Suite;
use crate::workspace::Workspace;
use crate::{bundle, machine, process, size};

/// `frontend` exists for WebAssembly only; natively it would mix browser and server features.
pub(crate) const NATIVE: [&str; 3] = ["--workspace", "--exclude", "frontend"];

type Run = fn(&Workspace, Flavour) -> Suite;
const SUITES: [(&str, Run); 5] =
    [("native", native), ("doc", doc), ("wasm", wasm), ("browser", browser), ("clients", clients)];

#[derive(Debug)]
pub(crate) struct Options {
    /// What the browser and the clients meet: as shipped, unless a developer wants a quick answer.
    flavour: Flavour,
    /// All of them when empty.
    names: Vec<String>,
}

impl Options {
    pub(crate) fn from_words(words: &[String]) -> Result<Self> {
        let (flags, names): (Vec<_>, Vec<_>) = words.iter().cloned().partition(|word| word.starts_with('-'));
        if let Some(flag) = flags.iter().find(|flag| *flag != "--dev") {
            bail!("unknown flag for test: {flag}; known: --dev");
        }
        if let Some(name) = names.iter().find(|name| !SUITES.iter().any(|(known, _)| known == name)) {
            bail!("unknown suite: {name}; known: native, doc, wasm, browser, clients");
        }
        Ok(Self { flavour: if flags.is_empty() { Flavour::Release } else { Flavour::Dev }, names })
    }
}

/// `Ok(false)` when anything failed; everything has been said by then.
pub(crate) fn test(workspace: &Workspace, options: &Options) -> Result<bool> {
    let mut total = Count::default();
    let mut lines = Vec::new();
    for (name, run) in SUITES {
        if options.names.is_empty() || options.names.iter().any(|wanted| wanted == name) {
            let suite = run(workspace, options.flavour);
            total.add(suite.count());
            lines.push(suite.line());
        }
    }
    // All verdicts together, so that nobody scrolls for the one that failed.
    lines.iter().for_each(|line| println!("{line}"));
    println!("{}", total.line());
    Ok(total.failed == 0)
}

fn native(workspace: &Workspace, _: Flavour) -> Suite {
    Suite::run("native tests", || {
        let words = ["test", "--no-fail-fast", "--lib", "--bins", "--tests"];
        // Compiled first: a slow machine may take its time for that, and says nothing on standard output meanwhile.
        process::run(workspace.cargo().args(words).args(NATIVE).arg("--no-run"))?;
        count::stream(workspace.cargo().args(words).args(NATIVE), Runner::Cargo)
    })
}

fn doc(workspace: &Workspace, _: Flavour) -> Suite {
    Suite::run("doc tests", || {
        let mut command = workspace.cargo();
        command.args(["test", "--no-fail-fast", "--doc"]).args(NATIVE);
        count::stream(&mut command, Runner::Cargo)
    })
}

/// The bundle builds; as shipped, it also keeps its limits. Either way it is one claim.
fn wasm(workspace: &Workspace, flavour: Flavour) -> Suite {
    Suite::run("wasm build", || {
        bundle::bundle(workspace, flavour)?;
        if flavour == Flavour::Release {
            size::size(workspace)?;
        }
        Ok(Count { passed: 1, failed: 0 })
    })
}

fn browser(workspace: &Workspace, flavour: Flavour) -> Suite {
    Suite::run("browser tests", || {
        let chromium = machine::browser::ensure()?;
        let node = machine::node::ensure(workspace)?;
        // With its bundle: pages and server of different states would not understand each other.
        let binary = build::build(workspace, flavour)?;
        let report = workspace.target.join("browser-report.json");
        // An old report must not speak for a run that wrote none.
        if report.exists() {
            std::fs::remove_file(&report)?;
        }
        let status = Command::new(node)
            .args(["node_modules/@playwright/test/cli.js", "test"])
            .current_dir(workspace.end2end())
            .env("CHROMIUM_PATH", chromium)
            .env("TRACEWELL_BIN", binary)
            .env("TRACEWELL_BROWSER_REPORT", &report)
            .status()?;
        let Ok(text) = std::fs::read_to_string(&report) else {
            bail!("Playwright ended with {status}, without a report")
        };
        let count = count::from_playwright(&text)?;
        if !status.success() && count.failed == 0 {
            bail!("Playwright ended with {status}, though it reports no failed test");
        }
        Ok(count)
    })
}

fn clients(workspace: &Workspace, flavour: Flavour) -> Suite {
    Suite::run("client tests", || {
        machine::python::ensure()?;
        let node = machine::node::ensure(workspace)?;
        let binary = build::server(workspace, flavour)?;
        let mut command = Command::new(workspace.end2end().join("clients/run"));
        command.current_dir(workspace.end2end()).env("TRACEWELL_BIN", binary).env("TRACEWELL_NODE", node);
        count::stream(&mut command, Runner::Closing)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suite_that_does_not_exist_is_refused_by_name() {
        let error = Options::from_words(&["browsers".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("browsers"));
        assert!(Options::from_words(&["--quick".to_owned()]).is_err());
        assert_eq!(Options::from_words(&["--dev".to_owned(), "doc".to_owned()]).unwrap().flavour, Flavour::Dev);
    }
}
