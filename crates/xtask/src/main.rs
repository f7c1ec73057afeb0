//! The caretaker's command line: which word starts which file. What a command does is said in its own file.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on its standard output")]

mod bench;
mod build;
mod bundle;
mod check;
mod crash;
mod deny;
mod dev;
mod machine;
mod process;
mod run;
mod size;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const HELP: &str = "\
usage: cargo xtask <command>

  run [--demo] [--release] [-- <serve flags>]   build all, start on a store in data/; --demo adds live traffic
  test [--dev] [<suite>…]                       everything: native, doc, wasm, browser, clients; --dev builds faster
  build [--release]                             bundle and binary; release: target/release/tracewell
  check                                         fmt, tidy, licences and advisories, clippy, docs
  tidy                                          edges between rooms and the other rules of the house
  deny                                          licences, advisories, bans and sources alone
  bench <w1|w2|w3|w5> [--spans N] [--record] …  speed, size and right answers of the release binary under a workload
  crash [--kills N] [--seed N] [--record] …     kill -9 the release binary under load and compare what it then answers
  size                                          weight of the last bundle against its limits
  dev [-- <serve flags>]                        watch, rebuild the side that changed, restart, reload
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match obey(&words) {
        Ok(code) => code,
        // Not `Result` from main: it would print a stack of our own frames under a message meant for a person.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(words: &[String]) -> Result<ExitCode> {
    let (command, rest) = words.split_first().map_or(("help", &[][..]), |(command, rest)| (command.as_str(), rest));
    if matches!(command, "help" | "--help" | "-h") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::find()?;
    match (command, rest) {
        ("run", _) => run::run(&workspace, &run::Options::from_words(rest)?)?,
        ("test", _) => {
            if !test::test(&workspace, &test::Options::from_words(rest)?)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        ("bench", _) => {
            if !bench::bench(&workspace, &bench::Options::from_words(rest)?)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        ("crash", _) => {
            if !crash::crash(&workspace, &crash::Options::from_words(rest)?)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        ("build", _) => build::build(&workspace, build::Flavour::from_words(rest)?).map(drop)?,
        ("check", []) => check::check(&workspace)?,
        ("tidy", []) => tidy::tidy(&workspace)?,
        ("deny", []) => deny::deny(&workspace)?,
        ("size", []) => size::size(&workspace)?,
        ("dev", []) => dev::dev(&workspace, &[])?,
        ("dev", [dashes, flags @ ..]) if dashes == "--" => dev::dev(&workspace, flags)?,
        _ => bail!("not understood: `{}`; `cargo xtask help` lists the commands", words.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
