//! A private copy of a database that cannot be read in place without leaving a trace.
//!
//! Password hashes are in it, so it must not outlive us. Ctrl-C removes it first; what a kill leaves behind, the next
//! copy removes: the living hold a lock inside their folder, which ends with them however they end.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};

use super::state::State;
use super::{DbTrouble, beside};
use crate::interrupt::Shield;
use crate::{files, messages};

/// A copy is tried so often while another process writes, after so many milliseconds each: who opens and closes the
/// database for every request is not met by going on at once.
const TRIES: [u64; 8] = [0, 5, 10, 20, 40, 80, 160, 320];

/// From this size on, in bytes, a copy is worth a word: it takes time and room.
const TELL_ABOVE: u64 = 100 << 20;

/// So many bytes are copied before it is seen whether Ctrl-C came.
const CHUNK: u64 = 4 << 20;

/// How the names of our folders begin. No other folder of ours may begin so: they are removed by it.
const PREFIX: &str = "lamb-auth-copy-";

/// The copy, inside its folder.
const COPY: &str = "copy.db";

/// What SQLite keeps beside a database.
const SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Locked for as long as the folder is in use.
const LOCK: &str = "lock";

/// Its name until it is locked: so [`LOCK`] without a lock on it is surely left over.
const UNLOCKED: &str = "lock.new";

/// A folder that has no [`LOCK`] may be just being made. After so long it is not.
const GIVEN_UP: Duration = Duration::from_secs(600);

/// At most so many entries of the temporary folder are looked at: a look must stay quick in a crowded one.
const LOOK_AT: usize = 50_000;

/// Errors of a read-only connection that a copy, which may be written, does not have.
pub(super) fn would_help(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return false };
    matches!(
        failure.extended_code,
        // A journal that a crashed writer left: only a writer may roll it back.
        ffi::SQLITE_READONLY_ROLLBACK | ffi::SQLITE_READONLY_RECOVERY | ffi::SQLITE_READONLY_CANTINIT
        // The last writer closed, and took -wal and -shm away, after we had looked.
        | ffi::SQLITE_CANTOPEN
        // A writer in wal mode was killed: -shm does not fit -wal any more, and only a writer may make it anew.
        | ffi::SQLITE_PROTOCOL
    )
}

/// A copy in a folder that only we can read. Dropped, it is removed; if Ctrl-C came meanwhile, the program ends then.
#[derive(Debug)]
pub(super) struct Copy {
    folder: Option<tempfile::TempDir>,
    lock: Option<File>,
    shield: Option<Shield>,
}

impl Copy {
    /// An empty folder, locked.
    fn begin(within: &Path) -> io::Result<Self> {
        let shield = Shield::raise();
        // Only ours, whatever the umask: hashes will be in it.
        let private = fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix(PREFIX).permissions(private).tempdir_in(within)?;
        let (unlocked, locked) = (folder.path().join(UNLOCKED), folder.path().join(LOCK));
        let lock = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unlocked)?;
        match lock.try_lock() {
            Ok(()) => {}
            // A file system without locks: there no process gets the lock that would remove the folder for it.
            Err(TryLockError::Error(error)) => messages::trace(format_args!("{}: {error}", unlocked.display())),
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
        }
        fs::rename(&unlocked, &locked)?;
        Ok(Self { folder: Some(folder), lock: Some(lock), shield: Some(shield) })
    }

    /// The copied database.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.as_ref().map(|folder| folder.path().join(COPY)).unwrap_or_default()
    }

    /// Copies one file, or fails where Ctrl-C wants an end.
    fn fill(&self, from: &Path, to: &Path) -> io::Result<()> {
        let from = files::open(from)?;
        let to = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
        // As the folder: whatever the umask, and SQLite must be able to write it, be the original read-only.
        to.set_permissions(fs::Permissions::from_mode(0o600))?;
        while io::copy(&mut io::Read::take(&from, CHUNK), &mut &to)? > 0 {
            if self.shield.as_ref().is_some_and(Shield::holds_back) {
                return Err(io::Error::other("interrupted"));
            }
        }
        Ok(())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What is secret first, the lock last: whatever ends us in between, the rest is known to be left over.
            for suffix in SUFFIXES {
                let _ = fs::remove_file(beside(&folder.path().join(COPY), suffix));
            }
        }
        drop(self.folder.take());
        drop(self.lock.take());
        if let Some(shield) = self.shield.take() {
            shield.lower();
        }
    }
}

/// Copies the database, and its journal or wal where there is one, into a folder that only we can read.
pub(super) fn take(path: &Path) -> Result<Copy, DbTrouble> {
    let fail = |error: io::Error| DbTrouble::Snapshot(error.to_string());
    let within = std::env::temp_dir();
    sweep(&within);
    let copy = Copy::begin(&within).map_err(fail)?;
    let size = fs::metadata(path).map_or(0, |meta| meta.len());
    if size > TELL_ABOVE {
        messages::note(format_args!("copying {} ({} MB) to read it without a trace", path.display(), size >> 20));
    }
    for pause in TRIES {
        std::thread::sleep(Duration::from_millis(pause));
        let before = State::settled(path).map_err(fail)?;
        for suffix in ["", "-wal", "-journal"] {
            let (from, to) = (beside(path, suffix), beside(&copy.path(), suffix));
            match copy.fill(&from, &to) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {
                    let _ = fs::remove_file(&to); // of an earlier try
                }
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    return Err(DbTrouble::Unreadable(io::Error::new(
                        error.kind(),
                        format!("{}: {error}", from.display()),
                    )));
                }
                Err(error) => return Err(fail(error)),
            }
        }
        if before == State::of(path).map_err(fail)? {
            return Ok(copy);
        }
    }
    Err(DbTrouble::Snapshot(format!("another process wrote to it during each of {} tries", TRIES.len())))
}

