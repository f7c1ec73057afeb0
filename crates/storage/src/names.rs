//! Questions about names: which services, span names and attributes there are, and how many spans have them. Not here: what those spans did.

use model::{SpanKind, TimeRange};

use crate::condition::AttributeScope;

/// Which names are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamesQuery {
    /// All services.
    Services,
    /// Span names of one service, or of all.
    Operations {
        /// Only this service.
        service: Option<String>,
        /// Only this kind.
        kind: Option<SpanKind>,
    },
    /// Keys of attributes. In the answer `matched` is how many there are in all.
    AttributeKeys(AttributesWanted),
    /// Values of the attributes with one key, likewise.
    AttributeValues {
        /// Their key.
        key: String,
        /// Where, and which of them.
        wanted: AttributesWanted,
    },
}

/// The names found, sorted; attributes in the order asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Answer to [`NamesQuery::Services`].
    Services(Vec<ServiceName>),
    /// Answer to [`NamesQuery::Operations`].
    Operations(Vec<OperationName>),
    /// Answer to [`NamesQuery::AttributeKeys`]: keys and how many spans have them.
    AttributeKeys(Vec<(String, u64)>),
    /// Answer to [`NamesQuery::AttributeValues`]: values and how many spans have them. A span that has a value twice counts once.
    AttributeValues(Vec<(AttributeValue, u64)>),
}

/// A service that reported spans.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceName {
    /// Its name.
    pub service: String,
    /// Number of its stored spans.
    pub spans: u64,
}

/// A span name of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationName {
    /// The service.
    pub service: String,
    /// The span name.
    pub name: String,
    /// The kind.
    pub kind: SpanKind,
    /// Number of stored spans of this service, name and kind.
    pub spans: u64,
}

/// Which attributes are asked for, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributesWanted {
    /// Where they stand.
    pub scope: AttributeScope,
    /// Only on spans of this service.
    pub service: Option<String>,
    /// Only on spans that start inside.
    pub range: TimeRange,
    /// Only keys, or values in string form, that begin so.
    pub prefix: String,
    /// Order of the answer.
    pub order: NameOrder,
    /// At most so many.
    pub limit: usize,
}

/// Order of keys and values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameOrder {
    /// What most spans have first; ties by name.
    #[default]
    MostSpans,
    /// By name.
    ByName,
}

/// A value of an attribute, by the form that people type and by the type that it has.
/// Empty values, bytes, arrays and maps are not among them; all that is not a number is one value, zero and minus zero are two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeValue {
    /// Its string form, see [`crate::ValueTest::Form`].
    pub form: String,
    /// Its type.
    pub kind: ValueKind,
}

/// Types of values that can be asked for by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names of `Literal`")]
pub enum ValueKind {
    Text,
    Bool,
    Int,
    Double,
}

// === impl AttributesWanted ===

impl AttributesWanted {
    /// Everything, the most frequent first.
    pub fn most_frequent(range: TimeRange, limit: usize) -> AttributesWanted {
        let order = NameOrder::MostSpans;
        AttributesWanted { scope: AttributeScope::Any, service: None, range, prefix: String::new(), order, limit }
    }

    /// The answer out of everything that was counted.
    pub fn arrange<T: Ord>(&self, mut counted: Vec<(T, u64)>) -> Vec<(T, u64)> {
        match self.order {
            NameOrder::ByName => counted.sort_unstable_by(|left, right| left.0.cmp(&right.0)),
            NameOrder::MostSpans => {
                counted.sort_unstable_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
            }
        }
        counted.truncate(self.limit);
        counted
    }
}
