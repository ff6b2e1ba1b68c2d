//! Creators as LAMB reads them.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Backend, NoCreator, is_json};
use crate::lamb::Edition;

/// A creator's row.
pub(super) struct Creator {
    pub(super) id: i64,
    pub(super) organization: Option<i64>,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) user_type: String,
    pub(super) enabled: bool,
    /// The native edition's columns.
    pub(super) password_hash: Option<String>,
    pub(super) role: Option<String>,
}

impl Backend {
    /// The creator with exactly this e-mail, and their organisation. Every error of SQLite reads as "not found".
    pub(super) fn creator(&self, email: &str) -> Result<Creator, NoCreator> {
        let db = self.lamb().map_err(|_| NoCreator::Refused)?;
        let creator = self.row(&db, email).ok().flatten().ok_or(NoCreator::Refused)?;
        if self.organization_is_readable(&db, creator.organization) {
            Ok(creator)
        } else if self.edition == Edition::Native {
            Err(NoCreator::Crash)
        } else {
            Err(NoCreator::Refused)
        }
    }

    fn row(&self, db: &Connection, email: &str) -> rusqlite::Result<Option<Creator>> {
        let native = self.edition == Edition::Native;
        let more = if native { ", lti_user_id, auth_provider, password_hash, role" } else { "" };
        let sql = format!(
            "SELECT id, organization_id, user_email, user_name, user_type, user_config, enabled{more} \
             FROM {}Creator_users WHERE user_email = ?",
            self.prefix
        );
        db.query_row(&sql, [email], |row| {
            let config: Option<String> = row.get("user_config")?;
            let creator = Creator {
                id: row.get("id")?,
                organization: row.get("organization_id")?,
                email: row.get("user_email")?,
                name: row.get("user_name")?,
                user_type: row.get("user_type")?,
                enabled: row.get("enabled")?,
                password_hash: if native { row.get("password_hash")? } else { None },
                role: if native { row.get("role")? } else { None },
            };
            Ok(is_json(config.as_deref()).then_some(creator))
        })
        .optional()
        .map(Option::flatten)
    }

    /// False only where the organisation is there and its `config` is not JSON.
    fn organization_is_readable(&self, db: &Connection, id: Option<i64>) -> bool {
        let sql = format!("SELECT config FROM {}organizations WHERE id = ?", self.prefix);
        let config = db.query_row(&sql, [id], |row| row.get::<_, Option<String>>(0)).optional();
        config.ok().flatten().is_none_or(|config| is_json(config.as_deref()))
    }

    /// The creator's role in their own organisation: one in another has no effect.
    pub(super) fn organization_role(&self, creator: &Creator) -> Option<String> {
        let sql =
            format!("SELECT role FROM {}organization_roles WHERE user_id = ? AND organization_id = ?", self.prefix);
        let db = self.lamb().ok()?;
        db.query_row(&sql, (creator.id, creator.organization), |row| row.get(0)).ok()
    }
}
