//! What follows from an order: readers of the queue, each in a trace of its own that links back, and the way of the parcel.

use super::browse::{finish_visit, visit};
use crate::demo::shop::calls::{Reply, Route, exception, http, http_outside, inside};
use crate::demo::shop::data::{Statement, postgres, receive_order};
use crate::demo::shop::exceptions;
use crate::demo::shop::recorder::{Here, Recorder};
use crate::demo::shop::services::Service;

const BOOK: Statement = Statement {
    database: "ledger",
    operation: "INSERT",
    table: "bookings",
    text: "INSERT INTO bookings (order_id, account, debit_minor, credit_minor) VALUES ($1, $2, $3, $4)",
    median_micros: 2_200.0,
};
const PARCEL: Statement = Statement {
    database: "shipping",
    operation: "SELECT",
    table: "parcels",
    text: "SELECT state, carrier, updated_at FROM parcels WHERE tracking_code = $1",
    median_micros: 1_500.0,
};

/// Both readers of the queue take the order, each in its own time.
pub(super) fn follow_order(r: &mut Recorder<'_>, sent: Here, order: &str) {
    r.aside(|r| {
        r.work_with(38_000.0, 0.9);
        fulfil(r, sent, order);
    });
    r.aside(|r| {
        r.work_with(160_000.0, 0.9);
        book(r, sent, order);
    });
}

/// "Where is my parcel?"
pub(crate) fn track_parcel(r: &mut Recorder<'_>) {
    let page = visit(r, "/orders/{id}", "/orders/mine");
    let path = format!("/api/parcels/SHP{:07}", r.random.below(10_000_000));
    let route = Route { method: "GET", route: "/api/parcels/{code}", path: &path };
    http(r, page, Service::Gateway, route, |r, gateway| {
        let inner = Route { method: "GET", route: "/parcels/{code}", path: &path };
        http(r, gateway, Service::Shipping, inner, |r, here| {
            postgres(r, here, PARCEL, 1.0);
            let outside = Route { method: "GET", route: "/track", path: "/track" };
            http_outside(r, here, "carrier.example", outside, 130_000.0, Reply::Ok);
            Reply::Ok
        })
    });
    finish_visit(r, page);
}

fn fulfil(r: &mut Recorder<'_>, sent: Here, order: &str) {
    let here = receive_order(r, Service::OrderWorker, sent, order);
    r.work(900.0);
    let route = Route { method: "POST", route: "/parcels", path: "/parcels" };
    http(r, here, Service::Shipping, route, |r, shipping| {
        r.set(shipping, "app.order.id", order);
        r.work_with(22_000.0, 0.5);
        // The label is printed after the answer: this span outlives its parent.
        r.aside(|r| inside(r, shipping, "print label", |r, _| r.work_with(640_000.0, 0.4)));
        Reply::Ok
    });
    let route = Route { method: "POST", route: "/mails", path: "/mails" };
    http(r, here, Service::Email, route, |r, email| {
        inside(r, email, "OrderMail#render", |r, _| r.work(7_500.0));
        inside(r, email, "deliver", |r, deliver| {
            r.set(deliver, "server.address", "smtp.example");
            r.set(deliver, "server.port", 587);
            r.work_with(95_000.0, 0.6);
            if r.random.chance(1.2) {
                exception(r, deliver, exceptions::MAILBOX_REFUSED);
            }
        });
        Reply::Ok
    });
    r.end(here);
}

fn book(r: &mut Recorder<'_>, sent: Here, order: &str) {
    let here = receive_order(r, Service::Accounting, sent, order);
    for account in ["1200-receivables", "8400-revenue", "1776-vat"] {
        let booking = postgres(r, here, BOOK, 1.0);
        r.set(booking, "app.ledger.account", account);
    }
    r.work(400.0);
    r.end(here);
}
