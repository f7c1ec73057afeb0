//! The suite that every engine must pass. This engine leaves nothing out.

use crate::bed::SledBed;
use storage::TraceReader;

storage::conformance_suite!(SledBed::new(|_| {}));

#[test]
fn nothing_is_left_out() {
    let claimed = SledBed::new(|_| {}).sled().capabilities();
    assert_eq!(claimed, storage::MemoryStore::new().capabilities());
}

/// The same again where a partition holds a few groups and nothing is cached: readers must open partitions and read pages.
mod from_pages {
    use crate::bed::SledBed;

    storage::conformance_suite!(SledBed::new(|settings| {
        settings.partition_bytes_max = 64 << 10;
        settings.cache_bytes_max = 0;
        settings.partitions_open_max = 2;
    }));
}
