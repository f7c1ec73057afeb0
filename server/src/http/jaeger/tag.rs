//! One typed value in Jaeger's JSON: `{"key":…,"type":…,"value":…}`. What a JSON number would round travels as text.

use std::borrow::Cow;

use model::{Attributes, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use crate::query::base64;

/// Integers up to here are exact in JavaScript's numbers.
const EXACT_MAX: u64 = 1 << 53;

/// A key with its value.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    key: &'a str,
    value: TagValue<'a>,
}

#[derive(Debug)]
enum TagValue<'a> {
    Text(Cow<'a, str>),
    Truth(bool),
    Int(i64),
    Double(f64),
    Bytes(&'a [u8]),
}

// === impl Tag ===

impl<'a> Tag<'a> {
    pub(super) fn text(key: &'a str, text: &'a str) -> Tag<'a> {
        Tag { key, value: TagValue::Text(Cow::Borrowed(text)) }
    }

    pub(super) fn truth(key: &'a str, value: bool) -> Tag<'a> {
        Tag { key, value: TagValue::Truth(value) }
    }

    /// Lists and maps are JSON text, a value that is absent is an empty text.
    pub(super) fn of(key: &'a str, value: &'a Value) -> Tag<'a> {
        let value = match value {
            Value::Empty => TagValue::Text(Cow::Borrowed("")),
            Value::String(text) => TagValue::Text(Cow::Borrowed(text)),
            Value::Bool(value) => TagValue::Truth(*value),
            Value::Int(value) => TagValue::Int(*value),
            Value::Double(value) => TagValue::Double(*value),
            Value::Bytes(bytes) => TagValue::Bytes(bytes),
            Value::Array(_) | Value::Map(_) => TagValue::Text(Cow::Owned(nested_text(value))),
        };
        Tag { key, value }
    }

    pub(super) fn key(&self) -> &'a str {
        self.key
    }

    /// Whether it is this pair of texts.
    pub(super) fn is(&self, key: &str, text: &str) -> bool {
        self.key == key && matches!(&self.value, TagValue::Text(own) if own == text)
    }
}

impl Serialize for Tag<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tag = serializer.serialize_struct("Tag", 3)?;
        tag.serialize_field("key", self.key)?;
        let word = match &self.value {
            TagValue::Text(_) => "string",
            TagValue::Truth(_) => "bool",
            TagValue::Int(_) => "int64",
            TagValue::Double(_) => "float64",
            TagValue::Bytes(_) => "binary",
        };
        tag.serialize_field("type", word)?;
        match &self.value {
            TagValue::Text(text) => tag.serialize_field("value", text)?,
            TagValue::Truth(value) => tag.serialize_field("value", value)?,
            TagValue::Int(value) if value.unsigned_abs() > EXACT_MAX => {
                tag.serialize_field("value", &value.to_string())?
            }
            TagValue::Int(value) => tag.serialize_field("value", value)?,
            TagValue::Double(value) => tag.serialize_field("value", &Double(*value))?,
            TagValue::Bytes(bytes) => tag.serialize_field("value", &base64::encode(bytes))?,
        }
        tag.end()
    }
}

/// JSON has no word for what is no finite number.
struct Double(f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            number if number.is_finite() => serializer.serialize_f64(number),
            number if number.is_nan() => serializer.serialize_str("NaN"),
            number if number > 0.0 => serializer.serialize_str("+Inf"),
            _ => serializer.serialize_str("-Inf"),
        }
    }
}

/// A value inside a list or map. Text can hold any integer, so integers stay numbers here.
struct Nested<'a>(&'a Value);

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Empty => serializer.serialize_none(),
            Value::String(text) => serializer.serialize_str(text),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Double(value) => Double(*value).serialize(serializer),
            Value::Bytes(bytes) => serializer.serialize_str(&base64::encode(bytes)),
            Value::Array(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| list.serialize_element(&Nested(value)))?;
                list.end()
            }
            Value::Map(pairs) => nested_map(pairs, serializer),
        }
    }
}

fn nested_map<S: Serializer>(pairs: &Attributes, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pairs.len()))?;
    pairs.iter().try_for_each(|pair| map.serialize_entry(&pair.key, &Nested(&pair.value)))?;
    map.end()
}

fn nested_text(value: &Value) -> String {
    // Nesting is limited where spans come in, so the stack is too.
    serde_json::to_string(&Nested(value)).expect("keys are text and every number has a form")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: Value) -> String {
        serde_json::to_string(&Tag::of("k", &value)).expect("a tag can be written")
    }

    fn check(value: impl Into<Value>, expected: &str) {
        assert_eq!(json(value.into()), format!("{{\"key\":\"k\",{expected}}}"));
    }

    #[test]
    fn each_type_has_its_word_and_no_value_is_rounded() {
        check("a\"b", r#""type":"string","value":"a\"b""#);
        check(true, r#""type":"bool","value":true"#);
        check(1_i64 << 53, r#""type":"int64","value":9007199254740992"#);
        check((1_i64 << 53) + 1, r#""type":"int64","value":"9007199254740993""#);
        check(i64::MIN, r#""type":"int64","value":"-9223372036854775808""#);
        check(0.1, r#""type":"float64","value":0.1"#);
        check(2.0, r#""type":"float64","value":2.0"#);
        check(f64::NAN, r#""type":"float64","value":"NaN""#);
        check(f64::NEG_INFINITY, r#""type":"float64","value":"-Inf""#);
        check(Value::Bytes(vec![1, 2, 255]), r#""type":"binary","value":"AQL/""#);
        check(Value::Empty, r#""type":"string","value":"""#);
    }

    #[test]
    fn lists_and_maps_are_json_text_with_exact_integers() {
        let mut map = Attributes::new();
        map.set("z", i64::MAX);
        map.set("a", Value::Array(vec![Value::from(1.5), Value::Empty, Value::Bytes(vec![0])]));
        check(Value::Map(map), r#""type":"string","value":"{\"z\":9223372036854775807,\"a\":[1.5,null,\"AA==\"]}""#);
        check(Value::Array(Vec::new()), r#""type":"string","value":"[]""#);
    }
}
