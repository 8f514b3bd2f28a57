//! Breaks the files of charts, kustomizations, programs and templates at places chosen by a seed and renders what is
//! left. Whatever the input, an engine answers: with manifests or with a problem, never with a panic, and soon.
//!
//! `cargo xtask fuzz --seed S` calls it; equal seeds break equal places. Start reading at `run`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod breakage;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use breakage::{Breakage, Places};
use bytes::Bytes;
use rayon::prelude::*;
use slipway_model::{Overlay, Read, RepoPath, Tree};
use slipway_render::{Engines, RenderInputs, render_source};
use slipway_tests::corpus::{self, Case};

/// A render that takes longer than this is reported.
const SLOW: Duration = Duration::from_secs(5);

/// Files of a case that are broken; a chart may have hundreds.
const MOST_FILES: usize = 400;

struct Options {
    seed: u64,
    /// Breakages of each file.
    breakages: usize,
    /// Ends early, whatever is left.
    seconds: Option<u64>,
    /// Only the families of this name.
    only: Option<String>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fuzz: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options { seed: 1, breakages: 50, seconds: None, only: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("`{word}` needs a value"));
        match word.as_str() {
            "--seed" => options.seed = value()?.parse().context("the seed is a number")?,
            "--breakages" => options.breakages = value()?.parse().context("breakages are a number")?,
            "--seconds" => options.seconds = Some(value()?.parse().context("seconds are a number")?),
            "--only" => options.only = Some(value()?),
            other => bail!(
                "unknown argument `{other}`: there are --seed S, --breakages N, --seconds N, --only FAMILY"
            ),
        }
    }
    Ok(options)
}

/// What came of the renders of some cases.
#[derive(Default)]
struct Tally {
    renders: usize,
    rendered: usize,
    failed: usize,
    crashed: Vec<String>,
    slowest: Option<(Duration, String)>,
    slow: usize,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.renders += other.renders;
        self.rendered += other.rendered;
        self.failed += other.failed;
        self.slow += other.slow;
        self.crashed.extend(other.crashed);
        if other.slowest > self.slowest {
            self.slowest = other.slowest;
        }
        self
    }
}

fn run(options: &Options) -> anyhow::Result<bool> {
    // An engine that panics says so as a problem; the message is printed with the place that led to it.
    std::panic::set_hook(Box::new(|_| {}));
    let start = Instant::now();
    let is_over = AtomicBool::new(false);
    let mut is_clean = true;
    let wanted: Vec<_> = corpus::FAMILIES
        .iter()
        .filter(|family| options.only.as_deref().is_none_or(|only| only == family.name))
        .collect();
    for (index, family) in wanted.iter().enumerate() {
        let began = Instant::now();
        // Those that come later have their share of the time too.
        let left = options.seconds.map(|limit| Duration::from_secs(limit).saturating_sub(start.elapsed()));
        let share = left.map(|left| left / u32::try_from(wanted.len() - index).unwrap_or(u32::MAX));
        let corpus = match (family.load)()? {
            Some(corpus) => corpus,
            None => {
                println!("{:<10} skipped: ../shared is missing", family.name);
                continue;
            }
        };
        let over = || {
            let late = share.is_some_and(|share| began.elapsed() > share);
            if late {
                is_over.store(true, Ordering::Relaxed);
            }
            late
        };
        let tally = corpus
            .cases
            .par_iter()
            .map(|case| break_case(case, options, &over))
            .reduce(Tally::default, Tally::add);
        print(family.name, corpus.cases.len(), &tally, began.elapsed());
        is_clean &= tally.crashed.is_empty();
        if tally.renders == 0 && !over() {
            println!("           nothing was read, so that nothing was broken");
            is_clean = false;
        }
    }
    if is_over.load(Ordering::Relaxed) {
        println!("ended after the time that was given; not everything was broken");
    }
    Ok(is_clean)
}

fn print(name: &str, cases: usize, tally: &Tally, took: Duration) {
    println!(
        "{name:<10} {cases} cases, {} renders: {} rendered, {} with problems, {} crashed, {} over {} s; {:.1} s",
        tally.renders,
        tally.rendered,
        tally.failed,
        tally.crashed.len(),
        tally.slow,
        SLOW.as_secs(),
        took.as_secs_f64(),
    );
    if let Some((time, place)) = &tally.slowest {
        println!("           slowest {:.2} s: {place}", time.as_secs_f64());
    }
    for place in tally.crashed.iter().take(20) {
        println!("           crashed: {place}");
    }
}

/// Breaks every file that the case reads, one at a time.
fn break_case(case: &Case, options: &Options, over: &dyn Fn() -> bool) -> Tally {
    let mut tally = Tally::default();
    if over() {
        return tally;
    }
    let engines = engines();
    let whole: Arc<dyn Tree> = case.tree.clone();
    let rendered = render_source(&engines, &whole, &case.source, &RenderInputs::default());
    let files = rendered.reads.iter().filter_map(|(read, id)| match (read, id) {
        (Read::File { path }, Some(_)) if (case.breaks)(path) => Some(path.clone()),
        _ => None,
    });
    for file in files.take(MOST_FILES).collect::<Vec<RepoPath>>() {
        let Ok(Some(content)) = case.tree.read(&file) else { continue };
        let mut places = Places::new(options.seed, &case.id, file.as_str());
        for _ in 0..options.breakages {
            if over() {
                return tally;
            }
            let breakage = places.next_breakage(content.len());
            tally = tally.add(render_broken(case, &engines, &whole, &file, &content, breakage));
        }
    }
    tally
}

fn render_broken(
    case: &Case,
    engines: &Engines,
    whole: &Arc<dyn Tree>,
    file: &RepoPath,
    content: &Bytes,
    breakage: Breakage,
) -> Tally {
    let tree = Overlay::new(whole.clone()).write(file.clone(), breakage.of(content));
    let began = Instant::now();
    let rendered = render_source(engines, &tree, &case.source, &RenderInputs::default());
    let time = began.elapsed();
    let place = || format!("{} {file}: {breakage}", case.id);
    let crash = rendered.problems.iter().find(|problem| problem.code == "engine-crashed");
    Tally {
        renders: 1,
        rendered: usize::from(!rendered.is_failed()),
        failed: usize::from(rendered.is_failed()),
        crashed: crash.map(|problem| format!("{}: {}", place(), problem.message)).into_iter().collect(),
        slowest: Some((time, place())),
        slow: usize::from(time > SLOW),
    }
}

fn engines() -> Engines {
    Engines::built_in()
}
