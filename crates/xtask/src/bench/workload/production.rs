//! W2: wide spans as production systems send them, with SQL, identifiers and stack traces.

use std::borrow::Cow::Borrowed;

use super::shape::{Shape, Size};
use super::{SearchKeys, Workload};
use crate::bench::random::Random;
use crate::bench::span::{Attributes, Event, Kind, Row, Spans};

const SERVICES: u64 = 60;
const OPERATIONS: u64 = 20;
const SQL_TEMPLATES: u64 = 400;
const STACK_TEMPLATES: u64 = 150;
/// Fewer than 50 values each.
const FEW: [(&str, u64); 12] = [
    ("http.request.method", 5),
    ("http.response.status_code", 9),
    ("http.route", 40),
    ("network.protocol.version", 3),
    ("url.scheme", 2),
    ("server.address", 48),
    ("db.system.name", 4),
    ("db.namespace", 30),
    ("cloud.availability_zone", 6),
    ("app.feature.flag", 25),
    ("app.tier", 4),
    ("app.plan", 8),
];
/// 1,000 to 10,000 values each.
const SOME: [(&str, u64); 6] = [
    ("client.address", 10_000),
    ("app.tenant.id", 1_000),
    ("app.store.id", 4_000),
    ("app.product.id", 8_000),
    ("thread.id", 1_000),
    ("network.peer.port", 9_000),
];
const UUIDS: [&str; 4] = ["app.request.id", "app.session.id", "app.order.id", "enduser.id"];
const CONSTANT: [(&str, &str); 3] =
    [("telemetry.distro.name", "inhouse"), ("app.region", "eu-central"), ("app.build.channel", "stable")];

pub(super) struct Production {
    services: Vec<String>,
    names: Vec<Vec<String>>,
    /// The fixed parts of statements; a literal follows each.
    statements: Vec<Vec<String>>,
    /// Frames of stack traces without their line numbers.
    stacks: Vec<Vec<String>>,
}

impl Production {
    pub(super) fn new() -> Self {
        let name =
            |service: u64, operation: u64| format!("Service{service:02}.{}{operation}", word(operation + service));
        Self {
            services: (0..SERVICES).map(|service| format!("{}-{service:02}", word(service))).collect(),
            names: (0..SERVICES)
                .map(|service| (0..OPERATIONS).map(|operation| name(service, operation)).collect())
                .collect(),
            statements: (0..SQL_TEMPLATES).map(statement).collect(),
            stacks: (0..STACK_TEMPLATES).map(stack).collect(),
        }
    }

    fn sql(&self, random: &mut Random) -> String {
        let parts = random.one_of(&self.statements);
        parts.iter().fold(String::new(), |text, part| format!("{text}{part}{}", random.below(1_000_000)))
    }
}

impl Workload for Production {
    fn spans(&self, seed: u64, count: usize) -> Spans {
        let shape = Shape {
            size: Size::Production,
            services: SERVICES,
            operations: OPERATIONS,
            instances: 4,
            // Traces are fifty times as large as those of W1, and come as much more rarely.
            gap_mean: 100_000_000,
            errors: 30,
        };
        shape.spans(seed, count)
    }

    fn services(&self) -> &[String] {
        &self.services
    }

