//! Numbers and characters in templates: Go's ideal constants.

use super::Literal;
use super::lex::Kind;
use crate::go;

/// Reads a number token; the error is the text of Go's.
pub(super) fn number(text: &[u8], kind: Kind) -> Result<Literal, String> {
    let mut literal = Literal { text: go::to_lossy(text).into(), ..Literal::default() };
    match kind {
        Kind::CharConstant => {
            let rune = character(text)?;
            literal.signed = Some(rune.into());
            literal.unsigned = Some(rune.into());
            literal.float = Some(rune.into());
            return Ok(literal);
        }
        Kind::Complex => {
            let (real, imaginary) = complex(text).ok_or("syntax error scanning complex number")?;
            set_complex(&mut literal, real, imaginary);
            return Ok(literal);
        }
        _ => {}
    }
    if let Some(imaginary) = text.strip_suffix(b"i").and_then(go::parse_float) {
        set_complex(&mut literal, 0.0, imaginary);
        return Ok(literal);
    }
    literal.unsigned = go::parse_uint(text, 0);
    literal.signed = go::parse_int(text, 0);
    if literal.signed == Some(0) {
        literal.unsigned = Some(0);
    }
    if let Some(integer) = literal.signed {
        literal.float = Some(integer as f64);
    } else if let Some(integer) = literal.unsigned {
        literal.float = Some(integer as f64);
    } else if let Some(float) = go::parse_float(text) {
        if !text.iter().any(|byte| b".eEpP".contains(byte)) {
            return Err(format!("integer overflow: {}", go::quote(text)));
        }
        literal.float = Some(float);
        literal.signed = exact_signed(float);
        literal.unsigned = exact_unsigned(float);
    }
    if literal.float.is_none() {
        return Err(format!("illegal number syntax: {}", go::quote(text)));
    }
    Ok(literal)
}

fn set_complex(literal: &mut Literal, real: f64, imaginary: f64) {
    literal.complex = Some((real, imaginary));
    if imaginary == 0.0 {
        literal.float = Some(real);
        literal.signed = exact_signed(real);
        literal.unsigned = exact_unsigned(real);
    }
}

fn exact_signed(float: f64) -> Option<i64> {
    // 2⁶³ and above do not fit; on amd64 Go's conversion of those gives the smallest integer.
    let integer = if float >= 9_223_372_036_854_775_808.0 { i64::MIN } else { float as i64 };
    (integer as f64 == float).then_some(integer)
}

fn exact_unsigned(float: f64) -> Option<u64> {
    ((0.0..18_446_744_073_709_551_616.0).contains(&float) && float.fract() == 0.0).then_some(float as u64)
}

fn character(text: &[u8]) -> Result<u32, String> {
    let inner = text.get(1..).unwrap_or_default();
    let (rune, _, width) = go::unquote_char(inner, b'\'').ok_or("invalid syntax")?;
    if inner.get(width..) != Some(b"'") {
        return Err(format!("malformed character constant: {}", go::to_lossy(text)));
    }
    Ok(rune)
}

/// `1+2i`, both parts with an optional exponent.
fn complex(text: &[u8]) -> Option<(f64, f64)> {
    let body = text.strip_suffix(b"i")?;
    let split = (1..body.len())
        .rev()
        .find(|&at| matches!(body[at], b'+' | b'-') && !matches!(body[at - 1], b'e' | b'E' | b'p' | b'P'))?;
    Some((go::parse_float(&body[..split])?, go::parse_float(&body[split..])?))
}
