//! `#[serde(with = "nanos")]`: 64-bit numbers as decimal strings in JSON, read from strings and numbers alike; plain numbers in binary frames.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::Serializer;

/// Writes `123` as `"123"`, or as itself where no JavaScript will round it.
pub fn serialize<S: Serializer>(nanos: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() { serializer.collect_str(nanos) } else { serializer.serialize_u64(*nanos) }
}

/// Reads `"123"` and `123`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(NanosVisitor)
    } else {
        u64::deserialize(deserializer)
    }
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

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Moment {
        #[serde(with = "super")]
        at: u64,
    }

    #[test]
    fn no_nanosecond_is_rounded_on_its_way_through_javascript() {
        let moment = Moment { at: u64::MAX - 1 };
        let text = serde_json::to_string(&moment).expect("a struct of one number");
        assert_eq!(text, r#"{"at":"18446744073709551614"}"#);
        assert_eq!(serde_json::from_str::<Moment>(&text).expect("as written"), moment);
        assert_eq!(serde_json::from_str::<Moment>(r#"{"at":7}"#).expect("a number will do"), Moment { at: 7 });
        assert!(serde_json::from_str::<Moment>(r#"{"at":"-7"}"#).is_err());
    }
}
