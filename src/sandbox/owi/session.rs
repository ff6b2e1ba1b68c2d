//! Who is asking? The `Authorization` header, and `GET /api/v1/auths/`.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, SET_COOKIE};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::super::http::{Reply, Request, latin1};
use super::super::tokens::Library;
use super::super::{OwiVersion, tokens};
use super::accounts::{Unreadable, User, find, find_auth, find_by_key, served_image};
use super::settings::API_KEYS;
use super::{OpenWebUi, Refused, broken, now, refuse, says};

/// The token in the header, as this version takes it apart.
fn bearer(version: OwiVersion, header: Option<&str>) -> Result<String, Refused> {
    let missing = || {
        let status = if version == OwiVersion::V0_5_6 { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
        refuse(status, says::NOT_AUTHENTICATED)
    };
    // The blank after a scheme without a token is lost on the way here.
    let header = if header.is_some_and(|text| text.eq_ignore_ascii_case("bearer")) { Some("Bearer ") } else { header };
    let header = header.filter(|text| !text.is_empty()).ok_or_else(missing)?;
    let words: Vec<_> = header.split(' ').collect();
    match (version, words.as_slice()) {
        (OwiVersion::V0_12_4, [_, "", _, ..]) => Err(Box::new(Reply::crash())),
        (OwiVersion::V0_12_4, [_, _, ..]) => {
            let (scheme, token) = header.split_once(' ').unwrap_or_default();
            // Another scheme is decoded all the same, and is no token.
            Ok(if scheme.eq_ignore_ascii_case("bearer") { token.to_owned() } else { String::new() })
        }
        _ => match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => Ok(token.to_owned()),
            _ => Err(missing()),
        },
    }
}

/// A user who has signed in.
pub(super) struct Caller {
    pub(super) user: User,
    pub(super) token: String,
    /// The session's claims; an API key has none.
    pub(super) claims: Option<Value>,
}

