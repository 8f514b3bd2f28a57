//! What templates see of a cluster: `.Capabilities`, and the answers of `lookup`.
//!
//! A snapshot is an input of a render as values are. Nothing is asked of a cluster here: a render answers from what the
//! snapshot holds and says what it asked ([`ClusterReads`]). So whoever renders can get what was missing and render again,
//! and knows which renders a newer snapshot makes stale.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::ContentId;

/// An object, or a list of objects, that a template looks up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LookupQuestion {
    /// `apiVersion` as the template gives it, such as `apps/v1`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; empty for all of them, and for kinds that have none.
    pub namespace: String,
    /// The name; empty for the list of all.
    pub name: String,
}

impl fmt::Display for LookupQuestion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api_version, kind, namespace, name } = self;
        let name = if name.is_empty() { "*" } else { name };
        let namespace = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
        write!(formatter, "{api_version} {kind} {namespace}{name}")
    }
}

/// What a cluster answered to a look-up. Its content is never shown by `Debug`: it may be a Secret's.
#[derive(Clone, PartialEq)]
pub enum LookupAnswer {
    /// The object; for a list an object with `items`.
    Found(Arc<Value>),
    /// It is not there.
    Nothing,
    /// The cluster did not say; Helm fails with this then.
    Failed(String),
}

impl LookupAnswer {
    /// Names what a template gets to see; `None` for the empty map.
    fn id(&self) -> Option<ContentId> {
        match self {
            // Keys in another order make another id, which costs a render and no more.
            Self::Found(object) => Some(ContentId::of_bytes(object.to_string().as_bytes())),
            Self::Nothing => None,
            Self::Failed(why) => Some(ContentId::of_bytes(format!("failed: {why}").as_bytes())),
        }
    }
}

impl fmt::Debug for LookupAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Found(_) => "Found(…)",
            Self::Nothing => "Nothing",
            Self::Failed(_) => "Failed(…)",
        })
    }
}

/// What a cluster says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterCapabilities {
    /// Its version, such as `v1.31.2`.
    pub version: String,
    /// The first number of it, as the cluster writes it.
    pub major: String,
    /// The second, as the cluster writes it: some write `31+`.
    pub minor: String,
    /// What it serves, sorted: `GROUP/VERSION` and `GROUP/VERSION/KIND`, as Helm lists them (`GetVersionSet` of
    /// `pkg/action`).
    pub api_versions: Vec<String>,
}

/// What the cluster of an environment said when it was last asked. Two that answer every question alike are equal.
#[derive(Clone, Debug)]
pub struct ClusterSnapshot {
    capabilities: Arc<ClusterCapabilities>,
    id: ContentId,
    answers: BTreeMap<LookupQuestion, (LookupAnswer, Option<ContentId>)>,
}

impl PartialEq for ClusterSnapshot {
    fn eq(&self, other: &Self) -> bool {
        let ids = |one: &(LookupAnswer, Option<ContentId>)| one.1.clone();
        self.id == other.id
            && self.answers.keys().eq(other.answers.keys())
            && self.answers.values().map(ids).eq(other.answers.values().map(ids))
    }
}

impl Eq for ClusterSnapshot {}

impl ClusterSnapshot {
    /// A cluster of which no object was looked up yet.
    #[must_use]
    pub fn new(capabilities: ClusterCapabilities) -> Self {
        let ClusterCapabilities { version, major, minor, api_versions } = &capabilities;
        let text = format!("{version}\n{major}\n{minor}\n{}", api_versions.join("\n"));
        let id = ContentId::of_bytes(text.as_bytes());
        Self { capabilities: Arc::new(capabilities), id, answers: BTreeMap::new() }
    }

    /// What it says of itself.
    #[must_use]
    pub fn capabilities(&self) -> &ClusterCapabilities {
        &self.capabilities
    }

    /// What it answered, where it was asked.
    #[must_use]
    pub fn answer(&self, question: &LookupQuestion) -> Option<&LookupAnswer> {
        self.answers.get(question).map(|(answer, _)| answer)
    }

