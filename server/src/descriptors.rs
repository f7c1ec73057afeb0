//! Room for sockets and store files: the soft limit of descriptors becomes the hard one.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Below this many, connections may be refused under load.
const WANTED_MIN: u64 = 4096;

/// Descriptors of one open Db of the store.
const PER_DB: u64 = 83;

/// Dbs that a store has open beside the partitions it reads: journals, the partition being written, the meta, one that opens.
const DBS: u64 = 8;

/// Partitions that may be open for reading at once, at most `most`: half of all descriptors are for sockets.
pub fn partitions_open_max(most: usize) -> usize {
    share(getrlimit(Resource::Nofile).current, most)
}

fn share(limit: Option<u64>, most: usize) -> usize {
    let Some(limit) = limit else { return most };
    let dbs = (limit / 2 / PER_DB).saturating_sub(DBS);
    usize::try_from(dbs).unwrap_or(most).clamp(1, most.max(1))
}

/// Raises the limit as far as the system lets us without asking; says so when that is little.
pub fn raise_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit);
    let current = getrlimit(Resource::Nofile).current;
    if raised.is_err() || current.is_some_and(|current| current < WANTED_MIN) {
        tracing::warn!(
            event = "descriptors_low",
            "few file descriptors: {current:?}; raise the hard limit, for example LimitNOFILE=65536"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_takes_half_of_the_descriptors_and_no_more_than_it_wants() {
        let shares = [Some(256), Some(1_024), Some(1_700), Some(WANTED_MIN), Some(u64::MAX), None];
        assert_eq!(shares.map(|limit| share(limit, 8)), [1, 1, 2, 8, 8, 8]);
    }
}
