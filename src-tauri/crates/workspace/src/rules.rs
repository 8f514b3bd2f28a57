//! What `.slipway.yaml` says about single settings, in the words of `promote`.

use slipway_catalog::settings::{Class, Settings};
use slipway_diff::EnvironmentWords;
use slipway_promote::{Drift, Pin, SettingClass};

/// The rules by which differences are classified.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Pinned classes.
    pub pins: Vec<Pin>,
    /// Differences that are meant.
    pub drifts: Vec<Drift>,
    /// Applications that move together.
    pub version_groups: Vec<Vec<String>>,
    /// The names of the environments.
    pub words: EnvironmentWords,
}

impl Rules {
    /// Takes the rules out of the settings of a repository. A pin or a drift whose path is none was reported
    /// as a problem when the settings were read, and is left out here.
    #[must_use]
    pub fn new(settings: &Settings, words: EnvironmentWords) -> Self {
        let pins = settings.pins.iter().filter_map(pin).collect();
        let drifts = settings
            .drift
            .iter()
            .filter_map(|drift| {
                Some(Drift {
                    application: drift.application.clone(),
                    environment: drift.environment.clone(),
                    kind: drift.kind.clone(),
                    path: drift.path.parse().ok()?,
                    reason: drift.reason.clone(),
                    expires: drift.expires.clone(),
                })
            })
            .collect();
        Self { pins, drifts, version_groups: settings.version_groups.clone(), words }
    }
}

/// A pin of the settings in the words of `promote`; `None` where its path is none.
#[must_use]
pub fn pin(pin: &slipway_catalog::settings::Pin) -> Option<Pin> {
    Some(Pin {
        application: pin.application.clone(),
        environment: pin.environment.clone(),
        kind: pin.kind.clone(),
        path: pin.path.parse().ok()?,
        class: match pin.class {
            Class::A => SettingClass::A,
            Class::B => SettingClass::B,
            Class::C => SettingClass::C,
            Class::D => SettingClass::D,
        },
        reason: pin.reason.clone(),
    })
}
