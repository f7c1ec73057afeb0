//! The result of every decoder: the good spans, and how many were refused and why. Not here: what a client is answered.

use std::fmt;

use model::{BatchBuilder, Span, SpanBatch};

/// What was read out of one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The good spans, in the order received.
    pub spans: Vec<Span>,
    /// The others.
    pub rejected: Rejected,
}

/// The same as columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecodedBatch {
    /// The good spans, in the order received; `None` when there are none.
    pub batch: Option<SpanBatch>,
    /// The others.
    pub rejected: Rejected,
}

/// Spans that were refused: how many, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// Number of spans. Exact, unless the request was damaged where spans cannot be told apart.
    pub count: u64,
    /// Why, by first appearance; at most [`Rejected::REASONS_MAX`], the rest is summed up in the last one.
    pub reasons: Vec<Reason>,
}

/// One cause of refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What was wrong.
    pub text: String,
    /// With how many spans.
    pub count: u64,
}

/// A request out of which nothing can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are not of the announced encoding, or were cut or damaged.
    Malformed {
        /// The encoding, for example `OTLP protobuf`.
        encoding: &'static str,
        /// The byte at which reading stopped.
        position: usize,
        /// What was wrong there.
        reason: &'static str,
    },
    /// Nested more deeply than any honest client does.
    TooDeep {
        /// The encoding, for example `OTLP JSON`.
        encoding: &'static str,
        /// The byte at which reading stopped.
        position: usize,
        /// The greatest nesting read.
        depth_max: usize,
    },
}

// === impl DecodedBatch ===

impl From<Decoded> for DecodedBatch {
    fn from(decoded: Decoded) -> DecodedBatch {
        let mut builder = BatchBuilder::new();
        decoded.spans.iter().for_each(|span| builder.push(span));
        DecodedBatch { batch: builder.finish(), rejected: decoded.rejected }
    }
}

// === impl Rejected ===

impl Rejected {
    /// Reasons kept apart; a reply to a client must stay short.
    pub const REASONS_MAX: usize = 16;

    /// Stands for all reasons beyond the first ones.
    const OTHER: &'static str = "other reasons";

    /// Counts `count` spans refused for the reason `text`.
    pub fn add(&mut self, text: &str, count: u64) {
        if count == 0 {
            return;
        }
        self.count = self.count.saturating_add(count);
        let known = self.reasons.iter().position(|reason| reason.text == text);
        let place = known.or_else(|| (self.reasons.len() >= Rejected::REASONS_MAX).then(|| self.reasons.len() - 1));
        match place {
            Some(place) => {
                let reason = &mut self.reasons[place];
                reason.count = reason.count.saturating_add(count);
            }
            None => {
                let last = self.reasons.len() + 1 == Rejected::REASONS_MAX;
                let text = if last { Rejected::OTHER } else { text };
                self.reasons.push(Reason { text: text.to_owned(), count });
            }
        }
    }

    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One line for the client, for example `2 spans refused: trace id is zero (2)`; empty when nothing was refused.
    pub fn message(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let noun = if self.count == 1 { "span" } else { "spans" };
        let reasons: Vec<String> =
            self.reasons.iter().map(|reason| format!("{} ({})", reason.text, reason.count)).collect();
        format!("{} {noun} refused: {}", self.count, reasons.join("; "))
    }
}

// === impl DecodeError ===

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Malformed { encoding, position, reason } => {
                write!(f, "cannot read the request as {encoding}: {reason}, at byte {position}")
            }
            DecodeError::TooDeep { encoding, position, depth_max } => write!(
                f,
                "cannot read the request as {encoding}: nested more than {depth_max} deep, at byte {position}"
            ),
        }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_each_reason_with_its_number() {
        let mut rejected = Rejected::default();
        assert_eq!(rejected.message(), "");
        rejected.add("trace id is zero", 1);
        assert_eq!(rejected.message(), "1 span refused: trace id is zero (1)");
        rejected.add("span id is zero", 2);
        rejected.add("trace id is zero", 1);
        assert_eq!(rejected.message(), "4 spans refused: trace id is zero (2); span id is zero (2)");
    }

    #[test]
    fn many_reasons_stay_a_short_list_with_the_full_count() {
        let mut rejected = Rejected::default();
        (0..1000).for_each(|n| rejected.add(&format!("reason {n}"), 1));
        assert_eq!(rejected.count, 1000);
        assert_eq!(rejected.reasons.len(), Rejected::REASONS_MAX);
        assert_eq!(rejected.reasons.iter().map(|reason| reason.count).sum::<u64>(), 1000);
        assert_eq!(rejected.reasons.last().map(|reason| reason.text.as_str()), Some(Rejected::OTHER));
    }
}
