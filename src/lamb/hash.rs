//! The one look at a creator's password hash itself: to compare it with Open WebUI's, never to show it.

use rusqlite::OptionalExtension as _;

use super::Edition;
use super::db::LambDb;
use crate::secret::Secret;
use crate::sqlite::value::text;
use crate::sqlite::{DbError, RawValue};

impl LambDb {
    /// The hash of the creator of exactly this spelling; `None` where there is none, as always in the delegated edition.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn password_hash(&self, email: &str) -> Result<Option<Secret>, DbError> {
        let native =
            |set: &&super::schema::TableSet| set.edition == Edition::Native && set.has_creator_column("password_hash");
        let Some(set) = self.schema().tables.as_ref().filter(native) else { return Ok(None) };
        let table = set.prefix.table("Creator_users");
        let sql = format!("SELECT password_hash FROM {table} WHERE user_email = ?1");
        let found = self.db.conn.query_row(&sql, [email], |row| row.get::<_, RawValue>(0)).optional();
        let stored = found.map_err(|error| self.db.error(error))?;
        Ok(stored.and_then(|stored| text(stored.0)).filter(|hash| !hash.is_empty()).map(Secret::new))
    }
}
