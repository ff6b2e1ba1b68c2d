//! What kind of `webui.db` this is: whose version wrote it, how its `user` table differs from the one that LAMB's reader
//! expects, and what stands against an upgrade of it.

use rusqlite::{OptionalExtension, Row};

use super::db::{LAMB_COLUMNS, OwiDb, OwiDbError};
use crate::email::Email;
use crate::sqlite::value::text;
use crate::sqlite::{RawValue, count_at};

/// The migration at which a file of each version stands (measured on fresh and on upgraded files).
const HEADS: &[(&str, &str)] = &[("3781e22d8b01", "0.5.6"), ("c440947495f3", "0.6.43"), ("0bd252b206fb", "0.12.4")];

/// Where a migration to 0.12.4 stands that stopped at e-mails of which there are two (measured, from 0.5.6 and from
/// 0.6.43): its next step would make the unique index.
const HALF_WAY: &str = "959eaac8f909";

/// The mark that Open WebUI's migrations leave in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Alembic's id of the last migration.
    pub head: String,
    /// The version that stands there, where it is one of those that were measured.
    pub version: Option<&'static str>,
}

impl Migration {
    /// True where an upgrade to 0.12 has stopped half-way, at the e-mails.
    pub fn stopped_half_way(&self) -> bool {
        self.head == HALF_WAY
    }

    /// True where this version of Open WebUI is known to leave another mark than this.
    pub fn is_not_of(&self, version: &str) -> bool {
        HEADS.iter().any(|(head, known)| *known == version && *head != self.head)
    }
}

/// How the `user` table differs from the twelve columns of 0.5.6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Columns that LAMB does not know.
    pub extra: Vec<String>,
    /// Columns that LAMB reads and that are not there.
    pub missing: Vec<&'static str>,
    /// Columns that both know, in another order. LAMB reads by position.
    pub moved: Vec<&'static str>,
}

/// E-mails that stand against an upgrade to 0.12.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocking {
    /// How many, each with two users or more.
    pub count: usize,
    /// The first of them in lower case, with how many users each has.
    pub examples: Vec<(String, usize)>,
}

