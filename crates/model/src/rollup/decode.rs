//! Bytes to cells. What is accepted is what `encode` writes, to the byte: one form for each set of cells.

use std::collections::{BTreeMap, HashSet};

use super::bytes::{Reader, RollupError};
use super::{EDGES_MAGIC, EdgeCells, RED_MAGIC, RedCells, Rollup, VERSION};
use crate::edge::{Connection, EdgeCell, EdgeKey, Node, NodeKind};
use crate::red::{RedCell, RedDetail, RedKey};
use crate::span::SpanKind;
use crate::time::SpanDuration;

/// Fewest bytes of one series, whether of edges or of RED cells: its key, the number of its cells and a cell.
const SERIES_BYTES_MIN: usize = 4 + 1 + CELL_BYTES_MIN;

/// Fewest bytes of one cell with its minute.
const CELL_BYTES_MIN: usize = 6;

/// Where series go that are read.
pub(super) trait Sink<K> {
    /// Reads one cell of the key that comes next.
    fn read_cell(&mut self, reader: &mut Reader<'_>, minute: u32) -> Result<(), RollupError>;

    /// The key of the cells that were read.
    fn end_key(&mut self, key: K);

    /// The key before.
    fn last_key(&self) -> Option<&K>;
}

/// Cells in maps.
struct Maps<K, C> {
    series: BTreeMap<K, BTreeMap<u32, C>>,
    minutes: BTreeMap<u32, C>,
    read: fn(&mut Reader<'_>) -> Result<C, RollupError>,
}

/// Reads what [`super::encode_edges`] wrote.
pub fn decode_edges(bytes: &[u8]) -> Result<EdgeCells, RollupError> {
    let mut maps = Maps::new(read_edge_cell);
    read_edges(bytes, &mut maps)?;
    Ok(Rollup { series: maps.series })
}

/// Reads what [`super::encode_red`] wrote.
pub fn decode_red(bytes: &[u8]) -> Result<RedCells, RollupError> {
    let mut maps = Maps::new(read_red_cell);
    read_red(bytes, &mut maps)?;
    Ok(Rollup { series: maps.series })
}

pub(super) fn read_edges(bytes: &[u8], sink: &mut impl Sink<EdgeKey>) -> Result<(), RollupError> {
    let mut reader = Reader::new(bytes);
    let mut texts = Texts::read(&mut reader, EDGES_MAGIC)?;
    read_series(&mut reader, &mut texts, read_edge_key, sink)
}

pub(super) fn read_red(bytes: &[u8], sink: &mut impl Sink<RedKey>) -> Result<(), RollupError> {
    let mut reader = Reader::new(bytes);
    let mut texts = Texts::read(&mut reader, RED_MAGIC)?;
    read_series(&mut reader, &mut texts, read_red_key, sink)
}

impl<K, C> Maps<K, C> {
    fn new(read: fn(&mut Reader<'_>) -> Result<C, RollupError>) -> Maps<K, C> {
        Maps { series: BTreeMap::new(), minutes: BTreeMap::new(), read }
    }
}

impl<K: Ord, C> Sink<K> for Maps<K, C> {
    fn read_cell(&mut self, reader: &mut Reader<'_>, minute: u32) -> Result<(), RollupError> {
        let cell = (self.read)(reader)?;
        self.minutes.insert(minute, cell);
        Ok(())
    }

    fn end_key(&mut self, key: K) {
        self.series.insert(key, std::mem::take(&mut self.minutes));
    }

