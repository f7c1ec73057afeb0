//! How the process is, for whoever restarts it, sends to it or watches it: `/health`, `/ready`, `/metrics`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use storage::{Condition, Store};
use tokio_util::sync::CancellationToken;

use crate::ingest::Ingest;
use crate::telemetry::Counters;
use crate::telemetry::counters::family;
use crate::telemetry::kernel_drops::kernel_drops;

/// Clients with losses that are told of.
const CLIENTS_TOLD_MAX: usize = 16;

/// What health is judged by.
#[derive(Clone)]
pub struct Health {
    /// Its condition is ours.
    pub store: Arc<dyn Store>,
    /// Requests in flight.
    pub ingest: Arc<Ingest>,
    /// For `/metrics`.
    pub counters: Arc<Counters>,
    /// Doors that nobody turned off and that are closed nevertheless, each with the reason.
    pub doors_closed: Arc<[String]>,
    /// Where datagrams come in.
    pub sockets: Arc<[SocketAddr]>,
    /// Cancelled when the process is told to end.
    pub drain: CancellationToken,
}

/// Answer of `/health`.
#[derive(Serialize)]
pub struct Report {
    status: &'static str,
    version: &'static str,
    /// Parts of the store that were damaged and set aside.
    quarantined: Vec<String>,
    /// Threads of the store that do not come back.
    stalled: Vec<String>,
    /// Doors that could not be opened, and why.
    doors_closed: Vec<String>,
    /// Clients of which batches are missing, or that could not send spans.
    clients_losing: Vec<String>,
}

/// Answer of `/ready`.
#[derive(Serialize)]
pub struct Readiness {
    /// Whether spans and questions are taken.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

// === impl Report ===

impl Report {
    /// How the process of this version is.
    pub fn new(status: &'static str, condition: Condition, doors_closed: Vec<String>) -> Report {
        let Condition { quarantined, stalled, .. } = condition;
        let clients_losing = Vec::new();
        Report { status, version: env!("CARGO_PKG_VERSION"), quarantined, stalled, doors_closed, clients_losing }
    }

    /// Who could be asked why spans are missing.
    fn with_clients(mut self, notes: Vec<String>) -> Report {
        self.clients_losing = notes;
        self
    }
}

/// The three paths.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/health", get(alive))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

/// Answering at all means that the threads which answer are alive. Damage that was set aside is told, not deadly.
/// Only a store that hangs asks for a restart.
async fn alive(State(health): State<Health>) -> Response {
    let condition = health.store.condition();
    let hangs = health.ingest.store_hangs() || !condition.stalled.is_empty();
    let (code, status) = match (hangs, condition.quarantined.is_empty()) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer"),
        (false, true) => (StatusCode::OK, "ok"),
        (false, false) => (StatusCode::OK, "degraded"),
    };
    let report = Report::new(status, condition, health.doors_closed.to_vec());
    (code, Json(report.with_clients(health.counters.clients.notes(CLIENTS_TOLD_MAX)))).into_response()
}

async fn ready(State(health): State<Health>) -> Response {
    let mut reasons = Vec::new();
    reasons.extend(health.store.condition().refuses_writes);
    if health.drain.is_cancelled() {
        reasons.push("shutting down".to_owned());
    }
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, reasons })).into_response()
}

async fn metrics(State(health): State<Health>) -> Response {
    let condition = health.store.condition();
    let mut text = health.counters.exposition();
    let mut gauge = |name, help, value| family(&mut text, name, "gauge", help, &[("", value)]);
    gauge("in_flight_bytes", "bytes of requests not answered yet", health.ingest.admission().in_flight_bytes() as u64);
    gauge("store_spans", "spans in the store", condition.spans);
    gauge("store_disk_bytes", "bytes of the store on disk", condition.disk_bytes);
    gauge("store_quarantined", "parts of the store that were set aside", condition.quarantined.len() as u64);
    let dropped = health.sockets.iter().filter_map(|socket| kernel_drops(*socket)).sum();
    let help = "datagrams that the kernel threw away because they came faster than they were read";
    family(&mut text, "datagrams_dropped_by_kernel_total", "counter", help, &[("", dropped)]);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
