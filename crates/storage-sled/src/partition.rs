//! The directory of a partition: its name, the marks of its life, making and finding it. Not here: its pages.
//!
//! `READY` says that the Db is whole on disk; `USED` that a group may have been put. A directory without both
//! never acknowledged anything.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::UnixNanos;

use crate::durable;
use crate::format;
use crate::opening;
use crate::sled_db::PageDb;

/// Days since 1970-01-01 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(u64);

/// The name of a partition: the day it was made, and a number that rises over all days and decides the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartitionName {
    /// Rises by one with each partition made.
    pub(crate) number: u32,
    /// When it was made; a clock may be wrong, so it is for people only.
    day: Day,
}

/// A partition on disk.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) name: PartitionName,
    pub(crate) path: PathBuf,
}

// === impl Day ===

impl Day {
    pub(crate) fn of(instant: UnixNanos) -> Day {
        const DAY_NANOS: u64 = 86_400_000_000_000;
        Day(instant.0 / DAY_NANOS)
    }

    /// Year, month and day of the Gregorian calendar, counted in eras of 400 years that begin on the first of March.
    fn civil(self) -> (u64, u64, u64) {
        let days = self.0 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (400 * era + year_of_era + u64::from(month <= 2), month, day)
    }
}

// === impl PartitionName ===

impl PartitionName {
    pub(crate) fn new(number: u32, day: Day) -> PartitionName {
        PartitionName { number, day }
    }

    /// `None` for a name that is not ours.
    fn parse(text: &str) -> Option<PartitionName> {
        let (day, number) = text.split_once('-')?;
        // The printed day is for people; the number alone identifies.
        let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok()?;
        is_day.then_some(PartitionName { number, day: Day(0) })
    }
}

impl fmt::Display for PartitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.day.civil();
        write!(f, "{year:04}{month:02}{day:02}-{:04}", self.number)
    }
}

// === impl Partition ===

impl Partition {
    /// Makes an empty partition that would survive a power cut, with its open Db. Takes tens of milliseconds.
    pub(crate) fn create(
        parts: &Path,
        name: PartitionName,
        created: UnixNanos,
        wait_max: Duration,
    ) -> Result<(Partition, PageDb), String> {
        let path = parts.join(name.to_string());
        let partition = Partition { name, path };
        let failed = |error: io::Error| format!("{error}: {}", partition.path.display());
        fs::create_dir(&partition.path).map_err(failed)?;
        durable::write_whole(&partition.path.join("MANIFEST"), format::manifest(created).as_bytes()).map_err(failed)?;
        let db = opening::open(&partition.db_path(), wait_max)?;
        // The tree's own entry must be durable before pages are.
        db.flush().map_err(failed)?;
        durable::sync_all_below(&partition.path).map_err(failed)?;
        durable::sync_directory(parts).map_err(failed)?;
        durable::write_whole(&partition.path.join("READY"), b"").map_err(failed)?;
        Ok((partition, db))
    }

    /// All partitions, in order, and beside them the directories that never acknowledged anything.
    pub(crate) fn find(parts: &Path) -> io::Result<(Vec<Partition>, Vec<PathBuf>)> {
        let (mut found, mut unused) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(parts)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(PartitionName::parse);
            match name {
                Some(name) if path.join("READY").exists() && path.join("USED").exists() => {
                    found.push(Partition { name, path });
                }
                _ => unused.push(path),
            }
        }
        found.sort_by_key(|partition| partition.name.number);
        Ok((found, unused))
    }

    /// Says durably that groups may be put from here on, the first of them `group`.
    pub(crate) fn mark_used(&self, group: u64) -> io::Result<()> {
        durable::write_whole(&self.path.join("USED"), format!("first_group {group}\n").as_bytes())
    }

    /// The number of its first group, as marked.
    pub(crate) fn first_group(&self) -> Option<u64> {
        let text = fs::read_to_string(self.path.join("USED")).ok()?;
        text.trim_end().strip_prefix("first_group ")?.parse().ok()
    }

    /// Removes a partition that holds nothing. The mark goes first: whatever a crash leaves is then removed on the next open.
    pub(crate) fn remove(&self) -> io::Result<()> {
        fs::remove_file(self.path.join("USED"))?;
        durable::sync_directory(&self.path)?;
        fs::remove_dir_all(&self.path)
    }

    pub(crate) fn manifest(&self) -> Result<String, String> {
        fs::read_to_string(self.path.join("MANIFEST")).map_err(|error| format!("its manifest cannot be read: {error}"))
    }

    /// sled's own directory: our files never lie in it.
    pub(crate) fn db_path(&self) -> PathBuf {
        self.path.join("db")
    }

    /// The name of its directory, for people.
    pub(crate) fn label(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_calendar() {
        let name = |secs: u64| PartitionName::new(7, Day::of(UnixNanos(secs * 1_000_000_000))).to_string();
        assert_eq!(name(0), "19700101-0007");
        assert_eq!(name(951_782_400), "20000229-0007");
        assert_eq!(name(951_868_799), "20000229-0007");
        assert_eq!(name(951_868_800), "20000301-0007");
        assert_eq!(name(1_798_675_200), "20261231-0007");
        assert_eq!(PartitionName::parse("20261231-0007").map(|name| name.number), Some(7));
        assert_eq!(PartitionName::parse("20261231-12345").map(|name| name.number), Some(12_345));
        assert_eq!(PartitionName::parse("lost+found"), None);
    }
}
