//! Inspecting a token: everything that it says by itself, without asking a server.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::claims::{self, Refusal};
use super::presented::{MAX_BYTES, Presented, Scheme};
use super::{base64url, mint};
use crate::secret::Secret;
use crate::settings::NamedSecret;
use crate::sqlite::python_json;

/// The length of every HS256 signature.
const SIGNATURE_BYTES: usize = 32;

/// What a text in a token's place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// Issued by a native LAMB: claims `sub`, `email`, `role`.
    Lamb,
    /// Issued by Open WebUI: a claim `id`, and never an e-mail.
    OpenWebUi,
    /// A JWT of another issuer: neither `id` nor `email`.
    OtherJwt,
    /// An Open WebUI API key, `sk-…`.
    ApiKey,
    /// LAMB's own `LAMB_BEARER_TOKEN`, which other endpoints accept.
    LambBearerToken,
    /// `null`, `undefined` and the like: the page had no token and sent its absence.
    Placeholder,
    /// Nothing at all.
    Empty,
    /// Longer than any server takes.
    TooLong,
    /// Three parts are wanted, of which two are JSON.
    NotAToken,
}

impl TokenKind {
    /// The kind, for a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Lamb => "a LAMB token",
            Self::OpenWebUi => "an Open WebUI token",
            Self::OtherJwt => "a JWT that neither LAMB nor Open WebUI issued (no id, no email)",
            Self::ApiKey => "an Open WebUI API key, not a session token",
            Self::LambBearerToken => "LAMB_BEARER_TOKEN, which is no user's token",
            Self::Placeholder => "no token: the page sent the word that stands for its absence",
            Self::Empty => "empty",
            Self::TooLong => "too long to be a token",
            Self::NotAToken => "not a token",
        }
    }
}

/// What the claims `exp`, `nbf` and `iat` say at a given moment. Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Lifetime {
    /// There is no `exp`: it does not expire.
    Endless,
    /// It expires in so many seconds.
    Running {
        /// Seconds left.
        expires_in: i64,
    },
    /// It expired so many seconds ago.
    Expired {
        /// Seconds gone.
        expired_since: i64,
    },
    /// `nbf` or `iat` lies so many seconds ahead: a wrong clock, or a token made for later.
    NotYet {
        /// Seconds ahead.
        valid_in: i64,
    },
}

/// Which secret signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// One of those at hand, by name.
    By {
        /// Its name.
        secret: String,
        /// True if the secret is public, so that anyone could have signed it.
        forgeable: bool,
    },
    /// HS256, but none of the known secrets.
    UnknownSecret,
    /// Another algorithm, which neither server takes.
    OtherAlgorithm,
    /// Nothing to check.
    None,
}

/// All that a token says by itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Inspection {
    /// What it is.
    pub kind: TokenKind,
    /// The scheme before it.
    pub scheme: Scheme,
    /// Its length in bytes.
    pub length: usize,
    /// `alg` of its header.
    pub algorithm: Option<String>,
    /// Its claims. They are no secret without the signature.
    pub claims: Option<Map<String, Value>>,
    /// `iat`.
    pub issued: Option<Timestamp>,
    /// `exp`.
    pub expires: Option<Timestamp>,
    /// What the times say now.
    pub lifetime: Lifetime,
    #[serde(skip)]
    times: Times,
    /// Which secret signed the token.
    pub signature: Signature,
    /// Why it is not a token of its kind, where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Why the servers' library refuses its header or its claims, whatever secret signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_claim: Option<Refusal>,
    /// False where only a lenient reader of base64 reads it.
    #[serde(skip)]
    pub is_strict_base64: bool,
}

impl Inspection {
    /// Examines a token. `now` in unix seconds.
    pub fn of(presented: &Presented, secrets: &[NamedSecret], lamb_bearer: Option<&Secret>, now: i64) -> Self {
        let text = presented.token.expose();
        let mut inspection = Self {
            kind: TokenKind::NotAToken,
            scheme: presented.scheme.clone(),
            length: text.len(),
            algorithm: None,
            claims: None,
            issued: None,
            expires: None,
            lifetime: Lifetime::Endless,
            times: Times::default(),
            signature: Signature::None,
            problem: None,
            refused_claim: None,
            is_strict_base64: text.split('.').all(base64url::is_strict),
        };
        if text.is_empty() || text.len() > MAX_BYTES {
            inspection.kind = if text.is_empty() { TokenKind::Empty } else { TokenKind::TooLong };
        } else if lamb_bearer == Some(&presented.token) {
            inspection.kind = TokenKind::LambBearerToken;
        } else if ["null", "undefined", "none", "nan", "[object object]"].contains(&text.to_ascii_lowercase().as_str())
        {
            inspection.kind = TokenKind::Placeholder;
        } else if text.starts_with("sk-") {
            inspection.kind = TokenKind::ApiKey;
        } else {
            match decode(text) {
                Ok((header, claims)) => inspection.read(text, &header, claims, secrets, now),
                Err(problem) => inspection.problem = Some(problem),
            }
        }
        inspection
    }

