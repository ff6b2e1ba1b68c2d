//! Two databases with many people in them, in the layouts of the sandbox, and no servers: for what is killed, cut off
//! or kept waiting while it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use lamb_auth::lamb::Edition;
use rusqlite::{Connection, params};
use serde_json::Value;
use tempfile::TempDir;

use super::run::{Output, Run, rows};

/// A sound hash, of nobody's password.
const HASH: &str = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
/// Creators who lack their role, or (every other one in the native edition) their password.
const HALF_DONE: usize = 200;
/// Creators who lack nothing: what more than half of all lack is held back.
const SOUND: usize = 2 * HALF_DONE;

/// The two folders, as a deployment has them.
pub(crate) struct Crowd {
    pub(crate) dir: TempDir,
    pub(crate) edition: Edition,
}

/// Creators, their passwords, their roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) creators: i64,
    pub(crate) passwords: i64,
    pub(crate) roles: i64,
}

impl Crowd {
    /// So many users of Open WebUI who lack a creator; some more whose creator lacks something, and the admin.
    pub(crate) fn of(edition: Edition, newcomers: usize) -> Self {
        Self::within(tempfile::tempdir().unwrap(), edition, newcomers)
    }

    /// The same, in this folder.
    pub(crate) fn within(dir: TempDir, edition: Edition, newcomers: usize) -> Self {
        for folder in ["lamb", "owi"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let crowd = Self { dir, edition };
        crowd.write_lamb();
        crowd.write_owi(newcomers);
        crowd
    }

    /// Another deployment, with the same people.
    pub(crate) fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for file in ["lamb/lamb_v4.db", "owi/webui.db"] {
            fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            fs::copy(self.dir.path().join(file), dir.path().join(file)).unwrap();
        }
        Self { dir, edition: self.edition }
    }

    pub(crate) fn lamb_folder(&self) -> PathBuf {
        self.dir.path().join("lamb")
    }

    pub(crate) fn lamb_path(&self) -> PathBuf {
        self.lamb_folder().join("lamb_v4.db")
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.lamb_folder().join("lamb-auth.journal.jsonl")
    }

    /// LAMB's database, opened as LAMB does.
    pub(crate) fn lamb(&self) -> Connection {
        open(&self.lamb_path())
    }

