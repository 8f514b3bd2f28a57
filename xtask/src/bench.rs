//! `cargo xtask bench`: speed and memory on generated repositories, then the page on one of them; with `engines`
//! first, our engines beside the real ones; with `page` first, only the page.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::Context as _;

use crate::prerequisites::{Need, check};
use crate::process::{answer, run as run_line, watch};
use crate::{Flags, page, root, target};

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    // What is for the installation of system packages is not for the programs.
    let words: Vec<&str> = flags.0.iter().map(String::as_str).filter(|word| *word != "--yes").collect();
    match words.as_slice() {
        ["engines", rest @ ..] => program("engines", rest),
        ["page", rest @ ..] => {
            check(Need::Testing, flags)?;
            the_page(rest)
        }
        rest => {
            program("bench", rest)?;
            if rest.contains(&"--help") {
                return Ok(());
            }
            let size: &[&str] = if rest.contains(&"--quick") { &["--applications", "300"] } else { &[] };
            println!();
            // The figures of before are worth something without browsers; a page that fails is a failure.
            if let Err(error) = check(Need::Testing, flags) {
                println!("skipped: page: {error:#}");
                return Ok(());
            }
            the_page(size)
        }
    }
}

fn program(name: &str, rest: &[&str]) -> anyhow::Result<()> {
    let mut line =
        vec!["cargo", "run", "--release", "--quiet", "--package", "slipway-tests", "--bin", name, "--"];
    line.extend(rest);
    run_line(&root(), &line)
}

/// The page in Chromium and in the window, with the programs as they are shipped.
fn the_page(rest: &[&str]) -> anyhow::Result<()> {
    page::build()?;
    run_line(
        &root(),
        &["cargo", "build", "--release", "--package", "slipway-cli", "--package", "slipway-desktop"],
    )?;
    let built = target().join("release");
    // Without a display the bench itself says that it skips the window.
    let mut bench = if answer(&["xvfb-run", "--help"]).is_some() {
        let mut bench = Command::new("xvfb-run");
        bench.args(["--auto-servernum", "--server-args=-screen 0 1600x1000x24", "node"]);
        bench
    } else {
        Command::new("node")
    };
    bench
        .arg("e2e/bench/run.mjs")
        .args(rest.iter().map(OsStr::new))
        .current_dir(page::folder())
        .env("SLIPWAY", built.join("slipway"))
        .env("SLIPWAY_DESKTOP", built.join("slipway-desktop"))
        .env_remove("SLIPWAY_PAGE")
        .stdin(std::process::Stdio::null());
    let done = watch(bench, |_| {}).context("the page cannot be measured")?;
    anyhow::ensure!(done, "the page could not be measured to the end");
    Ok(())
}
