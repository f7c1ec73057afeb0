//! The halves that wait, as bytes: they survive a restart beside the cells of their generation, so that none is lost and
//! none is counted twice. Drawn in `docs/formats/rollup.md`. Not here: spans that do not wait.

use std::collections::HashMap;

use super::super::NodeKind;
use super::super::fold::{NodeId, Nodes};
use super::super::slots::{Content, Half, Role, Search, Slot, SpanKey};
use super::Matcher;
use crate::batch::SpanBatch;
use crate::rollup::VERSION;
use crate::rollup::bytes::{Reader, RollupError, put_text, put_varint};
use crate::span::SpanKind;
use crate::time::SpanDuration;
use crate::{SpanId, TraceId};

/// First bytes of encoded halves.
pub const HALVES_MAGIC: [u8; 4] = *b"TWRH";

/// Bits of the first byte of a half.
mod bit {
    pub(super) const LINK: u8 = 1;
    pub(super) const ERROR: u8 = 2;
    pub(super) const PARENT: u8 = 4;
    pub(super) const PEER: u8 = 8;
    pub(super) const CALLER: u8 = 16;
    pub(super) const WAITS: u8 = 32;
    pub(super) const ALL: u8 = 63;
}

/// Fewest bytes of a half: its bits, ids, kind, role, service, steps, duration and minute.
const HALF_BYTES_MIN: usize = 1 + 16 + 8 + 1 + 1 + 2 + 1 + 1 + 1;

impl Matcher {
    /// Appends all halves that wait, oldest first. To be stored with what [`Matcher::end_generation`] just gave:
    /// whoever has the one must have the other.
    pub fn encode_halves(&self, out: &mut Vec<u8>) {
        let waiting: Vec<(u64, &Slot)> =
            (self.slots.forgotten()..).zip(self.slots.iter()).filter(|(_, slot)| waits(slot)).collect();
        let mut texts = Texts::default();
        let mut halves = Vec::new();
        for (_, slot) in &waiting {
            self.put_half(&mut halves, &mut texts, slot);
        }
        out.extend_from_slice(&HALVES_MAGIC);
        out.push(VERSION);
        put_varint(out, texts.texts.len() as u64);
        texts.texts.iter().for_each(|text| put_text(out, text));
        for mark in self.marks {
            put_varint(out, waiting.iter().filter(|(number, _)| *number < mark).count() as u64);
        }
        put_varint(out, waiting.len() as u64);
        out.extend_from_slice(&halves);
    }

