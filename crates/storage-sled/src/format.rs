//! The files that name formats: `FORMAT` of the store, `MANIFEST` of a Db. Not here: what is inside a Db.

use std::fs;
use std::io;
use std::path::Path;

use model::UnixNanos;

use crate::durable;
use crate::error::OpenError;
use crate::group;
use crate::page::PAGE_BYTES;
use crate::pages::BLOCK_PAGE_BYTES;
use crate::sled_db::{ENGINE, Kind};
use crate::{block, catalog, witness};

/// The store's format: which directories there are and what their names mean.
pub(crate) const STORE_FORMAT: u64 = 2;

const PREFIX: &str = "tracewell store ";

/// Whether the directory holds a store this program may open. Changes nothing.
pub(crate) fn check_store(directory: &Path) -> Result<(), OpenError> {
    let path = directory.join("FORMAT");
    match fs::read(&path) {
        Ok(bytes) => {
            match String::from_utf8_lossy(&bytes).trim_end().strip_prefix(PREFIX).and_then(|number| number.parse().ok())
            {
                Some(STORE_FORMAT) => Ok(()),
                // Before blocks there was only a journal that never ended. It was never released.
                Some(1) => Err(OpenError::Older { found: 1, known: STORE_FORMAT, path: directory.to_owned() }),
                Some(found) => Err(OpenError::Newer { found, known: STORE_FORMAT, path: directory.to_owned() }),
                None => Err(OpenError::Foreign(directory.to_owned())),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(OpenError::Io { action: "cannot read its format", error, path }),
    }
}

/// Names the format of a new store.
pub(crate) fn write_store(directory: &Path) -> Result<(), OpenError> {
    let path = directory.join("FORMAT");
    if path.exists() {
        return Ok(());
    }
    let text = format!("{PREFIX}{STORE_FORMAT}\n");
    durable::write_whole(&path, text.as_bytes()).map_err(OpenError::io("cannot write its format", &path))
}

/// The text of a new Db's manifest.
pub(crate) fn manifest(kind: Kind, created: UnixNanos) -> String {
    let body = format!("engine {ENGINE}\n{}created_unix_nanos {}\n", formats_of(kind), created.0);
    let crc = crc32c::crc32c(body.as_bytes());
    format!("{body}crc32c {crc:08x}\n")
}

/// The lines that say what is inside.
fn formats_of(kind: Kind) -> String {
    match kind {
        Kind::Journal => format!("page_bytes {PAGE_BYTES}\ngroup_format {}\n", group::FORMAT),
        Kind::Partition => format!(
            "page_bytes {BLOCK_PAGE_BYTES}\nblock_format {}\ncatalog_format {}\n",
            block::FORMAT,
            catalog::FORMAT
        ),
        Kind::Meta => format!("witness_format {}\n", witness::FORMAT),
    }
}

/// Why a manifest does not say that this program can read its Db.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ManifestFault {
    /// It says nothing that could be believed.
    Damaged(String),
    /// It says something else.
    Foreign(String),
}

/// Whether this program can read a Db of this kind with this manifest.
pub(crate) fn check_manifest(kind: Kind, text: &str) -> Result<(), ManifestFault> {
    let damaged = |reason: &str| ManifestFault::Damaged(reason.to_owned());
    let (body, crc) = text.split_at(text.rfind("crc32c ").ok_or_else(|| damaged("its manifest is cut"))?);
    let crc = u32::from_str_radix(crc.trim_end().trim_start_matches("crc32c "), 16);
    if crc != Ok(crc32c::crc32c(body.as_bytes())) {
        return Err(damaged("its manifest is damaged"));
    }
    let expected = format!("engine {ENGINE}\n{}", formats_of(kind));
    match body.starts_with(&expected) {
        true => Ok(()),
        false => Err(ManifestFault::Foreign(format!("it was written by another engine: {}", body.replace('\n', ", ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_accepted_whole_and_refused_when_changed() {
        let text = manifest(Kind::Journal, UnixNanos(7));
        assert_eq!(check_manifest(Kind::Journal, &text), Ok(()));
        for damaged in [&text.replace("16000", "16001"), &text[..10]] {
            assert!(matches!(check_manifest(Kind::Journal, damaged), Err(ManifestFault::Damaged(_))), "{damaged}");
        }
        let newer = text.replace("group_format 1", "group_format 2");
        let body = &newer[..newer.rfind("crc32c ").expect("it ends so")];
        let resealed = format!("{body}crc32c {:08x}\n", crc32c::crc32c(body.as_bytes()));
        for (kind, foreign) in [(Kind::Partition, &text), (Kind::Journal, &resealed)] {
            assert!(matches!(check_manifest(kind, foreign), Err(ManifestFault::Foreign(_))), "{foreign}");
        }
    }
}
