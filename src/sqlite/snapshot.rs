//! A private copy of a database that cannot be read in place without leaving a trace.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Trouble, beside};
use crate::talk;

/// How often a copy is tried again when somebody wrote meanwhile.
const TRIES: usize = 5;

/// From this size on, in bytes, a copy is worth a word: it takes time and room.
const TELL_ABOVE: u64 = 100 << 20;

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

/// Copies the database, and its journal or wal where there is one, into a folder that only we can read.
pub(super) fn take(path: &Path) -> Result<(tempfile::TempDir, PathBuf), Trouble> {
    let fail = |error: io::Error| Trouble::Snapshot(error.to_string());
    // Only ours, whatever the umask: hashes are in it.
    let private = fs::Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().prefix("lamb-auth-").permissions(private).tempdir().map_err(fail)?;
    let copy = folder.path().join("copy.db");
    let size = fs::metadata(path).map_or(0, |meta| meta.len());
    if size > TELL_ABOVE {
        talk::note(format_args!("copying {} ({} MB) to read it without a trace", path.display(), size >> 20));
    }
    for _ in 0..TRIES {
        let before = state(path).map_err(fail)?;
        for suffix in ["", "-wal", "-journal"] {
            let (from, to) = (beside(path, suffix), beside(&copy, suffix));
            match fs::copy(&from, &to) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {
                    let _ = fs::remove_file(&to); // of an earlier try
                }
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    return Err(Trouble::Unreadable(io::Error::new(
                        error.kind(),
                        format!("{}: {error}", from.display()),
                    )));
                }
                Err(error) => return Err(fail(error)),
            }
        }
        if before == state(path).map_err(fail)? {
            return Ok((folder, copy));
        }
    }
    Err(Trouble::Snapshot(format!("somebody wrote to it during each of {TRIES} tries")))
}

type FileState = Option<(u64, u64, i64, i64, i64, i64)>;

/// What changes when anybody writes: of the database, its wal, its journal, and whether anyone has it open.
fn state(path: &Path) -> io::Result<[FileState; 4]> {
    let of = |suffix: &str| match fs::metadata(beside(path, suffix)) {
        Ok(m) => Ok(Some((m.ino(), m.len(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    Ok([of("")?, of("-wal")?, of("-shm")?, of("-journal")?])
}
