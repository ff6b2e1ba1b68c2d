//! Opening SQLite files of other programs: read-only, without leaving a trace, and with an error that says what is wrong.

mod bound;
mod idle;
pub(crate) mod mentions;
pub(crate) mod owners;
pub(crate) mod python_json;
mod snapshot;
mod state;
pub(crate) mod value;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::types::{FromSql, FromSqlResult, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use self::bound::Bound;
pub(crate) use self::idle::{in_place, reads_hold};

use crate::exit::ExitStatus;
use crate::{messages, waiting};

/// What can be wrong with a database file. Each is a kind, because each is fixed differently.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {trouble}")]
pub struct DbError {
    /// The file that was tried.
    pub path: PathBuf,
    /// What is wrong with it.
    pub trouble: DbTrouble,
}

impl ExitStatus for DbError {
    fn hint(&self) -> Option<&'static str> {
        Some(match self.trouble {
            DbTrouble::Missing | DbTrouble::Folder => "lamb-auth config shows the path and where it comes from",
            DbTrouble::Empty | DbTrouble::NotADatabase | DbTrouble::Damaged(_) => {
                "check the path: lamb-auth config shows where it comes from"
            }
            DbTrouble::Unreadable(_) | DbTrouble::ReadOnly(_) => {
                "run lamb-auth as the user that LAMB runs as, or fix owner and mode"
            }
            DbTrouble::NoRoom(_) => "check the free space with df, and the limit with ulimit -f",
            DbTrouble::Locked(_) => "find the process with fuser or lsof, or pass a longer --lock-timeout",
            DbTrouble::Snapshot(_) => {
                "check that TMPDIR (else /tmp) has space, or retry when the database is less busy"
            }
            DbTrouble::OtherOwner(_) => "lamb-auth explain wal-owner",
            DbTrouble::Endless => {
                "list them: sqlite3 FILE \"SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'trigger')\""
            }
            DbTrouble::Other(_) => return None,
        })
    }
}

/// The kinds of trouble.
#[derive(Debug, thiserror::Error)]
pub enum DbTrouble {
    #[error("there is no such file")]
    Missing,
    /// A folder stands where the file should be.
    #[error("this is a folder, not a database file")]
    Folder,
    /// No bytes in it.
    #[error("the file is empty (0 bytes): no database was ever written here, or it was cut off")]
    Empty,
    /// Something else than SQLite.
    #[error("this is not an SQLite database")]
    NotADatabase,
    /// The operating system refuses.
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// Another process held a lock for as long as we waited.
    #[error("it is locked by another process, for longer than {} s (--lock-timeout)", .0.as_secs_f32())]
    Locked(Duration),
    /// The file or its folder does not allow writing.
    #[error("it cannot be written: {0}")]
    ReadOnly(String),
    /// Root would change the owner of a file beside it by writing; with the command that does that on purpose.
    #[error(
        "a file beside it belongs to another user, and SQLite, which runs as root here, would change that owner: first run {0}"
    )]
    OtherOwner(String),
    /// A write found no room.
    #[error("it cannot be written: the disk is full, or a limit on the size of files is reached ({0})")]
    NoRoom(String),
    /// Pages that contradict each other.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It could only be read from a private copy, and that could not be made.
    #[error("it can only be read from a private copy just now, and that failed: {0}")]
    Snapshot(String),
    /// A statement took far more work than a file of this size explains.
    #[error("reading or writing it does not end: it has a view or a trigger that runs on and on")]
    Endless,
    /// Anything else that SQLite says.
    #[error("SQLite says: {0}")]
    Other(rusqlite::Error),
}

impl DbError {
    pub(crate) fn new(path: &Path, trouble: DbTrouble) -> Self {
        Self { path: path.to_owned(), trouble }
    }
}

/// An open database, and how it was opened.
#[derive(Debug)]
pub(crate) struct Database {
    /// The connection, for the two repositories.
    pub(crate) conn: Connection,
    path: PathBuf,
    lock_timeout: Duration,
    snapshot: bool,
}

