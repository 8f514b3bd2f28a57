//! Symbolic links that lead where nothing may be read.

use bytes::Bytes;
use slipway_model::{ContentId, Entry, TreeError};

use super::*;

/// A tree in which some paths are links: to a path of the tree, out of it (`/…`), or to themselves.
struct Linked {
    tree: MemoryTree,
    links: &'static [(&'static str, &'static str)],
}

impl Linked {
    fn follow(&self, at: &RepoPath) -> Result<RepoPath, TreeError> {
        for (link, target) in self.links {
            let link = path(link);
            if !at.is_inside(&link) {
                continue;
            }
            if target.starts_with('/') {
                return Err(TreeError::LinkOutside { path: link, target: (*target).to_owned() });
            }
            if path(target) == link {
                return Err(TreeError::LinkLoop { path: link });
            }
            let rest = at.segments().skip(link.segments().count());
            return Ok(rest.fold(path(target), |path, segment| path.child(segment)));
        }
        Ok(at.clone())
    }
}

impl Tree for Linked {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        self.tree.read(&self.follow(path)?)
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        self.tree.list(&self.follow(directory)?)
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        self.tree.content_id(&self.follow(path)?)
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.follow(path)
    }
}

#[test]
fn links_lead_neither_out_nor_around() {
    const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    for (links, kustomization, code) in [
        // Out of the repository.
        (&[("app/map.yaml", "/etc/passwd")][..], "resources: [map.yaml]\n", "kustomize-security"),
        (&[("app/sub", "/etc")], "resources: [sub]\n", "kustomize-security"),
        // Into a directory beside, which a file of the directory itself may not be.
        (&[("app/map.yaml", "other/secret.yaml")], "resources: [map.yaml]\n", "kustomize-security"),
        (
            &[("app/secret.txt", "other/secret.yaml")],
            "configMapGenerator: [{name: c, files: [secret.txt]}]\n",
            "kustomize-security",
        ),
        // In circles.
        (&[("app/map.yaml", "app/map.yaml")], "resources: [map.yaml]\n", "link-loop"),
        (&[("app/sub", "app")], "resources: [sub]\n", "kustomize-cycle"),
        (&[("other/sub", "app")], "resources: [../other/sub]\n", "kustomize-cycle"),
    ] {
        for unrestricted in [false, true] {
            let files = [("app/kustomization.yaml", kustomization), ("other/secret.yaml", MAP)];
            let tree = Linked { tree: MemoryTree::new(files), links };
            let options = Options { unrestricted, ..Options::default() };
            let built = build(&tree, &path("app"), &options, &Helpers::default());
            let stays_inside = unrestricted && links[0].1 == "other/secret.yaml";
            if stays_inside {
                assert_eq!(built.unwrap().objects.len(), 1, "{kustomization}");
                continue;
            }
            let failure = built.unwrap_err();
            assert_eq!(failure.code(), code, "{links:?} {unrestricted}: {failure}");
            assert!(failure.location().is_some(), "{failure}");
        }
    }
    // A directory that leads beside is read as what it is.
    let files = [
        ("app/kustomization.yaml", "resources: [sub]\n"),
        ("other/kustomization.yaml", "resources: [map.yaml]\n"),
        ("other/map.yaml", MAP),
    ];
    let tree = Linked { tree: MemoryTree::new(files), links: &[("app/sub", "other")] };
    let output = run(&tree, "app").unwrap();
    assert_eq!(output.objects.len(), 1);
}
