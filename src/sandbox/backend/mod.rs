//! The stand-in for LAMB's backend. It decides as LAMB does, from `lamb_v4.db` and from what Open WebUI's port says,
//! and so gives each answer of the measured table for its own reasons.

mod activity_pages;
mod creators;
mod knowledge;
mod launch;
mod lms;
mod login;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::header::{AUTHORIZATION, DATE};
use hyper::{Method, StatusCode};
use rusqlite::Connection;
use serde_json::json;

use super::client::{Ask, Client};
use super::http::{Reply, Request, Site, latin1};
use super::python::Json;
use super::tokens::Library;
use super::{databases, tokens};
use crate::lamb::Edition;
use crate::secret::Secret;
use creators::Creator;
pub(super) use knowledge::Upstream;
pub(super) use launch::LtiEnvironment;

/// The stand-in.
pub(super) struct Backend {
    pub(super) edition: Edition,
    pub(super) lamb_db: PathBuf,
    pub(super) prefix: String,
    /// Where `OWI_PATH` says that `webui.db` is.
    pub(super) owi_db: PathBuf,
    pub(super) owi: Client,
    /// LAMB itself, as `LAMB_BACKEND_HOST` says: the delegated edition's login asks it.
    pub(super) own: Client,
    /// What links for browsers begin with.
    pub(super) owi_public: String,
    pub(super) owi_admin: String,
    pub(super) owi_admin_name: String,
    pub(super) owi_admin_password: String,
    /// What the native edition signs with.
    pub(super) secret: Secret,
    /// How long to wait for a lock of another process.
    pub(super) lock_timeout: Duration,
    /// The knowledge base server and the Library Manager in LAMB's environment.
    pub(super) knowledge_bases: Upstream,
    pub(super) library: Upstream,
    /// What LAMB's environment says of launches from an LMS.
    pub(super) lti: LtiEnvironment,
    /// How many seconds LAMB's clock is ahead.
    pub(super) clock: i64,
    /// Refuses all users, for no reason.
    pub(super) refuses_all: bool,
    /// LAMB runs in one worker, which makes its requests while it should answer others: one that waits for ever
    /// freezes all.
    pub(super) worker: Mutex<()>,
}

impl Site for Backend {
    fn answer(&self, request: &Request) -> Reply {
        let _busy = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = match (&request.method, request.path.as_str()) {
            (&Method::GET, "/status") => Reply::ok(&json!({ "status": true })),
            (&Method::GET, "/creator/assistant/get_assistants") => self.assistants(request),
            (&Method::GET, "/creator/me") if self.edition == Edition::Native => self.me(request),
            (&Method::GET, "/creator/user/current") => self.current(request),
            (&Method::POST, "/creator/login") => self.login(request),
            (method, path) if self.launch_at(path).is_some() => match (method, self.launch_at(path)) {
                (&Method::POST, Some(launch)) => self.launch(launch, request),
                _ => Reply::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
            },
            // The framework sends what ends in a slash to the path without.
            (&Method::POST, path) if path.strip_suffix('/').and_then(|path| self.launch_at(path)).is_some() => {
                Reply::redirect(path.trim_end_matches('/'))
            }
            // A stub, which checks nothing.
            (&Method::POST, "/lamb/simple_lti/launch") => Reply::ok(&json!({ "status": "success" })),
            // What serves the web application answers to any other path, and takes no POST.
            (&Method::POST, path)
                if (path.ends_with("/launch") || path.ends_with("/lti")) && !path.starts_with("/lamb/") =>
            {
                Reply::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
            }
            (&Method::POST, "/creator/login/") | (_, "/status" | "/creator/assistant/get_assistants") => {
                Reply::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
            }
            _ => {
                let page = self.activity_page(request).or_else(|| self.knowledge(request));
                page.unwrap_or_else(|| Reply::detail(StatusCode::NOT_FOUND, "Not Found"))
            }
        };
        // Each answer tells the clock of the machine that LAMB runs on.
        let date = jiff::Timestamp::from_second(self.now()).unwrap_or_default();
        reply.with(DATE, date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }
}

/// How the look-up of a token's creator ends where there is none to show.
enum NoCreator {
    /// The 401 with which LAMB says almost everything.
    Refused,
    /// An exception that nothing catches.
    Crash,
}

/// The value of the header; empty where it is not there.
fn authorization(request: &Request) -> String {
    request.headers.get(AUTHORIZATION).map(|value| latin1(value.as_bytes())).unwrap_or_default()
}

/// What stands behind `Bearer`, or what LAMB's framework answers where it does not stand there.
fn credentials(header: &str) -> Result<&str, Reply> {
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => Ok(token),
        Some((scheme, token)) if !scheme.is_empty() && !token.is_empty() => {
            Err(Reply::detail(StatusCode::FORBIDDEN, "Invalid authentication credentials"))
        }
        _ => Err(Reply::detail(StatusCode::FORBIDDEN, "Not authenticated")),
    }
}

