use slipway_model::FieldPath;

use super::{Parsed, Place};

const TEXT: &str = "# head\n---\nspec:\n  containers:\n  - name: é # c\n    image: \"a:1\"\n  - name: web\n    ports: [{port: 80}]\nnull:\n";

fn place(parsed: &Parsed, path: &str) -> Option<Place> {
    parsed.find(1, &path.parse::<FieldPath>().unwrap())
}

#[test]
fn a_path_leads_to_key_and_value() {
    let parsed = Parsed::new(TEXT.replace("null:", "none:")).unwrap();
    assert_eq!(parsed.documents(), 2);
    let text = |path: &str| {
        let found = place(&parsed, path)?;
        let key = found.key.map(|key| parsed.text()[key.range()].to_owned());
        Some((
            key,
            parsed.text()[found.value.range()].to_owned(),
            found.value.start.line,
            found.value.start.column,
        ))
    };
    let image = text("/spec/containers/0/image").unwrap();
    assert_eq!(image, (Some("image".to_owned()), "\"a:1\"".to_owned(), 6, 12));
    assert_eq!(text("/spec/containers/[name=é]/image").unwrap(), image);
    assert_eq!(text("/spec/containers/[name=web]/ports/[port=80]/port").unwrap().1, "80");
    assert_eq!(text("/spec/containers/1").unwrap().1, "name: web\n    ports: [{port: 80}]");
    assert_eq!(text("/none").unwrap(), (Some("none".to_owned()), String::new(), 9, 6));
    assert_eq!(text("/spec/containers/[name=x]"), None);
    assert_eq!(text("/spec/none"), None);
}

#[test]
fn a_place_leads_to_its_path() {
    let parsed = Parsed::new(TEXT.replace("null:", "none:")).unwrap();
    let at = |needle: &str| {
        let (document, path) = parsed.path_at(parsed.text().find(needle).unwrap()).unwrap();
        (document, path.to_string())
    };
    assert_eq!(at("image"), (1, "/spec/containers/0/image".to_owned()));
    assert_eq!(at("a:1"), (1, "/spec/containers/0/image".to_owned()));
    assert_eq!(at("80"), (1, "/spec/containers/1/ports/0/port".to_owned()));
    assert_eq!(at("- name: web"), (1, "/spec/containers/1".to_owned()));
    let line = |line| parsed.path_at_line(line).map(|(_, path)| path.to_string());
    assert_eq!(line(3).unwrap(), "/spec");
    assert_eq!(line(5).unwrap(), "/spec/containers/0/name");
    assert_eq!(line(8).unwrap(), "/spec/containers/1/ports");
    assert_eq!(line(9).unwrap(), "/none");
    assert_eq!(line(1), None, "the first document holds nothing");
}

#[test]
fn aliases_and_merge_keys_lead_elsewhere() {
    let parsed = Parsed::new("b: &b\n  x: 1\nu: *b\nm:\n  <<: *b\n  k: 2\n").unwrap();
    let find = |path: &str| parsed.find(0, &path.parse::<FieldPath>().unwrap()).unwrap();
    assert_eq!((find("/u/x").value.start.line, find("/u/x").elsewhere), (2, true));
    assert_eq!((find("/m/x").value.start.line, find("/m/x").elsewhere), (2, true));
    assert_eq!((find("/m/k").value.start.line, find("/m/k").elsewhere), (6, false));
    assert!(!find("/b/x").elsewhere);
}

#[test]
fn merge_keys_that_multiply_are_given_up_on() {
    let mut text = "a0: &a0 {x: 1}\n".to_owned();
    for level in 1..60 {
        text.push_str(&format!("a{level}: &a{level} {{<<: [*a{0}, *a{0}]}}\n", level - 1));
    }
    let parsed = Parsed::new(text).unwrap();
    assert_eq!(parsed.find(0, &"/a59/none".parse::<FieldPath>().unwrap()), None);
}

#[test]
fn items_are_found_by_the_text_of_their_value() {
    let parsed = Parsed::new("- {k: 0x50}\n- {k: 1.0}\n- {k: 123456789.5}\n- {k: ~}\n- {k: yes}\n").unwrap();
    for (index, text) in ["80", "1", "123456789.5", "null", "true"].into_iter().enumerate() {
        let keyed = parsed.find(0, &format!("/[k={text}]").parse::<FieldPath>().unwrap());
        assert_eq!(keyed, parsed.find(0, &FieldPath::root().index(index)), "{text}");
    }
}
