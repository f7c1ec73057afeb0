//! Why bytes cannot be read further, and where. Not here: what a client is told of it (`decoded`).

use crate::decoded::DecodeError;

/// Found by the readers of binary forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) position: usize,
    pub(crate) reason: &'static str,
}

impl Fault {
    /// As the end of a request in this encoding.
    pub(crate) fn of(self, encoding: &'static str) -> DecodeError {
        DecodeError::Malformed { encoding, position: self.position, reason: self.reason }
    }
}
