//! The repository of `lamb_v4.db`: the one place that knows LAMB's SQL for reading.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use super::lms::LmsUser;
use super::model::{Creator, NativePart, Organization, RoleElsewhere};
use super::schema::{Schema, SchemaError, TableSet, Trigger, triggers};
use crate::email::{self, Email};
use crate::exit::ExitStatus;
use crate::settings::{Origin, Prefix};
use crate::sqlite::python_json::{JsonColumn, is_true, is_unreadable};
use crate::sqlite::value::{PasswordHash, integer, text};
use crate::sqlite::{Database, DbError, RawValue};

/// Tables whose `user_email` holds students.
const STUDENT_TABLES: &[&str] = &["lti_users", "lti_activity_users"];

/// Why LAMB's database cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LambDbError {
    /// The file.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The tables in it.
    #[error("{path}: {error}")]
    Schema {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with its tables.
        error: SchemaError,
    },
}

impl ExitStatus for LambDbError {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Db(error) => error.hint(),
            Self::Schema { .. } => None,
        }
    }
}

/// The rows of a table whose e-mail looks the same as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookAlikes {
    /// Other spellings, each once.
    pub spellings: Vec<String>,
    /// True where exactly this e-mail is stored as text.
    pub as_text: bool,
    /// True where it is stored as bytes.
    pub as_bytes: bool,
}

/// LAMB's database, with the tables that LAMB itself would read.
#[derive(Debug)]
pub struct LambDb {
    pub(super) db: Database,
    schema: Schema,
}

impl LambDb {
    /// Opens the file for reading; it changes nothing, in neither journal mode.
    ///
    /// `prefix`: the prefix in LAMB's settings, if they have one.
    ///
    /// # Errors
    /// [`LambDbError`]: the file, or the tables in it. A prefix without tables is no error but a [`Schema`]
    /// whose [`prefix_is_wrong`](Schema::prefix_is_wrong).
    pub fn open(path: &Path, prefix: Option<(Prefix, Origin)>, lock_timeout: Duration) -> Result<Self, LambDbError> {
        Self::over(Database::open_read_only(path, lock_timeout)?, prefix)
    }

