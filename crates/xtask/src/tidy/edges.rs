//! Which room may use which, and which outside crate may be named where. A new edge is a commit of its own.

use toml::Table;

use super::tree::Tree;

/// The whole list. An arrow only goes down: `model` knows nobody, `server` knows all but `frontend`.
const EDGES: [(&str, &[&str]); 9] = [
    ("model", &[]),
    ("wire", &["model"]),
    ("api", &["model"]),
    ("storage", &["model"]),
    ("storage-sled", &["storage", "model"]),
    ("app", &["api", "model"]),
    ("frontend", &["app"]),
    ("server", &["model", "wire", "api", "storage", "storage-sled", "app"]),
    ("xtask", &[]),
];

/// Outside crates that belong to a room, so that replacing one touches one room.
const NAMED_ONLY_IN: [(&str, &[&str]); 13] = [
    ("sled", &["storage-sled"]),
    ("prost", &["wire"]),
    ("thrift", &["wire"]),
    ("axum", &["server"]),
    ("tonic", &["server"]),
    ("hyper", &["server"]),
    ("tokio", &["server"]),
    ("leptos_axum", &["server"]),
    ("plotters", &["app"]),
    ("web-sys", &["app"]),
    ("regex", &["storage"]),
    ("leptos", &["app", "frontend", "server"]),
    ("wasm-bindgen-cli-support", &["xtask"]),
];

pub(crate) fn breaches(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for (folder, manifest) in tree.manifests() {
        let room = folder.rsplit('/').next().unwrap_or(folder);
        let Ok(table) = manifest.text.parse::<Table>() else {
            breaches.push(format!("{} is no TOML", manifest.path));
            continue;
        };
        let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == room) else {
            breaches.push(format!("{room} is no room of the list; add it to EDGES with an ADR"));
            continue;
        };
        for dependency in dependencies(&table) {
            let is_room = EDGES.iter().any(|(known, _)| *known == dependency);
            // A room may ask for its own test feature.
            if is_room && dependency != room && !allowed.contains(&dependency.as_str()) {
                breaches.push(format!("{room} may not use {dependency}; allowed: {}", allowed.join(", ")));
            }
            let owners = NAMED_ONLY_IN.iter().find(|(name, _)| *name == dependency);
            if let Some((_, owners)) = owners.filter(|(_, owners)| !owners.contains(&room)) {
                breaches.push(format!("{room} may not name {dependency}; allowed in: {}", owners.join(", ")));
            }
        }
    }
    breaches
}

/// All kinds: normal, dev, build, and those for one platform.
pub(crate) fn dependencies(manifest: &Table) -> Vec<String> {
    let platforms = manifest.get("target").and_then(|target| target.as_table());
    let tables = platforms.into_iter().flat_map(|platforms| platforms.values()).filter_map(|table| table.as_table());
    let mut names = Vec::new();
    for table in std::iter::once(manifest).chain(tables) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(found) = table.get(kind).and_then(|found| found.as_table()) else { continue };
            for (key, value) in found {
                // `key = { package = "name" }` must not hide the real name.
                let name = value.get("package").and_then(|name| name.as_str()).unwrap_or(key);
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, manifest: &str) -> Vec<String> {
        breaches(&Tree::of(&[(path, manifest)]))
    }

    #[test]
    fn edge_upwards_is_found_in_every_kind_of_dependency() {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            let found = of("crates/model/Cargo.toml", &format!("[{kind}]\nwire.workspace = true\n"));
            assert_eq!(found, ["model may not use wire; allowed: "], "{kind}");
        }
    }

    #[test]
    fn allowed_edge_is_silent() {
        assert!(of("server/Cargo.toml", "[dependencies]\nwire = {}\naxum = {}\n").is_empty());
        assert!(of("crates/model/Cargo.toml", "[dev-dependencies]\nmodel = {}\n").is_empty());
    }

    #[test]
    fn engine_named_outside_its_room_is_found_under_any_name() {
        assert_eq!(of("server/Cargo.toml", "[dependencies]\nsled = \"1\"\n").len(), 1);
        assert_eq!(of("server/Cargo.toml", "[dependencies]\ndb = { package = \"sled\" }\n").len(), 1);
    }

    #[test]
    fn room_outside_the_list_is_found() {
        assert_eq!(of("crates/helpers/Cargo.toml", "[dependencies]\n").len(), 1);
    }
}
