//! The keys of attributes, by shape: which rows have a key is known without their cells. Not here: values.

use storage::AttributeScope;

use super::super::error::BlockError;
use super::super::layout::Owner;
use super::super::schema::Field;
use super::super::source::BlockSource;
use super::BlockReader;
use super::field::place_of;
use super::group_scan::GroupScan;

impl<S: BlockSource> BlockReader<S> {
    /// Of each shape the keys that everything of it has in `scope`, as numbers for [`BlockReader::key`], ascending, each once.
    /// Those of resources and instrumentation scopes are among those of spans.
    pub fn keys_by_shape(&self, owner: Owner, scope: AttributeScope) -> Result<Vec<Vec<u32>>, BlockError> {
        let dictionary = self.dictionary()?;
        let tables = &dictionary.tables;
        let mut keys = Vec::new();
        for shape in dictionary.shapes(owner) {
            let mut of_shape: Vec<u32> = Vec::new();
            if scope.includes(place_of(owner)) {
                of_shape.extend(shape.slots.iter().filter_map(
                    |slot| match tables.columns[slot.column as usize].field {
                        Field::Attribute(key) => Some(key),
                        _ => None,
                    },
                ));
            }
            if owner == Owner::Span {
                let (resource, scope_info) =
                    (&tables.resources[shape.head.resource as usize], &tables.scopes[shape.head.scope as usize]);
                let lists = [
                    (AttributeScope::Resource, &resource.attributes),
                    (AttributeScope::Instrumentation, &scope_info.attributes),
                ];
                for (_, attributes) in lists.into_iter().filter(|(place, _)| scope.includes(*place)) {
                    of_shape.extend(attributes.iter().map(|(key, _)| *key));
                }
            }
            of_shape.sort_unstable();
            of_shape.dedup();
            keys.push(of_shape);
        }
        Ok(keys)
    }

    /// The key with this number.
    pub fn key(&self, number: u32) -> Result<&str, BlockError> {
        Ok(self.dictionary()?.string(number))
    }
}

impl<S: BlockSource> GroupScan<'_, S> {
    /// Calls `visit` with the row and the shape of each event or link, by row.
    pub fn visit_units(&mut self, owner: Owner, mut visit: impl FnMut(u32, u32)) -> Result<(), BlockError> {
        self.load(owner)?;
        if let Some(units) = self.units(owner) {
            units.rows().zip(&units.shapes).for_each(|(row, shape)| visit(row as u32, *shape));
        }
        Ok(())
    }
}
