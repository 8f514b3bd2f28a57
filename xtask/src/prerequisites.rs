//! What must be on the machine: Rust, Node, and on Debian and Ubuntu some packages.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::Flags;
use crate::process::{answer, run};

/// For building the window.
const FOR_BUILDING: &[&str] = &[
    "build-essential",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
];

/// For a window without a display.
const FOR_XVFB: &[&str] = &["xauth", "xvfb"];

/// For tests beside these.
const FOR_TESTING: &[&str] =
    &["chromium", "git", "openssh-server", "python3", "webkit2gtk-driver", "xdotool"];

/// What a command needs beyond building.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing.
    Building,
    /// A display that is made up.
    Xvfb,
    /// Everything.
    Testing,
}

/// Checks the tools, then installs or names what is missing.
pub(crate) fn check(need: Need, flags: &Flags) -> anyhow::Result<()> {
    at_least("rustc", &["rustc", "--version"], (1, 95))?;
    at_least("node", &["node", "--version"], (20, 19))?;
    if answer(&["npm", "--version"]).is_none() {
        bail!("npm is not on the path; it comes with Node");
    }
    let mut wanted = FOR_BUILDING.to_vec();
    if need != Need::Building {
        wanted.extend(FOR_XVFB);
    }
    if need == Need::Testing {
        wanted.extend(FOR_TESTING);
    }
    install_missing(&wanted, flags)
}

fn at_least(name: &str, line: &[&str], wanted: (u32, u32)) -> anyhow::Result<()> {
    let text = answer(line).with_context(|| format!("{name} is not on the path"))?;
    let numbers: Vec<u32> = text
        .split(|character: char| !character.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .take(2)
        .filter_map(|part| part.parse().ok())
        .collect();
    let found = (numbers.first().copied().unwrap_or(0), numbers.get(1).copied().unwrap_or(0));
    if found < wanted {
        bail!("{name} is {}.{}; at least {}.{} is needed", found.0, found.1, wanted.0, wanted.1);
    }
    Ok(())
}

fn install_missing(wanted: &[&str], flags: &Flags) -> anyhow::Result<()> {
    if answer(&["dpkg-query", "--version"]).is_none() {
        println!("This is no Debian or Ubuntu: these packages, or what corresponds to them, are expected:");
        println!("  {}", wanted.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing system packages: {}", missing.join(" "));
    let root = answer(&["id", "-u"]).as_deref() == Some("0");
    let prefix: &[&str] = if root { &[] } else { &["sudo"] };
    let install: Vec<&str> = prefix
        .iter()
        .chain(&["apt-get", "install", "-y", "--no-install-recommends"])
        .chain(&missing)
        .copied()
        .collect();
    if !root && !flags.has("--yes") && !agreed()? {
        bail!("install them first:\n  {}", install.join(" "));
    }
    let update: Vec<&str> = prefix.iter().chain(&["apt-get", "update"]).copied().collect();
    run(Path::new("."), &update)?;
    run(Path::new("."), &install)
}

fn is_installed(package: &str) -> bool {
    answer(&["dpkg-query", "-W", "-f", "${db:Status-Status}", package]).as_deref() == Some("installed")
}

fn agreed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("Install them now with sudo? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