    /// What it was asked, in order.
    pub fn questions(&self) -> impl Iterator<Item = &LookupQuestion> {
        self.answers.keys()
    }

    /// The same with further answers; they replace earlier ones.
    #[must_use]
    pub fn with_answers(&self, answers: impl IntoIterator<Item = (LookupQuestion, LookupAnswer)>) -> Self {
        let mut more = self.clone();
        more.answers.extend(answers.into_iter().map(|(question, answer)| {
            let id = answer.id();
            (question, (answer, id))
        }));
        more
    }

    /// The same without any object: for comparing two environments, whose clusters hold different ones.
    #[must_use]
    pub fn without_objects(&self) -> Self {
        Self { capabilities: Arc::clone(&self.capabilities), id: self.id.clone(), answers: BTreeMap::new() }
    }

    fn id_of(&self, question: &LookupQuestion) -> Option<&ContentId> {
        self.answers.get(question).and_then(|(_, id)| id.as_ref())
    }
}

/// What a render asked of the cluster, and what it got: it is valid for as long as it would get the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterReads {
    /// Whose `.Capabilities` were used; absent where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capabilities: Option<CapabilitiesRead>,
    /// Sorted by question, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lookups: Vec<LookupRead>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CapabilitiesRead {
    /// Absent where there was no cluster.
    cluster: Option<ContentId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LookupRead {
    question: LookupQuestion,
    /// Absent where the template got an empty map.
    answer: Option<ContentId>,
}

impl ClusterReads {
    /// Whether nothing was asked: the render is the same for all clusters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.capabilities.is_none() && self.lookups.is_empty()
    }

    /// Whether `.Capabilities` was used, or a chart says which Kubernetes versions it takes.
    #[must_use]
    pub fn has_capabilities(&self) -> bool {
        self.capabilities.is_some()
    }

    /// What was looked up, in order.
    pub fn lookups(&self) -> impl ExactSizeIterator<Item = &LookupQuestion> {
        self.lookups.iter().map(|read| &read.question)
    }

    /// Whether a look-up gave more than an empty map: the render may hold what only the cluster shall hold.
    #[must_use]
    pub fn has_content(&self) -> bool {
        self.lookups.iter().any(|read| read.answer.is_some())
    }

    /// Whether another cluster, or a later look at the same one, would give the same.
    #[must_use]
    pub fn hold_on(&self, cluster: Option<&ClusterSnapshot>) -> bool {
        self.capabilities.as_ref().is_none_or(|read| read.cluster.as_ref() == cluster.map(|known| &known.id))
            && self
                .lookups
                .iter()
                .all(|read| read.answer.as_ref() == cluster.and_then(|known| known.id_of(&read.question)))
    }

    /// What a snapshot does not hold of what was looked up.
    #[must_use]
    pub fn missing_in(&self, cluster: &ClusterSnapshot) -> Vec<LookupQuestion> {
        self.lookups().filter(|question| cluster.answer(question).is_none()).cloned().collect()
    }

    /// Adds what another render asked.
    pub fn extend(&mut self, other: Self) {
        if other.capabilities.is_some() {
            self.capabilities = other.capabilities;
        }
        for read in other.lookups {
            self.add(read);
        }
    }

    pub(crate) fn note_capabilities(&mut self, cluster: Option<&ClusterSnapshot>) {
        self.capabilities = Some(CapabilitiesRead { cluster: cluster.map(|known| known.id.clone()) });
    }

    pub(crate) fn note_lookup(&mut self, question: LookupQuestion, cluster: Option<&ClusterSnapshot>) {
        let answer = cluster.and_then(|known| known.id_of(&question)).cloned();
        self.add(LookupRead { question, answer });
    }

    fn add(&mut self, read: LookupRead) {
        match self.lookups.binary_search_by(|known| known.question.cmp(&read.question)) {
            Ok(_) => {}
            Err(place) => self.lookups.insert(place, read),
        }
    }
}
