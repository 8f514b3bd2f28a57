//! Patterns of `.Files.Glob`: those of `github.com/gobwas/glob` with `/` as separator.

/// How many plain patterns the alternatives of one pattern may stand for.
const EXPANSION_LIMIT: usize = 4_096;

/// A pattern: it matches where one of its plain patterns does.
#[derive(Clone, Debug)]
pub(crate) struct Glob(Vec<Vec<Token>>);

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Character(char),
    /// `?`: one character but `/`.
    One,
    /// `*`: any characters but `/`.
    Some,
    /// `**`: any characters.
    All,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// Reads a pattern. One that is malformed matches everything, as in Helm; one whose `{` is never closed nothing.
    pub(crate) fn new(pattern: &str) -> Self {
        let characters: Vec<char> = pattern.chars().collect();
        let mut parser = Parser { characters: &characters, at: 0, level: 0 };
        match parser.sequence() {
            Ok(patterns) if parser.at == characters.len() => Self(patterns),
            Ok(_) | Err(Malformed::Class) => Self(vec![vec![Token::All]]),
            Err(Malformed::Alternatives) => Self(Vec::new()),
        }
    }

    /// Whether a path matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.iter().any(|tokens| matches(tokens, path))
    }
}

enum Malformed {
    Class,
    Alternatives,
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
    level: usize,
}

impl Parser<'_> {
    /// Everything up to the end, or inside of braces up to `,` or `}`.
    fn sequence(&mut self) -> Result<Vec<Vec<Token>>, Malformed> {
        let mut patterns = vec![Vec::new()];
        while let Some(&character) = self.characters.get(self.at) {
            let token = match character {
                ',' | '}' if self.level > 0 => break,
                '*' => {
                    self.at += 1;
                    if self.characters.get(self.at) == Some(&'*') {
                        self.at += 1;
                        Token::All
                    } else {
                        Token::Some
                    }
                }
                '?' => {
                    self.at += 1;
                    Token::One
                }
                '[' => self.class()?,
                '{' => {
                    let alternatives = self.alternatives()?;
                    if patterns.len() * alternatives.len() > EXPANSION_LIMIT {
                        return Err(Malformed::Alternatives);
                    }
                    patterns = patterns
                        .iter()
                        .flat_map(|head: &Vec<Token>| {
                            alternatives.iter().map(move |tail| head.iter().chain(tail).cloned().collect())
                        })
                        .collect();
                    continue;
                }
                '\\' => {
                    let escaped = self.characters.get(self.at + 1).copied().unwrap_or('\\');
                    self.at += 2.min(self.characters.len() - self.at);
                    Token::Character(escaped)
                }
                literal => {
                    self.at += 1;
                    Token::Character(literal)
                }
            };
            patterns.iter_mut().for_each(|pattern| pattern.push(token.clone()));
        }
        Ok(patterns)
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Token>>, Malformed> {
        self.level += 1;
        let mut all = Vec::new();
        loop {
            self.at += 1;
            if self.level > 32 {
                return Err(Malformed::Alternatives);
            }
            all.extend(self.sequence()?);
            match self.characters.get(self.at) {
                Some(',') => {}
                Some('}') => {
                    self.at += 1;
                    self.level -= 1;
                    return Ok(all);
                }
                _ => return Err(Malformed::Alternatives),
            }
        }
    }

    fn class(&mut self) -> Result<Token, Malformed> {
        self.at += 1;
        let negated = self.characters.get(self.at) == Some(&'!');
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            let low = match self.characters.get(self.at) {
                None => return Err(Malformed::Class),
                Some(']') if ranges.is_empty() => return Err(Malformed::Class),
                Some(']') => {
                    self.at += 1;
                    return Ok(Token::Class { negated, ranges });
                }
                Some('\\') => {
                    self.at += 1;
                    *self.characters.get(self.at).ok_or(Malformed::Class)?
                }
                Some(character) => *character,
            };
            self.at += 1;
            let mut high = low;
            if self.characters.get(self.at) == Some(&'-')
                && let Some(end) = self.characters.get(self.at + 1).filter(|end| **end != ']')
            {
                high = *end;
                self.at += 2;
            }
            if high < low {
                return Err(Malformed::Class);
            }
            ranges.push((low, high));
        }
    }
}

/// Follows all ways through a plain pattern at once, so that no pattern takes long.
fn matches(tokens: &[Token], path: &str) -> bool {
    let mut states = vec![false; tokens.len() + 1];
    states[0] = true;
    let skip = |states: &mut Vec<bool>| {
        for (index, token) in tokens.iter().enumerate() {
            if states[index] && matches!(token, Token::Some | Token::All) {
                states[index + 1] = true;
            }
        }
    };
    skip(&mut states);
    for character in path.chars() {
        let mut next = vec![false; tokens.len() + 1];
        for (index, token) in tokens.iter().enumerate() {
            if !states[index] {
                continue;
            }
            match token {
                Token::All => next[index] = true,
                Token::Some => next[index] |= character != '/',
                Token::One => next[index + 1] |= character != '/',
                Token::Character(literal) => next[index + 1] |= *literal == character,
                Token::Class { negated, ranges } => {
                    let inside = ranges.iter().any(|(low, high)| *low <= character && character <= *high);
                    next[index + 1] |= inside != *negated;
                }
            }
        }
        skip(&mut next);
        states = next;
    }
    states[tokens.len()]
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_match_as_in_helm() {
        for (pattern, path, expected) in [
            ("config/*", "config/a.txt", true),
            ("config/*", "config/sub/c.conf", false),
            ("config/**", "config/sub/c.conf", true),
            ("**", "a/b/c", true),
            ("*.{yaml,yml}", "a.yml", true),
            ("*.{yaml,yml}", "a.json", false),
            ("{a,b{c,d}}/x", "bd/x", true),
            ("[a-c]?.txt", "b1.txt", true),
            ("[!a-c].txt", "b.txt", false),
            ("a\\*b", "a*b", true),
            ("{bad", "bad", false),
            ("**.json", "dir/x.json", true),
            ("", "", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), expected, "{pattern} {path}");
        }
    }
}
