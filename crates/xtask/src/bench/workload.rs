//! What a workload is: shapes of traces and contents of spans, by name. Not here: bytes (`encode`) and questions (`truth`).

mod production;
mod shape;
mod shop;
mod tracegen;

use anyhow::{Result, bail};

use super::span::{Attributes, Event, Kind, Row, Spans};

/// Contents of a workload's spans. Everything is a function of the row, so it can be asked for at any time.
pub(super) trait Workload {
    /// Exactly so many spans: the last trace is cut to fit.
    fn spans(&self, seed: u64, count: usize) -> Spans;
    /// Names of the services, in the order of `Row::service`.
    fn services(&self) -> &[String];
    fn resource(&self, service: u16, instance: u8) -> Attributes<'_>;
    fn name(&self, row: &Row) -> &str;
    fn kind(&self, row: &Row) -> Kind;
    fn attributes(&self, row: &Row) -> Attributes<'_>;
    fn events(&self, row: &Row) -> Vec<Event<'_>>;
    fn status_message(&self, row: &Row) -> &str;
    /// Keys of span attributes to search by: one whose values many spans share, and one whose values few share.
    fn keys(&self) -> SearchKeys;
    /// Whether what its spans ask is less than the server tells apart: else the edges that it counts are not known before.
    fn has_few_nodes(&self) -> bool {
        true
    }
}

#[derive(Clone, Copy)]
pub(super) struct SearchKeys {
    pub(super) common: &'static str,
    pub(super) rare: &'static str,
}

/// How spans are put into requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requests {
    /// So many spans each, of all services: what a collector sends.
    Batched(usize),
    /// 1 to 64 spans of one process each: what SDKs send.
    Single,
}

/// A workload as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    W1,
    W2,
    W3,
    W5,
}

impl Name {
    pub(super) fn from_word(word: &str) -> Result<Self> {
        Ok(match word.to_ascii_lowercase().as_str() {
            "w1" => Self::W1,
            "w2" => Self::W2,
            "w3" => Self::W3,
            "w5" => Self::W5,
            _ => bail!("unknown workload: {word}; known: w1 (demo), w2 (production), w3 (tracegen), w5 (SDKs)"),
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::W1 => "w1",
            Self::W2 => "w2",
            Self::W3 => "w3",
            Self::W5 => "w5",
        }
    }

    pub(super) fn workload(self) -> Box<dyn Workload> {
        match self {
            Self::W1 | Self::W5 => Box::new(shop::Shop::new()),
            Self::W2 => Box::new(production::Production::new()),
            Self::W3 => Box::new(tracegen::Tracegen::new()),
        }
    }

    pub(super) fn requests(self) -> Requests {
        match self {
            Self::W5 => Requests::Single,
            _ => Requests::Batched(512),
        }
    }

    pub(super) fn connections(self) -> usize {
        match self {
            Self::W5 => 200,
            _ => 4,
        }
    }
}
