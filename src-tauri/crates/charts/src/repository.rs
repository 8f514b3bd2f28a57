//! Chart repositories over HTTP: the index, and the archive it leads to (`helm.sh/helm/v3/pkg/repo`).

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};

use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::error::ChartError;
use crate::http::{Answer, Asked, Authorization, Http, Known, origin, shown, shown_text};
use crate::index::{self, INDEX_LIMIT, Listed, Unfit};
use crate::request::ChartRequest;
use crate::select;
use crate::store::folder::{ARCHIVE_LIMIT, Folder, Incoming};

/// What begins the file of an index's lines.
#[derive(Serialize, Deserialize)]
struct Header {
    /// Of which index it is.
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// An archive that was found and brought.
pub(crate) struct Brought {
    pub(crate) version: String,
    pub(crate) incoming: Incoming,
    /// Where it came from, for messages.
    pub(crate) url: String,
}

/// Finds the chart in the index of its repository and brings its archive.
pub(crate) async fn bring(
    http: &Http<'_>,
    folder: &Folder,
    repository: &Url,
    request: &ChartRequest,
) -> Result<Brought, ChartError> {
    let index_url =
        below(repository, "index.yaml").map_err(|why| ChartError::Address { url: shown(repository), why })?;
    let credential = http.credential(repository);
    let authorization = credential.as_ref().map(Authorization::basic);
    let mut lines = index_lines(http, folder, &index_url, authorization.clone()).await?;
    let listed = pick(&mut lines, repository, request)?;
    let Some(place) = listed.urls.first() else {
        let why = format!("its entry of {} {} has no `urls`", request.name, listed.version);
        return Err(ChartError::NoArchive { url: shown(&index_url), why });
    };
    let url = archive_url(repository, place).map_err(|why| ChartError::NoArchive {
        url: shown(&index_url),
        why: format!("`{}` is no address of an archive: {why}", shown_text(place)),
    })?;
    if url.scheme() == "oci" {
        return Err(ChartError::NoArchive {
            url: shown(&index_url),
            why: format!("the chart lies in the registry {url}; name that as the repository"),
        });
    }
    let passes = request.pass_credentials || origin(&url) == origin(repository);
    let asked = Asked { authorization: authorization.filter(|_| passes), ..Asked::default() };
    let had_credentials = asked.authorization.is_some();
    let mut answer = http.get(&url, &asked).await?;
    if answer.status() != StatusCode::OK {
        return Err(http.refusal(answer, had_credentials).await);
    }
    let incoming = folder.receive(http, &mut answer, ARCHIVE_LIMIT).await?;
    check_digest(&listed, &url, &incoming)?;
    Ok(Brought { version: listed.version, incoming, url: shown(&url) })
}

/// The digest of an index is that of the archive; older repositories have none.
fn check_digest(listed: &Listed, url: &Url, incoming: &Incoming) -> Result<(), ChartError> {
    let expected = listed.digest.trim();
    let expected = expected.strip_prefix("sha256:").unwrap_or(expected);
    let found = incoming.digest.trim_start_matches("sha256:");
    if expected.is_empty() || expected.eq_ignore_ascii_case(found) {
        return Ok(());
    }
    Err(ChartError::Digest {
        url: shown(url),
        expected: format!("sha256:{expected}"),
        found: incoming.digest.clone(),
    })
}

/// The version that is meant.
fn pick(lines: &mut Lines, repository: &Url, request: &ChartRequest) -> Result<Listed, ChartError> {
    let name = &request.name;
    let Some(versions) = lines.find(name)? else {
        let similar = select::similar(lines.names()?.into_iter(), name);
        return Err(ChartError::NoChart { repository: shown(repository), name: name.clone(), similar });
    };
    let texts: Vec<&str> = versions.iter().map(|each| each.version.as_str()).collect();
    match select::choose(texts.iter().copied(), &request.version)? {
        Some(at) => Ok(versions[at].clone()),
        None => Err(ChartError::NoVersion {
            repository: shown(repository),
            name: name.clone(),
            version: request.version.clone(),
            available: select::nearest(&texts, &request.version),
        }),
    }
}

/// The lines of an index, open for reading.
struct Lines {
    file: File,
    path: std::path::PathBuf,
}

impl Lines {
    fn failed(&self, source: std::io::Error) -> ChartError {
        ChartError::Store { action: "read", path: self.path.clone(), source }
    }

    /// From the first line on, the header being passed over.
    fn reader(&mut self) -> std::io::Result<BufReader<&File>> {
        use std::io::{BufRead as _, Seek as _};
        self.file.rewind()?;
        let mut reader = BufReader::with_capacity(256 << 10, &self.file);
        let mut header = Vec::new();
        reader.read_until(b'\n', &mut header)?;
        Ok(reader)
    }

    fn find(&mut self, name: &str) -> Result<Option<Vec<Listed>>, ChartError> {
        let found = self.reader().and_then(|reader| index::find(reader, name));
        found.map_err(|source| self.failed(source))
    }

