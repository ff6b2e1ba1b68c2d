//! Reading a database in wal mode in place while no process has it open, and the proof that none wrote meanwhile.
//!
//! SQLite alone can read such a file only by making `-wal` and `-shm` beside it, or with `immutable=1`, which trusts that
//! no process writes. Here that trust is checked afterwards: who writes the file changes its times, and who opens it
//! makes `-wal`. (The change counter in its header proves nothing: in wal mode it stands still.)
//!
//! A process that maps the file into memory and writes there could change it without changing its times at once. SQLite
//! never writes so.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};
use rustix::process::FlockType;

use super::is_held;
use super::state::{MARGIN, State, is_local};
use crate::messages;

/// So often a quick read is tried in place.
const TRIES: usize = 3;

/// A read that takes longer is tried once.
const QUICK: Duration = Duration::from_millis(200);

/// A process that only reads opens and closes the file in less; the file is then as it was.
const PATIENCE: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(3), Duration::from_millis(9)];

/// What is read in place now. One for the process, because a command reads in several threads.
static CURRENT: Mutex<Option<Arc<Reads>>> = Mutex::new(None);

/// Runs `read`. The databases in wal mode that it opens meanwhile are read in place, if no process has them open. What
/// `read` gives counts only if it can be proven afterwards that none of them changed. Otherwise `read` runs again, at last
/// on private copies: it must show nothing, and what it gives must hold no open database.
pub(crate) fn in_place<T: 'static>(mut read: impl FnMut() -> T) -> T {
    for _ in 0..TRIES {
        let reads = Arc::new(Reads::new(MARGIN));
        let before = current().replace(Arc::clone(&reads));
        let began = Instant::now();
        let found = read();
        *current() = before;
        if reads.hold() {
            reads.tell();
            return found;
        }
        if began.elapsed() > QUICK {
            break;
        }
    }
    read()
}

/// True where all that was read in place until now is proven. To be asked before anything leaves this process: what was
/// read beside a writer may be anything.
pub(crate) fn reads_hold() -> bool {
    let reads = current().clone();
    reads.is_none_or(|reads| reads.hold())
}

/// What is read in place now, if this file may be, too.
pub(super) fn admit(path: &Path) -> Option<Arc<Reads>> {
    let reads = current().clone()?;
    reads.admit(path).then_some(reads)
}

fn current() -> std::sync::MutexGuard<'static, Option<Arc<Reads>>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The databases that are read in place, and whether that still holds.
#[derive(Debug)]
pub(super) struct Reads {
    /// How long ago the last change must be.
    margin: Duration,
    /// Each file, as it was before it was opened.
    files: Mutex<Vec<(PathBuf, State)>>,
    /// True where something was read since the last proof.
    is_unproven: AtomicBool,
    has_failed: AtomicBool,
}

