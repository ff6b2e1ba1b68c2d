//! E-mail addresses as two systems that disagree about them store them.

pub mod index;
pub mod name;
pub mod near;
pub mod pattern;
pub(crate) mod skeleton;

use crate::exit::{Exit, ExitStatus};
use std::borrow::Cow;
use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest e-mail that is taken, in bytes. RFC 5321 allows 254; the rest is room for a database that lies.
pub const MAX_BYTES: usize = 1024;

/// An e-mail, byte for byte as it was given or stored: LAMB looks creators up by exact text, so blanks and
/// upper case are kept. [`Email::key`] is what two spellings of one address have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
pub struct Email(String);

/// Why a text cannot be an e-mail here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing, or nothing that can be seen.
    #[error("the e-mail is empty")]
    Empty,
    /// Longer than [`MAX_BYTES`].
    #[error("the e-mail is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A tab, line break, NUL or escape inside it.
    #[error("the e-mail contains a control character")]
    Control,
}

/// The most characters of an address: 64 before the @ and 255 after it (RFC 5321).
const LONGEST: usize = 320;

/// Why no new account should have an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A reader takes it for another address.
    #[error("it contains a character that a reader does not see (U+{:04X})", u32::from(*.0))]
    Invisible(char),
    /// Longer than any address that mail can be sent to.
    #[error("it is longer than {LONGEST} characters")]
    TooLong,
    /// Not exactly one `@`.
    #[error("it does not contain exactly one @")]
    NotOneAt,
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
        if text.len() > MAX_BYTES {
            Err(EmailError::TooLong)
        } else if key(text).is_empty() {
            Err(EmailError::Empty)
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

    /// What all spellings of one address share: the address as it looks, in lower case.
    pub fn key(&self) -> String {
        key(&self.0).into_owned()
    }

    /// True where `stored` is this address in this or any other spelling.
    pub fn same_address(&self, stored: &str) -> bool {
        same_address(&self.0, stored)
    }

    /// What a delegated LAMB makes of this e-mail when a user types it at the login: without blanks around it, with the
    /// domain in lower case and accents composed (measured).
    pub fn as_delegated_login(&self) -> String {
        if is_own_key(&self.0) {
            return self.0.clone();
        }
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(self.0.trim());
        match composed.rsplit_once('@') {
            Some((local, domain)) => [local, "@", &domain.to_lowercase()].concat(),
            None => composed.into_owned(),
        }
    }

    /// The spelling in which Open WebUI stores a new account: in lower case, without blanks around it.
    pub fn canonical(&self) -> String {
        self.0.trim().to_lowercase()
    }

    /// True where the spelling is its own [`canonical`](Self::canonical) one, the only one that Open WebUI's sign-in
    /// finds.
    pub fn is_canonical(&self) -> bool {
        is_own_key(&self.0) || self.canonical() == self.0
    }
}

/// True for a domain that the e-mail check of a delegated LAMB refuses as reserved (measured). The sandbox's own users are
/// excepted: nothing real has their domain. `domain` is in lower case.
pub fn is_reserved(domain: &str) -> bool {
    const RESERVED: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];
    let is_sandbox = domain == "sandbox.test" || domain.ends_with(".sandbox.test");
    RESERVED.contains(&domain.rsplit('.').next().unwrap_or_default()) && !is_sandbox
}

/// True where `a` and `b` are two spellings of one address: they look the same, but for upper case.
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

/// The bytes of an address that is its own key: what a reader sees, and no upper case. A table, because each byte of all
/// addresses is looked up several times. A look-up takes a third of the time of two comparisons.
const OF_A_KEY: [bool; 256] = {
    let mut is_of_a_key = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        is_of_a_key[byte as usize] = !byte.is_ascii_uppercase();
        byte += 1;
    }
    is_of_a_key
};

/// True for an address in ASCII, lower case and without blanks. Nearly every address is, and an audit asks several things
/// of each.
fn is_own_key(address: &str) -> bool {
    address.bytes().all(|byte| OF_A_KEY[usize::from(byte)])
}

/// What all spellings of one address share, see [`Email::key`]; without an allocation where this is its own key.
///
/// Besides upper case and blanks around it, nothing counts that a reader does not see: characters without width, control
/// characters, how an accent is composed, and full-width letters.
pub fn key(address: &str) -> Cow<'_, str> {
    if is_own_key(address) {
        return Cow::Borrowed(address);
    }
    let trimmed = address.trim();
    if !trimmed.is_ascii() || trimmed.bytes().any(|byte| byte.is_ascii_control()) {
        Cow::Owned(look(address))
    } else if trimmed.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(trimmed.to_ascii_lowercase())
    } else {
        Cow::Borrowed(trimmed)
    }
}

/// How an address looks, in lower case.
fn look(address: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc();
    // Most programs show a text up to its first NUL.
    let shown = address.split('\0').map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    let visible: String = shown.chars().filter(|c| !is_invisible(*c)).collect();
    let lower = composed.normalize(&visible).to_lowercase();
    composed.normalize(&lower).trim().to_owned()
}

