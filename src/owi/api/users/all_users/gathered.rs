//! The users that were seen so far, each once.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use super::AllUsers;
use super::Row;
use crate::owi::api::answers::Account;
use crate::owi::file::people::{OwiPerson, Standing, account_number};

/// The users that were seen.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    people: Vec<OwiPerson>,
    /// Hashes of the ids, which take a quarter of their space. Among four million, two are the same by chance once in
    /// 10²⁵, and no server can choose ids that collide without knowing the keys.
    seen: HashSet<u128>,
    keys: [RandomState; 2],
    roles: HashSet<Arc<str>>,
}

impl Gathered {
    /// Adds the user of a row; true if the user was not seen before.
    pub(super) fn add(&mut self, row: Row) -> bool {
        let Some(key) = row.id().map(|id| self.key(id)) else { return false };
        let new = self.seen.insert(key);
        if let (true, Row::User(account)) = (new, row) {
            let person = self.person(&account);
            self.people.push(person);
        }
        new
    }

    /// The hash that stands for an id.
    pub(super) fn key(&self, id: &str) -> u128 {
        let [high, low] = [0, 1].map(|at: usize| u128::from(self.keys[at].hash_one(id)));
        high << 64 | low
    }

    fn person(&mut self, account: &Account) -> OwiPerson {
        let role = self.roles.get(account.role.as_str()).cloned().unwrap_or_else(|| {
            let role: Arc<str> = account.role.as_str().into();
            self.roles.insert(Arc::clone(&role));
            role
        });
        OwiPerson {
            account: account_number(account.id.as_bytes()),
            email: account.email.as_str().into(),
            name: account.name.as_str().into(),
            role,
            created_at: None,
            standing: Standing::Unknown,
            hash: None,
        }
    }

    /// Users with an e-mail.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// Users with and without an e-mail.
    pub(super) fn ids(&self) -> usize {
        self.seen.len()
    }

    /// Users without an e-mail.
    pub(super) fn without_email(&self) -> usize {
        self.seen.len() - self.people.len()
    }

    pub(super) fn finish(self, unreadable_rows: usize) -> AllUsers {
        AllUsers { people: self.people, unreadable_rows }
    }
}
