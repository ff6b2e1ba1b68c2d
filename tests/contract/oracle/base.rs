//! The state before planting: `README.md` says who is in it.

use std::path::{Path, PathBuf};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{Databases, OwiVersion};
use rusqlite::{Connection, params};
use tempfile::TempDir;

pub(super) const ADMIN: &str = "admin@owi.com";
pub(super) const PASSWORD: &str = "Passw0rd!";
const AT: i64 = 1_795_959_100;

/// The base databases of both editions, made once.
pub(super) struct Base {
    folder: TempDir,
}

struct Person {
    email: &'static str,
    name: &'static str,
    owi: [&'static str; 2],
}

const PEOPLE: [Person; 5] = [
    Person {
        email: ADMIN,
        name: "Admin User",
        owi: ["6280aa09-4a75-4561-9528-df82cd8bd503", "f26d1a2a-d5ce-4c89-97ee-cfe705748a5f"],
    },
    Person {
        email: "alice@campus.edu",
        name: "Alice",
        owi: ["17ea45a7-147d-48c1-897b-af675177f707", "d9809669-70f6-4975-882c-0ca3bacf53f9"],
    },
    Person {
        email: "bob@campus.edu",
        name: "Bob",
        owi: ["afa21dc3-a82b-4dc8-9331-941bd072e451", "75306e8c-a62f-4ff2-98e2-b07b9412b7be"],
    },
    Person {
        email: "carol@campus.edu",
        name: "Carol",
        owi: ["b9870b65-c5ed-4522-b9b5-f0df69126fef", "73f54155-ef05-42c5-8d8e-c7730cb22e36"],
    },
    Person { email: "dora@campus.edu", name: "Dora", owi: ["", "ac7a315b-7bef-4e2b-8a48-78c4c330c18f"] },
];

impl Base {
    pub(super) fn make() -> Self {
        let base = Self { folder: tempfile::tempdir().unwrap() };
        // The cheapest sound hash: what a hash is made of is the same at any cost.
        let hash = |password: &str| {
            bcrypt::hash_with_salt(password, 4, *b"measured states.").unwrap().format_for_version(bcrypt::Version::TwoB)
        };
        let hashes = [hash("admin"), hash(PASSWORD)];
        for native in [false, true] {
            write_lamb(&base.path(native, "lamb"), native, &hashes);
            for version in OwiVersion::ALL {
                write_owi(&base.path(native, version.as_str()), native, version, &hashes);
            }
        }
        base
    }

    fn path(&self, native: bool, file: &str) -> PathBuf {
        self.folder.path().join(format!("{native}-{file}.db"))
    }

    pub(super) fn databases(&self, edition: Edition, version: OwiVersion) -> Databases {
        let native = edition == Edition::Native;
        Databases { lamb: self.path(native, "lamb"), owi: self.path(native, version.as_str()), admin: ADMIN.to_owned() }
    }

    /// The id of alice in Open WebUI.
    pub(super) fn alice(native: bool) -> &'static str {
        PEOPLE[1].owi[usize::from(native)]
    }
}

fn open(path: &Path, journal: &str) -> Connection {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", journal).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db.pragma_update(None, "synchronous", false).unwrap();
    db
}

fn write_lamb(path: &Path, native: bool, hashes: &[String; 2]) {
    let (p, journal) = if native { ("LAMB_", "wal") } else { ("", "delete") };
    let mut db = open(path, journal);
    let db = db.transaction().unwrap();
    db.execute_batch(&include_str!("../../../src/sandbox/schema/lamb.sql").replace("{p}", p)).unwrap();
    if native {
        db.execute_batch(&include_str!("../../../src/sandbox/schema/lamb-native.sql").replace("{p}", p)).unwrap();
    }
    let insert = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        db.execute(&sql.replace("{p}", p), values).unwrap();
    };
    let (organizations, users) = ("INSERT INTO {p}organizations VALUES", "INSERT INTO {p}Creator_users");
    insert(
        &format!(
            "{organizations} (1, 'lamb', 'LAMB System Organization', 1, 'active', '{{\"version\":\"1.0\"}}', ?1, ?1)"
        ),
        params![AT],
    );
    for (person, id) in PEOPLE.iter().take(if native { 5 } else { 4 }).zip(1_i64..) {
        insert(
            &format!(
                "{users} VALUES (?1, 1, ?2, ?3, 'creator', '{{}}', ?4, ?4, 1{})",
                if native { ", NULL, 'password', NULL, 'user'" } else { "" }
            ),
            params![id, person.email, person.name, AT],
        );
        if native {
            let hash = &hashes[usize::from(id > 1)];
            let role = if id == 1 { "admin" } else { "user" };
            insert("UPDATE {p}Creator_users SET password_hash = ?, role = ? WHERE id = ?", params![hash, role, id]);
        }
        if id <= if native { 3 } else { 4 } {
            let role = if id == 1 { "admin" } else { "member" };
            insert(
                "INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at) \
                 VALUES (1, ?1, ?2, ?3, ?3)",
                params![id, role, AT],
            );
        }
    }
    if !native {
        insert(
            "INSERT INTO {p}assistants VALUES (1, 1, '2_course_helper', 'd', 'alice@campus.edu', '{}', 's', \
             '{user_input}', '', 3, '', '', '', ?1, ?1)",
            params![AT],
        );
    }
    // As in a database that is in use, most pages are of no concern to a sign-in.
    for number in 0..20 {
        let title = format!("rubric {number} {}", "x".repeat(1500));
        insert("INSERT INTO {p}rubrics (owner_email, title) VALUES ('carol@campus.edu', ?)", params![title]);
    }
    db.commit().unwrap();
}

fn write_owi(path: &Path, native: bool, version: OwiVersion, hashes: &[String; 2]) {
    let (schema, journal) = match version {
        OwiVersion::V0_5_6 => (include_str!("../../../src/sandbox/schema/owi-0.5.6.sql"), "delete"),
        OwiVersion::V0_6_43 => (include_str!("../../../src/sandbox/schema/owi-0.6.43.sql"), "delete"),
        OwiVersion::V0_12_4 => (include_str!("../../../src/sandbox/schema/owi-0.12.4.sql"), "wal"),
    };
    let mut db = open(path, journal);
    let db = db.transaction().unwrap();
    db.execute_batch(schema).unwrap();
    // Strangers may sign up, which is Open WebUI's default.
    db.execute("DELETE FROM config", []).unwrap();
    for (person, hash) in PEOPLE.iter().zip([&hashes[0]].into_iter().chain(std::iter::repeat(&hashes[1]))) {
        let id = person.owi[usize::from(native)];
        if id.is_empty() {
            continue;
        }
        let role = if person.email == ADMIN { "admin" } else { "user" };
        let settings = native.then_some(r#"{"ui":{}}"#);
        db.execute(
            "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at, \
             settings) VALUES (?1, ?2, ?3, ?4, '/user.png', ?5, ?5, ?5, ?6)",
            params![id, person.name, person.email, role, AT, settings],
        )
        .unwrap();
        let auth = "INSERT INTO auth (id, email, password, active) VALUES (?, ?, ?, 1)";
        db.execute(auth, params![id, person.email, hash]).unwrap();
    }
    db.commit().unwrap();
}
