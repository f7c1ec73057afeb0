//! The binary `tracewell`: its roles and their command lines. Not here: what a role does.

use std::collections::HashMap;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use server::config::{Config, Layers, LogFormat, SETTINGS, arguments, read_file};
use server::demo::DemoArgs;
use server::shutdown::Signals;
use server::{allocator, demo, descriptors, telemetry, wiring};
use tokio::runtime::{Builder, Runtime};

/// The demo has no settings but its flags.
const DEMO_LOG_LEVEL: &str = "info";

fn main() -> ExitCode {
    let matches = command().get_matches();
    let done = match matches.subcommand() {
        Some(("check", flags)) => check(flags),
        Some(("demo", flags)) => demo(flags),
        Some((_serve, flags)) => serve(flags),
        None => serve(&matches),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is gone.
            drop(writeln!(std::io::stderr(), "tracewell: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn command() -> Command {
    let settings = || {
        let file = Arg::new("config").long("config").value_name("FILE").help("settings file [default: tracewell.toml]");
        std::iter::once(file).chain(arguments())
    };
    Command::new("tracewell")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Receives OpenTelemetry spans, keeps them, and shows them.")
        .after_help("Each flag is also TRACEWELL_<NAME> in the environment and <name> in tracewell.toml; flags win.")
        .args_conflicts_with_subcommands(true)
        .args(settings())
        .subcommand(Command::new("serve").about("Run the server (the default)").args(settings()))
        .subcommand(DemoArgs::augment_args(
            Command::new("demo").about("Send the traffic of a made-up online shop to a running server"),
        ))
        .subcommand(Command::new("check").about("Print the effective configuration, or what is wrong").args(settings()))
}

/// The settings of the command line, the environment and the file.
fn layers(matches: &ArgMatches) -> anyhow::Result<Layers> {
    let mut flags = HashMap::new();
    for setting in SETTINGS {
        if matches.value_source(setting.name) != Some(ValueSource::CommandLine) {
            continue;
        }
        let value = matches.try_get_one::<String>(setting.name).ok().flatten();
        flags.insert(setting.name.to_owned(), value.cloned().unwrap_or_else(|| "true".to_owned()));
    }
    // Foreign variables may hold any bytes; ours are text.
    let env: HashMap<_, _> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let named = matches.get_one::<String>("config").or_else(|| env.get("TRACEWELL_CONFIG")).cloned();
    let file = read_file(named.as_deref())?;
    Ok(Layers::gather(flags, env, file.as_deref())?)
}

fn serve(matches: &ArgMatches) -> anyhow::Result<()> {
    allocator::begin_anew_with_settings();
    let config = Config::from_layers(&layers(matches)?)?;
    telemetry::start(&config)?;
    descriptors::raise_limit();
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let mut signals = Signals::listen().context("cannot listen for signals")?;
        let server = tokio::select! {
            started = wiring::start(config) => started?,
            // Nothing is in flight yet, and a store may be left at any moment of its opening.
            () = signals.next() => return Ok(()),
        };
        // A closed standard output is no reason not to serve.
        drop(writeln!(std::io::stdout(), "{}", server.addresses));
        signals.next().await;
        tracing::info!(event = "stopping", "told to stop: finishing what is in flight");
        server.stop(signals.next()).await
    });
    // A thread that still hangs in the disk must not hold the process back.
    runtime.shutdown_background();
    served
}

fn demo(matches: &ArgMatches) -> anyhow::Result<()> {
    let args = DemoArgs::from_arg_matches(matches)?;
    telemetry::start_with(DEMO_LOG_LEVEL, LogFormat::Auto)?;
    runtime()?.block_on(async {
        let mut signals = Signals::listen().context("cannot listen for signals")?;
        tokio::select! {
            played = demo::run(args) => played,
            // The shop has nothing to lose: it is told to stop and stops.
            () = signals.next() => Ok(()),
        }
    })
}

fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

fn check(matches: &ArgMatches) -> anyhow::Result<()> {
    let layers = layers(matches)?;
    Config::from_layers(&layers)?;
    let mut out = std::io::stdout().lock();
    for (setting, value, origin) in layers.iter() {
        let assignment = format!("{} = {value:?}", setting.name);
        writeln!(out, "{assignment:<48} # {origin}; {}", setting.unit)?;
    }
    Ok(())
}
