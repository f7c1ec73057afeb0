//! `dev`: watches the sources, rebuilds the side that changed and restarts the server, which any open page notices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::build::{self, Flavour};
use crate::process::Running;
use crate::workspace::Workspace;
use crate::{bundle, run};

/// How often the sources' times are read: a few hundred files, well below a millisecond each.
const POLL: Duration = Duration::from_millis(500);

/// Which build a changed file asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Bundle,
    Server,
    Both,
}

const WATCHED: [(&str, Side); 6] = [
    ("frontend/src", Side::Bundle),
    ("style", Side::Bundle),
    ("public", Side::Bundle),
    ("server/src", Side::Server),
    ("app/src", Side::Both),
    ("crates", Side::Both),
];

pub(crate) fn dev(workspace: &Workspace, serve_flags: &[String]) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for Ctrl-C")?;
    let mut seen = times(&workspace.root)?;
    let mut server = started(workspace, Side::Both, serve_flags);
    println!("watching; Ctrl-C ends");
    while signals.pending().next().is_none() {
        thread::sleep(POLL);
        let now = times(&workspace.root)?;
        let Some(side) = changed(&seen, &now) else { continue };
        seen = now;
        // The old server answers until the new one is built: a broken build leaves a working page.
        match rebuilt(workspace, side) {
            Ok(binary) => {
                if let Some(old) = server.take() {
                    old.stop()?;
                }
                server = Some(start(workspace, &binary, serve_flags)?);
            }
            Err(error) => println!("{error:#}"),
        }
    }
    server.map_or(Ok(()), |server| server.stop().map(drop))
}

fn started(workspace: &Workspace, side: Side, serve_flags: &[String]) -> Option<Running> {
    let server = rebuilt(workspace, side).and_then(|binary| start(workspace, &binary, serve_flags));
    server.map_err(|error| println!("{error:#}")).ok()
}

fn start(workspace: &Workspace, binary: &Path, serve_flags: &[String]) -> Result<Running> {
    Running::start("tracewell serve", &mut run::serve(workspace, binary, serve_flags))
}

fn rebuilt(workspace: &Workspace, side: Side) -> Result<PathBuf> {
    if side != Side::Server {
        bundle::bundle(workspace, Flavour::Dev)?;
    }
    build::server(workspace, Flavour::Dev)
}

type Times = BTreeMap<PathBuf, (SystemTime, Side)>;

fn times(root: &Path) -> Result<Times> {
    let mut times = Times::new();
    for (folder, side) in WATCHED {
        times_in(&root.join(folder), side, &mut times)?;
    }
    Ok(times)
}

fn times_in(folder: &Path, side: Side, times: &mut Times) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot watch {}", folder.display()))? {
        let entry = entry?;
        // An editor's file may be gone again between the listing and this look.
        let Ok(data) = entry.metadata() else { continue };
        if data.is_dir() {
            times_in(&entry.path(), side, times)?;
        } else {
            times.insert(entry.path(), (data.modified()?, side));
        }
    }
    Ok(())
}

/// What must be built after files were changed, added or removed.
fn changed(before: &Times, after: &Times) -> Option<Side> {
    let differs = |from: &Times, to: &Times| -> Vec<Side> {
        from.iter().filter(|(path, value)| to.get(*path) != Some(value)).map(|(_, (_, side))| *side).collect()
    };
    let sides = [differs(before, after), differs(after, before)].concat();
    sides.into_iter().reduce(|a, b| if a == b { a } else { Side::Both })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, second: u64, side: Side) -> (PathBuf, (SystemTime, Side)) {
        (name.into(), (SystemTime::UNIX_EPOCH + Duration::from_secs(second), side))
    }

    #[test]
    fn only_the_side_that_changed_is_built() {
        let before = Times::from([file("a.css", 1, Side::Bundle), file("b.rs", 1, Side::Server)]);
        let style = Times::from([file("a.css", 2, Side::Bundle), file("b.rs", 1, Side::Server)]);
        let both = Times::from([file("a.css", 2, Side::Bundle), file("b.rs", 2, Side::Server)]);
        let removed = Times::from([file("a.css", 1, Side::Bundle)]);
        assert_eq!(changed(&before, &before), None);
        assert_eq!(changed(&before, &style), Some(Side::Bundle));
        assert_eq!(changed(&before, &both), Some(Side::Both));
        assert_eq!(changed(&before, &removed), Some(Side::Server));
    }
}
