//! Whether a password fits a stored hash, and if not, which near spelling of it does. Offline: nothing is sent.

use std::time::{Duration, Instant};

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use crate::secret::Secret;
use crate::sqlite::value::PasswordHash;

/// bcrypt reads so many bytes of a password, and no more.
const READ: usize = 72;

/// One check doubles with each step of the cost: 12, which LAMB and Open WebUI use, takes a quarter of a second.
const DEAREST: u32 = 15;

/// How a password fits a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is the password.
    Right,
    /// It is, and only its first 72 bytes count.
    RightButCut,
    /// It is not, and this change of it is.
    Near(&'static str),
    /// Neither it nor what looks like it.
    Wrong,
    /// The hash is none that a password can be checked against.
    NoHash,
    /// One check would take too long.
    TooDear,
}

/// Whether this is the password, byte for byte, as Python's bcrypt says: it reads 72 bytes, and refuses a NUL (measured).
fn is_right(password: &str, hash: &str) -> bool {
    !password.contains('\0') && bcrypt::verify(password, hash).unwrap_or(false)
}

/// What people type in place of their password, with what is wrong with it.
fn spellings(password: &str) -> Vec<(&'static str, Secret)> {
    let swapped = || {
        let swap = |c: char| {
            let other: String = if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() };
            other
        };
        password.chars().map(swap).collect::<String>()
    };
    let all = [
        ("without the blank at its end", password.trim_end().to_owned()),
        ("without the blank at its beginning", password.trim_start().to_owned()),
        ("without the blanks around it", password.trim().to_owned()),
        ("with composed accents (NFC)", ComposingNormalizerBorrowed::new_nfc().normalize(password).into_owned()),
        ("with decomposed accents (NFD)", DecomposingNormalizerBorrowed::new_nfd().normalize(password).into_owned()),
        ("with uppercase and lowercase letters swapped (caps lock)", swapped()),
    ];
    let read = |text: &str| text.as_bytes()[..text.len().min(READ)].to_vec();
    let mut tried = vec![read(password)];
    let mut spellings = Vec::new();
    for (what, text) in all.map(|(what, text)| (what, Secret::new(text))) {
        if !text.is_empty() && !tried.contains(&read(text.expose())) {
            tried.push(read(text.expose()));
            spellings.push((what, text));
        }
    }
    spellings
}

/// How the password fits this hash. `near`: near spellings are tried too. With the time that one check took.
pub(crate) fn fit(password: &Secret, hash: &str, near: bool) -> (Fit, Option<Duration>) {
    if PasswordHash::of(Some(hash)) != PasswordHash::Sound {
        return (Fit::NoHash, None);
    }
    let cost = hash.parse().map_or(DEAREST + 1, |parts: bcrypt::HashParts| parts.get_cost());
    if cost > DEAREST {
        return (Fit::TooDear, None);
    }
    let began = Instant::now();
    let is_password = is_right(password.expose(), hash);
    let took = Some(began.elapsed());
    if is_password {
        return (if password.expose().len() > READ { Fit::RightButCut } else { Fit::Right }, took);
    }
    let spelled = || spellings(password.expose()).into_iter().find(|(_, text)| is_right(text.expose(), hash));
    match near.then(spelled).flatten() {
        Some((what, _)) => (Fit::Near(what), took),
        None => (Fit::Wrong, took),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(stored: &str, typed: &str) -> Fit {
        fit(&Secret::new(typed), &bcrypt::hash(stored, 4).unwrap(), true).0
    }

    /// All measured with both editions, but for the near ones, which LAMB refuses.
    #[test]
    fn a_password_is_checked_as_lamb_does_and_a_near_one_is_named() {
        assert_eq!(fits("Passw0rd!", "Passw0rd!"), Fit::Right);
        assert_eq!(
            fits("Passw0rd!", "pASSW0RD!"),
            Fit::Near("with uppercase and lowercase letters swapped (caps lock)")
        );
        assert_eq!(fits("Passw0rd!", "Passw0rd! "), Fit::Near("without the blank at its end"));
        assert_eq!(fits("Passw0rd!", "\u{a0}Passw0rd!"), Fit::Near("without the blank at its beginning"));
        assert_eq!(fits("Passw0rd!", " Passw0rd!\t"), Fit::Near("without the blanks around it"));
        assert_eq!(fits("jos\u{e9}-pass", "jose\u{301}-pass"), Fit::Near("with composed accents (NFC)"));
        assert_eq!(fits("jose\u{301}-pass", "jos\u{e9}-pass"), Fit::Near("with decomposed accents (NFD)"));
        assert_eq!(fits("Passw0rd!", "Passw0rd"), Fit::Wrong);
        assert_eq!(fits("Passw0rd!", "passw0rd!"), Fit::Wrong);
        assert_eq!(fits("Passw0rd!", "Passw0rd!\0"), Fit::Wrong);
        assert_eq!(fits("Passw0rd!", "Passw0rd!\0x"), Fit::Wrong);
        let long = "x".repeat(72);
        assert_eq!(fits(&long, &long), Fit::Right);
        assert_eq!(fits(&long, &format!("{long}y")), Fit::RightButCut);
        assert_eq!(fits(&format!("{long}y"), &format!("{long}z")), Fit::RightButCut);
        assert_eq!(fits(&long, &long[1..]), Fit::Wrong);
    }

    #[test]
    fn the_three_kinds_of_hash_are_one_and_others_are_none() {
        let sound = bcrypt::hash("x", 4).unwrap();
        let fits = |hash: &str| fit(&Secret::new("x"), hash, true).0;
        for kind in ["$2a$", "$2b$", "$2y$"] {
            assert_eq!(fits(&format!("{kind}{}", &sound[4..])), Fit::Right, "{kind}");
        }
        let argon = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aaaa";
        for none in ["", "x", argon, &sound[..59], &format!("{sound}\n"), &format!("$2x${}", &sound[4..])] {
            assert_eq!(fits(none), Fit::NoHash, "{none:?}");
        }
        assert_eq!(fits(&format!("$2b$31${}", &sound[7..])), Fit::TooDear);
    }
}
