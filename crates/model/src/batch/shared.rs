//! Resources or scopes that spans share, each numbered once. Not here: the cells they become.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::attribute::{Attributes, Value};
use crate::resource::{Resource, Scope};

/// Finds the number of a resource or scope: at once when it is the same object, by content otherwise.
#[derive(Debug)]
pub(super) struct Shared<T> {
    by_address: HashMap<usize, u32, RandomState>,
    /// Numbers of those with this hash of their content.
    by_content: HashMap<u64, Vec<u32>, RandomState>,
    seed: RandomState,
    /// By number.
    numbered: Vec<Arc<T>>,
    /// Keeps the addresses of the others in use and unique.
    equal: Vec<Arc<T>>,
}

/// What equal things feed equally to a hasher.
pub(super) trait Content: PartialEq {
    fn feed(&self, hasher: &mut impl Hasher);
}

// === impl Shared ===

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared {
            by_address: HashMap::default(),
            by_content: HashMap::default(),
            seed: RandomState::default(),
            numbered: Vec::new(),
            equal: Vec::new(),
        }
    }
}

impl<T: Content> Shared<T> {
    /// Its number, and whether it was given just now.
    pub(super) fn number(&mut self, part: &Arc<T>) -> (u32, bool) {
        let address = Arc::as_ptr(part).addr();
        if let Some(number) = self.by_address.get(&address) {
            return (*number, false);
        }
        let mut hasher = self.seed.build_hasher();
        part.feed(&mut hasher);
        let alike = self.by_content.entry(hasher.finish()).or_default();
        let known = alike.iter().find(|number| self.numbered[**number as usize] == *part).copied();
        let number = known.unwrap_or_else(|| super::builder::index_of(self.numbered.len()));
        match known {
            Some(_) => self.equal.push(Arc::clone(part)),
            None => {
                alike.push(number);
                self.numbered.push(Arc::clone(part));
            }
        }
        self.by_address.insert(address, number);
        (number, known.is_none())
    }
}

impl Content for Resource {
    fn feed(&self, hasher: &mut impl Hasher) {
        feed_attributes(&self.attributes, hasher);
        self.attributes_dropped.hash(hasher);
        self.schema_url.hash(hasher);
    }
}

impl Content for Scope {
    fn feed(&self, hasher: &mut impl Hasher) {
        self.name.hash(hasher);
        self.version.hash(hasher);
        feed_attributes(&self.attributes, hasher);
        self.attributes_dropped.hash(hasher);
        self.schema_url.hash(hasher);
    }
}

fn feed_attributes(attributes: &Attributes, hasher: &mut impl Hasher) {
    attributes.len().hash(hasher);
    for pair in attributes {
        pair.key.hash(hasher);
        feed_value(&pair.value, hasher);
    }
}

/// As deep as a decoder let values be.
fn feed_value(value: &Value, hasher: &mut impl Hasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Empty => {}
        Value::String(text) => text.hash(hasher),
        Value::Bool(value) => value.hash(hasher),
        Value::Int(value) => value.hash(hasher),
        // Both zeros are equal.
        Value::Double(value) => (value + 0.0).to_bits().hash(hasher),
        Value::Bytes(raw) => raw.hash(hasher),
        Value::Array(values) => {
            values.len().hash(hasher);
            values.iter().for_each(|value| feed_value(value, hasher));
        }
        Value::Map(pairs) => feed_attributes(pairs, hasher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(value: Value) -> Arc<Resource> {
        let mut resource = Resource::default();
        resource.attributes.set("key", value);
        Arc::new(resource)
    }

    #[test]
    fn equal_parts_have_one_number_and_others_have_their_own() {
        let mut shared = Shared::default();
        let first = resource(Value::Double(0.0));
        assert_eq!(shared.number(&first), (0, true));
        assert_eq!(shared.number(&first), (0, false));
        assert_eq!(shared.number(&resource(Value::Double(-0.0))), (0, false), "equal as numbers are");
        assert_eq!(shared.number(&resource(Value::Int(0))), (1, true));
        assert_eq!(shared.number(&resource(Value::Array(vec![Value::Int(0)]))), (2, true));
        assert_eq!(shared.number(&resource(Value::Array(vec![Value::Int(0)]))), (2, false));
    }
}
