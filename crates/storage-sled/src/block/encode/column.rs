//! Attribute columns while spans are taken in: one per owner, field and type, with the distinct texts seen so far.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::super::layout::Owner;
use super::super::schema::{Class, ColumnInfo, Field, Kind};

/// With so many different texts a column is looked at: if more than this share of its cells in hundredths are different,
/// texts are no longer compared. Not all at once: a few thousand values at random are mostly different at first, too.
const PLAIN_STEPS: [(usize, u64); 5] = [(1_024, 97), (4_096, 90), (16_384, 50), (65_536, 50), (262_144, 50)];

/// A column with at most so many cells keeps its dictionary, whatever is in it.
const DICTIONARY_CELLS_MIN: u64 = 8;

/// One column.
pub(super) struct Column<'a> {
    pub(super) owner: Owner,
    pub(super) field: Field,
    pub(super) kind: Kind,
    /// Cells so far, constants included.
    pub(super) cells: u64,
    /// A cell of a text column is an index into this.
    pub(super) texts: Vec<Cow<'a, [u8]>>,
    codes: HashTable<u32>,
    /// Most texts are different, so they are no longer compared: each cell has a text of its own.
    is_plain: bool,
}

/// All columns of a block.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) list: Vec<Column<'a>>,
    /// Column of each owner and field.
    of_field: Vec<u32>,
    /// Columns of attributes, by the number of the key's text: asked for every attribute of every span.
    of_key: Vec<[u32; OF_KEY]>,
    hasher: DefaultHashBuilder,
}

/// Three owners, six types.
const OF_KEY: usize = 18;
/// Numbers of fields.
const FIELDS: usize = 10;
const UNKNOWN: u32 = u32::MAX;

impl<'a> Columns<'a> {
    /// Of a field that is no attribute.
    pub(super) fn fixed(&mut self, owner: Owner, field: Field, kind: Kind) -> u32 {
        let place = owner as usize * FIELDS + usize::from(field.number());
        if self.of_field.len() <= place {
            self.of_field.resize(place + 1, UNKNOWN);
        }
        if self.of_field[place] == UNKNOWN {
            self.of_field[place] = self.add(owner, field, kind);
        }
        self.of_field[place]
    }

    fn add(&mut self, owner: Owner, field: Field, kind: Kind) -> u32 {
        let (texts, codes) = (Vec::new(), HashTable::new());
        self.list.push(Column { owner, field, kind, cells: 0, texts, codes, is_plain: false });
        self.list.len() as u32 - 1
    }

    pub(super) fn attribute(&mut self, owner: Owner, key: u32, kind: Kind) -> u32 {
        let place = owner as usize * Kind::ALL.len() + kind as usize;
        if let Some(known) = self.of_key.get(key as usize).filter(|known| known[place] != UNKNOWN) {
            return known[place];
        }
        let column = self.add(owner, Field::Attribute(key), kind);
        if self.of_key.len() <= key as usize {
            self.of_key.resize(key as usize + 1, [UNKNOWN; OF_KEY]);
        }
        self.of_key[key as usize][place] = column;
        column
    }

    /// The cell of a text in a column.
    pub(super) fn text(&mut self, column: u32, text: Cow<'a, [u8]>) -> u64 {
        self.list[column as usize].code(text, &self.hasher).into()
    }

    /// What is stored about each column.
    pub(super) fn infos(&self) -> Vec<ColumnInfo> {
        self.list.iter().map(Column::info).collect()
    }
}

impl<'a> Column<'a> {
    fn code(&mut self, text: Cow<'a, [u8]>, hasher: &DefaultHashBuilder) -> u32 {
        let next = self.texts.len() as u32;
        if self.is_plain {
            self.texts.push(text);
            return next;
        }
        let hash = hasher.hash_one(&*text);
        if let Some(code) = self.codes.find(hash, |code| self.texts[*code as usize] == text) {
            return *code;
        }
        let texts = &mut self.texts;
        texts.push(text);
        self.codes.insert_unique(hash, next, |code| hasher.hash_one(&*texts[*code as usize]));
        let step = PLAIN_STEPS.iter().find(|(count, _)| *count == texts.len());
        if step.is_some_and(|(count, share)| *count as u64 * 100 > self.cells * share) {
            self.is_plain = true;
            self.codes = HashTable::new();
        }
        next
    }

    fn info(&self) -> ColumnInfo {
        let mostly_different = self.texts.len() as u64 * 2 > self.cells && self.cells > DICTIONARY_CELLS_MIN;
        let class = match self.kind {
            Kind::Empty => Class::None,
            Kind::Bool | Kind::Int | Kind::Double => Class::Number,
            Kind::Text | Kind::Other if self.is_plain || mostly_different => Class::Plain,
            Kind::Text | Kind::Other => Class::Dictionary,
        };
        ColumnInfo { owner: self.owner, field: self.field, kind: self.kind, class }
    }
}
