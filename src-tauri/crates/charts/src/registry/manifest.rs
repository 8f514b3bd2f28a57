//! Manifests of charts in registries, and indexes of manifests.

use serde::Deserialize;

/// What is asked for when a manifest is.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// What Helm wrote while it was an experiment; still read.
const LEGACY_CHART: &str = "application/tar+gzip";

/// What is named in a manifest.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    /// What it is.
    #[serde(default)]
    pub(super) media_type: String,
    /// Its content; lower case once it was checked.
    pub(super) digest: String,
    /// Its size in bytes.
    #[serde(default)]
    pub(super) size: u64,
}

/// What a manifest leads to.
#[derive(Debug)]
pub(super) enum Found {
    /// The chart's archive.
    Archive(Descriptor),
    /// Other manifests.
    Index(Vec<Descriptor>),
}

#[derive(Deserialize)]
struct Manifest {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
}

/// The 64 digits of a `sha256:…` digest.
pub(super) fn sha256(digest: &str) -> Option<&str> {
    let digits = digest.strip_prefix("sha256:")?;
    (digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
}

/// Reads a manifest or an index of them. The error says why it is none of a chart.
pub(super) fn read(body: &[u8]) -> Result<Found, String> {
    let manifest: Manifest =
        serde_json::from_slice(body).map_err(|error| format!("its manifest cannot be read: {error}"))?;
    if let Some(manifests) = manifest.manifests {
        return Ok(Found::Index(manifests.into_iter().map(checked).collect::<Result<_, _>>()?));
    }
    let layers = manifest.layers.unwrap_or_default();
    let kind = manifest.config.map_or_else(|| "without a config".to_owned(), |config| config.media_type);
    if kind != CONFIG {
        return Err(format!("it is an image of another kind (`{kind}`), not a chart (`{CONFIG}`)"));
    }
    // The layer of a signature (`…provenance.v1.prov`) is no part of the chart.
    let layer = [CHART, LEGACY_CHART]
        .into_iter()
        .find_map(|kind| layers.iter().find(|layer| layer.media_type == kind))
        .ok_or_else(|| format!("its manifest has no layer `{CHART}`"))?;
    checked(layer.clone()).map(Found::Archive)
}

/// A descriptor whose digest can be checked.
fn checked(mut descriptor: Descriptor) -> Result<Descriptor, String> {
    if sha256(&descriptor.digest).is_none() {
        return Err(format!("its digest `{}` is none of SHA-256", descriptor.digest));
    }
    descriptor.digest.make_ascii_lowercase();
    Ok(descriptor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_of_the_chart_is_found() {
        let digest = format!("sha256:{}", "b".repeat(64));
        let manifest = |config: &str, layers: &[&str]| {
            let layers: Vec<serde_json::Value> = layers
                .iter()
                .map(|kind| serde_json::json!({"mediaType": kind, "digest": digest, "size": 3}))
                .collect();
            let config = serde_json::json!({"mediaType": config, "digest": digest, "size": 2});
            serde_json::to_vec(&serde_json::json!({"schemaVersion": 2, "config": config, "layers": layers}))
                .unwrap()
        };
        let provenance = "application/vnd.cncf.helm.chart.provenance.v1.prov";
        for layers in [&[provenance, CHART][..], &[LEGACY_CHART], &[LEGACY_CHART, CHART]] {
            assert!(matches!(read(&manifest(CONFIG, layers)).unwrap(), Found::Archive(_)));
        }
        for (body, expected) in [
            (
                manifest("application/vnd.oci.image.config.v1+json", &[CHART]),
                "it is an image of another kind",
            ),
            (manifest(CONFIG, &[provenance]), "its manifest has no layer"),
            (b"{}".to_vec(), "it is an image of another kind (`without a config`)"),
            (b"<html>".to_vec(), "its manifest cannot be read: "),
        ] {
            let error = read(&body).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        let index = format!("{{\"manifests\": [{{\"mediaType\": \"x\", \"digest\": \"{digest}\"}}]}}");
        assert!(matches!(read(index.as_bytes()).unwrap(), Found::Index(inner) if inner.len() == 1));
        assert!(read(b"{\"manifests\": [{\"digest\": \"md5:1\"}]}").is_err());
    }
}
