//! An annotation's words as an event. Exporters write attributes into them, in three forms; all else is a name.

use model::{Attribute, Event};

use super::draft::Annotation;
use super::json::value;
use crate::intake::{AttributesDraft, Intake};
use crate::json::read::{Fault, JsonReader};

/// Between the name, the attributes and the number of those left out.
const SEPARATOR: char = '|';

/// The event that the words describe.
pub(super) fn event_of(annotation: Annotation, intake: &mut Intake<'_>) -> Event {
    let (name, attributes) = named(&annotation.value, intake)
        .or_else(|| keyed(&annotation.value, intake))
        .or_else(|| separated(&annotation.value, intake))
        .unwrap_or_else(|| (annotation.value, AttributesDraft::default()));
    let (attributes, attributes_dropped) = attributes.finish();
    Event { time: annotation.time, name, attributes, attributes_dropped }
}

/// `{"name": {"key": value}}`.
fn named(text: &str, intake: &mut Intake<'_>) -> Option<(String, AttributesDraft)> {
    if !text.starts_with('{') {
        return None;
    }
    let mut reader = JsonReader::new(text.as_bytes(), intake.limits.json_depth_max);
    let mut found = None;
    let mut members = 0;
    let read = reader.object(|reader, name| {
        members += 1;
        found = Some((name.to_owned(), attributes(reader, intake)?));
        Ok(())
    });
    // More than one name, or more than an object, is something else.
    read.ok().filter(|()| members == 1 && reader.is_at_end()).and(found)
}

/// `"name": {"key": value}`.
fn keyed(text: &str, intake: &mut Intake<'_>) -> Option<(String, AttributesDraft)> {
    if !text.starts_with('"') {
        return None;
    }
    named(&format!("{{{text}}}"), intake)
}

/// `name|{"key": value}|dropped`.
fn separated(text: &str, intake: &mut Intake<'_>) -> Option<(String, AttributesDraft)> {
    let (rest, dropped) = text.rsplit_once(SEPARATOR)?;
    let (name, json) = rest.split_once(SEPARATOR)?;
    let dropped = dropped.parse().ok()?;
    let mut reader = JsonReader::new(json.as_bytes(), intake.limits.json_depth_max);
    let mut read = attributes(&mut reader, intake).ok().filter(|_| reader.is_at_end())?;
    read.dropped_by_client = dropped;
    Some((name.to_owned(), read))
}

/// The members of the next object; what has parts of its own is no attribute of an exporter.
fn attributes(reader: &mut JsonReader<'_>, intake: &mut Intake<'_>) -> Result<AttributesDraft, Fault> {
    let mut attributes = AttributesDraft::default();
    reader.object(|reader, key| {
        if !attributes.admits(intake) {
            return reader.skip();
        }
        let value = value(intake, reader)?;
        attributes.push(Attribute { key: intake.key(key.as_bytes()), value });
        Ok(())
    })?;
    Ok(attributes)
}
