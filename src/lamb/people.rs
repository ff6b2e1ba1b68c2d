//! All people of LAMB, with only what is needed to keep creators in step with Open WebUI.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::Edition;
use super::db::LambDb;
use super::model::{Organization, SystemRole};
use super::schema::TableSet;
use crate::email::index::AddressIndex;
use crate::email::name::PersonSigns;
use crate::sqlite::DbError;
use crate::sqlite::python_json::is_true;
use crate::sqlite::value::{PasswordHash, integer_of, text_of};

/// How many rows are read between two words about it.
const ROWS_A_WORD: usize = 10_000;

/// A creator. Small: there may be a million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorEntry {
    /// Its id.
    pub id: i64,
    /// The e-mail, byte for byte.
    pub email: Box<str>,
    /// The organization's id as it is stored: NULL and dangling ids occur.
    pub organization: Option<i64>,
    /// The role in its own organization.
    pub role: Role,
    /// False where login is refused.
    pub enabled: bool,
    /// False where `updated_at` is neither a number nor text: a change of it could not be undone.
    pub is_sound: bool,
    /// Only in the native edition.
    pub native: Option<Native>,
    /// What else is known of the person.
    pub signs: PersonSigns,
}

/// A creator's role in its own organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// There is no row.
    Missing,
    /// Owner or admin.
    Manager,
    /// Any other.
    Member,
}

/// What only the native edition stores of a creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Native {
    /// `None` where it is neither `user` nor `admin`.
    pub system_role: Option<SystemRole>,
    /// True where `auth_provider` is `password`.
    pub signs_in_by_password: bool,
    /// Whether `password_hash` is there and sound. An empty text counts as unsound: only for NULL does LAMB ask Open WebUI.
    pub password: PasswordHash,
}

/// LAMB's side, as of one moment.
#[derive(Clone, Debug)]
pub struct People {
    /// Who issues tokens here.
    pub edition: Edition,
    /// All organizations.
    pub organizations: Vec<Organization>,
    /// All creators, by id.
    pub creators: Vec<CreatorEntry>,
    /// The e-mails of `lti_users` and `lti_activity_users`, each address once: students who came in through the LMS.
    pub students: Vec<Box<str>>,
    /// E-mails that the LMS has for creators, each with the id of the creator.
    pub lms_addresses: Vec<(Box<str>, i64)>,
}

impl LambDb {
    /// All people, as of one moment. `progress` gets the number of rows read so far, now and then.
    ///
    /// For tables in which no column is [missing](TableSet::missing); odd values are read for what they can be.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn people(&self, progress: &mut dyn FnMut(usize)) -> Result<People, DbError> {
        self.at_once(|db| {
            let organizations = db.organizations()?;
            let mut count = Count { rows: 0, progress };
            let mut read = || -> rusqlite::Result<_> {
                let creators = match &db.schema().tables {
                    Some(set) => creators(&db.db.conn, set, &mut count)?,
                    None => Vec::new(),
                };
                Ok((creators, students(db, &mut count)?, lms_addresses(db)?))
            };
            let (creators, students, lms_addresses) = read().map_err(|e| db.error(e))?;
            let edition = db.schema().edition().unwrap_or(Edition::Delegated);
            Ok(People { edition, organizations, creators, students, lms_addresses })
        })
    }
}

impl LambDb {
    /// E-mails that the LMS has for creators, each with the id of the creator.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn lms_addresses(&self) -> Result<Vec<(Box<str>, i64)>, DbError> {
        lms_addresses(self).map_err(|error| self.error(error))
    }
}

/// Counts rows, and tells about it.
struct Count<'a> {
    rows: usize,
    progress: &'a mut dyn FnMut(usize),
}

impl Count<'_> {
    fn row(&mut self) {
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_A_WORD) {
            (self.progress)(self.rows);
        }
    }
}

