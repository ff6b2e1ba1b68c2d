//! `user` and `auth` side by side.
//!
//! The server makes both rows of an account together, so that the next row of the one table nearly always belongs to
//! the next row of the other: reading both from end to end is many times quicker than a million look-ups.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::{OwiPerson, PeopleQuery, PeopleSeen, Standing, account_number, newest};
use crate::owi::file::db::OwiDb;
use crate::secret::Secret;
use crate::sqlite::value::{PasswordHash, integer_of, text_of};

/// Where [`user_columns`] and [`auth_columns`] have the id; before it is the rowid.
const ID: usize = 1;

/// Where the columns of `auth` begin in a row that has both.
const JOINED: usize = 6;

/// True where the ids of a table are unique, as in every table that a server made.
const HAS_KEY: &str = "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = 'id' AND \"notnull\") AND EXISTS \
                       (SELECT 1 FROM pragma_index_list(?1) AS list WHERE \"unique\" AND NOT partial \
                       AND (SELECT count(*) = 1 AND max(name) = 'id' FROM pragma_index_info(list.name)))";

/// Visits all users. It must run inside a transaction, so that both tables are of the same moment.
pub(super) fn walk(db: &OwiDb, query: &PeopleQuery, visit: &mut dyn FnMut(OwiPerson)) -> rusqlite::Result<PeopleSeen> {
    let conn = &db.db.conn;
    let (user, auth) = (user_columns(db), auth_columns(db, query.hashes));
    let mut visitor = Visitor::new(query, visit);
    visitor.walk.last = newest(conn, visitor.up_to)?;
    if has_key(conn, "user")? && has_key(conn, "auth")? {
        side_by_side(conn, &user, &auth, &mut visitor)?;
    } else {
        joined(conn, &user, &auth, &mut visitor)?;
    }
    Ok(visitor.walk)
}

pub(super) fn has_key(conn: &Connection, table: &str) -> rusqlite::Result<bool> {
    conn.query_row(HAS_KEY, [table], |row| row.get(0))
}

/// The columns of `user`, by name: their order differs between versions. No others: pictures are stored among them.
fn user_columns(db: &OwiDb) -> String {
    columns("u", &["rowid", "id", "email", "name", "role", "created_at"], &db.user_columns)
}

fn auth_columns(db: &OwiDb, hashes: bool) -> String {
    columns("a", &["rowid", "id", "email", "active", if hashes { "password" } else { "" }], &db.auth_columns)
}

/// What a table does not have reads as NULL.
fn columns(table: &str, wanted: &[&str], there: &[String]) -> String {
    let column = |name: &&str| {
        if *name == "rowid" || there.iter().any(|t| t == name) { format!("{table}.{name}") } else { "NULL".to_owned() }
    };
    wanted.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// Both tables row by row, without a join.
fn side_by_side(conn: &Connection, user: &str, auth: &str, visitor: &mut Visitor<'_>) -> rusqlite::Result<()> {
    let mut users = conn.prepare(&format!("SELECT {user} FROM \"user\" u ORDER BY u.rowid"))?;
    let mut auths = conn.prepare(&format!("SELECT {auth} FROM auth a ORDER BY a.rowid"))?;
    let (mut users, mut auths) = (users.query([])?, auths.query([])?);
    let (mut user, mut auth) = (users.next()?, auths.next()?);
    let mut waiting = Waiting::default();
    while user.is_some() || auth.is_some() {
        let done = match (user, auth) {
            (Some(user), Some(auth)) if key(user)? == key(auth)? => {
                let person = visitor.person(user)?;
                visitor.meet(person, Some(Auth::read(auth, 0)?));
                Done::Both
            }
            (user, auth) => waiting.sort_out(user, auth, visitor)?,
        };
        if done != Done::Auth {
            user = users.next()?;
        }
        if done != Done::User {
            auth = auths.next()?;
        }
    }
    waiting.give_up(visitor);
    Ok(())
}

/// The same for tables that may have an id twice or none, which no server makes: SQLite sorts them out, more slowly. Of
/// several `auth` rows of an id the first counts.
fn joined(conn: &Connection, user: &str, auth: &str, visitor: &mut Visitor<'_>) -> rusqlite::Result<()> {
    let sql =
        format!("SELECT {user}, {auth} FROM \"user\" u LEFT JOIN auth a ON a.id = u.id ORDER BY u.rowid, a.rowid");
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut latest = None;
    while let Some(row) = rows.next()? {
        let rowid: i64 = row.get(0)?;
        if latest.replace(rowid) == Some(rowid) {
            continue;
        }
        let auth = if row.get_ref(JOINED)? == ValueRef::Null { None } else { Some(Auth::read(row, JOINED)?) };
        let person = visitor.person(row)?;
        visitor.meet(person, auth);
    }
    let sql = "SELECT a.email FROM auth a LEFT JOIN \"user\" u ON u.id = a.id WHERE u.id IS NULL ORDER BY a.rowid";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visitor.walk.orphans.push(text_of(row.get_ref(0)?).unwrap_or_default().into());
    }
    Ok(())
}

/// The id of a row of either table, as bytes.
fn key<'r>(row: &'r Row<'_>) -> rusqlite::Result<Cow<'r, [u8]>> {
    Ok(match row.get_ref(ID)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cow::Borrowed(bytes),
        other => Cow::Owned(text_of(other).unwrap_or_default().into_owned().into_bytes()),
    })
}

