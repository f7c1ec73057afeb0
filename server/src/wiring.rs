//! The process as one paragraph: clock, store, hub, ingest, queries, listeners. Everything is handed down from here; there is no global state.

mod addresses;
mod doors;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::middleware;
use model::SpanDuration;
use storage::Store;
use storage::clock::Clock;
use storage::memory::MemoryStore;
use storage_sled::{Settings, SledStore};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::connections::Connections;
use crate::descriptors;
use crate::health::{self, Health};
use crate::http::{self, HostRule, HttpSettings, HttpState, origin};
use crate::ingest::Ingest;
use crate::live::LiveHub;
use crate::query::{QueryLimits, QueryService};
use crate::receivers::jaeger_udp::Datagrams;
use crate::receivers::{self, Protocol, Receivers};
use crate::sampling::{SamplingError, Strategies};
use crate::shutdown::Shutdown;
use crate::telemetry::Counters;

pub use addresses::Addresses;
use doors::Doors;

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
    datagrams: Datagrams,
    shutdown: Shutdown,
}

/// Starts everything; ready when it returns.
pub async fn start(config: Config) -> anyhow::Result<Server> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let strategies = strategies(&config)?;
    let doors = Doors::bind(&config).await?;
    let store = open_store(&config, Arc::clone(&clock)).await?;
    Ok(open(doors, config, clock, store, strategies))
}

/// The same on a clock and a store of the caller, for tests.
pub async fn start_on(config: Config, clock: Arc<dyn Clock>, store: Arc<dyn Store>) -> anyhow::Result<Server> {
    let strategies = strategies(&config)?;
    let doors = Doors::bind(&config).await?;
    Ok(open(doors, config, clock, store, strategies))
}

fn strategies(config: &Config) -> Result<Strategies, SamplingError> {
    config.sampling_strategies.as_deref().map_or_else(|| Ok(Strategies::default()), Strategies::read)
}

fn open(doors: Doors, config: Config, clock: Arc<dyn Clock>, store: Arc<dyn Store>, strategies: Strategies) -> Server {
    if let Some(reason) = store.condition().refuses_writes {
        // The start line that follows says "ready", which is true for questions only.
        tracing::warn!(event = "refusing", "no span is accepted for now: {reason}");
    }
    let Doors { addresses, gate, http, otlp, others, sockets, closed, counters, shutdown } = doors;
    let hub = LiveHub::new(Arc::clone(&clock));
    // Before any door opens, so that no span comes unseen.
    tokio::spawn(Arc::clone(&hub).run(Arc::clone(&store), store.subscribe(), shutdown.drain.clone()));
    let ingest =
        Arc::new(Ingest::new(config.ingest.clone(), Arc::clone(&clock), Arc::clone(&store), Arc::clone(&counters)));
    let query = QueryService::new(Arc::clone(&store), clock, QueryLimits::default(), addresses.shown());

    let loopback = addresses.http.is_none_or(|address| address.ip().is_loopback());
    let hosts = if loopback { HostRule::Loopback } else { HostRule::Any };
    let settings = HttpSettings { hosts, ..HttpSettings::default() };
    let health = Health {
        store: Arc::clone(&store),
        ingest: Arc::clone(&ingest),
        counters: Arc::clone(&counters),
        doors_closed: closed.into(),
        sockets: sockets.iter().filter_map(|socket| socket.address().ok()).collect(),
        drain: shutdown.drain.clone(),
    };
    let state = HttpState::new(query, hub, settings, shutdown.drain.clone());
    let names_of_ours = middleware::from_fn_with_state(state.clone(), origin::check_host);
    gate.open(http::router(state).merge(health::router(health).layer(names_of_ours)));

    let datagrams = Datagrams::start(sockets, &config.udp, Arc::clone(&ingest), Arc::clone(&counters), &shutdown);
    let receivers = Receivers {
        ingest: Arc::clone(&ingest),
        cors_origins: config.cors_origins.clone().into(),
        strategies: Arc::new(strategies),
    };
    let router = |protocol| receivers::router(protocol, receivers.clone());
    let mut connections: Vec<_> = http.into_iter().collect();
    connections.extend(otlp.into_iter().map(|listener| listener.start(router(Protocol::Otlp))));
    connections.extend(others.into_iter().map(|(protocol, listener)| listener.start(router(protocol))));
    Server { addresses, counters, config, store, ingest, connections, datagrams, shutdown }
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

// === impl Server ===

impl Server {
    /// Ends in order: not ready, nothing new, what is in flight, the store. `hurry` cuts the waiting short.
    pub async fn stop(self, hurry: impl Future<Output = ()>) -> anyhow::Result<()> {
        let finished = async {
            for connections in &self.connections {
                connections.ended().await;
            }
            self.datagrams.ended().await;
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
