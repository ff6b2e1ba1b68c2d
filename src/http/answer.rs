//! What comes of a request: an answer of whatever status, or none, and why.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::names::NO_ANSWER;
use crate::secret::Secret;

/// An answer, whatever its status. `Debug` hides the body.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Answer {
    /// What was asked.
    pub url: String,
    /// The status code.
    pub status: u16,
    /// Its media type, without parameters.
    pub content_type: String,
    /// Where a redirect points to. It is not followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The body, at most [`MAX_BODY`](super::MAX_BODY) bytes. Never serialised: it may hold a token.
    #[serde(skip)]
    pub body: String,
    /// By how many seconds the server's clock (the `Date` header) is ahead of ours; negative where it is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_ahead: Option<i64>,
    /// `Retry-After`, in seconds: with 429 and 503. A date in its place is not read.
    #[serde(skip)]
    pub retry_after: Option<u64>,
    /// From sending to the last byte, in milliseconds.
    #[serde(rename = "took_ms", serialize_with = "as_ms")]
    #[schemars(with = "u64")]
    pub took: Duration,
    /// The proxy that was in between, by the setting's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl Answer {
    /// An answer in JSON, for tests of what reads one.
    #[cfg(test)]
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self {
            url: "http://server/path".to_owned(),
            status,
            content_type: "application/json".to_owned(),
            location: None,
            body: body.to_owned(),
            clock_ahead: None,
            retry_after: None,
            took: Duration::ZERO,
            proxy: None,
        }
    }

    /// Without its texts where one of them repeats this password, which was sent: they are told, and journalled. An
    /// account stays: it has no `detail`.
    pub(super) fn without(mut self, password: &Secret) -> Self {
        let password = password.expose();
        let is_told = self.status != 200 || self.detail().is_some();
        let is_in = |text: &str| !password.is_empty() && text.contains(password);
        let is_repeated = || {
            let told = [self.detail(), self.location.clone(), Some(self.content_type.clone())];
            is_in(&self.body) || told.iter().flatten().any(|text| is_in(text))
        };
        if is_told && is_repeated() {
            self.body.clear();
            self.location = None;
            self.content_type = String::new();
        }
        self
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// The `detail` with which both servers explain a refusal.
    pub fn detail(&self) -> Option<String> {
        self.json()?.get("detail")?.as_str().map(ToOwned::to_owned)
    }

    /// True for a web page, which both servers' proxies and Open WebUI's own front end answer to wrong paths.
    pub fn is_html(&self) -> bool {
        self.content_type == "text/html" || self.body.trim_start().starts_with("<!")
    }

    /// The status, and the reason that was given with it.
    pub fn summary(&self) -> String {
        let kind = if self.is_html() { "a web page (HTML)".to_owned() } else { self.content_type.clone() };
        match (self.detail(), &self.location) {
            (Some(detail), _) => format!("{} {detail:?}", self.status),
            (None, Some(to)) => format!("{} to {to}", self.status),
            (None, None) if kind.is_empty() => self.status.to_string(),
            (None, None) => format!("{}, {kind}", self.status),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}: {}, {} bytes)", self.url, self.summary(), self.body.len())
    }
}

fn as_ms<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

/// The detail of an answer that was not read to its end.
pub(super) const TOO_LONG: &str = "longer than 8 MiB";

/// No answer, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// What was asked.
    pub url: String,
    /// The way in which it failed.
    pub kind: FailureKind,
    /// In the words of the operating system or the library.
    pub detail: String,
    /// The proxy that was in between, by the setting's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

/// The ways in which a request gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The host is there, nothing listens on the port.
    Refused,
    /// The network knows no way to the host, or the host is off.
    Unreachable,
    /// The host's name means nothing here.
    Dns,
    /// No connection within the time allowed.
    ConnectTimeout,
    /// The connection was accepted and no answer came within the time allowed.
    Hangs,
    /// The certificate or the handshake.
    Tls,
    /// Closed in the middle, not HTTP, too long, or anything else.
    Broken,
}

impl Failure {
    /// True where the answer was longer than [`MAX_BODY`](super::MAX_BODY): to ask again for the same helps nothing.
    pub fn is_too_long(&self) -> bool {
        self.kind == FailureKind::Broken && self.detail == TOO_LONG
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FailureKind::Refused => "the connection is refused",
            FailureKind::Unreachable => "the host cannot be reached",
            FailureKind::Dns => "the host name cannot be resolved",
            FailureKind::ConnectTimeout => "no connection within the time allowed (--timeout)",
            FailureKind::Hangs => "the connection is accepted, but no answer comes within the time allowed (--timeout)",
            FailureKind::Tls => "TLS fails",
            FailureKind::Broken => "the answer is broken",
        };
        write!(f, "{}: {what}", self.url)?;
        let tells = match self.kind {
            FailureKind::Unreachable | FailureKind::Tls | FailureKind::Broken => true,
            FailureKind::Dns => self.detail == NO_ANSWER,
            FailureKind::Refused | FailureKind::ConnectTimeout | FailureKind::Hangs => false,
        };
        if tells {
            write!(f, " ({})", self.detail)?;
        }
        match &self.proxy {
            Some(proxy) => write!(f, ", through the proxy of {proxy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_repeats_the_password_is_told_by_its_status() {
        let told =
            |status, body: &str, password: &str| Answer::of(status, body).without(&Secret::new(password)).summary();
        assert_eq!(told(400, r#"{"detail": "bad password: hunter2"}"#, "hunter2"), "400");
        assert_eq!(told(400, r#"{"detail": "bad password: \u0061\"b"}"#, "a\"b"), "400");
        assert_eq!(told(200, r#"{"detail": "bad password: hunter2"}"#, "hunter2"), "200");
        assert_eq!(told(400, r#"{"detail": "taken"}"#, "hunter2"), r#"400 "taken""#);
        assert_eq!(told(400, r#"{"detail": "taken"}"#, ""), r#"400 "taken""#);
        let account = Answer::of(200, r#"{"id": "1", "role": "user"}"#).without(&Secret::new("user"));
        assert_eq!(account.json().unwrap()["role"], "user");
    }
}
