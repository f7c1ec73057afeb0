//! Where things lie: the repository's root and cargo's target directory. Nothing is built or read here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's own answer, so that `CARGO_TARGET_DIR` and a user's configuration are respected.
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).ancestors().nth(2).context("crates/xtask has no grandparent folder")?;
        let output = Command::new(cargo_path())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root)
            .output()
            .context("cannot start `cargo metadata`")?;
        if !output.status.success() {
            anyhow::bail!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let target = metadata["target_directory"].as_str().context("`cargo metadata` names no target directory")?;
        Ok(Self { root: root.to_path_buf(), target: target.into() })
    }

    /// The page's assets as the server reads or embeds them. Fixed, because `server` embeds by this path.
    pub(crate) fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// A cargo call at the root that does not inherit what `cargo run` told us about ourselves:
    /// build scripts watch those variables, and would rebuild on each change between a shell and us.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo_path());
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // A user's flags would take the place of the workspace's own, by which server and browser build the same views.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_CRATE_NAME" {
                command.env_remove(&name);
            }
        }
        command
    }
}

fn cargo_path() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
