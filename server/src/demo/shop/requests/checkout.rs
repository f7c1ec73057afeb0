//! A visitor buys: the request that most services take part in.

use model::Value;

use super::basket::read_cart;
use super::browse::{finish_visit, price, product, visit};
use super::orders::follow_order;
use super::payment::charge;
use crate::demo::shop::calls::{Reply, Route, exception, http, inside, rpc};
use crate::demo::shop::data::{Statement, postgres, send_order};
use crate::demo::shop::exceptions;
use crate::demo::shop::recorder::{Here, Recorder};
use crate::demo::shop::services::Service;

const BEGIN: Statement =
    Statement { database: "orders", operation: "BEGIN", table: "orders", text: "BEGIN", median_micros: 260.0 };
const SAVE_ORDER: Statement = Statement {
    database: "orders",
    operation: "INSERT",
    table: "orders",
    text: "INSERT INTO orders (id, user_id, total_minor, currency, address) VALUES ($1, $2, $3, $4, $5)",
    median_micros: 2_900.0,
};
const COMMIT: Statement =
    Statement { database: "orders", operation: "COMMIT", table: "orders", text: "COMMIT", median_micros: 3_300.0 };
const RESERVE: Statement = Statement {
    database: "inventory",
    operation: "UPDATE",
    table: "stock",
    text: "UPDATE stock SET reserved = reserved + $2 WHERE sku = $1 AND available - reserved >= $2",
    median_micros: 3_100.0,
};

/// Places an order, and what follows from it later.
pub(crate) fn place_order(r: &mut Recorder<'_>) {
    let order = format!("o-{:08}", r.random.below(100_000_000));
    let page = visit(r, "/checkout", "/checkout");
    let route = Route { method: "POST", route: "/api/checkout", path: "/api/checkout" };
    http(r, page, Service::Gateway, route, |r, gateway| {
        rpc(r, gateway, Service::Checkout, "shop.checkout.v1.Checkout/PlaceOrder", |r, here| {
            r.set(here, "app.order.id", order.as_str());
            let coupons = ["WELCOME10", "ÖSZI25"].map(Value::from).to_vec();
            r.set(here, "app.order.coupons", Value::Array(coupons));
            buy(r, here, &order)
        })
    });
    finish_visit(r, page);
}

fn buy(r: &mut Recorder<'_>, here: Here, order: &str) -> Reply {
    let items = read_cart(r, here);
    if ask_everyone(r, here, items) != Reply::Ok {
        return Reply::Conflict;
    }
    let paid = charge(r, here, order);
    if paid != Reply::Ok {
        return paid;
    }
    save(r, here);
    let sent = send_order(r, here, order);
    let order = order.to_owned();
    // Nobody waits for the readers of the queue: they start when they get to it.
    r.aside(|r| follow_order(r, sent, &order));
    Reply::Ok
}

/// Stock, fraud, price and shipping are asked at the same time.
fn ask_everyone(r: &mut Recorder<'_>, here: Here, items: u64) -> Reply {
    let mut stock = Reply::Ok;
    let reserved = r.aside(|r| stock = reserve(r, here, items));
    let judged = r.aside(|r| check_fraud(r, here));
    let priced = r.aside(|r| {
        let product = product(r);
        price(r, here, &product);
    });
    let quoted = r.aside(|r| quote_shipping(r, here, items));
    for answer in [reserved, judged, priced, quoted] {
        r.wait_until(answer);
    }
    stock
}

fn reserve(r: &mut Recorder<'_>, here: Here, items: u64) -> Reply {
    const STATEMENTS_MAX: u64 = 6;
    rpc(r, here, Service::Inventory, "shop.inventory.v1.Inventory/Reserve", |r, here| {
        for _ in 0..items.min(STATEMENTS_MAX) {
            postgres(r, here, RESERVE, 1.0);
        }
        if r.random.chance(1.5) {
            exception(r, here, exceptions::OUT_OF_STOCK);
            return Reply::Conflict;
        }
        Reply::Ok
    })
}

fn check_fraud(r: &mut Recorder<'_>, here: Here) {
    rpc(r, here, Service::Fraud, "shop.fraud.v1.Fraud/Score", |r, here| {
        inside(r, here, "load features", |r, _| r.work(3_800.0));
        inside(r, here, "predict", |r, predict| {
            r.work_with(21_000.0, 0.7);
            let score = r.random.unit();
            r.set(predict, "app.fraud.score", score);
            r.set(predict, "app.fraud.model", "gbdt-41");
        });
        Reply::Ok
    });
}

fn quote_shipping(r: &mut Recorder<'_>, here: Here, items: u64) {
    let route = Route { method: "POST", route: "/quotes", path: "/quotes" };
    http(r, here, Service::Shipping, route, |r, here| {
        r.set(here, "app.parcel.items", items as i64);
        r.work_with(14_000.0, 0.5);
        Reply::Ok
    });
}

fn save(r: &mut Recorder<'_>, here: Here) {
    inside(r, here, "save order", |r, here| {
        for statement in [BEGIN, SAVE_ORDER, COMMIT] {
            postgres(r, here, statement, 1.0);
        }
    });
}
