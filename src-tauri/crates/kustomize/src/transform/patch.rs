//! Patches and what they are applied to.

use serde_json::Value;
use slipway_model::FieldPath;

use super::json_patch::JsonPatch;
use super::schema::Schema;
use super::selector::{CompiledSelector, Selector};
use super::watch::{Part, Watch};
use super::{quoted, strategic};
use crate::failure::Failure;
use crate::resource::{Behavior, Resource, ResourceMap};

/// What a patch may do beside changing fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatchOptions {
    /// `allowNameChange`.
    pub allow_name_change: bool,
    /// `allowKindChange`.
    pub allow_kind_change: bool,
}

/// Reads the documents of a text as resources, as a file of `resources` is read.
pub type ReadResources<'a> = dyn Fn(&str) -> Result<Vec<Resource>, Failure> + 'a;

/// An entry of `patches` (`PatchTransformer`): strategic merge patches, or a JSON patch.
#[derive(Clone, Debug)]
pub struct Patch {
    body: Body,
    target: Option<(Selector, CompiledSelector)>,
    /// What kustomize calls it in messages: `[path: "patch.yaml"]`.
    source: String,
}

#[derive(Clone, Debug)]
enum Body {
    Strategic(Vec<Resource>),
    Json(JsonPatch),
    Nothing,
}

/// Where the text of a patch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchSource<'a> {
    /// In a file, by the path in the kustomization.
    Path(&'a str),
    /// In the kustomization itself.
    Inline,
}

impl Patch {
    /// A patch from its text; white space around an inline one is ignored.
    ///
    /// # Errors
    /// When the text is neither a strategic merge patch nor a JSON patch, or an expression of the target is malformed.
    pub fn new(
        text: &str,
        source: PatchSource<'_>,
        target: Option<Selector>,
        options: PatchOptions,
        read: &ReadResources<'_>,
    ) -> Result<Self, Failure> {
        let is_file = matches!(source, PatchSource::Path(_));
        let (text, source) = match source {
            PatchSource::Path(path) => (text, format!("[path: {}]", quoted(path))),
            PatchSource::Inline => (text.trim(), format!("[patch: {}]", quoted(text.trim()))),
        };
        let target = match target {
            None => None,
            Some(selector) => {
                let compiled = selector.compile().map_err(|failure| {
                    let shown = quoted(&selector.to_string());
                    failure.context(format_args!("unable to find patch target {shown} in `resources`"))
                })?;
                Some((selector, compiled))
            }
        };
        let body = match read(text) {
            Ok(resources) if resources.is_empty() => Body::Nothing,
            Ok(resources) => Body::Strategic(resources),
            Err(strategic) => match JsonPatch::parse(text) {
                Ok(patch) => Body::Json(patch),
                Err(json) => {
                    let message = format!("unable to parse SM or JSON patch from {source}");
                    let failure = Failure::new("kustomize-patch", message)
                        .hint(format!("read as a strategic merge patch: {}", strategic.message()))
                        .hint(format!("read as a JSON patch: {}", json.message()));
                    // Of a text in the kustomization lines are counted from its own begin.
                    return Err(match strategic.location() {
                        Some(place) if is_file => failure.at(place.clone()),
                        _ => failure,
                    });
                }
            },
        };
        let mut patch = Self { body, target, source };
        if let Body::Strategic(resources) = &mut patch.body {
            for resource in resources {
                if options.allow_name_change {
                    resource.allow_name_change();
                }
                if options.allow_kind_change {
                    resource.allow_kind_change();
                }
                if options != PatchOptions::default() {
                    // Kustomize notes it in an annotation, by which all of them become text, nulls included.
                    resource.set_annotations(resource.annotations());
                }
            }
        }
        Ok(patch)
    }

