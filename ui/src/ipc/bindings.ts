// Generated from the table of commands in src-tauri/crates/api by `cargo xtask regenerate`.

/**
 * An error that crosses the façade.
 */
export type ApiError = { 
/**
 * A client acts on it; see `Code`.
 */
code: string, 
/**
 * What happened and why.
 */
message: string, 
/**
 * What can be done.
 */
hints: Array<string>, 
/**
 * Where, `FILE:LINE:COLUMN`.
 */
location: string | null, };

/**
 * A fact that is pushed to every client, at most one batch each 50 ms.
 */
export type ApiEvent = { "event": "fleetChanged", 
/**
 * Whose.
 */
repository: string, 
/**
 * The newest generation.
 */
generation: number, 
/**
 * How far rendering is.
 */
progress: FleetProgress, } | { "event": "repositoryChanged", 
/**
 * Whose.
 */
repository: string, } | { "event": "runChanged", 
/**
 * The run as it stands. With `since` it holds only the lanes, columns, tasks and events that changed.
 */
run: RunInfo, 
/**
 * The number of the state that these changes follow on; without it the run is whole, which it is every
 * two seconds and at the end.
 */
since: number | null, 
/**
 * The number of this state.
 */
version: number, } | { "event": "draftsChanged", 
/**
 * Whose.
 */
repository: string, } | { "event": "logGrew", 
/**
 * Which.
 */
stream: string, 
/**
 * The number of its newest line.
 */
newest: number, } | { "event": "operationProgress", 
/**
 * The id the client chose.
 */
operation: string, 
/**
 * What is being done; of the network in Git's words.
 */
step: string, 
/**
 * How much is done.
 */
done: number, 
/**
 * Of how much; 0 where that is not known.
 */
total: number, };

/**
 * What is running.
 */
export type AppInfo = { 
/**
 * The version of Slipway.
 */
version: string, 
/**
 * `linux`, `macos` or `windows`.
 */
platform: string, 
/**
 * `window` or `browser`.
 */
shell: string, 
/**
 * The folder that holds the logs.
 */
logFolder: string, 
/**
 * The settings file.
 */
settingsFile: string, 
/**
 * The report of a program that ended badly, until it was looked at.
 */
crash: CrashInfo | null, 
/**
 * The path of the repository to open first: the one of the command line, else none.
 */
initialRepository: string | null, 
/**
 * The program's own licence; `licences` lists those of what is built in.
 */
licence: string, };

/**
 * An application.
 */
export type ApplicationRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * The directory that holds it, for the tree: `apps/payments`; empty at the root.
 */
directory: string, 
/**
 * Its instances in promotion order.
 */
instances: Array<InstanceRow>, };

/**
 * A branch.
 */
export type BranchInfo = { 
/**
 * `main`, or `origin/main` for a remote-tracking branch.
 */
name: string, 
/**
 * Its newest commit.
 */
commit: CommitInfo, 
/**
 * Whether it is checked out here.
 */
current: boolean, 
/**
 * The remote-tracking branch that a local branch follows.
 */
upstream: string | null, 
/**
 * Commits that are here and not there; 0 without an upstream.
 */
ahead: number, 
/**
 * Commits that are there and not here, as of the last fetch.
 */
behind: number, 
/**
 * The remote of a remote-tracking branch.
 */
remote: string | null, 
/**
 * The name that a local branch made from a remote-tracking one has.
 */
short: string, 
/**
 * The local branch that follows a remote-tracking one, where there is one.
 */
local: string | null, };

/**
 * The branches of a repository.
 */
export type BranchList = { 
/**
 * Local ones, sorted.
 */
local: Array<BranchInfo>, 
/**
 * Remote-tracking ones, sorted.
 */
remote: Array<BranchInfo>, };

/**
 * Checks something else out. Uncommitted changes are never lost: where they would be, it fails with the
 * code `would-be-lost` and the names of the files.
 */
export type BranchSwitch = { 
/**
 * Whose.
 */
repository: string, 
/**
 * What.
 */
to: SwitchTarget, };

/**
 * What happened to a resource.
 */
export type ChangeKind = "added" | "removed" | "changed" | "renamed";

/**
 * A chart.
 */
export type ChartInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * The version of what it installs; empty where it says none.
 */
appVersion: string, 
/**
 * Its `Chart.yaml`.
 */
place: PlaceInfo, 
/**
 * The Kubernetes version that templates see.
 */
kubeVersion: string, 
/**
 * Which Kubernetes versions it accepts; empty for all.
 */
accepts: string, 
/**
 * What it needs.
 */
dependencies: Array<DependencyInfo>, 
/**
 * What gives it values, the weakest first.
 */
layers: Array<LayerInfo>, 
/**
 * Keys that more than one layer sets, sorted; at most 500.
 */
keys: Array<ValueKey>, 
/**
 * How many such keys there are.
 */
keysTotal: number, };

/**
 * How many fields differ, by class.
 */
export type ClassCounts = { 
/**
 * Versions.
 */
a: number, 
/**
 * Kubernetes settings.
 */
b: number, 
/**
 * Static business settings.
 */
c: number, 
/**
 * Other business settings.
 */
d: number, };

/**
 * Whether a cluster answers.
 */
export type ClusterAnswer = { 
/**
 * The context.
 */
context: string, 
/**
 * How it stands.
 */
state: ClusterState, 
/**
 * Its version, where it answered.
 */
version: string | null, 
/**
 * How long the answer took, in milliseconds.
 */
milliseconds: number | null, 
/**
 * Why it did not answer.
 */
message: string | null, 
/**
 * What can be done.
 */
hints: Array<string>, 
/**
 * When it was asked, in milliseconds since 1970.
 */
askedAt: number, };

/**
 * Asks a cluster whether it answers. It is given five seconds.
 */
export type ClusterCheck = { 
/**
 * The context of the kubeconfig.
 */
context: string, };

/**
 * An event of a cluster.
 */
export type ClusterEventInfo = { 
/**
 * When it happened last, as the cluster writes it.
 */
time: string, 
/**
 * Whether it is a warning.
 */
warning: boolean, 
/**
 * A word: `FailedScheduling`.
 */
reason: string, 
/**
 * A sentence.
 */
message: string, 
/**
 * How often it happened.
 */
count: number, 
/**
 * The object it is about.
 */
resource: ResourceInfo, 
/**
 * The resource of the run that owns the object, or is it.
 */
owner: ResourceInfo, 
/**
 * `APP@ENV`.
 */
instance: string, };

/**
 * What the clusters of a run tell about its resources.
 */
export type ClusterEvents = { 
/**
 * The last first; at most 500.
 */
events: Array<ClusterEventInfo>, 
/**
 * Clusters that could not be asked.
 */
problems: Array<ProblemInfo>, };

/**
 * A cluster, and when it said what is shown.
 */
export type ClusterHeard = { 
/**
 * The context of the kubeconfig.
 */
context: string, 
/**
 * Its version.
 */
version: string, 
/**
 * When it was asked, in milliseconds since 1970.
 */
askedAt: number, 
/**
 * Whether it answered when it was last tried.
 */
connected: boolean, };

/**
 * How a cluster stands.
 */
export type ClusterState = "connected" | "signInNeeded" | "timedOut" | "unreachable" | "misconfigured";

/**
 * What the templates of an instance ask of the cluster of its environment.
 */
export type ClusterUse = { 
/**
 * How many objects and lists they look up.
 */
lookups: number, 
/**
 * Whether they use `.Capabilities`, or the chart says which Kubernetes versions it takes.
 */
capabilities: boolean, 
/**
 * The cluster that answered; absent where none is connected.
 */
answered: ClusterHeard | null, 
/**
 * Whether Argo CD renders it: without a cluster, so that it looks up nothing.
 */
byArgocd: boolean, };

/**
 * A commit.
 */
export type CommitInfo = { 
/**
 * The full id.
 */
id: string, 
/**
 * The first line of the message.
 */
subject: string, 
/**
 * The author's name.
 */
author: string, 
/**
 * When, in seconds since 1970.
 */
time: number, };

/**
 * Where a promotion goes.
 */
export type CommitTarget = { "kind": "currentBranch" } | { "kind": "branch", 
/**
 * Its name.
 */
name: string, } | { "kind": "patch", 
/**
 * Its path.
 */
file: string, };

/**
 * Takes back the last commit, while it is unpushed and still the tip.
 */
export type CommitUndo = { 
/**
 * Whose.
 */
repository: string, 
/**
 * The commit.
 */
commit: string, };

/**
 * What something that is built in is.
 */
export type ComponentKind = "crate" | "package";

/**
 * A container.
 */
export type ContainerInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it runs before the others.
 */
init: boolean, 
/**
 * How often it was started again.
 */
restarts: number, 
/**
 * What it does now, in a word or two.
 */
state: string, };

/**
 * A context of a kubeconfig.
 */
export type ContextInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * The cluster's address.
 */
server: string, 
/**
 * The default namespace.
 */
namespace: string | null, 
/**
 * Whether it is the current one.
 */
current: boolean, 
/**
 * The program that gets its credentials, which may ask the user to log in.
 */
program: string | null, };

/**
 * A context that fits an environment by name.
 */
export type ContextProposal = { 
/**
 * The environment.
 */
environment: string, 
/**
 * The context.
 */
context: string, 
/**
 * Why, in a sentence.
 */
reason: string, };

/**
 * Contexts that fit environments by name. A proposal is never used before the user takes it.
 */
export type ContextProposals = { 
/**
 * One for each environment without a context, where there is one.
 */
proposals: Array<ContextProposal>, };

/**
 * Contexts of a kubeconfig.
 */
