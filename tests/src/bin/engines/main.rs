//! Our engines beside the real ones, on the corpora: in process against the libraries of Helm and Kustomize in a Go
//! program (`tests/go/engines`), and against starting the tools.
//!
//! All run the same cases, those that the real tool renders, one after the other on one thread. Ours read files from
//! memory, the others from the page cache. Figures are printed, never tested.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::json;
use slipway_render::{EngineKind, Engines, RenderInputs, render_source};
use slipway_tests::corpus::{Case, FAMILIES};

/// Starting a tool for each case of a corpus takes a minute; every how many cases it is done.
const SAMPLE: usize = 2;

fn main() -> ExitCode {
    let rounds = match std::env::args().nth(1).as_deref() {
        None => 3,
        Some(text) => match text.parse() {
            Ok(rounds) => rounds,
            Err(_) => {
                eprintln!("usage: engines [ROUNDS]");
                return ExitCode::from(2);
            }
        },
    };
    match run(rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engines: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(rounds: usize) -> anyhow::Result<()> {
    for (name, tool) in [("helm", "SLIPWAY_HELM"), ("kustomize", "SLIPWAY_KUSTOMIZE")] {
        let family = FAMILIES.iter().find(|family| family.name == name).context("the family is there")?;
        let Some(corpus) = (family.load)()? else {
            println!("{name}: skipped: ../shared is missing");
            continue;
        };
        // Charts of kustomizations are left out: in Go they start helm.
        let cases: Vec<&Case> =
            corpus.cases.iter().filter(|case| case.renders && !case.source.parameters.enable_helm).collect();
        println!("{name}: {} cases", cases.len());
        // Keys and hashes of passwords that templates make are kept for as long as the process lives.
        let first = ours(&Engines::built_in(), &cases);
        let cold = best(rounds, || ours(&Engines::built_in(), &cases));
        let engines = Engines::built_in();
        ours(&engines, &cases);
        let warm = best(rounds, || ours(&engines, &cases));
        print("ours, the first time: keys are made", first, cases.len());
        print("ours, nothing parsed", cold, cases.len());
        print("ours, charts and bases parsed", warm, cases.len());
        match go(name, rounds, &cases) {
            Ok((time, rendered)) => {
                print(&format!("Go's library in process ({rendered} rendered)"), time, cases.len());
                ratio("in process", time, [first, cold, warm]);
            }
            Err(error) => println!("  Go's library: not measured: {error:#}"),
        }
        match std::env::var_os(tool) {
            Some(program) => {
                let sample: Vec<&Case> = cases.iter().copied().step_by(SAMPLE).collect();
                let time = started(Path::new(&program), name, &sample)?;
                print(&format!("the tool, started {} times", sample.len()), time, sample.len());
                let per_case = time.as_secs_f64() / sample.len() as f64 * cases.len() as f64;
                ratio("starting the tool", Duration::from_secs_f64(per_case), [first, cold, warm]);
            }
            None => println!("  the tool: not measured: {tool} does not name it"),
        }
    }
    Ok(())
}

fn best(rounds: usize, mut round: impl FnMut() -> Duration) -> Duration {
    (0..rounds.max(1)).map(|_| round()).min().unwrap_or_default()
}

fn ours(engines: &Engines, cases: &[&Case]) -> Duration {
    let start = Instant::now();
    for case in cases {
        std::hint::black_box(render_source(engines, &case.tree, &case.source, &RenderInputs::default()));
    }
    start.elapsed()
}

fn print(what: &str, time: Duration, cases: usize) {
    let each = time.as_secs_f64() * 1e3 / cases.max(1) as f64;
    println!("  {what:<45} {:>10.1} ms, {each:.3} ms each", time.as_secs_f64() * 1e3);
}

fn ratio(what: &str, theirs: Duration, ours: [Duration; 3]) {
    let [first, cold, warm] = ours.map(|ours| theirs.as_secs_f64() / ours.as_secs_f64().max(1e-9));
    println!("  → {what}: {first:.1}× the first time, {cold:.1}× cold, {warm:.1}× warm");
}

/// The case as the Go program takes it.
fn line(case: &Case) -> serde_json::Value {
    let parameters = &case.source.parameters;
    let at = |path: &str| case.folder.join(path);
    let files: Vec<String> = parameters
        .set_file
        .iter()
        .map(|each| match each.split_once('=') {
            Some((key, file)) => format!("{key}={}", at(file).display()),
            None => each.clone(),
        })
        .collect();
    json!({
        "path": at(case.source.path.as_str()),
        "release": parameters.release,
        "namespace": parameters.namespace,
        "values": case.source.values.iter().map(|path| at(path.as_str())).collect::<Vec<_>>(),
        "set": parameters.set,
        "setString": parameters.set_string,
        "setFile": files,
        "setJson": parameters.set_json,
        "kubeVersion": parameters.kube_version,
        "apiVersions": parameters.api_versions,
        "includeCrds": parameters.include_crds,
        "isUpgrade": parameters.is_upgrade,
        "unrestricted": parameters.load_restrictor_none,
    })
}

/// The best round of the Go program, and how many cases it rendered.
fn go(name: &str, rounds: usize, cases: &[&Case]) -> anyhow::Result<(Duration, usize)> {
    let folder = tempfile::tempdir()?;
    let list = folder.path().join("cases.jsonl");
    fs::write(&list, cases.iter().map(|case| format!("{}\n", line(case))).collect::<String>())?;
    let program = folder.path().join("engines");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(slipway_tests::root().join("tests/go/engines"))
        .status()
        .context("go is not installed")?;
    if !built.success() {
        bail!("the Go program cannot be built");
    }
    let output = Command::new(&program)
        .args([name, &rounds.to_string()])
        .arg(&list)
        .env("GOMAXPROCS", "1")
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        bail!("{}", text.trim());
    }
    let rounds = text.lines().map(|line| {
        let (time, rendered) = line.split_once(' ').context("a round is a time and a count")?;
        Ok((Duration::from_secs_f64(time.parse::<f64>()? / 1e3), rendered.parse::<usize>()?))
    });
    let rounds: Vec<(Duration, usize)> = rounds.collect::<anyhow::Result<_>>()?;
    rounds.into_iter().min().context("the Go program printed no round")
}

/// The time of starting the tool for each case.
fn started(program: &Path, name: &str, cases: &[&Case]) -> anyhow::Result<Duration> {
    let home = tempfile::tempdir()?;
    let start = Instant::now();
    for case in cases {
        let mut command = Command::new(program);
        command.env("HOME", home.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let line = line(case);
        if name == "helm" {
            helm_arguments(&mut command, case, &line);
        } else {
            command.arg("build").arg(path(&line));
            if case.source.parameters.load_restrictor_none {
                command.arg("--load-restrictor=LoadRestrictionsNone");
            }
        }
        command.status().with_context(|| format!("start {}", program.display()))?;
    }
    Ok(start.elapsed())
}

fn path(line: &serde_json::Value) -> PathBuf {
    PathBuf::from(line["path"].as_str().unwrap_or_default())
}

fn helm_arguments(command: &mut Command, case: &Case, line: &serde_json::Value) {
    debug_assert_eq!(case.source.engine, EngineKind::Helm);
    let parameters = &case.source.parameters;
    let release = parameters.release.as_deref().unwrap_or("release-name");
    command.arg("template").arg(release).arg(path(line));
    command.arg("--namespace").arg(parameters.namespace.as_deref().unwrap_or("default"));
    for (flag, key) in [
        ("--values", "values"),
        ("--set-json", "setJson"),
        ("--set", "set"),
        ("--set-string", "setString"),
        ("--set-file", "setFile"),
        ("--api-versions", "apiVersions"),
    ] {
        for value in line[key].as_array().into_iter().flatten().filter_map(|value| value.as_str()) {
            command.arg(flag).arg(value);
        }
    }
    if let Some(version) = &parameters.kube_version {
        command.arg("--kube-version").arg(version);
    }
    for (flag, is_set) in [
        ("--include-crds", parameters.include_crds),
        ("--skip-tests", parameters.skip_tests),
        ("--is-upgrade", parameters.is_upgrade),
    ] {
        if is_set {
            command.arg(flag);
        }
    }
}
