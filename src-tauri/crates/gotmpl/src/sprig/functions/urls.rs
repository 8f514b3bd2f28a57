//! URLs taken apart and put together.

use super::{MAP, ONE_STRING, nil_dereference};
use crate::error::FunctionError;
use crate::function::{FunctionResult, Functions, Signature};
use crate::sprig::url::Url;
use crate::value::{Map, Value};

pub(super) fn register(functions: &mut Functions) {
    functions.add("urlParse", ONE_STRING, |_, args| parse(args.string(0)));
    functions.add("urlJoin", Signature::fixed(&[MAP]), |_, args| join(&args.map(0)));
}

fn parse(text: &[u8]) -> FunctionResult {
    let url =
        Url::parse(text).map_err(|error| FunctionError::panic(format!("unable to parse url: {error}")))?;
    let host_name = url.host_name().to_vec();
    let user = url.user.as_ref().map(|user| user.text()).unwrap_or_default();
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", host_name),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    Ok(entries.into_iter().collect::<Map>().into())
}

fn join(parts: &Map) -> FunctionResult {
    let part = |key: &str| match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.to_vec()),
        Some(Value::Nil) => Err(nil_dereference()),
        Some(other) => Err(FunctionError::panic(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            other.kind()
        ))),
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        user: None,
    };
    let user = part("userinfo")?;
    if !user.is_empty() {
        let whole = [b"proto://", &*user, b"@host"].concat();
        let parsed = Url::parse(&whole)
            .map_err(|error| FunctionError::panic(format!("unable to parse userinfo in dict: {error}")))?;
        url.user = parsed.user;
    }
    Ok(url.text().into())
}
