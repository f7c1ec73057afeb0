//! Both forms against bytes written by hand, as the protocol's description draws them.

use super::{DEPTH_MAX, Field, Form, Kind, Place, Reader};

/// Every field of a struct at the start of `bytes`, skipped, with the place where each value ended.
fn outline(form: Form, bytes: &[u8]) -> Result<Vec<(i16, Kind, usize)>, &'static str> {
    let mut reader = Reader::new(form, bytes);
    let mut place = Place::default();
    let mut fields = Vec::new();
    while let Some(Field { id, kind }) = reader.field(&mut place).map_err(|fault| fault.reason)? {
        reader.skip(kind, 1).map_err(|fault| fault.reason)?;
        fields.push((id, kind, reader.at));
    }
    assert_eq!(reader.at, bytes.len(), "bytes after the struct");
    Ok(fields)
}

#[test]
fn every_kind_is_skipped_to_its_end_in_the_binary_form() {
    let bytes = [
        &[2, 0, 1, 1][..],
        &[3, 0, 2, 9],
        &[4, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0],
        &[6, 0, 4, 0, 1],
        &[8, 0, 5, 0, 0, 0, 1],
        &[10, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1],
        &[11, 0, 7, 0, 0, 0, 2, b'h', b'i'],
        &[12, 0, 8, 2, 0, 1, 1, 0],
        &[13, 0, 9, 3, 2, 0, 0, 0, 1, 7, 1],
        &[14, 0, 10, 6, 0, 0, 0, 2, 0, 1, 0, 2],
        &[15, 0, 11, 0, 0, 0, 0, 0],
        &[0],
    ];
    let fields = outline(Form::Binary, &bytes.concat()).expect("well formed");
    let ends: Vec<usize> = bytes
        .iter()
        .scan(0, |end, part| {
            *end += part.len();
            Some(*end)
        })
        .take(11)
        .collect();
    assert_eq!(fields.iter().map(|field| field.2).collect::<Vec<_>>(), ends);
    assert_eq!(fields.iter().map(|field| field.0).collect::<Vec<_>>(), (1..=11).collect::<Vec<_>>());
}

#[test]
fn every_kind_is_skipped_to_its_end_in_the_compact_form() {
    let bytes = [
        &[0x11][..],
        &[0x12],
        &[0x13, 9],
        &[0x14, 3],
        &[0x15, 0x80, 1],
        &[0x06, 0x80, 1, 1],
        &[0x17, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0x18, 2, b'h', b'i'],
        &[0x19, 0x21, 1, 2],
        &[0x1a, 0xf3, 1, 9],
        &[0x1b, 1, 0x31, 7, 1],
        &[0x1b, 0],
        &[0x1c, 0x11, 0],
        &[0],
    ];
    let fields = outline(Form::Compact, &bytes.concat()).expect("well formed");
    let ends: Vec<usize> = bytes
        .iter()
        .scan(0, |end, part| {
            *end += part.len();
            Some(*end)
        })
        .take(13)
        .collect();
    assert_eq!(fields.iter().map(|field| field.2).collect::<Vec<_>>(), ends);
    // The sixth says its id in full: zigzag of 64.
    let ids: Vec<i16> = fields.iter().map(|field| field.0).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 64, 65, 66, 67, 68, 69, 70, 71]);
}

#[test]
fn numbers_are_read_in_both_forms() {
    let number = |form, bytes: &[u8]| Reader::new(form, bytes).i64();
    assert_eq!(number(Form::Binary, &[0xff; 8]), Ok(-1));
    assert_eq!(number(Form::Compact, &[1]), Ok(-1));
    assert_eq!(number(Form::Compact, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Ok(i64::MIN));
    let double = |form, bytes: &[u8]| Reader::new(form, bytes).double();
    assert_eq!(double(Form::Binary, &1.5f64.to_be_bytes()), Ok(1.5));
    assert_eq!(double(Form::Compact, &1.5f64.to_le_bytes()), Ok(1.5));
}

#[test]
fn no_length_is_believed() {
    let too_long = Err("a length reaches beyond the end of the request");
    let list = Err("a list is longer than the request");
    for length in [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0]] {
        let field = |kind: u8, inner: &[u8]| outline(Form::Binary, &[&[kind, 0, 1], inner, &length, &[0]].concat());
        assert_eq!(field(11, &[]), too_long);
        assert_eq!(field(15, &[2]), list);
        assert_eq!(field(13, &[2, 2]), list);
    }
    let length = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let field = |head: &[u8]| outline(Form::Compact, &[head, &length, &[0]].concat());
    assert_eq!(field(&[0x18]), too_long);
    assert_eq!(field(&[0x19, 0xf1]), list);
    assert_eq!(field(&[0x1b]), list);
    assert_eq!(outline(Form::Compact, &[&[0x16][..], &[0xff; 10]].concat()), Err("a number has more than 64 bits"));
}

#[test]
fn nesting_ends_at_a_named_depth_and_not_with_the_stack() {
    let nested = |head: &[u8], depth: usize, end: &[u8]| [head.repeat(depth), end.repeat(depth + 1)].concat();
    for (form, head) in [(Form::Binary, &[12u8, 0, 1][..]), (Form::Compact, &[0x1c])] {
        assert!(outline(form, &nested(head, DEPTH_MAX, &[0])).is_ok());
        assert_eq!(outline(form, &nested(head, DEPTH_MAX + 1, &[0])), Err("nested too deeply"));
        assert_eq!(outline(form, &nested(head, 100_000, &[0])), Err("nested too deeply"));
    }
    // Lists in lists.
    let lists = [&[0x19u8][..], &[0x19; 100_000]].concat();
    assert_eq!(outline(Form::Compact, &lists), Err("nested too deeply"));
}

#[test]
fn the_heads_of_calls_are_read_with_and_without_a_version() {
    fn name(form: Form, bytes: &[u8]) -> Result<&[u8], &'static str> {
        Reader::new(form, bytes).envelope().map_err(|fault| fault.reason)
    }
    assert_eq!(name(Form::Compact, &[0x82, 0x81, 1, 2, b'g', b'o']), Ok(&b"go"[..]));
    assert_eq!(name(Form::Compact, &[0x82, 0x21, 0xff, 1, 2, b'g', b'o']), Ok(&b"go"[..]));
    assert_eq!(name(Form::Compact, &[0x82, 0x41, 1, 0]), Err("a message that is no call"));
    assert_eq!(name(Form::Compact, &[0x80, 1, 0, 4]), Err("no message in Thrift's compact form"));
    let strict = [&[0x80, 1, 0, 4, 0, 0, 0, 2][..], b"go", &[0, 0, 0, 9]].concat();
    assert_eq!(name(Form::Binary, &strict), Ok(&b"go"[..]));
    let old = [&[0, 0, 0, 2][..], b"go", &[1, 0, 0, 0, 9]].concat();
    assert_eq!(name(Form::Binary, &old), Ok(&b"go"[..]));
    assert_eq!(name(Form::Binary, &[0x82, 0x81, 1, 2]), Err("a length reaches beyond the end of the request"));
}
