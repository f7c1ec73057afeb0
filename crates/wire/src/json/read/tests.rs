//! Claims about reading JSON: what is passed, what is refused, and where.

use super::*;

/// Both ways of passing a value agree: skipping it, and reading its parts.
fn check(json: &str, expected: &str) {
    let mut skipping = JsonReader::new(json.as_bytes(), 4);
    let skipped = skipping.skip().and_then(|()| end(&mut skipping));
    let mut reading = JsonReader::new(json.as_bytes(), 4);
    let read = parts(&mut reading).and_then(|()| end(&mut reading));
    assert_eq!(skipped, read, "{json}");
    let told = match read {
        Ok(()) => "fine".to_owned(),
        Err(Fault { position, cause: Cause::Syntax(reason) | Cause::Shape(reason) }) => {
            format!("{reason} at {position}")
        }
        Err(Fault { position, cause: Cause::TooDeep }) => format!("too deep at {position}"),
    };
    assert_eq!(told, expected, "{json}");
}

fn parts(reader: &mut JsonReader<'_>) -> Result<(), Fault> {
    match reader.peek()? {
        b'{' => reader.object(|inner, _| parts(inner)),
        b'[' => reader.array(parts),
        _ => reader.scalar().map(|_| ()),
    }
}

fn end(reader: &mut JsonReader<'_>) -> Result<(), Fault> {
    if reader.is_at_end() { Ok(()) } else { Err(reader.syntax("more follows")) }
}

#[test]
fn values_of_every_kind_are_passed() {
    for json in [
        "{}",
        "[]",
        "null",
        " [1, -2.5e3 ,\"a\\\"]\", true,false,null,{\"a\":[{}],\"b\":1}] ",
        "\u{feff}1",
        "[NaN,-Infinity]",
    ] {
        check(json, "fine");
    }
}

#[test]
fn faults_say_what_and_where() {
    check("", "the text ends too early at 0");
    check("[1,", "the text ends too early at 3");
    check("[1 2]", "a comma or a closing bracket is missing at 3");
    check("{\"a\" 1}", "a colon is missing at 5");
    check("{a:1}", "a name in quotes is missing at 1");
    check("[tru]", "a value is missing at 1");
    check("[1,]", "a value is missing at 3");
    check("[1}", "a comma or a closing bracket is missing at 2");
    check("\"abc", "a text has no end at 0");
    check("1 1", "more follows at 2");
    check("[[[[[1]]]]]", "too deep at 4");
    check("[[[[1]]]]", "fine");
}

#[test]
fn a_million_brackets_need_no_stack() {
    let brackets = vec![b'['; 1 << 20];
    let fault = JsonReader::new(&brackets, usize::MAX).skip();
    assert_eq!(fault, Err(Fault { position: 1 << 20, cause: Cause::Syntax("the text ends too early") }));
}
