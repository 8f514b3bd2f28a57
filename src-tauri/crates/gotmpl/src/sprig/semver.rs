//! Versions and constraints as Masterminds/semver v3 reads and compares them (`semver`, `semverCompare`).
//!
//! It is looser than the semver specification: `v1`, `1.2` and leading zeros are versions; a constraint without a
//! prerelease never matches a prerelease. Upstream: <https://github.com/Masterminds/semver/tree/v3.5.0>.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::cache::Bounded;
use crate::go::quote;

const LONGEST_VERSION: usize = 256;
const LONGEST_CONSTRAINT: usize = 512;
const MOST_GROUPS: usize = 32;

/// A version, with what it was parsed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number, 0 where absent.
    pub minor: u64,
    /// Third number, 0 where absent.
    pub patch: u64,
    /// What follows the hyphen, without it; empty where absent.
    pub prerelease: String,
    /// What follows the plus sign, without it; empty where absent.
    pub metadata: String,
    /// The text the version was parsed from, or its canonical text where it was computed.
    pub original: String,
}

impl Version {
    /// Reads a version. The error is upstream's text.
    pub fn parse(text: &str) -> Result<Version, String> {
        if text.len() > LONGEST_VERSION {
            return Err(format!("version string is too long (max {LONGEST_VERSION} bytes)"));
        }
        let parts = Parts::split(text).ok_or("invalid semantic version")?;
        let version = Version {
            major: segment(parts.numbers[0])?,
            minor: segment(parts.numbers[1])?,
            patch: segment(parts.numbers[2])?,
            prerelease: parts.prerelease.to_owned(),
            metadata: parts.metadata.to_owned(),
            original: text.to_owned(),
        };
        let zero_led = |part: &str| part.len() > 1 && part.starts_with('0') && is_number(part);
        if !parts.prerelease.is_empty() && parts.prerelease.split('.').any(zero_led) {
            return Err("version segment starts with 0".to_owned());
        }
        Ok(version)
    }

    /// The next patch version; of a prerelease, the version it leads to. `None` where the number would overflow.
    pub fn next_patch(&self) -> Option<Version> {
        let patch = if self.prerelease.is_empty() { self.patch.checked_add(1)? } else { self.patch };
        Some(self.renumbered(self.major, self.minor, patch))
    }

    /// The next minor version. `None` where the number would overflow.
    pub fn next_minor(&self) -> Option<Version> {
        Some(self.renumbered(self.major, self.minor.checked_add(1)?, 0))
    }

    /// The next major version. `None` where the number would overflow.
    pub fn next_major(&self) -> Option<Version> {
        Some(self.renumbered(self.major.checked_add(1)?, 0, 0))
    }

    fn renumbered(&self, major: u64, minor: u64, patch: u64) -> Version {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        Version {
            major,
            minor,
            patch,
            prerelease: String::new(),
            metadata: String::new(),
            original: format!("{prefix}{major}.{minor}.{patch}"),
        }
    }

    /// The same version with another prerelease; an error where it is malformed.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Version, String> {
        if !prerelease.is_empty() {
            for part in prerelease.split('.') {
                if part.is_empty() || !part.bytes().all(is_identifier) {
                    return Err("invalid prerelease string".to_owned());
                }
                if part.len() > 1 && part.starts_with('0') && is_number(part) {
                    return Err("version segment starts with 0".to_owned());
                }
            }
        }
        Ok(self.replaced(|version| prerelease.clone_into(&mut version.prerelease)))
    }

    /// The same version with other metadata; an error where it is malformed.
    pub fn with_metadata(&self, metadata: &str) -> Result<Version, String> {
        if !metadata.is_empty()
            && metadata.split('.').any(|part| part.is_empty() || !part.bytes().all(is_identifier))
        {
            return Err("invalid metadata string".to_owned());
        }
        Ok(self.replaced(|version| metadata.clone_into(&mut version.metadata)))
    }

    fn replaced(&self, change: impl FnOnce(&mut Version)) -> Version {
        let mut version = self.clone();
        change(&mut version);
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        version.original = format!("{prefix}{version}");
        version
    }

    /// Order of precedence; metadata does not count.
    pub fn compare(&self, other: &Version) -> Ordering {
        (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch)).then_with(
            || match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            },
        )
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// The pieces of a version's text; an absent number is empty.
struct Parts<'a> {
    numbers: [&'a str; 3],
    prerelease: &'a str,
    metadata: &'a str,
}

