//! Attributes and their values in OTLP JSON. Nesting is bounded by the reader; what is nested too deeply for us is kept as text.

use model::{Attribute, Value, Warning};

use crate::base64;
use crate::intake::{AttributesDraft, Intake};
use crate::json::number::{double_from, integer_from};
use crate::json::read::{Fault, JsonReader, Scalar};
use crate::json::scalar::key;
use crate::otlp::encode::text_from_value;

/// Reads a list of `KeyValue` in place of what `attributes` held before.
pub(super) fn decode_attributes(
    intake: &mut Intake<'_>,
    reader: &mut JsonReader<'_>,
    attributes: &mut AttributesDraft,
) -> Result<(), Fault> {
    attributes.restart();
    decode_pairs(intake, reader, attributes, 0)
}

fn decode_pairs(
    intake: &mut Intake<'_>,
    reader: &mut JsonReader<'_>,
    attributes: &mut AttributesDraft,
    depth: usize,
) -> Result<(), Fault> {
    reader.array(|reader| {
        if reader.null()? {
            return Ok(());
        }
        if !attributes.admits(intake) {
            return reader.skip();
        }
        let mut pair = Attribute { key: String::new(), value: Value::Empty };
        reader.object(|reader, name| {
            match name {
                "key" => pair.key = key(intake, reader)?,
                "value" => pair.value = any_value(intake, reader, depth)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        attributes.push(pair);
        Ok(())
    })
}

/// Reads an `AnyValue` inside `depth` arrays and maps. The last of its members that is not `null` is its value.
fn any_value(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, depth: usize) -> Result<Value, Fault> {
    if !reader.has_parts()? {
        return Ok(bare(intake, reader.scalar()?));
    }
    let mut value = Value::Empty;
    reader.object(|reader, name| {
        if reader.null()? {
            return Ok(());
        }
        value = match name {
            "stringValue" | "string_value" => Value::String(intake.text(reader.scalar()?.as_text().as_bytes())),
            "boolValue" | "bool_value" => boolean(intake, reader.scalar()?),
            "intValue" | "int_value" => integer(intake, reader.scalar()?),
            "doubleValue" | "double_value" => double(intake, reader.scalar()?),
            "bytesValue" | "bytes_value" => raw(intake, reader.scalar()?),
            "arrayValue" | "array_value" => {
                let values = array(intake, reader, depth + 1)?;
                within_depth(intake, values, depth)
            }
            "kvlistValue" | "kvlist_value" => {
                let pairs = map(intake, reader, depth + 1)?;
                within_depth(intake, pairs, depth)
            }
            _ => return reader.skip(),
        };
        Ok(())
    })?;
    Ok(value)
}

/// The first array or map beyond the limit becomes text, with all that is in it.
fn within_depth(intake: &mut Intake<'_>, value: Value, depth: usize) -> Value {
    if depth != intake.limits.value_depth_max {
        return value;
    }
    intake.warn(Warning::NestingCut);
    Value::String(intake.text(text_from_value(&value).as_bytes()))
}

fn array(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, depth: usize) -> Result<Value, Fault> {
    let mut values = Vec::new();
    reader.object(|reader, name| {
        if name != "values" {
            return reader.skip();
        }
        values.clear();
        reader.array(|reader| {
            if !intake.admits::<Value>(values.len(), usize::MAX) {
                return reader.skip();
            }
            values.push(any_value(intake, reader, depth)?);
            Ok(())
        })
    })?;
    values.shrink_to_fit();
    Ok(Value::Array(values))
}

fn map(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, depth: usize) -> Result<Value, Fault> {
    let mut pairs = AttributesDraft::default();
    reader.object(|reader, name| {
        if name != "values" {
            return reader.skip();
        }
        pairs.restart();
        decode_pairs(intake, reader, &mut pairs, depth)
    })?;
    Ok(Value::Map(pairs.finish().0))
}

/// A value without its type name, as some hand-written clients send it.
fn bare(intake: &mut Intake<'_>, scalar: Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Empty,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Number(_) => integer(intake, scalar),
        Scalar::Text(text) => Value::String(intake.text(text.as_bytes())),
    }
}

/// What is no truth value, no number, no base64 is not worth losing a span: it stays as the text it is.
fn as_sent(intake: &mut Intake<'_>, scalar: &Scalar<'_>) -> Value {
    Value::String(intake.text(scalar.as_text().as_bytes()))
}

fn boolean(intake: &mut Intake<'_>, scalar: Scalar<'_>) -> Value {
    match scalar.as_text() {
        "true" | "1" => Value::Bool(true),
        "false" | "0" => Value::Bool(false),
        _ => as_sent(intake, &scalar),
    }
}

/// `5`, `"5"`, `5.0`; a fraction or a number beyond 64 bits becomes a double.
fn integer(intake: &mut Intake<'_>, scalar: Scalar<'_>) -> Value {
    match integer_from(scalar.as_text().trim()).and_then(|integer| i64::try_from(integer).ok()) {
        Some(integer) => Value::Int(integer),
        None => double(intake, scalar),
    }
}

fn double(intake: &mut Intake<'_>, scalar: Scalar<'_>) -> Value {
    match double_from(scalar.as_text().trim()) {
        Some(double) => Value::Double(double),
        None => as_sent(intake, &scalar),
    }
}

fn raw(intake: &mut Intake<'_>, scalar: Scalar<'_>) -> Value {
    match base64::decode(scalar.as_text()) {
        Some(bytes) => Value::Bytes(intake.raw(bytes)),
        None => as_sent(intake, &scalar),
    }
}
