//! Organizations without a manager.

use rusqlite::{OptionalExtension, Row};

use super::db::LambDb;
use crate::sqlite::value::text;
use crate::sqlite::{DbError, RawValue, count_at};

/// An organization that has people, and no manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmanaged {
    /// Its slug.
    pub slug: String,
    /// How many creators it has.
    pub people: usize,
}

impl LambDb {
    /// How many organizations have creators and no enabled owner or admin whose own organization it is, and the first
    /// of them by slug. What [`other_managers`](Self::other_managers) counts for one, asked of all at once.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn unmanaged(&self, examples: u32) -> Result<(usize, Vec<Unmanaged>), DbError> {
        let Some(set) = &self.schema().tables else { return Ok((0, Vec::new())) };
        let [creators, roles, organizations] =
            ["Creator_users", "organization_roles", "organizations"].map(|table| set.prefix.table(table));
        let sql = format!(
            "WITH peopled AS (SELECT organization_id AS id, count(*) AS people FROM {creators} GROUP BY 1), \
             managed AS (SELECT r.organization_id AS id FROM {roles} r \
               JOIN {creators} c ON c.id = r.user_id AND c.organization_id = r.organization_id \
               WHERE r.role IN ('owner', 'admin') AND c.enabled = 1) \
             SELECT o.slug, p.people, count(*) OVER () FROM {organizations} o JOIN peopled p ON p.id = o.id \
             WHERE NOT EXISTS (SELECT 1 FROM managed WHERE managed.id = o.id) ORDER BY o.slug LIMIT ?1"
        );
        let read = |row: &Row<'_>| {
            let slug = text(row.get::<_, RawValue>(0)?.0).unwrap_or_default();
            Ok((count_at(row, 2)?, Unmanaged { slug, people: count_at(row, 1)? }))
        };
        let look = || -> rusqlite::Result<Vec<(usize, Unmanaged)>> {
            self.reading().prepare(&sql)?.query_map([examples], read)?.collect()
        };
        let found = look().map_err(|e| self.error(e))?;
        let count = found.first().map_or(0, |(count, _)| *count);
        Ok((count, found.into_iter().map(|(_, unmanaged)| unmanaged).collect()))
    }

    /// The e-mail of the creator of this id.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn email_of(&self, creator: i64) -> Result<Option<String>, DbError> {
        let Some(set) = self.schema().tables.as_ref().filter(|set| set.has_creator_column("user_email")) else {
            return Ok(None);
        };
        let sql = format!("SELECT user_email FROM {} WHERE id = ?1", set.prefix.table("Creator_users"));
        let read = |row: &Row<'_>| Ok(text(row.get::<_, RawValue>(0)?.0));
        let found = self.reading().query_row(&sql, [creator], read).optional();
        found.map(Option::flatten).map_err(|e| self.error(e))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_an_enabled_manager_of_their_own_organization_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(&include_str!("../sandbox/schema/lamb.sql").replace("{p}", "")).unwrap();
        db.execute_batch(
            "INSERT INTO organizations (id, slug, name, config, created_at, updated_at)
             SELECT value, 'org' || value, 'O', '{}', 1, 1 FROM json_each('[1, 2, 3, 4, 5, 6]');
             INSERT INTO Creator_users (id, organization_id, user_email, user_name, created_at, updated_at, enabled)
             VALUES (1, 1, 'a@x', 'A', 1, 1, 1), (2, 2, 'b@x', 'B', 1, 1, 0), (3, 3, 'c@x', 'C', 1, 1, 1),
                    (4, 4, 'd@x', 'D', 1, 1, 1), (5, 4, 'e@x', 'E', 1, 1, 1), (6, NULL, 'f@x', 'F', 1, 1, 1);
             INSERT INTO organization_roles (organization_id, user_id, role, created_at, updated_at)
             VALUES (1, 1, 'owner', 1, 1), (2, 2, 'admin', 1, 1), (3, 4, 'admin', 1, 1), (3, 3, 'member', 1, 1);",
        )
        .unwrap();
        drop(db);
        let db = LambDb::open(&path, None, Duration::from_millis(100)).unwrap();
        let (count, first) = db.unmanaged(2).unwrap();
        // 1 has its owner; of 2 the admin is disabled, of 3 the admin belongs elsewhere; 5 and 6 have no people.
        let named = |slug: &str, people| Unmanaged { slug: slug.to_owned(), people };
        assert_eq!((count, first), (3, vec![named("org2", 1), named("org3", 1)]));
        assert_eq!(db.unmanaged(9).unwrap().1[2], named("org4", 2));
        assert_eq!(db.email_of(6).unwrap().as_deref(), Some("f@x"));
        assert_eq!(db.email_of(7).unwrap(), None);
    }
}
