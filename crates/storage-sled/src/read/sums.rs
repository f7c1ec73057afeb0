//! Adds up cells by series and point: those of memtables one by one, those of blocks and runs many at once. Not here: which cells.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::{Equivalent, HashMap};
use model::UnixNanos;
use model::rollup::{Flat, OfMinute, Summing};
use storage::RedSteps;

/// Cells that are held until they are added up, in bytes of memory: the more, the fewer sums are added to each other.
const HELD_BYTES_MAX: usize = 16 << 20;

/// Cells of one source.
type Source<S> = Arc<Flat<<S as Summing>::Key, <S as Summing>::FlatCell>>;

/// The key of a series, borrowed. Invariant: it hashes as the owned one does.
pub(super) trait SeriesKey<K>: Hash + Equivalent<K> {
    fn owned(&self) -> K;
}

/// Sums by the keys of an answer, which may be fewer than those of cells.
pub(super) struct Sums<K, S: Summing> {
    steps: RedSteps,
    numbers: HashMap<K, usize>,
    series: Vec<Series<S>>,
    held: Vec<Source<S>>,
    held_bytes: usize,
    held_bytes_max: usize,
    sum: S,
}

struct Series<S: Summing> {
    points: BTreeMap<UnixNanos, S::Sum>,
    pieces: Vec<Piece>,
}

/// Neighbouring cells of one held source that belong to one point.
struct Piece {
    point: UnixNanos,
    source: u32,
    cells: Range<u32>,
}

impl<K: Eq + Hash + Ord, S: Summing> Sums<K, S> {
    pub(super) fn new(steps: RedSteps) -> Sums<K, S> {
        let (numbers, series, held) = (HashMap::new(), Vec::new(), Vec::new());
        Sums { steps, numbers, series, held, held_bytes: 0, held_bytes_max: HELD_BYTES_MAX, sum: S::default() }
    }

    /// Adds a cell that is not held.
    pub(super) fn add_cell(&mut self, key: &impl SeriesKey<K>, minute: u32, cell: &S::Sum) {
        if let Some(point) = self.steps.point_of_minute(minute.into()) {
            let number = self.number(key);
            S::merge(self.series[number].points.entry(point).or_default(), cell);
        }
    }

    /// Adds those cells of a source that are of a wanted key, and in a minute that counts and is asked for.
    pub(super) fn add<'s, Q: SeriesKey<K>>(
        &mut self,
        source: &'s Source<S>,
        counts: &dyn Fn(u32) -> bool,
        wanted: impl Fn(&'s S::Key) -> Option<Q>,
    ) {
        let place = self.held.len() as u32;
        let mut is_used = false;
        for (key, cells) in source.series() {
            let Some(key) = wanted(key) else { continue };
            let pieces = pieces(&self.steps, source, cells, counts);
            if !pieces.is_empty() {
                let number = self.number(&key);
                self.series[number].pieces.extend(pieces.into_iter().map(|piece| Piece { source: place, ..piece }));
                is_used = true;
            }
        }
        if is_used {
            self.held_bytes += source.bytes();
            self.held.push(Arc::clone(source));
        }
        if self.held_bytes > self.held_bytes_max {
            self.add_up();
        }
    }

    /// Every series that has a point, sorted by key.
    pub(super) fn finish(mut self) -> Vec<(K, BTreeMap<UnixNanos, S::Sum>)> {
        self.add_up();
        let mut points: Vec<_> = self.series.into_iter().map(|series| Some(series.points)).collect();
        let named = self.numbers.into_iter().filter_map(|(key, number)| Some((key, points[number].take()?)));
        let mut series: Vec<_> = named.collect();
        series.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        series
    }

    fn number(&mut self, key: &impl SeriesKey<K>) -> usize {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let number = self.series.len();
        self.series.push(Series { points: BTreeMap::new(), pieces: Vec::new() });
        self.numbers.insert(key.owned(), number);
        number
    }

    /// Adds up what is held: each point of a series once.
    fn add_up(&mut self) {
        let Sums { series, held, sum, .. } = self;
        for Series { points, pieces } in series {
            pieces.sort_by_key(|piece| piece.point);
            for of_point in pieces.chunk_by(|left, right| left.point == right.point) {
                for piece in of_point {
                    sum.add(&held[piece.source as usize], piece.cells.start as usize..piece.cells.end as usize);
                }
                match points.entry(of_point[0].point) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(sum.take());
                    }
                    Entry::Occupied(mut known) => S::merge(known.get_mut(), &sum.take()),
                }
            }
            pieces.clear();
        }
        held.clear();
        self.held_bytes = 0;
    }
}

