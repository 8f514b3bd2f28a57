//! Versions: those of charts, ranges of them, and those of Kubernetes.

use slipway_gotmpl::sprig::semver::{Constraints, Version};

use crate::options::HelmVersion;

/// Whether a text is a version as `Masterminds/semver` reads one (`1.2` is).
pub(crate) fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}

/// Whether a version lies in a range; a malformed one does not.
pub(crate) fn satisfies(version: &str, range: &str) -> bool {
    match (Version::parse(version), Constraints::parse(range)) {
        (Ok(version), Ok(range)) => range.check(&version),
        _ => false,
    }
}

/// A Kubernetes version as `.Capabilities.KubeVersion` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KubeVersion {
    pub(crate) version: String,
    pub(crate) major: String,
    pub(crate) minor: String,
}

impl Default for KubeVersion {
    /// That of helm v3.22.0, which is built with client-go v0.37.
    fn default() -> Self {
        Self { version: "v1.37.0".to_owned(), major: "1".to_owned(), minor: "37".to_owned() }
    }
}

impl KubeVersion {
    /// Reads a `--kube-version` (`version.ParseGeneric` of `k8s.io/apimachinery`); Helm 4 keeps a suffix.
    pub(crate) fn parse(text: &str, helm: HelmVersion) -> Result<Self, String> {
        let trimmed = text.trim_start();
        let body = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let end = body.find(|each: char| !each.is_ascii_digit() && each != '.').unwrap_or(body.len());
        let mut numbers = &body[..end];
        // A point that no digit follows belongs to the rest.
        while numbers.ends_with('.') {
            numbers = &numbers[..numbers.len() - 1];
        }
        if let Some(gap) = numbers.find("..") {
            numbers = &numbers[..gap];
        }
        if numbers.is_empty() || numbers.starts_with('.') {
            return Err(format!("could not parse {text:?} as version"));
        }
        let components: Vec<&str> = numbers.split('.').collect();
        if components.len() < 2 {
            return Err(format!("illegal version string {text:?}"));
        }
        for component in &components {
            if component.len() > 1 && component.starts_with('0') {
                return Err(format!("illegal zero-prefixed version component {component:?} in {text:?}"));
            }
            if component.parse::<u64>().is_err() {
                return Err(format!("illegal non-numeric version component {component:?} in {text:?}"));
            }
        }
        let suffix = match helm {
            HelmVersion::V3 => "",
            HelmVersion::V4 => &body[numbers.len()..],
        };
        Ok(Self {
            version: format!("v{numbers}{suffix}"),
            major: components[0].to_owned(),
            minor: components[1].to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from `helm template --kube-version` of helm v3.22.0.
    #[test]
    fn kubernetes_versions_read_as_helm_reads_them() {
        let parse = |text| KubeVersion::parse(text, HelmVersion::V3).map(|version| version.version);
        assert_eq!(parse("1.31").unwrap(), "v1.31");
        assert_eq!(parse("v1.28.7-gke.100+x").unwrap(), "v1.28.7");
        assert_eq!(parse("foo").unwrap_err(), "could not parse \"foo\" as version");
        assert_eq!(parse("1").unwrap_err(), "illegal version string \"1\"");
        assert_eq!(parse("01.2").unwrap_err(), "illegal zero-prefixed version component \"01\" in \"01.2\"");
        let kept = KubeVersion::parse("v1.33.1-eks-1234", HelmVersion::V4).unwrap();
        assert_eq!((kept.version.as_str(), kept.minor.as_str()), ("v1.33.1-eks-1234", "33"));
    }

    #[test]
    fn ranges_leave_out_what_they_do_not_name() {
        assert!(
            satisfies("0.1.0", ">=0.1.0")
                && satisfies("1.2.3", "~1.2")
                && satisfies("v1.37.0", ">= 1.22.0-0")
        );
        assert!(!satisfies("0.1.0", ">=9") && !satisfies("x", "*") && !satisfies("1.0.0", "foo bar"));
    }
}
