//! From text to pieces, and from actions to tokens.

use serde_json::Value;

use super::TemplateError;

/// A piece of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'t> {
    /// Text as it is.
    Text(&'t str),
    /// The inside of `{{ }}`, without trim marks.
    Action(&'t str),
}

/// A token of an action and whether it follows the one before without a space.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) glued: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// `if`, `include`, `true`.
    Word(String),
    /// `.name`.
    Field(String),
    /// `.` alone.
    Dot,
    /// `$` or `$name`.
    Variable(String),
    /// Text, number, character.
    Literal(Value),
    /// `|`.
    Pipe,
    Open,
    Close,
    /// `:=`.
    Declare,
    /// `=`.
    Assign,
    Comma,
}

/// Splits a template at its actions; trim marks and comments are taken out.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut trim_start = false;
    while let Some(open) = rest.find("{{") {
        let mut before = &rest[..open];
        if trim_start {
            before = before.trim_start();
        }
        let mut inside = &rest[open + 2..];
        if inside.starts_with("- ") || inside.starts_with("-\n") || inside.starts_with("-\t") {
            before = before.trim_end();
            inside = &inside[1..];
        }
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let end = end_of_action(inside)?;
        let mut action = &inside[..end];
        rest = &inside[end + 2..];
        trim_start = false;
        if let Some(trimmed) =
            action.strip_suffix('-').filter(|trimmed| trimmed.ends_with(char::is_whitespace))
        {
            trim_start = true;
            action = trimmed;
        }
        let action = action.trim();
        if !action.starts_with("/*") {
            pieces.push(Piece::Action(action));
        }
    }
    let rest = if trim_start { rest.trim_start() } else { rest };
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Where the `}}` is that ends the action: not inside a quoted text or a comment.
fn end_of_action(inside: &str) -> Result<usize, TemplateError> {
    let unclosed = || TemplateError::new("an action is not closed with `}}`");
    let trimmed = inside.trim_start();
    if trimmed.starts_with("/*") {
        let close = inside.find("*/").ok_or_else(unclosed)?;
        return inside[close..].find("}}").map(|end| close + end).ok_or_else(unclosed);
    }
    let bytes = inside.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        match bytes[place] {
            b'}' if bytes.get(place + 1) == Some(&b'}') => return Ok(place),
            quote @ (b'"' | b'`' | b'\'') => {
                place += 1;
                while place < bytes.len() && bytes[place] != quote {
                    if bytes[place] == b'\\' && quote != b'`' {
                        place += 1;
                    }
                    place += 1;
                }
            }
            _ => {}
        }
        place += 1;
    }
    Err(unclosed())
}

/// Splits an action into tokens.
pub(super) fn tokens(action: &str) -> Result<Vec<Token>, TemplateError> {
    let mut tokens = Vec::new();
    let mut rest = action;
    loop {
        let trimmed = rest.trim_start();
        let glued = trimmed.len() == rest.len() && !tokens.is_empty();
        let Some(first) = trimmed.chars().next() else { return Ok(tokens) };
        let (kind, length) = token(trimmed, first)?;
        tokens.push(Token { kind, glued });
        rest = &trimmed[length..];
    }
}

fn token(text: &str, first: char) -> Result<(TokenKind, usize), TemplateError> {
    let name_length = |from: usize| {
        text[from..].find(|each: char| !(each.is_alphanumeric() || each == '_')).unwrap_or(text.len() - from)
    };
    Ok(match first {
        '|' => (TokenKind::Pipe, 1),
        '(' => (TokenKind::Open, 1),
        ')' => (TokenKind::Close, 1),
        ',' => (TokenKind::Comma, 1),
        '=' => (TokenKind::Assign, 1),
        ':' if text.starts_with(":=") => (TokenKind::Declare, 2),
        '.' => match name_length(1) {
            0 => (TokenKind::Dot, 1),
            length => (TokenKind::Field(text[1..=length].to_owned()), length + 1),
        },
        '$' => {
            let length = name_length(1);
            (TokenKind::Variable(text[1..=length].to_owned()), length + 1)
        }
        '"' => quoted(text)?,
        '`' => {
            let end = text[1..].find('`').ok_or_else(|| TemplateError::new("a raw text is not closed"))?;
            (TokenKind::Literal(Value::from(&text[1..=end])), end + 2)
        }
        '\'' => {
            let character = text.chars().nth(1).unwrap_or_default();
            let length = text[1..].find('\'').map_or(text.len(), |end| end + 2);
            (TokenKind::Literal(Value::from(u32::from(character))), length)
        }
        digit if digit.is_ascii_digit() || digit == '-' || digit == '+' => number(text)?,
        letter if letter.is_alphabetic() || letter == '_' => {
            let length = name_length(0);
            (TokenKind::Word(text[..length].to_owned()), length)
        }
        other => return Err(TemplateError::new(format!("unexpected `{other}` in an action"))),
    })
}

fn quoted(text: &str) -> Result<(TokenKind, usize), TemplateError> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Ok((TokenKind::Literal(Value::from(value)), place + 1)),
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(other) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err(TemplateError::new("a quoted text is not closed"))
}

fn number(text: &str) -> Result<(TokenKind, usize), TemplateError> {
    let length = text[1..]
        .find(|each: char| !(each.is_ascii_alphanumeric() || matches!(each, '.' | '_')))
        .map_or(text.len(), |length| length + 1);
    let written = text[..length].replace('_', "");
    let value = written
        .parse::<i64>()
        .map(Value::from)
        .or_else(|_| written.parse::<f64>().map(Value::from))
        .map_err(|_| TemplateError::new(format!("`{written}` is no number")))?;
    Ok((TokenKind::Literal(value), length))
}
