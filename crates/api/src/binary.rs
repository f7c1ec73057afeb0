//! Answers as our own pages ask for them: postcard, which needs a third of the bytes of JSON and a reader that is a fraction of
//! a JSON parser in the bundle. Everybody else gets JSON. Not here: `columns`, live frames, and who gets which.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a page accepts, and what its answers say they are. Fields travel without names, so page and server must have the same
/// types: the version grows with every change of a type that is an answer, and a server that has another version sends JSON.
pub const CONTENT_TYPE: &str = "application/vnd.tracewell.answer; version=1";

/// Why bytes are no answer.
#[derive(Debug, thiserror::Error)]
pub enum BinaryError {
    /// They are not of this type.
    #[error("{0}")]
    Malformed(#[from] postcard::Error),
    /// Something follows the answer.
    #[error("{0} bytes follow the answer")]
    Trailing(usize),
}

/// The bytes of an answer.
pub fn encode<T: Serialize>(answer: &T) -> Result<Vec<u8>, BinaryError> {
    Ok(postcard::to_stdvec(answer)?)
}

/// The answer in `bytes`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BinaryError> {
    match postcard::take_from_bytes(bytes)? {
        (answer, []) => Ok(answer),
        (_, rest) => Err(BinaryError::Trailing(rest.len())),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;
    use crate::search::ServiceShare;
    use crate::{
        ApiError, AttributeItem, Completeness, Door, EdgeItem, EdgeList, EdgeSide, ErrorCode, EventItem, LinkItem,
        NodeItem, OperationItem, OperationList, ServiceItem, ServiceList, SpanDetails, StoreStatus, TraceHead,
        TraceItem, TraceList, TypedValue,
    };

    fn completeness(reason: Option<&str>) -> Completeness {
        let reason = reason.map(str::to_owned);
        Completeness { matched: 1, scanned: 2, complete: reason.is_none(), watermark: 3, reason }
    }

    fn trace_item() -> TraceItem {
        TraceItem {
            trace_id: "0a".repeat(16),
            root_service: "gateway".to_owned(),
            root_name: "GET /".to_owned(),
            root_received: true,
            start: u64::MAX,
            duration: 7,
            spans: 3,
            errors: 1,
            services: vec![ServiceShare { service: "gateway".to_owned(), spans: 3, errors: 1 }],
        }
    }

    fn head() -> TraceHead {
        TraceHead {
            trace: trace_item(),
            depth: 2,
            sequence: 9,
            orphans: 1,
            warnings: 1,
            complete: false,
            reason: Some("r".to_owned()),
            selected_row: Some(4),
        }
    }

    fn attribute(key: &str, value: TypedValue) -> AttributeItem {
        AttributeItem { key: key.to_owned(), value }
    }

    /// One value of each type, nested too.
    fn attributes() -> Vec<AttributeItem> {
        let plain = [
            TypedValue::Empty,
            TypedValue::String("s".to_owned()),
            TypedValue::Bool(true),
            TypedValue::Int("-1".to_owned()),
            TypedValue::Double("NaN".to_owned()),
            TypedValue::Bytes("AQ==".to_owned()),
        ];
        let mut all: Vec<AttributeItem> = plain.iter().map(|value| attribute("k", value.clone())).collect();
        all.push(attribute("array", TypedValue::Array(plain.to_vec())));
        all.push(attribute("map", TypedValue::Map(all.clone())));
        all
    }

    fn details() -> SpanDetails {
        let event = EventItem { time: 5, name: "e".to_owned(), attributes: attributes(), attributes_dropped: 1 };
        let link = LinkItem {
            trace_id: "0b".repeat(16),
            span_id: "0c".repeat(8),
            trace_state: String::new(),
            flags: 1,
            attributes: Vec::new(),
            attributes_dropped: 0,
        };
        SpanDetails {
            row: 1,
            span_id: "01".repeat(8),
            parent_span_id: None,
            service: "s".to_owned(),
            name: "n".to_owned(),
            kind: "server".to_owned(),
            start: 1,
            duration: 2,
            status: "error".to_owned(),
            status_message: "m".to_owned(),
            trace_state: "a=b".to_owned(),
            flags: 257,
            attributes: attributes(),
            attributes_dropped: 1,
            events: vec![event],
            events_dropped: 2,
            links: vec![link],
            links_dropped: 3,
            resource: attributes(),
            scope_name: "sc".to_owned(),
            scope_version: "1".to_owned(),
            scope_attributes: Vec::new(),
            warnings: vec!["w".to_owned()],
        }
    }

    fn services() -> ServiceList {
        let item = ServiceItem {
            service: "s".to_owned(),
            spans: 1,
            errors: 1,
            requests: 1,
            request_errors: 1,
            p50: 1,
            p95: 2,
            p99: 3,
            requests_over_time: vec![0, 300],
            errors_over_time: vec![1],
        };
        let services = vec![item];
        ServiceList { services, completeness: completeness(None), from_millis: 1, to_millis: 2, step_secs: 60 }
    }

    fn edges() -> EdgeList {
        let node = |kind: &str| NodeItem { kind: kind.to_owned(), name: "n".to_owned() };
        let edge = EdgeItem {
            client: node("service"),
            server: node("database"),
            connection: "call".to_owned(),
            calls: 3,
            errors: 1,
            calls_provisional: 2,
            client_side: EdgeSide { calls: 3, p50: 300, p95: 4, p99: 5 },
            server_side: EdgeSide::default(),
            slowest_trace_id: Some("0a".repeat(16)),
            failed_trace_id: None,
        };
        EdgeList { edges: vec![edge], total: 2, completeness: completeness(None), from_millis: 1, to_millis: 2 }
    }

    fn status() -> StoreStatus {
        let doors = [Some("127.0.0.1:4317"), None];
        let door = |address: Option<&str>| Door { protocol: "OTLP".to_owned(), address: address.map(str::to_owned) };
        StoreStatus {
            version: "1".to_owned(),
            spans: 1,
            disk_bytes: 2,
            refuses_writes: None,
            quarantined: vec!["p".to_owned()],
            doors: doors.map(door).to_vec(),
        }
    }

    /// Size and checksum of the bytes, once they were read back.
    fn shown<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, answer: &T) -> String {
        let bytes = encode(answer).expect("answers can be written");
        assert_eq!(&decode::<T>(&bytes).expect("as written"), answer);
        assert!(decode::<T>(&bytes[..bytes.len() - 1]).is_err(), "{name} without its end is no answer");
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(decode::<T>(&longer), Err(BinaryError::Trailing(1))), "{name} and more is no answer");
        format!("{name}: {} bytes, {:08x}\n", bytes.len(), crc32c::crc32c(&bytes))
    }

    #[test]
    fn every_answer_reads_back_and_has_the_shape_of_this_version() {
        let list = TraceList {
            traces: vec![trace_item()],
            next: Some("c".to_owned()),
            completeness: completeness(Some("r")),
            from_millis: 1,
            to_millis: 2,
        };
        let item = OperationItem { service: "s".to_owned(), name: "n".to_owned(), kind: "server".to_owned(), spans: 1 };
        let operations = OperationList { operations: vec![item], completeness: completeness(None) };
        let shapes = [
            shown("error", &ApiError::new(ErrorCode::Outdated, "d")),
            shown("traces", &list),
            shown("head", &head()),
            shown("spans", &vec![details()]),
            shown("services", &services()),
            shown("operations", &operations),
            shown("edges", &edges()),
            shown("status", &status()),
        ];
        // When this has to change, the version in `CONTENT_TYPE` grows: pages that are open must not misread new answers.
        expect_test::expect![[r#"
            error: 3 bytes, 4b449b6a
            traces: 85 bytes, 32a8398b
            head: 82 bytes, 07117c27
            spans: 512 bytes, cfdb684a
            services: 24 bytes, ca5d1356
            operations: 18 bytes, 4ae0e571
            edges: 82 bytes, 26de4c3d
            status: 36 bytes, 11e8aa8c
        "#]]
        .assert_eq(&shapes.concat());
    }
}
