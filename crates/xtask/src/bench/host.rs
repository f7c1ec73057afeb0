//! The machine of a measurement in one line, without which no number means anything.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::percentile::Percentiles;
use crate::process;
use crate::workspace::Workspace;

/// Syncs that are timed.
const SYNCS: usize = 60;
/// Bytes written before each.
const SYNC_BYTES: usize = 4_096;

pub(crate) struct Host {
    /// Unix nanoseconds.
    pub(crate) now: u64,
    pub(crate) commit: String,
    processor: String,
    cores: usize,
    memory_gib: u64,
    kernel: String,
    file_system: String,
    /// Nanoseconds.
    sync: Percentiles,
    /// Runnable processes over the last minute, before we began.
    load: String,
}

impl Host {
    /// `folder`: where the store will lie.
    pub(crate) fn look(workspace: &Workspace, folder: &Path) -> Result<Self> {
        let git =
            process::read(Command::new("git").current_dir(&workspace.root).args(["rev-parse", "--short", "HEAD"]));
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor =
            cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map(|(_, name)| name);
        let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let memory_kib: u64 = meminfo.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
        let loads = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Ok(Self {
            now: unix_nanos(),
            commit: git.map_or_else(|_| "no commit".to_owned(), |commit| commit.trim().to_owned()),
            processor: processor.unwrap_or("unknown processor").trim().to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: memory_kib.div_ceil(1 << 20),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            file_system: file_system(&fs::read_to_string("/proc/mounts").unwrap_or_default(), &folder.canonicalize()?),
            sync: sync_latency(folder)?,
            load: loads.split(' ').next().unwrap_or_default().to_owned(),
        })
    }

    pub(crate) fn line(&self) -> String {
        format!(
            "{}, {} cores, {} GiB, Linux {}, {}; a sync of 4 KiB took {:.1} ms (p50) to {:.1} ms (p99); \
             load {} before the run; {}, commit `{}`",
            self.processor,
            self.cores,
            self.memory_gib,
            self.kernel,
            self.file_system,
            self.sync.p50 as f64 / 1e6,
            self.sync.p99 as f64 / 1e6,
            self.load,
            date(self.now),
            self.commit
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "spans that are sent carry the time of sending")]
pub(crate) fn unix_nanos() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}

/// The type of the mount with the longest path above `folder`.
fn file_system(mounts: &str, folder: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let above = mounts.filter(|(path, _)| folder.starts_with(path));
    above
        .max_by_key(|(path, _)| path.len())
        .map_or_else(|| "unknown file system".to_owned(), |(_, kind)| kind.to_owned())
}

fn sync_latency(folder: &Path) -> Result<Percentiles> {
    let path = folder.join("sync-latency");
    let mut file = File::create(&path)?;
    let mut nanos = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.write_all(&[7; SYNC_BYTES])?;
        let begin = Instant::now();
        file.sync_data()?;
        nanos.push(u64::try_from(begin.elapsed().as_nanos())?);
    }
    fs::remove_file(path)?;
    Ok(Percentiles::of(nanos))
}

/// `2026-11-21`. Days become a date by the rules of the Gregorian calendar, counted from a first of March.
fn date(unix_nanos: u64) -> String {
    const DAYS_PER_ERA: u64 = 146_097;
    let days = unix_nanos / 86_400_000_000_000 + 719_468;
    let (era, of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        let day = |days: u64| date(days * 86_400_000_000_000);
        assert_eq!(
            [0, 58, 59, 11_016, 19_782, 20_453].map(day),
            ["1970-01-01", "1970-02-28", "1970-03-01", "2000-02-29", "2024-02-29", "2025-12-31"]
        );
    }

    #[test]
    fn the_nearest_mount_above_a_folder_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmpfoo xfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/tmp/store")), "tmpfs");
        assert_eq!(file_system(mounts, Path::new("/data")), "ext4");
    }
}
