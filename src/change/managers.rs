//! Who would manage what after an undo: it must not leave an organization without an owner or admin unnoticed, nor a
//! native LAMB without a system admin.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension};

use super::rows::{Cell, RowChange, Table};
use super::{Change, Guard};
use crate::lamb::Edition;
use crate::lamb::schema::TableSet;

/// What stands against the undo: organizations that have a manager now, and would have none.
pub(super) fn guards(conn: &Connection, set: &TableSet, changes: &[Change]) -> rusqlite::Result<Vec<Guard>> {
    let after = After::of(changes);
    let mut guards = Vec::new();
    for organization in unmanaged(conn, set, &after)? {
        let sql = format!("SELECT slug FROM {} WHERE id = ?1", set.prefix.table("organizations"));
        let slug: Option<String> = conn.query_row(&sql, [organization], |row| row.get(0)).optional()?;
        let slug = slug.unwrap_or_else(|| format!("organization {organization}"));
        guards.push(Guard::soft(format!("{slug} would be left with neither an owner nor an admin")));
    }
    if set.edition == Edition::Native {
        guards.extend(no_system_admin(conn, set, &after)?);
    }
    Ok(guards)
}

/// What is undone of each row, in the order in which it is.
type Rows<'a> = HashMap<i64, Vec<&'a RowChange<'static>>>;

/// The rows that are undone, by their ids.
struct After<'a> {
    creators: Rows<'a>,
    roles: Rows<'a>,
}

impl<'a> After<'a> {
    fn of(changes: &'a [Change]) -> Self {
        let mut after = Self { creators: Rows::new(), roles: Rows::new() };
        for change in changes {
            let Change::Undo { undone, .. } = change else { continue };
            for row in &undone.rows {
                let of_table = match row.table {
                    Table::CreatorUsers => &mut after.creators,
                    Table::OrganizationRoles => &mut after.roles,
                    Table::Organizations => continue,
                };
                of_table.entry(row.id).or_default().push(row);
            }
        }
        after
    }
}

/// Whether a column of a row is one of these afterwards: as it was before the run, or, where the run did not touch it,
/// as it is now. A row that the run made is nothing any more.
fn will_be(rows: Option<&Vec<&RowChange<'_>>>, column: &str, wanted: &[Cell<'_>], now: bool) -> bool {
    rows.into_iter().flatten().fold(now, |is, row| match &row.before {
        None => false,
        Some(before) => before.get(column).map_or(is, |cell| wanted.contains(cell)),
    })
}

/// The organization of a row afterwards.
fn organization_after(rows: Option<&Vec<&RowChange<'_>>>, now: i64) -> Option<i64> {
    rows.into_iter().flatten().try_fold(now, |is, row| match row.before.as_ref()?.get("organization_id") {
        None => Some(is),
        Some(Cell::Integer(id)) => Some(*id),
        Some(_) => None,
    })
}

/// The organizations that have an enabled owner or admin now, and none afterwards.
fn unmanaged(conn: &Connection, set: &TableSet, after: &After<'_>) -> rusqlite::Result<BTreeSet<i64>> {
    // As in `managers_beside`: a role in another organization has no effect.
    let sql = format!(
        "SELECT r.organization_id, r.id, c.id, r.role IN ('owner', 'admin'), c.enabled = 1 FROM {} r \
         JOIN {} c ON c.id = r.user_id AND c.organization_id = r.organization_id \
         WHERE typeof(r.organization_id) = 'integer'",
        set.prefix.table("organization_roles"),
        set.prefix.table("Creator_users")
    );
    let managing = [Cell::text("owner"), Cell::text("admin")];
    let (mut now, mut then) = (BTreeSet::new(), BTreeSet::new());
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let organization: i64 = row.get(0)?;
        let (role, creator) = (after.roles.get(&row.get(1)?), after.creators.get(&row.get(2)?));
        let manages = row.get::<_, Option<bool>>(3)?.unwrap_or_default();
        let is_enabled = row.get::<_, Option<bool>>(4)?.unwrap_or_default();
        if manages && is_enabled {
            now.insert(organization);
        }
        let after =
            organization_after(role, organization).filter(|id| organization_after(creator, organization) == Some(*id));
        if will_be(role, "role", &managing, manages) && will_be(creator, "enabled", &[Cell::Integer(1)], is_enabled) {
            then.extend(after);
        }
    }
    Ok(now.difference(&then).copied().collect())
}

/// Native: where there is an enabled system admin now, and none afterwards.
fn no_system_admin(conn: &Connection, set: &TableSet, after: &After<'_>) -> rusqlite::Result<Option<Guard>> {
    let sql = format!(
        "SELECT id, CAST(coalesce(user_email, '') AS TEXT), role = 'admin', enabled = 1 FROM {}",
        set.prefix.table("Creator_users")
    );
    let mut now: Vec<String> = Vec::new();
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let creator = after.creators.get(&row.get(0)?);
        let is_admin = row.get::<_, Option<bool>>(2)?.unwrap_or_default();
        let is_enabled = row.get::<_, Option<bool>>(3)?.unwrap_or_default();
        if will_be(creator, "role", &[Cell::text("admin")], is_admin)
            && will_be(creator, "enabled", &[Cell::Integer(1)], is_enabled)
        {
            return Ok(None);
        }
        if is_admin && is_enabled {
            now.push(row.get(1)?);
        }
    }
    Ok(match now.as_slice() {
        [] => None,
        [email] => Some(Guard::soft(format!("{email} is the last system admin of this LAMB"))),
        _ => Some(Guard::soft("this LAMB would be left without a system admin")),
    })
}
