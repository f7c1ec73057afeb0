//! Counts of spans: names, and minutes with rate, errors and durations. Kept per generation and per partition, summed by readers.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use model::red::LatencyHistogram;
use model::{RedCell, SpanDuration, SpanKind};
use storage::rollup::RED_CELL;

use super::Interner;
use super::trace::SpanEntry;
use crate::block::BlockError;
use crate::block::bytes::{Cursor, put_bytes, put_varint};

/// Service, name, and whether the span was an entry.
pub(crate) type RedKey = (u32, u32, bool);

/// What some spans add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) spans: u64,
    /// By service, name and kind.
    pub(crate) names: HashMap<(u32, u32, SpanKind), u64>,
    /// By minute since 1970.
    pub(crate) red: BTreeMap<u64, HashMap<RedKey, RedCell>>,
}

const NAME: &str = "counts";

/// A line of names takes at least a byte for each number.
const NAME_BYTES_MIN: usize = 4;
const CELL_BYTES_MIN: usize = 9;
const BUCKET_BYTES_MIN: usize = 2;

impl Counts {
    pub(crate) fn count(&mut self, span: &SpanEntry) {
        self.spans += 1;
        *self.names.entry((span.service, span.name, span.kind)).or_default() += 1;
        let minute = self.red.entry(span.start.0 / RED_CELL.0).or_default();
        minute.entry((span.service, span.name, span.is_entry())).or_default().add(span.duration(), span.is_error());
    }

    pub(crate) fn merge(&mut self, other: &Counts) {
        self.spans += other.spans;
        other.names.iter().for_each(|(key, spans)| *self.names.entry(*key).or_default() += spans);
        for (minute, cells) in &other.red {
            let minute = self.red.entry(*minute).or_default();
            cells.iter().for_each(|(key, cell)| minute.entry(*key).or_default().merge(cell));
        }
    }

    /// Drawn in `docs/formats/store.md`.
    pub(crate) fn encode(&self, names: &Interner) -> Vec<u8> {
        let mut texts = Texts { names, places: HashMap::new(), list: Vec::new() };
        let mut lines = Vec::new();
        put_varint(&mut lines, self.names.len() as u64);
        // Sorted, so that equal counts have equal bytes.
        for ((service, name, kind), spans) in self.names.iter().collect::<BTreeMap<_, _>>() {
            let fields = [texts.place(*service), texts.place(*name), u64::from(*kind as u8), *spans];
            fields.into_iter().for_each(|field| put_varint(&mut lines, field));
        }
        let cells = self.red.iter().flat_map(|(minute, cells)| cells.iter().map(|(key, cell)| ((*minute, *key), cell)));
        let cells: BTreeMap<_, _> = cells.collect();
        put_varint(&mut lines, cells.len() as u64);
        for ((minute, (service, name, is_entry)), cell) in cells {
            let RedCell { calls, errors, duration_sum, duration_max, durations } = cell;
            let key = [minute, texts.place(service), texts.place(name), u64::from(is_entry)];
            let sums = [*calls, *errors, *duration_sum, duration_max.0, durations.buckets().len() as u64];
            key.into_iter().chain(sums).for_each(|field| put_varint(&mut lines, field));
            let mut before = 0;
            for (bucket, count) in durations.buckets() {
                put_varint(&mut lines, u64::from(bucket - before));
                put_varint(&mut lines, *count);
                before = *bucket;
            }
        }
        let mut bytes = Vec::with_capacity(lines.len());
        put_varint(&mut bytes, texts.list.len() as u64);
        texts.list.iter().for_each(|text| put_bytes(&mut bytes, text.as_bytes()));
        bytes.extend_from_slice(&lines);
        bytes
    }

