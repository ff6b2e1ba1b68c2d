//! Whose files are: root works in a folder of another account's, and a backend that runs as that account goes on.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use lamb_auth::lamb::Edition;

use super::crowd::{Crowd, add_account, open, skipped};
use super::run::{BOUND, EDITIONS, Output};

/// The account of the backend: nobody's here, nor is the group.
const BACKEND: (u32, u32) = (4242, 4343);
const ROOT: (u32, u32) = (0, 0);

/// The mode of LAMB's database, which no file of ours has: SQLite gives it to what it keeps beside the database.
const DATABASE_MODE: u32 = 0o640;

/// So many that what is told of them fits in no pipe.
const NEWCOMERS: usize = 2_000;
const SYNC: &str = "sync --apply --yes --max-changes 100% -o plain";

/// A deployment of the backend's, and a program that it can run.
struct Place {
    crowd: Crowd,
    /// What was in LAMB's folder before.
    before: Vec<PathBuf>,
}

impl Place {
    fn make(edition: Edition) -> Self {
        let crowd = Crowd::of(edition, NEWCOMERS);
        let at = |name: &str| crowd.dir.path().join(name);
        fs::copy(env!("CARGO_BIN_EXE_lamb-auth"), at("lamb-auth")).unwrap();
        fs::create_dir(at("tmp")).unwrap();
        fs::set_permissions(crowd.lamb_path(), fs::Permissions::from_mode(DATABASE_MODE)).unwrap();
        for name in ["", "lamb", "lamb/lamb_v4.db", "owi", "owi/webui.db", "tmp"] {
            chown(at(name), Some(BACKEND.0), Some(BACKEND.1)).unwrap();
        }
        let before = files(&crowd.lamb_folder()).into_keys().collect();
        Self { crowd, before }
    }

    /// A command of this account, with only its rights.
    fn command(&self, who: (u32, u32), line: &str) -> Command {
        let dir = self.crowd.dir.path();
        let like = self.crowd.command(line).process();
        let mut command = Command::new(dir.join("lamb-auth"));
        command.args(like.get_args()).env_clear();
        command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TMPDIR", dir.join("tmp"));
        command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if who != ROOT {
            command.uid(who.0).gid(who.1);
        }
        command
    }

    fn run(&self, who: (u32, u32), line: &str) -> Output {
        let child = self.command(who, line).spawn().unwrap();
        self.crowd.command(line).finish(child)
    }

    /// A sync that is killed after it has committed, and before it has closed LAMB's database: nobody reads what it
    /// tells, so it cannot come further.
    fn killed_sync(&self) {
        let mut child = self.command(ROOT, SYNC).stderr(Stdio::null()).spawn().unwrap();
        let began = Instant::now();
        let last_line = || {
            let text = fs::read_to_string(self.crowd.journal_path()).unwrap_or_default();
            text.lines().last().unwrap_or_default().to_owned()
        };
        let earlier = last_line();
        while !(last_line() != earlier && last_line().starts_with(r#"{"line":"done""#)) {
            assert!(child.try_wait().unwrap().is_none() && began.elapsed() < BOUND, "{}", last_line());
            std::thread::yield_now();
        }
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    }

    /// The watch, until it has made a creator.
    fn watch(&self) {
        add_account(&open(&self.crowd.owi_path()), "new@newcomer.example");
        let mut child = self
            .command(ROOT, "sync --watch --apply --yes --interval 0.2s --include newcomer.example -o plain")
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("new@newcomer.example")));
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.crowd.command("sync --watch").finish(child).expect(130);
    }

    /// What is new in LAMB's folder belongs to this account; its name, without what is different each time.
    fn new_files(&self, about: &str, owner: (u32, u32)) -> Vec<String> {
        let mut names = Vec::new();
        for (path, meta) in files(&self.crowd.lamb_folder()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // SQLite makes a journal, and then gives it away. A kill may come in between; the next run removes it.
            let is_begun = name.ends_with("-journal") && meta.len() == 0;
            if self.before.contains(&path) || is_begun {
                continue;
            }
            assert_eq!((meta.uid(), meta.gid()), owner, "{about}: {name}");
            let mode = if name.starts_with("lamb_v4.db-") { DATABASE_MODE } else { 0o600 };
            assert_eq!(meta.mode() & 0o7777, mode, "{about}: {name}: {:o}", meta.mode());
            names.push(if name.starts_with("lamb-auth.backup-") { "lamb-auth.backup".to_owned() } else { name });
        }
        names.sort();
        names.dedup();
        names
    }
}

