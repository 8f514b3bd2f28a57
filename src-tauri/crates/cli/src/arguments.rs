//! The arguments (`contracts.md`).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Slipway on the command line.
#[derive(Parser, Debug)]
#[command(
    name = "slipway",
    version,
    about = "Sees a configuration repository as applications × environments: renders, compares, promotes, syncs",
    after_help = "Examples:\n  slipway scan .\n  slipway diff staging production\n  slipway promote --from staging --to production --app payments-api\n  slipway sync payments-api@staging --sandbox"
)]
pub(crate) struct Arguments {
    /// The repository; the working directory by default.
    #[arg(short = 'C', long = "repository", global = true, value_name = "DIR")]
    pub(crate) repository: Option<PathBuf>,

    /// When to use colour.
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
    /// A JSON document on each line.
    Jsonl,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Finds the applications and environments of a repository.
    Scan(ScanCommand),
    /// Renders instances, or any folder, as YAML.
    Render(Box<RenderCommand>),
    /// Compares two sides: `app@env`, `env`, or `revision:R`.
    Diff(DiffCommand),
    /// Shows the phases, waves and tasks of a sync.
    Plan(Box<PlanCommand>),
    /// Syncs instances, or any folder, to a cluster or the sandbox.
    Sync(Box<SyncCommand>),
    /// Carries differences from one environment to the next.
    Promote(PromoteCommand),
    /// Fetches remote bases, files and charts that instances need and the repository does not hold.
    Fetch(FetchCommand),
    /// Renders with our engines and with the installed helm and kustomize, and compares.
    Parity(ParityCommand),
    /// Serves the user interface to a browser on this machine.
    Serve(ServeCommand),
    /// Opens the window.
    Open(OpenCommand),
    /// Runs the sandbox: a small Kubernetes API on this machine.
    Sandbox(SandboxCommand),
    /// Answers conformance cases on standard input.
    #[command(hide = true)]
    Conformance(ConformanceCommand),
    /// Prints completions for a shell.
    Completions(CompletionsCommand),
    /// Prints the manual page.
    #[command(hide = true)]
    ManPage,
}

