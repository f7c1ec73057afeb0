//! The process as one paragraph: clock, store, hub, ingest, queries, listeners. Everything is handed down from here; there is no global state.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::Door;
use axum::middleware;
use model::SpanDuration;
use storage::Store;
use storage::clock::Clock;
use storage::memory::MemoryStore;
use storage_sled::{Settings, SledStore};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::connections::{Connections, Listener};
use crate::descriptors;
use crate::health::{self, Health};
use crate::http::{self, HostRule, HttpSettings, HttpState, origin};
use crate::ingest::Ingest;
use crate::live::LiveHub;
use crate::opening::Gate;
use crate::query::{QueryLimits, QueryService};
use crate::receivers::{self, Receivers};
use crate::shutdown::Shutdown;
use crate::telemetry::Counters;

/// The store's part of the ten seconds in which the process ends.
const CLOSE_WAIT: Duration = Duration::from_millis(1_500);

/// A running server.
pub struct Server {
    /// Where it listens.
    pub addresses: Addresses,
    /// What it counted.
    pub counters: Arc<Counters>,
    config: Config,
    store: Arc<dyn Store>,
    ingest: Arc<Ingest>,
    connections: Vec<Connections>,
    shutdown: Shutdown,
}

/// The addresses really bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Pages and APIs.
    pub http: Option<SocketAddr>,
    /// Spans.
    pub otlp_grpc: Option<SocketAddr>,
    /// Spans.
    pub otlp_http: Option<SocketAddr>,
}

/// Addresses taken before the store opens: a taken port is said at once, and the HTTP address answers "not yet".
/// Clients of the other addresses are not refused meanwhile: their connections wait to be accepted.
struct Doors {
    addresses: Addresses,
    gate: Gate,
    http: Option<Connections>,
    otlp_grpc: Option<Listener>,
    otlp_http: Option<Listener>,
    counters: Arc<Counters>,
    shutdown: Shutdown,
}

/// Starts everything; ready when it returns.
pub async fn start(config: Config) -> anyhow::Result<Server> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let doors = Doors::bind(&config).await?;
    let store = open_store(&config, Arc::clone(&clock)).await?;
    Ok(doors.open(config, clock, store))
}

/// The same on a clock and a store of the caller, for tests.
pub async fn start_on(config: Config, clock: Arc<dyn Clock>, store: Arc<dyn Store>) -> anyhow::Result<Server> {
    Ok(Doors::bind(&config).await?.open(config, clock, store))
}

// === impl Doors ===

impl Doors {
    async fn bind(config: &Config) -> anyhow::Result<Doors> {
        let shutdown = Shutdown::default();
        let counters = Arc::new(Counters::default());
        let http = bind("http", config.http, config, &counters, &shutdown).await?;
        let otlp_grpc = bind("otlp_grpc", config.otlp_grpc, config, &counters, &shutdown).await?;
        let otlp_http = bind("otlp_http", config.otlp_http, config, &counters, &shutdown).await?;
        let addresses = Addresses {
            http: http.as_ref().map(Listener::address).transpose()?,
            otlp_grpc: otlp_grpc.as_ref().map(Listener::address).transpose()?,
            otlp_http: otlp_http.as_ref().map(Listener::address).transpose()?,
        };
        let gate = Gate::new();
        let http = http.map(|listener| listener.start(gate.router()));
        Ok(Doors { addresses, gate, http, otlp_grpc, otlp_http, counters, shutdown })
    }

    fn open(self, config: Config, clock: Arc<dyn Clock>, store: Arc<dyn Store>) -> Server {
        if let Some(reason) = store.condition().refuses_writes {
            // The start line that follows says "ready", which is true for questions only.
            tracing::warn!(event = "refusing", "no span is accepted for now: {reason}");
        }
        let Doors { addresses, gate, http, otlp_grpc, otlp_http, counters, shutdown } = self;
        let hub = LiveHub::new(Arc::clone(&clock));
        // Before any door opens, so that no span comes unseen.
        tokio::spawn(Arc::clone(&hub).run(Arc::clone(&store), store.subscribe(), shutdown.drain.clone()));
        let ingest =
            Arc::new(Ingest::new(config.ingest.clone(), Arc::clone(&clock), Arc::clone(&store), Arc::clone(&counters)));
        let query = QueryService::new(Arc::clone(&store), clock, QueryLimits::default(), addresses.doors());

        let loopback = addresses.http.is_none_or(|address| address.ip().is_loopback());
        let hosts = if loopback { HostRule::Loopback } else { HostRule::Any };
        let settings = HttpSettings { hosts, ..HttpSettings::default() };
        let health = Health {
            store: Arc::clone(&store),
            ingest: Arc::clone(&ingest),
            counters: Arc::clone(&counters),
            drain: shutdown.drain.clone(),
        };
        let state = HttpState::new(query, hub, settings, shutdown.drain.clone());
        let names_of_ours = middleware::from_fn_with_state(state.clone(), origin::check_host);
        gate.open(http::router(state).merge(health::router(health).layer(names_of_ours)));
        let spans = receivers::router(Receivers {
            ingest: Arc::clone(&ingest),
            cors_origins: config.cors_origins.clone().into(),
        });

        let listeners = [otlp_grpc, otlp_http].into_iter().flatten();
        let connections = http.into_iter().chain(listeners.map(|listener| listener.start(spans.clone()))).collect();
        Server { addresses, counters, config, store, ingest, connections, shutdown }
    }
}

