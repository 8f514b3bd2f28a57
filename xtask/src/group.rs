//! Programs that end when this one is told to end.
//!
//! Each is started in a process group of its own, so that what it starts in turn (a display, a compiler) ends too,
//! whether Ctrl-C was pressed or only this process was signalled.

use std::io;
use std::process::{Child, Command};

#[cfg(unix)]
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    use std::os::unix::process::CommandExt as _;

    let mut groups = unix::groups()?;
    let child = command.process_group(0).spawn()?;
    groups.push(rustix::process::Pid::from_child(&child));
    Ok(child)
}

#[cfg(not(unix))]
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    // The console ends all programs that it holds.
    command.spawn()
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

    use rustix::process::{Pid, Signal, kill_process_group};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    static GROUPS: OnceLock<Mutex<Vec<Pid>>> = OnceLock::new();

    /// The groups that were started, locked; the first call begins to wait for signals.
    pub(super) fn groups() -> io::Result<MutexGuard<'static, Vec<Pid>>> {
        if GROUPS.get().is_none() {
            let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
            let _ = GROUPS.set(Mutex::default());
            std::thread::spawn(move || {
                for _ in signals.forever() {
                    for group in lock().iter() {
                        // A group that has ended is no fault.
                        let _ = kill_process_group(*group, Signal::TERM);
                    }
                }
            });
        }
        Ok(lock())
    }

    fn lock() -> MutexGuard<'static, Vec<Pid>> {
        GROUPS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
    }
}
