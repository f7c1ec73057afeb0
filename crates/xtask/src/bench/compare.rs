//! Two binaries in turns, A B A B, under the same bytes in the same minutes: on a machine that others use too,
//! their ratio says more than any number. Asks no questions.

use anyhow::Result;

use super::percentile::{Percentiles, of_sorted};
use super::run::Loaded;

type Number = fn(&Loaded) -> f64;

/// What is compared of a load.
const COMPARED: [(&str, Number); 6] = [
    ("server CPU per million spans, at ack, s", |loaded| loaded.per_million(loaded.cpu_at_ack)),
    ("server CPU per million spans, settled, s", |loaded| loaded.per_million(loaded.cpu_settled)),
    ("acknowledged, k spans/s", |loaded| loaded.rate() / 1e3),
    ("ack p99, ms", |loaded| Percentiles::of(loaded.sent.latencies.clone()).p99 as f64 / 1e6),
    ("bytes per span on disk", |loaded| loaded.disk_bytes as f64 / loaded.acknowledged.max(1) as f64),
    ("RSS, peak, MB", |loaded| loaded.memory.peak as f64 / 1e6),
];
/// Numbers are compared as whole thousandths.
const SCALE: f64 = 1_000.0;

/// Runs both `rounds` times in turns. Returns the table.
pub(super) fn in_turns(
    rounds: usize,
    mut a: impl FnMut() -> Result<Loaded>,
    mut b: impl FnMut() -> Result<Loaded>,
) -> Result<String> {
    let mut loads = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        loads.0.push(a()?);
        loads.1.push(b()?);
        println!("round {round} of {rounds}");
    }
    Ok(table(&loads.0, &loads.1))
}

fn table(a: &[Loaded], b: &[Loaded]) -> String {
    let mut text = "| what: median (least to most) | A | B | B / A |\n|---|---|---|---|\n".to_owned();
    for (what, number) in COMPARED {
        let (a, b) = (Spread::of(a.iter().map(number)), Spread::of(b.iter().map(number)));
        text += &format!("| {what} | {} | {} | {:.2} |\n", a.shown(), b.shown(), b.median / a.median);
    }
    text
}

struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut whole: Vec<u64> = numbers.map(|number| (number * SCALE) as u64).collect();
        whole.sort_unstable();
        let at = |per_mille| of_sorted(&whole, per_mille) as f64 / SCALE;
        Self { least: at(0), median: at(500), most: at(1_000) }
    }

    fn shown(&self) -> String {
        format!("{:.2} ({:.2} to {:.2})", self.median, self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_is_what_lies_in_the_middle_and_at_both_ends() {
        let spread = Spread::of([3.0, 1.5, 9.25].into_iter());
        assert_eq!((spread.least, spread.median, spread.most), (1.5, 3.0, 9.25));
        assert_eq!(spread.shown(), "3.00 (1.50 to 9.25)");
    }

    #[test]
    fn binaries_take_turns() {
        let turns = std::cell::RefCell::new(String::new());
        let turn = |letter: char| {
            turns.borrow_mut().push(letter);
            if turns.borrow().len() == 4 { anyhow::bail!("enough") } else { Ok(Loaded::default()) }
        };
        assert!(in_turns(5, || turn('a'), || turn('b')).is_err());
        assert_eq!(turns.into_inner(), "abab");
    }
}
