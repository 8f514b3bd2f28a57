//! Branches, pulling, and who commits.

use super::{CommitInfo, RepositoryInfo, wire, wire_struct};

wire_struct! {
    /// The branches of a repository.
    pub struct BranchList {
        /// Local ones, sorted.
        pub local: Vec<BranchInfo>,
        /// Remote-tracking ones, sorted.
        pub remote: Vec<BranchInfo>,
    }

    /// A branch.
    pub struct BranchInfo {
        /// `main`, or `origin/main` for a remote-tracking branch.
        pub name: String,
        /// Its newest commit.
        pub commit: CommitInfo,
        /// Whether it is checked out here.
        pub current: bool,
        /// The remote-tracking branch that a local branch follows.
        pub upstream: Option<String>,
        /// Commits that are here and not there; 0 without an upstream.
        pub ahead: u32,
        /// Commits that are there and not here, as of the last fetch.
        pub behind: u32,
        /// The remote of a remote-tracking branch.
        pub remote: Option<String>,
        /// The name that a local branch made from a remote-tracking one has.
        pub short: String,
        /// The local branch that follows a remote-tracking one, where there is one.
        pub local: Option<String>,
    }

    /// Checks something else out. Uncommitted changes are never lost: where they would be, it fails with the
    /// code `would-be-lost` and the names of the files.
    pub struct BranchSwitch {
        /// Whose.
        pub repository: String,
        /// What.
        pub to: SwitchTarget,
    }

    /// What a pull did.
    pub struct PullResult {
        /// How it ended.
        pub outcome: PullOutcome,
        /// What happened, in a sentence.
        pub message: String,
        /// What can be done, where something is to be done.
        pub hints: Vec<String>,
        /// Commits that are here and not there.
        pub ahead: u32,
        /// Commits that are there and not here.
        pub behind: u32,
        /// Commits of this branch that the other has not, the newest first; at most 20.
        pub ours: Vec<CommitInfo>,
        /// Commits of the other that this branch has not, or that came now; at most 20.
        pub theirs: Vec<CommitInfo>,
        /// Files in which a merge would conflict, where the branches diverged.
        pub conflicts: Vec<String>,
        /// Files that changed here.
        pub files: u32,
        /// The repository afterwards.
        pub repository: RepositoryInfo,
    }

    /// The person that commits are made by.
    pub struct IdentityInfo {
        /// The name.
        pub name: String,
        /// The mail address.
        pub email: String,
        /// Where it is known from: `repository`, `user`, `environment` or `settings` (of Slipway).
        pub source: String,
    }

    /// Writes `user.name` and `user.email`.
    pub struct IdentitySave {
        /// Whose.
        pub repository: String,
        /// The name.
        pub name: String,
        /// The mail address.
        pub email: String,
        /// Where to.
        pub scope: IdentityScope,
    }
}

wire! {
    /// What is to be checked out.
    #[serde(tag = "kind")]
    pub enum SwitchTarget {
        /// A local branch.
        Branch {
            /// Its name.
            name: String,
        },
        /// A new local branch that follows a remote-tracking branch.
        Remote {
            /// `origin/feature`.
            branch: String,
            /// The name of the new one.
            name: String,
        },
        /// A new branch at what is checked out.
        New {
            /// Its name.
            name: String,
        },
        /// A commit without a branch.
        Commit {
            /// A branch, tag or id.
            revision: String,
        },
    }

    /// How a pull ended.
    #[derive(Copy, Eq)]
    pub enum PullOutcome {
        /// There was nothing new.
        UpToDate,
        /// The branch moved forward.
        Moved,
        /// Both have commits of their own; nothing was changed here.
        Diverged,
    }

    /// Where a person is written to.
    #[derive(Copy, Eq)]
    pub enum IdentityScope {
        /// For this repository only.
        Repository,
        /// For all repositories of the user.
        User,
    }
}
