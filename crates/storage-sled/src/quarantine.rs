//! Damage set aside with a report, never deleted. Reports of earlier runs are read again, so that damage is not forgotten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::partition::Partition;

/// The store's `quarantine/`.
#[derive(Clone, Debug)]
pub(crate) struct Quarantine {
    directory: PathBuf,
}

impl Quarantine {
    pub(crate) fn new(directory: PathBuf) -> Quarantine {
        Quarantine { directory }
    }

    /// What was set aside and is still there, each as one sentence, sorted.
    pub(crate) fn reports(&self) -> io::Result<Vec<String>> {
        let mut reports = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                reports.push(fs::read_to_string(path)?.trim_end().to_owned());
            }
        }
        reports.sort();
        Ok(reports)
    }

    /// The highest partition number that was set aside, so that it is not used again.
    pub(crate) fn partition_last(&self) -> Option<u32> {
        let (partitions, others) = Partition::find(&self.directory).ok()?;
        let numbers = others.iter().filter_map(|path| path.file_name()?.to_str()?.split('-').nth(1)?.parse().ok());
        partitions.iter().map(|partition| partition.name.number).chain(numbers).max()
    }

    /// Moves a whole partition here. Returns the report.
    pub(crate) fn take_partition(&self, partition: &Partition, reason: &str) -> String {
        let report = format!("partition {} was set aside: {reason}", partition.label());
        let moved = durable::rename(&partition.path, &self.directory.join(partition.label()));
        self.report(&partition.label(), &report, moved);
        report
    }

    /// Keeps a copy of a damaged group's pages. Returns the report.
    pub(crate) fn copy_group(&self, partition: &Partition, pages: &Damaged) -> String {
        let label = format!("{}-page-{}", partition.label(), pages.first);
        let report = format!("partition {}, pages from {}: {}", partition.label(), pages.first, pages.reason);
        let copied = match pages.bytes.is_empty() {
            true => Ok(()),
            false => durable::write_whole(&self.directory.join(format!("{label}.pages")), &pages.bytes),
        };
        self.report(&label, &report, copied);
        report
    }

    fn report(&self, label: &str, report: &str, done: io::Result<()>) {
        let written = durable::write_whole(&self.path_of_report(label), format!("{report}\n").as_bytes());
        tracing::error!("{report}");
        if let Err(error) = done.and(written) {
            tracing::error!(directory = %self.directory.display(), "setting it aside failed, it stays where it is: {error}");
        }
    }

    fn path_of_report(&self, label: &str) -> PathBuf {
        self.directory.join(format!("{label}.txt"))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Pages that do not make a group.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// The first of them.
    pub(crate) first: u64,
    /// What could be read of them.
    pub(crate) bytes: Vec<u8>,
    /// What is wrong.
    pub(crate) reason: String,
}
