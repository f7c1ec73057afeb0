//! How much memory the process may plan with: the container's limit, else half of the machine.

use std::fs;

/// Used when the system says nothing.
const FALLBACK: u64 = 1 << 30;
/// A limit above this is cgroup v1's way to say "none".
const NO_LIMIT: u64 = 1 << 60;

/// Bytes.
pub(crate) fn available() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    match (cgroup_limit(), machine) {
        // A container is ours alone, a machine is shared with what runs beside us.
        (Some(limit), Some(machine)) if limit < machine => limit,
        (Some(limit), None) => limit,
        (_, Some(machine)) => machine / 2,
        (None, None) => FALLBACK,
    }
}

fn cgroup_limit() -> Option<u64> {
    let own = fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| own_group(&text)).unwrap_or_default();
    let files = [
        format!("/sys/fs/cgroup{own}/memory.max"),
        "/sys/fs/cgroup/memory.max".to_owned(),
        "/sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned(),
    ];
    files.iter().filter_map(|file| limit(&fs::read_to_string(file).ok()?)).min()
}

/// The path of the cgroup v2 line `0::/path`.
fn own_group(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("0::")).map(|path| path.trim_end_matches('/').to_owned())
}

fn limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < NO_LIMIT)
}

/// `MemTotal:  16314112 kB`.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_say_no_limit_are_understood() {
        assert_eq!(limit("max\n"), None);
        assert_eq!(limit("9223372036854771712\n"), None);
        assert_eq!(limit("268435456\n"), Some(256 << 20));
    }

    #[test]
    fn lines_of_proc_are_read() {
        assert_eq!(total("MemTotal:       16314112 kB\nMemFree: 1 kB\n"), Some(16_314_112 * 1024));
        assert_eq!(own_group("1:name=x:/y\n0::/user.slice\n").as_deref(), Some("/user.slice"));
    }
}
