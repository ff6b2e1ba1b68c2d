//! `sync --watch` beside a stand-in for Open WebUI: who is new there has a creator soon, and nothing that happens to the
//! files around it ends it.
//!
//! Rounds are counted by what `-v` traces: each look into `webui.db` asks whether the newest row is still there.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, yield_now};
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use rusqlite::Connection;
use serde_json::Value;

use super::crowd::add_account;
use super::held_locks::naps;
use super::run::{BOUND, EDITIONS, Output, Run, World, contents};

const WATCH: &str = "sync --watch --apply --yes --interval 0.2s --include newcomer.example -v";
/// What a look into `webui.db` always asks, and nothing else does.
const LOOK: &str = r#"webui.db: SELECT id FROM "user" WHERE rowid = ?1"#;

/// A watch that runs.
struct Watching<'a> {
    world: &'a World,
    run: Run,
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    /// All that it said so far.
    said: Vec<String>,
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            if line.is_err() || send.send(line.unwrap()).is_err() {
                break;
            }
        }
    });
    receive
}

impl<'a> Watching<'a> {
    /// Starts it, and waits until the first plan is behind it.
    fn start(world: &'a World, line: &str) -> Self {
        let mut watching = Self::begin(world, world.command(line));
        watching.said("; Ctrl-C stops");
        watching.looks(3);
        watching
    }

    fn begin(world: &'a World, run: Run) -> Self {
        let mut child = run.start();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { world, run, child, out, err, said: Vec::new() }
    }

    /// The next line of data.
    fn line(&mut self) -> String {
        match self.out.recv_timeout(BOUND) {
            Ok(line) => line,
            Err(error) => {
                self.said.extend(self.err.try_iter());
                panic!("no line: {error}\n{}", self.talk().join("\n"))
            }
        }
    }

    fn no_line(&mut self) {
        let line = self.out.try_recv();
        assert!(line.is_err(), "{line:?}\n{}", self.talk().join("\n"));
    }

    /// Waits until it says this; how many lines it had said before.
    fn said(&mut self, text: &str) -> usize {
        let began = self.said.len();
        // A deadline for all of it: with -v there is always a next line.
        let deadline = Instant::now() + BOUND;
        loop {
            match self.err.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.said.push(line);
                    if self.said.last().unwrap().contains(text) {
                        return began;
                    }
                }
                Err(error) => panic!("{text:?} is not said: {error}\n{}", self.talk().join("\n")),
            }
        }
    }

    /// What it said that is no trace.
    fn talk(&self) -> Vec<&str> {
        self.said.iter().map(String::as_str).filter(|line| !line.starts_with("  · ")).collect()
    }

    fn times(&self, text: &str) -> usize {
        self.said.iter().filter(|line| line.contains(text)).count()
    }

    /// Waits for so many more looks into `webui.db`, while Open WebUI writes `last_active_at` as it always does.
    fn looks(&mut self, count: usize) {
        let owi = self.world.owi();
        let (mut seen, began) = (0, Instant::now());
        while seen < count {
            owi.execute("UPDATE user SET last_active_at = last_active_at + 1", []).unwrap();
            match self.err.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => {
                    seen += usize::from(line.contains(LOOK));
                    self.said.push(line);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(error) => panic!("it ended: {error}\n{}", self.talk().join("\n")),
            }
            assert!(began.elapsed() < BOUND, "it looks no more:\n{}", self.talk().join("\n"));
        }
    }

    /// Waits until it has gone to sleep so often more: between rounds, and for a lock.
    fn naps(&mut self, count: u64) {
        let (first, began) = (naps(&self.child).unwrap(), Instant::now());
        while naps(&self.child).expect("it ended") < first + count {
            assert!(began.elapsed() < BOUND);
            yield_now();
        }
    }

    /// The same trouble is told once: nothing but traces come while it goes to sleep so often more.
    fn says_no_more_for(&mut self, naps: u64) {
        self.naps(naps);
        let more: Vec<String> = self.err.try_iter().filter(|line| !line.starts_with("  · ")).collect();
        assert_eq!(more, [""; 0]);
    }

    /// Somebody new, as a server writes them.
    fn newcomer(&self, name: &str) -> String {
        let email = format!("{name}@newcomer.example");
        add_account(&self.world.owi(), &email);
        email
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// Waits for its end.
    fn end(self, code: i32) -> Vec<String> {
        let Self { run, child, err, mut said, .. } = self;
        let output: Output = run.finish(child);
        said.extend(err.try_iter());
        assert_eq!(output.code, code, "{}", said.join("\n"));
        said
    }
}

