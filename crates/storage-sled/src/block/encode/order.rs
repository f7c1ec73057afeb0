//! The order of rows: traces by first start, parents before children, depth first. Not here: row groups.

use model::UnixNanos;

use super::intake::{Intake, Row};

/// One trace in its place.
pub(super) struct TraceRows {
    /// Its number in the intake.
    pub(super) trace: u32,
    /// Its first row in the block.
    pub(super) first: usize,
    pub(super) rows: usize,
    pub(super) start: UnixNanos,
}

/// All rows in their places.
pub(super) struct Order {
    /// The row of the intake at each place.
    pub(super) rows: Vec<u32>,
    /// The place of each row's parent: lower than its own, or [`NO_PARENT`].
    pub(super) parents: Vec<u32>,
    pub(super) traces: Vec<TraceRows>,
}

/// There is none, it is not here, or the parents form a circle that is cut here.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// The order of all rows of `intake`, which are brought together by trace.
pub(super) fn order(intake: &mut Intake<'_>) -> Order {
    let bounds = bring_together(intake);
    let rows = &intake.rows;
    let first_start = |trace: usize| rows[bounds[trace]..bounds[trace + 1]].iter().map(|row| row.start).min();
    let starts: Vec<UnixNanos> =
        (0..intake.trace_ids.len()).map(|trace| first_start(trace).unwrap_or_default()).collect();
    let mut traces: Vec<u32> = (0..intake.trace_ids.len() as u32).collect();
    traces.sort_unstable_by_key(|trace| (starts[*trace as usize], intake.trace_ids[*trace as usize]));
    let mut order =
        Order { rows: Vec::with_capacity(rows.len()), parents: Vec::with_capacity(rows.len()), traces: Vec::new() };
    let mut forest = Forest::default();
    let mut members = Vec::new();
    for trace in traces {
        let first = order.rows.len();
        members.clear();
        members.extend(bounds[trace as usize] as u32..bounds[trace as usize + 1] as u32);
        forest.lay_out(rows, &mut members, &mut order);
        let start = starts[trace as usize];
        order.traces.push(TraceRows { trace, first, rows: order.rows.len() - first, start });
    }
    order
}

/// Sorts the rows by trace and gives where each trace begins: from here on a trace is read as one piece of memory.
fn bring_together(intake: &mut Intake<'_>) -> Vec<usize> {
    let mut bounds = vec![0usize; intake.trace_ids.len() + 1];
    intake.rows.iter().for_each(|row| bounds[row.trace as usize + 1] += 1);
    for trace in 1..bounds.len() {
        bounds[trace] += bounds[trace - 1];
    }
    let mut next = bounds.clone();
    let place = |row: &Row| {
        let place = &mut next[row.trace as usize];
        *place += 1;
        *place as u32 - 1
    };
    let mut places: Vec<u32> = intake.rows.iter().map(place).collect();
    // In place: a second copy of all rows would be the largest thing a builder holds.
    for at in 0..places.len() {
        while places[at] as usize != at {
            let place = places[at] as usize;
            intake.rows.swap(at, place);
            places.swap(at, place);
        }
    }
    bounds
}

/// Working memory for one trace at a time.
#[derive(Default)]
struct Forest {
    /// Span id and member, sorted.
    ids: Vec<(u64, u32)>,
    /// By member: the earliest of its children, and its next sibling.
    children: Vec<u32>,
    siblings: Vec<u32>,
    parents: Vec<u32>,
    places: Vec<u32>,
    stack: Vec<u32>,
}

impl Forest {
    /// Appends the rows of one trace. No recursion: a chain may be as long as the trace.
    fn lay_out(&mut self, rows: &[Row], members: &mut [u32], order: &mut Order) {
        let row = |member: &u32| &rows[*member as usize];
        if members.len() == 1 {
            order.rows.push(members[0]);
            order.parents.push(NO_PARENT);
            return;
        }
        members.sort_unstable_by_key(|member| (row(member).start, row(member).span_id, *member));
        self.ids.clear();
        self.ids.extend((0..).zip(&*members).map(|(place, member)| (row(member).span_id, place)));
        self.ids.sort_unstable();
        let count = members.len();
        for list in [&mut self.children, &mut self.siblings, &mut self.parents, &mut self.places] {
            list.clear();
            list.resize(count, NO_PARENT);
        }
        // From the latest to the earliest, so that each list of children begins with the earliest.
        for place in (0..count).rev() {
            let parent = self.find(row(&members[place]).parent_span_id);
            if parent != NO_PARENT && parent != place as u32 {
                self.parents[place] = parent;
                self.siblings[place] = std::mem::replace(&mut self.children[parent as usize], place as u32);
            }
        }
        for place in 0..count {
            if self.parents[place] == NO_PARENT {
                self.walk(place as u32, members, order);
            }
        }
        // What is left hangs on circles: each is cut at its earliest start.
        for place in 0..count {
            if self.places[place] == NO_PARENT {
                self.parents[place] = NO_PARENT;
                self.walk(place as u32, members, order);
            }
        }
    }

    fn find(&self, span_id: u64) -> u32 {
        let place = self.ids.partition_point(|(id, _)| *id < span_id);
        self.ids.get(place).filter(|(id, _)| *id == span_id).map_or(NO_PARENT, |(_, place)| *place)
    }

    fn walk(&mut self, root: u32, members: &[u32], order: &mut Order) {
        self.stack.push(root);
        while let Some(member) = self.stack.pop() {
            // A cut circle is entered again at its root.
            if self.places[member as usize] != NO_PARENT {
                continue;
            }
            self.places[member as usize] = order.rows.len() as u32;
            let parent = self.parents[member as usize];
            order.parents.push(if parent == NO_PARENT { NO_PARENT } else { self.places[parent as usize] });
            order.rows.push(members[member as usize]);
            let first = self.stack.len();
            let mut child = self.children[member as usize];
            while child != NO_PARENT {
                self.stack.push(child);
                child = self.siblings[child as usize];
            }
            self.stack[first..].reverse();
        }
    }
}
