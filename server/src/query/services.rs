//! The services page: counts of all spans, and rate, errors and durations of what each service was asked to do. Not here: asking the store.

use std::collections::BTreeMap;

use api::{ApiError, ServiceItem, ServiceList, ServicesRequest, TimePoint};
use model::{RedCell, SpanDuration, TimeRange, UnixNanos};
use storage::rollup::RED_CELL;
use storage::{Answer, RedQuery, RedSeries};

use super::search::{completeness_of, millis_of};

/// Most points of a sparkline.
const POINTS_MAX: u64 = 60;
/// Steps that people find round, minutes; beyond the last one, whole multiples of it.
const STEPS_MINUTES: [u64; 9] = [1, 2, 5, 10, 15, 30, 60, 360, 1_440];

/// The range and steps of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServicesQuestion {
    range: TimeRange,
    step: SpanDuration,
}

// === impl ServicesQuestion ===

impl ServicesQuestion {
    /// What `request` means at the moment `now`.
    pub(super) fn new(request: &ServicesRequest, now: UnixNanos) -> Result<ServicesQuestion, ApiError> {
        let range = whole_minutes(request.from, request.to, now)?;
        let step = SpanDuration(step_minutes(range.length().0.div_ceil(RED_CELL.0)) * RED_CELL.0);
        Ok(ServicesQuestion { range, step })
    }

    /// All spans, one number for the whole range.
    pub(super) fn of_all_spans(&self) -> RedQuery {
        RedQuery { range: self.range, step: None, service: None, by_name: false, entry_only: false }
    }

    /// Entry spans, step by step.
    pub(super) fn of_entry_spans(&self) -> RedQuery {
        RedQuery { step: Some(self.step), entry_only: true, ..self.of_all_spans() }
    }

    /// The answer to both questions.
    pub(super) fn list(&self, all: Answer<Vec<RedSeries>>, entries: Answer<Vec<RedSeries>>) -> ServiceList {
        let mut services: BTreeMap<String, ServiceItem> = BTreeMap::new();
        for series in all.value {
            let item = self.item_of(&mut services, series.service);
            for point in series.points {
                item.spans += point.cell.calls;
                item.errors += point.cell.errors;
            }
        }
        for series in entries.value {
            let item = self.item_of(&mut services, series.service.clone());
            self.add_entries(item, &series);
        }
        let mut completeness = completeness_of(all.completeness);
        completeness.complete &= entries.completeness.complete;
        completeness.watermark = completeness.watermark.min(entries.completeness.watermark);
        completeness.reason = completeness.reason.or(entries.completeness.reason);
        ServiceList {
            services: services.into_values().collect(),
            completeness,
            from_millis: self.range.from.millis(),
            to_millis: self.range.to.millis(),
            step_secs: self.step.0 / 1_000_000_000,
        }
    }

    fn points(&self) -> usize {
        let points = self.range.length().0.div_ceil(self.step.0);
        usize::try_from(points).expect("the step was chosen for at most sixty points")
    }

    fn item_of<'a>(&self, services: &'a mut BTreeMap<String, ServiceItem>, service: String) -> &'a mut ServiceItem {
        let points = self.points();
        services.entry(service.clone()).or_insert_with(|| ServiceItem {
            service,
            spans: 0,
            errors: 0,
            requests: 0,
            request_errors: 0,
            p50: 0,
            p95: 0,
            p99: 0,
            requests_over_time: vec![0; points],
            errors_over_time: vec![0; points],
        })
    }

    fn add_entries(&self, item: &mut ServiceItem, series: &RedSeries) {
        let mut whole = RedCell::default();
        for point in &series.points {
            let step = (point.start.since(self.range.from).0 / self.step.0) as usize;
            if let (Some(requests), Some(errors)) =
                (item.requests_over_time.get_mut(step), item.errors_over_time.get_mut(step))
            {
                *requests += point.cell.calls;
                *errors += point.cell.errors;
            }
            whole.merge(&point.cell);
        }
        let quantile = |share| whole.durations.quantile(share).unwrap_or_default().0;
        item.requests = whole.calls;
        item.request_errors = whole.errors;
        (item.p50, item.p95, item.p99) = (quantile(0.50), quantile(0.95), quantile(0.99));
    }
}

/// The range that is counted: cells are as wide as minutes.
pub(super) fn whole_minutes(from: TimePoint, to: TimePoint, now: UnixNanos) -> Result<TimeRange, ApiError> {
    let (from, to) = millis_of(from, to, now)?;
    let minute_first = UnixNanos::from_millis(from).0 / RED_CELL.0;
    let minute_end = UnixNanos::from_millis(to).0.div_ceil(RED_CELL.0);
    Ok(TimeRange {
        from: UnixNanos(minute_first.saturating_mul(RED_CELL.0)),
        to: UnixNanos(minute_end.saturating_mul(RED_CELL.0)),
    })
}

/// The smallest round step that needs no more than [`POINTS_MAX`] points.
fn step_minutes(minutes: u64) -> u64 {
    let least = minutes.div_ceil(POINTS_MAX).max(1);
    let largest = STEPS_MINUTES[STEPS_MINUTES.len() - 1];
    STEPS_MINUTES.into_iter().find(|step| *step >= least).unwrap_or(least.div_ceil(largest) * largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::TimePoint;

    fn question(secs: u64) -> ServicesQuestion {
        let request = ServicesRequest { from: TimePoint::BeforeNow { secs }, to: TimePoint::NOW };
        ServicesQuestion::new(&request, UnixNanos(1_700_000_000_000_000_000)).expect("a valid range")
    }

    #[test]
    fn no_range_has_more_than_sixty_points() {
        for secs in [1, 900, 3_600, 86_400, 7 * 86_400, 400 * 86_400, 1_700_000_000] {
            let points = question(secs).points();
            assert!((1..=60).contains(&points), "{secs} s: {points} points");
        }
        assert_eq!([15, 61, 1_440, 10_080].map(step_minutes), [1, 2, 30, 360]);
    }

    #[test]
    fn the_end_of_all_time_is_a_valid_range() {
        let request = ServicesRequest { from: TimePoint::At { millis: 0 }, to: TimePoint::At { millis: u64::MAX } };
        let question = ServicesQuestion::new(&request, UnixNanos(0)).expect("a valid range");
        assert!(question.points() <= 60);
    }
}