impl Database {
    /// Opens `path` for reading. Creates no file beside it, in neither journal mode; waits at most `lock_timeout`.
    ///
    /// A file in wal mode whose `-wal` and `-shm` are not there (no process has it open) is read from a private copy,
    /// except within [`in_place`]: SQLite would make both files, and `immutable=1` would trust that no process opens it
    /// meanwhile. So is one whose
    /// `-wal` and `-shm` were left by a killed writer and contradict each other: only a writer may fix them, and SQLite
    /// would try for ten seconds to read them all the same. And so is, for root, one
    /// beside which a file belongs to another user: SQLite would change its owner.
    ///
    /// # Errors
    /// [`Trouble`], each kind by itself.
    pub(crate) fn open_read_only(path: &Path, lock_timeout: Duration) -> Result<Self, DbError> {
        match Self::open_in_place(path, lock_timeout)? {
            Some(db) => Ok(db),
            None => Self::open_snapshot(path, lock_timeout),
        }
    }

    /// As [`open_read_only`](Self::open_read_only), but `None` where only a private copy could be read.
    ///
    /// # Errors
    /// [`Trouble`], each kind by itself.
    pub(crate) fn open_in_place(path: &Path, lock_timeout: Duration) -> Result<Option<Self>, DbError> {
        let _waiting = waiting::waiting_for(|| format!("the lock on {}", path.display()));
        let wal_mode = look_at_header(path)?;
        if let Some(reads) = wal_mode.then(|| idle::admit(path)).flatten() {
            return Self::open_idle(path, lock_timeout, reads).map(Some);
        }
        let direct =
            !wal_mode || (beside(path, "-shm").is_file() && beside(path, "-wal").is_file() && !was_killed(path));
        if !direct || owners::that_root_would_change(path).is_some() {
            return Ok(None);
        }
        match Self::open_direct(path, lock_timeout) {
            Err(DbError { trouble: DbTrouble::Other(error), .. }) if snapshot::would_help(&error) => {
                messages::trace(format_args!("{}: {error}; only a private copy could be read", path.display()));
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    fn open_direct(path: &Path, lock_timeout: Duration) -> Result<Self, DbError> {
        // readonly_shm: a shared-memory file that is there is read, never made or changed.
        let uri = format!("file:{}?mode=ro&readonly_shm=1", escape_for_uri(path));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::finish(Connection::open_with_flags(uri, flags), path, lock_timeout, None)
    }

    /// Opens a file of which it will be proven that no process wrote it: without a lock, and without a look for a wal.
    fn open_idle(path: &Path, lock_timeout: Duration, reads: Arc<idle::Reads>) -> Result<Self, DbError> {
        let uri = format!("file:{}?mode=ro&immutable=1", escape_for_uri(path));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::finish(Connection::open_with_flags(uri, flags), path, lock_timeout, Some(reads))
    }

    fn open_snapshot(path: &Path, lock_timeout: Duration) -> Result<Self, DbError> {
        let _waiting = waiting::waiting_for(|| format!("a copy of {}", path.display()));
        wait_for_exclusive_lock(path, lock_timeout)?;
        let copy = snapshot::take(path).map_err(|t| DbError::new(path, t))?;
        messages::trace(format_args!("reading {} from a private copy, {}", path.display(), copy.path().display()));
        // The copy is ours: SQLite may roll its journal back or read its wal as it needs to.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Self::finish(Connection::open_with_flags(copy.path(), flags), path, lock_timeout, None)?;
        // SQLite has read its way into it and needs no name any more; a folder would outlive a kill.
        drop(copy);
        db.snapshot = true;
        Ok(db)
    }

    /// Opens `path` for a change. It must be there; it is never made.
    ///
    /// # Errors
    /// [`Trouble`], [`Trouble::ReadOnly`] where the file or its folder cannot be written.
    pub(crate) fn open_for_change(path: &Path, lock_timeout: Duration) -> Result<Self, DbError> {
        look_at_header(path)?;
        if let Some(owners) = owners::that_root_would_change(path) {
            return Err(DbError::new(path, DbTrouble::OtherOwner(owners.chown())));
        }
        let read_only = |error: std::io::Error| DbError::new(path, DbTrouble::ReadOnly(error.to_string()));
        drop(std::fs::OpenOptions::new().append(true).open(path).map_err(read_only)?);
        // SQLite keeps its journal beside the file.
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)
            .map_err(|error| read_only(std::io::Error::other(format!("its folder {}: {error}", folder.display()))))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::finish(Connection::open_with_flags(path, flags), path, lock_timeout, None)
    }

    fn finish(
        opened: rusqlite::Result<Connection>,
        path: &Path,
        lock_timeout: Duration,
        reads: Option<Arc<idle::Reads>>,
    ) -> Result<Self, DbError> {
        let fail = |error| DbError::new(path, classify(error, lock_timeout));
        let mut conn = opened.map_err(fail)?;
        conn.busy_timeout(lock_timeout).map_err(fail)?;
        // The file is another program's: what stands in its schema gets no more rights than reading.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(fail)?;
        conn.pragma_update(None, "trusted_schema", false).map_err(fail)?;
        // The first read, which takes the schema in, finds out whether the file is locked, damaged or not a database at all.
        let pages = conn.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0));
        let bound = Bound::new(pages.map_err(fail)?.unsigned_abs());
        let reached = bound.clone();
        conn.progress_handler(bound::STEPS_AT_ONCE, Some(move || reached.is_reached())).map_err(fail)?;
        let name = path.display().to_string();
        let ends = reads.is_some() || messages::is_verbose();
        let follow = move |event: TraceEvent<'_>| {
            reads.iter().for_each(|reads| reads.reads());
            match event {
                TraceEvent::Stmt(_, sql) => bound.begins(sql),
                TraceEvent::Profile(statement, took) if messages::is_verbose() => {
                    let sql = statement.sql().split_whitespace().collect::<Vec<_>>().join(" ");
                    messages::trace(format_args!("{name}: {sql} ({:.1} ms)", took.as_secs_f64() * 1e3));
                }
                _ => {}
            }
        };
        let profile = if ends { TraceEventCodes::SQLITE_TRACE_PROFILE } else { TraceEventCodes::empty() };
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT | profile, Some(follow)).map_err(fail)?;
        Ok(Self { conn, path: path.to_owned(), lock_timeout, snapshot: false })
    }

    /// The file as it was asked for, also where a private copy of it is read.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How long it waits for a lock.
    pub(crate) fn lock_timeout(&self) -> Duration {
        self.lock_timeout
    }

    /// True where the file is read from a private copy.
    pub(crate) fn is_snapshot(&self) -> bool {
        self.snapshot
    }

    /// Shows the first column of each row to `look`, as text; not what is no text.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub(crate) fn every_text(&self, sql: &str, look: &mut dyn FnMut(&str)) -> Result<(), DbError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.conn.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if let Ok(text) = row.get_ref(0)?.as_str() {
                    look(text);
                }
            }
            Ok(())
        };
        read().map_err(|error| self.error(error))
    }

    /// Puts the file's name to an error of SQLite.
    pub(crate) fn error(&self, error: rusqlite::Error) -> DbError {
        DbError::new(&self.path, classify(error, self.lock_timeout))
    }
}

