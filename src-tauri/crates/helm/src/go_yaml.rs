//! YAML as Helm reads it, with the error texts of go-yaml, which people search for and scripts match.
//!
//! `slipway-yaml` reads as go-yaml does but explains mistakes in its own words and counts lines as editors do. go-yaml
//! names the line where its scanner stood (one less for its parser, none for the first line).

use serde_json::Value;
use slipway_yaml::YamlError;

use crate::minus_zero;

/// What `sigs.k8s.io/yaml` puts before an error of `json.Unmarshal`.
pub(crate) const UNMARSHAL: &str = "error unmarshaling JSON: while decoding JSON: ";
/// What it puts before an error of go-yaml.
const CONVERT: &str = "error converting YAML to JSON: ";

/// Why a text could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError {
    /// The text of `sigs.k8s.io/yaml`.
    pub(crate) message: String,
    /// What is wrong in the words of `slipway-yaml`.
    pub(crate) explanation: String,
    /// The text and the place in it, line and column from 1, where it is text at all.
    pub(crate) place: Option<(String, u32, u32)>,
}

/// Decodes the first document of a file, as templates see it.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let text = slipway_yaml::text(bytes).map_err(|error| DecodeError {
        message: format!("{CONVERT}yaml: {}", not_utf8(bytes)),
        explanation: error.message.clone(),
        place: Some((String::from_utf8_lossy(bytes).into_owned(), error.line, error.column)),
    })?;
    if let Some(replaced) = minus_zero::replaced(&text)
        && let Ok(mut value) = slipway_yaml::decode(&replaced)
    {
        minus_zero::restore(&mut value);
        return Ok(value);
    }
    decode_text(&text)
}

/// Decodes a manifest, in which minus zero is zero.
pub(crate) fn decode_text(text: &str) -> Result<Value, DecodeError> {
    slipway_yaml::decode(text).map_err(|error| DecodeError {
        message: format!("{CONVERT}{}", go_text(&error, text)),
        place: Some((text.to_owned(), error.line, error.column)),
        explanation: error.message,
    })
}

/// Which part of UTF-8 go-yaml misses.
fn not_utf8(bytes: &[u8]) -> &'static str {
    let Err(error) = std::str::from_utf8(bytes) else { return "invalid UTF-16" };
    let at = error.valid_up_to();
    match (bytes.get(at), error.error_len()) {
        (Some(0xC2..=0xF4), None) => "incomplete UTF-8 octet sequence",
        (Some(0x00..=0xBF | 0xF8..), _) | (None, _) => "invalid leading UTF-8 octet",
        _ => "invalid trailing UTF-8 octet",
    }
}

/// Who of go-yaml notices, which decides how the line is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Scanner,
    Parser,
    /// No line at all.
    Decoder,
}

