//! Tokens as the data describes them, sound and unsound.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use super::base::Base;
use super::plant::Scene;
use super::row::{File, Header, Row, Token};

/// The secrets of a state by their names in the data.
pub(super) struct Secrets(BTreeMap<&'static str, String>);

impl Secrets {
    pub(super) fn of(env: &[(&'static str, String)]) -> Self {
        let told = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let mut all: BTreeMap<_, _> = [
            ("other", "y".repeat(40)),
            ("changed", "z".repeat(40)),
            ("shared", "shared-secret-0123456789abcdef0123456789abcdef".to_owned()),
        ]
        .into();
        all.extend(told("WEBUI_SECRET_KEY").map(|secret| ("owi", secret)));
        all.extend(told("LAMB_JWT_SECRET").map(|secret| ("lamb", secret)));
        Self(all)
    }

    pub(super) fn named(&self, name: &str) -> String {
        match name {
            "t0p-s3cr3t" => name.to_owned(),
            "'new-' + owi" => format!("new-{}", self.0["owi"]),
            "q x 40" => "q".repeat(40),
            name => self.0.get(name).unwrap_or_else(|| panic!("no secret is named {name:?}")).clone(),
        }
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// Puts times in the place of `{"now": seconds}`.
fn timed(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("now") => {
            let after = &fields["now"];
            let time = match after.as_i64() {
                Some(seconds) => json!(now() + seconds),
                None => json!(now() as f64 + after.as_f64().unwrap()),
            };
            if fields.get("as") == Some(&json!("text")) { json!(time.to_string()) } else { time }
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), timed(value))).collect(),
        other => other.clone(),
    }
}

fn signed(header: &str, payload: &str, alg: &str, secret: &str) -> String {
    let message = [header, payload].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = match alg {
        "HS256" => Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .unwrap()
            .chain_update(&message)
            .finalize()
            .into_bytes()
            .to_vec(),
        "HS512" => Hmac::<Sha512>::new_from_slice(secret.as_bytes())
            .unwrap()
            .chain_update(&message)
            .finalize()
            .into_bytes()
            .to_vec(),
        "none" => Vec::new(),
        other => panic!("no algorithm {other:?}"),
    };
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The person's good token.
pub(super) fn good(row: &Row, secrets: &Secrets) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT"}).to_string();
    let (claims, secret) = if row.is_native() {
        let claims = json!({
            "sub": "2", "email": "alice@campus.edu", "role": "user", "iat": now() - 10, "exp": now() + 7 * 24 * 3600,
        });
        (claims, "lamb")
    } else {
        (json!({"id": Base::alice(false)}), "owi")
    };
    signed(&header, &claims.to_string(), "HS256", &secrets.named(secret))
}

/// Another token of the same person, made for the purpose, by LAMB's clock as LAMB's own login makes it.
pub(super) fn fresh(row: &Row, scene: &Scene) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT"}).to_string();
    let email = row.email().unwrap_or("alice@campus.edu");
    let claims = if row.is_native() {
        let now = now() + row.lamb_clock;
        json!({"sub": "2", "email": email, "role": "user", "iat": now - 10, "exp": now + 3600})
    } else {
        // Of the account that there is by this e-mail, where there is one.
        let found = Connection::open(scene.file(File::Owi)).and_then(|db| {
            db.busy_timeout(std::time::Duration::ZERO)?;
            db.query_row("SELECT id FROM user WHERE email = ?", [email], |row| row.get::<_, String>(0))
        });
        json!({"id": found.unwrap_or_else(|_| Base::alice(false).to_owned())})
    };
    signed(&header, &claims.to_string(), "HS256", &scene.issuer)
}

/// What a browser sends, and what the tool's token file holds. `None` is a token that only LAMB can make.
pub(super) struct Presented {
    /// The whole Authorization header.
    pub(super) header: String,
    /// What `--token-file` holds.
    pub(super) file: String,
}

pub(super) fn presented(row: &Row, secrets: &Secrets) -> Option<Presented> {
    let good = good(row, secrets);
    let bare = |token: String| Presented { header: format!("Bearer {token}"), file: token };
    let mut presented = match &row.token {
        None => bare(good.clone()),
        Some(Token { header: Some(header), .. }) => {
            let text = match header {
                Header::Text(text) => text.replace("<good>", &good),
                Header::Long(long) => long.text(),
            };
            Presented { header: text.clone(), file: text }
        }
        Some(Token { raw: Some(raw), .. }) => bare(raw.replace("<good>", &good)),
        Some(Token { change: Some(change), .. }) => bare(match change.as_str() {
            "the good token without its last character" => good[..good.len() - 1].to_owned(),
            "the good token without its last 5 characters" => good[..good.len() - 5].to_owned(),
            change if change.contains("the bits that base64url does not use") => unused_bits_changed(&good),
            change if change.contains("LAMB's own login") => return None,
            other => panic!("no such change: {other}"),
        }),
        Some(token) => {
            let alg = token.alg.as_deref().unwrap_or("HS256");
            let header = token.jwt_header.clone().unwrap_or_else(|| json!({"alg": alg, "typ": "JWT"}));
            let claims = token.claims.as_ref().map(|claims| timed(claims).to_string());
            let payload = claims.or_else(|| token.payload.clone()).expect("claims or a payload");
            let secret = token.secret.as_deref().map(|name| secrets.named(name)).unwrap_or_default();
            bare(signed(&header.to_string(), &payload, alg, &secret))
        }
    };
    if let Some(file) = &row.token_file {
        let (first, second) = good.split_at(good.len() / 2);
        presented.file = file.replace("<good>", &good).replace("<go\0od>", &format!("{first}\0{second}"));
    }
    Some(presented)
}

/// The last character of 32 bytes in base64url has two bits that nothing needs.
fn unused_bits_changed(token: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = token.as_bytes()[token.len() - 1];
    let at = LETTERS.iter().position(|letter| *letter == last).unwrap();
    format!("{}{}", &token[..token.len() - 1], char::from(LETTERS[at ^ 1]))
}
