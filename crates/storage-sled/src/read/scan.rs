//! Which traces of a block match: names, zones and terms leave out most row groups, columns decide exactly in the others.

use model::{StatusCode, UnixNanos};
use storage::{Field, FieldCondition, TraceQuery};

use crate::block::{BlockError, RowTest, Term, Zone};
use crate::blocks::{OpenBlock, StoredBlock};

/// The numbers of all traces of which a span of a group up to `watermark` meets all span conditions, ascending.
pub(super) fn matching_traces(
    block: &StoredBlock,
    open: &OpenBlock,
    query: &TraceQuery,
    watermark: u64,
) -> Result<Vec<u32>, BlockError> {
    let scan = Scan { block, open, query, watermark };
    let Some((wanted, services)) = scan.wanted_shapes()? else { return Ok(Vec::new()) };
    let mut groups = u64::MAX;
    for condition in &query.fields {
        groups &= nominated(open, condition)?;
    }
    let mut tests = query.fields.iter().map(|field| open.spans.row_test(field)).collect::<Result<Vec<_>, _>>()?;
    let mut traces = Vec::new();
    for (number, zone) in open.spans.zones().iter().enumerate() {
        if groups >> number & 1 == 1 && zone.services & services != 0 && scan.may_match(zone) {
            scan.add_matches(number, zone, &wanted, &mut tests, &mut traces)?;
        }
    }
    traces.dedup();
    Ok(traces)
}

struct Scan<'a> {
    block: &'a StoredBlock,
    open: &'a OpenBlock,
    query: &'a TraceQuery,
    watermark: u64,
}

impl Scan<'_> {
    /// Whether each shape has the wanted service, name, kind and status; and the bits of the services of those that have.
    /// `None` when there is none.
    fn wanted_shapes(&self) -> Result<Option<(Vec<bool>, u64)>, BlockError> {
        let query = self.query;
        let mut services = 0;
        let mut wanted = Vec::new();
        for shape in self.open.spans.shape_views()? {
            let is_wanted = query.service.as_ref().is_none_or(|service| shape.service == service)
                && query.name.as_ref().is_none_or(|name| shape.name == name)
                && query.kind.is_none_or(|kind| shape.kind == kind)
                && (!query.errors_only || shape.status == StatusCode::Error);
            if is_wanted {
                services |= Zone::service_bit(shape.service_code);
            }
            wanted.push(is_wanted);
        }
        Ok((services != 0).then_some((wanted, services)))
    }

    fn may_match(&self, zone: &Zone) -> bool {
        let query = self.query;
        zone.start_min < query.range.to
            && query.range.from <= zone.start_max
            && (!query.errors_only || zone.errors > 0)
            && query.span_duration_min.is_none_or(|min| zone.duration_max >= min.0)
            && query.span_duration_max.is_none_or(|max| zone.duration_min <= max.0)
    }

    /// Appends the numbers of traces, ascending, some perhaps more than once.
    fn add_matches(
        &self,
        group: usize,
        zone: &Zone,
        wanted: &[bool],
        tests: &mut [RowTest<'_>],
        traces: &mut Vec<u32>,
    ) -> Result<(), BlockError> {
        let spans = &self.open.spans;
        let shapes = spans.shapes(group)?;
        let mut matches: Vec<bool> = shapes.iter().map(|shape| wanted[*shape as usize]).collect();
        self.keep_seen(group, &mut matches)?;
        self.keep_started(group, zone, &mut matches)?;
        self.keep_lasting(group, zone, &mut matches)?;
        if !matches.contains(&true) {
            return Ok(());
        }
        if !tests.is_empty() {
            let mut scan = spans.scan(group, shapes)?;
            tests.iter_mut().try_for_each(|test| scan.keep(test, &mut matches))?;
        }
        let first = spans.rows_of_group(group).start;
        let mut row = 0;
        while let Some(place) = matches[row..].iter().position(|matches| *matches) {
            let number = spans.trace_of_row(first + (row + place) as u32)?.ok_or(BlockError::Invalid("row number"))?;
            traces.push(number);
            // The rest of the trace adds nothing.
            row = ((spans.rows_of_trace(number)?.end - first) as usize).min(matches.len());
        }
        Ok(())
    }

    fn keep_seen(&self, group: usize, matches: &mut [bool]) -> Result<(), BlockError> {
        if self.block.is_seen_whole(self.watermark) {
            return Ok(());
        }
        let groups = self.open.annex.groups(group, matches.len())?;
        for (matches, group) in matches.iter_mut().zip(groups) {
            *matches &= self.block.record.group_first.saturating_add(group) <= self.watermark;
        }
        Ok(())
    }

    fn keep_started(&self, group: usize, zone: &Zone, matches: &mut [bool]) -> Result<(), BlockError> {
        let range = &self.query.range;
        if range.contains(zone.start_min) && range.contains(zone.start_max) {
            return Ok(());
        }
        let starts: Vec<UnixNanos> = self.open.spans.starts(group)?;
        for (matches, start) in matches.iter_mut().zip(starts) {
            *matches &= range.contains(start);
        }
        Ok(())
    }

    fn keep_lasting(&self, group: usize, zone: &Zone, matches: &mut [bool]) -> Result<(), BlockError> {
        let min = self.query.span_duration_min.map_or(0, |min| min.0);
        let max = self.query.span_duration_max.map_or(u64::MAX, |max| max.0);
        if min <= zone.duration_min && zone.duration_max <= max {
            return Ok(());
        }
        for (matches, duration) in matches.iter_mut().zip(self.open.spans.durations(group)?) {
            *matches &= (min..=max).contains(&duration);
        }
        Ok(())
    }
}

/// A condition with more string forms is not looked up in the term index: that would read it as often.
const FORMS_MAX: usize = 16;

/// The row groups that may have a value which meets the condition, by the term index.
fn nominated(open: &OpenBlock, condition: &FieldCondition) -> Result<u64, BlockError> {
    let forms = condition.test.forms().filter(|forms| forms.len() <= FORMS_MAX && !condition.is_negated);
    match (&condition.field, forms) {
        (Field::Attribute { key, .. }, Some(forms)) => {
            let groups = forms.iter().map(|form| open.spans.groups_with(Term::attribute(key, form)));
            groups.reduce(|left, right| Ok(left? | right?)).unwrap_or(Ok(0))
        }
        _ => Ok(u64::MAX),
    }
}
