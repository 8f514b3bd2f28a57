//! Settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;

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
        let mut settings = self.settings_now();
        from_wire(&wanted, &mut settings);
        let (folders, kept) = (self.inner.folders.clone(), settings.clone());
        blocking(move || Ok(kept.save(&folders)?)).await?;
        *self.inner.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(wanted)
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
    }
}

/// Takes over what the page knows; keys of other versions stay.
fn from_wire(wanted: &Settings, settings: &mut store::Settings) {
    let Settings { theme, contexts, kubeconfig, helm, kustomize, identity_name, identity_email } =
        wanted.clone();
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
}
