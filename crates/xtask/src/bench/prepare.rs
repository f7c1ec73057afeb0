//! Requests and truth of a workload, made once and kept below `target/bench`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::corpus::{self, Corpus, Written};
use super::requests::requests;
use super::truth::{Truth, choose};
use super::workload::Name;
use crate::process;

/// Rises when a generator changes, so that nobody sends what was made before.
const GENERATION: u32 = 2;
const MILLI_NANOS: u64 = 1_000_000;

pub(super) struct Prepared {
    pub(super) corpus: Corpus,
    pub(super) truth: Truth,
}

/// What is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) name: Name,
    pub(super) spans: usize,
    pub(super) seed: u64,
    pub(super) is_gzip: bool,
}

pub(super) fn prepare(folder: &Path, wanted: Wanted) -> Result<Prepared> {
    let stem = format!("{}-{}-seed{}-g{GENERATION}", wanted.name.word(), wanted.spans, wanted.seed);
    let file = |extension: &str| folder.join(format!("{stem}.{extension}"));
    let (plain, gzip, truth) = (file("otlp"), file("otlp.gz"), file("truth.json"));
    let bodies = if wanted.is_gzip { &gzip } else { &plain };
    // The truth is written last: where it is, the bodies are whole.
    if !truth.exists() || !bodies.exists() {
        fs::create_dir_all(folder)?;
        process::step(&format!("generate {stem}"), || write(wanted, &plain, &gzip, &truth))?;
    }
    let text = fs::read(&truth).with_context(|| format!("cannot read {}", truth.display()))?;
    let prepared = Prepared { corpus: Corpus::open(bodies)?, truth: serde_json::from_slice(&text)? };
    ensure!(
        prepared.corpus.spans() == prepared.truth.spans,
        "{} does not fit its truth: remove both",
        bodies.display()
    );
    Ok(prepared)
}

fn write(wanted: Wanted, plain: &Path, gzip: &Path, truth: &PathBuf) -> Result<()> {
    let workload = wanted.name.workload();
    let spans = workload.spans(wanted.seed, wanted.spans);
    let requests = requests(&spans, wanted.name.requests(), wanted.seed);
    let gzip = wanted.is_gzip.then_some(gzip);
    let Written { requests, bytes, hash } = corpus::write(&*workload, &spans, &requests, plain, gzip)?;
    let end = spans.rows.iter().map(|row| row.start.max(row.end())).max().unwrap_or_default();
    let end_millis = end / MILLI_NANOS + 1;
    let questions = choose::questions(&*workload, &spans, wanted.seed, end_millis);
    let (traces, spans) = (spans.traces.len() as u64, spans.rows.len() as u64);
    let written = Truth { spans, traces, requests, bytes, hash, end_millis, questions };
    Ok(fs::write(truth, serde_json::to_vec(&written)?)?)
}
