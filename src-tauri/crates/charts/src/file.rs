//! A file at an address, as kustomizations name them.

use reqwest::Url;

use crate::error::ChartError;
use crate::http::{Asked, Authorization, Http, Timeouts, shown_text};
use crate::request::Access;
use crate::tls;

/// The largest file that is fetched. Manifests are much smaller.
const FILE_LIMIT: u64 = 32 << 20;

/// What lies at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebFile {
    /// A file.
    File(Vec<u8>),
    /// A page for people to read, such as that of a repository or of a login.
    Page,
}

/// Fetches a file from an `http` or `https` address. Credentials are sent to its server only. Blocks until it is done;
/// not to be called on a thread that runs asynchronous tasks.
///
/// # Errors
/// Where the address cannot be used, the server cannot be reached or refuses, it gives more than 32 MiB, or the caller
/// stopped it.
pub fn fetch_file(url: &str, access: &Access<'_>) -> Result<WebFile, ChartError> {
    let address = |why: String| ChartError::Address { url: shown_text(url), why };
    let place = Url::parse(url.trim()).map_err(|error| address(error.to_string()))?;
    if !matches!(place.scheme(), "http" | "https") {
        return Err(address(format!("`{}` is not supported", place.scheme())));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|source| {
        ChartError::Store { action: "start a thread for", path: "the network".into(), source }
    })?;
    runtime.block_on(bring(&place, access))
}

async fn bring(url: &Url, access: &Access<'_>) -> Result<WebFile, ChartError> {
    let http = Http::new(&*tls::trusting_the_system()?, Timeouts::default(), *access)?;
    let credential = http.credential(url);
    let asked = Asked { authorization: credential.as_ref().map(Authorization::basic), ..Asked::default() };
    let mut answer = http.get(url, &asked).await?;
    if !answer.status().is_success() {
        return Err(http.refusal(answer, credential.is_some()).await);
    }
    let says_page = answer.header("content-type").is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html")
    });
    if says_page {
        return Ok(WebFile::Page);
    }
    let bytes = http.read(&mut answer, FILE_LIMIT).await?;
    Ok(if is_page(&bytes) { WebFile::Page } else { WebFile::File(bytes) })
}

/// Servers without a notion of types call everything text.
fn is_page(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).trim_start().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}
