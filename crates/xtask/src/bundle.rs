//! The browser's files in `target/site`: WebAssembly, its JavaScript, one style sheet and `public/`.
//! Nothing here knows how they are served.

pub(crate) mod compress;
mod css;
mod manifest;
mod wasm;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::build::Flavour;
use crate::process;
use crate::workspace::Workspace;

/// Makes the whole site beside the old one, then swaps: a running server never sees half of it.
pub(crate) fn bundle(workspace: &Workspace, flavour: Flavour) -> Result<()> {
    let compiled = wasm::compile(workspace, flavour)?;
    process::step("site", || {
        let site = workspace.site();
        let next = site.with_extension("next");
        remove_dir(&next)?;
        fs::create_dir_all(next.join("pkg"))?;
        wasm::bind(&compiled, &next.join("pkg"), flavour)?;
        let css = css::inlined(&workspace.root.join("style/main.css"))?;
        fs::write(next.join("pkg/tracewell.css"), css)?;
        copy_dir(&workspace.root.join("public"), &next)?;
        manifest::write(&next, flavour)?;
        if flavour == Flavour::Release {
            compress::compress_dir(&next)?;
        }
        swap(&next, &site)
    })
}

fn swap(next: &Path, site: &Path) -> Result<()> {
    let old = site.with_extension("old");
    remove_dir(&old)?;
    if site.exists() {
        fs::rename(site, &old)?;
    }
    fs::rename(next, site).with_context(|| format!("cannot put the new site in place: {}", site.display()))?;
    remove_dir(&old)
}

fn remove_dir(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("cannot copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}
