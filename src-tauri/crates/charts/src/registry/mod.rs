//! Registries: tags, manifests and blobs of the OCI distribution specification, as Helm uses them
//! (`helm.sh/helm/v3/pkg/registry`; <https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md>).

mod challenge;
mod manifest;
mod session;

use reqwest::{StatusCode, Url};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use slipway_gotmpl::sprig::semver::Version;

use crate::error::ChartError;
use crate::http::{Answer, Http, is_loopback, origin, shown};
use crate::repository::Brought;
use crate::request::ChartRequest;
use crate::select;
use crate::store::folder::{ARCHIVE_LIMIT, Folder, hex};
use manifest::{Descriptor, Found};
use session::Session;

/// How many bytes a manifest may have: the least that registries have to take.
const MANIFEST_LIMIT: u64 = 4 << 20;
/// How many bytes a page of tags may have.
const TAGS_LIMIT: u64 = 16 << 20;
/// How many pages of tags are read, and how many tags a page is asked for.
const PAGES: usize = 1000;
const PAGE: usize = 1000;
/// How deep indexes of manifests may lead to others.
const INDEX_DEPTH: usize = 3;

/// A chart's place in a registry.
struct Place {
    /// `https://HOST/`, or `http://` on this machine.
    server: Url,
    /// The name below it: `path/chart`.
    name: String,
    /// As the user writes it: `oci://HOST/path/chart`.
    shown: String,
}

impl Place {
    /// The chart `name` of a namespace; with an empty name the namespace is the chart.
    fn of(repository: &Url, name: &str) -> Result<Self, ChartError> {
        let shown_repository = shown(repository);
        let refused = |why: &str| ChartError::Address { url: shown_repository.clone(), why: why.to_owned() };
        let host =
            repository.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refused("it has no host"))?;
        let port = repository.port().map_or(String::new(), |port| format!(":{port}"));
        // `oci` is no scheme whose hosts are looked at, so that an address of this machine is only seen in another.
        let plain =
            Url::parse(&format!("http://{host}{port}/")).map_err(|error| refused(&error.to_string()))?;
        let scheme = if is_loopback(&plain) { "http" } else { "https" };
        let mut server =
            Url::parse(&format!("{scheme}://{host}{port}/")).map_err(|error| refused(&error.to_string()))?;
        // Neither fails for an address with a host.
        let _ = server.set_username(repository.username());
        let _ = server.set_password(repository.password());
        let parts = repository.path().split('/').chain(name.split('/')).filter(|part| !part.is_empty());
        let path = parts.collect::<Vec<_>>().join("/");
        if path.is_empty() {
            return Err(refused("the name of the chart is missing"));
        }
        if !is_name(&path) {
            return Err(refused(&format!(
                "`{path}` is no name in a registry: lower-case letters, digits and `.`, `_`, `-` between them"
            )));
        }
        Ok(Self { shown: format!("oci://{host}{port}/{path}"), server, name: path })
    }

    /// An address of the registry's interface below `/v2/NAME/`.
    fn url(&self, rest: &str) -> Result<Url, ChartError> {
        self.server
            .join(&format!("v2/{}/{rest}", self.name))
            .map_err(|error| ChartError::Address { url: self.shown.clone(), why: error.to_string() })
    }
}

/// Whether a text may be the name of a repository in a registry. Upper case is left to the registry to refuse.
fn is_name(path: &str) -> bool {
    path.split('/').all(|part| {
        !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    })
}

/// What a version of a chart in a registry means.
enum Wanted {
    /// A tag that the version names.
    Tag(String),
    /// The newest of the tags that fits.
    Range,
    /// A manifest by its content.
    Digest(String),
}

impl Wanted {
    fn of(version: &str) -> Result<Self, ChartError> {
        let refused = |why: &str| ChartError::Range { version: version.to_owned(), why: why.to_owned() };
        let digest = match version.rsplit_once('@') {
            Some((_, digest)) => Some(digest),
            None => version.contains(':').then_some(version),
        };
        if let Some(digest) = digest {
            return match manifest::sha256(digest) {
                Some(_) => Ok(Self::Digest(digest.to_ascii_lowercase())),
                None => Err(refused("a digest is `sha256:` and 64 hexadecimal digits")),
            };
        }
        // What can be read as a version is a tag without asking, also `1.2` (`ValidateReference`).
        Ok(if Version::parse(version).is_ok() { Self::Tag(version.to_owned()) } else { Self::Range })
    }
}

