//! What refers to rows that are about to be removed: they stay where anything does.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Transaction, params};

use super::rows::Table;
use super::stop::Stop;
use super::{Change, managers};
use crate::email::Email;
use crate::lamb::db::{LambDb, student_tables};
use crate::lamb::model::Creator;
use crate::lamb::schema::TableSet;
use crate::sqlite::DbError;

/// Inside the transaction: nothing refers to what is about to be removed, and no last admin goes unnoticed.
pub(super) fn nothing_refers(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    let is_unseen = |change: &Change| matches!(change, Change::Undo { undone, .. } if !undone.is_guarded);
    if changes.iter().any(is_unseen)
        && let Some(guard) = managers::guards(tx, set, changes)?.first()
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

/// What is about to be removed, and by which change.
#[derive(Default)]
struct Removed {
    creators: HashMap<i64, usize>,
    emails: HashMap<String, usize>,
    roles: HashMap<i64, usize>,
    /// Changes that remove a creator who was a student before.
    students: BTreeSet<usize>,
}

/// Which changes would remove a row that something refers to, and what does.
pub(super) fn references(
    conn: &Connection,
    set: &TableSet,
    changes: &[Change],
) -> rusqlite::Result<BTreeMap<usize, String>> {
    let mut removed = Removed::default();
    for (number, change) in changes.iter().enumerate() {
        let Change::Undo { email, undone } = change else { continue };
        for row in undone.rows.iter().filter(|row| row.before.is_none()) {
            match row.table {
                Table::CreatorUsers => {
                    removed.creators.insert(row.id, number);
                    removed.emails.insert(Email::stored(&**email).key(), number);
                }
                Table::OrganizationRoles => drop(removed.roles.insert(row.id, number)),
                // No run makes an organization, so none is removed.
                Table::Organizations => {}
            }
        }
        if undone.was_student {
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

/// Rows of a table that name a creator, apart from its own row and its roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    /// The table, with its prefix.
    pub table: String,
    /// The column that names the creator.
    pub column: String,
    /// How many rows do.
    pub rows: i64,
}

impl fmt::Display for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        write!(f, "{} {rows} by {}.{}", self.rows, self.table, self.column)
    }
}

/// What names a creator, by its id or by exactly its e-mail.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn owned(db: &LambDb, creator: &Creator) -> Result<Vec<Owned>, DbError> {
    let Some(set) = &db.schema().tables else { return Ok(Vec::new()) };
    let conn = db.reading();
    let count = || -> rusqlite::Result<Vec<Owned>> {
        let mut found = Vec::new();
        for Reference { table, column, by_id, .. } in
            reference_columns(conn, set)?.into_iter().filter(|reference| reference.own.is_none())
        {
            let (name, of) = (quoted(&column), quoted(&table));
            let sql = format!("SELECT count(*) FROM {of} WHERE {name} = ?1 OR (?3 AND {name} = ?2)");
            let rows = conn.query_row(&sql, params![creator.email.as_str(), creator.id, by_id], |row| row.get(0))?;
            if rows > 0 {
                found.push(Owned { table, column, rows });
            }
        }
        Ok(found)
    };
    count().map_err(|error| db.error(error))
}

/// A name of the schema's own; there is no other way to name a column.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column that may name a creator or a role.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) column: String,
    /// A foreign key to roles.
    of_roles: bool,
    /// It may hold a creator's id.
    by_id: bool,
    /// It may hold a creator's address.
    pub(super) by_email: bool,
    /// Where the table is one of the two that rows are removed from: rows that go themselves refer to nothing.
    pub(super) own: Option<Table>,
    /// A table of students.
    pub(super) of_students: bool,
}

/// Every foreign key that leads to a creator or a role, and every column that by its name holds an owner or an e-mail:
/// LAMB's assistants, collections, rubrics and libraries name their owner by e-mail, without a foreign key (measured).
pub(super) fn reference_columns(conn: &Connection, set: &TableSet) -> rusqlite::Result<Vec<Reference>> {
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

/// An e-mail is no number, and neither is a flag like `is_owner` or the name that the LMS has for a student.
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
            Some(Table::Organizations) | None => false,
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
    fn columns_that_reference_a_user_are_known_by_name() {
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
