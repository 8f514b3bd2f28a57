//! What a registry asks for: the header `WWW-Authenticate` (RFC 9110, section 11.6.1).

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// With user and password.
    Basic,
    /// With a token of another server (<https://distribution.github.io/distribution/spec/auth/token/>).
    Bearer {
        /// Where the token is given.
        realm: String,
        /// For whom it is.
        service: Option<String>,
        /// What it allows.
        scope: Option<String>,
    },
}

/// Reads all challenges of the headers; other schemes are left out.
pub(super) fn read(headers: &[String]) -> Vec<Challenge> {
    headers.iter().flat_map(|header| challenges(header)).collect()
}

fn challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = header.trim_start_matches([',', ' ']);
    while !rest.is_empty() {
        let end = rest.find([' ', '=', ',']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after_spaces = after.trim_start_matches(' ');
        if let Some(value) = after_spaces.strip_prefix('=') {
            let (value, after) = value_of(value.trim_start_matches(' '));
            if let Some((_, parameters)) = found.last_mut() {
                parameters.push((word.to_ascii_lowercase(), value));
            }
            rest = after;
        } else {
            found.push((word.to_ascii_lowercase(), Vec::new()));
            rest = after_spaces;
        }
        rest = rest.trim_start_matches([',', ' ']);
    }
    found.into_iter().filter_map(|(scheme, parameters)| challenge(&scheme, &parameters)).collect()
}

fn challenge(scheme: &str, parameters: &[(String, String)]) -> Option<Challenge> {
    let value =
        |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => Some(Challenge::Bearer {
            realm: value("realm")?,
            service: value("service"),
            scope: value("scope"),
        }),
        _ => None,
    }
}

/// A token or a quoted text, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.to_owned(), service: own(service), scope: own(scope) }
    }

    #[test]
    fn challenges_are_read() {
        for (header, expected) in [
            ("Basic realm=\"Registry Realm\"", vec![Challenge::Basic]),
            (
                "Bearer realm=\"https://auth/token\",service=\"registry\",scope=\"repository:a/b:pull,push\"",
                vec![bearer("https://auth/token", Some("registry"), Some("repository:a/b:pull,push"))],
            ),
            (
                "bearer Realm = \"https://a\\\"b\" , Service=reg, Basic realm=x",
                vec![bearer("https://a\"b", Some("reg"), None), Challenge::Basic],
            ),
            ("Negotiate, Basic", vec![Challenge::Basic]),
            ("Bearer service=x", vec![]),
            ("Bearer realm=\"open", vec![bearer("open", None, None)]),
            (", ,=,==\"", vec![]),
        ] {
            assert_eq!(read(&[header.to_owned()]), expected, "{header}");
        }
    }
}