async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<dyn Store>> {
    if config.store_memory {
        return Ok(Arc::new(MemoryStore::new()));
    }
    let (directory, settings) = (config.data_dir.clone(), store_settings(config));
    // Opening replays what a kill left behind: it blocks.
    let opened = tokio::task::spawn_blocking(move || SledStore::open(&directory, settings, clock)).await?;
    Ok(Arc::new(opened?))
}

/// Everything that a store may keep in memory follows from the one number that the process plans with.
fn store_settings(config: &Config) -> Settings {
    let planned = Settings::for_memory(config.memory);
    Settings {
        partitions_open_max: descriptors::partitions_open_max(planned.partitions_open_max),
        disk_free_min: config.disk_free_min,
        retention_age: config.retention_age.map(|age| SpanDuration::from_secs(age.as_secs())),
        retention_bytes: config.retention_bytes,
        generation_spans_max: planned.generation_spans_max.min(config.memtable_spans_max),
        retention_wait: config.retention_wait,
        partition_bytes_max: config.partition_bytes_max,
        ..planned
    }
}

async fn bind(
    name: &str,
    address: Option<SocketAddr>,
    config: &Config,
    counters: &Arc<Counters>,
    shutdown: &Shutdown,
) -> anyhow::Result<Option<Listener>> {
    let Some(address) = address else { return Ok(None) };
    let bound = Listener::bind(address, config.connections.clone(), Arc::clone(counters), shutdown.clone()).await;
    let flag = name.replace('_', "-");
    bound.map(Some).with_context(|| {
        format!("cannot listen on {address} for {name}: choose another address with --{flag}, or --{flag} off")
    })
}

// === impl Server ===

impl Server {
    /// Ends in order: not ready, nothing new, what is in flight, the store. `hurry` cuts the waiting short.
    pub async fn stop(self, hurry: impl Future<Output = ()>) -> anyhow::Result<()> {
        let finished = async {
            for connections in &self.connections {
                connections.ended().await;
            }
            self.ingest.admission().idle().await;
        };
        self.shutdown.run(finished, hurry, self.config.drain).await;
        match tokio::time::timeout(CLOSE_WAIT, self.store.close()).await {
            Ok(closed) => closed.context("cannot close the store"),
            Err(_elapsed) => {
                // What was acknowledged is durable already; closing only makes the next start quicker.
                tracing::warn!(event = "close_timeout", "the store did not close within {CLOSE_WAIT:?}");
                Ok(())
            }
        }
    }
}

// === impl Addresses ===

impl Addresses {
    fn doors(&self) -> Vec<Door> {
        let door = |protocol: &str, address: Option<SocketAddr>| Door {
            protocol: protocol.to_owned(),
            address: address.map(|address| address.to_string()),
        };
        vec![door("OTLP gRPC", self.otlp_grpc), door("OTLP HTTP", self.otlp_http)]
    }
}

/// The one line that people read and tools take the addresses from.
impl std::fmt::Display for Addresses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let web = |address: Option<SocketAddr>, path: &str| match address {
            Some(address) => format!("http://{address}{path}"),
            None => "off".to_owned(),
        };
        let grpc = self.otlp_grpc.map_or_else(|| "off".to_owned(), |address| address.to_string());
        let (pages, otlp_http) = (web(self.http, ""), web(self.otlp_http, receivers::otlp_http::PATH));
        write!(f, "tracewell is ready: {pages}  ·  send spans: OTLP gRPC {grpc}, OTLP HTTP {otlp_http}")
    }
}
