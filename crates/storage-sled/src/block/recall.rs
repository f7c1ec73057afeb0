//! A second filter over the traces of a block, for whoever asks about every trace that arrives. In memory only, no part of a block.
//!
//! The stored filter lets one trace in 256 pass that is not here; what passes both is one in 65,536.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use model::TraceId;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::fuse::Fuse;

/// Made from the ids of all traces of a block.
#[derive(Debug)]
pub(crate) struct Recall {
    /// Without it everything passes.
    fuse: Option<Fuse>,
}

impl Recall {
    pub(crate) fn of(ids: &[TraceId]) -> Recall {
        let mut hashes: Vec<u64> = ids.iter().map(Recall::hash_of).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Recall { fuse: Fuse::of(&hashes) }
    }

    /// Whether the trace with this hash may be in the block; never wrong about one that is.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        self.fuse.as_ref().is_none_or(|fuse| fuse.may_hold(hash))
    }

    /// Independent of the hash in the stored filter; its key is of this process.
    pub(crate) fn hash_of(id: &TraceId) -> u64 {
        static SEED: OnceLock<u64> = OnceLock::new();
        xxh3_64_with_seed(id.bytes(), *SEED.get_or_init(|| RandomState::new().hash_one(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> TraceId {
        TraceId::new(u128::from(number + 1).to_be_bytes()).expect("numbered from 1")
    }

    #[test]
    fn every_trace_of_the_block_passes_and_few_others_do() {
        let ids: Vec<TraceId> = (0..10_000).map(id).collect();
        let recall = Recall::of(&ids);
        assert!(ids.iter().all(|id| recall.may_hold(Recall::hash_of(id))));
        let others = (10_000..20_000).filter(|number| recall.may_hold(Recall::hash_of(&id(*number)))).count();
        assert!(others < 200, "{others} of 10,000");
    }
}
