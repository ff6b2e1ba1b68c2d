//! Only one `sync --apply` at a time: a lock that the system takes away from a holder that dies.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::open_to_read;
use crate::files::private::{Kind, open_ours, sibling_path};

/// The lock file's name, beside LAMB's database.
pub(crate) const FILE_NAME: &str = "lamb-auth.sync.lock";

/// The lock, held while this lives. The file stays: taking it away would let two others hold two locks.
#[derive(Debug)]
pub(crate) struct SyncLock(File);

/// Why the lock cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another process holds it.
    // A terminal that is closed on the host does not end what `docker-compose exec` started in the container.
    #[error(
        "another sync is running (process {holder}, {path})\n  wait until it ends; if its terminal \
         was closed, it waits for --answer-timeout, or until you end it"
    )]
    Held {
        /// The process id that it wrote, or what stands there in its place. In another container it is another's.
        holder: String,
        /// The path of the lock.
        path: PathBuf,
    },
    /// The file cannot be made or locked.
    #[error("{path}: {error}")]
    Io {
        /// The path of the lock.
        path: PathBuf,
        /// The error of the system.
        error: std::io::Error,
    },
}

/// How long a look at the lock takes at most, and how many of them are waited for.
const A_LOOK: Duration = Duration::from_millis(10);
const LOOKS: u32 = 3;

/// The process that holds the lock of this database, as it wrote itself down; `None` if none does, or it is unknown.
///
/// Makes no file and changes none.
pub(crate) fn holder(database: &Path) -> Option<String> {
    let file = open_to_read(&sibling_path(database, FILE_NAME)).ok()??;
    // Shared: those who look are not in each other's way.
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| note_in(&file))
}

const KIND: Kind = Kind { name: "lock", is_begun_by: |begin| process_in(begin).is_some() };

/// The process id in the file, or a word for none.
fn note_in(file: &File) -> String {
    let mut note = [0; 32];
    let read = file.read_at(&mut note, 0).unwrap_or_default();
    process_in(&note[..read]).unwrap_or("unknown").to_owned()
}

/// A process id and nothing else: the file may be another one under this name.
fn process_in(note: &[u8]) -> Option<&str> {
    let note = str::from_utf8(note).ok()?.trim_ascii_end();
    (!note.is_empty() && note.len() <= 10 && note.bytes().all(|byte| byte.is_ascii_digit())).then_some(note)
}

impl SyncLock {
    /// Takes the lock for this database. Waits only for processes that look whether it is held ([`holder`]).
    ///
    /// It is the system's lock (`flock`) on the file, not the process id in it: that is for people, and a dead
    /// holder's lock is gone with it, in whatever container it lived.
    ///
    /// # Errors
    /// [`LockError`].
    pub(crate) fn take(database: &Path) -> Result<Self, LockError> {
        let path = sibling_path(database, FILE_NAME);
        let io = |error| LockError::Io { path: path.clone(), error };
        let mut file = open_ours(&path, &KIND).map_err(io)?.file;
        let mut locked = file.try_lock();
        for _ in 0..LOOKS {
            if !matches!(locked, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(A_LOOK);
            locked = file.try_lock();
        }
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: note_in(&file), path }),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let note = |file: &mut File| {
            file.set_len(0)?;
            writeln!(file, "{}", std::process::id())
        };
        // For people only: on a full disk, what fails next says so better.
        let _ = note(&mut file);
        Ok(Self(file))
    }
}

impl Drop for SyncLock {
    fn drop(&mut self) {
        // The number of a process that is gone must not stay.
        let _ = self.0.set_len(0);
        // A child process that was forked a moment ago, and has not run exec yet, has the file open too.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_has_one_holder_and_a_dead_holder_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("lamb_v4.db");
        // What a killed process leaves behind: its number, and no lock.
        std::fs::write(folder.path().join(FILE_NAME), "4194304\n").unwrap();
        let first = SyncLock::take(&database).unwrap();
        let error = SyncLock::take(&database).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        SyncLock::take(&database).unwrap();
    }

    #[test]
    fn a_look_at_the_lock_names_the_holder_and_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("lamb_v4.db");
        assert_eq!(holder(&database), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let lock = SyncLock::take(&database).unwrap();
        assert_eq!(holder(&database), Some(std::process::id().to_string()));
        drop(lock);
        assert_eq!(holder(&database), None);
        // A dead one's number, and no lock.
        std::fs::write(folder.path().join(FILE_NAME), "4194304\n").unwrap();
        assert_eq!(holder(&database), None);
    }

    #[test]
    fn a_look_at_the_lock_does_not_stop_a_sync() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("lamb_v4.db");
        drop(SyncLock::take(&database).unwrap());
        let looking = File::open(folder.path().join(FILE_NAME)).unwrap();
        looking.try_lock_shared().unwrap();
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| SyncLock::take(&database).map(drop));
            std::thread::sleep(A_LOOK / 2);
            looking.unlock().unwrap();
            taken.join().unwrap().unwrap();
        });
    }
}