/// Finds the chart's manifest and brings its archive.
pub(crate) async fn bring(
    http: &Http<'_>,
    folder: &Folder,
    repository: &Url,
    request: &ChartRequest,
) -> Result<Brought, ChartError> {
    let place = Place::of(repository, &request.name)?;
    let mut session = Session::new(http, &place.server, &place.name);
    let (version, reference) = match Wanted::of(request.version.trim())? {
        Wanted::Tag(version) => (version.clone(), as_tag(&version)),
        Wanted::Digest(digest) => (request.version.clone(), digest),
        Wanted::Range => {
            let versions = versions(&mut session, &place).await?;
            let texts: Vec<&str> = versions.iter().map(String::as_str).collect();
            let Some(at) = select::choose(texts.iter().copied(), request.version.trim())? else {
                return Err(no_version(&place, request, &texts));
            };
            (texts[at].to_owned(), as_tag(texts[at]))
        }
    };
    let layer = match archive_of(&mut session, &place, &reference, 0).await? {
        Some(layer) => layer,
        // What else there is helps more than the address that was not found.
        None => {
            let versions = versions(&mut session, &place).await?;
            let texts: Vec<&str> = versions.iter().map(String::as_str).collect();
            return Err(no_version(&place, request, &texts));
        }
    };
    let url = place.url(&format!("blobs/{}", layer.digest))?;
    if layer.size > ARCHIVE_LIMIT {
        return Err(ChartError::TooLarge { url: shown(&url), limit: ARCHIVE_LIMIT });
    }
    let mut answer = session.get(&url, None).await?;
    if answer.status() != StatusCode::OK {
        return Err(session.refusal(answer).await);
    }
    let incoming = folder.receive(http, &mut answer, ARCHIVE_LIMIT).await?;
    if incoming.digest != layer.digest {
        return Err(ChartError::Digest { url: shown(&url), expected: layer.digest, found: incoming.digest });
    }
    Ok(Brought { version, incoming, url: format!("{}:{reference}", place.shown) })
}

fn no_version(place: &Place, request: &ChartRequest, versions: &[&str]) -> ChartError {
    let (parent, name) = place.shown.rsplit_once('/').unwrap_or((&place.shown, ""));
    ChartError::NoVersion {
        repository: parent.to_owned(),
        name: name.to_owned(),
        version: request.version.clone(),
        available: select::nearest(versions, &request.version),
    }
}

/// Tags may hold no plus sign (<https://github.com/helm/helm/issues/10166>).
fn as_tag(version: &str) -> String {
    version.replace('+', "_")
}

/// The versions among the tags, the newest first. Other tags are left out.
async fn versions(session: &mut Session<'_, '_>, place: &Place) -> Result<Vec<String>, ChartError> {
    #[derive(Deserialize)]
    struct Tags {
        /// `null` where there are none.
        tags: Option<Vec<String>>,
    }
    let mut url = place.url(&format!("tags/list?n={PAGE}"))?;
    let mut versions: Vec<String> = Vec::new();
    for _ in 0..PAGES {
        let mut answer = session.get(&url, None).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            let (parent, name) = place.shown.rsplit_once('/').unwrap_or((&place.shown, ""));
            return Err(ChartError::NoChart {
                repository: parent.to_owned(),
                name: name.to_owned(),
                similar: Vec::new(),
            });
        }
        if answer.status() != StatusCode::OK {
            return Err(session.refusal(answer).await);
        }
        let next = next_page(&answer);
        let body = session.http.read(&mut answer, TAGS_LIMIT).await?;
        let page: Tags = serde_json::from_slice(&body).map_err(|error| ChartError::NotARepository {
            url: shown(&url),
            why: format!("its list of tags cannot be read: {error}"),
        })?;
        let tags = page.tags.unwrap_or_default().into_iter();
        versions.extend(tags.map(|tag| tag.replace('_', "+")).filter(|tag| is_strict(tag)));
        match next {
            // Elsewhere would be another registry's list.
            Some(next) if origin(&next) == origin(&url) && next != url => url = next,
            _ => break,
        }
    }
    versions.sort_by(|left, right| select::newest_first(left, right));
    Ok(versions)
}

/// Whether a text is a version with all three numbers, which Helm asks of tags.
fn is_strict(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let zero_led = |part: &str| part.len() > 1 && part.starts_with('0');
    !text.starts_with('v')
        && core.split('.').count() == 3
        && !core.split('.').any(zero_led)
        && Version::parse(text).is_ok()
}

