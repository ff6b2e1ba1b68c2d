//! `schemas.json` and `counts.json`: which tables are there, with which columns, and how many rows they have.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;

use super::allow::{LAMB_TABLES, OWI_TABLES, ROLES, Word};
use crate::sqlite::{Database, DbError};

/// How a database is built, without any of its rows.
#[derive(Debug, Serialize)]
pub(super) struct Schema {
    journal_mode: Word,
    user_version: i64,
    /// Each set of LAMB's tables by its own; Open WebUI has one.
    sets: Vec<TableSet>,
    /// How many tables have names that are on no list. A table's name could hold a user's name, so it is left out.
    other_tables: usize,
    views: i64,
    triggers: i64,
}

#[derive(Debug, Serialize)]
struct TableSet {
    /// LAMB's; empty for Open WebUI.
    prefix: Word,
    tables: Vec<Table>,
}

#[derive(Debug, Serialize)]
struct Table {
    name: Word,
    columns: Vec<Column>,
    indexes: Vec<Index>,
}

#[derive(Debug, Serialize)]
struct Column {
    name: Word,
    kind: Word,
    length: Option<u32>,
    not_null: bool,
    /// `none`, `null`, `number`, or something else.
    default: Word,
    key: i64,
}

#[derive(Debug, Serialize)]
struct Index {
    unique: bool,
    partial: bool,
    columns: Vec<Word>,
}

/// How many rows a table has.
#[derive(Debug, Serialize)]
pub(super) struct Rows {
    table: Word,
    rows: i64,
}

/// How many there are of a kind.
#[derive(Debug, Serialize)]
pub(super) struct Count {
    what: Word,
    count: i64,
}

/// What is counted of a database.
#[derive(Debug, Serialize)]
pub(super) struct Counts {
    /// LAMB's prefix; empty for Open WebUI.
    prefix: Word,
    tables: Vec<Rows>,
    /// Of LAMB: roles in organizations. Of Open WebUI: roles of users.
    roles: Vec<Count>,
    /// Of LAMB: enabled creators. Of Open WebUI: rows of `auth` that are switched on.
    switched_on: Option<i64>,
}

/// Whose database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Lamb,
    OpenWebUi,
}

/// Looks at a database, read-only. What cannot be counted (a broken table) is left out.
pub(super) fn look(path: &Path, side: Side, lock_timeout: Duration) -> Result<(Schema, Vec<Counts>), DbError> {
    let db = Database::open_read_only(path, lock_timeout)?;
    let looked = schema(&db.conn, side).and_then(|schema| Ok((schema, counts(&db.conn, side)?)));
    looked.map_err(|error| db.error(error))
}

/// The prefixes of LAMB's sets of tables; for Open WebUI the one that is none.
fn prefixes(names: &[String], side: Side) -> Vec<String> {
    match side {
        Side::OpenWebUi => vec![String::new()],
        Side::Lamb => names.iter().filter_map(|name| name.strip_suffix("Creator_users").map(str::to_owned)).collect(),
    }
}

fn known(side: Side) -> &'static [&'static str] {
    match side {
        Side::Lamb => LAMB_TABLES,
        Side::OpenWebUi => OWI_TABLES,
    }
}

fn prefix_word(prefix: &str) -> Word {
    Word::one_of(prefix, &["", "LAMB_"])
}