    /// As [`open`](Self::open), but `None` where only a private copy of the file could be read.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in_place(
        path: &Path,
        prefix: Option<(Prefix, Origin)>,
        lock_timeout: Duration,
    ) -> Result<Option<Self>, LambDbError> {
        Database::open_in_place(path, lock_timeout)?.map(|db| Self::over(db, prefix)).transpose()
    }

    /// Opens the file for a change.
    ///
    /// # Errors
    /// As [`open`](Self::open), and where the file cannot be written.
    pub fn open_for_change(
        path: &Path,
        prefix: Option<(Prefix, Origin)>,
        lock_timeout: Duration,
    ) -> Result<Self, LambDbError> {
        Self::over(Database::open_for_change(path, lock_timeout)?, prefix)
    }

    fn over(db: Database, prefix: Option<(Prefix, Origin)>) -> Result<Self, LambDbError> {
        // One lock for all that is read here, not one a query.
        let reading = db.conn.unchecked_transaction().map_err(|e| db.error(e))?;
        let detected = Schema::detect(&reading, prefix).map_err(|e| db.error(e))?;
        reading.finish().map_err(|e| db.error(e))?;
        match detected {
            Ok(schema) => Ok(Self { db, schema }),
            Err(error) => Err(LambDbError::Schema { path: db.path().to_owned(), error }),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// How long it waits for a lock.
    pub(crate) fn lock_timeout(&self) -> Duration {
        self.db.lock_timeout()
    }

    /// Reads several things as of one moment, under one lock. Short: a writer waits for it.
    ///
    /// # Errors
    /// What the reading itself fails with, and where SQLite fails.
    pub fn at_once<T>(&self, read: impl FnOnce(&Self) -> Result<T, DbError>) -> Result<T, DbError> {
        let reading = self.db.conn.unchecked_transaction().map_err(|e| self.db.error(e))?;
        let found = read(self)?;
        reading.finish().map_err(|e| self.db.error(e))?;
        Ok(found)
    }

    /// What is in it.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The creator of exactly this spelling, as LAMB looks it up.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn creator(&self, email: &str) -> Result<Option<Creator>, DbError> {
        let Some(set) = &self.schema.tables else { return Ok(None) };
        creator(&self.db.conn, set, email).map_err(|e| self.db.error(e))
    }

    /// The prefix of other tables in the file that have a creator of exactly this spelling.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn prefix_that_has(&self, email: &str) -> Result<Option<String>, DbError> {
        for set in &self.schema.others {
            if creator(&self.db.conn, set, email).map_err(|e| self.db.error(e))?.is_some() {
                return Ok(Some(set.prefix.as_str().to_owned()));
            }
        }
        Ok(None)
    }

    /// The creators whose e-mail looks the same as this one. Reads every creator's row.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn look_alikes(&self, email: &Email) -> Result<LookAlikes, DbError> {
        let Some(set) = self.schema.tables.as_ref().filter(|set| set.has_creator_column("user_email")) else {
            return Ok(LookAlikes::default());
        };
        self.addresses(&set.prefix, "Creator_users", email)
    }

    /// Shows the e-mail of every creator, byte for byte, to `look`. It holds a read lock meanwhile.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn every_email(&self, look: &mut dyn FnMut(&str)) -> Result<(), DbError> {
        let Some(set) = self.schema.tables.as_ref().filter(|set| set.has_creator_column("user_email")) else {
            return Ok(());
        };
        let table = set.prefix.table("Creator_users");
        self.db.every_text(&format!("SELECT user_email FROM {table}"), look)
    }

    /// What this address is to the LMS, where it came in through it.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn lms_user(&self, email: &Email) -> Result<Option<LmsUser>, DbError> {
        LmsUser::of(&email.key(), || {
            for table in self.student_tables().map_err(|e| self.db.error(e))? {
                if self.addresses(&self.schema.prefix, table, email)? != LookAlikes::default() {
                    return Ok(Some(self.student_by_table(table)));
                }
            }
            Ok(None)
        })
    }

    /// What says that a person in this table is a student, in words.
    pub(crate) fn student_by_table(&self, table: &str) -> String {
        format!("the table {}{table}", self.schema.prefix.as_str())
    }

    /// The tables of students that are there.
    pub(super) fn student_tables(&self) -> rusqlite::Result<Vec<&'static str>> {
        student_tables(&self.db.conn, &self.schema.prefix)
    }

    /// The rows of an address in a table. SQLite folds ASCII only, so the comparison is ours.
    fn addresses(&self, prefix: &Prefix, table: &'static str, email: &Email) -> Result<LookAlikes, DbError> {
        let (asked, key) = (email.as_str(), email.key());
        let read = || {
            // The table itself is read, whatever an index says.
            let mut statement =
                self.db.conn.prepare(&format!("SELECT user_email FROM {} NOT INDEXED", prefix.table(table)))?;
            let mut rows = statement.query([])?;
            let mut found = LookAlikes::default();
            while let Some(row) = rows.next()? {
                let value = row.get_ref(0)?;
                let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = value else { continue };
                let Ok(stored) = std::str::from_utf8(bytes) else { continue };
                if stored == asked && matches!(value, ValueRef::Text(_)) {
                    found.as_text = true;
                } else if stored == asked {
                    found.as_bytes = true;
                } else if email::key(stored) == key && !found.spellings.iter().any(|known| known == stored) {
                    found.spellings.push(stored.to_owned());
                }
            }
            Ok(found)
        };
        read().map_err(|e| self.db.error(e))
    }

    /// What SQLite finds wrong in the pages of LAMB's tables of people; `None` where all is well.
    pub fn damage(&self) -> Option<String> {
        let set = self.schema.tables.as_ref()?;
        let tables = ["Creator_users", "organizations", "organization_roles"];
        tables.iter().filter(|table| set.has_table(table)).find_map(|table| {
            let check = format!("PRAGMA quick_check({})", set.prefix.table(table));
            match self.db.conn.query_row(&check, [], |row| row.get::<_, String>(0)) {
                Ok(word) if word == "ok" => None,
                Ok(complaint) => Some(complaint),
                Err(error) => Some(error.to_string()),
            }
        })
    }

    /// Every organization, by slug.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn organizations(&self) -> Result<Vec<Organization>, DbError> {
        let Some(set) = self.schema.tables.as_ref().filter(|set| set.has_table("organizations")) else {
            return Ok(Vec::new());
        };
        organizations(&self.db.conn, set).map_err(|e| self.db.error(e))
    }

    /// Someone's role in an organization, also in one that is not their own.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn role_in(&self, organization: i64, creator: i64) -> Result<Option<String>, DbError> {
        let sql = format!(
            "SELECT role FROM {} WHERE organization_id = ?1 AND user_id = ?2",
            self.schema.prefix.table("organization_roles")
        );
        let read = |row: &Row<'_>| Ok(text(row.get::<_, RawValue>(0)?.0).unwrap_or_default());
        self.db.conn.query_row(&sql, [organization, creator], read).optional().map_err(|e| self.db.error(e))
    }

    /// How many enabled owners and admins an organization has beside this creator, counting only those whose own
    /// organization it is: a role elsewhere has no effect.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn other_managers(&self, organization: i64, creator: i64) -> Result<i64, DbError> {
        let Some(set) = &self.schema.tables else { return Ok(0) };
        managers_beside(&self.db.conn, set, organization, creator).map_err(|e| self.db.error(e))
    }

    /// Native: how many enabled system admins there are beside this creator.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn other_system_admins(&self, creator: i64) -> Result<i64, DbError> {
        let Some(set) = &self.schema.tables else { return Ok(0) };
        system_admins_beside(&self.db.conn, set, creator).map_err(|e| self.db.error(e))
    }

    /// The connection, to read what the repository has no word for.
    pub(crate) fn reading(&self) -> &Connection {
        &self.db.conn
    }

    /// The connection, for the one transaction of a change.
    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.db.conn
    }

    /// Puts the file's name to an error of SQLite.
    pub(crate) fn error(&self, error: rusqlite::Error) -> DbError {
        self.db.error(error)
    }

    /// The triggers in the file.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn triggers(&self) -> Result<Vec<Trigger>, DbError> {
        triggers(&self.db.conn).map_err(|e| self.db.error(e))
    }

    /// How many creators the table has ever had, as SQLite counts them; at least those that it has.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn creators_ever(&self) -> Result<i64, DbError> {
        let Some(set) = &self.schema.tables else { return Ok(0) };
        // Only a table with AUTOINCREMENT is counted, as LAMB's is; the list of counts is there if any such table is.
        let counted = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence')";
        let read = || -> rusqlite::Result<i64> {
            if !self.db.conn.query_row(counted, [], |row| row.get::<_, bool>(0))? {
                return Ok(0);
            }
            let sql = "SELECT coalesce(max(CAST(seq AS INTEGER)), 0) FROM sqlite_sequence WHERE name = ?1";
            self.db.conn.query_row(sql, [format!("{}Creator_users", set.prefix.as_str())], |row| row.get(0))
        };
        Ok(read().map_err(|e| self.db.error(e))?.max(self.creator_count()?))
    }

    /// How many creators there are.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn creator_count(&self) -> Result<i64, DbError> {
        let Some(set) = &self.schema.tables else { return Ok(0) };
        let sql = format!("SELECT count(*) FROM {}", set.prefix.table("Creator_users"));
        self.db.conn.query_row(&sql, [], |row| row.get(0)).map_err(|e| self.db.error(e))
    }
}

