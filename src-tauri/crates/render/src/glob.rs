//! The patterns of Argo CD's `directory.include` and `directory.exclude`.
//!
//! They are those of the Go library `github.com/gobwas/glob` without separators: `*` and `**` match anything,
//! `/` included; `?` one character; `[abc]`, `[a-z]`, `[!a]` a set; `{a,b}` alternatives, which may nest; a
//! backslash makes the next character literal.

/// How many steps a match may take: enough for any real pattern, and a bound for hostile ones.
const MAX_STEPS: usize = 1_000_000;
/// How deep braces may nest.
const MAX_DEPTH: usize = 16;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    Any,
    One,
    Set { negated: bool, ranges: Vec<(char, char)> },
    Alternatives(Vec<Vec<Token>>),
}

impl Glob {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let characters: Vec<char> = pattern.chars().collect();
        let mut position = 0;
        let tokens = parse(&characters, &mut position, 0)?;
        match characters.get(position) {
            None => Ok(Self(tokens)),
            Some(character) => Err(format!("unexpected `{character}` at character {}", position + 1)),
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let characters: Vec<char> = text.chars().collect();
        let tokens: Vec<&Token> = self.0.iter().collect();
        match_tokens(&tokens, &characters, &mut MAX_STEPS.clone())
    }
}

fn parse(pattern: &[char], position: &mut usize, depth: usize) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    while let Some(&character) = pattern.get(*position) {
        match character {
            ',' | '}' if depth > 0 => break,
            '*' => {
                if tokens.last() != Some(&Token::Any) {
                    tokens.push(Token::Any);
                }
            }
            '?' => tokens.push(Token::One),
            '[' => {
                tokens.push(parse_set(pattern, position)?);
                continue;
            }
            '{' => {
                if depth >= MAX_DEPTH {
                    return Err(format!("braces nest deeper than {MAX_DEPTH}"));
                }
                let mut alternatives = Vec::new();
                loop {
                    *position += 1;
                    alternatives.push(parse(pattern, position, depth + 1)?);
                    match pattern.get(*position) {
                        Some(',') => {}
                        Some('}') => break,
                        _ => return Err("a `{` has no `}`".to_owned()),
                    }
                }
                tokens.push(Token::Alternatives(alternatives));
            }
            '\\' => {
                *position += 1;
                let literal = pattern.get(*position).ok_or("a `\\` ends the pattern")?;
                tokens.push(Token::Literal(*literal));
            }
            literal => tokens.push(Token::Literal(literal)),
        }
        *position += 1;
    }
    Ok(tokens)
}

/// Reads `[…]`; `position` is at the bracket and is left after the closing one.
fn parse_set(pattern: &[char], position: &mut usize) -> Result<Token, String> {
    let open = || "a `[` has no `]`".to_owned();
    *position += 1;
    let negated = matches!(pattern.get(*position), Some('!' | '^'));
    if negated {
        *position += 1;
    }
    let mut ranges = Vec::new();
    loop {
        let low = match *pattern.get(*position).ok_or_else(open)? {
            ']' if !ranges.is_empty() => break,
            '\\' => {
                *position += 1;
                *pattern.get(*position).ok_or_else(open)?
            }
            character => character,
        };
        *position += 1;
        let is_range = pattern.get(*position) == Some(&'-')
            && pattern.get(*position + 1).is_some_and(|character| *character != ']');
        let high = if is_range {
            *position += 2;
            pattern[*position - 1]
        } else {
            low
        };
        ranges.push((low, high));
    }
    *position += 1;
    Ok(Token::Set { negated, ranges })
}

fn match_tokens(tokens: &[&Token], text: &[char], steps: &mut usize) -> bool {
    let Some(left) = steps.checked_sub(1) else { return false };
    *steps = left;
    let Some((first, rest)) = tokens.split_first() else { return text.is_empty() };
    match first {
        Token::Any => (0..=text.len()).any(|skip| match_tokens(rest, &text[skip..], steps)),
        Token::Alternatives(alternatives) => alternatives.iter().any(|alternative| {
            let mut joined: Vec<&Token> = alternative.iter().collect();
            joined.extend(rest);
            match_tokens(&joined, text, steps)
        }),
        single => {
            let Some((character, after)) = text.split_first() else { return false };
            let fits = match single {
                Token::Literal(literal) => literal == character,
                Token::Set { negated, ranges } => {
                    ranges.iter().any(|(low, high)| (low..=high).contains(&character)) != *negated
                }
                _ => true,
            };
            fits && match_tokens(rest, after, steps)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_argo_cd() {
        for (pattern, text, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "sub/a.yaml", true),
            ("**/a.yaml", "x/y/a.yaml", true),
            ("**/a.yaml", "a.yaml", false),
            ("{a,b/*}.yaml", "b/c.yaml", true),
            ("{a,{b,c}}.yaml", "c.yaml", true),
            ("{a,b}.yaml", "c.yaml", false),
            ("a?.yaml", "ab.yaml", true),
            ("[a-c]?.yaml", "b1.yaml", true),
            ("[!a-c].yaml", "b.yaml", false),
            ("\\*.yaml", "*.yaml", true),
            ("\\*.yaml", "a.yaml", false),
            ("config-{dev,prod}-*.json", "config-prod-eu.json", true),
            ("", "a", false),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn open_brackets_are_refused_and_hostile_patterns_end() {
        for pattern in ["{a", "[a", "a\\", &"{".repeat(100)] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
        let hostile = "*a".repeat(200);
        assert!(!Glob::new(&hostile).unwrap().matches(&"a".repeat(150)));
    }
}
