//! The way back: which changes of a run can be taken back, and which somebody has built on since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Transaction};

use super::apply::Stop;
use super::journal::{AccountState, Entry, Run};
use super::rows::{Columns, RowChange, Table};
use super::write::{Defaults, defaults, is_as_left, stored_row};
use super::{Change, Plan};
use crate::email::Email;
use crate::lamb::db::LambDb;
use crate::lamb::schema::TableSet;
use crate::sqlite::DbError;

/// Plans the way back, the last change first. What cannot be taken back is in the plan's `differences`.
///
/// # Errors
/// Where SQLite fails.
pub fn plan(run: &Run, db: &LambDb) -> Result<Plan, DbError> {
    let Some(set) = &db.schema().tables else { return Ok(Plan::default()) };
    db.at_once(|db| plan_inner(run, db.reading(), set).map_err(|error| db.error(error)))
}

fn plan_inner(run: &Run, conn: &Connection, set: &TableSet) -> rusqlite::Result<Plan> {
    let mut plan = Plan::default();
    let tables = [Table::CreatorUsers, Table::OrganizationRoles];
    let known: BTreeMap<Table, Defaults> =
        tables.into_iter().map(|table| Ok((table, defaults(conn, set, table)?))).collect::<rusqlite::Result<_>>()?;
    let mut gone = 0_u64;
    for entry in run.entries.iter().rev() {
        match judge(entry, conn, set, &known)? {
            Judgement::AsLeft => plan.changes.push(Change::TakeBack {
                email: entry.email.as_ref().into(),
                kind_of_old: entry.kind.as_ref().into(),
                rows: entry.rows.iter().cloned().map(RowChange::into_owned).collect(),
            }),
            Judgement::Gone => gone += 1,
            Judgement::Refused(why) => plan.differences.push(format!("{}: {why}", entry.email)),
        }
    }
    let referred = references(conn, set, &plan.changes)?;
    let mut number = 0;
    plan.changes.retain(|change| {
        let why = referred.get(&number);
        number += 1;
        if let Some(why) = why {
            plan.differences.push(format!("{}: {why} refers to it", change.email()));
        }
        why.is_none()
    });
    if gone > 0 {
        plan.notes.push(format!("{gone} of the run's changes are taken back already"));
    }
    for account in run.summary.accounts.iter().filter(|account| account.state != AccountState::Refused) {
        plan.notes.push(format!(
            "the Open WebUI account {} that the run had made is left: remove it in Open WebUI's admin panel if it shall go",
            account.email
        ));
    }
    Ok(plan)
}

enum Judgement {
    AsLeft,
    Gone,
    Refused(String),
}

fn judge(
    entry: &Entry<'_>,
    conn: &Connection,
    set: &TableSet,
    defaults: &BTreeMap<Table, Defaults>,
) -> rusqlite::Result<Judgement> {
    let mut gone = 0;
    for row in entry.rows.iter() {
        if row.after.is_none() {
            return Ok(Judgement::Refused("what an undo removed is not made again; run the first command anew".into()));
        }
        let name = format!("{} {}", row.table.name(), row.id);
        let Some(stored) = stored_row(conn, set, row.table, row.id)? else {
            if row.before.is_none() {
                gone += 1;
                continue;
            }
            return Ok(Judgement::Refused(format!("the row {name} is gone")));
        };
        if !defaults.get(&row.table).is_some_and(|defaults| is_as_left(row, &stored, defaults)) {
            let is_back = |before: &Columns<'_>| {
                before.0.iter().all(|(column, cell)| stored.get(&**column).is_some_and(|value| cell.is(value)))
            };
            if row.before.as_ref().is_some_and(is_back) {
                gone += 1;
                continue;
            }
            return Ok(Judgement::Refused(format!("somebody changed the row {name} since")));
        }
    }
    Ok(match gone {
        0 => Judgement::AsLeft,
        all if all == entry.rows.len() => Judgement::Gone,
        _ => Judgement::Refused("somebody removed a part of it since".to_owned()),
    })
}

