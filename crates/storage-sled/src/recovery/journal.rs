//! Journals on open: groups of generations that are in no block are applied again, the others are of no more use.

use std::sync::Arc;

use model::UnixNanos;

use super::manifests::Admitted;
use super::serving::Settled;
use super::{Found, guarded};
use crate::assemble::{self, Group};
use crate::builder::Frozen;
use crate::content::FingerprintSet;
use crate::durable;
use crate::failpoint::failpoint;
use crate::guard::mark;
use crate::index::BatchPlace;
use crate::page;
use crate::quarantine::Damaged;
use crate::segment::Segment;
use crate::shared::Shared;
use crate::sled_db::PageDb;

/// A damaged page closes its handle; after so many in one segment the whole segment is set aside.
const REOPENINGS_MAX: usize = 16;

/// Journals whose spans are in blocks that an opening reads and keeps, the newest ones. Each costs an opening of a Db, and a
/// store that is killed again within the minute that they are kept would have ever more of them.
const RETIRED_MAX: usize = 8;

/// Groups that a segment may have held which cannot be read: their numbers are not used again.
pub(super) const GROUPS_SKIPPED: u64 = 1 << 32;

/// Replays what no whole commit holds. No group up to `dropped`, the highest one that retention dropped, is missed.
pub(super) fn replay(shared: &Arc<Shared>, segments: Vec<Segment>, settled: Settled, dropped: u64, found: &mut Found) {
    let Settled { committed, mut broken } = settled;
    found.sequence = found.sequence.max(shared.index().watermark);
    // Damage leaves a hole in the numbers; it is reported once, where it happened.
    let mut has_hole = shared.damage().reason().is_some();
    let mut last: Option<u64> = None;
    let retired = segments.iter().filter(|segment| committed.contains_key(&segment.generation)).count();
    let mut too_many = retired.saturating_sub(RETIRED_MAX);
    for segment in segments {
        failpoint!("recover.journal");
        let last_committed = committed.range(..segment.generation).map(|(_, group)| *group).max();
        let expected = last.max(last_committed).filter(|_| !has_hole).map(|expected| expected.max(dropped));
        let broken = broken.remove(&segment.generation);
        if committed.contains_key(&segment.generation) {
            has_hole = false;
            match too_many.checked_sub(1) {
                Some(fewer) => {
                    too_many = fewer;
                    discard(shared, &segment);
                }
                None => retire(shared, segment, found),
            }
            continue;
        }
        let (replaying, owned) = (Arc::clone(shared), segment.clone());
        let reached = guarded(move || {
            let admitted = Admitted::of(&owned.home)?;
            let reached = Replay::new(&replaying, owned)?.run(expected)?;
            admitted.settle(&replaying, reached.groups > 0)?;
            Ok(reached)
        });
        let reached = match reached {
            Ok(reached) => {
                if let Some(broken) = broken {
                    broken.tell_replayed(shared);
                    tell_short(shared, &segment, reached.sequence, broken.group_last);
                }
                found.backlog.push(Frozen { generation: segment.generation, journal: None });
                reached
            }
            Err(reason) => {
                shared.index_mut().drop_generation(segment.generation);
                let first = segment.first_group();
                shared.add_damage(shared.quarantine.take(&segment.home, &reason));
                if let Some(broken) = broken {
                    broken.serve(shared);
                }
                Reached { sequence: first.map_or(0, |first| first + GROUPS_SKIPPED), groups: 0, is_whole: false }
            }
        };
        failpoint!("recover.replayed");
        found.sequence = found.sequence.max(reached.sequence);
        has_hole = !reached.is_whole;
        last = Some(found.sequence);
    }
}

/// A damaged block was built from more groups than its journal still has.
fn tell_short(shared: &Shared, segment: &Segment, reached: u64, group_last: u64) {
    if reached < group_last {
        let report = format!("groups {} to {group_last} are missing in journal {}", reached + 1, segment.home.label());
        shared.add_damage(shared.quarantine.miss(&segment.home, "end", report));
    }
}

fn retire(shared: &Arc<Shared>, segment: Segment, found: &mut Found) {
    failpoint!("recover.remember");
    remember(shared, &segment);
    failpoint!("recover.remembered");
    found.retired.push_back((segment, shared.clock.now()));
}

fn discard(shared: &Shared, segment: &Segment) {
    if let Err(error) = segment.home.discard(&shared.directory.join("trash")) {
        tracing::warn!("the journal {} stays: {error}", segment.home.label());
    }
}

/// Spans of a journal are in blocks, but a client that heard no answer may send them again. What cannot be read is not missed.
fn remember(shared: &Arc<Shared>, segment: &Segment) {
    let (reading, owned) = (Arc::clone(shared), segment.clone());
    let remembered = guarded(move || {
        let db = owned.home.open(&reading.opener)?;
        let failed = |error: std::io::Error| error.to_string();
        let count = db.page_last().map_err(failed)?.map_or(0, |last| last.saturating_add(1));
        let (mut fingerprints, mut next) = (FingerprintSet::default(), 0);
        while next < count {
            let group = assemble::group_at(next, |number| db.get(number).map_err(failed))?;
            group.batches.iter().for_each(|batch| fingerprints.extend(reading.fingerprints.of_batch(batch)));
            next += group.pages;
        }
        reading.index_mut().remembered.add(owned.generation, fingerprints);
        Ok(())
    });
    if let Err(reason) = remembered {
        tracing::warn!("journal {}, which is of no more use, cannot be read: {reason}", segment.home.label());
    }
}