    fn read(&mut self, text: &str, header: &Value, claims: Map<String, Value>, secrets: &[NamedSecret], now: i64) {
        // Open WebUI looks for an id alone, and LAMB, which never sets one, for an e-mail.
        self.kind = match (claims.get("id"), claims.get("email")) {
            (Some(Value::String(_)), _) => TokenKind::OpenWebUi,
            (_, Some(_)) => TokenKind::Lamb,
            (Some(id), None) => {
                self.problem = Some(format!("its claim id is {id}, and no user's id"));
                TokenKind::OtherJwt
            }
            (None, None) => TokenKind::OtherJwt,
        };
        let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or("(none)");
        self.algorithm = Some(algorithm.to_owned());
        let signer = || secrets.iter().find(|named| mint::signed_by(text, &named.secret));
        self.signature = match algorithm {
            "HS256" => signer().map_or(Signature::UnknownSecret, |named| Signature::By {
                secret: named.name.clone(),
                forgeable: named.is_forgeable(),
            }),
            _ => Signature::OtherAlgorithm,
        };
        self.refused_claim = claims::refusal(header, &claims);
        let times = ["exp", "nbf", "iat"].map(|name| claims::seconds(&claims, name));
        if let Some(problem) = times.iter().find_map(|time| time.as_ref().err()) {
            self.kind = TokenKind::NotAToken;
            self.problem = Some(problem.clone());
        }
        let [exp, nbf, iat] = times.map(|time| time.ok().flatten());
        self.issued = iat.and_then(|s| Timestamp::from_second(s).ok());
        self.expires = exp.and_then(|s| Timestamp::from_second(s).ok());
        self.times = Times { ends: exp, begins: nbf.max(iat), now };
        self.lifetime = self.times.at(now);
        self.claims = Some(claims);
    }

    /// What its times say so many seconds from now: by the clock of a server that is ahead, or behind.
    pub fn lifetime_in(&self, seconds: i64) -> Lifetime {
        self.times.at(self.times.now.saturating_add(seconds))
    }

    /// A claim that is text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.as_ref()?.get(name)?.as_str()
    }
}

/// When it begins and ends, in unix seconds, and when it was looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    begins: Option<i64>,
    ends: Option<i64>,
    now: i64,
}

impl Times {
    fn at(self, now: i64) -> Lifetime {
        match (self.ends, self.begins.filter(|begins| *begins > now)) {
            (Some(ends), _) if ends <= now => Lifetime::Expired { expired_since: now.saturating_sub(ends) },
            (_, Some(begins)) => Lifetime::NotYet { valid_in: begins.saturating_sub(now) },
            (Some(ends), None) => Lifetime::Running { expires_in: ends.saturating_sub(now) },
            (None, None) => Lifetime::Endless,
        }
    }
}

