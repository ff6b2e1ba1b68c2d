//! The client of LAMB's own HTTP backend: requests that the browser makes too.

use serde_json::Value;

use crate::http::{Answer, Failure, Http, Redirects, Request};
use crate::secret::Secret;
use crate::settings::mask_url;

/// The request whose failure this tool was made for.
pub const ASSISTANTS_PATH: &str = "/creator/assistant/get_assistants";

/// Where the native edition tells a user's own data.
const ME_PATH: &str = "/creator/me";

/// Where the creator interface signs in.
const LOGIN_PATH: &str = "/creator/login";

/// The client of one LAMB backend.
#[derive(Clone, Debug)]
pub struct Backend {
    http: Http,
    base: String,
    base_shown: String,
}

impl Backend {
    /// A client of the backend at `base`, a URL without a slash at its end.
    pub fn new(http: Http, base: impl Into<String>) -> Self {
        let base = base.into();
        Self { http, base_shown: mask_url(&base), base }
    }

    /// The base URL, to be shown: without a password in it.
    pub fn base_shown(&self) -> &str {
        &self.base_shown
    }

    /// Asks for the assistants with exactly this `Authorization` value, or with none: then the backend refuses
    /// before it asks anyone or reads anything (measured: 403), which makes it a harmless sign of life.
    ///
    /// With a value, **callers must know that it is harmless**: see `replay_guards`, of the room
    /// `diagnose`.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn assistants(&self, authorization: Option<&Secret>) -> Result<Answer, Failure> {
        let url = format!("{}{ASSISTANTS_PATH}", self.base);
        self.http.send(&url, Request { authorization, redirects: Redirects::Told, ..Request::default() }).await
    }

    /// Asks, without a token, for what only the native edition has: the delegated one answers 404 (measured).
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn me(&self) -> Result<Answer, Failure> {
        self.http
            .send(&format!("{}{ME_PATH}", self.base), Request { redirects: Redirects::Told, ..Request::default() })
            .await
    }

    /// Signs in as the creator interface does. Each edition makes more of it than an answer: it signs in to Open WebUI
    /// by the trusted header, and a native one makes an Open WebUI account for a creator who has none.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn login(&self, email: &str, password: &Secret) -> Result<Answer, Failure> {
        let form = [("email", email), ("password", password.expose())];
        let request = Request { form: &form, redirects: Redirects::Told, ..Request::default() };
        self.http.send(&format!("{}{LOGIN_PATH}", self.base), request).await
    }
}

/// What came of a login.
#[derive(Debug)]
pub enum Login {
    /// A token for the browser.
    Token {
        /// What LAMB gave for the login.
        token: Secret,
        /// False where LAMB could get none of Open WebUI (measured: `token=None` in its launch URL).
        opens_chat: bool,
    },
    /// The password is right, and still there is no token: a delegated LAMB could get none of Open WebUI.
    NoToken,
    /// LAMB's own words for a login that it refuses.
    Refused(String),
    /// 429: later.
    TooMany(Option<u64>),
    /// No usable answer.
    Failed(String),
}

impl Login {
    /// Reads an answer: refused logins are 200 too (measured).
    pub fn read(answer: &Result<Answer, Failure>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Self::Failed(failure.to_string()),
        };
        let unusable = || Self::Failed(format!("{} answers {}", answer.url, answer.summary()));
        let body = match (answer.status, answer.json()) {
            (429, _) => return Self::TooMany(answer.retry_after),
            (200, Some(body)) => body,
            _ => return unusable(),
        };
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        match body.get("success").and_then(Value::as_bool) {
            // A delegated LAMB says so where the password is right and Open WebUI gives no token (measured).
            Some(false) if text("/error") == Some("Failed to get authentication token") => Self::NoToken,
            Some(false) => Self::Refused(text("/error").unwrap_or("without a reason").to_owned()),
            Some(true) => match text("/data/token").filter(|token| !token.is_empty() && *token != "None") {
                Some(token) => {
                    let opens_chat = text("/data/launch_url").is_none_or(|url| !url.ends_with("token=None"));
                    Self::Token { token: Secret::new(token), opens_chat }
                }
                None => Self::NoToken,
            },
            None => unusable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(status: u16, body: &str) -> Login {
        Login::read(&Ok(Answer::of(status, body)))
    }

    #[test]
    fn any_answer_to_a_login_is_read() {
        crate::mutated::survives("answers", |body| {
            for status in [200, 401, 429, 500] {
                login(status, &String::from_utf8_lossy(body));
            }
        });
    }

    #[test]
    fn a_login_is_judged_by_its_words_and_not_by_200() {
        assert!(matches!(login(200, r#"{"success":false,"error":"no"}"#), Login::Refused(why) if why == "no"));
        assert!(matches!(login(200, r#"{"success":true,"data":{"token":null}}"#), Login::NoToken));
        assert!(matches!(login(200, r#"{"success":true,"data":{"token":"None"}}"#), Login::NoToken));
        let body = r#"{"success":true,"data":{"token":"a.b.c","launch_url":"http://x/complete?token=None"}}"#;
        assert!(matches!(login(200, body), Login::Token { opens_chat: false, .. }));
        assert!(matches!(login(200, &body.replace("None", "d.e.f")), Login::Token { opens_chat: true, .. }));
        assert!(matches!(login(429, "{}"), Login::TooMany(None)));
        for (status, body) in [(200, "<!doctype html>"), (200, "{}"), (502, "{}"), (404, r#"{"detail":"Not Found"}"#)] {
            assert!(matches!(login(status, body), Login::Failed(_)), "{status} {body}");
        }
    }
}
