//! Pseudonyms: a user has the same one in every bundle that is made with the same key. Without the key it does not tell
//! the user, not even by trying all e-mails there are.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::Sha256;

use crate::email;
use crate::files;
use crate::files::private::create_private;
use crate::secret::Secret;

/// How many bytes of the key are random.
const KEY_BYTES: usize = 32;

/// The pseudonym of a user or an organization: `user-3f9a1c2b`, `org-71c0ffee`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Pseudonym(String);

impl Pseudonym {
    /// The pseudonym as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The operator's key: 64 hexadecimal digits in a file of their own.
#[derive(Debug)]
pub(crate) struct Key(Secret);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// The file cannot be read or written.
    #[error("the key {path}: {error}")]
    Io {
        /// The path of the file.
        path: String,
        error: io::Error,
    },
    /// The file holds something else than a key.
    #[error("{0} is not a key file: it does not contain 64 hexadecimal digits\n  pass another file with --key")]
    NotAKey(String),
}

impl Key {
    /// The key of this file; `None` where there is no such file.
    ///
    /// # Errors
    /// If it cannot be read, or holds something else than a key.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        let shown = || path.display().to_string();
        match files::read_up_to(path, 4096) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) if is_key(text.trim_ascii_end()) => Ok(Some(Self(Secret::new(text.trim_ascii_end())))),
                _ => Err(KeyError::NotAKey(shown())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyError::Io { path: shown(), error }),
        }
    }

    /// A new key, in a new file that only its owner can read. A file that is there is never written.
    ///
    /// # Errors
    /// Where the file cannot be made, or the system has no random numbers.
    pub(crate) fn make(path: &Path) -> Result<Self, KeyError> {
        let make = || {
            let mut bytes = [0; KEY_BYTES];
            getrandom::fill(&mut bytes).map_err(io::Error::other)?;
            let key = Secret::new(hexadecimal(&bytes));
            let mut file = create_private(path)?;
            file.write_all(format!("{}\n", key.expose()).as_bytes())?;
            file.sync_all()?;
            Ok(Self(key))
        };
        make().map_err(|error| KeyError::Io { path: path.display().to_string(), error })
    }

    /// The pseudonym of the user with this e-mail, in any spelling.
    pub(crate) fn user(&self, email: &str) -> Pseudonym {
        self.pseudonym("user", &email::key(email))
    }

    /// The pseudonym of the organization with this slug.
    pub(crate) fn organization(&self, slug: &str) -> Pseudonym {
        self.pseudonym("org", slug)
    }

    fn pseudonym(&self, kind: &'static str, of: &str) -> Pseudonym {
        // HMAC takes keys of any length.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()) else {
            return Pseudonym(kind.to_owned());
        };
        let digest = mac.chain_update(kind).chain_update([0]).chain_update(of).finalize().into_bytes();
        Pseudonym(format!("{kind}-{}", hexadecimal(&digest[..4])))
    }
}

fn is_key(text: &str) -> bool {
    text.len() == 2 * KEY_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use proptest::prelude::*;

    use super::*;

    fn key(digit: &str) -> Key {
        Key(Secret::new(digit.repeat(2 * KEY_BYTES)))
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(Key::load(&path).unwrap().is_none());
        let made = Key::make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(Key::make(&path).is_err());
        assert_eq!(Key::load(&path).unwrap().unwrap().user("a@b"), made.user("a@b"));
        let other = Key::make(&folder.path().join("other")).unwrap();
        assert_ne!(other.user("a@b"), made.user("a@b"));
        assert!(!format!("{made:?}").contains(made.0.expose()));
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for text in ["", "\n", "3f9a", &"g".repeat(64), &"a".repeat(65), &"a".repeat(9000)] {
            std::fs::write(&path, text).unwrap();
            assert!(Key::load(&path).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn the_names_of_a_key_stay_the_same_for_ever() {
        assert_eq!(key("0").user("ada@uni.example").as_str(), "user-dc253fb5");
    }

    proptest! {
        #[test]
        fn a_name_is_of_an_address_and_of_a_key(a in "[ aA@.é]{1,8}", b in "[ aA@.é]{1,8}") {
            let (one, two) = (key("0"), key("1"));
            prop_assert_eq!(one.user(&a) == one.user(&b), email::same_address(&a, &b));
            prop_assert_ne!(one.user(&a), two.user(&a));
            prop_assert_ne!(one.user(&a).0, one.organization(&a).0.replace("org", "user"));
        }

        #[test]
        fn a_name_has_nothing_of_the_address_in_it(email in "\\PC{0,40}") {
            let name = key("0").user(&email);
            let digits = name.as_str().strip_prefix("user-").unwrap();
            prop_assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}