export type Contexts = { 
/**
 * The file or files that were read.
 */
files: Array<string>, 
/**
 * The contexts.
 */
contexts: Array<ContextInfo>, 
/**
 * What is wrong with them.
 */
problems: Array<ProblemInfo>, };

/**
 * What is left of a program that ended badly.
 */
export type CrashInfo = { 
/**
 * The file.
 */
file: string, 
/**
 * What it says.
 */
text: string, 
/**
 * Whether the program ended by it, and this start is the first since; else it went on.
 */
ended: boolean, 
/**
 * The path of the last repository, which is not opened by itself after such an end.
 */
lastRepository: string | null, };

/**
 * Opens the encrypted file, or turns it off. Turning it off leaves the file where it is.
 */
export type CredentialFile = { 
/**
 * The passphrase; none turns the file off.
 */
passphrase: string | null, };

/**
 * How a place for credentials stands.
 */
export type CredentialPlace = { 
/**
 * How.
 */
state: CredentialState, 
/**
 * Why it cannot be used and what to do, where that is so.
 */
message: string | null, };

/**
 * Forgets the credentials of a server.
 */
export type CredentialRemove = { 
/**
 * Scheme, host and port.
 */
origin: string, };

/**
 * Keeps a credential, in place of a former one of the same user.
 */
export type CredentialSave = { 
/**
 * An `http` or `https` address of the server.
 */
url: string, 
/**
 * The user.
 */
username: string, 
/**
 * The password or token. It is kept and never told again.
 */
password: string, };

/**
 * A server that has credentials.
 */
export type CredentialServer = { 
/**
 * Scheme, host and port.
 */
origin: string, 
/**
 * `keyring` or `file`.
 */
place: string, };

/**
 * How a place for credentials stands.
 */
export type CredentialState = "ready" | "off" | "locked" | "missing" | "timedOut" | "failed";

/**
 * Servers with credentials, and where they can be kept. Never a secret.
 */
export type CredentialsInfo = { 
/**
 * The servers, sorted.
 */
servers: Array<CredentialServer>, 
/**
 * The keyring of the desktop.
 */
keyring: CredentialPlace, 
/**
 * The encrypted file.
 */
file: CredentialPlace, 
/**
 * The path of the encrypted file.
 */
filePath: string, 
/**
 * Where the next credential goes; none where nothing can keep it.
 */
used: string | null, 
/**
 * The same as a sentence, with the reason.
 */
message: string, };

/**
 * How much room rows take.
 */
export type Density = "comfortable" | "compact";

/**
 * A chart that a chart needs.
 */
export type DependencyInfo = { 
/**
 * The name it is used under.
 */
name: string, 
/**
 * The versions that are asked for.
 */
wanted: string, 
/**
 * The version that is there.
 */
version: string | null, 
/**
 * Its repository as it is declared; empty where it lies in `charts/`.
 */
repository: string, 
/**
 * Where it lies.
 */
place: PlaceInfo | null, 
/**
 * The values that switch it on and off.
 */
condition: string, 
/**
 * Whether it takes part; absent where that cannot be said.
 */
enabled: boolean | null, };

/**
 * Facts about the program and its surroundings that help to find a mistake, without secrets.
 */
export type Diagnostics = { 
/**
 * The text.
 */
text: string, };

/**
 * The colours of differences.
 */
export type DiffColours = "safe" | "classic";

/**
 * Compares two sides, instance by instance.
 */
export type DiffRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * The first side.
 */
from: DiffSide, 
/**
 * The second side.
 */
to: DiffSide, 
/**
 * Only these applications; all by default.
 */
applications: Array<string> | null, 
/**
 * An id of the client's choice, by which it is told of progress and can cancel.
 */
operation?: string, };

/**
 * A rendered difference (`contracts.md` §7).
 */
export type DiffResult = { 
/**
 * The first side, for reading.
 */
from: string, 
/**
 * The second side, for reading.
 */
to: string, 
/**
 * Equal changes of several instances together.
 */
groups: Array<GroupInfo>, 
/**
 * The resources that differ.
 */
resources: Array<ResourceChangeInfo>, 
/**
 * Instances that could not be compared, and why.
 */
problems: Array<ProblemInfo>, };

/**
 * A row of two texts side by side.
 */
export type DiffRow = { 
/**
 * What it is.
 */
kind: DiffRowKind, 
/**
 * The line number on the first side, from 1.
 */
leftLine: number | null, 
/**
 * The line number on the second side, from 1.
 */
rightLine: number | null, 
/**
 * The text on the first side, in segments; marked ones differ.
 */
left: Array<DiffSegment>, 
/**
 * The text on the second side.
 */
right: Array<DiffSegment>, 
/**
 * The hunk it belongs to, from 0.
 */
hunk: number | null, 
/**
 * How many lines are folded, for a fold.
 */
folded: number, };

/**
 * The kinds of row.
 */
export type DiffRowKind = "context" | "added" | "removed" | "changed" | "fold";

/**
 * A part of a line.
 */
export type DiffSegment = { 
/**
 * The text.
 */
text: string, 
/**
 * Whether it differs.
 */
marked: boolean, };

/**
 * A side of a comparison.
 */
export type DiffSide = { "kind": "environment", 
/**
 * Its name.
 */
environment: string, 
/**
 * At this revision; by default as it lies on disk.
 */
revision: string | null, } | { "kind": "instance", 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * At this revision; by default as it lies on disk.
 */
revision: string | null, } | { "kind": "revision", 
/**
 * Which.
 */
revision: string, } | { "kind": "workingDirectory" };

/**
 * The drafts of a repository.
 */
export type DraftList = { 
/**
 * The last changed first.
 */
drafts: Array<PromotionDraft>, };

/**
 * Names a draft.
 */
export type DraftRef = { 
/**
 * Whose.
 */
repository: string, 
/**
 * The draft.
 */
id: string, };

/**
 * Keeps a draft, in place of a former one with this id.
 */
export type DraftSave = { 
/**
 * Whose.
 */
repository: string, 
/**
 * The draft; its time is set here.
 */
draft: PromotionDraft, };

/**
 * A change to a file, for reading.
 */
export type EditInfo = { 
/**
 * The file.
 */
file: string, 
/**
 * `set`, `insert`, `remove`, `write`, `copy` or `delete`.
 */
operation: string, 
/**
 * Where in the file.
 */
path?: string, 
/**
 * What is there now.
 */
old?: unknown, 
/**
 * What shall be there.
 */
new?: unknown, };

/**
 * What opening a file in the editor did.
 */
export type EditorOpened = { 
/**
 * The program that was started.
 */
program: string, 
/**
 * The absolute path of the file.
 */
path: string, };

/**
 * An environment.
 */
export type EnvironmentInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it asks before it is changed.
 */
protected: boolean, 
/**
 * The kubeconfig context that the user gave it.
 */
context: string | null, 
/**
 * How many instances it has.
 */
instances: number, };

/**
 * Something that was fetched.
 */
export type FetchedRemote = { 
/**
 * What.
 */
remote: RemoteReferenceInfo, 
/**
 * The commit, the version of the chart, the digest of the file.
 */
resolved: string, 
/**
 * Its size on disk; of a repository with all revisions that were fetched of it.
 */
bytes: number, 
/**
 * When it was fetched, in seconds since 1970.
 */
fetchedAt: number, 
/**
 * What is not complete.
 */
problems: Array<string>, 
/**
 * The rendered instances of the repository that read it.
 */
usedBy: Array<string>, };

/**
 * What was fetched.
 */
export type FetchedRemotes = { 
/**
 * Charts, repositories, files.
 */
items: Array<FetchedRemote>, 
/**
 * All of it on disk.
 */
bytes: number, };

/**
 * How the fetch of one reference ended.
 */
export type FetchedResult = { 
/**
 * What was to be fetched.
 */
remote: RemoteReferenceInfo, 
/**
 * A commit, the version of a chart, the digest of a file.
 */
resolved: string | null, 
/**
 * Why it was not fetched.
 */
failure: ApiError | null, 
/**
 * What is not complete.
 */
notes: Array<string>, };

/**
 * Names a field.
 */
export type FieldAt = { "kind": "path", 
/**
 * `/spec/replicas`.
 */
path: string, } | { "kind": "line", 
/**
 * From 1.
 */
line: number, };

/**
 * A field that differs. Values of secrets are masked; long texts in values are cut.
 */
export type FieldChangeInfo = { 
/**
 * Which field: a JSON pointer with keyed list items.
 */
path: string, 
/**
 * The value on the first side; `null` where it is not there.
 */
old: unknown, 
/**
 * The value on the second side; `null` where it is not there.
 */
new: unknown, 
/**
 * Whether it is secret.
 */
secret: boolean, };

/**
 * Where a field comes from.
 */
export type FieldOriginInfo = { 
/**
 * The resource.
 */
resource: ResourceInfo, 
/**
 * The field.
 */
path: string, 
/**
 * The engine that renders it.
 */
engine: string, 
/**
 * How its value comes about.
 */
kind: OriginKind, 
/**
 * One sentence about it.
 */
summary: string, 
/**
 * The places that take part, the deciding one first.
 */
places: Array<OriginPlace>, };

/**
 * Asks where a field comes from.
 */
export type FieldOriginRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * Which resource; with a line, the one whose YAML is shown, absent for all.
 */
resource: ResourceInfo | null, 
/**
 * Which field.
 */
field: FieldAt, };

/**
 * Names a file of an opened repository.
 */
export type FileRef = { 
/**
 * Whose.
 */
repository: string, 
/**
 * Its path in the repository.
 */
file: string, 
/**
 * The line to show, from 1.
 */
line: number | null, 
/**
 * The column, from 1.
 */
column: number | null, };

/**
 * The first difference of two renders.
 */
