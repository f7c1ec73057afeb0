//! W1: the traffic of a demo shop; W5 sends the same spans in small requests.

use std::borrow::Cow::Borrowed;

use super::shape::{Shape, Size};
use super::{SearchKeys, Workload};
use crate::bench::random::Random;
use crate::bench::span::{Attributes, Event, Kind, Row, Spans, Value};

const SERVICES: [&str; 20] = [
    "frontend",
    "frontend-proxy",
    "cart",
    "checkout",
    "payment",
    "shipping",
    "email",
    "currency",
    "recommendation",
    "product-catalog",
    "ad",
    "quote",
    "accounting",
    "fraud-detection",
    "image-provider",
    "load-generator",
    "kafka",
    "valkey-cart",
    "postgres",
    "flagd",
];
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];
const LANGUAGES: [&str; 6] = ["go", "java", "python", "nodejs", "dotnet", "rust"];
const PRODUCTS: [&str; 10] = [
    "OLJCESPC7Z",
    "66VCHSJNUP",
    "1YMWWN1N4O",
    "L9ECAV7KIM",
    "2ZYFJ3GM2N",
    "0PUK6V6EV0",
    "LS4PSXUNUM",
    "9SIQT8TOJO",
    "6E92ZMYYFZ",
    "HQTGWGPNH4",
];
const BROWSERS: u64 = 12;
/// Ephemeral ports as Linux hands them out.
const PORT_FIRST: u64 = 32_768;
const PORTS: u64 = 28_232;

pub(super) struct Shop {
    services: Vec<String>,
    /// Names by service, then operation.
    names: Vec<Vec<String>>,
    agents: Vec<String>,
}

/// What an operation is; the order is that of `Row::operation`.
#[derive(Clone, Copy)]
enum Operation {
    Http(usize),
    Rpc(u16),
    Database,
    Produce,
    Internal(u16),
}

impl Operation {
    const COUNT: u64 = 14;

    fn of(operation: u16) -> Self {
        match operation {
            0..4 => Self::Http(operation.into()),
            4..10 => Self::Rpc(operation - 4),
            10 => Self::Database,
            11 => Self::Produce,
            _ => Self::Internal(operation - 12),
        }
    }

    fn name(self, service: &str) -> String {
        match self {
            Self::Http(method) => format!("{} /api/{service}/{{id}}", METHODS[method]),
            Self::Rpc(method) => format!("oteldemo.{service}.Service/Method{method}"),
            Self::Database => format!("SELECT {service}.items"),
            Self::Produce => format!("publish {service}.orders"),
            Self::Internal(part) => format!("{service}.internal.step{part}"),
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Http(_) => Kind::Server,
            Self::Rpc(method) if method % 2 == 0 => Kind::Server,
            Self::Rpc(_) | Self::Database => Kind::Client,
            Self::Produce => Kind::Producer,
            Self::Internal(_) => Kind::Internal,
        }
    }
}

impl Shop {
    pub(super) fn new() -> Self {
        let names = |service: &&str| {
            (0..Operation::COUNT as u16).map(|operation| Operation::of(operation).name(service)).collect()
        };
        let agent = |number: u64| {
            format!(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
                110 + number
            )
        };
        Self {
            services: SERVICES.map(str::to_owned).to_vec(),
            names: SERVICES.iter().map(names).collect(),
            agents: (0..BROWSERS).map(agent).collect(),
        }
    }

    fn service(&self, row: &Row) -> &str {
        &self.services[usize::from(row.service)]
    }