/// All creators, by id.
fn creators(conn: &Connection, set: &TableSet, count: &mut Count<'_>) -> rusqlite::Result<Vec<CreatorEntry>> {
    let native = set.edition == Edition::Native;
    let more = if native { ", role, auth_provider, password_hash" } else { "" };
    let table = set.prefix.table("Creator_users");
    let mut statement = conn.prepare(&format!(
        "SELECT id, organization_id, user_email, enabled, updated_at, user_name, created_at{more} FROM {table}"
    ))?;
    let mut rows = statement.query([])?;
    let mut creators = Vec::new();
    while let Some(row) = rows.next()? {
        creators.push(entry(row, native)?);
        count.row();
    }
    // They come by id already; ids that are no numbers may not.
    creators.sort_by_key(|creator| creator.id);
    give_roles(conn, set, &mut creators, count)?;
    Ok(creators)
}

fn entry(row: &Row<'_>, native: bool) -> rusqlite::Result<CreatorEntry> {
    let email = text_of(row.get_ref(2)?).unwrap_or_default();
    let name = text_of(row.get_ref(5)?).unwrap_or_default();
    Ok(CreatorEntry {
        id: integer_of(row.get_ref(0)?).unwrap_or_default(),
        organization: integer_of(row.get_ref(1)?),
        signs: PersonSigns::of(&name, &email, integer_of(row.get_ref(6)?)),
        email: email.into(),
        enabled: is_true(row.get_ref(3)?),
        role: Role::Missing,
        is_sound: !matches!(row.get_ref(4)?, ValueRef::Real(_) | ValueRef::Blob(_)),
        native: if native { Some(native_part(row)?) } else { None },
    })
}

fn native_part(row: &Row<'_>) -> rusqlite::Result<Native> {
    let word = |at: usize| row.get_ref(at).map(text_of);
    Ok(Native {
        system_role: word(7)?.and_then(|role| role.parse().ok()),
        signs_in_by_password: word(8)?.as_deref() == Some("password"),
        password: PasswordHash::of(word(9)?.as_deref()),
    })
}

/// Gives each creator the role in its own organization. Both tables are read from end to end, once: a join would look
/// every creator up in an index.
fn give_roles(
    conn: &Connection,
    set: &TableSet,
    creators: &mut [CreatorEntry],
    count: &mut Count<'_>,
) -> rusqlite::Result<()> {
    let table = set.prefix.table("organization_roles");
    let mut statement = conn.prepare(&format!("SELECT user_id, organization_id, role FROM {table}"))?;
    let mut rows = statement.query([])?;
    // LAMB writes a creator and its role together: the next role is nearly always the next creator's.
    let mut expected = 0;
    while let Some(row) = rows.next()? {
        count.row();
        let (Some(id), Some(organization)) = (integer_of(row.get_ref(0)?), integer_of(row.get_ref(1)?)) else {
            continue;
        };
        let Some(at) = position(creators, id, expected) else { continue };
        expected = at + 1;
        if let Some(creator) = creators.get_mut(at).filter(|creator| creator.organization == Some(organization)) {
            creator.role = role(row.get_ref(2)?);
        }
    }
    Ok(())
}

fn position(creators: &[CreatorEntry], id: i64, expected: usize) -> Option<usize> {
    match creators.get(expected) {
        Some(creator) if creator.id == id => Some(expected),
        _ => creators.binary_search_by_key(&id, |creator| creator.id).ok(),
    }
}

fn role(stored: ValueRef<'_>) -> Role {
    match stored {
        ValueRef::Text(b"owner" | b"admin") => Role::Manager,
        _ => Role::Member,
    }
}