/// Removes the copies of those who were killed. What cannot be removed stays; nothing here is worth an error.
fn sweep(within: &Path) {
    let Ok(entries) = fs::read_dir(within) else { return };
    for entry in entries.take(LOOK_AT).flatten() {
        let name = entry.file_name();
        if name.as_bytes().starts_with(PREFIX.as_bytes()) && is_left_over(&entry.path()).unwrap_or(false) {
            messages::trace(format_args!("removed {}, which a killed process left", entry.path().display()));
        }
    }
}

/// Removes a folder if it is ours and its process is gone, and says whether it did. By an open folder and by the names
/// that we give, so that nothing else can be hit, were the folder exchanged for a link meanwhile.
fn is_left_over(path: &Path) -> io::Result<bool> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = File::from(rustix::fs::openat(CWD, path, flags, Mode::empty())?);
    let meta = folder.metadata()?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Ok(false);
    }
    // For writing, because some file systems lock nothing that is open for reading only.
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let _lock = match rustix::fs::openat(&folder, LOCK, flags, Mode::empty()) {
        Ok(lock) => {
            let lock = File::from(lock);
            if lock.try_lock().is_err() {
                return Ok(false);
            }
            Some(lock)
        }
        Err(rustix::io::Errno::NOENT) => {
            let age = SystemTime::now().duration_since(meta.modified()?).unwrap_or_default();
            if age < GIVEN_UP {
                return Ok(false);
            }
            None
        }
        Err(error) => return Err(error.into()),
    };
    // The lock last, as in `drop`.
    let copies = SUFFIXES.map(|suffix| format!("{COPY}{suffix}"));
    for name in copies.iter().map(String::as_str).chain([UNLOCKED, LOCK]) {
        match rustix::fs::unlinkat(&folder, OsStr::new(name), AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // A folder only where it is empty: something in it that is not of ours stays.
    fs::remove_dir(path).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A folder as a killed process leaves it.
    fn debris(within: &Path, name: &str, files: &[&str]) -> PathBuf {
        let folder = within.join(name);
        fs::create_dir(&folder).unwrap();
        for file in files {
            fs::write(folder.join(file), "hash").unwrap();
        }
        folder
    }

    #[test]
    fn a_copy_is_readable_by_its_owner_only_and_goes() {
        let within = tempfile::tempdir().unwrap();
        let source = within.path().join("source.db");
        fs::write(&source, vec![7; 5 << 20]).unwrap();
        for mode in [0o444, 0o666] {
            fs::set_permissions(&source, fs::Permissions::from_mode(mode)).unwrap();
            let copy = Copy::begin(within.path()).unwrap();
            copy.fill(&source, &copy.path()).unwrap();
            assert_eq!(fs::metadata(copy.path()).unwrap().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(copy.path().parent().unwrap()).unwrap().mode() & 0o777, 0o700);
            assert!(fs::read(copy.path()).unwrap() == fs::read(&source).unwrap());
            drop(copy);
            assert_eq!(names(within.path()), ["source.db"]);
        }
    }

    #[test]
    fn only_what_the_dead_left_is_swept() {
        let within = tempfile::tempdir().unwrap();
        let at = within.path();
        let living = Copy::begin(at).unwrap();
        fs::write(living.path(), "hash").unwrap();
        debris(at, "lamb-auth-copy-dead", &["copy.db", "copy.db-wal", "copy.db-shm", "copy.db-journal", "lock"]);
        debris(at, "lamb-auth-copy-guest", &["copy.db", "letter", "lock"]);
        debris(at, "lamb-auth-copy-young", &["lock.new"]);
        let old = debris(at, "lamb-auth-copy-old", &["copy.db"]);
        File::open(old).unwrap().set_modified(SystemTime::now() - 2 * GIVEN_UP).unwrap();
        debris(at, "lamb-auth-sandbox-x", &["copy.db", "lock"]);
        debris(at, "else", &["copy.db", "lock"]);
        std::os::unix::fs::symlink(at.join("else"), at.join("lamb-auth-copy-link")).unwrap();
        fs::write(at.join("lamb-auth-copy-file"), "").unwrap();
        let its_lock_is_a_link = debris(at, "lamb-auth-copy-odd", &["copy.db"]);
        std::os::unix::fs::symlink(at.join("else/lock"), its_lock_is_a_link.join("lock")).unwrap();
        sweep(at);
        let mut left = names(at);
        left.retain(|name| !at.join(name).join(COPY).starts_with(living.path().parent().unwrap()));
        assert_eq!(
            left,
            [
                "else",
                "lamb-auth-copy-file",
                "lamb-auth-copy-guest",
                "lamb-auth-copy-link",
                "lamb-auth-copy-odd",
                "lamb-auth-copy-young",
                "lamb-auth-sandbox-x"
            ]
        );
        assert!(living.path().exists());
        assert_eq!(names(&at.join("lamb-auth-copy-guest")), ["letter"]);
        for folder in ["else", "lamb-auth-sandbox-x", "lamb-auth-copy-odd"] {
            assert_eq!(names(&at.join(folder)), ["copy.db", "lock"], "{folder}");
        }
    }

    /// What stands beside a database may be anything, and must not be waited for.
    #[test]
    fn a_pipe_in_place_of_the_wal_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        fs::write(&path, "x").unwrap();
        assert!(std::process::Command::new("mkfifo").arg(beside(&path, "-wal")).status().unwrap().success());
        assert!(matches!(take(&path), Err(DbTrouble::Snapshot(why)) if why.contains("not a regular file")));
    }
}
