//! Cells as readers keep them: keys, cells and buckets each in one piece of memory, so that adding up a day of minutes reads
//! memory from front to back. Not here: making cells (`red`, `edge`), and which of them count.

use std::ops::Range;

use super::bytes::{Reader, RollupError};
use super::decode::{Sink, check_calls, read_edges, read_red};
use crate::edge::{EdgeCell, EdgeKey};
use crate::exemplar::Exemplars;
use crate::red::{HistogramSum, RedCell, RedKey};
use crate::time::SpanDuration;

/// Cells by key and minute, sorted by both.
#[derive(Clone, Debug, PartialEq)]
pub struct Flat<K, C> {
    /// Each with the place where its cells end.
    keys: Vec<(K, u32)>,
    cells: Vec<C>,
    /// See [`HistogramSum::pack`].
    buckets: Vec<u64>,
}

/// Spans by service, name and kind.
pub type FlatRed = Flat<RedKey, FlatRedCell>;

/// Calls by edge.
pub type FlatEdges = Flat<EdgeKey, FlatEdgeCell>;

/// What a minute keeps of some spans, without exemplars. Calls are the sum of the buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatRedCell {
    minute: u32,
    calls: u64,
    errors: u64,
    duration_sum: u64,
    duration_max: SpanDuration,
    durations: Range<u32>,
}

/// What a minute keeps of an edge.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatEdgeCell {
    minute: u32,
    calls: u64,
    errors: u64,
    client: Range<u32>,
    server: Range<u32>,
    exemplars: Exemplars,
}

/// A cell of a minute.
pub trait OfMinute {
    /// Since 1970.
    fn minute(&self) -> u32;
}

/// Adds up cells of one key.
pub trait Summing: Default {
    /// What cells are of.
    type Key;
    /// What is added up.
    type FlatCell: OfMinute;
    /// The sum.
    type Sum: Default;

    /// Adds the cells at these places.
    fn add(&mut self, cells: &Flat<Self::Key, Self::FlatCell>, places: Range<usize>);

    /// The sum since the last time.
    fn take(&mut self) -> Self::Sum;

    /// Adds a sum to another one.
    fn merge(sum: &mut Self::Sum, other: &Self::Sum);
}

/// Adds up cells of spans.
#[derive(Default)]
pub struct RedSum {
    /// Without durations.
    cell: RedCell,
    durations: HistogramSum,
}

/// Adds up cells of edges.
#[derive(Default)]
pub struct EdgeSum {
    /// Without durations.
    cell: EdgeCell,
    client: HistogramSum,
    server: HistogramSum,
}

/// Reads what [`super::encode_red`] wrote.
pub fn flat_red(bytes: &[u8]) -> Result<FlatRed, RollupError> {
    let mut flat = FlatRed::new();
    read_red(bytes, &mut flat)?;
    Ok(flat.shrunk())
}

/// Reads what [`super::encode_edges`] wrote.
pub fn flat_edges(bytes: &[u8]) -> Result<FlatEdges, RollupError> {
    let mut flat = FlatEdges::new();
    read_edges(bytes, &mut flat)?;
    Ok(flat.shrunk())
}

// === impl Flat ===

impl<K, C> Flat<K, C> {
    /// Every key with the places of its cells, sorted by key.
    pub fn series(&self) -> impl Iterator<Item = (&K, Range<usize>)> {
        let mut first = 0;
        self.keys.iter().map(move |(key, end)| (key, std::mem::replace(&mut first, *end as usize)..*end as usize))
    }

    /// The cells, by place.
    pub fn cells(&self) -> &[C] {
        &self.cells
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        /// What the texts of a key take.
        const TEXT_BYTES: usize = 64;
        self.keys.len() * (size_of::<(K, u32)>() + TEXT_BYTES) + size_of_val(&*self.cells) + size_of_val(&*self.buckets)
    }

    fn new() -> Flat<K, C> {
        Flat { keys: Vec::new(), cells: Vec::new(), buckets: Vec::new() }
    }

    fn shrunk(mut self) -> Flat<K, C> {
        self.keys.shrink_to_fit();
        self.cells.shrink_to_fit();
        self.buckets.shrink_to_fit();
        self
    }

    fn key_is_read(&mut self, key: K) {
        self.keys.push((key, self.cells.len() as u32));
    }

