//! What a shape says, for predicates: evaluated once per shape, then compared with the shape of each row.

use model::{SpanKind, StatusCode};

use super::super::error::BlockError;
use super::super::schema::Shape;
use super::super::source::BlockSource;
use super::BlockReader;
use super::dictionary::Dictionary;

/// What all rows of a shape have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is that of `Span` with its name")]
pub struct ShapeView<'r> {
    /// Code of the service.
    pub service_code: u32,
    pub service: &'r str,
    pub name: &'r str,
    pub kind: SpanKind,
    pub status: StatusCode,
}

impl<S: BlockSource> BlockReader<S> {
    /// All shapes; the shape column holds places in this list.
    pub fn shape_views(&self) -> Result<Vec<ShapeView<'_>>, BlockError> {
        let dictionary = self.dictionary()?;
        Ok(dictionary.tables.span_shapes.iter().map(|shape| dictionary.view(shape)).collect())
    }

    /// One of them.
    pub fn shape_view(&self, number: u32) -> Result<ShapeView<'_>, BlockError> {
        let dictionary = self.dictionary()?;
        let shape = dictionary.tables.span_shapes.get(number as usize).ok_or(BlockError::Invalid("shape"))?;
        Ok(dictionary.view(shape))
    }

    /// The services of the block, by code.
    pub fn services(&self) -> Result<Vec<&str>, BlockError> {
        let dictionary = self.dictionary()?;
        Ok((0..dictionary.tables.services.len() as u32).map(|code| dictionary.service(code)).collect())
    }
}

impl Dictionary {
    fn view(&self, shape: &Shape) -> ShapeView<'_> {
        let service_code = self.tables.resources[shape.head.resource as usize].service;
        ShapeView {
            service_code,
            service: self.service(service_code),
            name: self.string(shape.head.name),
            kind: SpanKind::from_number(shape.head.kind.into()),
            status: StatusCode::from_number(shape.head.status.into()),
        }
    }
}