/// The header `Link` with `rel="next"` (RFC 5988), against the address that was asked.
fn next_page(answer: &Answer) -> Option<Url> {
    let headers = answer.headers("link");
    let links = headers.iter().flat_map(|header| header.split(','));
    for link in links {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.trim().split_once('=').unwrap_or_default();
            name.eq_ignore_ascii_case("rel") && value.trim_matches('"').eq_ignore_ascii_case("next")
        });
        if is_next {
            return answer.url.join(target).ok();
        }
    }
    None
}

/// The layer with the chart's archive; `None` where the registry has no such manifest.
async fn archive_of(
    session: &mut Session<'_, '_>,
    place: &Place,
    reference: &str,
    depth: usize,
) -> Result<Option<Descriptor>, ChartError> {
    let url = place.url(&format!("manifests/{reference}"))?;
    let mut answer = session.get(&url, Some(manifest::ACCEPT)).await?;
    if answer.status() == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    if answer.status() != StatusCode::OK {
        return Err(session.refusal(answer).await);
    }
    let announced = match manifest::sha256(reference) {
        Some(_) => Some(reference.to_owned()),
        None => answer.header("docker-content-digest").map(str::to_owned),
    };
    let body = session.http.read(&mut answer, MANIFEST_LIMIT).await?;
    let found = format!("sha256:{}", hex(&Sha256::digest(&body)));
    if let Some(expected) = announced.filter(|digest| manifest::sha256(digest).is_some())
        && !expected.eq_ignore_ascii_case(&found)
    {
        return Err(ChartError::Digest { url: shown(&url), expected, found });
    }
    let no_archive = |why: String| ChartError::NoArchive { url: shown(&url), why };
    match manifest::read(&body).map_err(no_archive)? {
        Found::Archive(layer) => Ok(Some(layer)),
        Found::Index(inner) if depth < INDEX_DEPTH => {
            let mut first = None;
            for one in inner {
                match Box::pin(archive_of(session, place, &one.digest, depth + 1)).await {
                    Ok(Some(layer)) => return Ok(Some(layer)),
                    // Another image under the same tag.
                    Ok(None) => {}
                    Err(error @ ChartError::NoArchive { .. }) => first = first.or(Some(error)),
                    Err(error) => return Err(error),
                }
            }
            Err(first.unwrap_or_else(|| no_archive("its index names no manifest of a chart".to_owned())))
        }
        Found::Index(_) => Err(no_archive("its index leads to indexes without end".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_helm_writes_it() {
        let place = |url: &str, name: &str| Place::of(&Url::parse(url).unwrap(), name);
        let one = place("oci://ghcr.io/team/charts/", "web").unwrap();
        assert_eq!(one.url("tags/list").unwrap().as_str(), "https://ghcr.io/v2/team/charts/web/tags/list");
        assert_eq!(one.shown, "oci://ghcr.io/team/charts/web");
        let whole = place("oci://ghcr.io/team/web", "").unwrap();
        assert_eq!(whole.name, "team/web");
        for (url, expected) in [
            ("oci://localhost:5000/a", "http://localhost:5000/"),
            ("oci://127.0.0.1:5000/a", "http://127.0.0.1:5000/"),
            ("oci://[::1]:5000/a", "http://[::1]:5000/"),
            ("oci://127.evil.example/a", "https://127.evil.example/"),
            ("oci://host:8443/a", "https://host:8443/"),
        ] {
            assert_eq!(place(url, "web").unwrap().server.as_str(), expected);
        }
        for (url, name, why) in [
            ("oci://host", "", "the name of the chart is missing"),
            ("oci://host/a", "../b", "`a/../b` is no name in a registry"),
            ("oci://host/a", "b?c", "`a/b?c` is no name in a registry"),
        ] {
            let error = place(url, name).err().unwrap().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn versions_are_tags_ranges_or_digests() {
        let digest = format!("sha256:{}", "a".repeat(64));
        assert!(matches!(Wanted::of("1.2.3+b").unwrap(), Wanted::Tag(tag) if tag == "1.2.3+b"));
        assert!(matches!(Wanted::of("^1").unwrap(), Wanted::Range));
        assert!(matches!(Wanted::of("").unwrap(), Wanted::Range));
        assert!(matches!(Wanted::of(&digest).unwrap(), Wanted::Digest(_)));
        assert!(
            matches!(Wanted::of(&format!("1.0.0@{digest}")).unwrap(), Wanted::Digest(found) if found == digest)
        );
        assert!(Wanted::of("sha256:short").is_err());
        assert!(
            is_strict("1.2.3-rc.1+b") && !is_strict("v1.2.3") && !is_strict("1.2") && !is_strict("latest")
        );
    }
}