fn creators(world: &World) -> Vec<String> {
    world.lamb_rows("SELECT user_email FROM {p}Creator_users WHERE user_email LIKE '%@newcomer.example' ORDER BY id")
}

/// The files of a folder, SQLite's own aside, which come and go with who has the database open.
fn names(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect()
}

fn backups(world: &World) -> usize {
    let names = fs::read_dir(world.sandbox.dir().join("lamb")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains("lamb-auth.backup-")).count()
}

/// Both journal modes, and the two shapes for machines.
#[test]
fn a_new_user_gets_a_creator_within_two_intervals() {
    for (edition, version, format) in
        [(Edition::Delegated, OwiVersion::V0_5_6, "json"), (Edition::Native, OwiVersion::V0_12_4, "plain")]
    {
        let world = World::start(edition, version, None);
        // As the servers have them.
        let (_owi, _lamb) = (world.owi(), world.lamb());
        let mut watching = Watching::start(&world, &format!("{WATCH} -o {format}"));
        for name in ["one", "two"] {
            let email = watching.newcomer(name);
            let before = watching.said("Creator_users\" (organization_id, user_email");
            let looks = watching.said[before..].iter().filter(|line| line.contains(LOOK)).count();
            // One may have been under way.
            assert!(looks <= 3, "{looks} looks: {:?}", &watching.said[before..]);
            let line = watching.line();
            if format == "json" {
                let json: Value = serde_json::from_str(&line).unwrap();
                super::schemas::check(&json);
                assert!(json["schema"] == 1 && json["event"] == "change", "{line}");
                assert!(json["change"]["kind"] == "create-creator" && json["change"]["email"] == *email, "{line}");
                assert!(json["created"].is_i64() && json["run"].is_string(), "{line}");
            } else {
                let cells: Vec<&str> = line.split('\t').collect();
                assert_eq!((cells[2], cells[3], cells.len()), ("create-creator", &*email, 6), "{line}");
            }
            world.run(&format!("check-user --email {email}")).expect(0);
        }
        // Open WebUI's own writes are no reason to look into LAMB.
        let quiet = watching.said.len();
        watching.looks(6);
        // The end of the round before may be among them.
        let looked = watching.said[quiet..].iter().skip_while(|line| !line.contains(LOOK));
        let into_lamb = looked.filter(|line| line.contains("lamb_v4.db")).count();
        assert_eq!(into_lamb, 0, "{:#?}", &watching.said[quiet..]);
        watching.no_line();
        assert_eq!(backups(&world), 1);
        watching.signal("TERM");
        let said = watching.end(0);
        assert_eq!(said.iter().filter(|line| line.contains("backup: ")).count(), 1, "{said:?}");
    }
}

