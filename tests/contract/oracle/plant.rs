//! Plants a state: a sandbox with the base databases, what stands before its servers, and then statement by statement.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{Databases, Options, OwiVersion, Prepared, Sandbox, Settings};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::super::http::address;
use super::base::{ADMIN, Base};
use super::place::Open;
use super::row::{Arg, File, FileChange, Page, Pending, Place, Row};
use super::tokens::Secrets;

/// A URL at which nothing listens.
const DOWN: &str = "http://127.0.0.1:1";

/// A planted state.
pub(super) struct Scene {
    // Dropped in this order: who could still write, then the folders.
    _owi: Option<Open>,
    _backend: Option<Open>,
    sandbox: Sandbox,
    pub(super) secrets: Secrets,
    /// The secret of the server that issues tokens in this state.
    pub(super) issuer: String,
    /// The environment of the tool.
    pub(super) env: BTreeMap<String, String>,
    /// Where the browser asks LAMB.
    pub(super) browser: String,
    pub(super) cwd: TempDir,
    _more: TempDir,
}

/// Locks that somebody else holds, as long as this lives.
pub(super) struct Locks(#[expect(dead_code, reason = "held, not read")] Vec<Connection>);

impl Scene {
    pub(super) fn plant(row: &Row, base: &Base) -> Self {
        let edition = if row.is_native() { Edition::Native } else { Edition::Delegated };
        let owi_version = row.owi_version.as_deref().unwrap_or("0.5.6").parse::<OwiVersion>().unwrap();
        let databases = base.databases(edition, owi_version);
        // Where somebody writes to Open WebUI's file, how long it waits is what makes it slow: longer than 2 s.
        let owi_busy_ms = if row.cause == "owi-slow" { 2500 } else { 300 };
        let options = Options {
            edition,
            owi_version,
            databases: Some(databases.clone()),
            lamb_busy_ms: 300,
            owi_busy_ms,
            ..Options::default()
        };
        let ready = Prepared::new(options).unwrap();
        let secrets = Secrets::of(ready.env());
        let open = |place: &Option<Place>, real: &str| match place {
            None => (None, real.to_owned()),
            Some(Place::Down) => (None, DOWN.to_owned()),
            Some(place) => {
                let open = Open::start(place, address(real));
                let url = open.url();
                (Some(open), url)
            }
        };
        let (owi, owi_url) = open(&row.owi, &ready.owi_url());
        let (backend, backend_url) = open(&row.backend, &ready.backend_url());
        let more = tempfile::tempdir().unwrap();
        let words = Words { ready: &ready, databases: &databases, secrets: &secrets, folder: more.path() };
        let read = |settings: &BTreeMap<String, Option<String>>| -> BTreeMap<String, Option<String>> {
            let value = |value: &Option<String>| value.as_deref().map(|text| words.expand(text));
            settings.iter().map(|(name, text)| (name.clone(), value(text))).collect()
        };
        let right = [
            ("OWI_BASE_URL", owi_url),
            ("OWI_ADMIN_PASSWORD", password(ADMIN).to_owned()),
            ("NO_PROXY", String::new()),
            ("no_proxy", String::new()),
        ];
        let mut lamb: BTreeMap<_, _> =
            right.iter().map(|(name, value)| ((*name).to_owned(), Some(value.clone()))).collect();
        lamb.extend(read(&row.settings.lamb));
        let settings = Settings { lamb, open_webui: read(&row.settings.open_webui), lamb_clock: row.lamb_clock };

        let mut env: BTreeMap<_, _> =
            ready.env().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        env.retain(|name, _| !name.eq_ignore_ascii_case("NO_PROXY"));
        env.extend(right[..2].iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        env.insert("LAMB_BACKEND_HOST".to_owned(), backend_url.clone());
        env.insert("LAMB_BEARER_TOKEN".to_owned(), "0p3n-w3bu!".to_owned());
        for (name, value) in read(&row.settings.tool) {
            match value {
                Some(value) => env.insert(name, value),
                None => env.remove(&name),
            };
        }
        let own = env.get("LAMB_BACKEND_HOST").filter(|_| row.only.is_none());
        let browser = own.map_or(backend_url, |url| url.trim_end_matches('/').to_owned());
        let issuer = issuer(edition, ready.env(), &settings);
        let sandbox = ready.serve(&settings).unwrap();
        let cwd = tempfile::tempdir().unwrap();
        let scene = Self { _owi: owi, _backend: backend, sandbox, secrets, issuer, env, browser, cwd, _more: more };
        scene.change(row);
        scene
    }

    /// The folder or file of this name: `lamb`, `owi`, `lamb-wal`, `lamb/`, ….
    fn place(&self, name: &str) -> PathBuf {
        let dir = self.sandbox.dir();
        match name {
            "lamb/" | "owi/" => dir.join(name),
            name if name.starts_with("lamb") => dir.join(format!("lamb/lamb_v4.db{}", &name[4..])),
            name => dir.join(format!("owi/webui.db{}", &name[3..])),
        }
    }

    /// Where the stand-in for LAMB is.
    pub(super) fn backend(&self) -> &str {
        self.sandbox.backend_url()
    }

    pub(super) fn file(&self, file: File) -> PathBuf {
        self.place(if file == File::Lamb { "lamb" } else { "owi" })
    }

    fn change(&self, row: &Row) {
        if let Some(prefix) = &row.second_tables {
            let db = open(&self.file(File::Lamb));
            // Where LAMB itself was started with this prefix, it has made them.
            if !db.table_exists(None, format!("{prefix}Creator_users").as_str()).unwrap() {
                let schema = [
                    include_str!("../../../src/sandbox/schema/lamb.sql"),
                    include_str!("../../../src/sandbox/schema/lamb-native.sql"),
                ];
                db.execute_batch(&schema.concat().replace("{p}", prefix)).unwrap();
            }
        }
        if row.owi_wal {
            open(&self.file(File::Owi)).pragma_update(None, "journal_mode", "wal").unwrap();
        }
        for (file, statements) in [(File::Lamb, &row.lamb_sql), (File::Owi, &row.owi_sql)] {
            for (sql, args) in statements {
                let db = open(&self.file(file));
                let args: Vec<Sql> = args.iter().map(sql_value).collect();
                let mut statement = db.prepare(sql).unwrap_or_else(|error| panic!("{}: {sql}: {error}", row.id));
                let mut rows = statement.query(params_from_iter(args)).unwrap();
                while rows.next().unwrap_or_else(|error| panic!("{}: {sql}: {error}", row.id)).is_some() {}
            }
        }
        for change in &row.files {
            self.change_file(change);
        }
        if row.tool_uid.is_some() {
            mode(self.sandbox.dir(), 0o755);
            for folder in ["lamb/", "owi/"] {
                mode(&self.place(folder), 0o755);
            }
        }
        for (name, bits) in &row.rights {
            mode(&self.place(name), *bits);
        }
    }

    fn change_file(&self, change: &FileChange) {
        let path = |file: &File| self.file(*file);
        // What was in the file is gone, and so is what SQLite had beside it.
        let replace = |file: &File, bytes: &[u8]| {
            let path = path(file);
            for beside in ["-wal", "-shm", "-journal"] {
                let _ = fs::remove_file(format!("{}{beside}", path.display()));
            }
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        };
        let bytes = |file: &File| fs::read(path(file)).unwrap();
        match change {
            FileChange::Delete(file) => fs::remove_file(path(file)).unwrap(),
            FileChange::Text(file, text) => replace(file, text.as_bytes()),
            FileChange::Random(file, length) => replace(file, &random(*length)),
            FileChange::Cut(file, to) => {
                let all = bytes(file);
                let length =
                    if *to < 0 { all.len() - usize::try_from(-to).unwrap() } else { usize::try_from(*to).unwrap() };
                replace(file, &all[..length]);
            }
            FileChange::Halve(file, more) => {
                let all = bytes(file);
                replace(file, &all[..all.len() / 8192 * 4096 + usize::try_from(*more).unwrap()]);
            }
            FileChange::Zero(file) => replace(file, &vec![0; bytes(file).len()]),
            FileChange::Gzip(file) => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&bytes(file)).unwrap();
                replace(file, &encoder.finish().unwrap());
            }
            FileChange::Folder(file) => {
                fs::remove_file(path(file)).unwrap();
                fs::create_dir(path(file)).unwrap();
            }
            FileChange::Link(file, name) => {
                fs::rename(path(file), path(file).with_file_name(name)).unwrap();
                std::os::unix::fs::symlink(name, path(file)).unwrap();
            }
            FileChange::Dangle(file) => {
                fs::remove_file(path(file)).unwrap();
                std::os::unix::fs::symlink("/nowhere/lamb_v4.db", path(file)).unwrap();
            }
            FileChange::Page(name, page) => {
                let db = open(&path(&File::Lamb));
                let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
                let root: i64 = db.query_row(sql, [name], |row| row.get(0)).unwrap();
                let root = usize::try_from(root).unwrap();
                drop(db);
                let mut all = bytes(&File::Lamb);
                let place = &mut all[(root - 1) * 4096..root * 4096];
                match page {
                    Page::Zero => place.fill(0),
                    Page::Random => place.copy_from_slice(&random(4096)),
                    // Kind 10 is the leaf of an index; no cells, whose content begins at the end of the page.
                    Page::EmptyLeaf => {
                        place.fill(0);
                        place[..8].copy_from_slice(&[10, 0, 0, 0, 0, 0x10, 0, 0]);
                    }
                }
                replace(&File::Lamb, &all);
            }
            FileChange::Patch(file, at, hex) => {
                let mut all = bytes(file);
                let at = usize::try_from(*at).unwrap();
                let patch: Vec<u8> =
                    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
                all[at..at + patch.len()].copy_from_slice(&patch);
                replace(file, &all);
            }
            FileChange::OtherDatabase(file) => {
                replace(file, b"");
                open(&path(file)).execute_batch("CREATE TABLE x (a)").unwrap();
            }
            FileChange::HotJournal(file) => hot_journal(&path(file)),
            FileChange::WalPending(what) => wal_pending(&path(&File::Lamb), *what),
        }
    }

    /// Takes the locks of the state.
    pub(super) fn lock(&self, row: &Row) -> Locks {
        let held = |(file, sql): &(File, String)| {
            let db = open(&self.file(*file));
            db.execute_batch(sql).unwrap();
            db
        };
        Locks(row.locks.iter().map(held).collect())
    }
}

