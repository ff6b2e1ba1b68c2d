//! Who is in a group of Open WebUI: LAMB puts each user of an assistant into the assistant's group.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::db::{OwiDb, OwiDbError};
use crate::sqlite::value::text_of;

/// How LAMB finds a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKey<'a> {
    /// The group of an activity, by its id.
    Id(&'a str),
    /// The group of a published assistant, by its name, although LAMB keeps it in a column `group_id` (measured).
    Name(&'a str),
}

/// The groups of a file.
#[derive(Debug, Default)]
pub struct AllGroups {
    ids: HashSet<String>,
    names: HashSet<String>,
}

impl AllGroups {
    /// True where there is such a group.
    pub fn has(&self, group: GroupKey<'_>) -> bool {
        match group {
            GroupKey::Id(id) => self.ids.contains(id),
            GroupKey::Name(name) => self.names.contains(name),
        }
    }
}

/// A group, as far as one account goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The account is in it.
    Member,
    /// The group is there without the account.
    NotIn,
    /// There is no such group.
    NoGroup,
    /// The file does not tell.
    NotKnown,
}

/// How a file keeps the members of its groups, in SQL: those of all groups, and one of one group.
struct Kept {
    all: &'static str,
    one: &'static str,
}

/// As 0.5.6 does. A list that is no JSON has no members, to Open WebUI too.
const IN_LISTS: Kept = Kept {
    all: "SELECT g.id, m.value FROM \"group\" g, \
          json_each(CASE WHEN json_valid(g.user_ids) THEN g.user_ids ELSE '[]' END) m",
    one: "SELECT 1 FROM \"group\" g, json_each(CASE WHEN json_valid(g.user_ids) THEN g.user_ids ELSE '[]' END) m \
          WHERE g.id = ?1 AND m.value = ?2",
};

/// As later versions do.
const IN_TABLE: Kept = Kept {
    all: "SELECT group_id, user_id FROM group_member",
    one: "SELECT 1 FROM group_member WHERE group_id = ?1 AND user_id = ?2",
};

/// `None` where the file keeps them in no way that is known.
fn kept(conn: &Connection) -> rusqlite::Result<Option<Kept>> {
    let has = |table: &str, column: &str| {
        let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2)";
        conn.query_row(sql, [table, column], |row| row.get::<_, bool>(0))
    };
    Ok(match has("group", "user_ids")? {
        true => Some(IN_LISTS),
        false if has("group_member", "group_id")? && has("group_member", "user_id")? => Some(IN_TABLE),
        false => None,
    })
}

impl OwiDb {
    /// Whether an account is in a group.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn membership(&self, group: GroupKey<'_>, account: Option<&str>) -> Result<Membership, OwiDbError> {
        let conn = &self.db.conn;
        let find = || {
            let Some(kept) = kept(conn)? else { return Ok(Membership::NotKnown) };
            let Some(group) = group_id(conn, group)? else { return Ok(Membership::NoGroup) };
            let found = account.map(|id| conn.query_row(kept.one, [&*group, id], |_| Ok(())).optional()).transpose()?;
            Ok(if found.flatten().is_some() { Membership::Member } else { Membership::NotIn })
        };
        find().map_err(|error| self.db.error(error).into())
    }

    /// The id of a group; `None` where there is none. Of several with one name, LAMB takes the first.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn group_id(&self, group: GroupKey<'_>) -> Result<Option<String>, OwiDbError> {
        group_id(&self.db.conn, group).map_err(|error| self.db.error(error).into())
    }

    /// The ids and the names of all groups.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn all_groups(&self) -> Result<AllGroups, OwiDbError> {
        let read = || -> rusqlite::Result<AllGroups> {
            let mut all = AllGroups::default();
            let mut statement = self.db.conn.prepare("SELECT id, name FROM \"group\"")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text = |at| Ok::<_, rusqlite::Error>(text_of(row.get_ref(at)?).unwrap_or_default().into_owned());
                all.ids.insert(text(0)?);
                all.names.insert(text(1)?);
            }
            Ok(all)
        };
        read().map_err(|error| self.db.error(error).into())
    }

    /// Visits every member of every group, with the ids of both; false where the file does not tell the members.
    ///
    /// # Errors
    /// Where SQLite fails, or with what `visit` fails with.
    pub fn every_member<E: From<OwiDbError>>(
        &self,
        visit: &mut dyn FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<bool, E> {
        let conn = &self.db.conn;
        let failed = |error| E::from(OwiDbError::from(self.db.error(error)));
        let Some(kept) = kept(conn).map_err(failed)? else { return Ok(false) };
        let mut statement = conn.prepare(kept.all).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let id = |at| Ok(text_of(row.get_ref(at)?).unwrap_or_default());
            let (group, account) = (id(0).map_err(failed)?, id(1).map_err(failed)?);
            visit(&group, &account)?;
        }
        Ok(true)
    }
}