/// The text of go-yaml for an error, `yaml: ` included where it has that.
fn go_text(error: &YamlError, text: &str) -> String {
    use Stage::{Decoder, Parser, Scanner};
    let message = error.message.as_str();
    let begins = |start: &str| message.starts_with(start);
    let quoted = |after: &str| -> String {
        let rest = message.split_once(after).map_or("", |(_, rest)| rest);
        rest.split('`').next().unwrap_or("").to_owned()
    };
    let mut line = error.line;
    let (stage, problem) = if begins("expected `:` after this key") {
        line = line_of_next_token(text, error.line, error.column);
        (Scanner, "could not find expected ':'".to_owned())
    } else if begins("`: ` cannot stand here") {
        (Scanner, "mapping values are not allowed in this context".to_owned())
    } else if begins("a list item cannot begin here") {
        (Scanner, "block sequence entries are not allowed in this context".to_owned())
    } else if begins("a key cannot begin here") {
        (Scanner, "mapping keys are not allowed in this context".to_owned())
    } else if begins("a tab cannot indent YAML") || begins("a value cannot begin with") {
        (Scanner, "found character that cannot start any token".to_owned())
    } else if begins("a tab cannot indent a block") {
        (Scanner, "found a tab character where an indentation space is expected".to_owned())
    } else if begins("found the end of the document inside a quoted text") {
        (Scanner, "found unexpected document indicator".to_owned())
    } else if begins("found the end of the text inside a quoted text") {
        // Inside of quotes the scanner stands where the text ends.
        line = u32::try_from(text.matches('\n').count() + 1).unwrap_or(u32::MAX);
        (Scanner, "found unexpected end of stream".to_owned())
    } else if message.contains("is no escape of YAML") {
        (Scanner, "found unknown escape character".to_owned())
    } else if message.contains("hexadecimal digits in this escape") {
        (Scanner, "did not find expected hexdecimal number".to_owned())
    } else if begins("this escape names no character") {
        (Scanner, "found invalid Unicode character escape code".to_owned())
    } else if begins("expected the name of an a") {
        (Scanner, "did not find expected alphabetic or numeric character".to_owned())
    } else if begins("a block of text cannot be indented by 0") {
        (Scanner, "found an indentation indicator equal to 0".to_owned())
    } else if begins("expected the end of the line; a block") {
        (Scanner, "did not find expected comment or line break".to_owned())
    } else if message.contains("is no directive of YAML") {
        (Scanner, "found unknown directive name".to_owned())
    } else if begins("this `[` is never closed") {
        line = end_line(text);
        (Parser, "did not find expected ',' or ']'".to_owned())
    } else if begins("this `{` is never closed") {
        line = end_line(text);
        (Parser, "did not find expected ',' or '}'".to_owned())
    } else if begins("expected `,` or `]`") {
        (Parser, "did not find expected ',' or ']'".to_owned())
    } else if begins("expected `,` or `}`") {
        (Parser, "did not find expected ',' or '}'".to_owned())
    } else if begins("expected a value") {
        (Parser, "did not find expected node content".to_owned())
    } else if begins("expected `-` of the next item") {
        (Parser, "did not find expected '-' indicator".to_owned())
    } else if begins("expected the next key") {
        (Parser, "did not find expected key".to_owned())
    } else if begins("expected `---` before") {
        (Parser, "did not find expected <document start>".to_owned())
    } else if begins("Kubernetes tools read YAML 1.1 only") {
        (Parser, "found incompatible YAML document".to_owned())
    } else if begins("no anchor `&") {
        (Decoder, format!("unknown anchor '{}' referenced", quoted("`&")))
    } else if begins("the value of the anchor `&") {
        (Decoder, format!("anchor '{}' value contains itself", quoted("`&")))
    } else if begins("the value of `<<`") {
        (Decoder, "map merge requires map or sequence of maps as the value".to_owned())
    } else if begins("the value of !!binary") {
        (Decoder, "!!binary value contains invalid base64 data".to_owned())
    } else if message.contains("` is no !!") {
        let kind = message.rsplit("!!").next().unwrap_or("");
        (Decoder, format!("cannot decode !!str `{}` as a !!{kind}", quoted("`")))
    } else if begins("the document consists of aliases") {
        (Decoder, "document contains excessive aliasing".to_owned())
    } else if begins("the control character") {
        (Decoder, "control characters are not allowed".to_owned())
    } else if begins("a map or a list cannot be a key") {
        (Decoder, format!("invalid map key: {}", map_key(text, error.line, error.column)))
    } else if begins("a key cannot be null") {
        let value = line_of(text, error.line).split_once(':').map_or("", |(_, value)| value.trim());
        return format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {value:?}");
    } else if begins("JSON, and so Kubernetes, has no number") {
        let line = line_of(text, error.line).to_ascii_lowercase();
        let number = if line.contains(".nan") {
            "NaN"
        } else if line.contains("-.inf") {
            "-Inf"
        } else {
            "+Inf"
        };
        return format!("json: unsupported value: {number}");
    } else {
        (Parser, message.to_owned())
    };
    let index = line.saturating_sub(1);
    match (stage, index) {
        (Decoder, _) | (_, 0) => format!("yaml: {problem}"),
        (Scanner, index) => format!("yaml: line {}: {problem}", index + 1),
        (Parser, index) => format!("yaml: line {index}: {problem}"),
    }
}

fn line_of(text: &str, line: u32) -> &str {
    text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("")
}

/// Where a scanner stands at the end of a text: behind a line break, be it written or not.
fn end_line(text: &str) -> u32 {
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    let open = usize::from(!text.is_empty() && !text.ends_with('\n'));
    u32::try_from(breaks + open + 1).unwrap_or(u32::MAX)
}