    fn p(&self) -> &'static str {
        self.edition.default_prefix()
    }

    fn write_lamb(&self) {
        let mut db = open(&self.lamb_path());
        let mode = if self.edition == Edition::Native { "wal" } else { "delete" };
        db.pragma_update(None, "journal_mode", mode).unwrap();
        db.pragma_update(None, "synchronous", "off").unwrap();
        let (db, p) = (db.transaction().unwrap(), self.p());
        db.execute_batch(&include_str!("../../src/sandbox/schema/lamb.sql").replace("{p}", p)).unwrap();
        if self.edition == Edition::Native {
            db.execute_batch(&include_str!("../../src/sandbox/schema/lamb-native.sql").replace("{p}", p)).unwrap();
        }
        db.execute_batch(&format!(
            "INSERT INTO {p}organizations VALUES (1, 'lamb', 'LAMB System Organization', 1, 'active', '{{}}', 0, 0);
             INSERT INTO {p}Creator_users VALUES (1, 1, 'admin@uni.example', 'Admin', 'creator', '{{}}', 0, 0, 1{});
             INSERT INTO {p}organization_roles VALUES (1, 1, 1, 'admin', 0, 0);",
            if self.edition == Edition::Native {
                format!(", NULL, 'password', '{HASH}', 'admin'")
            } else {
                String::new()
            }
        ))
        .unwrap();
        let sql = format!(
            "INSERT INTO {p}Creator_users (organization_id, user_email, user_name, user_config, created_at, updated_at)
             VALUES (1, ?1, ?1, '{{}}', 1760000000, 1760000000)"
        );
        for number in 0..HALF_DONE {
            db.execute(&sql, [format!("half{number}@uni.example")]).unwrap();
        }
        if self.edition == Edition::Native {
            // One thing each, as `--max-changes 100%` allows.
            db.execute_batch(&format!(
                "UPDATE {p}Creator_users SET password_hash = '{HASH}' WHERE id > 1 AND id % 2;
                 INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at)
                 SELECT 1, id, 'member', 0, 0 FROM {p}Creator_users WHERE id > 1 AND NOT id % 2;"
            ))
            .unwrap();
        }
        for number in 0..SOUND {
            db.execute(&sql, [format!("sound{number}@uni.example")]).unwrap();
        }
        let sound = format!("FROM {p}Creator_users WHERE user_email LIKE 'sound%'");
        db.execute_batch(&format!(
            "INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at)
             SELECT 1, id, 'member', 0, 0 {sound};"
        ))
        .unwrap();
        if self.edition == Edition::Native {
            let sql = format!("UPDATE {p}Creator_users SET password_hash = '{HASH}' WHERE id IN (SELECT id {sound})");
            db.execute_batch(&sql).unwrap();
        }
        db.commit().unwrap();
    }

    fn write_owi(&self, newcomers: usize) {
        let mut db = open(&self.owi_path());
        let newest = self.edition == Edition::Native;
        db.pragma_update(None, "journal_mode", if newest { "wal" } else { "delete" }).unwrap();
        db.pragma_update(None, "synchronous", "off").unwrap();
        let db = db.transaction().unwrap();
        let schema = if newest {
            include_str!("../../src/sandbox/schema/owi-0.12.4.sql")
        } else {
            include_str!("../../src/sandbox/schema/owi-0.5.6.sql")
        };
        db.execute_batch(schema).unwrap();
        let half = (0..HALF_DONE).map(|number| format!("half{number}@uni.example"));
        let new = (0..newcomers).map(|number| format!("new{number}@uni.example"));
        let sound = (0..SOUND).map(|number| format!("sound{number}@uni.example"));
        for email in std::iter::once("admin@uni.example".to_owned()).chain(half).chain(sound).chain(new) {
            add_account(&db, &email);
        }
        db.commit().unwrap();
    }

    pub(crate) fn owi_path(&self) -> PathBuf {
        self.dir.path().join("owi/webui.db")
    }

    /// A command line on these files, with no server anywhere.
    pub(crate) fn command(&self, line: &str) -> Run {
        let dir = self.dir.path().display();
        Run::new(shlex::split(line).unwrap())
            .env("LAMB_DB_PATH", &format!("{dir}/lamb"))
            .env("LAMB_DB_PREFIX", self.p())
            .env("OWI_PATH", &format!("{dir}/owi"))
            .env("OWI_BASE_URL", "http://127.0.0.1:9")
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        self.command(line).run()
    }

    /// Starts it, with nobody listening.
    pub(crate) fn start(&self, line: &str) -> Child {
        let mut command = self.command(line).process();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn counts(&self) -> Counts {
        let (db, p) = (self.lamb(), self.p());
        let one = |sql: String| db.query_row(&sql, [], |row| row.get(0)).unwrap();
        let password = if self.edition == Edition::Native { "password_hash" } else { "NULL" };
        Counts {
            creators: one(format!("SELECT count(*) FROM {p}Creator_users")),
            passwords: one(format!("SELECT count({password}) FROM {p}Creator_users")),
            roles: one(format!("SELECT count(*) FROM {p}organization_roles")),
        }
    }

    /// Fails where SQLite finds anything wrong with LAMB's database.
    pub(crate) fn is_whole(&self, about: &str) {
        let db = self.lamb();
        assert_eq!(rows(&db, "PRAGMA integrity_check"), ["ok"], "{about}");
        assert_eq!(rows(&db, "PRAGMA foreign_key_check"), [""; 0], "{about}");
    }

    /// What `history` says became of each run, the oldest first.
    pub(crate) fn fates(&self) -> Vec<String> {
        let output = self.run("history -o json");
        output.expect(0);
        output.never_says("could not be asked");
        let text = |fate: &Value| fate.as_str().map_or_else(|| fate.to_string(), str::to_owned);
        output.json()["runs"].as_array().unwrap().iter().rev().map(|run| text(&run["fate"])).collect()
    }

    /// The names in LAMB's folder that are neither its database nor our journal, memory and lock, which stay.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let stays = ["lamb_v4.db", "lamb-auth.journal.jsonl", "lamb-auth.memory.db", "lamb-auth.sync.lock"];
        let names = fs::read_dir(self.lamb_folder()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut left: Vec<String> = names.filter(|name| !stays.contains(&&**name)).collect();
        left.sort();
        left
    }
}

/// Says that a check could not be made here. Not by a macro: the test harness would keep that to itself.
pub(crate) fn skipped(what: &str, why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\n!!! SKIPPED: {what}: {why}\n");
}

/// True where a user and mount namespace of our own can be had, and file systems mounted in it.
pub(crate) fn can_mount() -> bool {
    let place = tempfile::tempdir().unwrap();
    let mount = ["-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none"];
    let tried = std::process::Command::new("unshare").args(mount).arg(place.path()).output();
    tried.is_ok_and(|output| output.status.success())
}

/// Both rows of an account, as a server writes them.
pub(crate) fn add_account(db: &Connection, email: &str) {
    db.prepare_cached("INSERT INTO auth (id, email, password, active) VALUES ('id of ' || ?1, ?1, ?2, 1)")
        .unwrap()
        .execute(params![email, HASH])
        .unwrap();
    db.prepare_cached(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
         VALUES ('id of ' || ?1, ?1, ?1, 'user', '/user.png', 1760000000, 1760000000, 1760000000)",
    )
    .unwrap()
    .execute([email])
    .unwrap();
}

pub(crate) fn open(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db
}
