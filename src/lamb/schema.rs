//! Which of the tables in `lamb_v4.db` LAMB reads, and which edition wrote them.

use std::collections::BTreeMap;
use std::fmt;

use rusqlite::Connection;
use serde::Serialize;

use super::Edition;
use crate::settings::{Origin, Prefix};

/// The columns of `Creator_users` that the delegated edition writes.
const CREATOR_COLUMNS: &[&str] = &[
    "id",
    "organization_id",
    "user_email",
    "user_name",
    "user_type",
    "user_config",
    "created_at",
    "updated_at",
    "enabled",
];

/// Those of them that no look-up reads: without any other, every look-up fails (measured).
const UNREAD_COLUMNS: &[&str] = &["Creator_users.created_at", "Creator_users.updated_at"];

/// The columns that the native edition adds, and reads.
const NATIVE_COLUMNS: &[&str] = &["lti_user_id", "auth_provider", "password_hash", "role"];

/// So many of these make a table the native edition's. One or two are left by hand, or by an upgrade that did not get far.
const NATIVE_FROM: usize = 3;

/// The other tables that a look-up of a creator touches, and their columns that it selects. LAMB answers without them
/// (measured), as if the creator had no organization or no role.
const TABLES: &[(&str, &[&str])] = &[
    ("organizations", &["id", "slug", "name", "status", "config"]),
    ("organization_roles", &["organization_id", "user_id", "role"]),
];

/// Why this prefix and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrefixChoice {
    /// LAMB's settings say it.
    Configured(Origin),
    /// Nothing says one, and there is only this one in the file.
    Sole,
    /// Nothing says one, there are several, and this is the default of the edition that made the newest.
    EditionDefault,
}

/// One set of LAMB's tables in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableSet {
    /// What stands before the tables' names.
    pub prefix: Prefix,
    /// Who wrote them.
    pub edition: Edition,
    /// Columns and tables that LAMB selects from and that are not there.
    pub missing: Vec<String>,
    /// Those of its tables that are views or virtual tables, which LAMB reads like tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<String>,
    /// True where it has no creator at all.
    pub empty: bool,
}

/// What LAMB finds in the file with the prefix of its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// The prefix that LAMB uses.
    pub prefix: Prefix,
    /// Why that one.
    pub choice: PrefixChoice,
    /// Its tables; `None` where the file has none with this prefix (LAMB would make an empty set).
    pub tables: Option<TableSet>,
    /// Other sets of tables in the same file that have creators in them.
    pub others: Vec<TableSet>,
    /// The prefixes of other sets that have none: a LAMB with that prefix creates them.
    pub empty_sets: Vec<Prefix>,
}

/// Why no set of tables can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not a LAMB database, or one whose backend never started.
    #[error("there are no LAMB tables in it (none is named …Creator_users)")]
    NoTables,
    /// More than one set, none of them LAMB's default, and nothing says which.
    #[error(
        "it has several sets of LAMB tables ({0}) and nothing says which LAMB reads\n  set LAMB_DB_PREFIX as in LAMB's environment, or pass --lamb-db-prefix"
    )]
    Ambiguous(String),
}

impl Schema {
    /// The edition of the tables that LAMB reads, or of the full set that it should read.
    pub fn edition(&self) -> Option<Edition> {
        self.tables.iter().chain(&self.others).map(|set| set.edition).next()
    }

    /// True where LAMB reads no or empty tables while another set in the same file is full.
    pub fn prefix_is_wrong(&self) -> bool {
        self.tables.as_ref().is_none_or(|set| set.empty) && !self.others.is_empty()
    }

