//! URLs of bases and resources, in all forms that kustomize takes.

use std::fmt;

use slipway_model::RemoteReference;

/// The URL of a directory in a Git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryUrl {
    /// As it is written.
    pub raw: String,
    /// Scheme, user and host with the separator behind it: `https://github.com/`, `git@host:`.
    pub host: String,
    /// The path of the repository.
    pub repository: String,
    /// The directory in the repository; empty for its root.
    pub directory: String,
    /// Branch, tag or commit; empty for the default branch.
    pub reference: String,
    /// Whether submodules are wanted.
    pub submodules: bool,
    /// How long Git may take, in milliseconds.
    pub timeout_milliseconds: u64,
}

/// Whether a path is an `http` or `https` URL. What lies there is a file if the server says so, and else, where
/// [`RepositoryUrl::parse`] takes it, a repository.
#[must_use]
pub fn is_web_url(path: &str) -> bool {
    path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

const DEFAULT_TIMEOUT: u64 = 27_000;

impl RepositoryUrl {
    /// Reads a URL; `None` where the text is a path.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        if raw.starts_with('/') {
            return None;
        }
        let (rest, query) = raw.split_once('?').unwrap_or((raw, ""));
        let query = Query::parse(query);
        let (host, rest) = split_host(rest)?;
        let (repository, directory) = split_path(rest, host.starts_with("file://"))?;
        let directory = directory.strip_prefix('/').unwrap_or(directory);
        if repository.is_empty() || leads_out(directory) {
            return None;
        }
        Some(Self {
            raw: raw.to_owned(),
            host,
            repository: repository.to_owned(),
            directory: directory.to_owned(),
            reference: query.reference,
            submodules: query.submodules,
            timeout_milliseconds: query.timeout,
        })
    }

    /// What Git clones.
    #[must_use]
    pub fn clone_url(&self) -> String {
        format!("{}{}", self.host, self.repository)
    }

    /// The repository at its revision. What the URL says about the fetch, and is not as always, stands behind its address.
    #[must_use]
    pub fn remote(&self) -> RemoteReference {
        let submodules = (!self.submodules).then(|| "submodules=false".to_owned());
        let is_usual = self.timeout_milliseconds == DEFAULT_TIMEOUT;
        let timeout = (!is_usual).then(|| format!("timeout={}ms", self.timeout_milliseconds));
        let options: Vec<String> = submodules.into_iter().chain(timeout).collect();
        let mut url = self.clone_url();
        if !options.is_empty() {
            url.push('?');
            url.push_str(&options.join("&"));
        }
        RemoteReference::Repository { url, revision: self.reference.clone() }
    }
}

impl fmt::Display for RepositoryUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.raw)
    }
}

struct Query {
    reference: String,
    submodules: bool,
    timeout: u64,
}

impl Query {
    fn parse(query: &str) -> Self {
        let mut parsed = Self { reference: String::new(), submodules: true, timeout: DEFAULT_TIMEOUT };
        let default = || Self { reference: String::new(), submodules: true, timeout: DEFAULT_TIMEOUT };
        let mut version = String::new();
        // The first of equal keys counts; a query that cannot be read counts as none.
        let mut seen: Vec<String> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if pair.contains(';') {
                return default();
            }
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(key), Some(value)) = (unescape(key), unescape(value)) else { return default() };
            if seen.contains(&key) {
                continue;
            }
            match key.as_str() {
                "ref" => parsed.reference = value,
                "version" => version = value,
                "submodules" => match value.as_str() {
                    "1" | "t" | "T" | "true" | "TRUE" | "True" => parsed.submodules = true,
                    "0" | "f" | "F" | "false" | "FALSE" | "False" => parsed.submodules = false,
                    _ => {}
                },
                "timeout" => {
                    let seconds = value.parse::<u64>().ok().filter(|seconds| *seconds > 0);
                    let timeout =
                        seconds.map(|seconds| seconds.saturating_mul(1000)).or_else(|| duration(&value));
                    parsed.timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
                }
                _ => {}
            }
            seen.push(key);
        }
        if parsed.reference.is_empty() {
            parsed.reference = version;
        }
        parsed
    }
}