/// Any stored value. Text that is not UTF-8, which rusqlite refuses, reads as the bytes that it is.
pub(crate) struct RawValue(pub(crate) Value);

impl FromSql for RawValue {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(match value {
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::Blob(bytes.to_vec()),
            },
            other => other.try_into()?,
        }))
    }
}

/// What `count(*)` came to, in a column of a row.
pub(crate) fn count_at(row: &Row<'_>, at: usize) -> rusqlite::Result<usize> {
    row.get::<_, i64>(at).map(|count| usize::try_from(count).unwrap_or_default())
}

/// The name of a file that SQLite keeps beside a database. Where the database's name is a link, that is beside its target.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let target = path.is_symlink().then(|| path.canonicalize().ok()).flatten();
    let mut name = target.as_deref().unwrap_or(path).as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// True for wal mode. Reads the file's first bytes, so that what is wrong with it gets its own name.
///
/// Closing a file drops the locks that this process holds on it: call this before SQLite opens it, never after.
fn look_at_header(path: &Path) -> Result<bool, DbError> {
    let fail = |trouble| Err(DbError::new(path, trouble));
    let io = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => DbTrouble::Missing,
        ErrorKind::IsADirectory => DbTrouble::Folder,
        _ => DbTrouble::Unreadable(error),
    };
    // Before it is opened: opening a pipe would wait for a writer.
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return fail(DbTrouble::Folder),
        Ok(meta) if !meta.is_file() => return fail(DbTrouble::NotADatabase),
        Ok(meta) if meta.len() == 0 => return fail(DbTrouble::Empty),
        Ok(_) => {}
        Err(error) => return fail(io(error)),
    }
    // SQLite opens these whatever they are.
    for companion in ["-wal", "-shm", "-journal"].map(|suffix| beside(path, suffix)) {
        if std::fs::metadata(&companion).is_ok_and(|meta| !meta.is_file()) {
            let why = format!("{} beside it is not a file", companion.display());
            return fail(DbTrouble::Unreadable(std::io::Error::other(why)));
        }
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return fail(io(error)),
    };
    let mut header = [0_u8; 20];
    match file.read_exact(&mut header) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => Ok(header[18] == 2 || header[19] == 2),
        Ok(()) => fail(DbTrouble::NotADatabase),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => fail(DbTrouble::NotADatabase),
        Err(error) => fail(io(error)),
    }
}