/// Why no new account should have this address; `None` where nothing speaks against it.
pub fn unfit(address: &str) -> Option<Unfit> {
    if address.len() > LONGEST && address.chars().count() > LONGEST {
        return Some(Unfit::TooLong);
    }
    let outer = |c: char| c.is_whitespace() && (address.starts_with(c) || address.ends_with(c));
    let unseen = |c: &char| is_unseen(*c) || outer(*c);
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic());
    match address.chars().filter(|_| !is_plain).find(unseen) {
        Some(c) => Some(Unfit::Invisible(c)),
        None => (address.bytes().filter(|byte| *byte == b'@').count() != 1).then_some(Unfit::NotOneAt),
    }
}

/// Why a delegated LAMB's login does not accept this e-mail as an address; `None` where it does. Measured.
pub(crate) fn unfit_for_login(text: &str) -> Option<&'static str> {
    let Some((local, domain)) = text.trim().split_once('@') else { return Some("it has no @") };
    let domain = domain.to_lowercase();
    let labels: Vec<&str> = domain.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_word = |c: char| c.is_ascii_alphanumeric() || (!c.is_ascii() && !is_unseen(c));
    let is_label = |label: &&str| {
        let is_sound = label.chars().all(|c| is_word(c) || c == '-');
        is_sound && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    if local.is_empty() || local.split('.').any(str::is_empty) {
        Some("a part before the @ is empty")
    } else if !local.chars().all(|c| is_word(c) || ".!#$%&'*+-/=?^_`{|}~".contains(c)) {
        Some("the part before the @ has a character that is not allowed there")
    } else if !labels.iter().all(is_label) || labels.len() < 2 || last.ends_with(|c: char| c.is_ascii_digit()) {
        Some("the part after the @ is not a domain name")
    } else if is_reserved(&domain) {
        Some("the part after the @ is a reserved name")
    } else {
        None
    }
}

/// True for a character that a reader does not see, or sees as a plain blank.
pub fn is_unseen(c: char) -> bool {
    is_invisible(c) || (c.is_whitespace() && c != ' ')
}

/// True for a control character, and for one that has no width.
fn is_invisible(c: char) -> bool {
    c.is_control() || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
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
        assert_eq!(Email::parse("\u{200b}"), Err(EmailError::Empty));
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

    #[test]
    fn addresses_that_look_the_same_are_one_address() {
        let same = [
            "zoë@x.org",
            "zoe\u{308}@x.org",
            "zo\u{200d}ë@x.org",
            "\u{feff}zoë@x.org",
            "zoë@x.org\0",
            "zoë@x.org\0y",
            "\0zoë@x.org",
            "zoë@x.org\u{a0}",
            "\u{3000}zoë@x.org\t",
            "zo\u{ad}ë@\u{2060}x.org",
            "\u{202a}zoë@x.org\u{202c}",
            "ｚｏë＠ｘ．ｏｒｇ",
            "Zo\u{cb}@X.org\r\n",
        ];
        for spelling in same {
            assert_eq!(key(spelling), "zoë@x.org", "{spelling:?}");
            assert!(same_address(spelling, same[0]) && same_address(same[0], spelling), "{spelling:?}");
        }
        // What a reader can tell apart is not the same.
        for other in ["zoe@x.org", "zοë@x.org", "zoë@x.org.", "z oë@x.org"] {
            assert!(!same_address(other, same[0]), "{other:?}");
        }
    }

    #[test]
    fn a_new_account_has_an_address_that_a_reader_sees() {
        let unfit = |address: &str| super::unfit(address);
        for address in ["a@x", "zoë@x.org", "a b@x", "'\"(@x"] {
            assert_eq!(unfit(address), None, "{address:?}");
        }
        for (address, c) in [
            ("a\u{200b}@x", '\u{200b}'),
            ("a@x\t", '\t'),
            ("a\0@x", '\0'),
            ("a\u{a0}b@x", '\u{a0}'),
            ("a@x ", ' '),
            ("\u{202e}a@x", '\u{202e}'),
        ] {
            assert_eq!(unfit(address), Some(Unfit::Invisible(c)), "{address:?}");
        }
        for address in ["", "a", "a@b@x"] {
            assert_eq!(unfit(address), Some(Unfit::NotOneAt), "{address:?}");
        }
        let of = |letters: usize| format!("{}@x", "é".repeat(letters));
        assert_eq!((unfit(&of(318)), unfit(&of(319))), (None, Some(Unfit::TooLong)));
    }

    proptest! {
        #[test]
        fn a_key_is_trimmed_and_lower_case(text in "[ aA\u{a0}éÉ@]{0,6}") {
            prop_assert_eq!(key(&text), text.replace('\u{a0}', " ").trim().to_lowercase());
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