/// Header and claims, whatever signed them.
fn decode(token: &str) -> Result<(Value, Map<String, Value>), String> {
    // The library passes over them, but no header carries them to it.
    if token.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it has blanks or control characters in it".to_owned());
    }
    if let Some(c) = token.chars().find(|c| *c > '\u{ff}') {
        return Err(format!("it has the character U+{:04X}, which no HTTP header carries", u32::from(c)));
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err(format!("a token has three parts with dots between them, this has {}", parts.len()));
    };
    let part = |name: &str, text: &str| {
        let bytes = base64url::decode(text).ok_or_else(|| format!("its {name} is not base64"))?;
        // Both servers read it as Python does: with a byte order mark, and with NaN in it (measured).
        let text = std::str::from_utf8(&bytes).ok().map(|text| text.trim_start_matches('\u{feff}'));
        let text = text.ok_or_else(|| format!("its {name} is not JSON"))?;
        serde_json::from_str(text).or_else(|_| {
            let value = python_json::read::<Value>(text).ok_or_else(|| format!("its {name} is not JSON"))?;
            // What the standard does not have becomes a 0, and is no time to Python either.
            let is_no_time = |name: &&str| value.get(*name).is_some_and(|time| time.as_i64() == Some(0));
            match ["exp", "nbf", "iat"].iter().find(|name| is_no_time(name)) {
                Some(claim) => Err(format!("its claim {claim} is not a time")),
                None => Ok(value),
            }
        })
    };
    let header = part("header", header)?;
    let signature = base64url::decode(signature).ok_or("its signature is not base64")?;
    if header.get("alg").and_then(Value::as_str) == Some("HS256") && signature.len() != SIGNATURE_BYTES {
        return Err(format!("its signature has {} bytes, not {SIGNATURE_BYTES}: it was cut off", signature.len()));
    }
    match part("payload", claims)? {
        Value::Object(claims) => Ok((header, claims)),
        _ => Err("its payload is not a JSON object".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn inspection(text: &str) -> Inspection {
        let secrets =
            [NamedSecret { name: "WEBUI_SECRET_KEY".into(), secret: "right".into() }, NamedSecret::insecure()];
        Inspection::of(&Presented::read(text), &secrets, Some(&"0p3n-w3bu!".into()), NOW)
    }

    fn token(claims: &Value, secret: &str) -> String {
        mint::sign(claims, &secret.into()).unwrap().expose().to_owned()
    }

    /// Header and claims as JSON, a line each, are made a token first: else hardly any would be read further.
    #[test]
    fn any_token_is_inspected() {
        crate::mutated::survives("tokens", |bytes| {
            inspection(&String::from_utf8_lossy(bytes));
            let parts: Vec<String> =
                bytes.split(|byte| *byte == b'\n').take(2).map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
            inspection(&format!("Bearer {}.c2lnbmF0dXJl", parts.join(".")));
        });
    }

    #[test]
    fn each_kind_by_name() {
        assert_eq!(inspection("").kind, TokenKind::Empty);
        assert_eq!(inspection("Bearer undefined").kind, TokenKind::Placeholder);
        assert_eq!(inspection("0p3n-w3bu!").kind, TokenKind::LambBearerToken);
        assert_eq!(inspection("sk-1234").kind, TokenKind::ApiKey);
        assert_eq!(inspection(&"x".repeat(10 << 20)).kind, TokenKind::TooLong);
        assert_eq!(inspection("a.b").problem.unwrap(), "a token has three parts with dots between them, this has 2");
        assert_eq!(inspection("a.b.c").problem.unwrap(), "its header is not base64");
        assert_eq!(inspection(&token(&json!({"id": "1"}), "right")).kind, TokenKind::OpenWebUi);
        assert_eq!(inspection(&token(&json!({"sub": "1", "email": "a@b"}), "right")).kind, TokenKind::Lamb);
        assert_eq!(inspection(&token(&json!({"sub": "1"}), "right")).kind, TokenKind::OtherJwt);
        assert_eq!(inspection(&token(&json!({"id": "1", "exp": "soon"}), "right")).kind, TokenKind::NotAToken);
    }

    /// A zero-width character that was pasted with the token, and what Python reads and the standard does not.
    #[test]
    fn a_token_is_read_as_the_servers_read_it() {
        assert!(inspection("Bearer \u{200b}a.b.c").problem.unwrap().contains("U+200B"));
        let (header, signature) = ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "A".repeat(43));
        // {"id": "1"} after a byte order mark, with "n": NaN, and cut off.
        for (payload, kind) in [
            ("77u_eyJpZCI6ICIxIn0", TokenKind::OpenWebUi),
            ("eyJpZCI6ICIxIiwgIm4iOiBOYU59", TokenKind::OpenWebUi),
            ("eyJpZCI6ICIxIg", TokenKind::NotAToken),
        ] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(inspection(&token).kind, kind, "{payload}");
        }
    }

    #[test]
    fn lifetime_is_read_from_the_claims() {
        let lifetime = |claims: Value| inspection(&token(&claims, "right")).lifetime;
        assert_eq!(lifetime(json!({"id": "1"})), Lifetime::Endless);
        assert_eq!(lifetime(json!({"id": "1", "exp": NOW + 5})), Lifetime::Running { expires_in: 5 });
        assert_eq!(lifetime(json!({"id": "1", "exp": NOW})), Lifetime::Expired { expired_since: 0 });
        assert_eq!(lifetime(json!({"id": "1", "exp": NOW + 9, "nbf": NOW + 3})), Lifetime::NotYet { valid_in: 3 });
        assert_eq!(lifetime(json!({"id": "1", "iat": 1_800_000_003.5_f64})), Lifetime::NotYet { valid_in: 3 });
        assert_eq!(lifetime(json!({"id": "1", "exp": 1e300})), Lifetime::Running { expires_in: i64::MAX - NOW });
    }

    #[test]
    fn the_signer_is_named() {
        let signature = |secret: &str| inspection(&token(&json!({"id": "1"}), secret)).signature;
        assert_eq!(signature("right"), Signature::By { secret: "WEBUI_SECRET_KEY".into(), forgeable: false });
        assert!(matches!(signature("t0p-s3cr3t"), Signature::By { forgeable: true, .. }));
        assert_eq!(signature("other"), Signature::UnknownSecret);
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpZCI6IjEifQ.";
        assert_eq!(
            (inspection(none).signature, inspection(none).algorithm.unwrap()),
            (Signature::OtherAlgorithm, "none".into())
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,300}") {
            inspection(&text);
        }

        #[test]
        fn the_secret_that_signed_is_found_and_no_other(secret in "[a-z]{1,20}", id in "[a-z0-9-]{1,36}") {
            let known = matches!(inspection(&token(&json!({"id": id}), &secret)).signature, Signature::By { .. });
            prop_assert_eq!(known, secret == "right");
        }
    }
}
