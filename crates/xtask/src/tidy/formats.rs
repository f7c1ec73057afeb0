//! What is on disk or on the wire is drawn in `docs/formats`: each magic in the code occurs there, letter by letter.
//! A version lives in its magic, so a changed format without a changed page is found here.

use super::tree::{Tree, lines_outside_tests};

pub(crate) fn breaches(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in tree.rust().filter(|file| !file.path.contains("/xtask/")) {
        for (number, line) in lines_outside_tests(file) {
            let Some(magic) = magic_in(line) else { continue };
            let pages = tree.files.iter().filter(|page| page.path.starts_with("docs/formats/"));
            if !pages.into_iter().any(|page| page.text.contains(magic)) {
                breaches.push(format!("{}:{number} magic `{magic}` is drawn on no page of docs/formats", file.path));
            }
        }
    }
    breaches
}

/// The letters of `const …MAGIC…: … = *b"letters";`.
fn magic_in(line: &str) -> Option<&str> {
    let (declaration, value) = line.split_once(" = ")?;
    if !declaration.contains("const ") || !declaration.contains("MAGIC") {
        return None;
    }
    let (_, rest) = value.split_once('"')?;
    let (letters, _) = rest.split_once('"')?;
    // An escape such as `\0` or `\n` is drawn in many ways: the letters before it must do.
    letters.split('\\').next().filter(|letters| !letters.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_without_a_page_is_found() {
        let code = ("crates/api/src/columns.rs", "pub const MAGIC: [u8; 4] = *b\"TWC1\";\n");
        assert_eq!(breaches(&Tree::of(&[code])).len(), 1);
        assert!(breaches(&Tree::of(&[code, ("docs/formats/columns.md", "starts with `TWC1`")])).is_empty());
        // Version 2 in the code, version 1 on the page.
        let newer = ("crates/api/src/columns.rs", "const COLUMNS_MAGIC: &[u8; 4] = b\"TWC2\";\n");
        assert_eq!(breaches(&Tree::of(&[newer, ("docs/formats/columns.md", "starts with `TWC1`")])).len(), 1);
    }
}
