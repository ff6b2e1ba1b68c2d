//! E-mail addresses as two systems that disagree about them store them.

pub mod index;
pub mod pattern;

use crate::exit::{Exit, ExitStatus};
use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// The longest e-mail that is taken, in bytes. RFC 5321 allows 254; the rest is room for a database that lies.
pub const MAX_BYTES: usize = 1024;

/// An e-mail, byte for byte as it was given or stored: LAMB looks creators up by exact text, so blanks and
/// upper case are kept. [`Email::key`] is what two spellings of one address have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text cannot be an e-mail here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing, or blanks only.
    #[error("the e-mail is empty")]
    Empty,
    /// Longer than [`MAX_BYTES`].
    #[error("the e-mail is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A tab, line break, NUL or escape inside it.
    #[error("the e-mail contains a control character")]
    Control,
}

impl ExitStatus for EmailError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Email {
    /// Takes `text` as it is, blanks at its ends included.
    ///
    /// # Errors
    /// [`EmailError`] for a text that is empty, far too long or has control characters. An `@` is not asked
    /// for: Open WebUI 0.12.4 creates accounts without one.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.trim().is_empty() {
            Err(EmailError::Empty)
        } else if text.len() > MAX_BYTES {
            Err(EmailError::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(EmailError::Control)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// An e-mail as a database or server has it, however odd.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What all spellings of one address share: no outer blanks, lower case.
    pub fn key(&self) -> String {
        key(&self.0).into_owned()
    }

    /// True where `stored` is this address in this or any other spelling.
    pub fn same_address(&self, stored: &str) -> bool {
        same_address(&self.0, stored)
    }

    /// True where the spelling is its own [`key`](Self::key): the only one that Open WebUI's sign-in finds.
    pub fn is_canonical(&self) -> bool {
        self.key() == self.0
    }
}

/// True where `a` and `b` are two spellings of one address: the same but for blanks around them and upper case.
pub fn same_address(a: &str, b: &str) -> bool {
    // Nearly always one spelling, and a million times over: the quick answer first.
    if a == b {
        return true;
    }
    key(a) == key(b)
}

/// A text from outside as one line. Line breaks and other control characters are escaped, so that a name cannot add
/// lines to a list of changes.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// What all spellings of one address share, see [`Email::key`]; without an allocation where this is its own key.
pub fn key(address: &str) -> Cow<'_, str> {
    // Looking for blanks by their Unicode property is slow, and nearly no address has any.
    let has_no_blanks =
        |bytes: &[u8]| matches!(bytes, [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic());
    let trimmed = if has_no_blanks(address.as_bytes()) { address } else { address.trim() };
    if !trimmed.is_ascii() {
        Cow::Owned(trimmed.to_lowercase())
    } else if trimmed.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(trimmed.to_ascii_lowercase())
    } else {
        Cow::Borrowed(trimmed)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_no_store_can_hold() {
        assert_eq!(Email::parse(""), Err(EmailError::Empty));
        assert_eq!(Email::parse(" \u{a0}"), Err(EmailError::Empty));
        assert_eq!(Email::parse("a\n@b"), Err(EmailError::Control));
        assert_eq!(Email::parse(&"x".repeat(MAX_BYTES + 1)), Err(EmailError::TooLong));
    }

    #[test]
    fn a_line_break_in_an_email_is_escaped() {
        assert_eq!(one_line("a\n2026  disable b\u{1b}[2J"), "a\\n2026  disable b\\u{1b}[2J");
        assert_eq!(one_line("Zoë"), "Zoë");
    }

    #[test]
    fn keeps_the_spelling() {
        let email = Email::parse(" O'Neil@Uni.Example ").unwrap();
        assert_eq!(email.as_str(), " O'Neil@Uni.Example ");
        assert_eq!(email.key(), "o'neil@uni.example");
        assert!(!email.is_canonical());
        assert!(email.same_address("o'neil@UNI.example"));
    }

    proptest! {
        #[test]
        fn a_key_is_trimmed_and_lower_case(text in "[ aA\u{a0}éÉ@\t]{0,6}") {
            prop_assert_eq!(key(&text), text.trim().to_lowercase());
        }

        #[test]
        fn key_is_a_fixed_point(text in "\\PC{1,40}") {
            if let Ok(email) = Email::parse(&text) {
                let key = Email::stored(email.key());
                prop_assert_eq!(key.key(), email.key());
            }
        }

        #[test]
        fn same_address_is_equal_keys(a in "[ aAbBéÉ@.]{1,6}", b in "[ aAbBéÉ@.]{1,6}") {
            let (a, b) = (Email::stored(a), Email::stored(b));
            prop_assert_eq!(a.same_address(b.as_str()), a.key() == b.key());
            prop_assert_eq!(a.same_address(b.as_str()), b.same_address(a.as_str()));
        }
    }
}
