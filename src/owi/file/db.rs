//! The reader of `webui.db`: read-only, by column name (their order differs between versions, measured).

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::Serialize;

use super::all_groups::AllGroups;
pub use super::row::{AuthRow, OwiUser};
use super::row::{AuthRows, UserRows};
use crate::email::{self, Email};
use crate::exit::ExitStatus;
use crate::sqlite::{Database, DbError, RawValue};

/// The columns of Open WebUI 0.5.6's `user` table, the only ones that LAMB's own reader copes with (measured:
/// with any other number every user reads as missing).
pub(super) const LAMB_COLUMNS: &[&str] = &[
    "id",
    "name",
    "email",
    "role",
    "profile_image_url",
    "api_key",
    "created_at",
    "updated_at",
    "last_active_at",
    "settings",
    "info",
    "oauth_sub",
];

/// What Open WebUI 0.6.43 has added, which 0.12.4 selects too.
const SINCE_0_6: [&str; 11] = [
    "username",
    "bio",
    "gender",
    "date_of_birth",
    "profile_banner_image_url",
    "timezone",
    "presence_state",
    "status_emoji",
    "status_message",
    "status_expires_at",
    "oauth",
];

/// What 0.12.4 has added.
const SINCE_0_12: [&str; 2] = ["scim", "variables"];

/// The columns of `user` that a version selects. After 0.5.6, `api_key` and `oauth_sub` went.
fn selected(server: Option<&str>) -> impl Iterator<Item = &'static str> {
    let (old, new, newest) = match server {
        Some("0.5.6") => (true, false, false),
        Some("0.6.43") => (false, true, false),
        Some("0.12.4") => (false, true, true),
        _ => (false, false, false),
    };
    let first = LAMB_COLUMNS.iter().copied().filter(move |column| old || !matches!(*column, "api_key" | "oauth_sub"));
    let new = SINCE_0_6.into_iter().filter(move |_| new);
    first.chain(new).chain(SINCE_0_12.into_iter().filter(move |_| newest))
}

fn missing(there: &[String], wanted: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    wanted.filter(|column| !there.iter().any(|name| name.eq_ignore_ascii_case(column))).collect()
}

/// All that `webui.db` has of one address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OwiMatches {
    /// Users of exactly this spelling; more than one is a duplicate.
    pub exact: Vec<OwiUser>,
    /// Users of another spelling.
    pub other_spellings: Vec<OwiUser>,
    /// `auth` rows of this address without a user of their id.
    pub auth_without_user: Vec<AuthRow>,
}

impl OwiMatches {
    /// What these rows are to one who asks for this spelling.
    pub(crate) fn of(email: &str, users: impl IntoIterator<Item = OwiUser>, auth_without_user: Vec<AuthRow>) -> Self {
        let (exact, other_spellings) = users.into_iter().partition(|user| user.email.as_str() == email);
        Self { exact, other_spellings, auth_without_user }
    }

    /// True where there is nothing of this address, in no spelling and no half.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.other_spellings.is_empty() && self.auth_without_user.is_empty()
    }
}

/// `webui.db`.
#[derive(Debug)]
pub struct OwiDb {
    pub(super) db: Database,
    pub(super) user_columns: Vec<String>,
    pub(super) auth_columns: Vec<String>,
    pub(super) user_rows: UserRows,
    pub(super) auth_rows: AuthRows,
    /// Filled when the first asks for them.
    pub(super) groups: OnceCell<AllGroups>,
}

/// Why `webui.db` cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OwiDbError {
    /// The file.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Not an Open WebUI's database.
    #[error("{0}: this is not an Open WebUI database: its user or auth table is missing")]
    NoTables(std::path::PathBuf),
    /// A view or a virtual table has no order of its rows, by which duplicates and the oldest admin are told.
    #[error("{0}: user or auth is a view or a virtual table, which lamb-auth does not read; Open WebUI makes tables")]
    View(std::path::PathBuf),
}

impl ExitStatus for OwiDbError {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Db(error) => error.hint(),
            Self::NoTables(_) | Self::View(_) => None,
        }
    }
}

impl OwiDb {
    /// Opens the file for reading; it changes nothing, in neither journal mode.
    ///
    /// # Errors
    /// [`OwiDbError`].
    pub fn open(path: &Path, lock_timeout: Duration) -> Result<Self, OwiDbError> {
        Self::over(Database::open_read_only(path, lock_timeout)?)
    }

