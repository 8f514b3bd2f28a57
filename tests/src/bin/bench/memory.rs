//! The memory of a process that holds a rendered fleet and did nothing else.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, ensure};

use crate::figure::{Budget, Figures, Unit};
use crate::repository::{OnDisk, open};

/// Megabytes of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Memory {
    held: f64,
    peak: f64,
}

/// Measures in a process of its own, because this one has done other things.
pub(crate) fn measure(disk: &OnDisk, budget: Option<Budget>, figures: &mut Figures) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("the bench does not know where it lies")?;
    let (mut held, mut peak) = (Vec::new(), Vec::new());
    for _ in 0..figures.runs().min(3) {
        let output = Command::new(&program)
            .arg("--hold")
            .arg(disk.folder())
            .output()
            .context("the bench cannot start itself")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the process that holds the fleet failed: {said}");
        if let Some(memory) = answer(&String::from_utf8_lossy(&output.stdout)) {
            held.push(memory.held);
            peak.push(memory.peak);
        }
    }
    figures.add("memory, whole fleet rendered and held", Unit::Megabytes, budget, held);
    figures.add("memory, the most while rendering", Unit::Megabytes, None, peak);
    Ok(())
}

/// Renders the fleet of a repository, holds it, and prints how much memory that takes, in kilobytes.
pub(crate) fn hold(folder: &Path) -> anyhow::Result<()> {
    let workspace = open(folder)?;
    let fleet = workspace.update(&AtomicBool::new(false), &|_| {})?;
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        print!("{status}");
    }
    drop((fleet, workspace));
    Ok(())
}

/// Reads what `/proc/self/status` says; `None` on a system that has none.
fn answer(status: &str) -> Option<Memory> {
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kilobytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kilobytes / 1024.0)
    };
    Some(Memory { held: megabytes("VmRSS:")?, peak: megabytes("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_process_is_read() {
        let status = "Name:\tbench\nVmHWM:\t  409600 kB\nVmRSS:\t    2048 kB\n";
        assert_eq!(answer(status), Some(Memory { held: 2.0, peak: 400.0 }));
        assert_eq!(answer(""), None);
    }
}