impl Backend {
    fn assistants(&self, request: &Request) -> Reply {
        let found = match self.user(request) {
            Ok(found) => found,
            Err(refusal) => return refusal,
        };
        if self.edition == Edition::Native && found.is_ok() {
            self.copy_missing_hashes();
        }
        match found.and_then(|creator| self.assistants_of(&creator.email)) {
            Ok(assistants) if !self.refuses_all => {
                Reply::ok(&json!({ "assistants": assistants, "total_count": assistants.len() }))
            }
            Err(NoCreator::Crash) => Reply::crash(),
            _ => Reply::detail(StatusCode::UNAUTHORIZED, self.edition.refusal()),
        }
    }

    /// The creator of the request's token; an answer where there is no token in it.
    fn user(&self, request: &Request) -> Result<Result<Creator, NoCreator>, Reply> {
        let header = authorization(request);
        let credentials = credentials(&header)?;
        Ok(match self.edition {
            Edition::Delegated => {
                self.ask_owi(&header).ok_or(NoCreator::Refused).and_then(|email| self.creator(&email))
            }
            Edition::Native => self.native(credentials),
        })
    }

    /// The creator, or the answer that there is none.
    fn creator_or_refusal(&self, request: &Request) -> Result<Creator, Reply> {
        self.user(request)?.map_err(|why| match why {
            NoCreator::Crash => Reply::crash(),
            NoCreator::Refused => Reply::detail(StatusCode::UNAUTHORIZED, self.edition.refusal()),
        })
    }

    /// The user's own data, and a link to Open WebUI as the login makes it.
    fn me(&self, request: &Request) -> Reply {
        let creator = match self.creator_or_refusal(request) {
            Ok(creator) => creator,
            Err(refusal) => return refusal,
        };
        self.bridge();
        let token = self.sign_in(&creator.email, &creator.name).as_ref().and_then(Json::text).map(str::to_owned);
        let role = creator.role.clone().unwrap_or_else(|| "user".to_owned());
        let link = self.launch_url(token.as_deref());
        let mut data = login::answer(&creator, None, Some(link), &role, self.organization_role(&creator));
        data.as_object_mut().map(|data| data.remove("token"));
        Reply::ok(&json!({ "success": true, "data": data }))
    }

    /// Who the token is for.
    fn current(&self, request: &Request) -> Reply {
        match self.creator_or_refusal(request) {
            Ok(creator) => Reply::ok(&json!({ "id": creator.id, "email": creator.email, "name": creator.name })),
            Err(refusal) => refusal,
        }
    }

    /// The native edition: its own secret first, Open WebUI only for what that does not decode.
    fn native(&self, token: &str) -> Result<Creator, NoCreator> {
        self.run_migrations();
        let email = match tokens::decode(token, &self.secret, self.now(), Library::New) {
            // A token that decodes is LAMB's own. Without an e-mail it is refused; Open WebUI is not asked.
            Some(claims) => claims["email"].as_str().map(str::to_owned),
            None => {
                self.bridge();
                self.ask_owi(token)
            }
        };
        self.creator(&email.ok_or(NoCreator::Refused)?)
    }

    /// The e-mail of the token's user, as Open WebUI has it. Waits for ever if Open WebUI does.
    fn ask_owi(&self, header: &str) -> Option<String> {
        let token = header.replace("Bearer ", "");
        let bearer = format!("Bearer {token}");
        // What came in as Latin-1 goes out as that again.
        let headers = [("Authorization", bearer.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect())];
        let answer = self.owi.ask(&Ask { method: "GET", path: "/api/v1/auths/", headers: &headers, body: "" }).ok()?;
        let user = answer.json().filter(|_| answer.status == 200)?;
        user.get("email")?.text().map(str::to_owned)
    }

    /// LAMB's clock.
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second() + self.clock
    }

    /// The native edition runs its migrations for every request: with nothing to do, that is a wait for the lock.
    fn run_migrations(&self) {
        if let Ok(db) = self.lamb() {
            // The error is swallowed: the request goes on without.
            let _ = db.execute_batch("BEGIN IMMEDIATE; ROLLBACK;");
        }
    }

    /// LAMB's start makes the file and the tables that are not there, and its own organization in them.
    pub(super) fn make_tables(&self) -> rusqlite::Result<()> {
        databases::make_lamb_tables(&self.lamb_db, self.edition, &self.prefix)
    }

    fn lamb(&self) -> rusqlite::Result<Connection> {
        databases::open(&self.lamb_db, self.lock_timeout)
    }
}
