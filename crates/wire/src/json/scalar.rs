//! Scalars in the forms that clients of all our JSON give them. `null` is the default of each. Not here: what one protocol means.

use crate::intake::Intake;
use crate::json::number::u64_from;
use crate::json::read::{Fault, JsonReader, Scalar};

/// A text; numbers and truth values are taken as they are written.
pub(crate) fn text(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<String, Fault> {
    Ok(intake.text(reader.scalar()?.as_text().as_bytes()))
}

/// The key of an attribute, likewise.
pub(crate) fn key(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<String, Fault> {
    Ok(intake.key(reader.scalar()?.as_text().as_bytes()))
}

/// A number from zero on, as a number or as a text, whole or not.
pub(crate) fn unsigned(reader: &mut JsonReader<'_>) -> Result<u64, Fault> {
    let before = reader.mark();
    let scalar = reader.scalar()?;
    let number = match &scalar {
        Scalar::Null => Some(0),
        Scalar::Text(text) if text.trim().is_empty() => Some(0),
        Scalar::Text(text) => u64_from(text.trim()),
        Scalar::Number(text) => u64_from(text),
        Scalar::Bool(_) => None,
    };
    number.ok_or_else(|| before.shape("a number is expected"))
}
