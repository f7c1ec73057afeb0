//! Resources and scopes while spans are taken in: each content once, however many batches repeat it.

use hashbrown::HashMap;
use model::batch::{Columns, Slice, ValueCell};
use storage::batch::encode_value;

use super::super::BuildError;
use super::super::schema::{ResourceInfo, ScopeInfo, SharedAttributes, SharedValue};
use super::super::tables::shared_key;
use super::intake::BatchStrings;
use super::strings::Strings;

/// The resources and scopes of a block.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) resources: Vec<ResourceInfo>,
    pub(super) scopes: Vec<ScopeInfo>,
    /// Texts of the services, by code.
    pub(super) services: Vec<u32>,
    service_codes: HashMap<u32, u32>,
    resource_numbers: HashMap<Vec<u8>, u32>,
    scope_numbers: HashMap<Vec<u8>, u32>,
    /// Reused for the key of each look-up.
    key: Vec<u8>,
}

impl Shared {
    pub(super) fn resource<'a>(
        &mut self,
        columns: &'a Columns,
        index: u32,
        ids: &mut BatchStrings,
        strings: &mut Strings<'a>,
    ) -> Result<u32, BuildError> {
        let cell = columns.resources[index as usize];
        let service = ids.of(columns, cell.service, strings);
        let service = *self.service_codes.entry(service).or_insert_with(|| {
            self.services.push(service);
            self.services.len() as u32 - 1
        });
        let resource = ResourceInfo {
            service,
            attributes: attributes(columns, cell.attributes, ids, strings)?,
            dropped: cell.attributes_dropped,
            schema_url: ids.of(columns, cell.schema_url, strings),
        };
        let next = self.resources.len() as u32;
        let number = *self.resource_numbers.entry_ref(shared_key(&resource, &mut self.key)).or_insert(next);
        if number == next {
            self.resources.push(resource);
        }
        Ok(number)
    }

    pub(super) fn scope<'a>(
        &mut self,
        columns: &'a Columns,
        index: u32,
        ids: &mut BatchStrings,
        strings: &mut Strings<'a>,
    ) -> Result<u32, BuildError> {
        let cell = columns.scopes[index as usize];
        let scope = ScopeInfo {
            name: ids.of(columns, cell.name, strings),
            version: ids.of(columns, cell.version, strings),
            attributes: attributes(columns, cell.attributes, ids, strings)?,
            dropped: cell.attributes_dropped,
            schema_url: ids.of(columns, cell.schema_url, strings),
        };
        let next = self.scopes.len() as u32;
        let number = *self.scope_numbers.entry_ref(shared_key(&scope, &mut self.key)).or_insert(next);
        if number == next {
            self.scopes.push(scope);
        }
        Ok(number)
    }
}

fn attributes<'a>(
    columns: &'a Columns,
    slice: Slice,
    ids: &mut BatchStrings,
    strings: &mut Strings<'a>,
) -> Result<SharedAttributes, BuildError> {
    let mut attributes = Vec::with_capacity(slice.range().len());
    for cell in &columns.attributes[slice.range()] {
        let value = match cell.value() {
            ValueCell::Empty => SharedValue::Empty,
            ValueCell::String(id) => SharedValue::Text(ids.of(columns, id, strings)),
            ValueCell::Bool(value) => SharedValue::Bool(value),
            ValueCell::Int(value) => SharedValue::Int(value),
            ValueCell::Double(value) => SharedValue::Double(value),
            ValueCell::Other(index) => {
                let mut bytes = Vec::new();
                encode_value(&mut bytes, &columns.others[index as usize])?;
                SharedValue::Other(bytes)
            }
        };
        attributes.push((ids.of(columns, cell.key(), strings), value));
    }
    Ok(attributes)
}
