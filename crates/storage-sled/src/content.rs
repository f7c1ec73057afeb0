//! A fingerprint of everything a span says, to know it when it comes again. In memory only: keys differ per process.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use model::batch::{Columns, Slice, StringId, ValueCell};
use model::{SpanBatch, SpanId};
use storage::batch::encode_value;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// 128 bits under a key of the process: chance does not make two spans collide, and a stranger cannot aim at the span of another,
/// whose content and key he does not know.
pub(crate) type Fingerprint = u128;

/// A set of them. They are as good as random, so no hash is made of them.
pub(crate) type FingerprintSet = HashSet<Fingerprint, BuildHasherDefault<Bits>>;

/// Takes the lower half of a fingerprint for its hash.
#[derive(Default)]
pub(crate) struct Bits(u64);

impl Hasher for Bits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Never called for a fingerprint; right, though slow, for anything else.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, bits: u128) {
        self.0 = bits as u64;
    }
}

/// The key of this process.
#[derive(Clone)]
pub(crate) struct Fingerprints {
    seed: u64,
}

impl Default for Fingerprints {
    fn default() -> Fingerprints {
        Fingerprints { seed: RandomState::new().hash_one(0) }
    }
}

impl Fingerprints {
    /// The fingerprint of each row. Equal spans of any two batches have equal ones.
    pub(crate) fn of_batch(&self, batch: &SpanBatch) -> Vec<Fingerprint> {
        let columns = batch.columns();
        let texts = columns.strings.iter().map(|text| xxh3_64_with_seed(text.as_bytes(), self.seed)).collect();
        let mut words = Words { columns, texts, seed: self.seed, bytes: Vec::with_capacity(1_024), value: Vec::new() };
        let resources: Vec<u64> = (0..columns.resources.len()).map(|index| words.resource(index)).collect();
        let scopes: Vec<u64> = (0..columns.scopes.len()).map(|index| words.scope(index)).collect();
        let row = |row: usize| {
            let shared = [resources[columns.resource[row] as usize], scopes[columns.scope[row] as usize]];
            xxh3_128_with_seed(words.row(row, shared), self.seed)
        };
        (0..batch.len()).map(row).collect()
    }
}

/// The canonical bytes of one thing at a time, as words: a text is its hash, so each is read once per batch, not once per use.
struct Words<'a> {
    columns: &'a Columns,
    /// By number.
    texts: Vec<u64>,
    seed: u64,
    bytes: Vec<u8>,
    /// Of a value that is neither text nor number.
    value: Vec<u8>,
}

impl Words<'_> {
    fn resource(&mut self, index: usize) -> u64 {
        self.bytes.clear();
        let cell = self.columns.resources[index];
        self.attributes(cell.attributes);
        self.put([cell.attributes_dropped.into(), self.text(cell.schema_url)]);
        xxh3_64_with_seed(&self.bytes, self.seed)
    }

    fn scope(&mut self, index: usize) -> u64 {
        self.bytes.clear();
        let cell = self.columns.scopes[index];
        self.attributes(cell.attributes);
        let texts = [cell.name, cell.version, cell.schema_url].map(|text| self.text(text));
        self.put(texts);
        self.put([cell.attributes_dropped.into()]);
        xxh3_64_with_seed(&self.bytes, self.seed)
    }

    fn row(&mut self, row: usize, [resource, scope]: [u64; 2]) -> &[u8] {
        self.bytes.clear();
        let columns = self.columns;
        let (events, links) = (columns.span_events[row].range(), columns.span_links[row].range());
        let status = (columns.kind[row] as u32) << 8 | columns.status_code[row] as u32;
        self.bytes.extend_from_slice(columns.trace_id[row].bytes());
        self.put([
            bits(&columns.span_id[row]),
            // No id is zero, so zero stands for no parent.
            columns.parent_span_id[row].as_ref().map_or(0, bits),
            columns.start[row].0,
            columns.end[row].0,
            self.text(columns.name[row]),
            self.text(columns.status_message[row]),
            self.text(columns.trace_state[row]),
            resource,
            scope,
            pair(status, columns.flags[row]),
            pair(columns.warnings[row].bits(), columns.attributes_dropped[row]),
            pair(columns.events_dropped[row], columns.links_dropped[row]),
            pair(events.len() as u32, links.len() as u32),
        ]);
        self.attributes(columns.span_attributes[row]);
        for event in &columns.events[events] {
            self.put([event.time.0, self.text(event.name), event.attributes_dropped.into()]);
            self.attributes(event.attributes);
        }
        for link in &columns.links[links] {
            self.bytes.extend_from_slice(link.trace_id.bytes());
            let counts = pair(link.flags, link.attributes_dropped);
            self.put([bits(&link.span_id), self.text(link.trace_state), counts]);
            self.attributes(link.attributes);
        }
        &self.bytes
    }

    /// How many there are, and a word for each.
    fn attributes(&mut self, slice: Slice) {
        let cells = &self.columns.attributes[slice.range()];
        self.put([cells.len() as u64]);
        for cell in cells {
            let (sort, value) = match cell.value() {
                ValueCell::Empty => (0, 0),
                ValueCell::String(id) => (1, self.text(id)),
                ValueCell::Bool(value) => (2, value.into()),
                ValueCell::Int(value) => (3, value as u64),
                ValueCell::Double(value) => (4, if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }),
                ValueCell::Other(index) => (5, self.other(index)),
            };
            self.put([mixed(self.text(cell.key()).wrapping_add(sort), value ^ self.seed)]);
        }
    }

    fn other(&mut self, index: u32) -> u64 {
        self.value.clear();
        // Too deep a value never gets here: the batch was encoded before.
        drop(encode_value(&mut self.value, &self.columns.others[index as usize]));
        xxh3_64_with_seed(&self.value, self.seed)
    }

    fn text(&self, id: StringId) -> u64 {
        self.texts[id as usize]
    }

    /// All at once: one piece to copy.
    fn put<const N: usize>(&mut self, words: [u64; N]) {
        self.bytes.extend_from_slice(words.map(u64::to_le_bytes).as_flattened());
    }
}

fn bits(id: &SpanId) -> u64 {
    u64::from_le_bytes(*id.bytes())
}

fn pair(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// Two words as one. Either is under the key of the process, so nobody can choose two pairs that come out the same.
fn mixed(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    (product as u64) ^ (product >> 64) as u64
}
