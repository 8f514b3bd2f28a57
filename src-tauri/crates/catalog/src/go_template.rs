//! Go templates of ApplicationSets (`goTemplate: true`), with the functions that Argo CD gives them: sprig without those
//! that ask the machine, and some of its own (`applicationset/utils`).

use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;
use slipway_gotmpl::sprig::{self, Environment};
use slipway_gotmpl::{
    Args, Call, Function, FunctionError, FunctionResult, Functions, Limits, MissingKey, Numbers, Options,
    Signature, Str, TemplateSet, Value, execute, from_json, to_json, types,
};

/// Bounds of one template. What a set generates is short.
const LIMITS: Limits = Limits { depth: 500, fuel: 2_000_000, size: 8 << 20 };

/// The time that templates see, in seconds since 1970: the same for every scan.
const NOW: i64 = 1_767_225_600;

/// What a key that is not there gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// An error, as with `missingkey=error`.
    Error,
    /// Nothing.
    Nothing,
}

/// Evaluates a text.
///
/// # Errors
/// In Go's words, why it gives nothing.
pub(crate) fn evaluate_text(text: &str, data: &Json, missing: Missing) -> Result<String, String> {
    const NAME: &str = "template";
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    static FUNCTIONS: LazyLock<Arc<Functions>> = LazyLock::new(|| Arc::new(functions()));
    let mut set = TemplateSet::new(NAME, Arc::clone(&FUNCTIONS));
    set.parse(NAME, text.as_bytes()).map_err(|error| error.to_string())?;
    let environment = Environment::new(NOW, 0, b"slipway");
    let options = Options {
        missing_key: match missing {
            Missing::Error => MissingKey::Error,
            Missing::Nothing => MissingKey::Default,
        },
        limits: LIMITS,
        host: Some(&environment),
        ..Options::default()
    };
    let data = from_json(data, Numbers::Float);
    let printed = execute(&set, NAME, &data, &options).map_err(|failure| failure.error.to_string())?;
    Ok(String::from_utf8_lossy(&printed).replace("<no value>", ""))
}

fn functions() -> Functions {
    const TEXT: Signature = Signature::fixed(&[types::STRING]);
    let mut functions = Functions::builtin();
    sprig::register(&mut functions);
    for name in ["env", "expandenv", "getHostByName"] {
        functions.remove(name);
    }
    functions.insert(Function::new("normalize", TEXT, normalize));
    functions.insert(Function::new("slugify", Signature::variadic(&[types::INTERFACE]), slugify));
    functions.insert(Function::new("toYaml", Signature::fixed(&[types::INTERFACE]), to_yaml));
    functions.insert(Function::new("fromYaml", TEXT, from_yaml));
    functions.insert(Function::new("fromYamlArray", TEXT, from_yaml));
    functions
}

fn text(text: String) -> FunctionResult {
    Ok(Value::String(Str::from(text)))
}

/// A name as DNS takes it: what is no lower-case letter, digit, `-` or `.` becomes `-`.
fn normalize(_: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    const LONGEST: usize = 253;
    let name = String::from_utf8_lossy(arguments.string(0).as_bytes()).to_lowercase();
    let is_kept =
        |each: &char| each.is_ascii_lowercase() || each.is_ascii_digit() || matches!(each, '-' | '.');
    let name: String =
        name.chars().map(|each| if is_kept(&each) { each } else { '-' }).take(LONGEST).collect();
    text(name.trim_matches(['-', '.']).to_owned())
}

/// `slugify [longest] [whole words] TEXT`.
fn slugify(_: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let Some((name, given)) = arguments.all().split_last() else {
        return Err(FunctionError::new("slugify needs a text"));
    };
    let longest = match given.first().and_then(|value| to_json(value).ok()?.as_f64()) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a bound below a text's length"
        )]
        Some(longest) => longest.clamp(0.0, 10_000.0) as usize,
        None => 50,
    };
    let is_whole = given.get(1).is_some_and(Value::is_true);
    let mut slug = String::new();
    for character in String::from_utf8_lossy(name.to_text().as_bytes()).trim().to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' => slug.push(character),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug = slug.trim_matches(['-', '_']);
    if slug.len() <= longest {
        return text(slug.to_owned());
    }
    let cut = &slug[..longest];
    let words = if slug[longest..].starts_with('-') { None } else { cut.rfind('-') };
    text(match words {
        Some(end) if is_whole => cut[..end].to_owned(),
        _ => cut.trim_end_matches('-').to_owned(),
    })
}

fn to_yaml(_: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let value = to_json(arguments.any(0)).map_err(FunctionError::new)?;
    text(slipway_yaml::emit_as_go(&value).trim_end_matches('\n').to_owned())
}

fn from_yaml(_: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let written = String::from_utf8_lossy(arguments.string(0).as_bytes());
    let value = slipway_yaml::decode(&written)
        .map_err(|error| FunctionError::new(format!("yaml: line {}: {}", error.line, error.message)))?;
    Ok(from_json(&value, Numbers::Float))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_print_what_argo_cd_prints() {
        let data = json!({
            "name": "Web_App.X", "n": 3, "on": true, "nothing": null,
            "path": {"basename": "dev", "segments": ["apps", "web", "dev"]},
            "map": {"b": 1, "a": [true]},
        });
        for (text, expected) in [
            ("plain", "plain"),
            ("{{.path.basename}}-{{index .path.segments 1}}-{{ .n }}", "dev-web-3"),
            ("{{ .name | normalize }}|{{ normalize \".a b.\" }}", "web-app.x|a-b"),
            (
                "{{ slugify .name }}|{{ slugify 9 true \"some long words\" }}|{{ slugify 9 false \"some long words\" }}",
                "web_app-x|some-long|some-long",
            ),
            (
                "{{ slugify 7 true \"some long words\" }}|{{ slugify 7 false \"some long words\" }}",
                "some|some-lo",
            ),
            ("{{ toYaml .map }}", "a:\n- true\nb: 1"),
            ("{{ (fromYaml \"a: {b: c}\").a.b }}", "c"),
            (
                "{{ regexReplaceAll \"[A-Z]\" .name \"x\" }}{{ semverCompare \">=2\" \"1.0.0\" }}",
                "xeb_xpp.xfalse",
            ),
            ("{{ if eq .n 3.0 }}a{{ else if .on }}b{{ end }}{{ .missing }}", "a"),
        ] {
            assert_eq!(evaluate_text(text, &data, Missing::Nothing).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_told() {
        for text in ["{{ .a", "{{ unknown . }}", "{{ env \"HOME\" }}", "{{ .a.b }}", "{{ fail \"stop\" }}"] {
            assert!(evaluate_text(text, &json!({}), Missing::Error).is_err(), "{text}");
        }
        assert!(evaluate_text("{{ .a }}", &json!({}), Missing::Error).is_err());
        assert_eq!(evaluate_text("{{ .a }}", &json!({}), Missing::Nothing).as_deref(), Ok(""));
        let endless = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}";
        assert!(evaluate_text(endless, &json!({}), Missing::Nothing).is_err());
    }
}