/// True where `-wal` and `-shm` contradict each other, and no other process has them in use: a writer was killed after it
/// began `-wal` anew, and before it said so in `-shm`.
///
/// To be called before SQLite opens the file, as [`look_at_header`].
fn was_killed(path: &Path) -> bool {
    // "WAL-mode File Format": the salts in the header of `-wal`, their copy in that of `-shm`, and the byte on which
    // each process that uses `-shm` holds a lock.
    const IN_WAL: u64 = 16;
    const IN_SHM: u64 = 32;
    const DEAD_MANS_SWITCH: u64 = 128;
    let salts = |file: &File, at: u64| {
        let mut salts = [0; 8];
        std::os::unix::fs::FileExt::read_exact_at(file, &mut salts, at).ok().map(|()| salts)
    };
    let (Ok(wal), Ok(shm)) = (File::open(beside(path, "-wal")), File::open(beside(path, "-shm"))) else { return false };
    let (Some(ours), Some(theirs)) = (salts(&wal, IN_WAL), salts(&shm, IN_SHM)) else { return false };
    ours != theirs && is_held(&shm, FlockType::WriteLock, DEAD_MANS_SWITCH, 1) == Some(false)
}

/// Whether another process holds a lock that rules out this one, on these bytes; `None` where the kernel cannot tell.
fn is_held(file: &File, kind: FlockType, first: u64, size: u64) -> Option<bool> {
    let mut asked = Flock::from(kind);
    (asked.start, asked.length, asked.offset_type) = (first, size, FlockOffsetType::Set);
    fcntl_getlk(file, &asked).ok().map(|holder| holder.is_some())
}

/// Waits while another process keeps every reader out, as one with `locking_mode=EXCLUSIVE` does, be it idle or not. A
/// copy could be read all the same, but LAMB and Open WebUI cannot read the file, so neither does this program.
///
/// To be called before SQLite opens the file, as [`look_at_header`].
fn wait_for_exclusive_lock(path: &Path, lock_timeout: Duration) -> Result<(), DbError> {
    // "File Locking And Concurrency": a reader locks one of these bytes, and an exclusive lock is on all of them.
    const SHARED_FIRST: u64 = 0x4000_0002;
    const SHARED_SIZE: u64 = 510;
    const PAUSE: Duration = Duration::from_millis(10);
    let Ok(file) = File::open(path) else { return Ok(()) };
    let until = Instant::now() + lock_timeout;
    while is_held(&file, FlockType::ReadLock, SHARED_FIRST, SHARED_SIZE) == Some(true) {
        if Instant::now() >= until {
            return Err(DbError::new(path, DbTrouble::Locked(lock_timeout)));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn classify(error: rusqlite::Error, lock_timeout: Duration) -> DbTrouble {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => DbTrouble::Endless,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbTrouble::Locked(lock_timeout),
        Some(ErrorCode::NotADatabase) => DbTrouble::NotADatabase,
        Some(ErrorCode::DatabaseCorrupt) => DbTrouble::Damaged(error.to_string()),
        Some(ErrorCode::ReadOnly) if !snapshot::would_help(&error) => DbTrouble::ReadOnly(error.to_string()),
        Some(ErrorCode::DiskFull) => DbTrouble::NoRoom(error.to_string()),
        _ if has_no_room(&error) => DbTrouble::NoRoom(error.to_string()),
        _ => DbTrouble::Other(error),
    }
}

/// What SQLite calls an I/O error where a write failed, or the memory that is shared in wal mode could not be made.
fn has_no_room(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE};
    error.sqlite_error().is_some_and(|e| [SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE].contains(&e.extended_code))
}

/// The path for a URI of SQLite, byte for byte: it treats `%`, `?` and `#` as its own.
fn escape_for_uri(path: &Path) -> String {
    path.as_os_str().as_bytes().iter().fold(String::new(), |mut uri, byte| {
        match byte {
            b'%' | b'?' | b'#' | 0x80.. => uri.push_str(&format!("%{byte:02x}")),
            _ => uri.push(char::from(*byte)),
        }
        uri
    })
}

#[cfg(test)]
mod tests;
