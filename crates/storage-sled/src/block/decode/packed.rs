//! Numbers as readers keep them: decoded, and as narrow as their values allow. Not here: how they lie in a block.

/// Numbers above a base.
#[derive(Debug, PartialEq, Eq)]
pub struct Packed {
    base: u64,
    numbers: Numbers,
}

#[derive(Debug, PartialEq, Eq)]
enum Numbers {
    Bytes(Box<[u8]>),
    Shorts(Box<[u16]>),
    Words(Box<[u32]>),
    Longs(Box<[u64]>),
}

/// Which numbers are wanted, see [`Packed::retain_listed`].
#[derive(Debug)]
pub struct Table(Vec<bool>);

/// How many numbers two bytes can say.
const SHORTS: usize = 1 << 16;

impl Table {
    /// By number.
    pub fn new(mut is_wanted: Vec<bool>) -> Table {
        // So that a table of all numbers above each base lies in it.
        is_wanted.resize(is_wanted.len() + SHORTS, false);
        Table(is_wanted)
    }
}

impl Packed {
    /// Of these numbers.
    pub fn new(values: &[u64]) -> Packed {
        // Both in one pass, without a branch: the processor looks at several at once.
        let ends = values.iter().fold((u64::MAX, 0), |(min, max), value| ((*value).min(min), (*value).max(max)));
        let (base, most) = if values.is_empty() { (0, 0) } else { ends };
        let above = values.iter().map(|value| value - base);
        let numbers = match most - base {
            0..=0xff => Numbers::Bytes(above.map(|value| value as u8).collect()),
            0x100..=0xffff => Numbers::Shorts(above.map(|value| value as u16).collect()),
            0x1_0000..=0xffff_ffff => Numbers::Words(above.map(|value| value as u32).collect()),
            _ => Numbers::Longs(above.collect()),
        };
        Packed { base, numbers }
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        match &self.numbers {
            Numbers::Bytes(numbers) => numbers.len(),
            Numbers::Shorts(numbers) => numbers.len() * 2,
            Numbers::Words(numbers) => numbers.len() * 4,
            Numbers::Longs(numbers) => numbers.len() * 8,
        }
    }

    /// Leaves in `rows` only those whose number is the place of a `true` in the table.
    pub fn retain_listed(&self, rows: &mut [bool], table: &Table) {
        /// Without a branch on what is left, and without a check that the number is in the table.
        fn each<N: Copy + Into<usize>>(numbers: &[N], rows: &mut [bool], table: &[bool; SHORTS]) {
            rows.iter_mut().zip(numbers).for_each(|(row, number)| *row &= table[(*number).into() & (SHORTS - 1)]);
        }
        let from_base = table.0.get(self.base as usize..).and_then(|rest| rest.first_chunk());
        match (&self.numbers, from_base) {
            (Numbers::Bytes(numbers), Some(table)) => each(numbers, rows, table),
            (Numbers::Shorts(numbers), Some(table)) => each(numbers, rows, table),
            _ => {
                let is_listed = |place| table.0.get(self.get(place) as usize).is_some_and(|is_listed| *is_listed);
                rows.iter_mut().enumerate().for_each(|(place, row)| *row &= is_listed(place));
            }
        }
    }

    /// Leaves in `rows` only those whose number is in this range.
    pub fn retain_between(&self, rows: &mut [bool], min: u64, max: u64) {
        /// In the type of the numbers, of which the processor compares several at once.
        fn each<N: Copy + PartialOrd>(numbers: &[N], rows: &mut [bool], min: N, max: N) {
            rows.iter_mut().zip(numbers).for_each(|(row, number)| *row &= min <= *number && *number <= max);
        }
        if max < self.base || max < min {
            return rows.fill(false);
        }
        let (min, max) = (min.saturating_sub(self.base), max - self.base);
        macro_rules! narrow {
            ($numbers:expr, $type:ty) => {
                match <$type>::try_from(min) {
                    Ok(min) => each($numbers, rows, min, <$type>::try_from(max).unwrap_or(<$type>::MAX)),
                    Err(_) => rows.fill(false),
                }
            };
        }
        match &self.numbers {
            Numbers::Bytes(numbers) => narrow!(numbers, u8),
            Numbers::Shorts(numbers) => narrow!(numbers, u16),
            Numbers::Words(numbers) => narrow!(numbers, u32),
            Numbers::Longs(numbers) => each(numbers, rows, min, max),
        }
    }

