//! What each kind of change writes. Each reads again what it relied on, and tells the rows that it changed.

mod new_creators;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{OptionalExtension, Statement, Transaction, params, params_from_iter};

pub(super) use self::new_creators::batches;
use self::new_creators::{AT_ONCE, insert_roles};
use super::current_rows::{Defaults, Since, creator_is_there, defaults, is_theirs, since, stored_row};
use super::rename::{self, Renamed};
use super::rows::{Cell, Columns, RowChange, Table};
use super::stop::Stop;
use super::{Change, OrganizationRef, Undone};
use crate::lamb::Edition;
use crate::lamb::db::{managers_beside, system_admins_beside};
use crate::lamb::model::{OrganizationRole, SystemRole};
use crate::lamb::schema::TableSet;
use crate::secret::Secret;
use crate::sqlite::RawValue;

/// What a change wrote.
#[derive(Default)]
pub(super) struct Wrote<'c> {
    /// The id of a creator that was made.
    pub(super) created: Option<i64>,
    pub(super) rows: Vec<RowChange<'c>>,
    /// Rows of other tables that have another e-mail now.
    pub(super) renamed: Vec<Renamed>,
}

impl<'c> Wrote<'c> {
    fn rows(rows: Vec<RowChange<'c>>) -> Self {
        Self { rows, ..Self::default() }
    }
}

type Written<'c> = Result<Wrote<'c>, Stop>;

/// Writes the changes of one transaction.
pub(super) struct Writer<'t> {
    tx: &'t Transaction<'t>,
    set: &'t TableSet,
    /// Unix seconds, the same for all of the transaction.
    now: i64,
    defaults: BTreeMap<Table, Defaults>,
    /// Rows whose `updated_at` this transaction has set: their first change has the old time.
    stamped: BTreeSet<(Table, i64)>,
    insert_creator: Statement<'t>,
    insert_role: Statement<'t>,
    /// [`AT_ONCE`] of them. Prepared when the first are to be written.
    insert_roles: Option<Statement<'t>>,
}

impl<'t> Writer<'t> {
    pub(super) fn new(tx: &'t Transaction<'t>, set: &'t TableSet, now: i64) -> rusqlite::Result<Self> {
        let creators = set.prefix.table("Creator_users");
        // What LAMB leaves to the columns' defaults is written out, so that the journal has all of the row.
        let (more, marks) = match set.edition {
            Edition::Delegated => ("", ""),
            Edition::Native => (", lti_user_id, auth_provider, password_hash, role", ", NULL, 'password', ?6, ?7"),
        };
        let creator = format!(
            "INSERT INTO {creators} (organization_id, user_email, user_name, user_type, user_config, created_at, \
             updated_at, enabled{more}) VALUES (?1, ?2, ?3, ?4, '{{}}', ?5, ?5, 1{marks})"
        );
        let defaults = defaults(tx, set)?;
        let (insert_creator, insert_role) = (tx.prepare(&creator)?, tx.prepare(&insert_roles(set, 1))?);
        let stamped = BTreeSet::new();
        Ok(Self { tx, set, now, defaults, stamped, insert_creator, insert_role, insert_roles: None })
    }

