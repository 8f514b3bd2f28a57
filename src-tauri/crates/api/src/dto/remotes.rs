//! Content from elsewhere: what is missing, fetching it, what was fetched.

use super::{ApiError, wire, wire_struct};

wire! {
    /// What content from elsewhere is.
    #[derive(Copy, Eq)]
    pub enum RemoteKind {
        /// A chart of a chart repository or a registry.
        Chart,
        /// The files of a Git repository.
        Repository,
        /// A file of the web, or a repository that is named like one.
        File,
    }
}

wire_struct! {
    /// Content from elsewhere, as files name it.
    pub struct RemoteReferenceInfo {
        /// What commands call it.
        pub key: String,
        /// What it is.
        pub kind: RemoteKind,
        /// How it is named, without user and password.
        pub text: String,
    }

    /// Where something is named.
    pub struct RemotePlace {
        /// The file; of one that was fetched its reference and path.
        pub file: String,
        /// The line, from 1.
        pub line: Option<u32>,
        /// The column, from 1.
        pub column: Option<u32>,
        /// Whether the file lies in the repository, so that it can be opened.
        pub own: bool,
    }

    /// Something that was not fetched.
    pub struct MissingRemoteInfo {
        /// What.
        pub remote: RemoteReferenceInfo,
        /// The instances that cannot be rendered without it.
        pub instances: Vec<String>,
        /// Where it is named.
        pub places: Vec<RemotePlace>,
    }

    /// What was not fetched, of an instance or of the fleet.
    pub struct RemotesMissing {
        /// Which repository.
        pub repository: String,
        /// Which instance; all of them by default.
        pub instance: Option<String>,
    }

    /// What was not fetched.
    pub struct MissingRemotes {
        /// Each with who names it.
        pub items: Vec<MissingRemoteInfo>,
    }

    /// Fetches content from elsewhere.
    pub struct RemotesFetch {
        /// Which repository.
        pub repository: String,
        /// The id of the operation, for progress and for cancelling.
        pub operation: String,
        /// These keys and nothing that they name.
        pub keys: Vec<String>,
        /// Without keys: what these instances lack; without both what the fleet lacks.
        pub instances: Vec<String>,
    }

    /// How the fetch of one reference ended.
    pub struct FetchedResult {
        /// What was to be fetched.
        pub remote: RemoteReferenceInfo,
        /// A commit, the version of a chart, the digest of a file.
        pub resolved: Option<String>,
        /// Why it was not fetched.
        pub failure: Option<ApiError>,
        /// What is not complete.
        pub notes: Vec<String>,
    }

    /// How a fetch ended.
    pub struct RemotesFetched {
        /// One for each reference.
        pub results: Vec<FetchedResult>,
    }

    /// Fetches again what was fetched before.
    pub struct RemotesUpdate {
        /// The id of the operation, for progress and for cancelling.
        pub operation: String,
        /// These keys; everything without.
        pub keys: Vec<String>,
    }

    /// Forgets what was fetched.
    pub struct RemotesForget {
        /// These keys; everything without.
        pub keys: Vec<String>,
    }

    /// Asks what was fetched.
    pub struct RemotesList {
        /// The repository whose instances are looked up among those that use it.
        pub repository: Option<String>,
    }

    /// Something that was fetched.
    pub struct FetchedRemote {
        /// What.
        pub remote: RemoteReferenceInfo,
        /// The commit, the version of the chart, the digest of the file.
        pub resolved: String,
        /// Its size on disk; of a repository with all revisions that were fetched of it.
        #[ts(type = "number")]
        pub bytes: u64,
        /// When it was fetched, in seconds since 1970.
        #[ts(type = "number")]
        pub fetched_at: i64,
        /// What is not complete.
        pub problems: Vec<String>,
        /// The rendered instances of the repository that read it.
        pub used_by: Vec<String>,
    }

    /// What was fetched.
    pub struct FetchedRemotes {
        /// Charts, repositories, files.
        pub items: Vec<FetchedRemote>,
        /// All of it on disk.
        #[ts(type = "number")]
        pub bytes: u64,
    }
}
