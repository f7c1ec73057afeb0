//! `size`: the bundle's weight against its limits, on the bytes that travel (brotli). Builds nothing.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::bundle::compress;
use crate::workspace::Workspace;

/// What may travel for one part: above `goal` it is said, above `limit` the run fails.
struct Budget {
    part: &'static str,
    goal: usize,
    limit: usize,
}

const KB: usize = 1000;
const BUDGETS: [Budget; 3] = [
    Budget { part: "wasm", goal: 350 * KB, limit: 400 * KB },
    Budget { part: "js", goal: 15 * KB, limit: 15 * KB },
    Budget { part: "css", goal: 10 * KB, limit: 10 * KB },
];

pub(crate) fn size(workspace: &Workspace) -> Result<()> {
    let site = workspace.site();
    let manifest = fs::read_to_string(site.join("manifest.json"))
        .context("no bundle to weigh; run: cargo xtask build --release")?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
    println!("part       raw B    brotli B      goal B     limit B");
    let mut over = Vec::new();
    for budget in BUDGETS {
        let name = manifest[budget.part].as_str().with_context(|| format!("manifest lacks {}", budget.part))?;
        let bytes = fs::read(site.join(name.trim_start_matches('/')))?;
        let sent = match fs::metadata(site.join(format!("{}.br", name.trim_start_matches('/')))) {
            Ok(file) => usize::try_from(file.len())?,
            Err(_) => compress::brotli_bytes(&bytes)?.len(),
        };
        println!(
            "{:4} {:11} {:11} {:11} {:11}{}",
            budget.part,
            bytes.len(),
            sent,
            budget.goal,
            budget.limit,
            remark(&budget, sent)
        );
        if sent > budget.limit {
            over.push(format!("{} is {sent} bytes, limit {}", budget.part, budget.limit));
        }
    }
    if !over.is_empty() {
        bail!("bundle over its limits: {}", over.join("; "));
    }
    Ok(())
}

fn remark(budget: &Budget, sent: usize) -> &'static str {
    match () {
        () if sent > budget.limit => "  OVER THE LIMIT",
        () if sent > budget.goal => "  over the goal",
        () => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(css: &str) -> Result<()> {
        let root = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: root.path().into(), target: root.path().join("target") };
        fs::create_dir_all(workspace.site()).unwrap();
        fs::write(workspace.site().join("manifest.json"), r#"{"js":"/a.js","wasm":"/a.wasm","css":"/a.css"}"#).unwrap();
        for (name, text) in [("a.js", "x"), ("a.wasm", "x"), ("a.css", css)] {
            fs::write(workspace.site().join(name), text).unwrap();
        }
        size(&workspace)
    }

    #[test]
    fn part_over_its_limit_fails_and_is_named() {
        weigh("body{}").unwrap();
        // Random enough that brotli cannot shrink it below the limit.
        let mut state = 1u64;
        let noise: String = (0..40_000)
            .map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                char::from(33 + (state >> 33) as u8 % 90)
            })
            .collect();
        assert!(weigh(&noise).unwrap_err().to_string().contains("css"));
    }
}
