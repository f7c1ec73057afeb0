//! Jaeger batches as bytes, written by hand so that they can be wrong in every way. Not here: what the server makes of them.

use model::Span;

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Compact,
}

/// A batch of a client that may count.
pub(crate) struct Batch {
    pub(crate) service: &'static str,
    pub(crate) client: &'static str,
    pub(crate) spans: Vec<Span>,
    pub(crate) sequence: Option<i64>,
    /// Spans lost: queue full, too large, not sent.
    pub(crate) stats: Option<[i64; 3]>,
}

struct Out {
    form: Form,
    bytes: Vec<u8>,
    /// Ids of the last fields of the structs that are open.
    last: Vec<i16>,
}

impl Batch {
    pub(crate) fn of(spans: Vec<Span>) -> Batch {
        Batch { service: "shop", client: "", spans, sequence: None, stats: None }
    }

    /// As it is posted.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut out = Out { form: Form::Binary, bytes: Vec::new(), last: vec![0] };
        self.write(&mut out);
        out.bytes.push(0);
        out.bytes
    }

    /// As it is sent in a datagram.
    pub(crate) fn datagram(&self, form: Form) -> Vec<u8> {
        let head: &[u8] = match form {
            Form::Binary => b"\x80\x01\0\x04\0\0\0\x09emitBatch\0\0\0\x01",
            Form::Compact => b"\x82\x81\x01\x09emitBatch",
        };
        let mut out = Out { form, bytes: head.to_vec(), last: vec![0] };
        out.structure(1, |out| self.write(out));
        out.bytes.push(0);
        out.bytes
    }

    fn write(&self, out: &mut Out) {
        out.structure(1, |out| {
            out.text(1, self.service);
            if !self.client.is_empty() {
                out.list(2, 1);
                out.element(|out| {
                    out.text(1, "client-uuid");
                    out.i32(2, 0);
                    out.text(3, self.client);
                });
            }
        });
        out.list(2, self.spans.len());
        for span in &self.spans {
            out.element(|out| write_span(out, span));
        }
        if let Some(sequence) = self.sequence {
            out.i64(3, sequence);
        }
        if let Some(stats) = self.stats {
            out.structure(4, |out| (1..).zip(stats).for_each(|(id, count)| out.i64(id, count)));
        }
    }
}

fn write_span(out: &mut Out, span: &Span) {
    let trace_id = u128::from_be_bytes(*span.trace_id.bytes());
    out.i64(1, trace_id as i64);
    out.i64(2, (trace_id >> 64) as i64);
    out.i64(3, i64::from_be_bytes(*span.span_id.bytes()));
    out.text(5, &span.name);
    out.i32(7, 1);
    out.i64(8, (span.start.0 / 1_000) as i64);
    out.i64(9, (span.duration().0 / 1_000) as i64);
}

// === impl Out ===

impl Out {
    fn head(&mut self, id: i16, binary: u8, compact: u8) {
        match self.form {
            Form::Binary => {
                self.bytes.push(binary);
                self.bytes.extend(id.to_be_bytes());
            }
            Form::Compact => {
                let last = self.last.last_mut().unwrap();
                self.bytes.push(((id - *last) as u8) << 4 | compact);
                *last = id;
            }
        }
    }

    fn i32(&mut self, id: i16, value: i32) {
        self.head(id, 8, 5);
        match self.form {
            Form::Binary => self.bytes.extend(value.to_be_bytes()),
            Form::Compact => self.zigzag(i64::from(value)),
        }
    }

    fn i64(&mut self, id: i16, value: i64) {
        self.head(id, 10, 6);
        match self.form {
            Form::Binary => self.bytes.extend(value.to_be_bytes()),
            Form::Compact => self.zigzag(value),
        }
    }

    fn text(&mut self, id: i16, text: &str) {
        self.head(id, 11, 8);
        match self.form {
            Form::Binary => self.bytes.extend((text.len() as i32).to_be_bytes()),
            Form::Compact => self.varint(text.len() as u64),
        }
        self.bytes.extend(text.as_bytes());
    }

    fn structure(&mut self, id: i16, write: impl FnOnce(&mut Out)) {
        self.head(id, 12, 12);
        self.element(write);
    }

    fn list(&mut self, id: i16, count: usize) {
        self.head(id, 15, 9);
        match self.form {
            Form::Binary => {
                self.bytes.push(12);
                self.bytes.extend((count as i32).to_be_bytes());
            }
            Form::Compact => {
                self.bytes.push(0xfc);
                self.varint(count as u64);
            }
        }
    }

    fn element(&mut self, write: impl FnOnce(&mut Out)) {
        self.last.push(0);
        write(self);
        self.last.pop();
        self.bytes.push(0);
    }

    fn zigzag(&mut self, value: i64) {
        self.varint((value << 1 ^ value >> 63) as u64);
    }

    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}
