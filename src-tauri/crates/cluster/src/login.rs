//! Programs that get the credentials of a context (`exec` of a kubeconfig).
//!
//! They are run here and not by the library, which waits for them without end, gives them the standard input of the
//! window or of the server, and puts all that they print into its errors. What they print on standard output is a secret
//! and never shown.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>

use std::io::{ErrorKind as IoErrorKind, IsTerminal as _};
use std::process::{Output, Stdio};
use std::time::{Duration, SystemTime};

use k8s_openapi::jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::error::{ClusterError, ErrorKind};

/// So long before its end a login counts as ended.
const MARGIN: Duration = Duration::from_secs(10);
/// The most of what a program says that is shown: its end, where it says why it failed.
const LONGEST_WORDS: usize = 500;

/// Whether somebody is there to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interaction {
    /// Nobody: a program that asks gets the end of the input, and is waited for no longer than is said.
    #[default]
    None,
    /// The terminal of this process, where it has one: programs that want to ask may, and take their time.
    Terminal,
}

/// A program that gets credentials.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    exec: ExecConfig,
    context: String,
    command: String,
}

/// What a program gave.
pub(crate) struct Login {
    token: Option<String>,
    certificate: Option<(String, String)>,
    /// From when on it has to be asked again.
    pub(crate) ends: Option<SystemTime>,
}

impl Program {
    /// Takes the program out of what says who is asking, where that is what decides.
    pub(crate) fn take(user: &mut AuthInfo, context: &str) -> Result<Option<Self>, ClusterError> {
        let is_said_otherwise = user.auth_provider.is_some()
            || user.token.is_some()
            || user.token_file.is_some()
            || (user.username.is_some() && user.password.is_some());
        let Some(exec) = user.exec.take().filter(|_| !is_said_otherwise) else { return Ok(None) };
        let Some(command) = exec.command.clone().filter(|command| !command.is_empty()) else {
            return Err(ClusterError::new(
                ErrorKind::Kubeconfig,
                format!(
                    "context `{context}` gets its credentials from a program, and does not say from which"
                ),
            )
            .hint("add `command` to `exec` of its user in the kubeconfig"));
        };
        Ok(Some(Self { exec, context: context.to_owned(), command }))
    }