impl Reads {
    fn new(margin: Duration) -> Self {
        let (is_unproven, has_failed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { margin, files: Mutex::default(), is_unproven, has_failed }
    }

    fn files(&self) -> std::sync::MutexGuard<'_, Vec<(PathBuf, State)>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True where the file may be opened in place. What is read of it from now on is to be proven.
    fn admit(&self, path: &Path) -> bool {
        let Some(state) = idle(path, self.margin) else { return false };
        self.files().push((path.to_owned(), state));
        self.reads();
        true
    }

    /// Notes that something is being read: at the begin and at the end of each statement.
    pub(super) fn reads(&self) {
        self.is_unproven.store(true, Ordering::SeqCst);
    }

    /// True where no file has changed until the last read.
    fn hold(&self) -> bool {
        if self.is_unproven.swap(false, Ordering::SeqCst) && !self.are_unchanged() {
            self.has_failed.store(true, Ordering::SeqCst);
        }
        !self.has_failed.load(Ordering::SeqCst)
    }

    fn are_unchanged(&self) -> bool {
        let files = self.files();
        let is_unchanged = |(path, before): &(PathBuf, State)| State::of(path).is_ok_and(|now| now == *before);
        PATIENCE.iter().any(|pause| {
            std::thread::sleep(*pause);
            files.iter().all(is_unchanged)
        })
    }

    fn tell(&self) {
        let files = self.files();
        for (at, (path, _)) in files.iter().enumerate() {
            if !files.iter().take(at).any(|(earlier, _)| earlier == path) {
                messages::trace(format_args!("read {} in place: no process had it open", path.display()));
            }
        }
    }
}

/// The state of a database that no process has open, as far as that can be seen; `None` for any other.
///
/// To be called before SQLite opens the file: closing it drops the locks of this process.
fn idle(path: &Path, margin: Duration) -> Option<State> {
    let state = State::of(path).ok().filter(|state| state.is_alone() && state.is_older_than(margin))?;
    let file = File::open(path).ok()?;
    // Under another name, or beside what a mount of this one file hides, there could be another `-wal`.
    let has_one_name = file.metadata().is_ok_and(|meta| meta.nlink() == 1) && !is_mount(path);
    (has_one_name && is_local(&file) && !is_locked(&file)).then_some(state)
}

/// True where the file is a mount of its own, or where the kernel (before 5.8) cannot tell.
fn is_mount(path: &Path) -> bool {
    let Ok(about) = rustix::fs::statx(rustix::fs::CWD, path, AtFlags::empty(), StatxFlags::empty()) else {
        return true;
    };
    let mount_root = StatxAttributes::MOUNT_ROOT;
    !about.stx_attributes_mask.contains(mount_root) || about.stx_attributes.contains(mount_root)
}

/// True where another process holds a lock, or where that cannot be told: `immutable=1` ignores it.
fn is_locked(file: &File) -> bool {
    // "File Locking And Concurrency": PENDING, RESERVED, and the 510 bytes of SHARED.
    const FIRST: u64 = 0x4000_0000;
    const SIZE: u64 = 512;
    is_held(file, FlockType::WriteLock, FIRST, SIZE) != Some(false)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rusqlite::Connection;

    use super::super::{Database, DbError, beside};
    use super::*;

    const WAIT: Duration = Duration::from_secs(5);

    /// What a file must have rested for in these tests: longer than a tick of the clock, and short.
    const REST: Duration = Duration::from_millis(30);

    /// An idle database in wal mode, with two tables of one row that are always changed together.
    fn database() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(
            "PRAGMA journal_mode = wal; CREATE TABLE one(x); CREATE TABLE two(x);
             INSERT INTO one VALUES (0); INSERT INTO two VALUES (0)",
        )
        .unwrap();
        drop(conn);
        rest(&path);
        (folder, path)
    }

    /// Waits until the file has rested.
    fn rest(path: &Path) {
        while !State::of(path).unwrap().is_older_than(REST) {
            std::thread::yield_now();
        }
    }

    /// Opens the file in place, if it may be.
    fn open(path: &Path, margin: Duration) -> Option<(Arc<Reads>, Result<Database, DbError>)> {
        let reads = Arc::new(Reads::new(margin));
        reads.admit(path).then(|| (Arc::clone(&reads), Database::open_idle(path, WAIT, reads)))
    }

    fn value(db: &Database, table: &str) -> Result<i64, String> {
        db.conn.query_row(&format!("SELECT x FROM {table}"), [], |row| row.get(0)).map_err(|error| error.to_string())
    }

    /// Both values, read in place and proven.
    fn both(path: &Path, margin: Duration) -> Option<Result<(i64, i64), String>> {
        let (reads, db) = open(path, margin)?;
        let read = |db: &Database| Ok((value(db, "one")?, value(db, "two")?));
        let found = db.map_err(|error| error.to_string()).and_then(|db| read(&db));
        reads.hold().then_some(found)
    }

    fn write(path: &Path) {
        let writer = Connection::open(path).unwrap();
        writer.execute_batch("BEGIN; UPDATE one SET x = x + 1; UPDATE two SET x = x + 1; COMMIT").unwrap();
    }