/// Each change is reported once, and then made by the command that is meant to.
#[test]
fn without_apply_it_reports_and_writes_nothing() {
    for (edition, format) in [(Edition::Delegated, "json"), (Edition::Native, "plain")] {
        let world = World::plain(edition);
        let (_owi, _lamb) = (world.owi(), world.lamb());
        let state = || (contents(&world.lamb()), names(&world.sandbox.dir().join("lamb")));
        let before = state();
        let mut watching =
            Watching::start(&world, &format!("sync --watch --interval 0.2s --include newcomer.example -v -o {format}"));
        assert_eq!(watching.times("only reported"), 1, "{:?}", watching.talk());
        for name in ["one", "two"] {
            let email = watching.newcomer(name);
            let line = watching.line();
            if format == "json" {
                let json: Value = serde_json::from_str(&line).unwrap();
                super::schemas::check(&json);
                assert!(json["event"] == "planned" && json["change"]["email"] == *email, "{line}");
                assert!(json["run"].is_null() && json["created"].is_null(), "{line}");
            } else {
                let cells: Vec<&str> = line.split('\t').collect();
                assert_eq!((cells[1], cells[2], cells[3]), ("planned", "create-creator", &*email), "{line}");
            }
        }
        watching.looks(4);
        watching.no_line();
        watching.signal("TERM");
        watching.end(0);
        assert_eq!(state(), before, "{edition}");
        world.run("sync --include newcomer.example --apply --yes").expect(0);
        assert_eq!(creators(&world).len(), 2);
    }
}

/// LAMB makes a student's account first, and writes down that it is one a moment later.
#[test]
fn a_student_is_no_new_user() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let mut watching = Watching::start(&world, WATCH);
        for table in [
            "lti_users (user_email, user_name, assistant_id)",
            "lti_activity_users (user_email, user_name, activity_id)",
        ] {
            let email = watching.newcomer(&table[..9]);
            world.lamb_sql(&format!("INSERT INTO {{p}}{table} VALUES ('{email}', 'S', 12)"));
        }
        add_account(&world.owi(), "somebody@lamb-lti.local");
        watching.looks(5);
        watching.no_line();
        assert_eq!(creators(&world), [""; 0]);
        // It is still awake.
        let email = watching.newcomer("teacher");
        assert!(watching.line().contains(&email));
        assert_eq!(creators(&world), [email]);
        watching.signal("TERM");
        watching.end(0);
    }
}

#[test]
fn files_that_are_locked_are_waited_for() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        // Longer than any write of the servers takes, and of the test: those are no trouble.
        let mut watching = Watching::start(&world, &format!("{WATCH} --lock-timeout 0.7"));
        let email = {
            let (owi, lamb) = (world.owi(), world.lamb());
            owi.execute_batch("BEGIN EXCLUSIVE").unwrap();
            watching.said("webui.db: it is locked by another process");
            watching.says_no_more_for(30);
            owi.execute_batch("COMMIT").unwrap();
            watching.said("working again");
            lamb.execute_batch("BEGIN EXCLUSIVE").unwrap();
            let email = watching.newcomer("waits");
            watching.said("lamb_v4.db: it is locked by another process");
            watching.says_no_more_for(30);
            watching.no_line();
            lamb.execute_batch("COMMIT").unwrap();
            email
        };
        assert!(watching.line().contains(&email));
        watching.said("working again");
        watching.signal("TERM");
        watching.end(0);
    }
}

/// From the start: a locked LAMB is no reason to give up, and there is a backup before anything is changed.
#[test]
fn a_lamb_that_is_locked_at_the_start_is_waited_for() {
    let world = World::plain(Edition::Delegated);
    let lamb = world.lamb();
    lamb.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut watching = Watching::begin(&world, world.command(&format!("{WATCH} --lock-timeout 0.1")));
    watching.said("it is locked by another process");
    let email = watching.newcomer("early");
    lamb.execute_batch("COMMIT").unwrap();
    assert!(watching.line().contains(&email));
    assert_eq!(backups(&world), 1);
    watching.signal("TERM");
    watching.end(0);
}

