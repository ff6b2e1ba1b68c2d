//! Tokens of every kind that an operator meets.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};

use super::people::{SandboxUser, people};
use super::{OwiVersion, databases, ids};
use crate::lamb::Edition;
use crate::secret::Secret;
use crate::token::mint::{self, SignError};

/// The secret that LAMB and Open WebUI 0.5.6 use where none is set. It is published in their code.
pub(super) const PUBLISHED_SECRET: &str = "t0p-s3cr3t";
/// Whose tokens most of them are.
const TEACHER: &str = "teacher@sandbox.test";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The claims of a token that native LAMB issues.
pub(super) fn lamb_claims(creator: i64, email: &str, role: &str, now: i64) -> Value {
    json!({ "sub": creator.to_string(), "email": email, "role": role, "iat": now, "exp": now + 7 * DAY })
}

/// The releases of PyJWT, by what they make of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    /// Open WebUI's: what `crit` says is not looked at.
    Old,
    /// Native LAMB's: any `crit` is refused.
    New,
}

/// The claims of `token` if `secret` signed it and `now` is within its life: what both servers' libraries check.
pub(super) fn decode(token: &str, secret: &Secret, now: i64, library: Library) -> Option<Value> {
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
    let header: Value = serde_json::from_slice(&lenient_base64(header)?).ok()?;
    let is_critical = header.get("crit").is_some() && library == Library::New;
    if header.get("alg")? != "HS256" || header.get("b64") == Some(&json!(false)) || is_critical {
        return None;
    }
    let plain = format!("{}.{}", token.rsplit_once('.')?.0, URL_SAFE_NO_PAD.encode(lenient_base64(signature)?));
    if !mint::signed_by(&plain, secret) {
        return None;
    }
    let claims: Value = serde_json::from_slice(&lenient_base64(payload)?).ok()?;
    let is_text = |name: &str| claims.get(name).is_none_or(Value::is_string);
    let begun = ["nbf", "iat"].iter().all(|name| time(&claims, name).is_none_or(|t| t.is_some_and(|t| t <= now)));
    let lives = time(&claims, "exp").is_none_or(|t| t.is_some_and(|t| t > now));
    let sound = claims.is_object() && is_text("sub") && is_text("jti") && claims.get("aud").is_none();
    (sound && begun && lives).then_some(claims)
}

/// A claim that is a time, as Python's `int` reads it: `Some(None)` where it is there and is none.
fn time(claims: &Value, name: &str) -> Option<Option<i64>> {
    let value = claims.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "what is no time comes out as one that is far away")]
    let whole = value.as_i64().or_else(|| value.as_f64().filter(|t| t.is_finite()).map(|t| t as i64));
    Some(match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(on) => Some(i64::from(*on)),
        _ => whole,
    })
}

/// Base64 as Python decodes it: what is not of its alphabet is passed over, and so are bits that nothing needs.
fn lenient_base64(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true);
    let letters: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    GeneralPurpose::new(&alphabet::URL_SAFE, lenient).decode(letters).ok()
}

/// What the tokens are made with.
pub(super) struct Mint<'a> {
    pub(super) edition: Edition,
    pub(super) version: OwiVersion,
    pub(super) owi_secret: &'a Secret,
    pub(super) lamb_secret: &'a Secret,
    pub(super) now: i64,
}