export type FirstDifferenceInfo = { 
/**
 * The object.
 */
resource: ResourceInfo | null, 
/**
 * A JSON Pointer into it.
 */
path: string, 
/**
 * What Slipway renders, masked where it is secret; absent where it renders nothing.
 */
ours: string | null, 
/**
 * What the tool renders.
 */
theirs: string | null, 
/**
 * What is the matter, where it is not two values.
 */
message: string | null, };

/**
 * Everything that the first screen shows.
 */
export type Fleet = { 
/**
 * Whose.
 */
repository: string, 
/**
 * Counts up with every change; a client that sees a higher one in an event asks again.
 */
generation: number, 
/**
 * How the repository is laid out.
 */
layout: LayoutInfo, 
/**
 * In promotion order.
 */
environments: Array<EnvironmentInfo>, 
/**
 * Sorted by directory, then by name.
 */
applications: Array<ApplicationRow>, 
/**
 * What was looked at and not understood.
 */
skipped: Array<SkippedInfo>, 
/**
 * What is wrong with declarations.
 */
problems: Array<ProblemInfo>, 
/**
 * How far rendering is.
 */
progress: FleetProgress, };

/**
 * How far rendering is.
 */
export type FleetProgress = { 
/**
 * All instances.
 */
total: number, 
/**
 * Those that are rendered, failed ones included.
 */
rendered: number, 
/**
 * Those that failed.
 */
failed: number, };

/**
 * Asks for the fleet of a repository. The answer comes at once with what is known; instances that are
 * not rendered yet are `pending`, and events say when that changes.
 */
export type FleetRequest = { 
/**
 * Whose.
 */
repository: string, };

/**
 * How a gate stands.
 */
export type GateState = "open" | "passed" | "waiting" | "failed";

/**
 * The same change in several instances.
 */
export type GroupInfo = { 
/**
 * The field, with the kind before it.
 */
path: string, 
/**
 * The change for reading.
 */
change: string, 
/**
 * How often.
 */
count: number, 
/**
 * Where.
 */
instances: Array<string>, };

/**
 * What is checked out.
 */
export type HeadInfo = { "kind": "branch", 
/**
 * Its name.
 */
branch: string, 
/**
 * Its tip.
 */
commit: CommitInfo, } | { "kind": "detached", 
/**
 * The commit.
 */
commit: CommitInfo, } | { "kind": "unborn", 
/**
 * Its name.
 */
branch: string, };

/**
 * Commits, the newest first.
 */
export type History = { 
/**
 * The list.
 */
commits: Array<CommitInfo>, 
/**
 * Whether there are more.
 */
more: boolean, };

/**
 * Asks for the history of a branch, or of a path on it.
 */
export type HistoryRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * Where to start; by default at what is checked out.
 */
revision: string | null, 
/**
 * Only commits that change this file or folder.
 */
path: string | null, 
/**
 * At most so many.
 */
limit: number, };

/**
 * The person that commits are made by.
 */
export type IdentityInfo = { 
/**
 * The name.
 */
name: string, 
/**
 * The mail address.
 */
email: string, 
/**
 * Where it is known from: `repository`, `user`, `environment` or `settings` (of Slipway).
 */
source: string, };

/**
 * Writes `user.name` and `user.email`.
 */
export type IdentitySave = { 
/**
 * Whose.
 */
repository: string, 
/**
 * The name.
 */
name: string, 
/**
 * The mail address.
 */
email: string, 
/**
 * Where to.
 */
scope: IdentityScope, };

/**
 * Where a person is written to.
 */
export type IdentityScope = "repository" | "user";

/**
 * Everything the detail pane shows.
 */
export type InstanceDetail = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * The application.
 */
application: string, 
/**
 * The environment.
 */
environment: string, 
/**
 * Whether its environment asks before it is changed.
 */
protected: boolean, 
/**
 * Its version.
 */
version: string, 
/**
 * How it stands to the previous environment.
 */
state: StateInfo, 
/**
 * How its manifests come about.
 */
sources: Array<SourceInfo>, 
/**
 * The namespace it goes to.
 */
namespace: string | null, 
/**
 * The cluster as its declaration names it.
 */
cluster: string | null, 
/**
 * How far the render can be trusted: `exact`, `approximated` or `opaque`.
 */
fidelity: string, 
/**
 * Why not further.
 */
fidelityReasons: Array<string>, 
/**
 * By which convention or declaration it was found.
 */
reason: string, 
/**
 * What it renders.
 */
resources: Array<RenderedResource>, 
/**
 * What is wrong with it.
 */
problems: Array<ProblemInfo>, 
/**
 * The same application in the environments, in promotion order.
 */
promotionPath: Array<PromotionStop>, 
/**
 * What differs from the previous environment; absent where there is none.
 */
previous: PreviousDifference | null, 
/**
 * The last commits that changed its files.
 */
history: Array<CommitInfo>, 
/**
 * How many files the render read.
 */
filesRead: number, 
/**
 * These files, sorted, at most 500. A directory that counts as a whole ends in a slash.
 */
files: Array<string>, };

/**
 * Names an instance.
 */
export type InstanceRef = { 
/**
 * Whose.
 */
repository: string, 
/**
 * `APP@ENV`.
 */
instance: string, };

/**
 * An instance.
 */
export type InstanceRow = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * The environment.
 */
environment: string, 
/**
 * The path of its first source.
 */
path: string, 
/**
 * The engine of its first source.
 */
engine: string, 
/**
 * How its render went.
 */
status: RenderStatus, 
/**
 * Its version; `—` where it has none; empty while it is pending.
 */
version: string, 
/**
 * How it stands to the previous environment.
 */
state: StateInfo, 
/**
 * How many resources it renders.
 */
resources: number, 
/**
 * How many errors and warnings it has.
 */
errors: number, 
/**
 * Warnings.
 */
warnings: number, 
/**
 * The first error, in one line.
 */
message: string | null, 
/**
 * The namespace it goes to.
 */
namespace: string | null, 
/**
 * The newest commit that changed a file which it reads, in short; absent while that is not known.
 */
revision?: string, 
/**
 * When that was, in seconds since 1970.
 */
changedAt?: number, };

/**
 * What an instance is rendered from.
 */
export type InstanceSource = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * How far the render can be trusted: `exact`, `approximated` or `opaque`.
 */
fidelity: string, 
/**
 * Why not further.
 */
fidelityReasons: Array<string>, 
/**
 * The file that declares the instance, where one does.
 */
declaredIn: string | null, 
/**
 * The branch that its sources lie on, where that is another than the one that is shown.
 */
branch: string | null, 
/**
 * The installed tool that renders it as well: `helm` or `kustomize`.
 */
tool: string | null, 
/**
 * What its templates ask of a cluster; absent where they ask nothing.
 */
cluster: ClusterUse | null, 
/**
 * Its sources in order.
 */
parts: Array<SourcePart>, };

/**
 * A field of a kustomization that changes something.
 */
export type KustomizationChange = { 
/**
 * The field: `patches`, `images`.
 */
field: string, 
/**
 * How many entries it has.
 */
count: number, };

/**
 * A directory that takes part in a kustomization.
 */
export type KustomizationNode = { 
/**
 * The directory; of a fetched one its URL.
 */
directory: string, 
/**
 * The kustomization file.
 */
place: PlaceInfo, 
/**
 * The position of the node that uses it; absent for the first one.
 */
usedBy: number | null, 
/**
 * `target`, `base`, `component` or `plugins`; `flux` for the Flux Kustomization that delivers the first one.
 */
role: string, 
/**
 * Resources that it reads from files of its own.
 */
resources: number, 
/**
 * ConfigMaps, Secrets and the like that it generates.
 */
generated: number, 
/**
 * What it changes, in the order in which it acts.
 */
changes: Array<KustomizationChange>, };

/**
 * One instance's way through its waves. Waves order one application only, so gates belong to a lane.
 */
export type Lane = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * The application.
 */
application: string, 
/**
 * The environment.
 */
environment: string, 
/**
 * Its columns in order.
 */
columns: Array<LaneColumn>, 
/**
 * What ended it, where it ended badly.
 */
message: string | null, 
/**
 * How it stands.
 */
phase: RunPhase, 
/**
 * Which attempt this is, from 1.
 */
attempt?: number, 
/**
 * The attempts before this one, the first first.
 */
attempts?: Array<LaneAttempt>, 
/**
 * What stands before the lane as a whole, what holds it up first.
 */
waitsFor?: Array<LaneGate>, };

/**
 * An attempt of a lane that failed and was begun again.
 */
export type LaneAttempt = { 
/**
 * Which one, from 1.
 */
number: number, 
/**
 * When it began, in milliseconds since 1970.
 */
startedAt: number, 
/**
 * When it ended.
 */
finishedAt: number, 
/**
 * Why it failed.
 */
message: string | null, 
/**
 * Its columns as they were then.
 */
columns: Array<LaneColumn>, };

/**
 * A phase and a wave of a lane.
 */
export type LaneColumn = { 
/**
 * `PreSync`, `Sync`, `PostSync` or `SyncFail`.
 */
phase: string, 
/**
 * The wave.
 */
wave: number, 
/**
 * Its tasks in order.
 */
tasks: Array<TaskInfo>, 
/**
 * The gate before this column.
 */
gate: GateState, 
/**
 * What the gate waits for or failed of: "waiting for Job/migrate".
 */
gateText: string | null, };

/**
 * A gate across lanes: what other instances a lane comes after.
 */
export type LaneGate = { 
/**
 * Open or not.
 */
state: LaneGateState, 
/**
 * `APP@ENV` of those that hold it up or closed it, first those that failed or go on; at most 20.
 */
lanes: Array<string>, 
/**
 * How many more there are.
 */
more: number, 
/**
 * The same in words; empty where it has passed: "waiting for payments and 2 more".
 */
text: string, 
/**
 * What orders them: "the sync waves of the Application `root`".
 */
by: string, 
/**
 * Why nothing enforces it, where nothing does.
 */
unenforced: string | null, 
/**
 * Where it is declared: the file.
 */
file: string | null, 
/**
 * The line, from 1.
 */
line: number | null, };