/// Inside the transaction: nothing refers to what is about to be removed.
pub(super) fn nothing_refers(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    let referred = references(tx, set, changes)?;
    match referred.iter().next() {
        None => Ok(()),
        Some((number, why)) => {
            let email = changes.get(*number).map_or("", Change::email);
            Err(Stop::Moved(format!("{why} came to refer to {email}")))
        }
    }
}

/// What is about to be removed.
#[derive(Default)]
struct Removed {
    creators: HashMap<i64, usize>,
    emails: HashMap<String, usize>,
    roles: BTreeSet<i64>,
}

/// Which changes would remove a creator that something refers to, and what does.
fn references(conn: &Connection, set: &TableSet, changes: &[Change]) -> rusqlite::Result<BTreeMap<usize, String>> {
    let mut removed = Removed::default();
    for (number, change) in changes.iter().enumerate() {
        let Change::TakeBack { email, rows, .. } = change else { continue };
        for row in rows.iter().filter(|row| row.before.is_none()) {
            match row.table {
                Table::CreatorUsers => {
                    removed.creators.insert(row.id, number);
                    removed.emails.insert(Email::stored(&**email).key(), number);
                }
                Table::OrganizationRoles => drop(removed.roles.insert(row.id)),
            }
        }
    }
    let mut found = BTreeMap::new();
    if !removed.creators.is_empty() {
        for reference in reference_columns(conn, set)? {
            look(conn, set, &reference, &removed, &mut found)?;
        }
    }
    Ok(found)
}

/// A column that may name a creator.
struct Reference {
    table: String,
    column: String,
}

/// Every foreign key that leads to creators, and every column that by its name holds an owner or an e-mail: LAMB's
/// assistants, collections, rubrics and libraries name their owner by e-mail, without a foreign key (measured).
fn reference_columns(conn: &Connection, set: &TableSet) -> rusqlite::Result<Vec<Reference>> {
    let creators = format!("{}Creator_users", set.prefix.as_str());
    let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let tables = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let mut keys = conn.prepare("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)")?;
    let mut columns = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let mut found = Vec::new();
    for table in tables {
        if table.eq_ignore_ascii_case(&creators) {
            continue;
        }
        let keys = keys.query_map([&table], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let keys = keys.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
        let is_key = |column: &str| keys.iter().any(|(from, to)| from == column && to.eq_ignore_ascii_case(&creators));
        for column in columns.query_map([&table], |row| row.get::<_, String>(0))? {
            let column = column?;
            if is_key(&column) || names_a_person(&column) {
                found.push(Reference { table: table.clone(), column });
            }
        }
    }
    Ok(found)
}

fn names_a_person(column: &str) -> bool {
    let column = column.to_ascii_lowercase();
    ["owner", "email", "creator", "created_by", "shared_by"].iter().any(|word| column.contains(word))
        || column.ends_with("user_id")
}

/// One pass over one column: it may have no index, and there may be many creators.
fn look(
    conn: &Connection,
    set: &TableSet,
    reference: &Reference,
    removed: &Removed,
    found: &mut BTreeMap<usize, String>,
) -> rusqlite::Result<()> {
    let is_roles = reference.table.eq_ignore_ascii_case(&format!("{}organization_roles", set.prefix.as_str()));
    // Names of the schema's own, quoted; there is no other way to name a column.
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let id = if is_roles { "id" } else { "0" };
    let (column, table) = (quoted(&reference.column), quoted(&reference.table));
    let mut statement = conn.prepare(&format!("SELECT {id}, {column} FROM {table} WHERE {column} IS NOT NULL"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number = match row.get_ref(1)? {
            ValueRef::Integer(id) => removed.creators.get(&id),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(|text| {
                removed
                    .emails
                    .get(&Email::stored(text).key())
                    .or_else(|| removed.creators.get(&text.parse::<i64>().ok()?))
            }),
            _ => None,
        };
        // The role that the same run made goes with its creator.
        let Some(number) = number.filter(|_| !is_roles || !row.get(0).is_ok_and(|id| removed.roles.contains(&id)))
        else {
            continue;
        };
        found.entry(*number).or_insert_with(|| format!("{}.{}", reference.table, reference.column));
    }
    Ok(())
}
