//! Attributes and their values. Nesting is followed to a named depth; what lies deeper is kept as text, and beyond that refused.

use model::{Attribute, Value, Warning};

use crate::fault::Fault;
use crate::intake::{AttributesDraft, Intake};
use crate::otlp::encode::text_from_value;
use crate::protobuf::read::{Overrun, Part, Payload};

/// An array or a map is two messages deep: itself, and the `AnyValue` around it.
const MESSAGES_PER_NESTING: usize = 2;

/// Reads a `KeyValue` into `attributes`, unless there are too many already.
pub(in crate::otlp) fn decode_attribute(
    intake: &mut Intake<'_>,
    pair: Part<'_>,
    attributes: &mut AttributesDraft,
) -> Result<(), Fault> {
    decode_pair(intake, pair, attributes, 0)
}

/// A count of dropped things; OTLP has 32 bits for it.
pub(in crate::otlp) fn count_from(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn decode_pair(
    intake: &mut Intake<'_>,
    pair: Part<'_>,
    attributes: &mut AttributesDraft,
    depth: usize,
) -> Result<(), Fault> {
    if !attributes.admits(intake) {
        return Ok(());
    }
    let (mut key, mut value) = (String::new(), Value::Empty);
    for field in pair.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(text)) => key = intake.key(text.bytes),
            (2, Payload::Bytes(part)) => value = decode_value(intake, part, depth)?,
            _ => {}
        }
    }
    attributes.push(Attribute { key, value });
    Ok(())
}

/// Reads an `AnyValue` that lies inside `depth` arrays and maps. The last of its fields is its value.
fn decode_value(intake: &mut Intake<'_>, part: Part<'_>, depth: usize) -> Result<Value, Fault> {
    let mut value = Value::Empty;
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        value = match (field.number, field.payload) {
            (1, Payload::Bytes(text)) => Value::String(intake.text(text.bytes)),
            (2, Payload::Varint(number)) => Value::Bool(number != 0),
            (3, Payload::Varint(number)) => Value::Int(number as i64),
            (4, Payload::Fixed64(bits)) => Value::Double(f64::from_bits(bits)),
            (5..=7, Payload::Bytes(part)) => list_or_bytes(intake, field.number, part, depth)?,
            _ => value,
        };
    }
    Ok(value)
}

/// The array (5), map (6) or raw bytes (7) of an attribute.
pub(in crate::otlp) fn decode_list_or_bytes(
    intake: &mut Intake<'_>,
    number: u64,
    part: Part<'_>,
) -> Result<Value, Fault> {
    list_or_bytes(intake, number, part, 0)
}

fn list_or_bytes(intake: &mut Intake<'_>, number: u64, part: Part<'_>, depth: usize) -> Result<Value, Fault> {
    match number {
        5 => nested(intake, part, depth, array),
        6 => nested(intake, part, depth, map),
        _ => Ok(Value::Bytes(intake.raw_of(part.bytes))),
    }
}

type Decode = fn(&mut Intake<'_>, Part<'_>, usize) -> Result<Value, Fault>;

/// An array or a map inside `depth` others; the first one beyond the limit becomes text, with all that is in it.
fn nested(intake: &mut Intake<'_>, part: Part<'_>, depth: usize, decode: Decode) -> Result<Value, Fault> {
    if depth * MESSAGES_PER_NESTING >= intake.limits.proto_depth_max {
        return Err(Fault { position: part.position, reason: "a value is nested too deeply" });
    }
    let value = decode(intake, part, depth + 1)?;
    if depth != intake.limits.value_depth_max {
        return Ok(value);
    }
    intake.warn(Warning::NestingCut);
    Ok(Value::String(intake.text(text_from_value(&value).as_bytes())))
}

fn array(intake: &mut Intake<'_>, part: Part<'_>, depth: usize) -> Result<Value, Fault> {
    let mut values = Vec::new();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        if let (1, Payload::Bytes(part)) = (field.number, field.payload)
            && intake.admits::<Value>(values.len(), usize::MAX)
        {
            values.push(decode_value(intake, part, depth)?);
        }
    }
    values.shrink_to_fit();
    Ok(Value::Array(values))
}

fn map(intake: &mut Intake<'_>, part: Part<'_>, depth: usize) -> Result<Value, Fault> {
    let mut pairs = AttributesDraft::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        if let (1, Payload::Bytes(pair)) = (field.number, field.payload) {
            decode_pair(intake, pair, &mut pairs, depth)?;
        }
    }
    Ok(Value::Map(pairs.finish().0))
}