    fn over(db: Database) -> Result<Self, OwiDbError> {
        let columns = |table: &str| {
            let mut info = db.conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
            info.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        };
        let (user, auth) = (columns("user"), columns("auth"));
        let (user_columns, auth_columns) = (user.map_err(|e| db.error(e))?, auth.map_err(|e| db.error(e))?);
        let has = |columns: &[String], wanted: &[&str]| wanted.iter().all(|w| columns.iter().any(|c| c == w));
        if !has(&user_columns, &["id", "email"]) || !has(&auth_columns, &["id", "email"]) {
            return Err(OwiDbError::NoTables(db.path().to_owned()));
        }
        let views = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE lower(name) IN ('user', 'auth')
                     AND type IN ('view', 'table') AND rootpage = 0)";
        if db.conn.query_row(views, [], |row| row.get(0)).map_err(|e| db.error(e))? {
            return Err(OwiDbError::View(db.path().to_owned()));
        }
        let (user_rows, auth_rows) = (UserRows::of(&user_columns), AuthRows::of(&auth_columns));
        Ok(Self { db, user_columns, auth_columns, user_rows, auth_rows, groups: OnceCell::new() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// How many columns the `user` table has.
    pub fn user_column_count(&self) -> usize {
        self.user_columns.len()
    }

    /// True where LAMB's own reader, which expects the twelve columns of 0.5.6 in their order, copes with this file.
    pub fn has_lambs_columns(&self) -> bool {
        self.user_columns.iter().map(String::as_str).eq(LAMB_COLUMNS.iter().copied())
    }

    /// The columns that this version of the server selects from `user` and that are not there: it then refuses every token.
    /// Of a version that was not measured, those that all measured ones select.
    pub fn missing_columns(&self, server: Option<&str>) -> Vec<&'static str> {
        missing(&self.user_columns, selected(server))
    }

    /// The same of `auth`: then the server signs no user in, and from 0.12 on it refuses every token.
    pub fn missing_auth_columns(&self, server: Option<&str>) -> Vec<&'static str> {
        let newest: &[&str] = if server == Some("0.12.4") { &["mfa", "session_stamp"] } else { &[] };
        missing(&self.auth_columns, ["password", "active"].into_iter().chain(newest.iter().copied()))
    }

