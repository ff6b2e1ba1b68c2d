//! All users of Open WebUI, one after the other, with the few fields that a sync needs.

mod merge;

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::db::{OwiDb, OwiDbError};
use crate::secret::Secret;
use crate::sqlite::value::integer_of;
use crate::sqlite::value::text_of;

/// A user of Open WebUI. Small: there may be a million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwiPerson {
    /// A number for the account: its id, where that is a UUID; never 0.
    pub account: u128,
    /// The e-mail, byte for byte.
    pub email: Box<str>,
    /// The display name.
    pub name: Box<str>,
    /// `admin`, `user`, `pending` or any other text; shared by all who have it.
    pub role: Arc<str>,
    /// When the account was made, in unix seconds, where that is known.
    pub created_at: Option<i64>,
    /// Whether they can sign in.
    pub standing: Standing,
    /// A sound bcrypt hash of the password, where hashes were asked for and there is one.
    pub hash: Option<Secret>,
}

/// Whether a user can sign in to Open WebUI, by the `auth` row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The user can sign in.
    Active,
    /// `auth.active` is not 1.
    SwitchedOff,
    /// There is no `auth` row of their id.
    NoAuthRow,
    /// The `auth` row of their id has another e-mail.
    OtherEmail,
    /// Not told: the admin API does not say.
    Unknown,
}

/// What is read of all users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// The hashes of the passwords too.
    pub hashes: bool,
    /// Only users whose rowid is at most this: newer ones have not settled.
    pub up_to: Option<i64>,
}

/// What was seen beside the users themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleSeen {
    /// How many users were visited.
    pub users: usize,
    /// E-mails of `auth` rows without a user.
    pub orphans: Vec<Box<str>>,
    /// Of the users that were visited, the row added last: its rowid and id.
    pub last: Option<(i64, String)>,
}

/// The number for an id. An id that is no UUID gets the first half of its SHA-256.
pub fn account_number(id: &[u8]) -> u128 {
    let digits = id.iter().filter(|byte| **byte != b'-');
    let mut number: Option<u128> = Some(0);
    let mut count = 0;
    for digit in digits {
        count += 1;
        let digit = char::from(*digit).to_digit(16);
        number = number.filter(|_| count <= 32).zip(digit).map(|(number, digit)| number << 4 | u128::from(digit));
    }
    let digest = || {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(id)[..16]);
        u128::from_be_bytes(half)
    };
    number.filter(|_| count == 32).unwrap_or_else(digest).max(1)
}

impl OwiDb {
    /// Visits every user once, all as of one moment, in nearly the order in which they were added.
    ///
    /// It holds a read lock while it goes: a server in journal mode `delete` waits for it with its next write.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn every_person(
        &self,
        query: &PeopleQuery,
        visit: &mut dyn FnMut(OwiPerson),
    ) -> Result<PeopleSeen, OwiDbError> {
        let mut walk = || {
            let reading = self.db.conn.unchecked_transaction()?;
            let walk = merge::walk(self, query, visit)?;
            reading.finish()?;
            Ok(walk)
        };
        walk().map_err(|e| self.db.error(e).into())
    }

    /// When the newest account was made, in unix seconds; `None` where there is none, or where that is no number.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn newest_made_at(&self) -> Result<Option<i64>, OwiDbError> {
        if !self.user_columns.iter().any(|column| column == "created_at") {
            return Ok(None);
        }
        let sql = "SELECT created_at FROM \"user\" ORDER BY rowid DESC LIMIT 1";
        let made = self.db.conn.query_row(sql, [], |row| Ok(integer_of(row.get_ref(0)?))).optional();
        made.map(Option::flatten).map_err(|e| self.db.error(e).into())
    }

    /// The row of `user` that was added last: its rowid and id.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn newest(&self) -> Result<Option<(i64, String)>, OwiDbError> {
        newest(&self.db.conn, i64::MAX).map_err(|e| self.db.error(e).into())
    }

    /// True where the row of this number is still the user of this id: rowids are given anew after a deletion,
    /// and all of them by VACUUM.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn row_is(&self, rowid: i64, expected: &str) -> Result<bool, OwiDbError> {
        let sql = "SELECT id FROM \"user\" WHERE rowid = ?1";
        let found = self.db.conn.query_row(sql, [rowid], |row| id(row, 0)).optional();
        Ok(found.map_err(|e| self.db.error(e))?.is_some_and(|id| id == expected))
    }
}

fn newest(conn: &Connection, up_to: i64) -> rusqlite::Result<Option<(i64, String)>> {
    let sql = "SELECT rowid, id FROM \"user\" WHERE rowid <= ?1 ORDER BY rowid DESC LIMIT 1";
    conn.query_row(sql, [up_to], |row| Ok((row.get(0)?, id(row, 1)?))).optional()
}

fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(text_of(row.get_ref(at)?).unwrap_or_default().into_owned())
}

#[cfg(test)]
mod tests;
