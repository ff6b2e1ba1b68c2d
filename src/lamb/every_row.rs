//! All creators and students of LAMB, one after the other, as a look-up by e-mail finds them. Keeps none in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::db::{LambDb, has_roles, organizations, read_creator, roles_elsewhere, select_creators};
use super::model::{Creator, Organization, RoleElsewhere};
use serde::{Deserialize, Serialize};

use super::lti::{word, word_if_set};
use crate::sqlite::DbError;
use crate::sqlite::value::text_of;

/// A creator or a student.
#[derive(Clone, Copy, Debug)]
pub enum LambUser<'a> {
    /// A creator, with its organization and its role there; roles elsewhere are not looked for.
    Creator(&'a Creator),
    /// A student who came in through the LMS, once for each row.
    Student(&'a Student),
}

/// A row of a student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Student {
    /// The e-mail that LAMB made, byte for byte.
    pub email: String,
    /// The table that has the row.
    pub table: &'static str,
    /// The name that LAMB sends to Open WebUI; empty where it sends none that the LMS chose.
    pub name: String,
    /// What the launch opens.
    pub opens: Opens,
}

/// What a student's launch opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opens {
    /// An activity, with its status and the id of its group; `None` where it is gone.
    Activity(Option<(String, String)>),
    /// A published assistant, with the name of its group; `None` where none is published under the key, and empty where the
    /// row has no key.
    Assistant(Option<String>),
    /// The table lacks a column that says it.
    NotTold,
}

/// How the rows of a table of students are read.
struct Students {
    sql: String,
    /// Of the third and the fourth column.
    opens: fn(Option<String>, String) -> Opens,
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

    /// True where there is a student, of any table.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn has_students(&self) -> Result<bool, DbError> {
        let read = || {
            for table in self.student_tables()? {
                let table = self.schema().prefix.table(table);
                let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE user_email IS NOT NULL)");
                if self.db.conn.query_row(&sql, [], |row| row.get(0))? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        read().map_err(|error| self.error(error))
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
            let students = self.students_of(table).map_err(failed)?;
            let mut statement = conn.prepare(&students.sql).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let Some(email) = row.get_ref(0).map(text_of).map_err(failed)? else { continue };
                let email = email.into_owned();
                let read = || Ok((word(row, 1)?, (students.opens)(word_if_set(row, 2)?, word(row, 3)?)));
                let (name, opens) = read().map_err(failed)?;
                visit(LambUser::Student(&Student { email, table, name, opens }))?;
            }
        }
        reading.finish().map_err(failed)
    }

    /// How the rows of a table of students are read: e-mail, name, and what is behind the row.
    fn students_of(&self, table: &'static str) -> rusqlite::Result<Students> {
        let named = |name: &'static str| self.schema().prefix.table(name);
        let of_activities: [(_, &[_]); 2] = [
            ("lti_activity_users", &["activity_id", "user_display_name"]),
            ("lti_activities", &["id", "status", "owi_group_id"]),
        ];
        let of_assistants: [(_, &[_]); 2] = [
            ("lti_users", &["lti_context_id", "user_email"]),
            ("assistant_publish", &["oauth_consumer_name", "group_id"]),
        ];
        let (has, join, opens): (_, _, fn(Option<String>, String) -> Opens) = match table {
            "lti_activity_users" => (
                of_activities,
                ("s.user_display_name, a.status, a.owi_group_id", "a.id = s.activity_id"),
                |status, group| Opens::Activity(status.map(|status| (status, group))),
            ),
            _ => (
                of_assistants,
                (
                    "'', CASE s.lti_context_id WHEN '' THEN '' ELSE a.group_id END, NULL",
                    "a.oauth_consumer_name = s.lti_context_id",
                ),
                |group, _| Opens::Assistant(group),
            ),
        };
        for (table, columns) in &has {
            if !self.has_columns(table, columns)? {
                let sql = format!("SELECT user_email, '', NULL, NULL FROM {}", named(has[0].0));
                return Ok(Students { sql, opens: |_, _| Opens::NotTold });
            }
        }
        let ((columns, on), [(own, _), (other, _)]) = (join, has);
        let sql = format!("SELECT s.user_email, {columns} FROM {} s LEFT JOIN {} a ON {on}", named(own), named(other));
        Ok(Students { sql, opens })
    }
}
