//! Reads a broken protobuf request span by span. Not here: why it broke.
//!
//! First by structure: messages that reach beyond their end are taken as cut off, and what stands whole in them is read.
//! Where the structure is lost, the bytes that follow are searched for what begins like a span, a resource or a scope.

use model::{Resource, Scope};

use super::proto::{message, resource_attributes, resource_of, scope_fields, scope_of, span};
use crate::assemble::{Assembler, Origin};
use crate::decoded::{DecodeError, Decoded};
use crate::fault::Fault;
use crate::intake::AttributesDraft;
use crate::limits::Limits;
use crate::protobuf::read::{Field, Overrun, Part, varint};

/// Why a span of a damaged request is not among those read.
const DAMAGED: &str = "damaged or cut off";
/// How often each byte of a request may be looked at in search of spans, on average: bytes that look like the beginnings
/// of many long spans must not cost their product.
const SEARCH_FACTOR_MAX: usize = 8;

/// Where a span's own fields begin as every known client writes them: a trace id, then a span id.
const SPAN_IDS_BYTES: usize = 28;
const TRACE_ID_HEADER: [u8; 2] = [0x0a, 16];
const SPAN_ID_HEADER: [u8; 2] = [0x12, 8];
/// Number of the text beside resource and scope.
const SCHEMA_URL: u64 = 3;
/// Tags of the messages searched for.
const SPAN_TAG: u8 = 0x12;
const ORIGIN_TAG: u8 = 0x0a;

/// Reads what can be read. `fault` is what was found to be wrong, and the error when there is nothing.
pub(super) fn decode(bytes: &[u8], limits: &Limits, fault: Fault) -> Result<Decoded, DecodeError> {
    let mut salvage = Salvage {
        assembler: Assembler::new(bytes.len(), limits),
        origin: Origin::default(),
        search_room_bytes: bytes.len().saturating_mul(SEARCH_FACTOR_MAX),
    };
    salvage.request(Part::whole(bytes));
    if salvage.assembler.is_empty() {
        return Err(fault.of("OTLP protobuf"));
    }
    Ok(salvage.assembler.finish_salvaged())
}

struct Salvage<'l> {
    assembler: Assembler<'l>,
    /// Who produced the spans at the place reached.
    origin: Origin,
    /// Bytes which the search may still look at.
    search_room_bytes: usize,
}