impl<'a> Parts<'a> {
    /// `v?N(.N)?(.N)?(-IDENTIFIERS)?(+IDENTIFIERS)?`, or `None`.
    fn split(text: &'a str) -> Option<Parts<'a>> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (rest, metadata) = match text.split_once('+') {
            Some((rest, metadata)) => (rest, Some(metadata)),
            None => (text, None),
        };
        let (core, prerelease) = match rest.split_once('-') {
            Some((core, prerelease)) => (core, Some(prerelease)),
            None => (rest, None),
        };
        let identifiers = |part: &Option<&str>| {
            part.is_none_or(|text| {
                text.split('.').all(|one| !one.is_empty() && one.bytes().all(is_identifier))
            })
        };
        if !identifiers(&prerelease) || !identifiers(&metadata) {
            return None;
        }
        let mut numbers = [""; 3];
        for (index, number) in core.split('.').enumerate() {
            if !is_number(number) {
                return None;
            }
            *numbers.get_mut(index)? = number;
        }
        Some(Parts { numbers, prerelease: prerelease.unwrap_or(""), metadata: metadata.unwrap_or("") })
    }
}

fn segment(number: &str) -> Result<u64, String> {
    if number.is_empty() {
        return Ok(0);
    }
    number.parse().map_err(|_| {
        format!("error parsing version segment: strconv.ParseUint: parsing \"{number}\": value out of range")
    })
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) if one != other => return compare_identifiers(one, other),
            _ => {}
        }
    }
}

/// Two identifiers that differ. Numbers come before words; a number too large for 64 bits counts as a word, and two
/// spellings of one number are never equal: the first is the lesser.
fn compare_identifiers(one: &str, other: &str) -> Ordering {
    let number = |text: &str| if is_number(text) { text.parse::<u64>().ok() } else { None };
    match (number(one), number(other)) {
        (None, None) => one.cmp(other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(one), Some(other)) => {
            if one > other {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
    }
}

/// Alternatives (`||`) of conditions that must all hold.
#[derive(Debug)]
pub struct Constraints {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    conditions: Vec<Condition>,
    /// One condition names a prerelease, so all of them accept prereleases.
    prereleases: bool,
}

#[derive(Debug)]
struct Condition {
    operator: Operator,
    version: Version,
    /// A part of the version is a wildcard or absent.
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// Upstream's expressions, with its odd classes (`|` counts as a digit) and its order of operators.
struct Expressions {
    range: Regex,
    find: Regex,
    valid: Regex,
    one: Regex,
}

static EXPRESSIONS: LazyLock<Expressions> = LazyLock::new(|| {
    let version = r"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?(\+([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?";
    let operators = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
    let space = r"[\t\n\f\r ]";
    let compile =
        |pattern: String| Regex::new(&pattern).expect("the pattern is fixed and was compiled by the tests");
    Expressions {
        range: compile(format!(r"{space}*({version}){space}+-{space}+({version}){space}*")),
        find: compile(format!(r"({operators}){space}*({version})")),
        valid: compile(format!(
            r"^({space}*({operators}){space}*({version}){space}*)((?:{space}+|,{space}*)({operators}){space}*({version}){space}*)*$"
        )),
        one: compile(format!(r"^{space}*({operators}){space}*({version}){space}*$")),
    }
});

type Parsed = Result<Rc<Constraints>, String>;

thread_local! {
    static CONSTRAINTS: RefCell<Bounded<Box<str>, Parsed>> = RefCell::new(Bounded::new(128));
}

impl Constraints {
    /// The constraints of a text, from this thread's cache where it was read before.
    pub fn cached(text: &str) -> Result<Rc<Constraints>, String> {
        if text.len() > LONGEST_CONSTRAINT {
            return Constraints::parse(text).map(Rc::new);
        }
        CONSTRAINTS.with_borrow_mut(|cache| match cache.get(text) {
            Some(known) => known.clone(),
            None => {
                let parsed = Constraints::parse(text).map(Rc::new);
                cache.insert(text.into(), parsed.clone());
                parsed
            }
        })
    }

    /// Reads constraints such as `>=1.19-0 <2 || ^3.1`. The error is upstream's text.
    pub fn parse(text: &str) -> Result<Constraints, String> {
        if text.len() > LONGEST_CONSTRAINT {
            return Err(format!("constraint string is too long (max {LONGEST_CONSTRAINT} bytes)"));
        }
        let text = rewrite_ranges(text);
        if text.matches("||").count() >= MOST_GROUPS {
            return Err(format!("too many constraint groups (max {MOST_GROUPS})"));
        }
        let groups = text.split("||").map(Group::parse).collect::<Result<_, _>>()?;
        Ok(Constraints { groups })
    }

    /// Whether the version satisfies one of the alternatives.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            (group.prereleases || version.prerelease.is_empty())
                && group.conditions.iter().all(|condition| condition.check(version))
        })
    }
}

