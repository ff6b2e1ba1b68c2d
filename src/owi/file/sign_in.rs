//! What a sign-in with one e-mail meets in `webui.db`.

use super::db::{AuthRow, OwiDb, OwiDbError, OwiUser};

/// A row of `auth`, and the user that its id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRow {
    /// The row.
    pub auth: AuthRow,
    /// The user of its id; `None` where there is none.
    pub user: Option<OwiUser>,
}

impl OwiDb {
    /// The rows of `auth` with exactly this e-mail, in the order in which a sign-in before 0.12 takes them.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn sign_in_rows(&self, email: &str) -> Result<Vec<SignInRow>, OwiDbError> {
        let read = || -> rusqlite::Result<Vec<SignInRow>> {
            let sql = format!("{} WHERE email = ?1 ORDER BY rowid", self.auth_rows.select());
            let mut statement = self.db.conn.prepare(&sql)?;
            let mut rows = statement.query([email])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let auth = self.auth_rows.auth(row)?;
                let user = self.user_where("id = ?1", &auth.id)?;
                found.push(SignInRow { auth, user });
            }
            Ok(found)
        };
        read().map_err(|error| self.db.error(error).into())
    }
}
