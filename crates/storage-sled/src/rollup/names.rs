//! Names with numbers of spans, for completion: small enough to stay in memory. Not here: time.

use std::collections::BTreeMap;

use model::SpanKind;
use model::red::NAME_OTHER;

use crate::block::BlockError;
use crate::block::bytes::{Cursor, put_bytes, put_varint};

/// Services that are told apart in a partition; spans of further ones are counted under [`NAME_OTHER`].
const SERVICES_MAX: usize = 10_000;

/// The same for pairs of name and kind within a service.
const NAMES_MAX: usize = 10_000;

const PART: &str = "names";

/// A text, a kind and a number of spans take at least so many bytes.
const LINE_BYTES_MIN: usize = 3;

type Lines = BTreeMap<(Box<str>, SpanKind), u64>;

/// Numbers of spans by service, name and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    services: BTreeMap<Box<str>, Lines>,
}

impl Names {
    pub(crate) fn add(&mut self, service: &str, name: &str, kind: SpanKind, spans: u64) {
        let is_full = self.services.len() >= SERVICES_MAX && !self.services.contains_key(service);
        let service = if is_full { NAME_OTHER } else { service };
        if !self.services.contains_key(service) {
            self.services.insert(service.into(), Lines::new());
        }
        let lines = self.services.get_mut(service).expect("inserted when it was missing");
        let mut key = (Box::from(name), kind);
        if lines.len() >= NAMES_MAX && !lines.contains_key(&key) {
            key.0 = NAME_OTHER.into();
        }
        *lines.entry(key).or_default() += spans;
    }

    pub(crate) fn merge(&mut self, other: &Names) {
        other.iter().for_each(|(service, name, kind, spans)| self.add(service, name, kind, spans));
    }

    /// Service, name, kind and number of spans.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str, SpanKind, u64)> {
        self.services.iter().flat_map(|(service, lines)| {
            lines.iter().map(move |((name, kind), spans)| (&**service, &**name, *kind, *spans))
        })
    }

    /// Drawn in `docs/formats/store.md`.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, self.services.len() as u64);
        for (service, lines) in &self.services {
            put_bytes(&mut bytes, service.as_bytes());
            put_varint(&mut bytes, lines.len() as u64);
            for ((name, kind), spans) in lines {
                put_bytes(&mut bytes, name.as_bytes());
                put_varint(&mut bytes, *kind as u64);
                put_varint(&mut bytes, *spans);
            }
        }
        bytes
    }

    /// Empty bytes hold no names.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Names, BlockError> {
        let mut names = Names::default();
        if bytes.is_empty() {
            return Ok(names);
        }
        let mut cursor = Cursor::new(bytes, PART);
        let text = |cursor: &mut Cursor<'_>| -> Result<Box<str>, BlockError> {
            let text = std::str::from_utf8(cursor.bytes()?).ok().ok_or(cursor.invalid())?;
            Ok(text.into())
        };
        for _ in 0..cursor.count(LINE_BYTES_MIN)? {
            let service = text(&mut cursor)?;
            for _ in 0..cursor.count(LINE_BYTES_MIN)? {
                let name = text(&mut cursor)?;
                let kind = SpanKind::from_number(cursor.varint32()?.into());
                names.add(&service, &name, kind, cursor.varint()?);
            }
        }
        cursor.finish()?;
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_cut_bytes_are_refused() {
        let mut names = Names::default();
        names.add("shop", "get", SpanKind::Server, 3);
        names.add("shop", "get", SpanKind::Client, 1);
        names.add("", "", SpanKind::Internal, u64::MAX);
        let bytes = names.encode();
        assert_eq!(Names::decode(&bytes).expect("as written"), names);
        for end in 1..bytes.len() {
            assert!(Names::decode(&bytes[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn names_beyond_the_bound_are_counted_together() {
        let mut names = Names::default();
        for number in 0..NAMES_MAX + 5 {
            names.add("shop", &number.to_string(), SpanKind::Server, 1);
        }
        names.add("shop", "7", SpanKind::Server, 1);
        let spans = |wanted: &str| -> u64 {
            names.iter().filter(|(_, name, ..)| *name == wanted).map(|(.., spans)| spans).sum()
        };
        assert_eq!((spans(NAME_OTHER), spans("7")), (5, 2));
    }
}