/**
 * How a gate across lanes stands.
 */
export type LaneGateState = "passed" | "waiting" | "failed" | "notEnforced" | "outside";

/**
 * What gives values to a chart.
 */
export type LayerInfo = { 
/**
 * The file, or what it is.
 */
name: string, 
/**
 * Which kind it is.
 */
kind: LayerKind, 
/**
 * The file, where it is one.
 */
place: PlaceInfo | null, 
/**
 * How many keys it sets.
 */
keys: number, 
/**
 * How many keys only this layer sets.
 */
onlyHere: number, 
/**
 * Why it cannot be read.
 */
problem: string | null, };

/**
 * Which kind a layer of values is.
 */
export type LayerKind = "dependencies" | "defaults" | "file" | "inline" | "parameters";

/**
 * How the repository is laid out.
 */
export type LayoutInfo = { 
/**
 * A word of the field, such as `app-env-dirs`.
 */
family: string, 
/**
 * From 0 to 1.
 */
confidence: number, 
/**
 * Why, in a sentence.
 */
reason: string, };

/**
 * Everything that is built in, with its licence.
 */
export type LicenceList = { 
/**
 * Sorted by name; crates and packages of the page together.
 */
components: Array<LicensedComponent>, };

/**
 * Licence texts.
 */
export type LicenceText = { 
/**
 * Each with the name of its file, separated by lines.
 */
text: string, };

/**
 * Asks for the licence texts of something that is built in.
 */
export type LicenceTextRequest = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * What it is.
 */
kind: ComponentKind, };

/**
 * Something that is built in.
 */
export type LicensedComponent = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * What it is.
 */
kind: ComponentKind, 
/**
 * Its licence as an SPDX expression, as it says itself; absent where it says none.
 */
licence: string | null, 
/**
 * Where it comes from.
 */
home: string | null, 
/**
 * How many texts it brings.
 */
texts: number, };

/**
 * A line of a log.
 */
export type LogLineInfo = { 
/**
 * Its number, from 1.
 */
number: number, 
/**
 * When it was written, as the cluster writes it.
 */
time: string, 
/**
 * The line.
 */
text: string, };

/**
 * Lines of a log.
 */
export type LogLines = { 
/**
 * The lines, the first first; at most 2,000.
 */
lines: Array<LogLineInfo>, 
/**
 * The number of the newest line that is kept.
 */
newest: number, 
/**
 * How many lines were dropped because the log is longer than what is kept.
 */
dropped: number, 
/**
 * Whether more may come.
 */
open: boolean, 
/**
 * Why it ended, where it ended badly.
 */
error: string | null, };

/**
 * Opens a log and follows it.
 */
export type LogOpen = { 
/**
 * The run that the pod belongs to.
 */
run: string, 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * The namespace.
 */
namespace: string, 
/**
 * The pod.
 */
pod: string, 
/**
 * The container.
 */
container: string, 
/**
 * The container before its last restart.
 */
previous: boolean, };

/**
 * Asks for lines of a log.
 */
export type LogRead = { 
/**
 * The log.
 */
stream: string, 
/**
 * Only lines after this number; 0 for all that are kept.
 */
after: number, };

/**
 * Names a log that is followed.
 */
export type LogRef = { 
/**
 * The log.
 */
stream: string, };

/**
 * Asks for the YAML of rendered resources, secrets masked.
 */
export type ManifestRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * One of them; all by default.
 */
resource: ResourceInfo | null, };

/**
 * Rendered YAML.
 */
export type ManifestText = { 
/**
 * The text.
 */
yaml: string, 
/**
 * Whether secret values were replaced.
 */
masked: boolean, };

/**
 * Applications × environments.
 */
export type Matrix = { 
/**
 * Whose.
 */
repository: string, 
/**
 * As [`super::Fleet`].
 */
generation: number, 
/**
 * The columns in promotion order.
 */
environments: Array<MatrixEnvironment>, 
/**
 * The rows, sorted by application.
 */
rows: Array<MatrixRow>, };

/**
 * A cell.
 */
export type MatrixCell = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * Its version.
 */
version: string, 
/**
 * How it stands to the previous environment that has the application.
 */
state: StateInfo, 
/**
 * Fields that differ from there, by class.
 */
classes: ClassCounts, };

/**
 * A column.
 */
export type MatrixEnvironment = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it asks before it is changed.
 */
protected: boolean, };

/**
 * A row.
 */
export type MatrixRow = { 
/**
 * The application.
 */
application: string, 
/**
 * A cell for each environment; `null` where the application is not there.
 */
cells: Array<MatrixCell | null>, };

/**
 * Something that was not fetched.
 */
export type MissingRemoteInfo = { 
/**
 * What.
 */
remote: RemoteReferenceInfo, 
/**
 * The instances that cannot be rendered without it.
 */
instances: Array<string>, 
/**
 * Where it is named.
 */
places: Array<RemotePlace>, };

/**
 * What was not fetched.
 */
export type MissingRemotes = { 
/**
 * Each with who names it.
 */
items: Array<MissingRemoteInfo>, };

/**
 * Nothing: the request of commands without arguments, and the answer of those without a result.
 */
export type Nothing = Record<symbol, never>;

/**
 * Cancels a long operation.
 */
export type OperationCancel = { 
/**
 * The id the client chose.
 */
operation: string, };

/**
 * How the value of a field comes about.
 */
export type OriginKind = "value" | "template" | "computed" | "step" | "written" | "file";

/**
 * A place that takes part in a field.
 */
export type OriginPlace = { 
/**
 * What it is: `Value`, `Template`, `Step`, `Source`, `Entry`, `Base`, `Declaration`, `Manifest` or `File`.
 */
role: string, 
/**
 * Where it is.
 */
place: PlaceInfo, };

/**
 * How our render stands to that of the installed tool.
 */
export type ParityInfo = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * `helm` or `kustomize`; absent where no tool renders the instance.
 */
tool: string | null, 
/**
 * The tool and its version; absent where it is not installed.
 */
toolVersion: string | null, 
/**
 * How it went.
 */
status: ParityStatusInfo, 
/**
 * Where the two differ first.
 */
first: FirstDifferenceInfo | null, 
/**
 * The places that were looked at, where no tool was found.
 */
lookedAt: Array<string>, 
/**
 * What the tool or Slipway says.
 */
problems: Array<ProblemInfo>, };

/**
 * How two renders stand to each other.
 */
export type ParityStatusInfo = "equal" | "different" | "failed" | "notInstalled" | "notComparable";

/**
 * Names a path of a file or folder on this machine.
 */
export type PathRef = { 
/**
 * The absolute path.
 */
path: string, };

/**
 * What happens to a pin.
 */
export type PinChange = { "kind": "set", 
/**
 * What is pinned.
 */
target: PinTarget, 
/**
 * The class that it shall have.
 */
class: SettingClassInfo, 
/**
 * Why.
 */
reason: string, } | { "kind": "remove", 
/**
 * What is pinned.
 */
target: PinTarget, };

/**
 * Commits a pin to the branch that is checked out. It is planned again; where the base moved it fails with the
 * code `base-moved` and nothing is written.
 */
export type PinCommit = { 
/**
 * What to do.
 */
request: PinRequest, 
/**
 * The commit the user saw it planned on.
 */
base: string, 
/**
 * The commit message.
 */
message: string, };

/**
 * A pin of `.slipway.yaml`. `*` stands for any application, environment or kind.
 */
export type PinInfo = { 
/**
 * The application.
 */
application: string, 
/**
 * The environment that is changed.
 */
environment: string, 
/**
 * The kind.
 */
kind: string, 
/**
 * The field and everything below it.
 */
path: string, 
/**
 * The class that it decides.
 */
class: SettingClassInfo, 
/**
 * Why; may be empty.
 */
reason: string, 
/**
 * The file that holds it.
 */
file: string, 
/**
 * The line where it begins, from 1; absent where that cannot be told.
 */
line: number | null, };

/**
 * What setting or removing a pin writes.
 */
export type PinPreview = { 
/**
 * The commit that it is planned on.
 */
base: string, 
/**
 * The file that is changed.
 */
file: string, 
/**
 * Whether there is no such file yet.
 */
creates: boolean, 
/**
 * The file before and after.
 */
diff: TextDiffResult, 
/**
 * A message to propose for the commit.
 */
message: string, };

/**
 * Asks what setting or removing a pin would write. Nothing is written.
 */
export type PinRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * What to do.
 */
change: PinChange, };

/**
 * What is pinned. It is named as it is written in the file.
 */
export type PinTarget = { 
/**
 * The application; `*` for all.
 */
application: string, 
/**
 * The environment; `*` for all.
 */
environment: string, 
/**
 * The kind; `*` for all.
 */
kind: string, 
/**
 * The field; empty for a whole resource.
 */
path: string, };

/**
 * A place in a file.
 */
export type PlaceInfo = { 
/**
 * The file, or how its author named it.
 */
file: string, 
/**
 * The line, from 1.
 */
line: number | null, 
/**
 * The column, from 1.
 */
column: number | null, 
/**
 * Whether it is a file of the repository on disk that can be opened.
 */
opens: boolean, };

/**
 * A pod.
 */
export type PodInfo = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * Its namespace.
 */
namespace: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The resource of the run that owns it.
 */
owner: ResourceInfo, 
/**
 * `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
 */
phase: string, 
/**
 * Its containers.
 */
containers: Array<ContainerInfo>, };

/**
 * The pods of a run.
 */