/// A duration as Go writes it (`1m30s`), in milliseconds.
fn duration(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, milliseconds) = [
            ("ms", 1.0),
            ("us", 0.001),
            ("µs", 0.001),
            ("ns", 0.000_001),
            ("h", 3_600_000.0),
            ("m", 60_000.0),
            ("s", 1000.0),
        ]
        .into_iter()
        .find(|(unit, _)| rest.starts_with(unit))?;
        total += number * milliseconds;
        rest = &rest[unit.len()..];
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the sum is positive and saturates"
    )]
    let total = total as u64;
    (total > 0).then_some(total)
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

fn strip_prefix_in_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Splits scheme, user and host from the path.
fn split_host(text: &str) -> Option<(String, &str)> {
    let text = strip_prefix_in_any_case(text, "git::").unwrap_or(text);
    let (scheme, text) = ["ssh://", "https://", "http://", "file://"]
        .into_iter()
        .find_map(|scheme| strip_prefix_in_any_case(text, scheme).map(|rest| (scheme, rest)))
        .unwrap_or(("", text));
    let (user, text) = split_user(text);
    let github =
        ["github.com/", "github.com:"].iter().any(|host| strip_prefix_in_any_case(text, host).is_some());
    let colon_separates = scheme.is_empty() && (!user.is_empty() || github);
    if scheme.is_empty() && !colon_separates {
        return None;
    }
    if scheme == "file://" {
        // All of it is a path, whatever looks like a user.
        return Some((scheme.to_owned(), if user.is_empty() { text } else { return None }));
    }
    let mut separator = text.find('/');
    if colon_separates {
        let colon = text.find(':');
        match (separator, colon) {
            (None, colon) => separator = colon,
            (Some(slash), Some(colon)) if colon > 0 && colon < slash => separator = Some(colon),
            _ => {}
        }
    }
    let (mut host, rest) = match separator {
        Some(at) => (text[..=at].to_owned(), &text[at + 1..]),
        None => (text.to_owned(), ""),
    };
    let (mut scheme, mut user) = (scheme, user);
    if github {
        if scheme == "ssh://" || !user.is_empty() {
            scheme = "";
            "github.com:".clone_into(&mut host);
        } else {
            scheme = "https://";
            user = "";
            "github.com/".clone_into(&mut host);
        }
    }
    if host.is_empty() {
        return None;
    }
    Some((format!("{scheme}{user}{host}"), rest))
}

/// The user with its `@`, and the rest.
fn split_user(text: &str) -> (&str, &str) {
    let Some(at) = text.find('@') else { return ("", text) };
    let name = &text[..at];
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid { text.split_at(at + 1) } else { ("", text) }
}

/// Splits the repository from the directory in it.
fn split_path(text: &str, whole: bool) -> Option<(&str, &str)> {
    if let Some(at) = text.find("_git/") {
        let start = at + "_git/".len();
        let end = text[start..].find('/').map_or(text.len(), |slash| start + slash);
        return Some((&text[..end], text[end..].strip_prefix('/').unwrap_or("")));
    }
    if let Some(at) = text.find("//") {
        return Some((&text[..at], &text[at + 2..]));
    }
    if let Some(at) = text.find(".git") {
        return Some(text.split_at(at + ".git".len()));
    }
    if whole {
        return Some((text, ""));
    }
    let first = text.find('/')?;
    match text[first + 1..].find('/') {
        Some(second) => Some((&text[..first + 1 + second], &text[first + second + 2..])),
        None => Some((text, "")),
    }
}

fn leads_out(directory: &str) -> bool {
    let mut depth = 0_i64;
    for segment in directory.split('/') {
        match segment {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}