    /// Looks what is in the file.
    ///
    /// # Errors
    /// The outer error is SQLite's, the inner one says why no set can be chosen.
    pub(super) fn detect(
        conn: &Connection,
        configured: Option<(Prefix, Origin)>,
    ) -> rusqlite::Result<Result<Self, SchemaError>> {
        let mut sets = table_sets(conn)?;
        if sets.is_empty() {
            return Ok(Err(SchemaError::NoTables));
        }
        let (prefix, choice) = match configured {
            Some((prefix, origin)) => (prefix, PrefixChoice::Configured(origin)),
            None => match default_of(&sets) {
                Ok((prefix, choice)) => (prefix, choice),
                Err(error) => return Ok(Err(error)),
            },
        };
        let tables = sets.iter().position(|set| set.prefix.same_as(&prefix)).map(|at| sets.remove(at));
        let (empty, others): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| set.empty);
        let empty_sets = empty.into_iter().map(|set| set.prefix).collect();
        Ok(Ok(Self { prefix, choice, tables, others, empty_sets }))
    }
}

/// What LAMB reads where nothing says a prefix: the sole set there is, else the default of its edition. Only a
/// native LAMB makes tables with native columns, so native columns under native's default prefix tell which edition runs.
fn default_of(sets: &[TableSet]) -> Result<(Prefix, PrefixChoice), SchemaError> {
    if let [only] = sets {
        return Ok((only.prefix.clone(), PrefixChoice::Sole));
    }
    let default = |edition: Edition| sets.iter().find(|s| s.prefix.as_str() == edition.default_prefix());
    let native = default(Edition::Native).filter(|set| set.edition == Edition::Native);
    match native.or_else(|| default(Edition::Delegated)) {
        Some(set) => Ok((set.prefix.clone(), PrefixChoice::EditionDefault)),
        None => {
            let names: Vec<_> = sets.iter().map(|set| set.prefix.to_string()).collect();
            Err(SchemaError::Ambiguous(names.join(", ")))
        }
    }
}

fn table_sets(conn: &Connection) -> rusqlite::Result<Vec<TableSet>> {
    // A virtual table is a table without a page.
    let sql = "SELECT name, type = 'table' AND rootpage > 0 FROM sqlite_schema WHERE type IN ('table', 'view')";
    let mut names = conn.prepare(sql)?;
    let names: BTreeMap<String, bool> =
        names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let prefixes = names.keys().filter_map(|name| Prefix::parse(strip_suffix(name, "Creator_users")?));
    prefixes.map(|prefix| table_set(conn, prefix, &names)).collect()
}

/// A trigger, of which LAMB has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Its own name.
    pub name: String,
    /// The table that it is on, with its prefix.
    pub table: String,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trigger {:?} on {}", self.name, self.table)
    }
}

/// Every trigger in the file.
pub(crate) fn triggers(conn: &Connection) -> rusqlite::Result<Vec<Trigger>> {
    let mut found = conn.prepare("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")?;
    found.query_map([], |row| Ok(Trigger { name: row.get(0)?, table: row.get(1)? }))?.collect()
}

/// SQLite's names are the same in any case.
fn strip_suffix<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let (prefix, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(prefix)
}

