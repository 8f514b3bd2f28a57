use std::time::Duration;

use serde_json::{Value, json};
use slipway_model::{Manifest, Origin, RepoPath};

use super::*;

fn key(digit: char) -> RenderKey {
    serde_json::from_value(Value::String(digit.to_string().repeat(64))).unwrap()
}

fn rendered(objects: &[Value]) -> Arc<Rendered> {
    let mut rendered = Rendered::empty();
    for object in objects {
        let origin = Origin { file: RepoPath::new("app/all.yaml").unwrap(), document: 0, line: Some(1) };
        rendered.manifests.push(Manifest::new(object.clone(), origin));
    }
    Arc::new(rendered)
}

fn config_map(name: &str, text: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"text": text}})
}

/// A text that compression does not shorten much.
fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::new();
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(&format!("{state:016x}"));
    }
    text
}

fn files(store: &DiskRenderStore) -> Vec<Stored> {
    let mut files = Vec::new();
    measure(&store.root, 0, &mut files).unwrap();
    files
}

fn store(max_bytes: u64) -> (tempfile::TempDir, DiskRenderStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskRenderStore::bounded(&Folders::below(folder.path()), max_bytes);
    (folder, store)
}

fn set_age(path: &Path, seconds: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds);
    File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_render_reads_back_in_another_process() {
    let (folder, store) = store(1 << 20);
    assert!(store.get(&key('a')).unwrap().is_empty());
    assert!(!store.root.exists(), "reading makes no folder");
    let render = rendered(&[config_map("a", "x")]);
    store.put(&key('a'), &render).unwrap();
    let other = DiskRenderStore::new(&Folders::below(folder.path()));
    assert_eq!(other.get(&key('a')).unwrap(), [render]);
    assert!(other.get(&key('b')).unwrap().is_empty());
}

#[test]
fn the_same_render_is_kept_once_and_different_ones_side_by_side() {
    let (_folder, store) = store(1 << 20);
    let (one, two) = (rendered(&[config_map("a", "1")]), rendered(&[config_map("a", "2")]));
    for render in [&one, &two, &one] {
        store.put(&key('a'), render).unwrap();
    }
    let kept = store.get(&key('a')).unwrap();
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&one) && kept.contains(&two));
}

#[test]
fn one_key_keeps_the_newest_few() {
    let (_folder, store) = store(1 << 20);
    for number in 0..10_u64 {
        store.put(&key('a'), &rendered(&[config_map("a", &number.to_string())])).unwrap();
        for file in files(&store) {
            let age = SystemTime::now().duration_since(file.used).unwrap_or_default().as_secs();
            set_age(&file.path, age + 60);
        }
    }
    let kept = store.get(&key('a')).unwrap();
    assert_eq!(kept.len(), MAX_PER_KEY);
    assert!(kept.contains(&rendered(&[config_map("a", "9")])));
    assert!(!kept.contains(&rendered(&[config_map("a", "5")])));
}

#[test]
fn a_damaged_file_is_a_miss_and_is_deleted() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change); 6] = [
        ("a byte of the body", |bytes| *bytes.last_mut().unwrap() ^= 1),
        ("the version", |bytes| bytes[8] = 9),
        ("cut", |bytes| bytes.truncate(60)),
        ("cut in the header", |bytes| bytes.truncate(20)),
        ("empty", Vec::clear),
        ("a length of everything", |bytes| bytes[12..20].fill(0xff)),
    ];
    for (name, change) in changes {
        let (_folder, store) = store(1 << 20);
        store.put(&key('a'), &rendered(&[config_map("a", "x")])).unwrap();
        let path = files(&store).remove(0).path;
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        assert!(store.get(&key('a')).unwrap().is_empty(), "{name}");
        assert!(!path.exists(), "{name}");
    }
}

#[test]
fn a_record_that_lies_about_its_length_is_damaged() {
    let bytes = Record::encode(&rendered(&[config_map("a", "x")])).unwrap().unwrap().bytes;
    for length in [1_u64, 1000] {
        let mut changed = bytes.clone();
        changed[12..20].copy_from_slice(&length.to_le_bytes());
        assert!(Record::decode(&changed).is_err(), "{length}");
    }
    assert!(Record::decode(&bytes).is_ok());
}

#[test]
fn the_longest_unused_are_dropped_when_the_bound_is_reached() {
    let (_folder, store) = store(64 * 1024);
    let keys = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    for (place, digit) in keys.into_iter().enumerate() {
        store.put(&key(digit), &rendered(&[config_map("a", &noise(place as u64 + 1, 10_000))])).unwrap();
        for file in files(&store) {
            let age = SystemTime::now().duration_since(file.used).unwrap_or_default().as_secs();
            set_age(&file.path, age + 60);
        }
        // The first is used again and again.
        assert_eq!(store.get(&key('0')).unwrap().len(), 1, "{digit}");
        let total: u64 = files(&store).iter().map(|file| file.bytes).sum();
        assert!(total <= 64 * 1024, "{total}");
    }
    assert!(store.get(&key('1')).unwrap().is_empty());
    assert_eq!(store.get(&key('f')).unwrap().len(), 1);
}