#[derive(Args, Debug)]
pub(crate) struct ScanCommand {
    /// The repository.
    #[arg(value_name = "REPO")]
    pub(crate) repository: Option<PathBuf>,
    /// Scans this revision instead of the files on disk.
    #[arg(long, value_name = "R")]
    pub(crate) revision: Option<String>,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

/// What `--path` takes; the names are those of helm, kustomize and jsonnet.
#[derive(Args, Debug, Default)]
pub(crate) struct SourceArguments {
    /// Renders this folder, or Jsonnet file, instead of instances.
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// Nothing outside this folder is read; by default the nearest parent that holds .git, else /.
    #[arg(long, value_name = "DIR", requires = "path")]
    pub(crate) root: Option<PathBuf>,
    /// The engine.
    #[arg(long, value_name = "ENGINE", requires = "path", default_value = "auto")]
    pub(crate) engine: EngineArgument,
    /// Helm: the name of the release.
    #[arg(long, value_name = "NAME", requires = "path")]
    pub(crate) release: Option<String>,
    /// Values files; later ones win.
    #[arg(short = 'f', long, value_name = "FILE", requires = "path")]
    pub(crate) values: Vec<PathBuf>,
    /// Sets values: key=value,key=value.
    #[arg(long, value_name = "K=V", requires = "path")]
    pub(crate) set: Vec<String>,
    /// Sets values that stay text.
    #[arg(long, value_name = "K=V", requires = "path")]
    pub(crate) set_string: Vec<String>,
    /// Sets values to the content of files.
    #[arg(long, value_name = "K=FILE", requires = "path")]
    pub(crate) set_file: Vec<String>,
    /// Sets values to JSON.
    #[arg(long, value_name = "K=JSON", requires = "path")]
    pub(crate) set_json: Vec<String>,
    /// Helm: the Kubernetes version of .Capabilities.
    #[arg(long, value_name = "V", requires = "path")]
    pub(crate) kube_version: Option<String>,
    /// Helm: further API versions of .Capabilities.
    #[arg(long, value_name = "V", value_delimiter = ',', requires = "path")]
    pub(crate) api_versions: Vec<String>,
    /// Helm: print the objects of crds/ too.
    #[arg(long, requires = "path")]
    pub(crate) include_crds: bool,
    /// Helm: leave tests out.
    #[arg(long, requires = "path")]
    pub(crate) skip_tests: bool,
    /// Helm: .Release.IsUpgrade.
    #[arg(long, requires = "path")]
    pub(crate) is_upgrade: bool,
    /// Helm: only these templates.
    #[arg(short = 's', long, value_name = "TEMPLATE", requires = "path")]
    pub(crate) show_only: Vec<String>,
    /// Kustomize: `none` reads files outside the kustomization's folder.
    #[arg(long, value_name = "root|none", requires = "path", default_value = "root")]
    pub(crate) load_restrictor: LoadRestrictor,
    /// Kustomize: inflates charts.
    #[arg(long, requires = "path")]
    pub(crate) enable_helm: bool,
    /// Jsonnet: an external variable that is text.
    #[arg(long, value_name = "K=V", requires = "path")]
    pub(crate) ext_str: Vec<String>,
    /// Jsonnet: an external variable that is a program.
    #[arg(long, value_name = "K=CODE", requires = "path")]
    pub(crate) ext_code: Vec<String>,
    /// Jsonnet: a top-level argument that is text.
    #[arg(long, value_name = "K=V", requires = "path")]
    pub(crate) tla_str: Vec<String>,
    /// Jsonnet: a top-level argument that is a program.
    #[arg(long, value_name = "K=CODE", requires = "path")]
    pub(crate) tla_code: Vec<String>,
    /// Jsonnet: a library folder; the last is searched first.
    #[arg(short = 'J', long, value_name = "DIR", requires = "path")]
    pub(crate) jpath: Vec<PathBuf>,
}

/// The engines of `--engine`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArgument {
    #[default]
    Auto,
    Helm,
    Kustomize,
    Jsonnet,
    Minijinja,
    Plain,
}

/// The load restrictors of kustomize.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadRestrictor {
    #[default]
    Root,
    None,
}

