//! The counts that follow from the requests which are stored. Not here: which ones are.

use std::collections::BTreeMap;

use super::content::{Content, MINUTES, SERVICES};

/// Of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OfService {
    pub(super) spans: u64,
    pub(super) errors: u64,
    /// Entry spans: roots and those of kind server.
    pub(super) requests: u64,
    pub(super) request_errors: u64,
    /// Entry spans, and failed ones, by minute.
    pub(super) minutes: Vec<(u64, u64)>,
    /// Spans by name and kind.
    pub(super) operations: BTreeMap<(&'static str, bool), u64>,
}

/// Of all services; requests are added and taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) services: Vec<OfService>,
}

impl Counts {
    pub(super) fn new() -> Self {
        let of_service = OfService {
            spans: 0,
            errors: 0,
            requests: 0,
            request_errors: 0,
            minutes: vec![(0, 0); MINUTES as usize],
            operations: BTreeMap::new(),
        };
        Self { services: vec![of_service; SERVICES.len()] }
    }

    pub(super) fn add(&mut self, content: &Content, number: u64) {
        self.change(content, number, |count| *count += 1);
    }

    pub(super) fn remove(&mut self, content: &Content, number: u64) {
        self.change(content, number, |count| *count -= 1);
    }

    fn change(&mut self, content: &Content, number: u64, change: impl Fn(&mut u64)) {
        let minute = content.minute(number) as usize;
        for span in content.spans(number) {
            let service = &mut self.services[span.service];
            let is_entry = span.is_server || span.parent == 0;
            change(&mut service.spans);
            change(service.operations.entry((span.name, span.is_server)).or_default());
            if is_entry {
                change(&mut service.requests);
                change(&mut service.minutes[minute].0);
            }
            if span.is_error {
                change(&mut service.errors);
            }
            if span.is_error && is_entry {
                change(&mut service.request_errors);
                change(&mut service.minutes[minute].1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crash::content::SPANS;

    #[test]
    fn what_is_added_and_taken_away_leaves_no_count() {
        let content = Content { seed: 1, begin: 0 };
        let mut counts = Counts::new();
        (0..100).for_each(|number| counts.add(&content, number));
        assert_eq!(counts.services.iter().map(|service| service.spans).sum::<u64>(), 100 * SPANS);
        assert!(counts.services.iter().map(|service| service.request_errors).sum::<u64>() > 0);
        (0..100).for_each(|number| counts.remove(&content, number));
        assert!(counts.services.iter().all(|service| service.spans + service.requests + service.errors == 0));
        assert!(counts.services.iter().all(|service| service.operations.values().all(|count| *count == 0)));
    }
}
