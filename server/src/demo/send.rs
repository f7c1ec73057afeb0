//! One OTLP request after the other over HTTP, repeated when the server asks for it. Not here: which spans, and when.

#[cfg(test)]
mod tests;

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use model::Span;

/// Sends spans and counts what became of them.
pub(crate) struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
    tally: Tally,
}

/// What became of the spans so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Stored, as the server said.
    pub(crate) accepted: u64,
    /// Refused for good, or given up.
    pub(crate) refused: u64,
    /// Requests that were sent again.
    pub(crate) retries: u64,
}

/// Times that one request is sent before its spans are given up.
const ATTEMPTS_MAX: u32 = 12;
/// First wait before the next attempt; it doubles up to [`WAIT_MAX`] unless the server names its own.
const WAIT_FIRST: Duration = Duration::from_millis(250);
/// Longest wait, also when the server asks for more.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Time for one request and its answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

struct Answer {
    status: StatusCode,
    wait: Option<Duration>,
    body: Bytes,
}

// === impl Sender ===

impl Sender {
    /// Sends to `endpoint`, a plain `http://host:port`.
    pub(crate) fn new(endpoint: &str) -> anyhow::Result<Sender> {
        let advice = || format!("an endpoint looks like http://127.0.0.1:4318, not {endpoint:?}");
        let uri: Uri = format!("{}/v1/traces", endpoint.trim_end_matches('/')).parse().with_context(advice)?;
        if uri.scheme_str() != Some("http") {
            bail!(advice());
        }
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Sender { client, uri, tally: Tally::default() })
    }

    /// The counts so far.
    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }

    /// Sends `spans` until they are answered for good. Fails only when nobody listens.
    pub(crate) async fn send(&mut self, spans: Vec<Span>) -> anyhow::Result<()> {
        let count = spans.len() as u64;
        let body = tokio::task::spawn_blocking(move || compressed(&wire::otlp::encode::request_proto(&spans)))
            .await
            .context("cannot encode spans")?
            .context("cannot compress a request")?;
        let mut wait = WAIT_FIRST;
        for attempt in 1..=ATTEMPTS_MAX {
            match self.post(body.clone()).await {
                Ok(answer) if answer.status == StatusCode::OK => {
                    let rejected = rejected_spans(&answer.body).unwrap_or(0).min(count);
                    self.tally.accepted += count - rejected;
                    self.tally.refused += rejected;
                    return Ok(());
                }
                Ok(answer) if is_retryable(answer.status) => wait = answer.wait.unwrap_or(wait),
                Ok(answer) => {
                    self.tally.refused += count;
                    tracing::warn!(status = %answer.status, spans = count, "the server refused a request");
                    return Ok(());
                }
                Err(error) if attempt == ATTEMPTS_MAX => {
                    return Err(error).with_context(|| {
                        format!("nobody takes spans at {}, start `tracewell serve` or name its address", self.uri)
                    });
                }
                Err(_) => {}
            }
            if attempt < ATTEMPTS_MAX {
                self.tally.retries += 1;
                tokio::time::sleep(wait.min(WAIT_MAX)).await;
                wait = (wait * 2).min(WAIT_MAX);
            }
        }
        self.tally.refused += count;
        tracing::warn!(spans = count, attempts = ATTEMPTS_MAX, "the server stayed busy, a request is given up");
        Ok(())
    }

    async fn post(&self, body: Bytes) -> anyhow::Result<Answer> {
        let request = Request::post(self.uri.clone())
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .header(header::CONTENT_ENCODING, "gzip")
            .body(Full::new(body))
            .context("cannot build a request")?;
        let answer = async {
            let (head, body) = self.client.request(request).await?.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(anyhow::Error::from_boxed)?;
            let wait = head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Ok(Answer { status: head.status, wait: wait.map(Duration::from_secs), body: body.to_bytes() })
        };
        tokio::time::timeout(ANSWER_TIMEOUT, answer).await.context("no answer in time")?
    }
}

/// Statuses after which OTLP lets a client send the same request again.
fn is_retryable(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

fn compressed(body: &[u8]) -> std::io::Result<Bytes> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body)?;
    encoder.finish().map(Bytes::from)
}

/// `partial_success.rejected_spans` of an answer, when it has one.
fn rejected_spans(answer: &[u8]) -> Option<u64> {
    const PARTIAL_SUCCESS: u8 = 0x0a; // field 1, a message
    const REJECTED_SPANS: u8 = 0x08; // field 1, a number
    let rest = answer.strip_prefix(&[PARTIAL_SUCCESS])?;
    let (_, rest) = varint(rest)?;
    varint(rest.strip_prefix(&[REJECTED_SPANS])?).map(|(count, _)| count)
}

/// A base-128 number and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    const BYTES_MAX: usize = 10;
    let length = 1 + bytes.iter().take(BYTES_MAX).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at(length);
    let number = number.iter().rev().fold(0u64, |sum, byte| (sum << 7) | u64::from(byte & 0x7f));
    Some((number, rest))
}