export type PodList = { 
/**
 * The list.
 */
pods: Array<PodInfo>, 
/**
 * Clusters that could not be asked.
 */
problems: Array<ProblemInfo>, };

/**
 * What differs from the previous environment.
 */
export type PreviousDifference = { 
/**
 * The previous environment.
 */
environment: string, 
/**
 * The instance there.
 */
instance: string, 
/**
 * Fields that differ, at most 50, with their resource.
 */
fields: Array<ResourceFieldChange>, 
/**
 * How many differ in all.
 */
total: number, 
/**
 * Resources that only one side has.
 */
added: Array<ResourceInfo>, 
/**
 * Resources that only the previous environment has.
 */
removed: Array<ResourceInfo>, };

/**
 * Something wrong with input.
 */
export type ProblemInfo = { 
/**
 * A stable kebab-case word.
 */
code: string, 
/**
 * How bad it is.
 */
severity: SeverityInfo, 
/**
 * What is wrong and why.
 */
message: string, 
/**
 * What can be done.
 */
hints: Array<string>, 
/**
 * The instance it belongs to.
 */
instance: string | null, 
/**
 * The file.
 */
file: string | null, 
/**
 * The line, from 1.
 */
line: number | null, 
/**
 * The column, from 1.
 */
column: number | null, 
/**
 * Some lines around the place, where they could be read.
 */
excerpt: string | null, };

/**
 * Writes a promotion. It is planned again on the tip; where the base moved it fails with the code
 * `base-moved` and nothing is written.
 */
export type PromotionCommit = { 
/**
 * What to promote.
 */
request: PromotionRequest, 
/**
 * The commit the user saw it planned on.
 */
base: string, 
/**
 * Where it goes.
 */
target: CommitTarget, 
/**
 * The commit message.
 */
message: string, };

/**
 * A promotion that is being made: what was chosen, ticked and written so far. It is planned again when it is
 * opened; ticks that no longer fit are told by the plan's problems with the code `tick-gone`.
 */
export type PromotionDraft = { 
/**
 * Names it: the environments, `staging>production`.
 */
id: string, 
/**
 * When it was last changed, in milliseconds since 1970.
 */
changedAt: number, 
/**
 * What is promoted, with the ticks that differ from the default.
 */
request: PromotionRequest, 
/**
 * The commit it was planned on when it was changed.
 */
base: string | null, 
/**
 * The step that was open.
 */
step: string, 
/**
 * `currentBranch`, `branch` or `patch`.
 */
target: string | null, 
/**
 * The branch, or the patch file.
 */
targetName: string | null, 
/**
 * The commit message, where it was changed.
 */
message: string | null, };

/**
 * One difference.
 */
export type PromotionItemInfo = { 
/**
 * Names it in further requests: instance, resource and path.
 */
key: string, 
/**
 * The target instance.
 */
instance: string, 
/**
 * The resource.
 */
resource: ResourceInfo, 
/**
 * The field; empty for a whole resource.
 */
path: string, 
/**
 * The value in the target now.
 */
old: unknown, 
/**
 * The value in the source.
 */
new: unknown, 
/**
 * Whether the values are secret, and masked.
 */
secret: boolean, 
/**
 * Its class.
 */
class: SettingClassInfo, 
/**
 * Why it has that class, in a sentence.
 */
reason: string, 
/**
 * Whether it goes along.
 */
chosen: boolean, 
/**
 * Indices into the plan's edits.
 */
edits: Array<number>, 
/**
 * Why it cannot go along, where that is so.
 */
problem: string | null, 
/**
 * The pin that decides its class.
 */
pinned?: PinInfo, };

/**
 * A promotion as a value.
 */
export type PromotionPlanInfo = { 
/**
 * Where from.
 */
from: string, 
/**
 * Where to.
 */
to: Array<string>, 
/**
 * The commit it was planned on.
 */
base: string, 
/**
 * The branch it was planned on.
 */
baseBranch: string | null, 
/**
 * What differs, ticked or not.
 */
items: Array<PromotionItemInfo>, 
/**
 * The changes to files that carry the ticked items.
 */
edits: Array<EditInfo>, 
/**
 * What renders differently afterwards, of all instances.
 */
preview: DiffResult, 
/**
 * Instances that change and were not chosen.
 */
alsoChanged: Array<string>, 
/**
 * What is in the way.
 */
problems: Array<ProblemInfo>, 
/**
 * A branch name to propose.
 */
branch: string, 
/**
 * A commit message to propose.
 */
message: string, };

/**
 * Plans a promotion on the tip of the target branch. Nothing is written.
 */
export type PromotionRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * Where from.
 */
from: string, 
/**
 * Where to.
 */
to: Array<string>, 
/**
 * Which applications; all that differ by default.
 */
applications: Array<string> | null, 
/**
 * Ticks that differ from the default: keys of items that the user ticked.
 */
include: Array<string>, 
/**
 * Keys of items that the user unticked.
 */
exclude: Array<string>, 
/**
 * An id of the client's choice, by which it is told of progress and can cancel.
 */
operation?: string, };

/**
 * An application's place on its way to production.
 */
export type PromotionStop = { 
/**
 * The environment.
 */
environment: string, 
/**
 * The version there; absent where the application is not there.
 */
version: string | null, };

/**
 * What a sync with prune would remove.
 */
export type PrunePreview = { 
/**
 * By instance, in the order in which they would go.
 */
pruned: Array<PrunedResource>, 
/**
 * Instances whose cluster could not be asked.
 */
problems: Array<ProblemInfo>, };

/**
 * Asks what a sync with prune would remove. The clusters are asked; nothing is written.
 */
export type PrunePreviewRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * `APP@ENV` of each.
 */
instances: Array<string>, 
/**
 * At this revision; by default as it lies on disk.
 */
revision: string | null, 
/**
 * Where to.
 */
target: SyncTarget, };

/**
 * An object that would be pruned.
 */
export type PrunedResource = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * Which.
 */
resource: ResourceInfo, };

/**
 * How a pull ended.
 */
export type PullOutcome = "upToDate" | "moved" | "diverged";

/**
 * What a pull did.
 */
export type PullResult = { 
/**
 * How it ended.
 */
outcome: PullOutcome, 
/**
 * What happened, in a sentence.
 */
message: string, 
/**
 * What can be done, where something is to be done.
 */
hints: Array<string>, 
/**
 * Commits that are here and not there.
 */
ahead: number, 
/**
 * Commits that are there and not here.
 */
behind: number, 
/**
 * Commits of this branch that the other has not, the newest first; at most 20.
 */
ours: Array<CommitInfo>, 
/**
 * Commits of the other that this branch has not, or that came now; at most 20.
 */
theirs: Array<CommitInfo>, 
/**
 * Files in which a merge would conflict, where the branches diverged.
 */
conflicts: Array<string>, 
/**
 * Files that changed here.
 */
files: number, 
/**
 * The repository afterwards.
 */
repository: RepositoryInfo, };

/**
 * What a push did.
 */
export type PushResult = { 
/**
 * Whether the remote took it.
 */
pushed: boolean, 
/**
 * What happened, in a sentence.
 */
message: string, 
/**
 * The remote's commits that are not here, where it was rejected.
 */
moved: Array<CommitInfo>, 
/**
 * What can be done, where it was rejected.
 */
hints: Array<string>, };

/**
 * Repositories that were open before, the last first.
 */
export type RecentRepositories = { 
/**
 * The list.
 */
repositories: Array<RecentRepository>, };

/**
 * A repository that was open before.
 */
export type RecentRepository = { 
/**
 * The absolute path.
 */
path: string, 
/**
 * The name for reading.
 */
name: string, 
/**
 * When it was last opened, in seconds since 1970.
 */
openedAt: number, 
/**
 * Whether the folder is still there.
 */
exists: boolean, };

/**
 * The remote that a branch follows.
 */
export type RemoteInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its URL without credentials.
 */
url: string, 
/**
 * Commits that are here and not there.
 */
ahead: number, 
/**
 * Commits that are there and not here, as of the last fetch.
 */
behind: number, };

/**
 * What content from elsewhere is.
 */
export type RemoteKind = "chart" | "repository" | "file";

/**
 * Where something is named.
 */
export type RemotePlace = { 
/**
 * The file; of one that was fetched its reference and path.
 */
file: string, 
/**
 * The line, from 1.
 */
line: number | null, 
/**
 * The column, from 1.
 */
column: number | null, 
/**
 * Whether the file lies in the repository, so that it can be opened.
 */
own: boolean, };

/**
 * Content from elsewhere, as files name it.
 */
export type RemoteReferenceInfo = { 
/**
 * What commands call it.
 */
key: string, 
/**
 * What it is.
 */
kind: RemoteKind, 
/**
 * How it is named, without user and password.
 */
text: string, };

/**
 * Fetches content from elsewhere.
 */
export type RemotesFetch = { 
/**
 * Which repository.
 */
repository: string, 
/**
 * The id of the operation, for progress and for cancelling.
 */
operation: string, 
/**
 * These keys and nothing that they name.
 */
keys: Array<string>, 
/**
 * Without keys: what these instances lack; without both what the fleet lacks.
 */
instances: Array<string>, };

/**
 * How a fetch ended.
 */
export type RemotesFetched = { 
/**
 * One for each reference.
 */
results: Array<FetchedResult>, };

/**
 * Forgets what was fetched.
 */
export type RemotesForget = { 
/**
 * These keys; everything without.
 */
keys: Array<string>, };

/**
 * Asks what was fetched.
 */
export type RemotesList = { 
/**
 * The repository whose instances are looked up among those that use it.
 */
repository: string | null, };

/**
 * What was not fetched, of an instance or of the fleet.
 */
export type RemotesMissing = { 
/**
 * Which repository.
 */
repository: string, 
/**
 * Which instance; all of them by default.
 */
instance: string | null, };

