//! A partition: the Db that holds the blocks of about a day. Dropped whole. Not here: its blocks.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::UnixNanos;

use crate::home::Home;
use crate::opening::Opener;
use crate::sled_db::{Kind, PageDb};

/// Days since 1970-01-01 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(u64);

/// A partition on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Rises by one with each partition made, over all days; decides the order.
    pub(crate) number: u32,
    pub(crate) home: Home,
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

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}{month:02}{day:02}")
    }
}

// === impl Partition ===

impl Partition {
    /// Makes an empty partition with its open Db. The day in its name is that of its making, by a clock that may be wrong.
    pub(crate) fn create(
        parts: &Path,
        number: u32,
        now: UnixNanos,
        opener: &Opener,
    ) -> Result<(Partition, PageDb), String> {
        let path = parts.join(format!("{}-{number:04}", Day::of(now)));
        let (home, db) = Home::create(path, Kind::Partition, now, opener)?;
        Ok((Partition { number, home }, db))
    }

    /// All partitions, in order, and beside them the directories that never held a block.
    pub(crate) fn find(parts: &Path) -> io::Result<(Vec<Partition>, Vec<PathBuf>)> {
        let (mut found, mut unused) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(parts)? {
            let path = entry?.path();
            let number = path.file_name().and_then(|name| name.to_str()).and_then(number_of);
            let home = Home { path, kind: Kind::Partition };
            match number {
                Some(number) if home.is_ready() => found.push(Partition { number, home }),
                _ => unused.push(home.path),
            }
        }
        found.sort_by_key(|partition| partition.number);
        Ok((found, unused))
    }
}

/// The number in the name of a partition; `None` for a name that is not ours.
pub(crate) fn number_of(name: &str) -> Option<u32> {
    let (day, number) = name.split_once('-')?;
    // The printed day is for people; the number alone identifies.
    let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| is_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_calendar() {
        let day = |secs: u64| Day::of(UnixNanos(secs * 1_000_000_000)).to_string();
        let days = [0, 951_782_400, 951_868_799, 951_868_800, 1_798_675_200].map(day);
        assert_eq!(days, ["19700101", "20000229", "20000229", "20000301", "20261231"]);
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        assert_eq!(number_of("20261231-0007"), Some(7));
        assert_eq!(number_of("20261231-12345"), Some(12_345));
        assert_eq!(number_of("lost+found"), None);
    }
}