    /// The strategic merge patches that it consists of; none where it is a JSON patch.
    #[must_use]
    pub fn documents(&self) -> &[Resource] {
        match &self.body {
            Body::Strategic(patches) => patches,
            Body::Json(_) | Body::Nothing => &[],
        }
    }

    /// The JSON patch, where it is one.
    #[must_use]
    pub fn json(&self) -> Option<&JsonPatch> {
        match &self.body {
            Body::Json(patch) => Some(patch),
            Body::Strategic(_) | Body::Nothing => None,
        }
    }

    /// Applies the patch.
    ///
    /// # Errors
    /// When nothing is what the patch is for, or it does not fit.
    pub fn apply(
        &self,
        map: &mut ResourceMap,
        schema: &Schema,
        watch: Option<&dyn Watch>,
    ) -> Result<(), Failure> {
        match (&self.body, &self.target) {
            (Body::Nothing, _) => Ok(()),
            (Body::Strategic(patches), Some((selector, compiled))) => {
                let [patch] = &patches[..] else {
                    let message = format!(
                        "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {}",
                        self.source
                    );
                    return Err(Failure::new("kustomize-patch", message)
                        .hint("one entry for each patch, or no target: each document then finds its own by its name"));
                };
                let selected = compiled.select(map).map_err(|failure| {
                    let shown = quoted(&selector.to_string());
                    failure.context(format_args!("unable to find patch target {shown} in `resources`"))
                })?;
                patch_selected(map, &selected, patch, schema)
            }
            (Body::Strategic(patches), None) => {
                for (document, patch) in patches.iter().enumerate() {
                    let id = patch.original_id();
                    let position = map.one_any(&id).map_err(|failure| {
                        let shown = quoted(&id.to_string());
                        failure
                            .context(format_args!("no resource matches strategic merge patch {shown}"))
                            .hint("a patch without `target` is for the resource with its apiVersion, kind, name and namespace")
                    })?;
                    if let Some(resource) = map.get_mut(position) {
                        patch_one(resource, patch, schema)?;
                        if let Some(watch) = watch {
                            watch.changed(resource, Part::Document(document));
                        }
                    }
                }
                Ok(())
            }
            (Body::Json(_), None) => {
                let message = format!("must specify a target for JSON patch {}", self.source);
                Err(Failure::new("kustomize-patch", message).hint("add `target` with kind and name"))
            }
            (Body::Json(patch), Some((_, compiled))) => {
                for position in compiled.select(map)? {
                    if let Some(resource) = map.get_mut(position) {
                        resource.store_previous_id();
                        json_patch_one(resource, patch, watch)?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// Applies a strategic merge patch to some resources, whatever version it names, and checks that no two become one.
fn patch_selected(
    map: &mut ResourceMap,
    selected: &[usize],
    patch: &Resource,
    schema: &Schema,
) -> Result<(), Failure> {
    let patch = &with_written_metadata(patch);
    for position in selected {
        let Some(resource) = map.get_mut(*position) else { continue };
        let api_version = resource.api_version().to_owned();
        patch_one(resource, patch, schema)?;
        if !resource.is_empty() {
            resource.set_api_version(&api_version);
        }
    }
    map.drop_empty();
    if patch.name_change_allowed() || patch.kind_change_allowed() {
        map.check_unique()?;
    }
    Ok(())
}

/// A patch whose labels and annotations are text, as kustomize copies one for those that a target selects: a null does
/// not remove the key there but is the text `null`, and a null instead of the map says nothing.
fn with_written_metadata(patch: &Resource) -> Resource {
    let is_text = |field: &str| match patch.metadata(field) {
        None => true,
        Some(Value::Object(map)) => !map.is_empty() && map.values().all(Value::is_string),
        Some(_) => false,
    };
    let mut copy = patch.clone();
    if !is_text("labels") {
        copy.set_labels(patch.labels());
    }
    if !is_text("annotations") {
        copy.set_annotations(patch.annotations());
    }
    copy
}

/// Applies a strategic merge patch to one resource. Name, kind and namespace stay unless the patch may change them.
fn patch_one(resource: &mut Resource, patch: &Resource, schema: &Schema) -> Result<(), Failure> {
    let (name, namespace, kind) =
        (resource.name().to_owned(), resource.namespace().to_owned(), resource.kind().to_owned());
    if patch.name_change_allowed() || patch.kind_change_allowed() {
        resource.store_previous_id();
    }
    let bare_nulls = resource.take_bare_nulls();
    let object = resource.object_mut();
    strategic::drop_nulls(object, &bare_nulls, schema);
    if !strategic::merge(object, patch.object(), schema)? {
        resource.delete();
        return Ok(());
    }
    if resource.is_empty() {
        return Ok(());
    }
    resource.follow_patch(patch.object());
    if !patch.kind_change_allowed() {
        resource.set_kind(&kind);
    }
    if !patch.name_change_allowed() {
        resource.set_name(&name);
    }
    resource.set_namespace(&namespace);
    Ok(())
}

/// Applies a JSON patch to one resource.
///
/// kustomize keeps its notes in annotations, so that `metadata.annotations` is there for the patch as soon as there is
/// a note, and all annotations are text afterwards.
fn json_patch_one(
    resource: &mut Resource,
    patch: &JsonPatch,
    watch: Option<&dyn Watch>,
) -> Result<(), Failure> {
    let noted = !resource.previous().is_empty()
        || !resource.name_prefixes().is_empty()
        || !resource.name_suffixes().is_empty()
        || resource.needs_hash()
        || resource.behavior() != Behavior::Unspecified;
    if noted
        && resource.metadata("annotations").is_none_or(Value::is_null)
        && let Some(metadata) = resource.metadata_mut()
    {
        metadata.insert("annotations".to_owned(), Value::Object(serde_json::Map::new()));
    }
    // From here on nulls are as good as any, because the object is printed and read again.
    resource.take_bare_nulls();
    resource.forget_shared(&FieldPath::root());
    resource.forget_untyped();
    match watch {
        None => patch.apply(resource.object_mut())?,
        Some(watch) => patch.apply_watched(resource, watch)?,
    }
    let odd = match resource.metadata("annotations") {
        None => false,
        Some(Value::Object(map)) => map.is_empty() || map.values().any(|value| !value.is_string()),
        Some(_) => true,
    };
    if odd {
        let mut annotations = resource.annotations();
        if let Some(Value::Object(map)) = resource.metadata("annotations") {
            for (key, _) in map.iter().filter(|(_, value)| value.is_null()) {
                annotations.insert(key.clone(), "null".to_owned());
            }
        }
        resource.set_annotations(annotations);
    }
    Ok(())
}

/// `PatchJson6902Transformer`, an entry of `patchesJson6902`.
#[derive(Clone, Debug)]
pub struct Json6902 {
    patch: JsonPatch,
    target: CompiledSelector,
}

impl Json6902 {
    /// A patch from its text. `file` is where it is written, empty for an inline one.
    ///
    /// # Errors
    /// When the target has no name, or the text is no JSON patch or has no operation.
    pub fn new(text: &str, file: &str, target: &Selector) -> Result<Self, Failure> {
        if target.name.is_empty() {
            return Err(Failure::new("kustomize-patch", "must specify the target name"));
        }
        if text.is_empty() {
            let message = if file.is_empty() {
                "empty file path and empty jsonOp".to_owned()
            } else {
                format!("patch file '{file}' empty seems to be empty")
            };
            return Err(Failure::new("kustomize-patch", message));
        }
        let shown = crate::resource::shorten(text, 2_000);
        let patch = JsonPatch::parse(text).map_err(|failure| {
            let json = slipway_yaml::decode(text).map_or_else(|_| shown.to_string(), |json| json.to_string());
            let json = crate::resource::shorten(&json, 2_000);
            failure.context(format_args!("decoding {json}"))
        })?;
        if patch.is_empty() {
            let message = format!("patch appears to be empty; file={file}, JsonOp={shown}");
            return Err(Failure::new("kustomize-patch", message));
        }
        Ok(Self { patch, target: target.compile()? })
    }

    /// The operations.
    #[must_use]
    pub fn json(&self) -> &JsonPatch {
        &self.patch
    }

    /// Applies the patch to what its target selects; nothing selected is no error.
    ///
    /// # Errors
    /// When an operation does not apply.
    pub fn apply(&self, map: &mut ResourceMap, watch: Option<&dyn Watch>) -> Result<(), Failure> {
        for position in self.target.select(map)? {
            if let Some(resource) = map.get_mut(position) {
                json_patch_one(resource, &self.patch, watch)?;
            }
        }
        Ok(())
    }
}

/// `PatchStrategicMergeTransformer`, `patchesStrategicMerge`: patches that find their targets by their ids.
#[derive(Clone, Debug)]
pub struct StrategicMergePatches {
    /// In the order in which they are applied.
    pub patches: Vec<Resource>,
}

impl StrategicMergePatches {
    /// Applies the patches.
    ///
    /// # Errors
    /// `no matches for Id …; failed to find unique target for patch …`.
    pub fn apply(
        &self,
        map: &mut ResourceMap,
        schema: &Schema,
        watch: Option<&dyn Watch>,
    ) -> Result<(), Failure> {
        for (document, patch) in self.patches.iter().enumerate() {
            let position = map.one_any(&patch.original_id())?;
            patch_selected(map, &[position], patch, schema)?;
            if let Some(watch) = watch {
                watch.done(map, Part::Document(document));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Gvk;

    fn read(text: &str) -> Result<Vec<Resource>, Failure> {
        let documents = slipway_yaml::decode_stream(text)
            .map_err(|error| Failure::new("yaml-syntax", error.to_string()))?;
        let values = documents.into_iter().map(|document| document.value).filter(|value| !value.is_null());
        values
            .map(|value| {
                if value.get("kind").is_some() {
                    Ok(Resource::new(value))
                } else {
                    Err(Failure::new("kind", "missing kind"))
                }
            })
            .collect()
    }

    fn map() -> ResourceMap {
        let object = |name: &str| {
            Resource::new(
                json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": 1}}),
            )
        };
        ResourceMap::from_resources(vec![object("a"), object("b")]).unwrap()
    }

    fn named(name: &str) -> Option<Selector> {
        Some(Selector { name: name.to_owned(), ..Selector::default() })
    }

    fn applied(text: &str, target: Option<Selector>, options: PatchOptions) -> Result<Vec<Value>, String> {
        let mut map = map();
        let apply = |map: &mut ResourceMap| {
            let patch = Patch::new(text, PatchSource::Path("p.yaml"), target, options, &read)?;
            patch.apply(map, &Schema::builtin(), None)?;
            map.drop_empty();
            Ok(())
        };
        apply(&mut map).map_err(|failure: Failure| failure.message().to_owned())?;
        Ok(map.iter().map(|resource| resource.object().clone()).collect())
    }

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";

    #[test]
    fn a_patch_finds_its_target_by_its_id_or_by_a_selector() {
        let text = format!("{DEPLOYMENT}spec: {{replicas: 3}}");
        let result = applied(&text, None, PatchOptions::default()).unwrap();
        assert_eq!((&result[0]["spec"]["replicas"], &result[1]["spec"]["replicas"]), (&json!(3), &json!(1)));
        let result = applied(&text, named("b"), PatchOptions::default()).unwrap();
        assert_eq!(
            result[1],
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "b"}, "spec": {"replicas": 3}})
        );
        let unknown = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}";
        assert_eq!(
            applied(unknown, None, PatchOptions::default()).unwrap_err(),
            "no resource matches strategic merge patch \"Deployment.v1.apps/c.[noNs]\": no matches for Id Deployment.v1.apps/c.[noNs]; failed to find unique target for patch Deployment.v1.apps/c.[noNs]"
        );
        assert_eq!(applied(unknown, named("nobody"), PatchOptions::default()).unwrap().len(), 2);
    }

    #[test]
    fn names_and_kinds_change_only_when_allowed() {
        let text = "apiVersion: v2\nkind: Other\nmetadata: {name: x, namespace: y}";
        let unchanged = applied(text, named("a"), PatchOptions::default()).unwrap();
        assert_eq!(unchanged[0], *map().as_slice()[0].object());
        let options = PatchOptions { allow_name_change: true, allow_kind_change: true };
        let changed = applied(text, named("a"), options).unwrap();
        assert_eq!(
            changed[0],
            json!({"apiVersion": "apps/v1", "kind": "Other", "metadata": {"name": "x"}, "spec": {"replicas": 1}})
        );
        assert_eq!(
            applied(text, named("a|b"), options).unwrap_err(),
            "may not add resource with an already registered id: Other.v1.apps/x.[noNs]"
        );
    }

    #[test]
    fn whole_resources_are_deleted() {
        let result =
            applied(&format!("$patch: delete\n{DEPLOYMENT}"), None, PatchOptions::default()).unwrap();
        assert_eq!(result.len(), 1);
        assert_eq!(result[0]["metadata"]["name"], "b");
    }

    #[test]
    fn json_patches_need_a_target_and_always_find_annotations() {
        let text = "- {op: add, path: /metadata/annotations/a, value: 1}";
        let result = applied(text, named("a"), PatchOptions::default()).unwrap();
        assert_eq!(result[0]["metadata"]["annotations"], json!({"a": "1"}));
        let result = applied("- {op: remove, path: /spec}", named("a"), PatchOptions::default()).unwrap();
        assert_eq!(result[0]["metadata"].get("annotations"), None);
        assert_eq!(
            applied(text, None, PatchOptions::default()).unwrap_err(),
            "must specify a target for JSON patch [path: \"p.yaml\"]"
        );
    }

    #[test]
    fn what_is_no_patch_says_so() {
        assert_eq!(
            applied("just: text", named("a"), PatchOptions::default()).unwrap_err(),
            "unable to parse SM or JSON patch from [path: \"p.yaml\"]"
        );
        let two = format!("{DEPLOYMENT}---\n{DEPLOYMENT}");
        assert!(
            applied(&two, named("a"), PatchOptions::default())
                .unwrap_err()
                .starts_with("Multiple Strategic-Merge Patches in one `patches` entry")
        );
        assert_eq!(applied("# nothing", named("a"), PatchOptions::default()).unwrap().len(), 2);
    }

    #[test]
    fn json6902_needs_a_name_and_operations() {
        let selector = |name: &str| Selector {
            gvk: Gvk::kind_only("Deployment"),
            name: name.to_owned(),
            ..Selector::default()
        };
        let new = |text: &str, name: &str| Json6902::new(text, "", &selector(name));
        assert_eq!(new("[]", "").unwrap_err().message(), "must specify the target name");
        assert_eq!(new("[]", "a").unwrap_err().message(), "patch appears to be empty; file=, JsonOp=[]");
        assert_eq!(new("", "a").unwrap_err().message(), "empty file path and empty jsonOp");
        let mut map = map();
        let patch = new("- {op: replace, path: /spec/replicas, value: 5}", "a").unwrap();
        patch.apply(&mut map, None).unwrap();
        assert_eq!(map.as_slice()[0].object()["spec"]["replicas"], 5);
        let failure =
            new("- {op: add, path: /metadata/annotations/x, value: y}", "a").unwrap().apply(&mut map, None);
        assert!(failure.unwrap_err().message().contains("doc is missing path"));
    }
}
