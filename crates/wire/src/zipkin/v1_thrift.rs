//! Spans of Zipkin's first version in Thrift's binary form: a bare list of structs.

use model::{SpanId, Value};

use super::draft::Endpoint;
use super::translate::Translator;
use super::v1::{BinaryAnnotation, HostAnnotation, V1Draft};
use crate::assemble::Assembler;
use crate::decoded::{DecodeError, DecodedBatch};
use crate::fault::Fault;
use crate::intake::Intake;
use crate::limits::Limits;
use crate::thrift::{Field, Form, Kind, Place, Reader};

const ENCODING: &str = "Zipkin Thrift";

/// How deep the fields of the structs lie, for what is skipped in them.
const IN_SPAN: usize = 2;
const IN_ANNOTATION: usize = 4;
const IN_ENDPOINT: usize = 5;

/// Reads a list of spans. No bytes are an empty request.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, DecodeError> {
    let mut translator = Translator::new(Assembler::new(bytes.len(), limits));
    if !bytes.is_empty() {
        let mut reader = Reader::new(Form::Binary, bytes);
        list(&mut translator, &mut reader).map_err(|fault| fault.of(ENCODING))?;
    }
    Ok(translator.finish())
}

fn list(translator: &mut Translator<'_>, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let list = reader.list()?;
    for _ in 0..list.count {
        if list.kind != Kind::Struct {
            return Err(reader.fault("a list of something else than spans"));
        }
        if !translator.assembler.admits_span() {
            reader.skip(list.kind, 1)?;
            continue;
        }
        let span = span(reader, &mut translator.assembler.intake)?;
        span.into_spans().into_iter().for_each(|span| translator.accept(span));
    }
    Ok(())
}

fn span(reader: &mut Reader<'_>, intake: &mut Intake<'_>) -> Result<V1Draft, Fault> {
    let mut span = V1Draft::default();
    let (mut low, mut high) = (0, 0);
    let mut place = Place::default();
    while let Some(Field { id, kind }) = reader.field(&mut place)? {
        match (id, kind) {
            (1, Kind::I64) => low = reader.i64()?,
            (3, Kind::Bytes) => span.name = intake.text(reader.bytes()?),
            (4, Kind::I64) => span.span_id = span_id_of(reader.i64()?).ok_or("span id is zero"),
            (5, Kind::I64) => span.parent_span_id = span_id_of(reader.i64()?),
            (6, Kind::List) => annotations(reader, intake, &mut span)?,
            (8, Kind::List) => binary_annotations(reader, intake, &mut span)?,
            (9, Kind::Bool) => span.is_debug = reader.bool()?,
            (10, Kind::I64) => span.timestamp = micros(reader)?,
            (11, Kind::I64) => span.duration = micros(reader)?,
            (12, Kind::I64) => high = reader.i64()?,
            _ => reader.skip(kind, IN_SPAN)?,
        }
    }
    let bytes = (u128::from(high as u64) << 64 | u128::from(low as u64)).to_be_bytes();
    span.trace_id = model::TraceId::new(bytes).ok_or("trace id is zero");
    Ok(span)
}

fn annotations(reader: &mut Reader<'_>, intake: &mut Intake<'_>, span: &mut V1Draft) -> Result<(), Fault> {
    let list = reader.list()?;
    for _ in 0..list.count {
        if list.kind != Kind::Struct || !span.admits_annotation(intake) {
            reader.skip(list.kind, IN_ANNOTATION)?;
            continue;
        }
        let mut read = HostAnnotation { micros: 0, value: String::new(), host: Endpoint::default() };
        let mut place = Place::default();
        while let Some(Field { id, kind }) = reader.field(&mut place)? {
            match (id, kind) {
                (1, Kind::I64) => read.micros = micros(reader)?,
                (2, Kind::Bytes) => read.value = intake.text(reader.bytes()?),
                (3, Kind::Struct) => read.host = endpoint(reader, intake)?,
                _ => reader.skip(kind, IN_ANNOTATION)?,
            }
        }
        span.annotations.push(read);
    }
    Ok(())
}

fn binary_annotations(reader: &mut Reader<'_>, intake: &mut Intake<'_>, span: &mut V1Draft) -> Result<(), Fault> {
    let list = reader.list()?;
    for _ in 0..list.count {
        if list.kind != Kind::Struct || !span.admits_binary(intake) {
            reader.skip(list.kind, IN_ANNOTATION)?;
            continue;
        }
        let (mut key, mut host) = (String::new(), Endpoint::default());
        let (mut value, mut kind_number) = (&[][..], STRING);
        let mut place = Place::default();
        while let Some(Field { id, kind }) = reader.field(&mut place)? {
            match (id, kind) {
                (1, Kind::Bytes) => key = intake.key(reader.bytes()?),
                (2, Kind::Bytes) => value = reader.bytes()?,
                (3, Kind::I32) => kind_number = reader.i32()?,
                (4, Kind::Struct) => host = endpoint(reader, intake)?,
                _ => reader.skip(kind, IN_ANNOTATION)?,
            }
        }
        span.binary.push(BinaryAnnotation { key, value: value_of(kind_number, value, intake), host });
    }
    Ok(())
}

const STRING: i32 = 6;

/// Numbers are big-endian; bytes that are no such number stay bytes.
fn value_of(kind: i32, bytes: &[u8], intake: &mut Intake<'_>) -> Value {
    let number = match (kind, bytes) {
        (0, [truth]) => Some(Value::Bool(*truth == 1)),
        (2, bytes) => bytes.try_into().ok().map(|bytes| Value::Int(i16::from_be_bytes(bytes).into())),
        (3, bytes) => bytes.try_into().ok().map(|bytes| Value::Int(i32::from_be_bytes(bytes).into())),
        (4, bytes) => bytes.try_into().ok().map(|bytes| Value::Int(i64::from_be_bytes(bytes))),
        (5, bytes) => bytes.try_into().ok().map(|bytes| Value::Double(f64::from_be_bytes(bytes))),
        (STRING, bytes) => Some(Value::String(intake.text(bytes))),
        _ => None,
    };
    number.unwrap_or_else(|| Value::Bytes(intake.raw_of(bytes)))
}

fn endpoint(reader: &mut Reader<'_>, intake: &mut Intake<'_>) -> Result<Endpoint, Fault> {
    let mut endpoint = Endpoint::default();
    let mut place = Place::default();
    while let Some(Field { id, kind }) = reader.field(&mut place)? {
        match (id, kind) {
            (1, Kind::I32) => endpoint.set_ipv4(&reader.i32()?.to_be_bytes()),
            (2, Kind::I16) => endpoint.set_port(reader.i16()?.into()),
            (3, Kind::Bytes) => endpoint.service = intake.text(reader.bytes()?),
            (4, Kind::Bytes) => endpoint.set_ipv6(reader.bytes()?),
            _ => reader.skip(kind, IN_ENDPOINT)?,
        }
    }
    Ok(endpoint)
}

fn micros(reader: &mut Reader<'_>) -> Result<u64, Fault> {
    Ok(u64::try_from(reader.i64()?).unwrap_or(0))
}

fn span_id_of(number: i64) -> Option<SpanId> {
    SpanId::new(number.to_be_bytes())
}