impl Salvage<'_> {
    /// Takes each field, until the structure is lost, and searches the rest.
    fn each_field(&mut self, part: Part<'_>, mut take: impl FnMut(&mut Self, Field<'_>) -> Result<(), Fault>) {
        for field in part.fields(Overrun::Clamp) {
            if let Err(fault) = field.and_then(|field| take(self, field)) {
                self.search(part.after(fault.position - part.position));
                return;
            }
        }
    }

    fn request(&mut self, part: Part<'_>) {
        self.each_field(part, |salvage, field| {
            let resource_spans = message(field, 1)?.ok_or(lost(field))?;
            // One level may be missing, when a wrong length before it ended in the wrong place.
            if !begins_like_resource(resource_spans.bytes) || !salvage.take_resource(resource_spans) {
                salvage.unless_empty(|salvage| salvage.resource_spans(resource_spans));
            }
            Ok(())
        });
    }

    /// What holds neither span nor resource was the middle of something else: the origin before it still holds.
    fn unless_empty(&mut self, take: impl FnOnce(&mut Self)) {
        let (origin, before) = (self.origin.clone(), self.assembler.spans_met());
        take(self);
        if self.assembler.spans_met() == before && self.origin.resource.attributes.is_empty() {
            self.origin = origin;
        }
    }

    fn resource_spans(&mut self, part: Part<'_>) {
        let (resource, warnings, _whole) = resource_of(&mut self.assembler.intake, part, Overrun::Clamp);
        self.origin = Origin::default();
        self.origin.resource = self.assembler.shared_resource(resource);
        self.origin.resource_warnings = warnings;
        let mut resources = 0;
        self.each_field(part, |salvage, field| {
            if let Some(scope_spans) = message(field, 2)? {
                salvage.unless_empty(|salvage| salvage.scope_spans(scope_spans));
            } else if let Some(resource) = message(field, 1)? {
                resources += 1;
                // A second resource: a wrong length has swallowed the neighbours.
                if resources > 1 {
                    salvage.search(resource);
                }
            } else {
                message(field, SCHEMA_URL)?.ok_or(lost(field))?;
            }
            Ok(())
        });
    }

    fn scope_spans(&mut self, part: Part<'_>) {
        let (scope, warnings, _whole) = scope_of(&mut self.assembler.intake, part, Overrun::Clamp);
        self.origin.scope = self.assembler.shared_scope(scope);
        self.origin.scope_warnings = warnings;
        self.each_field(part, |salvage, field| {
            if let Some(span) = message(field, 2)? {
                salvage.span(span);
            } else if message(field, 1)?.is_none() {
                message(field, SCHEMA_URL)?.ok_or(lost(field))?;
            }
            Ok(())
        });
    }

    fn span(&mut self, part: Part<'_>) {
        let taken = if part.cut_off { Err(DAMAGED) } else { self.take_span(part) };
        let Err(reason) = taken else { return };
        // A wrong length may have swallowed the spans that follow, or this is something else with spans in it.
        let before = self.assembler.spans_met();
        self.search(part);
        if begins_like_span(part.bytes) || self.assembler.spans_met() == before {
            self.assembler.reject(reason);
        }
    }

    /// Takes these bytes as a span, or says why they are none.
    fn take_span(&mut self, part: Part<'_>) -> Result<(), &'static str> {
        let draft = span::decode(&mut self.assembler.intake, part);
        let warnings = self.assembler.intake.take_warnings();
        let draft = draft.map_err(|_fault| DAMAGED)?;
        let _ids = (draft.trace_id?, draft.span_id?);
        if self.assembler.admits_span() {
            self.assembler.accept(draft, warnings, &self.origin);
        }
        Ok(())
    }

    /// Looks for whole messages at every byte.
    fn search(&mut self, part: Part<'_>) {
        let mut at = 0;
        while at < part.bytes.len() && self.spend(1) {
            let rest = part.after(at);
            let found = match rest.bytes[0] {
                SPAN_TAG => self.find_span(rest),
                ORIGIN_TAG => self.find_origin(rest),
                _ => None,
            };
            at += found.unwrap_or(1);
        }
    }

    /// The length of the span at the start of `rest`, when there is one; it is taken in.
    fn find_span(&mut self, rest: Part<'_>) -> Option<usize> {
        let (header, length) = header_of(rest)?;
        let body = rest.after(header);
        if !begins_like_span(body.bytes) {
            return None;
        }
        let taken = body.bytes.len() >= length
            && self.spend(length)
            && self.take_span(Part { bytes: &body.bytes[..length], ..body }).is_ok();
        if !taken {
            self.assembler.reject(DAMAGED);
        }
        taken.then_some(header + length)
    }

    /// The length of the resource or scope at the start of `rest`, when there is one; it holds from here on.
    fn find_origin(&mut self, rest: Part<'_>) -> Option<usize> {
        let (header, length) = header_of(rest)?;
        let body = rest.after(header);
        let part = Part { bytes: body.bytes.get(..length)?, ..body };
        let next = body.after(length);
        let found = if begins_like_resource(part.bytes) && self.spend(length) {
            self.take_resource(part)
        } else if follows_scope(next) && self.spend(length) {
            self.take_scope(part)
        } else {
            false
        };
        found.then_some(header + length)
    }

    fn take_resource(&mut self, part: Part<'_>) -> bool {
        let mut attributes = AttributesDraft::default();
        let whole = resource_attributes(&mut self.assembler.intake, part, &mut attributes);
        let resource_warnings = self.assembler.intake.take_warnings();
        if whole.is_err() {
            return false;
        }
        let (attributes, attributes_dropped) = attributes.finish();
        let resource = Resource { attributes, attributes_dropped, ..Resource::default() };
        let resource = self.assembler.shared_resource(resource);
        self.origin = Origin { resource, resource_warnings, ..Origin::default() };
        true
    }

    fn take_scope(&mut self, part: Part<'_>) -> bool {
        let (mut scope, mut attributes) = (Scope::default(), AttributesDraft::default());
        let whole = scope_fields(&mut self.assembler.intake, part, &mut scope, &mut attributes);
        let warnings = self.assembler.intake.take_warnings();
        if whole.is_err() || !is_printable(scope.name.as_bytes()) {
            return false;
        }
        (scope.attributes, scope.attributes_dropped) = attributes.finish();
        self.origin.scope = self.assembler.shared_scope(scope);
        self.origin.scope_warnings = warnings;
        true
    }

    /// Whether the search may look at `bytes` more.
    fn spend(&mut self, bytes: usize) -> bool {
        let enough = bytes <= self.search_room_bytes;
        if enough {
            self.search_room_bytes -= bytes;
        }
        enough
    }
}

/// In a damaged request a field nobody knows is more likely the middle of something else.
fn lost(field: Field<'_>) -> Fault {
    Fault { position: field.position, reason: DAMAGED }
}

/// Bytes of the tag and of the length at the start of `rest`, and that length.
fn header_of(rest: Part<'_>) -> Option<(usize, usize)> {
    let (length, length_bytes) = varint(&rest.bytes[1..]).ok()?;
    Some((1 + length_bytes, usize::try_from(length).ok()?))
}

fn begins_like_span(bytes: &[u8]) -> bool {
    bytes.len() >= SPAN_IDS_BYTES && bytes.starts_with(&TRACE_ID_HEADER) && bytes[18..].starts_with(&SPAN_ID_HEADER)
}

/// Whether the first thing inside is an attribute with a decent key.
fn begins_like_resource(bytes: &[u8]) -> bool {
    let Some(after_pair) = bytes.strip_prefix(&[0x0a]) else { return false };
    let Ok((_, pair_length_bytes)) = varint(after_pair) else { return false };
    let Some(after_key) = after_pair[pair_length_bytes..].strip_prefix(&[0x0a]) else { return false };
    let Ok((key_length, key_length_bytes)) = varint(after_key) else { return false };
    let key = usize::try_from(key_length).ok().and_then(|length| after_key[key_length_bytes..].get(..length));
    key.is_some_and(|key| !key.is_empty() && is_printable(key))
}

/// Whether a span comes next, as it does after its scope.
fn follows_scope(next: Part<'_>) -> bool {
    next.bytes.first() == Some(&SPAN_TAG)
        && header_of(next).is_some_and(|(header, _)| begins_like_span(next.after(header).bytes))
}

fn is_printable(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte >= 0x80)
}
