//! Chromium: the one in `CHROMIUM_PATH`, else one on `PATH`, else Debian's package.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{debian, on_path};
use crate::process;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Without a font every text measures zero, and half the layout tests with it.
const PACKAGES: [&str; 2] = ["chromium", "fonts-liberation"];

pub(crate) fn ensure() -> Result<PathBuf> {
    let program = match std::env::var_os("CHROMIUM_PATH").filter(|path| !path.is_empty()) {
        Some(path) => {
            let path = PathBuf::from(path);
            if !path.is_file() {
                bail!("CHROMIUM_PATH names no file; unset it or name a Chromium: {}", path.display());
            }
            path
        }
        None => found_or_installed()?,
    };
    let version = process::read(Command::new(&program).arg("--version")).context("Chromium does not start")?;
    println!("{}: {}", program.display(), version.trim());
    Ok(program)
}

fn found_or_installed() -> Result<PathBuf> {
    let found = || NAMES.iter().find_map(|name| on_path(name));
    if let Some(program) = found() {
        return Ok(program);
    }
    debian::install("Chromium (for the browser tests)", &PACKAGES)?;
    found().context("Debian's package installed, but no `chromium` is on PATH")
}
