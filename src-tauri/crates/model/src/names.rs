//! Names and ids that do not convert into each other.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// Takes the text as it is.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of a thing that is deployed, without its environment: `payments-api`.
    ApplicationName
);
name!(
    /// The name of a place where applications are deployed: `staging`, `production/eu`.
    EnvironmentName
);
name!(
    /// The id of a Git commit, in hexadecimal.
    CommitId
);

impl CommitId {
    /// The first seven digits, for reading.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

/// One application in one environment. Written `APP@ENV`, split at the last `@`; an `@` inside the
/// environment is written `%40`. Where several instances share both, each is told apart by its path:
/// `APP@ENV#PATH`.
///
/// ```
/// use slipway_model::InstanceId;
/// let id: InstanceId = "payments-api@production/eu".parse().unwrap();
/// assert_eq!(id.environment.as_str(), "production/eu");
/// assert_eq!(id.to_string(), "payments-api@production/eu");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId {
    /// What is deployed.
    pub application: ApplicationName,
    /// Where.
    pub environment: EnvironmentName,
    /// Set only where several instances share application and environment.
    pub path: Option<RepoPath>,
}

/// Why a text is no instance id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceIdError {
    /// There is no `@`.
    #[error("`{0}` names no instance: expected APPLICATION@ENVIRONMENT")]
    NoAt(String),
    /// One side of the `@` is empty.
    #[error("`{0}` names no instance: the application or the environment is empty")]
    Empty(String),
    /// The part after `#` is no path of the repository.
    #[error("`{0}` names no instance: the part after `#` is not a path inside the repository")]
    Path(String),
}

impl InstanceId {
    /// An instance that its application and environment alone identify.
    #[must_use]
    pub fn new(application: ApplicationName, environment: EnvironmentName) -> Self {
        Self { application, environment, path: None }
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = self.environment.as_str().replace('@', "%40");
        write!(formatter, "{}@{environment}", self.application)?;
        match &self.path {
            Some(path) => write!(formatter, "#{path}"),
            None => Ok(()),
        }
    }
}

impl FromStr for InstanceId {
    type Err = InstanceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = match text.split_once('#') {
            Some((name, path)) => {
                let path = RepoPath::new(path).map_err(|_| InstanceIdError::Path(text.to_owned()))?;
                (name, Some(path))
            }
            None => (text, None),
        };
        let (application, environment) =
            name.rsplit_once('@').ok_or_else(|| InstanceIdError::NoAt(text.to_owned()))?;
        if application.is_empty() || environment.is_empty() {
            return Err(InstanceIdError::Empty(text.to_owned()));
        }
        Ok(Self {
            application: ApplicationName::new(application),
            environment: EnvironmentName::new(environment.replace("%40", "@")),
            path,
        })
    }
}

impl Serialize for InstanceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InstanceId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> InstanceId {
        let id: InstanceId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        id
    }

    #[test]
    fn splits_at_the_last_at() {
        let id = round_trip("web@v2@staging");
        assert_eq!((id.application.as_str(), id.environment.as_str()), ("web@v2", "staging"));
    }

    #[test]
    fn an_at_in_the_environment_is_escaped() {
        let id = round_trip("web@eu%40west");
        assert_eq!(id.environment.as_str(), "eu@west");
    }

    #[test]
    fn a_path_tells_twins_apart() {
        let id = round_trip("web@staging#apps/web/staging");
        assert_eq!(id.path.unwrap().as_str(), "apps/web/staging");
    }

    #[test]
    fn half_a_name_is_refused() {
        assert!("web".parse::<InstanceId>().is_err());
        assert!("@staging".parse::<InstanceId>().is_err());
        assert!("web@".parse::<InstanceId>().is_err());
        assert!("web@staging#../../x".parse::<InstanceId>().is_err());
    }
}
