//! The real process: what a signal does, and what a kill does not.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use http::Method;
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::*;

pub(crate) struct Process {
    child: Child,
    pub(crate) http: SocketAddr,
    otlp_http: SocketAddr,
}

// === impl Process ===

impl Process {
    /// Ready when it returns.
    pub(crate) fn start(data_dir: &Path) -> Process {
        let free = "127.0.0.1:0";
        let mut child = binary()
            .args(["serve", "--doors", "named", "--http", free, "--otlp-grpc", free, "--otlp-http", free])
            // A full disk of the test machine is not what is tested; the default refuses spans below 2 %.
            .args(["--disk-free-min", "67108864", "--data-dir"])
            .arg(data_dir)
            .current_dir(data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut urls = line.split_whitespace().filter_map(|word| word.trim_end_matches(',').strip_prefix("http://"));
        let http = urls.next().expect(&line).parse().unwrap();
        let otlp_http = urls.next().expect(&line).strip_suffix("/v1/traces").unwrap().parse().unwrap();
        Process { child, http, otlp_http }
    }

    pub(crate) async fn export(&self, body: Vec<u8>) -> u16 {
        send(Method::POST, Some(self.otlp_http), "/v1/traces", &[PROTOBUF], body).await.status.as_u16()
    }

    /// Spans in its store, as it says itself.
    async fn stored(&self) -> u64 {
        let (_, text) = send(Method::GET, Some(self.http), "/metrics", &[], "").await.said();
        let line = text.lines().find_map(|line| line.strip_prefix("tracewell_store_spans ")).expect("a count");
        line.parse().unwrap()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone in every test that passes.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn a_terminated_process_ends_well_and_keeps_its_spans() {
    let dir = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let mut process = Process::start(dir.path());
        assert_eq!(process.export(request(3)).await, 200);
        process.signal(signal);
        assert_eq!(process.child.wait().unwrap().code(), Some(0), "{signal:?}");
    }
    assert_eq!(Process::start(dir.path()).stored().await, 3, "stored once, however often it was sent");
}

#[tokio::test]
async fn a_killed_process_has_kept_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    for killed in 1..=3_u64 {
        let mut process = Process::start(dir.path());
        assert_eq!(process.stored().await, (killed - 1) * 10);
        let mut spans = spans(10);
        for span in &mut spans {
            span.trace_id = model::TraceId::new([killed as u8; 16]).unwrap();
        }
        assert_eq!(process.export(wire::otlp::encode::request_proto(&spans)).await, 200);
        process.kill();
    }
    assert_eq!(Process::start(dir.path()).stored().await, 30);
}

#[test]
fn a_second_process_on_the_same_store_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Process::start(dir.path());
    let off = ["--doors", "named", "--http", "off", "--otlp-grpc", "off", "--otlp-http", "off", "--data-dir"];
    let mut second = binary().args(off).arg(dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(second.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    // Also when it serves after all: nothing of a test may stay behind.
    drop(second.kill());
    let output = second.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(ready, "");
    assert!(said.contains("another process holds its lock"), "{said}");
}
