//! The stand-in for Open WebUI. It reads the `webui.db` file for each request, so that whatever edits the file shows
//! at once, and answers as the real server of its version was measured to.

mod accounts;
mod session;
mod settings;
pub(super) mod signin;
mod update;
mod users;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::AUTHORIZATION;
use hyper::{Method, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::http::{Reply, Request, Site, latin1};
use super::{OwiVersion, databases};
use crate::secret::Secret;

/// The page that every unknown path answers with: the web app itself.
pub(super) const INDEX: &str = "<!doctype html>\n<html lang=\"en\">\n<head><title>Open WebUI</title></head>\n\
                                <body><div id=\"app\"></div></body>\n</html>\n";

/// What Open WebUI says when it refuses. Byte for byte: operators search for these.
mod says {
    pub(super) const NOT_AUTHENTICATED: &str = "Not authenticated";
    pub(super) const UNAUTHORIZED: &str = "401 Unauthorized";
    pub(super) const SESSION_EXPIRED: &str = "Your session has expired or the token is invalid. Please sign in again.";
    pub(super) const INVALID_REQUEST: &str = "Invalid authentication request.";
    pub(super) const REVOKED: &str = "Invalid token";
    pub(super) const UNAVAILABLE: &str = "Authentication is temporarily unavailable.";
    pub(super) const MISMATCH: &str = "User mismatch. Please sign in again.";
    pub(super) const HUMAN: &str = "A human session is required.";
    pub(super) const NO_KEYS: &str = "Use of API key is not enabled in the environment.";
    pub(super) const PROHIBITED: &str =
        "You do not have permission to access this resource. Please contact your administrator for assistance.";
    pub(super) const RESTRICTED: &str = "The requested action has been restricted as a security measure.";
    pub(super) const BAD_EMAIL: &str = "The email format you entered is invalid. Please double-check and make sure \
                                        you're using a valid email address (e.g., yourname@example.com).";
    pub(super) const TAKEN: &str = "Uh-oh! This email is already registered. Sign in with your existing account or \
                                    choose another email to start anew.";
    pub(super) const BAD_CREDENTIALS: &str =
        "The email or password provided is incorrect. Please check for typos and try logging in again.";
    pub(super) const NO_HEADER: &str =
        "Your provider has not provided a trusted header. Please contact your administrator for assistance.";
    pub(super) const RATE_LIMIT: &str = "API rate limit exceeded";
    pub(super) const UNVERIFIED_ADMIN: &str = "Could not verify primary admin status.";
    pub(super) const NOT_FOUND: &str = "We could not find what you're looking for :/";
}

/// A refusal, or a half-made answer's end: the reply that goes out instead.
type Refused = Box<Reply>;

fn refuse(status: StatusCode, text: &str) -> Refused {
    Box::new(Reply::detail(status, text))
}

/// The stand-in.
pub(super) struct OpenWebUi {
    pub(super) version: OwiVersion,
    pub(super) db: PathBuf,
    pub(super) secret: Secret,
    /// The header whose e-mail is believed at sign-in; `None` where none is.
    pub(super) trusted_header: Option<String>,
    /// The role of new accounts.
    pub(super) default_role: String,
    /// May strangers sign up, where the database does not say?
    pub(super) signup: bool,
    /// How long to wait for a lock of another process.
    pub(super) lock_timeout: Duration,
    /// `auths/` answers JSON that is no user.
    pub(super) not_a_user: bool,
    pub(super) attempts: Attempts,
}

impl Site for OpenWebUi {
    fn answer(&self, request: &Request) -> Reply {
        // 0.6 takes the header apart before it looks where the request goes, and does not catch its own error.
        let words = request.headers.get(AUTHORIZATION).map_or(2, |value| {
            let text = latin1(value.as_bytes());
            // An empty header is none; the blank after a lone scheme is lost on the way here.
            if text.is_empty() || text.eq_ignore_ascii_case("bearer") { 2 } else { text.split(' ').count() }
        });
        if self.version == OwiVersion::V0_6_43 && words != 2 {
            return Reply::crash();
        }
        self.route(request).unwrap_or_else(|refused| *refused)
    }
}

/// It takes the token from its own address.
const COMPLETE: &str = "<!doctype html><script>\n\
    localStorage.setItem('token', new URLSearchParams(location.search).get('token'));\n\
    location.replace('/');\n\
    </script>";

/// The page of LAMB's own copy of Open WebUI, which checks nothing: it stores any token in the browser.
fn hand_off(request: &Request) -> Reply {
    if request.query_value("token").is_some() {
        return Reply::html(COMPLETE);
    }
    let missing = json!([{ "type": "missing", "loc": ["query", "token"], "msg": "Field required", "input": null }]);
    Reply::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": missing }))
}

impl OpenWebUi {
    fn route(&self, request: &Request) -> Result<Reply, Refused> {
        let path = request.path.as_str();
        match (&request.method, path) {
            (&Method::GET, "/health" | "/health/db") => Ok(Reply::ok(&json!({ "status": true }))),
            (&Method::GET, "/ready") if self.version.stamps_sessions() => Ok(Reply::ok(&json!({ "status": true }))),
            (&Method::GET, "/api/version") => Ok(Reply::ok(&self.version_info())),
            (&Method::GET, "/api/config") => self.config(),
            (&Method::GET, "/api/v1/auths/") if self.not_a_user => Ok(Reply::ok(&json!({ "status": "ok" }))),
            (&Method::GET, "/api/v1/auths/") => self.session(request),
            // Only the version that LAMB ships a copy of has this page.
            (&Method::GET, "/api/v1/auths/complete") if self.version == OwiVersion::V0_5_6 => Ok(hand_off(request)),
            (&Method::POST, "/api/v1/auths/signin") => self.signin(request),
            (&Method::POST, "/api/v1/auths/signup") => self.signup(request),
            (&Method::POST, "/api/v1/auths/add") => self.add(request),
            (&Method::GET, "/api/v1/users/") => self.list(request),
            (&Method::GET, "/api/v1/users/all") => self.list_all(request),
            (&Method::POST, "/api/v1/users/update/role") if self.version == OwiVersion::V0_5_6 => {
                self.update_role(request)
            }
            (method, path) => {
                let user = path.strip_prefix("/api/v1/users/");
                let user = user.map(|rest| rest.split_once('/').map_or((rest, None), |(id, what)| (id, Some(what))));
                match (method, user) {
                    (&Method::GET, Some((id, None))) => self.one(request, id),
                    (&Method::DELETE, Some((id, None))) => self.delete(request, id),
                    (&Method::POST, Some((id, Some("update")))) => self.update(request, id),
                    (&Method::GET | &Method::HEAD, _) => Ok(Reply::html(INDEX)),
                    _ => Err(refuse(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")),
                }
            }
        }
    }

    fn version_info(&self) -> Value {
        match self.version {
            OwiVersion::V0_5_6 => json!({ "version": "0.5.6" }),
            later => json!({ "version": later.as_str(), "deployment_id": "" }),
        }
    }

    /// A connection to the file, which is never made where it is not.
    fn open(&self) -> rusqlite::Result<Connection> {
        databases::open(&self.db, self.lock_timeout)
    }
}

/// A database error where the real server has no better answer than an unhandled exception.
fn broken(_: rusqlite::Error) -> Refused {
    Box::new(Reply::crash())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Password attempts of the last minutes, by e-mail.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<String, Vec<Instant>>>);

impl Attempts {
    /// As 0.6 and later count: fifteen in three minutes.
    const LIMIT: usize = 15;
    const WINDOW: Duration = Duration::from_secs(180);

    /// Counts an attempt; false where there were too many.
    fn allows(&self, email: &str) -> bool {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = attempts.entry(email.to_owned()).or_default();
        times.retain(|time| time.elapsed() < Self::WINDOW);
        times.push(Instant::now());
        times.len() <= Self::LIMIT
    }
}
