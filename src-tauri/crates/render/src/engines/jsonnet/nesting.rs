//! How deep a program nests, found out before it is parsed.
//!
//! The library's parser and analysis call themselves for every bracket, `local`, `if` and operator in a row, and
//! a program that nests deep enough ends the whole process. This bounds the depth by counting tokens.

use super::token::{Kind, Token};

/// The bound. The stack of the evaluating thread is enough for it.
const MAX_WEIGHT: u32 = 50_000;
/// What opens an expression that lasts until the next comma or bracket weighs as much: the library needs about
/// ten times the stack for it that it needs for an operator.
const OPENING_WEIGHT: u32 = 10;
/// Keywords that open such an expression.
const OPENING: [&str; 10] =
    ["local", "if", "else", "function", "assert", "error", "import", "importstr", "importbin", "for"];

/// What is open between a bracket and its end.
#[derive(Default)]
struct Level {
    /// Since the last comma that ended everything.
    weight: u32,
    /// `local`s whose `;` has not come: a comma then only separates what they bind.
    locals: u32,
    is_object: bool,
    /// In an object, whether a member begins here.
    is_start: bool,
}

/// The first place where a program nests too deep: the byte.
pub(super) fn too_deep_at(tokens: &[Token]) -> Option<usize> {
    let mut levels = vec![Level::default()];
    let mut total: u32 = 0;
    for token in tokens {
        if let Kind::Sign(')' | ']' | '}') = token.kind
            && levels.len() > 1
        {
            // A closing bracket too many is the parser's to report.
            total -= levels.pop().map_or(0, |level| level.weight);
        }
        let Some(level) = levels.last_mut() else { break };
        let is_start = std::mem::take(&mut level.is_start);
        let mut opened = None;
        let weight = match &token.kind {
            Kind::Sign(open @ ('(' | '[' | '{')) => {
                let is_object = *open == '{';
                opened = Some(Level { weight: OPENING_WEIGHT, is_object, is_start: is_object, locals: 0 });
                total += OPENING_WEIGHT;
                0
            }
            Kind::Sign(',') if level.locals == 0 => {
                level.is_start = level.is_object;
                total -= std::mem::take(&mut level.weight);
                0
            }
            Kind::Sign(';') => {
                level.locals = level.locals.saturating_sub(1);
                1
            }
            Kind::Word(word) if OPENING.contains(&word.as_str()) => {
                if word == "local" && !is_start {
                    level.locals += 1;
                }
                OPENING_WEIGHT
            }
            _ => 1,
        };
        level.weight += weight;
        total += weight;
        levels.extend(opened);
        if total > MAX_WEIGHT {
            return Some(token.offset);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    #[test]
    fn nesting_is_bounded_and_length_is_not() {
        for hostile in [
            "[",
            "(",
            "{a:",
            "if true then ",
            "local a=1;",
            "-",
            "1+",
            "{}",
            "f(1)(",
            "error ",
            "local a=1,b=",
        ] {
            assert!(too_deep_at(&tokens(&hostile.repeat(100_000))).is_some(), "{hostile}");
        }
        let long = format!("{{{}}}", "local x = 1, a: [1, {b: 'x' + 'y'}],\n".repeat(20_000));
        assert_eq!(too_deep_at(&tokens(&long)), None);
        let many_locals = "local a = f(1, 2) + 3;\n".repeat(1_500) + "a";
        assert_eq!(too_deep_at(&tokens(&many_locals)), None);
    }
}
