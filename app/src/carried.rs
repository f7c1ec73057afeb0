//! Data that a page is rendered from and that its browser needs again: it travels inside the page. Not here: what the data is.

use api::binary::{self, BinaryError};
use leptos::prelude::*;
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A resource whose first value the browser takes from the page, in the form in which it asks for all later ones.
pub type Carried<T> = Resource<T, Postcard>;

/// The form of the value.
pub struct Postcard;

impl<T: Serialize> Encoder<T> for Postcard {
    type Error = BinaryError;
    type Encoded = Vec<u8>;

    fn encode(value: &T) -> Result<Vec<u8>, BinaryError> {
        binary::encode(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Postcard {
    type Error = BinaryError;
    type Encoded = [u8];

    fn decode(bytes: &[u8]) -> Result<T, BinaryError> {
        binary::decode(bytes)
    }
}

/// The answer of `ask` to what `question` says, asked again whenever that changes.
pub fn carried<Q, T, F>(
    question: impl Fn() -> Q + Send + Sync + 'static,
    ask: impl Fn(Q) -> F + Send + Sync + 'static,
) -> Carried<T>
where
    Q: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(question, ask, false)
}
