//! Pulls values out of JSON text one by one. Nesting is bounded, skipping needs no recursion, nothing is allocated but texts.
//!
//! Lenient where clients are: a byte order mark, raw control characters, `NaN` and `Infinity` as numbers, and `null` for
//! any object or list, which then has nothing in it.

use std::borrow::Cow;

use super::number::double_from;
use super::text;

/// A place in a JSON text.
#[derive(Clone)]
pub(crate) struct JsonReader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    depth_max: usize,
    lossy: bool,
}

/// A value without parts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    Text(Cow<'a, str>),
}

/// Why reading stopped, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) position: usize,
    pub(crate) cause: Cause,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// This is not JSON: nothing behind it can be read either.
    Syntax(&'static str),
    /// More nesting than allowed.
    TooDeep,
    /// JSON of another shape than expected: it can be skipped.
    Shape(&'static str),
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

// === impl JsonReader ===

impl<'a> JsonReader<'a> {
    pub(crate) fn new(bytes: &'a [u8], depth_max: usize) -> JsonReader<'a> {
        let at = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        JsonReader { bytes, at, depth: 0, depth_max, lossy: false }
    }

    /// Whether only white space is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.skip_white();
        self.at >= self.bytes.len()
    }

    /// A reader at the next value, to look ahead or to come back.
    pub(crate) fn mark(&self) -> JsonReader<'a> {
        JsonReader { lossy: false, ..self.clone() }
    }

    /// Whether a text since the last call had parts that were no text.
    pub(crate) fn take_lossy(&mut self) -> bool {
        std::mem::take(&mut self.lossy)
    }

    /// Whether the next value is `null`, which is then passed.
    pub(crate) fn null(&mut self) -> Result<bool, Fault> {
        let null = self.peek()? == b'n';
        if null {
            self.word("null")?;
        }
        Ok(null)
    }

    /// Whether the next value is an object or a list.
    pub(crate) fn has_parts(&mut self) -> Result<bool, Fault> {
        Ok(matches!(self.peek()?, b'{' | b'['))
    }

    /// Calls `member` with the name of each member of the next object; it must read or skip the value.
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut JsonReader<'a>, &str) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !self.enter(b'{', "an object is expected")? {
            return Ok(());
        }
        if self.leave_if(b'}')? {
            return Ok(());
        }
        loop {
            let name = self.name()?;
            member(self, &name)?;
            if self.comma_or(b'}')? {
                return Ok(());
            }
        }
    }

    /// Calls `element` before each element of the next list; it must read or skip it.
    pub(crate) fn array(
        &mut self,
        mut element: impl FnMut(&mut JsonReader<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !self.enter(b'[', "a list is expected")? {
            return Ok(());
        }
        if self.leave_if(b']')? {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.comma_or(b']')? {
                return Ok(());
            }
        }
    }

    /// The next value, which must have no parts.
    pub(crate) fn scalar(&mut self) -> Result<Scalar<'a>, Fault> {
        match self.peek()? {
            b'"' => Ok(Scalar::Text(self.text()?)),
            b'n' => self.word("null").map(|()| Scalar::Null),
            b't' => self.word("true").map(|()| Scalar::Bool(true)),
            b'f' => self.word("false").map(|()| Scalar::Bool(false)),
            b'{' | b'[' => Err(self.shape("a text or a number is expected")),
            _ => self.number().map(Scalar::Number),
        }
    }

    /// Passes the next value, whatever it is.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        // The brackets that close what is open here; no longer than the nesting allowed.
        let mut closing: Vec<u8> = Vec::new();
        loop {
            if self.skip_or_open(&mut closing)? {
                continue;
            }
            // A value is complete: so are those that end with it.
            loop {
                let Some(close) = closing.last().copied() else { return Ok(()) };
                if self.comma_or(close)? {
                    closing.pop();
                    continue;
                }
                if close == b'}' {
                    self.skip_name()?;
                }
                break;
            }
        }
    }

    /// Passes a scalar or an empty object or list. Of another one passes the bracket, and answers that its first value is next.
    fn skip_or_open(&mut self, closing: &mut Vec<u8>) -> Result<bool, Fault> {
        let close = match self.peek()? {
            b'{' => b'}',
            b'[' => b']',
            b'"' => return self.string_extent().map(|_| false),
            _ => return self.scalar().map(|_| false),
        };
        let open = self.bytes[self.at];
        self.enter(open, "")?;
        if self.leave_if(close)? {
            return Ok(false);
        }
        closing.push(close);
        if close == b'}' {
            self.skip_name()?;
        }
        Ok(true)
    }

    /// Passes the opening bracket; `false` for `null`, which has nothing in it.
    fn enter(&mut self, open: u8, expected: &'static str) -> Result<bool, Fault> {
        if self.null()? {
            return Ok(false);
        }
        if self.peek()? != open {
            return Err(self.shape(expected));
        }
        if self.depth >= self.depth_max {
            return Err(Fault { position: self.at, cause: Cause::TooDeep });
        }
        self.at += 1;
        self.depth += 1;
        Ok(true)
    }

    fn leave_if(&mut self, close: u8) -> Result<bool, Fault> {
        let closes = self.peek()? == close;
        if closes {
            self.at += 1;
            self.depth -= 1;
        }
        Ok(closes)
    }

    /// Behind a value: whether its object or list ends; otherwise the comma is passed.
    fn comma_or(&mut self, close: u8) -> Result<bool, Fault> {
        if self.leave_if(close)? {
            return Ok(true);
        }
        self.punctuation(b',', "a comma or a closing bracket is missing")?;
        Ok(false)
    }

    fn name(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek()? != b'"' {
            return Err(self.syntax("a name in quotes is missing"));
        }
        let name = self.text()?;
        self.punctuation(b':', "a colon is missing")?;
        Ok(name)
    }

    fn skip_name(&mut self) -> Result<(), Fault> {
        if self.peek()? != b'"' {
            return Err(self.syntax("a name in quotes is missing"));
        }
        self.string_extent()?;
        self.punctuation(b':', "a colon is missing")
    }

    fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        let inside_at = self.at + 1;
        let (inside, escaped) = self.string_extent()?;
        let text = text::resolve(inside, escaped).map_err(|offset| Fault {
            position: inside_at + offset,
            cause: Cause::Syntax("an escape means nothing"),
        })?;
        self.lossy |= text.lossy;
        Ok(text.text)
    }

    /// Passes a string; its inside, and whether that has escapes.
    fn string_extent(&mut self) -> Result<(&'a [u8], bool), Fault> {
        let rest = &self.bytes[self.at + 1..];
        let (length, escaped) = text::extent(rest).ok_or_else(|| self.syntax("a text has no end"))?;
        self.at += length + 2;
        Ok((&rest[..length], escaped))
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let rest = &self.bytes[self.at..];
        let length =
            rest.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'.') || byte.is_ascii_alphanumeric()).count();
        let number = std::str::from_utf8(&rest[..length]).ok().filter(|number| double_from(number).is_some());
        let number = number.ok_or_else(|| self.syntax("a value is missing"))?;
        self.at += length;
        Ok(number)
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.syntax("a value is missing"));
        }
        self.at += word.len();
        Ok(())
    }

    fn punctuation(&mut self, expected: u8, missing: &'static str) -> Result<(), Fault> {
        if self.peek()? != expected {
            return Err(self.syntax(missing));
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<u8, Fault> {
        self.skip_white();
        self.bytes.get(self.at).copied().ok_or_else(|| self.syntax("the text ends too early"))
    }

    fn skip_white(&mut self) {
        let white = self.bytes[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.at += white.count();
    }

    pub(crate) fn syntax(&self, reason: &'static str) -> Fault {
        Fault { position: self.at, cause: Cause::Syntax(reason) }
    }

    pub(crate) fn shape(&self, reason: &'static str) -> Fault {
        Fault { position: self.at, cause: Cause::Shape(reason) }
    }
}

// === impl Scalar ===

impl Scalar<'_> {
    /// As it is written; nothing for `null`.
    pub(crate) fn as_text(&self) -> &str {
        match self {
            Scalar::Null => "",
            Scalar::Bool(true) => "true",
            Scalar::Bool(false) => "false",
            Scalar::Number(text) => text,
            Scalar::Text(text) => text,
        }
    }
}

#[cfg(test)]
mod tests;
