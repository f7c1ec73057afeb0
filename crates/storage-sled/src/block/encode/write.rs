//! The paragraph in which a block is written, section by section.

use model::UnixNanos;

use super::super::directory::ChunkName;
use super::super::header::Header;
use super::super::layout::{Section, dictionary};
use super::super::schema::{Class, Field, Shape, Slot};
use super::super::tables::{self, Tables};
use super::super::term::TermKey;
use super::super::texts;
use super::super::zone::Zone;
use super::super::{Block, BlockSummary, BuildError, Starts};
use super::chunks::{Bundle, Chunks};
use super::cold::Cold;
use super::intake::{Intake, Row};
use super::order::{Order, order};
use super::terms::Terms;
use super::traces::Lines;
use super::{group, hot};

/// Dictionaries of at most so many texts are tried in the bundle.
const BUNDLED_TEXTS_MAX: usize = 256;

/// What is asked of a row's shape over and over.
pub(super) struct Facts {
    /// Its stored number.
    pub(super) rank: u32,
    pub(super) service: u32,
    pub(super) is_error: bool,
    /// Which of its cells holds warnings.
    pub(super) warnings: Option<usize>,
}

/// Everything that is known before the first byte is written.
pub(super) struct Encoding<'a> {
    pub(super) intake: Intake<'a>,
    pub(super) order: Order,
    pub(super) tables: Tables,
    /// By shape of the intake.
    pub(super) facts: Vec<Facts>,
    /// Stored number of each shape of the intake.
    pub(super) event_ranks: Vec<u32>,
    pub(super) link_ranks: Vec<u32>,
    /// By shape of the intake: place in the shape and column of all cells that are stored.
    pub(super) span_columns: Vec<Vec<(usize, u32)>>,
    pub(super) event_columns: Vec<Vec<(usize, u32)>>,
    pub(super) link_columns: Vec<Vec<(usize, u32)>>,
}

