//! What is written: a request is one trace, and its spans are a function of the seed and its number. Not here: sending.

use crate::bench::protobuf::Writer;
use crate::bench::random::SplitMix64;

/// Spans of a request.
pub(super) const SPANS: u64 = 100;
/// Minutes over which the spans of a run begin.
pub(super) const MINUTES: u64 = 60;
/// Services that occur, in the order of their names.
pub(super) const SERVICES: [&str; 4] = ["cart", "mail", "pay", "shop"];
/// Values of the attribute `crash.bucket`.
pub(super) const BUCKETS: u64 = 16;

const MINUTE_NANOS: u64 = 60_000_000_000;
const MILLI_NANOS: u64 = 1_000_000;
const NAMES: [&str; 5] = ["GET /", "POST /order", "SELECT orders", "send", "GET /item/{id}"];
const STATUS_ERROR: u64 = 2;

/// Everything that a run writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    pub(super) seed: u64,
    /// Unix nanoseconds of a whole minute.
    pub(super) begin: u64,
}

/// A span as it must come back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) id: u64,
    /// 0: it is the root.
    pub(super) parent: u64,
    pub(super) service: usize,
    pub(super) name: &'static str,
    pub(super) is_server: bool,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) is_error: bool,
    pub(super) text: String,
}

impl Content {
    /// The trace of a request. Never zero.
    pub(super) fn trace(&self, number: u64) -> u128 {
        let mut mix = SplitMix64(self.seed ^ number.rotate_left(32));
        u128::from(mix.next()) << 64 | u128::from(number + 1)
    }

    /// First instant of the minute in which all spans of a request begin.
    fn minute_start(&self, number: u64) -> u64 {
        self.begin + self.minute(number) * MINUTE_NANOS
    }

    pub(super) fn minute(&self, number: u64) -> u64 {
        number / BUCKETS % MINUTES
    }

    pub(super) fn bucket(&self, number: u64) -> String {
        format!("b{}", number % BUCKETS)
    }

    /// Sorted as they were sent.
    pub(super) fn spans(&self, number: u64) -> Vec<Span> {
        let mut mix = SplitMix64(self.seed.wrapping_add(number.wrapping_mul(SPANS)));
        let ids: Vec<u64> = (0..SPANS).map(|_| mix.next() | 1).collect();
        let span = |row: u64| {
            let draw = mix.0.rotate_left(u32::try_from(row % 64).unwrap_or_default()) ^ row;
            let start = self.minute_start(number) + row * MILLI_NANOS;
            Span {
                id: ids[row as usize],
                parent: if row == 0 { 0 } else { ids[((row - 1) / 3) as usize] },
                service: (number + row / 10) as usize % SERVICES.len(),
                name: NAMES[(number + row) as usize % NAMES.len()],
                is_server: row.is_multiple_of(10),
                start,
                end: start + 1 + draw % 500_000_000,
                is_error: draw % 50 == 7,
                text: format!("{draw:016x}"),
            }
        };
        (0..SPANS).map(span).collect()
    }

    /// The body of the request.
    pub(super) fn body(&self, number: u64) -> Vec<u8> {
        let (trace, spans) = (self.trace(number).to_be_bytes(), self.spans(number));
        let mut writer = Writer::default();
        // Rows of one service follow each other.
        for spans in spans.chunk_by(|left, right| left.service == right.service) {
            writer.message(1, |group| {
                group.message(1, |resource| text(resource, 1, "service.name", SERVICES[spans[0].service]));
                group.message(2, |scoped| {
                    for span in spans {
                        scoped.message(2, |writer| self.write(writer, number, &trace, span));
                    }
                });
            });
        }
        writer.bytes
    }

    fn write(&self, writer: &mut Writer, number: u64, trace: &[u8], span: &Span) {
        writer.bytes(1, trace);
        writer.bytes(2, &span.id.to_be_bytes());
        if span.parent != 0 {
            writer.bytes(4, &span.parent.to_be_bytes());
        }
        writer.bytes(5, span.name.as_bytes());
        // OTLP's numbers of server and internal.
        writer.varint(6, if span.is_server { 2 } else { 1 });
        writer.fixed64(7, span.start);
        writer.fixed64(8, span.end);
        text(writer, 9, "crash.number", &number.to_string());
        text(writer, 9, "crash.bucket", &self.bucket(number));
        text(writer, 9, "crash.text", &span.text);
        if span.is_error {
            writer.message(15, |status| status.varint(3, STATUS_ERROR));
        }
    }
}

fn text(writer: &mut Writer, field: u32, key: &str, value: &str) {
    writer.message(field, |pair| {
        pair.bytes(1, key.as_bytes());
        pair.message(2, |any| any.bytes(1, value.as_bytes()));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn content_is_a_function_of_seed_and_number() {
        let content = Content { seed: 3, begin: 0 };
        assert_eq!(content.body(5), content.body(5));
        assert_ne!(content.body(5), content.body(6));
        assert_ne!(content.body(5), Content { seed: 4, begin: 0 }.body(5));
    }

    #[test]
    fn no_two_spans_of_a_trace_are_the_same() {
        let content = Content { seed: 3, begin: 0 };
        for number in 0..100 {
            let ids: BTreeSet<u64> = content.spans(number).iter().map(|span| span.id).collect();
            assert_eq!(ids.len() as u64, SPANS);
        }
    }
}
