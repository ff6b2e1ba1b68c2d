//! The one transaction: short, immediate, and with everything that the plan relied on read again inside it.

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::{Change, Confirmed, Journal};
use crate::clock;
use crate::interrupt::Shield;
use crate::lamb::db::{LambDb, managers_beside, system_admins_beside};
use crate::lamb::model::{OrganizationRole, SystemRole};
use crate::lamb::schema::TableSet;
use crate::secret::Secret;
use crate::sqlite::DbError;

/// What was done.
#[derive(Debug, Serialize)]
pub struct Applied {
    /// The changes, as they were planned.
    pub changes: Vec<Change>,
    /// The ids of creators that were made, in order.
    pub created: Vec<i64>,
    /// True where Ctrl-C came while the transaction ran.
    #[serde(skip)]
    pub interrupted: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Somebody changed what the plan relied on. Exit code 4.
    #[error("nothing was changed: {0} since the plan was made\n  look again, and repeat the command")]
    Moved(String),
    /// The database.
    #[error("nothing was changed: {0}")]
    Db(#[from] DbError),
    /// LAMB's tables.
    #[error("nothing was changed: LAMB's tables are not there")]
    NoTables,
    /// The journal could not be written.
    #[error("nothing was changed: the journal cannot be written: {0}")]
    Journal(std::io::Error),
}

enum Stop {
    Moved(String),
    Journal(std::io::Error),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Applies a plan: all of it, or nothing.
///
/// # Errors
/// [`ApplyError`]; then nothing was changed.
pub fn apply(db: &mut LambDb, plan: Confirmed, journal: &mut dyn Journal) -> Result<Applied, ApplyError> {
    let set = db.schema().tables.clone().ok_or(ApplyError::NoTables)?;
    let shield = Shield::raise();
    match run(db, &set, &plan.0, journal) {
        Ok(created) => Ok(Applied { changes: plan.0, created, interrupted: shield.was_hit() }),
        Err(Stop::Moved(what)) => Err(ApplyError::Moved(what)),
        Err(Stop::Journal(error)) => Err(ApplyError::Journal(error)),
        Err(Stop::Sqlite(error)) => Err(db.error(error).into()),
    }
}

fn run(db: &mut LambDb, set: &TableSet, changes: &[Change], journal: &mut dyn Journal) -> Result<Vec<i64>, Stop> {
    let conn = db.connection();
    // Explicit, because builds differ: a role must never point to a creator or organisation that is not there.
    conn.pragma_update(None, "foreign_keys", true)?;
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = clock::now();
    let mut created = Vec::new();
    for change in changes {
        created.extend(write(&transaction, set, change, now)?);
    }
    journal.intent(changes).map_err(Stop::Journal)?;
    transaction.commit()?;
    // The change is made; a journal that fails now must not say otherwise.
    if let Err(error) = journal.done(changes) {
        crate::talk::error(format_args!("warning: the change is made, but the journal could not be finished: {error}"));
    }
    Ok(created)
}

/// Writes one change after reading again what it relied on; the id of the creator that it made.
fn write(tx: &Transaction<'_>, set: &TableSet, change: &Change, now: i64) -> Result<Option<i64>, Stop> {
    match change {
        Change::CreateCreator { email, name, user_type, organization, role, system_role, password_hash, is_first } => {
            let creators = set.prefix.table("Creator_users");
            let exists =
                format!("SELECT EXISTS (SELECT 1 FROM {creators} WHERE lower(trim(user_email)) = lower(trim(?1)))");
            if tx.query_row(&exists, [email], |row| row.get::<_, bool>(0))? {
                return Err(Stop::Moved(format!("somebody created {email}")));
            }
            let count = format!("SELECT count(*) FROM {creators}");
            if (tx.query_row(&count, [], |row| row.get::<_, i64>(0))? == 0) != *is_first {
                return Err(Stop::Moved("the first creator came or went".to_owned()));
            }
            organization_is_there(tx, set, organization.id, &organization.slug)?;
            let native = system_role.is_some();
            let (more, marks) = if native { (", password_hash, role", ", ?7, ?8") } else { ("", "") };
            let insert = format!(
                "INSERT INTO {creators} (organization_id, user_email, user_name, user_type, user_config, created_at, \
                 updated_at{more}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6{marks})"
            );
            let mut statement = tx.prepare(&insert)?;
            let common = params![organization.id, email, name, user_type.as_str(), "{}", now];
            let hash = password_hash.as_ref().map(Secret::expose);
            let native_part = params![hash, system_role.map(SystemRole::as_str)];
            let values = common.iter().chain(native_part.iter().take(if native { 2 } else { 0 }));
            statement.execute(rusqlite::params_from_iter(values))?;
            let id = tx.last_insert_rowid();
            set_role(tx, set, organization.id, id, role.as_str(), now)?;
            Ok(Some(id))
        }
        Change::SetOrganizationRole { creator, email, organization, before, after, other_managers } => {
            organization_is_there(tx, set, organization.id, &organization.slug)?;
            let sql = format!(
                "SELECT role FROM {} WHERE organization_id = ?1 AND user_id = ?2",
                set.prefix.table("organization_roles")
            );
            let current: Option<String> =
                tx.query_row(&sql, [organization.id, *creator], |row| row.get(0)).optional()?;
            if current != *before || !creator_is_there(tx, set, *creator, email)? {
                return Err(Stop::Moved(format!("somebody changed the role of {email}")));
            }
            let others = managers_beside(tx, set, organization.id, *creator)?;
            if *after == OrganizationRole::Member && others == 0 && *other_managers > 0 {
                return Err(Stop::Moved(format!("the others who manage {} lost that", organization.slug)));
            }
            set_role(tx, set, organization.id, *creator, after.as_str(), now)?;
            Ok(None)
        }
        Change::SetSystemRole { creator, email, before, after, other_admins } => {
            if *after == SystemRole::User && *other_admins > 0 && system_admins_beside(tx, set, *creator)? == 0 {
                return Err(Stop::Moved("the other system admins lost that".to_owned()));
            }
            let creators = set.prefix.table("Creator_users");
            let update = format!(
                "UPDATE {creators} SET role = ?1, updated_at = ?2 WHERE id = ?3 AND user_email = ?4 AND role IS ?5"
            );
            match tx.execute(&update, params![after.as_str(), now, creator, email, before])? {
                1 => Ok(None),
                _ => Err(Stop::Moved(format!("somebody changed the system role of {email}"))),
            }
        }
    }
}

fn creator_is_there(tx: &Transaction<'_>, set: &TableSet, id: i64, email: &str) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM {} WHERE id = ?1 AND user_email = ?2)",
        set.prefix.table("Creator_users")
    );
    tx.query_row(&sql, params![id, email], |row| row.get(0))
}

fn organization_is_there(tx: &Transaction<'_>, set: &TableSet, id: i64, slug: &str) -> Result<(), Stop> {
    let sql =
        format!("SELECT EXISTS (SELECT 1 FROM {} WHERE id = ?1 AND slug = ?2)", set.prefix.table("organizations"));
    if tx.query_row(&sql, params![id, slug], |row| row.get::<_, bool>(0))? {
        Ok(())
    } else {
        Err(Stop::Moved(format!("somebody renamed or removed the organisation {slug}")))
    }
}

/// Sets a role in place: unlike LAMB's own INSERT OR REPLACE it keeps the row's id and created_at.
fn set_role(
    tx: &Transaction<'_>,
    set: &TableSet,
    organization: i64,
    user: i64,
    role: &str,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO {} (organization_id, user_id, role, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4) \
         ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role, updated_at = excluded.updated_at",
        set.prefix.table("organization_roles")
    );
    tx.execute(&sql, params![organization, user, role, now]).map(drop)
}
