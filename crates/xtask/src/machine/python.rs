//! Python with `venv`, for the real clients; Debian keeps the two in different packages.

use std::process::Command;

use anyhow::Result;

use super::{debian, on_path};
use crate::process;

pub(crate) fn ensure() -> Result<()> {
    let complete = on_path("python3").is_some()
        && process::read(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok();
    if complete {
        Ok(())
    } else {
        debian::install("Python with venv (for the client tests)", &["python3", "python3-venv"])
    }
}
