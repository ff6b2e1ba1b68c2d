//! What Open WebUI's answers mean. Every text here was measured on real 0.5.6, 0.6.43 and 0.12.4 servers, and the
//! contract tests hold it against them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::clock;
use crate::http::{Answer, Failure};

/// A user, as the API shows one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Account {
    /// A UUID.
    pub id: String,
    /// The e-mail as it is stored.
    pub email: String,
    /// The display name.
    pub name: String,
    /// `admin`, `user`, `pending` or any other text.
    pub role: String,
    /// Unix seconds, in JSON RFC 3339 in UTC; not told by every request.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub last_active_at: Option<i64>,
}

impl Account {
    /// Reads the fields that every version sends; `None` where the id or the e-mail is not there.
    pub fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        Some(Self {
            id: text("id")?,
            email: text("email").filter(|email| !email.is_empty())?,
            name: text("name").unwrap_or_default(),
            role: text("role").unwrap_or_default(),
            last_active_at: value.get("last_active_at").and_then(Value::as_i64),
        })
    }
}

/// What an Open WebUI says of itself without a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServerInfo {
    /// `/api/version`.
    pub version: Option<String>,
    /// `/api/config`: whether it believes the trusted header.
    pub trusted_header: Option<bool>,
    /// `/api/config`: whether unknown people may make accounts.
    pub signup: Option<bool>,
    /// `/api/config`: false where everyone is the same admin without signing in (WEBUI_AUTH=False).
    pub auth: Option<bool>,
    /// `/api/config`: true where it has no user at all.
    pub onboarding: bool,
    /// By how many seconds its clock is ahead of ours.
    #[serde(skip)]
    pub clock_ahead: i64,
}

impl ServerInfo {
    /// Unix seconds by its clock, which judges the times of tokens.
    pub fn now(&self) -> i64 {
        clock::now().saturating_add(self.clock_ahead)
    }

    /// The first two numbers of the version.
    pub fn release(&self) -> Option<(u64, u64)> {
        let mut parts = self.version.as_deref()?.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    }

    /// True where a trusted sign-in with an unknown e-mail is answered with 403 and makes no account: measured on
    /// 0.5.6 and 0.6.43 with signup off. From 0.12 on it always makes one; what lies between was not measured.
    pub fn trusted_sign_in_makes_no_account(&self) -> bool {
        let measured = matches!(self.version.as_deref(), Some("0.5.6" | "0.6.43"));
        measured && self.signup == Some(false) && !self.onboarding
    }
}

/// What Open WebUI says of a token (`GET /api/v1/auths/`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionAnswer {
    /// The token is good, and this is whose it is.
    Accepted(Account),
    /// 200 in JSON, but without an e-mail: LAMB cannot use it.
    NoEmail,
    /// 401 `401 Unauthorized`: not a token, expired, signed with another secret, or without an `id` claim.
    BadToken {
        /// By how many seconds the server's clock, which judged the times, is ahead of ours.
        clock_ahead: i64,
    },
    /// 401 `Your session has expired…`: the signature is good, and the user's row is gone, unreadable, or locked.
    /// It does **not** mean that the token has expired.
    RowNotHad,
    /// 401 `Invalid authentication request.` (0.12): the row is gone, has no `auth` row, or is inactive.
    RowGoneOrInactive,
    /// 401 `Invalid token` (0.12): the session was revoked, or the password changed.
    Revoked,
    /// 401 `User mismatch…`: a proxy adds the trusted header of another user.
    TrustedHeaderMismatch,
    /// 401 or 403 `Not authenticated`: the header did not arrive, or has no scheme that the server knows.
    NoCredentials,
    /// 403: an API key where a session is wanted, or API keys are off.
    ApiKeyRefused,
    /// 500 or 503 on this request alone: the row cannot be read (0.12), or the header is not two words (0.6).
    CannotRead(u16),
    /// An answer, but not from an Open WebUI's API.
    NotOpenWebUi(String),
    /// A redirect, which LAMB's client would follow and we do not.
    Redirect(String),
    /// 429: too many requests.
    TooMany,
    /// 502, 504 and other answers of what stands before the server.
    Gateway(u16),
    /// Anything that was never measured.
    Unknown(String),
    /// No answer at all.
    Unreachable(Failure),
}

impl SessionAnswer {
    /// Reads an answer.
    pub fn read(answer: &Result<Answer, Failure>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Self::Unreachable(failure.clone()),
        };
        let detail = answer.detail().unwrap_or_default();
        match (answer.status, detail.as_str()) {
            (200, _) => match answer.json() {
                Some(body) if body.is_object() => Account::from_json(&body).map_or(Self::NoEmail, Self::Accepted),
                _ => Self::NotOpenWebUi(answer.summary()),
            },
            (401, "401 Unauthorized") => Self::BadToken { clock_ahead: answer.clock_ahead.unwrap_or(0) },
            (401, text) if text.starts_with("Your session has expired") => Self::RowNotHad,
            (401, "Invalid authentication request.") => Self::RowGoneOrInactive,
            (401, "Invalid token") => Self::Revoked,
            (401, text) if text.starts_with("User mismatch") => Self::TrustedHeaderMismatch,
            (401 | 403, "Not authenticated") => Self::NoCredentials,
            (403, "A human session is required.") => Self::ApiKeyRefused,
            (403, text) if text.starts_with("Use of API key") => Self::ApiKeyRefused,
            (429, _) => Self::TooMany,
            (300..=399, _) => Self::Redirect(answer.location.clone().unwrap_or_default()),
            (500 | 503, _) => Self::CannotRead(answer.status),
            (502 | 504.., _) => Self::Gateway(answer.status),
            (404 | 405, _) => Self::NotOpenWebUi(answer.summary()),
            _ if answer.is_html() => Self::NotOpenWebUi(answer.summary()),
            _ => Self::Unknown(answer.summary()),
        }
    }

    /// True where the server took the token's signature, whatever it said of the user.
    pub fn accepts_the_signature(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::RowNotHad | Self::RowGoneOrInactive | Self::Revoked)
    }

    /// True where the server answered and was the right one, whatever it said of the token.
    pub fn is_an_answer(&self) -> bool {
        !matches!(
            self,
            Self::NotOpenWebUi(_) | Self::Redirect(_) | Self::Gateway(_) | Self::TooMany | Self::Unreachable(_)
        )
    }
}

