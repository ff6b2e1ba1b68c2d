//! Tokens, keys, passwords and hashes: text that must never be shown.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A secret text. `Debug` and `Display` print a mask, and the memory is wiped when it is dropped.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

pub use crate::shown::MASK;

/// With this variable set, a crash leaves a core dump, with all secrets of the run in it.
const CORE_DUMPS: &str = "LAMB_AUTH_CORE_DUMPS";

/// Keeps a crash from leaving a core dump: it would hold every secret of the run. Called once, before the first is read.
/// A program that this one starts can be dumped, if it raises the limit again.
pub fn keep_out_of_core_dumps() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
    if std::env::var_os(CORE_DUMPS).is_some() {
        return;
    }
    // The limit is not heeded where dumps go to a program, and the other is not heeded by every debugger.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..getrlimit(Resource::Core) });
}

impl Secret {
    /// Takes the text as it is: blanks at its ends may be part of a password.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for the one place that must use it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Keeps the text out of everything that this run shows. For tokens, passwords and keys that are used: a server could
    /// answer with them.
    #[must_use]
    pub fn hidden(self) -> Self {
        crate::shown::hide(self.expose());
        self
    }

    /// True for the empty text, which LAMB and Open WebUI treat as "not set".
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// A mask that tells how long the secret is, and nothing else.
    pub fn masked(&self) -> String {
        match self.expose().chars().count() {
            0 => "(empty)".to_owned(),
            1 => format!("{MASK} (1 character)"),
            n => format!("{MASK} ({n} characters)"),
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_display_of_a_secret_are_masked() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {}", secret.masked()), "**** Secret(****) **** (7 characters)");
        assert_eq!(Secret::new("x").masked(), "**** (1 character)");
        assert_eq!(Secret::default().masked(), "(empty)");
    }
}