/// The line of what follows a key without `:`, where the scanner notices that it has none: a key in quotes goes on to the
/// other quote, one without to a line that is indented no deeper, or that has a `:` itself.
fn line_of_next_token(text: &str, line: u32, column: u32) -> u32 {
    let at = column.saturating_sub(1) as usize;
    let lines: Vec<&str> = text.lines().collect();
    let mut index = line.saturating_sub(1) as usize;
    let key: String = lines.get(index).map_or_else(String::new, |content| content.chars().skip(at).collect());
    if let Some(quote) = key.chars().next().filter(|first| matches!(first, '"' | '\''))
        && !key[1..].contains(quote)
    {
        let closing = lines.iter().enumerate().skip(index + 1).find(|(_, content)| content.contains(quote));
        let Some((closing, content)) = closing else { return end_line(text) };
        let rest = content.split_once(quote).map_or("", |(_, rest)| rest).trim();
        index = closing;
        if !rest.is_empty() && !rest.starts_with('#') {
            return number(index);
        }
    }
    for (index, content) in lines.iter().enumerate().skip(index + 1) {
        let trimmed = content.trim_start_matches(' ');
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let deeper = content.len() - trimmed.len() > at;
        if !deeper || trimmed.contains(": ") || trimmed.ends_with(':') {
            return number(index);
        }
    }
    end_line(text)
}

/// A line from 1 of an index from 0.
fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// How Go prints `{{ .x }}` that was never executed: a map with a map as its key.
fn map_key(text: &str, line: u32, column: u32) -> String {
    let written = line_of(text, line);
    let rest: String = written.chars().skip(column.saturating_sub(1) as usize).collect();
    let inner = rest.trim_start_matches('{').split('}').next().unwrap_or("").trim();
    if inner.is_empty() || inner.contains([':', ',', '[', '{']) {
        return "map[interface {}]interface {}{}".to_owned();
    }
    format!("map[interface {{}}]interface {{}}{{{inner:?}:interface {{}}(nil)}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from `sigs.k8s.io/yaml` v1.6.0.
    #[test]
    fn errors_have_the_texts_of_go() {
        for (text, expected) in [
            ("a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token"),
            ("a: @x\n", "yaml: found character that cannot start any token"),
            ("a: [1", "yaml: line 1: did not find expected ',' or ']'"),
            ("a: [1, 2\nb: 1\n", "yaml: line 1: did not find expected ',' or ']'"),
            ("a: {x: 1\n", "yaml: line 1: did not find expected ',' or '}'"),
            ("a: b: c", "yaml: mapping values are not allowed in this context"),
            ("a: b\n  c: d", "yaml: line 2: mapping values are not allowed in this context"),
            ("- a\nb: 1\n", "yaml: line 1: did not find expected '-' indicator"),
            ("a:\n   b: 1\n  c: 2\n", "yaml: line 2: did not find expected key"),
            ("a: 1\n----\nb: 2\n", "yaml: line 3: could not find expected ':'"),
            ("a:\n  x: 1\n  m\n    folded\n    text\n  n: 1\n", "yaml: line 6: could not find expected ':'"),
            ("a:\n  x: 1\n  \"c d\ne:\n  n: \"dq\"\n", "yaml: line 5: could not find expected ':'"),
            ("a: 'x\n", "yaml: line 2: found unexpected end of stream"),
            ("a: 'x\nb: 1", "yaml: line 2: found unexpected end of stream"),
            ("a: ]x\n", "yaml: did not find expected node content"),
            ("a: *nope\n", "yaml: unknown anchor 'nope' referenced"),
            ("a: &a [*a]\n", "yaml: anchor 'a' value contains itself"),
            ("a: \"\\q\"\n", "yaml: found unknown escape character"),
            ("a: !!bool maybe\n", "yaml: cannot decode !!str `maybe` as a !!bool"),
            ("a: .inf\n", "json: unsupported value: +Inf"),
            ("null: a", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"a\""),
            (
                "a: {{ .Values.x }}\n",
                "yaml: invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)}",
            ),
        ] {
            let message = decode_text(text).unwrap_err().message;
            assert_eq!(message.strip_prefix(CONVERT).unwrap(), expected, "{text:?}");
        }
        assert_eq!(
            decode(b"a: \xff\n").unwrap_err().message,
            format!("{CONVERT}yaml: invalid leading UTF-8 octet")
        );
    }
}