    fn http(&self, row: &Row, method: usize, random: &mut Random) -> Attributes<'_> {
        let service = self.service(row);
        let product = *random.one_of(&PRODUCTS);
        let status: u64 = match random.below(99) {
            _ if row.is_error => 500,
            0..94 => 200,
            94..97 => 304,
            _ => 404,
        };
        let client = format!("10.{}.{}.{}", random.below(4), random.below(256), random.below(256));
        vec![
            (Borrowed("http.request.method"), METHODS[method].into()),
            (Borrowed("http.route"), format!("/api/{service}/{{id}}").into()),
            (Borrowed("url.path"), format!("/api/{service}/{product}").into()),
            (Borrowed("url.scheme"), "http".into()),
            (Borrowed("http.response.status_code"), status.into()),
            (Borrowed("server.address"), service.into()),
            (Borrowed("server.port"), 8_080.into()),
            (Borrowed("client.address"), client.into()),
            (Borrowed("network.peer.port"), port(random)),
            (Borrowed("user_agent.original"), random.one_of(&self.agents).as_str().into()),
            (Borrowed("app.user.id"), format!("{:012x}", random.next() >> 16).into()),
            (Borrowed("app.product.id"), product.into()),
        ]
    }

    fn rpc(&self, row: &Row, method: u16, random: &mut Random) -> Attributes<'_> {
        let service = self.service(row);
        let peer = format!("10.{}.{}.{}", 32 + random.below(4), random.below(8), random.below(256));
        vec![
            (Borrowed("rpc.system"), "grpc".into()),
            (Borrowed("rpc.service"), format!("oteldemo.{service}.Service").into()),
            (Borrowed("rpc.method"), format!("Method{method}").into()),
            (Borrowed("rpc.grpc.status_code"), if row.is_error { 13 } else { 0 }.into()),
            (Borrowed("server.address"), service.into()),
            (Borrowed("server.port"), 8_081.into()),
            (Borrowed("network.peer.address"), peer.into()),
            (Borrowed("network.peer.port"), port(random)),
            (Borrowed("network.transport"), "tcp".into()),
            (Borrowed("network.type"), "ipv4".into()),
        ]
    }

    fn database(&self, row: &Row, random: &mut Random) -> Attributes<'_> {
        let service = self.service(row);
        let query = format!("SELECT id, name, price FROM {service}_items WHERE shelf = {} LIMIT 50", random.below(150));
        vec![
            (Borrowed("db.system.name"), "postgresql".into()),
            (Borrowed("db.namespace"), service.into()),
            (Borrowed("db.operation.name"), "SELECT".into()),
            (Borrowed("db.collection.name"), format!("{service}_items").into()),
            (Borrowed("db.query.text"), query.into()),
            (Borrowed("server.address"), "postgres".into()),
            (Borrowed("server.port"), 5_432.into()),
        ]
    }

    fn produce(&self, row: &Row, random: &mut Random) -> Attributes<'_> {
        let service = self.service(row);
        vec![
            (Borrowed("messaging.system"), "kafka".into()),
            (Borrowed("messaging.destination.name"), format!("{service}.orders").into()),
            (Borrowed("messaging.operation.type"), "send".into()),
            (Borrowed("messaging.destination.partition.id"), random.below(8).to_string().into()),
            (Borrowed("messaging.kafka.offset"), random.below(10_000_000).into()),
            (Borrowed("messaging.client.id"), format!("{service}-producer").into()),
        ]
    }

    fn internal(&self, row: &Row, part: u16, random: &mut Random) -> Attributes<'_> {
        let thread = random.below(64);
        vec![
            (Borrowed("code.function.name"), format!("{}.step{part}", self.service(row)).into()),
            (Borrowed("thread.id"), thread.into()),
            (Borrowed("thread.name"), format!("worker-{thread}").into()),
            (Borrowed("app.phase"), ["prepare", "validate", "render"][random.below(3) as usize].into()),
        ]
    }
}

impl Workload for Shop {
    fn spans(&self, seed: u64, count: usize) -> Spans {
        let shape = Shape {
            size: Size::Demo,
            services: SERVICES.len() as u64,
            operations: Operation::COUNT,
            instances: 3,
            gap_mean: 2_000_000,
            errors: 10,
        };
        shape.spans(seed, count)
    }

    fn services(&self) -> &[String] {
        &self.services
    }

    fn resource(&self, service: u16, instance: u8) -> Attributes<'_> {
        let name = self.services[usize::from(service)].as_str();
        // Drawn from what it is of, so that an instance says the same in each request.
        let mut random = Random::new(u64::from(service), 100 + u64::from(instance));
        let pod = format!("{name}-{:010x}-{:05x}", random.next() >> 24, random.next() >> 44);
        let node = format!("node-{}", random.below(5));
        vec![
            (Borrowed("service.name"), name.into()),
            (Borrowed("service.namespace"), "shop".into()),
            (Borrowed("service.version"), format!("2.1.{service}").into()),
            (Borrowed("service.instance.id"), format!("{:016x}{:016x}", random.next(), random.next()).into()),
            (Borrowed("telemetry.sdk.language"), LANGUAGES[usize::from(service) % LANGUAGES.len()].into()),
            (Borrowed("telemetry.sdk.name"), "opentelemetry".into()),
            (Borrowed("telemetry.sdk.version"), "1.36.0".into()),
            (Borrowed("k8s.pod.name"), pod.clone().into()),
            (Borrowed("k8s.namespace.name"), "shop".into()),
            (Borrowed("k8s.node.name"), node.clone().into()),
            (Borrowed("host.name"), pod.into()),
            (Borrowed("os.type"), "linux".into()),
            (Borrowed("process.pid"), (1 + random.below(30_000)).into()),
            (Borrowed("deployment.environment"), "production".into()),
        ]
    }

    fn name(&self, row: &Row) -> &str {
        &self.names[usize::from(row.service)][usize::from(row.operation)]
    }

    fn kind(&self, row: &Row) -> Kind {
        Operation::of(row.operation).kind()
    }

    fn attributes(&self, row: &Row) -> Attributes<'_> {
        let mut random = Random::new(row.draw, 2);
        match Operation::of(row.operation) {
            Operation::Http(method) => self.http(row, method, &mut random),
            Operation::Rpc(method) => self.rpc(row, method, &mut random),
            Operation::Database => self.database(row, &mut random),
            Operation::Produce => self.produce(row, &mut random),
            Operation::Internal(part) => self.internal(row, part, &mut random),
        }
    }

    fn events(&self, row: &Row) -> Vec<Event<'_>> {
        let mut random = Random::new(row.draw, 3);
        if !random.per_mille(50) {
            return Vec::new();
        }
        let attributes = vec![
            (Borrowed("app.cache.key"), format!("item:{}", random.below(1_000)).into()),
            (Borrowed("app.cache.size"), random.below(4_096).into()),
        ];
        vec![Event { after: random.below(row.duration + 1), name: "cache miss", attributes }]
    }

    fn status_message(&self, row: &Row) -> &str {
        if row.is_error { "upstream did not answer in time" } else { "" }
    }

    fn keys(&self) -> SearchKeys {
        SearchKeys { common: "app.product.id", rare: "app.user.id" }
    }
}

fn port(random: &mut Random) -> Value<'static> {
    (PORT_FIRST + random.below(PORTS)).into()
}
