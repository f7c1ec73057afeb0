//! How the server is: for the first screen of an empty store and for the status line.

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/tracewell/v1/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStatus {
    /// Version of the server.
    pub version: String,
    /// Stored spans.
    pub spans: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Why spans are refused at the moment, if they are.
    pub refuses_writes: Option<String>,
    /// Parts of the store that were set aside because they were damaged.
    pub quarantined: Vec<String>,
    /// Where clients can report.
    pub doors: Vec<Door>,
}

/// A way in for spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// For example `OTLP gRPC`.
    pub protocol: String,
    /// Address it listens on, for example `127.0.0.1:4317`; `None` when it is off.
    pub address: Option<String>,
}