/// What matters of an `auth` row.
struct Auth<'r> {
    email: Cow<'r, str>,
    active: bool,
    hash: Option<Secret>,
}

impl<'r> Auth<'r> {
    fn read(row: &'r Row<'_>, at: usize) -> rusqlite::Result<Self> {
        let hash = text_of(row.get_ref(at + 4)?);
        let hash = hash.filter(|hash| PasswordHash::of(Some(hash)) == PasswordHash::Sound);
        Ok(Self {
            email: text_of(row.get_ref(at + 2)?).unwrap_or_default(),
            active: integer_of(row.get_ref(at + 3)?) == Some(1),
            hash: hash.map(Secret::new),
        })
    }

    fn into_owned(self) -> Auth<'static> {
        Auth { email: Cow::Owned(self.email.into_owned()), active: self.active, hash: self.hash }
    }

    /// Inactive comes first: an admin meant to lock the user out.
    fn standing(&self, email: &str) -> Standing {
        match self {
            Self { active: false, .. } => Standing::SwitchedOff,
            Self { email: other, .. } if other != email => Standing::OtherEmail,
            _ => Standing::Active,
        }
    }
}

/// The receiver of the users, and what is kept meanwhile.
struct Visitor<'a> {
    up_to: i64,
    visit: &'a mut dyn FnMut(OwiPerson),
    walk: PeopleSeen,
    roles: HashSet<Arc<str>>,
    latest_role: Arc<str>,
}

impl<'a> Visitor<'a> {
    fn new(query: &PeopleQuery, visit: &'a mut dyn FnMut(OwiPerson)) -> Self {
        let up_to = query.up_to.unwrap_or(i64::MAX);
        Self { up_to, visit, walk: PeopleSeen::default(), roles: HashSet::new(), latest_role: Arc::from("") }
    }

    /// A user whose `auth` row is not known yet; `None` if the user is too new to be visited.
    fn person(&mut self, row: &Row<'_>) -> rusqlite::Result<Option<OwiPerson>> {
        if row.get::<_, i64>(0)? > self.up_to {
            return Ok(None);
        }
        Ok(Some(OwiPerson {
            account: account_number(&key(row)?),
            email: text_of(row.get_ref(2)?).unwrap_or_default().into(),
            name: text_of(row.get_ref(3)?).unwrap_or_default().into(),
            role: self.role(&text_of(row.get_ref(4)?).unwrap_or_default()),
            created_at: integer_of(row.get_ref(5)?),
            standing: Standing::NoAuthRow,
            hash: None,
        }))
    }

    /// One text for all who have this role. Most have the same as the one before.
    fn role(&mut self, name: &str) -> Arc<str> {
        if *self.latest_role != *name {
            self.latest_role = Arc::clone(self.roles.get_or_insert_with(name, |name| Arc::from(name)));
        }
        Arc::clone(&self.latest_role)
    }

    fn meet(&mut self, person: Option<OwiPerson>, auth: Option<Auth<'_>>) {
        let Some(mut person) = person else { return };
        if let Some(auth) = auth {
            person.standing = auth.standing(&person.email);
            person.hash = auth.hash;
        }
        self.walk.users += 1;
        (self.visit)(person);
    }
}

/// Which of the two rows at hand is dealt with.
#[derive(PartialEq)]
enum Done {
    User,
    Auth,
    Both,
}

/// Rows whose other half has not come yet, each with its rowid, by id. Few where the tables are in step.
#[derive(Default)]
struct Waiting {
    users: HashMap<Box<[u8]>, (i64, Option<OwiPerson>)>,
    auths: HashMap<Box<[u8]>, (i64, Auth<'static>)>,
}

impl Waiting {
    /// Two rows that do not belong together, or the one that is left. Where one's other half has waited, only that
    /// one is done, so that after a row without a counterpart the tables are in step again.
    fn sort_out(
        &mut self,
        user: Option<&Row<'_>>,
        auth: Option<&Row<'_>>,
        visitor: &mut Visitor<'_>,
    ) -> rusqlite::Result<Done> {
        if let Some(row) = user
            && let Some((_, auth)) = self.auths.remove(&*key(row)?)
        {
            let person = visitor.person(row)?;
            visitor.meet(person, Some(auth));
            return Ok(Done::User);
        }
        if let Some(row) = auth
            && let Some((_, person)) = self.users.remove(&*key(row)?)
        {
            visitor.meet(person, Some(Auth::read(row, 0)?));
            return Ok(Done::Auth);
        }
        if let Some(row) = user {
            self.users.insert(key(row)?.into(), (row.get(0)?, visitor.person(row)?));
        }
        if let Some(row) = auth {
            self.auths.insert(key(row)?.into(), (row.get(0)?, Auth::read(row, 0)?.into_owned()));
        }
        Ok(Done::Both)
    }

    /// No other half will come any more.
    fn give_up(self, visitor: &mut Visitor<'_>) {
        for person in by_rowid(self.users.into_values()) {
            visitor.meet(person, None);
        }
        visitor.walk.orphans = by_rowid(self.auths.into_values()).map(|auth| auth.email.into()).collect();
    }
}

/// In the order of the table, for the same outcome every time.
fn by_rowid<T>(waited: impl Iterator<Item = (i64, T)>) -> impl Iterator<Item = T> {
    let mut waited: Vec<_> = waited.collect();
    waited.sort_unstable_by_key(|(rowid, _)| *rowid);
    waited.into_iter().map(|(_, row)| row)
}
