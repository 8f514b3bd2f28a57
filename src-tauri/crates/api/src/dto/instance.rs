//! One instance in detail.

use super::{CommitInfo, FieldChangeInfo, ProblemInfo, ResourceInfo, StateInfo, wire_struct};

wire_struct! {
    /// Names an instance.
    pub struct InstanceRef {
        /// Whose.
        pub repository: String,
        /// `APP@ENV`.
        pub instance: String,
    }

    /// Everything the detail pane shows.
    pub struct InstanceDetail {
        /// `APP@ENV`.
        pub instance: String,
        /// The application.
        pub application: String,
        /// The environment.
        pub environment: String,
        /// Whether its environment asks before it is changed.
        pub protected: bool,
        /// Its version.
        pub version: String,
        /// How it stands to the previous environment.
        pub state: StateInfo,
        /// How its manifests come about.
        pub sources: Vec<SourceInfo>,
        /// The namespace it goes to.
        pub namespace: Option<String>,
        /// The cluster as its declaration names it.
        pub cluster: Option<String>,
        /// How far the render can be trusted: `exact`, `approximated` or `opaque`.
        pub fidelity: String,
        /// Why not further.
        pub fidelity_reasons: Vec<String>,
        /// By which convention or declaration it was found.
        pub reason: String,
        /// What it renders.
        pub resources: Vec<RenderedResource>,
        /// What is wrong with it.
        pub problems: Vec<ProblemInfo>,
        /// The same application in the environments, in promotion order.
        pub promotion_path: Vec<PromotionStop>,
        /// What differs from the previous environment; absent where there is none.
        pub previous: Option<PreviousDifference>,
        /// The last commits that changed its files.
        pub history: Vec<CommitInfo>,
        /// How many files the render read.
        pub files_read: u32,
        /// These files, sorted, at most 500. A directory that counts as a whole ends in a slash.
        pub files: Vec<String>,
    }

    /// How manifests come about.
    pub struct SourceInfo {
        /// The engine.
        pub engine: String,
        /// The path.
        pub path: String,
        /// The values files in order.
        pub values: Vec<String>,
    }

    /// A rendered resource.
    pub struct RenderedResource {
        /// Which.
        pub resource: ResourceInfo,
        /// Its `apiVersion`.
        pub api_version: String,
        /// The file it comes from.
        pub file: String,
        /// The line, from 1.
        pub line: Option<u32>,
        /// Its sync wave, where it has one.
        pub wave: Option<i32>,
        /// Its hook types.
        pub hooks: Vec<String>,
    }

    /// An application's place on its way to production.
    pub struct PromotionStop {
        /// The environment.
        pub environment: String,
        /// The version there; absent where the application is not there.
        pub version: Option<String>,
    }

    /// What differs from the previous environment.
    pub struct PreviousDifference {
        /// The previous environment.
        pub environment: String,
        /// The instance there.
        pub instance: String,
        /// Fields that differ, at most 50, with their resource.
        pub fields: Vec<ResourceFieldChange>,
        /// How many differ in all.
        pub total: u32,
        /// Resources that only one side has.
        pub added: Vec<ResourceInfo>,
        /// Resources that only the previous environment has.
        pub removed: Vec<ResourceInfo>,
    }

    /// A field that differs, with its resource.
    pub struct ResourceFieldChange {
        /// Which resource.
        pub resource: ResourceInfo,
        /// What differs.
        pub field: FieldChangeInfo,
    }

    /// Asks for the YAML of rendered resources, secrets masked.
    pub struct ManifestRequest {
        /// Whose.
        pub repository: String,
        /// `APP@ENV`.
        pub instance: String,
        /// One of them; all by default.
        pub resource: Option<ResourceInfo>,
    }

    /// Rendered YAML.
    pub struct ManifestText {
        /// The text.
        pub yaml: String,
        /// Whether secret values were replaced.
        pub masked: bool,
    }
}