/// Which tables of students there are.
pub(crate) fn student_tables(conn: &Connection, prefix: &Prefix) -> rusqlite::Result<Vec<&'static str>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = 'user_email')";
    let mut there = Vec::new();
    for table in STUDENT_TABLES {
        if conn.query_row(sql, [format!("{}{table}", prefix.as_str())], |row| row.get(0))? {
            there.push(*table);
        }
    }
    Ok(there)
}

/// See [`LambDb::other_managers`]; here also inside a transaction.
pub(crate) fn managers_beside(
    conn: &Connection,
    set: &TableSet,
    organization: i64,
    creator: i64,
) -> rusqlite::Result<i64> {
    let sql = format!(
        "SELECT count(*) FROM {} r JOIN {} c ON c.id = r.user_id AND c.organization_id = r.organization_id \
         WHERE r.organization_id = ?1 AND r.user_id <> ?2 AND r.role IN ('owner', 'admin') AND c.enabled = 1",
        set.prefix.table("organization_roles"),
        set.prefix.table("Creator_users")
    );
    conn.query_row(&sql, [organization, creator], |row| row.get(0))
}

/// See [`LambDb::other_system_admins`]; here also inside a transaction.
pub(crate) fn system_admins_beside(conn: &Connection, set: &TableSet, creator: i64) -> rusqlite::Result<i64> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE role = 'admin' AND enabled = 1 AND id <> ?1",
        set.prefix.table("Creator_users")
    );
    conn.query_row(&sql, [creator], |row| row.get(0))
}

