//! How long after its acknowledgement a span is found by search: single spans of now, sent and looked for beside a load.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::host::unix_nanos;
use super::http::{Client, Connection, escaped, export_head};
use super::protobuf::Writer;
use super::random::Random;

/// Time between two probes.
const PAUSE: Duration = Duration::from_millis(500);
/// A span that is not found after so long is lost.
const FOUND_WAIT: Duration = Duration::from_secs(30);
/// Service of the probes; workloads have none of this name.
pub(super) const SERVICE: &str = "bench-probe";
const MILLI_NANOS: u64 = 1_000_000;

pub(super) struct Probe {
    pub(super) http: SocketAddr,
    pub(super) otlp: SocketAddr,
}

impl Probe {
    /// Sends probes until `ended`. Returns the nanoseconds from each acknowledgement until the span was found.
    pub(super) fn run(&self, ended: &AtomicBool) -> Result<Vec<u64>> {
        let mut found_after = Vec::new();
        let mut client = Client::new(self.http);
        let mut random = Random::new(unix_nanos(), 0);
        while !ended.load(Relaxed) {
            let number = format!("{:016x}", random.next());
            let now = unix_nanos();
            if self.send(&number, now, &mut random)? {
                found_after.push(find(&mut client, &number, now)?);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(found_after)
    }

    /// Whether it was acknowledged.
    fn send(&self, number: &str, now: u64, random: &mut Random) -> Result<bool> {
        let body = body(number, now, random);
        let mut request = export_head(self.otlp, body.len(), false).into_bytes();
        request.extend(body);
        let answer = Connection::open(self.otlp)?.exchange(&request)?;
        match answer.status {
            200 => Ok(true),
            429 | 503 => Ok(false),
            status => bail!("a probe was answered with {status}"),
        }
    }
}

fn find(client: &mut Client, number: &str, now: u64) -> Result<u64> {
    let from = now / MILLI_NANOS;
    let attribute = escaped(&format!("bench.probe={number}"));
    let path = format!(
        "/api/tracewell/v1/traces?service={SERVICE}&attributes={attribute}&from={from}&to={}&limit=1",
        from + 1
    );
    let acknowledged = Instant::now();
    while acknowledged.elapsed() < FOUND_WAIT {
        let answer = client.get(&path)?;
        ensure!(answer.status == 200, "a search for a probe was answered with {}", answer.status);
        let list: serde_json::Value = serde_json::from_slice(&answer.body)?;
        if list["completeness"]["matched"].as_u64().context("a search has no count")? == 1 {
            return Ok(u64::try_from(acknowledged.elapsed().as_nanos())?);
        }
    }
    bail!("an acknowledged span was not found for {} s", FOUND_WAIT.as_secs())
}

fn body(number: &str, now: u64, random: &mut Random) -> Vec<u8> {
    let pair = |writer: &mut Writer, field, key: &str, value: &str| {
        writer.message(field, |pair| {
            pair.bytes(1, key.as_bytes());
            pair.message(2, |any| any.bytes(1, value.as_bytes()));
        });
    };
    let (trace_high, trace_low, span) = (random.next(), random.next().max(1), random.next().max(1));
    let mut writer = Writer::default();
    writer.message(1, |group| {
        group.message(1, |resource| pair(resource, 1, "service.name", SERVICE));
        group.message(2, |scoped| {
            scoped.message(2, |writer| {
                writer.bytes(1, &[trace_high.to_be_bytes(), trace_low.to_be_bytes()].concat());
                writer.bytes(2, &span.to_be_bytes());
                writer.bytes(5, b"probe");
                writer.fixed64(7, now);
                writer.fixed64(8, now + 1_000);
                pair(writer, 9, "bench.probe", number);
            });
        });
    });
    writer.bytes
}
