//! New creators and their roles.

use rusqlite::types::ToSqlOutput;
use rusqlite::{params, params_from_iter};

use super::{Writer, Wrote, is_refusal};
use crate::change::rows::{Cell, Columns, RowChange, Table};
use crate::change::stop::Stop;
use crate::change::{Change, OrganizationRef};
use crate::email::one_line;
use crate::lamb::Edition;
use crate::lamb::model::{OrganizationRole, SystemRole};
use crate::lamb::schema::TableSet;
use crate::secret::Secret;

/// So many new creators get their roles in one statement. LAMB's table compares each role with a list, and for the list
/// SQLite builds an index once in each statement. With a statement for each role, roles took 38 % of the instructions of
/// a sync of 10,000 new users. In batches, they take 11 %.
pub(super) const AT_ONCE: usize = 64;

/// The changes, in their order, by what is written at once: many new creators, or one change of any kind.
pub(in crate::change) fn batches(changes: &[Change]) -> impl Iterator<Item = &[Change]> {
    let is_new = |change: &Change| matches!(change, Change::CreateCreator { .. });
    changes.chunk_by(move |a, b| is_new(a) && is_new(b)).flat_map(|alike| {
        let full = alike.chunks_exact(AT_ONCE);
        let rest = full.remainder();
        full.chain(rest.chunks(1))
    })
}

impl Writer<'_> {
    pub(super) fn create<'c>(&mut self, change: &'c Change) -> Result<RowChange<'c>, Stop> {
        let Change::CreateCreator { email, name, user_type, organization, system_role, password_hash, .. } = change
        else {
            return Err(Stop::Moved("the plan is not of one piece".to_owned()));
        };
        let now = self.now;
        let mut after = Columns::from([
            ("organization_id", Cell::Integer(organization.id)),
            ("user_email", Cell::text(&**email)),
            ("user_name", Cell::text(&**name)),
            ("user_type", Cell::text(user_type.as_str())),
            ("user_config", Cell::text("{}")),
            ("created_at", Cell::Integer(now)),
            ("updated_at", Cell::Integer(now)),
            ("enabled", Cell::Integer(1)),
        ]);
        let kind = user_type.as_str();
        if self.set.edition == Edition::Native {
            let role = system_role.unwrap_or(SystemRole::User).as_str();
            let hash = password_hash.as_ref().map(Secret::expose);
            let written = self.insert_creator.execute(params![organization.id, email, name, kind, now, hash, role])?;
            is_there(written, email)?;
            let hash = password_hash.as_ref().map_or(Cell::Null, Cell::secret);
            let native = [
                ("lti_user_id", Cell::Null),
                ("auth_provider", Cell::text("password")),
                ("password_hash", hash),
                ("role", Cell::text(role)),
            ];
            after.0.extend(Columns::from(native).0);
        } else {
            is_there(self.insert_creator.execute(params![organization.id, email, name, kind, now])?, email)?;
        }
        let id = self.tx.last_insert_rowid();
        Ok(RowChange { table: Table::CreatorUsers, id, before: None, after: Some(after) })
    }

    /// Creates [`AT_ONCE`] creators, then their roles.
    pub(super) fn create_many<'c>(&mut self, batch: &'c [Change]) -> Result<Vec<Wrote<'c>>, Stop> {
        let mut all = Vec::with_capacity(batch.len());
        let mut values: Vec<ToSqlOutput<'_>> = vec![self.now.into()];
        for change in batch {
            let creator = self.create(change).map_err(|stop| stop.of(change))?;
            if let Change::CreateCreator { organization, role, .. } = change {
                values.extend([organization.id.into(), creator.id.into(), role.as_str().into()]);
                all.push((change, creator, organization, *role));
            }
        }
        let insert = match &mut self.insert_roles {
            Some(insert) => insert,
            none => none.insert(self.tx.prepare(&insert_roles(self.set, AT_ONCE))?),
        };
        let first = match insert.execute(params_from_iter(values)) {
            // The ids of one statement follow each other. The rows are read back by them.
            Ok(written) if written == batch.len() => Some(self.tx.last_insert_rowid() - (AT_ONCE as i64 - 1)),
            Ok(written) => {
                return Err(Stop::Differs(format!(
                    "{} of {} new roles were ignored",
                    batch.len() - written,
                    batch.len()
                )));
            }
            // One by one, it shows which of them is refused, or is there already.
            Err(error) if is_refusal(self.tx, &error) => None,
            Err(error) => return Err(error.into()),
        };
        let mut ids = first.map(|first| first..);
        let mut wrote = Vec::with_capacity(all.len());
        for (change, creator, organization, role) in all {
            let role = match ids.as_mut().and_then(Iterator::next) {
                Some(id) => self.new_role(id, organization, creator.id, role),
                None => self.set_role(organization, creator.id, role).map_err(|stop| stop.of(change))?,
            };
            wrote.push(Wrote { created: Some(creator.id), ..Wrote::rows(vec![creator, role]) });
        }
        Ok(wrote)
    }

    /// The row of a role that was just written.
    pub(super) fn new_role(
        &self,
        id: i64,
        organization: &OrganizationRef,
        creator: i64,
        role: OrganizationRole,
    ) -> RowChange<'static> {
        let after = Columns::from([
            ("organization_id", Cell::Integer(organization.id)),
            ("user_id", Cell::Integer(creator)),
            ("role", Cell::text(role.as_str())),
            ("created_at", Cell::Integer(self.now)),
            ("updated_at", Cell::Integer(self.now)),
        ]);
        RowChange { table: Table::OrganizationRoles, id, before: None, after: Some(after) }
    }
}

/// The statement that writes so many roles: the time, then of each the organization, the creator, and the role.
pub(super) fn insert_roles(set: &TableSet, count: usize) -> String {
    let table = set.prefix.table("organization_roles");
    let row = |at: usize| format!("(?{}, ?{}, ?{}, ?1, ?1)", 3 * at + 2, 3 * at + 3, 3 * at + 4);
    let rows = (0..count).map(row).collect::<Vec<_>>().join(", ");
    format!("INSERT INTO {table} (organization_id, user_id, role, created_at, updated_at) VALUES {rows}")
}

/// Before an id is taken for that of the new row: a trigger may ignore an insert without an error.
fn is_there(written: usize, email: &str) -> Result<(), Stop> {
    if written == 1 { Ok(()) } else { Err(Stop::Differs(format!("the new row for {} was ignored", one_line(email)))) }
}
