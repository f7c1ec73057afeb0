//! Charging a card: up to three attempts with a growing wait between them, while the card company may be down.

use model::{Attributes, SpanKind};

use crate::demo::shop::calls::{Reply, Route, exception, http, http_outside, inside};
use crate::demo::shop::data::{Statement, postgres};
use crate::demo::shop::exceptions;
use crate::demo::shop::recorder::{Here, Recorder};
use crate::demo::shop::services::Service;

const SAVE_CHARGE: Statement = Statement {
    database: "payments",
    operation: "INSERT",
    table: "charges",
    text: "INSERT INTO charges (order_id, provider_ref, amount_minor, currency) VALUES ($1, $2, $3, $4)",
    median_micros: 2_400.0,
};

/// Attempts before the order fails.
const ATTEMPTS: i64 = 3;
/// First wait between attempts; it doubles.
const WAIT_MICROS: f64 = 120_000.0;
/// While the card company is down, this share of its answers is 503, in percent.
const DOWN_PERCENT: f64 = 85.0;

/// Charges the card for `order`.
pub(super) fn charge(r: &mut Recorder<'_>, checkout: Here, order: &str) -> Reply {
    let step = r.child(checkout, SpanKind::Internal, "charge card");
    let mut reply = Reply::Unavailable;
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            back_off(r, step, attempt);
        }
        reply = one_attempt(r, step, order, attempt);
        if reply == Reply::Ok {
            break;
        }
    }
    if reply != Reply::Ok {
        exception(r, step, exceptions::PAYMENT_GAVE_UP);
    }
    r.end(step);
    reply
}

fn back_off(r: &mut Recorder<'_>, step: Here, attempt: i64) {
    inside(r, step, "back off", |r, wait| {
        r.set(wait, "app.retry.attempt", attempt);
        r.work_with(WAIT_MICROS * f64::from(1 << (attempt - 1)), 0.1);
    });
}

fn one_attempt(r: &mut Recorder<'_>, step: Here, order: &str, attempt: i64) -> Reply {
    let route = Route { method: "POST", route: "/charges", path: "/charges" };
    http(r, step, Service::Payment, route, |r, here| {
        r.set(here, "app.order.id", order);
        if attempt > 0 {
            r.set(here, "http.request.resend_count", attempt);
        }
        let percent = if r.weather.card_company_is_down() { DOWN_PERCENT } else { 0.2 };
        let answer = if r.random.chance(percent) { Reply::Unavailable } else { Reply::Ok };
        let outside = Route { method: "POST", route: "/v2/charges", path: "/v2/charges" };
        let median = if answer == Reply::Ok { 84_000.0 } else { 410_000.0 };
        http_outside(r, here, "api.paybridge.example", outside, median, answer);
        if answer != Reply::Ok {
            exception(r, here, exceptions::CARD_COMPANY_UNAVAILABLE);
            return Reply::Unavailable;
        }
        let mut accepted = Attributes::new();
        accepted.set("app.card.network", r.random.pick(&["visa", "mastercard", "amex"]));
        accepted.set("app.card.three_d_secure", r.random.chance(60.0));
        r.event(here, "charge accepted", accepted);
        postgres(r, here, SAVE_CHARGE, 1.0);
        Reply::Ok
    })
}