fn table_names(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";
    conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn schema(conn: &Connection, side: Side) -> rusqlite::Result<Schema> {
    let names = table_names(conn)?;
    let mut sets = Vec::new();
    let mut told = 0;
    for prefix in prefixes(&names, side) {
        let mut tables = Vec::new();
        for name in known(side) {
            let full = format!("{prefix}{name}");
            if names.contains(&full) {
                tables.push(Table {
                    name: Word::own(name),
                    columns: columns(conn, &full)?,
                    indexes: indexes(conn, &full)?,
                });
            }
        }
        told += tables.len();
        sets.push(TableSet { prefix: prefix_word(&prefix), tables });
    }
    let count = |kind: &str| {
        conn.query_row("SELECT count(*) FROM sqlite_schema WHERE type = ?1", [kind], |row| row.get::<_, i64>(0))
    };
    let mode: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    Ok(Schema {
        journal_mode: Word::one_of(&mode, &["delete", "truncate", "persist", "memory", "wal", "off"]),
        user_version: conn.query_row("PRAGMA user_version", [], |row| row.get(0))?,
        sets,
        other_tables: names.len().saturating_sub(told),
        views: count("view")?,
        triggers: count("trigger")?,
    })
}

/// The types that SQLite's programs declare.
const KINDS: &[&str] = &[
    "",
    "BIGINT",
    "BLOB",
    "BOOLEAN",
    "CHAR",
    "DATE",
    "DATETIME",
    "FLOAT",
    "INTEGER",
    "JSON",
    "NUMERIC",
    "REAL",
    "TEXT",
    "TIMESTAMP",
    "VARCHAR",
];

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let mut info = conn.prepare("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?1)")?;
    let columns = info.query_map([table], |row| {
        let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let (kind, length) = match declared.split_once('(') {
            Some((kind, length)) => (kind.trim_end().to_owned(), length.trim_end_matches(')').parse().ok()),
            None => (declared, None),
        };
        let default = row.get::<_, Option<String>>(3)?;
        let default = match default.as_deref() {
            None => "none",
            Some("NULL") => "null",
            Some(text) if text.parse::<f64>().is_ok() => "number",
            Some(text) => text.trim_matches('\''),
        };
        Ok(Column {
            name: Word::column(&name),
            kind: Word::one_of(&kind, KINDS),
            length,
            not_null: row.get(2)?,
            default: Word::one_of(
                default,
                &["none", "null", "number", "active", "creator", "user", "password", "FALSE", "TRUE"],
            ),
            key: row.get(4)?,
        })
    })?;
    columns.collect()
}

fn indexes(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Index>> {
    let mut list = conn.prepare("SELECT name, \"unique\", partial FROM pragma_index_list(?1) ORDER BY seq")?;
    let mut names = conn.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
    let all: Vec<(String, bool, bool)> =
        list.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<rusqlite::Result<_>>()?;
    let index = |(name, unique, partial): (String, bool, bool)| {
        // An index over an expression has no column.
        let word = |row: &rusqlite::Row<'_>| {
            Ok(row.get::<_, Option<String>>(0)?.map_or(Word::own("(expression)"), |name| Word::column(&name)))
        };
        Ok(Index { unique, partial, columns: names.query_map([name], word)?.collect::<rusqlite::Result<_>>()? })
    };
    all.into_iter().map(index).collect()
}

fn counts(conn: &Connection, side: Side) -> rusqlite::Result<Vec<Counts>> {
    let names = table_names(conn)?;
    let mut all = Vec::new();
    for prefix in prefixes(&names, side) {
        let quoted = |name: &str| format!("\"{}\"", format!("{prefix}{name}").replace('"', "\"\""));
        let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).ok();
        let there = known(side).iter().filter(|name| names.contains(&format!("{prefix}{name}")));
        let rows = there.filter_map(|name| {
            Some(Rows { table: Word::own(name), rows: number(&format!("SELECT count(*) FROM {}", quoted(name)))? })
        });
        let (roles, switched_on) = match side {
            Side::Lamb => (quoted("organization_roles"), format!("{} WHERE enabled = 1", quoted("Creator_users"))),
            Side::OpenWebUi => (quoted("user"), format!("{} WHERE active = 1", quoted("auth"))),
        };
        all.push(Counts {
            prefix: prefix_word(&prefix),
            tables: rows.collect(),
            roles: count_by(conn, &format!("SELECT CAST(role AS TEXT), count(*) FROM {roles} GROUP BY 1")),
            switched_on: number(&format!("SELECT count(*) FROM {switched_on}")),
        });
    }
    Ok(all)
}

/// Counts by a word; what is on no list is counted together. Nothing where it cannot be counted.
fn count_by(conn: &Connection, sql: &str) -> Vec<Count> {
    let read = || -> rusqlite::Result<Vec<(Option<String>, i64)>> {
        conn.prepare(sql)?.query_map([], |row| Ok((row.get(0).unwrap_or(None), row.get(1)?)))?.collect()
    };
    let mut counts: std::collections::BTreeMap<Word, i64> = std::collections::BTreeMap::new();
    for (word, count) in read().unwrap_or_default() {
        *counts.entry(Word::one_of(word.as_deref().unwrap_or_default(), ROLES)).or_default() += count;
    }
    counts.into_iter().map(|(what, count)| Count { what, count }).collect()
}
