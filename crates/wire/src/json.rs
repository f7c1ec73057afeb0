//! JSON as text: a bounded pull reader and a writer, without schemas. Not here: what the names of any object mean.

pub(crate) mod write;
