//! Round instants on the time axis, and their labels. Not here: where they stand on the screen.

/// One line of the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Nanoseconds from the start of the trace.
    pub at: u64,
    /// For example `500 ms`.
    pub label: String,
}

/// Units of labels, greatest first: nanoseconds and name.
const UNITS: [(u64, &str); 4] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns")];
const MINUTE: u64 = 60_000_000_000;

/// At most `count_max` ticks at multiples of 1, 2 or 5 times a power of ten inside `from..=to`.
pub fn ticks(from: u64, to: u64, count_max: u64) -> Vec<Tick> {
    let step = step(to.saturating_sub(from), count_max.max(1));
    let first = from.div_ceil(step);
    let last = to / step;
    (first..=last)
        .take(count_max.saturating_add(1) as usize)
        .map(|n| Tick { at: n * step, label: label(n * step, step) })
        .collect()
}

fn step(length: u64, count_max: u64) -> u64 {
    let least = length.div_ceil(count_max).max(1);
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= least {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// In the unit of the axis, with just the decimals that tell neighbours apart.
fn label(at: u64, step: u64) -> String {
    if at == 0 {
        return "0".to_owned();
    }
    if step >= MINUTE {
        return format!("{} min", trimmed(at as f64 / MINUTE as f64, 1));
    }
    // The unit in which the instant is at least one; the step decides the decimals.
    let (size, name) = UNITS.into_iter().find(|(size, _)| at >= *size).unwrap_or((1, "ns"));
    let mut decimals = 0;
    let mut resolution = size;
    while resolution > step && decimals < 9 {
        resolution /= 10;
        decimals += 1;
    }
    format!("{:.decimals$} {name}", at as f64 / size as f64)
}

fn trimmed(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(from: u64, to: u64) -> Vec<String> {
        ticks(from, to, 7).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_and_labels_tell_them_apart() {
        assert_eq!(labels(0, 3_300_000_000), ["0", "500 ms", "1.0 s", "1.5 s", "2.0 s", "2.5 s", "3.0 s"]);
        assert_eq!(labels(2_000_100, 2_000_900), ["2.0002 ms", "2.0004 ms", "2.0006 ms", "2.0008 ms"]);
        assert_eq!(labels(0, 3), ["0", "1 ns", "2 ns", "3 ns"]);
    }

    #[test]
    fn an_empty_window_has_one_instant() {
        assert_eq!(labels(0, 0), ["0"]);
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_and_never_crowd(from: u64, length: u64, count_max in 1u64..20) {
            let to = from.saturating_add(length);
            let ticks = ticks(from, to, count_max);
            prop_assert!(ticks.len() as u64 <= count_max + 1);
            prop_assert!(ticks.iter().all(|tick| (from..=to).contains(&tick.at)));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].at < pair[1].at));
        }
    }
}