/// All that is below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, fs::Metadata> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        if meta.is_dir() {
            all.extend(files(&path));
        }
        all.insert(path, meta);
    }
    all
}

/// True where files can be given away and another account can be taken. Where not, says so past the test harness.
fn can_be_another() -> bool {
    let place = tempfile::tempdir().unwrap();
    // Root may lack the leave for either, in a container.
    let given = chown(place.path(), Some(BACKEND.0), Some(BACKEND.1));
    let taken = given.and_then(|()| Command::new("true").uid(BACKEND.0).gid(BACKEND.1).status());
    let can = rustix::process::geteuid().is_root() && taken.is_ok();
    if !can {
        skipped("that root's files belong to the owner of the folder", "this needs root, and its rights");
    }
    can
}

#[test]
fn what_root_leaves_the_backend_can_use() {
    if !can_be_another() {
        return;
    }
    for edition in EDITIONS {
        let place = Place::make(edition);
        let about = edition.to_string();
        place.run(ROOT, "create-creator --email new0@uni.example --yes").expect(0);
        place.run(ROOT, SYNC).expect(0);
        place.run(ROOT, "undo last --yes").expect(0);
        let lamb = place.crowd.lamb_folder().display().to_string();
        place.run(ROOT, &format!("audit --html {lamb}/audit.html")).expect(1);
        place.run(ROOT, &format!("support-bundle --out {lamb}/support.tar.gz")).expect(3);
        place.run(ROOT, &format!("sync --max-changes 100% --plan-out {lamb}/plan.json")).expect(1);
        place.watch();
        place.killed_sync();
        let mut left = vec![
            "audit.html",
            "lamb-auth.backup",
            "lamb-auth.journal.jsonl",
            "lamb-auth.memory.db",
            "lamb-auth.sync.lock",
            "plan.json",
            "support.tar.gz",
            "support.tar.gz.key",
        ];
        let mut new = place.new_files(&about, BACKEND);
        // SQLite's own, where the kill came while the memory was written: the next run takes it away.
        new.retain(|name| name != "lamb-auth.memory.db-journal");
        // With its wal, which has all of the last run, the database can be read rightly. The kill may come after LAMB's
        // database was closed: then neither file is there.
        let has_wal = new.iter().any(|name| name.starts_with("lamb_v4.db-"));
        if has_wal {
            assert_eq!(edition, Edition::Native, "{about}");
            left.splice(5..5, ["lamb_v4.db-shm", "lamb_v4.db-wal"]);
        }
        assert_eq!(new, left, "{about}");

        let full = place.crowd.counts();
        place.run(BACKEND, "undo last --yes").expect(0);
        assert_ne!(place.crowd.counts(), full, "{about}");
        place.run(BACKEND, SYNC).expect(0);
        assert_eq!(place.crowd.counts(), full, "{about}");
        place.run(BACKEND, "history").expect(0);
        place.crowd.is_whole(&about);
        place.new_files(&about, BACKEND);
        // And root after it.
        place.run(ROOT, "undo last --yes").expect(0);
        place.new_files(&about, BACKEND);
    }
}

/// Who may write the database may write these: they are SQLite's, and it gives them to the database's owner. What is
/// ours goes to the folder's.
#[test]
fn what_sqlite_makes_belongs_to_the_owner_of_the_database() {
    if !can_be_another() {
        return;
    }
    let place = Place::make(Edition::Native);
    chown(place.crowd.lamb_path(), Some(ROOT.0), Some(BACKEND.1)).unwrap();
    place.killed_sync();
    let mut owners = BTreeMap::new();
    for (path, meta) in files(&place.crowd.lamb_folder()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        owners.insert(name.split("backup-").next().unwrap().to_owned(), (meta.uid(), meta.gid()));
    }
    let (ours, sqlites) = (BACKEND, (ROOT.0, BACKEND.1));
    // There if the kill came late.
    owners.retain(|name, owner| !name.starts_with("lamb-auth.memory.db") || *owner != ours);
    let should = [
        ("lamb-auth.", ours),
        ("lamb-auth.journal.jsonl", ours),
        ("lamb-auth.sync.lock", ours),
        ("lamb_v4.db", sqlites),
        ("lamb_v4.db-shm", sqlites),
        ("lamb_v4.db-wal", sqlites),
    ];
    assert_eq!(owners, should.map(|(name, owner)| (name.to_owned(), owner)).into());
}
