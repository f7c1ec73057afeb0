//! Reads a broken protobuf request span by span.
use crate::decoded::{DecodeError, Decoded};
use crate::limits::Limits;
use crate::protobuf::read::Fault;

pub(super) fn decode(_bytes: &[u8], _limits: &Limits, fault: Fault) -> Result<Decoded, DecodeError> {
    Err(DecodeError::Malformed { encoding: "protobuf", position: fault.position, reason: fault.reason })
}
