//! What changes with every write to a database: the proof that what was read meanwhile is of one moment.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::beside;

/// Of the database, its `-wal`, its `-shm` and its `-journal`; `None` where there is no such file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State([Option<FileState>; 4]);

#[derive(Debug, PartialEq, Eq)]
struct FileState {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds since 1970 in UTC, as the rest of its times.
    modified: (i64, i64),
    /// The content, the owner, the mode, or the number of names.
    changed: (i64, i64),
}

/// Two changes closer to each other may leave the same times, where it is known how coarsely the clock of a file system
/// ticks: Linux counts at 100 Hz or faster.
const TICK: Duration = Duration::from_millis(20);

/// The same where it is not known. (FAT counts in two seconds. Git waits as long: "racily clean".)
pub(super) const MARGIN: Duration = Duration::from_secs(2);

/// File systems whose times change with every write, by the clock of this kernel. By their numbers in `statfs`: ext2 to
/// ext4, XFS, Btrfs, tmpfs. What an overlay lies on cannot be seen from inside a container.
const LOCAL: [u64; 4] = [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994];

/// True where the file system is one of [`LOCAL`].
pub(super) fn is_local(file: &File) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|fs| u64::try_from(fs.f_type).is_ok_and(|kind| LOCAL.contains(&kind)))
}

impl State {
    /// As it is now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let of = |suffix: &str| match fs::metadata(beside(path, suffix)) {
            Ok(meta) => Ok(Some(FileState::of(&meta))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        Ok(Self([of("")?, of("-wal")?, of("-shm")?, of("-journal")?]))
    }

    /// As [`of`](Self::of), after so much time that a later change leaves other times. Waits 2 s at most, and where the
    /// clock of the file system is known, 20 ms.
    pub(super) fn settled(path: &Path) -> io::Result<Self> {
        let state = Self::of(path)?;
        let margin = if File::open(path).is_ok_and(|file| is_local(&file)) { TICK } else { MARGIN };
        if state.is_older_than(margin) {
            return Ok(state);
        }
        std::thread::sleep(margin);
        Self::of(path)
    }

    /// True where the database is there, and nothing beside it: no process has it open.
    pub(super) fn is_alone(&self) -> bool {
        matches!(self.0, [Some(_), None, None, None])
    }

    /// True where the last change is longer ago. A time in the future is none that can be trusted.
    pub(super) fn is_older_than(&self, margin: Duration) -> bool {
        let last = self.0.iter().flatten().map(|file| file.modified.max(file.changed)).max();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        last.and_then(|(seconds, nanoseconds)| {
            Some(Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanoseconds).ok()?))
        })
        .is_some_and(|last| now.checked_sub(last).is_some_and(|age| age > margin))
    }
}

impl FileState {
    fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}
