//! Appends JSON to a string.

/// An object under construction.
pub(crate) struct Object<'j> {
    json: &'j mut String,
    empty: bool,
}

impl Object<'_> {
    pub(crate) fn begin(json: &mut String) -> Object<'_> {
        json.push('{');
        Object { json, empty: true }
    }

    /// Writes the name and gives the place of its value, which the caller must write.
    pub(crate) fn key(&mut self, name: &str) -> &mut String {
        if !std::mem::take(&mut self.empty) {
            self.json.push(',');
        }
        push_string(self.json, name);
        self.json.push(':');
        self.json
    }

    /// A text, left out when it is empty.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            push_string(self.key(name), text);
        }
    }

    /// A number, left out when it is zero.
    pub(crate) fn number(&mut self, name: &str, number: u32) {
        if number != 0 {
            self.key(name).push_str(&number.to_string());
        }
    }

    pub(crate) fn end(self) {
        self.json.push('}');
    }
}

/// An array with one element per item.
pub(crate) fn push_array<T>(
    json: &mut String,
    items: impl IntoIterator<Item = T>,
    mut push: impl FnMut(&mut String, T),
) {
    json.push('[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        push(json, item);
    }
    json.push(']');
}

/// A text in quotes. Control characters are escaped, and so is what would end a script element or a line of JavaScript.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}' | '<' | '>' | '\u{2028}' | '\u{2029}' => {
                json.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_quotes_or_a_script() {
        let mut json = String::new();
        push_string(&mut json, "a\"\\\n\u{0}</script>\u{2028}ä\u{1f600}");
        assert_eq!(json, "\"a\\\"\\\\\\n\\u0000\\u003c/script\\u003e\\u2028ä\u{1f600}\"");
    }

    #[test]
    fn members_are_parted_by_commas_and_defaults_left_out() {
        let mut json = String::new();
        let mut object = Object::begin(&mut json);
        object.text("a", "");
        object.number("b", 1);
        object.text("c", "x");
        push_array(object.key("d"), [1, 2], |json, n| json.push_str(&n.to_string()));
        object.end();
        assert_eq!(json, r#"{"b":1,"c":"x","d":[1,2]}"#);
    }
}
