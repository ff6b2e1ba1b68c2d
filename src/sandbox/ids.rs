//! Ids that look random and are the same in every sandbox, so that output can be compared.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// A version 4 UUID made from `seed`.
pub(super) fn uuid(seed: &str) -> String {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(Sha256::digest(seed)) {
        *to = from;
    }
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let mut id = String::with_capacity(36);
    for (i, digit) in hex.chars().enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        id.push(digit);
    }
    id
}

/// An API key as Open WebUI writes it: `sk-` and 32 digits.
pub(super) fn api_key(seed: &str) -> String {
    Sha256::digest(seed).iter().take(16).fold("sk-".to_owned(), |mut key, byte| {
        // Writing to a String cannot fail.
        let _ = write!(key, "{byte:02x}");
        key
    })
}

/// The id of the OWI user with this e-mail; `copy` tells duplicates apart.
pub(super) fn owi_user(email: &str, copy: u8) -> String {
    uuid(&format!("user {email} {copy}"))
}

/// The `session_stamp` of the OWI user with this id.
pub(super) fn stamp(user_id: &str) -> String {
    uuid(&format!("stamp {user_id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_their_shape_and_stay_the_same() {
        let id = uuid("x");
        assert_eq!(id, uuid("x"));
        assert_ne!(id, uuid("y"));
        assert_eq!((id.len(), &id[14..15], &id[8..9]), (36, "4", "-"));
        assert!("89ab".contains(&id[19..20]));
        assert_eq!(api_key("x").len(), 35);
    }
}
