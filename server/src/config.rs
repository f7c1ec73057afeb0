//! The effective configuration: every setting with its value, typed and checked. Not here: which settings there are (`settings`).

pub mod doors;
mod layers;
mod memory;
mod parse;
mod settings;
mod suggest;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use storage_sled::MEMORY_SMALL;

pub use doors::{Door, DoorAddress, PerDoor};
pub use layers::{Layers, Origin, read_file};
pub use settings::{SETTINGS, Setting, arguments};

/// Why the configuration cannot be used; the text says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Nobody reads such a key.
    #[error("unknown setting in {origin}: {key}{hint}")]
    Unknown {
        /// As written.
        key: String,
        /// Where.
        origin: Origin,
        /// A similar setting, as a sentence, or empty.
        hint: String,
    },
    /// The value is not of the setting's form.
    #[error("cannot use {name} from {origin}: {reason}: {value}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// Where the value came from.
        origin: Origin,
        /// What a value looks like.
        reason: String,
        /// As written.
        value: String,
    },
    /// An address that others can reach, while nobody is asked for a credential.
    #[error(
        "refusing to listen on {address} for {name}: anyone who reaches it could read and write traces; \
         use 127.0.0.1:{port}, or accept the risk with --insecure-no-auth"
    )]
    Exposed {
        /// The setting.
        name: &'static str,
        /// Its address.
        address: SocketAddr,
        /// The port alone.
        port: u16,
    },
    /// Too little to work with.
    #[error(
        "cannot work with {bytes} bytes of memory: at least {bytes_min} are needed; \
         give the process more, or tell it with --memory small that it may use 256 MiB"
    )]
    MemoryTooSmall {
        /// As set, or as found.
        bytes: u64,
        /// The least that works.
        bytes_min: u64,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration file: {reason}: {path}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

/// What the process is told once, at its start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of the store.
    pub data_dir: PathBuf,
    /// Keep spans in memory only.
    pub store_memory: bool,
    /// Pages, own API, Jaeger's query API, health.
    pub http: Option<SocketAddr>,
    /// Spans by OTLP gRPC.
    pub otlp_grpc: Option<SocketAddr>,
    /// Spans by OTLP HTTP.
    pub otlp_http: Option<SocketAddr>,
    /// Where clients of other tools report; `None`: a door is off.
    pub doors: PerDoor<Option<DoorAddress>>,
    /// File of what Jaeger clients are told about sampling; `None`: to sample everything.
    pub sampling_strategies: Option<PathBuf>,
    /// Browser pages that may report.
    pub cors_origins: Vec<String>,
    /// Memory that the process plans with, bytes.
    pub memory: u64,
    /// Bounds of ingest.
    pub ingest: IngestLimits,
    /// Bounds of what comes in datagrams.
    pub udp: UdpLimits,
    /// Bounds of connections.
    pub connections: ConnectionLimits,
    /// Free disk below which spans are refused, bytes; `None`: the store's own rule.
    pub disk_free_min: Option<u64>,
    /// Age after which spans go; `None`: never.
    pub retention_age: Option<Duration>,
    /// Bytes on disk above which the oldest spans go; `None`: no bound.
    pub retention_bytes: Option<u64>,
    /// Spans that wait in memory and in a journal to become a block; little memory makes it fewer.
    pub memtable_spans_max: usize,
    /// Time between two looks at age and bytes.
    pub retention_wait: Duration,
    /// Bytes of a partition, which is deleted as a whole.
    pub partition_bytes_max: u64,
    /// Longest drain at the end.
    pub drain: Duration,
    /// Which log lines are written.
    pub log_level: String,
    /// How they look.
    pub log_format: LogFormat,
}

/// Bounds of one request and of all at once.
#[derive(Clone, Debug)]
pub struct IngestLimits {
    /// Bytes of one request after decompression.
    pub request_bytes_max: usize,
    /// Bytes of one compressed request.
    pub request_compressed_bytes_max: usize,
    /// Spans of one request.
    pub spans_per_request_max: usize,
    /// Bytes of all requests between their first byte and their answer.
    pub in_flight_bytes_max: usize,
    /// Longest wait for room among them.
    pub in_flight_wait: Duration,
    /// Decoders that run at once.
    pub decode_threads: usize,
}

/// Bounds of datagrams between their socket and the store.
#[derive(Clone, Debug)]
pub struct UdpLimits {
    /// Bytes that wait to be decoded, of all sockets together.
    pub queue_bytes_max: usize,
    /// Longest wait of a datagram for a store that refuses.
    pub store_wait: Duration,
}

