//! The rows of `webui.db` that only SQL fixes: halves of accounts, and values that the server cannot read.

use rusqlite::OptionalExtension as _;
use serde_json::Value;

use super::db::{AuthRow, OwiDb, OwiDbError, OwiUser};
use super::every_row::Half;
use super::row::harmless;

/// The most rows of one kind that are read.
const MOST: usize = 2_000;

/// A value that the server cannot read.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenValue {
    /// `user` or `auth`.
    pub table: &'static str,
    /// The column.
    pub column: String,
    /// Its type, as SQLite names it.
    pub kind: String,
    /// How many bytes it has; `None` for NULL.
    pub length: Option<i64>,
    /// Why the server cannot read it.
    pub problem: String,
    /// A value that it can read and that says nothing; `None` where only a person knows the right one.
    pub harmless: Option<Value>,
}

impl OwiDb {
    /// The columns of `user`, in order.
    pub fn user_columns(&self) -> &[String] {
        &self.user_columns
    }

    /// The columns of `auth`, in order.
    pub fn auth_columns(&self) -> &[String] {
        &self.auth_columns
    }

    /// Rows of `auth` without a user, in the order in which a sign-in before 0.12 takes them.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn auth_without_user(&self, wanted: &mut dyn FnMut(&AuthRow) -> bool) -> Result<Vec<AuthRow>, OwiDbError> {
        let sql = format!(
            "{} WHERE NOT EXISTS (SELECT 1 FROM \"user\" u WHERE u.id = auth.id) ORDER BY rowid",
            self.auth_rows.select()
        );
        let mut read = || -> rusqlite::Result<Vec<AuthRow>> {
            let mut statement = self.db.conn.prepare(&sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let auth = self.auth_rows.auth(row)?;
                if found.len() < MOST && wanted(&auth) {
                    found.push(auth);
                }
            }
            Ok(found)
        };
        read().map_err(|error| self.db.error(error).into())
    }

    /// Users without an `auth` row, oldest row first.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn users_without_auth(&self, wanted: &mut dyn FnMut(&str) -> bool) -> Result<Vec<OwiUser>, OwiDbError> {
        let sql = format!(
            "{} WHERE NOT EXISTS (SELECT 1 FROM auth a WHERE a.id = \"user\".id) ORDER BY rowid",
            self.user_rows.select()
        );
        let mut read = || -> rusqlite::Result<Vec<OwiUser>> {
            let mut statement = self.db.conn.prepare(&sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let user = self.user_rows.user(row)?;
                if found.len() < MOST && wanted(user.email.as_str()) {
                    found.push(user);
                }
            }
            Ok(found)
        };
        read().map_err(|error| self.db.error(error).into())
    }

    /// Users with values that the server cannot read, in either table, and these values.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn broken_values(
        &self,
        wanted: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Vec<(OwiUser, Vec<BrokenValue>)>, OwiDbError> {
        let mut ids = Vec::new();
        self.every_row::<OwiDbError>(&mut |half| {
            let (id, email, is_broken) = match &half {
                Half::User(user) => (&user.id, user.email.as_str(), !user.unreadable.is_empty()),
                Half::Auth(auth) => (&auth.id, auth.email.as_str(), !auth.unreadable.is_empty()),
            };
            if is_broken && ids.len() < MOST && !ids.contains(id) && wanted(email) {
                ids.push(id.clone());
            }
            Ok(())
        })?;
        let mut found = Vec::new();
        for id in ids {
            let Some(user) = self.user_by_id(&id)? else { continue };
            let values = self.broken_of(&user).map_err(|error| self.db.error(error))?;
            found.push((user, values));
        }
        Ok(found)
    }

    fn broken_of(&self, user: &OwiUser) -> rusqlite::Result<Vec<BrokenValue>> {
        let mut found = Vec::new();
        for problem in &user.unreadable {
            let (table, rest) = match problem.strip_prefix("auth.") {
                Some(rest) => ("auth", rest),
                None => ("user", problem.as_str()),
            };
            let column = rest.split(' ').next().unwrap_or_default();
            let sql = format!(
                "SELECT typeof(\"{column}\"), length(CAST(\"{column}\" AS BLOB)), \
                 (SELECT \"notnull\" FROM pragma_table_info(?2) WHERE name = ?3) FROM \"{table}\" WHERE id = ?1"
            );
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<bool>>(2)?));
            let row = self.db.conn.query_row(&sql, [&user.id, table, column], read).optional()?;
            let Some((kind, length, must_be_set)) = row else { continue };
            found.push(BrokenValue {
                table,
                column: column.to_owned(),
                kind,
                length,
                problem: problem.clone(),
                harmless: harmless(table, column, must_be_set == Some(true)),
            });
        }
        Ok(found)
    }
}
