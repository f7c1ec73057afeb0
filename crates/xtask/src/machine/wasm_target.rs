//! The standard library for WebAssembly, added through rustup when it is missing.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn ensure() -> Result<()> {
    let folder = process::read(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    process::step(&format!("rustup target add {TARGET}"), || {
        process::run(Command::new("rustup").args(["target", "add", TARGET])).with_context(|| {
            format!("the WebAssembly target is missing; with rustup: `rustup target add {TARGET}`; with a distribution's Rust: install its wasm32 standard library")
        })
    })
}
