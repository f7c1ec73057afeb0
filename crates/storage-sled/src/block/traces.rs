//! What both sides of the trace directory agree on.

use model::TraceId;
use xxhash_rust::xxh3::xxh3_64;

/// Services named per trace. One more in the count means: and others.
pub(super) const TRACE_SERVICES_MAX: u64 = 8;

/// The hash of a trace id in the trace filter.
pub(super) fn hash_of_trace(id: &TraceId) -> u64 {
    xxh3_64(id.bytes())
}
