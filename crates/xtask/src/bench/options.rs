//! What `cargo xtask bench` was asked to do.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use super::run::SETTLED_SECONDS;
use super::workload::Name;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(super) name: Name,
    pub(super) spans: usize,
    /// Spans per second of the measured run; 0: as fast as answered.
    pub(super) rate: u64,
    pub(super) connections: usize,
    /// Samples of each kind of question.
    pub(super) queries: usize,
    pub(super) seed: u64,
    /// Seconds of rest after which a server is settled: more than its timers, or some of its work is not counted.
    pub(super) settled_seconds: u64,
    pub(super) is_gzip: bool,
    /// Instead of a release build of this tree.
    pub(super) binary: Option<PathBuf>,
    /// Only compares with this binary, in turns.
    pub(super) against: Option<PathBuf>,
    /// Turns of each.
    pub(super) rounds: usize,
    pub(super) records: bool,
    /// Where a folder for the store is made.
    pub(super) data_dir: Option<PathBuf>,
    /// A remark for the record, such as what else ran.
    pub(super) note: Option<String>,
    /// After `--`: handed to `tracewell serve` as they are.
    pub(super) serve_flags: Vec<String>,
}

const SPANS: usize = 1_000_000;
const RATE: u64 = 50_000;
const QUERIES: usize = 200;
const ROUNDS: usize = 5;
const KNOWN: &str = "--spans N, --rate SPANS/S, --connections N, --queries N, --seed N, --settle SECONDS, --gzip, --binary PATH, \
                     --against PATH, --rounds N, --data-dir PATH, --note TEXT, --record, -- <serve flags>";

impl Options {
    pub(crate) fn from_words(words: &[String]) -> Result<Self> {
        let (name, words) = words.split_first().context("which workload? cargo xtask bench <w1|w2|w3|w5>")?;
        let name = Name::from_word(name)?;
        let mut options = Self {
            name,
            spans: SPANS,
            rate: RATE,
            connections: name.connections(),
            queries: QUERIES,
            seed: 1,
            settled_seconds: SETTLED_SECONDS,
            is_gzip: false,
            binary: None,
            against: None,
            rounds: ROUNDS,
            records: false,
            data_dir: None,
            note: None,
            serve_flags: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                options.serve_flags = words.by_ref().cloned().collect();
                break;
            }
            match word.as_str() {
                "--gzip" => options.is_gzip = true,
                "--record" => options.records = true,
                flag => options.set(flag, words.next().map(String::as_str))?,
            }
        }
        ensure!(options.spans > 0 && options.connections > 0, "a load needs at least one span and one connection");
        ensure!(options.settled_seconds > 0, "a server is settled after one second of rest at the earliest");
        ensure!(options.rounds > 0, "a comparison needs at least one round");
        Ok(options)
    }

    /// What a person types for the same run.
    pub(super) fn command(&self) -> String {
        let Self { name, spans, rate, connections, queries, seed, settled_seconds, .. } = self;
        let gzip = if self.is_gzip { " --gzip" } else { "" };
        format!(
            "cargo xtask bench {} --spans {spans} --rate {rate} --connections {connections} --queries {queries} --seed {seed} \
             --settle {settled_seconds}{gzip}",
            name.word()
        )
    }

    fn set(&mut self, flag: &str, value: Option<&str>) -> Result<()> {
        let text = || value.with_context(|| format!("{flag} needs a value"));
        let number = || -> Result<u64> {
            let text = text()?;
            text.replace('_', "").parse().with_context(|| format!("{flag} needs a whole number, not {text}"))
        };
        match flag {
            "--spans" => self.spans = usize::try_from(number()?)?,
            "--rate" => self.rate = number()?,
            "--connections" => self.connections = usize::try_from(number()?)?,
            "--queries" => self.queries = usize::try_from(number()?)?,
            "--seed" => self.seed = number()?,
            "--settle" => self.settled_seconds = number()?,
            "--binary" => self.binary = Some(std::path::absolute(text()?)?),
            "--against" => self.against = Some(std::path::absolute(text()?)?),
            "--rounds" => self.rounds = usize::try_from(number()?)?,
            "--data-dir" => self.data_dir = Some(std::path::absolute(text()?)?),
            "--note" => self.note = Some(text()?.to_owned()),
            _ => bail!("unknown flag for bench: {flag}; known: {KNOWN}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::from_words(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn flags_are_read_and_the_rest_goes_to_the_server() {
        let options = parse("w5 --spans 1_000 --rate 0 --record -- --memory small").unwrap();
        assert_eq!((options.name, options.spans, options.rate), (Name::W5, 1_000, 0));
        assert_eq!((options.connections, options.records), (200, true));
        assert_eq!(options.serve_flags, ["--memory", "small"]);
        assert_eq!(parse("w1").unwrap().connections, 4);
    }

    #[test]
    fn command_of_a_run_asks_for_the_same_run() {
        let options = parse("w1 --gzip --spans 5 --rate 6 --connections 7 --queries 8 --seed 9 --settle 3").unwrap();
        assert_eq!(parse(options.command().strip_prefix("cargo xtask bench ").unwrap()).unwrap(), options);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert!(parse("w4").unwrap_err().to_string().contains("w4"));
        assert!(parse("w1 --fast").unwrap_err().to_string().contains("--fast"));
        assert!(parse("w1 --spans many").unwrap_err().to_string().contains("--spans"));
        assert!(parse("w1 --spans").unwrap_err().to_string().contains("--spans"));
        assert!(parse("w1 --spans 0").is_err());
    }
}
