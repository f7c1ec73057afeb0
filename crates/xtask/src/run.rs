//! `run`: builds, starts the server on a store that stays in `data/`, and stops what it started on Ctrl-C.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::build::{self, Flavour};
use crate::process::Running;
use crate::workspace::Workspace;

/// How often signals and children are looked at.
const POLL: Duration = Duration::from_millis(100);

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    flavour: Flavour,
    demo: bool,
    /// After `--`: handed to `tracewell serve` as they are.
    serve_flags: Vec<String>,
}

impl Options {
    pub(crate) fn from_words(words: &[String]) -> Result<Self> {
        let mut options = Self { flavour: Flavour::Dev, demo: false, serve_flags: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--demo" => options.demo = true,
                "--release" => options.flavour = Flavour::Release,
                "--" => options.serve_flags = words.by_ref().cloned().collect(),
                other => bail!("unknown flag for run: {other}; known: --demo, --release, -- <serve flags>"),
            }
        }
        Ok(options)
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let binary = build::build(workspace, options.flavour)?;
    // From here on a Ctrl-C is ours to handle; before, it ends us and the compiler alike.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for Ctrl-C")?;
    let mut children = vec![Running::start("tracewell serve", &mut serve(workspace, &binary, &options.serve_flags))?];
    if options.demo {
        // It waits for the server by itself.
        children
            .push(Running::start("tracewell demo", Command::new(&binary).arg("demo").current_dir(&workspace.root))?);
    }
    let ended = watch(&mut signals, &mut children);
    // Last started, first stopped: the demo must not complain about a server that is gone.
    for child in children.into_iter().rev() {
        child.stop()?;
    }
    ended
}

/// The call that starts the server. A `--data-dir` after `--` wins over ours.
pub(crate) fn serve(workspace: &Workspace, binary: &Path, flags: &[String]) -> Command {
    let mut command = Command::new(binary);
    command.arg("serve").current_dir(&workspace.root);
    if !flags.iter().any(|flag| flag == "--data-dir" || flag.starts_with("--data-dir=")) {
        command.arg("--data-dir").arg(workspace.root.join("data"));
    }
    command.args(flags);
    command
}

/// Returns on the first signal, or with an error when a child ends by itself.
fn watch(signals: &mut Signals, children: &mut [Running]) -> Result<()> {
    loop {
        if signals.pending().next().is_some() {
            return Ok(());
        }
        for child in children.iter_mut() {
            if let Some(status) = child.ended()? {
                bail!("{} ended by itself with {status}; its last lines above say why", child.name());
            }
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_after_the_dashes_reach_the_server_untouched() {
        let options = Options::from_words(&words("--demo -- --http 127.0.0.1:1 --demo")).unwrap();
        assert!(options.demo);
        assert_eq!(options.serve_flags, words("--http 127.0.0.1:1 --demo"));
        assert!(Options::from_words(&words("--fast")).is_err());
    }

    #[test]
    fn data_directory_given_by_the_user_replaces_ours() {
        let workspace = Workspace { root: "/w".into(), target: "/w/target".into() };
        let ours = serve(&workspace, Path::new("t"), &[]);
        assert_eq!(ours.get_args().collect::<Vec<_>>(), ["serve", "--data-dir", "/w/data"]);
        let theirs = serve(&workspace, Path::new("t"), &words("--data-dir=/d"));
        assert_eq!(theirs.get_args().collect::<Vec<_>>(), ["serve", "--data-dir=/d"]);
    }
}
