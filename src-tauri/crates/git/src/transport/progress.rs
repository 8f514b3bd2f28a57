//! What a transfer reports, and how Git writes it.

use serde::{Deserialize, Serialize};

/// What a transfer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The server or this side counts what to send.
    Counting,
    /// The server or this side compresses.
    Compressing,
    /// Objects arrive.
    Receiving,
    /// Objects that were received are put together.
    Resolving,
    /// Objects are sent.
    Sending,
    /// Files are written.
    Checkout,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Counting => "counting objects",
            Self::Compressing => "compressing objects",
            Self::Receiving => "receiving objects",
            Self::Resolving => "resolving deltas",
            Self::Sending => "sending objects",
            Self::Checkout => "writing files",
        })
    }
}

/// A fact about a transfer. Counts are of objects, or of files in a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// How many are done.
    pub done: u64,
    /// How many there are; `None` while it is not known.
    pub total: Option<u64>,
}

/// Reads a line of `--progress`: `Receiving objects:  45% (450/1000), 1.2 MiB | 3 MiB/s`.
pub(crate) fn parse(line: &str) -> Option<Progress> {
    let line = line.strip_prefix("remote: ").unwrap_or(line);
    let (title, rest) = line.split_once(':')?;
    let phase = match title {
        "Enumerating objects" | "Counting objects" => Phase::Counting,
        "Compressing objects" => Phase::Compressing,
        "Receiving objects" | "Unpacking objects" => Phase::Receiving,
        "Resolving deltas" => Phase::Resolving,
        "Writing objects" => Phase::Sending,
        "Updating files" | "Checking out files" => Phase::Checkout,
        _ => return None,
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let counts = rest.split_once('(').and_then(|(_, inside)| inside.split_once(')'));
    if let Some((done, total)) = counts.and_then(|(inside, _)| inside.split_once('/')) {
        return Some(Progress { phase, done: number(done)?, total: number(total) });
    }
    let done = rest.split(',').next().and_then(number)?;
    Some(Progress { phase, done, total: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_git_become_facts() {
        let table = [
            (
                "Receiving objects:  45% (450/1000), 1.2 MiB | 3 MiB/s",
                Some((Phase::Receiving, 450, Some(1000))),
            ),
            ("remote: Counting objects: 100% (3/3), done.", Some((Phase::Counting, 3, Some(3)))),
            ("remote: Enumerating objects: 12, done.", Some((Phase::Counting, 12, None))),
            ("Resolving deltas:   0% (0/7)", Some((Phase::Resolving, 0, Some(7)))),
            ("fatal: repository 'x' not found", None),
            ("remote: Receiving objects: x (y/z)", None),
        ];
        for (line, expected) in table {
            let found = parse(line).map(|each| (each.phase, each.done, each.total));
            assert_eq!(found, expected, "{line}");
        }
    }
}
