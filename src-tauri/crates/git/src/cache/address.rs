//! Addresses with what kustomize lets a reader say about their fetch: `URL?submodules=false&timeout=90000ms`.

use std::time::Duration;

/// An address taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// What Git is given.
    pub(super) url: &'a str,
    /// Whether submodules are fetched, too.
    pub(super) submodules: bool,
    /// How long it may take.
    pub(super) timeout: Option<Duration>,
}

impl<'a> Address<'a> {
    /// Takes an address apart. A question mark that nothing of this follows is part of the address.
    pub(super) fn parse(text: &'a str) -> Self {
        let whole = Self { url: text, submodules: true, timeout: None };
        let Some((url, query)) = text.rsplit_once('?') else { return whole };
        let mut address = Self { url, submodules: true, timeout: None };
        for pair in query.split('&') {
            let milliseconds = || pair.strip_prefix("timeout=")?.strip_suffix("ms")?.parse().ok();
            match milliseconds() {
                Some(milliseconds) => address.timeout = Some(Duration::from_millis(milliseconds)),
                None if pair == "submodules=false" => address.submodules = false,
                None => return whole,
            }
        }
        address
    }

    /// The address by which the content is known: how long its fetch may take changes nothing in it.
    pub(super) fn name(&self) -> String {
        if self.submodules { self.url.to_owned() } else { format!("{}?submodules=false", self.url) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_taken_off() {
        let some = |milliseconds| Some(Duration::from_millis(milliseconds));
        for (text, url, submodules, timeout, name) in [
            ("https://a/b", "https://a/b", true, None, "https://a/b"),
            ("https://a/b?submodules=false", "https://a/b", false, None, "https://a/b?submodules=false"),
            ("https://a/b?timeout=1500ms", "https://a/b", true, some(1500), "https://a/b"),
            ("git@a:b?submodules=false&timeout=9ms", "git@a:b", false, some(9), "git@a:b?submodules=false"),
            ("https://a/b?timeout=soon", "https://a/b?timeout=soon", true, None, "https://a/b?timeout=soon"),
            ("https://a/b?c=d", "https://a/b?c=d", true, None, "https://a/b?c=d"),
        ] {
            let address = Address::parse(text);
            assert_eq!(
                (address.url, address.submodules, address.timeout),
                (url, submodules, timeout),
                "{text}"
            );
            assert_eq!(address.name(), name);
        }
    }
}
