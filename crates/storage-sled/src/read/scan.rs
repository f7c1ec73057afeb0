//! Which traces of a block match: names, zones and terms leave out most row groups, columns decide exactly in the others.

use std::sync::Arc;

use model::StatusCode;
use storage::{Field, FieldCondition, TraceQuery};

use crate::block::{BlockError, Packed, RowTest, Table, Term, Zone};
use crate::blocks::{OpenBlock, StoredBlock};
use crate::hot::{self, Cells, Hot};
use crate::shared::Shared;

/// A condition with more string forms is not looked up in the term index: that would read it as often.
const FORMS_MAX: usize = 16;

/// A block that is searched.
pub(super) struct BlockScan<'a> {
    shared: &'a Shared,
    block: &'a StoredBlock,
    open: &'a OpenBlock,
    query: &'a TraceQuery,
    watermark: u64,
    /// The shapes of which rows may match; `None` when those of all may.
    wanted: Option<Table>,
    /// Bits of the services of those shapes.
    services: u64,
    /// Row groups that the term index nominates.
    groups: u64,
    tests: Vec<RowTest<'a>>,
}

/// Traces that were given before, as bits: a large one lies in several row groups.
pub(super) struct Seen(Vec<u64>);

impl Seen {
    pub(super) fn new(traces: u32) -> Seen {
        Seen(vec![0; traces as usize / 64 + 1])
    }

    /// Whether it was new.
    fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = (&mut self.0[number as usize / 64], 1u64 << (number % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

impl<'a> BlockScan<'a> {
    /// `None` when no row can match.
    pub(super) fn new(
        shared: &'a Shared,
        block: &'a StoredBlock,
        open: &'a OpenBlock,
        query: &'a TraceQuery,
        watermark: u64,
    ) -> Result<Option<BlockScan<'a>>, BlockError> {
        let spans = &open.spans;
        let shapes = spans.shape_views()?;
        let mut wanted: Vec<bool> = shapes
            .iter()
            .map(|shape| {
                query.service.as_ref().is_none_or(|service| shape.service == service)
                    && query.name.as_ref().is_none_or(|name| shape.name == name)
                    && query.kind.is_none_or(|kind| shape.kind == kind)
                    && (!query.errors_only || shape.status == StatusCode::Error)
            })
            .collect();
        let mut tests = Vec::with_capacity(query.fields.len());
        for condition in &query.fields {
            let test = spans.row_test(condition)?;
            let may_meet = spans.shapes_that_may_meet(&test)?;
            wanted.iter_mut().zip(may_meet).for_each(|(wanted, may_meet)| *wanted &= may_meet);
            tests.push(test);
        }
        let of_wanted = shapes.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
        let services = of_wanted.fold(0, |bits, (shape, _)| bits | Zone::service_bit(shape.service_code));
        let mut groups = u64::MAX;
        for condition in query.fields.iter().filter(|_| services != 0) {
            groups &= nominated(open, condition)?;
        }
        let wanted = wanted.contains(&false).then(|| Table::new(wanted));
        let scan = BlockScan { shared, block, open, query, watermark, wanted, services, groups, tests };
        Ok((services != 0 && groups != 0).then_some(scan))
    }

    /// The row groups that may have a match, ascending.
    pub(super) fn candidates(&self) -> Vec<usize> {
        let query = self.query;
        let may_match = |(number, zone): &(usize, &Zone)| {
            self.groups >> number & 1 == 1
                && zone.services & self.services != 0
                && zone.start_min < query.range.to
                && query.range.from <= zone.start_max
                && (!query.errors_only || zone.errors > 0)
                && query.span_duration_min.is_none_or(|min| zone.duration_max >= min.0)
                && query.span_duration_max.is_none_or(|max| zone.duration_min <= max.0)
        };
        self.open.spans.zones().iter().enumerate().filter(may_match).map(|(number, _)| number).collect()
    }

    /// Appends the numbers of traces of which a span in the row group matches, ascending, and not those that were seen.
    pub(super) fn matching_traces(
        &mut self,
        group: usize,
        seen: &mut Seen,
        traces: &mut Vec<u32>,
    ) -> Result<(), BlockError> {
        let matches = self.matching_rows(group)?;
        let spans = &self.open.spans;
        let (rows, bounds) = (spans.rows_of_group(group), spans.trace_bounds()?);
        let mut number = bounds.partition_point(|bound| *bound <= rows.start) - 1;
        let mut row = 0;
        while row < matches.len() {
            let end = ((bounds[number + 1] - rows.start) as usize).min(matches.len());
            if matches[row..end].contains(&true) && seen.insert(number as u32) {
                traces.push(number as u32);
            }
            number += 1;
            row = end;
        }
        Ok(())
    }

    /// The shape of each row of a group.
    pub(super) fn shapes(&self, group: usize) -> Result<Vec<u32>, BlockError> {
        Ok(self.column(Hot::Shape, group)?.to_shorts())
    }

    /// Whether each row of a group matches.
    pub(super) fn matching_rows(&mut self, group: usize) -> Result<Vec<bool>, BlockError> {
        let zone = self.open.spans.zones()[group];
        let mut matches = vec![true; zone.rows as usize];
        if let Some(wanted) = &self.wanted {
            self.column(Hot::Shape, group)?.retain_listed(&mut matches, wanted);
        }
        self.keep_lasting(group, &zone, &mut matches)?;
        self.keep_started(group, &zone, &mut matches)?;
        self.keep_seen(group, &mut matches)?;
        if !self.tests.is_empty() && matches.contains(&true) {
            let cells = Cells { shared: self.shared, block: self.block, group };
            let mut scan = self.open.spans.scan(group, self.shapes(group)?)?.keeping(&cells);
            for test in &mut self.tests {
                scan.keep(test, &mut matches)?;
            }
        }
        Ok(matches)
    }

    fn column(&self, column: Hot, group: usize) -> Result<Arc<Packed>, BlockError> {
        hot::column(self.shared, self.block, self.open, column, group)
    }

    fn keep_seen(&self, group: usize, matches: &mut [bool]) -> Result<(), BlockError> {
        if self.block.is_seen_whole(self.watermark) || !matches.contains(&true) {
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
        if (range.contains(zone.start_min) && range.contains(zone.start_max)) || !matches.contains(&true) {
            return Ok(());
        }
        match range.to.0.checked_sub(1) {
            Some(last) => self.column(Hot::Start, group)?.retain_between(matches, range.from.0, last),
            None => matches.fill(false),
        }
        Ok(())
    }

    fn keep_lasting(&self, group: usize, zone: &Zone, matches: &mut [bool]) -> Result<(), BlockError> {
        let min = self.query.span_duration_min.map_or(0, |min| min.0);
        let max = self.query.span_duration_max.map_or(u64::MAX, |max| max.0);
        if (min <= zone.duration_min && zone.duration_max <= max) || !matches.contains(&true) {
            return Ok(());
        }
        self.column(Hot::Duration, group)?.retain_between(matches, min, max);
        Ok(())
    }
}

/// The row groups that may have a value which meets the condition, by the term index.
fn nominated(open: &OpenBlock, condition: &FieldCondition) -> Result<u64, BlockError> {
    let forms = condition.test.forms().filter(|forms| forms.len() <= FORMS_MAX && !condition.is_negated);
    let (Field::Attribute { key, .. }, Some(forms)) = (&condition.field, forms) else { return Ok(u64::MAX) };
    forms.iter().try_fold(0, |groups, form| Ok(groups | open.spans.groups_with(Term::attribute(key, form))?))
}
