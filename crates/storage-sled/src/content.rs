//! A fingerprint of everything a span says, to know it when it comes again. In memory only: keys differ per process.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use model::SpanBatch;
use model::batch::{Columns, Slice, StringId, ValueCell};
use storage::batch::encode_value;
use xxhash_rust::xxh3::xxh3_128_with_seed;

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
        let mut text = Text { columns, bytes: Vec::with_capacity(1_024) };
        let resources: Vec<_> = (0..columns.resources.len()).map(|index| self.of(text.resource(index))).collect();
        let scopes: Vec<_> = (0..columns.scopes.len()).map(|index| self.of(text.scope(index))).collect();
        let row = |row: usize| {
            let resource = resources[columns.resource[row] as usize];
            self.of(text.row(row, resource, scopes[columns.scope[row] as usize]))
        };
        (0..batch.len()).map(row).collect()
    }

    fn of(&self, bytes: &[u8]) -> Fingerprint {
        xxh3_128_with_seed(bytes, self.seed)
    }
}

/// The canonical bytes of one thing at a time.
struct Text<'a> {
    columns: &'a Columns,
    bytes: Vec<u8>,
}

impl Text<'_> {
    fn resource(&mut self, index: usize) -> &[u8] {
        self.bytes.clear();
        let cell = self.columns.resources[index];
        self.attributes(cell.attributes);
        self.number(cell.attributes_dropped.into());
        self.string(cell.schema_url);
        &self.bytes
    }

    fn scope(&mut self, index: usize) -> &[u8] {
        self.bytes.clear();
        let cell = self.columns.scopes[index];
        self.string(cell.name);
        self.string(cell.version);
        self.attributes(cell.attributes);
        self.number(cell.attributes_dropped.into());
        self.string(cell.schema_url);
        &self.bytes
    }

    fn row(&mut self, row: usize, resource: Fingerprint, scope: Fingerprint) -> &[u8] {
        self.bytes.clear();
        let columns = self.columns;
        self.bytes.extend_from_slice(columns.trace_id[row].bytes());
        self.bytes.extend_from_slice(columns.span_id[row].bytes());
        // No id is zero, so zeros stand for no parent.
        self.bytes.extend_from_slice(columns.parent_span_id[row].as_ref().map_or(&[0; 8], |id| id.bytes()));
        self.number(columns.start[row].0);
        self.number(columns.end[row].0);
        self.string(columns.name[row]);
        self.bytes.extend([columns.kind[row] as u8, columns.status_code[row] as u8]);
        self.string(columns.status_message[row]);
        self.string(columns.trace_state[row]);
        self.number(columns.flags[row].into());
        self.number(columns.warnings[row].bits().into());
        self.bytes.extend_from_slice(&resource.to_le_bytes());
        self.bytes.extend_from_slice(&scope.to_le_bytes());
        self.attributes(columns.span_attributes[row]);
        self.number(columns.attributes_dropped[row].into());
        self.number(columns.events_dropped[row].into());
        self.number(columns.links_dropped[row].into());
        let events = &columns.events[columns.span_events[row].range()];
        self.number(events.len() as u64);
        for event in events {
            self.number(event.time.0);
            self.string(event.name);
            self.attributes(event.attributes);
            self.number(event.attributes_dropped.into());
        }
        for link in &columns.links[columns.span_links[row].range()] {
            self.bytes.extend_from_slice(link.trace_id.bytes());
            self.bytes.extend_from_slice(link.span_id.bytes());
            self.string(link.trace_state);
            self.number(link.flags.into());
            self.attributes(link.attributes);
            self.number(link.attributes_dropped.into());
        }
        &self.bytes
    }

    fn attributes(&mut self, slice: Slice) {
        let cells = &self.columns.attributes[slice.range()];
        self.number(cells.len() as u64);
        for cell in cells {
            self.string(cell.key());
            match cell.value() {
                ValueCell::Empty => self.bytes.push(0),
                ValueCell::String(id) => {
                    self.bytes.push(1);
                    self.string(id);
                }
                ValueCell::Bool(value) => self.bytes.extend([2, value.into()]),
                ValueCell::Int(value) => {
                    self.bytes.push(3);
                    self.number(value as u64);
                }
                ValueCell::Double(value) => {
                    self.bytes.push(4);
                    self.number(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() });
                }
                ValueCell::Other(index) => {
                    self.bytes.push(5);
                    // Too deep a value never gets here: the batch was encoded before.
                    drop(encode_value(&mut self.bytes, &self.columns.others[index as usize]));
                }
            }
        }
    }

    fn string(&mut self, id: StringId) {
        let text = &self.columns.strings[id as usize];
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }
}
