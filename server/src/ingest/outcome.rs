//! The one table of answers: what a reporting client is told for each refusal, by HTTP and by gRPC.
//!
//! Clients throw spans away on 500, UNKNOWN and INTERNAL, and repeat OUT_OF_RANGE for ever: no row uses them.

use storage::StorageError;

/// When an overloaded server may have room again, seconds.
const OVERLOADED_RETRY_SECS: u32 = 5;
/// When an unavailable server may be back, seconds.
const UNAVAILABLE_RETRY_SECS: u32 = 5;

/// Why nothing of a request was stored. The text is for the client's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Cannot be read, not even span by span.
    Malformed(String),
    /// Packed in a way we do not know.
    EncodingUnknown(String),
    /// Not a content type of this door.
    MediaTypeUnknown(String),
    /// Not a method of this path.
    MethodUnknown(String),
    /// Not a path of this door.
    PathUnknown(String),
    /// A web page that may not report.
    Forbidden(String),
    /// Above the limit of one request, for good.
    TooLarge(String),
    /// No room now.
    Overloaded(String),
    /// We cannot keep the promise now: draining, disk low, too slow, a fault of ours.
    Unavailable(String),
}

/// How a refusal is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub http: u16,
    /// gRPC code.
    pub grpc: u32,
    /// Seconds until a retry makes sense; `None`: it never does.
    pub retry_after_secs: Option<u32>,
}

// === impl Refusal ===

impl Refusal {
    /// No room among the requests in flight.
    pub fn overloaded() -> Refusal {
        Refusal::Overloaded("too many requests in flight, try again later".to_owned())
    }

    /// A panic or another fault of ours. The client keeps its spans and comes back.
    pub fn fault() -> Refusal {
        Refusal::Unavailable("the request met a fault of the server, see its log".to_owned())
    }

    /// Doors for spans take one method.
    pub fn post_only() -> Refusal {
        Refusal::MethodUnknown("405 method not allowed, supported: [POST]".to_owned())
    }

    /// More bytes than one request may have.
    pub fn too_large(bytes_max: usize) -> Refusal {
        Refusal::TooLarge(format!("the request is larger than {bytes_max} bytes, send smaller batches"))
    }

    /// The row of the table.
    pub fn answer(&self) -> Answer {
        let (http, grpc, retry_after_secs) = match self {
            Refusal::Malformed(_) => (400, INVALID_ARGUMENT, None),
            Refusal::EncodingUnknown(_) => (400, UNIMPLEMENTED, None),
            Refusal::MediaTypeUnknown(_) => (415, UNIMPLEMENTED, None),
            Refusal::MethodUnknown(_) => (405, UNIMPLEMENTED, None),
            Refusal::PathUnknown(_) => (404, UNIMPLEMENTED, None),
            Refusal::Forbidden(_) => (403, PERMISSION_DENIED, None),
            Refusal::TooLarge(_) => (413, RESOURCE_EXHAUSTED, None),
            Refusal::Overloaded(_) => (429, RESOURCE_EXHAUSTED, Some(OVERLOADED_RETRY_SECS)),
            Refusal::Unavailable(_) => (503, UNAVAILABLE, Some(UNAVAILABLE_RETRY_SECS)),
        };
        Answer { http, grpc, retry_after_secs }
    }

    /// For people.
    pub fn message(&self) -> &str {
        match self {
            Refusal::Malformed(text)
            | Refusal::EncodingUnknown(text)
            | Refusal::MediaTypeUnknown(text)
            | Refusal::MethodUnknown(text)
            | Refusal::PathUnknown(text)
            | Refusal::Forbidden(text)
            | Refusal::TooLarge(text)
            | Refusal::Overloaded(text)
            | Refusal::Unavailable(text) => text,
        }
    }

    /// For counters.
    pub fn reason(&self) -> &'static str {
        match self {
            Refusal::Malformed(_) => "malformed",
            Refusal::EncodingUnknown(_) => "encoding",
            Refusal::MediaTypeUnknown(_) => "media_type",
            Refusal::MethodUnknown(_) => "method",
            Refusal::PathUnknown(_) => "path",
            Refusal::Forbidden(_) => "forbidden",
            Refusal::TooLarge(_) => "too_large",
            Refusal::Overloaded(_) => "overloaded",
            Refusal::Unavailable(_) => "unavailable",
        }
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Refusal {
        match error {
            StorageError::Overloaded(_) => Refusal::Overloaded(error.to_string()),
            // Also what a store should never say to a writer: the client keeps its spans.
            StorageError::Unavailable(_)
            | StorageError::Unsupported(_)
            | StorageError::Corrupt(_)
            | StorageError::Io(_) => Refusal::Unavailable(error.to_string()),
        }
    }
}

const INVALID_ARGUMENT: u32 = 3;
const PERMISSION_DENIED: u32 = 7;
const RESOURCE_EXHAUSTED: u32 = 8;
const UNIMPLEMENTED: u32 = 12;
const UNAVAILABLE: u32 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a refusal from its text.
    type Make = fn(String) -> Refusal;

    #[test]
    fn each_row_is_as_documented() {
        let rows: [(Make, u16, u32, bool); 9] = [
            (Refusal::Malformed, 400, 3, false),
            (Refusal::EncodingUnknown, 400, 12, false),
            (Refusal::MediaTypeUnknown, 415, 12, false),
            (Refusal::MethodUnknown, 405, 12, false),
            (Refusal::PathUnknown, 404, 12, false),
            (Refusal::Forbidden, 403, 7, false),
            (Refusal::TooLarge, 413, 8, false),
            (Refusal::Overloaded, 429, 8, true),
            (Refusal::Unavailable, 503, 14, true),
        ];
        for (make, http, grpc, retried) in rows {
            let refusal = make("why".to_owned());
            let answer = refusal.answer();
            assert_eq!((answer.http, answer.grpc), (http, grpc), "{refusal:?}");
            assert_eq!(answer.retry_after_secs.is_some(), retried, "{refusal:?}");
            assert_eq!(refusal.message(), "why");
        }
    }

    #[test]
    fn a_failing_store_never_costs_the_client_its_spans() {
        let errors: [fn(String) -> StorageError; 4] =
            [StorageError::Unavailable, StorageError::Unsupported, StorageError::Corrupt, StorageError::Io];
        for error in errors {
            assert_eq!(Refusal::from(error("x".to_owned())).answer().http, 503);
        }
        assert_eq!(Refusal::from(StorageError::Overloaded("x".to_owned())).answer().http, 429);
    }
}
