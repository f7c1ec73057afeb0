//! What the operating system knows of the threads of this process, for the last lines of a log. Not here: what we know.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Threads that are listed.
const THREADS_MAX: usize = 128;

/// A line for each thread: its name, its state (`D` waits for a disk), where in the kernel it waits, its system call.
pub(crate) fn states() -> String {
    let mut text = String::new();
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten().take(THREADS_MAX) {
        let path = task.path();
        // What vanishes while we look is not what hangs.
        let line = writeln!(
            text,
            "  {} {}: state {}, waits in {}, system call {}",
            task.file_name().to_string_lossy(),
            field(&path, "comm"),
            state(&path),
            field(&path, "wchan"),
            field(&path, "syscall"),
        );
        line.expect("a string takes every line");
    }
    text
}

fn field(task: &Path, name: &str) -> String {
    fs::read_to_string(task.join(name)).map_or_else(|_unreadable| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The letter behind the name, which may hold blanks and parentheses.
fn state(task: &Path) -> String {
    let stat = field(task, "stat");
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()).map_or_else(|| "unknown".to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_is_listed_by_its_name_with_its_state() {
        let (done, waiting) = sync_channel::<()>(0);
        let (ready, started) = sync_channel::<()>(0);
        let work = move || {
            ready.send(()).expect("the test listens");
            assert!(waiting.recv().is_err(), "told by the end of the channel");
        };
        let thread = thread::Builder::new().name("odd ) name".to_owned()).spawn(work).expect("starts");
        started.recv().expect("runs");
        let states = states();
        drop(done);
        thread.join().expect("ends");
        let line = states.lines().find(|line| line.contains("odd ) name")).unwrap_or_else(|| panic!("{states}"));
        assert!(["state S", "state R"].iter().any(|state| line.contains(state)), "{line}");
    }
}