    fn resource(&self, service: u16, instance: u8) -> Attributes<'_> {
        let mut random = Random::new(u64::from(service), 200 + u64::from(instance));
        let name = self.services[usize::from(service)].as_str();
        vec![
            (Borrowed("service.name"), name.into()),
            (Borrowed("service.version"), format!("7.{service}.{}", random.below(9)).into()),
            (Borrowed("service.instance.id"), uuid(&mut random).into()),
            (Borrowed("host.name"), format!("ip-10-1-{service}-{instance}").into()),
            (Borrowed("process.pid"), random.below(30_000).into()),
            (Borrowed("telemetry.sdk.language"), "java".into()),
        ]
    }

    fn name(&self, row: &Row) -> &str {
        &self.names[usize::from(row.service)][usize::from(row.operation)]
    }

    fn kind(&self, row: &Row) -> Kind {
        match row.operation % 4 {
            0 => Kind::Server,
            1 => Kind::Client,
            2 => Kind::Internal,
            _ => Kind::Producer,
        }
    }

    fn attributes(&self, row: &Row) -> Attributes<'_> {
        let mut random = Random::new(row.draw, 2);
        let mut attributes: Attributes<'_> = Vec::with_capacity(27);
        attributes.extend(
            FEW.map(|(key, values)| (Borrowed(key), format!("{}-{}", word(values), random.below(values)).into())),
        );
        attributes.extend(SOME.map(|(key, values)| (Borrowed(key), format!("{:05}", random.below(values)).into())));
        attributes.extend(UUIDS.map(|key| (Borrowed(key), uuid(&mut random).into())));
        let url = format!(
            "https://api.example.com/v2/{}/{}/items/{}?expand=prices,stock&page=1",
            word(row.operation.into()),
            random.below(1 << 40),
            random.below(1 << 24)
        );
        attributes.push((Borrowed("url.full"), url.into()));
        attributes.push((Borrowed("db.query.text"), self.sql(&mut random).into()));
        attributes.extend(CONSTANT.map(|(key, value)| (Borrowed(key), value.into())));
        attributes
    }

    fn events(&self, row: &Row) -> Vec<Event<'_>> {
        if !row.is_error {
            return Vec::new();
        }
        let mut random = Random::new(row.draw, 3);
        let frames = random.one_of(&self.stacks);
        let stack = frames.iter().fold(String::new(), |text, frame| format!("{text}{frame}{})\n", random.below(900)));
        let attributes = vec![
            (Borrowed("exception.type"), format!("com.example.{}Exception", word(random.below(40))).into()),
            (Borrowed("exception.message"), format!("order {} is not in state OPEN", random.below(1 << 30)).into()),
            (Borrowed("exception.stacktrace"), stack.into()),
        ];
        vec![Event { after: row.duration, name: "exception", attributes }]
    }

    fn status_message(&self, row: &Row) -> &str {
        if row.is_error { "operation failed" } else { "" }
    }

    fn keys(&self) -> SearchKeys {
        SearchKeys { common: "app.plan", rare: "app.order.id" }
    }

    /// Thousands of databases: each system with each namespace at each address.
    fn has_few_nodes(&self) -> bool {
        false
    }
}

/// 1 to 3 parts, together 200 to 800 bytes.
fn statement(template: u64) -> Vec<String> {
    let mut random = Random::new(template, 300);
    // Short ones are more frequent than long ones.
    let bytes = 200 + (random.below(500) * random.below(500) / 500) as usize;
    let mut text = format!("SELECT t{template}.id");
    while text.len() < bytes {
        text += &format!(", t{}.{}_{}", random.below(4), word(random.below(64)), word(random.below(64)));
    }
    let mut parts = vec![format!("{text} FROM {}s t0 WHERE t0.id = ", word(template))];
    parts.extend((0..random.below(3)).map(|_| format!(" AND t0.{}_id = ", word(random.below(64)))));
    parts
}

/// Frames of 2 to 6 KB together.
fn stack(template: u64) -> Vec<String> {
    let mut random = Random::new(template, 301);
    let frames = 24 + random.below(48);
    let frame = |_| {
        let (package, class, method) = (random.below(64), random.below(64), random.below(64));
        let class = word(class);
        format!("\tat com.example.{}.{class}Handler.{}All({class}Handler.java:", word(package), word(method))
    };
    (0..frames).map(frame).collect()
}

/// One of 64 words.
fn word(number: u64) -> &'static str {
    const WORDS: [&str; 64] = [
        "account", "address", "basket", "billing", "branch", "budget", "buyer", "campaign", "carrier", "catalog",
        "channel", "claim", "client", "contract", "coupon", "credit", "currency", "customer", "delivery", "deposit",
        "device", "discount", "invoice", "item", "ledger", "limit", "listing", "location", "member", "merchant",
        "message", "notice", "offer", "order", "outlet", "package", "partner", "payment", "permit", "plan", "policy",
        "portal", "price", "product", "profile", "quota", "rating", "receipt", "refund", "region", "report", "request",
        "return", "review", "reward", "route", "seller", "session", "shelf", "shipment", "stock", "supplier", "ticket",
        "voucher",
    ];
    WORDS[(number % 64) as usize]
}

fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}
