//! Free space, asked before every group: sled must never meet a full disk. A trait, so that tests own the disk.

use std::io;
use std::path::Path;

use crate::settings::Settings;

/// What a file system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSpace {
    /// Bytes that this process may still write.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Measures a file system.
pub trait DiskSpace: Send + Sync {
    /// The space of the file system that holds `path`.
    fn space(&self, path: &Path) -> io::Result<FreeSpace>;
}

/// Asks the operating system.
#[derive(Clone, Copy, Debug)]
pub struct RealDisk;

impl DiskSpace for RealDisk {
    fn space(&self, path: &Path) -> io::Result<FreeSpace> {
        let answer = rustix::fs::statvfs(path)?;
        Ok(FreeSpace {
            free: answer.f_bavail.saturating_mul(answer.f_frsize),
            total: answer.f_blocks.saturating_mul(answer.f_frsize),
        })
    }
}

/// Free bytes kept on any disk when nothing is set.
const FREE_MIN: u64 = 1 << 30;

/// The share of a large disk kept free when nothing is set: one in fifty.
const FREE_SHARE: u64 = 50;

/// Why no span may be accepted now, for people; `None` when all is well.
pub(crate) fn refusal(settings: &Settings, directory: &Path) -> Option<String> {
    refusal_below(settings, directory, 1)
}

/// Why no block may be written now. Blocks free the journal, so they may use half of what is kept free.
pub(crate) fn refusal_of_builder(settings: &Settings, directory: &Path) -> Option<String> {
    const SHARE: u64 = 2;
    refusal_below(settings, directory, SHARE)
}

/// Bytes that no span may take.
pub(crate) fn kept_free(settings: &Settings, space: FreeSpace) -> u64 {
    settings.disk_free_min.unwrap_or(FREE_MIN.max(space.total / FREE_SHARE))
}

fn refusal_below(settings: &Settings, directory: &Path, share: u64) -> Option<String> {
    let space = match settings.disk.space(directory) {
        Ok(space) => space,
        Err(error) => return Some(format!("free disk space is unknown: {error}")),
    };
    let needed = kept_free(settings, space) / share;
    (space.free < needed).then(|| format!("disk is low: {} bytes are free, {needed} are kept free", space.free))
}
