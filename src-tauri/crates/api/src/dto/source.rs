//! How an instance's manifests come about: charts, kustomizations, values, and how that stands to the real tools.

use super::{ProblemInfo, ResourceInfo, wire, wire_struct};

wire_struct! {
    /// What an instance is rendered from.
    pub struct InstanceSource {
        /// `APP@ENV`.
        pub instance: String,
        /// How far the render can be trusted: `exact`, `approximated` or `opaque`.
        pub fidelity: String,
        /// Why not further.
        pub fidelity_reasons: Vec<String>,
        /// The file that declares the instance, where one does.
        pub declared_in: Option<String>,
        /// The branch that its sources lie on, where that is another than the one that is shown.
        pub branch: Option<String>,
        /// The installed tool that renders it as well: `helm` or `kustomize`.
        pub tool: Option<String>,
        /// What its templates ask of a cluster; absent where they ask nothing.
        pub cluster: Option<ClusterUse>,
        /// Its sources in order.
        pub parts: Vec<SourcePart>,
    }

    /// What the templates of an instance ask of the cluster of its environment.
    pub struct ClusterUse {
        /// How many objects and lists they look up.
        pub lookups: u32,
        /// Whether they use `.Capabilities`, or the chart says which Kubernetes versions it takes.
        pub capabilities: bool,
        /// The cluster that answered; absent where none is connected.
        pub answered: Option<ClusterHeard>,
        /// Whether Argo CD renders it: without a cluster, so that it looks up nothing.
        pub by_argocd: bool,
    }

    /// A cluster, and when it said what is shown.
    pub struct ClusterHeard {
        /// The context of the kubeconfig.
        pub context: String,
        /// Its version.
        pub version: String,
        /// When it was asked, in milliseconds since 1970.
        pub asked_at: i64,
        /// Whether it answered when it was last tried.
        pub connected: bool,
    }

    /// One source.
    pub struct SourcePart {
        /// The engine.
        pub engine: String,
        /// The tool whose behaviour it has, with its version; absent for engines without one.
        pub version: Option<String>,
        /// The directory or file.
        pub path: String,
        /// What it consists of.
        pub content: SourceContent,
    }

    /// A place in a file.
    pub struct PlaceInfo {
        /// The file, or how its author named it.
        pub file: String,
        /// The line, from 1.
        pub line: Option<u32>,
        /// The column, from 1.
        pub column: Option<u32>,
        /// Whether it is a file of the repository on disk that can be opened.
        pub opens: bool,
    }

    /// A chart.
    pub struct ChartInfo {
        /// Its name.
        pub name: String,
        /// Its version.
        pub version: String,
        /// The version of what it installs; empty where it says none.
        pub app_version: String,
        /// Its `Chart.yaml`.
        pub place: PlaceInfo,
        /// The Kubernetes version that templates see.
        pub kube_version: String,
        /// Which Kubernetes versions it accepts; empty for all.
        pub accepts: String,
        /// What it needs.
        pub dependencies: Vec<DependencyInfo>,
        /// What gives it values, the weakest first.
        pub layers: Vec<LayerInfo>,
        /// Keys that more than one layer sets, sorted; at most 500.
        pub keys: Vec<ValueKey>,
        /// How many such keys there are.
        pub keys_total: u32,
    }

    /// A chart that a chart needs.
    pub struct DependencyInfo {
        /// The name it is used under.
        pub name: String,
        /// The versions that are asked for.
        pub wanted: String,
        /// The version that is there.
        pub version: Option<String>,
        /// Its repository as it is declared; empty where it lies in `charts/`.
        pub repository: String,
        /// Where it lies.
        pub place: Option<PlaceInfo>,
        /// The values that switch it on and off.
        pub condition: String,
        /// Whether it takes part; absent where that cannot be said.
        pub enabled: Option<bool>,
    }

    /// What gives values to a chart.
    pub struct LayerInfo {
        /// The file, or what it is.
        pub name: String,
        /// Which kind it is.
        pub kind: LayerKind,
        /// The file, where it is one.
        pub place: Option<PlaceInfo>,
        /// How many keys it sets.
        pub keys: u32,
        /// How many keys only this layer sets.
        pub only_here: u32,
        /// Why it cannot be read.
        pub problem: Option<String>,
    }

    /// A key that more than one layer sets.
    pub struct ValueKey {
        /// The key as templates name it, without `.Values.`.
        pub key: String,
        /// One entry for each layer, in their order; absent where it does not set the key.
        pub cells: Vec<Option<ValueCell>>,
        /// The layer that wins, by its position.
        pub winner: u32,
    }

    /// The value that a layer gives.
    pub struct ValueCell {
        /// The value in short; masked where its key says that it is secret.
        pub value: String,
        /// Whether it is masked.
        pub masked: bool,
        /// Where it is set.
        pub place: Option<PlaceInfo>,
    }

    /// A directory that takes part in a kustomization.
    pub struct KustomizationNode {
        /// The directory; of a fetched one its URL.
        pub directory: String,
        /// The kustomization file.
        pub place: PlaceInfo,
        /// The position of the node that uses it; absent for the first one.
        pub used_by: Option<u32>,
        /// `target`, `base`, `component` or `plugins`; `flux` for the Flux Kustomization that delivers the first one.
        pub role: String,
        /// Resources that it reads from files of its own.
        pub resources: u32,
        /// ConfigMaps, Secrets and the like that it generates.
        pub generated: u32,
        /// What it changes, in the order in which it acts.
        pub changes: Vec<KustomizationChange>,
    }

    /// A field of a kustomization that changes something.
    pub struct KustomizationChange {
        /// The field: `patches`, `images`.
        pub field: String,
        /// How many entries it has.
        pub count: u32,
    }

    /// Asks where a field comes from.
    pub struct FieldOriginRequest {
        /// Whose.
        pub repository: String,
        /// `APP@ENV`.
        pub instance: String,
        /// Which resource; with a line, the one whose YAML is shown, absent for all.
        pub resource: Option<ResourceInfo>,
        /// Which field.
        pub field: FieldAt,
    }

    /// Where a field comes from.
    pub struct FieldOriginInfo {
        /// The resource.
        pub resource: ResourceInfo,
        /// The field.
        pub path: String,
        /// The engine that renders it.
        pub engine: String,
        /// How its value comes about.
        pub kind: OriginKind,
        /// One sentence about it.
        pub summary: String,
        /// The places that take part, the deciding one first.
        pub places: Vec<OriginPlace>,
    }

    /// A place that takes part in a field.
    pub struct OriginPlace {
        /// What it is: `Value`, `Template`, `Step`, `Source`, `Entry`, `Base`, `Declaration`, `Manifest` or `File`.
        pub role: String,
        /// Where it is.
        pub place: PlaceInfo,
    }

    /// How our render stands to that of the installed tool.
    pub struct ParityInfo {
        /// `APP@ENV`.
        pub instance: String,
        /// `helm` or `kustomize`; absent where no tool renders the instance.
        pub tool: Option<String>,
        /// The tool and its version; absent where it is not installed.
        pub tool_version: Option<String>,
        /// How it went.
        pub status: ParityStatusInfo,
        /// Where the two differ first.
        pub first: Option<FirstDifferenceInfo>,
        /// The places that were looked at, where no tool was found.
        pub looked_at: Vec<String>,
        /// What the tool or Slipway says.
        pub problems: Vec<ProblemInfo>,
    }

    /// The first difference of two renders.
    pub struct FirstDifferenceInfo {
        /// The object.
        pub resource: Option<ResourceInfo>,
        /// A JSON Pointer into it.
        pub path: String,
        /// What Slipway renders, masked where it is secret; absent where it renders nothing.
        pub ours: Option<String>,
        /// What the tool renders.
        pub theirs: Option<String>,
        /// What is the matter, where it is not two values.
        pub message: Option<String>,
    }
}

