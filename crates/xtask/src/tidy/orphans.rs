//! A Rust file that no `mod` line reaches is compiled by nobody and rots unseen.

use std::collections::BTreeSet;

use super::tree::{File, Tree};

pub(crate) fn breaches(tree: &Tree) -> Vec<String> {
    let mut reached = BTreeSet::new();
    for (folder, _) in tree.manifests() {
        for file in tree.rust().filter(|file| is_root(folder, &file.path)) {
            reach(tree, file, parent(&file.path), &mut reached);
        }
    }
    let orphans = tree.rust().filter(|file| !reached.contains(file.path.as_str()));
    orphans.map(|file| format!("{} is reached by no `mod` line; name it or remove it", file.path)).collect()
}

/// What cargo compiles without being told: crate roots, and files directly in `tests`, `benches`, `examples`, `src/bin`.
fn is_root(folder: &str, path: &str) -> bool {
    let Some(inside) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else { return false };
    if matches!(inside, "src/lib.rs" | "src/main.rs" | "build.rs") {
        return true;
    }
    ["tests/", "benches/", "examples/", "src/bin/"].iter().any(|place| {
        let Some(rest) = inside.strip_prefix(place) else { return false };
        !rest.contains('/') || (rest.ends_with("/main.rs") && rest.matches('/').count() == 1)
    })
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}

/// Follows the `mod` lines of `file`, whose children lie in `folder`.
fn reach<'tree>(tree: &'tree Tree, file: &'tree File, folder: String, reached: &mut BTreeSet<&'tree str>) {
    if !reached.insert(&file.path) {
        return;
    }
    let mut named_path = None;
    for line in file.text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.split_once('"')) {
            named_path = Some(format!("{}/{}", parent(&file.path), path.0));
        } else if let Some(name) = module_name(line) {
            let candidates = match named_path.take() {
                Some(path) => vec![path],
                None => vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")],
            };
            let found = tree.rust().find(|child| candidates.contains(&child.path));
            if let Some(child) = found {
                let stem = child.path.trim_end_matches(".rs");
                reach(tree, child, stem.strip_suffix("/mod").unwrap_or(stem).to_owned(), reached);
            }
        }
    }
}

/// `mod name;` with any visibility. A module with a body on the line has no file.
fn module_name(line: &str) -> Option<&str> {
    let before = line.strip_suffix(';')?;
    let name = before.strip_prefix("mod ").or_else(|| {
        let (visibility, name) = before.split_once(" mod ")?;
        visibility.starts_with("pub").then_some(name)
    })?;
    Some(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_no_mod_line_names_is_found() {
        let tree = Tree::of(&[
            ("server/Cargo.toml", ""),
            ("server/src/main.rs", "mod a;\npub(crate) mod b;\n#[path = \"odd.rs\"]\nmod c;\n"),
            ("server/src/a.rs", ""),
            ("server/src/b/mod.rs", "mod deep;\n"),
            ("server/src/b/deep.rs", "// mod gone;\n"),
            ("server/src/b/gone.rs", ""),
            ("server/src/odd.rs", ""),
            ("server/tests/process.rs", "mod tool;\n"),
            ("server/tests/tool/mod.rs", ""),
            ("server/tests/lost/mod.rs", ""),
        ]);
        let found = breaches(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("server/src/b/gone.rs") && found[1].starts_with("server/tests/lost/mod.rs"));
    }
}
