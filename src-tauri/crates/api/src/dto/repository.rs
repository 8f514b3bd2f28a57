//! Repositories.

use super::{IdentityInfo, wire, wire_struct};

wire_struct! {
    /// Nothing: the request of commands without arguments, and the answer of those without a result.
    pub struct Nothing {}

    /// What is running.
    pub struct AppInfo {
        /// The version of Slipway.
        pub version: String,
        /// `linux`, `macos` or `windows`.
        pub platform: String,
        /// `window` or `browser`.
        pub shell: String,
        /// The folder that holds the logs.
        pub log_folder: String,
        /// The settings file.
        pub settings_file: String,
        /// The report of a program that ended badly, until it was looked at.
        pub crash: Option<CrashInfo>,
        /// The path of the repository to open first: the one of the command line, else none.
        pub initial_repository: Option<String>,
        /// The program's own licence; `licences` lists those of what is built in.
        pub licence: String,
    }

    /// What is left of a program that ended badly.
    pub struct CrashInfo {
        /// The file.
        pub file: String,
        /// What it says.
        pub text: String,
        /// Whether the program ended by it, and this start is the first since; else it went on.
        pub ended: bool,
        /// The path of the last repository, which is not opened by itself after such an end.
        pub last_repository: Option<String>,
    }

    /// Opens a folder.
    pub struct RepositoryOpen {
        /// An absolute path, or one relative to the working directory of the program. A folder below the
        /// root of a repository opens that repository.
        pub path: String,
    }

    /// Clones a repository and opens it. Progress arrives as events with this operation.
    pub struct RepositoryClone {
        /// The URL, as `git clone` takes it.
        pub url: String,
        /// The folder that is to be made. It must not exist, or be empty.
        pub folder: String,
        /// An id that the client chooses; progress and cancelling name it.
        pub operation: String,
    }

    /// Cancels a long operation.
    pub struct OperationCancel {
        /// The id the client chose.
        pub operation: String,
    }

    /// Writes the built-in sample repository and opens it.
    pub struct SampleCreate {
        /// The folder that is to be made; by default one in the user's data folder.
        pub folder: Option<String>,
    }

    /// Names an opened repository.
    pub struct RepositoryRef {
        /// The id that opening gave.
        pub repository: String,
    }

    /// An opened repository.
    pub struct RepositoryInfo {
        /// Names it in further calls.
        pub id: String,
        /// The name for reading: the last part of the remote's URL, else of the folder.
        pub name: String,
        /// The absolute path of the working directory.
        pub path: String,
        /// What is checked out.
        pub head: HeadInfo,
        /// The remote that the branch follows; without credentials.
        pub remote: Option<RemoteInfo>,
        /// The remote-tracking branch that the branch follows: `origin/main`.
        pub upstream: Option<String>,
        /// Local branches, sorted.
        pub branches: Vec<String>,
        /// Files with uncommitted changes.
        pub changed_files: Vec<String>,
        /// Files with a merge conflict.
        pub conflicted_files: Vec<String>,
        /// The person that commits are made by; none where nobody is known.
        pub identity: Option<IdentityInfo>,
        /// The merge or rebase that is going on, in Git's word.
        pub in_progress: Option<String>,
        /// Why nothing can be written, where that is so.
        pub read_only: Option<String>,
        /// Whether it is the built-in sample.
        pub sample: bool,
        /// What will not be done in this repository (hooks, LFS, submodules, shallow history).
        pub problems: Vec<ProblemInfo>,
    }

    /// The remote that a branch follows.
    pub struct RemoteInfo {
        /// Its name.
        pub name: String,
        /// Its URL without credentials.
        pub url: String,
        /// Commits that are here and not there.
        pub ahead: u32,
        /// Commits that are there and not here, as of the last fetch.
        pub behind: u32,
    }

    /// A repository that was open before.
    pub struct RecentRepository {
        /// The absolute path.
        pub path: String,
        /// The name for reading.
        pub name: String,
        /// When it was last opened, in seconds since 1970.
        pub opened_at: i64,
        /// Whether the folder is still there.
        pub exists: bool,
    }

    /// Repositories that were open before, the last first.
    pub struct RecentRepositories {
        /// The list.
        pub repositories: Vec<RecentRepository>,
    }

    /// A commit.
    pub struct CommitInfo {
        /// The full id.
        pub id: String,
        /// The first line of the message.
        pub subject: String,
        /// The author's name.
        pub author: String,
        /// When, in seconds since 1970.
        pub time: i64,
    }

    /// Asks for the history of a branch, or of a path on it.
    pub struct HistoryRequest {
        /// Whose.
        pub repository: String,
        /// Where to start; by default at what is checked out.
        pub revision: Option<String>,
        /// Only commits that change this file or folder.
        pub path: Option<String>,
        /// At most so many.
        pub limit: u32,
    }

    /// Commits, the newest first.
    pub struct History {
        /// The list.
        pub commits: Vec<CommitInfo>,
        /// Whether there are more.
        pub more: bool,
    }

    /// What a push did.
    pub struct PushResult {
        /// Whether the remote took it.
        pub pushed: bool,
        /// What happened, in a sentence.
        pub message: String,
        /// The remote's commits that are not here, where it was rejected.
        pub moved: Vec<CommitInfo>,
        /// What can be done, where it was rejected.
        pub hints: Vec<String>,
    }

    /// Something wrong with input.
    pub struct ProblemInfo {
        /// A stable kebab-case word.
        pub code: String,
        /// How bad it is.
        pub severity: SeverityInfo,
        /// What is wrong and why.
        pub message: String,
        /// What can be done.
        pub hints: Vec<String>,
        /// The instance it belongs to.
        pub instance: Option<String>,
        /// The file.
        pub file: Option<String>,
        /// The line, from 1.
        pub line: Option<u32>,
        /// The column, from 1.
        pub column: Option<u32>,
        /// Some lines around the place, where they could be read.
        pub excerpt: Option<String>,
    }
}

wire! {
    /// How bad a problem is.
    #[derive(Copy, Eq)]
    pub enum SeverityInfo {
        /// Good to know.
        Info,
        /// Works, but not as expected.
        Warning,
        /// Does not work.
        Error,
    }

    /// What is checked out.
    #[serde(tag = "kind")]
    pub enum HeadInfo {
        /// A branch.
        Branch {
            /// Its name.
            branch: String,
            /// Its tip.
            commit: CommitInfo,
        },
        /// A commit without a branch.
        Detached {
            /// The commit.
            commit: CommitInfo,
        },
        /// A branch without a commit.
        Unborn {
            /// Its name.
            branch: String,
        },
    }
}
