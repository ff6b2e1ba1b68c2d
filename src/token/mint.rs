//! Tokens made here: sixty-second probes for `diagnose`, and every kind of token for the sandbox.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::base64url;
use crate::secret::Secret;

/// HMAC refuses a key. It takes one of any length, so it never does.
pub type SignError = hmac::digest::InvalidLength;

/// The one algorithm of LAMB and Open WebUI (measured on every version in this project's contract tests).
fn hs256(message: &str, secret: &Secret) -> Result<Hmac<Sha256>, SignError> {
    Ok(Hmac::new_from_slice(secret.expose().as_bytes())?.chain_update(message))
}

/// Signs `claims` with `secret` as HS256, the way both LAMB and Open WebUI do.
///
/// # Errors
/// [`SignError`].
pub fn sign(claims: &Value, secret: &Secret) -> Result<Secret, SignError> {
    let [header, claims] =
        [&json!({"typ": "JWT", "alg": "HS256"}), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(hs256(&message, secret)?.finalize().into_bytes());
    Ok(Secret::new(format!("{message}.{signature}")))
}

/// The claims of an Open WebUI session that lives for `lifetime` seconds (measured on 0.5.6, 0.6.43 and 0.12.4).
///
/// `stamp`: the `session_stamp` of the user's `auth` row, which 0.12 wants to see; `newest`: true from 0.12 on.
pub fn owi_session_claims(id: &str, stamp: Option<&str>, newest: bool, now: i64, lifetime: i64) -> Value {
    let mut claims = json!({"id": id, "exp": now + lifetime, "jti": format!("lamb-auth-probe-{now}")});
    if let (Some(claims), true) = (claims.as_object_mut(), newest || stamp.is_some()) {
        claims.insert("typ".into(), json!("session"));
        claims.insert("auth_method".into(), json!("password"));
        claims.insert("auth_time".into(), json!(now - 60));
        claims.insert("mfa_verified".into(), json!(false));
        claims.insert("iat".into(), json!(now - 60));
        claims.extend(stamp.map(|stamp| ("session_stamp".to_owned(), json!(stamp))));
    }
    claims
}

/// True where `secret` is the one that signed `token` (HS256). Says nothing of its lifetime or its claims.
pub fn signed_by(token: &str, secret: &Secret) -> bool {
    let Some((message, signature)) = token.rsplit_once('.') else { return false };
    let Some(signature) = base64url::decode(signature) else { return false };
    hs256(message, secret).is_ok_and(|mac| mac.verify_slice(&signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_secret() {
        let token = sign(&serde_json::json!({"id": "u1"}), &"one".into()).unwrap();
        assert!(signed_by(token.expose(), &"one".into()));
        assert!(!signed_by(token.expose(), &"two".into()));
        assert!(!signed_by("no dots here", &"one".into()));
        let long = Secret::new("x".repeat(1000));
        assert!(signed_by(sign(&json!({}), &long).unwrap().expose(), &long));
        let (message, signature) = token.expose().rsplit_once('.').unwrap();
        for cut in ["", "=", "a", &signature[..40]] {
            assert!(!signed_by(&format!("{message}.{cut}"), &"one".into()), "{cut:?}");
        }
    }

    #[test]
    fn agrees_with_a_published_example() {
        // jwt.io's well-known example, secret "your-256-bit-secret".
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        let secret = "your-256-bit-secret".into();
        assert!(signed_by(token, &secret));
    }
}