/// `1.2 - 1.4.5` is `>= 1.2, <= 1.4.5`.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    if !text.contains('-') {
        return rewritten;
    }
    for found in EXPRESSIONS.range.captures_iter(text) {
        let comparison = format!(">= {}, <= {} ", &found[1], &found[11]);
        rewritten = rewritten.replacen(&found[0], &comparison, 1);
    }
    rewritten
}

impl Group {
    fn parse(text: &str) -> Result<Group, String> {
        if !EXPRESSIONS.valid.is_match(text) {
            return Err(format!("improper constraint: {}", quote(text.as_bytes())));
        }
        let conditions: Vec<Condition> = EXPRESSIONS
            .find
            .find_iter(text)
            .map(|found| Condition::parse(found.as_str()))
            .collect::<Result<_, _>>()?;
        let prereleases = conditions.iter().any(|condition| !condition.version.prerelease.is_empty());
        Ok(Group { conditions, prereleases })
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition, String> {
        let improper = || format!("improper constraint: {}", quote(text.as_bytes()));
        let found = EXPRESSIONS.one.captures(text).ok_or_else(improper)?;
        let part = |index: usize| found.get(index).map_or("", |part| part.as_str());
        let operator = match part(1) {
            "" | "=" => Operator::TildeOrEqual,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterOrEqual,
            "<=" | "=<" => Operator::LessOrEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => return Err(improper()),
        };
        let wild = |text: &str| matches!(text.strip_prefix('.').unwrap_or(text), "" | "x" | "X" | "*");
        let (major, minor, patch, prerelease) = (part(3), part(4), part(5), part(6));
        let mut condition = (false, false, false);
        let version = if wild(major) {
            condition.0 = true;
            format!("0.0.0{prerelease}")
        } else if wild(minor) {
            condition = (true, true, false);
            format!("{major}.0.0{prerelease}")
        } else if wild(patch) {
            condition = (true, false, true);
            format!("{major}{minor}.0{prerelease}")
        } else {
            part(2).to_owned()
        };
        let version = Version::parse(&version).map_err(|_| "constraint parser error".to_owned())?;
        let (dirty, minor_dirty, patch_dirty) = condition;
        Ok(Condition { operator, version, dirty, minor_dirty, patch_dirty })
    }

    fn check(&self, version: &Version) -> bool {
        match self.operator {
            Operator::TildeOrEqual if !self.dirty => version.compare(&self.version).is_eq(),
            Operator::TildeOrEqual | Operator::Tilde => self.tilde(version),
            Operator::NotEqual => self.not_equal(version),
            Operator::Greater => self.greater(version),
            Operator::Less => version.compare(&self.version).is_lt(),
            Operator::GreaterOrEqual => version.compare(&self.version).is_ge(),
            Operator::LessOrEqual => self.less_or_equal(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn not_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.dirty {
            if wanted.major != version.major {
                return true;
            }
            if wanted.minor != version.minor && !self.minor_dirty {
                return true;
            }
            if self.minor_dirty {
                return false;
            }
            if wanted.patch != version.patch && !self.patch_dirty {
                return true;
            }
            if self.patch_dirty {
                // Upstream compares the prereleases as lists of identifiers; an empty one counts.
                return (!version.prerelease.is_empty() || !wanted.prerelease.is_empty())
                    && version.prerelease != wanted.prerelease;
            }
        }
        version.compare(wanted).is_ne()
    }

    fn greater(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if !self.dirty {
            return version.compare(wanted).is_gt();
        }
        match version.major.cmp(&wanted.major) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if self.minor_dirty => false,
            Ordering::Equal if self.patch_dirty => version.minor > wanted.minor,
            Ordering::Equal => version.compare(wanted).is_gt(),
        }
    }

    fn less_or_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if !self.dirty {
            return version.compare(wanted).is_le();
        }
        version.major <= wanted.major
            && !(version.major == wanted.major && version.minor > wanted.minor && !self.minor_dirty)
    }

    fn tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted).is_lt() {
            return false;
        }
        let zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0);
        if zero && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        version.major == wanted.major && (version.minor == wanted.minor || self.minor_dirty)
    }

    fn caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted).is_lt() {
            return false;
        }
        if wanted.major > 0 || self.minor_dirty {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.patch_dirty {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && wanted.patch == version.patch
    }
}
