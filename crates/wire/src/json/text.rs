//! The inside of a JSON string: finds its end, resolves its escapes.

use std::borrow::Cow;

/// A text without its quotes and escapes.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Whether something in it was no text and became U+FFFD.
    pub(crate) lossy: bool,
}

/// The length of the string whose inside starts at the first of `bytes`, without the closing quote, and whether it has escapes.
/// `None` when it does not end.
pub(crate) fn extent(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut escaped = false;
    let mut at = 0;
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        at += found;
        if bytes[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        // Whatever is escaped does not end the string.
        at += 2;
    }
    None
}

/// Resolves the inside of a string; `Err` with the position of an escape that means nothing.
pub(crate) fn resolve(inside: &[u8], escaped: bool) -> Result<Text<'_>, usize> {
    if !escaped {
        let text = String::from_utf8_lossy(inside);
        let lossy = matches!(text, Cow::Owned(_));
        return Ok(Text { text, lossy });
    }
    let mut plain = Vec::with_capacity(inside.len());
    let (mut at, mut lossy) = (0, false);
    while at < inside.len() {
        match inside[at] {
            b'\\' => {
                let (character, length) = escape(&inside[at + 1..]).ok_or(at)?;
                lossy |= character.is_none();
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                at += 1 + length;
            }
            byte => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    let text = match String::from_utf8(plain) {
        Ok(text) => text,
        Err(error) => {
            lossy = true;
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
    };
    Ok(Text { text: Cow::Owned(text), lossy })
}

/// The character behind a backslash, `None` for half of a surrogate pair, and the bytes it takes.
fn escape(bytes: &[u8]) -> Option<(Option<char>, usize)> {
    let character = match bytes.first()? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(&bytes[1..]).map(|(character, length)| (character, 1 + length)),
        _ => return None,
    };
    Some((Some(character), 1))
}

fn unicode(bytes: &[u8]) -> Option<(Option<char>, usize)> {
    let high = hex4(bytes)?;
    if let Some(character) = char::from_u32(high) {
        return Some((Some(character), 4));
    }
    // A character beyond 16 bits is written as two halves; one half alone is no character.
    let low = bytes[4..].strip_prefix(b"\\u").and_then(hex4).filter(|low| (0xdc00..0xe000).contains(low));
    match low {
        Some(low) if high < 0xdc00 => Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 10)),
        _ => Some((None, 4)),
    }
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.first_chunk::<4>()?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inside: &[u8], expected: &str, lossy: bool) {
        let mut quoted = inside.to_vec();
        quoted.push(b'"');
        let (length, escaped) = extent(&quoted).expect("has an end");
        assert_eq!(length, inside.len());
        let text = resolve(inside, escaped).expect("has only known escapes");
        assert_eq!((text.text.as_ref(), text.lossy), (expected, lossy));
    }

    #[test]
    fn escapes_are_resolved() {
        check(br#"a\"b\\\/\b\f\n\r\t\u00e4\uD83D\uDE00"#, "a\"b\\/\u{8}\u{c}\n\r\tä\u{1f600}", false);
        check("ä\u{1f600}".as_bytes(), "ä\u{1f600}", false);
    }

    #[test]
    fn what_is_no_text_becomes_a_replacement_character_and_is_told() {
        check(b"a\xffb", "a\u{fffd}b", true);
        check(br"\ud83dx", "\u{fffd}x", true);
        check(br"\ud83d\u0041", "\u{fffd}A", true);
        check(br"\ude00\ud83d", "\u{fffd}\u{fffd}", true);
        check(b"\\n\xff", "\n\u{fffd}", true);
    }

    #[test]
    fn unknown_and_cut_escapes_are_told_by_position() {
        assert_eq!(resolve(br"ab\x", true).err(), Some(2));
        assert_eq!(resolve(br"\u12", true).err(), Some(0));
        assert!(extent(br#"no end\""#).is_none());
        assert!(extent(br"\").is_none());
    }
}
