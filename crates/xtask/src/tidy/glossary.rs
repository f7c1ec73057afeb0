//! One word for one thing: public names of the core speak OpenTelemetry. Adapters for other tools speak as those do.

use super::tree::{Tree, lines_outside_tests};

const CORE: [&str; 3] = ["crates/model/src/", "crates/storage/src/", "crates/api/src/"];

/// Banned as a part of a public name, and what to say instead.
/// "Operation" is missing on purpose: the list of a service's span names is called so in the contract too.
const PARTS: [(&str, &str); 12] = [
    ("tag", "attribute"),
    ("tags", "attributes"),
    ("collector", "receiver"),
    ("sink", "exporter"),
    ("dependency", "edge"),
    ("dependencies", "edges"),
    ("endpoint", "service or address"),
    ("endpoints", "services or addresses"),
    ("followsfrom", "link"),
    ("annotation", "event or attribute"),
    ("annotations", "events or attributes"),
    ("microseconds", "nanos"),
];

/// Banned only as the whole name: `log_linear` is arithmetic and `process_id` an attribute of the process.
const WHOLE: [(&str, &str); 5] =
    [("log", "event"), ("logs", "events"), ("process", "resource"), ("reference", "link"), ("references", "links")];

pub(crate) fn breaches(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in tree.rust().filter(|file| CORE.iter().any(|room| file.path.starts_with(room))) {
        for (number, line) in lines_outside_tests(file) {
            let Some(name) = public_name(line) else { continue };
            let parts = parts_of(name);
            let part = PARTS.iter().find(|(word, _)| parts.iter().any(|part| part == word));
            let whole = WHOLE.iter().find(|(word, _)| parts.len() == 1 && parts[0] == *word);
            if let Some((word, better)) = part.or(whole) {
                breaches.push(format!("{}:{number} `{name}` says {word}; the glossary says {better}", file.path));
            }
        }
    }
    breaches
}

/// The name that a `pub` line declares: a function, type, constant, module or field.
fn public_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start().strip_prefix("pub ")?;
    for word in ["const ", "async ", "unsafe ", "static "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    for word in ["fn ", "struct ", "enum ", "trait ", "type ", "mod "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    // `pub use` only repeats a name.
    Some(&rest[..end]).filter(|name| !name.is_empty() && *name != "use")
}

/// `SpanTagList` and `span_tag_list` alike into lower-case parts.
fn parts_of(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut previous_is_lower = false;
    for letter in name.chars() {
        let boundary = letter == '_' || (letter.is_uppercase() && previous_is_lower);
        previous_is_lower = letter.is_lowercase() || letter.is_ascii_digit();
        if boundary || parts.is_empty() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| letter != '_') {
            part.extend(letter.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> usize {
        breaches(&Tree::of(&[("crates/model/src/a.rs", line), ("crates/wire/src/jaeger.rs", line)])).len()
    }

    #[test]
    fn foreign_word_in_a_public_name_of_the_core_is_found() {
        for line in [
            "    pub tags: Vec<X>,",
            "pub fn span_tags() {",
            "pub struct TagList;",
            "pub const TAG: u8 = 1;",
            "pub logs: u8,",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
    }

    #[test]
    fn words_that_only_look_alike_are_silent() {
        for line in ["pub fn stage() {", "pub fn log_linear() {", "let tags = 1;", "// pub tags", "pub use a::Tag;"] {
            assert_eq!(found(line), 0, "{line}");
        }
    }
}
