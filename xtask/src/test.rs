//! `cargo xtask test`: everything that must pass, and a count at the end.

use std::collections::BTreeSet;
use std::process::Command;

use crate::prerequisites::{Need, check};
use crate::process::{command, watch};
use crate::{Flags, built, page, root};

/// What the steps reported.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
    /// `NAME: REASON`, each once.
    skipped: BTreeSet<String>,
    failures: Vec<String>,
}

impl Tally {
    /// Runs a step that has no tests of its own: it counts as one.
    fn check(&mut self, name: &str, command: Command) {
        println!("\n── {name}");
        match watch(command, |_| {}) {
            Ok(true) => self.passed += 1,
            Ok(false) => self.fail(name.to_owned()),
            Err(error) => self.fail(format!("{name}: {error:#}")),
        }
    }

    /// Runs a step whose output tells how many tests passed. A step that fails without a failed test, or that
    /// ran no test at all, is a failure of its own.
    fn tests(&mut self, name: &str, command: Command, read: fn(&str) -> Option<Count>) {
        println!("\n── {name}");
        let (mut passed, mut failed) = (0, 0);
        let mut skipped = BTreeSet::new();
        let outcome = watch(command, |line| {
            if let Some(count) = read(line) {
                passed += count.passed;
                failed += count.failed;
                if count.skipped > 0 {
                    skipped.insert(format!("{name}: {} by the runner itself", count.skipped));
                }
            }
            if let Some(skip) = line.trim().strip_prefix("skipped: ") {
                skipped.insert(skip.to_owned());
            }
        });
        self.passed += passed;
        self.failed += failed;
        self.skipped.extend(skipped);
        match outcome {
            Ok(true) if passed == 0 => self.fail(format!("{name}: no test ran")),
            Ok(true) => {}
            Ok(false) if failed == 0 => self.fail(name.to_owned()),
            Ok(false) => self.failures.push(format!("{name}: {failed} failed")),
            Err(error) => self.fail(format!("{name}: {error:#}")),
        }
    }

    fn fail(&mut self, what: String) {
        self.failed += 1;
        self.failures.push(what);
    }
}

/// What one line of output says.
struct Count {
    passed: u32,
    failed: u32,
    skipped: u32,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    check(Need::Testing, flags)?;
    page::build()?;
    let root = root();
    let ui = page::folder();
    let mut tally = Tally::default();

    tally.check("formatting", command(&root, &["cargo", "fmt", "--all", "--check"]));
    tally.check(
        "lints",
        command(
            &root,
            &["cargo", "clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"],
        ),
    );
    tally.check("types of the page", command(&ui, &["npm", "run", "--silent", "typecheck"]));
    tally.check("lints of the page", command(&ui, &["npm", "run", "--silent", "lint"]));
    tally.check("size of the page", command(&ui, &["npm", "run", "--silent", "check:size"]));
    tally.tests("tests of the page", command(&ui, &["npm", "test", "--silent"]), vitest);
    // The journeys and the window tests start these programs.
    tally.check("programs", command(&root, &["cargo", "build", "--workspace", "--bins"]));
    let mut tests =
        command(&root, &["cargo", "test", "--workspace", "--no-fail-fast", "--", "--show-output"]);
    tests.env("SLIPWAY", built("slipway"));
    tally.tests("tests", tests, libtest);
    let mut fuzz = Command::new(built("fuzz"));
    fuzz.args(["--seed", "1", "--breakages", "3", "--seconds", "50"]).current_dir(&root);
    tally.check("fuzz", fuzz);
    let mut browser = command(&ui, &["npm", "run", "--silent", "e2e"]);
    browser.env("SLIPWAY", built("slipway"));
    tally.tests("browser", browser, playwright);
    tally.tests("window", window_tests(), playwright);

    println!();
    for skip in &tally.skipped {
        println!("skipped: {skip}");
    }
    for failure in &tally.failures {
        println!("failed: {failure}");
    }
    println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped.len());
    if tally.failed > 0 {
        anyhow::bail!("{} failed", tally.failed);
    }
    Ok(())
}

/// The window under Xvfb, driven over WebDriver.
fn window_tests() -> Command {
    let mut window = Command::new("xvfb-run");
    window
        .args([
            "--auto-servernum",
            "--server-args=-screen 0 1600x1000x24",
            "npm",
            "run",
            "--silent",
            "window",
        ])
        .current_dir(page::folder())
        .env("SLIPWAY_DESKTOP", built("slipway-desktop"))
        .stdin(std::process::Stdio::null());
    window
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; …`
fn libtest(line: &str) -> Option<Count> {
    let rest = line.strip_prefix("test result: ")?;
    Some(Count {
        passed: number_before(rest, " passed"),
        failed: number_before(rest, " failed"),
        skipped: number_before(rest, " ignored"),
    })
}

/// `      Tests  2 failed | 62 passed | 1 skipped (65)`
fn vitest(line: &str) -> Option<Count> {
    let plain = without_colours(line);
    let rest = plain.trim().strip_prefix("Tests ")?;
    Some(Count {
        passed: number_before(rest, " passed"),
        failed: number_before(rest, " failed"),
        skipped: number_before(rest, " skipped"),
    })
}

/// `  3 passed (12.3s)`, `  1 failed`, `  1 skipped`, each on a line of its own.
fn playwright(line: &str) -> Option<Count> {
    let plain = without_colours(line);
    let mut words = plain.split_whitespace();
    let number = words.next()?.parse().ok()?;
    let mut count = Count { passed: 0, failed: 0, skipped: 0 };
    match words.next()? {
        "passed" => count.passed = number,
        "failed" => count.failed = number,
        "skipped" => count.skipped = number,
        _ => return None,
    }
    match words.next() {
        None => Some(count),
        Some(time) if time.starts_with('(') => Some(count),
        Some(_) => None,
    }
}

fn number_before(text: &str, word: &str) -> u32 {
    let Some((before, _)) = text.split_once(word) else { return 0 };
    before
        .rsplit(|character: char| !character.is_ascii_digit())
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: Option<Count>) -> Option<(u32, u32, u32)> {
        count.map(|count| (count.passed, count.failed, count.skipped))
    }

    #[test]
    fn every_runner_is_read() {
        assert_eq!(
            of(libtest("test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured")),
            Some((12, 3, 1))
        );
        assert_eq!(of(vitest("\u{1b}[2m      Tests \u{1b}[22m 2 failed | 62 passed (64)")), Some((62, 2, 0)));
        assert_eq!(of(playwright("  3 passed (12.3s)")), Some((3, 0, 0)));
        assert_eq!(of(playwright("  1 failed")), Some((0, 1, 0)));
        assert_eq!(of(playwright("  3 passed over the bar")), None);
    }
}
