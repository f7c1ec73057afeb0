//! `check`: everything that needs no running program. Each step runs, so one call names all that is wrong.

use anyhow::{Result, bail};

use crate::machine::wasm_target::{self, TARGET};
use crate::process;
use crate::test::NATIVE;
use crate::workspace::Workspace;
use crate::{deny, tidy};

type Step = (&'static str, fn(&Workspace) -> Result<()>);

// Quick ones first: a missing header should not wait for a compiler.
const STEPS: [Step; 6] = [
    ("fmt", format),
    ("tidy", tidy::tidy),
    ("licences, advisories, bans", deny::deny),
    ("clippy, native", clippy_native),
    ("clippy, WebAssembly", clippy_wasm),
    ("docs", docs),
];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut failed = Vec::new();
    for (name, work) in STEPS {
        if let Err(error) = process::step(name, || work(workspace)) {
            println!("{error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("check failed: {}", failed.join("; "));
    }
    Ok(())
}

fn format(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy_native(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().arg("clippy").args(NATIVE).args(["--all-targets", "--", "-D", "warnings"]))
}

fn clippy_wasm(workspace: &Workspace) -> Result<()> {
    wasm_target::ensure()?;
    // `app` is named too, so that its own lines are judged as the browser compiles them.
    let packages = ["--package", "frontend", "--package", "app", "--features", "app/hydrate", "--lib"];
    process::run(workspace.cargo().args(["clippy", "--target", TARGET]).args(packages).args(["--", "-D", "warnings"]))
}

fn docs(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["doc", "--no-deps"]).args(NATIVE).env("RUSTDOCFLAGS", "-D warnings"))
}
