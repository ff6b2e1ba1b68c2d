use std::time::Duration;

use proptest::prelude::*;
use rusqlite::params;

use super::*;

const SERVERS: [&str; 3] = [
    include_str!("../../../sandbox/schema/owi-0.5.6.sql"),
    include_str!("../../../sandbox/schema/owi-0.6.43.sql"),
    include_str!("../../../sandbox/schema/owi-0.12.4.sql"),
];
/// Without keys, so that an id can be there twice or be NULL.
const LOOSE: &str = "CREATE TABLE user (role, id, name, email); CREATE TABLE auth (active, password, id, email);";
/// What the keys of no server allow, but side by side can be read.
const BARE: &str = "CREATE TABLE user (id NOT NULL UNIQUE, name, email, role);
                    CREATE TABLE auth (id NOT NULL UNIQUE, email, password, active);";

fn file(tables: &str, fill: impl FnOnce(&Connection)) -> (tempfile::TempDir, OwiDb) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("webui.db");
    let mut conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF").unwrap();
    let transaction = conn.transaction().unwrap();
    transaction.execute_batch(tables).unwrap();
    fill(&transaction);
    transaction.commit().unwrap();
    drop(conn);
    let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
    (folder, db)
}

fn filled(tables: &str, rows: &str) -> (tempfile::TempDir, OwiDb) {
    file(tables, |conn| conn.execute_batch(rows).unwrap())
}

fn people(db: &OwiDb, wanted: &PeopleQuery) -> (Vec<OwiPerson>, PeopleSeen) {
    let mut people = Vec::new();
    let walk = db.every_person(wanted, &mut |person| people.push(person)).unwrap();
    people.sort_by(|a, b| a.email.cmp(&b.email));
    (people, walk)
}

fn standings(people: &[OwiPerson]) -> Vec<(&str, Standing)> {
    people.iter().map(|person| (&*person.email, person.standing)).collect()
}

const FOUR: &str = "INSERT INTO user (id, name, email, role) VALUES
        ('1','A','a@x','admin'), ('2','B','b@x','user'), ('3','C','c@x','user'), ('4','D','d@x','user');";

#[test]
fn the_standing_of_every_user_is_read() {
    let rows = format!(
        "{FOUR} INSERT INTO auth (id, email, password, active) VALUES
            ('9','z@x','h',1), ('4','d@x','h',0), ('2','B@x','h',1), ('1','a@x','h',1), ('8',NULL,'h',1), ('7','y@x','h',0)"
    );
    for tables in [LOOSE, BARE] {
        let (_folder, db) = filled(tables, &rows);
        let (people, walk) = people(&db, &PeopleQuery::default());
        use Standing::{Active, NoAuthRow, OtherEmail, SwitchedOff};
        assert_eq!(
            standings(&people),
            [("a@x", Active), ("b@x", OtherEmail), ("c@x", NoAuthRow), ("d@x", SwitchedOff)]
        );
        assert_eq!(&*people[0].name, "A");
        assert_eq!(people.iter().map(|person| &*person.role).collect::<Vec<_>>(), ["admin", "user", "user", "user"]);
        assert!(Arc::ptr_eq(&people[1].role, &people[3].role));
        let orphans = ["z@x", "", "y@x"].map(Box::from).to_vec();
        assert_eq!(walk, PeopleSeen { users: 4, orphans, last: Some((4, "4".to_owned())) });
    }
}

#[test]
fn an_inactive_user_with_another_auth_email_is_inactive() {
    let (_folder, db) = filled(BARE, &format!("{FOUR} INSERT INTO auth VALUES ('1','other@x','h',0)"));
    assert_eq!(people(&db, &PeopleQuery::default()).0[0].standing, Standing::SwitchedOff);
}

#[test]
fn the_first_of_several_auth_rows_counts() {
    let rows = format!(
        "{FOUR} INSERT INTO auth (id, email, password, active) VALUES ('2','b@x','h',1), ('1','a@x','h',0),
            ('1','a@x','h',1), ('2','b@x','h',0), ('9','z@x','h',1), ('9','y@x','h',1), (NULL,'n@x','h',1);
         INSERT INTO user (id, name, email, role) VALUES ('1','A','aa@x','user'), (NULL,'N','n@x','user')"
    );
    let (_folder, db) = filled(LOOSE, &rows);
    let (people, walk) = people(&db, &PeopleQuery::default());
    use Standing::{Active, NoAuthRow, SwitchedOff};
    assert_eq!(
        standings(&people),
        [
            ("a@x", SwitchedOff),
            ("aa@x", SwitchedOff),
            ("b@x", Active),
            ("c@x", NoAuthRow),
            ("d@x", NoAuthRow),
            ("n@x", NoAuthRow)
        ]
    );
    assert_eq!(walk.orphans, ["z@x", "y@x", "n@x"].map(Box::from));
}

