//! One program for all windows: a second start hands its repository to the first and ends.
//!
//! The first program listens on a socket in the runtime folder, which only its user can reach. A line of the
//! second is the absolute path of a repository, or empty to come to the front; the first answers that it heard. One that
//! does not answer hangs, and the second goes on by itself. On other systems than Unix each start is a program of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// What another start asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To come to the front.
    Front,
    /// A repository, in a window of its own.
    Repository(PathBuf),
}

impl Asked {
    fn line(&self) -> Vec<u8> {
        let mut line = match self {
            Self::Front => Vec::new(),
            Self::Repository(path) => path.as_os_str().as_encoded_bytes().to_vec(),
        };
        line.push(b'\n');
        line
    }

    /// Reads a line. A path that is not absolute is not one of ours.
    fn read(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.is_empty() {
            return Some(Self::Front);
        }
        let path = PathBuf::from(std::str::from_utf8(line).ok()?);
        path.is_absolute().then_some(Self::Repository(path))
    }
}

/// Whether this program is the first.
pub(crate) enum Place {
    /// It is; others ask it.
    First(Option<Listener>),
    /// Another one runs and has been asked.
    Second,
}

/// Where others ask, from the moment that the place was taken.
pub(crate) struct Listener {
    heard: std::sync::mpsc::Receiver<Asked>,
}

/// The longest line that is read: longer than any path.
#[cfg(unix)]
const LONGEST: u64 = 16 * 1024;

/// How long a program that runs may take to say that it heard.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What the first says when it heard.
#[cfg(unix)]
const HEARD: &[u8] = b"heard\n";

/// Asks the program that runs already, or becomes the one that is asked.
#[cfg(unix)]
pub(crate) fn take_place(folder: &Path, asked: &Asked, patience: Duration) -> Place {
    use std::os::unix::net::UnixListener;

    let path = folder.join("window.sock");
    let made = std::fs::create_dir_all(folder).and_then(|()| {
        // Two starts at once: one takes the place, and the other finds it taken.
        let turn = std::fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("window.lock"))?;
        turn.lock()?;
        if ask(&path, asked, patience) {
            return Ok(None);
        }
        // Nobody answers: what is there was left by a program that is gone, or by one that hangs.
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
        let listener = UnixListener::bind(&path)?;
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Some(listener))
    });
    match made {
        Ok(None) => Place::Second,
        Ok(Some(listener)) => Place::First(Some(hear(listener))),
        Err(error) => {
            tracing::warn!(%error, "other starts cannot be heard; each will be a program of its own");
            Place::First(None)
        }
    }
}

/// Whether the program that runs heard what is asked.
#[cfg(unix)]
fn ask(path: &Path, asked: &Asked, patience: Duration) -> bool {
    use std::io::{Read as _, Write as _};

    let Ok(mut other) = std::os::unix::net::UnixStream::connect(path) else { return false };
    let mut answer = [0; HEARD.len()];
    let mut asked_and_heard = || -> std::io::Result<()> {
        other.set_write_timeout(Some(patience))?;
        other.set_read_timeout(Some(patience))?;
        other.write_all(&asked.line())?;
        other.read_exact(&mut answer)
    };
    asked_and_heard().is_ok() && answer == HEARD
}

/// Hears other starts on a thread that lives as long as the program. What they ask waits until there are windows.
#[cfg(unix)]
fn hear(listener: std::os::unix::net::UnixListener) -> Listener {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let (sender, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            // Who connects and says nothing must not keep others waiting.
            if stream.set_read_timeout(Some(Duration::from_secs(2))).is_err() {
                continue;
            }
            let mut line = Vec::new();
            if BufReader::new((&stream).take(LONGEST)).read_until(b'\n', &mut line).is_ok()
                && line.ends_with(b"\n")
                && let Some(asked) = Asked::read(&line)
            {
                if sender.send(asked).is_err() {
                    return;
                }
                // Who asked and did not wait for the answer will see the window.
                let _ = stream.write_all(HEARD);
            }
        }
    });
    Listener { heard }
}

/// Each start is a program of its own.
#[cfg(not(unix))]
pub(crate) fn take_place(_: &Path, _: &Asked, _: Duration) -> Place {
    Place::First(None)
}

impl Listener {
    /// Does what other starts ask, on a thread of its own, one after the other; what they asked before this call comes
    /// first.
    pub(crate) fn listen(self, mut heard: impl FnMut(Asked) + Send + 'static) {
        std::thread::spawn(move || {
            for asked in self.heard {
                heard(asked);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        for asked in [Asked::Front, Asked::Repository(PathBuf::from("/home/ada/git ops"))] {
            assert_eq!(Asked::read(&asked.line()), Some(asked));
        }
        assert_eq!(Asked::read(b"relative/path\n"), None);
        assert_eq!(Asked::read(b"/\xff\n"), None);
    }

    /// A folder of this test alone; sockets have short paths, so it is no deep one.
    #[cfg(unix)]
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("slipway-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[cfg(unix)]
    #[test]
    fn a_second_start_is_heard_by_the_first_also_while_that_one_still_starts() {
        let folder = folder("single");
        let Place::First(Some(listener)) = take_place(&folder, &Asked::Front, PATIENCE) else {
            panic!("nobody runs")
        };
        let asked = Asked::Repository(PathBuf::from("/r"));
        assert!(matches!(take_place(&folder, &asked, PATIENCE), Place::Second), "there is no window yet");
        let (sender, receiver) = std::sync::mpsc::channel();
        listener.listen(move |asked| sender.send(asked).unwrap());
        assert_eq!(receiver.recv_timeout(Duration::from_secs(10)).unwrap(), asked);
        assert!(matches!(take_place(&folder, &Asked::Front, PATIENCE), Place::Second));
        assert_eq!(receiver.recv_timeout(Duration::from_secs(10)).unwrap(), Asked::Front);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn of_starts_at_once_one_is_the_first() {
        let folder = folder("at-once");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let folder = folder.clone();
                std::thread::spawn(move || take_place(&folder, &Asked::Front, PATIENCE))
            })
            .collect();
        // Listeners are kept until all have asked.
        let places: Vec<Place> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        assert_eq!(places.iter().filter(|place| matches!(place, Place::First(_))).count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_that_was_left_behind_is_replaced() {
        let folder = folder("left");
        drop(std::os::unix::net::UnixListener::bind(folder.join("window.sock")).unwrap());
        assert!(matches!(take_place(&folder, &Asked::Front, PATIENCE), Place::First(Some(_))));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_keeps_no_other_from_starting() {
        let folder = folder("hangs");
        let _hangs = std::os::unix::net::UnixListener::bind(folder.join("window.sock")).unwrap();
        let place = take_place(&folder, &Asked::Front, Duration::from_millis(50));
        assert!(matches!(place, Place::First(Some(_))));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
