//! What of a block takes how many bytes, for benchmarks and reports.

use super::super::error::BlockError;
use super::super::header::HEADER_BYTES;
use super::super::layout::{Section, cold, dictionary};
use super::super::schema::{Field, Kind};
use super::super::source::BlockSource;
use super::BlockReader;

impl<S: BlockSource> BlockReader<S> {
    /// Bytes by section and column, in the order of the block. They add up to all of it.
    pub fn sizes(&self) -> Result<Vec<(String, u64)>, BlockError> {
        let mut sizes = vec![
            ("header".to_owned(), HEADER_BYTES as u64),
            ("directory".to_owned(), self.header.directory_bytes.into()),
        ];
        let mut sections = vec![Section::Zone, Section::Filter, Section::Trace, Section::Dictionary, Section::Term];
        sections.extend([Section::Red, Section::Edge, Section::Hot, Section::Cold]);
        for section in sections {
            for chunk in self.directory.section(section) {
                let name = self.name(section, chunk.name.column)?;
                match sizes.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += u64::from(chunk.length),
                    None => sizes.push((name, chunk.length.into())),
                }
            }
        }
        Ok(sizes)
    }

    fn name(&self, section: Section, column: u32) -> Result<String, BlockError> {
        let word = section.word();
        let attribute = match section {
            Section::Cold => column.checked_sub(cold::ATTRIBUTE),
            Section::Dictionary => column.checked_sub(dictionary::OF_COLUMN),
            Section::Trace | Section::Hot => None,
            _ => return Ok(word.to_owned()),
        };
        let Some(attribute) = attribute else { return Ok(format!("{word} {column}")) };
        let dictionary = self.dictionary()?;
        let column = dictionary.tables.columns.get(attribute as usize);
        let column = column.ok_or(BlockError::Invalid("directory"))?;
        let field = match column.field {
            Field::Attribute(key) => dictionary.string(key).to_owned(),
            field => format!("{field:?}"),
        };
        let kind: Kind = column.kind;
        Ok(format!("{word} {:?} {field} {kind:?} {:?}", column.owner, column.class))
    }
}
