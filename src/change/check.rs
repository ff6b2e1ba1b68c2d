//! What a plan relied on as a whole, read again inside the transaction: in one pass over each table, however many
//! changes there are.

use std::collections::BTreeSet;

use rusqlite::Transaction;

use super::stop::Stop;
use super::{Change, references};
use crate::email::index::AddressIndex;
use crate::email::key;
use crate::lamb::db::{managers_beside, student_tables};
use crate::lamb::lms::lms_domain;
use crate::lamb::schema::TableSet;
use crate::sqlite::value::text_of;

/// Before the first change is written.
pub(super) fn before(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    organizations(tx, set, changes)?;
    newcomers(tx, set, changes)?;
    references::nothing_refers(tx, set, changes)
}

/// After the last change is written, and before the commit.
pub(super) fn after(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    let managed: BTreeSet<i64> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DisableCreator { manages, .. } => *manages,
            Change::MoveCreator { before, is_managed: true, .. } => *before,
            _ => None,
        })
        .collect();
    for organization in managed {
        // Ids begin at 1: all are counted.
        if managers_beside(tx, set, organization, 0)? == 0 {
            return Err(Stop::Moved(format!("the others who manage organization {organization} lost that")));
        }
    }
    Ok(())
}

fn organizations(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    let named: BTreeSet<(i64, &str)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::CreateCreator { organization, .. }
            | Change::SetOrganizationRole { organization, .. }
            | Change::MoveCreator { to: organization, .. } => Some((organization.id, organization.slug.as_str())),
            _ => None,
        })
        .collect();
    let table = set.prefix.table("organizations");
    for (id, slug) in named {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE id = ?1 AND slug = ?2)");
        if !tx.query_row(&sql, rusqlite::params![id, slug], |row| row.get::<_, bool>(0))? {
            return Err(Stop::Moved(format!("the organization {slug} was renamed or removed")));
        }
    }
    Ok(())
}

/// No newcomer has a creator already, in any spelling, or became a student.
fn newcomers(tx: &Transaction<'_>, set: &TableSet, changes: &[Change]) -> Result<(), Stop> {
    let address = |number: u32| changes.get(number as usize).map_or("", Change::email);
    let newcomers = changes.iter().filter(|change| matches!(change, Change::CreateCreator { .. })).count();
    let mut index = AddressIndex::with_capacity(newcomers);
    let mut is_first = false;
    for (number, change) in (0_u32..).zip(changes) {
        let Change::CreateCreator { email, is_first: first, is_student, .. } = change else { continue };
        is_first |= first;
        if index.insert(number, email, address).is_some() {
            return Err(Stop::Moved(format!("the plan has {email} twice")));
        }
        if !is_student && lms_domain(&key(email)).is_some() {
            return Err(Stop::Moved(format!("{email} is an address of the LMS")));
        }
    }
    if index.is_empty() {
        return Ok(());
    }
    let creators = set.prefix.table("Creator_users");
    let any = format!("SELECT EXISTS (SELECT 1 FROM {creators})");
    if tx.query_row(&any, [], |row| row.get::<_, bool>(0))? == is_first {
        return Err(Stop::Moved("the first creator came or went".to_owned()));
    }
    each_address(tx, &creators, |stored| match index.find(stored, address) {
        Some(number) => Err(Stop::Moved(format!("{} was created", address(number)))),
        None => Ok(()),
    })?;
    for table in student_tables(tx, &set.prefix)? {
        each_address(tx, &set.prefix.table(table), |stored| {
            let number = index.find(stored, address).filter(|number| {
                !matches!(changes.get(*number as usize), Some(Change::CreateCreator { is_student: true, .. }))
            });
            match number {
                Some(number) => Err(Stop::Moved(format!("{} became a student", address(number)))),
                None => Ok(()),
            }
        })?;
    }
    Ok(())
}

/// Every `user_email` of a table, whose name is quoted.
fn each_address(
    tx: &Transaction<'_>,
    table: &str,
    mut visit: impl FnMut(&str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut statement = tx.prepare(&format!("SELECT user_email FROM {table}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(stored) = text_of(row.get_ref(0)?) {
            visit(&stored)?;
        }
    }
    Ok(())
}
