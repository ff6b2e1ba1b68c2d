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
use std::path::Path;
use std::time::Duration;

use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};
use rustix::process::FlockType;

use super::is_held;
use super::state::{State, is_local};
use crate::messages;

/// So often a read is tried in place.
const TRIES: usize = 3;

/// What `read` gives, if it read a file that no process wrote or had open from before the read until after it. `None`
/// where that cannot be proven: `read` may have been called all the same.
///
/// `margin`: how long ago the last change must be.
pub(super) fn read<T>(path: &Path, margin: Duration, mut read: impl FnMut() -> T) -> Option<T> {
    for _ in 0..TRIES {
        let before = idle(path, margin)?;
        let found = read();
        if State::of(path).is_ok_and(|after| after == before) {
            messages::trace(format_args!("read {} in place: no process had it open", path.display()));
            return Some(found);
        }
    }
    None
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
    use std::cell::Cell;
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

    fn both(db: Result<Database, DbError>) -> Result<(i64, i64), String> {
        let value = |db: &Database, table: &str| {
            let found = db.conn.query_row(&format!("SELECT x FROM {table}"), [], |row| row.get(0));
            found.map_err(|error| error.to_string())
        };
        let db = db.map_err(|error| error.to_string())?;
        Ok((value(&db, "one")?, value(&db, "two")?))
    }

    fn write(path: &Path) {
        let writer = Connection::open(path).unwrap();
        writer.execute_batch("BEGIN; UPDATE one SET x = x + 1; UPDATE two SET x = x + 1; COMMIT").unwrap();
    }

    #[test]
    fn an_idle_file_is_read_in_place_and_leaves_no_trace() {
        let (folder, path) = database();
        let reads = Cell::new(0);
        let found = read(&path, REST, || {
            reads.set(reads.get() + 1);
            both(Database::open_idle(&path, WAIT))
        });
        assert_eq!((found, reads.get()), (Some(Ok((0, 0))), 1));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// A writer that comes before the file is opened, while it is read, or before the proof, is noticed.
    #[test]
    fn a_writer_at_any_moment_of_the_read_is_noticed() {
        for moment in ["before", "between", "after"] {
            let (_folder, path) = database();
            let tries = Cell::new(0);
            let found = read(&path, Duration::ZERO, || {
                tries.set(tries.get() + 1);
                let strike = |now: &str| {
                    if now == moment {
                        write(&path)
                    }
                };
                strike("before");
                let db = Database::open_idle(&path, WAIT).unwrap();
                let one: i64 = db.conn.query_row("SELECT x FROM one", [], |row| row.get(0)).unwrap();
                strike("between");
                let two = db.conn.query_row("SELECT x FROM two", [], |row| row.get::<_, i64>(0));
                drop(db);
                strike("after");
                (one, two.ok())
            });
            assert_eq!((found, tries.get()), (None, TRIES), "{moment}");
        }
    }

    #[test]
    fn a_writer_that_comes_once_costs_one_more_read() {
        let (_folder, path) = database();
        let tries = Cell::new(0);
        let found = read(&path, REST, || {
            tries.set(tries.get() + 1);
            if tries.get() == 1 {
                write(&path);
                rest(&path);
            }
            both(Database::open_idle(&path, WAIT))
        });
        assert_eq!((found, tries.get()), (Some(Ok((1, 1))), 2));
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
            let found = read(&path, Duration::ZERO, || unreachable!("{what}"));
            assert_eq!(found, None, "{what}");
        }
        let (_folder, path) = database();
        assert_eq!(read(&path, WAIT, || unreachable!("younger than the margin")), None);
    }

    /// A link to a database is read beside its target, where its `-wal` is.
    #[test]
    fn behind_a_link_the_wal_of_the_target_counts() {
        let (_folder, path) = database();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(read(&link, REST, || both(Database::open_idle(&link, WAIT))), Some(Ok((0, 0))));
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("UPDATE one SET x = 7; UPDATE two SET x = 7").unwrap();
        assert_eq!(read(&link, Duration::ZERO, || unreachable!("it is open elsewhere")), None::<()>);
        assert_eq!(Database::read(&link, WAIT, both), Ok((7, 7)));
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

    /// Beside a process that opens, writes and closes at random, no read sees half of a change, and many are in place.
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
        let (mut in_place, mut last) = (0, 0);
        while in_place < 300 || last < 10 {
            if let Some(found) = read(&path, REST, || both(Database::open_idle(&path, WAIT))) {
                let (one, two) = found.unwrap();
                assert!(one == two && one >= last, "{one} and {two} after {last}");
                (in_place, last) = (in_place + 1, one);
            }
        }
    }
}