pub(super) fn organizations(conn: &Connection, set: &TableSet) -> rusqlite::Result<Vec<Organization>> {
    let sql = format!("SELECT id, slug, name, status, config FROM {} ORDER BY slug", set.prefix.table("organizations"));
    let mut statement = conn.prepare(&sql)?;
    let found = statement.query_map([], |row| organization(row, 0))?;
    found.filter_map(Result::transpose).collect()
}

/// The creator of exactly this spelling. Columns and tables that are not there read as NULL: LAMB fails on them,
/// which has its own finding, and the rest can still be read.
pub(super) fn creator(conn: &Connection, set: &TableSet, email: &str) -> rusqlite::Result<Option<Creator>> {
    if !set.has_creator_column("user_email") {
        return Ok(None);
    }
    let sql = format!("{} WHERE c.user_email = ?1", select_creators(set, true));
    let found = conn.prepare(&sql)?.query_row([email], |row| read_creator(row, set)).optional()?;
    let Some(mut creator) = found else { return Ok(None) };
    if has_roles(set) {
        creator.roles_elsewhere = roles_elsewhere(conn, set, &creator)?;
    }
    Ok(Some(creator))
}

/// True where the roles of creators can be read.
pub(super) fn has_roles(set: &TableSet) -> bool {
    let all_there =
        ["organization_id", "user_id", "role"].iter().all(|column| set.has_column("organization_roles", column));
    all_there && set.has_creator_column("organization_id")
}

/// Everything that [`read_creator`] reads, without a condition. `organizations`: theirs too, row by row.
pub(super) fn select_creators(set: &TableSet, organizations: bool) -> String {
    let column = |name: &'static str| {
        if set.has_creator_column(name) { format!("c.{name}") } else { "NULL".to_owned() }
    };
    let native = |name| if set.edition == super::Edition::Native { column(name) } else { "NULL".to_owned() };
    let mut columns: Vec<String> = [
        "id",
        "user_email",
        "user_name",
        "user_type",
        "enabled",
        "organization_id",
        "user_config",
        "created_at",
        "updated_at",
    ]
    .map(column)
    .into();
    columns.extend(["role", "auth_provider", "password_hash"].map(native));
    let (organization, role) = (set.prefix.table("organizations"), set.prefix.table("organization_roles"));
    let mut from = format!("{} c", set.prefix.table("Creator_users"));
    if organizations && set.has_column("organizations", "id") && set.has_creator_column("organization_id") {
        columns.extend(["id", "slug", "name", "status", "config"].map(|column| {
            if set.has_column("organizations", column) { format!("o.{column}") } else { "NULL".to_owned() }
        }));
        from += &format!(" LEFT JOIN {organization} o ON o.id = c.organization_id");
    } else {
        columns.extend(vec!["NULL".to_owned(); 5]);
    }
    if has_roles(set) {
        columns.push("r.role".to_owned());
        from += &format!(" LEFT JOIN {role} r ON r.organization_id = c.organization_id AND r.user_id = c.id");
    } else {
        columns.push("NULL".to_owned());
    }
    columns.push(native("lti_user_id"));
    format!("SELECT {} FROM {from}", columns.join(", "))
}

