//! Calls to what sends no spans of its own: Postgres, Redis, Kafka. Names and attributes follow current semantic conventions.

use model::SpanKind;

use super::recorder::{Here, Recorder};

/// A statement that some service sends to Postgres.
#[derive(Clone, Copy)]
pub(crate) struct Statement {
    pub(crate) database: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) table: &'static str,
    pub(crate) text: &'static str,
    /// Usual duration, microseconds.
    pub(crate) median_micros: f64,
}

/// The queue that carries every order.
pub(crate) const ORDERS_TOPIC: &str = "orders.created";
/// Partitions of [`ORDERS_TOPIC`].
const ORDERS_PARTITIONS: u64 = 12;

/// Runs `statement`, `slowness` times slower than usual; gives the span, which has ended.
pub(crate) fn postgres(r: &mut Recorder<'_>, here: Here, statement: Statement, slowness: f64) -> Here {
    let span = r.child(here, SpanKind::Client, format!("{} {}", statement.operation, statement.table));
    r.mark_data_library(span);
    r.set(span, "db.system.name", "postgresql");
    r.set(span, "db.namespace", statement.database);
    r.set(span, "db.collection.name", statement.table);
    r.set(span, "db.operation.name", statement.operation);
    r.set(span, "db.query.text", statement.text);
    r.set(span, "server.address", format!("postgres-{}", statement.database));
    r.set(span, "server.port", 5432);
    r.work_with(statement.median_micros * slowness, 0.7);
    if statement.operation == "SELECT" {
        let rows = r.random.around(6.0, 0.8) as i64;
        r.set(span, "db.response.returned_rows", rows);
    }
    r.end(span);
    span
}

/// Runs one Redis command on `key`.
pub(crate) fn redis(r: &mut Recorder<'_>, here: Here, command: &str, key: &str) {
    let span = r.child(here, SpanKind::Client, command);
    r.mark_data_library(span);
    r.set(span, "db.system.name", "redis");
    r.set(span, "db.namespace", "0");
    r.set(span, "db.operation.name", command);
    r.set(span, "db.query.text", format!("{command} {key}"));
    r.set(span, "server.address", "redis-carts");
    r.set(span, "server.port", 6379);
    r.work_with(280.0, 0.5);
    r.end(span);
}

/// Hands an order to the queue; gives the span that its readers link to.
pub(crate) fn send_order(r: &mut Recorder<'_>, here: Here, order: &str) -> Here {
    let span = r.child(here, SpanKind::Producer, format!("send {ORDERS_TOPIC}"));
    messaging_attributes(r, span, "send", order);
    r.work(1_900.0);
    r.end(span);
    span
}

/// Begins to process an order that was handed over in `sent`, in a trace of its own.
pub(crate) fn receive_order(r: &mut Recorder<'_>, reader: super::services::Service, sent: Here, order: &str) -> Here {
    let span = r.root(reader, SpanKind::Consumer, format!("process {ORDERS_TOPIC}"));
    r.link(span, sent);
    messaging_attributes(r, span, "process", order);
    r.set(span, "messaging.consumer.group.name", reader.name());
    let offset = 48_211_000 + r.random.below(9_000_000) as i64;
    r.set(span, "messaging.kafka.offset", offset);
    span
}

fn messaging_attributes(r: &mut Recorder<'_>, span: Here, operation: &str, order: &str) {
    let partition = order.bytes().map(u64::from).sum::<u64>() % ORDERS_PARTITIONS;
    r.set(span, "messaging.system", "kafka");
    r.set(span, "messaging.destination.name", ORDERS_TOPIC);
    r.set(span, "messaging.destination.partition.id", partition.to_string());
    r.set(span, "messaging.operation.name", operation);
    r.set(span, "messaging.operation.type", operation);
    r.set(span, "messaging.kafka.message.key", order);
    r.set(span, "server.address", "kafka");
    r.set(span, "server.port", 9092);
}
