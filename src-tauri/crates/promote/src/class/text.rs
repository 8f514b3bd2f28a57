//! What a text looks like: a host, an account, a region, a version.

/// Regions of clouds that name them without a pattern.
const NAMED_REGIONS: [&str; 22] = [
    "northeurope",
    "westeurope",
    "eastus",
    "eastus2",
    "westus",
    "westus2",
    "westus3",
    "centralus",
    "northcentralus",
    "southcentralus",
    "uksouth",
    "ukwest",
    "francecentral",
    "germanywestcentral",
    "switzerlandnorth",
    "norwayeast",
    "swedencentral",
    "eastasia",
    "southeastasia",
    "japaneast",
    "australiaeast",
    "brazilsouth",
];
const AMAZON_AREAS: [&str; 10] = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "cn", "mx"];
const GOOGLE_AREAS: [&str; 9] =
    ["us", "europe", "asia", "australia", "northamerica", "southamerica", "africa", "me", "eu"];
/// What follows the last dot of a file's name and is no domain.
const FILE_ENDINGS: [&str; 20] = [
    "yaml",
    "yml",
    "json",
    "conf",
    "cfg",
    "ini",
    "toml",
    "xml",
    "sh",
    "py",
    "js",
    "so",
    "jar",
    "txt",
    "log",
    "sock",
    "pem",
    "crt",
    "key",
    "properties",
];

/// Whether the text is or holds an address with a scheme: `https://…`, `postgres://…`.
pub(super) fn holds_url(text: &str) -> bool {
    text.match_indices("://").any(|(place, _)| {
        let before = text[..place].chars().next_back();
        let after = text[place + 3..].chars().next();
        before.is_some_and(|character| character.is_ascii_alphanumeric())
            && after.is_some_and(|character| character.is_alphanumeric() || "[${<".contains(character))
    })
}

/// Whether the whole text is the name or address of a host, with or without a port: three labels or more
/// (`db.internal.example`), the last one of letters, or four numbers.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    let host = host.strip_prefix("*.").unwrap_or(host);
    let host = host.strip_suffix('.').unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let are_labels = labels.iter().all(|label| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    if !are_labels {
        return false;
    }
    if labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return true;
    }
    labels.last().is_some_and(|last| {
        labels.len() >= 3
            && last.len() >= 2
            && last.bytes().all(|byte| byte.is_ascii_lowercase())
            && !FILE_ENDINGS.contains(last)
    })
}

/// Whether the text holds a cloud account: twelve digits (Amazon), a resource name that begins with `arn:`, or
/// an id of 8-4-4-4-12 hexadecimal digits.
pub(super) fn holds_account(text: &str) -> bool {
    if text.starts_with("arn:") {
        return true;
    }
    let is_account = |word: &str| word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = |word: &str| {
        let parts: Vec<&str> = word.split('-').collect();
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
            && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    text.split(|character: char| !character.is_ascii_alphanumeric()).any(is_account)
        || text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-').any(is_id)
}

/// Whether the text holds a region or zone of a cloud as a word.
pub(super) fn holds_region(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-').any(is_region)
}

fn is_region(word: &str) -> bool {
    if NAMED_REGIONS.contains(&word) {
        return true;
    }
    let parts: Vec<&str> = word.split('-').collect();
    let letters = |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        // us-east-1, us-gov-west-1, eu-central-1a
        [area, middle @ .., number] if AMAZON_AREAS.contains(area) && !middle.is_empty() => {
            let digits = number.trim_end_matches(|character: char| character.is_ascii_lowercase());
            let zone = number.len() - digits.len();
            middle.iter().all(|part| letters(part))
                && digits.len() == 1
                && zone <= 1
                && digits.parse::<u8>().is_ok()
                || is_google(&parts)
        }
        _ => is_google(&parts),
    }
}

/// `europe-west1`, `us-central1-b`.
fn is_google(parts: &[&str]) -> bool {
    let is_place = |part: &str| {
        let name = part.trim_end_matches(|character: char| character.is_ascii_digit());
        name.len() < part.len()
            && [
                "east",
                "west",
                "north",
                "south",
                "central",
                "northeast",
                "southeast",
                "northwest",
                "southwest",
            ]
            .contains(&name)
    };
    match parts {
        [area, place] => GOOGLE_AREAS.contains(area) && is_place(place),
        [area, place, zone] => GOOGLE_AREAS.contains(area) && is_place(place) && zone.len() == 1,
        _ => false,
    }
}

