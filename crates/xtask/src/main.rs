//! The caretaker's command line: which word starts which file. What a command does is said in its own file.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on its standard output")]

mod build;
mod bundle;
mod machine;
mod process;
mod run;
mod workspace;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const HELP: &str = "\
usage: cargo xtask <command>

  run [--demo] [--release] [-- <serve flags>]   build all, start on a store in data/; --demo adds live traffic
  build [--release]                             bundle and binary; release: target/release/tracewell
";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = words.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    let workspace = Workspace::find()?;
    match command.as_str() {
        "run" => run::run(&workspace, &run::Options::from_words(rest)?),
        "build" => build::build(&workspace, build::Flavour::from_words(rest)?).map(drop),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command: `{other}`; `cargo xtask help` lists them"),
    }
}