/// Each student's address once: there is a row for every activity that they took part in.
fn students(db: &LambDb, count: &mut Count<'_>) -> rusqlite::Result<Vec<Box<str>>> {
    let mut students: Vec<Box<str>> = Vec::new();
    let mut known = AddressIndex::default();
    for table in db.student_tables()? {
        let table = db.schema().prefix.table(table);
        let mut statement = db.db.conn.prepare(&format!("SELECT user_email FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            count.row();
            let (Some(email), Ok(next)) = (text_of(row.get_ref(0)?), u32::try_from(students.len())) else { continue };
            let at = |n: u32| students.get(n as usize).map_or("", |email| &**email);
            if known.insert(next, &email, at).is_none() {
                students.push(email.into());
            }
        }
    }
    Ok(students)
}

/// What links of LMS users say of their creators' e-mails.
fn lms_addresses(db: &LambDb) -> rusqlite::Result<Vec<(Box<str>, i64)>> {
    if !db.has_columns("lti_identity_links", &["lms_email", "creator_user_id"])? {
        return Ok(Vec::new());
    }
    let table = db.schema().prefix.table("lti_identity_links");
    let mut statement = db.db.conn.prepare(&format!("SELECT lms_email, creator_user_id FROM {table}"))?;
    let mut rows = statement.query([])?;
    let mut addresses = Vec::new();
    while let Some(row) = rows.next()? {
        let (email, id) = (text_of(row.get_ref(0)?).unwrap_or_default(), integer_of(row.get_ref(1)?));
        addresses.extend(id.filter(|_| email.contains('@')).map(|id| (email.into(), id)));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const TABLES: &str = include_str!("../sandbox/schema/lamb.sql");
    /// The same without types, keys and checks, so that anything can be in them.
    const LOOSE: &str = "CREATE TABLE {p}organizations (id, slug, name, status, config);
        CREATE TABLE {p}Creator_users (enabled, user_email, organization_id, id, user_name, user_type, user_config,
            created_at, updated_at, lti_user_id, auth_provider, password_hash, role);
        CREATE TABLE {p}organization_roles (role, user_id, organization_id);
        CREATE TABLE {p}lti_activity_users (user_email);";

    fn read_people(tables: &str, rows: &str) -> People {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn.execute_batch(&tables.replace("{p}", "x_")).unwrap();
        conn.execute_batch(rows).unwrap();
        drop(conn);
        LambDb::open(&path, None, Duration::from_millis(100)).unwrap().people(&mut |_| {}).unwrap()
    }

    fn roles(people: &People) -> Vec<(i64, Role)> {
        people.creators.iter().map(|creator| (creator.id, creator.role)).collect()
    }

    #[test]
    fn the_role_is_the_one_in_the_own_organization() {
        let people = read_people(
            TABLES,
            "INSERT INTO x_organizations VALUES (1,'lamb','L',1,'active','{}',0,0), (2,'b','B',0,'active','{',0,0);
             INSERT INTO x_Creator_users VALUES
                (1,1,'a@x','A','creator','{}',0,0,1), (2,1,'b@x','B','creator','{}',0,0,0), (3,NULL,'c@x','C','creator','{}',0,0,1),
                (4,9,'d@x','D','creator','{}',0,0,1), (6,2,' E@x','E','creator','{}',0,0,1);
             INSERT INTO x_organization_roles VALUES (1,2,6,'admin',0,0), (2,9,4,'owner',0,0), (3,2,1,'owner',0,0),
                (4,1,1,'member',0,0), (5,1,3,'owner',0,0), (6,1,5,'owner',0,0)",
        );
        assert_eq!(people.edition, Edition::Delegated);
        assert_eq!(people.organizations.iter().map(|o| o.id).collect::<Vec<_>>(), [2, 1]);
        use Role::{Manager, Member, Missing};
        assert_eq!(roles(&people), [(1, Member), (2, Missing), (3, Missing), (4, Manager), (6, Manager)]);
        assert_eq!(&*people.creators[4].email, " E@x");
        assert_eq!(people.creators.iter().map(|c| c.enabled).collect::<Vec<_>>(), [true, false, true, true, true]);
        assert_eq!(people.creators[2].organization, None);
        assert!(people.creators.iter().all(|creator| creator.native.is_none()));
        assert!(people.students.is_empty());
    }

    #[test]
    fn empty_tables_have_no_people() {
        let people = read_people(TABLES, "");
        assert!(people.creators.is_empty() && people.organizations.is_empty() && people.students.is_empty());
    }

    #[test]
    fn each_student_is_there_once() {
        let rows = "INSERT INTO x_lti_users (user_email, user_name, assistant_id) VALUES ('s@x','S','12'), ('s@x','S','13'), ('t@x','T','12');
            INSERT INTO x_lti_activity_users VALUES (1,7,'S@x','S'), (2,7,'u@x','U')";
        assert_eq!(read_people(TABLES, rows).students, ["s@x", "t@x", "u@x"].map(Box::from));
    }

    #[test]
    fn odd_values_are_read_as_what_they_are() {
        let sound = bcrypt::hash("x", 4).unwrap();
        let people = read_people(
            LOOSE,
            &format!(
                "INSERT INTO x_Creator_users (id, user_email, enabled, organization_id, role, auth_provider, password_hash)
                 VALUES ('12', 'a@x', '0', '3', 'admin', 'password', '{sound}'), (2, X'61FF', NULL, 'none', 'root', 'lti_creator', NULL),
                        ('abc', NULL, 'off', NULL, NULL, NULL, 7), (1.5, CAST(X'62FF' AS TEXT), X'30', 3.5, X'75736572', 1, '');
                 INSERT INTO x_organization_roles (user_id, organization_id, role)
                 VALUES (12, 3, 'owner'), (NULL, 3, 'owner'), ('x', NULL, NULL), (2, 'none', X'FF');
                 INSERT INTO x_lti_activity_users VALUES (NULL), (X'63FF'), (5)"
            ),
        );
        assert_eq!(roles(&people), [(0, Role::Missing), (0, Role::Missing), (2, Role::Missing), (12, Role::Manager)]);
        let emails: Vec<&str> = people.creators.iter().map(|creator| &*creator.email).collect();
        assert_eq!(emails, ["", "b\u{fffd}", "a\u{fffd}", "a@x"]);
        let enabled: Vec<bool> = people.creators.iter().map(|creator| creator.enabled).collect();
        // A text is true to LAMB, "0" too where the column does not make a number of it.
        assert_eq!(enabled, [true, true, false, true]);
        let native: Vec<Native> = people.creators.iter().filter_map(|creator| creator.native).collect();
        assert_eq!(
            native.iter().map(|n| n.system_role).collect::<Vec<_>>(),
            [None, Some(SystemRole::User), None, Some(SystemRole::Admin)]
        );
        assert_eq!(native.iter().map(|n| n.signs_in_by_password).collect::<Vec<_>>(), [false, false, false, true]);
        use PasswordHash::{Empty, Missing, Sound, Unsound};
        assert_eq!(native.iter().map(|n| n.password).collect::<Vec<_>>(), [Unsound, Empty, Missing, Sound]);
        assert_eq!(people.students, ["c\u{fffd}", "5"].map(Box::from));
    }

    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<CreatorEntry>() <= 64, "{}", size_of::<CreatorEntry>());
    }

    #[test]
    fn progress_reports_the_rows_read() {
        let rows = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 25000)
            INSERT INTO x_lti_users (user_email, user_name, assistant_id) SELECT 's' || n || '@x', 'S', '12' FROM n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        Connection::open(&path).unwrap().execute_batch(&(TABLES.replace("{p}", "x_") + rows)).unwrap();
        let mut told = Vec::new();
        let db = LambDb::open(&path, None, Duration::from_millis(100)).unwrap();
        assert_eq!(db.people(&mut |rows| told.push(rows)).unwrap().students.len(), 25_000);
        assert_eq!(told, [10_000, 20_000]);
    }
}
