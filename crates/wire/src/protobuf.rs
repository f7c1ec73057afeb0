//! Protobuf's wire format: fields in and out, without schemas. Not here: what the fields of any message mean.

pub(crate) mod cursor;
pub(crate) mod read;
pub(crate) mod write;
