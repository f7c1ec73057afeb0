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

/// Reads what [`super::encode_edges`] wrote.
pub fn decode_edges(bytes: &[u8]) -> Result<EdgeCells, RollupError> {
    let mut reader = Reader::new(bytes);
    let mut texts = Texts::read(&mut reader, EDGES_MAGIC)?;
    read_series(&mut reader, &mut texts, read_edge_key, read_edge_cell)
}

/// Reads what [`super::encode_red`] wrote.
pub fn decode_red(bytes: &[u8]) -> Result<RedCells, RollupError> {
    let mut reader = Reader::new(bytes);
    let mut texts = Texts::read(&mut reader, RED_MAGIC)?;
    read_series(&mut reader, &mut texts, read_red_key, read_red_cell)
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

fn read_series<'a, K: Ord, C>(
    reader: &mut Reader<'a>,
    texts: &mut Texts<'a>,
    read_key: impl Fn(&mut Reader<'a>, &mut Texts<'a>) -> Result<K, RollupError>,
    read_cell: impl Fn(&mut Reader<'a>) -> Result<C, RollupError>,
) -> Result<Rollup<K, C>, RollupError> {
    reader.enter("series");
    let mut series = BTreeMap::new();
    for _ in 0..reader.items(SERIES_BYTES_MIN)? {
        reader.enter("key");
        let key = read_key(reader, texts)?;
        if series.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Err(reader.invalid());
        }
        series.insert(key, read_minutes(reader, &read_cell)?);
    }
    if texts.used < texts.texts.len() {
        return Err(RollupError::Invalid("texts"));
    }
    match reader.remaining() {
        0 => Ok(Rollup { series }),
        count => Err(RollupError::Trailing(count)),
    }
}

fn read_minutes<'a, C>(
    reader: &mut Reader<'a>,
    read_cell: impl Fn(&mut Reader<'a>) -> Result<C, RollupError>,
) -> Result<BTreeMap<u32, C>, RollupError> {
    reader.enter("minutes");
    let count = reader.items(CELL_BYTES_MIN)?;
    if count == 0 {
        return Err(reader.invalid());
    }
    let mut minutes = BTreeMap::new();
    let mut next = 0u64;
    for _ in 0..count {
        reader.enter("minutes");
        let minute = next + u64::from(reader.varint32()?);
        let minute = u32::try_from(minute).ok().ok_or(reader.invalid())?;
        next = u64::from(minute) + 1;
        reader.enter("cell");
        minutes.insert(minute, read_cell(reader)?);
    }
    Ok(minutes)
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
    let (clients, servers) = (client.count(), server.count());
    // Each call was seen by one side at least.
    if calls == 0 || errors > calls || clients > calls || servers > calls || clients + servers < calls {
        return Err(reader.invalid());
    }
    Ok(EdgeCell { calls, errors, client, server, exemplars: reader.exemplars()? })
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
