//! The browser's files in `target/site`: WebAssembly, its JavaScript, one style sheet and `public/`.
//! Nothing here knows how they are served.

pub(crate) mod compress;
mod css;
mod manifest;
mod wasm;

use std::collections::BTreeSet;
use std::ffi::OsString;
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
        // Untouched when nothing changed: a binary that embeds these files would be linked anew for their dates.
        if same_files(&next, &site)? { remove_dir(&next) } else { swap(&next, &site) }
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

/// Whether both folders hold the same names with the same bytes, all the way down.
fn same_files(one: &Path, other: &Path) -> Result<bool> {
    let (names, other_names) = (names_in(one)?, names_in(other)?);
    if names != other_names {
        return Ok(false);
    }
    for name in names {
        let (one, other) = (one.join(&name), other.join(&name));
        let same = match (one.is_dir(), other.is_dir()) {
            (true, true) => same_files(&one, &other)?,
            (false, false) => fs::read(&one)? == fs::read(&other)?,
            _ => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Empty for a folder that does not exist.
fn names_in(folder: &Path) -> Result<BTreeSet<OsString>> {
    if !folder.exists() {
        return Ok(BTreeSet::new());
    }
    Ok(fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pkg")).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn site_is_the_same_only_with_the_same_names_and_bytes() {
        let old = site(&[("a.css", "1"), ("pkg/a.js", "2")]);
        let same = |files| same_files(site(files).path(), old.path()).unwrap();
        assert!(same(&[("a.css", "1"), ("pkg/a.js", "2")]));
        assert!(!same(&[("a.css", "1"), ("pkg/a.js", "3")]));
        assert!(!same(&[("a.css", "1"), ("pkg/b.js", "2")]));
        assert!(!same(&[("a.css", "1"), ("pkg/a.js", "2"), ("b.css", "1")]));
    }

    #[test]
    fn new_site_takes_the_place_of_the_old_one_whole() {
        let root = tempfile::tempdir().unwrap();
        let (next, place) = (root.path().join("site.next"), root.path().join("site"));
        for text in ["first", "second"] {
            fs::create_dir(&next).unwrap();
            fs::write(next.join(text), text).unwrap();
            swap(&next, &place).unwrap();
        }
        assert_eq!(names_in(&place).unwrap(), BTreeSet::from(["second".into()]));
        assert_eq!(names_in(root.path()).unwrap(), BTreeSet::from(["site".into()]));
    }
}
