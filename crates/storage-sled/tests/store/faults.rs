//! Faults of the disk, drawn by a seed, in every sort of file: no panic, no wrong answer, little lost, all of it told.
//!
//! `STORE_FAULTS` says how many are tried, `STORE_FAULTS_FIRST` the seed of the first.

mod fault;
mod ledger;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use model::TraceId;
use storage::conformance::bed::{block_on, write};
use storage::conformance::data::timed;
use storage::{Clock, Lifecycle, TraceReader};
use storage_sled::{OpenError, SledStore};

use crate::bed::SledBed;
use crate::sample;
use fault::{Fault, Random};
pub(crate) use ledger::Ledger;
use ledger::Loss;

const FAULTS: u64 = 40;

fn number_from(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn whatever_happens_to_a_file_answers_are_true_and_what_is_missing_is_told() {
    let made = sample::make();
    let generations: Vec<_> = (0..sample::GENERATIONS).map(sample::batches).collect();
    let ledger = Ledger::of(&generations);
    let first = number_from("STORE_FAULTS_FIRST", 0);
    let mut tally: BTreeMap<&'static str, (u64, u64, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for seed in first..first + number_from("STORE_FAULTS", FAULTS) {
        let (fault, outcome) = try_one(&made, &ledger, seed);
        let line = tally.entry(fault.kind).or_default();
        line.0 += 1;
        match outcome {
            Ok(loss) => {
                line.1 += u64::from(loss.spans > 0);
                line.2 = line.2.max(loss.generations.len());
            }
            Err(reason) => failures.push(format!("seed {seed}: {} {}: {reason}", fault.file.display(), fault.what)),
        }
    }
    for (kind, (tried, lossy, generations)) in &tally {
        eprintln!("{kind}: {tried} tried, {lossy} lost spans, of at most {generations} generations");
    }
    assert!(failures.is_empty(), "{} faults were not met:\n{}", failures.len(), failures.join("\n"));
}

fn try_one(made: &SledBed, ledger: &Ledger, seed: u64) -> (Fault, Result<Loss, String>) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut bed = sample::copy_of(made.directory.path(), made.clock.0.load(Ordering::SeqCst), |settings| {
        settings.builds_blocks = seed % 4 == 1;
        settings.cache_bytes_max = if seed.is_multiple_of(3) { 0 } else { settings.cache_bytes_max };
    });
    let fault = Fault::inflict(bed.directory.path(), &mut random);
    // Opening again takes longest, so not after each.
    let outcome = meet(made, &mut bed, ledger, &fault, seed % 4 == 1);
    bed.close();
    (fault, outcome)
}

fn meet(made: &SledBed, bed: &mut SledBed, ledger: &Ledger, fault: &Fault, goes_on: bool) -> Result<Loss, String> {
    let clock = Arc::clone(&bed.clock) as Arc<dyn Clock>;
    match SledStore::open(bed.directory.path(), bed.settings.clone(), clock) {
        Ok(store) => bed.store = Some(Arc::new(store)),
        // A store that does not say what it is, is not touched.
        Err(OpenError::Foreign(_) | OpenError::Newer { .. } | OpenError::Older { .. }) if fault.kind == "format" => {
            return Ok(Loss::default());
        }
        Err(error) => return Err(format!("it does not open: {error}")),
    }
    let loss = ledger.compare(bed.sled())?;
    check_bounds(&loss, fault, bed)?;
    let told = bed.sled().condition().quarantined;
    if loss.spans > 0 && told.is_empty() {
        return Err("spans are missing and nothing is told".to_owned());
    }
    check_nothing_is_deleted(made.directory.path(), bed.directory.path())?;
    if bed.settings.builds_blocks {
        bed.until(|bed| bed.sled().progress().1 == 0);
    }
    // The next run gives no less, and does not forget …
    if !goes_on {
        return Ok(loss);
    }
    bed.close();
    bed.open();
    let again = ledger.compare(bed.sled())?;
    if again != loss {
        return Err(format!("the first run lost {loss:?}, the next one {again:?}"));
    }
    // … and goes on.
    let new = timed(7, 7, 7, 7);
    write(bed.sled(), std::slice::from_ref(&new));
    let found = block_on(bed.sled().trace(TraceId::new([7; 16]).expect("not zero"), None)).expect("answers").value;
    match found.is_some_and(|stored| stored.trace.spans() == [new]) {
        true => Ok(loss),
        false => Err("a new span is not found".to_owned()),
    }
}

/// One block or group, so far as that is for us to say: a slot of sled has up to three of the pages of small neighbours, and a
/// Db of which not even the list of slots can be read is lost whole.
fn check_bounds(loss: &Loss, fault: &Fault, bed: &SledBed) -> Result<(), String> {
    let file = fault.file.to_string_lossy();
    let in_db = match () {
        // What they say stands elsewhere too.
        () if ["manifest", "cookie", "ready mark", "used mark"].contains(&fault.kind) => 0,
        () if file.starts_with("journal/") => 1,
        () if file.starts_with("part/") => sample::FIRST_PARTITION.len().max(sample::SECOND_PARTITION.len()),
        () => 0,
    };
    // One slot has the names of the trees: without them the Db does not open.
    let is_aside = fs::read_dir(bed.directory.path().join("quarantine"))
        .expect("exists")
        .flatten()
        .any(|entry| entry.path().is_dir());
    let generations_max = if fault.kind.starts_with("slab") && !is_aside { in_db.min(2) } else { in_db };
    match loss.generations.len() <= generations_max {
        true => Ok(()),
        false => Err(format!("too much is lost: {loss:?}")),
    }
}

/// Every Db is where it was, or set aside.
fn check_nothing_is_deleted(made: &Path, directory: &Path) -> Result<(), String> {
    for (of, aside) in [("journal", "journal-"), ("part", "part-")] {
        for entry in fs::read_dir(made.join(of)).expect("a directory").flatten() {
            let label = entry.file_name().to_string_lossy().into_owned();
            let places =
                [directory.join(of).join(&label), directory.join("quarantine").join(format!("{aside}{label}"))];
            if !places.iter().any(|place| place.join("db").exists()) {
                return Err(format!("{of}/{label} is gone"));
            }
        }
    }
    Ok(())
}
