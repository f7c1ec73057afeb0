//! Questions about counts: rate, errors and durations of services and span names, and who calls whom. Not here: which names there are.

use model::{EdgeCell, EdgeKey, Node, RedCell, SpanDuration, TimeRange, UnixNanos};

/// Width of the cells in which counts are kept. Ranges and steps are whole multiples of it.
pub const RED_CELL: SpanDuration = SpanDuration(60_000_000_000);

/// Rate, errors and durations of spans by the time of their start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedQuery {
    /// Widened outwards to whole minutes.
    pub range: TimeRange,
    /// Width of a point, rounded up to whole minutes; `None`: one point for the whole range.
    pub step: Option<SpanDuration>,
    /// Only this service.
    pub service: Option<String>,
    /// One series per service and span name rather than per service.
    pub by_name: bool,
    /// Only entry spans: kind server or consumer, or without a parent. What a service was asked to do, not what it asked of others.
    pub entry_only: bool,
}

/// Calls over edges, by the minute in which the client half began, or the server half where no client half was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgesQuery {
    /// Widened outwards to whole minutes.
    pub range: TimeRange,
    /// Width of a point, rounded up to whole minutes; `None`: one point for the whole range.
    pub step: Option<SpanDuration>,
    /// Only edges from or to this node.
    pub node: Option<Node>,
    /// With the halves that still wait for the other one, as they would be counted if it never came.
    /// Without them an edge is counted late, but never changes.
    pub provisional: bool,
}

/// One edge over time. An answer holds them sorted by key.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeSeries {
    /// From which node to which, and how.
    pub key: EdgeKey,
    /// Points that hold at least one call, ascending.
    pub points: Vec<EdgePoint>,
}

/// The calls over an edge that began within one step.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgePoint {
    /// Start of the step.
    pub start: UnixNanos,
    /// What happened in it, provisional calls included.
    pub cell: EdgeCell,
    /// How many of its calls are provisional: the other half may still move them to another edge.
    pub calls_provisional: u64,
}

/// The minutes and steps of a query, computed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedSteps {
    /// First minute inside.
    minute_first: u64,
    /// First minute after it.
    minute_end: u64,
    /// Minutes of a step, at least one.
    step_minutes: u64,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct RedSeries {
    /// The service.
    pub service: String,
    /// The span name; `None` when the query is not by name.
    pub name: Option<String>,
    /// Points that hold at least one span, ascending.
    pub points: Vec<RedPoint>,
}

/// The spans that started within one step.
#[derive(Clone, Debug, PartialEq)]
pub struct RedPoint {
    /// Start of the step.
    pub start: UnixNanos,
    /// What happened in it.
    pub cell: RedCell,
}

// === impl RedQuery ===

impl RedQuery {
    /// Its minutes and steps.
    pub fn steps(&self) -> RedSteps {
        RedSteps::of(self.range, self.step)
    }

    /// Start of the point to which a span with this start belongs; `None` outside the range.
    pub fn point_of(&self, start: UnixNanos) -> Option<UnixNanos> {
        self.steps().point_of_minute(start.0 / RED_CELL.0)
    }
}

// === impl EdgesQuery ===

impl EdgesQuery {
    /// Its minutes and steps.
    pub fn steps(&self) -> RedSteps {
        RedSteps::of(self.range, self.step)
    }

    /// Whether it asks for this edge.
    pub fn accepts(&self, key: &EdgeKey) -> bool {
        self.node.as_ref().is_none_or(|node| *node == key.client || *node == key.server)
    }
}

// === impl RedSteps ===

impl RedSteps {
    fn of(range: TimeRange, step: Option<SpanDuration>) -> RedSteps {
        let is_empty = range.from >= range.to;
        let minute_first = range.from.0 / RED_CELL.0;
        RedSteps {
            minute_first,
            minute_end: if is_empty { minute_first } else { range.to.0.div_ceil(RED_CELL.0) },
            step_minutes: step.map_or(u64::MAX, |step| step.0.div_ceil(RED_CELL.0).max(1)),
        }
    }

    /// First minute since 1970 that is inside.
    pub fn minute_first(&self) -> u64 {
        self.minute_first
    }

    /// The minutes since 1970 that are inside.
    pub fn minutes(&self) -> std::ops::Range<u64> {
        self.minute_first..self.minute_end
    }

    /// Whether a minute from `first` to `last`, both since 1970, is inside.
    pub fn meet(&self, first: u64, last: u64) -> bool {
        first < self.minute_end && self.minute_first <= last
    }

    /// Start of the point to which a cell belongs, given its minute since 1970; `None` outside the range.
    pub fn point_of_minute(&self, minute: u64) -> Option<UnixNanos> {
        if !(self.minute_first..self.minute_end).contains(&minute) {
            return None;
        }
        let step = (minute - self.minute_first) / self.step_minutes;
        Some(UnixNanos((self.minute_first + step * self.step_minutes) * RED_CELL.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::edge::Connection;

    fn query(from_secs: u64, to_secs: u64, step_secs: Option<u64>) -> RedQuery {
        let instant = |secs| UnixNanos(0).after(SpanDuration::from_secs(secs));
        RedQuery {
            range: TimeRange { from: instant(from_secs), to: instant(to_secs) },
            step: step_secs.map(SpanDuration::from_secs),
            service: None,
            by_name: false,
            entry_only: false,
        }
    }

    #[test]
    fn a_range_is_widened_to_whole_minutes() {
        let query = query(90, 130, None);
        let point = |secs: u64| query.point_of(UnixNanos(secs * 1_000_000_000)).map(|start| start.0 / 1_000_000_000);
        assert_eq!([59, 60, 179, 180].map(point), [None, Some(60), Some(60), None]);
    }

    #[test]
    fn a_step_is_rounded_up_to_whole_minutes() {
        let query = query(60, 600, Some(61));
        let point = |secs: u64| query.point_of(UnixNanos(secs * 1_000_000_000)).map(|start| start.0 / 1_000_000_000);
        assert_eq!([60, 179, 180, 599].map(point), [Some(60), Some(60), Some(180), Some(540)]);
    }

    #[test]
    fn edges_of_a_node_are_those_on_either_side_of_it() {
        let key = |client: &str, server: &str| EdgeKey {
            client: Node::service(client),
            server: Node::service(server),
            connection: Connection::Call,
        };
        let query = |node: Option<&str>| EdgesQuery {
            range: TimeRange::ALL,
            step: None,
            node: node.map(Node::service),
            provisional: true,
        };
        let accepted =
            |node| [key("web", "cart"), key("cart", "db"), key("web", "mail")].map(|key| query(node).accepts(&key));
        assert_eq!(accepted(None), [true, true, true]);
        assert_eq!(accepted(Some("cart")), [true, true, false]);
        assert_eq!(query(None).steps(), RedSteps::of(TimeRange::ALL, None));
    }

    #[test]
    fn the_last_instant_of_all_has_a_point_and_an_empty_range_has_none() {
        let all = RedQuery { range: TimeRange::ALL, ..query(0, 0, Some(60)) };
        assert!(all.point_of(UnixNanos(u64::MAX)).is_some());
        assert_eq!(query(90, 90, None).point_of(UnixNanos(90_000_000_000)), None);
    }
}
