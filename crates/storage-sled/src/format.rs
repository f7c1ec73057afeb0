//! The files that name formats: `FORMAT` of the store, `MANIFEST` of a partition. Not here: what is inside a partition.

use std::fs;
use std::io;
use std::path::Path;

use model::UnixNanos;

use crate::durable;
use crate::error::OpenError;
use crate::group;
use crate::page::PAGE_BYTES;
use crate::sled_db::ENGINE;

/// The store's format: which directories there are and what their names mean.
pub(crate) const STORE_FORMAT: u64 = 1;

const PREFIX: &str = "tracewell store ";

/// Whether the directory holds a store this program may open. Changes nothing.
pub(crate) fn check_store(directory: &Path) -> Result<(), OpenError> {
    let path = directory.join("FORMAT");
    match fs::read_to_string(&path) {
        Ok(text) => match text.trim_end().strip_prefix(PREFIX).and_then(|number| number.parse().ok()) {
            Some(STORE_FORMAT) => Ok(()),
            Some(found) => Err(OpenError::Newer { found, known: STORE_FORMAT, path: directory.to_owned() }),
            None => Err(OpenError::Foreign(directory.to_owned())),
        },
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

/// The text of a new partition's manifest.
pub(crate) fn manifest(created: UnixNanos) -> String {
    let body = format!(
        "engine {ENGINE}\npage_bytes {PAGE_BYTES}\ngroup_format {}\ncreated_unix_nanos {}\n",
        group::FORMAT,
        created.0
    );
    let crc = crc32c::crc32c(body.as_bytes());
    format!("{body}crc32c {crc:08x}\n")
}

/// Whether this program can read a partition with this manifest; if not, why.
pub(crate) fn check_manifest(text: &str) -> Result<(), String> {
    let (body, crc) = text.split_at(text.rfind("crc32c ").ok_or("its manifest is cut")?);
    let crc = u32::from_str_radix(crc.trim_end().trim_start_matches("crc32c "), 16);
    if crc != Ok(crc32c::crc32c(body.as_bytes())) {
        return Err("its manifest is damaged".to_owned());
    }
    let value = |key: &str| body.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    match (value("engine"), value("page_bytes"), value("group_format")) {
        (Some(ENGINE), Some(page), Some(format))
            if page == PAGE_BYTES.to_string() && format == group::FORMAT.to_string() =>
        {
            Ok(())
        }
        (engine, page, format) => {
            Err(format!("it was written by another engine: {engine:?}, pages {page:?}, groups {format:?}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_accepted_whole_and_refused_when_changed() {
        let text = manifest(UnixNanos(7));
        assert_eq!(check_manifest(&text), Ok(()));
        assert!(check_manifest(&text.replace("16000", "16001")).is_err());
        assert!(check_manifest(&text[..10]).is_err());
        let newer = text.replace("group_format 1", "group_format 2");
        let body = &newer[..newer.rfind("crc32c ").expect("it ends so")];
        let resealed = format!("{body}crc32c {:08x}\n", crc32c::crc32c(body.as_bytes()));
        assert!(check_manifest(&resealed).is_err_and(|reason| reason.contains("another engine")));
    }
}