/// Which cluster templates see.
#[derive(Args, Debug, Default)]
pub(crate) struct ClusterArguments {
    /// Helm: .Capabilities and lookup answer from the cluster: of an environment from the context that the settings give
    /// it, else from the current one.
    #[arg(long)]
    pub(crate) cluster: bool,
    /// The kubeconfig of --cluster; by default KUBECONFIG, then ~/.kube/config.
    #[arg(long, value_name = "F", requires = "cluster")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context of --cluster.
    #[arg(long, value_name = "C", requires = "cluster")]
    pub(crate) context: Option<String>,
    /// The clusters of --cluster are those of the sandbox that runs.
    #[arg(long, requires = "cluster", conflicts_with_all = ["kubeconfig", "context"])]
    pub(crate) sandbox: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  slipway render payments-api@staging\n  slipway render --all --output jsonl\n  slipway render --path charts/web --engine helm --release web --values values-production.yaml\n  slipway render web@production --cluster --context prod"
)]
pub(crate) struct RenderCommand {
    /// [REPO] and instances: APPLICATION@ENVIRONMENT.
    #[arg(value_name = "INSTANCE", conflicts_with = "path")]
    pub(crate) names: Vec<String>,
    /// Every instance.
    #[arg(long, conflicts_with = "path")]
    pub(crate) all: bool,
    /// Of all instances, the i-th of n parts.
    #[arg(long, value_name = "i/n", requires = "all")]
    pub(crate) shard: Option<slipway_api::Shard>,
    /// Renders this revision instead of the files on disk.
    #[arg(long, value_name = "R", conflicts_with = "path")]
    pub(crate) revision: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The namespace.
    #[arg(short = 'n', long, requires = "path")]
    pub(crate) namespace: Option<String>,
    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,
    /// Jsonnet: print one JSON value.
    #[arg(long, requires = "path")]
    pub(crate) raw: bool,
    /// How to print; text is YAML.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  slipway diff staging production\n  slipway diff web@staging web@production --output json\n  slipway diff revision:HEAD~1 revision:HEAD"
)]
pub(crate) struct DiffCommand {
    /// [REPO] A B
    #[arg(value_name = "SIDE", num_args = 2..=3, required = true)]
    pub(crate) sides: Vec<String>,
    /// Reads this revision instead of the files on disk.
    #[arg(long, value_name = "R")]
    pub(crate) revision: Option<String>,
    /// Exit with 1 where there are differences.
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct PlanCommand {
    /// [REPO] and instances: APPLICATION@ENVIRONMENT.
    #[arg(value_name = "INSTANCE", conflicts_with = "path")]
    pub(crate) names: Vec<String>,
    /// Plans this revision instead of the files on disk.
    #[arg(long, value_name = "R", conflicts_with = "path")]
    pub(crate) revision: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The name of the application of --path.
    #[arg(long, requires = "path")]
    pub(crate) name: Option<String>,
    /// The namespace.
    #[arg(short = 'n', long)]
    pub(crate) namespace: Option<String>,
    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  slipway fetch\n  slipway fetch payments-api@production\n  slipway fetch --update\n  slipway fetch --list --output json"
)]
pub(crate) struct FetchCommand {
    /// [REPO] and instances: APPLICATION@ENVIRONMENT; all by default.
    #[arg(value_name = "INSTANCE")]
    pub(crate) names: Vec<String>,
    /// For all instances, which is the default.
    #[arg(long)]
    pub(crate) all: bool,
    /// Only lists what was fetched and what is missing.
    #[arg(long, conflicts_with = "update")]
    pub(crate) list: bool,
    /// Fetches what is here again, too: a branch may have moved, a range have a newer version.
    #[arg(long)]
    pub(crate) update: bool,
    /// Fetches for this revision instead of the files on disk.
    #[arg(long, value_name = "R")]
    pub(crate) revision: Option<String>,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  slipway parity\n  slipway parity payments-api@production --output json\n  slipway parity . --shard 2/8"
)]
pub(crate) struct ParityCommand {
    /// [REPO] and instances: APPLICATION@ENVIRONMENT; all by default.
    #[arg(value_name = "INSTANCE")]
    pub(crate) names: Vec<String>,
    /// Only a part of all instances: i/n.
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<slipway_api::Shard>,
    /// Compares at this revision instead of the files on disk.
    #[arg(long, value_name = "R")]
    pub(crate) revision: Option<String>,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  slipway sync payments-api@staging --sandbox\n  slipway sync web@production --context prod --confirm production --wait=health --timeout 5m\n  slipway sync --path build --name web --namespace web --context dev"
)]
pub(crate) struct SyncCommand {
    /// [REPO] and instances: APPLICATION@ENVIRONMENT.
    #[arg(value_name = "INSTANCE", conflicts_with = "path")]
    pub(crate) names: Vec<String>,
    /// Syncs this revision instead of the files on disk.
    #[arg(long, value_name = "R", conflicts_with = "path")]
    pub(crate) revision: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The name of the application of --path.
    #[arg(long, requires = "path")]
    pub(crate) name: Option<String>,
    /// The namespace; of instances it replaces the one that is declared.
    #[arg(short = 'n', long)]
    pub(crate) namespace: Option<String>,
    /// Deletes objects that carry the instance's mark and are no longer rendered.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Applies on the server's side.
    #[arg(long)]
    pub(crate) server_side: bool,
    /// Replaces objects instead of applying them.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Deletes and creates what cannot be changed.
    #[arg(long)]
    pub(crate) force: bool,
    /// Sends everything, writes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only these resources: GROUP/KIND/NAMESPACE/NAME.
    #[arg(long, value_name = "G/K/NS/N")]
    pub(crate) resource: Vec<String>,
    /// The kubeconfig; by default KUBECONFIG, then ~/.kube/config.
    #[arg(long, value_name = "F", conflicts_with = "sandbox")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context.
    #[arg(long, value_name = "C", conflicts_with = "sandbox")]
    pub(crate) context: Option<String>,
    /// Syncs to the sandbox: the running one, else one that ends with the command.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Confirms a sync to a protected environment.
    #[arg(long, value_name = "ENV")]
    pub(crate) confirm: Vec<String>,
    /// Waits after the last wave, until everything is healthy.
    #[arg(long, value_name = "health", num_args = 0..=1, require_equals = true, default_missing_value = "health")]
    pub(crate) wait: Option<WaitFor>,
    /// Gives up after this long: 90s, 5m, 1h.
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WaitFor {
    /// Every object that was applied is healthy.
    Health,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  slipway promote --from staging --to production\n  slipway promote --from staging --to production --app web --branch promote-web\n  slipway promote --from staging --to production --include B --exclude /spec/replicas --patch web.patch"
)]
pub(crate) struct PromoteCommand {
    /// The repository.
    #[arg(value_name = "REPO")]
    pub(crate) repository: Option<PathBuf>,
    /// Where from.
    #[arg(long, value_name = "E")]
    pub(crate) from: String,
    /// Where to; may be given several times.
    #[arg(long, value_name = "E", required = true)]
    pub(crate) to: Vec<String>,
    /// Which applications; all by default.
    #[arg(long = "app", value_name = "A")]
    pub(crate) applications: Vec<String>,
    /// Takes a class (A, B, C, D) or a path along.
    #[arg(long, value_name = "CLASS|PATH")]
    pub(crate) include: Vec<String>,
    /// Leaves a class or a path out.
    #[arg(long, value_name = "CLASS|PATH")]
    pub(crate) exclude: Vec<String>,
    /// Commits on the branch that is checked out.
    #[arg(long, group = "write")]
    pub(crate) commit: bool,
    /// Commits on this branch; it is made where it is not there.
    #[arg(long, value_name = "B", group = "write")]
    pub(crate) branch: Option<String>,
    /// Writes a patch file.
    #[arg(long, value_name = "FILE", group = "write")]
    pub(crate) patch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,
    /// The commit message.
    #[arg(short, long)]
    pub(crate) message: Option<String>,
    /// How to print.
    #[arg(short, long, default_value = "text")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct ServeCommand {
    /// The repository to open first.
    #[arg(value_name = "REPO")]
    pub(crate) repository: Option<PathBuf>,
    /// The port; any free one by default.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Opens the built-in sample first.
    #[arg(long, conflicts_with = "repository")]
    pub(crate) sample: bool,
}

