//! Which decoder reads a request. Not here: what bytes mean (`wire`).

use wire::jaeger::{Batch, ClientReport, Envelope};
use wire::{DecodeError, DecodedBatch, Limits, jaeger, otlp, zipkin};

use super::Refusal;

/// The language of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OTLP protobuf.
    OtlpProto,
    /// OTLP JSON.
    OtlpJson,
    /// A batch of Jaeger's in Thrift's binary form, as it comes over HTTP.
    JaegerThrift,
    /// A datagram of Jaeger's.
    JaegerDatagram(Envelope),
    /// A call of Jaeger's over gRPC.
    JaegerProto,
    /// Zipkin's second version in JSON.
    ZipkinJson,
    /// The same in protobuf.
    ZipkinProto,
    /// Zipkin's first version in JSON.
    ZipkinJsonV1,
    /// The same in Thrift.
    ZipkinThriftV1,
}

/// The spans of a request, and what its client says of itself where the language has words for that.
pub(super) fn decode(
    format: Format,
    bytes: &[u8],
    limits: &Limits,
) -> Result<(DecodedBatch, Option<ClientReport>), Refusal> {
    // Some clients announce JSON and send nothing when there is nothing to send. A datagram of nothing is noise.
    if bytes.is_empty() && !matches!(format, Format::JaegerDatagram(_)) {
        return Ok(Default::default());
    }
    read(format, bytes, limits).map_err(|error| Refusal::Malformed(error.to_string()))
}

fn read(format: Format, bytes: &[u8], limits: &Limits) -> Result<(DecodedBatch, Option<ClientReport>), DecodeError> {
    let of_jaeger = |batch: Batch| (batch.decoded, Some(batch.client));
    let silent = |decoded: DecodedBatch| (decoded, None);
    match format {
        Format::OtlpProto => otlp::walk::decode(bytes, limits).map(silent),
        Format::OtlpJson => otlp::json::decode(bytes, limits).map(DecodedBatch::from).map(silent),
        Format::JaegerThrift => jaeger::thrift::body(bytes, limits).map(of_jaeger),
        Format::JaegerDatagram(envelope) => jaeger::thrift::datagram(envelope, bytes, limits).map(of_jaeger),
        Format::JaegerProto => jaeger::proto::decode(bytes, limits).map(silent),
        Format::ZipkinJson => zipkin::v2_json::decode(bytes, limits).map(silent),
        Format::ZipkinProto => zipkin::v2_proto::decode(bytes, limits).map(silent),
        Format::ZipkinJsonV1 => zipkin::v1_json::decode(bytes, limits).map(silent),
        Format::ZipkinThriftV1 => zipkin::v1_thrift::decode(bytes, limits).map(silent),
    }
}
