//! What a desktop program has besides its subject: credentials, tools, editor, drafts, diagnostics.

use super::{PromotionRequest, wire, wire_struct};

wire_struct! {
    /// Names a path of a file or folder on this machine.
    pub struct PathRef {
        /// The absolute path.
        pub path: String,
    }

    /// Names a file of an opened repository.
    pub struct FileRef {
        /// Whose.
        pub repository: String,
        /// Its path in the repository.
        pub file: String,
        /// The line to show, from 1.
        pub line: Option<u32>,
        /// The column, from 1.
        pub column: Option<u32>,
    }

    /// What opening a file in the editor did.
    pub struct EditorOpened {
        /// The program that was started.
        pub program: String,
        /// The absolute path of the file.
        pub path: String,
    }

    /// Servers with credentials, and where they can be kept. Never a secret.
    pub struct CredentialsInfo {
        /// The servers, sorted.
        pub servers: Vec<CredentialServer>,
        /// The keyring of the desktop.
        pub keyring: CredentialPlace,
        /// The encrypted file.
        pub file: CredentialPlace,
        /// The path of the encrypted file.
        pub file_path: String,
        /// Where the next credential goes; none where nothing can keep it.
        pub used: Option<String>,
        /// The same as a sentence, with the reason.
        pub message: String,
    }

    /// A server that has credentials.
    pub struct CredentialServer {
        /// Scheme, host and port.
        pub origin: String,
        /// `keyring` or `file`.
        pub place: String,
    }

    /// How a place for credentials stands.
    pub struct CredentialPlace {
        /// How.
        pub state: CredentialState,
        /// Why it cannot be used and what to do, where that is so.
        pub message: Option<String>,
    }

    /// Keeps a credential, in place of a former one of the same user.
    pub struct CredentialSave {
        /// An `http` or `https` address of the server.
        pub url: String,
        /// The user.
        pub username: String,
        /// The password or token. It is kept and never told again.
        pub password: String,
    }

    /// Forgets the credentials of a server.
    pub struct CredentialRemove {
        /// Scheme, host and port.
        pub origin: String,
    }

    /// Opens the encrypted file, or turns it off. Turning it off leaves the file where it is.
    pub struct CredentialFile {
        /// The passphrase; none turns the file off.
        pub passphrase: Option<String>,
    }

    /// The programs that are used, and where they were found.
    pub struct ToolList {
        /// One for each program.
        pub tools: Vec<ToolInfo>,
    }

    /// A program that is used.
    pub struct ToolInfo {
        /// `helm`, `kustomize`, `git` or `editor`.
        pub name: String,
        /// What it is used for, in a sentence.
        pub purpose: String,
        /// The program that is used.
        pub path: Option<String>,
        /// Its version.
        pub version: Option<String>,
        /// What names it: `setting`, a variable, or `PATH`.
        pub found_by: Option<String>,
        /// Why there is none.
        pub problem: Option<String>,
        /// What can be done.
        pub hints: Vec<String>,
    }

    /// Contexts that fit environments by name. A proposal is never used before the user takes it.
    pub struct ContextProposals {
        /// One for each environment without a context, where there is one.
        pub proposals: Vec<ContextProposal>,
    }

    /// A context that fits an environment by name.
    pub struct ContextProposal {
        /// The environment.
        pub environment: String,
        /// The context.
        pub context: String,
        /// Why, in a sentence.
        pub reason: String,
    }

    /// Asks a cluster whether it answers. It is given five seconds.
    pub struct ClusterCheck {
        /// The context of the kubeconfig.
        pub context: String,
    }

    /// Whether a cluster answers.
    pub struct ClusterAnswer {
        /// The context.
        pub context: String,
        /// How it stands.
        pub state: ClusterState,
        /// Its version, where it answered.
        pub version: Option<String>,
        /// How long the answer took, in milliseconds.
        pub milliseconds: Option<u32>,
        /// Why it did not answer.
        pub message: Option<String>,
        /// What can be done.
        pub hints: Vec<String>,
        /// When it was asked, in milliseconds since 1970.
        pub asked_at: i64,
    }

    /// Facts about the program and its surroundings that help to find a mistake, without secrets.
    pub struct Diagnostics {
        /// The text.
        pub text: String,
    }

    /// The drafts of a repository.
    pub struct DraftList {
        /// The last changed first.
        pub drafts: Vec<PromotionDraft>,
    }

    /// Keeps a draft, in place of a former one with this id.
    pub struct DraftSave {
        /// Whose.
        pub repository: String,
        /// The draft; its time is set here.
        pub draft: PromotionDraft,
    }

    /// Names a draft.
    pub struct DraftRef {
        /// Whose.
        pub repository: String,
        /// The draft.
        pub id: String,
    }

    /// A promotion that is being made: what was chosen, ticked and written so far. It is planned again when it is
    /// opened; ticks that no longer fit are told by the plan's problems with the code `tick-gone`.
    pub struct PromotionDraft {
        /// Names it: the environments, `staging>production`.
        pub id: String,
        /// When it was last changed, in milliseconds since 1970.
        pub changed_at: i64,
        /// What is promoted, with the ticks that differ from the default.
        pub request: PromotionRequest,
        /// The commit it was planned on when it was changed.
        pub base: Option<String>,
        /// The step that was open.
        pub step: String,
        /// `currentBranch`, `branch` or `patch`.
        pub target: Option<String>,
        /// The branch, or the patch file.
        pub target_name: Option<String>,
        /// The commit message, where it was changed.
        pub message: Option<String>,
    }
}

wire! {
    /// How a place for credentials stands.
    #[derive(Copy, Eq)]
    pub enum CredentialState {
        /// It can be used.
        Ready,
        /// The user has not turned it on.
        Off,
        /// It is there and has to be opened first.
        Locked,
        /// There is none on this machine.
        Missing,
        /// It did not answer in time.
        TimedOut,
        /// It failed.
        Failed,
    }

    /// How a cluster stands.
    #[derive(Copy, Eq)]
    pub enum ClusterState {
        /// It answers.
        Connected,
        /// It wants another login.
        SignInNeeded,
        /// It did not answer in time.
        TimedOut,
        /// Nothing answers at its address.
        Unreachable,
        /// The kubeconfig cannot be used for it.
        Misconfigured,
    }
}
