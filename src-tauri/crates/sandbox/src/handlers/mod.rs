//! Requests in, answers out: each handler works on one cluster.

mod access;
mod patch;
mod read;
mod subresources;
mod write;

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use hyper::{HeaderMap, Method, Response, StatusCode};
use serde_json::Value;

use crate::apply::Writer;
use crate::cluster::Cluster;
use crate::registry::{Api, Origin};
use crate::request::{Form, ObjectPath, Query, Target};
use crate::status::ApiError;
use crate::store::Key;
use crate::{discovery, openapi};

/// A request whose body has been read.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path inside the cluster.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The name under which everybody writes: there is one user.
pub(crate) const USER: &str = "slipway-sandbox";

/// An answer: a JSON value with warnings, or something that streams.
pub(crate) enum Answer {
    Json { code: u16, value: Value, warnings: Vec<String> },
    Text(String),
    Bytes { content_type: &'static str, bytes: Vec<u8> },
    Stream { content_type: &'static str, body: Body },
}

impl Answer {
    pub(crate) fn ok(value: Value) -> Self {
        Self::Json { code: 200, value, warnings: Vec::new() }
    }
}

/// Answers a request.
pub(crate) fn handle(cluster: &Arc<Cluster>, request: &Request) -> Response<Body> {
    let answer = route(cluster, request).unwrap_or_else(|error| Answer::Json {
        code: error.code,
        value: error.to_status(),
        warnings: Vec::new(),
    });
    respond(answer)
}

/// Writes an answer down.
pub(crate) fn respond(answer: Answer) -> Response<Body> {
    let (code, content_type, body, warnings) = match answer {
        Answer::Json { code, value, warnings } => {
            (code, "application/json", Body::from(value.to_string()), warnings)
        }
        Answer::Text(text) => (200, "text/plain", Body::from(text), Vec::new()),
        Answer::Bytes { content_type, bytes } => (200, content_type, Body::from(bytes), Vec::new()),
        Answer::Stream { content_type, body } => (200, content_type, body, Vec::new()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(content_type));
    for warning in warnings {
        let text = warning.replace('\\', "\\\\").replace('"', "\\\"");
        let text: String = text.chars().filter(|each| !each.is_control()).take(2000).collect();
        if let Ok(value) = hyper::header::HeaderValue::from_str(&format!("299 - \"{text}\"")) {
            response.headers_mut().append("warning", value);
        }
    }
    response
}

fn route(cluster: &Arc<Cluster>, request: &Request) -> Result<Answer, ApiError> {
    let accept = request.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = Target::parse(&request.path);
    let form = Form::parse(accept);
    if let Target::OpenApiV2 = target {
        return Ok(match form {
            Some(Form::OpenApiV2Protobuf) => Answer::Bytes {
                content_type: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
                bytes: cluster.with(|state| openapi::v2::protobuf(&state.registry)),
            },
            _ => Answer::ok(cluster.with(|state| openapi::v2::json(&state.registry))),
        });
    }
    let form = form.ok_or_else(|| {
        ApiError::new(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/json;as=Table",
        )
    })?;
    let found = |value: Option<Value>| value.map(Answer::ok).ok_or_else(ApiError::no_such_resource);
    if !matches!(target, Target::Objects(_))
        && request.method != Method::GET
        && request.method != Method::HEAD
    {
        return Err(ApiError::method_not_allowed());
    }
    match target {
        Target::Version => Ok(Answer::ok(discovery::version())),
        Target::Health => Ok(Answer::Text("ok".to_owned())),
        Target::CoreVersions | Target::Groups if form == Form::Discovery => {
            let core = matches!(target, Target::CoreVersions);
            let value = cluster.with(|state| discovery::aggregated(&state.registry, core));
            Ok(Answer::Bytes {
                content_type: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
                bytes: value.to_string().into_bytes(),
            })
        }
        Target::CoreVersions => Ok(Answer::ok(discovery::core_versions())),
        Target::Groups => Ok(Answer::ok(cluster.with(|state| discovery::groups(&state.registry)))),
        Target::Group(name) => found(cluster.with(|state| discovery::one_group(&state.registry, &name))),
        Target::GroupVersion { group, version } => {
            found(cluster.with(|state| discovery::resources(&state.registry, &group, &version)))
        }
        Target::OpenApiV3Index => Ok(Answer::ok(cluster.with(|state| openapi::index(&state.registry)))),
        Target::OpenApiV3 { group, version } => {
            found(cluster.with(|state| openapi::document(&state.registry, &group, &version)))
        }
        Target::Objects(path) => objects(cluster, request, &path, form),
        Target::OpenApiV2 | Target::Unknown => Err(ApiError::no_such_resource()),
    }
}

/// What every handler of objects needs to know.
pub(crate) struct Context<'a> {
    pub(crate) cluster: &'a Arc<Cluster>,
    pub(crate) api: Arc<Api>,
    pub(crate) path: &'a ObjectPath,
    pub(crate) query: Query,
    pub(crate) form: Form,
    pub(crate) request: &'a Request,
}

impl Context<'_> {
    pub(crate) fn key(&self, name: &str) -> Key {
        Key::new(&self.api.group, &self.api.plural, &self.path.namespace, name)
    }

    /// Who writes: the field manager of the query, else the name of the client.
    pub(crate) fn writer(&self, time: String) -> Writer {
        let agent = self.request.headers.get("user-agent").and_then(|value| value.to_str().ok());
        let agent = agent.and_then(|agent| agent.split('/').next()).filter(|name| !name.is_empty());
        let manager = match self.query.field_manager.as_str() {
            "" => agent.unwrap_or("unknown"),
            name => name,
        };
        let subresource = match self.path.subresource.as_str() {
            name @ ("status" | "scale") => name,
            _ => "",
        };
        Writer {
            manager: manager.chars().take(128).collect(),
            api_version: self.api.api_version(),
            subresource: subresource.to_owned(),
            time,
        }
    }

    /// An object in the form that is asked for.
    pub(crate) fn present(&self, object: &Value, now: jiff::Timestamp) -> Value {
        let object = self.as_requested(object);
        match self.form {
            Form::Table => crate::tables::table(&self.api, &[&object], &self.query.include_object, now),
            Form::Metadata => crate::tables::partial(&object),
            _ => object,
        }
    }

    /// An object in the version that is asked for.
    pub(crate) fn as_requested(&self, object: &Value) -> Value {
        crate::conversion::to_requested(object, &self.api)
    }

    /// What every answer to a write of this kind warns of.
    pub(crate) fn warnings(&self) -> Vec<String> {
        match self.api.origin {
            Origin::WithoutSchema => vec![format!(
                "{} {} is accepted without a schema: nothing defines this kind in the sandbox, so its fields are \
                 not checked",
                self.api.api_version(),
                self.api.kind
            )],
            _ => Vec::new(),
        }
    }
}

fn objects(
    cluster: &Arc<Cluster>,
    request: &Request,
    path: &ObjectPath,
    form: Form,
) -> Result<Answer, ApiError> {
    let api = cluster
        .with(|state| state.registry.find(&path.group, &path.version, &path.plural))
        .ok_or_else(ApiError::no_such_resource)?;
    if !api.namespaced && !path.namespace.is_empty() {
        return Err(ApiError::no_such_resource());
    }
    let query = Query::parse(&request.query)?;
    let context = Context { cluster, api, path, query, form, request };
    if !path.subresource.is_empty() {
        return subresources::handle(&context);
    }
    let verbs = &context.api.verbs;
    let can = |verb: &str| {
        if verbs.iter().any(|each| each == verb) { Ok(()) } else { Err(ApiError::method_not_allowed()) }
    };
    // Single objects of a namespaced kind can only be reached through their namespace: without it there is no such path,
    // and that of all of them takes no new ones.
    if context.api.namespaced && path.namespace.is_empty() && !access::is_review(&context.api) {
        if !path.name.is_empty() && !path.watch {
            return Err(ApiError::no_such_resource());
        }
        if request.method == Method::POST {
            return Err(ApiError::method_not_allowed());
        }
    }
    let is_watch = context.query.watch || path.watch;
    match (request.method.as_str(), path.name.is_empty()) {
        ("GET", _) if is_watch => can("watch").and_then(|()| read::watch(&context)),
        ("GET" | "HEAD", true) => can("list").and_then(|()| read::list(&context)),
        ("GET" | "HEAD", false) => can("get").and_then(|()| read::get(&context)),
        ("POST", true) if access::is_review(&context.api) => access::review(&context),
        ("POST", true) => can("create").and_then(|()| write::create(&context)),
        ("PUT", false) => can("update").and_then(|()| write::replace(&context)),
        ("PATCH", false) => can("patch").and_then(|()| patch::patch(&context)),
        ("DELETE", false) => can("delete").and_then(|()| write::delete(&context)),
        ("DELETE", true) => can("deletecollection").and_then(|()| write::delete_collection(&context)),
        _ => Err(ApiError::method_not_allowed()),
    }
}