    /// A matcher with the halves that [`Matcher::encode_halves`] wrote, which remembers at most `spans_max` spans.
    /// It knows no span that does not wait: [`Matcher::remember`] tells it.
    pub fn decode_halves(bytes: &[u8], spans_max: usize) -> Result<Matcher, RollupError> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != HALVES_MAGIC {
            return Err(RollupError::Magic);
        }
        let version = reader.byte()?;
        if version != VERSION {
            return Err(RollupError::Version(version));
        }
        reader.enter("texts");
        let texts = (0..reader.items(1)?).map(|_| reader.text()).collect::<Result<Vec<_>, _>>()?;
        reader.enter("marks");
        let mut before = [0; super::GENERATIONS_WAITED];
        for count in &mut before {
            *count = reader.varint()?;
        }
        reader.enter("halves");
        let count = reader.items(HALF_BYTES_MIN)?;
        if !before.is_sorted() || before.iter().any(|before| *before > count as u64) {
            return Err(reader.invalid());
        }
        let mut matcher = Matcher::new(spans_max);
        for number in 0..=count as u64 {
            for (mark, _) in matcher.marks.iter_mut().zip(before).filter(|(_, before)| *before == number) {
                *mark = matcher.slots.made();
            }
            if number < count as u64 {
                matcher.read_half(&mut reader, &texts)?;
            }
        }
        match reader.remaining() {
            0 => Ok(matcher),
            count => Err(RollupError::Trailing(count)),
        }
    }

    /// Takes the spans of a batch for known: they were counted before, and may be above those to come.
    pub fn remember(&mut self, batch: &SpanBatch) {
        self.numbers.begin(batch);
        for row in batch.rows() {
            let mut arrival = self.arrival(batch, &row);
            arrival.half.role.meet();
            self.make_room();
            let id = self.slots.find_or_miss(arrival.key);
            if let Content::Missing = self.slots.get(id).content {
                self.slots.get_mut(id).content = Content::Span(arrival.half);
                self.wake(id);
            }
        }
    }

    fn put_half<'a>(&'a self, out: &mut Vec<u8>, texts: &mut Texts<'a>, slot: &Slot) {
        let Some(half) = slot.half() else { return };
        let place = half.search.place.map(|place| self.slots.get(place.at).key);
        let flags = [
            (bit::LINK, matches!(slot.content, Content::Link(_))),
            (bit::ERROR, half.is_error),
            (bit::PARENT, half.parent.is_some()),
            (bit::PEER, half.peer.is_some()),
            (bit::CALLER, half.search.caller.is_some()),
            (bit::WAITS, place.is_some()),
        ];
        out.push(flags.into_iter().filter(|(_, is_set)| *is_set).fold(0, |bits, (bit, _)| bits | bit));
        put_key(out, slot.key);
        out.push(half.kind as u8);
        out.push(half.role as u8);
        put_node(out, texts, &self.nodes, half.service);
        put_varint(out, half.search.steps.into());
        put_varint(out, half.duration.0);
        put_varint(out, half.minute.into());
        if let Some(parent) = half.parent {
            out.extend_from_slice(parent.bytes());
        }
        for node in [half.peer, half.search.caller].into_iter().flatten() {
            put_node(out, texts, &self.nodes, node);
        }
        if let Some(key) = place {
            put_key(out, key);
        }
    }

    fn read_half(&mut self, reader: &mut Reader<'_>, texts: &[&str]) -> Result<(), RollupError> {
        let bits = reader.byte()?;
        let has = |bit| bits & bit != 0;
        let key = read_key(reader)?;
        let kind = reader.byte()?;
        let role = Role::from_number(reader.byte()?).ok_or(reader.invalid())?;
        let service = self.read_node(reader, texts)?;
        let steps = u16::try_from(reader.varint()?).ok().ok_or(reader.invalid())?;
        let (duration, minute) = (SpanDuration(reader.varint()?), reader.varint32()?);
        let parent = if has(bit::PARENT) { Some(SpanId::new(reader.array()?).ok_or(reader.invalid())?) } else { None };
        let peer = if has(bit::PEER) { Some(self.read_node(reader, texts)?) } else { None };
        let caller = if has(bit::CALLER) { Some(self.read_node(reader, texts)?) } else { None };
        let at = if has(bit::WAITS) { Some(read_key(reader)?) } else { None };
        let kind = Some(SpanKind::from_number(kind.into())).filter(|known| *known as u8 == kind);
        let waits = (at.is_some() || role == Role::Open) && bits & !bit::ALL == 0;
        let kind = kind.filter(|_| waits).ok_or(reader.invalid())?;
        let search = Search { place: None, caller, steps };
        let half = Half { parent, service, peer, duration, minute, kind, is_error: has(bit::ERROR), role, search };
        self.make_room();
        let known = self.slots.made();
        let id = if has(bit::LINK) {
            self.slots.push_link(key, half)
        } else {
            let id = self.slots.find_or_miss(key);
            self.slots.get_mut(id).content = Content::Span(half);
            id
        };
        // Each half is new, and what it waits for is not here.
        let is_new = self.slots.made() > known;
        let at = at.map(|key| self.slots.find_or_miss(key));
        if !is_new || at.is_some_and(|at| !matches!(self.slots.get(at).content, Content::Missing)) {
            return Err(reader.invalid());
        }
        if let Some(at) = at {
            self.slots.wait(id, at);
        }
        Ok(())
    }

    fn read_node(&mut self, reader: &mut Reader<'_>, texts: &[&str]) -> Result<NodeId, RollupError> {
        let kind = NodeKind::from_number(reader.byte()?).ok_or(reader.invalid())?;
        let index = usize::try_from(reader.varint()?).ok().ok_or(reader.invalid())?;
        let name = texts.get(index).ok_or(reader.invalid())?;
        Ok(self.nodes.id(kind, name))
    }
}

/// Distinct names of nodes, numbered by first appearance.
#[derive(Default)]
struct Texts<'a> {
    numbers: HashMap<&'a str, u64>,
    texts: Vec<&'a str>,
}

fn waits(slot: &Slot) -> bool {
    slot.half().is_some_and(|half| {
        let is_open = half.role == Role::Open && !matches!(slot.content, Content::Link(_));
        is_open || half.search.place.is_some()
    })
}

fn put_key(out: &mut Vec<u8>, key: SpanKey) {
    out.extend_from_slice(key.trace_id.bytes());
    out.extend_from_slice(key.span_id.bytes());
}

fn read_key(reader: &mut Reader<'_>) -> Result<SpanKey, RollupError> {
    let trace_id = TraceId::new(reader.array()?).ok_or(reader.invalid())?;
    let span_id = SpanId::new(reader.array()?).ok_or(reader.invalid())?;
    Ok(SpanKey { trace_id, span_id })
}

fn put_node<'a>(out: &mut Vec<u8>, texts: &mut Texts<'a>, nodes: &'a Nodes, id: NodeId) {
    let name = nodes.name(id);
    let next = texts.texts.len() as u64;
    let number = *texts.numbers.entry(name).or_insert(next);
    if number == next {
        texts.texts.push(name);
    }
    out.push(id.kind() as u8);
    put_varint(out, number);
}
