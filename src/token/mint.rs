//! Tokens made here: sixty-second probes for `diagnose`, and every kind of token for the sandbox.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{base64url, crypto};
use crate::secret::Secret;

/// Signs `claims` with `secret` as HS256, the way both LAMB and Open WebUI do.
///
/// # Errors
/// Where the claims cannot be written as JSON.
pub fn sign(claims: &Value, secret: &Secret) -> Result<Secret, jsonwebtoken::errors::Error> {
    crypto::ready();
    let key = EncodingKey::from_secret(secret.expose().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map(Secret::new)
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
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes());
    mac.is_ok_and(|mac| mac.chain_update(message).verify_slice(&signature).is_ok())
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
    }

    #[test]
    fn agrees_with_a_published_example() {
        // jwt.io's well-known example, secret "your-256-bit-secret".
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        assert!(signed_by(token, &"your-256-bit-secret".into()));
    }
}
