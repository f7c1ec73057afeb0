//! What visitors and machines ask of the shop: one small program per request type, and how often each is run.

mod basket;
mod browse;
mod checkout;
mod cron;
mod orders;
mod payment;

use super::recorder::Recorder;

/// A request type: records the spans of one request from the first to the last.
pub(crate) type Program = fn(&mut Recorder<'_>);

/// Request types of visitors with their weights.
const BY_VISITORS: [(u64, Program); 6] = [
    (38, browse::product_page),
    (20, browse::search),
    (16, basket::add_item),
    (10, basket::view),
    (12, checkout::place_order),
    (4, orders::track_parcel),
];

/// Runs the request type of one visitor.
pub(crate) fn by_visitor(r: &mut Recorder<'_>) {
    let total: u64 = BY_VISITORS.iter().map(|(weight, _)| weight).sum();
    let mut ticket = r.random.below(total);
    for (weight, program) in BY_VISITORS {
        match ticket.checked_sub(weight) {
            Some(rest) => ticket = rest,
            None => return program(r),
        }
    }
}

/// What the cron daemon starts in `second`, if anything.
pub(crate) fn by_clock(second: u64) -> Option<Program> {
    const DAY_SECS: u64 = 86_400;
    const NIGHTLY_AT_SECS: u64 = 2 * 3_600;
    const STOCK_SYNC_EVERY_SECS: u64 = 300;
    if second % DAY_SECS == NIGHTLY_AT_SECS {
        Some(cron::reconcile_payments)
    } else if second.is_multiple_of(STOCK_SYNC_EVERY_SECS) {
        Some(cron::sync_stock)
    } else {
        None
    }
}