#[test]
fn a_webui_db_that_is_replaced_or_gone_is_found_again() {
    let world = World::plain(Edition::Delegated);
    let path = world.sandbox.dir().join("owi/webui.db");
    let (away, other) = (path.with_extension("away"), path.with_extension("other"));
    let mut watching = Watching::start(&world, WATCH);
    fs::rename(&path, &away).unwrap();
    watching.said("there is no such file");
    watching.naps(10);
    fs::rename(&away, &path).unwrap();
    watching.said("working again");
    assert_eq!(watching.times("will retry"), 1, "{:#?}", watching.talk());
    let email = watching.newcomer("after");
    assert!(watching.line().contains(&email));

    // Another file with the same people, one of whom is new; the rows are numbered otherwise.
    world.owi().execute("VACUUM INTO ?1", [other.to_str()]).unwrap();
    let copy = Connection::open(&other).unwrap();
    copy.execute_batch("UPDATE user SET rowid = rowid + 100; DELETE FROM user WHERE email LIKE 'after@%'").unwrap();
    add_account(&copy, "replaced@newcomer.example");
    drop(copy);
    fs::rename(&other, &path).unwrap();
    assert!(watching.line().contains("replaced@newcomer.example"));
    watching.signal("TERM");
    watching.end(0);
}

/// VACUUM numbers the rows anew: the newest is not where it was.
#[test]
fn rows_that_are_numbered_anew_are_seen() {
    let world = World::plain(Edition::Delegated);
    world.owi().execute_batch("UPDATE user SET rowid = rowid + 1000 WHERE rowid > 3").unwrap();
    let mut watching = Watching::start(&world, WATCH);
    world.owi().execute_batch("VACUUM").unwrap();
    let email = watching.newcomer("one");
    assert!(watching.line().contains(&email));
    // The newest goes, and the next gets its number.
    world.owi().execute("DELETE FROM user WHERE email = ?1", [&email]).unwrap();
    let email = watching.newcomer("two");
    assert!(watching.line().contains(&email));
    watching.signal("TERM");
    watching.end(0);
}

#[test]
fn a_server_that_is_down_is_told_once() {
    let world = World::plain(Edition::Delegated);
    let mut watching = Watching::begin(&world, world.command(WATCH).env("OWI_BASE_URL", "http://127.0.0.1:9"));
    watching.said("could not be asked");
    for name in ["one", "two", "three"] {
        let email = watching.newcomer(name);
        assert!(watching.line().contains(&email));
    }
    watching.signal("TERM");
    let said = watching.end(0);
    let told = said.iter().filter(|line| line.contains("could not be asked")).count();
    assert_eq!(told, 1, "{said:?}");
}

/// The server has users whom the file lacks: nothing is made of such a file.
#[test]
fn a_stale_webui_db_changes_nothing() {
    let world = World::plain(Edition::Delegated);
    let old = world.sandbox.dir().join("old");
    fs::create_dir(&old).unwrap();
    let copy = old.join("webui.db");
    // A row that cannot be read would hide the newest from the server's own admin.
    let sound = "UPDATE user SET settings = NULL, info = NULL, created_at = 1760000000 WHERE NOT json_valid(settings) \
                 OR NOT json_valid(info) OR settings LIKE '\"%' OR typeof(created_at) <> 'integer'";
    world.owi().execute_batch(sound).unwrap();
    world.owi().execute("VACUUM INTO ?1", [copy.to_str()]).unwrap();
    add_account(&world.owi(), "late@newcomer.example");
    let db = Connection::open(&copy).unwrap();
    add_account(&db, "of-the-copy@newcomer.example");
    let mut watching = Watching::begin(&world, world.command(WATCH).env("OWI_PATH", old.to_str().unwrap()));
    watching.said("Open WebUI does not use");
    watching.naps(10);
    watching.no_line();
    assert_eq!(creators(&world), [""; 0]);
    watching.signal("TERM");
    watching.end(0);
}

