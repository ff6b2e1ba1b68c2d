//! All organizations, with how many people each has, and whether its LMS key is there.

use std::collections::HashMap;

use rusqlite::Row;
use schemars::JsonSchema;
use serde::Serialize;

use super::db::LambDb;
use super::model::Organization;
use crate::sqlite::python_json::is_true;
use crate::sqlite::value::{integer_of, text_of};
use crate::sqlite::{DbError, count_at};

/// The key by which teachers come in from an LMS, as far as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LmsKey {
    /// It is there, with its secret.
    Enabled,
    /// LAMB behaves as if it were not there.
    Disabled,
    /// The key or its secret is empty.
    Incomplete,
    /// There is none.
    Missing,
}

/// An organization in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrganization {
    /// The organization.
    pub organization: Organization,
    /// True for LAMB's own.
    pub is_system: bool,
    /// How many creators it has.
    pub people: usize,
    /// How many enabled owners and admins it has, counting only those whose own organization it is.
    pub managers: usize,
    /// `None` where this LAMB keeps no such keys, as in the delegated edition.
    pub lms_key: Option<LmsKey>,
}

impl LambDb {
    /// Every organization, by slug, as of one moment. Secrets are not read, only whether they are there.
    ///
    /// For tables in which no column is [missing](super::schema::TableSet::missing).
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn organization_list(&self) -> Result<Vec<ListedOrganization>, DbError> {
        self.at_once(|db| {
            let organizations = db.organizations()?;
            let read = || -> rusqlite::Result<_> {
                let prefix = &db.schema().prefix;
                let [creators, roles, all] =
                    ["Creator_users", "organization_roles", "organizations"].map(|table| prefix.table(table));
                let people = db.counts(&format!("SELECT organization_id, count(*) FROM {creators} GROUP BY 1"))?;
                let managers = db.counts(&format!(
                    "SELECT r.organization_id, count(*) FROM {roles} r \
                     JOIN {creators} c ON c.id = r.user_id AND c.organization_id = r.organization_id \
                     WHERE r.role IN ('owner', 'admin') AND c.enabled = 1 GROUP BY 1"
                ))?;
                let is_system = |row: &Row<'_>| Ok(is_true(row.get_ref(1)?));
                let system = db.by_id(&format!("SELECT id, is_system FROM {all}"), is_system)?;
                Ok((people, managers, system, db.lms_keys()?))
            };
            let (people, managers, system, keys) = read().map_err(|error| db.error(error))?;
            let listed = organizations.into_iter().map(|organization| ListedOrganization {
                is_system: system.get(&organization.id).copied().unwrap_or_default(),
                people: people.get(&organization.id).copied().unwrap_or_default(),
                managers: managers.get(&organization.id).copied().unwrap_or_default(),
                lms_key: keys.as_ref().map(|keys| keys.get(&organization.id).copied().unwrap_or(LmsKey::Missing)),
                organization,
            });
            Ok(listed.collect())
        })
    }

    fn lms_keys(&self) -> rusqlite::Result<Option<HashMap<i64, LmsKey>>> {
        const TABLE: &str = "lti_creator_keys";
        if !self.has_columns(TABLE, &["organization_id", "oauth_consumer_key", "oauth_consumer_secret", "enabled"])? {
            return Ok(None);
        }
        let sql = format!(
            "SELECT organization_id, oauth_consumer_key, coalesce(oauth_consumer_secret, '') <> '', enabled FROM {}",
            self.schema().prefix.table(TABLE)
        );
        let key = |row: &Row<'_>| {
            let has_key = text_of(row.get_ref(1)?).is_some_and(|key| !key.is_empty());
            Ok(match (has_key && row.get::<_, bool>(2)?, is_true(row.get_ref(3)?)) {
                (false, _) => LmsKey::Incomplete,
                (true, false) => LmsKey::Disabled,
                (true, true) => LmsKey::Enabled,
            })
        };
        self.by_id(&sql, key).map(Some)
    }

    fn counts(&self, sql: &str) -> rusqlite::Result<HashMap<i64, usize>> {
        self.by_id(sql, |row| count_at(row, 1))
    }

    /// What `read` makes of each row, by the id in its first column. Of several rows the first counts.
    fn by_id<T>(
        &self,
        sql: &str,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<HashMap<i64, T>> {
        let mut statement = self.reading().prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let Some(id) = integer_of(row.get_ref(0)?) else { continue };
            let value = read(row)?;
            found.entry(id).or_insert(value);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn list(tables: &str, rows: &str) -> Vec<ListedOrganization> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn.execute_batch(&tables.replace("{p}", "")).unwrap();
        conn.execute_batch(
            "INSERT INTO organizations (id, slug, name, is_system, config, created_at, updated_at)
             VALUES (1, 'lamb', 'L', 1, '{}', 1, 1), (2, 'b', 'B', 0, '{', 1, 1), (3, 'a', 'A', 0, '{}', 1, 1);
             INSERT INTO Creator_users (id, organization_id, user_email, user_name, created_at, updated_at, enabled)
             VALUES (1, 1, 'a@x', 'A', 1, 1, 1), (2, 2, 'b@x', 'B', 1, 1, 0), (3, 2, 'c@x', 'C', 1, 1, 1),
                    (4, NULL, 'd@x', 'D', 1, 1, 1);
             INSERT INTO organization_roles (organization_id, user_id, role, created_at, updated_at)
             VALUES (1, 1, 'owner', 1, 1), (2, 2, 'admin', 1, 1), (2, 3, 'member', 1, 1), (3, 1, 'owner', 1, 1);",
        )
        .unwrap();
        conn.execute_batch(rows).unwrap();
        drop(conn);
        LambDb::open(&path, None, Duration::from_millis(100)).unwrap().organization_list().unwrap()
    }

    #[test]
    fn people_and_managers_are_of_their_own_organization() {
        let listed = list(include_str!("../sandbox/schema/lamb.sql"), "");
        let told: Vec<_> =
            listed.iter().map(|o| (o.organization.slug.as_str(), o.is_system, o.people, o.managers)).collect();
        assert_eq!(told, [("a", false, 0, 0), ("b", false, 2, 0), ("lamb", true, 1, 1)]);
        assert!(listed.iter().all(|organization| organization.lms_key.is_none()));
    }

    #[test]
    fn a_key_of_the_lms_is_told_without_its_secret() {
        let tables = [include_str!("../sandbox/schema/lamb.sql"), include_str!("../sandbox/schema/lamb-native.sql")];
        let listed = list(
            &tables.concat(),
            "INSERT INTO lti_creator_keys 
                (organization_id, oauth_consumer_key, oauth_consumer_secret, enabled, created_at, updated_at)
             VALUES (1, 'key', 'geheim', 0, 0, 0), (3, 'other', '', 1, 0, 0)",
        );
        let keys: Vec<_> = listed.iter().map(|organization| organization.lms_key).collect();
        assert_eq!(keys, [Some(LmsKey::Incomplete), Some(LmsKey::Missing), Some(LmsKey::Disabled)]);
        assert!(!format!("{listed:?}").contains("geheim"));
    }
}
