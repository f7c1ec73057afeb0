//! Damage set aside with a report, never deleted. Reports of earlier runs are read again, so that damage is not forgotten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::home::Home;
use crate::sled_db::Kind;
use crate::{partition, segment};

/// Extensions of reports: spans are missing, or none are.
const LOST: &str = "txt";
const HEALED: &str = "healed";

/// The store's `quarantine/`.
#[derive(Clone, Debug)]
pub(crate) struct Quarantine {
    directory: PathBuf,
}

impl Quarantine {
    pub(crate) fn new(directory: PathBuf) -> Quarantine {
        Quarantine { directory }
    }

    /// What was reported by earlier runs and is still there.
    pub(crate) fn reports(&self) -> io::Result<Reports> {
        let mut reports = Reports::default();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            let list = match path.extension().and_then(|extension| extension.to_str()) {
                Some(LOST) => &mut reports.lost,
                Some(HEALED) => &mut reports.healed,
                _ => continue,
            };
            // A report that is damaged itself still says that there was something to report.
            list.push(String::from_utf8_lossy(&fs::read(&path)?).trim_end().to_owned());
        }
        reports.lost.sort();
        reports.healed.sort();
        Ok(reports)
    }

    /// Whether something of this Db is reported missing.
    pub(crate) fn has_lost(&self, home: &Home) -> bool {
        let prefix = format!("{}{}", prefix_of(home.kind), home.label());
        let names = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        names.into_iter().any(|name| name.starts_with(&prefix) && name.ends_with(".txt"))
    }

    /// Whether a partition with this number is here.
    pub(crate) fn holds_partition(&self, number: u32) -> bool {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let prefix = prefix_of(Kind::Partition);
        names.into_iter().any(|name| name.strip_prefix(prefix).and_then(partition::number_of) == Some(number))
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
        let mut label = format!("{}{}", prefix_of(home.kind), home.label());
        // A meta has no number of its own.
        while self.directory.join(&label).exists() {
            label.push_str("-again");
        }
        let moved = durable::rename(&home.path, &self.directory.join(&label));
        self.report(&label, LOST, &report, moved);
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
        self.report(&label, LOST, &report, copied);
        report
    }

    /// Says that something is missing of which there is nothing to keep. Returns the report.
    pub(crate) fn miss(&self, home: &Home, what: &str, report: String) -> String {
        self.report(&format!("{}{}-{what}", prefix_of(home.kind), home.label()), LOST, &report, Ok(()));
        report
    }

    /// Says that something is damaged and nothing is missing. Returns the report.
    pub(crate) fn heal(&self, home: &Home, name: &str, reason: &str) -> String {
        let label = format!("{}{}-{name}", prefix_of(home.kind), home.label());
        let report = format!("{} {}, {name}: {reason}", word_of(home.kind), home.label());
        self.report(&label, HEALED, &report, Ok(()));
        report
    }

    fn report(&self, label: &str, sort: &str, report: &str, done: io::Result<()>) {
        let path = self.directory.join(format!("{label}.{sort}"));
        let written = durable::write_whole(&path, format!("{report}\n").as_bytes());
        tracing::error!("{report}");
        if let Err(error) = done.and(written) {
            tracing::error!(directory = %self.directory.display(), "setting it aside failed, it stays where it is: {error}");
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Sentences of earlier runs, sorted.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    /// Of what is missing.
    pub(crate) lost: Vec<String>,
    /// Of what is damaged while nothing is missing.
    pub(crate) healed: Vec<String>,
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
        Kind::Meta => "",
    }
}

fn word_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Journal => "journal",
        Kind::Partition => "partition",
        Kind::Meta => "store's",
    }
}