/**
 * Fetches again what was fetched before.
 */
export type RemotesUpdate = { 
/**
 * The id of the operation, for progress and for cancelling.
 */
operation: string, 
/**
 * These keys; everything without.
 */
keys: Array<string>, };

/**
 * How a render went.
 */
export type RenderStatus = "pending" | "ok" | "failed" | "opaque";

/**
 * A rendered resource.
 */
export type RenderedResource = { 
/**
 * Which.
 */
resource: ResourceInfo, 
/**
 * Its `apiVersion`.
 */
apiVersion: string, 
/**
 * The file it comes from.
 */
file: string, 
/**
 * The line, from 1.
 */
line: number | null, 
/**
 * Its sync wave, where it has one.
 */
wave: number | null, 
/**
 * Its hook types.
 */
hooks: Array<string>, };

/**
 * Clones a repository and opens it. Progress arrives as events with this operation.
 */
export type RepositoryClone = { 
/**
 * The URL, as `git clone` takes it.
 */
url: string, 
/**
 * The folder that is to be made. It must not exist, or be empty.
 */
folder: string, 
/**
 * An id that the client chooses; progress and cancelling name it.
 */
operation: string, };

/**
 * An opened repository.
 */
export type RepositoryInfo = { 
/**
 * Names it in further calls.
 */
id: string, 
/**
 * The name for reading: the last part of the remote's URL, else of the folder.
 */
name: string, 
/**
 * The absolute path of the working directory.
 */
path: string, 
/**
 * What is checked out.
 */
head: HeadInfo, 
/**
 * The remote that the branch follows; without credentials.
 */
remote: RemoteInfo | null, 
/**
 * The remote-tracking branch that the branch follows: `origin/main`.
 */
upstream: string | null, 
/**
 * Local branches, sorted.
 */
branches: Array<string>, 
/**
 * Files with uncommitted changes.
 */
changedFiles: Array<string>, 
/**
 * Files with a merge conflict.
 */
conflictedFiles: Array<string>, 
/**
 * The person that commits are made by; none where nobody is known.
 */
identity: IdentityInfo | null, 
/**
 * The merge or rebase that is going on, in Git's word.
 */
inProgress: string | null, 
/**
 * Why nothing can be written, where that is so.
 */
readOnly: string | null, 
/**
 * Whether it is the built-in sample.
 */
sample: boolean, 
/**
 * What will not be done in this repository (hooks, LFS, submodules, shallow history).
 */
problems: Array<ProblemInfo>, };

/**
 * Opens a folder.
 */
export type RepositoryOpen = { 
/**
 * An absolute path, or one relative to the working directory of the program. A folder below the
 * root of a repository opens that repository.
 */
path: string, };

/**
 * Names an opened repository.
 */
export type RepositoryRef = { 
/**
 * The id that opening gave.
 */
repository: string, };

/**
 * A resource that differs.
 */
export type ResourceChangeInfo = { 
/**
 * The instance (that of the second side).
 */
instance: string, 
/**
 * The resource.
 */
resource: ResourceInfo, 
/**
 * What happened.
 */
change: ChangeKind, 
/**
 * Its id on the first side, where it was renamed.
 */
renamedFrom?: ResourceInfo, 
/**
 * The fields that differ.
 */
fields: Array<FieldChangeInfo>, };

/**
 * A field that differs, with its resource.
 */
export type ResourceFieldChange = { 
/**
 * Which resource.
 */
resource: ResourceInfo, 
/**
 * What differs.
 */
field: FieldChangeInfo, };

/**
 * The health of a resource.
 */
export type ResourceHealth = { 
/**
 * `APP@ENV`.
 */
instance: string, 
/**
 * Which.
 */
resource: ResourceInfo, 
/**
 * `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
 */
status: string, 
/**
 * Why.
 */
message: string | null, };

/**
 * What identifies a resource.
 */
export type ResourceInfo = { 
/**
 * The API group; empty for the core group.
 */
group: string, 
/**
 * The kind.
 */
kind: string, 
/**
 * The namespace; empty where it names none.
 */
namespace: string, 
/**
 * The name.
 */
name: string, };

/**
 * Something that happened in a run.
 */
export type RunEvent = { 
/**
 * Its number in the run, from 1.
 */
sequence: number, 
/**
 * When, in milliseconds since 1970.
 */
at: number, 
/**
 * What sort of thing.
 */
kind: RunEventKind, 
/**
 * `APP@ENV`, where it is about one.
 */
instance: string | null, 
/**
 * What happened, in a few words.
 */
title: string, 
/**
 * More of it.
 */
text: string | null, };

/**
 * A sort of thing that happens in a run.
 */
export type RunEventKind = "started" | "finished" | "failed" | "progress";

/**
 * A run.
 */
export type RunInfo = { 
/**
 * Names it.
 */
id: string, 
/**
 * Whose.
 */
repository: string, 
/**
 * Where to, for reading.
 */
target: string, 
/**
 * What was synced: a commit, or the working directory.
 */
revision: string, 
/**
 * How it stands.
 */
phase: RunPhase, 
/**
 * When it began, in milliseconds since 1970.
 */
startedAt: number, 
/**
 * When it ended.
 */
finishedAt: number | null, 
/**
 * Its lanes.
 */
lanes: Array<Lane>, 
/**
 * How many tasks there are.
 */
total: number, 
/**
 * How many are done.
 */
done: number, 
/**
 * How many failed.
 */
failed: number, 
/**
 * What happened, in a sentence.
 */
message: string | null, 
/**
 * Health of everything that was applied, after the run. Kinds without a health check are left out.
 */
health: Array<ResourceHealth>, 
/**
 * The how-manieth run of its repository it is, from 1.
 */
number?: number, 
/**
 * What it was started with.
 */
origin?: RunOrigin, 
/**
 * What happened, the first first; at most 500.
 */
events?: Array<RunEvent>, };

/**
 * Runs, the newest first.
 */
export type RunList = { 
/**
 * The list; lanes are left out.
 */
runs: Array<RunInfo>, };

/**
 * What a run was started with, so that it can be started again.
 */
export type RunOrigin = { 
/**
 * Where to.
 */
target: SyncTarget, 
/**
 * The context of each environment, where it went to contexts.
 */
contexts: { [key in string]: string }, 
/**
 * The commit; none for the working directory.
 */
revision: string | null, 
/**
 * Whether objects that are no longer rendered are pruned.
 */
prune: boolean, 
/**
 * Whether nothing is written.
 */
dryRun: boolean, 
/**
 * The run that it tries again.
 */
retryOf: string | null, };

/**
 * How a run or a lane stands.
 */
export type RunPhase = "planned" | "running" | "succeeded" | "failed" | "error" | "aborted" | "notStarted";

/**
 * Names a run.
 */
export type RunRef = { 
/**
 * The id.
 */
run: string, };

/**
 * Starts what failed in a run again.
 */
export type RunRetry = { 
/**
 * The run.
 */
run: string, 
/**
 * Names of protected environments that the user typed.
 */
confirmed: Array<string>, };

/**
 * Writes the built-in sample repository and opens it.
 */
export type SampleCreate = { 
/**
 * The folder that is to be made; by default one in the user's data folder.
 */
folder: string | null, };

/**
 * A virtual cluster of the sandbox.
 */
export type SandboxCluster = { 
/**
 * The environment.
 */
environment: string, 
/**
 * The context in the kubeconfig.
 */
context: string, };

/**
 * The sandbox.
 */
export type SandboxInfo = { 
/**
 * Whether it runs.
 */
running: boolean, 
/**
 * The kubeconfig that works with it.
 */
kubeconfig: string | null, 
/**
 * The virtual clusters.
 */
clusters: Array<SandboxCluster>, };

/**
 * The class of a difference (`contracts.md` §4).
 */
export type SettingClassInfo = "a" | "b" | "c" | "d";

/**
 * What the user has set. It is kept in a file of the platform's configuration folder.
 */
export type Settings = { 
/**
 * The colour theme.
 */
theme: Theme, 
/**
 * The kubeconfig context of each environment, by repository path, then environment.
 */
contexts: { [key in string]: { [key in string]: string } }, 
/**
 * The kubeconfig file; by default `KUBECONFIG`, then `~/.kube/config`.
 */
kubeconfig: string | null, 
/**
 * The installed helm; by default looked for.
 */
helm: string | null, 
/**
 * The installed kustomize; by default looked for.
 */
kustomize: string | null, 
/**
 * The name for commits, where Git has none.
 */
identityName: string | null, 
/**
 * The e-mail address for commits, where Git has none.
 */
identityEmail: string | null, 
/**
 * The program that opens files; by default `VISUAL`, `EDITOR`, then one that is known.
 */
editor: string | null, 
/**
 * Whether the window opens the last repository again.
 */
reopen: boolean, 
/**
 * The colours of differences.
 */
diffColours: DiffColours, 
/**
 * How much room rows take.
 */
density: Density, 
/**
 * The size of everything in percent.
 */
zoom: number, 
/**
 * Whether a single letter is a shortcut.
 */
singleLetters: boolean, 
/**
 * Keys that the user changed, by what they do; empty text takes the key away.
 */
keys: { [key in string]: string }, };

/**
 * How bad a problem is.
 */
export type SeverityInfo = "info" | "warning" | "error";

/**
 * Something that was looked at and not understood.
 */
export type SkippedInfo = { 
/**
 * The directory or file.
 */
path: string, 
/**
 * Why it is no application.
 */
reason: string, };

/**
 * What a source consists of.
 */
