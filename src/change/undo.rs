//! The way back: which changes of a run can be taken back, and which somebody has built on since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Transaction};

use super::apply::Stop;
use super::journal::{AccountState, Entry, Run, Summary};
use super::rows::{Columns, RowChange, Table};
use super::writer::{Defaults, Since, creator_is_there, defaults, since, stored_row};
use super::{Change, Plan};
use crate::email::Email;
use crate::lamb::db::{LambDb, student_tables};
use crate::lamb::schema::TableSet;
use crate::owi::api::change::OwiChange;
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
    let known = defaults(conn, set)?;
    let mut gone = 0_u64;
    for entry in run.entries.iter().rev() {
        match judge(entry, conn, set, &known)? {
            Judgement::AsLeft => plan.changes.push(Change::TakeBack {
                email: entry.email.as_ref().into(),
                kind_of_old: entry.kind.as_ref().into(),
                was_student: entry.was_student,
                is_guarded: false,
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
        // Where no undo is journalled, somebody else did it, or it is not the database that the run wrote to.
        let what = if run.summary.undone_by.is_some() { "taken back already" } else { "not there (any more)" };
        plan.notes.push(format!("{what}: {gone} of the run's {}", run.entries.len()));
    }
    plan.guards = super::managers::guards(conn, set, &plan.changes)?;
    for change in &mut plan.changes {
        if let Change::TakeBack { is_guarded, .. } = change {
            *is_guarded = !plan.guards.is_empty();
        }
    }
    let left = in_open_webui(&run.summary);
    // Where there is nothing else to take back, that is the answer, and no aside.
    if run.entries.is_empty() {
        plan.differences.extend(left)
    } else {
        plan.notes.extend(left)
    }
    Ok(plan)
}

/// What is to be said of what a run had made in Open WebUI: it is left.
pub fn in_open_webui(summary: &Summary) -> impl Iterator<Item = String> {
    let made = |state| match state {
        AccountState::Made => Some(("had made", "")),
        AccountState::Asked => Some(("may have made", "look whether it did; ")),
        AccountState::Refused => None,
    };
    let accounts = summary.accounts.iter().filter_map(move |account| {
        let (made, look) = made(account.state)?;
        let way_back = OwiChange::CreateOwiUser { email: String::new(), name: String::new() }.way_back();
        Some(format!("the Open WebUI account {} that the run {made} is left: {look}{way_back}", account.email))
    });
    accounts.chain(summary.owi_changes.iter().filter_map(move |entry| {
        let (made, look) = made(entry.state)?;
        let change = &entry.change;
        Some(format!("what the run {made} in Open WebUI is left ({change}): {look}{}", change.way_back()))
    }))
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
    if entry.rows.is_empty() || !entry.rows.iter().all(RowChange::is_plausible) {
        return Ok(Judgement::Refused("the journal says of it what this program does not do".into()));
    }
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
        if !is_theirs(conn, set, row.table, &stored, &entry.email)? {
            return Ok(Judgement::Refused(format!("the row {name} is not theirs, or no longer")));
        }
        let since = defaults.get(&row.table).map_or(Since::Changed, |defaults| since(row, &stored, defaults));
        if since != Since::Untouched {
            let is_back = |before: &Columns<'_>| {
                before.0.iter().all(|(column, cell)| stored.get(&**column).is_some_and(|value| cell.is(value)))
            };
            if row.before.as_ref().is_some_and(is_back) {
                gone += 1;
                continue;
            }
            return Ok(Judgement::Refused(match since {
                Since::Unknown(column) => format!(
                    "it cannot be told whether somebody changed the column {column} of the row {name}: only SQLite knows its default"
                ),
                _ => format!("somebody changed the row {name} since"),
            }));
        }
    }
    Ok(match gone {
        0 => Judgement::AsLeft,
        all if all == entry.rows.len() => Judgement::Gone,
        _ => Judgement::Refused("somebody removed a part of it since".to_owned()),
    })
}

