//! Fuzz targets as plain functions: whatever the bytes, nothing panics, and what is read is whole. A failed claim panics.

use model::TraceId;
use storage::{Field, FieldCondition};

use crate::block::{BlockError, BlockReader, Parent, Section, Term, reseal};

/// Any bytes as a block. Checksums are made right first, or no change would ever get past them.
pub fn block(data: &[u8]) {
    let mut bytes = data.to_vec();
    reseal(&mut bytes);
    drop(read_all(&bytes));
}

/// Asks a block everything that can be asked; the number of spans in it.
pub fn read_all(bytes: &[u8]) -> Result<usize, BlockError> {
    let reader = BlockReader::open(bytes)?;
    // Each part is read, whatever became of the parts before it; the first error is the answer.
    let mut first_error = Ok(());
    let mut note = |result: Result<(), BlockError>| {
        if first_error.is_ok() {
            first_error = result;
        }
    };
    note(reader.services().map(drop));
    note(reader.shape_views().map(drop));
    for section in [Section::Red, Section::Edge] {
        note(reader.section(section).map(drop));
    }
    for number in 0..reader.trace_count() {
        note(read_trace(&reader, number));
    }
    let mut spans = 0;
    for group in 0..reader.zones().len() {
        note(read_group(&reader, group, &mut spans));
    }
    first_error.map(|()| spans)
}

fn read_trace(reader: &BlockReader<&[u8]>, number: u32) -> Result<(), BlockError> {
    let id: TraceId = reader.trace_id(number)?;
    let entry = reader.entry(number)?;
    assert!(entry.rows > 0 && (entry.first_row..entry.first_row + entry.rows).contains(&entry.root_row));
    reader.find(&id)?;
    reader.groups_with(Term::name(&id.to_string()))?;
    Ok(())
}

fn read_group(reader: &BlockReader<&[u8]>, group: usize, spans: &mut usize) -> Result<(), BlockError> {
    let rows = reader.rows_of_group(group).len();
    let parents = reader.parents(group)?;
    assert!(parents.iter().zip(0..).all(|(parent, row)| !matches!(parent, Parent::Row(above) if *above >= row)));
    assert_eq!([parents.len(), reader.starts(group)?.len(), reader.durations(group)?.len()], [rows; 3]);
    let batch = reader.spans_of_group(group)?;
    assert_eq!(batch.len(), rows);
    *spans += rows;
    let keys: std::collections::BTreeSet<&str> =
        batch.rows().flat_map(|row| row.attributes().map(|(key, _)| key)).collect();
    let mut scan = reader.scan(group, reader.shapes(group)?)?;
    for key in keys {
        reader.groups_with(Term::attribute(key, "1"))?;
        let mut values = reader.field_values(&Field::any(key), |_| 0)?;
        scan.visit(&mut values, &vec![true; rows], |_| 0, |row, _| assert!((row as usize) < rows))?;
        let condition = FieldCondition::of_form(key, "1").negated();
        scan.keep(&mut reader.row_test(&condition)?, &mut vec![true; rows])?;
    }
    Ok(())
}
