//! The body of a request on its way into ingest, the same at every HTTP door: room first, limits while it comes, then the store.
//!
//! Not here: which format a request has, and how it is answered.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use super::body::{Reader, room_for};
use crate::ingest::{Compression, Format, Ingest, Payload, Receipt, Refusal, Room};

/// Stores what is good in `request`.
pub(super) async fn accept(ingest: &Arc<Ingest>, format: Format, request: Request) -> Result<Receipt, Refusal> {
    let (head, body) = request.into_parts();
    let mut reader = Reader::new(body);
    match read(ingest, format, &head.headers, &mut reader).await {
        Ok((payload, room)) => ingest.accept(payload, room).await,
        Err(refusal) => {
            reader.discard(ingest.limits().request_bytes_max as u64).await;
            Err(refusal)
        }
    }
}

/// Reads a request to its end whose head was refused already.
pub(super) async fn discard(ingest: &Ingest, request: Request) {
    Reader::new(request.into_body()).discard(ingest.limits().request_bytes_max as u64).await;
}

async fn read(
    ingest: &Ingest,
    format: Format,
    headers: &HeaderMap,
    reader: &mut Reader,
) -> Result<(Payload, Room), Refusal> {
    let compression = compression(headers)?;
    let bytes_max = match compression {
        Compression::Identity => ingest.limits().request_bytes_max,
        _ => ingest.limits().request_compressed_bytes_max,
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let (mut room, buffer) = room_for(ingest.admission(), announced, bytes_max).await?;
    let bytes = reader.rest(buffer, bytes_max, ingest.admission(), &mut room).await?;
    Ok((Payload { format, compression, bytes }, room))
}

/// One encoding at most: each further one multiplies what a bomb unpacks to.
fn compression(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    let Some(value) = values.next() else { return Ok(Compression::Identity) };
    if values.next().is_some() {
        return Err(Refusal::EncodingUnknown("unsupported content encoding: only one is taken".to_owned()));
    }
    Compression::from_name(&String::from_utf8_lossy(value.as_bytes()))
}