#[test]
fn the_budget_is_for_the_day() {
    let world = World::plain(Edition::Delegated);
    let line = format!("{WATCH} --max-changes 2");
    let mut watching = Watching::start(&world, &line);
    for name in ["one", "two"] {
        let email = watching.newcomer(name);
        assert!(watching.line().contains(&email));
    }
    let third = watching.newcomer("three");
    watching.said("and 2 are made already");
    watching.no_line();
    watching.signal("TERM");
    watching.end(0);
    // Begun anew, it is the same day.
    let mut watching = Watching::begin(&world, world.command(&line));
    watching.said("and 2 are made already");
    watching.looks(3);
    assert_eq!(watching.times("are made already"), 1);
    watching.signal("TERM");
    watching.end(0);
    let mut watching = Watching::begin(&world, world.command(&format!("{WATCH} --max-changes 3")));
    assert!(watching.line().contains(&third));
    watching.signal("TERM");
    watching.end(0);
    assert_eq!(creators(&world).len(), 3);
}

#[test]
fn what_cannot_be_watched_is_refused_at_the_start() {
    let world = World::plain(Edition::Native);
    fs::write(world.cwd.path().join("p.toml"), "all = true\ndisable-missing = true\n").unwrap();
    let refused = [
        ("sync --watch", "select users with"),
        ("sync --watch --all --disable-missing", "cannot be used with"),
        ("sync --watch --policy p.toml", "never disables creators"),
        ("sync --watch --all --via api", "needs webui.db"),
        ("sync --watch --all --apply", "pass --yes"),
        ("sync --watch --all --yes", "--apply"),
        ("sync --watch --all --interval 0s", "between 100ms and 1h"),
        ("sync --watch --all --org fysics", "has no organization \"fysics\""),
        ("sync --watch --all --rule 'a.example=fysics'", "has no organization \"fysics\""),
    ];
    for (line, why) in refused {
        let output = world.run(line);
        assert!(output.code != 0 && output.code != 1, "{output}");
        output.says(why);
        assert_eq!(backups(&world), 0, "{output}");
    }
}