#[derive(Args, Debug)]
pub(crate) struct OpenCommand {
    /// The repository.
    #[arg(value_name = "REPO")]
    pub(crate) repository: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct SandboxCommand {
    /// The environments; each gets a virtual cluster with the context slipway-ENV.
    #[arg(long = "environment", value_name = "ENV", default_value = "default")]
    pub(crate) environments: Vec<String>,
    /// Nodes of each cluster.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) nodes: usize,
    /// Where the kubeconfig is written; a file of another program is never overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ConformanceCommand {
    /// Which cases.
    pub(crate) topic: ConformanceTopic,
}

/// The topics whose cases can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConformanceTopic {
    Health,
    Plan,
    Template,
    Yaml,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsCommand {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Reads `90s`, `5m`, `1h30m`, `250ms`; a plain number is seconds.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("`{text}` is no duration: expected something like 90s, 5m or 1h30m");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(std::time::Duration::from_secs(seconds));
    }
    let mut total = std::time::Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(wrong()),
        };
        let part = number.checked_mul(factor).ok_or_else(wrong)?;
        total = total.checked_add(std::time::Duration::from_millis(part)).ok_or_else(wrong)?;
        rest = &rest[letters..];
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, milliseconds) in
            [("90s", 90_000), ("5m", 300_000), ("1h30m", 5_400_000), ("250ms", 250), ("7", 7_000)]
        {
            assert_eq!(duration(text).unwrap().as_millis(), milliseconds, "{text}");
        }
        for wrong in ["", "s", "5x", "m5", "99999999999999999999s"] {
            assert!(duration(wrong).is_err() || wrong.is_empty(), "{wrong}");
        }
    }
}