    fn names(&mut self) -> Result<Vec<String>, ChartError> {
        let found = self.reader().and_then(index::names);
        found.map_err(|source| self.failed(source))
    }
}

/// The lines of an index: those that are kept where the server says that it has not changed, else read anew.
async fn index_lines(
    http: &Http<'_>,
    folder: &Folder,
    url: &Url,
    authorization: Option<Authorization>,
) -> Result<Lines, ChartError> {
    let path = folder.index(&shown(url));
    let kept = kept_lines(&path, url);
    let had_credentials = authorization.is_some();
    let asked = Asked {
        authorization,
        compressed: true,
        known: kept.as_ref().map(|(_, known)| known.clone()),
        ..Asked::default()
    };
    let mut answer = http.get(url, &asked).await?;
    match (answer.status(), kept) {
        (StatusCode::NOT_MODIFIED, Some((file, _))) => return Ok(Lines { file, path }),
        (StatusCode::OK, _) => {}
        (StatusCode::NOT_FOUND, _) => {
            let why = "there is no `index.yaml`".to_owned();
            return Err(ChartError::NotARepository { url: shown(url), why });
        }
        _ => return Err(http.refusal(answer, had_credentials).await),
    }
    let known = known_of(&answer);
    let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let mut received = folder.receive(http, &mut answer, INDEX_LIMIT).await?;
    let mut lines = folder.temporary()?;
    let header = Header { url: shown(url), etag: known.etag, last_modified: known.last_modified };
    let write_failed = |source| ChartError::Store { action: "write", path: path.clone(), source };
    {
        let mut out = BufWriter::new(lines.as_file_mut());
        serde_json::to_writer(&mut out, &header).map_err(|error| write_failed(error.into()))?;
        out.write_all(b"\n").map_err(write_failed)?;
        let index = unpacked(received.reader()?);
        index::distill(index, &mut out).map_err(|unfit| match unfit {
            Unfit::Index(why) if is_page && !why.contains("HTML") => {
                ChartError::NotARepository { url: shown(url), why: format!("a web page came; {why}") }
            }
            Unfit::Index(why) => ChartError::NotARepository { url: shown(url), why },
            Unfit::Write(source) => write_failed(source),
        })?;
        out.flush().map_err(write_failed)?;
    }
    let file = folder.place(lines, &path)?;
    Ok(Lines { file, path })
}

fn known_of(answer: &Answer) -> Known {
    let header = |name| answer.header(name).map(str::to_owned);
    Known { etag: header("etag"), last_modified: header("last-modified") }
}

/// The file of lines of that index, where it is whole and says what it is a version of.
fn kept_lines(path: &std::path::Path, url: &Url) -> Option<(File, Known)> {
    use std::io::BufRead as _;
    let file = File::open(path).ok()?;
    let mut first = Vec::new();
    BufReader::new(&file).take(64 << 10).read_until(b'\n', &mut first).ok()?;
    let header: Header = serde_json::from_slice(&first).ok()?;
    let known = Known { etag: header.etag, last_modified: header.last_modified };
    (header.url == shown(url) && known != Known::default()).then_some((file, known))
}

/// What was packed for the way, or on the server, is unpacked.
fn unpacked(mut file: BufReader<&File>) -> Box<dyn Read + '_> {
    use std::io::BufRead as _;
    match file.fill_buf() {
        Ok([0x1F, 0x8B, ..]) => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        _ => Box::new(file),
    }
}

/// A reference against the repository as a folder; the repository's query goes along (`ResolveReferenceURL`).
fn below(repository: &Url, reference: &str) -> Result<Url, String> {
    let mut base = repository.clone();
    let path = format!("{}/", base.path().trim_end_matches('/'));
    base.set_path(&path);
    let mut url = base.join(reference).map_err(|error| error.to_string())?;
    url.set_query(repository.query());
    Ok(url)
}

/// The address of an archive as an index writes it: absolute, or below the repository.
fn archive_url(repository: &Url, place: &str) -> Result<Url, String> {
    match Url::parse(place) {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "oci") => Ok(url),
        Ok(url) => Err(format!("`{}` is not supported", url.scheme())),
        Err(_) => below(repository, place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_as_helm_does() {
        let resolve = |base: &str, place: &str| {
            archive_url(&Url::parse(base).unwrap(), place).map(|url| url.to_string())
        };
        for (base, place, expected) in [
            ("https://host/charts", "web-1.tgz", "https://host/charts/web-1.tgz"),
            ("https://host/charts/", "web-1.tgz", "https://host/charts/web-1.tgz"),
            ("https://host/charts", "/web-1.tgz", "https://host/web-1.tgz"),
            ("https://host/charts?token=1", "a/web-1.tgz", "https://host/charts/a/web-1.tgz?token=1"),
            ("https://host/charts", "https://cdn/web.tgz?x=1", "https://cdn/web.tgz?x=1"),
        ] {
            assert_eq!(resolve(base, place).unwrap(), expected);
        }
        assert_eq!(resolve("https://host", "file:///etc/passwd").unwrap_err(), "`file` is not supported");
    }
}
