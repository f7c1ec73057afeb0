//! The suite that every engine must pass. This engine leaves nothing out.

use crate::bed::SledBed;
use storage::TraceReader;

storage::conformance_suite!(SledBed::new(|_| {}));

#[test]
fn nothing_is_left_out() {
    let claimed = SledBed::new(|_| {}).sled().capabilities();
    assert_eq!(claimed, storage::MemoryStore::new().capabilities());
}

/// The same again where a few spans make a block and nothing is cached: readers must join memtables and blocks, and read pages.
mod from_blocks {
    use crate::bed::SledBed;

    storage::conformance_suite!(SledBed::new(|settings| {
        settings.generation_spans_max = 8;
        settings.cache_bytes_max = 0;
        // Room for a few of the names: the others are read from their batches.
        settings.interner_bytes_max = 400;
        // Otherwise what comes again is known only as long as its block is one of the newest.
        settings.known_blocks_max = 100_000;
    }));
}

/// Once more with several blocks and everything that readers keep: what was kept for one question must be true for the next.
mod from_kept_columns {
    use crate::bed::SledBed;

    storage::conformance_suite!(SledBed::new(|settings| {
        settings.generation_spans_max = 200;
        settings.known_blocks_max = 100_000;
    }));
}