    /// Calls `visit` with each of these places and the number there. Panics beyond the last one.
    pub fn try_each<E>(
        &self,
        places: impl Iterator<Item = u32>,
        visit: impl FnMut(u32, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        fn each<N: Copy + Into<u64>, E>(
            (numbers, base): (&[N], u64),
            mut places: impl Iterator<Item = u32>,
            mut visit: impl FnMut(u32, u64) -> Result<(), E>,
        ) -> Result<(), E> {
            places.try_for_each(|place| visit(place, base + numbers[place as usize].into()))
        }
        match &self.numbers {
            Numbers::Bytes(numbers) => each((numbers, self.base), places, visit),
            Numbers::Shorts(numbers) => each((numbers, self.base), places, visit),
            Numbers::Words(numbers) => each((numbers, self.base), places, visit),
            Numbers::Longs(numbers) => each((numbers, self.base), places, visit),
        }
    }

    /// The number at a place. Panics beyond the last one.
    pub fn get(&self, place: usize) -> u64 {
        self.base
            + match &self.numbers {
                Numbers::Bytes(numbers) => numbers[place].into(),
                Numbers::Shorts(numbers) => numbers[place].into(),
                Numbers::Words(numbers) => numbers[place].into(),
                Numbers::Longs(numbers) => numbers[place],
            }
    }

    /// All numbers, without their upper halves.
    pub fn to_shorts(&self) -> Vec<u32> {
        let base = self.base as u32;
        match &self.numbers {
            Numbers::Bytes(numbers) => numbers.iter().map(|number| base.wrapping_add((*number).into())).collect(),
            Numbers::Shorts(numbers) => numbers.iter().map(|number| base.wrapping_add((*number).into())).collect(),
            Numbers::Words(numbers) => numbers.iter().map(|number| base.wrapping_add(*number)).collect(),
            Numbers::Longs(numbers) => numbers.iter().map(|number| base.wrapping_add(*number as u32)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of which each ends at, before or after a number.
    fn ranges(values: &[u64]) -> Vec<(u64, u64)> {
        let near = |value: &u64| [value.saturating_sub(1), *value, value.saturating_add(1)];
        let ends: Vec<u64> = values.iter().flat_map(near).chain([0, u64::MAX]).collect();
        ends.iter().flat_map(|min| ends.iter().map(|max| (*min, *max))).collect()
    }

    #[test]
    fn numbers_come_back_and_take_as_many_bytes_as_they_need() {
        let check = |values: &[u64], bytes: usize| {
            let packed = Packed::new(values);
            let all: Vec<u64> = (0..values.len()).map(|place| packed.get(place)).collect();
            assert_eq!((all.as_slice(), packed.bytes()), (values, bytes * values.len()));
            assert_eq!(packed.to_shorts(), values.iter().map(|value| *value as u32).collect::<Vec<_>>());
            for (min, max) in ranges(values) {
                let mut rows = vec![true; values.len()];
                packed.retain_between(&mut rows, min, max);
                let expected: Vec<bool> = values.iter().map(|value| (min..=max).contains(value)).collect();
                assert_eq!(rows, expected, "{min}..={max}");
            }
            let mut rows = vec![true; values.len()];
            let table: Vec<bool> = (0..1_000).map(|number| number == values[0]).collect();
            packed.retain_listed(&mut rows, &Table::new(table));
            let is_wanted = |value: &u64| *value == values[0] && *value < 1_000;
            assert_eq!(rows, values.iter().map(is_wanted).collect::<Vec<_>>());
        };
        check(&[u64::MAX, u64::MAX - 255], 1);
        check(&[5, 261], 2);
        check(&[999, 5, 1_500, 999], 2);
        check(&[7, 8, 7], 1);
        check(&[7, 80_000, 7], 4);
        check(&[1 << 40, (1 << 40) + 70_000], 4);
        check(&[0, u64::MAX, 1 << 32], 8);
    }
}