impl OpenWebUi {
    /// Who sends this request?
    pub(super) fn caller(&self, db: &Connection, request: &Request) -> Result<Caller, Refused> {
        let header = request.headers.get(AUTHORIZATION).map(|value| latin1(value.as_bytes()));
        let token = bearer(self.version, header.as_deref())?;
        if token.starts_with("sk-") {
            return self.caller_by_key(db, token);
        }
        let unauthorized = || refuse(StatusCode::UNAUTHORIZED, says::UNAUTHORIZED);
        let claims = tokens::decode(&token, &self.secret, now(), Library::Old).ok_or_else(unauthorized)?;
        let id = match &claims["id"] {
            Value::Null => return Err(unauthorized()),
            Value::String(id) => id.clone(),
            other => other.to_string(),
        };
        if self.version.stamps_sessions() {
            let auth = find_auth(db, "id = ?", &id).map_err(broken)?.filter(|auth| auth.active);
            let stamp = auth.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, says::INVALID_REQUEST))?.stamp;
            // Accounts from before the upgrade have no stamp, and take any session.
            if stamp.is_some_and(|stamp| claims["session_stamp"] != stamp) {
                return Err(refuse(StatusCode::UNAUTHORIZED, says::REVOKED));
            }
        }
        let user = find(db, "id = ?", &id).map_err(|why| self.unreadable(why))?.ok_or_else(gone)?;
        Ok(Caller { user, token, claims: Some(claims) })
    }

    /// 0.5.6 asks first whether keys are taken at all, the later ones who it is, and take them from admins only.
    fn caller_by_key(&self, db: &Connection, token: String) -> Result<Caller, Refused> {
        let no_keys = || refuse(StatusCode::FORBIDDEN, says::NO_KEYS);
        let keys = API_KEYS.read(db, self.version).map_err(broken)?;
        let is_old = self.version == OwiVersion::V0_5_6;
        if is_old && !keys {
            return Err(no_keys());
        }
        let user = find_by_key(db, self.version, &token).map_err(|why| self.unreadable(why))?.ok_or_else(gone)?;
        if keys && (is_old || user.role == "admin") { Ok(Caller { user, token, claims: None }) } else { Err(no_keys()) }
    }

    /// Before 0.12 a row that cannot be read is a row that is not there.
    fn unreadable(&self, why: Unreadable) -> Refused {
        match (self.version.stamps_sessions(), why) {
            (false, _) => gone(),
            (true, Unreadable::Json) => Box::new(Reply::crash()),
            (true, Unreadable::Shape | Unreadable::Database) => {
                refuse(StatusCode::SERVICE_UNAVAILABLE, says::UNAVAILABLE)
            }
        }
    }

    /// `GET /api/v1/auths/`.
    pub(super) fn session(&self, request: &Request) -> Result<Reply, Refused> {
        let db = self.open().map_err(|error| self.unreadable(error.into()))?;
        let Caller { user, token, claims } = self.caller(&db, request)?;
        if claims.is_none() && self.version.stamps_sessions() {
            return Err(refuse(StatusCode::FORBIDDEN, says::HUMAN));
        }
        self.same_as_header(&user, request)?;
        self.touch(&db, &user.id);

        let mut body = json!({});
        if self.version != OwiVersion::V0_5_6 {
            for key in ["status_emoji", "status_message", "status_expires_at"] {
                body[key] = Value::Null;
            }
        }
        let mut account = user.signed_in(self.version);
        account["profile_image_url"] = match user.image.as_str() {
            "" if self.version.stamps_sessions() => json!(served_image(&user.id)),
            image => json!(image),
        };
        let expires_at = claims.as_ref().map_or(&Value::Null, |claims| &claims["exp"]);
        merge(&mut body, account);
        merge(&mut body, session_part(&token, expires_at));
        if self.version != OwiVersion::V0_5_6 {
            merge(&mut body, json!({ "bio": null, "gender": null, "date_of_birth": null }));
        }
        Ok(Reply::ok(&body).with(SET_COOKIE, cookie(&token)))
    }

    /// From 0.6 on, a trusted header must name the token's own user.
    fn same_as_header(&self, user: &User, request: &Request) -> Result<(), Refused> {
        let trusted = self.trusted_header.as_deref().filter(|_| self.version != OwiVersion::V0_5_6);
        let Some(header) = trusted else { return Ok(()) };
        match request.latin1(header) {
            Some(email) if !email.is_empty() && email.to_lowercase() != user.email.to_lowercase() => {
                Err(refuse(StatusCode::UNAUTHORIZED, says::MISMATCH))
            }
            _ => Ok(()),
        }
    }

    /// Writes `last_active_at`. A lock costs 0.5.6 its whole patience; the later ones let it be.
    fn touch(&self, db: &Connection, id: &str) {
        if self.version != OwiVersion::V0_5_6 && db.busy_timeout(std::time::Duration::ZERO).is_err() {
            return;
        }
        // The real server swallows this error too.
        let _ = db.execute("UPDATE user SET last_active_at = ? WHERE id = ?", (now(), id));
    }
}

/// No user has the id in the token, or that key.
fn gone() -> Refused {
    refuse(StatusCode::UNAUTHORIZED, says::SESSION_EXPIRED)
}

/// What every answer with a session ends in.
pub(super) fn session_part(token: &str, expires_at: &Value) -> Value {
    json!({
        "token": token, "token_type": "Bearer", "expires_at": expires_at,
        "permissions": {
            "workspace": { "models": false, "knowledge": false, "prompts": false, "tools": false },
            "chat": { "file_upload": true, "delete": true, "edit": true, "temporary": true },
        },
    })
}

pub(super) fn cookie(token: &str) -> String {
    format!("token={token}; HttpOnly; Path=/; SameSite=lax")
}

/// Adds the fields of `more` behind those of `to`.
pub(super) fn merge(to: &mut Value, more: Value) {
    if let (Value::Object(to), Value::Object(more)) = (to, more) {
        to.extend(more);
    }
}
