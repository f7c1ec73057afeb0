//! JSON as text: a bounded pull reader and a writer, without schemas. Not here: what the names of any object mean.

pub(crate) mod number;
pub(crate) mod read;
pub(crate) mod scalar;
pub(crate) mod text;
pub(crate) mod write;
