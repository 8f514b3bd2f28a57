//! The generated repository, and the corpora of real charts, kustomizations and programs where they are at hand, as
//! cases that an engine renders. The fuzzer breaks them, the bench times them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::Value;
use slipway_model::{MemoryTree, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use crate::generate::{Generated, Shape};

/// Something that renders.
pub struct Case {
    /// Its name.
    pub id: String,
    /// Its files.
    pub tree: Arc<MemoryTree>,
    /// What is rendered.
    pub source: Source,
    /// Which files people write and so break.
    pub breaks: fn(&RepoPath) -> bool,
    /// Whether the real tool renders it.
    pub renders: bool,
    /// Where its files lie on disk, for as long as the [`Corpus`] lives.
    pub folder: PathBuf,
}

/// Cases, and the folder that holds their files.
pub struct Corpus {
    /// The cases.
    pub cases: Vec<Case>,
    _folder: Option<tempfile::TempDir>,
}

/// Cases of one kind.
pub struct Family {
    /// Its name on the command line.
    pub name: &'static str,
    /// The cases; `None` where they are not at hand.
    pub load: fn() -> anyhow::Result<Option<Corpus>>,
}

/// All families, the small ones first.
pub const FAMILIES: [Family; 4] = [
    Family { name: "generated", load: generated },
    Family { name: "jsonnet", load: jsonnet },
    Family { name: "kustomize", load: kustomize },
    Family { name: "helm", load: helm },
];

fn any(_: &RepoPath) -> bool {
    true
}

/// A few applications of the repository that the bench uses.
fn generated() -> anyhow::Result<Option<Corpus>> {
    let shape = Shape { instances: 15 };
    let tree = Arc::new(MemoryTree::new(
        shape.files().into_iter().map(|(path, content)| (path.as_str().to_owned(), content)),
    ));
    let case = |each: Generated| Case {
        id: format!("{}@{}", each.application, each.environment),
        tree: tree.clone(),
        source: Source {
            engine: each.engine,
            path: each.path,
            values: Vec::new(),
            parameters: Parameters::default(),
        },
        breaks: any,
        renders: true,
        folder: PathBuf::new(),
    };
    Ok(Some(Corpus { cases: shape.generated().into_iter().map(case).collect(), _folder: None }))
}

fn corpora() -> PathBuf {
    crate::root().join("../shared/corpora")
}

/// Unpacks archives into a folder that is deleted with the result.
fn unpack(family: &str, archives: &[&str]) -> anyhow::Result<Option<tempfile::TempDir>> {
    let folder = corpora().join(family);
    if archives.iter().any(|archive| !folder.join(archive).is_file()) {
        return Ok(None);
    }
    let into = tempfile::tempdir()?;
    for archive in archives {
        let status = Command::new("tar")
            .arg("-xzf")
            .arg(folder.join(archive))
            .arg("-C")
            .arg(into.path())
            .status()
            .context("tar is needed to unpack the corpora")?;
        if !status.success() {
            bail!("{archive} cannot be unpacked: {status}");
        }
    }
    Ok(Some(into))
}

/// All files below a folder, by their paths below it.
fn tree_of(folder: &Path) -> anyhow::Result<MemoryTree> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).with_context(|| format!("read {}", directory.display()))? {
            let path = entry?.path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else if path.is_file() {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(MemoryTree::new(files))
}

/// The `case.json` of every case folder, with the folder.
fn case_files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Value)>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(directory) = open.pop() {
        let case = directory.join("case.json");
        if case.is_file() {
            found.push((directory, serde_json::from_slice(&fs::read(case)?)?));
            continue;
        }
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn text(case: &Value, key: &str) -> anyhow::Result<String> {
    case[key].as_str().map(str::to_owned).with_context(|| format!("the case has no {key}"))
}

fn texts(case: &Value, key: &str) -> Vec<String> {
    let items = case[key].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn map(case: &Value, key: &str) -> BTreeMap<String, String> {
    let entries = case[key].as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn jsonnet() -> anyhow::Result<Option<Corpus>> {
    let Some(folder) = unpack("jsonnet", &["corpus.tar.gz"])? else { return Ok(None) };
    let mut cases = Vec::new();
    for (directory, case) in case_files(&folder.path().join("cases"))? {
        let tree = Arc::new(tree_of(&directory.join("files"))?);
        let parameters = Parameters {
            ext_str: map(&case, "ext_str"),
            ext_code: map(&case, "ext_code"),
            tla_str: map(&case, "tla_str"),
            tla_code: map(&case, "tla_code"),
            jpath: texts(&case, "jpath").iter().map(|path| RepoPath::new(path)).collect::<Result<_, _>>()?,
            ..Parameters::default()
        };
        let path = RepoPath::new(&text(&case, "path")?)?;
        let source = Source { engine: EngineKind::Jsonnet, path, values: Vec::new(), parameters };
        cases.push(Case {
            id: format!("jsonnet/{}", text(&case, "id")?),
            tree,
            source,
            breaks: any,
            renders: case["expect"] == "ok",
            folder: directory.join("files"),
        });
    }
    Ok(Some(Corpus { cases, _folder: Some(folder) }))
}

fn kustomize() -> anyhow::Result<Option<Corpus>> {
    let Some(folder) = unpack("kustomize", &["corpus.tar.gz"])? else { return Ok(None) };
    let mut trees: BTreeMap<PathBuf, Arc<MemoryTree>> = BTreeMap::new();
    let mut cases = Vec::new();
    for (directory, case) in case_files(&folder.path().join("cases"))? {
        let root = match text(&case, "root")?.as_str() {
            "files" => directory.join("files"),
            elsewhere => folder.path().join(elsewhere),
        };
        let tree = match trees.get(&root) {
            Some(tree) => tree.clone(),
            None => trees.entry(root.clone()).or_insert(Arc::new(tree_of(&root)?)).clone(),
        };
        let parameters = Parameters {
            load_restrictor_none: case["load_restrictor"] == "none",
            enable_helm: case["enable_helm"] == true,
            ..Parameters::default()
        };
        let path = RepoPath::new(&text(&case, "target")?)?;
        let source = Source { engine: EngineKind::Kustomize, path, values: Vec::new(), parameters };
        cases.push(Case {
            id: format!("kustomize/{}", text(&case, "id")?),
            tree,
            source,
            breaks: any,
            renders: case["expect"] == "ok",
            folder: root,
        });
    }
    Ok(Some(Corpus { cases, _folder: Some(folder) }))
}

/// Values files are what people write.
fn is_values(path: &RepoPath) -> bool {
    let name = path.file_name().unwrap_or_default();
    path.as_str().starts_with("cases/") || name.starts_with("values") && !name.ends_with(".json")
}

fn helm() -> anyhow::Result<Option<Corpus>> {
    let Some(folder) = unpack("helm", &["charts.tar.gz", "cases.tar.gz"])? else { return Ok(None) };
    let mut cases = Vec::new();
    for (directory, case) in case_files(&folder.path().join("cases"))? {
        let (id, chart) = (text(&case, "id")?, text(&case, "chart")?);
        let mut tree = tree_of(&folder.path().join("charts").join(&chart))?;
        let mut files = MemoryTree::default();
        for (path, content) in tree.files() {
            files.insert(RepoPath::new(&format!("charts/{chart}/{path}"))?, content.clone());
        }
        tree = files;
        let own = tree_of(&directory)?;
        for (path, content) in own.files().filter(|(path, _)| !path.as_str().starts_with("golden")) {
            tree.insert(RepoPath::new(&format!("cases/{id}/{path}"))?, content.clone());
        }
        let values = texts(&case, "values")
            .iter()
            .map(|name| RepoPath::new(&format!("cases/{id}/{name}")))
            .collect::<Result<_, _>>()?;
        let parameters = parameters(&case, &id)?;
        let path = RepoPath::new(&format!("charts/{chart}"))?;
        let source = Source { engine: EngineKind::Helm, path, values, parameters };
        cases.push(Case {
            id: format!("helm/{id}"),
            tree: Arc::new(tree),
            source,
            breaks: is_values,
            renders: case["expect"] == "ok",
            folder: folder.path().to_path_buf(),
        });
    }
    Ok(Some(Corpus { cases, _folder: Some(folder) }))
}

fn parameters(case: &Value, id: &str) -> anyhow::Result<Parameters> {
    let mut parameters = Parameters {
        release: Some(text(case, "release")?),
        namespace: Some(text(case, "namespace")?),
        kube_version: case["kubeVersion"].as_str().map(str::to_owned),
        api_versions: texts(case, "apiVersions"),
        include_crds: case["includeCrds"] == true,
        skip_tests: case["skipTests"] == true,
        is_upgrade: case["isUpgrade"] == true,
        show_only: texts(case, "showOnly"),
        ..Parameters::default()
    };
    // `args` are flags and values in turn.
    let words = texts(case, "args");
    for pair in words.chunks(2) {
        let [flag, value] = pair else { continue };
        match flag.as_str() {
            "--set" => parameters.set.push(value.clone()),
            "--set-string" => parameters.set_string.push(value.clone()),
            "--set-json" => parameters.set_json.push(value.clone()),
            // The name of the file stands for itself in the tree below `cases/`.
            "--set-file" => parameters.set_file.push(value.replacen('=', &format!("=cases/{id}/"), 1)),
            other => bail!("unknown flag {other}"),
        }
    }
    Ok(parameters)
}