    /// True where the file itself forbids a second user of one e-mail, as from 0.12 on.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn forbids_second_email(&self) -> Result<bool, OwiDbError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'user' \
                   AND sql LIKE 'CREATE UNIQUE INDEX%email%')";
        self.db.conn.query_row(sql, [], |row| row.get(0)).map_err(|e| self.db.error(e).into())
    }

    /// All users of an address, in whatever spelling.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn find(&self, email: &Email) -> Result<OwiMatches, OwiDbError> {
        self.find_inner(email).map_err(|e| self.db.error(e).into())
    }

    fn find_inner(&self, email: &Email) -> rusqlite::Result<OwiMatches> {
        let mut matches = OwiMatches::default();
        for rowid in rows_of_address(&self.db.conn, "user", email)? {
            let Some(user) = self.user_where("rowid = ?1", rowid)? else { continue };
            let side = if user.email == *email { &mut matches.exact } else { &mut matches.other_spellings };
            side.push(user);
        }
        // The server looks one up by its e-mail: what it finds comes first.
        matches.exact.sort_by_key(|user| !user.is_found_by_email);
        for rowid in rows_of_address(&self.db.conn, "auth", email)? {
            let Some(auth) = self.auth_where("rowid = ?1", rowid)? else { continue };
            let has_user = "SELECT EXISTS (SELECT 1 FROM \"user\" WHERE id = ?1)";
            if !self.db.conn.query_row(has_user, [&auth.id], |row| row.get::<_, bool>(0))? {
                matches.auth_without_user.push(auth);
            }
        }
        Ok(matches)
    }

    /// Shows the e-mail of every user, byte for byte, to `look`. It holds a read lock meanwhile.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn every_email(&self, look: &mut dyn FnMut(&str)) -> Result<(), OwiDbError> {
        Ok(self.db.every_text("SELECT email FROM \"user\"", look)?)
    }

    /// True where there is a user of exactly this e-mail, as LAMB looks for its admin.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn has_user(&self, email: &str) -> Result<bool, OwiDbError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM \"user\" WHERE email = ?1)";
        self.db.conn.query_row(sql, [email], |row| row.get(0)).map_err(|e| self.db.error(e).into())
    }

    /// True where `auth` has a row of one of these e-mails, exactly.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn has_auth_of_any(&self, emails: &HashSet<String>) -> Result<bool, OwiDbError> {
        let find = || -> rusqlite::Result<bool> {
            let mut statement = self.db.conn.prepare("SELECT email FROM auth")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if row.get_ref(0)?.as_str().is_ok_and(|email| emails.contains(email)) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        find().map_err(|e| self.db.error(e).into())
    }

    /// The user of an id.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn user_by_id(&self, id: &str) -> Result<Option<OwiUser>, OwiDbError> {
        self.user_where("id = ?1", id).map_err(|e| self.db.error(e).into())
    }

    /// As [`user_by_id`](Self::user_by_id), from the file as it is now: where a private copy of it is read, from a new one.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn user_by_id_now(&self, id: &str) -> Result<Option<OwiUser>, OwiDbError> {
        match self.db.is_snapshot() {
            true => Self::open(self.path(), self.db.lock_timeout())?.user_by_id(id),
            false => self.user_by_id(id),
        }
    }

    /// The users who were added last.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn newest_users(&self, most: u32) -> Result<Vec<OwiUser>, OwiDbError> {
        let find = || -> rusqlite::Result<Vec<OwiUser>> {
            let mut statement = self.db.conn.prepare("SELECT rowid FROM \"user\" ORDER BY rowid DESC LIMIT ?1")?;
            let rows = statement.query_map([most], |row| row.get::<_, i64>(0))?;
            rows.filter_map(|row| row.and_then(|row| self.user_where("rowid = ?1", row)).transpose()).collect()
        };
        find().map_err(|e| self.db.error(e).into())
    }

    /// The id of an account other than `id` that has this address, in whatever spelling, in either of its halves.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn other_account(&self, email: &Email, id: &str) -> Result<Option<String>, OwiDbError> {
        self.other_account_inner(email, id).map_err(|e| self.db.error(e).into())
    }

    fn other_account_inner(&self, email: &Email, id: &str) -> rusqlite::Result<Option<String>> {
        for table in ["user", "auth"] {
            let mut statement =
                self.db.conn.prepare(&format!("SELECT CAST(id AS TEXT) FROM \"{table}\" WHERE rowid = ?1"))?;
            for rowid in rows_of_address(&self.db.conn, table, email)? {
                let other: Option<String> = statement.query_row([rowid], |row| row.get(0))?;
                if other.as_deref() != Some(id) {
                    return Ok(Some(other.unwrap_or_default()));
                }
            }
        }
        Ok(None)
    }

    /// A user that the server should know: the oldest that can sign in and whose row can be read.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn any_sound_user(&self) -> Result<Option<OwiUser>, OwiDbError> {
        self.sound_user_besides("")
    }

    /// As [`any_sound_user`](Self::any_sound_user), but not the user of this id.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn sound_user_besides(&self, id: &str) -> Result<Option<OwiUser>, OwiDbError> {
        for rowid in 1..=20_i64 {
            let user = self.user_where("rowid = ?1", rowid).map_err(|e| self.db.error(e))?;
            if let Some(user) = user.filter(|user| user.is_sound() && user.id != id) {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    /// An admin that the server should know: the oldest that can sign in and whose row can be read.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn sound_admin(&self) -> Result<Option<OwiUser>, OwiDbError> {
        self.sound_admin_who(|_| true)
    }

    /// As [`sound_admin`](Self::sound_admin), of the twenty oldest the first that fits.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn sound_admin_who(&self, fits: impl Fn(&OwiUser) -> bool) -> Result<Option<OwiUser>, OwiDbError> {
        Ok(self.sound_admins(1, fits)?.pop())
    }

    /// The two oldest admins that can sign in, of the twenty oldest of all.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn first_admins(&self) -> Result<Vec<Email>, OwiDbError> {
        Ok(self.sound_admins(2, |_| true)?.into_iter().map(|user| user.email).collect())
    }

    fn sound_admins(&self, most: usize, fits: impl Fn(&OwiUser) -> bool) -> Result<Vec<OwiUser>, OwiDbError> {
        let find = || -> rusqlite::Result<Vec<OwiUser>> {
            let mut statement =
                self.db.conn.prepare("SELECT id FROM \"user\" WHERE role = 'admin' ORDER BY rowid LIMIT 20")?;
            let mut ids = statement.query_map([], |row| row.get::<_, RawValue>(0))?;
            let mut found = Vec::new();
            while found.len() < most
                && let Some(id) = ids.next()
            {
                let user = self.user_where("id = ?1", id?.0)?;
                found.extend(user.filter(|user| user.is_sound() && fits(user)));
            }
            Ok(found)
        };
        find().map_err(|e| self.db.error(e).into())
    }

    pub(super) fn user_where(&self, condition: &str, value: impl rusqlite::ToSql) -> rusqlite::Result<Option<OwiUser>> {
        let mut statement = self.db.conn.prepare_cached(&format!("{} WHERE {condition}", self.user_rows.select()))?;
        let mut rows = statement.query([value])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut user = self.user_rows.user(row)?;
        user.set_auth(self.auth_where("id = ?1", &user.id)?);
        Ok(Some(user))
    }

    pub(super) fn auth_where(&self, condition: &str, value: impl rusqlite::ToSql) -> rusqlite::Result<Option<AuthRow>> {
        let mut statement = self.db.conn.prepare_cached(&format!("{} WHERE {condition}", self.auth_rows.select()))?;
        let mut rows = statement.query([value])?;
        rows.next()?.map(|row| self.auth_rows.auth(row)).transpose()
    }
}

