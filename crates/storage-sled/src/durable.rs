//! Files and directories that survive a power cut once the call returns. Not here: what is in them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failpoint::failpoint;

/// Writes a whole file under a temporary name, then puts it in its place: a reader sees nothing or all of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    failpoint!("durable.written");
    fs::rename(&temporary, path)?;
    failpoint!("durable.renamed");
    sync_directory(parent_of(path))
}

/// Renames, and makes both directories durable.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    failpoint!("durable.moved");
    sync_directory(parent_of(from))?;
    sync_directory(parent_of(to))
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes all files and directories below `path` durable, itself included.
pub(crate) fn sync_all_below(path: &Path) -> io::Result<()> {
    let mut waiting: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            } else {
                File::open(entry.path())?.sync_all()?;
            }
        }
        sync_directory(&directory)?;
    }
    Ok(())
}

/// Bytes that a directory and all below it take on the disk.
pub(crate) fn disk_bytes_below(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    const BLOCK_BYTES: u64 = 512;
    let mut bytes = 0;
    let mut waiting = vec![path.to_owned()];
    while let Some(directory) = waiting.pop() {
        // What vanishes while we look takes no space.
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                waiting.push(entry.path());
            } else {
                bytes += metadata.blocks() * BLOCK_BYTES;
            }
        }
    }
    bytes
}

fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}
