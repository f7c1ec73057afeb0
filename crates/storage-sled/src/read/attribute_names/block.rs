//! Names in one block. Keys are counted by shape; only events, links and values need columns. Not here: which blocks there are.

use hashbrown::HashMap;
use model::batch::AttributeView;
use storage::{Field, TraceQuery};

use super::super::scan::BlockScan;
use super::{NAMES_MAX, Name, Question, Tally, name_of};
use crate::block::{BlockError, FieldValues, Owner};
use crate::blocks::{OpenBlock, StoredBlock};
use crate::patience::Patience;
use crate::shared::Shared;

/// No value that is counted.
const NOTHING: u32 = u32::MAX;

/// Counts what the spans of the block have. `false` when patience ended before.
pub(super) fn count(
    shared: &Shared,
    block: &StoredBlock,
    question: &Question<'_>,
    patience: &Patience,
    tally: &mut Tally,
) -> Result<bool, BlockError> {
    let open = block.reader()?;
    let query = TraceQuery { service: question.wanted.service.clone(), ..TraceQuery::newest(question.wanted.range, 0) };
    let Some(mut scan) = BlockScan::new(shared, block, &open, &query, u64::MAX)? else { return Ok(true) };
    let mut counting = match &question.field {
        None => Counting::Keys(Keys::new(&open, question)?),
        Some(field) => Counting::Values(ValuesOf::new(&open, field, question)?),
    };
    if matches!(&counting, Counting::Values(values) if values.values.is_empty()) {
        return Ok(true);
    }
    for group in scan.candidates() {
        if patience.is_over() {
            counting.finish(&open, question, tally)?;
            return Ok(false);
        }
        let mut rows = scan.matching_rows(group)?;
        let shapes = scan.shapes(group)?;
        open.spans.scan(group, shapes.clone())?.keep_ended(&mut rows)?;
        match &mut counting {
            Counting::Keys(keys) => keys.add(&open, group, &rows, shapes)?,
            Counting::Values(values) => values.add(&open, group, &rows, shapes)?,
        }
    }
    counting.finish(&open, question, tally)?;
    Ok(true)
}

enum Counting {
    Keys(Keys),
    Values(ValuesOf),
}

impl Counting {
    fn finish(self, open: &OpenBlock, question: &Question<'_>, tally: &mut Tally) -> Result<(), BlockError> {
        match self {
            Counting::Keys(keys) => keys.finish(open, question, tally),
            Counting::Values(values) => {
                values.finish(question, tally);
                Ok(())
            }
        }
    }
}

/// Keys by shape, of spans, events and links.
struct Keys {
    keys: [Vec<Vec<u32>>; 3],
    /// Spans by shape.
    spans: Vec<u64>,
    /// Spans that have a key on an event or link and nowhere else, by key.
    others: HashMap<u32, u64>,
}

impl Keys {
    fn new(open: &OpenBlock, question: &Question<'_>) -> Result<Keys, BlockError> {
        let keys = |owner| open.spans.keys_by_shape(owner, question.wanted.scope);
        let keys = [keys(Owner::Span)?, keys(Owner::Event)?, keys(Owner::Link)?];
        Ok(Keys { spans: vec![0; keys[0].len()], keys, others: HashMap::new() })
    }

    fn add(&mut self, open: &OpenBlock, group: usize, rows: &[bool], shapes: Vec<u32>) -> Result<(), BlockError> {
        let Keys { keys: [of_spans, units @ ..], spans, others } = self;
        for (shape, _) in shapes.iter().zip(rows).filter(|(_, is_wanted)| **is_wanted) {
            spans[*shape as usize] += 1;
        }
        if !rows.contains(&true) || units.iter().flatten().all(Vec::is_empty) {
            return Ok(());
        }
        let mut scan = open.spans.scan(group, shapes.clone())?;
        let mut found: Vec<(u32, u32)> = Vec::new();
        for (owner, keys) in [Owner::Event, Owner::Link].into_iter().zip(units) {
            if keys.iter().all(Vec::is_empty) {
                continue;
            }
            scan.visit_units(owner, |row, shape| {
                if rows[row as usize] {
                    let known = &of_spans[shapes[row as usize] as usize];
                    let new = keys[shape as usize].iter().filter(|key| known.binary_search(key).is_err());
                    found.extend(new.map(|key| (row, *key)));
                }
            })?;
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().for_each(|(_, key)| *others.entry(key).or_default() += 1);
        Ok(())
    }

    fn finish(self, open: &OpenBlock, question: &Question<'_>, tally: &mut Tally) -> Result<(), BlockError> {
        let mut counts = self.others;
        for (keys, spans) in self.keys[0].iter().zip(&self.spans) {
            keys.iter().for_each(|key| *counts.entry(*key).or_default() += spans);
        }
        for (key, spans) in counts {
            tally.add((open.spans.key(key)?.to_owned(), None), spans, question);
        }
        Ok(())
    }
}

/// Values of a field under numbers, and how many spans have each.
struct ValuesOf {
    values: FieldValues,
    numbers: Numbers,
    counts: Vec<u64>,
}

/// Which name each number stands for.
struct Numbers {
    prefix: String,
    by_name: HashMap<Name, u32>,
    is_over_full: bool,
}

impl ValuesOf {
    fn new(open: &OpenBlock, field: &Field, question: &Question<'_>) -> Result<ValuesOf, BlockError> {
        let prefix = question.wanted.prefix.clone();
        let mut numbers = Numbers { prefix, by_name: HashMap::new(), is_over_full: false };
        let values = open.spans.field_values(field, |value| numbers.of(value))?;
        Ok(ValuesOf { values, numbers, counts: Vec::new() })
    }

    fn add(&mut self, open: &OpenBlock, group: usize, rows: &[bool], shapes: Vec<u32>) -> Result<(), BlockError> {
        let ValuesOf { values, numbers, counts } = self;
        if !rows.contains(&true) {
            return Ok(());
        }
        let mut found: Vec<(u32, u32)> = Vec::new();
        let note = |row, number| {
            if number != NOTHING {
                found.push((row, number));
            }
        };
        open.spans.scan(group, shapes)?.visit(values, rows, |value| numbers.of(value), note)?;
        counts.resize(numbers.by_name.len(), 0);
        // Mostly each row has one value, and they come row by row.
        if !found.is_sorted_by(|earlier, later| earlier.0 < later.0) {
            found.sort_unstable();
            found.dedup();
        }
        found.into_iter().for_each(|(_, number)| counts[number as usize] += 1);
        Ok(())
    }

    fn finish(mut self, question: &Question<'_>, tally: &mut Tally) {
        tally.is_over_full |= self.numbers.is_over_full;
        self.counts.resize(self.numbers.by_name.len(), 0);
        for (name, number) in self.numbers.by_name {
            tally.add(name, self.counts[number as usize], question);
        }
    }
}

impl Numbers {
    fn of(&mut self, value: AttributeView<'_>) -> u32 {
        let Some(name) = name_of(value).filter(|name| name.0.starts_with(&self.prefix)) else { return NOTHING };
        if let Some(number) = self.by_name.get(&name) {
            return *number;
        }
        if self.by_name.len() >= NAMES_MAX {
            self.is_over_full = true;
            return NOTHING;
        }
        let number = self.by_name.len() as u32;
        self.by_name.insert(name, number);
        number
    }
}
