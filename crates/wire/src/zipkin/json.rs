//! What both versions of Zipkin's JSON share: scalars, endpoints, and one bad span among good ones. `null` is absence.

use model::{Value, Warning};

use super::draft::Endpoint;
use crate::assemble::Assembler;
use crate::decoded::DecodeError;
use crate::intake::Intake;
use crate::json::number::double_from;
use crate::json::read::{Cause, Fault, JsonReader, Scalar};
use crate::json::scalar::{text, unsigned};
use crate::limits::Limits;

/// Reads a list of spans with `span`, which gives the next one to `assembler` or to its own keeping.
pub(super) fn spans(
    bytes: &[u8],
    limits: &Limits,
    encoding: &'static str,
    mut span: impl FnMut(&mut JsonReader<'_>) -> Result<(), Fault>,
) -> Result<(), DecodeError> {
    let mut reader = JsonReader::new(bytes, limits.json_depth_max);
    let read = match reader.is_at_end() {
        true => Ok(()),
        false => reader.array(&mut span).and_then(|()| match reader.is_at_end() {
            true => Ok(()),
            false => Err(reader.syntax("more follows after the request")),
        }),
    };
    read.map_err(|fault| match fault.cause {
        Cause::TooDeep => DecodeError::TooDeep { encoding, position: fault.position, depth_max: limits.json_depth_max },
        Cause::Syntax(reason) | Cause::Shape(reason) => {
            DecodeError::Malformed { encoding, position: fault.position, reason }
        }
    })
}

/// One span of the list, read by `read`. A span of another shape is rejected alone; its neighbours stay.
pub(super) fn one<T>(
    assembler: &mut Assembler<'_>,
    reader: &mut JsonReader<'_>,
    read: impl FnOnce(&mut Intake<'_>, &mut JsonReader<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    if reader.null()? {
        return Ok(None);
    }
    if !assembler.admits_span() {
        return reader.skip().map(|()| None);
    }
    let before = reader.mark();
    let draft = read(&mut assembler.intake, reader);
    if reader.take_lossy() {
        assembler.intake.warn(Warning::InvalidUtf8);
    }
    match draft {
        Ok(draft) => Ok(Some(draft)),
        Err(Fault { cause: Cause::Shape(reason), .. }) => {
            assembler.intake.take_warnings();
            assembler.reject(reason);
            *reader = before;
            reader.skip().map(|()| None)
        }
        Err(fault) => Err(fault),
    }
}

/// A value without parts, with its type.
pub(super) fn value(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<Value, Fault> {
    Ok(match reader.scalar()? {
        Scalar::Null => Value::Empty,
        Scalar::Bool(truth) => Value::Bool(truth),
        Scalar::Number(text) => match text.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Double(double_from(text).unwrap_or(f64::NAN)),
        },
        Scalar::Text(text) => Value::String(intake.text(text.as_bytes())),
    })
}

pub(super) fn truth(reader: &mut JsonReader<'_>) -> Result<bool, Fault> {
    Ok(reader.scalar()?.as_text() == "true")
}

pub(super) fn endpoint(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<Endpoint, Fault> {
    let mut endpoint = Endpoint::default();
    reader.object(|reader, name| {
        match name {
            "serviceName" => endpoint.service = text(intake, reader)?,
            "ipv4" => {
                let ip = text(intake, reader)?;
                if endpoint.ip.is_empty() {
                    endpoint.ip = ip;
                }
            }
            "ipv6" => {
                let ip = text(intake, reader)?;
                if !ip.is_empty() {
                    endpoint.ip = ip;
                }
            }
            "port" => endpoint.set_port(i64::try_from(unsigned(reader)?).unwrap_or(0)),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(endpoint)
}
