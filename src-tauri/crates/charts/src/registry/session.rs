//! Requests to one registry, with the authentication that it asks for.

use reqwest::{StatusCode, Url};
use serde::Deserialize;

use super::challenge::{self, Challenge};
use crate::error::ChartError;
use crate::http::{Answer, Asked, Authorization, Http, is_loopback, origin, shown, shown_text};

/// How many bytes the answer of a token server may have.
const TOKEN_LIMIT: u64 = 1 << 20;

/// A registry, one repository in it, and how to be let in.
pub(super) struct Session<'h, 'a> {
    pub(super) http: &'h Http<'a>,
    server: &'h Url,
    name: &'h str,
    /// What let us in last.
    authorization: Option<Authorization>,
    /// Whether the user's credentials were sent, to the registry or its token server.
    had_credentials: bool,
}

impl<'h, 'a> Session<'h, 'a> {
    pub(super) fn new(http: &'h Http<'a>, server: &'h Url, name: &'h str) -> Self {
        Self { http, server, name, authorization: None, had_credentials: false }
    }

    /// Asks; where the registry wants it, authenticates and asks again, once. Any other status is an answer.
    pub(super) async fn get(&mut self, url: &Url, accept: Option<&str>) -> Result<Answer, ChartError> {
        let asked = |authorization| Asked { accept, authorization, ..Asked::default() };
        let answer = self.http.get(url, &asked(self.authorization.clone())).await?;
        // What another server says, to which the registry led, is not for the registry's credentials.
        if answer.status() != StatusCode::UNAUTHORIZED || origin(&answer.url) != origin(self.server) {
            return Ok(answer);
        }
        match self.authenticate(&answer).await? {
            None => Ok(answer),
            Some(authorization) => {
                self.authorization = Some(authorization.clone());
                self.http.get(url, &asked(Some(authorization))).await
            }
        }
    }

    /// A refusal as an error.
    pub(super) async fn refusal(&self, answer: Answer) -> ChartError {
        match self.http.refusal(answer, self.had_credentials).await {
            // Credentials are saved for the registry, wherever its token server is.
            ChartError::Unauthorized { url, status, had_credentials, .. } => {
                ChartError::Unauthorized { url, server: origin(self.server), status, had_credentials }
            }
            error => error,
        }
    }

    /// What the registry's challenge is answered with; `None` where there is nothing to answer with.
    async fn authenticate(&mut self, answer: &Answer) -> Result<Option<Authorization>, ChartError> {
        let challenges = challenge::read(&answer.headers("www-authenticate"));
        let credential = self.http.credential(self.server);
        let bearer = challenges.iter().find(|each| **each != Challenge::Basic);
        if let Some(Challenge::Bearer { realm, service, scope }) = bearer {
            let basic = credential.as_ref().map(Authorization::basic);
            return self.token(realm, service.as_deref(), scope.as_deref(), basic).await.map(Some);
        }
        match credential {
            Some(credential) if challenges.contains(&Challenge::Basic) => {
                self.had_credentials = true;
                Ok(Some(Authorization::basic(&credential)))
            }
            _ => Ok(None),
        }
    }

    /// Gets a token of the server that the registry names, without credentials where there are none.
    async fn token(
        &mut self,
        realm: &str,
        service: Option<&str>,
        scope: Option<&str>,
        basic: Option<Authorization>,
    ) -> Result<Authorization, ChartError> {
        let mut url = self.realm(realm)?;
        {
            let pull = format!("repository:{}:pull", self.name);
            let mut query = url.query_pairs_mut();
            if let Some(service) = service {
                query.append_pair("service", service);
            }
            query.append_pair("scope", scope.unwrap_or(&pull));
        }
        self.had_credentials = basic.is_some();
        let mut answer = self.http.get(&url, &Asked { authorization: basic, ..Asked::default() }).await?;
        if answer.status() != StatusCode::OK {
            return Err(self.refusal(answer).await);
        }
        let body = self.http.read(&mut answer, TOKEN_LIMIT).await?;
        let unfit = |why: &str| ChartError::NotARepository {
            url: self.server.to_string(),
            why: format!("the answer of its token server {} {why}", shown(&answer.url)),
        };
        #[derive(Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        // The answer itself is not repeated: it may hold a token.
        let token: Token = serde_json::from_slice(&body).map_err(|_| unfit("cannot be read"))?;
        let token = [token.token, token.access_token].into_iter().flatten().find(|token| !token.is_empty());
        token.as_deref().and_then(Authorization::bearer).ok_or_else(|| unfit("has no token"))
    }

    /// The address of the token server. It gets the user's password, so that it must be encrypted, unless the registry
    /// is this machine and the token server, too.
    fn realm(&self, realm: &str) -> Result<Url, ChartError> {
        let refused = |why| ChartError::Redirect { url: origin(self.server), target: shown_text(realm), why };
        let url = Url::parse(realm).map_err(|_| refused("its token server has no proper address"))?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_loopback(self.server) && is_loopback(&url) => Ok(url),
            _ => Err(refused("its token server is not encrypted")),
        }
    }
}