#[test]
fn users_who_are_too_new_are_left_out_and_their_auth_rows_are_no_orphans() {
    for tables in [LOOSE, BARE] {
        let auth = "INSERT INTO auth (id, email, password, active) VALUES ('4','d@x','h',1), ('1','a@x','h',1), ('3','c@x','h',1)";
        let (_folder, db) = filled(tables, &format!("{FOUR} {auth}"));
        let (first, walk) = people(&db, &PeopleQuery { up_to: Some(2), ..PeopleQuery::default() });
        assert_eq!(standings(&first), [("a@x", Standing::Active), ("b@x", Standing::NoAuthRow)]);
        assert_eq!(walk, PeopleSeen { users: 2, orphans: Vec::new(), last: Some((2, "2".to_owned())) });
        let (none, walk) = people(&db, &PeopleQuery { up_to: Some(0), ..PeopleQuery::default() });
        assert!(none.is_empty());
        assert_eq!(walk, PeopleSeen::default());
    }
}

#[test]
fn empty_tables_have_no_users() {
    for tables in SERVERS.into_iter().chain([LOOSE, BARE]) {
        let (_folder, db) = filled(tables, "");
        assert_eq!(people(&db, &PeopleQuery::default()), (Vec::new(), PeopleSeen::default()));
        assert_eq!(db.newest().unwrap(), None);
        assert!(!db.row_is(1, "").unwrap());
    }
}

#[test]
fn a_hash_comes_where_it_is_asked_for_and_sound() {
    let sound = bcrypt::hash("x", 4).unwrap();
    let auth = format!("INSERT INTO auth VALUES ('1','a@x','{sound}',1), ('2','b@x','h',1), ('3','c@x','{sound}',0)");
    let (_folder, db) = filled(BARE, &format!("{FOUR} {auth}"));
    let hashes = |wanted| people(&db, &wanted).0.into_iter().map(|person| person.hash).collect::<Vec<_>>();
    let hash = Some(Secret::new(sound));
    assert_eq!(hashes(PeopleQuery { hashes: true, ..PeopleQuery::default() }), [hash.clone(), None, hash, None]);
    assert_eq!(hashes(PeopleQuery::default()), [None, None, None, None]);
}

#[test]
fn odd_values_are_read_as_what_they_are() {
    let (_folder, db) = filled(
        BARE,
        "INSERT INTO user VALUES (5, 7, X'61FF', NULL), (X'FF', NULL, NULL, 1.5), (CAST(X'FE' AS TEXT), X'', 'c', 'user');
         INSERT INTO auth VALUES (X'FE', 'c', 5, '1'), (5, X'61FF', X'00', 1), (X'FF', NULL, NULL, 'yes')",
    );
    let (people, _) = people(&db, &PeopleQuery { hashes: true, ..PeopleQuery::default() });
    use Standing::{Active, SwitchedOff};
    assert_eq!(standings(&people), [("", SwitchedOff), ("a\u{fffd}", Active), ("c", Active)]);
    assert_eq!(people.iter().map(|person| &*person.role).collect::<Vec<_>>(), ["1.5", "", "user"]);
    assert_eq!(people.iter().map(|person| &*person.name).collect::<Vec<_>>(), ["", "7", ""]);
}

#[test]
fn columns_that_are_not_there_are_null() {
    let (_folder, db) = filled(
        "CREATE TABLE user (id, email); CREATE TABLE auth (id, email)",
        "INSERT INTO user VALUES ('1', 'a@x'); INSERT INTO auth VALUES ('1', 'a@x')",
    );
    let (people, _) = people(&db, &PeopleQuery { hashes: true, ..PeopleQuery::default() });
    assert_eq!(standings(&people), [("a@x", Standing::SwitchedOff)]);
    assert_eq!((&*people[0].name, &*people[0].role), ("", ""));
}

#[test]
fn knows_rows_and_ids() {
    let (_folder, db) = filled(BARE, FOUR);
    assert_eq!(db.newest().unwrap(), Some((4, "4".to_owned())));
    assert!(db.row_is(4, "4").unwrap());
    assert!(!db.row_is(4, "3").unwrap());
    assert!(!db.row_is(5, "5").unwrap());
    let newest = db.newest_users(2).unwrap();
    assert_eq!(newest.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["4", "3"]);
}

#[test]
fn what_servers_make_is_read_side_by_side() {
    for tables in SERVERS.into_iter().chain([BARE]) {
        let (_folder, db) = filled(tables, "");
        assert!(merge::has_key(&db.db.conn, "user").unwrap(), "{tables}");
        assert!(merge::has_key(&db.db.conn, "auth").unwrap(), "{tables}");
    }
    let two = "CREATE TABLE user (id NOT NULL, email); CREATE UNIQUE INDEX i ON user (id, email);";
    let part = "CREATE TABLE auth (id NOT NULL, email); CREATE UNIQUE INDEX j ON auth (id) WHERE email = 'a'";
    let (_folder, db) = filled(&format!("{two} {part}"), "");
    assert!(!merge::has_key(&db.db.conn, "user").unwrap());
    assert!(!merge::has_key(&db.db.conn, "auth").unwrap());
}