/// Bounds of sockets.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// Connections of one listener.
    pub connections_max: usize,
    /// Connections of one remote address; this machine itself is not bounded.
    pub connections_per_address_max: usize,
    /// Time for the head of a request.
    pub header_wait: Duration,
    /// Time without a request.
    pub idle_wait: Duration,
    /// Time for a reader to take bytes.
    pub write_wait: Duration,
    /// Age of a connection.
    pub age_max: Duration,
    /// Bytes of the head of a request.
    pub header_bytes_max: usize,
    /// Requests at once on one HTTP/2 connection.
    pub streams_max: u32,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// For programs.
    Json,
}

// === impl Config ===

impl Config {
    /// Types and checks the values of all layers.
    pub fn from_layers(layers: &Layers) -> Result<Config, ConfigError> {
        let memory = layers.memory("memory")?.unwrap_or_else(memory::available);
        if memory < MEMORY_SMALL {
            return Err(ConfigError::MemoryTooSmall { bytes: memory, bytes_min: MEMORY_SMALL });
        }
        let share = layers.percent("in_flight_percent")?;
        let config = Config {
            data_dir: PathBuf::from(layers.text("data_dir")),
            store_memory: layers.switch("store_memory")?,
            http: layers.address("http")?,
            otlp_grpc: layers.address("otlp_grpc")?,
            otlp_http: layers.address("otlp_http")?,
            doors: layers.doors()?,
            sampling_strategies: Some(layers.text("sampling_strategies"))
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            cors_origins: layers.origins("cors_origins")?,
            memory,
            ingest: IngestLimits {
                request_bytes_max: layers.bytes("request_bytes_max")?,
                request_compressed_bytes_max: layers.bytes("request_compressed_bytes_max")?,
                spans_per_request_max: layers.count("spans_per_request_max")?,
                in_flight_bytes_max: usize::try_from(memory / 100 * share).unwrap_or(usize::MAX),
                in_flight_wait: layers.duration("in_flight_wait")?,
                decode_threads: layers.threads("decode_threads")?,
            },
            udp: UdpLimits {
                queue_bytes_max: layers.bytes("udp_queue_bytes_max")?,
                store_wait: layers.duration("udp_store_wait")?,
            },
            connections: ConnectionLimits {
                connections_max: layers.count("connections_max")?,
                connections_per_address_max: layers.count("connections_per_address_max")?,
                header_wait: layers.duration("header_wait")?,
                idle_wait: layers.duration("idle_wait")?,
                write_wait: layers.duration("write_wait")?,
                age_max: layers.duration("connection_age_max")?,
                header_bytes_max: layers.bytes("header_bytes_max")?,
                streams_max: u32::try_from(layers.count("streams_max")?).unwrap_or(u32::MAX),
            },
            disk_free_min: layers.size_or_auto("disk_free_min")?,
            retention_age: layers.duration_or_off("retention_age")?,
            retention_bytes: layers.size_or_off("retention_bytes")?,
            memtable_spans_max: layers.count("memtable_spans_max")?,
            retention_wait: layers.duration("retention_wait")?,
            partition_bytes_max: layers.bytes("partition_bytes_max")? as u64,
            drain: layers.duration("drain_secs")?,
            log_level: layers.text("log_level").to_owned(),
            log_format: layers.one_of(
                "log_format",
                &[("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)],
            )?,
        };
        config.refuse_exposed(layers.switch("insecure_no_auth")?)?;
        Ok(config)
    }

    /// The defaults, for tests and tools, with every listener on a free port of this machine.
    pub fn on_free_ports(data_dir: PathBuf) -> Config {
        let defaults = Layers::gather(HashMap::new(), HashMap::new(), None).expect("no layer, so nothing is unknown");
        let mut config = Config::from_layers(&defaults).expect("defaults are valid, a test says so");
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        config.data_dir = data_dir;
        (config.http, config.otlp_grpc, config.otlp_http) = (Some(free), Some(free), Some(free));
        config.doors = PerDoor::of(|_| Some(DoorAddress { address: free, is_named: true }));
        config
    }

    /// Until login and keys exist, an address that others can reach needs an explicit yes.
    fn refuse_exposed(&self, accepted: bool) -> Result<(), ConfigError> {
        let ours = [("http", self.http), ("otlp_grpc", self.otlp_grpc), ("otlp_http", self.otlp_http)];
        let others = self.doors.iter().map(|(door, wanted)| (door.setting(), wanted.map(|wanted| wanted.address)));
        for (name, address) in ours.into_iter().chain(others) {
            if let Some(address) = address.filter(|address| !accepted && !address.ip().is_loopback()) {
                return Err(ConfigError::Exposed { name, address, port: address.port() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
