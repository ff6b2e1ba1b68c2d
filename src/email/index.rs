//! A table from addresses to numbers: which of a million people has this e-mail, in whatever spelling.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::email::{key, same_address};

/// Numbers by address. The addresses themselves stay where they are, in the caller's list: for each number that was
/// stored, `at` gives its address back. Two spellings that [`same_address`] calls the same are one address.
#[derive(Debug, Default)]
pub struct AddressIndex {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl AddressIndex {
    /// A table with room for `n` addresses.
    pub fn with_capacity(n: usize) -> Self {
        Self { table: HashTable::with_capacity(n), hasher: DefaultHashBuilder::default() }
    }

    /// The number that was first stored for this address, in any spelling.
    pub fn find<'a>(&self, address: &str, at: impl Fn(u32) -> &'a str) -> Option<u32> {
        let hash = hash(&self.hasher, address);
        self.table.find(hash, |&number| same_address(at(number), address)).copied()
    }

    /// Stores `number` for `address`, where there is none yet: `None`. Else nothing changes, and the number that is
    /// there comes back.
    pub fn insert<'a>(&mut self, number: u32, address: &str, at: impl Fn(u32) -> &'a str) -> Option<u32> {
        let hasher = &self.hasher;
        let same = |&stored: &u32| same_address(at(stored), address);
        match self.table.entry(hash(hasher, address), same, |&stored| hash(hasher, at(stored))) {
            Entry::Occupied(there) => Some(*there.get()),
            Entry::Vacant(place) => {
                place.insert(number);
                None
            }
        }
    }

    /// How many addresses there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

/// The hash of what all spellings of an address share.
fn hash(hasher: &DefaultHashBuilder, address: &str) -> u64 {
    hasher.hash_one(key(address).as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::email::Email;

    fn index_of(addresses: &[String]) -> AddressIndex {
        let mut index = AddressIndex::default();
        for (number, address) in addresses.iter().enumerate() {
            index.insert(u32::try_from(number).unwrap(), address, |n| &addresses[n as usize]);
        }
        index
    }

    #[test]
    fn the_first_of_an_address_stays() {
        let stored = ["a@x", " A@X ", "b@x"];
        let mut index = AddressIndex::with_capacity(3);
        let at = |n: u32| stored[n as usize];
        assert!(index.is_empty());
        assert_eq!(index.insert(0, stored[0], at), None);
        assert_eq!(index.insert(1, stored[1], at), Some(0));
        assert_eq!(index.insert(2, stored[2], at), None);
        assert_eq!(index.len(), 2);
        assert_eq!(index.find("\u{a0}A@x", at), Some(0));
        assert_eq!(index.find("B@X", at), Some(2));
        assert_eq!(index.find("c@x", at), None);
    }

    #[test]
    fn long_addresses_and_those_whose_lower_case_is_ascii_are_found() {
        let long = format!("{}@x", "A".repeat(200));
        let stored = [long.clone(), "\u{212a}@x".to_owned(), "É@x".to_owned()];
        let index = index_of(&stored);
        let find = |address: &str| index.find(address, |n| &stored[n as usize]);
        assert_eq!(find(&long.to_lowercase()), Some(0));
        assert_eq!(find("k@x"), Some(1));
        assert_eq!(find("é@X"), Some(2));
    }

    proptest! {
        #[test]
        fn finds_what_same_address_finds(
            stored in proptest::collection::vec("[ \u{a0}aAkK\u{212a}éÉİßΣσς@]{0,3}", 0..60),
            wanted in "[ \u{a0}aAkK\u{212a}éÉİßΣσς@]{0,3}",
        ) {
            let index = index_of(&stored);
            let email = Email::stored(wanted.as_str());
            let first = stored.iter().position(|address| email.same_address(address));
            let found = index.find(&wanted, |n| &stored[n as usize]);
            prop_assert_eq!(found.map(|n| n as usize), first);
        }

        #[test]
        fn finds_every_address_that_was_stored(stored in proptest::collection::vec("\\PC{0,12}", 0..20)) {
            let index = index_of(&stored);
            for address in &stored {
                let email = Email::stored(address.as_str());
                let first = stored.iter().position(|other| email.same_address(other));
                prop_assert_eq!(index.find(address, |n| &stored[n as usize]).map(|n| n as usize), first);
            }
        }
    }
}
