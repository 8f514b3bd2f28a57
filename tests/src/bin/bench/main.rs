//! Speed and memory on generated repositories, beside the budgets of `docs/architecture.md` §9.
//!
//! Every figure is the median of several runs with the least and the greatest. Figures are printed, never
//! tested: a machine that does other work at the same time would fail a test for nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod charts;
mod figure;
mod fleet;
mod memory;
mod overlays;
mod promotion;
mod render;
mod report;
mod repository;
mod scan;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::figure::{Budget, Figures};
use crate::report::Size;
use crate::repository::Generated;

const USAGE: &str = "\
Speed and memory on generated repositories

usage: bench [--quick] [--instances N]... [--charts] [--overlays] [--json FILE]

  --quick        small repositories, fewer runs
  --instances N  a repository of several engines of this size only; several may be given
  --charts       a fleet of Helm charts only
  --overlays     repositories of Kustomize overlays only
  --json FILE    writes the figures to a file as well
";

/// The sizes that are measured, in instances.
const SIZES: [usize; 3] = [100, 1_000, 6_000];

/// What was asked for.
#[derive(Default)]
struct Arguments {
    quick: bool,
    sizes: Vec<usize>,
    charts: bool,
    overlays: bool,
    json: Option<PathBuf>,
    /// Holds the fleet of this repository and prints the memory; how the bench starts itself.
    hold: Option<PathBuf>,
    help: bool,
}

fn main() -> ExitCode {
    let arguments = match read(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("bench: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if arguments.help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let outcome = match &arguments.hold {
        Some(folder) => memory::hold(folder),
        None => run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Arguments> {
    let mut read = Arguments::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let mut value = |what: &str| arguments.next().with_context(|| format!("{what} is missing"));
        match argument.to_str() {
            Some("--quick") => read.quick = true,
            Some("--instances") => {
                let text = value("the number after `--instances`")?;
                let number = text.to_str().and_then(|text| text.replace(',', "").parse().ok());
                let number = number.filter(|number| (15..=60_000).contains(number));
                read.sizes.push(number.context("`--instances` takes a number from 15 to 60,000")?);
            }
            Some("--charts") => read.charts = true,
            Some("--overlays") => read.overlays = true,
            Some("--json") => read.json = Some(value("the file after `--json`")?.into()),
            Some("--hold") => read.hold = Some(value("the folder after `--hold`")?.into()),
            Some("--help" | "-h") => read.help = true,
            _ => bail!("there is no argument `{}`", argument.to_string_lossy()),
        }
    }
    if read.sizes.is_empty() && !read.charts && !read.overlays {
        read.sizes = SIZES.to_vec();
        if read.quick {
            read.sizes.retain(|size| *size <= 1_000);
        }
        (read.charts, read.overlays) = (true, true);
    }
    Ok(read)
}

/// Measures one more fleet, a small one if asked; `None` where what it needs is missing.
type Measure = fn(bool) -> anyhow::Result<Option<Size>>;

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("bench: built without optimisation; the figures say nothing (`cargo xtask bench`)");
    }
    let machine = report::Machine::of_process();
    println!("{machine}");
    let mut sizes = Vec::new();
    for instances in &arguments.sizes {
        let size = measure(*instances, arguments.quick)
            .with_context(|| format!("{} instances", figure::grouped(*instances)))?;
        println!("\n{size}");
        sizes.push(size);
    }
    let (charts, overlays) = (arguments.charts, arguments.overlays);
    let more: [(bool, Measure); 3] =
        [(charts, charts::measure), (overlays, overlays::real), (overlays, overlays::generated)];
    for (_, measure) in more.iter().filter(|(wanted, _)| *wanted) {
        if let Some(size) = measure(arguments.quick)? {
            println!("\n{size}");
            sizes.push(size);
        }
    }
    if let Some(file) = &arguments.json {
        let text = serde_json::to_string_pretty(&report::json(&machine, &sizes))?;
        std::fs::write(file, text + "\n").with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

fn measure(instances: usize, quick: bool) -> anyhow::Result<Size> {
    let generated = Generated::write(instances)?;
    let mut figures = Figures::new(if quick { 3 } else { 5 });
    scan::measure(&generated, &mut figures)?;
    render::measure(&generated, &mut figures)?;
    let workspace = fleet::measure(&generated, &mut figures)?;
    promotion::measure(&workspace, &mut figures)?;
    drop(workspace);
    memory::measure(&generated.disk, Some(Budget::Median(400.0)), &mut figures)?;
    let name = "several engines".to_owned();
    Ok(Size {
        name,
        instances,
        files: generated.disk.files,
        engines: generated.engines(),
        figures: figures.all,
    })
}
