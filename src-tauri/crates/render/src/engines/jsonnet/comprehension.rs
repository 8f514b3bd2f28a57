//! Object comprehensions whose fields have fixed names, which the library takes and go-jsonnet refuses.

use super::token::{Kind, Token};

/// What is open between a brace and its end.
struct Level {
    is_object: bool,
    /// Whether a member begins here.
    is_start: bool,
    /// Whether there is a member that is neither a `local` nor has a computed name.
    has_fixed: bool,
}

/// The first `for` of an object that also has a field with a fixed name: the byte.
pub(super) fn fixed_field_at(tokens: &[Token]) -> Option<usize> {
    let mut levels: Vec<Level> = Vec::new();
    for token in tokens {
        if let Kind::Sign(')' | ']' | '}') = token.kind {
            levels.pop();
            continue;
        }
        if let Some(level) = levels.last_mut() {
            if level.is_object && level.has_fixed && token.kind == Kind::Word("for".to_owned()) {
                return Some(token.offset);
            }
            if std::mem::take(&mut level.is_start) {
                let is_local = matches!(&token.kind, Kind::Word(word) if word == "local" || word == "for");
                level.has_fixed |= !is_local && !token.is('[');
            }
            level.is_start = level.is_object && token.is(',');
        }
        if let Kind::Sign(open @ ('(' | '[' | '{')) = token.kind {
            let is_object = open == '{';
            levels.push(Level { is_object, is_start: is_object, has_fixed: false });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    #[test]
    fn only_computed_names_go_with_for() {
        for (code, expected) in [
            ("{ x: 42 for _ in [1] }", Some(8)),
            ("{ 'x': 42 for _ in [1] }", Some(10)),
            ("{ local a = 1, [x]: a for x in [1] }", None),
            ("{ [x]: 1, local a = f(1, 2), for x in [1] }", None),
            ("{ a: [x for x in [1]], b: {[y]: 1 for y in ['c']} }", None),
            ("{ [x]: {a: x} for x in [1] }", None),
            ("]}) {", None),
        ] {
            assert_eq!(fixed_field_at(&tokens(code)), expected, "{code}");
        }
    }
}
