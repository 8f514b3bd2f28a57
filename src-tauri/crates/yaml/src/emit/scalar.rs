//! How a text or a number is written so that it reads back as what it is.

use serde_json::Number;

use crate::resolve::{
    Scalar, float_value, go_shortest, is_date_like, is_number_like, is_timestamp, resolve_plain,
};

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// A value in block style.
    Block,
    /// A key in block style.
    Key,
    /// A value inside `{}` or `[]`.
    Flow,
    /// A key inside `{}`.
    FlowKey,
}

/// Who shall read the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// go-yaml only: its own look.
    Go,
    /// Readers of YAML 1.1 and 1.2.
    All,
}

/// Whether a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Inline,
    /// Nothing was written: the text is best written as lines of a block.
    WantsLines,
}

/// Writes a text: plain, in single quotes, or in double quotes, in this order of preference; a text that another
/// reader would take for something else in double quotes, as go-yaml does.
pub(crate) fn write_text(out: &mut String, text: &str, context: Context, readers: Readers) -> Written {
    if is_word(text) {
        out.push_str(text);
        return Written::Inline;
    }
    let allowed = analyze(text);
    if text.contains('\n') {
        if context == Context::Block && allowed.block {
            return Written::WantsLines;
        }
        write_double_quoted(out, text);
        return Written::Inline;
    }
    let in_flow = matches!(context, Context::Flow | Context::FlowKey);
    if means_something_else(text, readers) || !allowed.single_quoted {
        write_double_quoted(out, text);
    } else if if in_flow { allowed.flow_plain } else { allowed.block_plain } {
        out.push_str(text);
    } else {
        write_single_quoted(out, text);
    }
    Written::Inline
}

/// Whether a text is of letters, digits and `-`, `_`, `.`, `/`, the first a letter, and means itself: as most are.
fn is_word(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        && resolve_plain(text) == Scalar::Text
}

/// Whether a text without quotes would be read as something else.
pub(crate) fn means_something_else(text: &str, readers: Readers) -> bool {
    resolve_plain(text) != Scalar::Text
        || is_timestamp(text)
        || is_sexagesimal(text)
        || (readers == Readers::All
            && (matches!(text, "=" | "<<") || is_date_like(text) || is_number_like(text)))
}

/// Whether a text can stand without quotes.
pub(crate) fn is_plain(text: &str, context: Context) -> bool {
    let allowed = analyze(text);
    let in_flow = matches!(context, Context::Flow | Context::FlowKey);
    !means_something_else(text, Readers::All)
        && if in_flow { allowed.flow_plain } else { allowed.block_plain }
}

/// Whether a text can stand in single quotes.
pub(crate) fn is_single_quotable(text: &str) -> bool {
    !is_multiline(text) && analyze(text).single_quoted
}

/// Whether a text holds a line break of any kind.
pub(crate) fn is_multiline(text: &str) -> bool {
    text.contains(is_break)
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: a number of base 60 in YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or("");
    let leads = first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut rest: Vec<&str> = parts.collect();
    if let Some(last) = rest.last_mut()
        && let Some((whole, fraction)) = last.split_once('.')
    {
        if !fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
            return false;
        }
        *last = whole;
    }
    let sixtieths = |part: &&str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    };
    leads && !rest.is_empty() && rest.iter().all(sixtieths)
}

/// A number with digits that read back equal; whole numbers without fraction, as after a way through Go's JSON.
pub(crate) fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => match float_value(float) {
            Ok(serde_json::Value::Number(whole)) if !whole.is_f64() => whole.to_string(),
            _ => go_shortest(&format!("{float:e}")),
        },
        _ => number.to_string(),
    }
}

/// The styles that a text can have.
struct Allowed {
    flow_plain: bool,
    block_plain: bool,
    single_quoted: bool,
    block: bool,
}