pub(super) fn read_creator(row: &Row<'_>, set: &TableSet) -> rusqlite::Result<Creator> {
    let word = |at: usize| row.get::<_, RawValue>(at).map(|stored| text(stored.0));
    let number = |at: usize| row.get::<_, RawValue>(at).map(|stored| integer(&stored.0));
    let native = (set.edition == super::Edition::Native).then(|| -> rusqlite::Result<NativePart> {
        Ok(NativePart {
            system_role: word(9)?.unwrap_or_default(),
            auth_provider: word(10)?.unwrap_or_default(),
            password_hash: PasswordHash::of(word(11)?.as_deref()),
            lms_id: word(18)?,
        })
    });
    Ok(Creator {
        id: number(0)?.unwrap_or_default(),
        email: Email::stored(word(1)?.unwrap_or_default()),
        is_found_by_email: matches!(row.get_ref(1)?, ValueRef::Text(_)),
        name: word(2)?.unwrap_or_default(),
        user_type: word(3)?.unwrap_or_default(),
        // A file whose migration did not get that far has no such column, and no creator is disabled there.
        enabled: !set.has_creator_column("enabled") || is_true(row.get_ref(4)?),
        organization_id: number(5)?,
        user_config: JsonColumn::of(row.get_ref(6)?),
        unreadable: unreadable_columns(row)?,
        created_at: number(7)?,
        updated_at: number(8)?,
        organization: organization(row, 12)?.map(Arc::new),
        organization_role: word(17)?,
        roles_elsewhere: Vec::new(),
        native: native.transpose()?,
    })
}

/// The columns of a creator, apart from `user_config`, whose text Python cannot decode.
fn unreadable_columns(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    let columns = [(2, "user_name"), (3, "user_type"), (9, "role"), (10, "auth_provider"), (11, "password_hash")];
    let mut unreadable = Vec::new();
    for (at, name) in columns {
        if is_unreadable(row.get_ref(at)?) {
            unreadable.push(name.to_owned());
        }
    }
    Ok(unreadable)
}

/// The organization in the five columns from `at`; `None` where its id is NULL.
fn organization(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Organization>> {
    let word = |at: usize| row.get::<_, RawValue>(at).map(|stored| text(stored.0).unwrap_or_default());
    let Some(id) = integer(&row.get::<_, RawValue>(at)?.0) else { return Ok(None) };
    Ok(Some(Organization {
        id,
        slug: word(at + 1)?,
        name: word(at + 2)?,
        status: word(at + 3)?,
        config: JsonColumn::of(row.get_ref(at + 4)?),
    }))
}

pub(super) fn roles_elsewhere(
    conn: &Connection,
    set: &TableSet,
    creator: &Creator,
) -> rusqlite::Result<Vec<RoleElsewhere>> {
    let (slug, join) = if set.has_column("organizations", "slug") {
        let join = format!("LEFT JOIN {} o ON o.id = r.organization_id", set.prefix.table("organizations"));
        ("coalesce(o.slug, r.organization_id)", join)
    } else {
        ("r.organization_id", String::new())
    };
    let sql = format!(
        "SELECT {slug}, r.role FROM {} r {join} WHERE r.user_id = ?1 AND r.organization_id IS NOT ?2 ORDER BY 1",
        set.prefix.table("organization_roles")
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let read = |row: &Row<'_>| {
        Ok(RoleElsewhere {
            organization: text(row.get::<_, RawValue>(0)?.0).unwrap_or_default(),
            role: text(row.get::<_, RawValue>(1)?.0).unwrap_or_default(),
        })
    };
    statement.query_map((creator.id, creator.organization_id), read)?.collect()
}