    /// Runs it. It ends when this is no longer waited for.
    pub(crate) async fn run(
        &self,
        interaction: Interaction,
        patience: Duration,
    ) -> Result<Login, ClusterError> {
        let is_asked = interaction == Interaction::Terminal
            && self.exec.interactive_mode != Some(ExecInteractiveMode::Never)
            && std::io::stdin().is_terminal();
        let mut command = Command::new(&self.command);
        command.args(self.exec.args.iter().flatten()).kill_on_drop(true).stdout(Stdio::piped());
        for variable in self.exec.env.iter().flatten() {
            if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
                command.env(name, value);
            }
        }
        for name in self.exec.drop_env.iter().flatten() {
            command.env_remove(name);
        }
        command.env("KUBERNETES_EXEC_INFO", self.information(is_asked)?.to_string());
        if is_asked {
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            command.stdin(Stdio::null()).stderr(Stdio::piped());
        }
        let child = command.spawn().map_err(|failure| self.does_not_start(&failure))?;
        let output = if is_asked {
            child.wait_with_output().await
        } else {
            match tokio::time::timeout(patience, child.wait_with_output()).await {
                Ok(output) => output,
                Err(_) => return Err(self.hangs(patience)),
            }
        };
        let output = output.map_err(|failure| self.does_not_start(&failure))?;
        if output.status.success() { self.read(&output) } else { Err(self.failed(&output)) }
    }

    /// `KUBERNETES_EXEC_INFO`.
    fn information(&self, interactive: bool) -> Result<Value, ClusterError> {
        let mut information = json!({
            "apiVersion": self.exec.api_version,
            "kind": "ExecCredential",
            "spec": {"interactive": interactive},
        });
        if let Some(cluster) = self.exec.cluster.as_ref().filter(|_| self.exec.provide_cluster_info) {
            information["spec"]["cluster"] = serde_json::to_value(cluster)
                .map_err(|failure| ClusterError::new(ErrorKind::Kubeconfig, failure.to_string()))?;
        }
        Ok(information)
    }

    fn read(&self, output: &Output) -> Result<Login, ClusterError> {
        let wrong = |why: &str| {
            let message = format!("{} printed {why}", self.named());
            ClusterError::new(ErrorKind::Kubeconfig, message).hint(format!(
                "run `{}` with the arguments of the kubeconfig in a terminal: it has to print an ExecCredential",
                self.command
            ))
        };
        if output.stdout.trim_ascii().is_empty() {
            return Err(wrong("nothing"));
        }
        // Some print YAML, which kubectl takes as well. What is wrong is not told: it may be a piece of a secret.
        let answer: Value = serde_saphyr::from_slice(&output.stdout)
            .map_err(|_| wrong("something that is neither JSON nor YAML"))?;
        let text = |key: &str| {
            answer.pointer(&format!("/status/{key}")).and_then(Value::as_str).map(ToOwned::to_owned)
        };
        let certificate = text("clientCertificateData").zip(text("clientKeyData"));
        let token = text("token");
        if token.is_none() && certificate.is_none() {
            return Err(wrong("no credentials: neither `status.token` nor a client certificate is there"));
        }
        let ends = match text("expirationTimestamp") {
            None => None,
            Some(moment) => {
                let moment: Timestamp =
                    moment.parse().map_err(|_| wrong("an `expirationTimestamp` that is no time"))?;
                Some(SystemTime::from(moment))
            }
        };
        Ok(Login { token, certificate, ends })
    }

    fn named(&self) -> String {
        format!("`{}`, which gets the credentials of context `{}`,", self.command, self.context)
    }

    /// How to see what the program wants.
    fn by_hand(&self) -> String {
        format!(
            "sign in outside: `kubectl --context {} version` in a terminal shows what it asks for; then try again",
            self.context
        )
    }

    fn does_not_start(&self, failure: &std::io::Error) -> ClusterError {
        let named = self.named();
        if failure.kind() != IoErrorKind::NotFound {
            return ClusterError::new(ErrorKind::Kubeconfig, format!("{named} cannot be run: {failure}"));
        }
        let message = format!("{named} is not installed, or not in PATH");
        let told = ClusterError::new(ErrorKind::Kubeconfig, message);
        let told = match self.exec.install_hint.as_deref().map(str::trim).filter(|hint| !hint.is_empty()) {
            Some(hint) => told.hint(format!("the kubeconfig says: {hint}")),
            None => told,
        };
        told.hint(
            "a program that is started from a desktop may have another PATH than a shell: write the whole path of the \
             command into the kubeconfig",
        )
    }

    fn hangs(&self, patience: Duration) -> ClusterError {
        let message = format!("{} is not done after {} s", self.named(), patience.as_secs());
        ClusterError::new(ErrorKind::Unauthorised, message)
            .hint_only("it may wait for you in a browser or at a prompt, which it cannot show here")
            .hint(self.by_hand())
    }

    fn failed(&self, output: &Output) -> ClusterError {
        let how = match output.status.code() {
            Some(code) => format!("ended with {code}"),
            None => "was ended".to_owned(),
        };
        let words = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let words = lines.join("; ");
        let from = words.len().saturating_sub(LONGEST_WORDS);
        let from = (from..words.len()).find(|at| words.is_char_boundary(*at)).unwrap_or(words.len());
        let (cut, end) = (if from > 0 { "…" } else { "" }, words.get(from..).unwrap_or_default());
        let words = if end.is_empty() { String::new() } else { format!(": {cut}{end}") };
        ClusterError::new(ErrorKind::Unauthorised, format!("{} {how}{words}", self.named()))
            .hint_only(self.by_hand())
    }
}

impl Login {
    /// Says who is asking.
    pub(crate) fn put_into(self, user: &mut AuthInfo) {
        if let Some((certificate, key)) = self.certificate {
            user.client_certificate_data = Some(base64(certificate.as_bytes()));
            user.client_key_data = Some(base64(key.as_bytes()).into());
        }
        user.token = self.token.map(Into::into);
    }

    /// Whether it has to be asked for again.
    pub(crate) fn has_ended(ends: Option<SystemTime>) -> bool {
        ends.is_some_and(|ends| SystemTime::now() + MARGIN >= ends)
    }
}