/// All users as a plain join has them.
fn joined(db: &OwiDb, up_to: i64) -> (Vec<OwiPerson>, Vec<Box<str>>) {
    let sql =
        "SELECT u.email, u.name, u.role, a.id IS NULL, a.active = 1, a.email = u.email, CAST(u.id AS TEXT) FROM user u
               LEFT JOIN auth a ON a.rowid = (SELECT min(rowid) FROM auth WHERE id = u.id)
               WHERE u.rowid <= ?1 ORDER BY u.email";
    let text = |row: &Row<'_>, at| row.get::<_, String>(at);
    let person = |row: &Row<'_>| {
        let (missing, active): (bool, Option<bool>) = (row.get(3)?, row.get(4)?);
        let standing = match (missing, active) {
            (true, _) => Standing::NoAuthRow,
            (_, Some(false) | None) => Standing::SwitchedOff,
            _ if row.get(5)? => Standing::Active,
            _ => Standing::OtherEmail,
        };
        let (email, name) = (text(row, 0)?.into(), text(row, 1)?.into());
        let id: Option<String> = row.get(6)?;
        Ok(OwiPerson {
            account: account_number(id.unwrap_or_default().as_bytes()),
            email,
            name,
            role: text(row, 2)?.into(),
            created_at: None,
            standing,
            hash: None,
        })
    };
    let mut statement = db.db.conn.prepare(sql).unwrap();
    let people = statement.query_map([up_to], person).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    let sql = "SELECT email FROM auth a WHERE NOT EXISTS (SELECT 1 FROM user u WHERE u.id = a.id) ORDER BY rowid";
    let mut statement = db.db.conn.prepare(sql).unwrap();
    let orphans = statement.query_map([], |row| Ok(text(row, 0)?.into())).unwrap();
    (people, orphans.collect::<rusqlite::Result<_>>().unwrap())
}

fn fill(conn: &Connection, users: &[Option<u8>], auths: &[(Option<u8>, u8)]) {
    for (at, id) in users.iter().enumerate() {
        let id = id.map(|id| format!("id {id}"));
        // Each row has another e-mail, so that the users differ.
        let email = format!("{}-{at}@x", id.as_deref().unwrap_or("none"));
        let role = if at % 3 == 0 { "admin" } else { "user" };
        let row = params![id, format!("N{at}"), email, role];
        conn.execute("INSERT INTO user (id, name, email, role) VALUES (?, ?, ?, ?)", row).unwrap();
    }
    for (id, kind) in auths {
        let user = users.iter().position(|user| user.is_some() && user == id);
        let id = id.map(|id| format!("id {id}"));
        let email = match user {
            Some(at) if kind % 4 != 0 => format!("{}-{at}@x", id.as_deref().unwrap_or_default()),
            _ => format!("other {kind}@x"),
        };
        let row = params![id, email, "h", kind % 3];
        conn.execute("INSERT INTO auth (id, email, password, active) VALUES (?, ?, ?, ?)", row).unwrap();
    }
}

fn check(db: &OwiDb, up_to: Option<i64>) -> Result<(), TestCaseError> {
    let (found, walk) = people(db, &PeopleQuery { hashes: false, up_to });
    let (expected, orphans) = joined(db, up_to.unwrap_or(i64::MAX));
    prop_assert_eq!(walk.users, expected.len());
    prop_assert_eq!(found, expected);
    prop_assert_eq!(walk.orphans, orphans);
    Ok(())
}

/// Some of the numbers below 16 in any order, often in step with another such list.
fn some_ids() -> impl Strategy<Value = Vec<u8>> {
    let some = proptest::sample::subsequence((0..16).collect::<Vec<u8>>(), 0..=16);
    prop_oneof![some.clone(), some.clone().prop_map(|ids| ids.into_iter().rev().collect()), some.prop_shuffle()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn side_by_side_is_a_join(
        users in some_ids(),
        auths in some_ids(),
        kinds in proptest::collection::vec(any::<u8>(), 16),
        up_to in proptest::option::of(0..17_i64),
    ) {
        let users: Vec<_> = users.into_iter().map(Some).collect();
        let auths: Vec<_> = auths.into_iter().map(Some).zip(kinds).collect();
        let (_folder, db) = file(BARE, |conn| fill(conn, &users, &auths));
        check(&db, up_to)?;
    }

    #[test]
    fn ids_that_are_there_twice_or_not_at_all_are_joined_too(
        users in proptest::collection::vec(proptest::option::weighted(0.9, 0..9_u8), 0..12),
        auths in proptest::collection::vec((proptest::option::weighted(0.9, 0..9_u8), any::<u8>()), 0..12),
        up_to in proptest::option::of(0..13_i64),
    ) {
        let (_folder, db) = file(LOOSE, |conn| fill(conn, &users, &auths));
        check(&db, up_to)?;
    }
}
