//! Attribute conditions as people type them: `http.route=/cart user="A B"`. Not here: what a condition means, which the store decides.

use storage::FieldCondition;

/// Longest text of conditions, bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Most conditions in one question.
pub const FILTERS_MAX: usize = 32;

/// Reads `key=value` pairs separated by spaces; keys and values may stand in double quotes, with `\"` and `\\` inside. The error is a sentence.
pub fn parse(text: &str) -> Result<Vec<FieldCondition>, String> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!("attribute conditions have at most {TEXT_BYTES_MAX} bytes, not {}", text.len()));
    }
    let mut filters = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if filters.len() == FILTERS_MAX {
            return Err(format!("at most {FILTERS_MAX} attribute conditions at once"));
        }
        let (key, after_key) = word(rest, |c| c == '=' || c.is_whitespace())?;
        let Some(after_equals) = after_key.strip_prefix('=').filter(|_| !key.is_empty()) else {
            return Err(format!("an attribute condition is written key=value, not `{}`", first_word(rest)));
        };
        let (value, after_value) = word(after_equals, char::is_whitespace)?;
        if after_value.starts_with(|c: char| !c.is_whitespace()) {
            return Err(format!("a space is missing after the quoted value of `{key}`"));
        }
        filters.push(FieldCondition::of_form(key, value));
        rest = after_value.trim_start();
    }
    Ok(filters)
}

/// A quoted text, or everything up to the first character that ends it, with what follows.
fn word(text: &str, ends: impl Fn(char) -> bool) -> Result<(String, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(ends).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut word = String::new();
    let mut escaped = false;
    for (place, c) in quoted.char_indices() {
        match c {
            '"' if !escaped => return Ok((word, &quoted[place + 1..])),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            // A backslash before anything else is a backslash: Windows paths are pasted as they are.
            c if escaped && c != '"' && c != '\\' => word.extend(['\\', c]),
            c => word.push(c),
        }
        escaped = false;
    }
    Err(format!("a closing quote is missing after `{}`", first_word(text)))
}

fn first_word(text: &str) -> &str {
    const SHOWN_CHARS: usize = 40;
    let word = text.split_whitespace().next().unwrap_or(text);
    word.char_indices().nth(SHOWN_CHARS).map_or(word, |(end, _)| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> FieldCondition {
        FieldCondition::of_form(key, value)
    }

    #[test]
    fn pairs_are_separated_by_spaces_and_quoted_where_needed() {
        assert_eq!(
            parse(r#"  http.route=/cart?a=b  user="A \"B\" C:\new" "odd key"=1 empty= "#),
            Ok(vec![
                pair("http.route", "/cart?a=b"),
                pair("user", r#"A "B" C:\new"#),
                pair("odd key", "1"),
                pair("empty", ""),
            ])
        );
        assert_eq!(parse(" \t"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_pair_is_refused_with_a_hint() {
        assert_eq!(parse("checkout"), Err("an attribute condition is written key=value, not `checkout`".to_owned()));
        assert_eq!(parse("a=\"b"), Err("a closing quote is missing after `\"b`".to_owned()));
        assert_eq!(parse("a=\"b\"c=d"), Err("a space is missing after the quoted value of `a`".to_owned()));
        assert!(parse("=x").is_err());
        assert!(parse(&"a=b ".repeat(FILTERS_MAX + 1)).is_err());
    }
}
