//! A copy of LAMB's database before many changes: made by SQLite while LAMB goes on, readable by its owner only, the
//! last few kept.

use std::fs::{DirEntry, File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::files::private::{create_private, folder, sibling_path, sync_folder};
use crate::lamb::db::LambDb;
use crate::sqlite;

/// How many are kept.
pub(crate) const KEEP: usize = 5;

const PREFIX: &str = "lamb-auth.backup-";
const SUFFIX: &str = ".db";
/// While it is being written.
const PART: &str = ".part";

/// Pages that are copied under one lock: some 10 ms.
const PAGES: std::ffi::c_int = 2048;
/// A process that writes makes SQLite begin again. After so many times everything is copied under one lock.
const RESTARTS: usize = 3;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
#[error(
    "LAMB's database was not changed: no backup could be made: {path}: {why}\n  free some space or fix the folder, or pass --no-backup"
)]
pub(crate) struct BackupError {
    /// The copy that could not be made.
    pub path: PathBuf,
    /// The error, in words.
    pub why: String,
}

/// Makes a copy beside the database, and removes the oldest of those that were made before it. For the holder of the
/// [lock](super::lock) only: what a killed run left half done is removed.
///
/// `lock_timeout`: how long it waits for a lock.
///
/// # Errors
/// [`BackupError`]; then nothing is left behind, and no old copy is removed.
pub(crate) fn take(db: &LambDb, lock_timeout: Duration) -> Result<PathBuf, BackupError> {
    let name = format!("{PREFIX}{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ"));
    let path = sibling_path(db.path(), &format!("{name}{SUFFIX}"));
    let part = sibling_path(db.path(), &format!("{name}{PART}"));
    // First: it may be what fills the disk.
    forget_halves(db.path());
    let made = copy(db, &part, lock_timeout).and_then(|()| {
        std::fs::rename(&part, &path).and_then(|()| sync_folder(&path)).map_err(|error| error.to_string())
    });
    if let Err(why) = made {
        let _ = std::fs::remove_file(&part);
        return Err(BackupError { path, why });
    }
    forget_old(db.path(), &path);
    Ok(path)
}

/// The newest copy, if the database was not written to since it was made.
pub(crate) fn of_now(database: &Path) -> Option<PathBuf> {
    let written = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let last_write = ["", "-wal"].into_iter().filter_map(|suffix| written(&sqlite::beside(database, suffix))).max()?;
    let newest = ours(database, SUFFIX).into_iter().max_by_key(|path| age(path, SystemTime::now()))?;
    (written(&newest)? > last_write).then_some(newest)
}

fn copy(db: &LambDb, part: &Path, lock_timeout: Duration) -> Result<(), String> {
    // Open until SQLite is done: to close a file drops the locks that this process has on it.
    let made = create_private(part).map_err(|error| error.to_string())?;
    let sqlite = |error: rusqlite::Error| error.to_string();
    let mut target = open_made(part, &made)?;
    // No other process opens it: a journal would only cost time.
    target.pragma_update(None, "journal_mode", "off").map_err(sqlite)?;
    let backup = Backup::new(db.reading(), &mut target).map_err(sqlite)?;
    let (mut restarts, mut left, mut pages) = (0, i32::MAX, PAGES);
    let mut stuck_since = None;
    let pause = Duration::from_millis(20);
    loop {
        let began = Instant::now();
        match backup.step(pages).map_err(sqlite)? {
            StepResult::Done => break,
            StepResult::More => {
                let now = backup.progress().remaining;
                // As much as before is left where the first pages were copied once more.
                restarts += usize::from(now >= left);
                left = now;
                stuck_since = None;
                if restarts >= RESTARTS {
                    pages = -1;
                }
            }
            // Busy or locked: SQLite has waited for its own timeout already where it could.
            _ if stuck_since.get_or_insert(began).elapsed() + pause >= lock_timeout => {
                return Err("LAMB's database is locked by another process".to_owned());
            }
            _ => std::thread::sleep(pause),
        }
    }
    drop(backup);
    target.close().map_err(|(_, error)| error.to_string())
}

/// Opens the file that was just made. SQLite opens it by its name, under which the owner of the folder can put another
/// file or a link at any moment: nothing is written until SQLite's descriptor is seen to be of the very file.
pub(crate) fn open_made(part: &Path, made: &File) -> Result<Connection, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let target = Connection::open_with_flags(part, flags).map_err(|error| text(&error))?;
    let identity = |meta: &Metadata| (meta.dev(), meta.ino());
    let ours = identity(&made.metadata().map_err(|error| text(&error))?);
    let open = std::fs::read_dir("/proc/self/fd").map_err(|error| format!("/proc/self/fd: {error}"))?;
    let is_ours = |entry: &DirEntry| std::fs::metadata(entry.path()).is_ok_and(|meta| identity(&meta) == ours);
    // One is `made`, the other SQLite's.
    match open.flatten().filter(is_ours).count() {
        2.. => Ok(target),
        _ => Err("another file was put in its place".to_owned()),
    }
}

/// What runs left that were killed: the lock says that none is under way.
fn forget_halves(database: &Path) {
    for path in ours(database, PART) {
        let _ = std::fs::remove_file(path);
    }
}

/// What cannot be removed stays.
fn forget_old(database: &Path, newest: &Path) {
    let mut ours = ours(database, SUFFIX);
    ours.retain(|path| path != newest);
    let now = SystemTime::now();
    ours.sort_by_cached_key(|path| age(path, now));
    let surplus = (ours.len() + 1).saturating_sub(KEEP);
    for path in ours.into_iter().take(surplus) {
        let _ = std::fs::remove_file(path);
    }
}

