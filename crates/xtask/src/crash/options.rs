//! What `cargo xtask crash` was asked to do.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(super) kills: u64,
    pub(super) seed: u64,
    /// How fast all writers together send.
    pub(super) spans_per_second: u64,
    pub(super) writers: usize,
    /// Instead of a release build of this tree.
    pub(super) binary: Option<PathBuf>,
    /// Where a folder for the run is made.
    pub(super) data_dir: Option<PathBuf>,
    pub(super) records: bool,
    /// A remark for the record, such as what else ran.
    pub(super) note: Option<String>,
}

const KILLS: u64 = 100;
const SPANS_PER_SECOND: u64 = 10_000;
const WRITERS: usize = 8;
const KNOWN: &str =
    "--kills N, --seed N, --spans-per-second N, --writers N, --binary PATH, --data-dir PATH, --note TEXT, --record";

impl Options {
    pub(crate) fn from_words(words: &[String]) -> Result<Self> {
        let mut options = Self {
            kills: KILLS,
            seed: 1,
            spans_per_second: SPANS_PER_SECOND,
            writers: WRITERS,
            binary: None,
            data_dir: None,
            records: false,
            note: None,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--record" => options.records = true,
                flag => options.set(flag, words.next().map(String::as_str))?,
            }
        }
        ensure!(options.kills > 0 && options.writers > 0, "a run needs at least one kill and one writer");
        ensure!(options.spans_per_second > 0, "without load nothing can be lost");
        Ok(options)
    }

    /// What a person types for the same run.
    pub(super) fn command(&self) -> String {
        let Self { kills, seed, spans_per_second, writers, .. } = self;
        format!(
            "cargo xtask crash --kills {kills} --seed {seed} --spans-per-second {spans_per_second} --writers {writers}"
        )
    }

    fn set(&mut self, flag: &str, value: Option<&str>) -> Result<()> {
        let text = || value.with_context(|| format!("{flag} needs a value"));
        let number = || -> Result<u64> {
            let text = text()?;
            text.replace('_', "").parse().with_context(|| format!("{flag} needs a whole number, not {text}"))
        };
        match flag {
            "--kills" => self.kills = number()?,
            "--seed" => self.seed = number()?,
            "--spans-per-second" => self.spans_per_second = number()?,
            "--writers" => self.writers = usize::try_from(number()?)?,
            "--binary" => self.binary = Some(std::path::absolute(text()?)?),
            "--data-dir" => self.data_dir = Some(std::path::absolute(text()?)?),
            "--note" => self.note = Some(text()?.to_owned()),
            _ => bail!("unknown flag for crash: {flag}; known: {KNOWN}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::from_words(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn command_of_a_run_asks_for_the_same_run() {
        let options = parse("--kills 1_000 --seed 7 --spans-per-second 5 --writers 3").unwrap();
        assert_eq!(parse(options.command().strip_prefix("cargo xtask crash ").unwrap()).unwrap(), options);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert!(parse("--fast 1").unwrap_err().to_string().contains("--fast"));
        assert!(parse("--kills many").unwrap_err().to_string().contains("--kills"));
        assert!(parse("--kills 0").is_err());
    }
}
