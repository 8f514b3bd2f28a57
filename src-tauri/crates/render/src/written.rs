//! Where an object and its fields are written.

use serde_json::Value;
use slipway_model::{FieldPath, Location, Origin, ResourceId, Tree};
use slipway_yaml::Parsed;

/// The place of a field in the file that an object comes from: of the field itself, else of what holds it, else of the
/// document. For a file that is no YAML (a template, a program) it is where the document begins.
#[must_use]
pub fn written_at(tree: &dyn Tree, origin: &Origin, field: &FieldPath) -> Location {
    let whole = match origin.line {
        Some(line) => Location::at(&origin.file, line, 1),
        None => Location::file(&origin.file),
    };
    let text = slipway_model::read_text(tree, &origin.file).ok().flatten();
    let Some(parsed) = text.and_then(|text| Parsed::new(text).ok()) else { return whole };
    let Some(document) = document_of(&parsed, origin) else { return whole };
    let mut field = Some(field.clone());
    while let Some(path) = field.filter(|path| !path.segments().is_empty()) {
        if let Some(place) = parsed.find(document, &path) {
            let at = place.key.unwrap_or(place.value).start;
            return Location::at(&origin.file, at.line, at.column);
        }
        field = path.parent();
    }
    whole
}

/// Which document of a text an origin means: engines count empty ones differently, the line tells them apart.
fn document_of(parsed: &Parsed, origin: &Origin) -> Option<usize> {
    let Some(line) = origin.line else {
        return (origin.document < parsed.documents()).then_some(origin.document);
    };
    parsed.document_at_line(line)
}

/// The path of a field in a document that is the object, or a list that holds it.
pub(crate) fn inside(document: &Value, id: &ResourceId, field: &FieldPath) -> Option<FieldPath> {
    if ResourceId::of(document) == *id {
        return Some(field.clone());
    }
    let items = document.get("items")?.as_array()?;
    let index = items.iter().position(|item| ResourceId::of(item) == *id)?;
    let mut path = FieldPath::root().key("items").index(index);
    path.0.extend(field.segments().iter().cloned());
    Some(path)
}

#[cfg(test)]
mod tests {
    use slipway_model::{MemoryTree, RepoPath};

    use super::*;

    #[test]
    fn a_field_is_found_in_its_document_and_what_is_not_written_by_what_holds_it() {
        let tree = MemoryTree::new([(
            "a.yaml",
            "kind: A\nmetadata:\n  name: a\n---\nkind: B\nmetadata:\n  name: b\nspec:\n  size: 1\n",
        )]);
        let origin = |document, line| Origin { file: RepoPath::new("a.yaml").unwrap(), document, line };
        for (origin, field, line) in [
            (origin(0, Some(1)), "/metadata/name", 3),
            (origin(1, Some(5)), "/metadata/name", 7),
            (origin(1, None), "/spec/size", 9),
            (origin(1, Some(5)), "/metadata/labels/app", 6),
            (origin(1, Some(5)), "/data", 5),
        ] {
            let place = written_at(&tree, &origin, &field.parse().unwrap());
            assert_eq!(place.line, Some(line), "{field}");
        }
    }

    #[test]
    fn an_item_of_a_list_is_found_in_the_list() {
        let list = serde_json::json!({"kind": "List", "items": [{"kind": "A"}, {"kind": "B", "metadata": {"name": "b"}}]});
        let id = ResourceId::of(&list["items"][1]);
        let path = inside(&list, &id, &"/metadata/name".parse().unwrap()).unwrap();
        assert_eq!(path.to_string(), "/items/1/metadata/name");
    }
}
