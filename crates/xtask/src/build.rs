//! `build`: the bundle, then the binary. How a bundle is made lives in `bundle`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{bundle, process};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flavour {
    /// Quick to build; the server reads the assets from disk.
    Dev,
    /// What is shipped: small, compressed, in one file.
    Release,
}

impl Flavour {
    pub(crate) fn from_words(words: &[String]) -> Result<Self> {
        match words {
            [] => Ok(Self::Dev),
            [word] if word == "--release" => Ok(Self::Release),
            _ => bail!("unknown flag for build: {}; known: --release", words.join(" ")),
        }
    }
}

/// Builds everything and returns the path of the binary.
pub(crate) fn build(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    bundle::bundle(workspace, flavour)?;
    server(workspace, flavour)
}

pub(crate) fn server(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    let (flags, folder): (&[&str], _) = match flavour {
        Flavour::Dev => (&[], "debug"),
        Flavour::Release => (&["--release", "--features", "embed"], "release"),
    };
    process::step("server", || {
        process::run(workspace.cargo().args(["build", "--package", "server", "--bin", "tracewell"]).args(flags))
    })?;
    Ok(workspace.target.join(folder).join("tracewell"))
}