/// How far a segment goes.
struct Reached {
    sequence: u64,
    /// Groups that were read.
    groups: u64,
    /// Whether the next group should follow on this number.
    is_whole: bool,
}

/// The replay of one segment.
struct Replay<'a> {
    shared: &'a Shared,
    segment: Segment,
    /// `None` after a read failed, until it is opened again.
    db: Option<PageDb>,
    reopenings: usize,
}

impl<'a> Replay<'a> {
    fn new(shared: &'a Shared, segment: Segment) -> Result<Replay<'a>, String> {
        let db = Some(segment.home.open(&shared.opener)?);
        shared.index_mut().add_generation(segment.clone());
        Ok(Replay { shared, segment, db, reopenings: 0 })
    }

    fn run(mut self, mut expected: Option<u64>) -> Result<Reached, String> {
        let last = self.db()?.page_last().map_err(|error| format!("its last page cannot be read: {error}"))?;
        let count = last.map_or(0, |last| last.saturating_add(1));
        let (mut sequence, mut groups, mut next) = (0, 0, 0);
        while next < count {
            match assemble::group_at(next, |number| self.page(number)) {
                Ok(group) => {
                    groups += 1;
                    self.check_chain(&group, expected);
                    sequence = group.header.sequence;
                    expected = Some(sequence);
                    next += group.pages;
                    self.apply(group);
                    failpoint!("recover.group");
                }
                Err(reason) => {
                    next = self.set_aside(next, count, reason)?;
                    expected = None;
                }
            }
        }
        let bytes = durable::disk_bytes_below(&self.segment.home.path);
        if let Some(generation) = self.shared.index_mut().generations.get_mut(&self.segment.generation) {
            generation.disk_bytes = bytes;
        }
        // An empty segment was marked as used and its process died before the first group: nothing is missing.
        let sequence = sequence.max(self.segment.first_group().map_or(0, |first| first.saturating_sub(1)));
        let is_whole = count == 0 || expected.is_some();
        let marked = mark::read(&self.segment.home.path).unwrap_or(0);
        if is_whole && marked > sequence {
            self.report_lost_tail(sequence, marked);
        }
        Ok(Reached { sequence: sequence.max(marked), groups, is_whole })
    }

    /// What was acknowledged is not there, and no later group tells of it.
    fn report_lost_tail(&self, sequence: u64, marked: u64) {
        let reason = format!("groups {} to {marked} were acknowledged and are missing", sequence + 1);
        let damaged = Damaged { name: format!("group {marked}"), bytes: Vec::new(), reason };
        self.shared.add_damage(self.shared.quarantine.copy(&self.segment.home, &damaged));
    }

    /// Each group names the one before it, so that a lost tail is noticed by what came later.
    fn check_chain(&self, group: &Group, expected: Option<u64>) {
        if let Some(expected) = expected
            && group.header.previous > expected
        {
            let (first, last) = (expected + 1, group.header.previous);
            let report = format!("groups {first} to {last} are missing before journal {}", self.segment.home.label());
            // On disk too: once this journal is in a block, nothing else tells of the hole.
            self.shared.add_damage(self.shared.quarantine.miss(&self.segment.home, "before", report));
        }
    }

    fn apply(&self, group: Group) {
        let written = UnixNanos(group.header.written_unix_nanos);
        let place = BatchPlace { generation: self.segment.generation, sequence: group.header.sequence, written };
        let mut index = self.shared.index_mut();
        for batch in group.batches {
            let fingerprints = self.shared.fingerprints.of_batch(&batch);
            index.apply(place, Arc::new(batch), &fingerprints);
        }
    }

    /// Copies and reports what begins at page `first` and is no group. Returns where the next group begins.
    fn set_aside(&mut self, first: u64, count: u64, reason: String) -> Result<u64, String> {
        let mut bytes = self.page(first).ok().flatten().unwrap_or_default();
        let mut next = first + 1;
        while next < count {
            match self.page(next) {
                Ok(Some(page)) if page::parse(&page).is_some_and(|page| page.index == 0) => break,
                Ok(Some(page)) => bytes.extend(page),
                Ok(None) => {}
                Err(_) if self.reopenings > REOPENINGS_MAX => {
                    return Err(format!("more than {REOPENINGS_MAX} of its pages cannot be read"));
                }
                Err(error) => tracing::error!("{error}"),
            }
            next += 1;
        }
        let damaged = Damaged { name: format!("page {first}"), bytes, reason };
        self.shared.add_damage(self.shared.quarantine.copy(&self.segment.home, &damaged));
        Ok(next)
    }

    fn page(&mut self, number: u64) -> Result<Option<Vec<u8>>, String> {
        let read = self.db()?.get(number);
        read.map_err(|error| {
            self.db = None;
            format!("page {number} cannot be read: {error}")
        })
    }

    /// The handle, opened again when a damaged page closed it.
    fn db(&mut self) -> Result<&PageDb, String> {
        if self.db.is_none() {
            self.reopenings += 1;
            if self.reopenings > REOPENINGS_MAX {
                return Err("it was reopened too often".to_owned());
            }
            self.db = Some(self.segment.home.open(&self.shared.opener)?);
        }
        Ok(self.db.as_ref().expect("opened above"))
    }
}
