//! The account that a sign-in finds, as measured, and what an account owns.

use std::time::Duration;

use rusqlite::Connection;

use super::*;

struct File {
    _folder: tempfile::TempDir,
    db: OwiDb,
}

fn file(version: &str, sql: &str) -> File {
    let schema = match version {
        "0.5.6" => include_str!("../../../sandbox/schema/owi-0.5.6.sql"),
        "0.6.43" => include_str!("../../../sandbox/schema/owi-0.6.43.sql"),
        _ => include_str!("../../../sandbox/schema/owi-0.12.4.sql"),
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("webui.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(schema).unwrap();
    conn.execute_batch(sql).unwrap_or_else(|e| panic!("{version}: {e}: {sql}"));
    File { db: OwiDb::open(&path, Duration::from_millis(100)).unwrap(), _folder: folder }
}

fn user(id: &str, email: &str) -> String {
    format!(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at, settings)
         VALUES ('{id}', 'N', '{email}', 'user', '/user.png', 1, 1, 1, 'null');"
    )
}

fn auth(id: &str, email: &str) -> String {
    format!("INSERT INTO auth (id, email, password, active) VALUES ('{id}', '{email}', 'x', 1);")
}

/// Users and `auth` rows of `a@x`, in their order, the first with the id `1`.
fn rows(users: [(&str, &str); 2], auths: [(&str, &str); 2]) -> String {
    let users = users.map(|(id, email)| user(id, email)).concat();
    users + &auths.map(|(id, email)| auth(id, email)).concat()
}

/// What was measured for each trouble: on 0.5.6 by the header and by password, on 0.6.43, on 0.12.4 (`-` where its
/// index forbids the rows). `0` is no account.
#[test]
fn a_sign_in_finds_the_account_that_was_measured() {
    let both = [("1", "a@x"), ("2", "a@x")];
    let swapped = [("2", "a@x"), ("1", "a@x")];
    let one = |spelling| [("1", "a@x"), ("2", spelling)];
    let table: &[(&str, String, [&str; 3])] = &[
        ("two of one spelling", rows(both, both), ["11", "11", "-"]),
        ("auth of the first is younger", rows(both, swapped), ["22", "21", "-"]),
        ("user of the first is younger", rows(swapped, both), ["11", "12", "-"]),
        (
            "the first is switched off",
            rows(both, both) + "UPDATE auth SET active = 0 WHERE id = '1'",
            ["22", "20", "-"],
        ),
        ("the first has no auth row", rows(both, both) + "DELETE FROM auth WHERE id = '1'", ["22", "20", "-"]),
        ("the first has no user row", rows(both, both) + "DELETE FROM user WHERE id = '1'", ["00", "02", "-"]),
        (
            "the first cannot be read",
            rows(both, both) + "UPDATE user SET settings = '{no' WHERE id = '1'",
            ["00", "00", "-"],
        ),
        ("the second in upper case", rows(one("A@x"), one("A@x")), ["11", "11", "-"]),
        ("the second with a blank", rows(one("a@x "), one("a@x ")), ["11", "11", "11"]),
        ("only in upper case", user("1", "A@x") + &auth("1", "A@x"), ["00", "00", "01"]),
        ("only the user in upper case", user("1", "A@x") + &auth("1", "a@x"), ["01", "00", "11"]),
        (
            "auth of another user is older",
            rows([("1", "a@x"), ("2", "b@x")], [("2", "a@x"), ("1", "a@x")]),
            ["22", "21", "21"],
        ),
        (
            "an auth row without a user is older",
            user("1", "a@x") + &auth("0", "a@x") + &auth("1", "a@x"),
            ["00", "01", "11"],
        ),
    ];
    for (trouble, sql, wanted) in table {
        for (version, wanted) in ["0.5.6", "0.6.43", "0.12.4"].iter().zip(wanted).filter(|(_, w)| **w != "-") {
            let found = file(version, sql).db.signs_in(&Email::stored(" A@X "), version).unwrap();
            let id = |found: Option<SignInUser>| match found.unwrap() {
                SignInUser::User(id) => id,
                SignInUser::NoUser => "0".to_owned(),
            };
            assert_eq!(id(found.by_header) + &id(found.by_password), *wanted, "{version}: {trouble}");
        }
    }
}

#[test]
fn nothing_is_said_of_versions_that_were_not_measured() {
    let file = file("0.5.6", &rows([("1", "a@x"), ("2", "a@x")], [("1", "a@x"), ("2", "a@x")]));
    let found = |version| file.db.signs_in(&Email::stored("a@x"), version).unwrap();
    assert_eq!(found("0.7.0"), SignsIn::default());
    assert_eq!(found("0.6.2"), SignsIn { by_header: Some(SignInUser::User("1".into())), by_password: None });
    assert!(found("0.6.2").by_header.unwrap().is("1"));
}

#[test]
fn owned_rows_are_counted_in_every_version() {
    let chats = "CREATE TABLE chat (id TEXT, user_id TEXT, title TEXT); CREATE TABLE knowledge (id TEXT, user_id TEXT);
        INSERT INTO chat VALUES ('c1', '1', 'x'), ('c2', '1', 'y'), ('c3', '3', 'z'), ('c4', NULL, 'z'), ('c5', X'FF', '');
        INSERT INTO knowledge VALUES ('k1', '2');
        CREATE TABLE \"o'dd \"\"name\" (user_id); INSERT INTO \"o'dd \"\"name\" VALUES ('2'), ('2');";
    let old = file(
        "0.5.6",
        &(user("1", "a@x")
            + &user("2", "a@x")
            + chats
            + "UPDATE user SET api_key = 'sk-1' WHERE id = '1';
               INSERT INTO \"group\" (id, user_id, user_ids)
               VALUES ('g1', '2', '[\"1\", \"1\", \"2\"]'), ('g2', '9', '[\"1\"]'), ('g3', '9', '{not json'), ('g4', '9', NULL)"),
    );
    let word = |word: &str, many| (word.to_owned(), many);
    assert_eq!(
        old.db.owned_rows(&["2", "1"]).unwrap(),
        [
            vec![word("groups", 1), word("groups-made", 1), word("knowledge", 1), word("o'dd \"name", 2)],
            vec![word("api-keys", 1), word("chats", 2), word("groups", 2)],
        ]
    );
    let new = file(
        "0.6.43",
        &(user("1", "a@x")
            + chats
            + "PRAGMA foreign_keys = OFF; INSERT INTO group_member (id, group_id, user_id) VALUES ('m1', 'g1', '1'), ('m2', 'g2', '1');
               INSERT INTO api_key (id, user_id, key, created_at, updated_at) VALUES ('k', '1', 'sk-1', 1, 1)"),
    );
    assert_eq!(new.db.owned_rows(&["1"]).unwrap(), [vec![word("api-keys", 1), word("chats", 2), word("groups", 2)]]);
    assert_eq!(new.db.owned_rows(&["1' OR '1'='1"]).unwrap(), [vec![]]);
}
