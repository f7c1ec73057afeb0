//! Calls between services, as current semantic conventions describe them. Not here: databases and queues (`data`).

use model::{Attributes, SpanKind};

use super::exceptions;
use super::recorder::{Here, Recorder};
use super::services::Service;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Ok,
    Conflict,
    Internal,
    Unavailable,
}

/// What an HTTP call asks for.
#[derive(Clone, Copy)]
pub(crate) struct Route<'t> {
    pub(crate) method: &'static str,
    /// The pattern that routes it, for example `/products/{id}`.
    pub(crate) route: &'static str,
    /// The path of this request.
    pub(crate) path: &'t str,
}

/// One way between two services, microseconds.
const NETWORK_MICROS: f64 = 350.0;
/// One way between a browser and the gateway, microseconds.
const INTERNET_MICROS: f64 = 9_000.0;

/// `from` calls `to` over HTTP; `handle` is what `to` does.
pub(crate) fn http(
    r: &mut Recorder<'_>,
    from: Here,
    to: Service,
    route: Route<'_>,
    handle: impl FnOnce(&mut Recorder<'_>, Here) -> Reply,
) -> Reply {
    let way = if from.service == Service::Storefront { INTERNET_MICROS } else { NETWORK_MICROS };
    let client = r.child(from, SpanKind::Client, format!("{} {}", route.method, route.route));
    http_client_attributes(r, client, to.name(), to.facts().port, route);
    r.work(way);
    let server = r.remote_child(client, to, SpanKind::Server, format!("{} {}", route.method, route.route));
    r.set(server, "http.request.method", route.method);
    r.set(server, "http.route", route.route);
    r.set(server, "url.path", route.path);
    r.set(server, "url.scheme", "http");
    r.set(server, "server.address", to.name());
    r.set(server, "server.port", i64::from(to.facts().port));
    r.set(server, "network.protocol.version", "1.1");
    let peer = format!("10.4.{}.{}", r.random.below(8), 1 + r.random.below(254));
    r.set(server, "client.address", peer);
    r.work(120.0);
    let reply = handle(r, server);
    r.work(80.0);
    r.set(server, "http.response.status_code", reply.http_status());
    if reply.http_status() >= 500 {
        r.fail(server, &reply.http_status().to_string(), reply.sentence());
    }
    r.end(server);
    r.work(way);
    answered(r, client, reply);
    reply
}

/// `from` calls a company outside of the shop, which sends no spans; `median` microseconds later it answers `reply`.
pub(crate) fn http_outside(r: &mut Recorder<'_>, from: Here, host: &str, route: Route<'_>, median: f64, reply: Reply) {
    let client = r.child(from, SpanKind::Client, route.method);
    http_client_attributes(r, client, host, 443, route);
    r.work(median);
    answered(r, client, reply);
}

/// `from` calls `to` over gRPC. `method` is the full name, for example `shop.cart.v1.Cart/GetCart`.
pub(crate) fn rpc(
    r: &mut Recorder<'_>,
    from: Here,
    to: Service,
    method: &str,
    handle: impl FnOnce(&mut Recorder<'_>, Here) -> Reply,
) -> Reply {
    let client = r.child(from, SpanKind::Client, method);
    rpc_attributes(r, client, to, method);
    r.work(NETWORK_MICROS);
    let server = r.remote_child(client, to, SpanKind::Server, method);
    rpc_attributes(r, server, to, method);
    r.work(60.0);
    let reply = handle(r, server);
    for side in [server, client] {
        r.work(NETWORK_MICROS / 2.0);
        r.set(side, "rpc.response.status_code", reply.rpc_status());
        if reply != Reply::Ok {
            r.fail(side, reply.rpc_status(), reply.sentence());
        }
        r.end(side);
    }
    reply
}

/// A piece of a service's own work that is worth a span.
pub(crate) fn inside<T>(
    r: &mut Recorder<'_>,
    here: Here,
    name: &str,
    run: impl FnOnce(&mut Recorder<'_>, Here) -> T,
) -> T {
    let span = r.child(here, SpanKind::Internal, name);
    let result = run(r, span);
    r.end(span);
    result
}

/// Records the exception that made `here` fail.
pub(crate) fn exception(r: &mut Recorder<'_>, here: Here, which: exceptions::Exception) {
    let mut attributes = Attributes::new();
    attributes.set("exception.type", which.kind);
    attributes.set("exception.message", which.message);
    attributes.set("exception.stacktrace", which.stack);
    r.event(here, "exception", attributes);
    r.fail(here, which.kind, which.message);
}

// === impl Reply ===

impl Reply {
    fn http_status(self) -> i64 {
        match self {
            Reply::Ok => 200,
            Reply::Conflict => 409,
            Reply::Internal => 500,
            Reply::Unavailable => 503,
        }
    }

    fn rpc_status(self) -> &'static str {
        match self {
            Reply::Ok => "OK",
            Reply::Conflict => "FAILED_PRECONDITION",
            Reply::Internal => "INTERNAL",
            Reply::Unavailable => "UNAVAILABLE",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Reply::Ok => "",
            Reply::Conflict => "not in this state",
            Reply::Internal => "internal error",
            Reply::Unavailable => "upstream unavailable",
        }
    }
}

fn http_client_attributes(r: &mut Recorder<'_>, client: Here, host: &str, port: u16, route: Route<'_>) {
    let scheme = if port == 443 { "https" } else { "http" };
    r.set(client, "http.request.method", route.method);
    r.set(client, "url.full", format!("{scheme}://{host}:{port}{}", route.path));
    r.set(client, "server.address", host);
    r.set(client, "server.port", i64::from(port));
}

fn answered(r: &mut Recorder<'_>, client: Here, reply: Reply) {
    r.set(client, "http.response.status_code", reply.http_status());
    if reply != Reply::Ok {
        r.fail(client, &reply.http_status().to_string(), "");
    }
    r.end(client);
}

fn rpc_attributes(r: &mut Recorder<'_>, here: Here, to: Service, method: &str) {
    r.set(here, "rpc.system.name", "grpc");
    r.set(here, "rpc.method", method);
    r.set(here, "server.address", to.name());
    r.set(here, "server.port", i64::from(to.facts().port));
}