wire! {
    /// What a source consists of.
    #[serde(tag = "kind")]
    pub enum SourceContent {
        /// A chart.
        Chart {
            /// It.
            chart: Box<ChartInfo>,
            /// What keeps it from being rendered.
            problem: Option<ProblemInfo>,
        },
        /// A kustomization.
        Kustomization {
            /// The directories that take part, the one that is built first; at most 200.
            nodes: Vec<KustomizationNode>,
            /// How many there are.
            total: u32,
        },
        /// Files without such a structure.
        Files,
        /// It cannot be looked into.
        Failed {
            /// Why.
            problem: ProblemInfo,
        },
    }

    /// Which kind a layer of values is.
    pub enum LayerKind {
        /// Defaults of the charts in the chart.
        Dependencies,
        /// The chart's own `values.yaml`.
        Defaults,
        /// A values file.
        File,
        /// Values in the declaration of the instance.
        Inline,
        /// Assignments such as `--set`.
        Parameters,
    }

    /// Names a field.
    #[serde(tag = "kind")]
    pub enum FieldAt {
        /// By its path.
        Path {
            /// `/spec/replicas`.
            path: String,
        },
        /// By a line of the YAML that `manifest` gives for the same resource.
        Line {
            /// From 1.
            line: u32,
        },
    }

    /// How the value of a field comes about.
    pub enum OriginKind {
        /// It is a value as it is.
        Value,
        /// It is written in a template.
        Template,
        /// It is computed of several things.
        Computed,
        /// A step of a kustomization set it.
        Step,
        /// It is as the file has it.
        Written,
        /// Only the file it comes from is known.
        File,
    }

    /// How two renders stand to each other.
    pub enum ParityStatusInfo {
        /// The same.
        Equal,
        /// Something differs.
        Different,
        /// One of the two fails and the other does not.
        Failed,
        /// There is no tool to compare with.
        NotInstalled,
        /// No tool renders such a source, or what is rendered here only stands for what is not known.
        NotComparable,
    }
}