fn table_set(conn: &Connection, prefix: Prefix, names: &BTreeMap<String, bool>) -> rusqlite::Result<TableSet> {
    let creators = prefix.table("Creator_users");
    let full = |table: &str| format!("{}{table}", prefix.as_str());
    // This takes a third of the time of `pragma_table_info`, which is a table that SQLite makes up.
    let columns_of = |table: &'static str| -> rusqlite::Result<Vec<String>> {
        if !names.keys().any(|name| name.eq_ignore_ascii_case(&full(table))) {
            return Ok(Vec::new());
        }
        let none = conn.prepare(&format!("SELECT * FROM {} LIMIT 0", prefix.table(table)))?;
        Ok(none.column_names().map(ToOwned::to_owned).collect())
    };
    let has = |columns: &[String], name: &str| columns.iter().any(|n| n.eq_ignore_ascii_case(name));
    let columns = columns_of("Creator_users")?;
    let native = NATIVE_COLUMNS.iter().filter(|column| has(&columns, column)).count() >= NATIVE_FROM;
    let wanted = CREATOR_COLUMNS.iter().chain(if native { NATIVE_COLUMNS } else { &[] });
    let mut missing: Vec<String> =
        wanted.filter(|column| !has(&columns, column)).map(|column| format!("Creator_users.{column}")).collect();
    for (table, wanted) in TABLES {
        let columns = columns_of(table)?;
        if columns.is_empty() {
            missing.push((*table).to_owned());
        } else {
            missing.extend(wanted.iter().filter(|name| !has(&columns, name)).map(|name| format!("{table}.{name}")));
        }
    }
    let tables = ["Creator_users"].into_iter().chain(TABLES.iter().map(|(table, _)| *table));
    let is_view =
        |table: &&str| names.iter().any(|(name, is_table)| !is_table && name.eq_ignore_ascii_case(&full(table)));
    let views = tables.filter(is_view).map(ToOwned::to_owned).collect();
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {creators})");
    let empty = !conn.query_row(&sql, [], |row| row.get::<_, bool>(0))?;
    let edition = if native { Edition::Native } else { Edition::Delegated };
    Ok(TableSet { prefix, edition, missing, views, empty })
}

impl TableSet {
    /// True where something is missing that LAMB selects: nothing is written there.
    pub fn is_incomplete(&self) -> bool {
        !self.missing.is_empty()
    }

    /// True where LAMB's own look-up of a creator fails on every request.
    pub fn blocks_every_look_up(&self) -> bool {
        let is_read = |missing: &&String| !UNREAD_COLUMNS.contains(&missing.as_str());
        self.missing.iter().filter(is_read).any(|missing| missing.starts_with("Creator_users."))
    }

    pub(super) fn has_creator_column(&self, column: &str) -> bool {
        self.has_column("Creator_users", column)
    }

    /// True where the table is there and has the column, one of those that LAMB selects.
    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        let is_missing =
            |m: &String| m == table || m.strip_prefix(table).is_some_and(|m| m.strip_prefix('.') == Some(column));
        !self.missing.iter().any(is_missing)
    }

    pub(super) fn has_table(&self, table: &str) -> bool {
        !self.missing.iter().any(|m| m == table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(change: &str) -> TableSet {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&include_str!("../sandbox/schema/lamb.sql").replace("{p}", "")).unwrap();
        conn.execute_batch(change).unwrap();
        table_sets(&conn).unwrap().remove(0)
    }

    fn with(columns: &[&str]) -> TableSet {
        set(&columns
            .iter()
            .map(|name| format!("ALTER TABLE Creator_users ADD COLUMN {name} TEXT;"))
            .collect::<String>())
    }

    /// All measured on a running delegated LAMB, which does not read them, and on a native one that lacks one of them.
    #[test]
    fn a_native_column_or_two_do_not_make_a_native_lamb() {
        for left in [&["password_hash"][..], &["role"], &["password_hash", "role"]] {
            let set = with(left);
            assert_eq!((set.edition, set.blocks_every_look_up()), (Edition::Delegated, false), "{left:?}");
        }
        let set = with(&["lti_user_id", "auth_provider", "role"]);
        assert_eq!((set.edition, set.blocks_every_look_up()), (Edition::Native, true));
    }

    /// Measured: with each column renamed in turn.
    #[test]
    fn a_look_up_fails_without_any_column_but_the_times() {
        for column in ["organization_id", "user_email", "user_name", "user_type", "user_config", "enabled"] {
            let set = set(&format!("ALTER TABLE Creator_users RENAME COLUMN {column} TO other"));
            assert!(set.is_incomplete() && set.blocks_every_look_up(), "{column}");
        }
        for column in ["created_at", "updated_at"] {
            let set = set(&format!("ALTER TABLE Creator_users RENAME COLUMN {column} TO other"));
            assert!(set.is_incomplete() && !set.blocks_every_look_up(), "{column}");
        }
    }
}
