//! Several accounts with one e-mail: which of them a sign-in finds, and what each owns.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};

use super::db::{OwiDb, OwiDbError, OwiUser};
use crate::email::Email;
use crate::sqlite::mentions::mentions;
use crate::sqlite::value::text;
use crate::sqlite::{RawValue, count_at};

/// The user that a sign-in with an e-mail finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInUser {
    /// The user of this id.
    User(String),
    /// No user: the sign-in is refused, or creates another account if the server allows that.
    NoUser,
}

impl SignInUser {
    /// True if it is the user with this id.
    pub fn is(&self, id: &str) -> bool {
        matches!(self, Self::User(found) if found == id)
    }
}

/// The users that the two ways of signing in find; `None` if that was not measured for this version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignsIn {
    /// With the trusted header, as LAMB does.
    pub by_header: Option<SignInUser>,
    /// With a password, where the server takes any: one that is told to trust a header takes none.
    pub by_password: Option<SignInUser>,
}

/// How a version looks for the user of an address. All of them lower the address first, and take the first row of a
/// table in the order of its rows.
#[derive(Clone, Copy)]
enum Look {
    /// The first active row of `auth` with exactly this e-mail, then the user of its id.
    Auth,
    /// The first active row of `auth` with exactly this e-mail that has a user of its id: that user.
    AuthWithUser,
    /// The first row of `user` with exactly this e-mail, then its own row of `auth`, which must be active.
    User,
    /// The same, but of this e-mail in any case.
    UserInAnyCase,
}

/// Measured on the real servers, with two accounts of one e-mail, of which one was older, had its `auth` or `user` row
/// written later, was switched off, had no `auth` or no `user` row, or spelled the e-mail differently.
///
/// The first way: with the trusted header. A user of the address must be there and readable whose row is looked for in
/// the second way; else the server takes them for unknown, and makes an account where it may. The third: by password.
fn looks(version: &str) -> Option<(Look, Look, Option<Look>)> {
    let between = || version.starts_with("0.5.") || version.starts_with("0.6.");
    match version {
        "0.5.6" => Some((Look::Auth, Look::User, Some(Look::Auth))),
        "0.6.43" => Some((Look::Auth, Look::User, Some(Look::User))),
        "0.12.4" => Some((Look::AuthWithUser, Look::UserInAnyCase, Some(Look::UserInAnyCase))),
        // Both ends were measured, and by the header they are the same.
        _ if between() => Some((Look::Auth, Look::User, None)),
        _ => None,
    }
}

/// What LAMB and people call the tables of what users have. The others go by their own names.
const CALLED: &[(&str, &str)] = &[
    ("api_key", "api-keys"),
    ("chat", "chats"),
    ("file", "files"),
    ("folder", "folders"),
    ("function", "functions"),
    ("group", "groups-made"),
    ("group_member", "groups"),
    ("memory", "memories"),
    ("message", "channel-messages"),
    ("model", "models"),
    ("note", "notes"),
    ("prompt", "prompts"),
    ("tag", "tags"),
    ("tool", "tools"),
];

