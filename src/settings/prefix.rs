//! The prefix of LAMB's tables.

use std::fmt;

use serde::Serialize;

/// A table prefix that is safe to put into SQL: ASCII letters, digits and underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Prefix(String);

impl Prefix {
    /// `None` where the text is not a prefix. The empty text is one.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            .then(|| Self(text.to_owned()))
    }

    /// The quoted name of one of LAMB's tables.
    pub fn table(&self, name: &'static str) -> String {
        format!("\"{}{name}\"", self.0)
    }

    /// True where SQLite takes both for the same.
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// The prefix itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("(empty)") } else { f.write_str(&self.0) }
    }
}
