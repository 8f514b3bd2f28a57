//! One program for all windows: a second start hands its repository to the first and ends.
//!
//! The first program listens on a socket in the runtime folder, which only its user can reach. A line of the
//! second is the absolute path of a repository, or empty to come to the front. On other systems than Unix each
//! start is a program of its own.

use std::path::{Path, PathBuf};

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

/// Where others ask.
pub(crate) struct Listener {
    #[cfg(unix)]
    inner: std::os::unix::net::UnixListener,
    #[cfg(unix)]
    path: PathBuf,
}

/// The longest line that is read: longer than any path.
#[cfg(unix)]
const LONGEST: u64 = 16 * 1024;

/// Asks the program that runs already, or becomes the one that is asked.
#[cfg(unix)]
pub(crate) fn take_place(folder: &Path, asked: &Asked) -> Place {
    use std::io::Write as _;
    use std::os::unix::net::{UnixListener, UnixStream};

    let path = folder.join("window.sock");
    if let Ok(mut other) = UnixStream::connect(&path)
        && other.write_all(&asked.line()).and_then(|()| other.flush()).is_ok()
    {
        return Place::Second;
    }
    // Nobody answers: what is there was left by a program that is gone.
    let made = std::fs::create_dir_all(folder).and_then(|()| {
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
        let inner = UnixListener::bind(&path)?;
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Listener { inner, path: path.clone() })
    });
    match made {
        Ok(listener) => Place::First(Some(listener)),
        Err(error) => {
            tracing::warn!(%error, "other starts cannot be heard; each will be a program of its own");
            Place::First(None)
        }
    }
}

/// Each start is a program of its own.
#[cfg(not(unix))]
pub(crate) fn take_place(_: &Path, _: &Asked) -> Place {
    Place::First(None)
}

impl Listener {
    /// Hears other starts, on a thread that lives as long as the program.
    #[cfg(unix)]
    pub(crate) fn listen(self, heard: impl Fn(Asked) + Send + 'static) {
        use std::io::{BufRead as _, BufReader, Read as _};

        std::thread::spawn(move || {
            for stream in self.inner.incoming() {
                let Ok(stream) = stream else { continue };
                // Who connects and says nothing must not keep others waiting.
                if stream.set_read_timeout(Some(std::time::Duration::from_secs(2))).is_err() {
                    continue;
                }
                let mut line = Vec::new();
                if BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut line).is_ok()
                    && line.ends_with(b"\n")
                    && let Some(asked) = Asked::read(&line)
                {
                    heard(asked);
                }
            }
            // The name goes with the one who hears it.
            let _ = std::fs::remove_file(&self.path);
        });
    }

    /// Nobody asks.
    #[cfg(not(unix))]
    pub(crate) fn listen(self, _: impl Fn(Asked) + Send + 'static) {}
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

    #[cfg(unix)]
    #[test]
    fn a_second_start_is_heard_by_the_first() {
        let folder = std::env::temp_dir().join(format!("slipway-single-{}", std::process::id()));
        let (sender, receiver) = std::sync::mpsc::channel();
        let Place::First(Some(listener)) = take_place(&folder, &Asked::Front) else { panic!("nobody runs") };
        listener.listen(move |asked| sender.send(asked).unwrap());
        let asked = Asked::Repository(PathBuf::from("/r"));
        assert!(matches!(take_place(&folder, &asked), Place::Second));
        assert_eq!(receiver.recv_timeout(std::time::Duration::from_secs(10)).unwrap(), asked);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_that_was_left_behind_is_replaced() {
        let folder = std::env::temp_dir().join(format!("slipway-left-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        drop(std::os::unix::net::UnixListener::bind(folder.join("window.sock")).unwrap());
        assert!(matches!(take_place(&folder, &Asked::Front), Place::First(Some(_))));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