impl OwiDb {
    /// Where Open WebUI's migrations stand; `None` in a file older than they are.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn migration(&self) -> Result<Option<Migration>, OwiDbError> {
        let there = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('alembic_version') WHERE name = 'version_num')";
        let look = || {
            if !self.db.conn.query_row(there, [], |row| row.get::<_, bool>(0))? {
                return Ok(None);
            }
            let read = |row: &Row<'_>| Ok(text(row.get::<_, RawValue>(0)?.0));
            self.db.conn.query_row("SELECT version_num FROM alembic_version LIMIT 1", [], read).optional()
        };
        let head = look().map_err(|e| self.db.error(e))?.flatten();
        Ok(head.map(|head| {
            let version = HEADS.iter().find(|(known, _)| *known == head).map(|(_, version)| *version);
            Migration { head, version }
        }))
    }

    /// How the `user` table differs from what LAMB's reader expects; `None` where it does not.
    pub fn drift(&self) -> Option<Drift> {
        if self.has_lambs_columns() {
            return None;
        }
        let here: Vec<&str> = self.user_columns.iter().map(String::as_str).collect();
        let extra = here.iter().filter(|name| !LAMB_COLUMNS.contains(name)).map(|name| (*name).to_owned());
        let missing = LAMB_COLUMNS.iter().copied().filter(|name| !here.contains(name));
        let ours: Vec<&'static str> = LAMB_COLUMNS.iter().copied().filter(|name| here.contains(name)).collect();
        let theirs = here.iter().filter(|name| LAMB_COLUMNS.contains(name));
        let moved = ours.iter().zip(theirs).filter(|(ours, theirs)| ours != theirs).map(|(ours, _)| *ours);
        Some(Drift { extra: extra.collect(), missing: missing.collect(), moved: moved.collect() })
    }

    /// The e-mails that more than one user has, compared as the migration to 0.12 compares them: in SQLite's lower case,
    /// blanks and all (measured: it refuses to start with those that are equal or differ by case, not with those that
    /// differ by a blank).
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn blocking(&self, examples: u32) -> Result<Blocking, OwiDbError> {
        let sql = "SELECT lower(email), count(*), count(*) OVER () FROM \"user\" WHERE email IS NOT NULL \
                   GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT ?1";
        let read = |row: &Row<'_>| {
            let email = text(row.get::<_, RawValue>(0)?.0).unwrap_or_default();
            Ok((count_at(row, 2)?, (email, count_at(row, 1)?)))
        };
        let look = || -> rusqlite::Result<Vec<(usize, (String, usize))>> {
            self.db.conn.prepare(sql)?.query_map([examples], read)?.collect()
        };
        let found = look().map_err(|e| self.db.error(e))?;
        let count = found.first().map_or(0, |(count, _)| *count);
        Ok(Blocking { count, examples: found.into_iter().map(|(_, example)| example).collect() })
    }

    /// How many rows of `auth` have this address, in whatever spelling.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn auth_rows(&self, email: &Email) -> Result<usize, OwiDbError> {
        let rows = super::db::rows_of_address(&self.db.conn, "auth", email);
        rows.map(|rows| rows.len()).map_err(|e| self.db.error(e).into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;

    fn file(sql: &str) -> (tempfile::TempDir, OwiDb) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
        (folder, db)
    }

    #[test]
    fn knows_the_versions_by_their_files() {
        let table = [
            (include_str!("../../sandbox/schema/owi-0.5.6.sql"), "0.5.6"),
            (include_str!("../../sandbox/schema/owi-0.6.43.sql"), "0.6.43"),
            (include_str!("../../sandbox/schema/owi-0.12.4.sql"), "0.12.4"),
        ];
        for (schema, version) in table {
            let (_folder, db) = file(schema);
            assert_eq!(db.migration().unwrap().unwrap().version, Some(version));
            assert_eq!(db.drift().is_none(), version == "0.5.6");
        }
        let (_folder, db) = file("CREATE TABLE user(id, email); CREATE TABLE auth(id, email)");
        assert_eq!(db.migration().unwrap(), None);
        let (_folder, db) = file(
            "CREATE TABLE user(id, email); CREATE TABLE auth(id, email);
             CREATE TABLE alembic_version(version_num); INSERT INTO alembic_version VALUES ('abc')",
        );
        assert_eq!(db.migration().unwrap(), Some(Migration { head: "abc".into(), version: None }));
    }

    #[test]
    fn tells_how_the_columns_differ() {
        let (_folder, db) = file(include_str!("../../sandbox/schema/owi-0.6.43.sql"));
        let drift = db.drift().unwrap();
        assert_eq!((drift.extra.len(), drift.missing), (11, vec!["api_key", "oauth_sub"]));
        assert_eq!(drift.moved, ["settings", "info"]);
        let (_folder, db) = file(include_str!("../../sandbox/schema/owi-0.12.4.sql"));
        assert!(db.drift().unwrap().moved.contains(&"created_at"));
    }

    #[test]
    fn emails_that_the_index_would_refuse_are_counted() {
        let (_folder, db) = file(
            "CREATE TABLE user(id, email); CREATE TABLE auth(id, email);
             INSERT INTO user VALUES (1, 'a@x'), (2, 'a@x'), (3, 'b@x'), (4, 'B@x'), (5, 'c@x'), (6, 'c@x '),
                                     (7, NULL), (8, NULL), (9, 'Éd@x'), (10, 'éd@x'), (11, 'e@x'), (12, 'E@X');
             INSERT INTO auth VALUES (1, 'a@x'), (2, ' A@x'), (3, 'b@x')",
        );
        let found = db.blocking(2).unwrap();
        assert_eq!(found, Blocking { count: 3, examples: vec![("a@x".into(), 2), ("b@x".into(), 2)] });
        // As SQLite says it, which is who refuses.
        let index = "CREATE UNIQUE INDEX i ON user (lower(email)) WHERE email IS NOT NULL";
        let conn = Connection::open(db.path()).unwrap();
        assert!(conn.execute_batch(index).is_err());
        conn.execute_batch("DELETE FROM user WHERE id IN (2, 4, 12)").unwrap();
        assert_eq!(db.blocking(2).unwrap(), Blocking::default());
        conn.execute_batch(index).unwrap();
        assert_eq!(db.auth_rows(&Email::stored("a@x")).unwrap(), 2);
    }
}
