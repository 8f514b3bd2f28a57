//! The table of commands: name, request, response, what a client's cache may keep and what it must drop.
//!
//! From it come the dispatcher that every shell uses ([`crate::Api::call`]) and the page's typed bindings
//! ([`typescript`]).

use crate::dto::*;

/// A topic of cached answers. A command that changes a topic makes clients drop every answer that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheTag {
    /// The opened repository: head, branches, status.
    Repository,
    /// Catalog, renders and everything computed from them.
    Fleet,
    /// Runs and the sandbox.
    Runs,
    /// Settings, contexts and recent repositories.
    Settings,
}

impl CacheTag {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Fleet => "fleet",
            Self::Runs => "runs",
            Self::Settings => "settings",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// The name, also that of the method of [`crate::Api`].
    pub name: &'static str,
    /// The TypeScript name of the request.
    request: fn(&ts_rs::Config) -> String,
    /// The TypeScript name of the response.
    response: fn(&ts_rs::Config) -> String,
    /// What the answer is made of; empty for a command that does something.
    pub reads: &'static [CacheTag],
    /// What it changes.
    pub changes: &'static [CacheTag],
    /// The first line of its documentation.
    pub summary: &'static str,
}

macro_rules! commands {
    ($(#[doc = $summary:literal] $name:ident($request:ty) -> $response:ty, reads [$($reads:ident)*], changes [$($changes:ident)*];)*) => {
        /// All commands.
        pub const COMMANDS: &[Command] = &[$(Command {
            name: stringify!($name),
            request: <$request as ts_rs::TS>::name,
            response: <$response as ts_rs::TS>::name,
            reads: &[$(CacheTag::$reads),*],
            changes: &[$(CacheTag::$changes),*],
            summary: $summary,
        }),*];

        impl crate::Api {
            /// Calls a command by its name. This is what the window, the browser and tests use.
            ///
            /// # Errors
            /// With code `unknown-command` or `bad-request` where the call itself is wrong, else as the command.
            pub async fn call(
                &self,
                name: &str,
                request: serde_json::Value,
            ) -> Result<serde_json::Value, ApiError> {
                match name {
                    $(stringify!($name) => {
                        let request: $request = serde_json::from_value(request)
                            .map_err(|error| crate::error::bad_request(name, &error))?;
                        let response: $response = self.$name(request).await?;
                        serde_json::to_value(response).map_err(|error| crate::error::internal(&error))
                    })*
                    _ => Err(crate::error::unknown_command(name)),
                }
            }
        }
    };
}

commands! {
    #[doc = "What is running."]
    app_info(Nothing) -> AppInfo, reads [], changes [];
    #[doc = "The page is painted; the first-paint watchdog may rest."]
    ui_ready(Nothing) -> Nothing, reads [], changes [];
    #[doc = "The report of a program that ended badly was looked at."]
    crash_dismiss(Nothing) -> Nothing, reads [], changes [];
    #[doc = "Facts that help to find a mistake, without secrets."]
    diagnostics(Nothing) -> Diagnostics, reads [], changes [];
    #[doc = "Repositories that were open before."]
    repository_recent(Nothing) -> RecentRepositories, reads [Settings], changes [];
    #[doc = "Takes a repository out of the recent ones; its folder stays."]
    repository_forget(PathRef) -> RecentRepositories, reads [], changes [Settings];
    #[doc = "Opens a folder that is, or lies in, a Git repository."]
    repository_open(RepositoryOpen) -> RepositoryInfo, reads [], changes [Settings];
    #[doc = "Clones a repository and opens it."]
    repository_clone(RepositoryClone) -> RepositoryInfo, reads [], changes [Settings];
    #[doc = "Writes the built-in sample repository and opens it."]
    sample_create(SampleCreate) -> RepositoryInfo, reads [], changes [Settings];
    #[doc = "Ends a long operation."]
    operation_cancel(OperationCancel) -> Nothing, reads [], changes [];
    #[doc = "Head, branches and status of an opened repository."]
    repository_info(RepositoryRef) -> RepositoryInfo, reads [Repository], changes [];
    #[doc = "Forgets an opened repository."]
    repository_close(RepositoryRef) -> Nothing, reads [], changes [Repository];
    #[doc = "Reads the repository again from disk."]
    repository_refresh(RepositoryRef) -> RepositoryInfo, reads [], changes [Repository Fleet];
    #[doc = "Fetches from the remote of the current branch."]
    repository_fetch(RepositoryRef) -> RepositoryInfo, reads [], changes [Repository Fleet];
    #[doc = "Fetches, then moves the current branch forward; never merges."]
    repository_pull(RepositoryRef) -> PullResult, reads [], changes [Repository Fleet];
    #[doc = "Pushes the current branch; never forces."]
    repository_push(RepositoryRef) -> PushResult, reads [], changes [Repository];
    #[doc = "Local and remote-tracking branches."]
    branches(RepositoryRef) -> BranchList, reads [Repository], changes [];
    #[doc = "Checks out another branch or a commit; uncommitted changes are never lost."]
    branch_switch(BranchSwitch) -> RepositoryInfo, reads [], changes [Repository Fleet];
    #[doc = "Writes who makes commits, to the repository or for the user."]
    identity_save(IdentitySave) -> RepositoryInfo, reads [], changes [Repository];
    #[doc = "Where a file of a repository lies on disk."]
    file_path(FileRef) -> PathRef, reads [], changes [];
    #[doc = "Opens a file of a repository in the user's editor, at a line."]
    file_edit(FileRef) -> EditorOpened, reads [], changes [];
    #[doc = "Shows a file of a repository in the file manager."]
    file_reveal(FileRef) -> Nothing, reads [], changes [];
    #[doc = "Shows a file or folder in the file manager."]
    reveal(PathRef) -> Nothing, reads [], changes [];
    #[doc = "Commits of a branch, or of a path on it."]
    history(HistoryRequest) -> History, reads [Repository], changes [];
    #[doc = "Applications × environments, with what is known of each instance."]
    fleet(FleetRequest) -> Fleet, reads [Fleet], changes [];
    #[doc = "One instance in detail."]
    instance(InstanceRef) -> InstanceDetail, reads [Fleet], changes [];
    #[doc = "The rendered YAML of an instance, secrets masked."]
    manifest(ManifestRequest) -> ManifestText, reads [Fleet], changes [];
    #[doc = "What an instance is rendered from: chart and values, or the chain of kustomizations."]
    source(InstanceRef) -> InstanceSource, reads [Fleet], changes [];
    #[doc = "Where a field of a rendered resource comes from."]
    field_origin(FieldOriginRequest) -> FieldOriginInfo, reads [Fleet], changes [];
    #[doc = "Content from elsewhere that was not fetched, and who names it."]
    remotes_missing(RemotesMissing) -> MissingRemotes, reads [Fleet], changes [];
    #[doc = "Fetches content from elsewhere, and what it names in turn; nothing is fetched by itself."]
    remotes_fetch(RemotesFetch) -> RemotesFetched, reads [], changes [Fleet Settings];
    #[doc = "Fetches again what was fetched before: a branch may have moved."]
    remotes_update(RemotesUpdate) -> RemotesFetched, reads [], changes [Fleet Settings];
    #[doc = "Content from elsewhere that was fetched."]
    remotes_list(RemotesList) -> FetchedRemotes, reads [Fleet Settings], changes [];
    #[doc = "Forgets content that was fetched."]
    remotes_forget(RemotesForget) -> FetchedRemotes, reads [], changes [Fleet Settings];
    #[doc = "Compares the render of an instance with that of the installed tool."]
    parity(InstanceRef) -> ParityInfo, reads [Fleet Settings], changes [];
    #[doc = "The rendered difference of two sides, grouped."]
    diff(DiffRequest) -> DiffResult, reads [Fleet], changes [];
    #[doc = "One resource on two sides, as hunks of text."]
    text_diff(TextDiffRequest) -> TextDiffResult, reads [Fleet], changes [];
    #[doc = "The promotion matrix."]
    matrix(RepositoryRef) -> Matrix, reads [Fleet], changes [];
    #[doc = "Plans a promotion and renders its consequences; writes nothing."]
    promotion_plan(PromotionRequest) -> PromotionPlanInfo, reads [Fleet Repository], changes [];
    #[doc = "Commits a promotion, or writes it as a patch."]
    promotion_commit(PromotionCommit) -> Written, reads [], changes [Fleet Repository];
    #[doc = "What setting or removing a pin in .slipway.yaml would write."]
    pin_plan(PinRequest) -> PinPreview, reads [Fleet Repository], changes [];
    #[doc = "Commits a pin that was set or removed to the branch that is checked out."]
    pin_commit(PinCommit) -> RepositoryInfo, reads [], changes [Fleet Repository];
    #[doc = "Promotions that are being made."]
    drafts(RepositoryRef) -> DraftList, reads [Repository], changes [];
    #[doc = "Keeps a promotion that is being made."]
    draft_save(DraftSave) -> PromotionDraft, reads [], changes [];
    #[doc = "Drops a promotion that was being made."]
    draft_remove(DraftRef) -> Nothing, reads [], changes [];
    #[doc = "Takes back an unpushed commit that is still the tip."]
    commit_undo(CommitUndo) -> RepositoryInfo, reads [], changes [Fleet Repository];
    #[doc = "Phases, waves and tasks of a sync, without a cluster."]
    sync_plan(SyncPlanRequest) -> SyncPlanInfo, reads [Fleet], changes [];
    #[doc = "What a sync with prune would remove; asks the clusters and writes nothing."]
    sync_prune_preview(PrunePreviewRequest) -> PrunePreview, reads [Fleet Runs], changes [];
    #[doc = "Starts a sync."]
    sync_start(SyncStart) -> RunInfo, reads [], changes [Runs];
    #[doc = "A run as it stands."]
    run(RunRef) -> RunInfo, reads [Runs], changes [];
    #[doc = "Ends a run; what is applied stays applied."]
    run_abort(RunRef) -> Nothing, reads [], changes [Runs];
    #[doc = "Starts what failed in a run again."]
    run_retry(RunRetry) -> RunInfo, reads [], changes [Runs];
    #[doc = "What the clusters of a run tell about its resources."]
    run_events(RunRef) -> ClusterEvents, reads [], changes [];
    #[doc = "The pods of a run."]
    run_pods(RunRef) -> PodList, reads [], changes [];
    #[doc = "Opens a log and follows it; events tell when there are more lines."]
    log_open(LogOpen) -> LogRef, reads [], changes [];
    #[doc = "Lines of a log that is followed."]
    log_read(LogRead) -> LogLines, reads [], changes [];
    #[doc = "Ends following a log."]
    log_close(LogRef) -> Nothing, reads [], changes [];
    #[doc = "Runs of a repository, the newest first."]
    runs(RepositoryRef) -> RunList, reads [Runs], changes [];
    #[doc = "The sandbox of a repository."]
    sandbox(RepositoryRef) -> SandboxInfo, reads [Repository Runs], changes [];
    #[doc = "Contexts of the kubeconfig; nothing is connected."]
    contexts(Nothing) -> Contexts, reads [Settings], changes [];
    #[doc = "Contexts that fit environments by name."]
    context_proposals(RepositoryRef) -> ContextProposals, reads [Settings Fleet], changes [];
    #[doc = "Asks a cluster whether it answers."]
    cluster_check(ClusterCheck) -> ClusterAnswer, reads [], changes [];
    #[doc = "Servers with credentials and where they can be kept; never a secret."]
    credentials(Nothing) -> CredentialsInfo, reads [Settings], changes [];
    #[doc = "Keeps a credential."]
    credential_save(CredentialSave) -> CredentialsInfo, reads [], changes [Settings];
    #[doc = "Forgets the credentials of a server."]
    credential_remove(CredentialRemove) -> CredentialsInfo, reads [], changes [Settings];
    #[doc = "Opens the encrypted file for credentials, or turns it off."]
    credential_file(CredentialFile) -> CredentialsInfo, reads [], changes [Settings];
    #[doc = "The programs that are used, and where they were found."]
    tools(Nothing) -> ToolList, reads [Settings], changes [];
    #[doc = "Everything that is built in, with its licence."]
    licences(Nothing) -> LicenceList, reads [Settings], changes [];
    #[doc = "The licence texts of something that is built in."]
    licence_text(LicenceTextRequest) -> LicenceText, reads [Settings], changes [];
    #[doc = "What the user has set."]
    settings(Nothing) -> Settings, reads [Settings], changes [];
    #[doc = "Keeps settings."]
    settings_save(Settings) -> Settings, reads [], changes [Settings];
}

/// The page's bindings: every shape, the table of commands, and the cache tags. Committed at
/// `ui/src/ipc/bindings.ts`; a test holds it fresh.
#[must_use]
pub fn typescript() -> String {
    let config = ts_rs::Config::new().with_large_int("number");
    let mut text = String::from(
        "// Generated from the table of commands in src-tauri/crates/api by `cargo xtask regenerate`.\n\n",
    );
    for declaration in declarations(&config) {
        text.push_str(&declaration);
        text.push('\n');
    }
    text.push_str("\nexport type CacheTag = \"repository\" | \"fleet\" | \"runs\" | \"settings\";\n");
    text.push_str("\n/** Every command with its request and its response. */\nexport interface Commands {\n");
    for command in COMMANDS {
        text.push_str(&format!(
            "  /** {} */\n  {}: {{ request: {}; response: {} }};\n",
            command.summary,
            command.name,
            (command.request)(&config),
            (command.response)(&config)
        ));
    }
    text.push_str("}\n\n/** What an answer is made of, and what a command changes. */\n");
    text.push_str(
        "export const cacheTags: Record<keyof Commands, { reads: CacheTag[]; changes: CacheTag[] }> = {\n",
    );
    let list = |tags: &[CacheTag]| {
        tags.iter().map(|tag| format!("\"{}\"", tag.as_str())).collect::<Vec<_>>().join(", ")
    };
    for command in COMMANDS {
        text.push_str(&format!(
            "  {}: {{ reads: [{}], changes: [{}] }},\n",
            command.name,
            list(command.reads),
            list(command.changes)
        ));
    }
    text.push_str("};\n");
    text
}

/// The TypeScript declarations of every shape, each once, sorted by name.
fn declarations(config: &ts_rs::Config) -> Vec<String> {
    let mut found = std::collections::BTreeMap::new();
    macro_rules! declare {
        ($($type:ty)*) => {
            $(
                let mut collect = Collect { config, found: &mut found };
                ts_rs::TypeVisitor::visit::<$type>(&mut collect);
            )*
        };
    }
    declare!(
        Nothing AppInfo RecentRepositories RepositoryOpen RepositoryClone SampleCreate OperationCancel
        RepositoryRef RepositoryInfo PushResult HistoryRequest History FleetRequest Fleet InstanceRef
        InstanceDetail ManifestRequest ManifestText DiffRequest DiffResult TextDiffRequest TextDiffResult
        Matrix PromotionRequest PromotionPlanInfo PromotionCommit Written CommitUndo SyncPlanRequest
        SyncPlanInfo SyncStart RunInfo RunRef RunList SandboxInfo Contexts Settings ApiError ApiEvent
        PathRef FileRef EditorOpened BranchList BranchSwitch PullResult IdentitySave CredentialsInfo
        CredentialSave CredentialRemove CredentialFile ToolList ContextProposals ClusterCheck ClusterAnswer
        Diagnostics DraftList DraftSave DraftRef PromotionDraft RunRetry ClusterEvents PodList LogOpen LogRef
        LogRead LogLines InstanceSource FieldOriginRequest FieldOriginInfo ParityInfo PinRequest PinPreview
        PinCommit PrunePreviewRequest PrunePreview LicenceList LicenceTextRequest LicenceText RemotesMissing
        MissingRemotes RemotesFetch RemotesFetched RemotesUpdate RemotesForget RemotesList FetchedRemotes
    );
    found.into_values().collect()
}

struct Collect<'a> {
    config: &'a ts_rs::Config,
    found: &'a mut std::collections::BTreeMap<String, String>,
}

impl ts_rs::TypeVisitor for Collect<'_> {
    fn visit<T: ts_rs::TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            T::visit_dependencies(self);
            T::visit_generics(self);
            return;
        }
        let name = T::name(self.config);
        if self.found.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        self.found.insert(name, format!("{docs}export {}\n", T::decl(self.config)));
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
