//! Directories without the marks of their life. Mostly they never held anything and are removed; but a mark can be lost too,
//! so what holds pages gets its marks back, and what cannot be looked into is set aside.

use std::fs;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::error::OpenError;
use crate::failpoint::failpoint;
use crate::home::Home;
use crate::page;
use crate::partition::{self, Partition};
use crate::segment::{self, Segment};
use crate::shared::Shared;
use crate::sled_db::Kind;

use super::manifests::Admitted;

/// Slabs of a Db without pages are smaller: it holds the names of its trees.
const SLABS_BYTES_EMPTY: u64 = 1 << 10;

/// What is in a directory without marks.
enum Content {
    /// Nothing that was ever acknowledged.
    None,
    /// Pages, and the group of the first one if it can be read.
    Pages(Option<u64>),
    /// More than nothing, but why it cannot be read.
    Unknown(String),
}

/// Leaves only directories that have their marks.
pub(super) fn settle(shared: &Shared) -> Result<(), OpenError> {
    let (journal, parts) = (shared.directory.join("journal"), shared.directory.join("part"));
    let (_, segments) = Segment::find(&journal).map_err(OpenError::io("cannot list its journal", &journal))?;
    let (_, partitions) = Partition::find(&parts).map_err(OpenError::io("cannot list its partitions", &parts))?;
    let segments = segments.into_iter().map(|path| (Kind::Journal, path));
    for (kind, path) in segments.chain(partitions.into_iter().map(|path| (Kind::Partition, path))) {
        let home = Home { path, kind };
        let is_ours = match kind {
            Kind::Journal => segment::generation_of(&home.label()).is_some(),
            _ => partition::number_of(&home.label()).is_some(),
        };
        if !is_ours {
            tracing::warn!(path = %home.path.display(), "this is not of the store and is left alone");
            continue;
        }
        match content(shared, &home) {
            Content::None => remove(&home.path)?,
            Content::Pages(group_first) => restore(shared, &home, group_first)?,
            Content::Unknown(reason) => {
                let report = shared.quarantine.take(&home, &format!("it has no marks, and {reason}"));
                shared.add_damage(report);
            }
        }
    }
    durable::sync_directory(&journal).map_err(OpenError::io("cannot sync its journal", &journal))?;
    durable::sync_directory(&parts).map_err(OpenError::io("cannot sync its partitions", &parts))
}

fn content(shared: &Shared, home: &Home) -> Content {
    if !home.path.join("db").exists() {
        return Content::None;
    }
    let looked = Admitted::of(home).and_then(|admitted| {
        let db = home.open(&shared.opener)?;
        let failed = |error: std::io::Error| format!("it cannot be read: {error}");
        Ok(match db.page_last().map_err(failed)? {
            None => Content::None,
            Some(_) => {
                let first = db.get(0).map_err(failed)?;
                let group_first = first.and_then(|bytes| page::parse(&bytes).map(|page| page.group));
                admitted.settle(shared, group_first.is_some())?;
                Content::Pages(group_first)
            }
        })
    });
    // A Db that was not finished may not open either.
    looked.unwrap_or_else(|reason| match slab_bytes(home) > SLABS_BYTES_EMPTY {
        true => Content::Unknown(reason),
        false => Content::None,
    })
}

fn slab_bytes(home: &Home) -> u64 {
    let slabs: Vec<PathBuf> = fs::read_dir(home.path.join("db/slabs"))
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    slabs.iter().map(|path| fs::metadata(path).map_or(0, |metadata| metadata.len())).sum()
}

fn remove(path: &Path) -> Result<(), OpenError> {
    tracing::info!(path = %path.display(), "removed a directory that was never used");
    fs::remove_dir_all(path).map_err(OpenError::io("cannot remove an unused directory", path))?;
    failpoint!("prepare.unused");
    Ok(())
}

fn restore(shared: &Shared, home: &Home, group_first: Option<u64>) -> Result<(), OpenError> {
    let failed = "cannot mark a directory that holds pages";
    if home.kind == Kind::Journal && !home.path.join("USED").exists() {
        let segment = Segment { generation: 0, home: home.clone() };
        segment.mark_used(group_first.unwrap_or(0)).map_err(OpenError::io(failed, &home.path))?;
    }
    durable::write_whole(&home.path.join("READY"), b"").map_err(OpenError::io(failed, &home.path))?;
    let report = shared.quarantine.heal(home, "marks", "it holds pages and its marks were lost; nothing is missing");
    shared.damage().heal(report);
    Ok(())
}
