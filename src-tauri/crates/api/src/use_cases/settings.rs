//! Settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use slipway_store as store;

use crate::Api;
use crate::app::blocking;
use crate::dto::*;
use crate::opened::Opened;

impl Api {
    pub(crate) async fn settings(&self, _: Nothing) -> Result<Settings, ApiError> {
        Ok(to_wire(&self.settings_now()))
    }

    pub(crate) async fn settings_save(&self, wanted: Settings) -> Result<Settings, ApiError> {
        let before = self.settings_now();
        let mut settings = before.clone();
        from_wire(&wanted, &mut settings);
        self.keep_settings(settings.clone()).await?;
        if before.tools != settings.tools {
            // The engines are found anew: what was rendered with the former ones is read again.
            self.reopen_workspaces().await;
        } else if before.contexts != settings.contexts || before.kubeconfig != settings.kubeconfig {
            self.forget_clusters(before.kubeconfig != settings.kubeconfig);
            self.tell_of_fleets();
        }
        Ok(to_wire(&settings))
    }

    /// Writes settings; the file first.
    pub(crate) async fn keep_settings(&self, settings: store::Settings) -> Result<(), ApiError> {
        let (folders, kept) = (self.inner.folders.clone(), settings.clone());
        blocking(move || Ok(kept.save(&folders)?)).await?;
        *self.inner.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(())
    }

    /// The fleets say which cluster an environment means, which is a setting.
    fn tell_of_fleets(&self) {
        for repository in self.all_opened() {
            if let Some(fleet) = repository.workspace.fleet() {
                self.tell(ApiEvent::FleetChanged {
                    repository: repository.id.clone(),
                    generation: fleet.generation,
                    progress: crate::convert::progress(fleet.progress()),
                });
            }
        }
    }

    /// Lets every opened repository begin anew with the settings as they are.
    async fn reopen_workspaces(&self) {
        let before: Vec<Arc<Opened>> = {
            let mut opened = self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *opened).into_values().collect()
        };
        for repository in before {
            let (id, path) = (repository.id.clone(), repository.path.clone());
            let sandbox = repository.sandbox.lock().await.take();
            repository.close().await;
            let again = RepositoryOpen { path: path.display().to_string() };
            match self.repository_open(again).await {
                Ok(_) => {
                    if let (Some(sandbox), Ok(opened)) = (sandbox, self.opened(&id)) {
                        *opened.sandbox.lock().await = Some(sandbox);
                    }
                }
                Err(failure) => tracing::warn!("{}: {}", path.display(), failure.message),
            }
            self.tell(ApiEvent::RepositoryChanged { repository: id });
        }
    }

    /// The kubeconfig context that the user gave each environment of a repository.
    pub(crate) fn contexts_of(&self, opened: &Opened) -> BTreeMap<String, String> {
        let path = opened.path.display().to_string();
        self.settings_now().contexts.get(&path).cloned().unwrap_or_default()
    }
}

fn to_wire(settings: &store::Settings) -> Settings {
    let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    Settings {
        theme: match settings.theme {
            store::Theme::System => Theme::System,
            store::Theme::Dark => Theme::Dark,
            store::Theme::Light => Theme::Light,
        },
        contexts: settings.contexts.clone(),
        kubeconfig: text(&settings.kubeconfig),
        helm: text(&settings.tools.helm),
        kustomize: text(&settings.tools.kustomize),
        identity_name: settings.identity.name.clone(),
        identity_email: settings.identity.email.clone(),
        editor: settings.editor.clone(),
        reopen: settings.reopen.unwrap_or(true),
        diff_colours: match settings.appearance.diff_colours {
            store::DiffColours::Safe => DiffColours::Safe,
            store::DiffColours::Classic => DiffColours::Classic,
        },
        density: match settings.appearance.density {
            store::Density::Comfortable => Density::Comfortable,
            store::Density::Compact => Density::Compact,
        },
        zoom: zoom(settings.appearance.zoom.unwrap_or(100)),
        single_letters: settings.shortcuts.single_letters,
        keys: settings.shortcuts.keys.clone(),
    }
}

/// What can still be read, and fits a window.
fn zoom(percent: u16) -> u16 {
    percent.clamp(50, 300)
}

/// Takes over what the page knows; keys of other versions stay.
fn from_wire(wanted: &Settings, settings: &mut store::Settings) {
    let Settings {
        theme,
        contexts,
        kubeconfig,
        helm,
        kustomize,
        identity_name,
        identity_email,
        editor,
        reopen,
        diff_colours,
        density,
        zoom: percent,
        single_letters,
        keys,
    } = wanted.clone();
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    settings.theme = match theme {
        Theme::System => store::Theme::System,
        Theme::Dark => store::Theme::Dark,
        Theme::Light => store::Theme::Light,
    };
    settings.contexts = contexts;
    settings.kubeconfig = filled(kubeconfig).map(PathBuf::from);
    settings.tools.helm = filled(helm).map(PathBuf::from);
    settings.tools.kustomize = filled(kustomize).map(PathBuf::from);
    settings.identity.name = filled(identity_name);
    settings.identity.email = filled(identity_email);
    settings.editor = filled(editor);
    settings.reopen = (!reopen).then_some(false);
    settings.appearance.diff_colours = match diff_colours {
        DiffColours::Safe => store::DiffColours::Safe,
        DiffColours::Classic => store::DiffColours::Classic,
    };
    settings.appearance.density = match density {
        Density::Comfortable => store::Density::Comfortable,
        Density::Compact => store::Density::Compact,
    };
    settings.appearance.zoom = (percent != 100).then(|| zoom(percent));
    settings.shortcuts.single_letters = single_letters;
    settings.shortcuts.keys = keys;
}
