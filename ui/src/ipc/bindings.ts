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
 * The run as it stands.
 */
run: RunInfo, } | { "event": "operationProgress", 
/**
 * The id the client chose.
 */
operation: string, 
/**
 * What is being done, in Git's words.
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
 * The path of the repository to open first: the one of the command line, else none.
 */
initialRepository: string | null, 
/**
 * The licences of what is built in, as one text.
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
 * What happened to a resource.
 */
export type ChangeKind = "added" | "removed" | "changed" | "renamed";

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
current: boolean, };

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
applications: Array<string> | null, };

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
 * A field that differs. Values of secrets are masked.
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
filesRead: number, };

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
namespace: string | null, };

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
phase: RunPhase, };

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
problem: string | null, };

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
exclude: Array<string>, };

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
moved: Array<CommitInfo>, };

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
 * Local branches, sorted.
 */
branches: Array<string>, 
/**
 * Files with uncommitted changes.
 */
changedFiles: Array<string>, 
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
 * Health of everything that was applied, after the run.
 */
health: Array<ResourceHealth>, };

/**
 * Runs, the newest first.
 */
export type RunList = { 
/**
 * The list; lanes are left out.
 */
runs: Array<RunInfo>, };

/**
 * How a run or a lane stands.
 */
export type RunPhase = "planned" | "running" | "succeeded" | "failed" | "error" | "aborted";

/**
 * Names a run.
 */
export type RunRef = { 
/**
 * The id.
 */
run: string, };

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
identityEmail: string | null, };

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
message: string | null, };

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
renamedFrom: ResourceInfo | null, };

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
hunks: number, };

/**
 * The colour theme.
 */
export type Theme = "system" | "dark" | "light";

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
  /** Repositories that were open before. */
  repository_recent: { request: Nothing; response: RecentRepositories };
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
  /** Pushes the current branch; never forces. */
  repository_push: { request: RepositoryRef; response: PushResult };
  /** Commits of a branch, or of a path on it. */
  history: { request: HistoryRequest; response: History };
  /** Applications × environments, with what is known of each instance. */
  fleet: { request: FleetRequest; response: Fleet };
  /** One instance in detail. */
  instance: { request: InstanceRef; response: InstanceDetail };
  /** The rendered YAML of an instance, secrets masked. */
  manifest: { request: ManifestRequest; response: ManifestText };
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
  /** Takes back an unpushed commit that is still the tip. */
  commit_undo: { request: CommitUndo; response: RepositoryInfo };
  /** Phases, waves and tasks of a sync, without a cluster. */
  sync_plan: { request: SyncPlanRequest; response: SyncPlanInfo };
  /** Starts a sync. */
  sync_start: { request: SyncStart; response: RunInfo };
  /** A run as it stands. */
  run: { request: RunRef; response: RunInfo };
  /** Ends a run; what is applied stays applied. */
  run_abort: { request: RunRef; response: Nothing };
  /** Runs of a repository, the newest first. */
  runs: { request: RepositoryRef; response: RunList };
  /** The sandbox of a repository. */
  sandbox: { request: RepositoryRef; response: SandboxInfo };
  /** Contexts of the kubeconfig; nothing is connected. */
  contexts: { request: Nothing; response: Contexts };
  /** What the user has set. */
  settings: { request: Nothing; response: Settings };
  /** Keeps settings. */
  settings_save: { request: Settings; response: Settings };
}

/** What an answer is made of, and what a command changes. */
export const cacheTags: Record<keyof Commands, { reads: CacheTag[]; changes: CacheTag[] }> = {
  app_info: { reads: [], changes: [] },
  ui_ready: { reads: [], changes: [] },
  repository_recent: { reads: ["settings"], changes: [] },
  repository_open: { reads: [], changes: ["settings"] },
  repository_clone: { reads: [], changes: ["settings"] },
  sample_create: { reads: [], changes: ["settings"] },
  operation_cancel: { reads: [], changes: [] },
  repository_info: { reads: ["repository"], changes: [] },
  repository_close: { reads: [], changes: ["repository"] },
  repository_refresh: { reads: [], changes: ["repository", "fleet"] },
  repository_fetch: { reads: [], changes: ["repository", "fleet"] },
  repository_push: { reads: [], changes: ["repository"] },
  history: { reads: ["repository"], changes: [] },
  fleet: { reads: ["fleet"], changes: [] },
  instance: { reads: ["fleet"], changes: [] },
  manifest: { reads: ["fleet"], changes: [] },
  diff: { reads: ["fleet"], changes: [] },
  text_diff: { reads: ["fleet"], changes: [] },
  matrix: { reads: ["fleet"], changes: [] },
  promotion_plan: { reads: ["fleet", "repository"], changes: [] },
  promotion_commit: { reads: [], changes: ["fleet", "repository"] },
  commit_undo: { reads: [], changes: ["fleet", "repository"] },
  sync_plan: { reads: ["fleet"], changes: [] },
  sync_start: { reads: [], changes: ["runs"] },
  run: { reads: ["runs"], changes: [] },
  run_abort: { reads: [], changes: ["runs"] },
  runs: { reads: ["runs"], changes: [] },
  sandbox: { reads: ["repository", "runs"], changes: [] },
  contexts: { reads: ["settings"], changes: [] },
  settings: { reads: ["settings"], changes: [] },
  settings_save: { reads: [], changes: ["settings"] },
};
