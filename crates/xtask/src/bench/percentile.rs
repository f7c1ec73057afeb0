//! Quantiles of measured numbers: the smallest one that is not below the share. Not here: histograms.

/// The number below or at which `per_mille` of a thousand lie; 0 of nothing.
pub(crate) fn of_sorted(sorted: &[u64], per_mille: usize) -> u64 {
    let rank = (sorted.len() * per_mille).div_ceil(1_000).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// Half, 99 % and 99.9 % of what was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Percentiles {
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    pub(crate) p999: u64,
}

impl Percentiles {
    pub(crate) fn of(mut measured: Vec<u64>) -> Self {
        measured.sort_unstable();
        Self { p50: of_sorted(&measured, 500), p99: of_sorted(&measured, 990), p999: of_sorted(&measured, 999) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_a_number_that_was_measured() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(Percentiles::of(hundred), Percentiles { p50: 50, p99: 99, p999: 100 });
        assert_eq!(Percentiles::of(vec![7]), Percentiles { p50: 7, p99: 7, p999: 7 });
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
        assert_eq!(of_sorted(&[1, 2, 3], 500), 2);
        assert_eq!(of_sorted(&[1, 2, 3, 4], 0), 1);
    }
}
