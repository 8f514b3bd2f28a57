//! Collects the licences of everything that is built in, for the page: from `Cargo.lock` with the manifests that
//! cargo keeps, and from the page's `package-lock.json`. Nothing is downloaded; what cannot be found is listed
//! without a licence.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let (rust, page) = (root.join("Cargo.lock"), root.join("ui/package-lock.json"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", rust.display());
    println!("cargo::rerun-if-changed={}", page.display());
    let mut text = fs::read_to_string(root.join("LICENSE")).unwrap_or_default();
    section(&mut text, "Rust crates that are built in", &crates(&rust));
    section(&mut text, "Packages of the page", &packages(&page));
    let target = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(PathBuf::from(target).join("licences.txt"), text)
}

/// Adds a list under a heading.
fn section(text: &mut String, title: &str, lines: &BTreeSet<String>) {
    if lines.is_empty() {
        return;
    }
    // Writing into a `String` does not fail.
    let _ = write!(text, "\n\n{title}\n{}\n\n", "-".repeat(title.len()));
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
}

/// The crates of a lock file that come from elsewhere, with what their manifests say.
fn crates(lock: &Path) -> BTreeSet<String> {
    let Some(lock) = fs::read_to_string(lock).ok().and_then(|text| text.parse::<toml::Table>().ok()) else {
        return BTreeSet::new();
    };
    let kept = kept_sources();
    let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    packages
        .iter()
        .filter(|package| package.get("source").is_some())
        .filter_map(|package| {
            let field = |name: &str| package.get(name).and_then(toml::Value::as_str);
            let (name, version) = (field("name")?, field("version")?);
            let manifest = kept
                .iter()
                .map(|folder| folder.join(format!("{name}-{version}/Cargo.toml")))
                .find_map(|path| fs::read_to_string(path).ok())
                .and_then(|text| text.parse::<toml::Table>().ok());
            let said =
                |field: &str| manifest.as_ref()?.get("package")?.get(field)?.as_str().map(ToOwned::to_owned);
            let licence = said("license").or_else(|| said("license-file").map(|file| format!("see {file}")));
            let licence = licence.unwrap_or_else(|| "licence not found".to_owned());
            let home = said("repository").map(|home| format!("  {home}")).unwrap_or_default();
            Some(format!("{name} {version}: {licence}{home}"))
        })
        .collect()
}

/// The folders in which cargo keeps the sources of crates.
fn kept_sources() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let Some(entries) = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok()) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

/// The packages of the page that are not only needed to build it.
fn packages(lock: &Path) -> BTreeSet<String> {
    let Some(lock) =
        fs::read(lock).ok().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
    else {
        return BTreeSet::new();
    };
    let Some(packages) = lock.get("packages").and_then(serde_json::Value::as_object) else {
        return BTreeSet::new();
    };
    packages
        .iter()
        .filter(|(path, package)| {
            !path.is_empty() && package.get("dev").and_then(serde_json::Value::as_bool) != Some(true)
        })
        .filter_map(|(path, package)| {
            let name = path.rsplit_once("node_modules/").map_or(path.as_str(), |(_, name)| name);
            let field = |name: &str| package.get(name).and_then(serde_json::Value::as_str);
            let version = field("version")?;
            Some(format!("{name} {version}: {}", field("license").unwrap_or("licence not found")))
        })
        .collect()
}
