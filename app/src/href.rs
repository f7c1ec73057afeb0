//! Links between pages, each made in one place, so that none can be mistyped.

use api::SearchRequest;

use crate::send::address::SendAddress;
use crate::services::address::ServicesAddress;
use crate::url;

/// The search page.
pub fn search(request: &SearchRequest) -> String {
    format!("/search{}", url::query_from_search(request))
}

/// One trace.
pub fn trace(trace_id: &str) -> String {
    format!("/trace/{trace_id}")
}

/// The services page.
pub fn services(address: &ServicesAddress) -> String {
    format!("/services{}", address.query())
}

/// How to send spans.
pub fn send(address: &SendAddress) -> String {
    format!("/send{}", address.query())
}