    /// Writes a batch of [`batches`].
    pub(super) fn write<'c>(&mut self, batch: &'c [Change]) -> Result<Vec<Wrote<'c>>, Stop> {
        if batch.len() == AT_ONCE {
            return self.create_many(batch);
        }
        batch.iter().map(|change| self.write_one(change).map_err(|stop| stop.of(change))).collect()
    }

    fn write_one<'c>(&mut self, change: &'c Change) -> Written<'c> {
        match change {
            Change::CreateCreator { organization, role, .. } => {
                let creator = self.create(change)?;
                let role = self.set_role(organization, creator.id, *role)?;
                Ok(Wrote { created: Some(creator.id), ..Wrote::rows(vec![creator, role]) })
            }
            Change::SetOrganizationRole { creator, email, organization, before, after, other_managers } => {
                let current = self.role_row(organization.id, *creator)?.map(|row| row.role);
                if current.as_deref() != before.as_deref() || !creator_is_there(self.tx, self.set, *creator, email)? {
                    return Err(Stop::Moved(format!("the role of {email} was changed")));
                }
                if *after == OrganizationRole::Member && *other_managers > 0 {
                    let others = managers_beside(self.tx, self.set, organization.id, *creator)?;
                    if others == 0 {
                        return Err(Stop::Moved(format!("the others who manage {} lost that", organization.slug)));
                    }
                }
                Ok(Wrote::rows(vec![self.set_role(organization, *creator, *after)?]))
            }
            Change::SetSystemRole { creator, email, before, after, other_admins } => {
                let others = || system_admins_beside(self.tx, self.set, *creator);
                if *after == SystemRole::User && *other_admins > 0 && others()? == 0 {
                    return Err(Stop::Moved("the other system admins lost that".to_owned()));
                }
                let (before, after) = (Cell::text(&**before), Cell::text(after.as_str()));
                self.set_creator(*creator, email, "role", before, after)
            }
            Change::CopyPasswordHash { creator, email, hash } => {
                self.set_password_hash(*creator, email, Cell::Null, hash)
            }
            Change::SetPasswordHash { creator, email, before, hash, .. } => {
                let before = before.as_ref().map_or(Cell::Null, Cell::secret);
                self.set_password_hash(*creator, email, before, hash)
            }
            Change::FixUserConfig { creator, email, before } => {
                self.set_creator(*creator, email, "user_config", Cell::text(&**before), Cell::text("{}"))
            }
            Change::DisableCreator { creator, email, .. } => {
                self.set_creator(*creator, email, "enabled", Cell::Integer(1), Cell::Integer(0))
            }
            Change::EnableCreator { creator, email, before } => {
                self.set_creator(*creator, email, "enabled", Cell::Integer(*before), Cell::Integer(1))
            }
            Change::SetUserType { creator, email, before, after } => {
                self.set_creator(*creator, email, "user_type", Cell::text(&**before), Cell::text(after.as_str()))
            }
            Change::SetUserName { creator, email, before, after } => {
                self.set_creator(*creator, email, "user_name", Cell::text(&**before), Cell::text(&**after))
            }
            Change::MoveCreator { creator, email, before, to, role, .. } => {
                let from = before.map_or(Cell::Null, Cell::Integer);
                let mut wrote = self.set_creator(*creator, email, "organization_id", from, Cell::Integer(to.id))?;
                wrote.rows.push(self.move_role(*before, to, *creator, *role)?);
                Ok(wrote)
            }
            Change::RenameCreator { creator, email, to, renamed } => {
                rename::is_free(self.tx, self.set, to)?;
                let broken = rename::violations(self.tx)?;
                let renamed = rename::rename(self.tx, self.set, email, to, renamed)?;
                let wrote = self.set_creator(*creator, email, "user_email", Cell::text(&**email), Cell::text(&**to))?;
                self.no_more_violations(broken)?;
                Ok(Wrote { renamed, ..wrote })
            }
            Change::ActivateOrganization { slug, id, before } => {
                let (before, after) = (Cell::text(&**before), Cell::text("active"));
                self.set_column(Table::Organizations, *id, slug, "status", before, after, None)
            }
            Change::ResetOrganizationConfig { slug, id, before } => {
                let (before, after) = (Cell::text(&**before), Cell::text("{}"));
                self.set_column(Table::Organizations, *id, slug, "config", before, after, None)
            }
            Change::Undo { email, undone } => {
                let Undone { rows, renamed, .. } = &**undone;
                // The check reads every table: only where an e-mail goes back.
                let old = rename::before(rows);
                let broken = old.map(|_| rename::violations(self.tx)).transpose()?;
                let renamed = match old {
                    Some(old) => rename::rename(self.tx, self.set, email, old, renamed)?,
                    None => Vec::new(),
                };
                let back: Result<Vec<_>, Stop> = rows.iter().rev().map(|row| self.undo_row(email, row)).collect();
                let rows = back?;
                if let Some(broken) = broken {
                    self.no_more_violations(broken)?;
                }
                Ok(Wrote { renamed, ..Wrote::rows(rows) })
            }
        }
    }

    /// Deferred foreign keys are checked at the commit, and only those that were deferred: this is all of them.
    fn no_more_violations(&self, before: i64) -> Result<(), Stop> {
        if rename::violations(self.tx)? > before {
            return Err(Stop::Differs("a foreign key would lead nowhere".to_owned()));
        }
        Ok(())
    }

    fn role_row(&self, organization: i64, creator: i64) -> rusqlite::Result<Option<RoleRow>> {
        let sql = format!(
            "SELECT id, role, updated_at FROM {} WHERE organization_id = ?1 AND user_id = ?2",
            self.set.prefix.table("organization_roles")
        );
        let read = |row: &rusqlite::Row<'_>| {
            Ok(RoleRow { id: row.get(0)?, role: row.get(1)?, updated_at: row.get::<_, RawValue>(2)?.0 })
        };
        self.tx.prepare_cached(&sql)?.query_row([organization, creator], read).optional()
    }

    /// Sets a role in place: unlike LAMB's own INSERT OR REPLACE it keeps the row's id and created_at.
    fn set_role(
        &mut self,
        organization: &OrganizationRef,
        creator: i64,
        role: OrganizationRole,
    ) -> Result<RowChange<'static>, Stop> {
        let table = Table::OrganizationRoles;
        match self.insert_role.execute(params![self.now, organization.id, creator, role.as_str()]) {
            Ok(_) => return Ok(self.new_role(self.tx.last_insert_rowid(), organization, creator, role)),
            Err(error) if is_refusal(self.tx, &error) => {}
            Err(error) => return Err(error.into()),
        }
        let (organization, role, now) = (organization.id, role.as_str(), self.now);
        let row = self.role_row(organization, creator)?;
        let row = row.ok_or_else(|| Stop::Moved("LAMB's tables refuse the role".to_owned()))?;
        let updated_at = Cell::of(row.updated_at).ok_or_else(|| odd_time(format_args!("the role {}", row.id)))?;
        let sql =
            format!("UPDATE {} SET role = ?1, updated_at = ?2 WHERE id = ?3", self.set.prefix.table(table.name()));
        self.tx.prepare_cached(&sql)?.execute(params![role, now, row.id])?;
        let before = Columns::from([("role", Cell::text(row.role)), ("updated_at", updated_at)]);
        let after = Columns::from([("role", Cell::text(role)), ("updated_at", Cell::Integer(now))]);
        Ok(RowChange { table, id: row.id, before: Some(before), after: Some(after) })
    }

    /// Takes the role of the old organization along: one row, which keeps its id. Where the new one has a row already,
    /// that is set, and the old one stays.
    fn move_role(
        &mut self,
        from: Option<i64>,
        to: &OrganizationRef,
        creator: i64,
        role: OrganizationRole,
    ) -> Result<RowChange<'static>, Stop> {
        let old = from.map(|from| self.role_row(from, creator)).transpose()?.flatten();
        let Some((from, old)) = from.zip(old) else { return self.set_role(to, creator, role) };
        if self.role_row(to.id, creator)?.is_some() {
            return self.set_role(to, creator, role);
        }
        let table = Table::OrganizationRoles;
        let updated_at = Cell::of(old.updated_at).ok_or_else(|| odd_time(format_args!("the role {}", old.id)))?;
        let sql = format!(
            "UPDATE {} SET organization_id = ?1, role = ?2, updated_at = ?3 WHERE id = ?4",
            self.set.prefix.table(table.name())
        );
        self.tx.prepare_cached(&sql)?.execute(params![to.id, role.as_str(), self.now, old.id])?;
        let before = Columns::from([
            ("organization_id", Cell::Integer(from)),
            ("role", Cell::text(old.role)),
            ("updated_at", updated_at),
        ]);
        let after = Columns::from([
            ("organization_id", Cell::Integer(to.id)),
            ("role", Cell::text(role.as_str())),
            ("updated_at", Cell::Integer(self.now)),
        ]);
        Ok(RowChange { table, id: old.id, before: Some(before), after: Some(after) })
    }

    fn set_creator<'c>(
        &mut self,
        id: i64,
        email: &str,
        column: &'static str,
        before: Cell<'c>,
        after: Cell<'c>,
    ) -> Written<'c> {
        self.set_column(Table::CreatorUsers, id, email, column, before, after, None)
    }

    /// Only its digest stands for it in the journal.
    fn set_password_hash<'c>(&mut self, id: i64, email: &str, before: Cell<'c>, hash: &'c Secret) -> Written<'c> {
        let (after, value) = (Cell::secret(hash), Some(hash.expose()));
        self.set_column(Table::CreatorUsers, id, email, "password_hash", before, after, value)
    }

    /// Sets one column of a row that has `before` in it. `value`: what is stored, where `after` only stands for it.
    #[expect(clippy::too_many_arguments, reason = "a row, a column, and what is in it before and after")]
    fn set_column<'c>(
        &mut self,
        table: Table,
        id: i64,
        subject: &str,
        column: &'static str,
        before: Cell<'c>,
        after: Cell<'c>,
        value: Option<&str>,
    ) -> Written<'c> {
        let moved = || Stop::Moved(format!("{subject} was changed"));
        let stored = stored_row(self.tx, self.set, table, id)?.ok_or_else(moved)?;
        let is_before = stored.get(column).is_some_and(|value| before.is(value.into()));
        if !is_before || !is_theirs(self.tx, self.set, table, &stored, subject)? {
            return Err(moved());
        }
        let updated_at = stored.get("updated_at").cloned().and_then(Cell::of);
        let updated_at = updated_at.ok_or_else(|| odd_time(format_args!("{subject}")))?;
        let sql =
            format!("UPDATE {} SET {column} = ?1, updated_at = ?2 WHERE id = ?3", self.set.prefix.table(table.name()));
        let written = value.map(ToSqlOutput::from).or_else(|| after.stored());
        self.tx.prepare_cached(&sql)?.execute(params![written, self.now, id])?;
        let (mut before, mut after) = (Columns::from([(column, before)]), Columns::from([(column, after)]));
        if self.stamped.insert((table, id)) {
            before.0.push(("updated_at".into(), updated_at));
            after.0.push(("updated_at".into(), Cell::Integer(self.now)));
        }
        Ok(Wrote::rows(vec![RowChange { table, id, before: Some(before), after: Some(after) }]))
    }

    /// Undoes one row of an earlier run: what it made is removed, what it changed is put back.
    fn undo_row(&self, email: &str, row: &RowChange<'static>) -> Result<RowChange<'static>, Stop> {
        let moved = || Stop::Moved(format!("{email} was changed"));
        let stored = stored_row(self.tx, self.set, row.table, row.id)?.ok_or_else(moved)?;
        let is_as_left = self.defaults.get(&row.table).is_some_and(|defaults| is_as_left(row, &stored, defaults));
        if !row.is_plausible() || !is_as_left || !is_theirs(self.tx, self.set, row.table, &stored, email)? {
            return Err(moved());
        }
        let name = self.set.prefix.table(row.table.name());
        match &row.before {
            None => {
                self.tx.prepare_cached(&format!("DELETE FROM {name} WHERE id = ?1"))?.execute([row.id])?;
            }
            Some(before) => {
                // The names are the table's own: `is_as_left` found each of them there.
                let sets: Vec<String> = before.0.iter().map(|(column, _)| format!("\"{column}\" = ?")).collect();
                let values: Option<Vec<ToSqlOutput<'_>>> = before.0.iter().map(|(_, cell)| cell.stored()).collect();
                let mut values =
                    values.ok_or_else(|| Stop::Moved(format!("the journal keeps no secret of {email}")))?;
                values.push(ToSqlOutput::from(row.id));
                let sql = format!("UPDATE {name} SET {} WHERE id = ?", sets.join(", "));
                self.tx.prepare_cached(&sql)?.execute(params_from_iter(values))?;
            }
        }
        Ok(RowChange { table: row.table, id: row.id, before: row.after.clone(), after: row.before.clone() })
    }
}

/// True where a row was refused and the transaction goes on. A trigger or a conflict clause may have rolled it back, and
/// what is written after that would be committed at once.
fn is_refusal(tx: &Transaction<'_>, error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) && !tx.is_autocommit()
}

fn odd_time(of: std::fmt::Arguments<'_>) -> Stop {
    Stop::Refused(format!("{of} has an updated_at that could not be put back: it is neither a number nor text"))
}

struct RoleRow {
    id: i64,
    role: String,
    updated_at: Value,
}

fn is_as_left(row: &RowChange<'_>, stored: &BTreeMap<String, Value>, defaults: &Defaults) -> bool {
    since(row, stored, defaults) == Since::Untouched
}
