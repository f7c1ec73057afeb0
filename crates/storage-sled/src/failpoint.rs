//! Named places where a test ends this process as `kill -9` would. Without the feature `failpoints` there is nothing of it.
//!
//! `TRACEWELL_FAILPOINT=<name>[:<n>[:abort]]`: at the n-th hit of the name, the first unless said otherwise.

/// Marks a place. The name must be one of [`NAMES`]; a name may mark several places, and a place be passed many times.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        {
            const PLACE: usize = $crate::failpoint::place_of($name);
            $crate::failpoint::hit(PLACE);
        }
    };
}

pub(crate) use failpoint;

#[cfg(feature = "failpoints")]
pub use named::NAMES;
#[cfg(feature = "failpoints")]
pub(crate) use named::{hit, place_of};

#[cfg(feature = "failpoints")]
mod named {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use rustix::process::{Signal, getpid, kill_process};

    /// Says where this process ends.
    const VARIABLE: &str = "TRACEWELL_FAILPOINT";

    /// All places, in the order of the life of a span, then of a store.
    pub const NAMES: &[&str] = &[
        "commit.taken",
        "commit.encoded",
        "commit.put",
        "commit.flush",
        "commit.durable",
        "commit.apply",
        "commit.visible",
        "commit.ack",
        "commit.acked",
        "freeze.begin",
        "freeze.used",
        "freeze.handed",
        "freeze.switched",
        "successor.asked",
        "successor.made",
        "home.directory",
        "home.manifest",
        "home.opened",
        "home.flushed",
        "home.synced",
        "home.ready",
        "durable.written",
        "durable.renamed",
        "durable.moved",
        "build.begin",
        "build.encoded",
        "build.page",
        "build.batch",
        "build.batch_flushed",
        "build.pages",
        "build.pages_flushed",
        "build.record",
        "build.records",
        "build.committed",
        "witness.blocks",
        "build.opened",
        "build.replaced",
        "build.retired",
        "partition.due",
        "partition.created",
        "partition.added",
        "partition.closed",
        "recycle.due",
        "recycle.dropped",
        "recycle.opened",
        "journal.due",
        "journal.discarded",
        "discard.moved",
        "discard.removed",
        "retain.due",
        "witness.dropped",
        "retain.moved",
        "retain.forgotten",
        "start.locked",
        "start.format",
        "start.made",
        "start.used",
        "start.running",
        "prepare.directories",
        "prepare.synced",
        "prepare.trash",
        "prepare.unused",
        "prepare.done",
        "recover.account",
        "recover.partition",
        "recover.catalog",
        "recover.block",
        "recover.opened",
        "recover.journal",
        "recover.group",
        "recover.replayed",
        "recover.remember",
        "recover.remembered",
        "recover.done",
        "recover.backlog",
        "open.begin",
        "open.repaired",
        "open.opened",
        "open.synced",
        "repair.log",
        "repair.synced",
        "repair.snapshot",
        "repair.cookie",
        "close.begin",
        "close.committed",
        "close.unmarked",
        "close.built",
        "close.joined",
        "close.handles",
        "close.unlocked",
    ];

    /// What the variable asks for.
    struct Plan {
        place: usize,
        /// Hits until it happens.
        left: AtomicU64,
        is_abort: bool,
    }

    static PLAN: OnceLock<Option<Plan>> = OnceLock::new();

    /// The number of a name. While compiling, an unknown name is an error.
    pub(crate) const fn place_of(name: &str) -> usize {
        let mut place = 0;
        while place < NAMES.len() {
            if is_same(NAMES[place].as_bytes(), name.as_bytes()) {
                return place;
            }
            place += 1;
        }
        panic!("a failpoint must be in the list of all names")
    }

    /// Ends the process when the plan says so.
    pub(crate) fn hit(place: usize) {
        let Some(plan) = PLAN.get_or_init(plan) else { return };
        if plan.place != place || plan.left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return;
        }
        if plan.is_abort {
            std::process::abort();
        }
        let _sent = kill_process(getpid(), Signal::KILL);
        // The signal may find another thread first; this one goes no step further.
        loop {
            thread::park();
        }
    }

    fn plan() -> Option<Plan> {
        let text = std::env::var(VARIABLE).ok()?;
        let mut words = text.split(':');
        let name = words.next()?;
        let place = NAMES.iter().position(|known| *known == name);
        let place = place.unwrap_or_else(|| panic!("{VARIABLE} names no failpoint: {name}"));
        let hits = words.next().map_or(1, |hits| hits.parse().expect("hits are a number"));
        Some(Plan { place, left: AtomicU64::new(hits), is_abort: words.next() == Some("abort") })
    }

    const fn is_same(left: &[u8], right: &[u8]) -> bool {
        if left.len() != right.len() {
            return false;
        }
        let mut at = 0;
        while at < left.len() {
            if left[at] != right[at] {
                return false;
            }
            at += 1;
        }
        true
    }
}
