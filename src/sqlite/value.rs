//! Values as both databases store them, however odd.

use std::borrow::Cow;

use rusqlite::types::{Value, ValueRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What can be said of a stored password hash without the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PasswordHash {
    /// NULL.
    Missing,
    /// bcrypt.
    Sound,
    /// The empty text: a native LAMB turns to Open WebUI's password, as it does for NULL.
    Empty,
    /// Anything else: no password will ever fit.
    Unsound,
}

impl PasswordHash {
    /// Judges a stored hash.
    pub fn of(stored: Option<&str>) -> Self {
        match stored {
            None => Self::Missing,
            Some("") => Self::Empty,
            Some(text) if is_bcrypt(text) => Self::Sound,
            Some(_) => Self::Unsound,
        }
    }
}

/// True for what both servers' bcrypt can check a password against: `$2x$` and costs out of range are refused (measured).
fn is_bcrypt(text: &str) -> bool {
    let known = ["$2a$", "$2b$", "$2y$"].iter().any(|version| text.starts_with(version));
    let in_range = |parts: bcrypt::HashParts| (4..=31).contains(&parts.get_cost());
    known && text.len() == 60 && text.parse().is_ok_and(in_range)
}

/// Any stored value as text; NULL is nothing.
pub(crate) fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        other => text_of((&other).into()).map(Cow::into_owned),
    }
}

/// As [`text`], where it stands: a copy only of what is no text.
pub(crate) fn text_of(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(n) => Some(n.to_string().into()),
        ValueRef::Real(x) => Some(x.to_string().into()),
        // Nearly all text is UTF-8, which this is quicker to see.
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
        }
    }
}

/// Any stored value as a whole number, where it is one.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    integer_of(value.into())
}

/// As [`integer`], where it stands.
pub(crate) fn integer_of(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(n) => Some(n),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_sound_hash() {
        let sound = bcrypt::hash("x", 4).unwrap();
        assert_eq!(PasswordHash::of(Some(&sound)), PasswordHash::Sound);
        assert_eq!(PasswordHash::of(Some(&sound[..59])), PasswordHash::Unsound);
        assert_eq!(PasswordHash::of(Some("plain")), PasswordHash::Unsound);
        assert_eq!(PasswordHash::of(Some("")), PasswordHash::Empty);
        for (version, works) in
            [("$2a$04", true), ("$2y$04", true), ("$2x$04", false), ("$2b$99", false), ("$2b$03", false)]
        {
            let hash = format!("{version}{}", &sound[6..]);
            assert_eq!(PasswordHash::of(Some(&hash)) == PasswordHash::Sound, works, "{version}");
        }
        assert_eq!(PasswordHash::of(None), PasswordHash::Missing);
    }
}
