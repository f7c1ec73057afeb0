//! The witness on open: what it claims is compared with what was found. What is claimed and not found is told.
//!
//! A partition that is gone, one that sled opens empty without a word, a catalog cut short: nothing else notices those.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::Catalog;
use super::guarded;
use super::manifests::Admitted;
use crate::home::Home;
use crate::meta::Meta;
use crate::partition::Partition;
use crate::shared::Shared;
use crate::sled_db::Kind;
use crate::witness::{self, Claim, Claims};

/// The meta of a store that opens.
pub(super) struct Account {
    /// `None` when none could be made: then this run has no witness.
    meta: Option<Meta>,
    /// What it claims; `None` when nothing was ever put into it.
    claims: Option<Claims>,
    /// The highest group that retention dropped: no group up to it is missed.
    pub(super) dropped: u64,
}

/// Blocks that were found, by partition and number; without a claim where the record does not read back, which is told elsewhere.
pub(super) type Seen = BTreeMap<u32, (Partition, BTreeMap<u32, Option<Claim>>)>;

pub(super) fn seen(catalogs: &[Catalog]) -> Seen {
    let of_catalog = |catalog: &Catalog| {
        let entries = catalog.entries.iter().map(|entry| (entry.number, entry.record.as_ref().map(Claim::of)));
        (catalog.partition.number, (catalog.partition.clone(), entries.collect()))
    };
    catalogs.iter().map(of_catalog).collect()
}

/// Opens the meta, or makes one. A store that was used and has an empty one has lost it.
pub(super) fn open(shared: &Shared, was_used: bool) -> Account {
    let home = Meta::home(&shared.directory);
    if home.is_ready() {
        let (opening, opener) = (home.clone(), shared.opener.clone());
        let opened = guarded(move || {
            let admitted = Admitted::of(&opening)?;
            let (meta, values) = Meta::open(opening, &opener)?;
            // An empty one in a store without spans is a first start that did not get far.
            let is_new = values.is_empty() && !was_used;
            let known = if is_new { None } else { Some(witness::claims_of(&values)?) };
            Ok((meta, known, admitted))
        });
        let settled = opened.and_then(|(meta, known, admitted)| {
            admitted.settle(shared, known.is_some())?;
            Ok((meta, known))
        });
        match settled {
            Ok((meta, known)) => {
                let (claims, dropped) = known.unzip();
                return Account { meta: Some(meta), claims, dropped: dropped.unwrap_or(0) };
            }
            Err(reason) => shared.add_damage(shared.quarantine.take(&home, &reason)),
        }
    } else if was_used {
        // A program from before there was one wrote this store.
        tracing::warn!("this store has no meta, one is made from what is there; what went before is not missed");
    }
    let made = Meta::create(&shared.directory, shared.clock.now(), &shared.opener);
    let meta = made.map_err(|reason| shared.add_damage(format!("a new meta cannot be made: {reason}")));
    Account { meta: meta.ok(), claims: None, dropped: 0 }
}

impl Account {
    /// The highest numbers that were claimed: of a partition, of a generation, of a group. None of them is used again.
    pub(super) fn numbers_last(&self) -> (Option<u32>, Option<u32>, u64) {
        let claims = || self.claims.iter().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
        let partition = self.claims.iter().flat_map(BTreeMap::keys).copied().max();
        let group = claims().map(|claim| claim.group_last).max().unwrap_or(0).max(self.dropped);
        (partition, claims().map(|claim| claim.generation).max(), group)
    }

    /// Tells what is missing, and from then on claims what is there. A generation `is_elsewhere` when a journal or another
    /// block has its spans. Returns the partitions that are short of blocks.
    pub(super) fn settle(self, shared: &Shared, seen: &Seen, is_elsewhere: &dyn Fn(u32) -> bool) -> BTreeSet<u32> {
        let nothing = Claims::new();
        let before = self.claims.as_ref().unwrap_or(&nothing);
        let mut short = BTreeSet::new();
        for (number, claimed) in before {
            match seen.get(number) {
                None => tell_missing(shared, *number, claimed.len()),
                Some((partition, found)) => {
                    let is_missing = |block: &u32, claim: &Claim| {
                        // A record that cannot be read is told by whoever read it.
                        found.get(block).is_none_or(|found| found.is_some_and(|found| found != *claim))
                    };
                    let missing: BTreeMap<u32, Claim> = claimed
                        .iter()
                        .filter(|(block, claim)| is_missing(block, claim))
                        .map(|(b, c)| (*b, *c))
                        .collect();
                    if !missing.is_empty() {
                        short.insert(*number);
                        tell_short(shared, partition, &missing, is_elsewhere);
                    }
                }
            }
        }
        if let Some(meta) = self.meta {
            shared.witness.begin(meta, self.claims.as_ref(), corrected(seen, before), self.dropped);
        }
        short
    }
}

/// What is there; an unreadable record goes on being claimed as it was.
fn corrected(seen: &Seen, before: &Claims) -> Claims {
    let of_partition = |(number, (_, found)): (&u32, &(Partition, BTreeMap<u32, Option<Claim>>))| {
        let known = |block: &u32| before.get(number).and_then(|claimed| claimed.get(block)).copied();
        let claims = found.iter().filter_map(|(block, claim)| Some((*block, claim.or_else(|| known(block))?)));
        (*number, claims.collect())
    };
    seen.iter().map(of_partition).collect()
}

fn tell_missing(shared: &Shared, partition: u32, blocks: usize) {
    // One that was set aside has its report.
    if shared.quarantine.holds_partition(partition) {
        return;
    }
    // The day in its name is not known any more.
    let home = Home { path: shared.directory.join("part").join(format!("no-{partition:04}")), kind: Kind::Partition };
    let report = format!("partition {partition} with {blocks} blocks is missing");
    shared.add_damage(shared.quarantine.miss(&home, "missing", report));
}

/// Blocks without a record. What a journal or a later block has is not lost.
fn tell_short(
    shared: &Shared,
    partition: &Partition,
    missing: &BTreeMap<u32, Claim>,
    is_elsewhere: &dyn Fn(u32) -> bool,
) {
    let list = |blocks: Vec<u32>| blocks.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let (safe, lost): (Vec<_>, Vec<_>) = missing.iter().partition(|(_, claim)| is_elsewhere(claim.generation));
    let (safe, lost): (Vec<u32>, Vec<u32>) =
        (safe.into_iter().map(|(block, _)| *block).collect(), lost.into_iter().map(|(block, _)| *block).collect());
    if let Some(first) = lost.first() {
        let name = format!("blocks from {first}");
        let label = partition.home.label();
        let report = format!("partition {label}: blocks {} were committed and are missing", list(lost.clone()));
        shared.add_damage(shared.quarantine.miss(&partition.home, &name, report));
    }
    if let Some(first) = safe.first() {
        let reason = format!("blocks {} are missing; nothing else is, their spans are elsewhere", list(safe.clone()));
        let report = shared.quarantine.heal(&partition.home, &format!("blocks from {first}"), &reason);
        shared.damage().heal(report);
    }
}
