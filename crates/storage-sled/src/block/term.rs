//! A term: what a search may ask of a span by equality, as one stored hash. Not here: the index over them.

use std::fmt::Write as _;

use model::batch::AttributeView;
use storage::batch::encode_value;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Seeds of the three kinds, so that a service `x` and a name `x` are two terms.
const ATTRIBUTE_SEED: u64 = 1;
const SERVICE_SEED: u64 = 2;
const NAME_SEED: u64 = 3;

/// The hash of a term. Two terms may share one: it nominates, it never decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term(pub(super) u64);

/// The first half of an attribute's term, made once per key.
#[derive(Clone, Copy, Debug)]
pub struct TermKey(u64);

/// The bytes that stand for one value at a time, in reused memory.
#[derive(Debug, Default)]
pub(super) struct ValueForm {
    text: String,
    bytes: Vec<u8>,
}

// === impl Term ===

impl Term {
    /// An attribute of a span, its events, its links, its resource or its scope has this value in string form: text as it is,
    /// `true`, decimal integers, doubles as Rust prints them.
    pub fn attribute(key: &str, form: &str) -> Term {
        TermKey::new(key).value(form.as_bytes())
    }

    /// The span is of this service.
    pub fn service(service: &str) -> Term {
        Term(xxh3_64_with_seed(service.as_bytes(), SERVICE_SEED))
    }

    /// The span has this name.
    pub fn name(name: &str) -> Term {
        Term(xxh3_64_with_seed(name.as_bytes(), NAME_SEED))
    }

    /// What the term index is sorted by.
    pub(super) fn short(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

// === impl TermKey ===

impl TermKey {
    /// For attributes named `key`.
    pub fn new(key: &str) -> TermKey {
        TermKey(xxh3_64_with_seed(key.as_bytes(), ATTRIBUTE_SEED))
    }

    /// The term of this value in string form.
    pub fn value(self, form: &[u8]) -> Term {
        Term(xxh3_64_with_seed(form, self.0))
    }
}

// === impl ValueForm ===

impl ValueForm {
    /// The string form of `value`; for bytes, arrays and maps their encoding, which no search by text asks for.
    pub(super) fn of<'a>(&'a mut self, value: AttributeView<'a>) -> &'a [u8] {
        self.text.clear();
        let printed = match value {
            AttributeView::String(text) => return text.as_bytes(),
            AttributeView::Bool(true) => return b"true",
            AttributeView::Bool(false) => return b"false",
            AttributeView::Empty => return b"",
            AttributeView::Int(value) => write!(self.text, "{value}"),
            AttributeView::Double(value) => write!(self.text, "{value}"),
            AttributeView::Other(value) => {
                self.bytes.clear();
                encode_value(&mut self.bytes, value)
                    .expect("such values were encoded before, which bounds their nesting");
                return &self.bytes;
            }
        };
        printed.expect("writing to a string does not fail");
        self.text.as_bytes()
    }
}
