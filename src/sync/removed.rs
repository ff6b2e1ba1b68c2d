//! Users without a creator that the memory of `sync` knows as creators: they were removed in LAMB.

use std::collections::HashMap;

use super::memory::{Memory, Remembered};
use crate::clock;
use crate::email::index::AddressIndex;
use crate::lamb::db::LambDb;

/// When a creator that was removed in LAMB was last seen, in words. `last`: unix seconds.
pub(crate) fn in_words(last: i64) -> String {
    format!("sync saw it as a creator until {}: removed in LAMB", clock::rfc3339(last))
}

/// When each of these users was last seen as a creator, in unix seconds. `asked`: the e-mail, and the number of the
/// account; 0 for none.
///
/// The memory is of the user who runs `sync`: where another user may not read it, it says nothing.
pub(crate) fn last_seen(lamb: &LambDb, asked: &[(&str, u128)]) -> Vec<Option<i64>> {
    let mut seen = vec![None; asked.len()];
    if asked.is_empty() {
        return seen;
    }
    let email = |n: u32| asked.get(n as usize).map_or("", |(email, _)| *email);
    let mut emails = AddressIndex::with_capacity(asked.len());
    for (number, (address, _)) in (0..).zip(asked) {
        emails.insert(number, address, email);
    }
    let accounts: HashMap<u128, u32> = (0..).zip(asked).map(|(number, (_, account))| (*account, number)).collect();
    let mut visit = |person: Remembered| {
        let by_account = accounts.get(&person.account).filter(|_| person.account != 0).copied();
        for number in emails.find(&person.email, email).into_iter().chain(by_account) {
            // With another e-mail under its id, it was renamed in LAMB.
            let is_there = person.id.is_some_and(|id| matches!(lamb.raw_columns(id), Ok(Some(_))));
            if let Some(last) = seen.get_mut(number as usize).filter(|_| !is_there) {
                *last = (*last).max(Some(person.last));
            }
        }
    };
    let _ = Memory::of(lamb, lamb.lock_timeout()).read(&mut visit);
    seen
}
