//! The term index: which row groups may hold a term. Not here: what a term is.

use hashbrown::HashMap;
use model::batch::AttributeView;

use super::super::BuildError;
use super::super::bytes::put_varint;
use super::super::directory::ChunkName;
use super::super::fuse::Fuse;
use super::super::layout::{Section, term};
use super::super::planes;
use super::super::schema::{Class, Field, Kind, SharedAttributes, SharedValue};
use super::super::term::{Term, TermKey, ValueForm};
use super::chunks::Chunks;
use super::cold::Cold;
use super::write::Encoding;

/// A column with at most so many different values is always in the index.
const INDEXED_ALWAYS: usize = 1_024;

/// Row groups by value of one column.
enum Seen {
    /// Nothing to search by.
    Nothing,
    /// By code of the dictionary, or by text of a plain column.
    Codes(Vec<u64>),
    Numbers(HashMap<u64, u64>),
}

/// Terms of a block in the making.
pub(super) struct Terms {
    columns: Vec<Seen>,
    span_shapes: Vec<u64>,
    event_shapes: Vec<u64>,
    link_shapes: Vec<u64>,
    /// Short hash and groups.
    index: Vec<(u32, u64)>,
    /// Of columns with mostly different values.
    filtered: Vec<u64>,
}

impl Terms {
    pub(super) fn new(encoding: &Encoding<'_>) -> Terms {
        let seen = |column: usize| match (encoding.tables.columns[column].field, encoding.tables.columns[column].class)
        {
            (Field::Attribute(_), Class::Dictionary | Class::Plain) => {
                Seen::Codes(vec![0; encoding.intake.columns.list[column].texts.len()])
            }
            (Field::Attribute(_), Class::Number) => Seen::Numbers(HashMap::new()),
            _ => Seen::Nothing,
        };
        Terms {
            columns: (0..encoding.tables.columns.len()).map(seen).collect(),
            span_shapes: vec![0; encoding.tables.span_shapes.len()],
            event_shapes: vec![0; encoding.tables.event_shapes.len()],
            link_shapes: vec![0; encoding.tables.link_shapes.len()],
            index: Vec::new(),
            filtered: Vec::new(),
        }
    }

    /// Notes what row group `group`, with rows `places`, has.
    pub(super) fn add(&mut self, encoding: &Encoding<'_>, group: usize, places: std::ops::Range<usize>, cold: &Cold) {
        let bit = 1u64 << group;
        for place in places {
            let row = encoding.row(place);
            self.span_shapes[encoding.facts(row).rank as usize] |= bit;
            for event in &encoding.intake.events[row.events.range()] {
                self.event_shapes[encoding.event_ranks[event.cells.shape as usize] as usize] |= bit;
            }
            for link in &encoding.intake.links[row.links.range()] {
                self.link_shapes[encoding.link_ranks[link.cells.shape as usize] as usize] |= bit;
            }
        }
        for (seen, cells) in self.columns.iter_mut().zip(&cold.cells) {
            cells.iter().for_each(|cell| seen.add(*cell, bit));
        }
    }

    /// Writes the index and the filters.
    pub(super) fn finish(mut self, encoding: &Encoding<'_>, chunks: &mut Chunks) -> Result<(), BuildError> {
        self.add_shapes(encoding);
        self.add_names(encoding);
        for column in 0..self.columns.len() {
            self.add_column(encoding, column);
        }
        self.put_index(chunks)?;
        self.put_filters(chunks)
    }

    /// What all rows of a shape have in common: constants, empty values, resource and scope.
    fn add_shapes(&mut self, encoding: &Encoding<'_>) {
        let tables = &encoding.tables;
        let kinds = [
            (&tables.span_shapes, std::mem::take(&mut self.span_shapes)),
            (&tables.event_shapes, std::mem::take(&mut self.event_shapes)),
            (&tables.link_shapes, std::mem::take(&mut self.link_shapes)),
        ];
        for (shapes, masks) in &kinds {
            for (shape, mask) in shapes.iter().zip(masks) {
                for slot in &shape.slots {
                    let column = tables.columns[slot.column as usize];
                    if let Some(constant) = slot.constant {
                        self.columns[slot.column as usize].add(constant, *mask);
                    } else if let (Class::None, Field::Attribute(key)) = (column.class, column.field) {
                        self.index.push((encoding.term_key(key).value(b"").short(), *mask));
                    }
                }
            }
        }
        let mut resources = vec![0u64; tables.resources.len()];
        let mut scopes = vec![0u64; tables.scopes.len()];
        let masks = &kinds[0].1;
        for (shape, mask) in tables.span_shapes.iter().zip(masks) {
            resources[shape.head.resource as usize] |= mask;
            scopes[shape.head.scope as usize] |= mask;
        }
        for (resource, mask) in tables.resources.iter().zip(resources) {
            let service = encoding.intake.strings.get(tables.services[resource.service as usize]);
            self.index.push((Term::service(service).short(), mask));
            self.add_shared(encoding, &resource.attributes, mask);
        }
        for (scope, mask) in tables.scopes.iter().zip(scopes) {
            self.add_shared(encoding, &scope.attributes, mask);
        }
        self.span_shapes.clone_from(masks);
    }