/// A reader keeps the transaction from being committed, and a signal comes meanwhile: the round is ended first.
#[test]
fn a_signal_in_the_middle_of_a_round_waits_for_its_end() {
    for (name, code) in [("TERM", 0), ("INT", 130)] {
        let world = World::plain(Edition::Delegated);
        let mut watching = Watching::start(&world, &format!("{WATCH} --lock-timeout 20"));
        let lamb = world.lamb();
        lamb.execute_batch("BEGIN; SELECT count(*) FROM organizations").unwrap();
        let email = watching.newcomer("waits");
        let journal = world.sandbox.dir().join("lamb/lamb-auth.journal.jsonl");
        while !fs::read_to_string(&journal).is_ok_and(|text| text.contains(r#"{"line":"intent""#)) {
            yield_now();
        }
        watching.naps(5);
        watching.signal(name);
        watching.naps(5);
        lamb.execute_batch("COMMIT").unwrap();
        assert!(watching.line().contains(&email));
        watching.end(code);
        assert_eq!(creators(&world), [email]);
        world.run("history").expect(0).says("done");
    }
}

/// Before the transaction has begun there is nothing to be ended: Ctrl-C need not wait for somebody else's lock.
#[test]
fn a_signal_while_it_waits_for_the_lock() {
    for (name, code) in [("TERM", 0), ("INT", 130)] {
        let world = World::plain(Edition::Delegated);
        let mut watching = Watching::start(&world, &format!("{WATCH} --lock-timeout 20"));
        let lamb = world.lamb();
        lamb.execute_batch("BEGIN IMMEDIATE").unwrap();
        let email = watching.newcomer("waits");
        // The journal is opened just before; then it tries again and again.
        while !world.sandbox.dir().join("lamb/lamb-auth.journal.jsonl").exists() {
            yield_now();
        }
        watching.naps(50);
        watching.signal(name);
        if name == "TERM" {
            watching.naps(50);
            lamb.execute_batch("COMMIT").unwrap();
            assert!(watching.line().contains(&email));
        }
        watching.end(code);
        assert_eq!(creators(&world).len(), usize::from(name == "TERM"));
    }
}

/// Nothing is to be changed, and no other process writes: who is there is remembered all the same.
#[test]
fn quiet_rounds_are_remembered() {
    let world = World::plain(Edition::Delegated);
    let mut watching = Watching::begin(&world, world.command(WATCH));
    watching.said("; Ctrl-C stops");
    let memory = world.sandbox.dir().join("lamb/lamb-auth.memory.db");
    let began = Instant::now();
    while fs::metadata(&memory).map_or(0, |meta| meta.len()) == 0 {
        assert!(began.elapsed() < BOUND, "{:?}", watching.talk());
        watching.naps(1);
    }
    watching.no_line();
    let known = || super::run::rows(&Connection::open(&memory).unwrap(), "SELECT email FROM creators ORDER BY id");
    let creators = || world.lamb_rows("SELECT user_email FROM {p}Creator_users ORDER BY id");
    assert_eq!(known(), creators());
    // What cannot be written is said once, whatever is made meanwhile, and is written as soon as it can be.
    let trouble = "the memory of sync could not be written";
    let aside = memory.with_extension("aside");
    fs::rename(&memory, &aside).unwrap();
    fs::create_dir(&memory).unwrap();
    let email = watching.newcomer("one");
    watching.said(trouble);
    assert!(watching.line().contains(&email));
    let email = watching.newcomer("two");
    assert!(watching.line().contains(&email));
    fs::remove_dir(&memory).unwrap();
    fs::rename(&aside, &memory).unwrap();
    let email = watching.newcomer("three");
    assert!(watching.line().contains(&email));
    assert_eq!(known(), creators());
    watching.signal("TERM");
    let said = watching.end(0);
    assert_eq!(said.iter().filter(|line| line.contains(trouble)).count(), 1, "{said:?}");
}

#[test]
fn a_signal_between_two_rounds_ends_it_at_once() {
    for (name, code) in [("TERM", 0), ("INT", 130)] {
        let world = World::plain(Edition::Delegated);
        let mut watching = Watching::begin(&world, world.command("sync --watch --all --apply --yes --interval 1h -v"));
        watching.said(LOOK.split(':').next().unwrap());
        let began = Instant::now();
        watching.signal(name);
        watching.end(code);
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}

/// Nobody listens any more: what was made is made, and journalled.
#[test]
fn a_closed_stdout_ends_it() {
    let world = World::plain(Edition::Delegated);
    let run = world.command(WATCH);
    let mut child = run.start();
    drop(child.stdout.take());
    let err = lines(child.stderr.take().unwrap());
    let (_nobody, out) = channel();
    let mut watching = Watching { world: &world, run, child, out, err, said: Vec::new() };
    watching.looks(3);
    let email = watching.newcomer("one");
    watching.end(0);
    assert_eq!(creators(&world), [email]);
    world.run("history").expect(0).says("done");
}

/// Somebody writes to LAMB's file without a pause.
#[test]
fn a_lamb_that_is_written_to_all_the_time() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let (lamb, ended) = (world.lamb(), &AtomicBool::new(false));
        lamb.busy_timeout(BOUND).unwrap();
        // The disk's own pace is no part of this: with it, the file is locked nearly all the time.
        lamb.pragma_update(None, "synchronous", "off").unwrap();
        let sql = format!("UPDATE {}organizations SET updated_at = updated_at + 1", world.prefix());
        thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut count = 0;
                while !ended.load(Ordering::Relaxed) {
                    lamb.execute(&sql, []).unwrap();
                    count += 1;
                    // A pace, not a wait: without any gap SQLite itself lets nobody else in.
                    thread::sleep(Duration::from_millis(2));
                }
                count
            });
            // However it ends: the scope waits for the writer.
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let mut watching = Watching::start(&world, WATCH);
                for name in ["one", "two"] {
                    let email = watching.newcomer(name);
                    assert!(watching.line().contains(&email));
                }
                watching.signal("TERM");
                watching.end(0);
            }));
            ended.store(true, Ordering::Relaxed);
            assert!(writer.join().unwrap() > 100);
            result.unwrap();
        });
        assert_eq!(creators(&world).len(), 2);
    }
}
