//! The fleet: applications × environments.

use super::{ProblemInfo, wire, wire_struct};

wire_struct! {
    /// Asks for the fleet of a repository. The answer comes at once with what is known; instances that are
    /// not rendered yet are `pending`, and events say when that changes.
    pub struct FleetRequest {
        /// Whose.
        pub repository: String,
    }

    /// Everything that the first screen shows.
    pub struct Fleet {
        /// Whose.
        pub repository: String,
        /// Counts up with every change; a client that sees a higher one in an event asks again.
        pub generation: u32,
        /// How the repository is laid out.
        pub layout: LayoutInfo,
        /// In promotion order.
        pub environments: Vec<EnvironmentInfo>,
        /// Sorted by directory, then by name.
        pub applications: Vec<ApplicationRow>,
        /// What was looked at and not understood.
        pub skipped: Vec<SkippedInfo>,
        /// What is wrong with declarations.
        pub problems: Vec<ProblemInfo>,
        /// How far rendering is.
        pub progress: FleetProgress,
    }

    /// How the repository is laid out.
    pub struct LayoutInfo {
        /// A word of the field, such as `app-env-dirs`.
        pub family: String,
        /// From 0 to 1.
        pub confidence: f64,
        /// Why, in a sentence.
        pub reason: String,
    }

    /// How far rendering is.
    pub struct FleetProgress {
        /// All instances.
        pub total: u32,
        /// Those that are rendered, failed ones included.
        pub rendered: u32,
        /// Those that failed.
        pub failed: u32,
    }

    /// An environment.
    pub struct EnvironmentInfo {
        /// Its name.
        pub name: String,
        /// Whether it asks before it is changed.
        pub protected: bool,
        /// The kubeconfig context that the user gave it.
        pub context: Option<String>,
        /// How many instances it has.
        pub instances: u32,
    }

    /// An application.
    pub struct ApplicationRow {
        /// Its name.
        pub name: String,
        /// The directory that holds it, for the tree: `apps/payments`; empty at the root.
        pub directory: String,
        /// Its instances in promotion order.
        pub instances: Vec<InstanceRow>,
    }

    /// An instance.
    pub struct InstanceRow {
        /// `APP@ENV`.
        pub instance: String,
        /// The environment.
        pub environment: String,
        /// The path of its first source.
        pub path: String,
        /// The engine of its first source.
        pub engine: String,
        /// How its render went.
        pub status: RenderStatus,
        /// Its version; `—` where it has none; empty while it is pending.
        pub version: String,
        /// How it stands to the previous environment.
        pub state: StateInfo,
        /// How many resources it renders.
        pub resources: u32,
        /// How many errors and warnings it has.
        pub errors: u32,
        /// Warnings.
        pub warnings: u32,
        /// The first error, in one line.
        pub message: Option<String>,
        /// The namespace it goes to.
        pub namespace: Option<String>,
        /// The newest commit that changed a file which it reads, in short; absent while that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub revision: Option<String>,
        /// When that was, in seconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub changed_at: Option<i64>,
    }

    /// Something that was looked at and not understood.
    pub struct SkippedInfo {
        /// The directory or file.
        pub path: String,
        /// Why it is no application.
        pub reason: String,
    }
}

wire! {
    /// How a render went.
    #[derive(Copy, Eq)]
    pub enum RenderStatus {
        /// Not rendered yet.
        Pending,
        /// Rendered.
        Ok,
        /// Failed; its problems say why.
        Failed,
        /// Only the cluster can render it.
        Opaque,
    }

    /// How an instance stands to the previous environment (`contracts.md` §4).
    #[serde(tag = "kind")]
    pub enum StateInfo {
        /// Not known yet.
        Pending,
        /// The first environment has no previous one.
        First,
        /// No difference of class A or D.
        Equal,
        /// Its version is so many changes older than that of the previous environment.
        Behind {
            /// How many.
            count: u32,
            /// Compared by semantic version, for want of history.
            by_number: bool,
        },
        /// Its version is newer.
        Ahead {
            /// How many.
            count: u32,
            /// Compared by semantic version, for want of history.
            by_number: bool,
        },
        /// It differs in another way.
        Drifted {
            /// How many fields of class A or D differ.
            count: u32,
            /// Whether every one of them is meant (`drift` of `.slipway.yaml`).
            intended: bool,
        },
        /// The application is not in the previous environment.
        NotThere,
        /// One of the two failed to render.
        Failed,
    }
}
