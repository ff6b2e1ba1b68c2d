//! Who is in a group of Open WebUI: LAMB puts each user of an assistant into the assistant's group.

use rusqlite::{Connection, OptionalExtension as _, Row};

pub use super::all_groups::{AllGroups, GroupKey};
use super::db::{OwiDb, OwiDbError};
use crate::sqlite::value::text_of;

/// A group, as far as one account goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The account is in it.
    Member,
    /// The group is there without the account, and the file keeps members like this.
    NotIn(Kept),
    /// The file does not have the group.
    NoGroup,
    /// The file does not tell.
    NotKnown,
}

/// How a file keeps the members of its groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a list of each group, as 0.5.6 does: LAMB writes there.
    InLists,
    /// In a table, as later versions do: LAMB does not write there.
    InTable,
}

/// The members of all groups in lists. Other JSON than an array has no members, to Open WebUI too. With a text that is no
/// JSON, Open WebUI 0.5.6 refuses every user (measured); here it counts as an empty list.
macro_rules! in_lists {
    ($select:literal, $condition:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM \"group\" g, json_each(CASE WHEN json_valid(g.user_ids) THEN \
             CASE json_type(g.user_ids) WHEN 'array' THEN g.user_ids ELSE '[]' END ELSE '[]' END) m WHERE ",
            $condition
        )
    };
}

impl Kept {
    /// The query for the members of all groups.
    fn all(self) -> &'static str {
        match self {
            Self::InLists => in_lists!("g.id, m.value", "m.type = 'text'"),
            Self::InTable => "SELECT group_id, user_id FROM group_member",
        }
    }

    /// The query for one member of one group.
    fn one(self) -> &'static str {
        match self {
            Self::InLists => in_lists!("1", "m.type = 'text' AND g.id = ?1 AND m.value = ?2"),
            Self::InTable => "SELECT 1 FROM group_member WHERE group_id = ?1 AND user_id = ?2",
        }
    }
}

/// `None` where the file keeps them in no way that is known.
fn kept(conn: &Connection) -> rusqlite::Result<Option<Kept>> {
    let has = |table: &str, column: &str| {
        let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2)";
        conn.query_row(sql, [table, column], |row| row.get::<_, bool>(0))
    };
    Ok(match has("group", "user_ids")? {
        true => Some(Kept::InLists),
        false if has("group_member", "group_id")? && has("group_member", "user_id")? => Some(Kept::InTable),
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
            let found =
                account.map(|id| conn.query_row(kept.one(), [&*group, id], |_| Ok(())).optional()).transpose()?;
            Ok(if found.flatten().is_some() { Membership::Member } else { Membership::NotIn(kept) })
        };
        find().map_err(|error| self.db.error(error).into())
    }

    /// The ids and the names of all groups, read once for all who ask.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn all_groups(&self) -> Result<&AllGroups, OwiDbError> {
        if let Some(all) = self.groups.get() {
            return Ok(all);
        }
        let read = || -> rusqlite::Result<AllGroups> {
            let mut all = AllGroups::default();
            let mut statement = self.db.conn.prepare("SELECT id, name FROM \"group\" ORDER BY rowid")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text = |at| Ok::<_, rusqlite::Error>(Box::from(text_of(row.get_ref(at)?).unwrap_or_default()));
                let id: Box<str> = text(0)?;
                all.add(id, text(1)?);
            }
            Ok(all)
        };
        let all = read().map_err(|error| self.db.error(error))?;
        Ok(self.groups.get_or_init(|| all))
    }

    /// Visits every member of every group, with the ids of both. Returns how the file keeps them; `None` where it does not
    /// tell the members.
    ///
    /// # Errors
    /// Where SQLite fails, or with what `visit` fails with.
    pub fn every_member<E: From<OwiDbError>>(
        &self,
        visit: &mut dyn FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<Option<Kept>, E> {
        let conn = &self.db.conn;
        let failed = |error| E::from(OwiDbError::from(self.db.error(error)));
        let Some(kept) = kept(conn).map_err(failed)? else { return Ok(None) };
        let mut statement = conn.prepare(kept.all()).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let id = |at| Ok(text_of(row.get_ref(at)?).unwrap_or_default());
            let (group, account) = (id(0).map_err(failed)?, id(1).map_err(failed)?);
            visit(&group, &account)?;
        }
        Ok(Some(kept))
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
        let kept = db.every_member(visit).unwrap();
        (one, kept.map(|_| all))
    }

    #[test]
    fn members_are_read_from_the_list_and_from_the_table() {
        use Membership::{Member, NoGroup, NotIn, NotKnown};
        let seen = |kept| vec![Member, NotIn(kept), NotIn(kept), NotIn(kept), NoGroup];
        let groups = "INSERT INTO \"group\" (id, name) VALUES ('g', 'G'), ('broken', 'BROKEN');";
        let lists =
            format!("{groups} UPDATE \"group\" SET user_ids = CASE id WHEN 'g' THEN '[\"x\", \"a\"]' ELSE '[' END");
        assert_eq!(told(LIST, &lists), (seen(Kept::InLists), Some(vec!["g x".to_owned(), "g a".to_owned()])));
        for schema in TABLES {
            let members =
                "PRAGMA foreign_keys = OFF; INSERT INTO group_member (id, group_id, user_id) VALUES ('1', 'g', 'a')";
            assert_eq!(
                told(schema, &format!("{groups} {members}")),
                (seen(Kept::InTable), Some(vec!["g a".to_owned()]))
            );
            let other = (vec![NotKnown; 5], None);
            assert_eq!(told(schema, &format!("{groups} DROP TABLE group_member")), other);
        }
    }

    #[test]
    fn only_the_texts_of_a_json_array_are_members() {
        let groups = "INSERT INTO \"group\" (id, name) VALUES ('g', 'G'), ('broken', 'BROKEN');";
        for list in [r#"{"x": "a"}"#, r#""a""#, "1", "null", r#"[["a"], {"x": "a"}, 1]"#] {
            let (one, all) = told(LIST, &format!("{groups} UPDATE \"group\" SET user_ids = '{list}'"));
            assert_eq!((one[0], all), (Membership::NotIn(Kept::InLists), Some(Vec::new())), "{list}");
        }
    }

    #[test]
    fn all_groups_have_their_ids_and_the_first_of_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        let groups = "INSERT INTO \"group\" (id, name) VALUES ('z', 'N'), ('a', 'N')";
        Connection::open(&path).unwrap().execute_batch(&format!("{LIST}; {groups}")).unwrap();
        let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
        let all = db.all_groups().unwrap();
        assert_eq!(all.id(GroupKey::Name("N")), Some("z"));
        assert_eq!(all.id(GroupKey::Id("a")), Some("a"));
        assert_eq!((all.id(GroupKey::Id("N")), all.id(GroupKey::Name("a"))), (None, None));
    }
}
