//! The pages behind the launch of an activity: the teacher's setup and dashboard, the way from there into the chat, and the
//! link of a teacher's account to a creator.

use hyper::{Method, StatusCode};
use rusqlite::params;
use serde_json::{Value, json};

use super::launch::Form;
use super::{Backend, tokens};
use crate::lamb::Edition;
use crate::sandbox::http::{Reply, Request};
use crate::sandbox::tokens::Library;
use crate::token::mint;

/// How long the tokens of both pages are good, in seconds (read in LAMB).
const SETUP: i64 = 600;
const DASHBOARD: i64 = 1800;

const EXPIRED: &str = "<h2>Session expired.</h2>";
const BAD_CREDENTIALS: &str = "Invalid credentials. Please check your LAMB Creator email and password.";
const NO_CHAT: &str = "<h2>Error</h2><p>Failed to access chat. Please try again.</p>";

/// Who came from the LMS, as the tokens of the pages say it.
const KEPT: [&str; 5] = ["resource_link_id", "user_id", "ext_user_username", "lis_person_name_full", "kind"];

impl Backend {
    /// The page at a path; `None` where this edition has none there.
    pub(super) fn activity_page(&self, request: &Request) -> Option<Reply> {
        if self.edition != Edition::Native {
            return None;
        }
        Some(match (&request.method, request.path.as_str()) {
            (&Method::GET, "/lamb/v1/lti/info") => self.info(&self.global_key().0),
            (&Method::GET, "/lamb/v1/lti_creator/info") => self.info("(of each organization)"),
            (&Method::GET, "/lamb/v1/lti/setup") => self.page(request, "setup"),
            (&Method::GET, "/lamb/v1/lti/dashboard") => self.page(request, "dashboard"),
            (&Method::GET, "/lamb/v1/lti/enter-chat") => self.enter_chat(request),
            (&Method::POST, "/lamb/v1/lti/link-account") => self.link_account(request),
            _ => return None,
        })
    }

    fn info(&self, key: &str) -> Reply {
        Reply::ok(&json!({ "consumer_key": key, "consumer_secret": "(configured by administrator)" }))
    }

    /// A token for one of the pages. It has no e-mail, so no page for creators takes it.
    pub(super) fn page_token(&self, kind: &str, form: &Form) -> String {
        let seconds = if kind == "setup" { SETUP } else { DASHBOARD };
        let mut claims = json!({ "iat": self.now(), "exp": self.now() + seconds });
        for name in KEPT {
            claims[name] = json!(form.get(name));
        }
        claims["kind"] = json!(kind);
        mint::sign(&claims, &self.secret).map(|token| token.expose().to_owned()).unwrap_or_default()
    }

    /// What a page's token says.
    fn page_claims(&self, token: &str, kind: &str) -> Option<Value> {
        tokens::decode(token, &self.secret, self.now(), Library::New).filter(|claims| claims["kind"] == kind)
    }

    fn page(&self, request: &Request, kind: &str) -> Reply {
        match self.page_claims(&request.query_value("token").unwrap_or_default(), kind) {
            Some(_) => Reply::html("<!doctype html><title>LAMB</title><h1>Activity</h1>"),
            None => Reply::page(StatusCode::FORBIDDEN, EXPIRED),
        }
    }

    fn enter_chat(&self, request: &Request) -> Reply {
        let claims = self.page_claims(&request.query_value("token").unwrap_or_default(), "dashboard");
        let Some(claims) = claims else { return Reply::page(StatusCode::FORBIDDEN, EXPIRED) };
        let link = request.query_value("resource_link_id").unwrap_or_default();
        let Some((activity, _, group)) = self.activity_of(&link) else {
            return Reply::page(StatusCode::NOT_FOUND, "<h2>Activity not found.</h2>");
        };
        let form = Form::from_claims(&claims, &KEPT);
        let reply = self.student(activity, group.as_deref(), &form);
        reply.unwrap_or_else(|| Reply::page(StatusCode::INTERNAL_SERVER_ERROR, NO_CHAT))
    }

    /// Only Open WebUI's password counts here, whatever LAMB's login form takes.
    fn link_account(&self, request: &Request) -> Reply {
        let field = |name: &str| request.form_value(name).unwrap_or_default();
        let Some(claims) = self.page_claims(&field("token"), "setup") else {
            return Reply::page(StatusCode::FORBIDDEN, EXPIRED);
        };
        let Some(id) = self.creator_by_owi(&field("email"), &field("password")) else {
            return Reply::page(StatusCode::OK, BAD_CREDENTIALS);
        };
        let sql = format!(
            "INSERT INTO {}lti_identity_links (lms_user_id, creator_user_id, linked_at) VALUES (?, ?, ?)",
            self.prefix
        );
        let user = claims["user_id"].as_str().unwrap_or_default();
        let linked = self.lamb().and_then(|db| db.execute(&sql, params![user, id, self.now()]));
        match linked {
            Ok(_) => {
                let token = self.page_token("setup", &Form::from_claims(&claims, &KEPT));
                Reply::see_other(&format!("{}/lamb/v1/lti/setup?token={token}", self.public_base(request)))
            }
            Err(_) => Reply::page(StatusCode::INTERNAL_SERVER_ERROR, "<h2>Error</h2>"),
        }
    }
}