    fn known_key(&self) -> Option<&K> {
        self.keys.last().map(|(key, _)| key)
    }

    /// Where the buckets of a histogram lie, and the sum of their counts.
    fn read_buckets(&mut self, reader: &mut Reader<'_>) -> Result<(Range<u32>, u64), RollupError> {
        let first = self.buckets.len() as u32;
        let calls = reader.packed_histogram(&mut self.buckets)?;
        // Cells are fewer than buckets.
        let end = u32::try_from(self.buckets.len()).ok().ok_or(reader.invalid())?;
        Ok((first..end, calls))
    }

    fn durations(&self, buckets: &Range<u32>) -> &[u64] {
        &self.buckets[buckets.start as usize..buckets.end as usize]
    }
}

impl Sink<RedKey> for FlatRed {
    fn read_cell(&mut self, reader: &mut Reader<'_>, minute: u32) -> Result<(), RollupError> {
        let errors = reader.count()?;
        let _calls_weighted = reader.varint()?;
        let (duration_sum, duration_max) = (reader.varint()?, SpanDuration(reader.varint()?));
        let (durations, calls) = self.read_buckets(reader)?;
        if calls == 0 || errors > calls {
            return Err(reader.invalid());
        }
        let _exemplars = reader.exemplars()?;
        self.cells.push(FlatRedCell { minute, calls, errors, duration_sum, duration_max, durations });
        Ok(())
    }

    fn end_key(&mut self, key: RedKey) {
        self.key_is_read(key);
    }

    fn last_key(&self) -> Option<&RedKey> {
        self.known_key()
    }
}

impl Sink<EdgeKey> for FlatEdges {
    fn read_cell(&mut self, reader: &mut Reader<'_>, minute: u32) -> Result<(), RollupError> {
        let (calls, errors) = (reader.count()?, reader.count()?);
        let (client, clients) = self.read_buckets(reader)?;
        let (server, servers) = self.read_buckets(reader)?;
        check_calls(reader, (calls, errors), (clients, servers))?;
        let exemplars = reader.exemplars()?;
        self.cells.push(FlatEdgeCell { minute, calls, errors, client, server, exemplars });
        Ok(())
    }

    fn end_key(&mut self, key: EdgeKey) {
        self.key_is_read(key);
    }

    fn last_key(&self) -> Option<&EdgeKey> {
        self.known_key()
    }
}

// === impl Summing ===

impl OfMinute for FlatRedCell {
    fn minute(&self) -> u32 {
        self.minute
    }
}

impl OfMinute for FlatEdgeCell {
    fn minute(&self) -> u32 {
        self.minute
    }
}

impl Summing for RedSum {
    type Key = RedKey;
    type FlatCell = FlatRedCell;
    type Sum = RedCell;

    fn add(&mut self, flat: &FlatRed, places: Range<usize>) {
        for cell in &flat.cells[places] {
            let sum = &mut self.cell;
            sum.calls += cell.calls;
            sum.errors += cell.errors;
            sum.duration_sum = sum.duration_sum.saturating_add(cell.duration_sum);
            sum.duration_max = sum.duration_max.max(cell.duration_max);
            self.durations.add_packed(flat.durations(&cell.durations));
        }
    }

    fn take(&mut self) -> RedCell {
        RedCell { durations: self.durations.take(), ..std::mem::take(&mut self.cell) }
    }

    fn merge(sum: &mut RedCell, other: &RedCell) {
        sum.merge(other);
    }
}

impl Summing for EdgeSum {
    type Key = EdgeKey;
    type FlatCell = FlatEdgeCell;
    type Sum = EdgeCell;

    fn add(&mut self, flat: &FlatEdges, places: Range<usize>) {
        for cell in &flat.cells[places] {
            let sum = &mut self.cell;
            sum.calls += cell.calls;
            sum.errors += cell.errors;
            sum.exemplars.merge(&cell.exemplars);
            self.client.add_packed(flat.durations(&cell.client));
            self.server.add_packed(flat.durations(&cell.server));
        }
    }

    fn take(&mut self) -> EdgeCell {
        EdgeCell { client: self.client.take(), server: self.server.take(), ..std::mem::take(&mut self.cell) }
    }

    fn merge(sum: &mut EdgeCell, other: &EdgeCell) {
        sum.merge(other);
    }
}
