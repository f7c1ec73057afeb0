//! Keys and values of attributes with the numbers of spans that have them. Not here: names of services and spans (`names`).

mod block;
mod memory;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::SpanBatch;
use model::batch::AttributeView;
use storage::{Answer, AttributeValue, AttributesWanted, Field, Names, NamesQuery, ValueKind};

use super::names;
use crate::blocks::StoredBlock;
use crate::patience::Patience;
use crate::shared::Shared;

/// Different keys or values that one question holds; spans with others are not counted, and the answer says so.
const NAMES_MAX: usize = 100_000;

/// What is counted: a key, or the string form of a value with its type.
type Name = (String, Option<ValueKind>);

/// How many spans have each name.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<Name, u64>,
    is_over_full: bool,
}

/// What is asked of each part of the store.
struct Question<'a> {
    wanted: &'a AttributesWanted,
    /// `None`: its keys are asked for.
    field: Option<Field>,
}

/// The names asked for.
pub(crate) fn names(shared: &Shared, query: &NamesQuery, patience: &Patience) -> Answer<Names> {
    match query {
        NamesQuery::Services => names::services(shared),
        NamesQuery::Operations { service, kind } => names::operations(shared, service.as_deref(), *kind),
        NamesQuery::AttributeKeys(wanted) => {
            let counted = count(shared, &Question { wanted, field: None }, patience);
            answer(counted, wanted, |name| name.0, Names::AttributeKeys)
        }
        NamesQuery::AttributeValues { key, wanted } => {
            let field = Some(Field::attribute(wanted.scope, key));
            let counted = count(shared, &Question { wanted, field }, patience);
            let value = |(form, kind): Name| AttributeValue { form, kind: kind.unwrap_or(ValueKind::Text) };
            answer(counted, wanted, value, Names::AttributeValues)
        }
    }
}

fn answer<T: Ord>(
    counted: Answer<Tally>,
    wanted: &AttributesWanted,
    name: impl Fn(Name) -> T,
    list: impl FnOnce(Vec<(T, u64)>) -> Names,
) -> Answer<Names> {
    let Answer { value: tally, mut completeness } = counted;
    if tally.is_over_full {
        completeness.complete = false;
        completeness.reason = Some(format!("there are more than {NAMES_MAX} different ones: ask with a prefix"));
    }
    completeness.matched = tally.counts.len() as u64;
    let counted = tally.counts.into_iter().map(|(key, spans)| (name(key), spans)).collect();
    Answer { value: list(wanted.arrange(counted)), completeness }
}

fn count(shared: &Shared, question: &Question<'_>, patience: &Patience) -> Answer<Tally> {
    let (batches, blocks, scanned, watermark) = {
        let index = shared.index();
        let slots = index.generations.keys().flat_map(|number| index.batches_of(*number));
        let batches: Vec<(Arc<SpanBatch>, Vec<u32>)> =
            slots.map(|slot| (Arc::clone(&slot.batch), slot.rows.clone())).collect();
        (batches, Arc::clone(&index.blocks), index.spans, index.watermark)
    };
    let mut tally = Tally::default();
    let mut is_cut = false;
    for (batch, rows) in &batches {
        is_cut = is_cut || patience.is_over();
        if !is_cut {
            memory::count(batch, rows, question, &mut tally);
        }
    }
    for block in blocks.iter().filter(|block| may_count(block, question)) {
        is_cut = is_cut || patience.is_over();
        if !is_cut {
            match block::count(shared, block, question, patience, &mut tally) {
                Ok(is_whole) => is_cut = !is_whole,
                Err(error) => shared.note_damage(block, &error),
            }
        }
    }
    let mut completeness = shared.completeness(0, scanned, watermark);
    if is_cut {
        completeness.complete = false;
        completeness.reason = Some(patience.reason());
    }
    Answer { value: tally, completeness }
}

fn may_count(block: &StoredBlock, question: &Question<'_>) -> bool {
    block.record.starts.may_meet(&question.wanted.range)
}

/// String form and type; `None` for values that no question by value can ask for.
fn name_of(value: AttributeView<'_>) -> Option<Name> {
    Some(match value {
        AttributeView::String(text) => (text.to_owned(), Some(ValueKind::Text)),
        AttributeView::Bool(value) => (value.to_string(), Some(ValueKind::Bool)),
        AttributeView::Int(value) => (value.to_string(), Some(ValueKind::Int)),
        AttributeView::Double(value) => (value.to_string(), Some(ValueKind::Double)),
        AttributeView::Empty | AttributeView::Other(_) => return None,
    })
}

impl Tally {
    fn add(&mut self, name: Name, spans: u64, question: &Question<'_>) {
        if spans == 0 || !name.0.starts_with(&question.wanted.prefix) {
            return;
        }
        if let Some(count) = self.counts.get_mut(&name) {
            *count += spans;
        } else if self.counts.len() < NAMES_MAX {
            self.counts.insert(name, spans);
        } else {
            self.is_over_full = true;
        }
    }
}
