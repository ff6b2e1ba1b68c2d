//! What is known of a person besides the address: the name, folded so that two systems can agree about it, and when the
//! account was made.

use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use serde::{Deserialize, Serialize};

/// The longest name that is folded, in bytes: users choose their names.
const LONGEST: usize = 1024;

/// One seed for the whole process, which no user can guess.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The signs of a person besides the address. Small: there may be a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSigns {
    /// A hash of the folded name; 0 where the name says nothing. It holds within this process only.
    pub name: u64,
    /// When the account was made, in unix seconds; 0 where that is not known.
    pub created_at: u32,
}

impl PersonSigns {
    /// The signs of an account with this name, address and time.
    pub fn of(name: &str, email: &str, created_at: Option<i64>) -> Self {
        let name = folded(name, email).map_or(0, |name| SEED.hash_one(name.as_bytes()).max(1));
        Self { name, created_at: created_at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0) }
    }
}

/// A name without case, accents and punctuation. `None` where it says nothing of a person: it has no letter, or it is
/// the address or the part of it before the `@`.
fn folded(name: &str, email: &str) -> Option<String> {
    let name = name.trim();
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local).trim();
    let is_local = || match name.is_ascii() && local.is_ascii() {
        true => name.eq_ignore_ascii_case(local),
        false => name.chars().flat_map(char::to_lowercase).eq(local.chars().flat_map(char::to_lowercase)),
    };
    if name.len() > LONGEST || name.contains('@') || is_local() {
        return None;
    }
    let mut folded = String::with_capacity(name.len());
    let mut add = |c: char| match c {
        c if c.is_alphanumeric() => folded.push(c),
        _ if !folded.ends_with(' ') => folded.push(' '),
        _ => {}
    };
    if name.is_ascii() {
        name.chars().for_each(|c| add(c.to_ascii_lowercase()));
    } else {
        let mut bare = String::with_capacity(name.len());
        let category = CodePointMapData::<GeneralCategory>::new();
        let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(name);
        for c in decomposed.chars().filter(|c| category.get(*c) != GeneralCategory::NonspacingMark) {
            // Writing to a text cannot fail.
            let _ = write!(bare, "{}", c.to_lowercase());
        }
        bare.chars().for_each(&mut add);
    }
    let folded = folded.trim();
    folded.contains(char::is_alphabetic).then(|| folded.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_without_case_accents_and_punctuation() {
        for name in ["José O'Neil-Núñez", " JOSE\u{301} O’NEIL NÚÑEZ ", "jose o.neil  nunez", "José O'Neil-Núñez\u{ad}"]
        {
            assert_eq!(folded(name, "j@x").as_deref(), Some("jose o neil nunez"), "{name:?}");
        }
        assert_eq!(folded("Łódź", "l@x").as_deref(), Some("łodz"));
    }

    #[test]
    fn a_name_that_only_repeats_the_address_says_nothing() {
        for name in ["", "  ", "12345", "-", "Anna", " anna ", "anna@x.org", "other@x.org"] {
            assert_eq!(folded(name, "anna@x.org"), None, "{name:?}");
        }
        assert_eq!(folded("Anna Rossi", "anna.rossi@x").as_deref(), Some("anna rossi"));
        assert_eq!(folded(&"a".repeat(2000), "b@x"), None);
        assert_eq!(PersonSigns::of("1", "a@x", Some(-1)), PersonSigns::default());
    }
}
