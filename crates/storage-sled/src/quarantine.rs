//! Damage set aside with a report, never deleted. Reports of earlier runs are read again, so that damage is not forgotten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::home::Home;
use crate::sled_db::Kind;
use crate::{partition, segment};

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

    /// The highest generation and the highest partition number that were set aside, so that none is used again.
    pub(crate) fn numbers_last(&self) -> (Option<u32>, Option<u32>) {
        let names = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let last = |kind: Kind, number_of: fn(&str) -> Option<u32>| {
            let prefix = prefix_of(kind);
            // Reports and copies carry the label of their Db too, with more behind it.
            let numbers = names.iter().filter_map(|name| number_of(name.strip_prefix(prefix)?.split('.').next()?));
            numbers.max()
        };
        (last(Kind::Journal, segment::generation_of), last(Kind::Partition, partition::number_of))
    }

    /// Moves a whole Db here. Returns the report.
    pub(crate) fn take(&self, home: &Home, reason: &str) -> String {
        let report = format!("{} {} was set aside: {reason}", word_of(home.kind), home.label());
        let label = format!("{}{}", prefix_of(home.kind), home.label());
        let moved = durable::rename(&home.path, &self.directory.join(&label));
        self.report(&label, &report, moved);
        report
    }

    /// Keeps a copy of what could not be read. Returns the report.
    pub(crate) fn copy(&self, home: &Home, damaged: &Damaged) -> String {
        let label = format!("{}{}-{}", prefix_of(home.kind), home.label(), damaged.name);
        let report = format!("{} {}, {}: {}", word_of(home.kind), home.label(), damaged.name, damaged.reason);
        let copied = match damaged.bytes.is_empty() {
            true => Ok(()),
            false => durable::write_whole(&self.directory.join(format!("{label}.pages")), &damaged.bytes),
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

/// What could not be read.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// Its place.
    pub(crate) name: String,
    /// What could be read of it.
    pub(crate) bytes: Vec<u8>,
    /// What is wrong.
    pub(crate) reason: String,
}

fn prefix_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Journal => "journal-",
        Kind::Partition => "part-",
    }
}

fn word_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Journal => "journal",
        Kind::Partition => "partition",
    }
}