/// `yaml_emitter_analyze_scalar` of libyaml, which decides what go-yaml writes.
fn analyze(text: &str) -> Allowed {
    if text.is_empty() {
        return Allowed { flow_plain: false, block_plain: true, single_quoted: true, block: false };
    }
    let mut block_indicators = text.starts_with("---") || text.starts_with("...");
    let mut flow_indicators = block_indicators;
    let (mut breaks, mut special) = (false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut previous_space, mut previous_break) = (false, false);
    let mut preceded_by_blank = true;
    let mut characters = text.chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        let followed_by_blank = characters.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
        match character {
            '#' if first || preceded_by_blank => (flow_indicators, block_indicators) = (true, true),
            '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' if first => {
                (flow_indicators, block_indicators) = (true, true);
            }
            ',' | '[' | ']' | '{' | '}' => {
                flow_indicators = true;
                block_indicators |= first;
            }
            '?' => {
                flow_indicators = true;
                block_indicators |= first && followed_by_blank;
            }
            ':' => {
                flow_indicators = true;
                block_indicators |= followed_by_blank;
            }
            '-' if first && followed_by_blank => (flow_indicators, block_indicators) = (true, true),
            _ => {}
        }
        special |= !is_printable(character);
        if character == ' ' {
            break_space |= previous_break;
            (previous_space, previous_break) = (true, false);
        } else if is_break(character) {
            breaks = true;
            space_break |= previous_space;
            (previous_space, previous_break) = (false, true);
        } else {
            (previous_space, previous_break) = (false, false);
        }
        preceded_by_blank = matches!(character, ' ' | '\t') || is_break(character);
        first = false;
    }
    // Breaks other than line feeds are legal in blocks, but only some readers take them for breaks.
    special |= text.contains(['\u{2028}', '\u{2029}']);
    let trailing_space = text.ends_with(' ');
    let framed =
        trailing_space || text.starts_with(' ') || text.starts_with(is_break) || text.ends_with(is_break);
    let plain = !framed && !break_space && !space_break && !special && !breaks;
    Allowed {
        flow_plain: plain && !flow_indicators,
        block_plain: plain && !block_indicators,
        single_quoted: !break_space && !space_break && !special,
        block: !trailing_space && !space_break && !special,
    }
}

/// Folds a written text as libyaml does, at single spaces behind column 80; `None` where it stays as it is.
pub(super) fn fold(written: &str, mut column: usize, indent: usize) -> Option<String> {
    const WIDTH: usize = 80;
    if column + written.len() <= WIDTH {
        return None;
    }
    let characters: Vec<char> = written.chars().collect();
    let quote = characters.first().copied().filter(|first| matches!(first, '\'' | '"'));
    let mut folded = String::with_capacity(written.len() + 16);
    let mut after_space = false;
    for (index, character) in characters.iter().enumerate() {
        let is_space = *character == ' ';
        let before_space = characters.get(index + 1) == Some(&' ');
        let inside = quote.is_none() || (index > 1 && index + 2 < characters.len());
        if is_space && !after_space && column > WIDTH && inside && (quote == Some('"') || !before_space) {
            folded.push('\n');
            folded.extend(std::iter::repeat_n(' ', indent));
            column = indent;
            if before_space {
                folded.push('\\');
                column += 1;
            }
        } else {
            folded.push(*character);
            column += 1;
        }
        after_space = is_space;
    }
    Some(folded)
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml prints as it is: no tab, and nothing beyond the basic plane.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && character != '\u{feff}'
}

fn write_single_quoted(out: &mut String, text: &str) {
    out.push('\'');
    out.push_str(&text.replace('\'', "''"));
    out.push('\'');
}

/// Writes a text in double quotes, with everything escaped that libyaml escapes.
pub(crate) fn write_double_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        if is_printable(character) && !is_break(character) && !matches!(character, '"' | '\\') {
            out.push(character);
            continue;
        }
        out.push('\\');
        match character {
            '\0' => out.push('0'),
            '\u{7}' => out.push('a'),
            '\u{8}' => out.push('b'),
            '\t' => out.push('t'),
            '\n' => out.push('n'),
            '\u{b}' => out.push('v'),
            '\u{c}' => out.push('f'),
            '\r' => out.push('r'),
            '\u{1b}' => out.push('e'),
            '"' | '\\' => out.push(character),
            '\u{85}' => out.push('N'),
            '\u{2028}' => out.push('L'),
            '\u{2029}' => out.push('P'),
            _ => {
                let code = character as u32;
                out.push_str(&match code {
                    0..=0xFF => format!("x{code:02X}"),
                    0x100..=0xFFFF => format!("u{code:04X}"),
                    _ => format!("U{code:08X}"),
                });
            }
        }
    }
    out.push('"');
}
