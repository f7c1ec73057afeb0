//! The repository's text files in memory, so that a rule can be shown a repository that breaks it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// What is made, not written; `.git` is a file in a second working tree.
const SKIPPED: [&str; 8] =
    [".git", "target", "node_modules", "test-results", "playwright-report", "server-logs", "data", "__pycache__"];

/// Environments of Python, one for each set of clients that do not go together.
const SKIPPED_BEGIN: &str = ".venv";

pub(crate) struct File {
    /// From the root, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self { files: Vec::new() };
        tree.read_dir(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn read_dir(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) || name.starts_with(SKIPPED_BEGIN) {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.read_dir(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                // What is no text (a picture, a recorded payload) has no rule.
                if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                    self.files.push(File { path, text });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// Each crate's folder with its manifest: `("crates/model", …)`.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().filter_map(|file| Some((file.path.strip_suffix("/Cargo.toml")?, file)))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect() }
    }
}

/// The lines of a file up to its test module, with their numbers: tests may do what the house may not.
/// `#[cfg(test)] mod name;` further up names another file and ends nothing.
pub(crate) fn lines_outside_tests(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = file.text.lines().collect();
    let begins_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{');
    let is_test_file = file.path.contains("/tests/") || file.path.ends_with("tests.rs");
    let end = if is_test_file { Some(0) } else { lines.windows(2).position(begins_tests) };
    (1..).zip(lines).take(end.unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        lines_outside_tests(&File { path: path.to_owned(), text: text.to_owned() }).count()
    }

    #[test]
    fn code_after_a_named_test_file_is_still_code() {
        assert_eq!(count("a/src/lib.rs", "#[cfg(test)]\nmod contrast_tests;\npub mod a;\n"), 3);
        assert_eq!(count("a/src/lib.rs", "pub mod a;\n#[cfg(test)]\nmod tests {\n}\n"), 1);
        assert_eq!(count("a/src/contrast_tests.rs", "pub mod a;\n"), 0);
    }
}
