//! Character classes of Go's syntax: the ASCII groups, Unicode categories and scripts, and classes put together.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// Ranges of code points and whether they are the ones left out.
pub(super) type Group = (&'static [(u32, u32)], bool);

const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const PERL_SPACE: &[(u32, u32)] = &[(0x9, 0xa), (0xc, 0xd), (0x20, 0x20)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

/// `\d`, `\S` and so on, by the letter.
pub(super) fn perl_group(letter: u8) -> Option<Group> {
    Some(match letter {
        b'd' => (DIGIT, false),
        b'D' => (DIGIT, true),
        b's' => (PERL_SPACE, false),
        b'S' => (PERL_SPACE, true),
        b'w' => (WORD, false),
        b'W' => (WORD, true),
        _ => return None,
    })
}

/// `[:alpha:]`, `[:^digit:]` and so on, by what stands between the colons.
pub(super) fn posix_group(name: &str) -> Option<Group> {
    let (name, negated) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let ranges: &[(u32, u32)] = match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)],
        "alpha" => &[(0x41, 0x5a), (0x61, 0x7a)],
        "ascii" => &[(0, 0x7f)],
        "blank" => &[(0x9, 0x9), (0x20, 0x20)],
        "cntrl" => &[(0, 0x1f), (0x7f, 0x7f)],
        "digit" => DIGIT,
        "graph" => &[(0x21, 0x7e)],
        "lower" => &[(0x61, 0x7a)],
        "print" => &[(0x20, 0x7e)],
        "punct" => &[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)],
        "space" => &[(0x9, 0xd), (0x20, 0x20)],
        "upper" => &[(0x41, 0x5a)],
        "word" => WORD,
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    };
    Some((ranges, negated))
}

/// The class of a Unicode category or script in the syntax of the `regex` crate, without the letter `p`; `None` where Go
/// knows no such name. Go drops underscores before it looks a name up, and with them loses all scripts that have one.
pub(super) fn unicode_class(name: &str) -> Option<String> {
    let canonical: String = name.chars().filter(|character| !matches!(character, '_' | '-' | ' ')).collect();
    if canonical.eq_ignore_ascii_case("any")
        || canonical.eq_ignore_ascii_case("assigned")
        || canonical.eq_ignore_ascii_case("ascii")
    {
        return Some(format!("{{{}}}", canonical.to_ascii_lowercase()));
    }
    if canonical.is_empty() || !canonical.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    // The short codes of scripts (`Grek`) are known to the crate only; Go has the long names, some of four letters.
    let short_code = canonical.len() == 4
        && !["ahom", "cham", "kawi", "lisu", "modi", "thai", "toto"]
            .contains(&&*canonical.to_ascii_lowercase());
    let category = format!("{{gc={canonical}}}");
    if parses(&category) {
        return Some(category);
    }
    let script = format!("{{sc={canonical}}}");
    (!short_code && canonical.len() == name.len() && parses(&script)).then_some(script)
}

fn parses(class: &str) -> bool {
    regex_syntax::Parser::new().parse(&format!(r"\p{class}")).is_ok()
}

/// Writes ranges as members of a class; surrogates, which no text contains, are left out.
pub(super) fn push_ranges(pattern: &mut String, ranges: impl IntoIterator<Item = (u32, u32)>) {
    for (low, high) in ranges {
        for (low, high) in [(low, high.min(0xd7ff)), (low.max(0xe000), high)] {
            if low <= high {
                let _ = if low == high {
                    write!(pattern, r"\x{{{low:X}}}")
                } else {
                    write!(pattern, r"\x{{{low:X}}}-\x{{{high:X}}}")
                };
            }
        }
    }
}

/// The complement of sorted ranges.
pub(super) fn complement(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut outside = Vec::with_capacity(ranges.len() + 1);
    let mut next = 0;
    for (low, high) in ranges {
        if *low > next {
            outside.push((next, low - 1));
        }
        next = high + 1;
    }
    if next <= 0x10_ffff {
        outside.push((next, 0x10_ffff));
    }
    outside
}

/// A set of characters from the tables of the `regex` crate.
pub(crate) struct Category(Vec<(char, char)>);

impl Category {
    fn of(pattern: &str) -> Category {
        let parsed =
            regex_syntax::Parser::new().parse(pattern).expect("the pattern is fixed and known to the crate");
        let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { return Category(Vec::new()) };
        Category(class.iter().map(|range| (range.start(), range.end())).collect())
    }

    fn contains(&self, character: char) -> bool {
        self.0
            .binary_search_by(|(low, high)| {
                if *high < character {
                    std::cmp::Ordering::Less
                } else if *low > character {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
    }
}

macro_rules! categories {
    ($($(#[$documentation:meta])* $name:ident = $pattern:literal, ascii $ascii:expr;)*) => {$(
        $(#[$documentation])*
        pub(crate) fn $name(character: char) -> bool {
            static CATEGORY: LazyLock<Category> = LazyLock::new(|| Category::of($pattern));
            let ascii: fn(char) -> bool = $ascii;
            if character.is_ascii() { ascii(character) } else { CATEGORY.contains(character) }
        }
    )*};
}

categories! {
    /// Go's `unicode.IsNumber`.
    is_number = r"\p{N}", ascii |character| character.is_ascii_digit();
    /// Go's `unicode.IsUpper`.
    is_upper = r"\p{Lu}", ascii |character| character.is_ascii_uppercase();
    /// Go's `unicode.IsLower`.
    is_lower = r"\p{Ll}", ascii |character| character.is_ascii_lowercase();
    /// Go's `unicode.IsTitle`.
    is_title = r"\p{Lt}", ascii |_| false;
    /// Go's `unicode.IsPunct`: not the symbols `$+<=>^` and so on.
    is_punctuation = r"\p{P}", ascii |character| character.is_ascii_punctuation() && !"$+<=>^`|~".contains(character);
}
