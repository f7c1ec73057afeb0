//! `frontend` to WebAssembly, and the JavaScript that loads it. wasm-bindgen is a library here: nobody installs a tool.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::build::Flavour;
use crate::machine::wasm_target::{self, TARGET};
use crate::process;
use crate::workspace::Workspace;

pub(crate) fn compile(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    wasm_target::ensure()?;
    let profile = match flavour {
        Flavour::Dev => "wasm-dev",
        Flavour::Release => "wasm-release",
    };
    process::step(&format!("frontend to WebAssembly ({profile})"), || {
        process::run(workspace.cargo().args([
            "build",
            "--package",
            "frontend",
            "--lib",
            "--target",
            TARGET,
            "--profile",
            profile,
        ]))
    })?;
    Ok(workspace.target.join(TARGET).join(profile).join("frontend.wasm"))
}

/// Writes `tracewell.js`, `tracewell.wasm` and `snippets/` into `pkg`.
pub(crate) fn bind(compiled: &Path, pkg: &Path, flavour: Flavour) -> Result<()> {
    Bindgen::new()
        .input_path(compiled)
        .out_name("tracewell")
        .web(true)?
        .typescript(false)
        .remove_name_section(flavour == Flavour::Release)
        .remove_producers_section(flavour == Flavour::Release)
        .generate(pkg)
        .with_context(|| format!("wasm-bindgen cannot read {}", compiled.display()))?;
    // The name that cargo-leptos gives it too, so `cargo leptos watch` finds the same page.
    fs::rename(pkg.join("tracewell_bg.wasm"), pkg.join("tracewell.wasm")).context("wasm-bindgen wrote no WebAssembly")
}
