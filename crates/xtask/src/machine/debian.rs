//! Packages of Debian and its children. Installs only as root; otherwise says what to type.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Installs `packages`, or fails with the command that a person must run.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if super::on_path("apt-get").is_none() {
        bail!("{what} is missing; install it with your system's package manager (Debian's names: {list})");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("{what} is missing; run: sudo apt-get update && sudo apt-get install -y {list}");
    }
    process::step(&format!("apt-get install {list}"), || {
        process::run(apt().arg("update"))?;
        process::run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
    })
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive").stdin(std::process::Stdio::null());
    command
}