    fn add_shared(&mut self, encoding: &Encoding<'_>, attributes: &SharedAttributes, mask: u64) {
        let mut form = ValueForm::default();
        for (key, value) in attributes {
            let form = match value {
                SharedValue::Empty => &[],
                SharedValue::Text(text) => encoding.intake.strings.get(*text).as_bytes(),
                SharedValue::Bool(value) => form.of(AttributeView::Bool(*value)),
                SharedValue::Int(value) => form.of(AttributeView::Int(*value)),
                SharedValue::Double(value) => form.of(AttributeView::Double(*value)),
                SharedValue::Other(bytes) => bytes,
            };
            self.index.push((encoding.term_key(*key).value(form).short(), mask));
        }
    }

    fn add_names(&mut self, encoding: &Encoding<'_>) {
        let mut names: HashMap<u32, u64> = HashMap::new();
        for (shape, mask) in encoding.tables.span_shapes.iter().zip(&self.span_shapes) {
            *names.entry(shape.head.name).or_default() |= mask;
        }
        let cells = encoding.order.rows.len() as u64;
        let mut names: Vec<(u32, u64)> = names.into_iter().collect();
        names.sort_unstable();
        let terms = names.iter().map(|(name, mask)| (Term::name(encoding.intake.strings.get(*name)), *mask));
        self.add_terms(cells, terms.collect());
    }

    fn add_column(&mut self, encoding: &Encoding<'_>, column: usize) {
        let info = encoding.tables.columns[column];
        let Field::Attribute(key) = info.field else { return };
        let key = encoding.term_key(key);
        let known = &encoding.intake.columns.list[column];
        let terms = match &self.columns[column] {
            Seen::Nothing => return,
            Seen::Codes(masks) => known.texts.iter().zip(masks).map(|(text, mask)| (key.value(text), *mask)).collect(),
            Seen::Numbers(masks) => {
                let mut values: Vec<(u64, u64)> = masks.iter().map(|(value, mask)| (*value, *mask)).collect();
                values.sort_unstable();
                number_terms(key, info.kind, &values)
            }
        };
        self.add_terms(known.cells, terms);
    }

    /// Terms of a column with so many cells: to the index, or to the filters when most are different.
    fn add_terms(&mut self, cells: u64, terms: Vec<(Term, u64)>) {
        if terms.len() > INDEXED_ALWAYS && terms.len() as u64 * 2 > cells {
            self.filtered.extend(terms.iter().map(|(term, _)| term.0));
        } else {
            self.index.extend(terms.iter().map(|(term, mask)| (term.short(), *mask)));
        }
    }

    fn put_index(&mut self, chunks: &mut Chunks) -> Result<(), BuildError> {
        // A text of which every cell went elsewhere has no group.
        self.index.retain(|(_, mask)| *mask != 0);
        self.index.sort_unstable();
        self.index.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 |= if same { later.1 } else { 0 };
            same
        });
        for (number, terms) in (0..).zip(self.index.chunks(term::TERMS)) {
            let shorts: Vec<u64> = terms.iter().map(|(short, _)| u64::from(*short)).collect();
            let masks: Vec<u64> = terms.iter().map(|(_, mask)| *mask).collect();
            let mut bytes = Vec::new();
            put_varint(&mut bytes, terms.len() as u64);
            planes::put_either(Some(&mut chunks.packer), &mut bytes, &shorts)?;
            planes::put(Some(&mut chunks.packer), &mut bytes, &masks)?;
            let range = shorts.first().copied().zip(shorts.last().copied());
            chunks.add(ChunkName::new(Section::Term, term::INDEX + number, 0), bytes, range);
        }
        Ok(())
    }

    /// One filter per equal part of all hashes, so that a question reads one of them.
    fn put_filters(&mut self, chunks: &mut Chunks) -> Result<(), BuildError> {
        self.filtered.sort_unstable();
        self.filtered.dedup();
        if self.filtered.is_empty() {
            return Ok(());
        }
        let parts = self.filtered.len().div_ceil(term::FILTER_HASHES) as u64;
        let part = |hash: u64| (u128::from(hash) * u128::from(parts)) >> 64;
        for some in self.filtered.chunk_by(|a, b| part(*a) == part(*b)) {
            let fuse = Fuse::of(some).ok_or(BuildError::Full)?;
            let mut bytes = Vec::new();
            fuse.put(&mut bytes);
            let name = ChunkName::new(Section::Term, term::FILTER + part(some[0]) as u32, 0);
            chunks.add(name, bytes, some.first().copied().zip(some.last().copied()));
        }
        Ok(())
    }
}

impl Seen {
    fn add(&mut self, cell: u64, groups: u64) {
        match self {
            Seen::Nothing => {}
            Seen::Codes(masks) => masks[cell as usize] |= groups,
            Seen::Numbers(masks) => *masks.entry(cell).or_default() |= groups,
        }
    }
}

fn number_terms(key: TermKey, kind: Kind, values: &[(u64, u64)]) -> Vec<(Term, u64)> {
    let mut form = ValueForm::default();
    let term = |(value, mask): &(u64, u64)| {
        let view = match kind {
            Kind::Bool => AttributeView::Bool(*value != 0),
            Kind::Double => AttributeView::Double(f64::from_bits(*value)),
            _ => AttributeView::Int(*value as i64),
        };
        (key.value(form.of(view)), *mask)
    };
    values.iter().map(term).collect()
}
