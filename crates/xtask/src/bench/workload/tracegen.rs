//! W3: what Jaeger's benchmark of its ClickHouse store sends, so that results can be laid side by side:
//! traces of one parent and nine children, ten services, ten days, eleven attributes of 97 keys with 1,000 values each.

use std::borrow::Cow::Borrowed;

use super::shape::{Shape, Size};
use super::{SearchKeys, Workload};
use crate::bench::random::Random;
use crate::bench::span::{Attributes, Event, Kind, Row, Spans};

const SERVICES: u64 = 10;
const SPANS_PER_TRACE: u64 = 10;
const OPERATIONS: u64 = 10;
const ATTRIBUTES: u64 = 11;
const KEYS: u64 = 97;
const VALUES: u64 = 1_000;
const TEN_DAYS_NANOS: u64 = 10 * 86_400 * 1_000_000_000;

pub(super) struct Tracegen {
    services: Vec<String>,
    operations: Vec<String>,
    keys: Vec<String>,
}

impl Tracegen {
    pub(super) fn new() -> Self {
        Self {
            services: (0..SERVICES).map(|service| format!("tracegen-{service:02}")).collect(),
            operations: (0..OPERATIONS).map(|operation| format!("fake-operation-{operation}")).collect(),
            keys: (0..KEYS).map(|key| format!("attr_{key:02}")).collect(),
        }
    }
}

impl Workload for Tracegen {
    fn spans(&self, seed: u64, count: usize) -> Spans {
        let traces = (count as u64).div_ceil(SPANS_PER_TRACE).max(1);
        let shape = Shape {
            size: Size::Star(SPANS_PER_TRACE),
            services: SERVICES,
            operations: OPERATIONS,
            instances: 1,
            gap_mean: TEN_DAYS_NANOS / traces,
            errors: 0,
        };
        shape.spans(seed, count)
    }

    fn services(&self) -> &[String] {
        &self.services
    }

    fn resource(&self, service: u16, _instance: u8) -> Attributes<'_> {
        vec![(Borrowed("service.name"), self.services[usize::from(service)].as_str().into())]
    }

    fn name(&self, row: &Row) -> &str {
        &self.operations[usize::from(row.operation)]
    }

    fn kind(&self, row: &Row) -> Kind {
        if row.parent.is_none() { Kind::Server } else { Kind::Client }
    }

    /// Neighbouring keys from a random one on, so that no key comes twice.
    fn attributes(&self, row: &Row) -> Attributes<'_> {
        let mut random = Random::new(row.draw, 2);
        let first = random.below(KEYS);
        let key = |place| self.keys[((first + place) % KEYS) as usize].as_str();
        (0..ATTRIBUTES).map(|place| (Borrowed(key(place)), format!("value_{}", random.below(VALUES)).into())).collect()
    }

    fn events(&self, _row: &Row) -> Vec<Event<'_>> {
        Vec::new()
    }

    fn status_message(&self, _row: &Row) -> &str {
        ""
    }

    fn keys(&self) -> SearchKeys {
        SearchKeys { common: "attr_00", rare: "attr_01" }
    }
}
