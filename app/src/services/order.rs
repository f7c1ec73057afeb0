//! Order of the services: by any column, ties by name, so that two readers see the same.

use std::cmp::Ordering;

use api::ServiceItem;

use super::address::{Column, Sort};

/// Sorts in place.
pub(super) fn order(services: &mut [ServiceItem], sort: Sort) {
    // Unstable: names differ, so no two compare equal, and the stable sort is three times the code.
    services.sort_unstable_by(|a, b| {
        let by_value = compare(a, b, sort.column);
        let by_value = if sort.descending { by_value.reverse() } else { by_value };
        by_value.then_with(|| a.service.cmp(&b.service))
    });
}

fn compare(a: &ServiceItem, b: &ServiceItem, column: Column) -> Ordering {
    match column {
        Column::Service => a.service.cmp(&b.service),
        Column::Requests => a.requests.cmp(&b.requests),
        Column::Errors => {
            // a/b against c/d without division.
            let left = u128::from(a.request_errors) * u128::from(b.requests.max(1));
            left.cmp(&(u128::from(b.request_errors) * u128::from(a.requests.max(1))))
        }
        Column::P50 => a.p50.cmp(&b.p50),
        Column::P95 => a.p95.cmp(&b.p95),
        Column::P99 => a.p99.cmp(&b.p99),
        Column::Spans => a.spans.cmp(&b.spans),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(service: &str, requests: u64, request_errors: u64) -> ServiceItem {
        ServiceItem {
            service: service.into(),
            spans: 0,
            errors: 0,
            requests,
            request_errors,
            p50: 0,
            p95: 0,
            p99: 0,
            requests_over_time: Vec::new(),
            errors_over_time: Vec::new(),
        }
    }

    #[track_caller]
    fn check(column: Column, descending: bool, expected: &str) {
        let mut services = [item("b", 1000, 10), item("a", 10, 1), item("d", 1000, 0), item("c", 0, 0)];
        order(&mut services, Sort { column, descending });
        let names: String = services.iter().map(|item| item.service.as_str()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn ties_go_by_name_in_both_directions() {
        check(Column::Requests, true, "bdac");
        check(Column::Requests, false, "cabd");
        check(Column::Service, true, "dcba");
    }

    #[test]
    fn errors_are_ordered_by_share_not_by_number() {
        check(Column::Errors, true, "abcd");
    }
}
