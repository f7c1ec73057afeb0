//! What a run did, as a table: printed, and at the end of `docs/benchmarks.md` when asked. Judges nothing but its rate.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::content::SPANS;
use super::options::Options;
use super::phase::Phase;
use crate::bench::percentile::Percentiles;

/// Below so many acknowledged spans per second before a kill, a run proves little and is void.
const RATE_MIN: f64 = 5_000.0;

#[derive(Default)]
pub(super) struct Tally {
    pub(super) kills: BTreeMap<Phase, u64>,
    /// Acknowledged requests and seconds of load before each kill.
    pub(super) loads: Vec<(u64, f64)>,
    /// Nanoseconds until a server was ready after a kill.
    pub(super) ready: Vec<u64>,
    pub(super) refusals: u64,
    pub(super) compared: u64,
    pub(super) dropped: u64,
    pub(super) unknown: (u64, u64),
    pub(super) elapsed: Duration,
}

impl Tally {
    pub(super) fn kills(&self) -> u64 {
        self.kills.values().sum()
    }

    /// Acknowledged spans per second, over all loads.
    pub(super) fn rate(&self) -> f64 {
        let (requests, seconds) = self.loads.iter().fold((0, 0.0), |sum, load| (sum.0 + load.0, sum.1 + load.1));
        (requests * SPANS) as f64 / f64::max(seconds, f64::EPSILON)
    }

    pub(super) fn is_void(&self) -> bool {
        self.rate() < RATE_MIN
    }

    /// The line that is said now and then.
    pub(super) fn line(&self) -> String {
        let (there, absent) = self.unknown;
        format!(
            "{} kills, {:.0} spans/s before them, {} traces compared, {there} of {} without an answer were stored, {} dropped by retention, {:.0} s",
            self.kills(),
            self.rate(),
            self.compared,
            there + absent,
            self.dropped,
            self.elapsed.as_secs_f64()
        )
    }

    fn markdown(&self, host: &str, options: &Options) -> String {
        let mut text = format!("## Kills of the whole server\n\n{host}.\nCommand: `{}`.\n", options.command());
        if options.binary.is_some() {
            text += "The binary was named by its path: the commit is that of the sources beside it.\n";
        }
        options.note.iter().for_each(|note| text += &format!("{note}\n"));
        let acknowledged: u64 = self.loads.iter().map(|(requests, _)| requests * SPANS).sum();
        let phases: Vec<String> =
            self.kills.iter().map(|(phase, kills)| format!("{kills} {}", phase.words())).collect();
        let slow = self.loads.iter().filter(|(requests, seconds)| ((requests * SPANS) as f64) < RATE_MIN * seconds);
        let ready = Percentiles::of(self.ready.clone());
        let millis = |nanos: u64| format!("{:.0} ms", nanos as f64 / 1e6);
        let (there, absent) = self.unknown;
        text += "\n| what | measured |\n|---|---|\n";
        for (what, value) in [
            ("kill -9", format!("{}: {}", self.kills(), phases.join(", "))),
            (
                "spans acknowledged",
                format!("{acknowledged}, all of them there afterwards, once and equal, unless retention dropped them"),
            ),
            (
                "acknowledged per second before the kills",
                format!("{:.0} spans/s; {} loads of {} below 5,000", self.rate(), slow.count(), self.loads.len()),
            ),
            ("requests without an answer", format!("{}; {there} of them turned out to be stored", there + absent)),
            ("refusals", self.refusals.to_string()),
            ("traces of 100 spans compared span by span", self.compared.to_string()),
            ("traces dropped by retention meanwhile", self.dropped.to_string()),
            ("ready after a kill, p50 / p99", format!("{} / {}", millis(ready.p50), millis(ready.p99))),
            ("the run took", format!("{:.0} s", self.elapsed.as_secs_f64())),
        ] {
            text += &format!("| {what} | {value} |\n");
        }
        text
    }

    /// Says the table, and keeps it when asked.
    pub(super) fn tell(&self, host: &str, options: &Options, page: &Path) -> Result<()> {
        let section = self.markdown(host, options);
        println!("\n{section}");
        if options.records {
            let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
            fs::write(page, format!("{}\n\n{section}", text.trim_end()))?;
            println!("recorded in {}", page.display());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_void_below_its_rate() {
        let tally = |requests: u64| Tally { loads: vec![(requests, 1.0), (requests, 1.0)], ..Tally::default() };
        assert!(tally(49).is_void());
        assert!(!tally(50).is_void());
        assert!(Tally::default().is_void());
    }
}
