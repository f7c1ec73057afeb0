//! Every setting, once: name, default, unit, reason. Flags, environment, file and help are made from this table.

use clap::{Arg, ArgAction};

/// One setting. `data_dir` is `--data-dir`, `TRACEWELL_DATA_DIR` and, in the file, `data_dir`.
#[derive(Debug)]
pub struct Setting {
    /// Lower case with underscores.
    pub name: &'static str,
    /// Used when nobody says otherwise.
    pub default: &'static str,
    /// Form or unit of the value.
    pub unit: &'static str,
    /// What it does, and why it is as it is.
    pub reason: &'static str,
}

const fn setting(name: &'static str, default: &'static str, unit: &'static str, reason: &'static str) -> Setting {
    Setting { name, default, unit, reason }
}

/// Unit of settings that are given without a value.
pub(crate) const SWITCH: &str = "switch";

/// All of them, in the order of the help text.
pub const SETTINGS: &[Setting] = &[
    setting("data_dir", "data", "folder", "where spans are kept; one process at a time"),
    setting("store_memory", "false", SWITCH, "keep spans in memory only: for tests and for a first look"),
    setting("http", "127.0.0.1:16686", "address or off", "pages, APIs, /health; Jaeger's port, so bookmarks hold"),
    setting("otlp_grpc", "127.0.0.1:4317", "address or off", "spans from OpenTelemetry; takes OTLP HTTP too"),
    setting("otlp_http", "127.0.0.1:4318", "address or off", "spans from OpenTelemetry; takes OTLP gRPC too"),
    setting(
        "jaeger_udp_compact",
        "127.0.0.1:6831",
        "address or off",
        "spans from Jaeger clients, Thrift compact in datagrams",
    ),
    setting("jaeger_udp_binary", "127.0.0.1:6832", "address or off", "the same in Thrift's binary form"),
    setting("jaeger_http", "127.0.0.1:14268", "address or off", "spans from Jaeger clients, Thrift over HTTP"),
    setting(
        "jaeger_grpc",
        "127.0.0.1:14250",
        "address or off",
        "spans from Jaeger clients and agents, protobuf over gRPC",
    ),
    setting("sampling", "127.0.0.1:5778", "address or off", "tells Jaeger clients how much to sample"),
    setting(
        "sampling_strategies",
        "",
        "file",
        "what they are told, in the form of Jaeger's strategies file; without one: every trace is sampled",
    ),
    setting("zipkin", "127.0.0.1:9411", "address or off", "spans from Zipkin clients, both versions"),
    setting(
        "doors",
        "all",
        "all or named",
        "named: of the doors for other tools' clients only those with an address from you; for many servers on one machine",
    ),
    setting(
        "insecure_no_auth",
        "false",
        SWITCH,
        "allow addresses that others can reach, although nobody has to log in",
    ),
    setting("cors_origins", "", "list of origins", "web pages that may report spans from a browser; none by default"),
    setting(
        "memory",
        "auto",
        "bytes, small or auto",
        "what the process plans with; small: 256 MiB, the least; auto: the container's limit, else half",
    ),
    setting("in_flight_percent", "25", "percent of memory", "requests between first byte and answer; above: try later"),
    setting("in_flight_wait", "1 s", "duration", "how long a request waits for room among them"),
    setting("request_bytes_max", "64 MiB", "bytes", "one request after decompression; above: refused for good"),
    setting("request_compressed_bytes_max", "16 MiB", "bytes", "one compressed request; above: refused for good"),
    setting("spans_per_request_max", "100000", "spans", "one request; the excess is rejected and counted"),
    setting("udp_queue_bytes_max", "8 MiB", "bytes", "datagrams that wait to be decoded; above: dropped and counted"),
    setting(
        "udp_store_wait",
        "10 s",
        "duration",
        "how long a datagram waits for a store that refuses; then it is dropped",
    ),
    setting("decode_threads", "auto", "threads or auto", "decoders at once; auto: one per processor, at most 8"),
    setting("disk_free_min", "auto", "bytes or auto", "below it spans are refused; auto: 1 GiB or 2 %, the greater"),
    setting("retention_age", "off", "duration or off", "older spans are deleted, a whole partition at a time"),
    setting("retention_bytes", "off", "bytes or off", "above it the oldest partitions are deleted"),
    setting("memtable_spans_max", "524288", "spans", "then they become a block; fewer: less is replayed after a crash"),
    setting("retention_wait", "10 min", "duration", "between two looks whether something has to be deleted"),
    setting("partition_bytes_max", "8 GiB", "bytes", "what is deleted at once; a day begins a new one in any case"),
    setting("connections_max", "10000", "connections", "per listener; a further one is closed at once"),
    setting("connections_per_address_max", "256", "connections", "per remote address, this machine excepted"),
    setting("header_wait", "10 s", "duration", "for the head of a request; HTTP/1.1 waits as long between two"),
    setting("idle_wait", "60 s", "duration", "an HTTP/2 connection without a request is closed after it"),
    setting("write_wait", "30 s", "duration", "a reader that takes no byte for so long is cut off"),
    setting(
        "connection_age_max",
        "5 min",
        "duration",
        "then clients reconnect, so that load spreads; give or take 10 %",
    ),
    setting("header_bytes_max", "16 KiB", "bytes", "the head of one request"),
    setting("streams_max", "128", "requests", "at once on one HTTP/2 connection"),
    setting("drain_secs", "8 s", "duration", "at the end, for requests in flight; the rest of 10 s is the store's"),
    setting("log_level", "info", "filter", "error, warn, info, debug, trace, or per module"),
    setting("log_format", "auto", "auto, text, json", "auto: text on a terminal, JSON elsewhere"),
];

/// The settings as flags.
pub fn arguments() -> impl Iterator<Item = Arg> {
    SETTINGS.iter().map(|setting| {
        let flag = setting.name.replace('_', "-");
        let default = if setting.default.is_empty() { "none" } else { setting.default };
        let argument = Arg::new(setting.name).long(flag);
        if setting.unit == SWITCH {
            return argument.action(ArgAction::SetTrue).help(setting.reason);
        }
        argument.value_name(setting.unit.to_uppercase()).help(format!("{} [default: {default}]", setting.reason))
    })
}

/// The setting called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
