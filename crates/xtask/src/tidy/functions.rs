//! A function may not grow past one screen. Relies on rustfmt: a function ends at the first brace of its own indent.

use super::tree::{File, Tree, lines_outside_tests};

const FUNCTION_LINES_MAX: usize = 60;

/// Functions that were longer when the rule came: `(path, name, lines)`. The list only shrinks, and so do its numbers.
const KNOWN_LONG: [(&str, &str, usize); 0] = [];

pub(crate) fn breaches(tree: &Tree) -> Vec<String> {
    breaches_beyond(tree, &KNOWN_LONG)
}

fn breaches_beyond(tree: &Tree, known_long: &[(&str, &str, usize)]) -> Vec<String> {
    let long: Vec<_> = tree.rust().flat_map(long_functions).collect();
    let mut breaches = Vec::new();
    for (path, name, lines) in &long {
        let limit = known_long
            .iter()
            .find(|known| known.0 == path && known.1 == name)
            .map_or(FUNCTION_LINES_MAX, |known| known.2);
        if *lines > limit {
            breaches.push(format!("{path}: fn {name} has {lines} lines, limit {limit}; a function fits one screen"));
        }
    }
    for (path, name, _) in known_long {
        if !long.iter().any(|found| found.0 == *path && found.1 == *name) {
            breaches.push(format!("{path}: fn {name} is short now; take it off the list KNOWN_LONG"));
        }
    }
    breaches
}

fn long_functions(file: &File) -> Vec<(String, String, usize)> {
    let mut open: Vec<(usize, String, usize)> = Vec::new();
    let mut long = Vec::new();
    for (number, line) in lines_outside_tests(file) {
        let indent = line.len() - line.trim_start().len();
        if let Some(name) = function_name(line) {
            open.push((indent, name.to_owned(), number));
        } else if matches!(line.trim_end().trim_start(), "}" | "};" | "}," | "})")
            && let Some(at) = open.iter().rposition(|(start_indent, ..)| *start_indent == indent)
        {
            let (_, name, start) = open.swap_remove(at);
            let lines = number - start + 1;
            if lines > FUNCTION_LINES_MAX {
                long.push((file.path.clone(), name, lines));
            }
        }
    }
    long
}

/// The name when a body begins on this line or below: a declaration or a body on one line is none of ours.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim();
    if rest.ends_with(';') || rest.ends_with('}') {
        return None;
    }
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    Some(rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, lines: usize) -> String {
        format!(
            "    pub(crate) async fn {name}(\n        a: u8,\n    ) {{\n{}    }}\n",
            "        x();\n".repeat(lines - 4)
        )
    }

    #[test]
    fn function_past_one_screen_is_found_and_one_that_fits_is_not() {
        let text = function("fits", FUNCTION_LINES_MAX) + &function("long", FUNCTION_LINES_MAX + 1);
        let found = breaches_beyond(&Tree::of(&[("a.rs", &text)]), &[]);
        assert_eq!(found, ["a.rs: fn long has 61 lines, limit 60; a function fits one screen"]);
    }

    #[test]
    fn known_function_may_shrink_and_not_grow() {
        let tree = Tree::of(&[("a.rs", &function("long", 80))]);
        assert!(breaches_beyond(&tree, &[("a.rs", "long", 80)]).is_empty());
        assert_eq!(breaches_beyond(&tree, &[("a.rs", "long", 79)]).len(), 1);
        assert_eq!(breaches_beyond(&Tree::of(&[]), &[("a.rs", "long", 80)]).len(), 1);
    }

    #[test]
    fn tests_may_be_long() {
        let text = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function("cases", 90));
        assert!(breaches_beyond(&Tree::of(&[("a.rs", &text)]), &[]).is_empty());
    }
}
