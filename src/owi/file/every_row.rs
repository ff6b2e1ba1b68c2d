//! Every row of `user` and `auth`, one after the other. No row is kept in memory.

use super::db::{AuthRow, OwiDb, OwiDbError, OwiUser};

/// A row of either table.
#[derive(Debug)]
pub enum Half {
    /// A row of `user`, before its `auth` row is known.
    User(OwiUser),
    /// A row of `auth`.
    Auth(AuthRow),
}

impl OwiDb {
    /// Visits every row of `user`, then every row of `auth`, each in the order in which they were added, all as of one
    /// moment.
    ///
    /// It holds a read lock meanwhile, so `visit` must not wait for anything. A server in journal mode `delete` waits for
    /// the lock with its next write.
    ///
    /// # Errors
    /// Where SQLite fails, or with what `visit` fails with.
    pub fn every_row<E: From<OwiDbError>>(&self, visit: &mut dyn FnMut(Half) -> Result<(), E>) -> Result<(), E> {
        let conn = &self.db.conn;
        let failed = |error| E::from(OwiDbError::from(self.db.error(error)));
        let reading = conn.unchecked_transaction().map_err(failed)?;
        let mut statement = conn.prepare(self.user_rows.select()).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(Half::User(self.user_rows.user(row).map_err(failed)?))?;
        }
        let mut statement = conn.prepare(self.auth_rows.select()).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(Half::Auth(self.auth_rows.auth(row).map_err(failed)?))?;
        }
        drop(rows);
        drop(statement);
        reading.finish().map_err(failed)
    }

    /// The `auth` row of an id.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn auth_by_id(&self, id: &str) -> Result<Option<AuthRow>, OwiDbError> {
        self.auth_where("id = ?1", id).map_err(|e| self.db.error(e).into())
    }
}
