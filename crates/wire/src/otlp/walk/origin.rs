//! Resources and scopes: most requests repeat them byte by byte, so they are known by their bytes. Not here: their spans.

use model::batch::{AttributeCell, ResourceCell, ScopeCell, StringId, ValueCell};
use model::resource::SERVICE_UNKNOWN;
use model::{Warning, Warnings};

use super::Walk;
use super::words::{EMPTY, Level, List};
use crate::otlp::proto::value::count_from;
use crate::protobuf::cursor::{Cursor, Damaged};

/// The bytes of a resource and of its schema's URL, or of a scope and of its schema's URL.
pub(super) type Raw<'a> = (&'a [u8], &'a [u8]);

/// A resource or scope that was read.
pub(super) struct Known<'a> {
    /// `None` when these bytes cannot stand for it.
    raw: Option<Raw<'a>>,
    /// Noted about it.
    warnings: Warnings,
    /// Room that its lists took.
    charge_bytes: usize,
}

/// The fields of a `ResourceSpans` or `ScopeSpans` beside its spans.
struct Header<'a> {
    /// The last of each; those that came before count, too.
    raw: Raw<'a>,
    /// Whether there is at most one of each, so that `raw` is all.
    single: bool,
}

impl<'a> Walk<'a> {
    /// The number of the resource of a `ResourceSpans`, and what was noted about it.
    pub(super) fn resource(&mut self, resource_spans: &'a [u8]) -> Result<(u32, Warnings), Damaged> {
        let header = header_of(resource_spans)?;
        if let Some(number) = header.known(self.resource_numbers.get(&header.raw), &self.resources)
            && self.words.intake.charge_all(self.resources[number as usize].charge_bytes)
        {
            return Ok((number, self.resources[number as usize].warnings));
        }
        let room_before = self.words.intake.room_bytes();
        let cell = self.resource_cell(resource_spans)?;
        let warnings = self.words.intake.take_warnings();
        let number = self.columns.resources.len() as u32;
        let raw = header.raw_if_repeatable(warnings);
        if let Some(raw) = raw {
            self.resource_numbers.insert(raw, number);
        }
        let charge_bytes = room_before - self.words.intake.room_bytes();
        self.resources.push(Known { raw, warnings, charge_bytes });
        self.columns.resources.push(cell);
        Ok((number, warnings))
    }

    /// The number of the scope of a `ScopeSpans`, and what was noted about it.
    pub(super) fn scope(&mut self, scope_spans: &'a [u8]) -> Result<(u32, Warnings), Damaged> {
        let header = header_of(scope_spans)?;
        if let Some(number) = header.known(self.scope_numbers.get(&header.raw), &self.scopes)
            && self.words.intake.charge_all(self.scopes[number as usize].charge_bytes)
        {
            return Ok((number, self.scopes[number as usize].warnings));
        }
        let room_before = self.words.intake.room_bytes();
        let cell = self.scope_cell(scope_spans)?;
        let warnings = self.words.intake.take_warnings();
        let number = self.columns.scopes.len() as u32;
        let raw = header.raw_if_repeatable(warnings);
        if let Some(raw) = raw {
            self.scope_numbers.insert(raw, number);
        }
        let charge_bytes = room_before - self.words.intake.room_bytes();
        self.scopes.push(Known { raw, warnings, charge_bytes });
        self.columns.scopes.push(cell);
        Ok((number, warnings))
    }

    fn resource_cell(&mut self, resource_spans: &[u8]) -> Result<ResourceCell, Damaged> {
        let mut list = self.words.list(Level::Inner, EMPTY);
        let start = self.columns.attributes.len();
        let mut schema_url = EMPTY;
        let mut fields = Cursor::new(resource_spans);
        while let Some(tag) = fields.tag()? {
            match tag {
                // Protobuf merges repeated messages.
                0x0a => self.resource_fields(fields.bytes()?, &mut list)?,
                0x1a => schema_url = self.words.text(fields.bytes()?),
                _ => fields.skip(tag)?,
            }
        }
        let service = self.service(start);
        let attributes = self.run_since(start);
        Ok(ResourceCell { service, attributes, attributes_dropped: list.dropped(), schema_url })
    }

    fn resource_fields(&mut self, resource: &[u8], list: &mut List) -> Result<(), Damaged> {
        let mut fields = Cursor::new(resource);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x0a => self.words.attribute(fields.bytes()?, list, &mut self.columns.attributes)?,
                0x10 => list.dropped_by_client = count_from(fields.varint()?),
                _ => fields.skip(tag)?,
            }
        }
        Ok(())
    }

    /// What `model::Resource::service` says of the attributes since `start`.
    fn service(&mut self, start: usize) -> StringId {
        let dictionary = &mut self.words.dictionary;
        let mut cells = self.columns.attributes[start..].iter();
        let named = cells.find(|cell| dictionary.get(cell.key()) == Some("service.name"));
        match named.map(AttributeCell::value) {
            Some(ValueCell::String(id)) if id != EMPTY => id,
            _ => dictionary.intern(SERVICE_UNKNOWN),
        }
    }

    fn scope_cell(&mut self, scope_spans: &[u8]) -> Result<ScopeCell, Damaged> {
        let mut list = self.words.list(Level::Inner, EMPTY);
        let start = self.columns.attributes.len();
        let (mut name, mut version, mut schema_url) = (EMPTY, EMPTY, EMPTY);
        let mut messages = Cursor::new(scope_spans);
        while let Some(tag) = messages.tag()? {
            match tag {
                0x0a => {
                    let mut fields = Cursor::new(messages.bytes()?);
                    while let Some(tag) = fields.tag()? {
                        match tag {
                            0x0a => name = self.words.text(fields.bytes()?),
                            0x12 => version = self.words.text(fields.bytes()?),
                            0x1a => self.words.attribute(fields.bytes()?, &mut list, &mut self.columns.attributes)?,
                            0x20 => list.dropped_by_client = count_from(fields.varint()?),
                            _ => fields.skip(tag)?,
                        }
                    }
                }
                0x1a => schema_url = self.words.text(messages.bytes()?),
                _ => messages.skip(tag)?,
            }
        }
        let attributes = self.run_since(start);
        Ok(ScopeCell { name, version, attributes, attributes_dropped: list.dropped(), schema_url })
    }
}

fn header_of(message: &[u8]) -> Result<Header<'_>, Damaged> {
    let (mut shared, mut schema_url) = (&[][..], &[][..]);
    let (mut messages, mut schema_urls) = (0, 0);
    let mut fields = Cursor::new(message);
    while let Some(tag) = fields.tag()? {
        match tag {
            0x0a => (shared, messages) = (fields.bytes()?, messages + 1),
            0x1a => (schema_url, schema_urls) = (fields.bytes()?, schema_urls + 1),
            _ => fields.skip(tag)?,
        }
    }
    Ok(Header { raw: (shared, schema_url), single: messages <= 1 && schema_urls <= 1 })
}

impl<'a> Header<'a> {
    fn known(&self, number: Option<&u32>, known: &[Known<'a>]) -> Option<u32> {
        let number = number.filter(|_| self.single)?;
        // The number may have been forgotten, and given to another one since.
        let is_this = known.get(*number as usize).is_some_and(|known| known.raw == Some(self.raw));
        is_this.then_some(*number)
    }

    /// The bytes, when they will always be read as now. What was cut for want of room might be cut more next time.
    fn raw_if_repeatable(&self, warnings: Warnings) -> Option<Raw<'a>> {
        (self.single && !warnings.has(Warning::ListCut)).then_some(self.raw)
    }
}
