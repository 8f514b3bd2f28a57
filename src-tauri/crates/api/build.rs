//! Collects the licences of everything that is built in, for the page: from `Cargo.lock` with the sources that cargo
//! keeps, and from the page's `package-lock.json` with its installed packages. Nothing is downloaded; what cannot be
//! found is listed without a text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde_json::{Value, json};

/// Longer files are no licence.
const LONGEST: u64 = 200_000;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let (rust, page) = (root.join("Cargo.lock"), root.join("ui/package-lock.json"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", rust.display());
    println!("cargo::rerun-if-changed={}", page.display());
    let mut texts = Texts::default();
    let mut components = crates(&rust, &mut texts);
    components.append(&mut packages(&page, &root.join("ui"), &mut texts));
    components.sort_by_key(|each| {
        ["name", "version", "kind"].map(|key| each[key].as_str().unwrap_or_default().to_owned())
    });
    let target = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    let target = PathBuf::from(target);
    let collected = json!({"texts": texts.all, "components": components}).to_string();
    fs::write(target.join("licences.json.zst"), zstd::bulk::compress(collected.as_bytes(), 19)?)?;
    fs::write(target.join("licence.txt"), fs::read_to_string(root.join("LICENSE")).unwrap_or_default())
}

/// Licence texts, each once: most crates bring the same few.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    known: BTreeMap<String, usize>,
}

impl Texts {
    /// The licence files of a folder, each with the number of its text.
    fn of(&mut self, folder: &Path) -> Vec<Value> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let mut found = Vec::new();
        for file in files {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let upper = name.to_uppercase();
            let is_licence = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT"]
                .iter()
                .any(|word| upper.starts_with(word));
            let is_short = fs::metadata(&file).is_ok_and(|about| about.is_file() && about.len() <= LONGEST);
            if let (true, true, Ok(text)) = (is_licence, is_short, fs::read_to_string(&file)) {
                found.push(json!([name, self.number(text)]));
            }
        }
        found
    }

    fn number(&mut self, text: String) -> usize {
        if let Some(number) = self.known.get(&text) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(text.clone());
        self.known.insert(text, number);
        number
    }
}

/// The crates of a lock file that come from elsewhere, with what their manifests say.
fn crates(lock: &Path, texts: &mut Texts) -> Vec<Value> {
    let Some(lock) = fs::read_to_string(lock).ok().and_then(|text| text.parse::<toml::Table>().ok()) else {
        return Vec::new();
    };
    let kept = kept_sources();
    let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    packages
        .iter()
        .filter(|package| package.get("source").is_some())
        .filter_map(|package| {
            let field = |name: &str| package.get(name).and_then(toml::Value::as_str);
            let (name, version) = (field("name")?, field("version")?);
            let folder =
                kept.iter().map(|kept| kept.join(format!("{name}-{version}"))).find(|folder| folder.is_dir());
            let manifest = folder
                .as_ref()
                .and_then(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok())
                .and_then(|text| text.parse::<toml::Table>().ok());
            let said =
                |field: &str| manifest.as_ref()?.get("package")?.get(field)?.as_str().map(ToOwned::to_owned);
            let licence = said("license").or_else(|| said("license-file").map(|file| format!("see {file}")));
            Some(json!({
                "name": name, "version": version, "kind": "crate", "licence": licence, "home": said("repository"),
                "files": folder.map(|folder| texts.of(&folder)).unwrap_or_default(),
            }))
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
fn packages(lock: &Path, page: &Path, texts: &mut Texts) -> Vec<Value> {
    let Some(lock) = fs::read(lock).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    else {
        return Vec::new();
    };
    let Some(packages) = lock.get("packages").and_then(Value::as_object) else { return Vec::new() };
    packages
        .iter()
        .filter(|(path, package)| {
            !path.is_empty() && package.get("dev").and_then(Value::as_bool) != Some(true)
        })
        .filter_map(|(path, package)| {
            let name = path.rsplit_once("node_modules/").map_or(path.as_str(), |(_, name)| name);
            let field = |name: &str| package.get(name).and_then(Value::as_str);
            let version = field("version")?;
            Some(json!({
                "name": name, "version": version, "kind": "package", "licence": field("license"), "home": null,
                "files": texts.of(&page.join(path)),
            }))
        })
        .collect()
}
