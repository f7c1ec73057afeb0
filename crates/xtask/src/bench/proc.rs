//! What the kernel knows about a process, from `/proc`. Not here: what a machine is (`host`).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};

/// Seconds of processor time of a process and of the children it has waited for, user and system together.
pub(super) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = read(pid, "stat")?;
    ticks(&stat).map(seconds).with_context(|| format!("/proc/{pid}/stat has no processor times: {stat}"))
}

/// Processor time that this machine has given to anyone, seconds.
pub(super) fn machine_cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().unwrap_or_default();
    // user nice system idle iowait irq softirq steal: idle and iowait are nobody's.
    let numbers: Vec<u64> = line.split_whitespace().skip(1).take(8).filter_map(|word| word.parse().ok()).collect();
    Ok(seconds((0..).zip(numbers).filter(|(place, _)| !matches!(place, 3 | 4)).map(|(_, ticks)| ticks).sum()))
}

/// Bytes of memory that a process has now, and had at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) now: u64,
    pub(super) peak: u64,
}

pub(super) fn memory(pid: u32) -> Result<Memory> {
    let status = read(pid, "status")?;
    let bytes = |name: &str| number_after(&status, name).map(|kib| kib * 1_024);
    let (now, peak) = (bytes("VmRSS:"), bytes("VmHWM:"));
    Ok(Memory { now: now.unwrap_or_default(), peak: peak.unwrap_or_default() })
}

/// Bytes that a process caused to be written to a disk.
pub(super) fn written_bytes(pid: u32) -> Result<u64> {
    number_after(&read(pid, "io")?, "write_bytes:").context("/proc has no write_bytes")
}

/// Of `st_blocks`, whatever the file system's own blocks are.
const BLOCK_BYTES: u64 = 512;

/// Bytes that a store takes on its disk for spans, as `du` counts: without those of [`ballast_bytes`].
pub(super) fn store_bytes(data_dir: &Path) -> Result<u64> {
    Ok(disk_bytes(data_dir)?.saturating_sub(ballast_bytes(data_dir)))
}

/// Bytes that a store holds ready for the day when its disk is full: as many without a span as with ten million.
pub(super) fn ballast_bytes(data_dir: &Path) -> u64 {
    data_dir.join("ballast").symlink_metadata().map_or(0, |metadata| metadata.blocks() * BLOCK_BYTES)
}

fn disk_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        // A file may go while we look: that is no failure of the measurement.
        let Ok(entry) = entry else { continue };
        let Ok(metadata) = entry.path().symlink_metadata() else { continue };
        bytes += metadata.blocks() * BLOCK_BYTES;
        if metadata.is_dir() {
            bytes += disk_bytes(&entry.path()).unwrap_or_default();
        }
    }
    Ok(bytes)
}

/// The same of each folder in it, by name.
pub(super) fn disk_bytes_by_folder(folder: &Path) -> Result<BTreeMap<String, u64>> {
    let mut by_folder = BTreeMap::new();
    for entry in fs::read_dir(folder)?.filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
        by_folder.insert(entry.file_name().to_string_lossy().into_owned(), disk_bytes(&entry.path())?);
    }
    Ok(by_folder)
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}

/// utime, stime, cutime and cstime, fields 14 to 17; the name in field 2 may hold spaces and brackets.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let times: Vec<u64> = after_name.split_whitespace().skip(11).take(4).filter_map(|word| word.parse().ok()).collect();
    (times.len() == 4).then(|| times.iter().sum())
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_process_may_look_like_numbers() {
        let stat = "42 (a) 1 2 (b)) S 1 42 42 0 -1 4194560 9 0 0 0 700 30 2 1 20 0 4 0 100 0";
        assert_eq!(ticks(stat), Some(733));
        assert_eq!(ticks("42 (a) S 1"), None);
    }

    #[test]
    fn a_number_follows_its_name() {
        assert_eq!(number_after("VmPeak:\t 5 kB\nVmHWM:\t  123 kB\n", "VmHWM:"), Some(123));
        assert_eq!(number_after("VmPeak:\t 5 kB\n", "VmHWM:"), None);
    }

    #[test]
    fn disk_of_a_folder_is_split_by_the_folders_in_it() {
        let root = tempfile::tempdir().unwrap();
        for (name, bytes) in [("journal/1", 100_000), ("part/deep", 300_000)] {
            let folder = root.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("file"), vec![7; bytes]).unwrap();
        }
        let split = disk_bytes_by_folder(root.path()).unwrap();
        assert!(split["journal"] >= 100_000 && split["part"] >= 300_000);
        let all = split["journal"] + split["part"];
        assert!(store_bytes(root.path()).unwrap() >= all);
        fs::write(root.path().join("ballast"), vec![7; 500_000]).unwrap();
        assert!(ballast_bytes(root.path()) >= 500_000 && store_bytes(root.path()).unwrap() < all + 500_000);
    }

    #[test]
    fn this_process_uses_memory_and_time() {
        let pid = std::process::id();
        let memory = memory(pid).unwrap();
        assert!(memory.now > 0 && memory.peak >= memory.now);
        assert!(cpu_seconds(pid).is_ok() && machine_cpu_seconds().unwrap() > 0.0);
    }
}