impl<'a> Encoding<'a> {
    fn new(mut intake: Intake<'a>) -> Encoding<'a> {
        let order = order(&mut intake);
        let columns = intake.columns.infos();
        let (span_shapes, shape_ranks) = intake.span_shapes.finish(&columns);
        let (event_shapes, event_ranks) = intake.event_shapes.finish(&columns);
        let (link_shapes, link_ranks) = intake.link_shapes.finish(&columns);
        let tables = Tables {
            services: std::mem::take(&mut intake.shared.services),
            resources: std::mem::take(&mut intake.shared.resources),
            scopes: std::mem::take(&mut intake.shared.scopes),
            columns,
            span_shapes,
            event_shapes,
            link_shapes,
        };
        let facts_of = |rank: &u32| {
            let shape = &tables.span_shapes[*rank as usize];
            let is_warnings = |column: u32| tables.columns[column as usize].field == Field::Warnings;
            Facts {
                rank: *rank,
                service: tables.resources[shape.head.resource as usize].service,
                is_error: shape.head.status == model::StatusCode::Error as u8,
                warnings: shape.slots.iter().position(|slot| is_warnings(slot.column)),
            }
        };
        let facts = shape_ranks.iter().map(facts_of).collect();
        let span_columns = stored(&tables, &tables.span_shapes, &shape_ranks);
        let event_columns = stored(&tables, &tables.event_shapes, &event_ranks);
        let link_columns = stored(&tables, &tables.link_shapes, &link_ranks);
        Encoding { intake, order, tables, facts, event_ranks, link_ranks, span_columns, event_columns, link_columns }
    }

    /// The row at a place of the block.
    pub(super) fn row(&self, place: usize) -> &Row {
        &self.intake.rows[self.order.rows[place] as usize]
    }

    /// What is known of the shape of a row.
    pub(super) fn facts(&self, row: &Row) -> &Facts {
        &self.facts[row.cells.shape as usize]
    }

    /// For the attribute whose key is this text.
    pub(super) fn term_key(&self, key: u32) -> TermKey {
        TermKey::new(self.intake.strings.get(key))
    }
}

fn stored(tables: &Tables, shapes: &[Shape], ranks: &[u32]) -> Vec<Vec<(usize, u32)>> {
    let is_stored = |slot: &Slot| slot.constant.is_none() && tables.columns[slot.column as usize].class != Class::None;
    let of_shape = |rank: &u32| {
        let slots = shapes[*rank as usize].slots.iter().enumerate();
        slots.filter(|(_, slot)| is_stored(slot)).map(|(place, slot)| (place, slot.column)).collect()
    };
    ranks.iter().map(of_shape).collect()
}

/// The block of everything in `intake`, which is not empty.
pub(super) fn write(tenant: u64, intake: Intake<'_>, opaque: Vec<(Section, Vec<u8>)>) -> Result<Block, BuildError> {
    let encoding = Encoding::new(intake);
    let groups = group::cut(&encoding.intake, &encoding.order)?;
    let mut chunks = Chunks::new()?;
    let mut cold = Cold::new(encoding.tables.columns.len());
    let mut terms = Terms::new(&encoding);
    let mut zones = Vec::with_capacity(groups.len());
    let mut lines = Lines::default();
    for (number, places) in groups.iter().enumerate() {
        zones.push(zone(&encoding, places.clone()));
        hot::put(&encoding, &mut chunks, number, places.clone())?;
        cold.put(&encoding, &mut chunks, number, places.clone())?;
        terms.add(&encoding, number, places.clone(), &cold);
        lines.add(&encoding, places.clone());
    }
    terms.finish(&encoding, &mut chunks)?;
    lines.put(&encoding, &mut chunks)?;
    put_dictionary(&encoding, &mut chunks)?;
    let mut bytes = Vec::new();
    Zone::put(&zones, &mut chunks.packer, &mut bytes)?;
    chunks.add(ChunkName::new(Section::Zone, 0, 0), bytes, None);
    for (section, bytes) in opaque {
        chunks.add_packed(ChunkName::new(section, 0, 0), bytes)?;
    }
    let summary = summary(&encoding, &zones, chunks.section_bytes());
    let header = Header {
        groups: summary.groups,
        tenant,
        rows: summary.rows,
        traces: summary.traces,
        start_min: summary.starts.min,
        start_max: summary.starts.max,
        end_max: summary.end_max,
        errors: summary.errors,
        chunks: 0,
        directory_bytes: 0,
        directory_crc: 0,
        length: 0,
    };
    let order = encoding.order.rows.iter().map(|row| encoding.intake.rows[*row as usize].pushed).collect();
    Ok(Block { bytes: chunks.finish(header)?, summary, order })
}

fn zone(encoding: &Encoding<'_>, places: std::ops::Range<usize>) -> Zone {
    let mut zone = Zone::NONE;
    for row in places.map(|place| encoding.row(place)) {
        let facts = encoding.facts(row);
        zone.add(row.start, row.end.since(row.start).0, facts.is_error, facts.service);
    }
    zone
}

fn put_dictionary(encoding: &Encoding<'_>, chunks: &mut Chunks) -> Result<(), BuildError> {
    let name = |column: u32| ChunkName::new(Section::Dictionary, column, 0);
    let strings: Vec<&[u8]> = encoding.intake.strings.list().iter().map(|text| text.as_bytes()).collect();
    let mut bytes = Vec::new();
    texts::put_list(Some(&mut chunks.packer), &mut bytes, &strings)?;
    chunks.add(name(dictionary::STRINGS), bytes, None);
    let mut bytes = Vec::new();
    tables::put(&mut bytes, &encoding.tables);
    chunks.add_packed(name(dictionary::TABLES), bytes)?;
    let mut bundle = Bundle::default();
    for (number, (info, column)) in (0..).zip(encoding.tables.columns.iter().zip(&encoding.intake.columns.list)) {
        if info.class != Class::Dictionary {
            continue;
        }
        let list: Vec<&[u8]> = column.texts.iter().map(|text| &**text).collect();
        let looks_small = list.len() <= BUNDLED_TEXTS_MAX;
        chunks.add_or_bundle(&mut bundle, name(dictionary::OF_COLUMN + number), looks_small, |packer, out| {
            texts::put_list(packer, out, &list)
        })?;
    }
    chunks.add_bundle(name(dictionary::BUNDLE), bundle)
}

fn summary(encoding: &Encoding<'_>, zones: &[Zone], sections: Vec<(Section, u64)>) -> BlockSummary {
    let name = |text: &u32| encoding.intake.strings.get(*text).to_owned();
    let ends = encoding.intake.rows.iter().map(|row| row.end.max(row.start));
    BlockSummary {
        rows: encoding.order.rows.len() as u32,
        traces: encoding.order.traces.len() as u32,
        groups: zones.len() as u8,
        errors: zones.iter().map(|zone| zone.errors).sum(),
        starts: Starts::of(encoding.intake.rows.iter().map(|row| row.start)),
        end_max: ends.max().unwrap_or(UnixNanos(0)),
        services: encoding.tables.services.iter().map(name).collect(),
        sections,
    }
}
