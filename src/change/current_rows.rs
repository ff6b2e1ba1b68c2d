//! Rows as they are now, and what became of them since a run wrote them.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::rows::{RowChange, Table};
use crate::lamb::schema::TableSet;
use crate::sqlite::RawValue;

/// True where the creator of this id has exactly this address.
pub(super) fn creator_is_there(conn: &Connection, set: &TableSet, id: i64, email: &str) -> rusqlite::Result<bool> {
    let creators = set.prefix.table("Creator_users");
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {creators} WHERE id = ?1 AND user_email = ?2)");
    conn.prepare_cached(&sql)?.query_row(params![id, email], |row| row.get(0))
}

/// All of a row by column name; `None` where it is not there.
pub(super) fn stored_row(
    conn: &Connection,
    set: &TableSet,
    table: Table,
    id: i64,
) -> rusqlite::Result<Option<BTreeMap<String, Value>>> {
    let mut statement =
        conn.prepare_cached(&format!("SELECT * FROM {} WHERE id = ?1", set.prefix.table(table.name())))?;
    let names: Vec<String> = statement.column_names().map(ToOwned::to_owned).collect();
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let cells = names.into_iter().enumerate();
    cells.map(|(at, name)| Ok((name, row.get::<_, RawValue>(at)?.0))).collect::<rusqlite::Result<_>>().map(Some)
}

/// What each column of a table holds where nothing wrote to it; `None` where its default is not a constant.
pub(super) type Defaults = BTreeMap<String, Option<Value>>;

/// Of every table that changes are made in.
pub(super) fn defaults(conn: &Connection, set: &TableSet) -> rusqlite::Result<BTreeMap<Table, Defaults>> {
    Table::ALL.into_iter().map(|table| Ok((table, defaults_of(conn, set, table)?))).collect()
}

fn defaults_of(conn: &Connection, set: &TableSet, table: Table) -> rusqlite::Result<Defaults> {
    let name = format!("{}{}", set.prefix.as_str(), table.name());
    let mut statement = conn.prepare_cached("SELECT name, cid, type, dflt_value FROM pragma_table_info(?1)")?;
    let scratch = Connection::open_in_memory()?;
    scratch.execute_batch("CREATE TABLE t (id); INSERT INTO t VALUES (1)")?;
    let found = statement.query_map([name], |row| {
        let (column, kind, default): (i64, Option<String>, Option<String>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let constant = |default: String| constant(&scratch, column, &kind.unwrap_or_default(), &default);
        Ok((row.get(0)?, default.map_or(Some(Value::Null), constant)))
    })?;
    found.collect()
}

/// SQLite itself says what a default becomes in a column of this type. To a table that has a row, SQLite adds no column
/// whose default is not a constant.
fn constant(scratch: &Connection, column: i64, kind: &str, default: &str) -> Option<Value> {
    let kind = if kind.is_empty() { String::new() } else { format!("\"{}\"", kind.replace('"', "\"\"")) };
    scratch.execute(&format!("ALTER TABLE t ADD COLUMN c{column} {kind} DEFAULT {default}"), []).ok()?;
    let inserted = format!("INSERT INTO t DEFAULT VALUES RETURNING c{column}");
    scratch.query_row(&inserted, [], |row| row.get::<_, RawValue>(0)).ok().map(|stored| stored.0)
}

/// What became of a row since the run wrote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// It is as the run left it.
    Untouched,
    /// It was written to.
    Changed,
    /// All of it is as the run left it but this column, whose default only SQLite could work out.
    Unknown(String),
}

/// Looks at every column that the run wrote, and in a row that it made also at every other.
pub(super) fn since(row: &RowChange<'_>, stored: &BTreeMap<String, Value>, defaults: &Defaults) -> Since {
    let Some(after) = &row.after else { return Since::Changed };
    let written = after.0.iter().all(|(name, cell)| stored.get(&**name).is_some_and(|value| cell.is(value.into())));
    let named = row.before.iter().flat_map(|before| &before.0).all(|(name, _)| stored.contains_key(&**name));
    if !(written && named) {
        return Since::Changed;
    }
    let mut unknown = None;
    let others = stored.iter().filter(|(name, _)| *name != "id" && after.get(name).is_none());
    for (name, value) in others.filter(|_| row.before.is_none()) {
        match defaults.get(name) {
            Some(Some(default)) if default == value => {}
            Some(None) => unknown = Some(name),
            _ => return Since::Changed,
        }
    }
    unknown.map_or(Since::Untouched, |name| Since::Unknown(name.clone()))
}

/// True where a row is that of the creator with exactly this address, or of the organization with this slug: ids alone
/// say little, another database has others.
pub(super) fn is_theirs(
    conn: &Connection,
    set: &TableSet,
    table: Table,
    stored: &BTreeMap<String, Value>,
    email: &str,
) -> rusqlite::Result<bool> {
    let is = |column: &str| matches!(stored.get(column), Some(Value::Text(text)) if text == email);
    match table {
        Table::CreatorUsers => Ok(is("user_email")),
        Table::Organizations => Ok(is("slug")),
        Table::OrganizationRoles => {
            let Some(Value::Integer(creator)) = stored.get("user_id") else { return Ok(false) };
            creator_is_there(conn, set, *creator, email)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lamb::Edition;
    use crate::settings::Prefix;

    /// What the program says of a column that is declared so, and what an inserted row holds in it.
    fn both(declared: &str) -> (Option<Value>, Value) {
        let conn = Connection::open_in_memory().unwrap();
        let sql =
            format!("CREATE TABLE Creator_users (id INTEGER, c {declared}); INSERT INTO Creator_users (id) VALUES (1)");
        conn.execute_batch(&sql).unwrap();
        let prefix = Prefix::parse("").unwrap();
        let set =
            TableSet { prefix, edition: Edition::Delegated, missing: Vec::new(), views: Vec::new(), empty: false };
        let ours = defaults_of(&conn, &set, Table::CreatorUsers).unwrap().remove("c").unwrap();
        (ours, conn.query_row("SELECT c FROM Creator_users", [], |row| row.get(0)).unwrap())
    }

    #[test]
    fn a_constant_default_is_known_as_it_is_stored() {
        let kinds = [
            "TEXT",
            "INTEGER",
            "BOOLEAN",
            "REAL",
            "VARCHAR(9)",
            "JSON",
            "BLOB",
            "",
            "DOUBLE",
            "BIGINT",
            "NUMERIC",
            "\"a \"\"b\"",
        ];
        let values = [
            "0",
            "-7",
            "NULL",
            "TRUE",
            "false",
            "'x''y'",
            "'12'",
            "\"q\"",
            "'{}'",
            "''",
            "0.5",
            "-7.25",
            "3.0",
            "+1.5e2",
            ".5",
            "1e300",
            "0x10",
            "inf",
            "'; DROP TABLE t; --'",
        ];
        for kind in kinds {
            for value in values {
                let (ours, stored) = both(&format!("{kind} DEFAULT {value}"));
                assert_eq!(ours, Some(stored), "{kind:?} DEFAULT {value}");
            }
        }
        assert_eq!(both("TEXT"), (Some(Value::Null), Value::Null));
    }

    #[test]
    fn a_default_that_is_worked_out_for_each_row_is_not_known() {
        for other in ["CURRENT_TIMESTAMP", "(1 + 1)", "(random())", "(hex(randomblob(4)))"] {
            assert_eq!(both(&format!("TEXT DEFAULT {other}")).0, None, "{other}");
        }
    }
}
