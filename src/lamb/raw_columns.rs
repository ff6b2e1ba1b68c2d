//! What stands in a creator's columns byte for byte, for changes that must be able to put them back.

use rusqlite::OptionalExtension as _;
use rusqlite::types::Value;

use super::Edition;
use super::db::LambDb;
use super::schema::TableSet;
use crate::sqlite::value::text_of;
use crate::sqlite::{DbError, RawValue};

/// Some columns of a creator, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawColumns {
    /// `user_config`, where it is text.
    pub user_config: Option<String>,
    /// `enabled`, where it is a number.
    pub enabled: Option<i64>,
    /// True where `password_hash` is NULL: only then does a native LAMB ask Open WebUI. The empty text is not NULL.
    pub hash_is_null: bool,
    /// False where `updated_at` is of a kind that no change could put back: neither a number, text, nor NULL.
    pub can_be_put_back: bool,
}

impl LambDb {
    /// Creators of a native LAMB without a password hash, at most so many: on most requests LAMB looks for one in Open
    /// WebUI and copies it.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn creators_without_hash(&self, limit: u32) -> Result<Vec<String>, DbError> {
        let native = |set: &&TableSet| set.edition == Edition::Native && !set.is_incomplete();
        let Some(set) = self.schema().tables.as_ref().filter(native) else { return Ok(Vec::new()) };
        let table = set.prefix.table("Creator_users");
        let sql = format!(
            "SELECT user_email FROM {table} WHERE password_hash IS NULL AND auth_provider = 'password' LIMIT ?1"
        );
        let find = || {
            let mut statement = self.db.conn.prepare(&sql)?;
            let emails =
                statement.query_map([limit], |row| Ok(text_of(row.get_ref(0)?).unwrap_or_default().into_owned()))?;
            emails.collect::<rusqlite::Result<Vec<_>>>()
        };
        find().map_err(|error| self.db.error(error))
    }

    /// The `config` of an organization, where it is text.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn organization_config(&self, id: i64) -> Result<Option<String>, DbError> {
        let sql = format!("SELECT config FROM {} WHERE id = ?1", self.schema().prefix.table("organizations"));
        let found = self.db.conn.query_row(&sql, [id], |row| row.get::<_, RawValue>(0)).optional();
        Ok(found.map_err(|error| self.db.error(error))?.and_then(|stored| match stored.0 {
            Value::Text(text) => Some(text),
            _ => None,
        }))
    }

    /// Reads them; `None` where the creator is not there.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn raw_columns(&self, id: i64) -> Result<Option<RawColumns>, DbError> {
        let Some(set) = self.schema().tables.as_ref().filter(|set| !set.is_incomplete()) else { return Ok(None) };
        let hash = if set.edition == Edition::Native { "password_hash IS NULL" } else { "0" };
        let table = set.prefix.table("Creator_users");
        let sql = format!("SELECT user_config, {hash}, updated_at, enabled FROM {table} WHERE id = ?1");
        let found = self.db.conn.query_row(&sql, [id], |row| {
            Ok(RawColumns {
                user_config: match row.get::<_, RawValue>(0)?.0 {
                    Value::Text(text) => Some(text),
                    _ => None,
                },
                enabled: match row.get::<_, RawValue>(3)?.0 {
                    Value::Integer(number) => Some(number),
                    _ => None,
                },
                hash_is_null: row.get(1)?,
                can_be_put_back: !matches!(row.get::<_, RawValue>(2)?.0, Value::Real(_) | Value::Blob(_)),
            })
        });
        found.optional().map_err(|error| self.db.error(error))
    }
}
