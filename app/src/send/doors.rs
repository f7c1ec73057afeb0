//! The ways in that the server has open, and where a program reaches each one. Not here: what goes through them.

use api::StoreStatus;

/// A way in for spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// OTLP over gRPC.
    OtlpGrpc,
    /// OTLP over HTTP.
    OtlpHttp,
    /// Jaeger's compact Thrift in datagrams.
    JaegerCompact,
    /// Jaeger's binary Thrift in datagrams.
    JaegerBinary,
    /// Jaeger's Thrift over HTTP.
    JaegerHttp,
    /// What Jaeger's clients ask how much to sample.
    Sampling,
    /// Zipkin over HTTP.
    Zipkin,
}

/// Where a program reaches a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Name or address of the machine.
    pub host: String,
    /// Its port.
    pub port: String,
    /// Whether only programs on the server's own machine reach it, while this page was opened from another one.
    pub is_local_only: bool,
}

// === impl Door ===

impl Door {
    /// As the server calls it.
    pub fn title(self) -> &'static str {
        match self {
            Door::OtlpGrpc => "OTLP gRPC",
            Door::OtlpHttp => "OTLP HTTP",
            Door::JaegerCompact => "Jaeger UDP compact",
            Door::JaegerBinary => "Jaeger UDP binary",
            Door::JaegerHttp => "Jaeger HTTP",
            Door::Sampling => "Jaeger sampling",
            Door::Zipkin => "Zipkin",
        }
    }

    /// The setting that opens it.
    pub fn setting(self) -> &'static str {
        match self {
            Door::OtlpGrpc => "--otlp-grpc",
            Door::OtlpHttp => "--otlp-http",
            Door::JaegerCompact => "--jaeger-udp-compact",
            Door::JaegerBinary => "--jaeger-udp-binary",
            Door::JaegerHttp => "--jaeger-http",
            Door::Sampling => "--sampling",
            Door::Zipkin => "--zipkin",
        }
    }

    /// Where a reader of the page at `page_host` reaches it; `None` when it is closed. The server's side of the page has no host.
    pub fn reach(self, status: &StoreStatus, page_host: Option<&str>) -> Option<Reach> {
        let door = status.doors.iter().find(|door| door.protocol == self.title())?;
        Reach::of(door.address.as_deref()?, page_host)
    }
}

// === impl Reach ===

impl Reach {
    /// Of a door that listens on `address`.
    pub fn of(address: &str, page_host: Option<&str>) -> Option<Reach> {
        let (listens, port) = address.rsplit_once(':')?;
        let is_everywhere = matches!(listens, "0.0.0.0" | "[::]");
        let host = match page_host {
            Some(page_host) if is_everywhere => page_host,
            None if is_everywhere => "localhost",
            _ => listens,
        };
        let is_local_only = is_loopback(listens) && page_host.is_some_and(|page_host| !is_loopback(page_host));
        Some(Reach { host: host.to_owned(), port: port.to_owned(), is_local_only })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_the_address_that_it_can_reach() {
        let table = [
            ("127.0.0.1:4318", None, "127.0.0.1", false),
            ("127.0.0.1:4318", Some("localhost"), "127.0.0.1", false),
            ("127.0.0.1:4318", Some("traces.example"), "127.0.0.1", true),
            ("0.0.0.0:4318", None, "localhost", false),
            ("0.0.0.0:4318", Some("traces.example"), "traces.example", false),
            ("[::]:4318", Some("10.0.0.7"), "10.0.0.7", false),
            ("[::1]:4318", Some("10.0.0.7"), "[::1]", true),
            ("10.0.0.7:4318", Some("traces.example"), "10.0.0.7", false),
        ];
        for (address, page_host, host, is_local_only) in table {
            let expected = Reach { host: host.to_owned(), port: "4318".to_owned(), is_local_only };
            assert_eq!(Reach::of(address, page_host), Some(expected), "{address} seen from {page_host:?}");
        }
    }
}
