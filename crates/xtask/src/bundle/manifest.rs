//! `manifest.json`: under which address the page finds its script, its WebAssembly and its style sheet.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::build::Flavour;

const PARTS: [&str; 3] = ["js", "wasm", "css"];

/// Development keeps plain names; a release puts a hash of the content into each, so browsers may keep them for ever.
pub(crate) fn write(site: &Path, flavour: Flavour) -> Result<()> {
    let mut manifest = serde_json::Map::new();
    for part in PARTS {
        let plain = format!("pkg/tracewell.{part}");
        let name = match flavour {
            Flavour::Dev => plain.clone(),
            Flavour::Release => {
                let bytes = fs::read(site.join(&plain)).with_context(|| format!("the bundle lacks {plain}"))?;
                format!("pkg/tracewell.{:016x}.{part}", fnv1a(&bytes))
            }
        };
        fs::rename(site.join(&plain), site.join(&name)).with_context(|| format!("the bundle lacks {plain}"))?;
        manifest.insert(part.to_owned(), format!("/{name}").into());
    }
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    Ok(fs::write(site.join("manifest.json"), text)?)
}

/// A name for content, not a defence: whoever can write the bundle needs no collision.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pkg")).unwrap();
        for part in PARTS {
            fs::write(folder.path().join(format!("pkg/tracewell.{part}")), part).unwrap();
        }
        folder
    }

    fn names(site: &Path) -> serde_json::Value {
        serde_json::from_slice(&fs::read(site.join("manifest.json")).unwrap()).unwrap()
    }

    #[test]
    fn development_names_are_plain() {
        let site = site();
        write(site.path(), Flavour::Dev).unwrap();
        assert_eq!(names(site.path())["wasm"], "/pkg/tracewell.wasm");
    }

    #[test]
    fn release_name_follows_the_content_and_names_an_existing_file() {
        let (one, two) = (site(), site());
        fs::write(two.path().join("pkg/tracewell.js"), "other").unwrap();
        write(one.path(), Flavour::Release).unwrap();
        write(two.path(), Flavour::Release).unwrap();
        let (first, second) = (names(one.path()), names(two.path()));
        assert_ne!(first["js"], second["js"]);
        assert_eq!(first["css"], second["css"]);
        assert!(one.path().join(first["js"].as_str().unwrap().trim_start_matches('/')).is_file());
    }

    #[test]
    fn missing_part_is_an_error() {
        let site = site();
        fs::remove_file(site.path().join("pkg/tracewell.css")).unwrap();
        assert!(write(site.path(), Flavour::Dev).is_err());
    }
}
