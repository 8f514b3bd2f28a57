//! The tokens of Jsonnet, as far as brackets, strings and comments need telling apart.

/// A token and where it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The byte where it begins.
    pub(super) offset: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a token is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, keyword or number.
    Word(String),
    /// A string, without quotes; escapes are kept.
    Text(String),
    /// Any other character.
    Sign(char),
}

impl Token {
    /// Whether it is this sign.
    pub(super) fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// How the depth of brackets changes after this token.
    pub(super) fn depth(&self) -> i32 {
        match self.kind {
            Kind::Sign('(' | '[' | '{') => 1,
            Kind::Sign(')' | ']' | '}') => -1,
            _ => 0,
        }
    }
}

/// Reads a text; whatever it holds, everything in it becomes a token, white space or a comment.
pub(super) fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some(first) = code[offset..].chars().next() {
        let rest = &code[offset..];
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if first == '#' || rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if let Some(block) = rest.strip_prefix("|||") {
            let length = block.find("\n|||").map(|end| end + 7).or_else(|| {
                let end = block.lines().position(|line| line.trim() == "|||")?;
                Some(block.lines().take(end + 1).map(|line| line.len() + 1).sum::<usize>() + 2)
            });
            let length = length.unwrap_or(rest.len()).min(rest.len());
            tokens.push(Token { offset, kind: Kind::Text(String::new()) });
            length
        } else if matches!(first, '"' | '\'') || rest.starts_with("@\"") || rest.starts_with("@'") {
            let begin = usize::from(first == '@');
            let (content, length) = string(&rest[begin..], begin == 1);
            tokens.push(Token { offset, kind: Kind::Text(content) });
            begin + length
        } else if first.is_alphanumeric() || first == '_' || first == '$' {
            let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
            let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
            tokens.push(Token { offset, kind: Kind::Word(rest[..length].to_owned()) });
            length
        } else {
            tokens.push(Token { offset, kind: Kind::Sign(first) });
            first.len_utf8()
        };
        offset += length;
        while !code.is_char_boundary(offset) {
            offset += 1;
        }
    }
    tokens
}

/// The content of a string and its length with quotes. In a verbatim string a doubled quote stands for one.
pub(super) fn string(text: &str, is_verbatim: bool) -> (String, usize) {
    let mut characters = text.char_indices();
    let Some((_, quote)) = characters.next() else { return (String::new(), 0) };
    let mut content = String::new();
    while let Some((index, character)) = characters.next() {
        if character == quote {
            if is_verbatim && text[index + 1..].starts_with(quote) {
                characters.next();
                content.push(quote);
                continue;
            }
            return (content, index + quote.len_utf8());
        }
        content.push(character);
        if character == '\\' && !is_verbatim {
            content.extend(characters.next().map(|(_, escaped)| escaped));
        }
    }
    (content, text.len())
}