/// The words of a name, in lower case: `DATABASE_HOST`, `databaseHost` and `database-host` are the same.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut before_is_lower = false;
    for character in name.chars() {
        let starts = character.is_uppercase() && before_is_lower;
        if (!character.is_alphanumeric() || starts) && !current.is_empty() {
            words.push(std::mem::take(&mut current));
        }
        if character.is_alphanumeric() {
            current.extend(character.to_lowercase());
        }
        before_is_lower = character.is_lowercase() || character.is_ascii_digit();
    }
    if !current.is_empty() {
        words.push(current);
    }
    words
}

/// Whether two texts are the same but for their versions: for the words after `?ref=` (`&ref=`), or for
/// segments of a path that look like versions (`components/gateway-api/v1.4.0`).
pub(super) fn differ_in_version_only(old: &str, new: &str) -> bool {
    if let (Some((old_head, old_tail)), Some((new_head, new_tail))) =
        (split_reference(old), split_reference(new))
    {
        return old_head == new_head && old_tail == new_tail;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('/').collect(), new.split('/').collect());
    old.len() > 1
        && old.len() == new.len()
        && old.iter().zip(&new).all(|(old, new)| old == new || (is_version(old) && is_version(new)))
}

/// The text before and after the value of `ref`.
fn split_reference(text: &str) -> Option<(&str, &str)> {
    let place = ["?ref=", "&ref="].iter().find_map(|mark| text.find(mark))? + 5;
    let end = text[place..].find('&').map_or(text.len(), |end| place + end);
    Some((&text[..place], &text[end..]))
}

/// `v1.4.0`, `1.5`, `2024-05-01`; not a number alone.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.starts_with(|character: char| character.is_ascii_digit())
        && text.contains(['.', '-'])
        && text.chars().all(|character| character.is_ascii_alphanumeric() || ".-+_".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_files_versions_and_classes() {
        for (text, expected) in [
            ("db.internal.example", true),
            ("db.shop.svc.cluster.local:5432", true),
            ("10.1.2.3", true),
            ("*.shop.example.com", true),
            ("1.2.3", false),
            ("app.config.yaml", false),
            ("org.postgresql.Driver", false),
            ("example.com", false),
            ("warn", false),
        ] {
            assert_eq!(is_host(text), expected, "{text}");
        }
    }

    #[test]
    fn regions_are_words() {
        for (text, expected) in [
            ("eu-central-1", true),
            ("us-gov-west-1", true),
            ("arn:aws:s3:eu-west-1a", true),
            ("europe-west1-b", true),
            ("us-central1", true),
            ("westeurope", true),
            ("us-1", false),
            ("me-first", false),
            ("web-east-1", false),
        ] {
            assert_eq!(holds_region(text), expected, "{text}");
        }
    }

    #[test]
    fn accounts_are_found() {
        for (text, expected) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/web", true),
            ("arn:aws:iam::1:role/x", true),
            ("0a1b2c3d-0000-1111-2222-0123456789ab", true),
            ("1234567890123", false),
            ("20240101", false),
        ] {
            assert_eq!(holds_account(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_split_into_words() {
        for name in ["DATABASE_HOST", "databaseHost", "database-host", "database.host"] {
            assert_eq!(words_of(name), ["database", "host"], "{name}");
        }
    }

    #[test]
    fn references_and_path_segments_are_versions() {
        for (old, new, expected) in [
            ("https://g.com/a//b?ref=v1", "https://g.com/a//b?ref=0a1b", true),
            ("https://g.com/a//b?ref=v1", "https://g.com/c//b?ref=v2", false),
            ("./components/gateway-api/v1.4.0", "./components/gateway-api/v1.5.1", true),
            ("./components/a/v1.4.0", "./components/b/v1.5.1", false),
            ("80", "81", false),
        ] {
            assert_eq!(differ_in_version_only(old, new), expected, "{old} {new}");
        }
    }
}
