//! A query string in the making. Not here: taking one apart, which the router does.

use std::fmt::{self, Display, Write};

/// Pairs, encoded as they are added.
#[derive(Clone, Debug, Default)]
pub struct Query(String);

impl Query {
    /// Without pairs.
    pub fn new() -> Query {
        Query::default()
    }

    /// One pair more.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Display) -> Query {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(key);
        self.0.push('=');
        push_encoded(&mut self.0, &value.to_string());
        self
    }

    /// One pair more, when there is a value.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<impl Display>) -> Query {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

/// With a leading `?`, or empty.
impl Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Keeps what RFC 3986 allows everywhere, and what makes attributes and paths readable in a link.
fn push_encoded(query: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:,".contains(&byte) {
            query.push(char::from(byte));
        } else {
            write!(query, "%{byte:02X}").expect("a string takes every write");
        }
    }
}
