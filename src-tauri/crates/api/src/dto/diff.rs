//! Differences.

use super::{ProblemInfo, wire, wire_struct};

wire_struct! {
    /// What identifies a resource.
    #[derive(Eq, Hash)]
    pub struct ResourceInfo {
        /// The API group; empty for the core group.
        pub group: String,
        /// The kind.
        pub kind: String,
        /// The namespace; empty where it names none.
        pub namespace: String,
        /// The name.
        pub name: String,
    }

    /// Compares two sides, instance by instance.
    pub struct DiffRequest {
        /// Whose.
        pub repository: String,
        /// The first side.
        pub from: DiffSide,
        /// The second side.
        pub to: DiffSide,
        /// Only these applications; all by default.
        pub applications: Option<Vec<String>>,
        /// An id of the client's choice, by which it is told of progress and can cancel.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub operation: Option<String>,
    }

    /// A rendered difference (`contracts.md` §7).
    pub struct DiffResult {
        /// The first side, for reading.
        pub from: String,
        /// The second side, for reading.
        pub to: String,
        /// Equal changes of several instances together.
        pub groups: Vec<GroupInfo>,
        /// The resources that differ.
        pub resources: Vec<ResourceChangeInfo>,
        /// Instances that could not be compared, and why.
        pub problems: Vec<ProblemInfo>,
    }

    /// The same change in several instances.
    pub struct GroupInfo {
        /// The field, with the kind before it.
        pub path: String,
        /// The change for reading.
        pub change: String,
        /// How often.
        pub count: u32,
        /// Where.
        pub instances: Vec<String>,
    }

    /// A resource that differs.
    pub struct ResourceChangeInfo {
        /// The instance (that of the second side).
        pub instance: String,
        /// The resource.
        pub resource: ResourceInfo,
        /// What happened.
        pub change: ChangeKind,
        /// Its id on the first side, where it was renamed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub renamed_from: Option<ResourceInfo>,
        /// The fields that differ.
        pub fields: Vec<FieldChangeInfo>,
    }

    /// A field that differs. Values of secrets are masked; long texts in values are cut.
    pub struct FieldChangeInfo {
        /// Which field: a JSON pointer with keyed list items.
        pub path: String,
        /// The value on the first side; `null` where it is not there.
        #[ts(type = "unknown")]
        pub old: serde_json::Value,
        /// The value on the second side; `null` where it is not there.
        #[ts(type = "unknown")]
        pub new: serde_json::Value,
        /// Whether it is secret.
        pub secret: bool,
    }

    /// Asks for the text of one resource on two sides, as hunks.
    pub struct TextDiffRequest {
        /// Whose.
        pub repository: String,
        /// The first side.
        pub from: DiffSide,
        /// The second side.
        pub to: DiffSide,
        /// The instance, as in the answer to the comparison.
        pub instance: String,
        /// The resource, as in the answer to the comparison.
        pub resource: ResourceInfo,
        /// Its id on the first side, where it was renamed.
        pub renamed_from: Option<ResourceInfo>,
        /// Unchanged lines that are kept around a change; all by default. Of very long texts some are always left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub context: Option<u32>,
    }

    /// Two texts as rows.
    pub struct TextDiffResult {
        /// The title of the first side.
        pub left: String,
        /// The title of the second side.
        pub right: String,
        /// The rows in order.
        pub rows: Vec<DiffRow>,
        /// How many hunks there are.
        pub hunks: u32,
        /// The fields that each hunk changes, as the comparison names them; an empty path is the whole resource. A hunk
        /// that changes none, such as another order of keys, has no path.
        pub hunk_fields: Vec<Vec<String>>,
    }

    /// A row of two texts side by side.
    pub struct DiffRow {
        /// What it is.
        pub kind: DiffRowKind,
        /// The line number on the first side, from 1.
        pub left_line: Option<u32>,
        /// The line number on the second side, from 1.
        pub right_line: Option<u32>,
        /// The text on the first side, in segments; marked ones differ.
        pub left: Vec<DiffSegment>,
        /// The text on the second side.
        pub right: Vec<DiffSegment>,
        /// The hunk it belongs to, from 0.
        pub hunk: Option<u32>,
        /// How many lines are folded, for a fold.
        pub folded: u32,
    }

    /// A part of a line.
    pub struct DiffSegment {
        /// The text.
        pub text: String,
        /// Whether it differs.
        pub marked: bool,
    }
}

wire! {
    /// A side of a comparison.
    #[serde(tag = "kind")]
    pub enum DiffSide {
        /// All instances of an environment.
        Environment {
            /// Its name.
            environment: String,
            /// At this revision; by default as it lies on disk.
            revision: Option<String>,
        },
        /// One instance.
        Instance {
            /// `APP@ENV`.
            instance: String,
            /// At this revision; by default as it lies on disk.
            revision: Option<String>,
        },
        /// The whole repository at a revision.
        Revision {
            /// Which.
            revision: String,
        },
        /// The whole repository as it lies on disk.
        WorkingDirectory,
    }

    /// What happened to a resource.
    #[derive(Copy, Eq)]
    pub enum ChangeKind {
        /// Only the second side has it.
        Added,
        /// Only the first side has it.
        Removed,
        /// It differs.
        Changed,
        /// It has a new name.
        Renamed,
    }

    /// The kinds of row.
    #[derive(Copy, Eq)]
    pub enum DiffRowKind {
        /// The same on both sides.
        Context,
        /// Only on the second side.
        Added,
        /// Only on the first side.
        Removed,
        /// On both, different.
        Changed,
        /// Unchanged lines that are left out.
        Fold,
    }
}
