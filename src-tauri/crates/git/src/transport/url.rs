//! Addresses of repositories: what is allowed, and how they are shown.

use crate::error::GitError;

/// The address without a password, and without a user name where one is part of a URL with `://` that is not
/// ssh (tokens are written there). What is shown, logged and stored.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let Some((user, host)) = authority.rsplit_once('@') else {
        return url.to_owned();
    };
    if scheme.contains("ssh") {
        let user = user.split(':').next().unwrap_or_default();
        return format!("{scheme}://{user}@{host}{path}");
    }
    format!("{scheme}://{host}{path}")
}

/// What an address speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Ssh,
    Git,
    File,
}

/// Which transport an address means.
///
/// # Errors
/// For `ext::` and other helpers, which start programs, and for what a program would read as an option.
pub(crate) fn scheme(url: &str) -> Result<Scheme, GitError> {
    let refused =
        |reason: &str| GitError::RefusedUrl { url: without_credentials(url), reason: reason.to_owned() };
    if url.is_empty() || url.starts_with('-') {
        return Err(refused("an address does not begin with `-`"));
    }
    if url.contains(['\0', '\n', '\r']) {
        return Err(refused("an address has no line breaks"));
    }
    if let Some((scheme, rest)) = url.split_once("://") {
        if scheme.contains("::") {
            return Err(refused("transports that start a program are not used"));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.starts_with('-') || authority.starts_with('-') {
            return Err(refused("a host does not begin with `-`"));
        }
        return match scheme.to_ascii_lowercase().as_str() {
            "https" | "http" => Ok(Scheme::Http),
            "ssh" | "git+ssh" | "ssh+git" => Ok(Scheme::Ssh),
            "git" => Ok(Scheme::Git),
            "file" => Ok(Scheme::File),
            _ => Err(refused("the scheme is none of https, http, ssh, git and file")),
        };
    }
    let before_slash = url.split('/').next().unwrap_or_default();
    if before_slash.contains("::") && !before_slash.contains('[') {
        return Err(refused("transports that start a program are not used"));
    }
    let after_user = before_slash.rsplit('@').next().unwrap_or_default();
    if after_user.starts_with('[') && after_user.contains("]:") {
        return Ok(Scheme::Ssh);
    }
    // `host:path`, as scp has it; a single letter before the colon is a drive.
    match before_slash.split_once(':') {
        Some((host, _)) if host.len() > 1 => {
            let name = host.rsplit('@').next().unwrap_or_default();
            if name.starts_with('-') {
                return Err(refused("a host does not begin with `-`"));
            }
            Ok(Scheme::Ssh)
        }
        _ => Ok(Scheme::File),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let table = [
            ("https://user:secret@example.com/a.git", "https://example.com/a.git"),
            ("https://token@example.com/a@b", "https://example.com/a@b"),
            ("ssh://git:secret@example.com:22/a", "ssh://git@example.com:22/a"),
            ("git@example.com:a/b.git", "git@example.com:a/b.git"),
            ("https://example.com/a", "https://example.com/a"),
        ];
        for (url, shown) in table {
            assert_eq!(without_credentials(url), shown);
        }
    }

    #[test]
    fn addresses_that_start_programs_are_refused() {
        for url in [
            "ext::sh -c touch% /tmp/x",
            "fd::3",
            "--upload-pack=touch /tmp/x",
            "ssh://-oProxyCommand=touch/x",
            "ssh://git@-oProxyCommand=x/y",
            "-oProxyCommand=x:path",
            "git@-oProxyCommand=x:path",
            "ext::sh://x",
            "gopher://example.com/x",
            "",
            "https://example.com/a\nhost=evil",
        ] {
            assert!(scheme(url).is_err(), "{url}");
        }
    }

    #[test]
    fn schemes_are_told_apart() {
        let table = [
            ("https://example.com/a", Scheme::Http),
            ("git@example.com:a/b", Scheme::Ssh),
            ("ssh://git@[::1]:22/a", Scheme::Ssh),
            ("[::1]:a/b", Scheme::Ssh),
            ("/srv/git/a", Scheme::File),
            ("./a:b", Scheme::File),
            ("file:///srv/a", Scheme::File),
            ("C:/git/a", Scheme::File),
        ];
        for (url, expected) in table {
            assert_eq!(scheme(url).unwrap(), expected, "{url}");
        }
    }
}
