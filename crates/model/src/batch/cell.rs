//! One attribute of a batch, packed. Not here: the columns it refers to.

use super::columns::StringId;

/// A value, its text in the dictionary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueCell {
    /// Present without a value.
    Empty,
    /// Text.
    String(StringId),
    /// Truth value.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Double.
    Double(f64),
    /// Index into [`super::Columns::others`].
    Other(u32),
}

/// One pair, its texts in the dictionary. Twelve bytes instead of twenty-four: a batch has more of them than of anything else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AttributeCell {
    /// The key in the lower bits, the sort of the value in the upper three.
    head: u32,
    /// The value, lower half first: as halves it needs no alignment to eight.
    value: [u32; 2],
}

const EMPTY: u32 = 0;
const STRING: u32 = 1;
const BOOL: u32 = 2;
const INT: u32 = 3;
const DOUBLE: u32 = 4;
const OTHER: u32 = 5;

/// Bits of a key.
const KEY_BITS: u32 = 29;

impl AttributeCell {
    /// The greatest number that a key may have.
    pub const KEY_MAX: StringId = (1 << KEY_BITS) - 1;

    /// Panics when `key` is greater than [`AttributeCell::KEY_MAX`].
    #[inline]
    pub fn new(key: StringId, value: ValueCell) -> AttributeCell {
        assert!(key <= AttributeCell::KEY_MAX, "a batch is cut by bytes long before five hundred million texts");
        let (sort, bits) = match value {
            ValueCell::Empty => (EMPTY, 0),
            ValueCell::String(id) => (STRING, id.into()),
            ValueCell::Bool(value) => (BOOL, value.into()),
            ValueCell::Int(value) => (INT, value as u64),
            ValueCell::Double(value) => (DOUBLE, value.to_bits()),
            ValueCell::Other(index) => (OTHER, index.into()),
        };
        AttributeCell { head: key | sort << KEY_BITS, value: [bits as u32, (bits >> 32) as u32] }
    }

    /// Its key.
    #[inline]
    pub fn key(&self) -> StringId {
        self.head & AttributeCell::KEY_MAX
    }

    /// Its value.
    #[inline]
    pub fn value(&self) -> ValueCell {
        let [low, high] = self.value;
        let bits = u64::from(high) << 32 | u64::from(low);
        match self.head >> KEY_BITS {
            STRING => ValueCell::String(low),
            BOOL => ValueCell::Bool(low != 0),
            INT => ValueCell::Int(bits as i64),
            DOUBLE => ValueCell::Double(f64::from_bits(bits)),
            OTHER => ValueCell::Other(low),
            // Only `new` makes cells, so this is `EMPTY`.
            _ => ValueCell::Empty,
        }
    }
}

impl std::fmt::Debug for AttributeCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttributeCell").field("key", &self.key()).field("value", &self.value()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cell_takes_twelve_bytes() {
        assert_eq!(size_of::<AttributeCell>(), 12);
    }

    proptest! {
        #[test]
        fn key_and_value_come_back(key in 0..=AttributeCell::KEY_MAX, number: i64, double: f64, index: u32, truth: bool) {
            let values = [
                ValueCell::Empty,
                ValueCell::String(index),
                ValueCell::Bool(truth),
                ValueCell::Int(number),
                ValueCell::Double(double),
                ValueCell::Other(index),
            ];
            for value in values {
                let cell = AttributeCell::new(key, value);
                prop_assert_eq!((cell.key(), format!("{:?}", cell.value())), (key, format!("{value:?}")));
            }
        }
    }
}
