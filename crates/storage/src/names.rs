//! Questions about names: which services and span names there are, and how many spans have them. Not here: what those spans did.

use model::SpanKind;

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
}

/// The names found, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Answer to [`NamesQuery::Services`].
    Services(Vec<ServiceName>),
    /// Answer to [`NamesQuery::Operations`].
    Operations(Vec<OperationName>),
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
