//! `kustomize build` on files of the disk, for comparing with the real tool.
//!
//! ```text
//! build render --path DIR --engine kustomize [--load-restrictor none] [--enable-helm]
//! build time CORPUS [REPEAT]
//! ```
//!
//! The first prints the documents of a directory. The second builds every case of an unpacked corpus in this process and
//! prints how long that takes, without and with a shared cache. Charts are rendered by the program that the variable
//! `HELM` names.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example is a program for the command line"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use slipway_kustomize::{
    BuildCache, ChartInflator, ChartRequest, Failure, Helpers, Inflated, Options, build,
};
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["render", ref rest @ ..] => render(rest),
        ["time", corpus] => time(corpus, 1),
        ["time", corpus, repeat] => time(corpus, repeat.parse().unwrap_or(1)),
        _ => {
            eprintln!(
                "usage: build render --path DIR [--load-restrictor none] [--enable-helm] | build time CORPUS"
            );
            ExitCode::from(2)
        }
    }
}

fn render(arguments: &[&str]) -> ExitCode {
    let value = |name: &str| {
        arguments.iter().position(|argument| *argument == name).and_then(|at| arguments.get(at + 1)).copied()
    };
    let Some(path) = value("--path") else {
        eprintln!("--path is missing");
        return ExitCode::from(2);
    };
    let options = Options { unrestricted: value("--load-restrictor") == Some("none"), ..Options::default() };
    let helm = Helm;
    let charts = arguments.contains(&"--enable-helm").then_some(&helm as &dyn ChartInflator);
    let helpers = Helpers { charts, ..Helpers::default() };
    let directory = directory_of(Path::new(path));
    match build(&Disk, &directory, &options, &helpers) {
        Ok(output) => {
            for warning in &output.warnings {
                eprintln!("warning: {warning}");
            }
            print!("{}", slipway_yaml::emit_stream(output.objects.iter().map(|object| &*object.object)));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error[{}] {failure}", failure.code());
            for hint in failure.hints() {
                eprintln!("  hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

/// A case of the corpus.
struct Case {
    directory: RepoPath,
    options: Options,
    charts: bool,
}

fn time(corpus: &str, repeat: usize) -> ExitCode {
    let mut cases = Vec::new();
    collect(Path::new(corpus), &Path::new(corpus).join("cases"), &mut cases);
    let helm = Helm;
    let run = |cache: Option<&BuildCache>, cases: &[Case]| {
        let start = Instant::now();
        let mut built = 0;
        for case in cases.iter().filter(|case| !case.charts) {
            let helpers = Helpers { charts: None, cache };
            built += usize::from(build(&Disk, &case.directory, &case.options, &helpers).is_ok());
        }
        (start.elapsed(), built)
    };
    for _ in 0..repeat {
        let (alone, built) = run(None, &cases);
        let cache = BuildCache::new();
        let (first, _) = run(Some(&cache), &cases);
        let (again, _) = run(Some(&cache), &cases);
        println!(
            "{} cases, {built} built: {:.1} ms alone, {:.1} ms with a cache, {:.1} ms once more",
            cases.len(),
            alone.as_secs_f64() * 1e3,
            first.as_secs_f64() * 1e3,
            again.as_secs_f64() * 1e3
        );
    }
    let _ = helm;
    ExitCode::SUCCESS
}

fn collect(corpus: &Path, at: &Path, cases: &mut Vec<Case>) {
    let text = std::fs::read_to_string(at.join("case.json"));
    let Ok(text) = text else {
        let Ok(entries) = std::fs::read_dir(at) else { return };
        let mut below: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        below.sort();
        below.iter().filter(|path| path.is_dir()).for_each(|path| collect(corpus, path, cases));
        return;
    };
    let Ok(case) = serde_json::from_str::<serde_json::Value>(&text) else { return };
    let field = |name: &str| case.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let root =
        if field("root").starts_with("trees/") { corpus.join(field("root")) } else { at.join("files") };
    cases.push(Case {
        directory: directory_of(&root.join(field("target"))),
        options: Options { unrestricted: field("load_restrictor") == "none", ..Options::default() },
        charts: case.get("enable_helm").and_then(serde_json::Value::as_bool) == Some(true),
    });
}

/// A directory of the disk as a path of the tree that is the whole disk.
fn directory_of(path: &Path) -> RepoPath {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = absolute.to_string_lossy();
    RepoPath::new(text.trim_start_matches('/')).unwrap_or_default()
}

/// The whole disk as a tree.
struct Disk;

fn on_disk(path: &RepoPath) -> PathBuf {
    Path::new("/").join(path.as_str())
}

impl Disk {
    fn wrong(path: &RepoPath, error: std::io::Error) -> TreeError {
        TreeError::Io { path: path.clone(), source: std::sync::Arc::new(error) }
    }
}

impl Tree for Disk {
    fn read(&self, path: &RepoPath) -> Result<Option<bytes::Bytes>, TreeError> {
        let file = on_disk(path);
        match std::fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() => std::fs::read(&file)
                .map(|content| Some(content.into()))
                .map_err(|error| Self::wrong(path, error)),
            _ => Ok(None),
        }
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let path = on_disk(directory);
        if !path.is_dir() {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(|error| Self::wrong(directory, error))?.flatten() {
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_symlink() => EntryKind::Symlink,
                Ok(kind) if kind.is_dir() => EntryKind::Directory,
                _ => EntryKind::File,
            };
            entries.push(Entry { name: entry.file_name().to_string_lossy().into_owned(), kind });
        }
        entries.sort();
        Ok(Some(entries))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        Ok(self.read(path)?.map(|content| ContentId::of_bytes(&content)))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        Ok(std::fs::canonicalize(on_disk(path)).map_or_else(|_| path.clone(), |found| directory_of(&found)))
    }
}

/// Helm as a program.
struct Helm;

impl ChartInflator for Helm {
    fn inflate(&self, request: &ChartRequest<'_>) -> Result<Inflated, Failure> {
        let wrong = |message: String| Failure::new("helm", message);
        let Some(directory) = &request.directory else {
            return Err(wrong(format!("the chart `{}` is not fetched", request.name)));
        };
        let helm = std::env::var("HELM").unwrap_or_else(|_| "helm".to_owned());
        let mut command = Command::new(helm);
        command.arg("template");
        match request.release {
            Some(release) => command.arg(release),
            None => command.arg("--generate-name"),
        };
        command.arg(on_disk(directory));
        let mut with = |flag: &str, value: &str| {
            if !value.is_empty() {
                command.args([flag, value]);
            }
        };
        with("--namespace", request.namespace);
        with("--name-template", request.name_template);
        with("--kube-version", request.kube_version);
        for version in request.api_versions {
            with("--api-versions", version);
        }
        let folder = std::env::temp_dir().join(format!("slipway-kustomize-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| wrong(error.to_string()))?;
        for (index, values) in request.values.iter().enumerate() {
            let file = folder.join(format!("{index}.yaml"));
            std::fs::write(&file, values).map_err(|error| wrong(error.to_string()))?;
            with("-f", &file.to_string_lossy());
        }
        for (flag, is_set) in [
            ("--include-crds", request.include_crds),
            ("--skip-tests", request.skip_tests),
            ("--no-hooks", request.skip_hooks),
            ("--devel", request.devel),
        ] {
            if is_set {
                command.arg(flag);
            }
        }
        let output = command.output().map_err(|error| wrong(error.to_string()));
        let removed = std::fs::remove_dir_all(&folder);
        let output = output?;
        removed.map_err(|error| wrong(error.to_string()))?;
        if !output.status.success() {
            return Err(wrong(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned().into())
    }
}
