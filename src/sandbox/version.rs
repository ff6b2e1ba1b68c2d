//! The three versions of Open WebUI that the sandbox can be.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use super::ids;

/// How long 0.6 and later let a session live: four weeks.
const LIFETIME: i64 = 28 * 24 * 3600;

/// A version of Open WebUI whose schema and answers were measured on a real server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwiVersion {
    /// The one that LAMB ships: twelve columns, tokens without an end.
    #[default]
    V0_5_6,
    /// More columns than LAMB expects; sessions of four weeks.
    V0_6_43,
    /// Sessions that can be revoked, one e-mail one account, `wal` mode.
    V0_12_4,
}

impl OwiVersion {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::V0_5_6, Self::V0_6_43, Self::V0_12_4];

    /// The version's number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V0_5_6 => "0.5.6",
            Self::V0_6_43 => "0.6.43",
            Self::V0_12_4 => "0.12.4",
        }
    }

    /// The claims of a session that this version issues at `now` (unix seconds) to the user `id`.
    /// `stamp` is the user's `auth.session_stamp`, which only 0.12.4 has.
    pub fn session_claims(self, id: &str, stamp: Option<&str>, now: i64) -> Value {
        let jti = ids::uuid(&format!("session {id} {now}"));
        match self {
            Self::V0_5_6 => json!({ "id": id }),
            Self::V0_6_43 => json!({ "id": id, "exp": now + LIFETIME, "jti": jti }),
            Self::V0_12_4 => json!({
                "id": id, "typ": "session", "auth_method": "trusted_header", "auth_time": now,
                "session_stamp": stamp, "mfa_verified": false, "exp": now + LIFETIME, "jti": jti, "iat": now,
            }),
        }
    }

    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::V0_5_6 => include_str!("schema/owi-0.5.6.sql"),
            Self::V0_6_43 => include_str!("schema/owi-0.6.43.sql"),
            Self::V0_12_4 => include_str!("schema/owi-0.12.4.sql"),
        }
    }

    pub(super) fn journal_mode(self) -> &'static str {
        if self.stamps_sessions() { "wal" } else { "delete" }
    }

    /// Sessions carry a stamp that must be the account's, and one e-mail can have one account only.
    pub(super) fn stamps_sessions(self) -> bool {
        self >= Self::V0_12_4
    }

    /// API keys have a table of their own, no longer a column of `user`.
    pub(super) fn has_key_table(self) -> bool {
        self >= Self::V0_6_43
    }
}

impl fmt::Display for OwiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version that the sandbox has no stand-in for.
#[derive(Debug, thiserror::Error)]
#[error("no stand-in for Open WebUI {0}: there are 0.5.6, 0.6.43 and 0.12.4")]
pub struct UnknownVersion(String);

impl FromStr for OwiVersion {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        Self::ALL.into_iter().find(|v| v.as_str() == text).ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_have_the_claims_of_their_version() {
        let names = |version: OwiVersion| -> Vec<String> {
            let claims = version.session_claims("u", Some("s"), 1000);
            claims.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(names(OwiVersion::V0_5_6), ["id"]);
        assert_eq!(names(OwiVersion::V0_6_43), ["id", "exp", "jti"]);
        let new = "id typ auth_method auth_time session_stamp mfa_verified exp jti iat";
        assert_eq!(names(OwiVersion::V0_12_4).join(" "), new);
    }
}
