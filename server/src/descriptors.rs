//! Room for sockets and store files: the soft limit of descriptors becomes the hard one.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Below this many, connections may be refused under load.
const WANTED_MIN: u64 = 4096;

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
