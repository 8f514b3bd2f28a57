//! `slipway render --path CHART --engine helm …` with nothing but this crate, for comparing it with the real helm:
//! `SLIPWAY="target/debug/examples/render" compare-helm DIR`. With `template` on the command line it answers
//! conformance cases instead, a line each; with `corpus DIR` it times the cases of a corpus in this process.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

#[path = "render/arguments.rs"]
mod arguments;
#[path = "render/disk.rs"]
mod disk;

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use arguments::Request;
use disk::Disk;
use slipway_helm::{Charts, Failure, Output};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // `--helm4 render …`, so that a comparator can be pointed at it with arguments.
    if arguments.first().is_some_and(|first| first == "--helm4") {
        arguments.rotate_left(1);
    }
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["conformance", "template"] => conformance(),
        ["corpus", directory] => corpus(Path::new(directory)),
        ["render", ..] => match Request::read(&arguments[1..], Path::new(".")) {
            Err(message) => {
                eprintln!("{message}");
                ExitCode::from(2)
            }
            Ok(request) => print(render(&Charts::new(), &request)),
        },
        _ => {
            eprintln!("render --path CHART --engine helm … | conformance template | corpus DIR");
            ExitCode::from(2)
        }
    }
}

fn render(charts: &Charts, request: &Request) -> Result<Output, Failure> {
    charts.render(&Disk, &request.chart, &request.options)
}

fn print(outcome: Result<Output, Failure>) -> ExitCode {
    match outcome {
        Ok(output) => {
            for warning in &output.warnings {
                eprintln!("{}", warning.message);
            }
            let mut text = String::new();
            for document in &output.documents {
                text.push_str(&format!("---\n# Source: {}\n{}\n", document.template, document.text));
            }
            match std::io::stdout().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(failure) => {
            eprintln!("Error: {failure}");
            if let Some(location) = failure.location() {
                eprintln!("  at {location} [{}]", failure.code());
            }
            for line in failure.excerpt().unwrap_or("").lines() {
                eprintln!("  {line}");
            }
            for hint in failure.hints() {
                eprintln!("  hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn conformance() -> ExitCode {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case = line.ok().and_then(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
        let Some(case) = case else { return ExitCode::FAILURE };
        let answer = slipway_helm::conformance::run_case(&case);
        if writeln!(out, "{answer}").is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Renders every case of an unpacked corpus three times in this process, and says how long each round took.
fn corpus(directory: &Path) -> ExitCode {
    let Ok(entries) = std::fs::read_dir(directory.join("cases")) else { return ExitCode::from(2) };
    let mut requests = Vec::new();
    for entry in entries.flatten() {
        match Request::of_case(directory, &entry.path()) {
            Ok(request) => requests.push(request),
            Err(message) => eprintln!("{}: {message}", entry.path().display()),
        }
    }
    let charts = Charts::new();
    for round in 1..=3 {
        let begin = Instant::now();
        let mut slowest = Vec::new();
        let mut failures = 0;
        for request in &requests {
            let one = Instant::now();
            let outcome = render(&charts, request);
            failures += usize::from(outcome.is_err());
            if let Err(failure) = outcome
                && round == 1
                && !request.fails
            {
                eprintln!("{}: {failure}", request.name);
            }
            slowest.push((one.elapsed(), &request.name));
        }
        let all = begin.elapsed();
        slowest.sort_unstable();
        slowest.reverse();
        println!("round {round}: {} cases, {failures} failures, {:.3} s", requests.len(), all.as_secs_f64());
        for (time, name) in slowest.iter().take(5) {
            println!("  {:.1} ms {name}", time.as_secs_f64() * 1e3);
        }
    }
    ExitCode::SUCCESS
}
