//! What a minute keeps of one span name: counts, counts weighted by sampling, and traces to look at.

use super::{LatencyLog, RedCell};
use crate::exemplar::Exemplars;
use crate::id::TraceId;
use crate::span::SpanKind;
use crate::time::SpanDuration;

/// Stands for the names of a service beyond [`super::NAMES_MAX`].
pub const NAME_OTHER: &str = "__other__";

/// The weight of a span that stands for itself. Weights are fixed-point, so that sums do not depend on their order.
pub const WEIGHT_ONE: u64 = 1 << 16;

/// What the spans of a cell have in common, apart from the minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedKey {
    /// Their service.
    pub service: Box<str>,
    /// Their name.
    pub name: Box<str>,
    /// Their kind.
    pub kind: SpanKind,
    /// Whether a service was asked to do them: kind server or consumer, or without a parent.
    pub is_entry: bool,
}

/// A [`RedCell`] with what a page of one minute stores beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedDetail {
    /// The counts.
    pub cell: RedCell,
    /// Calls with each counted for as many as it was sampled from, in parts of [`WEIGHT_ONE`], saturating.
    pub calls_weighted: u64,
    /// Traces to look at.
    pub exemplars: Exemplars,
}

impl RedDetail {
    /// Counts one span of this weight.
    pub fn add(&mut self, trace_id: TraceId, duration: SpanDuration, is_error: bool, weight: u64) {
        self.count(trace_id, duration, is_error, weight);
        self.cell.durations.add(duration);
    }

    /// The same; the histogram gets the duration when `log` settles.
    pub(super) fn add_logged(
        &mut self,
        trace_id: TraceId,
        duration: SpanDuration,
        is_error: bool,
        weight: u64,
        log: &mut LatencyLog,
    ) {
        self.count(trace_id, duration, is_error, weight);
        log.add(duration, &mut self.cell.durations);
    }

    fn count(&mut self, trace_id: TraceId, duration: SpanDuration, is_error: bool, weight: u64) {
        self.cell.count(duration, is_error);
        self.calls_weighted = self.calls_weighted.saturating_add(weight);
        self.exemplars.add(trace_id, duration, is_error);
    }

    /// Adds disjoint spans that were counted elsewhere.
    pub fn merge(&mut self, other: &RedDetail) {
        self.cell.merge(&other.cell);
        self.calls_weighted = self.calls_weighted.saturating_add(other.calls_weighted);
        self.exemplars.merge(&other.exemplars);
    }
}

/// How many spans a sampled one stands for, by the W3C trace state it came with: `ot=th:<hex>` holds the threshold below
/// which the random bits of a trace were dropped, 56 bits padded on the right. [`WEIGHT_ONE`] when it does not say.
pub fn weight_of(trace_state: &str) -> u64 {
    const SPACE: u64 = 1 << 56;
    let Some(threshold) = threshold_of(trace_state) else { return WEIGHT_ONE };
    // Never zero: a threshold has at most 56 bits.
    let kept = SPACE - threshold;
    let weight = u128::from(SPACE) * u128::from(WEIGHT_ONE) / u128::from(kept);
    u64::try_from(weight).unwrap_or(u64::MAX)
}

fn threshold_of(trace_state: &str) -> Option<u64> {
    if trace_state.is_empty() {
        return None;
    }
    let member = trace_state.split(',').find_map(|member| member.trim().strip_prefix("ot="))?;
    let digits = member.split(';').find_map(|part| part.strip_prefix("th:"))?;
    let is_hex = (1..=14).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let padding = 4 * 14usize.saturating_sub(digits.len());
    u64::from_str_radix(digits, 16).ok().filter(|_| is_hex).map(|threshold| threshold << padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_beyond_all_numbers_stay_at_the_largest() {
        let trace_id = TraceId::new([1; 16]).expect("not zero");
        let mut cell = RedDetail::default();
        cell.add(trace_id, SpanDuration(1), false, u64::MAX);
        cell.add(trace_id, SpanDuration(1), false, WEIGHT_ONE);
        assert_eq!((cell.calls_weighted, cell.cell.calls), (u64::MAX, 2));
        cell.merge(&cell.clone());
        assert_eq!((cell.calls_weighted, cell.cell.calls), (u64::MAX, 4));
    }

    #[test]
    fn a_threshold_says_how_many_spans_one_stands_for() {
        let table = [
            ("", 1.0),
            ("vendor=x", 1.0),
            ("ot=th:0", 1.0),
            ("ot=th:8", 2.0),
            ("ot=th:c", 4.0),
            ("a=b, ot=rv:1;th:fd70a4,c=d", 100.0),
            ("ot=th:", 1.0),
            ("ot=th:xyz", 1.0),
            ("ot=th:+8", 1.0),
            ("ot=th:000000000000000", 1.0),
        ];
        for (trace_state, wanted) in table {
            let weight = weight_of(trace_state) as f64 / WEIGHT_ONE as f64;
            assert!((weight - wanted).abs() < wanted * 0.001, "{trace_state}: {weight}, wanted {wanted}");
        }
        assert_eq!(weight_of("ot=th:ffffffffffffff"), u64::MAX, "saturates");
    }
}
