//! How the allocator of the system is told to give memory back. glibc reads that from the environment, once, when a program
//! starts; so the program begins anew with it. Not here: how much memory there is to use.

use std::env;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// By itself glibc raises both thresholds as far as the largest piece that was ever given back: then little goes back to the
/// system. Larger pieces, such as what a builder works in, are mapped alone and go back at once. Smaller ones are used again too
/// soon for that, above all what sled's compressor takes for each of its flushes. And each arena keeps some for itself.
const SETTINGS: [(&str, &str); 3] =
    [("MALLOC_MMAP_THRESHOLD_", "4194304"), ("MALLOC_TRIM_THRESHOLD_", "4194304"), ("MALLOC_ARENA_MAX", "4")];

/// All settings of glibc at once, by a person who knows.
const OTHER_SETTINGS: &str = "GLIBC_TUNABLES";

/// Begins the program anew, in the same process, with these settings, unless it was or somebody made other ones. It goes on as it
/// is where that does not work: then it takes more memory.
pub fn begin_anew_with_settings() {
    if !is_glibc() || !is_unset(|name| env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let name = arguments.next().unwrap_or_else(|| program.clone().into_os_string());
    // Nothing is open yet and no thread runs. It comes back only when it failed.
    let _error = Command::new(&program).arg0(OsStr::new(&name)).args(arguments).envs(SETTINGS).exec();
}

fn is_glibc() -> bool {
    cfg!(target_env = "gnu")
}

fn is_unset(is_set: impl Fn(&str) -> bool) -> bool {
    !is_set(OTHER_SETTINGS) && !SETTINGS.iter().any(|(name, _)| is_set(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_begins_anew_once_and_not_when_somebody_made_settings() {
        assert!(is_unset(|_name| false));
        assert!(!is_unset(|name| name == OTHER_SETTINGS));
        // As it is after it began anew, too: else it would begin for ever.
        for (setting, _) in SETTINGS {
            assert!(!is_unset(|name| name == setting));
        }
    }
}
