use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use rusqlite::Connection;

use super::*;

const SCHEMAS: [&str; 3] = [
    include_str!("../../sandbox/schema/owi-0.5.6.sql"),
    include_str!("../../sandbox/schema/owi-0.6.43.sql"),
    include_str!("../../sandbox/schema/owi-0.12.4.sql"),
];

/// E-mails that would end a comment, a literal or a line of Python or SQL.
const HOSTILE: [&str; 5] = [
    "o'neil\"@x",
    "a\n@x\r\nimport os",
    "'''); DROP TABLE user; --@x",
    "\\\"\\u0000 zoë \u{2028}\u{1f600}@x",
    "nul\0@x",
];

struct File {
    folder: tempfile::TempDir,
}

impl File {
    fn new(schema: &str) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap() };
        file.open().execute_batch(schema).unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("web'ui.db")
    }

    fn open(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn user(&self, id: &str, email: &str, role: &str) {
        let sql = "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
                   VALUES (?1, 'N', ?2, ?3, '/', 1, 1, 1)";
        self.open().execute(sql, [id, email, role]).unwrap();
    }

    fn auth(&self, id: &str, email: &str) {
        let sql = "INSERT INTO auth (id, email, password, active) VALUES (?1, ?2, 'hash', 1)";
        self.open().execute(sql, [id, email]).unwrap();
    }

    fn db(&self) -> OwiDb {
        OwiDb::open(&self.path(), Duration::from_millis(100)).unwrap()
    }

    fn plan(&self, admin: Option<&str>) -> Script {
        plan(&self.db(), &ScriptScope { wanted: &|_| true, finding: None, admin }).unwrap()
    }

    fn write(&self, script: &Script) -> PathBuf {
        let path = self.folder.path().join("fix.py");
        std::fs::write(&path, text(script, &path)).unwrap();
        path
    }

    fn number(&self, sql: &str) -> i64 {
        self.open().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn python(script: &Path) -> Output {
    Command::new("python3").arg(script).output().unwrap()
}

fn run(script: &Path) {
    let output = python(script);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn refuses(script: &Path, why: &str) {
    let output = python(script);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("nothing was changed") && said.contains(why), "{said}");
}

#[test]
fn after_the_script_the_file_needs_none() {
    for schema in SCHEMAS {
        let file = File::new(schema);
        file.user("whole", "admin@x", "user");
        file.auth("whole", "admin@x");
        for (number, email) in HOSTILE.iter().enumerate() {
            file.auth(&format!("gone-{number}'"), email);
        }
        file.user("half", "half@x", "user");
        file.user("given", "given@x", "user");
        file.auth("other", "given@x");
        file.user("broken", "broken@x", "user");
        file.auth("broken", "broken@x");
        file.open()
            .execute_batch("UPDATE user SET settings = '[', info = '5', created_at = 'abc' WHERE id = 'broken'")
            .unwrap();
        let script = file.plan(Some("admin@x"));
        assert_eq!(script.steps.len(), HOSTILE.len() + 2 + 3 + 1, "{script:#?}");
        run(&file.write(&script));
        let again = file.plan(Some("admin@x"));
        assert!(again.steps.is_empty() && again.left.is_empty(), "{again:#?}");
        let db = file.db();
        assert!(db.user_by_id("broken").unwrap().unwrap().is_sound());
        assert!(db.user_by_id("half").unwrap().unwrap().halves_disagree().is_none());
        assert_eq!(db.sound_admin().unwrap().unwrap().id, "whole");
        assert_eq!(file.number("SELECT count(*) FROM auth WHERE id = 'given' AND password = 'hash'"), 1);
        assert_eq!((file.number("SELECT count(*) FROM user"), file.number("SELECT count(*) FROM auth")), (4, 4));
        drop(db);
        // Once more, nothing is as it was planned for.
        refuses(&file.write(&script), "before: ");
    }
}

#[test]
fn while_the_server_has_the_file_open_nothing_changes() {
    let file = File::new(SCHEMAS[0]);
    file.auth("gone", "a@x");
    let script = file.write(&file.plan(None));
    let held = file.open();
    held.query_row("SELECT count(*) FROM auth", [], |row| row.get::<_, i64>(0)).unwrap();
    refuses(&script, "stop Open WebUI first");
    drop(held);
    assert_eq!(file.number("SELECT count(*) FROM auth"), 1);
    run(&script);
    assert_eq!(file.number("SELECT count(*) FROM auth"), 0);
}

#[test]
fn a_file_that_is_another_one_by_now_is_not_changed() {
    let file = File::new(SCHEMAS[0]);
    file.auth("gone", "a@x");
    file.auth("gone-too", "b@x");
    let script = file.write(&file.plan(None));
    file.user("gone-too", "b@x", "user");
    refuses(&script, "expected 1, found 0");
    assert_eq!(file.number("SELECT count(*) FROM auth"), 2);
    file.open().execute_batch("DELETE FROM user; ALTER TABLE user ADD COLUMN more TEXT").unwrap();
    refuses(&script, "the columns of user");
    assert_eq!(file.number("SELECT count(*) FROM auth"), 2);
}

#[test]
fn a_change_that_a_trigger_undoes_is_rolled_back() {
    let file = File::new(SCHEMAS[0]);
    file.auth("gone", "a@x");
    file.auth("gone-too", "b@x");
    let script = file.write(&file.plan(None));
    file.open()
        .execute_batch(
            "CREATE TRIGGER back AFTER DELETE ON auth WHEN old.id = 'gone-too'
             BEGIN INSERT INTO auth VALUES (old.id, old.email, old.password, old.active); END",
        )
        .unwrap();
    refuses(&script, "after: ");
    assert_eq!(file.number("SELECT count(*) FROM auth"), 2);
}

#[test]
fn only_what_is_wanted_is_fixed() {
    let file = File::new(SCHEMAS[0]);
    file.auth("gone", "a@x");
    file.auth("gone-too", "b@x");
    let of = |finding| {
        let scope = ScriptScope { wanted: &|email| email == "a@x", finding, admin: None };
        plan(&file.db(), &scope).unwrap().steps.len()
    };
    assert_eq!((of(None), of(Some(&OWI_USER_HALF)), of(Some(&OWI_ROW_UNREADABLE))), (1, 1, 0));
}

#[test]
fn an_admin_is_made_only_where_none_is_left() {
    let file = File::new(SCHEMAS[0]);
    file.user("one", "admin@x", "user");
    file.auth("one", "admin@x");
    assert_eq!(file.plan(Some("admin@x")).steps.len(), 1);
    assert_eq!(file.plan(Some("nobody@x")).left.len(), 1);
    file.user("two", "other@x", "admin");
    file.auth("two", "other@x");
    assert!(file.plan(Some("admin@x")).steps.is_empty());
}
