//! What the process says about itself: log lines here, counts in `counters`. Not here: spans of clients.

pub mod clients;
pub mod counters;
pub mod datagrams;
pub(crate) mod kernel_drops;

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

pub use counters::Counters;

use crate::config::{Config, LogFormat};

/// Writes log lines to standard error from now on, and lets a panic be one of them.
pub fn start(config: &Config) -> anyhow::Result<()> {
    start_with(&config.log_level, config.log_format)
}

/// The same for roles that have no configuration.
pub fn start_with(level: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(level)
        .with_context(|| format!("cannot use log_level: expected a filter such as info: {level}"))?;
    let terminal = io::stderr().is_terminal();
    let json = match format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(terminal);
    // A second start in one process, as in tests, keeps the first one's lines.
    let started = if json { lines.json().try_init() } else { lines.try_init() };
    if started.is_ok() {
        log_panics();
    }
    Ok(())
}

/// A panic is a fault of ours: it is logged once, where it happened; who waited for the answer hears "unavailable".
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current();
        let reason = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(event = "panic", thread = thread.name().unwrap_or("unnamed"), place, "panicked: {reason}");
    }));
}
