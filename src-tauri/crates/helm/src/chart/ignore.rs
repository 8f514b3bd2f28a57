//! `.helmignore`: which files of a directory are no part of the chart.
//!
//! The rules are Helm's (package `helm.sh/helm/v3/pkg/ignore`), not Git's: the first match decides, a pattern with
//! `!` keeps only what it matches, `**` is refused, and dot files in `templates/` never count.

/// The rules of one chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    negated: bool,
    directories_only: bool,
    scope: Scope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// The whole path.
    Path,
    /// The last segment.
    Name,
}

/// A rule that cannot be used, and its line from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadRule {
    pub(crate) line: u32,
    pub(crate) message: String,
}

impl Rules {
    /// Reads the text of a `.helmignore`; an empty text gives the rules that always hold.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRule> {
        let mut rules = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            rules
                .add(line)
                .map_err(|message| BadRule { line: u32::try_from(index + 1).unwrap_or(u32::MAX), message })?;
        }
        rules.add("templates/.?*").map_err(|message| BadRule { line: 0, message })?;
        Ok(rules)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        if rule.contains("**") {
            return Err("double-star (**) syntax is not supported".to_owned());
        }
        if matches(rule, "abc").is_none() {
            return Err("syntax error in pattern".to_owned());
        }
        let (negated, rule) = rule.strip_prefix('!').map_or((false, rule), |rest| (true, rest));
        let (directories_only, rule) = rule.strip_suffix('/').map_or((false, rule), |rest| (true, rest));
        let (text, scope) = match rule.strip_prefix('/') {
            Some(rest) => (rest, Scope::Path),
            None if rule.contains('/') => (rule, Scope::Path),
            None => (rule, Scope::Name),
        };
        self.patterns.push(Pattern { text: text.to_owned(), negated, directories_only, scope });
        Ok(())
    }

    /// Whether the file or directory at a path below the chart's directory is left out.
    pub(crate) fn ignores(&self, path: &str, is_directory: bool) -> bool {
        for pattern in &self.patterns {
            let subject = match pattern.scope {
                Scope::Path => path,
                Scope::Name => path.rsplit('/').next().unwrap_or(path),
            };
            let matched = || matches(&pattern.text, subject).unwrap_or(false);
            if pattern.negated {
                if (pattern.directories_only && !is_directory) || !matched() {
                    return true;
                }
            } else if (!pattern.directories_only || is_directory) && matched() {
                return true;
            }
        }
        false
    }
}

/// `filepath.Match` of Go: `*`, `?`, classes and escapes, none of which matches a `/`. `None` where the pattern is
/// malformed and Go would notice, which depends on how far it gets.
pub(crate) fn matches(pattern: &str, name: &str) -> Option<bool> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    if !is_well_formed(&pattern) {
        return None;
    }
    // The last `*` and the characters that it stands for so far.
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if at == pattern.len() && read == name.len() {
            return Some(true);
        }
        if at < pattern.len() {
            if pattern[at] == '*' {
                star = Some((at + 1, read));
                at += 1;
                continue;
            }
            if read < name.len()
                && let Some(length) = single(&pattern[at..], name[read])
            {
                (at, read) = (at + length, read + 1);
                continue;
            }
        }
        match star {
            Some((after, begin)) if begin < name.len() && name[begin] != '/' => {
                star = Some((after, begin + 1));
                (at, read) = (after, begin + 1);
            }
            _ => return Some(false),
        }
    }
}

/// How many characters of the pattern match one character, if they do.
fn single(pattern: &[char], character: char) -> Option<usize> {
    match pattern[0] {
        '?' => (character != '/').then_some(1),
        '[' => {
            let (length, matched) = class(pattern, character)?;
            matched.then_some(length)
        }
        '\\' => (*pattern.get(1)? == character).then_some(2),
        literal => (literal == character).then_some(1),
    }
}

/// The length of a class and whether it holds a character; `None` where it is malformed.
fn class(pattern: &[char], character: char) -> Option<(usize, bool)> {
    let mut at = 1;
    let negated = pattern.get(at) == Some(&'^');
    if negated {
        at += 1;
    }
    let mut matched = false;
    let mut ranges = 0;
    loop {
        if pattern.get(at) == Some(&']') && ranges > 0 {
            return Some((at + 1, matched != negated && character != '/'));
        }
        let low = class_character(pattern, &mut at)?;
        let mut high = low;
        if pattern.get(at) == Some(&'-') {
            at += 1;
            high = class_character(pattern, &mut at)?;
        }
        matched |= low <= character && character <= high;
        ranges += 1;
    }
}

fn class_character(pattern: &[char], at: &mut usize) -> Option<char> {
    let mut character = *pattern.get(*at)?;
    if matches!(character, '-' | ']') {
        return None;
    }
    if character == '\\' {
        *at += 1;
        character = *pattern.get(*at)?;
    }
    *at += 1;
    // A class always ends with `]`.
    pattern.get(*at)?;
    Some(character)
}

fn is_well_formed(pattern: &[char]) -> bool {
    let mut at = 0;
    while at < pattern.len() {
        at += match pattern[at] {
            '[' => match class(&pattern[at..], '\0') {
                Some((length, _)) => length,
                None => return false,
            },
            '\\' if at + 1 == pattern.len() => return false,
            '\\' => 2,
            _ => 1,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("*.txt", "a.txt", Some(true)),
            ("*.txt", "d/a.txt", Some(false)),
            ("a?c", "abc", Some(true)),
            ("a*b*c", "a1b2b3c", Some(true)),
            ("[a-c]x", "bx", Some(true)),
            ("[^a-c]x", "bx", Some(false)),
            ("\\*", "*", Some(true)),
            ("[", "a", None),
            ("a\\", "a", None),
            ("[]a]", "a", None),
            ("*", "", Some(true)),
            ("", "", Some(true)),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn the_first_matching_rule_decides() {
        let rules = Rules::parse("# c\n*.md\n/docs/\nsrc/x.txt\ncache/\n").unwrap();
        for (path, directory, expected) in [
            ("README.md", false, true),
            ("a/b.md", false, true),
            ("docs", true, true),
            ("docs", false, false),
            ("src/x.txt", false, true),
            ("a/src/x.txt", false, false),
            ("a/cache", true, true),
            ("templates/.hidden", false, true),
            ("templates/a.yaml", false, false),
            (".hidden", false, false),
        ] {
            assert_eq!(rules.ignores(path, directory), expected, "{path}");
        }
    }

    #[test]
    fn a_negated_rule_leaves_out_what_it_does_not_match() {
        let rules = Rules::parse("!*.yaml\n").unwrap();
        assert!(rules.ignores("templates", true));
        assert!(!rules.ignores("Chart.yaml", false));
        assert_eq!(Rules::parse("a\nb/**\n").unwrap_err().line, 2);
    }
}
