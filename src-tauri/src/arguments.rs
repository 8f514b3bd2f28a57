//! What the window can be started with.

use std::ffi::OsString;
use std::path::PathBuf;

/// What is printed for `--help`.
pub(crate) const USAGE: &str = "\
The window of Slipway

usage: slipway-desktop [--sample | REPOSITORY] [--alone]

  REPOSITORY  the repository to open; by default the last one. Where Slipway runs already, its window shows it
  --alone     a program of its own, also where Slipway runs already
  --sample    the built-in sample repository with the sandbox
  --version   prints the version

  SLIPWAY_LOG says what to log, as in `info` or `slipway=debug`.
";

/// What the window was started with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) repository: Option<PathBuf>,
    pub(crate) sample: bool,
    pub(crate) alone: bool,
    pub(crate) help: bool,
    pub(crate) version: bool,
}

impl Arguments {
    /// Reads the arguments after the name of the program.
    ///
    /// The error is a sentence for the terminal.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut read = Self::default();
        for argument in arguments {
            match argument.to_str() {
                Some("--sample") => read.sample = true,
                Some("--alone") => read.alone = true,
                Some("--help" | "-h") => read.help = true,
                Some("--version" | "-V") => read.version = true,
                Some(flag) if flag.starts_with('-') => return Err(format!("there is no option `{flag}`")),
                _ if read.repository.is_some() => return Err("only one repository can be opened".to_owned()),
                _ => read.repository = Some(PathBuf::from(argument)),
            }
        }
        if read.sample && read.repository.is_some() {
            return Err("`--sample` opens a repository of its own; leave the other one out".to_owned());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::read(arguments.iter().map(OsString::from))
    }

    #[test]
    fn a_repository_or_the_sample() {
        assert_eq!(read(&["repo"]).unwrap().repository, Some(PathBuf::from("repo")));
        assert!(read(&["--sample"]).unwrap().sample);
        assert!(read(&["--sample", "repo"]).is_err());
        assert!(read(&["a", "b"]).is_err());
        assert!(read(&["--smaple"]).unwrap_err().contains("--smaple"));
    }
}
