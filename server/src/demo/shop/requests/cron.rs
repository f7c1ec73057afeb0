//! What no visitor asks for: jobs that the cron daemon starts, each the root of its own trace.

use model::SpanKind;

use crate::demo::shop::calls::{Reply, Route, http_outside, inside, rpc};
use crate::demo::shop::data::{Statement, postgres, redis};
use crate::demo::shop::recorder::{Here, Recorder};
use crate::demo::shop::services::Service;

const CHARGES_PAGE: Statement = Statement {
    database: "payments",
    operation: "SELECT",
    table: "charges",
    text: "SELECT id, provider_ref, amount_minor FROM charges WHERE settled_at IS NULL AND id > $1 ORDER BY id LIMIT 500",
    median_micros: 38_000.0,
};
const SETTLE: Statement = Statement {
    database: "payments",
    operation: "UPDATE",
    table: "charges",
    text: "UPDATE charges SET settled_at = now() WHERE id = ANY($1)",
    median_micros: 61_000.0,
};

/// Pages of the nightly job: enough rows to fill several screens.
const NIGHTLY_PAGES: i64 = 90;
/// Shelves that the stock job copies.
const STOCK_SHELVES: i64 = 8;

/// Every night: compares charges with the statement of the card company.
pub(crate) fn reconcile_payments(r: &mut Recorder<'_>) {
    let job = start(r, "reconcile-payments", "0 2 * * *");
    let path = "/v2/statements/yesterday";
    let route = Route { method: "GET", route: "/v2/statements/{day}", path };
    http_outside(r, job, "api.paybridge.example", route, 1_900_000.0, Reply::Ok);
    for page in 0..NIGHTLY_PAGES {
        inside(r, job, "reconcile page", |r, here| {
            r.set(here, "app.page", page);
            postgres(r, here, CHARGES_PAGE, 1.0);
            inside(r, here, "compare", |r, compare| {
                r.work(9_000.0);
                let differing = r.random.below(3) as i64;
                r.set(compare, "app.charges.differing", differing);
            });
            postgres(r, here, SETTLE, 1.0);
        });
    }
    r.end(job);
}

/// Every five minutes: copies the stock from the warehouse.
pub(crate) fn sync_stock(r: &mut Recorder<'_>) {
    let job = start(r, "sync-stock", "*/5 * * * *");
    for shelf in 0..STOCK_SHELVES {
        rpc(r, job, Service::Inventory, "shop.inventory.v1.Inventory/ReplaceShelf", |r, here| {
            r.set(here, "app.shelf", shelf);
            r.work(5_200.0);
            redis(r, here, "MSET", "stock:*");
            Reply::Ok
        });
    }
    r.end(job);
}

fn start(r: &mut Recorder<'_>, name: &str, schedule: &str) -> Here {
    let job = r.root(Service::Scheduler, SpanKind::Internal, name);
    r.set(job, "app.job.name", name);
    r.set(job, "app.job.schedule", schedule);
    r.work(1_500.0);
    job
}
