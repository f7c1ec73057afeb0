//! `google.rpc.Status`: the body of every OTLP error, in protobuf and JSON. Not here: which code answers what.

use super::encode::reply_message;
use crate::json::write::{Object, push_array, push_string};
use crate::protobuf::write::Writer;

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// An error as OTLP clients read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcStatus<'a> {
    /// gRPC's number, for example 3 for INVALID_ARGUMENT.
    pub code: u32,
    /// What failed, for which thing, what to do.
    pub message: &'a str,
    /// When to try again, in seconds. Without it a client takes RESOURCE_EXHAUSTED as final.
    pub retry_after_seconds: Option<u32>,
}

impl RpcStatus<'_> {
    /// As protobuf: the body of an HTTP reply, and the value of `grpc-status-details-bin` before its base64.
    pub fn proto(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.varint(1, self.code.into());
        writer.bytes(2, reply_message(self.message).as_bytes());
        if let Some(seconds) = self.retry_after_seconds {
            writer.message(3, |detail| {
                detail.bytes(1, RETRY_INFO.as_bytes());
                detail.message(2, |retry_info| retry_info.message(1, |delay| delay.varint(1, seconds.into())));
            });
        }
        writer.into_bytes()
    }

    /// As JSON: the body of an HTTP reply to a JSON request.
    pub fn json(&self) -> String {
        let mut json = String::new();
        let mut object = Object::begin(&mut json);
        object.number("code", self.code);
        object.text("message", reply_message(self.message));
        if let Some(seconds) = self.retry_after_seconds {
            push_array(object.key("details"), [seconds], |json, seconds| {
                let mut detail = Object::begin(json);
                detail.text("@type", RETRY_INFO);
                push_string(detail.key("retryDelay"), &format!("{seconds}s"));
                detail.end();
            });
        }
        object.end();
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: RpcStatus<'_> = RpcStatus { code: 8, message: "queue is full", retry_after_seconds: Some(5) };

    #[test]
    fn a_retry_hint_is_a_detail_of_its_type() {
        let mut expected = b"\x08\x08\x12\x0dqueue is full\x1a\x30\x0a\x28".to_vec();
        expected.extend(RETRY_INFO.as_bytes());
        expected.extend(b"\x12\x04\x0a\x02\x08\x05");
        assert_eq!(BUSY.proto(), expected);
        assert_eq!(
            BUSY.json(),
            r#"{"code":8,"message":"queue is full","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"5s"}]}"#
        );
    }

    #[test]
    fn without_a_hint_there_are_no_details_and_a_long_message_is_cut() {
        let message = "ä".repeat(100_000);
        let status = RpcStatus { code: 3, message: &message, retry_after_seconds: None };
        assert!(status.proto().len() < 5000);
        assert_eq!(RpcStatus { message: "no", ..status }.json(), r#"{"code":3,"message":"no"}"#);
    }
}
