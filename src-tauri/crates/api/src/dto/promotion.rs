//! Promotion.

use super::{DiffResult, ProblemInfo, ResourceInfo, StateInfo, wire, wire_struct};

wire_struct! {
    /// Applications × environments.
    pub struct Matrix {
        /// Whose.
        pub repository: String,
        /// As [`super::Fleet`].
        pub generation: u32,
        /// The columns in promotion order.
        pub environments: Vec<MatrixEnvironment>,
        /// The rows, sorted by application.
        pub rows: Vec<MatrixRow>,
    }

    /// A column.
    pub struct MatrixEnvironment {
        /// Its name.
        pub name: String,
        /// Whether it asks before it is changed.
        pub protected: bool,
    }

    /// A row.
    pub struct MatrixRow {
        /// The application.
        pub application: String,
        /// A cell for each environment; `null` where the application is not there.
        pub cells: Vec<Option<MatrixCell>>,
    }

    /// A cell.
    pub struct MatrixCell {
        /// `APP@ENV`.
        pub instance: String,
        /// Its version.
        pub version: String,
        /// How it stands to the previous environment that has the application.
        pub state: StateInfo,
        /// Fields that differ from there, by class.
        pub classes: ClassCounts,
    }

    /// How many fields differ, by class.
    pub struct ClassCounts {
        /// Versions.
        pub a: u32,
        /// Kubernetes settings.
        pub b: u32,
        /// Static business settings.
        pub c: u32,
        /// Other business settings.
        pub d: u32,
    }

    /// Plans a promotion on the tip of the target branch. Nothing is written.
    pub struct PromotionRequest {
        /// Whose.
        pub repository: String,
        /// Where from.
        pub from: String,
        /// Where to.
        pub to: Vec<String>,
        /// Which applications; all that differ by default.
        pub applications: Option<Vec<String>>,
        /// Ticks that differ from the default: keys of items that the user ticked.
        pub include: Vec<String>,
        /// Keys of items that the user unticked.
        pub exclude: Vec<String>,
        /// An id of the client's choice, by which it is told of progress and can cancel.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub operation: Option<String>,
    }

    /// A promotion as a value.
    pub struct PromotionPlanInfo {
        /// Where from.
        pub from: String,
        /// Where to.
        pub to: Vec<String>,
        /// The commit it was planned on.
        pub base: String,
        /// The branch it was planned on.
        pub base_branch: Option<String>,
        /// What differs, ticked or not.
        pub items: Vec<PromotionItemInfo>,
        /// The changes to files that carry the ticked items.
        pub edits: Vec<EditInfo>,
        /// What renders differently afterwards, of all instances.
        pub preview: DiffResult,
        /// Instances that change and were not chosen.
        pub also_changed: Vec<String>,
        /// What is in the way.
        pub problems: Vec<ProblemInfo>,
        /// A branch name to propose.
        pub branch: String,
        /// A commit message to propose.
        pub message: String,
    }

    /// One difference.
    pub struct PromotionItemInfo {
        /// Names it in further requests: instance, resource and path.
        pub key: String,
        /// The target instance.
        pub instance: String,
        /// The resource.
        pub resource: ResourceInfo,
        /// The field; empty for a whole resource.
        pub path: String,
        /// The value in the target now.
        #[ts(type = "unknown")]
        pub old: serde_json::Value,
        /// The value in the source.
        #[ts(type = "unknown")]
        pub new: serde_json::Value,
        /// Whether the values are secret, and masked.
        pub secret: bool,
        /// Its class.
        pub class: SettingClassInfo,
        /// Why it has that class, in a sentence.
        pub reason: String,
        /// Whether it goes along.
        pub chosen: bool,
        /// Indices into the plan's edits.
        pub edits: Vec<u32>,
        /// Why it cannot go along, where that is so.
        pub problem: Option<String>,
    }

    /// A change to a file, for reading.
    pub struct EditInfo {
        /// The file.
        pub file: String,
        /// `set`, `insert`, `remove`, `write`, `copy` or `delete`.
        pub operation: String,
        /// Where in the file.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub path: Option<String>,
        /// What is there now.
        #[serde(skip_serializing_if = "serde_json::Value::is_null", default)]
        #[ts(type = "unknown")]
        pub old: serde_json::Value,
        /// What shall be there.
        #[serde(skip_serializing_if = "serde_json::Value::is_null", default)]
        #[ts(type = "unknown")]
        pub new: serde_json::Value,
    }

    /// Writes a promotion. It is planned again on the tip; where the base moved it fails with the code
    /// `base-moved` and nothing is written.
    pub struct PromotionCommit {
        /// What to promote.
        pub request: PromotionRequest,
        /// The commit the user saw it planned on.
        pub base: String,
        /// Where it goes.
        pub target: CommitTarget,
        /// The commit message.
        pub message: String,
    }

    /// What was written.
    pub struct Written {
        /// The commit.
        pub commit: Option<String>,
        /// The branch it is on.
        pub branch: Option<String>,
        /// The patch file.
        pub patch: Option<String>,
        /// Instances that changed.
        pub instances: Vec<String>,
    }

    /// Takes back the last commit, while it is unpushed and still the tip.
    pub struct CommitUndo {
        /// Whose.
        pub repository: String,
        /// The commit.
        pub commit: String,
    }
}

wire! {
    /// The class of a difference (`contracts.md` §4).
    #[derive(Copy, Eq)]
    pub enum SettingClassInfo {
        /// A version.
        A,
        /// A Kubernetes setting.
        B,
        /// A static business setting, which never moves by itself.
        C,
        /// Another business setting.
        D,
    }

    /// Where a promotion goes.
    #[serde(tag = "kind")]
    pub enum CommitTarget {
        /// The branch that is checked out; index and files follow.
        CurrentBranch,
        /// A new branch.
        Branch {
            /// Its name.
            name: String,
        },
        /// A patch file.
        Patch {
            /// Its path.
            file: String,
        },
    }
}