/// Whether an Open WebUI answers at a base URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServerAnswer {
    /// An Open WebUI answers.
    OpenWebUi(ServerInfo),
    /// Something else answers, or Open WebUI at another path.
    NotOpenWebUi(String),
    /// A redirect, and where it points to.
    Redirect(String),
    /// 429 or 5xx.
    Error(u16),
    /// No answer.
    Unreachable(Failure),
}

impl ServerAnswer {
    /// Reads the answers to `/api/version` and `/api/config`.
    pub fn read(version: &Result<Answer, Failure>, config: &Result<Answer, Failure>) -> Self {
        let version = match version {
            Ok(answer) => answer,
            Err(failure) => return Self::Unreachable(failure.clone()),
        };
        match version.status {
            300..=399 => return Self::Redirect(version.location.clone().unwrap_or_default()),
            429 | 500.. => return Self::Error(version.status),
            _ => {}
        }
        let number = version.json().and_then(|body| Some(body.get("version")?.as_str()?.to_owned()));
        let Some(number) = number.filter(|_| version.status == 200) else {
            return Self::NotOpenWebUi(version.summary());
        };
        let config = config.as_ref().ok().filter(|answer| answer.status == 200).and_then(Answer::json);
        let flag = |path: &str| config.as_ref().and_then(|c| c.pointer(path)).and_then(Value::as_bool);
        Self::OpenWebUi(ServerInfo {
            version: Some(number),
            trusted_header: flag("/features/auth_trusted_header"),
            signup: flag("/features/enable_signup"),
            auth: flag("/features/auth"),
            onboarding: flag("/onboarding").unwrap_or(false),
            clock_ahead: version.clock_ahead.unwrap_or(0),
        })
    }

    /// Reads what a server that tells no version answers to `GET /api/v1/auths/` without a token, and what it told before.
    /// LAMB asks nothing else of it: where that answer is Open WebUI's, so is the server.
    #[must_use]
    pub fn or_by_session(self, session: &Result<Answer, Failure>) -> Self {
        let is_its_own = matches!(
            SessionAnswer::read(session),
            SessionAnswer::NoCredentials | SessionAnswer::Accepted(_) | SessionAnswer::BadToken { .. }
        );
        match self {
            Self::NotOpenWebUi(_) if is_its_own => Self::OpenWebUi(ServerInfo::default()),
            other => other,
        }
    }

    /// What stands in the way of asking it anything, as a sentence; `None` where nothing does.
    pub fn complaint(&self, base: &str) -> Option<String> {
        match self {
            Self::OpenWebUi(_) => None,
            Self::NotOpenWebUi(what) => Some(format!("{base} is not an Open WebUI: /api/version answers {what}")),
            Self::Redirect(to) => Some(format!("{base} redirects to {to}; not followed")),
            Self::Error(status) => Some(format!("{base} answers {status}")),
            Self::Unreachable(failure) => Some(failure.to_string()),
        }
    }

    /// What it says of itself, where it is one.
    pub fn info(&self) -> Option<&ServerInfo> {
        match self {
            Self::OpenWebUi(info) => Some(info),
            _ => None,
        }
    }
}

/// What came of a sign-in.
#[derive(Debug)]
pub enum SignIn {
    /// A token, and whose it is.
    Token(crate::secret::Secret, Account),
    /// The server wants a trusted header and did not get one: it is called differently there.
    HeaderRenamed,
    /// The server does not believe the header, the account is inactive, half, or not there.
    Refused(String),
    /// No usable answer.
    Failed(String),
}

impl SignIn {
    /// Reads an answer.
    pub fn read(answer: &Result<Answer, Failure>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Self::Failed(failure.to_string()),
        };
        let detail = answer.detail().unwrap_or_default();
        match answer.status {
            200 => {
                let body = answer.json();
                let token = body.as_ref().and_then(|b| b.get("token")?.as_str().map(crate::secret::Secret::new));
                match (token, body.as_ref().and_then(Account::from_json)) {
                    (Some(token), Some(account)) => Self::Token(token, account),
                    _ => Self::Failed(answer.summary()),
                }
            }
            400 if detail.starts_with("Your provider has not provided a trusted header") => Self::HeaderRenamed,
            400 | 401 | 403 => Self::Refused(detail),
            _ => Self::Failed(answer.summary()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_answer_is_read() {
        crate::mutated::survives("answers", |body| {
            for status in [200, 302, 400, 401, 403, 429, 500] {
                let answer = Ok(Answer::of(status, &String::from_utf8_lossy(body)));
                let server = ServerAnswer::read(&answer, &answer).or_by_session(&answer);
                assert_eq!(server.info().is_none(), server.complaint("http://x").is_some());
                SessionAnswer::read(&answer);
                SignIn::read(&answer);
            }
        });
    }
}