export type SourceContent = { "kind": "chart", 
/**
 * It.
 */
chart: ChartInfo, 
/**
 * What keeps it from being rendered.
 */
problem: ProblemInfo | null, } | { "kind": "kustomization", 
/**
 * The directories that take part, the one that is built first; at most 200.
 */
nodes: Array<KustomizationNode>, 
/**
 * How many there are.
 */
total: number, } | { "kind": "files" } | { "kind": "failed", 
/**
 * Why.
 */
problem: ProblemInfo, };

/**
 * How manifests come about.
 */
export type SourceInfo = { 
/**
 * The engine.
 */
engine: string, 
/**
 * The path.
 */
path: string, 
/**
 * The values files in order.
 */
values: Array<string>, };

/**
 * One source.
 */
export type SourcePart = { 
/**
 * The engine.
 */
engine: string, 
/**
 * The tool whose behaviour it has, with its version; absent for engines without one.
 */
version: string | null, 
/**
 * The directory or file.
 */
path: string, 
/**
 * What it consists of.
 */
content: SourceContent, };

/**
 * How an instance stands to the previous environment (`contracts.md` §4).
 */
export type StateInfo = { "kind": "pending" } | { "kind": "first" } | { "kind": "equal" } | { "kind": "behind", 
/**
 * How many.
 */
count: number, 
/**
 * Compared by semantic version, for want of history.
 */
byNumber: boolean, } | { "kind": "ahead", 
/**
 * How many.
 */
count: number, 
/**
 * Compared by semantic version, for want of history.
 */
byNumber: boolean, } | { "kind": "drifted", 
/**
 * How many fields of class A or D differ.
 */
count: number, 
/**
 * Whether every one of them is meant (`drift` of `.slipway.yaml`).
 */
intended: boolean, } | { "kind": "notThere" } | { "kind": "failed" };

/**
 * What is to be checked out.
 */
export type SwitchTarget = { "kind": "branch", 
/**
 * Its name.
 */
name: string, } | { "kind": "remote", 
/**
 * `origin/feature`.
 */
branch: string, 
/**
 * The name of the new one.
 */
name: string, } | { "kind": "new", 
/**
 * Its name.
 */
name: string, } | { "kind": "commit", 
/**
 * A branch, tag or id.
 */
revision: string, };

/**
 * Lanes of waves.
 */
export type SyncPlanInfo = { 
/**
 * One for each instance.
 */
lanes: Array<Lane>, 
/**
 * What is in the way.
 */
problems: Array<ProblemInfo>, };

/**
 * Plans a sync without a cluster.
 */
export type SyncPlanRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * `APP@ENV` of each.
 */
instances: Array<string>, 
/**
 * At this revision; by default as it lies on disk.
 */
revision: string | null, };

/**
 * Starts a sync. The answer is the run; events follow it.
 */
export type SyncStart = { 
/**
 * Whose.
 */
repository: string, 
/**
 * `APP@ENV` of each.
 */
instances: Array<string>, 
/**
 * At this revision; by default as it lies on disk.
 */
revision: string | null, 
/**
 * Where to.
 */
target: SyncTarget, 
/**
 * Whether objects that are no longer rendered are pruned.
 */
prune: boolean, 
/**
 * Whether anything is written.
 */
dryRun: boolean, 
/**
 * Names of protected environments that the user typed.
 */
confirmed: Array<string>, };

/**
 * Where a sync goes.
 */
export type SyncTarget = { "kind": "sandbox" } | { "kind": "contexts" };

/**
 * One thing to do.
 */
export type TaskInfo = { 
/**
 * Names it inside its lane.
 */
key: string, 
/**
 * Which resource.
 */
resource: ResourceInfo, 
/**
 * `create`, `apply`, `replace` or `prune`.
 */
action: string, 
/**
 * The hook types, for a hook.
 */
hooks: Array<string>, 
/**
 * Whether the next wave waits for its health.
 */
waitsForHealth: boolean, 
/**
 * How it stands.
 */
status: TaskStatus, 
/**
 * What the cluster said.
 */
message: string | null, 
/**
 * When it began, in milliseconds since 1970.
 */
startedAt?: number, 
/**
 * When it was over.
 */
finishedAt?: number, 
/**
 * The how-manieth task of its run it was to begin, from 1.
 */
sequence?: number, };

/**
 * How a task stands.
 */
export type TaskStatus = "waiting" | "inProgress" | "synced" | "failed" | "skipped" | "pruned" | "willNotStart";

/**
 * Asks for the text of one resource on two sides, as hunks.
 */
export type TextDiffRequest = { 
/**
 * Whose.
 */
repository: string, 
/**
 * The first side.
 */
from: DiffSide, 
/**
 * The second side.
 */
to: DiffSide, 
/**
 * The instance, as in the answer to the comparison.
 */
instance: string, 
/**
 * The resource, as in the answer to the comparison.
 */
resource: ResourceInfo, 
/**
 * Its id on the first side, where it was renamed.
 */
renamedFrom: ResourceInfo | null, 
/**
 * Unchanged lines that are kept around a change; all by default. Of very long texts some are always left out.
 */
context?: number, };

/**
 * Two texts as rows.
 */
export type TextDiffResult = { 
/**
 * The title of the first side.
 */
left: string, 
/**
 * The title of the second side.
 */
right: string, 
/**
 * The rows in order.
 */
rows: Array<DiffRow>, 
/**
 * How many hunks there are.
 */
hunks: number, 
/**
 * The fields that each hunk changes, as the comparison names them; an empty path is the whole resource. A hunk
 * that changes none, such as another order of keys, has no path.
 */
hunkFields: Array<Array<string>>, };

/**
 * The colour theme.
 */
export type Theme = "system" | "dark" | "light";

/**
 * A program that is used.
 */
export type ToolInfo = { 
/**
 * `helm`, `kustomize`, `git` or `editor`.
 */
name: string, 
/**
 * What it is used for, in a sentence.
 */
purpose: string, 
/**
 * The program that is used.
 */
path: string | null, 
/**
 * Its version.
 */
version: string | null, 
/**
 * What names it: `setting`, a variable, or `PATH`.
 */
foundBy: string | null, 
/**
 * Why there is none.
 */
problem: string | null, 
/**
 * What can be done.
 */
hints: Array<string>, };

/**
 * The programs that are used, and where they were found.
 */
export type ToolList = { 
/**
 * One for each program.
 */
tools: Array<ToolInfo>, };

/**
 * The value that a layer gives.
 */
export type ValueCell = { 
/**
 * The value in short; masked where its key says that it is secret.
 */
value: string, 
/**
 * Whether it is masked.
 */
masked: boolean, 
/**
 * Where it is set.
 */
place: PlaceInfo | null, };

/**
 * A key that more than one layer sets.
 */
export type ValueKey = { 
/**
 * The key as templates name it, without `.Values.`.
 */
key: string, 
/**
 * One entry for each layer, in their order; absent where it does not set the key.
 */
cells: Array<ValueCell | null>, 
/**
 * The layer that wins, by its position.
 */
winner: number, };

/**
 * What was written.
 */
export type Written = { 
/**
 * The commit.
 */
commit: string | null, 
/**
 * The branch it is on.
 */
branch: string | null, 
/**
 * The patch file.
 */
patch: string | null, 
/**
 * Instances that changed.
 */
instances: Array<string>, };


export type CacheTag = "repository" | "fleet" | "runs" | "settings";

