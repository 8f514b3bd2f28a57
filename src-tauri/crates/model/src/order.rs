//! What orders instances among each other, as their declarations say it.
//!
//! An instance stands in groups, by a rank in each: all of a lower rank come first (the waves of a parent
//! Application, the steps of an ApplicationSet). Besides, it can name what it comes after (`dependsOn`), by a key
//! that other instances provide. Nothing here knows which instances are synced together; that is the crate `sync`.

use serde::{Deserialize, Serialize};

use crate::problem::Location;

/// Where an instance stands among others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its rank in each group, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranks: Vec<Rank>,
    /// The keys for which others can wait and that it is a part of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provides: Vec<Provided>,
    /// What it comes after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<After>,
}

impl Order {
    /// Whether nothing orders it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A rank in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// The group, by a name that no other group of the catalog has.
    pub group: String,
    /// Lower ones come first.
    pub rank: i64,
    /// What orders, for reading: "the sync waves of the Application `root`".
    pub by: String,
    /// Whether what has a higher rank waits for it.
    pub awaited: Awaited,
    /// How many of its rank may go on at once; `None` for any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// Where its rank is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A key that an instance is a part of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provided {
    /// The key.
    pub key: String,
    /// Whether who waits for the key waits for this instance.
    pub awaited: Awaited,
}

/// Something that an instance comes after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// The key.
    pub key: String,
    /// What orders, for reading: "`dependsOn` of the Kustomization `apps`".
    pub by: String,
    /// Where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// Whether something enforces that others wait for an instance, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// Until it is healthy.
    Healthy,
    /// Until it is applied; its health does not matter.
    Applied,
    /// Nothing waits for it. Why, as a clause: "nothing checks the health of an Application".
    No(String),
}