    /// The counts in `bytes`, with names as numbers of `names`.
    pub(crate) fn decode(bytes: &[u8], names: &mut Interner) -> Result<Counts, BlockError> {
        let mut cursor = Cursor::new(bytes, NAME);
        let texts = cursor.count(1)?;
        let mut ids = Vec::with_capacity(texts);
        for _ in 0..texts {
            let text = std::str::from_utf8(cursor.bytes()?).ok().ok_or(cursor.invalid())?;
            ids.push(names.intern(text));
        }
        let mut counts = Counts::default();
        for _ in 0..cursor.count(NAME_BYTES_MIN)? {
            let (service, name) = (cursor.index(ids.len())?, cursor.index(ids.len())?);
            let kind = SpanKind::from_number(cursor.varint32()?.into());
            let spans = cursor.varint()?;
            counts.spans = counts.spans.checked_add(spans).ok_or(cursor.invalid())?;
            counts.names.insert((ids[service as usize], ids[name as usize], kind), spans);
        }
        for _ in 0..cursor.count(CELL_BYTES_MIN)? {
            let minute = cursor.varint()?;
            let (service, name) = (cursor.index(ids.len())?, cursor.index(ids.len())?);
            let is_entry = cursor.varint()? != 0;
            let cell = take_cell(&mut cursor)?;
            let key = (ids[service as usize], ids[name as usize], is_entry);
            counts.red.entry(minute).or_default().insert(key, cell);
        }
        cursor.finish()?;
        Ok(counts)
    }
}

fn take_cell(cursor: &mut Cursor<'_>) -> Result<RedCell, BlockError> {
    let (calls, errors) = (cursor.varint()?, cursor.varint()?);
    let (duration_sum, duration_max) = (cursor.varint()?, SpanDuration(cursor.varint()?));
    let count = cursor.count(BUCKET_BYTES_MIN)?;
    let mut buckets = Vec::with_capacity(count);
    let mut bucket = 0u16;
    for _ in 0..count {
        let step = u16::try_from(cursor.varint()?).ok().ok_or(cursor.invalid())?;
        bucket = bucket.checked_add(step).ok_or(cursor.invalid())?;
        buckets.push((bucket, cursor.varint()?));
    }
    let durations = LatencyHistogram::from_buckets(buckets).ok_or(cursor.invalid())?;
    Ok(RedCell { calls, errors, duration_sum, duration_max, durations })
}

/// Each text once, in the order of its first use.
struct Texts<'a> {
    names: &'a Interner,
    places: HashMap<u32, u64>,
    list: Vec<&'a str>,
}

impl Texts<'_> {
    fn place(&mut self, id: u32) -> u64 {
        *self.places.entry(id).or_insert_with(|| {
            self.list.push(self.names.text(id));
            self.list.len() as u64 - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(names: &mut Interner) -> Counts {
        let mut counts = Counts::default();
        let (shop, cart, pay) = (names.intern("shop"), names.intern("cart"), names.intern("pay"));
        for (minute, name, nanos) in [(3, cart, 10), (3, cart, 5_000_000_000), (9, pay, 0)] {
            counts.spans += 1;
            *counts.names.entry((shop, name, SpanKind::Server)).or_default() += 1;
            let cell = counts.red.entry(minute).or_default().entry((shop, name, true)).or_default();
            cell.add(SpanDuration(nanos), nanos == 0);
        }
        counts
    }

    #[test]
    fn counts_come_back_under_other_numbers() {
        let mut names = Interner::default();
        names.intern("something else");
        let counts = sample(&mut names);
        let bytes = counts.encode(&names);
        let mut others = Interner::default();
        let expected = sample(&mut others);
        assert_eq!(Counts::decode(&bytes, &mut others).expect("as written"), expected);
        for end in 0..bytes.len() {
            assert!(Counts::decode(&bytes[..end], &mut others).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn merging_adds_up() {
        let mut names = Interner::default();
        let once = sample(&mut names);
        let mut twice = once.clone();
        twice.merge(&once);
        assert_eq!(twice.spans, 6);
        let calls = |counts: &Counts| -> Vec<u64> {
            counts.red.values().map(|cells| cells.values().map(|cell| cell.calls).sum()).collect()
        };
        assert_eq!((calls(&once), calls(&twice)), (vec![2, 1], vec![4, 2]));
    }
}
