//! Reading JSON.

use std::collections::BTreeMap;

use super::DEEPEST;
use crate::go;
use crate::value::{List, Map, Str, Value, types};

/// The value of a JSON text: every number a `float64`, objects `map[string]interface {}`, of repeated keys the last.
///
/// # Errors
///
/// Go's text, which names the character that is wrong and where it stands in the grammar. A number too large for
/// `float64` is reported last, after the text has been found well-formed.
pub fn decode(text: &[u8]) -> Result<Value, String> {
    let mut decoder = Decoder { text, at: 0, too_large: None };
    let value = decoder.value(0)?;
    decoder.skip_space();
    if decoder.at < text.len() {
        return decoder.invalid("after top-level value");
    }
    match decoder.too_large {
        Some(number) => Err(format!("json: cannot unmarshal number {number} into Go value of type float64")),
        None => Ok(value),
    }
}

struct Decoder<'a> {
    text: &'a [u8],
    at: usize,
    /// The first number that does not fit.
    too_large: Option<String>,
}

impl Decoder<'_> {
    fn skip_space(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The error at the current byte, or at the end of the text, where white space could follow.
    fn invalid<T>(&self, place: &str) -> Result<T, String> {
        match self.peek() {
            None => Err("unexpected end of JSON input".to_owned()),
            Some(_) => self.invalid_within(place),
        }
    }

    /// The error within a number, a word or an escape. Go ends the text with a space, which is wrong there.
    fn invalid_within<T>(&self, place: &str) -> Result<T, String> {
        let byte = self.peek().unwrap_or(b' ');
        let shown = match byte {
            b'\'' => r"'\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            _ => {
                let quoted = go::quote(char::from(byte).encode_utf8(&mut [0; 4]).as_bytes());
                format!("'{}'", &quoted[1..quoted.len() - 1])
            }
        };
        Err(format!("invalid character {shown} {place}"))
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(|text| Value::String(Str::from(text)))
            }
            Some(b'{') => self.nested(depth, Self::object),
            Some(b'[') => self.nested(depth, Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Nil),
            _ => self.invalid("looking for beginning of value"),
        }
    }

    fn nested(
        &mut self,
        depth: usize,
        read: fn(&mut Self, usize) -> Result<Value, String>,
    ) -> Result<Value, String> {
        if depth >= DEEPEST {
            return Err("exceeded max depth".to_owned());
        }
        self.at += 1;
        go::deep(|| read(self, depth + 1))
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let mut entries = BTreeMap::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Map::with_entries(types::MAP, entries).into());
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.invalid("looking for beginning of object key string");
            }
            self.at += 1;
            let key = Str::from(self.string()?);
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.invalid("after object key");
            }
            self.at += 1;
            let value = self.value(depth)?;
            entries.insert(key, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Map::with_entries(types::MAP, entries).into());
                }
                _ => return self.invalid("after object key:value pair"),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(List::new(items).into());
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    let capacity = items.len().next_power_of_two();
                    return Ok(List::with_capacity(types::LIST, items, capacity).into());
                }
                _ => return self.invalid("after array element"),
            }
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return self.invalid_within(&format!("in literal {word} (expecting '{expected}')"));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.invalid_within("in numeric literal"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.invalid_within("after decimal point in numeric literal");
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.invalid_within("in exponent of numeric literal");
            }
            self.digits();
        }
        let text = &self.text[start..self.at];
        Ok(match go::parse_float(text) {
            Some(number) => Value::Float(number),
            None => {
                self.too_large.get_or_insert_with(|| String::from_utf8_lossy(text).into_owned());
                Value::Nil
            }
        })
    }

    /// The text up to the closing quotation mark; bad UTF-8 and lone surrogates become U+FFFD.
    fn string(&mut self) -> Result<Vec<u8>, String> {
        let mut output = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let plain =
                rest.iter().position(|byte| !matches!(byte, 0x20..0x80) || matches!(byte, b'"' | b'\\'));
            let plain = plain.unwrap_or(rest.len());
            output.extend_from_slice(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(output);
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut output)?;
                }
                Some(0x80..) => {
                    let (rune, width) = go::decode_rune(&self.text[self.at..]);
                    go::append_rune(&mut output, rune);
                    self.at += width;
                }
                _ => return self.invalid("in string literal"),
            }
        }
    }

    fn escape(&mut self, output: &mut Vec<u8>) -> Result<(), String> {
        let simple = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hexadecimal()?;
                let mut code = first;
                // A high surrogate joins with a low one that follows.
                if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let second = self.hexadecimal()?;
                    if (0xdc00..0xe000).contains(&second) {
                        code = 0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00));
                    } else {
                        self.at = back;
                    }
                }
                go::append_rune(output, code);
                return Ok(());
            }
            _ => return self.invalid_within("in string escape code"),
        };
        output.push(simple);
        self.at += 1;
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.invalid_within("in \\u hexadecimal character escape");
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_character_and_its_place() {
        for (text, error) in [
            ("", "unexpected end of JSON input"),
            ("bad", "invalid character 'b' looking for beginning of value"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{'a':1}", r"invalid character '\'' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":01}", "invalid character '1' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("1ex", "invalid character 'x' in exponent of numeric literal"),
            ("\"\\q\"", "invalid character 'q' in string escape code"),
            ("\"\\u00g0\"", "invalid character 'g' in \\u hexadecimal character escape"),
            ("\"\n\"", r"invalid character '\n' in string literal"),
            ("1e", "invalid character ' ' in exponent of numeric literal"),
            ("tru", "invalid character ' ' in literal true (expecting 'e')"),
            ("\"a", "unexpected end of JSON input"),
            ("1e400", "json: cannot unmarshal number 1e400 into Go value of type float64"),
        ] {
            assert_eq!(
                decode(text.as_bytes()).map(|value| value.to_text().to_string()),
                Err(error.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn surrogates_join_or_are_replaced() {
        let text = |json: &str| decode(json.as_bytes()).unwrap().to_text().to_string();
        assert_eq!(text(r#""\ud83d\ude00""#), "😀");
        assert_eq!(text(r#""\ud83dx""#), "\u{fffd}x");
        assert_eq!(text(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(text("[ ]"), "[]");
        assert_eq!(text("[null]"), "[<nil>]");
    }
}