/** Every command with its request and its response. */
export interface Commands {
  /** What is running. */
  app_info: { request: Nothing; response: AppInfo };
  /** The page is painted; the first-paint watchdog may rest. */
  ui_ready: { request: Nothing; response: Nothing };
  /** The report of a program that ended badly was looked at. */
  crash_dismiss: { request: Nothing; response: Nothing };
  /** Facts that help to find a mistake, without secrets. */
  diagnostics: { request: Nothing; response: Diagnostics };
  /** Repositories that were open before. */
  repository_recent: { request: Nothing; response: RecentRepositories };
  /** Takes a repository out of the recent ones; its folder stays. */
  repository_forget: { request: PathRef; response: RecentRepositories };
  /** Opens a folder that is, or lies in, a Git repository. */
  repository_open: { request: RepositoryOpen; response: RepositoryInfo };
  /** Clones a repository and opens it. */
  repository_clone: { request: RepositoryClone; response: RepositoryInfo };
  /** Writes the built-in sample repository and opens it. */
  sample_create: { request: SampleCreate; response: RepositoryInfo };
  /** Ends a long operation. */
  operation_cancel: { request: OperationCancel; response: Nothing };
  /** Head, branches and status of an opened repository. */
  repository_info: { request: RepositoryRef; response: RepositoryInfo };
  /** Forgets an opened repository. */
  repository_close: { request: RepositoryRef; response: Nothing };
  /** Reads the repository again from disk. */
  repository_refresh: { request: RepositoryRef; response: RepositoryInfo };
  /** Fetches from the remote of the current branch. */
  repository_fetch: { request: RepositoryRef; response: RepositoryInfo };
  /** Fetches, then moves the current branch forward; never merges. */
  repository_pull: { request: RepositoryRef; response: PullResult };
  /** Pushes the current branch; never forces. */
  repository_push: { request: RepositoryRef; response: PushResult };
  /** Local and remote-tracking branches. */
  branches: { request: RepositoryRef; response: BranchList };
  /** Checks out another branch or a commit; uncommitted changes are never lost. */
  branch_switch: { request: BranchSwitch; response: RepositoryInfo };
  /** Writes who makes commits, to the repository or for the user. */
  identity_save: { request: IdentitySave; response: RepositoryInfo };
  /** Where a file of a repository lies on disk. */
  file_path: { request: FileRef; response: PathRef };
  /** Opens a file of a repository in the user's editor, at a line. */
  file_edit: { request: FileRef; response: EditorOpened };
  /** Shows a file of a repository in the file manager. */
  file_reveal: { request: FileRef; response: Nothing };
  /** Shows a file or folder in the file manager. */
  reveal: { request: PathRef; response: Nothing };
  /** Commits of a branch, or of a path on it. */
  history: { request: HistoryRequest; response: History };
  /** Applications × environments, with what is known of each instance. */
  fleet: { request: FleetRequest; response: Fleet };
  /** One instance in detail. */
  instance: { request: InstanceRef; response: InstanceDetail };
  /** The rendered YAML of an instance, secrets masked. */
  manifest: { request: ManifestRequest; response: ManifestText };
  /** What an instance is rendered from: chart and values, or the chain of kustomizations. */
  source: { request: InstanceRef; response: InstanceSource };
  /** Where a field of a rendered resource comes from. */
  field_origin: { request: FieldOriginRequest; response: FieldOriginInfo };
  /** Content from elsewhere that was not fetched, and who names it. */
  remotes_missing: { request: RemotesMissing; response: MissingRemotes };
  /** Fetches content from elsewhere, and what it names in turn; nothing is fetched by itself. */
  remotes_fetch: { request: RemotesFetch; response: RemotesFetched };
  /** Fetches again what was fetched before: a branch may have moved. */
  remotes_update: { request: RemotesUpdate; response: RemotesFetched };
  /** Content from elsewhere that was fetched. */
  remotes_list: { request: RemotesList; response: FetchedRemotes };
  /** Forgets content that was fetched. */
  remotes_forget: { request: RemotesForget; response: FetchedRemotes };
  /** Compares the render of an instance with that of the installed tool. */
  parity: { request: InstanceRef; response: ParityInfo };
  /** The rendered difference of two sides, grouped. */
  diff: { request: DiffRequest; response: DiffResult };
  /** One resource on two sides, as hunks of text. */
  text_diff: { request: TextDiffRequest; response: TextDiffResult };
  /** The promotion matrix. */
  matrix: { request: RepositoryRef; response: Matrix };
  /** Plans a promotion and renders its consequences; writes nothing. */
  promotion_plan: { request: PromotionRequest; response: PromotionPlanInfo };
  /** Commits a promotion, or writes it as a patch. */
  promotion_commit: { request: PromotionCommit; response: Written };
  /** What setting or removing a pin in .slipway.yaml would write. */
  pin_plan: { request: PinRequest; response: PinPreview };
  /** Commits a pin that was set or removed to the branch that is checked out. */
  pin_commit: { request: PinCommit; response: RepositoryInfo };
  /** Promotions that are being made. */
  drafts: { request: RepositoryRef; response: DraftList };
  /** Keeps a promotion that is being made. */
  draft_save: { request: DraftSave; response: PromotionDraft };
  /** Drops a promotion that was being made. */
  draft_remove: { request: DraftRef; response: Nothing };
  /** Takes back an unpushed commit that is still the tip. */
  commit_undo: { request: CommitUndo; response: RepositoryInfo };
  /** Phases, waves and tasks of a sync, without a cluster. */
  sync_plan: { request: SyncPlanRequest; response: SyncPlanInfo };
  /** What a sync with prune would remove; asks the clusters and writes nothing. */
  sync_prune_preview: { request: PrunePreviewRequest; response: PrunePreview };
  /** Starts a sync. */
  sync_start: { request: SyncStart; response: RunInfo };
  /** A run as it stands. */
  run: { request: RunRef; response: RunInfo };
  /** Ends a run; what is applied stays applied. */
  run_abort: { request: RunRef; response: Nothing };
  /** Starts what failed in a run again. */
  run_retry: { request: RunRetry; response: RunInfo };
  /** What the clusters of a run tell about its resources. */
  run_events: { request: RunRef; response: ClusterEvents };
  /** The pods of a run. */
  run_pods: { request: RunRef; response: PodList };
  /** Opens a log and follows it; events tell when there are more lines. */
  log_open: { request: LogOpen; response: LogRef };
  /** Lines of a log that is followed. */
  log_read: { request: LogRead; response: LogLines };
  /** Ends following a log. */
  log_close: { request: LogRef; response: Nothing };
  /** Runs of a repository, the newest first. */
  runs: { request: RepositoryRef; response: RunList };
  /** The sandbox of a repository. */
  sandbox: { request: RepositoryRef; response: SandboxInfo };
  /** Contexts of the kubeconfig; nothing is connected. */
  contexts: { request: Nothing; response: Contexts };
  /** Contexts that fit environments by name. */
  context_proposals: { request: RepositoryRef; response: ContextProposals };
  /** Asks a cluster whether it answers. */
  cluster_check: { request: ClusterCheck; response: ClusterAnswer };
  /** Servers with credentials and where they can be kept; never a secret. */
  credentials: { request: Nothing; response: CredentialsInfo };
  /** Keeps a credential. */
  credential_save: { request: CredentialSave; response: CredentialsInfo };
  /** Forgets the credentials of a server. */
  credential_remove: { request: CredentialRemove; response: CredentialsInfo };
  /** Opens the encrypted file for credentials, or turns it off. */
  credential_file: { request: CredentialFile; response: CredentialsInfo };
  /** The programs that are used, and where they were found. */
  tools: { request: Nothing; response: ToolList };
  /** Everything that is built in, with its licence. */
  licences: { request: Nothing; response: LicenceList };
  /** The licence texts of something that is built in. */
  licence_text: { request: LicenceTextRequest; response: LicenceText };
  /** What the user has set. */
  settings: { request: Nothing; response: Settings };
  /** Keeps settings. */
  settings_save: { request: Settings; response: Settings };
}

/** What an answer is made of, and what a command changes. */
export const cacheTags: Record<keyof Commands, { reads: CacheTag[]; changes: CacheTag[] }> = {
  app_info: { reads: [], changes: [] },
  ui_ready: { reads: [], changes: [] },
  crash_dismiss: { reads: [], changes: [] },
  diagnostics: { reads: [], changes: [] },
  repository_recent: { reads: ["settings"], changes: [] },
  repository_forget: { reads: [], changes: ["settings"] },
  repository_open: { reads: [], changes: ["settings"] },
  repository_clone: { reads: [], changes: ["settings"] },
  sample_create: { reads: [], changes: ["settings"] },
  operation_cancel: { reads: [], changes: [] },
  repository_info: { reads: ["repository"], changes: [] },
  repository_close: { reads: [], changes: ["repository"] },
  repository_refresh: { reads: [], changes: ["repository", "fleet"] },
  repository_fetch: { reads: [], changes: ["repository", "fleet"] },
  repository_pull: { reads: [], changes: ["repository", "fleet"] },
  repository_push: { reads: [], changes: ["repository"] },
  branches: { reads: ["repository"], changes: [] },
  branch_switch: { reads: [], changes: ["repository", "fleet"] },
  identity_save: { reads: [], changes: ["repository"] },
  file_path: { reads: [], changes: [] },
  file_edit: { reads: [], changes: [] },
  file_reveal: { reads: [], changes: [] },
  reveal: { reads: [], changes: [] },
  history: { reads: ["repository"], changes: [] },
  fleet: { reads: ["fleet"], changes: [] },
  instance: { reads: ["fleet"], changes: [] },
  manifest: { reads: ["fleet"], changes: [] },
  source: { reads: ["fleet"], changes: [] },
  field_origin: { reads: ["fleet"], changes: [] },
  remotes_missing: { reads: ["fleet"], changes: [] },
  remotes_fetch: { reads: [], changes: ["fleet", "settings"] },
  remotes_update: { reads: [], changes: ["fleet", "settings"] },
  remotes_list: { reads: ["fleet", "settings"], changes: [] },
  remotes_forget: { reads: [], changes: ["fleet", "settings"] },
  parity: { reads: ["fleet", "settings"], changes: [] },
  diff: { reads: ["fleet"], changes: [] },
  text_diff: { reads: ["fleet"], changes: [] },
  matrix: { reads: ["fleet"], changes: [] },
  promotion_plan: { reads: ["fleet", "repository"], changes: [] },
  promotion_commit: { reads: [], changes: ["fleet", "repository"] },
  pin_plan: { reads: ["fleet", "repository"], changes: [] },
  pin_commit: { reads: [], changes: ["fleet", "repository"] },
  drafts: { reads: ["repository"], changes: [] },
  draft_save: { reads: [], changes: [] },
  draft_remove: { reads: [], changes: [] },
  commit_undo: { reads: [], changes: ["fleet", "repository"] },
  sync_plan: { reads: ["fleet"], changes: [] },
  sync_prune_preview: { reads: ["fleet", "runs"], changes: [] },
  sync_start: { reads: [], changes: ["runs"] },
  run: { reads: ["runs"], changes: [] },
  run_abort: { reads: [], changes: ["runs"] },
  run_retry: { reads: [], changes: ["runs"] },
  run_events: { reads: [], changes: [] },
  run_pods: { reads: [], changes: [] },
  log_open: { reads: [], changes: [] },
  log_read: { reads: [], changes: [] },
  log_close: { reads: [], changes: [] },
  runs: { reads: ["runs"], changes: [] },
  sandbox: { reads: ["repository", "runs"], changes: [] },
  contexts: { reads: ["settings"], changes: [] },
  context_proposals: { reads: ["settings", "fleet"], changes: [] },
  cluster_check: { reads: [], changes: [] },
  credentials: { reads: ["settings"], changes: [] },
  credential_save: { reads: [], changes: ["settings"] },
  credential_remove: { reads: [], changes: ["settings"] },
  credential_file: { reads: [], changes: ["settings"] },
  tools: { reads: ["settings"], changes: [] },
  licences: { reads: ["settings"], changes: [] },
  licence_text: { reads: ["settings"], changes: [] },
  settings: { reads: ["settings"], changes: [] },
  settings_save: { reads: [], changes: ["settings"] },
};