impl Mint<'_> {
    /// All tokens of this sandbox, by name.
    pub(super) fn all(&self) -> Result<Vec<(String, Secret)>, SignError> {
        let valid = self.browser_claims(TEACHER, "user");
        let native = self.edition == Edition::Native;
        let issuer = if native { self.lamb_secret } else { self.owi_secret };
        let owi = mint::sign(&self.owi_claims(TEACHER), self.owi_secret)?;
        let lamb = mint::sign(&self.lamb_claims(TEACHER, "user"), self.lamb_secret)?;
        let good = if native { lamb.clone() } else { owi.clone() };
        let key = Secret::new(teachers_api_key());

        let mut tokens = vec![
            ("valid", good.clone()),
            // Some more than a day: by a clock a second behind, too, reports say "1d".
            (
                "expired",
                mint::sign(&with(&valid, &[("iat", self.now - 2 * DAY), ("exp", self.now - DAY - HOUR / 2)]), issuer)?,
            ),
            ("not-yet-valid", mint::sign(&with(&valid, &[("nbf", self.now + DAY)]), issuer)?),
            ("wrong-secret", mint::sign(&valid, &"an unknown secret".into())?),
            ("forgeable", mint::sign(&valid, &PUBLISHED_SECRET.into())?),
            (
                "owi-user-gone",
                mint::sign(
                    &self.version.session_claims(&ids::uuid("gone"), Some(&ids::uuid("stamp")), self.now),
                    self.owi_secret,
                )?,
            ),
            ("owi-row-unreadable", mint::sign(&self.owi_claims("unreadable@sandbox.test"), self.owi_secret)?),
            ("wrong-kind", if native { Secret::new(ids::api_key("nobody's")) } else { lamb.clone() }),
            ("lamb", lamb),
            ("owi", owi),
            ("api-key", key),
            ("null", "null".into()),
            ("doubled", Secret::new(format!("Bearer Bearer {}", good.expose()))),
            ("malformed", "this.is-not.a-token".into()),
            ("creator-missing", self.browser("admin@admin.owi")?),
            ("creator-disabled", self.browser("disabled@sandbox.test")?),
        ];
        if self.version.stamps_sessions() {
            let id = ids::owi_user(TEACHER, 0);
            let claims = self.version.session_claims(&id, Some(&ids::uuid("an earlier stamp")), self.now);
            tokens.push(("revoked", mint::sign(&claims, self.owi_secret)?));
        }
        if native {
            tokens.push(("stale-role", mint::sign(&self.lamb_claims(TEACHER, "admin"), self.lamb_secret)?));
            tokens.push(("shared-secret-trap", mint::sign(&self.owi_claims(TEACHER), self.lamb_secret)?));
        }
        let mut named: Vec<_> = tokens.into_iter().map(|(name, token)| (name.to_owned(), token)).collect();
        for person in people() {
            if let Some(claims) = self.own(person) {
                named.push((person.email.to_owned(), claims?));
            }
        }
        Ok(named)
    }

    /// What this person's browser holds, if anything.
    fn own(&self, person: &SandboxUser) -> Option<Result<Secret, SignError>> {
        match (self.edition, &person.lamb) {
            (Edition::Native, Some(creator)) => {
                let claims = self.lamb_claims(person.email, creator.system_role);
                Some(mint::sign(&claims, self.lamb_secret))
            }
            _ if person.in_owi() => Some(mint::sign(&self.owi_claims(person.email), self.owi_secret)),
            _ => None,
        }
    }

    fn browser(&self, email: &str) -> Result<Secret, SignError> {
        let secret = if self.edition == Edition::Native { self.lamb_secret } else { self.owi_secret };
        mint::sign(&self.browser_claims(email, "user"), secret)
    }

    fn browser_claims(&self, email: &str, role: &str) -> Value {
        match self.edition {
            Edition::Delegated => self.owi_claims(email),
            Edition::Native => self.lamb_claims(email, role),
        }
    }

    fn owi_claims(&self, email: &str) -> Value {
        let id = ids::owi_user(email, 0);
        self.version.session_claims(&id, Some(&ids::stamp(&id)), self.now)
    }

    fn lamb_claims(&self, email: &str, role: &str) -> Value {
        let id = people().iter().find(|p| p.email == email).and_then(databases::creator_id).unwrap_or(999);
        lamb_claims(i64::try_from(id).unwrap_or_default(), email, role, self.now)
    }
}

/// The API key that the server's table has for the teacher.
pub(super) fn teachers_api_key() -> String {
    ids::api_key(TEACHER)
}

/// The id of the user that owns [`teachers_api_key`].
pub(super) fn teachers_id() -> String {
    ids::owi_user(TEACHER, 0)
}

fn with(claims: &Value, times: &[(&str, i64)]) -> Value {
    let mut claims = claims.clone();
    for (name, time) in times {
        claims[*name] = json!(time);
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_living_token_of_the_right_secret_decodes() {
        let secret = Secret::from("right");
        let ok = |claims: Value| {
            decode(mint::sign(&claims, &secret).unwrap().expose(), &secret, 1000, Library::New).is_some()
        };
        assert!(ok(json!({"id": "u"})));
        assert!(ok(json!({"id": "u", "exp": 1001, "iat": 1000, "nbf": 1000})));
        assert!(!ok(json!({"id": "u", "exp": 1000})));
        assert!(!ok(json!({"id": "u", "nbf": 1001})));
        assert!(!ok(json!({"id": "u", "exp": "soon"})));
        let other = mint::sign(&json!({"id": "u"}), &"wrong".into()).unwrap();
        assert!(decode(other.expose(), &secret, 1000, Library::New).is_none());
        assert!(decode("eyJhbGciOiJub25lIn0.e30.", &secret, 1000, Library::New).is_none());
    }
}
