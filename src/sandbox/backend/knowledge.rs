//! LAMB's pages about knowledge bases and libraries: it asks another server, and passes on what that answers.

use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::creators::Creator;
use super::{Ask, Backend, Client};
use crate::lamb::Edition;
use crate::sandbox::client::Answer;
use crate::sandbox::http::{Reply, Request};

const PAGES: &str = "/creator/knowledgebases";

/// A server that LAMB asks with another token than the user's.
#[derive(Clone)]
pub(in crate::sandbox) struct Upstream {
    pub(in crate::sandbox) url: String,
    pub(in crate::sandbox) token: String,
}

/// What came of asking it.
enum Upstreamed {
    Json(Vec<u8>),
    NoJson,
    /// The status, and what it says.
    Refused(u16, String),
    Nothing,
}

impl Backend {
    /// The page at this path; `None` where it is none of these.
    pub(super) fn knowledge(&self, request: &Request) -> Option<Reply> {
        let path = request.path.as_str();
        let is_library = path == "/creator/libraries/plugins" && self.edition == Edition::Native;
        let page = path.strip_prefix(PAGES);
        if !is_library && page.is_none() {
            return None;
        }
        let creator = match self.creator_or_refusal(request) {
            Ok(creator) => creator,
            Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED && !is_library => {
                // These pages say it in the same words in both editions.
                return Some(Reply::detail(StatusCode::UNAUTHORIZED, Edition::Delegated.refusal()));
            }
            Err(refusal) => return Some(refusal),
        };
        Some(match page {
            None => self.libraries(),
            Some("/ingestion-plugins") => self.plugins(),
            Some(page) => self.knowledge_bases(request, &creator, page),
        })
    }

    fn libraries(&self) -> Reply {
        match self.ask_upstream(&self.library, "GET", "/plugins") {
            Upstreamed::Json(body) => Reply::passed_on(body),
            Upstreamed::Refused(status, text) => refused(status, &format!("Library Manager error: {text}")),
            Upstreamed::NoJson => Reply::crash(),
            Upstreamed::Nothing => {
                Reply::detail(StatusCode::SERVICE_UNAVAILABLE, "Unable to connect to Library Manager")
            }
        }
    }

    /// The plugins are always those of the server in LAMB's environment, whatever the organization has.
    fn plugins(&self) -> Reply {
        if !self.is_healthy(&self.knowledge_bases) {
            return Reply::detail(StatusCode::SERVICE_UNAVAILABLE, "KB server is not available");
        }
        match self.ask_upstream(&self.knowledge_bases, "GET", "/ingestion/plugins") {
            Upstreamed::Json(_) => Reply::ok(&json!({ "plugins": [] })),
            Upstreamed::NoJson => {
                let text = "Error getting ingestion plugins: Expecting value: line 1 column 1 (char 0)";
                Reply::detail(StatusCode::INTERNAL_SERVER_ERROR, text)
            }
            Upstreamed::Refused(status, text) => refused(status, &format!("KB server error fetching plugins: {text}")),
            Upstreamed::Nothing => Reply::detail(StatusCode::SERVICE_UNAVAILABLE, "Unable to connect to KB server: "),
        }
    }

    fn knowledge_bases(&self, request: &Request, creator: &Creator, page: &str) -> Reply {
        let server = self.server_of(creator);
        if !self.is_healthy(&server) {
            let message = "Knowledge Base server offline";
            return Reply::ok(&json!({ "status": "error", "message": message, "kb_server_available": false }));
        }
        let none = || Reply::ok(&json!({ "knowledge_bases": [] }));
        match (&request.method, page) {
            (&Method::GET, "/user") => {
                // Whatever comes of it.
                let _ = self.ask_upstream(&server, "GET", &format!("/collections?owner={}", creator.id));
                none()
            }
            (&Method::GET, "/shared") => none(),
            (method, _) => match self.ask_upstream(&server, method.as_str(), "/collections") {
                Upstreamed::Json(body) => Reply::passed_on(body),
                Upstreamed::NoJson => {
                    Reply::detail(StatusCode::INTERNAL_SERVER_ERROR, "Expecting value: line 1 column 1 (char 0)")
                }
                Upstreamed::Refused(status, text) => refused(status, &format!("KB server error: {text}")),
                Upstreamed::Nothing => {
                    Reply::detail(StatusCode::SERVICE_UNAVAILABLE, "Unable to connect to KB server: ")
                }
            },
        }
    }

    /// The organization's server, else that of the environment. The first key that is there wins.
    fn server_of(&self, creator: &Creator) -> Upstream {
        let config: Value =
            self.config_text(creator).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let keys: &[[&str; 2]] = match self.edition {
            Edition::Delegated => &[["server_url", "api_token"]],
            Edition::Native => &[["server_url", "api_token"], ["url", "api_key"]],
        };
        let bases = [&config["setups"]["default"]["knowledge_base"], &config["kb_server"]];
        let value = |at: usize| {
            let set = keys.iter().zip(bases).filter_map(|(names, base)| base[names[at]].as_str());
            set.map(str::to_owned).find(|text| !text.is_empty())
        };
        match value(0) {
            None => self.knowledge_bases.clone(),
            Some(url) => Upstream { url, token: value(1).unwrap_or_else(|| self.knowledge_bases.token.clone()) },
        }
    }

    fn is_healthy(&self, server: &Upstream) -> bool {
        self.send(server, "GET", "/health").is_some_and(|answer| answer.status == 200)
    }

    fn ask_upstream(&self, server: &Upstream, method: &str, path: &str) -> Upstreamed {
        match self.send(server, method, path) {
            None => Upstreamed::Nothing,
            Some(answer) if answer.status >= 400 => {
                let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let text = || String::from_utf8_lossy(&answer.body).into_owned();
                Upstreamed::Refused(answer.status, json["detail"].as_str().map_or_else(text, str::to_owned))
            }
            Some(answer) if answer.json().is_some() => Upstreamed::Json(answer.body),
            Some(_) => Upstreamed::NoJson,
        }
    }

    /// One request, which LAMB bounds as it bounds none to Open WebUI. A delegated LAMB asks for `/health` without a token.
    fn send(&self, server: &Upstream, method: &str, path: &str) -> Option<Answer> {
        let timeout: Duration = self.lock_timeout;
        let (base, no_proxy) = (server.url.clone(), Vec::new());
        let client = Client { base, proxy: None, no_proxy, netrc: None, redirects: 0, timeout: Some(timeout) };
        let token = [("Authorization", format!("Bearer {}", server.token).into_bytes())];
        let is_bare = path == "/health" && self.edition == Edition::Delegated;
        let headers: &[_] = if is_bare { &[] } else { &token };
        client.ask(&Ask { method, path, headers, body: "" }).ok()
    }
}

fn refused(status: u16, text: &str) -> Reply {
    Reply::detail(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), text)
}
