//! A journal segment: the Db that makes the groups of one generation durable until they are in a block. Not here: its pages.
//!
//! `USED` says that a group may have been put. A segment without `READY` and `USED` never acknowledged anything.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::UnixNanos;

use crate::durable;
use crate::failpoint::failpoint;
use crate::home::Home;
use crate::opening::Opener;
use crate::sled_db::{Kind, PageDb};

/// A segment on disk. A generation has one: it ends before the segment gets too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The generation; rises by one with each segment made, never reused.
    pub(crate) generation: u32,
    pub(crate) home: Home,
}

impl Segment {
    /// The segment of a generation, whether it is there or not.
    pub(crate) fn at(journal: &Path, generation: u32) -> Segment {
        let path = journal.join(format!("{generation:08x}-0000"));
        Segment { generation, home: Home { path, kind: Kind::Journal } }
    }

    /// Makes an empty segment with its open Db.
    pub(crate) fn create(
        journal: &Path,
        generation: u32,
        created: UnixNanos,
        opener: &Opener,
    ) -> Result<(Segment, PageDb), String> {
        let path = Segment::at(journal, generation).home.path;
        let (home, db) = Home::create(path, Kind::Journal, created, opener)?;
        Ok((Segment { generation, home }, db))
    }

    /// All segments, in order, and beside them the directories that never acknowledged anything.
    pub(crate) fn find(journal: &Path) -> io::Result<(Vec<Segment>, Vec<PathBuf>)> {
        let (mut found, mut unused) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(journal)? {
            let path = entry?.path();
            let generation = path.file_name().and_then(|name| name.to_str()).and_then(generation_of);
            let home = Home { path, kind: Kind::Journal };
            match generation {
                Some(generation) if home.is_ready() && home.path.join("USED").exists() => {
                    found.push(Segment { generation, home });
                }
                _ => unused.push(home.path),
            }
        }
        found.sort_by_key(|segment| segment.generation);
        Ok((found, unused))
    }

    /// Says durably that groups may be put from here on, the first of them `group`.
    pub(crate) fn mark_used(&self, group: u64) -> io::Result<()> {
        durable::write_whole(&self.home.path.join("USED"), format!("first_group {group}\n").as_bytes())
    }

    /// The number of its first group, as marked.
    pub(crate) fn first_group(&self) -> Option<u64> {
        let text = fs::read_to_string(self.home.path.join("USED")).ok()?;
        text.trim_end().strip_prefix("first_group ")?.parse().ok()
    }

    /// Removes a segment that holds nothing. The mark goes first: whatever a crash leaves is then removed on the next open.
    pub(crate) fn remove(&self) -> io::Result<()> {
        fs::remove_file(self.home.path.join("USED"))?;
        failpoint!("close.unmarked");
        durable::sync_directory(&self.home.path)?;
        fs::remove_dir_all(&self.home.path)
    }
}

/// The generation in the name of a segment; `None` for a name that is not ours.
pub(crate) fn generation_of(name: &str) -> Option<u32> {
    let (generation, part) = name.split_once('-')?;
    let is_ours = generation.len() == 8 && part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    is_ours.then(|| u32::from_str_radix(generation, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        assert_eq!(generation_of("0000001f-0000"), Some(31));
        for foreign in ["lost+found", "1f-0000", "0000001f", "0000001g-0000", "0000001f-00x0"] {
            assert_eq!(generation_of(foreign), None, "{foreign}");
        }
    }
}
