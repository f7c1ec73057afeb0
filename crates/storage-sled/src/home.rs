//! The directory of one Db, with the marks of its life beside it. Not here: which Dbs there are, and what is in them.
//!
//! `READY` says that the Db is whole on disk. A directory without it never acknowledged anything.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::UnixNanos;

use crate::durable;
use crate::failpoint::failpoint;
use crate::format::{self, ManifestFault};
use crate::opening::Opener;
use crate::sled_db::{Kind, PageDb, end_process};

/// A directory with a Db.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

impl Home {
    /// Makes an empty Db that would survive a power cut, and opens it. Takes tens of milliseconds.
    pub(crate) fn create(
        path: PathBuf,
        kind: Kind,
        created: UnixNanos,
        opener: &Opener,
    ) -> Result<(Home, PageDb), String> {
        let home = Home { path, kind };
        let failed = |error: io::Error| format!("{error}: {}", home.path.display());
        fs::create_dir(&home.path).map_err(failed)?;
        failpoint!("home.directory");
        let manifest = format::manifest(kind, created);
        durable::write_whole(&home.path.join("MANIFEST"), manifest.as_bytes()).map_err(failed)?;
        failpoint!("home.manifest");
        let db = home.open(opener)?;
        failpoint!("home.opened");
        // The trees' own entries must be durable before pages are. After a failed flush even dropping the handle would wait for ever.
        db.flush().unwrap_or_else(|error| end_process("flush a new Db", &error));
        failpoint!("home.flushed");
        durable::sync_all_below(&home.path).map_err(failed)?;
        durable::sync_directory(home.path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        failpoint!("home.synced");
        durable::write_whole(&home.path.join("READY"), b"").map_err(failed)?;
        failpoint!("home.ready");
        Ok((home, db))
    }

    /// Opens the Db; see `opening`.
    pub(crate) fn open(&self, opener: &Opener) -> Result<PageDb, String> {
        opener.open(&self.path.join("db"), self.kind)
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.path.join("READY").exists()
    }

    /// Whether this program can read it.
    pub(crate) fn check_manifest(&self) -> Result<(), ManifestFault> {
        // A manifest that is no text is damaged, not unreadable.
        let bytes = fs::read(self.path.join("MANIFEST"));
        let bytes = bytes.map_err(|error| ManifestFault::Damaged(format!("its manifest cannot be read: {error}")))?;
        format::check_manifest(self.kind, &String::from_utf8_lossy(&bytes))
    }

    /// Writes the manifest of a Db that turned out to be one of ours.
    pub(crate) fn renew_manifest(&self, created: UnixNanos) -> io::Result<()> {
        durable::write_whole(&self.path.join("MANIFEST"), format::manifest(self.kind, created).as_bytes())
    }

    /// The name of its directory, for people.
    pub(crate) fn label(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Moves it to the trash and empties that. What is left in the trash goes on the next open.
    pub(crate) fn discard(&self, trash: &Path) -> io::Result<()> {
        let gone = trash.join(self.label());
        durable::rename(&self.path, &gone)?;
        failpoint!("discard.moved");
        if let Err(error) = fs::remove_dir_all(&gone) {
            tracing::warn!("the trash is not empty yet: {error}");
        }
        failpoint!("discard.removed");
        Ok(())
    }
}
