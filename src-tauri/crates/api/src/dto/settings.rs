//! Settings and events.

use std::collections::BTreeMap;

use super::{FleetProgress, RunInfo, wire, wire_struct};

wire_struct! {
    /// What the user has set. It is kept in a file of the platform's configuration folder.
    pub struct Settings {
        /// The colour theme.
        pub theme: Theme,
        /// The kubeconfig context of each environment, by repository path, then environment.
        pub contexts: BTreeMap<String, BTreeMap<String, String>>,
        /// The kubeconfig file; by default `KUBECONFIG`, then `~/.kube/config`.
        pub kubeconfig: Option<String>,
        /// The installed helm; by default looked for.
        pub helm: Option<String>,
        /// The installed kustomize; by default looked for.
        pub kustomize: Option<String>,
        /// The name for commits, where Git has none.
        pub identity_name: Option<String>,
        /// The e-mail address for commits, where Git has none.
        pub identity_email: Option<String>,
        /// The program that opens files; by default `VISUAL`, `EDITOR`, then one that is known.
        pub editor: Option<String>,
        /// Whether the window opens the last repository again.
        pub reopen: bool,
        /// The colours of differences.
        pub diff_colours: DiffColours,
        /// How much room rows take.
        #[serde(default)]
        pub density: Density,
        /// The size of everything in percent.
        pub zoom: u16,
        /// Whether a single letter is a shortcut.
        pub single_letters: bool,
        /// Keys that the user changed, by what they do; empty text takes the key away.
        pub keys: BTreeMap<String, String>,
    }

    /// An error that crosses the façade.
    pub struct ApiError {
        /// A client acts on it; see `Code`.
        pub code: String,
        /// What happened and why.
        pub message: String,
        /// What can be done.
        pub hints: Vec<String>,
        /// Where, `FILE:LINE:COLUMN`.
        pub location: Option<String>,
    }
}

wire! {
    /// The colour theme.
    #[derive(Copy, Eq)]
    pub enum Theme {
        /// As the desktop has it.
        System,
        /// Dark.
        Dark,
        /// Light.
        Light,
    }

    /// The colours of differences.
    #[derive(Copy, Eq)]
    pub enum DiffColours {
        /// Blue and orange.
        Safe,
        /// Green and red.
        Classic,
    }

    /// How much room rows take.
    #[derive(Copy, Eq, Default)]
    pub enum Density {
        /// The usual.
        #[default]
        Comfortable,
        /// More rows on a screen.
        Compact,
    }

    /// A fact that is pushed to every client, at most one batch each 50 ms.
    #[serde(tag = "event")]
    pub enum ApiEvent {
        /// Files, branches or the working state of a repository changed, or more of it is rendered.
        FleetChanged {
            /// Whose.
            repository: String,
            /// The newest generation.
            generation: u32,
            /// How far rendering is.
            progress: FleetProgress,
        },
        /// Head, branch or status of a repository changed.
        RepositoryChanged {
            /// Whose.
            repository: String,
        },
        /// A run moved on.
        RunChanged {
            /// The run as it stands. With `since` it holds only the lanes, columns, tasks and events that changed.
            run: Box<RunInfo>,
            /// The number of the state that these changes follow on; without it the run is whole, which it is every
            /// two seconds and at the end.
            since: Option<u32>,
            /// The number of this state.
            version: u32,
        },
        /// Drafts of a repository changed.
        DraftsChanged {
            /// Whose.
            repository: String,
        },
        /// A log has more lines, or ended; `log_read` gives them.
        LogGrew {
            /// Which.
            stream: String,
            /// The number of its newest line.
            newest: u32,
        },
        /// A long operation moved on.
        OperationProgress {
            /// The id the client chose.
            operation: String,
            /// What is being done; of the network in Git's words.
            step: String,
            /// How much is done.
            done: u32,
            /// Of how much; 0 where that is not known.
            total: u32,
        },
    }
}
