//! Tags by which OpenTelemetry's exporters say, in older protocols, what those have no field for. Shared by their decoders.

use model::{Scope, Value};

use crate::intake::AttributesDraft;

/// Takes the instrumentation scope out of the tags.
pub(crate) fn take_scope(tags: &mut AttributesDraft) -> Scope {
    // Exporters of old write both names.
    let mut text = |new: &str, old: &str| {
        let (new, old) = (tags.take(new), tags.take(old));
        match new.or(old) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        }
    };
    let name = text("otel.scope.name", "otel.library.name");
    let version = text("otel.scope.version", "otel.library.version");
    Scope { name, version, ..Scope::default() }
}