#[test]
fn a_render_that_would_fill_the_store_is_not_kept() {
    let (_folder, store) = store(8 * 1024);
    store.put(&key('a'), &rendered(&[config_map("a", &noise(1, 10_000))])).unwrap();
    assert!(files(&store).is_empty());
}

#[test]
fn the_folder_may_vanish_at_any_time() {
    let (_folder, store) = store(1 << 20);
    let render = rendered(&[config_map("a", "x")]);
    store.put(&key('a'), &render).unwrap();
    fs::remove_dir_all(&store.root).unwrap();
    assert!(store.get(&key('a')).unwrap().is_empty());
    store.put(&key('a'), &render).unwrap();
    assert_eq!(store.get(&key('a')).unwrap().len(), 1);
}

#[test]
fn several_writers_do_not_disturb_each_other() {
    let (folder, _) = store(1);
    std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let folders = Folders::below(folder.path());
            scope.spawn(move || {
                // Small enough that they delete each other's files.
                let store = DiskRenderStore::bounded(&folders, 32 * 1024);
                for number in 0..20_u64 {
                    let digit = char::from_digit(u32::try_from(number % 8).unwrap(), 16).unwrap();
                    let render = rendered(&[config_map("a", &noise(writer * 100 + number + 1, 2_000))]);
                    store.put(&key(digit), &render).unwrap();
                    store.get(&key(digit)).unwrap();
                }
            });
        }
    });
    let store = DiskRenderStore::new(&Folders::below(folder.path()));
    for file in files(&store) {
        assert!(Record::decode(&fs::read(&file.path).unwrap()).is_ok());
    }
}

#[test]
fn a_key_that_is_no_checksum_is_refused() {
    let (_folder, store) = store(1 << 20);
    for text in ["", "../../outside", &"A".repeat(64), &"/".repeat(64)] {
        let key: RenderKey = serde_json::from_value(json!(text)).unwrap();
        assert!(store.get(&key).is_err(), "{text}");
        assert!(store.put(&key, &rendered(&[])).is_err(), "{text}");
    }
}

#[test]
fn what_may_hold_a_secret_is_not_written() {
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "Yg=="}});
    let (nested, listed) = (secret.clone(), secret.clone());
    let text = secret.to_string();
    let applied = |text: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "annotations":
            {"kubectl.kubernetes.io/last-applied-configuration": text}}})
    };
    for (name, object) in [
        ("a Secret", secret),
        ("a Secret without data", json!({"apiVersion": "v1", "kind": "Secret"})),
        ("a SecretList", json!({"apiVersion": "v1", "kind": "SecretList", "items": []})),
        ("a List", json!({"apiVersion": "v1", "kind": "List", "items": [config_map("a", "b"), listed]})),
        ("a template", json!({"apiVersion": "x/v1", "kind": "Template", "spec": {"objects": [nested]}})),
        ("last applied", applied(&text)),
        ("last applied, escaped", applied(&json!(text).to_string())),
        ("YAML in a ConfigMap", config_map("a", "apiVersion: v1\nkind:  \"Secret\"\ndata:\n  a: Yg==\n")),
        ("stringData", json!({"apiVersion": "x/v1", "kind": "Thing", "spec": {"stringData": {"a": "b"}}})),
        ("stringData in a text", config_map("a", "{stringData: {a: b}}")),
    ] {
        let (_folder, store) = store(1 << 20);
        store.put(&key('a'), &rendered(&[config_map("first", "x"), object])).unwrap();
        assert!(files(&store).is_empty(), "{name}");
    }
}

#[test]
fn a_reference_to_a_secret_is_kept() {
    let object = json!({"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "a"},
        "spec": {"valuesFrom": [{"kind": "Secret", "name": "values"}]}});
    let (_folder, store) = store(1 << 20);
    store.put(&key('a'), &rendered(&[object])).unwrap();
    assert_eq!(store.get(&key('a')).unwrap().len(), 1);
}

#[test]
fn a_failed_render_is_not_written() {
    let problem = slipway_model::Problem::error("bad-values", "cannot read `password: hunter2`");
    let (_folder, store) = store(1 << 20);
    store
        .put(&key('a'), &Arc::new(Rendered::failed(vec![problem], slipway_model::Reads::default())))
        .unwrap();
    assert!(files(&store).is_empty());
}