/// Orders copies from the oldest to the newest, by the file's own time: a name is what a clock said when it was made. A
/// clock that was ahead must not keep its copies for ever, so that a time to come counts as the oldest.
fn age(path: &Path, now: SystemTime) -> (Option<SystemTime>, PathBuf) {
    let written = std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    (written.filter(|written| *written <= now), path.to_owned())
}

/// Only files of exactly our own names.
fn ours(database: &Path, suffix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder(database)) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|n| is_ours(n, suffix))).collect()
}

fn is_ours(name: &str, suffix: &str) -> bool {
    name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(suffix)).is_some_and(|stamp| {
        stamp.len() == "20261123T134012123Z".len() && stamp.bytes().all(|b| b.is_ascii_digit() || b"TZ".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A database of this many pages.
    fn lamb(folder: &Path, pages: i32) -> LambDb {
        let path = folder.join("lamb_v4.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(&include_str!("../sandbox/schema/lamb.sql").replace("{p}", "")).unwrap();
        conn.execute_batch("PRAGMA synchronous = off; CREATE TABLE much (page)").unwrap();
        let sql = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                   INSERT INTO much SELECT zeroblob(4000) FROM n";
        conn.execute(sql, [pages]).unwrap();
        drop(conn);
        LambDb::open_for_change(&path, None, Duration::from_millis(200)).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.contains("backup")).collect()
    }

    /// As the owner of the folder can do it between two calls of this program: by a file, and by a link.
    #[test]
    fn a_file_that_was_put_in_the_place_of_a_new_backup_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (part, other) = (folder.path().join("part"), folder.path().join("other"));
        let made = create_private(&part).unwrap();
        assert!(open_made(&part, &made).is_ok());
        std::fs::write(&other, "").unwrap();
        std::fs::remove_file(&part).unwrap();
        std::os::unix::fs::symlink(&other, &part).unwrap();
        assert_eq!(open_made(&part, &made).unwrap_err(), "another file was put in its place");
        std::fs::rename(&other, &part).unwrap();
        assert_eq!(open_made(&part, &made).unwrap_err(), "another file was put in its place");
        assert_eq!(std::fs::read(&part).unwrap(), b"");
    }

    #[test]
    fn a_constant_writer_does_not_delay_the_backup() {
        let folder = tempfile::tempdir().unwrap();
        let db = lamb(folder.path(), 3 * PAGES);
        let writer = Connection::open(db.path()).unwrap();
        writer.busy_timeout(Duration::from_secs(20)).unwrap();
        writer.execute_batch("PRAGMA synchronous = off").unwrap();
        let done = &AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    writer.execute("UPDATE much SET page = zeroblob(3999) WHERE rowid = 1", []).unwrap();
                }
            });
            let copy = take(&db, Duration::from_secs(20));
            done.store(true, Ordering::Relaxed);
            let copy = Connection::open(copy.unwrap()).unwrap();
            let whole: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(whole, "ok");
        });
    }

    #[test]
    fn a_lock_is_waited_for_up_to_the_timeout() {
        let folder = tempfile::tempdir().unwrap();
        let db = lamb(folder.path(), 1);
        let holder = Connection::open(db.path()).unwrap();
        holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let began = Instant::now();
        let error = take(&db, Duration::from_millis(200)).unwrap_err().to_string();
        assert!(error.contains("locked by another process"), "{error}");
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(names(folder.path()), [""; 0]);
        holder.execute_batch("COMMIT").unwrap();
        take(&db, Duration::from_millis(200)).unwrap();
    }

    #[test]
    fn what_was_left_half_done_goes_before_room_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let db = lamb(folder.path(), 1);
        let half = "lamb-auth.backup-20260102T030405678Z.part";
        let other = "lamb-auth.backup-of-mine.part";
        for name in [half, other] {
            std::fs::write(folder.path().join(name), "half").unwrap();
        }
        let holder = Connection::open(db.path()).unwrap();
        holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
        take(&db, Duration::from_millis(50)).unwrap_err();
        assert_eq!(names(folder.path()), [other]);
    }

    #[test]
    fn only_the_newest_backups_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let db = lamb(folder.path(), 1);
        let old: Vec<String> = (1..=6).map(|day| format!("lamb-auth.backup-2026010{day}T030405678Z.db")).collect();
        let hours = |count| SystemTime::now() - Duration::from_secs(3600) * count;
        for (name, count) in old.iter().zip([6, 5, 4, 3, 2, 1]) {
            std::fs::write(folder.path().join(name), "old").unwrap();
            File::options().write(true).open(folder.path().join(name)).unwrap().set_modified(hours(count)).unwrap();
        }
        // Made while the clock was ahead.
        let ahead = folder.path().join("lamb-auth.backup-20990101T030405678Z.db");
        std::fs::write(&ahead, "ahead").unwrap();
        let to_come = SystemTime::now() + Duration::from_secs(1 << 31);
        File::options().write(true).open(&ahead).unwrap().set_modified(to_come).unwrap();
        std::fs::write(folder.path().join("lamb-auth.backup-mine.db"), "mine").unwrap();
        let newest = take(&db, Duration::from_secs(1)).unwrap();
        let mut left = names(folder.path());
        left.sort();
        let mut should = old[2..].to_vec();
        should.push(newest.file_name().unwrap().to_string_lossy().into_owned());
        should.push("lamb-auth.backup-mine.db".to_owned());
        assert_eq!(left, should);
    }
}
