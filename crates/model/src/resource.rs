//! Who produced a span: the resource that ran and the instrumentation scope that recorded.

use crate::attribute::Attributes;

/// Shown for a resource without `service.name`, as OpenTelemetry's SDKs write it.
pub const SERVICE_UNKNOWN: &str = "unknown_service";

/// The entity that produced spans: a process, a pod, a function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// What is known of it.
    pub attributes: Attributes,
    /// Attributes which the client left out.
    pub attributes_dropped: u32,
    /// URL of the schema its attributes follow, or empty.
    pub schema_url: String,
}

/// The library that recorded spans.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Name of the library, or empty.
    pub name: String,
    /// Its version, or empty.
    pub version: String,
    /// What else is known of it.
    pub attributes: Attributes,
    /// Attributes which the client left out.
    pub attributes_dropped: u32,
    /// URL of the schema its spans follow, or empty.
    pub schema_url: String,
}

impl Resource {
    /// `service.name`, or [`SERVICE_UNKNOWN`] when it is absent, empty or no text.
    pub fn service(&self) -> &str {
        match self.attributes.text("service.name") {
            Some(name) if !name.is_empty() => name,
            _ => SERVICE_UNKNOWN,
        }
    }
}
