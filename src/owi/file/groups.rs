//! Who is in a group of Open WebUI: LAMB puts each user of an assistant into the assistant's group.

use rusqlite::{OptionalExtension as _, Row};

use super::db::{OwiDb, OwiDbError};
use crate::sqlite::RawValue;
use crate::sqlite::value::text;

/// A group, as far as one account goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The account is in it.
    Member,
    /// The group is there without the account.
    NotIn,
    /// There is no group of this id.
    NoGroup,
    /// This version keeps the members in another way.
    NotKnown,
}

impl OwiDb {
    /// Whether an account is in a group, where the file keeps the members as 0.5.6 does: in a list of ids.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn membership(&self, group: &str, account: Option<&str>) -> Result<Membership, OwiDbError> {
        self.membership_inner(group, account).map_err(|error| self.db.error(error).into())
    }

    fn membership_inner(&self, group: &str, account: Option<&str>) -> rusqlite::Result<Membership> {
        let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('group') WHERE name = 'user_ids')";
        if !self.db.conn.query_row(sql, [], |row| row.get::<_, bool>(0))? {
            return Ok(Membership::NotKnown);
        }
        let read = |row: &Row<'_>| Ok(text(row.get::<_, RawValue>(0)?.0).unwrap_or_default());
        let sql = "SELECT user_ids FROM \"group\" WHERE id = ?1";
        let Some(members) = self.db.conn.query_row(sql, [group], read).optional()? else {
            return Ok(Membership::NoGroup);
        };
        let members: Vec<String> = serde_json::from_str(&members).unwrap_or_default();
        let is_member = account.is_some_and(|id| members.iter().any(|member| member == id));
        Ok(if is_member { Membership::Member } else { Membership::NotIn })
    }
}