/// Inside the transaction: nothing refers to what is about to be removed, and nobody's last admin goes unseen.
pub(super) fn nothing_refers(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    let is_unseen = |change: &Change| matches!(change, Change::TakeBack { is_guarded: false, .. });
    if changes.iter().any(is_unseen)
        && let Some(guard) = super::managers::guards(tx, set, changes)?.first()
    {
        return Err(Stop::Moved(guard.reason.clone()));
    }
    let referred = references(tx, set, changes)?;
    match referred.iter().next() {
        None => Ok(()),
        Some((number, why)) => {
            let email = changes.get(*number).map_or("", Change::email);
            Err(Stop::Moved(format!("{why} came to refer to {email}")))
        }
    }
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

/// What is about to be removed, and by which change.
#[derive(Default)]
struct Removed {
    creators: HashMap<i64, usize>,
    emails: HashMap<String, usize>,
    roles: HashMap<i64, usize>,
    /// Changes that remove somebody who was a student already.
    students: BTreeSet<usize>,
}

/// Which changes would remove a row that something refers to, and what does.
fn references(conn: &Connection, set: &TableSet, changes: &[Change]) -> rusqlite::Result<BTreeMap<usize, String>> {
    let mut removed = Removed::default();
    for (number, change) in changes.iter().enumerate() {
        let Change::TakeBack { email, rows, was_student, .. } = change else { continue };
        for row in rows.iter().filter(|row| row.before.is_none()) {
            match row.table {
                Table::CreatorUsers => {
                    removed.creators.insert(row.id, number);
                    removed.emails.insert(Email::stored(&**email).key(), number);
                }
                Table::OrganizationRoles => drop(removed.roles.insert(row.id, number)),
            }
        }
        if *was_student {
            removed.students.insert(number);
        }
    }
    let mut found = BTreeMap::new();
    if !removed.creators.is_empty() || !removed.roles.is_empty() {
        for reference in reference_columns(conn, set)? {
            look(conn, &reference, &removed, &mut found)?;
        }
    }
    Ok(found)
}

/// A column that may name a creator or a role.
#[derive(Debug)]
struct Reference {
    table: String,
    column: String,
    /// A foreign key to roles.
    of_roles: bool,
    /// It may hold a creator's id.
    by_id: bool,
    /// It may hold a creator's address.
    by_email: bool,
    /// Where the table is one of the two that rows are removed from: rows that go themselves refer to nothing.
    own: Option<Table>,
    /// A table of students.
    of_students: bool,
}

/// Every foreign key that leads to a creator or a role, and every column that by its name holds an owner or an e-mail:
/// LAMB's assistants, collections, rubrics and libraries name their owner by e-mail, without a foreign key (measured).
fn reference_columns(conn: &Connection, set: &TableSet) -> rusqlite::Result<Vec<Reference>> {
    let name = |table: &str| format!("{}{table}", set.prefix.as_str());
    let (creators, roles) = (name(Table::CreatorUsers.name()), name(Table::OrganizationRoles.name()));
    let students: Vec<String> = student_tables(conn, &set.prefix)?.into_iter().map(name).collect();
    let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let tables = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let others = other_prefixes(&tables, set.prefix.as_str());
    let mut keys = conn.prepare("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)")?;
    let mut columns = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let mut found = Vec::new();
    for table in &tables {
        let keys = keys.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let keys = keys.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
        let own = if table.eq_ignore_ascii_case(&creators) {
            Some(Table::CreatorUsers)
        } else {
            table.eq_ignore_ascii_case(&roles).then_some(Table::OrganizationRoles)
        };
        let is_foreign = is_of_another(table, set.prefix.as_str(), &others);
        let of_students = students.iter().any(|student| student.eq_ignore_ascii_case(table));
        for column in columns.query_map([table], |row| row.get::<_, String>(0))? {
            let column = column?;
            let leads = |to: &str| keys.iter().any(|(from, at)| *from == column && at.eq_ignore_ascii_case(to));
            let (is_key, of_roles) = (leads(&creators), leads(&roles));
            let leads_elsewhere = !is_key && keys.iter().any(|(from, _)| *from == column);
            // What a creator's own row says of itself is no reference.
            let says_itself = own == Some(Table::CreatorUsers) && ["user_email", "lti_user_id"].contains(&&*column);
            let is_named = !is_foreign && !says_itself && names_a_person(&column);
            let by_id = is_key || (is_named && !leads_elsewhere && may_hold_an_id(&column));
            if is_key || of_roles || is_named {
                let (table, by_email) = (table.clone(), is_key || is_named);
                found.push(Reference { table, column, of_roles, by_id, by_email, own, of_students });
            }
        }
    }
    Ok(found)
}

/// The prefixes of the other sets of LAMB's tables in the file.
fn other_prefixes(tables: &[String], ours: &str) -> Vec<String> {
    let creators = Table::CreatorUsers.name();
    let prefixes = tables.iter().filter_map(|table| {
        let (prefix, end) = table.split_at_checked(table.len().checked_sub(creators.len())?)?;
        end.eq_ignore_ascii_case(creators).then(|| prefix.to_owned())
    });
    prefixes.filter(|prefix| !prefix.eq_ignore_ascii_case(ours)).collect()
}

/// True where a table belongs to another set of LAMB's tables, which names creators of its own: the longest prefix
/// says whose it is.
fn is_of_another(table: &str, ours: &str, others: &[String]) -> bool {
    let begins = |prefix: &str| table.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let other = others.iter().filter(|prefix| begins(prefix)).map(String::len).max();
    other.is_some_and(|other| !begins(ours) || other > ours.len())
}

fn names_a_person(column: &str) -> bool {
    let column = column.to_ascii_lowercase();
    ["owner", "email", "e_mail", "creator", "author", "actor"].iter().any(|word| column.contains(word))
        || ["user", "username", "uid", "member", "holder", "assignee"].contains(&&*column)
        || ["user_id", "member_id", "_by"].iter().any(|end| column.ends_with(end))
}

/// An e-mail is no number, and neither is a flag like `is_owner` or the name by which the LMS knows somebody.
fn may_hold_an_id(column: &str) -> bool {
    let column = column.to_ascii_lowercase();
    let is_flag = column.starts_with("is_") || column.starts_with("has_");
    !is_flag && !column.contains("mail") && !column.ends_with("lti_user_id")
}

/// One pass over one column: it may have no index, and there may be many creators.
fn look(
    conn: &Connection,
    reference: &Reference,
    removed: &Removed,
    found: &mut BTreeMap<usize, String>,
) -> rusqlite::Result<()> {
    // Names of the schema's own, quoted; there is no other way to name a column.
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let id = if reference.own.is_some() { "id" } else { "NULL" };
    let (column, table) = (quoted(&reference.column), quoted(&reference.table));
    let mut statement = conn.prepare(&format!("SELECT {column}, {id} FROM {table} WHERE {column} IS NOT NULL"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Some(number) = named(reference, removed, row.get_ref(0)?) else { continue };
        let row_id: Option<i64> = row.get(1)?;
        let goes_too = row_id.is_some_and(|id| match reference.own {
            Some(Table::CreatorUsers) => removed.creators.contains_key(&id),
            Some(Table::OrganizationRoles) => removed.roles.contains_key(&id),
            None => false,
        });
        let was_before = reference.of_students && removed.students.contains(&number);
        if !goes_too && !was_before {
            found.entry(number).or_insert_with(|| format!("{}.{}", reference.table, reference.column));
        }
    }
    Ok(())
}

/// The change that removes what a stored value names. SQLite compares a key as the column that it leads to is declared:
/// a text of digits is that number.
fn named(reference: &Reference, removed: &Removed, stored: ValueRef<'_>) -> Option<usize> {
    let by_id = |id: i64| {
        let role = removed.roles.get(&id).filter(|_| reference.of_roles);
        role.or_else(|| removed.creators.get(&id).filter(|_| reference.by_id)).copied()
    };
    match stored {
        ValueRef::Integer(id) => by_id(id),
        ValueRef::Real(number) if number.fract() == 0.0 => by_id(number as i64),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            let text = std::str::from_utf8(text).ok()?;
            let email = removed.emails.get(&Email::stored(text).key()).filter(|_| reference.by_email).copied();
            email.or_else(|| by_id(text.trim().parse().ok()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_name_a_person() {
        for name in
            ["user", "UserName", "uid", "member", "holder", "assignee", "team_member_id", "owner_email", "shared_by"]
        {
            assert!(names_a_person(name), "{name}");
        }
        for name in ["user_name", "uuid", "members", "placeholder", "id", "organization_id", "member_count"] {
            assert!(!names_a_person(name), "{name}");
        }
    }
}
