//! Label selectors in Kubernetes' syntax: `app=api,tier in (web, db),!legacy`.

use std::borrow::Cow;

use serde_json::Value;

use super::quoted;
use super::scalar::text;
use crate::failure::Failure;

/// What labels, or annotations, have to be. An empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    GreaterThan(i64),
    LessThan(i64),
}

impl LabelSelector {
    /// Reads a selector.
    ///
    /// # Errors
    /// In the words of `k8s.io/apimachinery/pkg/labels`.
    pub fn parse(selector: &str) -> Result<Self, Failure> {
        let mut parser = Parser { tokens: tokens(selector), position: 0 };
        let requirements =
            parser.requirements().map_err(|message| Failure::new("kustomize-selector", message))?;
        Ok(Self { requirements })
    }

    /// Whether a map of labels, as it is in an object, is what it has to be.
    #[must_use]
    pub fn matches(&self, labels: Option<&Value>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&requirement.key));
            requirement.operator.accepts(value.map(|value| text(value).unwrap_or_default()))
        })
    }
}

impl Operator {
    fn accepts(&self, value: Option<Cow<'_, str>>) -> bool {
        let number = || value.as_ref().and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::Exists => value.is_some(),
            Self::Absent => value.is_none(),
            Self::In(values) => value.is_some_and(|value| values.iter().any(|each| *each == value)),
            Self::NotIn(values) => value.is_none_or(|value| values.iter().all(|each| *each != value)),
            Self::GreaterThan(limit) => number().is_some_and(|number| number > *limit),
            Self::LessThan(limit) => number().is_some_and(|number| number < *limit),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `=`, `==`, `!=`, `!`, `<`, `>`, `(`, `)`, `,`.
    Symbol(&'static str),
    End,
}

impl Token {
    fn shown(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Symbol(symbol) => symbol,
            Self::End => "",
        }
    }
}

const SYMBOLS: &[&str] = &["==", "!=", "=", "!", "<", ">", "(", ")", ","];

fn tokens(selector: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = selector.trim_matches([' ', '\t', '\r', '\n']);
    while !rest.is_empty() {
        match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            Some(symbol) => {
                tokens.push(Token::Symbol(symbol));
                rest = &rest[symbol.len()..];
            }
            None => {
                let ends = |character: char| "=!(),<> \t\r\n".contains(character);
                let end = rest.find(ends).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
}

impl Parser {
    fn peek(&self) -> Token {
        self.tokens.get(self.position).cloned().unwrap_or(Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.position += 1;
        token
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                Token::End => return Ok(requirements),
                Token::Word(_) | Token::Symbol("!") => {}
                other => {
                    let found = other.shown();
                    return Err(format!("found '{found}', expected: !, identifier, or 'end of string'"));
                }
            }
            let requirement =
                self.requirement().map_err(|reason| format!("unable to parse requirement: {reason}"))?;
            requirements.push(requirement);
            match self.next() {
                Token::End => return Ok(requirements),
                Token::Symbol(",") => match self.peek() {
                    Token::Word(_) | Token::Symbol("!") => {}
                    other => {
                        return Err(format!("found '{}', expected: identifier after ','", other.shown()));
                    }
                },
                other => {
                    return Err(format!("found '{}', expected: ',' or 'end of string'", other.shown()));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut token = self.next();
        let absent = token == Token::Symbol("!");
        if absent {
            token = self.next();
        }
        let Token::Word(key) = token else {
            return Err(format!("found '{}', expected: identifier", token.shown()));
        };
        check_key(&key)?;
        if absent {
            return Ok(Requirement { key, operator: Operator::Absent });
        }
        if matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return Ok(Requirement { key, operator: Operator::Exists });
        }
        let token = self.next();
        let values = match token.shown() {
            "=" | "==" | "!=" | "<" | ">" => vec![self.exact_value()?],
            "in" | "notin" => self.values()?,
            other => return Err(format!("found '{other}', expected: '=', '!=', '==', 'in', notin'")),
        };
        let number = || {
            let number = values.first().and_then(|value| value.parse::<i64>().ok());
            number.ok_or_else(|| "for 'Gt', 'Lt' operators, the value must be an integer".to_owned())
        };
        let operator = match token.shown() {
            ">" => Operator::GreaterThan(number()?),
            "<" => Operator::LessThan(number()?),
            shown => {
                for value in &values {
                    check_value(&key, value)?;
                }
                if matches!(shown, "!=" | "notin") { Operator::NotIn(values) } else { Operator::In(values) }
            }
        };
        Ok(Requirement { key, operator })
    }

    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return Ok(String::new());
        }
        match self.next() {
            Token::Word(word) => Ok(word),
            other => Err(format!("found '{}', expected: identifier", other.shown())),
        }
    }

    /// `(a, b)`; a value may be empty: `(,)`.
    fn values(&mut self) -> Result<Vec<String>, String> {
        let open = self.next();
        if open != Token::Symbol("(") {
            return Err(format!("found '{}' expected: '('", open.shown()));
        }
        let mut values = Vec::new();
        loop {
            let value = match self.peek() {
                Token::Word(word) => {
                    self.position += 1;
                    word
                }
                Token::Symbol("," | ")") => String::new(),
                other => return Err(format!("found '{}', expected: ',', or identifier", other.shown())),
            };
            values.push(value);
            match self.next() {
                Token::Symbol(",") => {}
                Token::Symbol(")") => return Ok(values),
                other => return Err(format!("found '{}', expected: ',' or ')'", other.shown())),
            }
        }
    }
}

/// Letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_name(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.len() <= 63
        && edge(text.as_bytes().first())
        && edge(text.as_bytes().last())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let domain = |part: &str| {
        !part.is_empty()
            && part.len() <= 253
            && part.split('.').all(|label| {
                let edge = |byte: Option<&u8>| {
                    byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                };
                let bytes = label.as_bytes();
                edge(bytes.first())
                    && edge(bytes.last())
                    && bytes
                        .iter()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
            })
    };
    if is_name(name) && prefix.is_none_or(domain) {
        return Ok(());
    }
    Err(format!(
        "invalid label key {}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        quoted(key)
    ))
}

fn check_value(key: &str, value: &str) -> Result<(), String> {
    if value.is_empty() || is_name(value) {
        return Ok(());
    }
    Err(format!(
        "invalid label value: {}: at key: {}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        quoted(value),
        quoted(key)
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_match_labels() {
        let labels = json!({"app": "api", "tier": "web", "rank": "5", "n": 7, "e": ""});
        for (selector, expected) in [
            ("", true),
            ("app", true),
            ("!app", false),
            ("!other", true),
            ("app=api", true),
            ("app==api,tier = web", true),
            ("app!=api", false),
            ("other!=x", true),
            ("other=x", false),
            ("tier in (db, web)", true),
            ("tier notin (db,web)", false),
            ("other notin (x)", true),
            ("rank>4", true),
            ("rank<5", false),
            ("n=7", true),
            ("e=", true),
            ("e in ()", true),
            ("e in (x,)", true),
            ("in in (x)", false),
        ] {
            let parsed = LabelSelector::parse(selector).unwrap();
            assert_eq!(parsed.matches(Some(&labels)), expected, "{selector}");
        }
        assert!(!LabelSelector::parse("app").unwrap().matches(None));
    }

    #[test]
    fn malformed_selectors_say_why() {
        for (selector, expected) in [
            ("app=api,", "found '', expected: identifier after ','"),
            ("app api", "unable to parse requirement: found 'api', expected: '=', '!=', '==', 'in', notin'"),
            ("=x", "found '=', expected: !, identifier, or 'end of string'"),
            ("app in x", "unable to parse requirement: found 'x' expected: '('"),
            ("a>b", "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"),
        ] {
            assert_eq!(LabelSelector::parse(selector).unwrap_err().message(), expected, "{selector}");
        }
        assert!(LabelSelector::parse("a b/c=x").is_err());
        assert!(LabelSelector::parse("-a=x").is_err());
        assert!(LabelSelector::parse("a=x y").is_err());
        assert!(LabelSelector::parse("a=x$").is_err());
    }
}
