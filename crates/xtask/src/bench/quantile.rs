//! Distributions as committed tables of 1,024 integer quantiles, so that every platform draws the same numbers:
//! `exp` and `ln` differ between C libraries in their last bit.
//!
//! Entry `i` is the quantile `i / 1,023`; between two entries we go straight.
//! The last entry of an unbounded distribution is chosen so that the mean of the top cell is right.

use super::random::Random;

/// Entries of a table.
const ENTRIES: usize = 1_024;

/// A distribution.
pub(super) struct Quantiles(Vec<u64>);

/// Those that workloads draw from.
pub(super) struct Tables {
    /// Spans of an ordinary trace, thousandths: lognormal(2.3, 0.9).
    pub(super) size_ordinary: Quantiles,
    /// Spans of a large trace: Pareto(100, 1.1), at most 5,000.
    pub(super) size_large: Quantiles,
    /// Spans of a trace in production, thousandths: 1, 7, 200, 3,500, 20,000 at 0, 50, 75, 90, 100 %, log-linear between.
    pub(super) size_production: Quantiles,
    /// Nanoseconds: lognormal(15, 1.6).
    pub(super) duration: Quantiles,
    /// Exponential with mean 1, millionths.
    pub(super) exponential: Quantiles,
}

impl Quantiles {
    fn parse(text: &str) -> Self {
        let numbers: Vec<u64> =
            text.split_whitespace().map(|word| word.parse().expect("a committed table holds whole numbers")).collect();
        assert_eq!(numbers.len(), ENTRIES, "a committed table has 1,024 entries");
        Self(numbers)
    }

    pub(super) fn draw(&self, random: &mut Random) -> u64 {
        let place = u128::from(random.next()) * (ENTRIES as u128 - 1);
        let cell = (place >> 64) as usize;
        let within = place as u64;
        let (low, high) = (self.0[cell], self.0[cell + 1]);
        low + ((u128::from(high - low) * u128::from(within)) >> 64) as u64
    }
}

impl Tables {
    pub(super) fn load() -> Self {
        Self {
            size_ordinary: Quantiles::parse(include_str!("tables/trace_size_lognormal.txt")),
            size_large: Quantiles::parse(include_str!("tables/trace_size_pareto.txt")),
            size_production: Quantiles::parse(include_str!("tables/trace_size_production.txt")),
            duration: Quantiles::parse(include_str!("tables/duration_lognormal.txt")),
            exponential: Quantiles::parse(include_str!("tables/exponential.txt")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(table: &Quantiles) -> f64 {
        let mut random = Random::new(7, 7);
        (0..200_000).map(|_| table.draw(&mut random) as f64).sum::<f64>() / 200_000.0
    }

    fn check(table: &Quantiles, expected: f64) {
        let got = mean(table);
        assert!((got / expected - 1.0).abs() < 0.03, "mean {got}, expected {expected}");
    }

    #[test]
    fn a_table_has_the_mean_of_its_formula() {
        let tables = Tables::load();
        check(&tables.exponential, 1e6);
        check(&tables.duration, (15.0_f64 + 1.6 * 1.6 / 2.0).exp());
        check(&tables.size_ordinary, 1_000.0 * (2.3_f64 + 0.9 * 0.9 / 2.0).exp());
        // Of a Pareto distribution cut at 5,000.
        check(&tables.size_large, 1.1 * 100.0 / 0.1 - 100_f64.powf(1.1) * 5_000_f64.powf(-0.1) / 0.1);
    }

    #[test]
    fn production_sizes_have_the_quantiles_of_the_paper() {
        let table = &Tables::load().size_production.0;
        for (share, size) in [(0, 1_f64), (512, 7.0), (767, 200.0), (921, 3_500.0), (1_023, 20_000.0)] {
            let got = table[share] as f64 / 1_000.0;
            assert!((got / size - 1.0).abs() < 0.03, "entry {share}: {got}, expected {size}");
        }
    }
}
