//! Who runs in the shop: services, the languages they are written in, and the hosts they run on. Not here: what they do.

use std::sync::Arc;

use model::{Attributes, Resource};

use super::scopes::Language;
use crate::demo::random::Random;

/// A service of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Storefront,
    Gateway,
    Catalog,
    Recommendation,
    Pricing,
    Currency,
    Cart,
    Checkout,
    Inventory,
    Fraud,
    Payment,
    Shipping,
    OrderWorker,
    Accounting,
    Email,
    Scheduler,
}

/// What is known of a service before it starts.
#[derive(Clone, Copy)]
pub(crate) struct ServiceFacts {
    pub(crate) service: Service,
    pub(crate) name: &'static str,
    pub(crate) language: Language,
    pub(crate) version: &'static str,
    pub(crate) port: u16,
    instances: u64,
}

/// One running copy of a service.
pub(crate) struct Instance {
    pub(crate) resource: Arc<Resource>,
    /// How far its clock is behind; the shop has one host without a time server.
    pub(crate) clock_behind_nanos: u64,
}

/// In the order of [`Service`].
pub(crate) const SERVICES: [ServiceFacts; 16] = {
    use Language::*;
    [
        facts(Service::Storefront, "storefront", BrowserJs, "5.21.0", 0, 12),
        facts(Service::Gateway, "gateway", Go, "1.48.2", 8080, 3),
        facts(Service::Catalog, "catalog", Java, "3.9.1", 9090, 3),
        facts(Service::Recommendation, "recommendation", Python, "2.5.0", 9091, 2),
        facts(Service::Pricing, "pricing", Php, "7.2.4", 8081, 2),
        facts(Service::Currency, "currency", Cpp, "1.3.0", 9092, 1),
        facts(Service::Cart, "cart", Java, "4.1.7", 9093, 2),
        facts(Service::Checkout, "checkout", Rust, "0.31.0", 9094, 3),
        facts(Service::Inventory, "inventory", Go, "2.0.15", 9095, 2),
        facts(Service::Fraud, "fraud", Python, "1.12.3", 9096, 2),
        facts(Service::Payment, "payment", Kotlin, "6.4.0", 8082, 2),
        facts(Service::Shipping, "shipping", DotNet, "2.8.0", 8083, 2),
        facts(Service::OrderWorker, "order-worker", NodeJs, "1.7.9", 0, 2),
        facts(Service::Accounting, "accounting", Go, "0.9.4", 0, 1),
        facts(Service::Email, "email", Ruby, "2.2.1", 8084, 1),
        facts(Service::Scheduler, "scheduler", Python, "0.4.0", 0, 1),
    ]
};

/// The copy of `shipping` in the warehouse runs on a host whose clock is this far behind.
const WAREHOUSE_CLOCK_BEHIND_NANOS: u64 = 850_000_000;

const NODES: [&str; 5] = ["node-a1", "node-a2", "node-b1", "node-b2", "node-c1"];

const BROWSERS: [(&str, &str); 4] = [
    ("Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/148.0.0.0 Safari/537.36"),
    ("macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15"),
    ("Android", "Mozilla/5.0 (Android 16; Mobile; rv:151.0) Gecko/151.0 Firefox/151.0"),
    (
        "iOS",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile Safari/604.1",
    ),
];

/// Every running copy, by service.
pub(crate) fn instances(seed: u64) -> Vec<Vec<Instance>> {
    /// Streams of random numbers below this are taken by seconds of traffic.
    const STREAM_FIRST: u64 = 1 << 63;
    SERVICES
        .iter()
        .zip(STREAM_FIRST..)
        .map(|(facts, stream)| {
            let mut random = Random::of(seed, stream);
            (0..facts.instances).map(|number| instance(facts, number, &mut random)).collect()
        })
        .collect()
}

// === impl Service ===

impl Service {
    /// Its line of the table.
    pub(crate) fn facts(self) -> &'static ServiceFacts {
        &SERVICES[self as usize]
    }

    /// Its name as `service.name` has it.
    pub(crate) fn name(self) -> &'static str {
        self.facts().name
    }
}

const fn facts(
    service: Service,
    name: &'static str,
    language: Language,
    version: &'static str,
    port: u16,
    instances: u64,
) -> ServiceFacts {
    ServiceFacts { service, name, language, version, port, instances }
}

fn instance(facts: &ServiceFacts, number: u64, random: &mut Random) -> Instance {
    let in_warehouse = facts.service == Service::Shipping && number == 1;
    let mut attributes = Attributes::new();
    attributes.set("service.name", facts.name);
    attributes.set("service.namespace", "shop");
    attributes.set("service.version", facts.version);
    attributes.set("service.instance.id", format!("{:016x}{:016x}", random.next(), random.next()));
    attributes.set("deployment.environment.name", "production");
    let (language, sdk_version) = facts.language.sdk();
    attributes.set("telemetry.sdk.language", language);
    attributes.set("telemetry.sdk.name", "opentelemetry");
    attributes.set("telemetry.sdk.version", sdk_version);
    if facts.language == Language::BrowserJs {
        browser(&mut attributes, random);
    } else {
        machine(&mut attributes, facts, in_warehouse, random);
    }
    Instance {
        resource: Arc::new(Resource { attributes, ..Resource::default() }),
        clock_behind_nanos: if in_warehouse { WAREHOUSE_CLOCK_BEHIND_NANOS } else { 0 },
    }
}

fn browser(attributes: &mut Attributes, random: &mut Random) {
    let (platform, user_agent) = random.pick(&BROWSERS);
    attributes.set("browser.platform", platform);
    attributes.set("browser.language", random.pick(&["en-GB", "de-DE", "hu-HU", "ja-JP", "pt-BR"]));
    attributes.set("browser.mobile", matches!(platform, "Android" | "iOS"));
    attributes.set("user_agent.original", user_agent);
}

fn machine(attributes: &mut Attributes, facts: &ServiceFacts, in_warehouse: bool, random: &mut Random) {
    let (runtime, runtime_version) = facts.language.runtime();
    attributes.set("process.runtime.name", runtime);
    attributes.set("process.runtime.version", runtime_version);
    attributes.set("process.pid", 1 + random.below(400) as i64);
    attributes.set("os.type", "linux");
    if in_warehouse {
        attributes.set("host.name", "warehouse-berlin");
        return;
    }
    let node = random.pick(&NODES);
    attributes.set("host.name", node);
    attributes.set("k8s.node.name", node);
    attributes.set("k8s.namespace.name", "shop");
    attributes.set("k8s.deployment.name", facts.name);
    attributes
        .set("k8s.pod.name", format!("{}-{:08x}-{:05x}", facts.name, random.below(1 << 32), random.below(1 << 20)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_finds_its_own_line_of_the_table() {
        for facts in &SERVICES {
            assert_eq!(facts.service.name(), facts.name);
        }
    }
}
