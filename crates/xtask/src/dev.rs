//! `dev`: watches the sources, rebuilds the side that changed, restarts the server and reloads open pages.

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

/// Only `dev` adds this to the bundle's script: the page asks for the number of the build and reloads on another one.
/// While the server restarts nobody answers, so a page never reloads into nothing.
const RELOAD_SCRIPT: &str = r#"
let build;
setInterval(async () => {
  const answer = await fetch("/pkg/build.txt", { cache: "no-store" }).catch(() => undefined);
  if (!answer?.ok) return;
  const found = await answer.text();
  if (build !== undefined && build !== found) location.reload();
  build = found;
}, 1000);
"#;

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
    let mut watched = Watched { workspace, serve_flags, server: None, builds: 0 };
    let mut seen = times(&workspace.root)?;
    let mut wanted = Some(Side::Both);
    while signals.pending().next().is_none() {
        if let Some(side) = wanted
            && let Err(error) = watched.renew(side)
        {
            println!("{error:#}");
        }
        thread::sleep(POLL);
        let now = times(&workspace.root)?;
        wanted = changed(&seen, &now);
        seen = now;
    }
    watched.server.map_or(Ok(()), |server| server.stop().map(drop))
}

struct Watched<'a> {
    workspace: &'a Workspace,
    serve_flags: &'a [String],
    server: Option<Running>,
    builds: u64,
}

impl Watched<'_> {
    /// Builds first, restarts after: a build that breaks leaves the old server and a working page.
    fn renew(&mut self, side: Side) -> Result<()> {
        let pkg = self.workspace.site().join("pkg");
        if side != Side::Server {
            bundle::bundle(self.workspace, Flavour::Dev)?;
            let script = fs::read_to_string(pkg.join("tracewell.js"))?;
            fs::write(pkg.join("tracewell.js"), script + RELOAD_SCRIPT)?;
        }
        let binary = build::server(self.workspace, Flavour::Dev)?;
        if let Some(old) = self.server.take() {
            old.stop()?;
        }
        self.builds += 1;
        fs::write(pkg.join("build.txt"), format!("{}.{}", std::process::id(), self.builds))?;
        let mut serve = run::serve(self.workspace, &binary, self.serve_flags);
        self.server = Some(Running::start("tracewell serve", &mut serve)?);
        println!("watching; Ctrl-C ends");
        Ok(())
    }
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
