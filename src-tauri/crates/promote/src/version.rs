//! The version that an instance runs.

use serde_json::Value;
use slipway_model::{ApplicationName, Manifest};

/// Workload kinds in the order in which they speak for an application.
const WORKLOADS: [&str; 9] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Rollout",
    "ReplicaSet",
    "ReplicationController",
    "CronJob",
    "Job",
    "Pod",
];

/// What is shown where nothing has a version.
pub const NO_VERSION: &str = "—";

/// The version of an instance: the image tag (else the first twelve digits of the digest) of the first
/// container of the workload that is named like the application, else of the first workload in the order of
/// kinds; without workloads the chart's version, else `—`. An image with neither tag nor digest runs `latest`.
#[must_use]
pub fn version(application: &ApplicationName, manifests: &[Manifest], chart_version: Option<&str>) -> String {
    let mut workloads: Vec<(usize, &Manifest, &str)> = manifests
        .iter()
        .filter_map(|manifest| {
            let order = WORKLOADS.iter().position(|kind| *kind == manifest.id.kind)?;
            Some((order, manifest, first_image(&manifest.object)?))
        })
        .collect();
    // Stable: workloads of one kind keep the order in which they are rendered.
    workloads.sort_by_key(|(order, _, _)| *order);
    let named = workloads.iter().find(|(_, manifest, _)| manifest.id.name == application.as_str());
    match named.or(workloads.first()) {
        Some((_, _, image)) => Image::parse(image).version(),
        None => chart_version.unwrap_or(NO_VERSION).to_owned(),
    }
}

fn first_image(object: &Value) -> Option<&str> {
    let pod = ["/spec/jobTemplate/spec/template/spec", "/spec/template/spec", "/spec"]
        .iter()
        .find_map(|pointer| object.pointer(pointer).filter(|spec| spec.get("containers").is_some()))?;
    pod.get("containers")?.as_array()?.first()?.get("image")?.as_str().filter(|image| !image.is_empty())
}

/// An image reference in its parts: `REPOSITORY[:TAG][@DIGEST]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// Registry and path.
    pub repository: &'a str,
    /// The tag.
    pub tag: Option<&'a str>,
    /// The digest with its algorithm: `sha256:…`.
    pub digest: Option<&'a str>,
}

impl<'a> Image<'a> {
    /// Splits a reference. A colon before the last `/` belongs to the port of a registry.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let start = name.rfind('/').map_or(0, |slash| slash + 1);
        match name[start..].split_once(':') {
            Some((last, tag)) => Self { repository: &name[..start + last.len()], tag: Some(tag), digest },
            None => Self { repository: name, tag: None, digest },
        }
    }

    fn version(&self) -> String {
        if let Some(tag) = self.tag.filter(|tag| !tag.is_empty()) {
            return tag.to_owned();
        }
        match self.digest {
            Some(digest) => digest.rsplit(':').next().unwrap_or_default().chars().take(12).collect(),
            None => "latest".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use slipway_model::{Origin, RepoPath};

    fn workload(kind: &str, name: &str, image: &str) -> Manifest {
        let pod = json!({"spec": {"containers": [{"name": "main", "image": image}]}});
        let spec = match kind {
            "CronJob" => json!({"jobTemplate": {"spec": {"template": pod}}}),
            "Pod" => pod["spec"].clone(),
            _ => json!({"template": pod}),
        };
        let object = json!({"apiVersion": "x/v1", "kind": kind, "metadata": {"name": name}, "spec": spec});
        Manifest::new(object, Origin { file: RepoPath::root(), document: 0, line: None })
    }

    fn version_of(manifests: &[Manifest], chart: Option<&str>) -> String {
        version(&ApplicationName::new("web"), manifests, chart)
    }

    #[test]
    fn the_workload_named_like_the_application_speaks_for_it() {
        let all = [workload("Deployment", "proxy", "p:9"), workload("CronJob", "web", "w:2")];
        assert_eq!(version_of(&all, Some("1.0.0")), "2");
        let others = [
            workload("Job", "a", "a:1"),
            workload("StatefulSet", "b", "b:2"),
            workload("StatefulSet", "c", "c:3"),
        ];
        assert_eq!(version_of(&others, None), "2", "the first of the first kind");
    }

    #[test]
    fn without_workloads_the_chart_speaks() {
        assert_eq!(version_of(&[], Some("1.0.0")), "1.0.0");
        assert_eq!(version_of(&[], None), "—");
    }

    #[test]
    fn references_are_split_into_their_parts() {
        for (image, repository, version) in [
            ("web", "web", "latest"),
            ("web:1.2", "web", "1.2"),
            ("localhost:5000/web", "localhost:5000/web", "latest"),
            ("registry:5000/shop/web:v1@sha256:aa", "registry:5000/shop/web", "v1"),
            ("web@sha256:0123456789abcdef", "web", "0123456789ab"),
        ] {
            let parsed = Image::parse(image);
            assert_eq!((parsed.repository, parsed.version().as_str()), (repository, version), "{image}");
        }
    }
}