    fn last_key(&self) -> Option<&K> {
        self.series.last_key_value().map(|(key, _)| key)
    }
}

/// The dictionary, and how much of it the keys have used: texts appear in the order in which keys name them.
struct Texts<'a> {
    texts: Vec<&'a str>,
    used: usize,
}

impl<'a> Texts<'a> {
    fn read(reader: &mut Reader<'a>, magic: [u8; 4]) -> Result<Texts<'a>, RollupError> {
        if reader.array()? != magic {
            return Err(RollupError::Magic);
        }
        let version = reader.byte()?;
        if version != VERSION {
            return Err(RollupError::Version(version));
        }
        reader.enter("texts");
        let texts = (0..reader.items(1)?).map(|_| reader.text()).collect::<Result<Vec<_>, _>>()?;
        let mut distinct = HashSet::with_capacity(texts.len());
        if !texts.iter().all(|text| distinct.insert(*text)) {
            return Err(reader.invalid());
        }
        Ok(Texts { texts, used: 0 })
    }

    fn next(&mut self, reader: &mut Reader<'_>) -> Result<&'a str, RollupError> {
        let index = usize::try_from(reader.varint()?).ok().filter(|index| *index <= self.used);
        let index = index.ok_or(reader.invalid())?;
        let text = self.texts.get(index).ok_or(reader.invalid())?;
        self.used = self.used.max(index + 1);
        Ok(text)
    }
}

fn read_series<'a, K: Ord>(
    reader: &mut Reader<'a>,
    texts: &mut Texts<'a>,
    read_key: impl Fn(&mut Reader<'a>, &mut Texts<'a>) -> Result<K, RollupError>,
    sink: &mut impl Sink<K>,
) -> Result<(), RollupError> {
    reader.enter("series");
    for _ in 0..reader.items(SERIES_BYTES_MIN)? {
        reader.enter("key");
        let key = read_key(reader, texts)?;
        if sink.last_key().is_some_and(|last| *last >= key) {
            return Err(reader.invalid());
        }
        read_minutes(reader, sink)?;
        sink.end_key(key);
    }
    if texts.used < texts.texts.len() {
        return Err(RollupError::Invalid("texts"));
    }
    match reader.remaining() {
        0 => Ok(()),
        count => Err(RollupError::Trailing(count)),
    }
}

fn read_minutes<K>(reader: &mut Reader<'_>, sink: &mut impl Sink<K>) -> Result<(), RollupError> {
    reader.enter("minutes");
    let count = reader.items(CELL_BYTES_MIN)?;
    if count == 0 {
        return Err(reader.invalid());
    }
    let mut next = 0u64;
    for _ in 0..count {
        reader.enter("minutes");
        let minute = next + u64::from(reader.varint32()?);
        let minute = u32::try_from(minute).ok().ok_or(reader.invalid())?;
        next = u64::from(minute) + 1;
        reader.enter("cell");
        sink.read_cell(reader, minute)?;
    }
    Ok(())
}

fn read_edge_key<'a>(reader: &mut Reader<'a>, texts: &mut Texts<'a>) -> Result<EdgeKey, RollupError> {
    let client = read_node(reader, texts)?;
    let server = read_node(reader, texts)?;
    let connection = Connection::from_number(reader.byte()?).ok_or(reader.invalid())?;
    Ok(EdgeKey { client, server, connection })
}

fn read_node<'a>(reader: &mut Reader<'a>, texts: &mut Texts<'a>) -> Result<Node, RollupError> {
    let kind = NodeKind::from_number(reader.byte()?).ok_or(reader.invalid())?;
    Ok(Node { kind, name: texts.next(reader)?.into() })
}

fn read_edge_cell(reader: &mut Reader<'_>) -> Result<EdgeCell, RollupError> {
    let (calls, errors) = (reader.count()?, reader.count()?);
    let (client, server) = (reader.histogram()?, reader.histogram()?);
    check_calls(reader, (calls, errors), (client.count(), server.count()))?;
    Ok(EdgeCell { calls, errors, client, server, exemplars: reader.exemplars()? })
}

/// Each call was seen by one side at least.
pub(super) fn check_calls(
    reader: &Reader<'_>,
    (calls, errors): (u64, u64),
    (clients, servers): (u64, u64),
) -> Result<(), RollupError> {
    let is_possible =
        calls > 0 && errors <= calls && clients <= calls && servers <= calls && clients + servers >= calls;
    if is_possible { Ok(()) } else { Err(reader.invalid()) }
}

fn read_red_key<'a>(reader: &mut Reader<'a>, texts: &mut Texts<'a>) -> Result<RedKey, RollupError> {
    let (service, name) = (texts.next(reader)?.into(), texts.next(reader)?.into());
    let number = reader.byte()?;
    let kind = SpanKind::from_number(i64::from(number));
    let is_entry = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return Err(reader.invalid()),
    };
    if kind as u8 != number {
        return Err(reader.invalid());
    }
    Ok(RedKey { service, name, kind, is_entry })
}

fn read_red_cell(reader: &mut Reader<'_>) -> Result<RedDetail, RollupError> {
    let errors = reader.count()?;
    let calls_weighted = reader.varint()?;
    let (duration_sum, duration_max) = (reader.varint()?, SpanDuration(reader.varint()?));
    let durations = reader.histogram()?;
    let calls = durations.count();
    if calls == 0 || errors > calls {
        return Err(reader.invalid());
    }
    let cell = RedCell { calls, errors, duration_sum, duration_max, durations };
    Ok(RedDetail { cell, calls_weighted, exemplars: reader.exemplars()? })
}
