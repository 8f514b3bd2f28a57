//! Signing commits as `commit.gpgSign`, `gpg.format` and `user.signingKey` say (git-config(1)).
//!
//! The programs are those of the user's and the system's settings. A program that the repository's own
//! configuration names runs only with consent; without it the user's program signs.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use git2::Config;

use crate::error::GitError;
use crate::settings::{self, Consent, RepositoryProgram};

/// How a commit is to be signed.
pub(crate) struct Signer {
    format: Format,
    program: String,
    key: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    OpenPgp,
    X509,
    Ssh,
}

impl Signer {
    /// How commits of this repository are signed; `None` where they are not.
    pub(crate) fn of(repository: &git2::Repository, consent: &Consent) -> Result<Option<Self>, GitError> {
        let config = settings::of(repository)?;
        if !config.get_bool("commit.gpgsign").unwrap_or(false) {
            return Ok(None);
        }
        let format = config.get_string("gpg.format").unwrap_or_default();
        let (format, default_program) = match format.as_str() {
            "" | "openpgp" => (Format::OpenPgp, "gpg"),
            "x509" => (Format::X509, "gpgsm"),
            "ssh" => (Format::Ssh, "ssh-keygen"),
            other => {
                let message = format!("`gpg.format` is `{other}`, not openpgp, x509 or ssh");
                return Err(GitError::Signing { program: "gpg".to_owned(), message });
            }
        };
        let trusts = consent.allows(RepositoryProgram::SigningProgram);
        let mut program = None;
        for name in format.program_settings() {
            if program.is_none() {
                program = settings::program(&config, name, trusts)?;
            }
        }
        let program = program.filter(|value| !value.is_empty()).unwrap_or_else(|| default_program.to_owned());
        let mut key = config.get_string("user.signingkey").ok().filter(|key| !key.is_empty());
        if key.is_none() && format == Format::Ssh {
            key = default_ssh_key(&config, trusts)?;
        }
        Ok(Some(Self { format, program: settings::expand_home(&program).display().to_string(), key }))
    }

    /// The program that the repository names and that does not run without consent.
    pub(crate) fn untrusted_program(repository: &git2::Repository) -> Result<Option<String>, GitError> {
        let config = settings::of(repository)?;
        let names =
            ["gpg.program", "gpg.openpgp.program", "gpg.x509.program", "gpg.ssh.program", SSH_KEY_COMMAND];
        Ok(names
            .iter()
            .filter_map(|name| settings::get(&config, name).map(|setting| (name, setting)))
            .find(|(_, setting)| setting.of_repository)
            .map(|(name, setting)| format!("{name} = {}", setting.value)))
    }

    /// Signs the text of a commit.
    ///
    /// # Errors
    /// When the program cannot be started or makes no signature.
    pub(crate) fn sign(&self, content: &str, committer: &str) -> Result<String, GitError> {
        match self.format {
            Format::OpenPgp | Format::X509 => self.sign_with_gpg(content, committer),
            Format::Ssh => self.sign_with_ssh(content),
        }
    }

    fn failed(&self, message: impl Into<String>) -> GitError {
        GitError::Signing { program: self.program.clone(), message: message.into() }
    }

    fn sign_with_gpg(&self, content: &str, committer: &str) -> Result<String, GitError> {
        let mut command = Command::new(&self.program);
        command.args(["--status-fd=2", "-bsau", self.key.as_deref().unwrap_or(committer)]);
        let output = run(&mut command, content).map_err(|error| self.failed(error.to_string()))?;
        let status = String::from_utf8_lossy(&output.stderr).into_owned();
        let made = status.lines().any(|line| line.starts_with("[GNUPG:] SIG_CREATED "));
        if !output.status.success() || !made {
            return Err(self.failed(readable(&output)));
        }
        String::from_utf8(output.stdout)
            .map(|signature| signature.replace("\r\n", "\n"))
            .map_err(|_| self.failed("the signature is not text"))
    }

    fn sign_with_ssh(&self, content: &str) -> Result<String, GitError> {
        let Some(key) = &self.key else {
            return Err(self.failed("`user.signingKey` is not set"));
        };
        let folder = tempfile::tempdir().map_err(|error| self.failed(error.to_string()))?;
        let message = folder.path().join("commit");
        let literal = literal_key(key);
        let key_file = match literal {
            Some(_) => folder.path().join("key.pub"),
            None => settings::expand_home(key),
        };
        let written = std::fs::write(&message, content)
            .and_then(|()| literal.map_or(Ok(()), |key| std::fs::write(&key_file, key)));
        written.map_err(|error| self.failed(error.to_string()))?;
        let mut command = Command::new(&self.program);
        command.args(["-Y", "sign", "-n", "git", "-f"]).arg(&key_file);
        if literal.is_some() {
            // The private key is in the agent.
            command.arg("-U");
        }
        command.arg(&message);
        let output = run(&mut command, "").map_err(|error| self.failed(error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed(readable(&output)));
        }
        let signature = std::fs::read_to_string(message.with_extension("sig"))
            .map_err(|_| self.failed(readable(&output)))?;
        Ok(signature.replace("\r\n", "\n"))
    }
}

const SSH_KEY_COMMAND: &str = "gpg.ssh.defaultkeycommand";

impl Format {
    /// The settings that name the program, first found wins.
    fn program_settings(self) -> &'static [&'static str] {
        match self {
            Self::OpenPgp => &["gpg.openpgp.program", "gpg.program"],
            Self::X509 => &["gpg.x509.program"],
            Self::Ssh => &["gpg.ssh.program"],
        }
    }
}

/// A key that is written out instead of naming a file.
fn literal_key(key: &str) -> Option<&str> {
    key.strip_prefix("key::").or_else(|| key.starts_with("ssh-").then_some(key))
}

/// Asks `gpg.ssh.defaultKeyCommand` for the key, as Git does: the first line that is a key.
fn default_ssh_key(config: &Config, trusts: bool) -> Result<Option<String>, GitError> {
    let Some(command) = settings::program(config, SSH_KEY_COMMAND, trusts)? else {
        return Ok(None);
    };
    let output = Command::new("sh")
        .args(["-c", &command])
        .stdin(Stdio::null())
        .output()
        .map_err(|source| GitError::Program { program: command.clone(), source })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().filter(|line| literal_key(line).is_some()).map(str::to_owned))
}

fn run(command: &mut Command, input: &str) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that fails early does not read; its exit tells.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

/// What a program said, without gpg's status lines.
fn readable(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.starts_with("[GNUPG:]") && !line.trim().is_empty()).collect();
    if lines.is_empty() { format!("it ended with {}", output.status) } else { lines.join("; ") }
}

/// Whether a program can be found.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.is_file();
    }
    crate::transport::find_program(program).is_some()
}

impl Signer {
    /// The program that will sign.
    pub(crate) fn program(&self) -> &str {
        &self.program
    }
}
