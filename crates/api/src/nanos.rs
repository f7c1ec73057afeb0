//! `#[serde(with = "nanos")]`: 64-bit numbers as decimal strings, read from strings and numbers alike.

use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::ser::Serializer;

/// Writes `123` as `"123"`.
pub fn serialize<S: Serializer>(nanos: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(nanos)
}

/// Reads `"123"` and `123`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(NanosVisitor)
}

struct NanosVisitor;

impl Visitor<'_> for NanosVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number of nanoseconds, as a number or as text")
    }

    fn visit_u64<E: serde::de::Error>(self, nanos: u64) -> Result<u64, E> {
        Ok(nanos)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<u64, E> {
        text.parse().map_err(E::custom)
    }
}