impl OwiDb {
    /// The user that a sign-in with this e-mail finds, on a server of this version.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn signs_in(&self, address: &Email, version: &str) -> Result<SignsIn, OwiDbError> {
        let Some((header, known, password)) = looks(version) else { return Ok(SignsIn::default()) };
        let key = address.canonical();
        let find = || {
            let is_known = match known {
                Look::Auth => true,
                other => self.first_user(&key, other)?.is_some_and(|user| user.unreadable.is_empty()),
            };
            let by_header = if is_known { self.found_by(&key, header)? } else { SignInUser::NoUser };
            let by_password = password.map(|look| self.found_by(&key, look)).transpose()?;
            Ok(SignsIn { by_header: Some(by_header), by_password })
        };
        find().map_err(|e| self.db.error(e).into())
    }

    fn found_by(&self, key: &str, look: Look) -> rusqlite::Result<SignInUser> {
        let user = match look {
            Look::Auth => {
                self.user_of("SELECT id FROM auth WHERE email = ?1 AND active = 1 ORDER BY rowid LIMIT 1", key)?
            }
            Look::AuthWithUser => self.user_of(
                "SELECT u.id FROM auth a JOIN \"user\" u ON u.id = a.id \
                 WHERE a.email = ?1 AND a.active = 1 ORDER BY a.rowid LIMIT 1",
                key,
            )?,
            look => self.first_user(key, look)?.filter(|user| user.auth.as_ref().is_some_and(|auth| auth.active)),
        };
        let user = user.filter(|user| user.unreadable.is_empty());
        Ok(user.map_or(SignInUser::NoUser, |user| SignInUser::User(user.id)))
    }

    fn first_user(&self, key: &str, look: Look) -> rusqlite::Result<Option<OwiUser>> {
        let column = if matches!(look, Look::UserInAnyCase) { "lower(email)" } else { "email" };
        self.user_of(&format!("SELECT id FROM \"user\" WHERE {column} = ?1 ORDER BY rowid LIMIT 1"), key)
    }

    /// The user of the id that this finds.
    fn user_of(&self, sql: &str, key: &str) -> rusqlite::Result<Option<OwiUser>> {
        let id = self.db.conn.query_row(sql, [key], |row| Ok(row.get::<_, RawValue>(0)?.0)).optional()?;
        id.map_or(Ok(None), |id| self.user_where("id = ?1", id))
    }

    /// What each of these users owns: words and how many, in the order of the words. A table that has a column
    /// `user_id` counts, whatever version it is of.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn owned_rows(&self, ids: &[&str]) -> Result<Vec<Vec<(String, usize)>>, OwiDbError> {
        let count = || {
            let ids = serde_json::Value::from(ids).to_string();
            let mut counted: BTreeMap<(String, String), usize> = BTreeMap::new();
            let mut add = |word: &str, sql: &str| -> rusqlite::Result<()> {
                let read = |row: &Row<'_>| Ok((text(row.get::<_, RawValue>(0)?.0), count_at(row, 1)?));
                for row in self.db.conn.prepare(sql)?.query_map([&ids], read)? {
                    let (Some(id), many) = row? else { continue };
                    *counted.entry((id, word.to_owned())).or_default() += many;
                }
                Ok(())
            };
            for (table, quoted) in self.tables_with("user_id")? {
                let word = CALLED.iter().find(|(name, _)| *name == table).map_or(table.as_str(), |(_, word)| word);
                add(word, &format!("SELECT user_id, count(*) FROM {quoted} WHERE user_id IN {LIST} GROUP BY 1"))?;
            }
            // 0.5.6 keeps the members of a group in a list, and the key of a user in the user's row.
            if self.tables_with("user_ids")?.iter().any(|(table, _)| table == "group") {
                add(
                    "groups",
                    &format!(
                        "SELECT member.value, count(DISTINCT g.rowid) FROM \"group\" g, json_each(\
                         CASE WHEN json_valid(g.user_ids) THEN g.user_ids ELSE '[]' END) member \
                         WHERE member.value IN {LIST} GROUP BY 1"
                    ),
                )?;
            }
            if self.user_columns.iter().any(|column| column == "api_key") {
                let sql = format!("SELECT id, count(*) FROM \"user\" WHERE api_key <> '' AND id IN {LIST} GROUP BY 1");
                add("api-keys", &sql)?;
            }
            Ok(counted)
        };
        let counted = count().map_err(|e| self.db.error(e))?;
        let of = |id: &&str| {
            let theirs = counted.iter().filter(|((owner, _), _)| owner == id);
            theirs.map(|((_, word), many)| (word.clone(), *many)).collect()
        };
        Ok(ids.iter().map(of).collect())
    }

    /// The first table that has the id of a user anywhere but in the user's own two rows, in any column, as a value or
    /// within one.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn mentions(&self, id: &str) -> Result<Option<String>, OwiDbError> {
        mentions(&self.db.conn, id, &["user", "auth"]).map_err(|e| self.db.error(e).into())
    }

    /// The tables that have a column of this name: each by its name, and as SQL wants it.
    fn tables_with(&self, column: &str) -> rusqlite::Result<Vec<(String, String)>> {
        let sql = "SELECT t.name, '\"' || replace(t.name, '\"', '\"\"') || '\"' FROM sqlite_schema t \
                   WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%' \
                   AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = ?1) ORDER BY 1";
        self.db.conn.prepare(sql)?.query_map([column], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

/// The ids that were handed over as one JSON text.
const LIST: &str = "(SELECT value FROM json_each(?1))";

#[cfg(test)]
mod tests;