/// The rows whose e-mail is this address in any spelling. SQLite folds ASCII only, so the comparison is ours.
pub(super) fn rows_of_address(conn: &Connection, table: &'static str, email: &Email) -> rusqlite::Result<Vec<i64>> {
    let mut statement = conn.prepare(&format!("SELECT rowid, email FROM \"{table}\""))?;
    let mut rows = statement.query([])?;
    let (asked, key) = (email.as_str(), email.key());
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = row.get_ref(1)? else { continue };
        if std::str::from_utf8(bytes).is_ok_and(|stored| stored == asked || email::key(stored) == key) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(sql: &str) -> (tempfile::TempDir, OwiDb) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(
            "CREATE TABLE user(id, name, email, role, profile_image_url, settings, info, created_at, updated_at, last_active_at);
             CREATE TABLE auth(id, email, password, active);",
        )
        .unwrap();
        conn.execute_batch(sql).unwrap();
        drop(conn);
        let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
        (folder, db)
    }

    /// A fresh file of each version has what that version selects, and no other version's.
    #[test]
    fn what_a_version_selects_is_in_its_own_file() {
        let files = [
            ("0.5.6", include_str!("../../sandbox/schema/owi-0.5.6.sql")),
            ("0.6.43", include_str!("../../sandbox/schema/owi-0.6.43.sql")),
            ("0.12.4", include_str!("../../sandbox/schema/owi-0.12.4.sql")),
        ];
        for (of, tables) in files {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("webui.db");
            Connection::open(&path).unwrap().execute_batch(tables).unwrap();
            let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
            for (server, _) in files {
                // What was added later is all that an older server does without.
                let reads = server == of || (of, server) == ("0.12.4", "0.6.43");
                assert_eq!(db.missing_columns(Some(server)).is_empty(), reads, "{server} on a file of {of}");
            }
            assert_eq!(db.missing_columns(Some("0.9.0")), [""; 0]);
            assert_eq!(db.missing_columns(None), [""; 0]);
            assert_eq!(db.missing_auth_columns(Some(of)), [""; 0]);
        }
    }

    #[test]
    fn tells_halves_duplicates_and_spellings_apart() {
        let (_folder, db) = file(
            "INSERT INTO user VALUES ('1','A','a@x','user','/p','null',NULL,1,2,3), ('2','A','a@x','user','/p',NULL,NULL,1,2,3),
                                     ('3','A',' A@X','user','/p',NULL,NULL,1,2,3);
             INSERT INTO auth VALUES ('1','a@x','h',1), ('2','b@x','h',0), ('9','a@x','h',1)",
        );
        let found = db.find(&Email::stored("a@x")).unwrap();
        assert_eq!(found.exact.len(), 2);
        assert_eq!(found.exact[0].halves_disagree(), None);
        assert!(found.exact[1].halves_disagree().unwrap().contains("another e-mail"));
        assert!(!found.exact[1].auth.as_ref().unwrap().active);
        assert_eq!(found.other_spellings.len(), 1);
        assert!(found.other_spellings[0].halves_disagree().unwrap().contains("no auth row"));
        assert_eq!(found.auth_without_user[0].id, "9");
        assert!(!db.has_lambs_columns());
    }

    /// The server can show this row, but its sign-in by e-mail does not find it (measured).
    #[test]
    fn an_e_mail_that_is_stored_as_bytes_is_found_and_told() {
        let (_folder, db) = file(
            "INSERT INTO user VALUES ('1','A',CAST('a@x' AS BLOB),'user','/p','null',NULL,1,2,3), ('2','B','b@x','user','/p','null',NULL,1,2,3);
             INSERT INTO auth VALUES ('1','a@x','h',1), ('2','b@x','h',1)",
        );
        let found = |email: &str| {
            let found = db.find(&Email::stored(email)).unwrap().exact;
            found.into_iter().map(|user| (user.id, user.is_found_by_email)).collect::<Vec<_>>()
        };
        assert_eq!(found("a@x"), [("1".to_owned(), false)]);
        assert_eq!(found("b@x"), [("2".to_owned(), true)]);
    }

    #[test]
    fn tells_why_the_server_cannot_read_a_row() {
        let (_folder, db) = file(
            r#"INSERT INTO user VALUES ('1','A','a@x','user','/p','{not json','"text"','abc',2,NULL), ('2',NULL,'b@x','user','/p','{}','null',1,2,3)"#,
        );
        let why = |email: &str| db.find(&Email::stored(email)).unwrap().exact[0].unreadable.join("; ");
        assert_eq!(
            why("a@x"),
            "settings is not JSON; info is JSON, but not an object; created_at is not a whole number; last_active_at is NULL"
        );
        assert_eq!(why("b@x"), "name is NULL");
    }
}
