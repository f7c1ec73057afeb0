//! A regular expression that was compiled within bounds; matching takes time linear in the text. Not here: where it is applied.

use regex::{Regex, RegexBuilder};

/// Longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 4_096;

/// Most memory that a compiled pattern takes, in bytes, and the same again for its cache.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// A regular expression. It matches a text when it is found anywhere in it; write `^(…)$` for the whole text.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why a pattern was refused, for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

impl Pattern {
    /// Compiles it.
    pub fn new(text: &str) -> Result<Pattern, PatternError> {
        if text.len() > PATTERN_BYTES_MAX {
            return Err(PatternError(format!("a pattern has at most {PATTERN_BYTES_MAX} bytes, not {}", text.len())));
        }
        let built = RegexBuilder::new(text).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build();
        built.map(Pattern).map_err(|error| PatternError(error.to_string()))
    }

    /// Whether it is found in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.text() == other.text()
    }
}
