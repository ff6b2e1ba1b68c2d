//! Rows as they are now, and what became of them since a run wrote them.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::rows::{RowChange, Table};
use crate::lamb::schema::TableSet;
use crate::sqlite::Stored;

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
    cells.map(|(at, name)| Ok((name, row.get::<_, Stored>(at)?.0))).collect::<rusqlite::Result<_>>().map(Some)
}

/// What the columns of a table hold where nobody wrote to them; `None` where only SQLite could work it out.
pub(super) type Defaults = BTreeMap<String, Option<Value>>;

/// Of both tables that changes are made in.
pub(super) fn defaults(conn: &Connection, set: &TableSet) -> rusqlite::Result<BTreeMap<Table, Defaults>> {
    let tables = [Table::CreatorUsers, Table::OrganizationRoles];
    tables.into_iter().map(|table| Ok((table, defaults_of(conn, set, table)?))).collect()
}

fn defaults_of(conn: &Connection, set: &TableSet, table: Table) -> rusqlite::Result<Defaults> {
    let name = format!("{}{}", set.prefix.as_str(), table.name());
    let mut statement = conn.prepare_cached("SELECT name, dflt_value, type FROM pragma_table_info(?1)")?;
    let found = statement.query_map([name], |row| {
        let default: Option<String> = row.get(1)?;
        let kind: Option<String> = row.get(2)?;
        Ok((row.get(0)?, literal(default.as_deref()).and_then(|value| as_stored(value, &kind.unwrap_or_default()))))
    })?;
    found.collect()
}

/// The value of a default that is a plain literal.
fn literal(default: Option<&str>) -> Option<Value> {
    let Some(text) = default.map(str::trim) else { return Some(Value::Null) };
    if let Ok(number) = text.parse() {
        return Some(Value::Integer(number));
    }
    // Words like `inf` are numbers for Rust only.
    if text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && let Ok(number) = text.parse()
    {
        return Some(Value::Real(number));
    }
    match text.to_ascii_uppercase().as_str() {
        "NULL" => return Some(Value::Null),
        "TRUE" => return Some(Value::Integer(1)),
        "FALSE" => return Some(Value::Integer(0)),
        _ => {}
    }
    // SQLite takes a default in double quotes for a text, too.
    let quoted = |mark: char, twice: &str| {
        let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
        Some(Value::Text(inner.replace(twice, &mark.to_string())))
    };
    quoted('\'', "''").or_else(|| quoted('"', "\"\""))
}

/// What a value becomes in a column declared so: SQLite stores a number in a column of text as text, and the other way
/// round. `None` where only SQLite knows how it writes a number.
fn as_stored(value: Value, kind: &str) -> Option<Value> {
    let kind = kind.to_ascii_uppercase();
    let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let (is_integer, is_text) = (says(&["INT"]), says(&["CHAR", "CLOB", "TEXT"]));
    let is_plain = kind.is_empty() || says(&["BLOB"]);
    let is_real = says(&["REAL", "FLOA", "DOUB"]);
    // The order in which SQLite asks.
    Some(match value {
        Value::Text(text) if is_integer || !(is_text || is_plain) => match text.trim().parse::<f64>() {
            Ok(number) if is_real && !is_integer => Value::Real(number),
            Ok(number) if number.fract() == 0.0 && number.abs() < 9e15 => Value::Integer(number as i64),
            Ok(number) => Value::Real(number),
            Err(_) => Value::Text(text),
        },
        Value::Integer(number) if is_text && !is_integer => Value::Text(number.to_string()),
        Value::Integer(number) if is_real && !(is_integer || is_plain) => Value::Real(number as f64),
        Value::Real(number) if is_text && !is_integer => {
            // So far both write it alike; beyond, SQLite rounds, and writes powers of ten.
            let text = format!("{number:?}");
            let is_plain = (1e-3..1e14).contains(&number.abs()) && text.len() < 15;
            return is_plain.then_some(Value::Text(text));
        }
        Value::Real(number) if is_integer || !(is_plain || is_real) => {
            if number.fract() == 0.0 && number.abs() < 9e15 {
                Value::Integer(number as i64)
            } else {
                Value::Real(number)
            }
        }
        other => other,
    })
}

/// What became of a row since the run wrote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// It is as the run left it.
    Untouched,
    /// Somebody wrote to it.
    Changed,
    /// All of it is as the run left it but this column, whose default only SQLite could work out.
    Unknown(String),
}

/// Looks at every column that the run wrote, and in a row that it made also at every other.
pub(super) fn since(row: &RowChange<'_>, stored: &BTreeMap<String, Value>, defaults: &Defaults) -> Since {
    let Some(after) = &row.after else { return Since::Changed };
    let written = after.0.iter().all(|(name, cell)| stored.get(&**name).is_some_and(|value| cell.is(value)));
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

/// True where a row is that of the creator with exactly this address: ids alone say little, another database has others.
pub(super) fn is_theirs(
    conn: &Connection,
    set: &TableSet,
    table: Table,
    stored: &BTreeMap<String, Value>,
    email: &str,
) -> rusqlite::Result<bool> {
    match table {
        Table::CreatorUsers => Ok(matches!(stored.get("user_email"), Some(Value::Text(text)) if text == email)),
        Table::OrganizationRoles => {
            let Some(Value::Integer(creator)) = stored.get("user_id") else { return Ok(false) };
            creator_is_there(conn, set, *creator, email)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite itself says what a column holds where nobody wrote to it.
    #[test]
    fn defaults_are_what_sqlite_stores() {
        let conn = Connection::open_in_memory().unwrap();
        let kinds =
            ["TEXT", "INTEGER", "BOOLEAN", "REAL", "VARCHAR(9)", "JSON", "BLOB", "", "DOUBLE", "BIGINT", "NUMERIC"];
        let values = [
            "0", "-7", "NULL", "TRUE", "false", "'x''y'", "'12'", "\"q\"", "'{}'", "''", "0.5", "-7.25", "3.0",
            "+1.5e2", ".5",
        ];
        for kind in kinds {
            for value in values {
                let sql = format!(
                    "DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER, c {kind} DEFAULT {value}); INSERT INTO t (id) VALUES (1);"
                );
                conn.execute_batch(&sql).unwrap();
                let stored: Value = conn.query_row("SELECT c FROM t", [], |row| row.get(0)).unwrap();
                let read = "SELECT dflt_value, type FROM pragma_table_info('t') WHERE name = 'c'";
                let (text, kind): (Option<String>, String) =
                    conn.query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                let ours = literal(text.as_deref()).and_then(|value| as_stored(value, &kind));
                assert_eq!(ours, Some(stored), "{kind:?} DEFAULT {value}");
            }
        }
        for other in ["CURRENT_TIMESTAMP", "1 + 1", "1-1", "inf", "0x10", "random()"] {
            assert_eq!(literal(Some(other)), None, "{other}");
        }
        assert_eq!(as_stored(Value::Real(1e300), "TEXT"), None);
    }
}
