//! A small store with something of everything: two partitions of blocks, journals that are in blocks, journals that are not.
//! Not here: what is done to it.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::bed::{SledBed, copy};
use model::{Span, SpanId, TraceId, UnixNanos};
use storage::conformance::bed::write;
use storage::conformance::data::{DAY, of_service, rich, timed};
use storage_sled::Settings;

/// Generations 0 to 2 are blocks of the first partition, and their journals are gone.
pub(crate) const FIRST_PARTITION: std::ops::Range<usize> = 0..3;

/// Generations 3 and 4 are blocks of the second partition, and their journals are still there.
pub(crate) const SECOND_PARTITION: std::ops::Range<usize> = 3..5;

/// Generations 5 and 6 are in journals only.
pub(crate) const GENERATIONS: usize = 7;

const BATCHES: u8 = 3;
const NANOS_PER_DAY: u64 = 86_400_000_000_000;

/// The batches of a generation: traces of their own, a span of a trace that is everywhere, and one with every kind of value.
pub(crate) fn batches(generation: usize) -> Vec<Vec<Span>> {
    let number = generation as u8;
    let batch = |batch: u8| {
        let place = number * BATCHES + batch;
        let start = u64::from(place) * 20_000_000_000;
        let mut own = timed(100 + place, 1, start, 1_000);
        own.attributes.set("noise", noise(place, if place == 3 { 66_000 } else { 3_000 }));
        let child = |id: u8| {
            let mut span = of_service(timed(100 + place, id, start + u64::from(id), 100), "cart");
            span.parent_span_id = SpanId::new([1; 8]);
            span
        };
        let everywhere = timed(99, 1 + place, start, 5);
        let mut strange = rich();
        strange.trace_id = TraceId::new([200 - place; 16]).expect("not zero");
        (strange.start, strange.end) = (UnixNanos(DAY.0 + start), UnixNanos(DAY.0 + start + 9));
        vec![own, child(2), child(3), everywhere, strange]
    };
    (0..BATCHES).map(batch).collect()
}

/// Text that cannot be packed.
fn noise(seed: u8, length: usize) -> String {
    let mut state = u64::from(seed) + 1;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + (state >> 33) as u8 % 95)
    };
    (0..length).map(letter).collect()
}

/// Makes the store. It is closed, and the clock stands where it was closed.
pub(crate) fn make() -> SledBed {
    let mut bed = SledBed::new(|settings| settings.cache_bytes_max = 0);
    for generation in 0..SECOND_PARTITION.end {
        if generation == SECOND_PARTITION.start {
            // A day later the journals go, and a new partition begins.
            bed.clock.0.store(DAY.0 + NANOS_PER_DAY, Ordering::SeqCst);
            bed.until(|bed| bed.segments().len() == 1);
        }
        write_all(&bed, generation);
        bed.close();
        bed.open();
        bed.until(|bed| bed.sled().progress() == (generation + 1, 0));
    }
    bed.settings.builds_blocks = false;
    for generation in SECOND_PARTITION.end..GENERATIONS {
        bed.close();
        bed.open();
        write_all(&bed, generation);
    }
    bed.close();
    assert_eq!((bed.partitions().len(), bed.segments().len()), (2, 4));
    bed
}

fn write_all(bed: &SledBed, generation: usize) {
    for batch in batches(generation) {
        write(bed.sled(), &batch);
    }
}

/// A closed copy of a store that lies in `from`, with the clock of `now`.
pub(crate) fn copy_of(from: &Path, now: u64, change: impl FnOnce(&mut Settings)) -> SledBed {
    let mut bed = SledBed::unopened(change);
    bed.clock.0.store(now, Ordering::SeqCst);
    copy(from, bed.directory.path());
    bed.settings.ballast_bytes = 0;
    // Where the names of its trees are damaged sled waits for ever. The first process ends for that, this is the second one:
    // it waits as well, not as long, and sets the Db aside.
    bed.settings.open_wait_max = Duration::from_secs(10);
    for home in bed.partitions().into_iter().chain(bed.segments()) {
        std::fs::write(home.join("HUNG"), "").expect("writes");
    }
    bed
}
