//! Who was seen so far, each once.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use serde_json::Value;

use super::Listing;
use crate::owi::api::client::Account;
use crate::owi::file::people::{Person, Standing};

/// A row of a page.
#[derive(Debug)]
pub(super) enum Row {
    /// A user.
    User(Account),
    /// One without an e-mail, of whom nothing more can be made.
    NoEmail(String),
    /// Nothing that could be told from others: no id, or a row that the server could not show.
    Nobody,
}

impl Row {
    fn from_json(value: &Value) -> Self {
        let id = || value.get("id").and_then(Value::as_str).map(ToOwned::to_owned);
        Account::from_json(value).map_or_else(|| id().map_or(Self::Nobody, Self::NoEmail), Self::User)
    }

    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::User(account) => Some(&account.id),
            Self::NoEmail(id) => Some(id),
            Self::Nobody => None,
        }
    }
}

/// The rows of a page.
pub(super) fn rows(users: &[Value]) -> Vec<Row> {
    users.iter().map(Row::from_json).collect()
}

/// Users seen.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    people: Vec<Person>,
    /// In the place of ids, which are four times as long: among four million, two are the same by chance once in
    /// 10²⁵, and nobody can choose them without the keys.
    seen: HashSet<u128>,
    keys: [RandomState; 2],
    roles: HashSet<Arc<str>>,
}

impl Gathered {
    /// True where the row is somebody's who was not seen before.
    pub(super) fn add(&mut self, row: Row) -> bool {
        let Some(key) = row.id().map(|id| self.key(id)) else { return false };
        let new = self.seen.insert(key);
        if let (true, Row::User(account)) = (new, row) {
            let person = self.person(&account);
            self.people.push(person);
        }
        new
    }

    /// What stands for an id.
    pub(super) fn key(&self, id: &str) -> u128 {
        let [high, low] = [0, 1].map(|at: usize| u128::from(self.keys[at].hash_one(id)));
        high << 64 | low
    }

    fn person(&mut self, account: &Account) -> Person {
        let role = self.roles.get(account.role.as_str()).cloned().unwrap_or_else(|| {
            let role: Arc<str> = account.role.as_str().into();
            self.roles.insert(Arc::clone(&role));
            role
        });
        Person {
            email: account.email.as_str().into(),
            name: account.name.as_str().into(),
            role,
            standing: Standing::Unknown,
            hash: None,
        }
    }

    /// Users with an e-mail.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// Those too who have none.
    pub(super) fn ids(&self) -> usize {
        self.seen.len()
    }

    /// Those only who have none.
    pub(super) fn without_email(&self) -> usize {
        self.seen.len() - self.people.len()
    }

    pub(super) fn finish(self, unreadable_rows: usize) -> Listing {
        Listing { people: self.people, unreadable_rows }
    }
}