/// The secret that tokens of a browser are signed with.
fn issuer(edition: Edition, right: &[(&'static str, String)], settings: &Settings) -> String {
    let changed = if edition == Edition::Native { &settings.lamb } else { &settings.open_webui };
    let names: &[&str] = match edition {
        Edition::Native => &["LAMB_JWT_SECRET", "WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY"],
        Edition::Delegated => &["WEBUI_SECRET_KEY"],
    };
    let value = |name: &&str| match changed.get(*name) {
        Some(value) => value.clone(),
        None => right.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
    };
    names.iter().filter_map(value).find(|secret| !secret.is_empty()).unwrap_or_else(|| "t0p-s3cr3t".to_owned())
}

fn open(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db
}

fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

/// Bytes without order, the same each time.
fn random(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// What a killed process leaves: the files as they are in the middle of its work, which are copied while it lives.
fn as_if_killed(path: &Path, work: impl FnOnce(&Connection)) {
    let aside = path.with_extension("aside");
    fs::copy(path, &aside).unwrap();
    let db = open(&aside);
    work(&db);
    for beside in ["", "-journal", "-wal"] {
        let from = format!("{}{beside}", aside.display());
        if Path::new(&from).exists() {
            fs::copy(from, format!("{}{beside}", path.display())).unwrap();
        }
    }
    drop(db);
    for beside in ["", "-journal", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", aside.display()));
    }
}

fn hot_journal(path: &Path) {
    as_if_killed(path, |db| {
        db.execute_batch(
            "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; \
             UPDATE Creator_users SET user_email = 'x' || user_email; CREATE TABLE big (a); \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
             INSERT INTO big SELECT printf('%0500d', i) FROM n;",
        )
        .unwrap();
    });
}

fn wal_pending(path: &Path, what: Pending) {
    if matches!(what, Pending::Creator) {
        // In the file without the row, which is put back below.
        let db = open(path);
        db.execute_batch(
            "CREATE TABLE kept AS SELECT * FROM Creator_users WHERE id = 2; DELETE FROM Creator_users WHERE id = 2",
        )
        .unwrap();
    }
    as_if_killed(path, |db| {
        db.execute_batch("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;").unwrap();
        db.execute_batch(match what {
            Pending::Creator => "INSERT INTO Creator_users SELECT * FROM kept; DROP TABLE kept",
            Pending::Delete => "DELETE FROM Creator_users WHERE id = 2",
            Pending::Late => {
                "INSERT INTO LAMB_Creator_users (organization_id, user_email, user_name, user_type, user_config, \
                 created_at, updated_at) VALUES (1, 'late@campus.edu', 'Late', 'creator', '{}', 1, 1)"
            }
        })
        .unwrap();
    });
}

fn sql_value(arg: &Arg) -> Sql {
    match arg {
        Arg::Null => Sql::Null,
        Arg::Integer(n) => Sql::Integer(*n),
        Arg::Real(n) => Sql::Real(*n),
        Arg::Text(text) => Sql::Text(text.clone()),
        Arg::Blob { hex } => {
            Sql::Blob((0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect())
        }
        Arg::Long(long) => Sql::Text(long.text()),
    }
}

/// What the `<words>` in settings stand for.
struct Words<'a> {
    ready: &'a Prepared,
    databases: &'a Databases,
    secrets: &'a Secrets,
    folder: &'a Path,
}

impl Words<'_> {
    fn expand(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('<') else { return text.to_owned() };
        let (word, after) = rest.split_once('>').unwrap();
        format!("{before}{}{after}", self.value(word))
    }

    fn value(&self, word: &str) -> String {
        let owi = self.ready.owi_url();
        let authority = |url: &str| url.trim_start_matches("http://").to_owned();
        match word {
            "owi" => owi,
            "owi host:port" => authority(&owi),
            "owi port" => authority(&owi).split(':').next_back().unwrap().to_owned(),
            "backend" => self.ready.backend_url(),
            "backend host:port" => authority(&self.ready.backend_url()),
            "the right one" => self.ready.dir().join("owi").display().to_string(),
            "the shared secret" => self.secrets.named("shared"),
            "the changed secret" => self.secrets.named("changed"),
            "'new-' + the owi secret" => self.secrets.named("'new-' + owi"),
            word => self.made(word).display().to_string(),
        }
    }

    /// A folder by what is in it, made once.
    fn made(&self, word: &str) -> PathBuf {
        let name: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        let folder = self.folder.join(name);
        if folder.exists() {
            return folder;
        }
        fs::create_dir(&folder).unwrap();
        let copy = |from: &Path, name: &str, sql: &str| {
            let to = folder.join(name);
            fs::copy(from, &to).unwrap();
            let db = open(&to);
            db.execute_batch(sql).unwrap();
        };
        let lamb = |sql: &str| copy(&self.databases.lamb, "lamb_v4.db", sql);
        let owi = |sql: &str| copy(&self.databases.owi, "webui.db", sql);
        let users = if self.ready.env().iter().any(|(name, value)| *name == "LAMB_DB_PREFIX" && value.is_empty()) {
            "Creator_users"
        } else {
            "LAMB_Creator_users"
        };
        const GONE: &str = "WHERE email = 'alice@campus.edu'";
        match word {
            "an empty folder" => {}
            "folder: a copy of lamb_v4.db without alice" => {
                lamb(&format!("DELETE FROM {users} WHERE user_email = 'alice@campus.edu'"));
            }
            "folder: a copy of lamb_v4.db as it was before planting"
            | "folder: a copy of lamb_v4.db as it was before" => {
                lamb("");
            }
            "folder: a copy of webui.db without alice" => {
                owi(&format!("DELETE FROM user {GONE}; DELETE FROM auth {GONE}"));
            }
            "folder: a copy of webui.db as it was before planting" => owi(""),
            "folder: a copy of webui.db where alice's id is 99999999-9999-9999-9999-999999999999 in user and auth" => {
                const OTHER: &str = "SET id = '99999999-9999-9999-9999-999999999999'";
                owi(&format!("UPDATE user {OTHER} {GONE}; UPDATE auth {OTHER} {GONE}"));
            }
            "folder with a .netrc: machine 127.0.0.1 login u password p" => {
                fs::write(folder.join(".netrc"), "machine 127.0.0.1 login u password p\n").unwrap();
            }
            other => panic!("no such word: {other}"),
        }
        folder
    }
}

/// The password of a login as this e-mail.
pub(super) fn password(email: &str) -> &'static str {
    if email == ADMIN { "admin" } else { super::base::PASSWORD }
}