fn group_id(conn: &Connection, group: GroupKey<'_>) -> rusqlite::Result<Option<String>> {
    let (sql, value) = match group {
        GroupKey::Id(id) => ("SELECT id FROM \"group\" WHERE id = ?1", id),
        GroupKey::Name(name) => ("SELECT id FROM \"group\" WHERE name = ?1 ORDER BY rowid LIMIT 1", name),
    };
    let read = |row: &Row<'_>| Ok(text_of(row.get_ref(0)?).unwrap_or_default().into_owned());
    conn.prepare_cached(sql)?.query_row([value], read).optional()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIST: &str = include_str!("../../sandbox/schema/owi-0.5.6.sql");
    const TABLES: [&str; 2] =
        [include_str!("../../sandbox/schema/owi-0.6.43.sql"), include_str!("../../sandbox/schema/owi-0.12.4.sql")];

    fn told(schema: &str, rows: &str) -> (Vec<Membership>, Option<Vec<String>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        Connection::open(&path).unwrap().execute_batch(&format!("{schema}; {rows}")).unwrap();
        let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
        let asked = [("g", Some("a")), ("g", Some("b")), ("g", None), ("broken", Some("a")), ("gone", Some("a"))];
        let one = asked.map(|(group, account)| db.membership(GroupKey::Id(group), account).unwrap()).to_vec();
        let named =
            asked.map(|(group, account)| db.membership(GroupKey::Name(&group.to_uppercase()), account).unwrap());
        assert_eq!(named.to_vec(), one);
        let mut all = Vec::new();
        let visit = &mut |group: &str, account: &str| {
            all.push(format!("{group} {account}"));
            Ok::<_, OwiDbError>(())
        };
        let is_told = db.every_member(visit).unwrap();
        (one, is_told.then_some(all))
    }

    #[test]
    fn members_are_read_from_the_list_and_from_the_table() {
        use Membership::{Member, NoGroup, NotIn, NotKnown};
        let seen = vec![Member, NotIn, NotIn, NotIn, NoGroup];
        let groups = "INSERT INTO \"group\" (id, name) VALUES ('g', 'G'), ('broken', 'BROKEN');";
        let lists =
            format!("{groups} UPDATE \"group\" SET user_ids = CASE id WHEN 'g' THEN '[\"x\", \"a\"]' ELSE '[' END");
        assert_eq!(told(LIST, &lists), (seen.clone(), Some(vec!["g x".to_owned(), "g a".to_owned()])));
        for schema in TABLES {
            let members =
                "PRAGMA foreign_keys = OFF; INSERT INTO group_member (id, group_id, user_id) VALUES ('1', 'g', 'a')";
            assert_eq!(told(schema, &format!("{groups} {members}")), (seen.clone(), Some(vec!["g a".to_owned()])));
            let other = (vec![NotKnown; 5], None);
            assert_eq!(told(schema, &format!("{groups} DROP TABLE group_member")), other);
        }
    }
}