/// The cells at these places, as far as they count, point by point.
fn pieces<K, C: OfMinute>(
    steps: &RedSteps,
    source: &Flat<K, C>,
    places: Range<usize>,
    counts: &dyn Fn(u32) -> bool,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for place in places {
        let minute = source.cells()[place].minute();
        let Some(point) = steps.point_of_minute(minute.into()).filter(|_| counts(minute)) else { continue };
        let place = place as u32;
        match pieces.last_mut() {
            Some(last) if last.point == point && last.cells.end == place => last.cells.end += 1,
            _ => pieces.push(Piece { point, source: 0, cells: place..place + 1 }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::red::{RedDetail, RedKey};
    use model::rollup::{RedCells, RedSum, encode_red, flat_red};
    use model::{RedCell, SpanDuration, SpanKind, TimeRange, TraceId};
    use proptest::prelude::*;
    use storage::RedQuery;

    #[derive(Hash)]
    struct Service<'a>(&'a str);

    impl Equivalent<Box<str>> for Service<'_> {
        fn equivalent(&self, key: &Box<str>) -> bool {
            *self.0 == **key
        }
    }

    impl SeriesKey<Box<str>> for Service<'_> {
        fn owned(&self) -> Box<str> {
            self.0.into()
        }
    }

    fn steps(minutes: Range<u64>, step: Option<u64>) -> RedSteps {
        let instant = |minute| UnixNanos(0).after(SpanDuration::from_secs(60 * minute));
        let range = TimeRange { from: instant(minutes.start), to: instant(minutes.end) };
        let step = step.map(|minutes| SpanDuration::from_secs(60 * minutes));
        RedQuery { range, step, service: None, by_name: false, entry_only: false }.steps()
    }

    proptest! {
        /// Two kinds of a service are two keys of cells and one of the answer; a minute of each source counts elsewhere.
        #[test]
        fn sums_are_what_merging_cell_by_cell_gives(
            sources in prop::collection::vec(prop::collection::vec((0u8..3, 1i64..3, 0u32..9, any::<u64>()), 0..30), 0..5),
            alone in prop::collection::vec((0u8..3, 0u32..9, any::<u64>()), 0..5),
            (from, length) in (0u64..6, 0u64..9), step in prop::option::of(1u64..4), elsewhere in 0u32..9,
            held_bytes_max in prop_oneof![Just(0usize), Just(5_000), Just(usize::MAX)],
        ) {
            let steps = steps(from..from + length, step);
            let service = |number: u8| Box::from(["ad", "cart", "mail"][usize::from(number)]);
            let is_asked = |service: &str| service != "mail";
            let detail = |nanos: u64| {
                let mut detail = RedDetail::default();
                detail.add(TraceId::new([1; 16]).expect("not zero"), SpanDuration(nanos >> 20), nanos.is_multiple_of(7), 1);
                detail
            };
            let mut sums: Sums<Box<str>, RedSum> = Sums { held_bytes_max, ..Sums::new(steps) };
            let mut plain: BTreeMap<Box<str>, BTreeMap<UnixNanos, RedCell>> = BTreeMap::new();
            let mut merge = |service: &str, minute: u32, cell: &RedCell| {
                if let Some(point) = steps.point_of_minute(minute.into()) {
                    plain.entry(service.into()).or_default().entry(point).or_default().merge(cell);
                }
            };
            for (number, minute, nanos) in alone {
                sums.add_cell(&Service(&service(number)), minute, &detail(nanos).cell);
                merge(&service(number), minute, &detail(nanos).cell);
            }
            for source in sources {
                let mut cells = RedCells::default();
                for (number, kind, minute, nanos) in source {
                    let kind = SpanKind::from_number(kind);
                    let key = RedKey { service: service(number), name: "".into(), kind, is_entry: false };
                    cells.add(key, minute, detail(nanos));
                }
                let mut bytes = Vec::new();
                encode_red(&cells, &mut bytes);
                let flat = Arc::new(flat_red(&bytes).expect("own bytes"));
                let counts = |minute: u32| minute != elsewhere;
                sums.add(&flat, &counts, |key| is_asked(&key.service).then_some(Service(&key.service)));
                let counted = cells.iter().filter(|(key, minute, _)| is_asked(&key.service) && counts(*minute));
                counted.for_each(|(key, minute, cell)| merge(&key.service, minute, &cell.cell));
            }
            prop_assert_eq!(sums.finish(), plain.into_iter().collect::<Vec<_>>());
        }
    }
}
