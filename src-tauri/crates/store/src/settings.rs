//! What the user has set.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Folders, StoreError, write_atomically};

/// The colour theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the desktop has it.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// The colours of differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiffColours {
    /// Blue and orange, which stay apart for people who do not tell red from green.
    #[default]
    Safe,
    /// Green and red.
    Classic,
}

/// How much room rows take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// The usual.
    #[default]
    Comfortable,
    /// More rows on a screen.
    Compact,
}

/// How things look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// The colours of differences.
    pub diff_colours: DiffColours,
    /// How much room rows take.
    pub density: Density,
    /// The size of everything in percent; 100 where it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoom: Option<u16>,
}

/// Keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shortcuts {
    /// Whether a single letter is a shortcut (WCAG 2.1.4).
    pub single_letters: bool,
    /// Keys that the user changed, by what they do; empty text takes the key away.
    pub keys: BTreeMap<String, String>,
}

impl Default for Shortcuts {
    fn default() -> Self {
        Self { single_letters: true, keys: BTreeMap::new() }
    }
}

/// Where credentials are kept besides the keyring.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialSettings {
    /// Whether the user turned the encrypted file on.
    pub file: bool,
}

/// The author of commits, where Git knows none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Installed tools; each is looked for where it is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tools {
    /// The path of helm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helm: Option<PathBuf>,
    /// The path of kustomize.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kustomize: Option<PathBuf>,
}

/// What the user has set: `settings.toml` in the configuration folder. Keys that this version does not know
/// are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The colour theme.
    pub theme: Theme,
    /// The kubeconfig file; by default `KUBECONFIG`, then `~/.kube/config`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<PathBuf>,
    /// The author of commits.
    pub identity: Identity,
    /// The program that opens files, with arguments; `{file}`, `{line}` and `{column}` are put in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editor: Option<String>,
    /// Whether the window opens the last repository again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopen: Option<bool>,
    /// How things look.
    pub appearance: Appearance,
    /// Keys.
    pub shortcuts: Shortcuts,
    /// Where credentials are kept besides the keyring.
    pub credentials: CredentialSettings,
    /// Installed tools.
    pub tools: Tools,
    /// The kubeconfig context of each environment, by repository path, then environment.
    pub contexts: BTreeMap<String, BTreeMap<String, String>>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, toml::Value>,
}

impl Settings {
    /// The file.
    #[must_use]
    pub fn path(folders: &Folders) -> PathBuf {
        folders.config.join("settings.toml")
    }

    /// Reads the settings; defaults where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or is no valid TOML. It is not touched then.
    pub fn load(folders: &Folders) -> Result<Self, StoreError> {
        let path = Self::path(folders);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(StoreError::File { action: "read", path, source }),
        };
        toml::from_str(&text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let before = text.get(..offset).unwrap_or_default();
            StoreError::Settings {
                path,
                line: before.matches('\n').count() + 1,
                column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
                message: error.message().to_owned(),
            }
        })
    }

    /// Writes the settings.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, folders: &Folders) -> Result<(), StoreError> {
        let path = Self::path(folders);
        let text = toml::to_string_pretty(self).map_err(|error| StoreError::Settings {
            path: path.clone(),
            line: 1,
            column: 1,
            message: error.to_string(),
        })?;
        write_atomically(&path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> (tempfile::TempDir, Folders) {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        (folder, folders)
    }

    #[test]
    fn settings_read_back_with_the_keys_of_other_versions() {
        let (_guard, folders) = folders();
        fs::create_dir_all(&folders.config).unwrap();
        fs::write(Settings::path(&folders), "theme = \"dark\"\n[future]\nkey = 1\n").unwrap();
        let mut settings = Settings::load(&folders).unwrap();
        assert_eq!(settings.theme, Theme::Dark);
        settings.theme = Theme::Light;
        settings.save(&folders).unwrap();
        let text = fs::read_to_string(Settings::path(&folders)).unwrap();
        assert!(text.contains("key = 1"), "{text}");
        assert_eq!(Settings::load(&folders).unwrap(), settings);
    }

    #[test]
    fn a_mistake_is_named_with_its_place_and_kept() {
        let (_guard, folders) = folders();
        fs::create_dir_all(&folders.config).unwrap();
        fs::write(Settings::path(&folders), "theme = \"dark\"\nkubeconfig = 3\n").unwrap();
        let error = Settings::load(&folders).unwrap_err().to_string();
        assert!(error.contains("settings.toml:2:"), "{error}");
    }

    #[test]
    fn no_file_means_defaults() {
        let (_guard, folders) = folders();
        assert_eq!(Settings::load(&folders).unwrap(), Settings::default());
    }
}