/// As a kubeconfig holds certificates.
fn base64(bytes: &[u8]) -> String {
    use k8s_openapi::ByteString;
    match serde_json::to_value(ByteString(bytes.to_vec())) {
        Ok(Value::String(text)) => text,
        // A byte string is always written as a text.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(command: &str, arguments: &[&str]) -> Program {
        let exec = serde_json::from_value(json!({
            "apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": arguments,
            "installHint": "see the handbook", "interactiveMode": "IfAvailable",
        }));
        let mut user = AuthInfo { exec: Some(exec.unwrap()), ..AuthInfo::default() };
        Program::take(&mut user, "dev").unwrap().unwrap()
    }

    async fn run(command: &str, arguments: &[&str]) -> Result<Login, ClusterError> {
        program(command, arguments).run(Interaction::None, Duration::from_secs(60)).await
    }

    #[tokio::test]
    async fn a_program_that_fails_says_why_and_its_output_is_kept_secret() {
        let table = [
            (
                "exit 3",
                ErrorKind::Unauthorised,
                "`sh`, which gets the credentials of context `dev`, ended with 3",
            ),
            (
                "echo SECRET; echo 'the session has expired' >&2; exit 255",
                ErrorKind::Unauthorised,
                "`sh`, which gets the credentials of context `dev`, ended with 255: the session has expired",
            ),
            // It reads the end of the input, not what is typed for this program.
            (
                "read answer || echo 'nobody answers' >&2; exit 1",
                ErrorKind::Unauthorised,
                "`sh`, which gets the credentials of context `dev`, ended with 1: nobody answers",
            ),
            (
                "true",
                ErrorKind::Kubeconfig,
                "`sh`, which gets the credentials of context `dev`, printed nothing",
            ),
            (
                "echo 'SECRET: {'",
                ErrorKind::Kubeconfig,
                "`sh`, which gets the credentials of context `dev`, printed something that is neither JSON nor YAML",
            ),
            (
                "echo '{\"status\": {\"password\": \"SECRET\"}}'",
                ErrorKind::Kubeconfig,
                "`sh`, which gets the credentials of context `dev`, printed no credentials: neither `status.token` nor a \
                 client certificate is there",
            ),
        ];
        for (script, kind, message) in table {
            let failure = run("sh", &["-c", script]).await.err().unwrap();
            assert_eq!((failure.kind, failure.message.as_str()), (kind, message), "{script}");
            assert!(!failure.hints.is_empty() && !format!("{failure:?}").contains("SECRET"), "{script}");
        }
    }

    #[tokio::test]
    async fn a_program_that_is_missing_is_named_with_what_the_kubeconfig_says_of_it() {
        let failure = run("no-such-login-program", &[]).await.err().unwrap();
        assert_eq!(
            failure.message,
            "`no-such-login-program`, which gets the credentials of context `dev`, is not installed, or not in PATH"
        );
        assert_eq!(failure.hints[0], "the kubeconfig says: see the handbook");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_not_waited_for() {
        let program = program("sleep", &["3600"]);
        let failure = program.run(Interaction::None, Duration::from_millis(50)).await.err().unwrap();
        assert_eq!(failure.kind, ErrorKind::Unauthorised);
        assert!(failure.message.ends_with("is not done after 0 s"), "{failure}");
        assert!(failure.hints[1].contains("kubectl --context dev version"), "{:?}", failure.hints);
    }

    #[tokio::test]
    async fn what_a_program_gives_is_who_asks_until_it_ends() {
        let script = "echo '{\"status\": {\"token\": \"t\", \"expirationTimestamp\": \"2020-01-01T00:00:00Z\", \
            \"clientCertificateData\": \"CERT\", \"clientKeyData\": \"KEY\"}}'";
        let login = run("sh", &["-c", script]).await.unwrap();
        assert!(Login::has_ended(login.ends) && !Login::has_ended(None));
        let mut user = AuthInfo::default();
        login.put_into(&mut user);
        assert_eq!(user.client_certificate_data.as_deref(), Some("Q0VSVA=="));
        assert!(user.token.is_some() && user.client_key_data.is_some());
    }
}
