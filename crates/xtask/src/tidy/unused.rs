//! A dependency that a manifest names and no source mentions. A word in a comment counts: this finds what was forgotten.

use toml::Table;

use super::edges::dependencies;
use super::tree::Tree;

pub(crate) fn breaches(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for (folder, manifest) in tree.manifests() {
        let Ok(table) = manifest.text.parse::<Table>() else { continue };
        let inside = format!("{folder}/");
        for dependency in dependencies(&table) {
            let word = dependency.replace('-', "_");
            if !tree.rust().filter(|file| file.path.starts_with(&inside)).any(|file| has_word(&file.text, &word)) {
                breaches.push(format!("{}: {dependency} is named and not used; remove the line", manifest.path));
            }
        }
    }
    breaches
}

fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    text.match_indices(word).any(|(at, _)| {
        let bytes = text.as_bytes();
        !part_of_word(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && !part_of_word(bytes.get(at + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependency_mentioned_nowhere_is_found() {
        let manifest = ("server/Cargo.toml", "[dependencies]\nhttp-body-util = \"0.1\"\n");
        assert_eq!(breaches(&Tree::of(&[manifest, ("server/src/a.rs", "use http_body_util2::X;")])).len(), 1);
        assert!(breaches(&Tree::of(&[manifest, ("server/src/a.rs", "use http_body_util::X;")])).is_empty());
        // Another room's use does not count.
        assert_eq!(breaches(&Tree::of(&[manifest, ("app/src/a.rs", "use http_body_util::X;")])).len(), 1);
    }
}
