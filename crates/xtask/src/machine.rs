//! What the machine must have, and how to get it. One file per thing; each says the exact command when it can't.

pub(crate) mod browser;
mod debian;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod wasm_target;

use std::path::PathBuf;

/// The first program of that name on `PATH`.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
