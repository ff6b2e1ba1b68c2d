//! All creators and students of LAMB, one after the other, as a look-up by e-mail finds them. Keeps none in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::db::{LambDb, has_roles, organizations, read_creator, roles_elsewhere, select_creators};
use super::model::{Creator, Organization, RoleElsewhere};
use crate::sqlite::DbError;
use crate::sqlite::value::text_of;

/// A creator or a student.
#[derive(Clone, Copy, Debug)]
pub enum LambUser<'a> {
    /// A creator, with its organization and its role there; roles elsewhere are not looked for.
    Creator(&'a Creator),
    /// The e-mail of a student who came in through the LMS, once for each row; and the table that says so.
    Student(&'a str, &'static str),
}

/// All organizations, by id.
pub type Organizations = HashMap<i64, Arc<Organization>>;

impl LambDb {
    /// Every organization, by id.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn organizations_by_id(&self) -> Result<Organizations, DbError> {
        let Some(set) = self.schema().tables.as_ref().filter(|set| set.has_table("organizations")) else {
            return Ok(HashMap::new());
        };
        let all = organizations(&self.db.conn, set).map_err(|e| self.error(e))?;
        Ok(all.into_iter().map(|organization| (organization.id, Arc::new(organization))).collect())
    }

    /// The roles of a creator in organizations that are not its own.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn roles_elsewhere(&self, creator: &Creator) -> Result<Vec<RoleElsewhere>, DbError> {
        let Some(set) = self.schema().tables.as_ref().filter(|set| has_roles(set)) else { return Ok(Vec::new()) };
        roles_elsewhere(&self.db.conn, set, creator).map_err(|e| self.error(e))
    }

    /// Visits every creator and every student, all as of one moment.
    ///
    /// It holds a read lock while it goes: `visit` must not wait.
    ///
    /// # Errors
    /// Where SQLite fails, or with what `visit` fails with.
    pub fn every_row<E: From<DbError>>(&self, visit: &mut dyn FnMut(LambUser<'_>) -> Result<(), E>) -> Result<(), E> {
        let Some(set) = &self.schema().tables else { return Ok(()) };
        let conn = &self.db.conn;
        let failed = |error| E::from(self.error(error));
        let reading = conn.unchecked_transaction().map_err(failed)?;
        let organizations = self.organizations_by_id()?;
        if set.has_creator_column("user_email") {
            let mut statement = conn.prepare(&select_creators(set, false)).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let mut creator = read_creator(row, set).map_err(failed)?;
                creator.organization = creator.organization_id.and_then(|id| organizations.get(&id).cloned());
                visit(LambUser::Creator(&creator))?;
            }
        }
        for table in self.student_tables().map_err(failed)? {
            let sql = format!("SELECT user_email FROM {}", self.schema().prefix.table(table));
            let mut statement = conn.prepare(&sql).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let Some(email) = row.get_ref(0).map(text_of).map_err(failed)? else { continue };
                visit(LambUser::Student(&email, table))?;
            }
        }
        reading.finish().map_err(failed)
    }
}
