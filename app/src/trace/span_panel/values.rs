//! How a typed value is shown: exact, typed, and as a link only when it is an address of the web.

use api::{AttributeItem, TypedValue};
use leptos::prelude::*;

/// Deepest nesting of arrays and maps in a printed value; the server cuts earlier.
const DEPTH_MAX: usize = 64;

/// One value.
#[component]
pub fn ValueView(value: TypedValue) -> impl IntoView {
    let shown = text_of(&value);
    let kind = kind_of(&value);
    match value {
        TypedValue::String(text) if is_web_address(&text) => view! {
            <a class="link" href=text rel="noreferrer noopener external" target="_blank">{shown}</a>
        }
        .into_any(),
        TypedValue::Empty => view! { <span class="faint">"empty"</span> }.into_any(),
        TypedValue::String(text) if text.is_empty() => view! { <span class="faint">"empty text"</span> }.into_any(),
        _ => view! { <span class="value" title=kind>{shown}</span> }.into_any(),
    }
}

/// The value as text, to show and to copy. Texts stand bare at the top and quoted inside arrays and maps.
pub fn text_of(value: &TypedValue) -> String {
    match value {
        TypedValue::String(text) => text.clone(),
        other => {
            let mut text = String::new();
            print(other, &mut text, 0);
            text
        }
    }
}

/// Whether a text may become a link: `http` and `https` only, never `javascript` or `data`.
fn is_web_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let web = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    web && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn kind_of(value: &TypedValue) -> &'static str {
    match value {
        TypedValue::Empty => "empty",
        TypedValue::String(_) => "string",
        TypedValue::Bool(_) => "bool",
        TypedValue::Int(_) => "int",
        TypedValue::Double(_) => "double",
        TypedValue::Bytes(_) => "bytes, base64",
        TypedValue::Array(_) => "array",
        TypedValue::Map(_) => "map",
    }
}

fn print(value: &TypedValue, text: &mut String, depth: usize) {
    if depth > DEPTH_MAX {
        text.push('…');
        return;
    }
    match value {
        TypedValue::Empty => text.push_str("null"),
        TypedValue::String(string) => text.push_str(&format!("{string:?}")),
        TypedValue::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
        TypedValue::Int(number) | TypedValue::Double(number) => text.push_str(number),
        TypedValue::Bytes(base64) => text.push_str(base64),
        TypedValue::Array(values) => print_list(text, '[', ']', values, |value, text| print(value, text, depth + 1)),
        TypedValue::Map(items) => print_list(text, '{', '}', items, |AttributeItem { key, value }, text| {
            text.push_str(&format!("{key:?}: "));
            print(value, text, depth + 1);
        }),
    }
}

fn print_list<T>(text: &mut String, open: char, close: char, items: &[T], mut print: impl FnMut(&T, &mut String)) {
    text.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        print(item, text);
    }
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        for good in ["https://api.example/v1?x=1", "HTTP://localhost:80"] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "java\nscript://x", "data:text/html,x", "https:evil", "ftp://x", " https://x y"]
        {
            assert!(!is_web_address(bad), "{bad}");
        }
    }

    #[test]
    fn values_print_exactly() {
        let map = TypedValue::Map(vec![
            AttributeItem { key: "a".into(), value: TypedValue::Int("9007199254740993".into()) },
            AttributeItem {
                key: "b".into(),
                value: TypedValue::Array(vec![TypedValue::String("x\"y".into()), TypedValue::Empty]),
            },
        ]);
        assert_eq!(text_of(&map), r#"{"a": 9007199254740993, "b": ["x\"y", null]}"#);
        assert_eq!(text_of(&TypedValue::String("plain".into())), "plain");
        assert_eq!(text_of(&TypedValue::Double("NaN".into())), "NaN");
    }
}
