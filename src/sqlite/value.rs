//! Values as both databases store them, however odd.

use std::borrow::Cow;

use rusqlite::types::{Value, ValueRef};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

/// What can be said of a stored password hash without the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordHash {
    /// NULL.
    Missing,
    /// bcrypt.
    Sound,
    /// Anything else, the empty text too: no password will ever fit.
    Unsound,
}

impl PasswordHash {
    /// Judges a stored hash.
    pub fn of(stored: Option<&str>) -> Self {
        match stored {
            None => Self::Missing,
            Some(text) if text.len() == 60 && text.parse::<bcrypt::HashParts>().is_ok() => Self::Sound,
            Some(_) => Self::Unsound,
        }
    }
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
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes)),
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

/// True for NULL, the empty text and JSON: what LAMB's reader accepts.
pub(crate) fn json_or_nothing(stored: Option<&str>) -> bool {
    stored.is_none_or(|text| text.is_empty() || is_json(text))
}

/// True for what both servers, which are Python, take for JSON.
pub(crate) fn is_json(text: &str) -> bool {
    parse_as_python::<IgnoredAny>(text).is_some()
}

/// JSON as both servers read it. Python takes NaN, Infinity and halves of surrogate pairs, which JSON does not have
/// and serde_json refuses; they are replaced, so that only the shape of what comes out can be relied on. Numbers of any
/// size and any depth are Python's too: what is not looked into should be [`IgnoredAny`], which serde_json skips as it is.
pub(crate) fn parse_as_python<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok().or_else(|| {
        let mut tame = text.replace("-Infinity", "0").replace("Infinity", "0").replace("NaN", "0");
        for half in ["\\ud", "\\uD"] {
            while let Some(at) = tame.find(half) {
                // `\udXXX` becomes `\u0XXX`.
                tame.replace_range(at + 2..at + 3, "0");
            }
        }
        serde_json::from_str(&tame).ok()
    })
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
        assert_eq!(PasswordHash::of(Some("")), PasswordHash::Unsound);
        assert_eq!(PasswordHash::of(None), PasswordHash::Missing);
    }

    #[test]
    fn accepts_the_json_that_python_accepts() {
        for text in [r#"{"a": NaN, "b": [-Infinity]}"#, r#"{"a": "\ud83d"}"#, r#"{"a": 1e999, "a": 2}"#, "{}", "null"] {
            assert!(is_json(text), "{text}");
        }
        assert!(is_json(&("[".repeat(500) + &"]".repeat(500))));
        for text in ["{not json", "", "{'a': 1}", "\u{feff}{}", r#"{"a": nan}"#, r#"{"a": 01}"#, "{\"a\": \"\n\"}"] {
            assert!(!is_json(text), "{text}");
        }
    }
}
