//! Names in one batch. Not here: which batches there are.

use hashbrown::HashMap;
use model::batch::{AttributeView, Columns, Slice, StringId, ValueCell};
use model::{SpanBatch, Warning};
use storage::AttributeScope;

use super::{Name, Question, Tally, name_of};

/// Counts what the spans in these rows have.
pub(super) fn count(batch: &SpanBatch, rows: &[u32], question: &Question<'_>, tally: &mut Tally) {
    let columns = batch.columns();
    let wanted = question.wanted;
    let is_wanted = |row: usize| {
        let service = columns.resources[columns.resource[row] as usize].service;
        // What is pending counts when it has ended.
        !columns.warnings[row].has(Warning::EndMissing)
            && wanted.range.contains(columns.start[row])
            && wanted.service.as_ref().is_none_or(|wanted| columns.strings[service as usize] == **wanted)
    };
    let rows = rows.iter().map(|row| *row as usize).filter(|row| is_wanted(*row));
    match question.field.as_ref().map(|field| field.key_in(wanted.scope)) {
        None => count_keys(columns, rows, question, tally),
        Some(key) => count_values(columns, rows, key.unwrap_or_default(), question, tally),
    }
}

fn count_keys(columns: &Columns, rows: impl Iterator<Item = usize>, question: &Question<'_>, tally: &mut Tally) {
    // The last row that had each key, and how many had it.
    let mut counts: Vec<(usize, u64)> = vec![(usize::MAX, 0); columns.strings.len()];
    for row in rows {
        each_list(columns, row, question.wanted.scope, |list| {
            for cell in &columns.attributes[list.range()] {
                let (last, spans) = &mut counts[cell.key() as usize];
                if *last != row {
                    (*last, *spans) = (row, *spans + 1);
                }
            }
        });
    }
    for (text, (_, spans)) in columns.strings.iter().zip(counts).filter(|(_, (_, spans))| *spans > 0) {
        tally.add((text.to_string(), None), spans, question);
    }
}

fn count_values(
    columns: &Columns,
    rows: impl Iterator<Item = usize>,
    key: &str,
    question: &Question<'_>,
    tally: &mut Tally,
) {
    let find = |text: &str| columns.strings.iter().position(|known| known == text).map(|at| at as StringId);
    let Some(key) = find(key) else { return };
    let mut counts: HashMap<Name, u64> = HashMap::new();
    let mut texts: Vec<u64> = vec![0; columns.strings.len()];
    let mut of_row: Vec<ValueCell> = Vec::new();
    for row in rows {
        of_row.clear();
        each_list(columns, row, question.wanted.scope, |list| {
            for cell in columns.attributes[list.range()].iter().filter(|cell| cell.key() == key) {
                if !of_row.iter().any(|known| is_same(*known, cell.value())) {
                    of_row.push(cell.value());
                }
            }
        });
        for value in &of_row {
            let name = match *value {
                ValueCell::String(id) => {
                    texts[id as usize] += 1;
                    continue;
                }
                ValueCell::Bool(value) => name_of(AttributeView::Bool(value)),
                ValueCell::Int(value) => name_of(AttributeView::Int(value)),
                ValueCell::Double(value) => name_of(AttributeView::Double(value)),
                ValueCell::Empty | ValueCell::Other(_) => None,
            };
            name.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
        }
    }
    for (text, spans) in columns.strings.iter().zip(texts) {
        name_of(AttributeView::String(text)).into_iter().for_each(|name| tally.add(name, spans, question));
    }
    counts.into_iter().for_each(|(name, spans)| tally.add(name, spans, question));
}

/// Whether two values have one name.
fn is_same(left: ValueCell, right: ValueCell) -> bool {
    match (left, right) {
        // Not-a-number is one value here, and zero is two.
        (ValueCell::Double(left), ValueCell::Double(right)) => {
            left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan())
        }
        (left, right) => left == right,
    }
}

fn each_list(columns: &Columns, row: usize, scope: AttributeScope, mut give: impl FnMut(Slice)) {
    if scope.includes(AttributeScope::Span) {
        give(columns.span_attributes[row]);
    }
    if scope.includes(AttributeScope::Resource) {
        give(columns.resources[columns.resource[row] as usize].attributes);
    }
    if scope.includes(AttributeScope::Event) {
        columns.events[columns.span_events[row].range()].iter().for_each(|event| give(event.attributes));
    }
    if scope.includes(AttributeScope::Link) {
        columns.links[columns.span_links[row].range()].iter().for_each(|link| give(link.attributes));
    }
    if scope.includes(AttributeScope::Instrumentation) {
        give(columns.scopes[columns.scope[row] as usize].attributes);
    }
}
