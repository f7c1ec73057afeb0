//! Rules that look at one line or one file: the header, the length, forbidden attributes, paths of one machine,
//! what a page may not do.

use super::tree::{Tree, lines_outside_tests};

/// Most files are under 200; above 300 we look hard, above this there are two files in one.
const FILE_LINES_MAX: usize = 400;

/// Taken apart, so that this file does not break its own rule.
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("../sha", "red")];

pub(crate) fn headers(tree: &Tree) -> Vec<String> {
    let bare = tree.rust().filter(|file| !file.text.starts_with("//!"));
    bare.map(|file| format!("{} must open with `//!`: what lives here, and what does not", file.path)).collect()
}

pub(crate) fn lengths(tree: &Tree) -> Vec<String> {
    let sized = tree.rust().map(|file| (file, file.text.lines().count()));
    let long = sized.filter(|(_, lines)| *lines > FILE_LINES_MAX);
    long.map(|(file, lines)| format!("{} has {lines} lines, limit {FILE_LINES_MAX}; split it by noun", file.path))
        .collect()
}

pub(crate) fn attributes(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in tree.rust() {
        for (number, line) in (1..).zip(file.text.lines()) {
            let line = line.trim_start();
            if line.starts_with("#[allow(") || line.starts_with("#![allow(") {
                breaches.push(format!("{}:{number} allows a lint; use #[expect(lint, reason = \"…\")]", file.path));
            }
            if line.starts_with("#[ignore") {
                breaches.push(format!("{}:{number} ignores a test; repair it or remove it", file.path));
            }
        }
    }
    breaches
}

pub(crate) fn machine_paths(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in &tree.files {
        for (number, line) in (1..).zip(file.text.lines()) {
            if let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
                breaches.push(format!("{}:{number} names `{path}`, which only one machine has", file.path));
            }
        }
    }
    breaches
}

/// Text that pages must not contain, and why. Clippy cannot see these: they stand inside macros and strings.
const PAGE_HAZARDS: [(&str, &str); 4] = [
    ("inner_html", "a span's text would become markup"),
    ("oklch(", "colours live in style/tokens.css"),
    ("rgb(", "colours live in style/tokens.css"),
    ("hsl(", "colours live in style/tokens.css"),
];

pub(crate) fn page_hazards(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with("app/src/")) {
        for (number, line) in lines_outside_tests(file).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if let Some((hazard, why)) = PAGE_HAZARDS.iter().find(|(hazard, _)| line.contains(hazard)) {
                breaches.push(format!("{}:{number} has `{hazard}`: {why}", file.path));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_without_a_header_is_found() {
        assert_eq!(headers(&Tree::of(&[("a.rs", "use x;"), ("b.rs", "//! B."), ("c.css", "a {}")])).len(), 1);
    }

    #[test]
    fn file_is_long_from_the_first_line_over_the_limit() {
        let limit = "//\n".repeat(FILE_LINES_MAX);
        let over = format!("{limit}//\n");
        let found = lengths(&Tree::of(&[("at.rs", &limit), ("over.rs", &over)]));
        assert_eq!(found, ["over.rs has 401 lines, limit 400; split it by noun"]);
    }

    #[test]
    fn allowed_lint_and_ignored_test_are_found() {
        let text = "#![allow(x)]\n    #[allow(y)]\n#[ignore]\n#[expect(z, reason = \"w\")]\n";
        assert_eq!(attributes(&Tree::of(&[("a.rs", text)])).len(), 3);
    }

    #[test]
    fn path_of_one_machine_is_found_in_any_text() {
        let text = format!("see {}design", MACHINE_PATHS[0]);
        assert_eq!(machine_paths(&Tree::of(&[("docs/a.md", &text), ("b.md", "works")])).len(), 1);
    }

    #[test]
    fn markup_from_data_and_colour_are_found_in_pages_alone() {
        let text = "let a = view! { <p inner_html=name/> };\nlet b = \"rgb(0 0 0)\";\n// oklch( in a comment\n";
        assert_eq!(page_hazards(&Tree::of(&[("app/src/a.rs", text), ("server/src/a.rs", text)])).len(), 2);
    }
}
