//! The string functions of variables.

/// A part of a text by position and length in bytes; a negative position counts from the end. What is no number leaves
/// the text as it is.
pub(super) fn part(text: &str, position: &str, length: Option<&str>) -> String {
    let bytes = text.as_bytes();
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let Ok(mut start) = position.parse::<i64>() else { return text.to_owned() };
    if start < 0 {
        start = (size + start).max(0);
    }
    let end = match length {
        None => size,
        Some(length) => match length.parse::<i64>() {
            Ok(length) => start.saturating_add(length).min(size),
            Err(_) => return text.to_owned(),
        },
    };
    if start >= size || end <= start {
        return String::new();
    }
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[range]).into_owned()
}

/// A text in other letters.
pub(super) fn letters(text: &str, operator: &str) -> String {
    let first = |change: &dyn Fn(char) -> String| {
        let mut characters = text.chars();
        characters.next().map_or_else(String::new, |first| change(first) + characters.as_str())
    };
    match operator {
        "," => first(&|first| first.to_lowercase().collect()),
        ",," => text.to_lowercase(),
        "^" => first(&|first| first.to_uppercase().collect()),
        "^^" => text.to_uppercase(),
        // Mixed operators name no function; the value stays.
        _ => text.to_owned(),
    }
}

/// A text with a part replaced: the first, with `/` all, with `#` at the start, with `%` at the end.
pub(super) fn replaced(text: &str, mode: Option<char>, pattern: &str, replacement: Option<&str>) -> String {
    match (mode, replacement) {
        (Some('/'), replacement) => text.replace(pattern, replacement.unwrap_or_default()),
        (Some('#'), Some(replacement)) => match text.strip_prefix(pattern) {
            Some(rest) => format!("{replacement}{rest}"),
            None => text.to_owned(),
        },
        (Some('%'), Some(replacement)) => match text.strip_suffix(pattern) {
            Some(rest) => format!("{rest}{replacement}"),
            None => text.to_owned(),
        },
        (Some(_), _) => text.to_owned(),
        (None, replacement) => text.replacen(pattern, replacement.unwrap_or_default(), 1),
    }
}

/// A text without what a pattern matches at its start (`#`) or its end (`%`); the longest match if `longest`.
pub(super) fn trimmed(text: &str, side: char, longest: bool, pattern: &str) -> String {
    let reverse = |text: &str| text.chars().rev().collect::<Vec<char>>();
    let (characters, pattern) = if side == '%' {
        (reverse(text), reverse(pattern))
    } else {
        (text.chars().collect(), pattern.chars().collect())
    };
    let matches = |length: &usize| glob(&pattern, &characters[..*length]);
    let found = if longest {
        (1..=characters.len()).rev().find(matches)
    } else {
        (1..=characters.len()).find(matches)
    };
    let rest = &characters[found.unwrap_or(0)..];
    if side == '%' { rest.iter().rev().collect() } else { rest.iter().collect() }
}

/// Whether a pattern with `*`, `?`, `[a-z]` and `\` matches all of a text.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if at < pattern.len() && pattern[at] == '*' {
            star = Some((at + 1, in_text));
            at += 1;
            continue;
        }
        let step = (in_text < text.len() && at < pattern.len())
            .then(|| one(&pattern[at..], text[in_text]))
            .flatten();
        if let Some(length) = step {
            at += length;
            in_text += 1;
            continue;
        }
        if in_text == text.len() && at == pattern.len() {
            return true;
        }
        match star {
            Some((after, from)) if from < text.len() => {
                star = Some((after, from + 1));
                at = after;
                in_text = from + 1;
            }
            _ => return false,
        }
    }
}

/// How much of a pattern one character uses up; `None` where it does not match.
fn one(pattern: &[char], character: char) -> Option<usize> {
    match pattern[0] {
        '?' => Some(1),
        '\\' => (pattern.get(1) == Some(&character)).then_some(2),
        '[' => {
            let mut at = 1;
            let negated = pattern.get(1) == Some(&'^');
            if negated {
                at += 1;
            }
            let mut inside = false;
            let first = at;
            loop {
                let mut low = *pattern.get(at)?;
                if low == ']' && at > first {
                    break;
                }
                if low == '\\' {
                    at += 1;
                    low = *pattern.get(at)?;
                }
                at += 1;
                let mut high = low;
                if pattern.get(at) == Some(&'-') {
                    at += 1;
                    high = *pattern.get(at)?;
                    if high == '\\' {
                        at += 1;
                        high = *pattern.get(at)?;
                    }
                    at += 1;
                }
                inside |= low <= character && character <= high;
            }
            (inside != negated).then_some(at + 1)
        }
        literal => (literal == character).then_some(1),
    }
}
