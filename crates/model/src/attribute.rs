//! Typed key-value pairs in the order in which the client sent them.

/// A value as OpenTelemetry's `AnyValue` knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Present without a value.
    #[default]
    Empty,
    /// Text.
    String(String),
    /// Truth value.
    Bool(bool),
    /// Signed 64-bit integer.
    Int(i64),
    /// IEEE 754 double, NaN and infinities included.
    Double(f64),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// Values of any type.
    Array(Vec<Value>),
    /// Nested pairs.
    Map(Attributes),
}

/// One typed pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Name of the attribute, for example `http.request.method`.
    pub key: String,
    /// Its value.
    pub value: Value,
}

/// Pairs in the order of their first appearance; a key appears once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Vec<Attribute>);

// === impl Value ===

impl Value {
    /// The text of a `String`, nothing for other types.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Double(value)
    }
}

// === impl Attributes ===

impl Attributes {
    /// No pairs.
    pub const fn new() -> Attributes {
        Attributes(Vec::new())
    }

    /// Keeps the last value of a repeated key, at the place of its first appearance.
    pub fn from_pairs(pairs: Vec<Attribute>) -> Attributes {
        // Short lists are the rule: comparing beats hashing until about this many.
        const COMPARE_MAX: usize = 16;
        if pairs.len() > COMPARE_MAX {
            return Attributes(deduplicated_by_hash(pairs));
        }
        let mut attributes = Attributes(Vec::with_capacity(pairs.len()));
        for pair in pairs {
            attributes.set(pair.key, pair.value);
        }
        attributes
    }

    /// Sets `key`, replacing an earlier value in place.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let key = key.into();
        match self.0.iter_mut().find(|pair| pair.key == key) {
            Some(pair) => pair.value = value.into(),
            None => self.0.push(Attribute { key, value: value.into() }),
        }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|pair| pair.key == key).map(|pair| &pair.value)
    }

    /// The value of `key` when it is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// Keeps the first `count` pairs and tells how many went.
    pub fn truncate(&mut self, count: usize) -> usize {
        let dropped = self.0.len().saturating_sub(count);
        self.0.truncate(count);
        dropped
    }

    /// The pairs in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attribute> {
        self.0.iter()
    }

    /// The pairs in order, to change their values.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Attribute> {
        self.0.iter_mut()
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Attributes {
    type Item = &'a Attribute;
    type IntoIter = std::slice::Iter<'a, Attribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for Attributes {
    type Item = Attribute;
    type IntoIter = std::vec::IntoIter<Attribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn deduplicated_by_hash(pairs: Vec<Attribute>) -> Vec<Attribute> {
    let mut place_of_key = std::collections::HashMap::with_capacity(pairs.len());
    let mut kept: Vec<Attribute> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        match place_of_key.get(&pair.key) {
            Some(place) => {
                let earlier: &mut Attribute = &mut kept[*place];
                earlier.value = pair.value;
            }
            None => {
                place_of_key.insert(pair.key.clone(), kept.len());
                kept.push(pair);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(key: &str, value: i64) -> Attribute {
        Attribute { key: key.to_owned(), value: Value::Int(value) }
    }

    #[test]
    fn the_last_value_of_a_repeated_key_wins_in_its_first_place() {
        let attributes = Attributes::from_pairs(vec![pair("a", 1), pair("b", 2), pair("a", 3)]);
        let got: Vec<_> = attributes.iter().map(|pair| (pair.key.as_str(), &pair.value)).collect();
        assert_eq!(got, [("a", &Value::Int(3)), ("b", &Value::Int(2))]);
    }

    proptest! {
        #[test]
        fn hashing_and_comparing_keep_the_same_pairs(keys in proptest::collection::vec("[a-f]", 0..40)) {
            let pairs: Vec<_> = keys.iter().zip(0..).map(|(key, n)| pair(key, n)).collect();
            let mut compared = Attributes::new();
            for pair in pairs.clone() {
                compared.set(pair.key, pair.value);
            }
            prop_assert_eq!(deduplicated_by_hash(pairs), compared.0);
        }
    }
}