    #[test]
    fn an_idle_file_is_read_in_place_and_leaves_no_trace() {
        let (folder, path) = database();
        assert_eq!(both(&path, REST), Some(Ok((0, 0))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// A writer that comes before the file is opened, while it is read, or before the proof, is noticed.
    #[test]
    fn a_writer_at_any_moment_of_the_read_is_noticed() {
        for moment in ["before", "between", "after"] {
            let (_folder, path) = database();
            let reads = Arc::new(Reads::new(REST));
            assert!(reads.admit(&path));
            let strike = |now: &str| {
                if now == moment {
                    write(&path)
                }
            };
            strike("before");
            let db = Database::open_idle(&path, WAIT, Arc::clone(&reads)).unwrap();
            let _ = value(&db, "one");
            strike("between");
            let _ = value(&db, "two");
            strike("after");
            assert!(!reads.hold(), "{moment}");
            assert!(!reads.hold(), "{moment}: it stays so");
        }
    }

    /// What is proven stays so: a writer that comes later spoils only what is read from then on.
    #[test]
    fn only_what_was_read_since_the_last_proof_is_proven_again() {
        let (_folder, path) = database();
        let (reads, db) = open(&path, REST).unwrap();
        let db = db.unwrap();
        assert_eq!((value(&db, "one"), reads.hold()), (Ok(0), true));
        write(&path);
        assert!(reads.hold());
        let _ = value(&db, "two");
        assert!(!reads.hold());
    }

    /// A statement that is still being read when a proof is made has to be proven again at its end.
    #[test]
    fn rows_that_are_read_after_a_proof_are_proven_too() {
        let (_folder, path) = database();
        let (reads, db) = open(&path, REST).unwrap();
        let db = db.unwrap();
        let mut statement = db.conn.prepare("SELECT x FROM one UNION ALL SELECT x FROM two").unwrap();
        let mut rows = statement.query([]).unwrap();
        rows.next().unwrap();
        assert!(reads.hold());
        write(&path);
        while let Ok(Some(_)) = rows.next() {}
        drop(rows);
        assert!(!reads.hold());
    }

    /// A process that opens the file, reads and closes it leaves it as it was.
    #[test]
    fn another_reader_spoils_nothing() {
        let (_folder, path) = database();
        let (reads, db) = open(&path, REST).unwrap();
        let other = Connection::open(&path).unwrap();
        other.query_row("SELECT count(*) FROM one", [], |_| Ok(())).unwrap();
        drop(other);
        assert_eq!(value(&db.unwrap(), "one"), Ok(0));
        assert!(reads.hold());
    }

    #[test]
    fn a_file_that_may_be_in_use_is_not_read_in_place() {
        type Spoil = fn(&Path) -> Option<Connection>;
        let spoilers: [(&str, Spoil); 5] = [
            ("open elsewhere", |path| {
                let other = Connection::open(path).unwrap();
                other.query_row("SELECT count(*) FROM one", [], |_| Ok(())).unwrap();
                Some(other)
            }),
            ("a journal", |path| std::fs::write(beside(path, "-journal"), "").map(|()| None).unwrap()),
            ("a wal", |path| std::fs::write(beside(path, "-wal"), "").map(|()| None).unwrap()),
            ("two names", |path| std::fs::hard_link(path, path.with_extension("copy")).map(|()| None).unwrap()),
            ("in the future", |path| {
                let later = std::time::SystemTime::now() + WAIT * 100;
                File::options().append(true).open(path).unwrap().set_modified(later).map(|()| None).unwrap()
            }),
        ];
        for (what, spoil) in spoilers {
            let (_folder, path) = database();
            let _kept = spoil(&path);
            assert!(open(&path, Duration::ZERO).is_none(), "{what}");
        }
        let (_folder, path) = database();
        assert!(open(&path, WAIT).is_none(), "younger than the margin");
    }

    /// A link to a database is read beside its target, where its `-wal` is.
    #[test]
    fn behind_a_link_the_wal_of_the_target_counts() {
        let (_folder, path) = database();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(both(&link, REST), Some(Ok((0, 0))));
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("UPDATE one SET x = 7; UPDATE two SET x = 7").unwrap();
        assert!(open(&link, Duration::ZERO).is_none(), "it is open elsewhere");
        assert_eq!(value(&Database::open_read_only(&link, WAIT).unwrap(), "two"), Ok(7));
    }

    /// Opens the database, writes, and closes it, again and again, with pauses around [`REST`].
    const WRITER: &str = "
import random, sqlite3, sys, time
while True:
    db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
    for _ in range(random.randrange(1, 4)):
        db.executescript('BEGIN IMMEDIATE; UPDATE one SET x = x + 1; UPDATE two SET x = x + 1; COMMIT')
        if random.random() < 0.3:
            db.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    db.close()
    time.sleep(random.random() * 0.1)
";

    /// Beside a process that opens, writes and closes at random, no read sees half of a change, and many are in place:
    /// 300, or as many as `LAMB_AUTH_READS` says.
    #[test]
    fn no_read_beside_a_writer_sees_half_of_a_change() {
        struct Killed(std::process::Child);
        impl Drop for Killed {
            fn drop(&mut self) {
                let _ = self.0.kill();
                let _ = self.0.wait();
            }
        }
        let (_folder, path) = database();
        // Another process: within one, SQLite needs no locks that could be seen.
        let _writer = Killed(Command::new("python3").args(["-c", WRITER]).arg(&path).spawn().unwrap());
        let wanted = std::env::var("LAMB_AUTH_READS").map_or(300, |text| text.parse().unwrap());
        let (mut in_place, mut last) = (0, 0);
        while in_place < wanted || last < 10 {
            if let Some(found) = both(&path, REST) {
                let (one, two) = found.unwrap();
                assert!(one == two && one >= last, "{one} and {two} after {last}");
                (in_place, last) = (in_place + 1, one);
            }
        }
    }
}
