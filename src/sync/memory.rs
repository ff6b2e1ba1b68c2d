//! Whom an applied sync has seen as a creator, in a small SQLite file beside LAMB's database. It says who was a creator
//! and is gone: such a person is not created again by the way.
//!
//! The file holds no more than this: the e-mail, the ids on both sides, and when the person was first and last seen. It
//! is written after the commit, and can be made anew from LAMB's database at any time.

use std::fs::File;
use std::io;
#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::change::backup;
use crate::email::index::AddressIndex;
use crate::files::open_to_read;
use crate::files::private::{Kind, open_ours, sibling_path};
use crate::lamb::db::LambDb;
use crate::sqlite::{Database, DbError};

/// The file's name, beside LAMB's database.
const FILE_NAME: &str = "lamb-auth.memory.db";

/// Says in the header of the file that it is this program's.
const APPLICATION: i32 = 0x4c61_4d65;

const TABLES: &str = "CREATE TABLE creators (id INTEGER PRIMARY KEY, email TEXT NOT NULL, account TEXT,
        first INTEGER NOT NULL, last INTEGER);
    CREATE TABLE about (prefix TEXT NOT NULL, latest INTEGER NOT NULL);";

const KIND: Kind = Kind {
    name: "memory",
    is_begun_by: |begin| {
        begin.starts_with(b"SQLite format 3\0") && begin.get(68..72) == Some(APPLICATION.to_be_bytes().as_slice())
    },
};

/// Why the memory says nothing, or could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryError {
    /// The file is another one, or not this user's.
    #[error("{path}: {error}")]
    Io {
        /// The path of the memory.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// SQLite cannot read or write it.
    #[error("{path}: {error}; it may be deleted: sync makes it anew")]
    Sqlite {
        /// The path of the memory.
        path: PathBuf,
        /// SQLite's error.
        error: rusqlite::Error,
    },
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] DbError),
}

/// A person who was seen as a creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// The creator's id in LAMB; `None` where only the journal knows.
    pub(crate) id: Option<i64>,
    /// The e-mail.
    pub(crate) email: Box<str>,
    /// The number of the account in Open WebUI, see [`Present::account`]; 0 for none.
    pub(crate) account: u128,
    /// When the person was first seen, in unix seconds.
    pub(crate) first: i64,
    /// When the person was last seen.
    pub(crate) last: i64,
    /// True where an earlier run found the person gone.
    pub(crate) was_gone: bool,
}

/// A creator who is there, to be remembered. What a run has created is borrowed: there may be a million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Present<E = Box<str>> {
    /// The creator's id in LAMB.
    pub(crate) id: i64,
    /// The e-mail.
    pub(crate) email: E,
    /// The number of the account in Open WebUI, see [`crate::owi::file::people::OwiPerson::account`]; 0 for none.
    pub(crate) account: u128,
}

/// What a run has to write down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemoryUpdate {
    /// Creators who are new, are back, or have changed.
    pub(crate) present: Vec<Present>,
    /// The ids of those who are gone since the run before.
    pub(crate) gone: Vec<i64>,
    /// The ids under which a person was known before.
    pub(crate) outdated: Vec<i64>,
}

impl MemoryUpdate {
    /// True where the memory has all of it already.
    pub(crate) fn is_empty(&self) -> bool {
        self.present.is_empty() && self.gone.is_empty() && self.outdated.is_empty()
    }
}

/// The memory of one LAMB.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    prefix: String,
    lock_timeout: Duration,
}

impl Memory {
    /// The memory beside this database, whether or not it is there.
    pub(crate) fn of(db: &LambDb, lock_timeout: Duration) -> Self {
        let prefix = db.schema().prefix.as_str().to_owned();
        Self { path: sibling_path(db.path(), FILE_NAME), prefix, lock_timeout }
    }

    /// Visits all who are remembered; false where there is no memory, or only of other tables. Changes nothing.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub(crate) fn read(&self, visit: &mut dyn FnMut(Remembered)) -> Result<bool, MemoryError> {
        let io = |error| MemoryError::Io { path: self.path.clone(), error };
        if open_to_read(&self.path).map_err(io)?.is_none_or(|file| file.metadata().is_ok_and(|meta| meta.len() == 0)) {
            return Ok(false);
        }
        let db = Database::open_read_only(&self.path, self.lock_timeout)?;
        let conn = &db.conn;
        let read = |visit: &mut dyn FnMut(Remembered)| -> rusqlite::Result<bool> {
            let reading = conn.unchecked_transaction()?;
            let Some(latest) = self.latest(conn)? else { return Ok(false) };
            let mut statement = conn.prepare("SELECT id, email, account, first, last FROM creators")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let last: Option<i64> = row.get(4)?;
                let account = row.get_ref(2)?.as_str_or_null()?.map(|digits| u128::from_str_radix(digits, 16));
                visit(Remembered {
                    id: row.get(0)?,
                    email: row.get::<_, String>(1)?.into(),
                    account: account.and_then(Result::ok).unwrap_or(0),
                    first: row.get(3)?,
                    last: last.unwrap_or(latest),
                    was_gone: last.is_some(),
                });
            }
            drop(rows);
            drop(statement);
            reading.finish()?;
            Ok(true)
        };
        read(visit).map_err(|error| self.failed(error))
    }

    /// When a run last wrote it, in unix seconds; `None` where there is no memory, or only of other tables.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub(crate) fn last_run(&self) -> Result<Option<i64>, MemoryError> {
        let io = |error| MemoryError::Io { path: self.path.clone(), error };
        if open_to_read(&self.path).map_err(io)?.is_none() {
            return Ok(None);
        }
        let db = Database::open_read_only(&self.path, self.lock_timeout)?;
        self.latest(&db.conn).map_err(|error| self.failed(error))
    }

    /// When the last run was; `None` where the memory is of other tables.
    fn latest(&self, conn: &Connection) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT max(latest) FROM about WHERE prefix = ?1";
        conn.query_row(sql, [&self.prefix], |row| row.get(0))
    }

    /// Writes down what a run has seen at this time, and what it `created`. Who is gone for longer than `keep` is
    /// forgotten.
    ///
    /// # Errors
    /// Where it cannot be written: then nothing was.
    pub(crate) fn write<'a>(
        &self,
        update: &'a MemoryUpdate,
        created: impl Iterator<Item = Present<&'a str>>,
        now: i64,
        keep: Duration,
    ) -> Result<(), MemoryError> {
        let (mut conn, _file) = self.open()?;
        let write = || -> rusqlite::Result<()> {
            // One transaction for all: each takes four fsyncs.
            let writing = conn.transaction()?;
            if writing.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))? {
                writing.pragma_update(None, "application_id", APPLICATION)?;
                writing.execute_batch(TABLES)?;
            }
            let latest = self.latest(&writing)?;
            if latest.is_none() {
                // Of other tables, or new.
                writing.execute_batch("DELETE FROM creators; DELETE FROM about")?;
                writing.execute("INSERT INTO about VALUES (?1, ?2)", params![self.prefix, now])?;
            }
            writing.execute("UPDATE about SET latest = ?1", [now])?;
            {
                let mut forget = writing.prepare("DELETE FROM creators WHERE id = ?1")?;
                for id in &update.outdated {
                    forget.execute([id])?;
                }
                let mut gone = writing.prepare("UPDATE creators SET last = ?2 WHERE id = ?1 AND last IS NULL")?;
                for id in &update.gone {
                    gone.execute(params![id, latest.unwrap_or(now)])?;
                }
                let mut keep = writing.prepare(
                    "INSERT INTO creators VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (id) DO UPDATE SET
                        email = excluded.email, account = coalesce(excluded.account, account), last = NULL",
                )?;
                let seen = |one: &'a Present| Present { id: one.id, email: &*one.email, account: one.account };
                for Present { id, email, account } in update.present.iter().map(seen).chain(created) {
                    let account = (account != 0).then(|| format!("{account:032x}"));
                    keep.execute(params![id, email, account, now])?;
                }
            }
            let oldest = now.saturating_sub(i64::try_from(keep.as_secs()).unwrap_or(i64::MAX));
            writing.execute("DELETE FROM creators WHERE last < ?1", [oldest])?;
            writing.commit()
        };
        write().map_err(|error| self.failed(error))
    }

    /// Forgets all that is known of these people, in any spelling. Tells how many were known.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn forget(&self, emails: &[&str]) -> Result<usize, MemoryError> {
        let mut asked = AddressIndex::with_capacity(emails.len());
        let at = |n: u32| emails.get(n as usize).copied().unwrap_or_default();
        for (number, email) in (0..).zip(emails) {
            asked.insert(number, email, at);
        }
        let mut known = Vec::new();
        let is_there = self.read(&mut |person| {
            if asked.find(&person.email, at).is_some() {
                known.extend(person.id);
            }
        })?;
        if !is_there || known.is_empty() {
            return Ok(0);
        }
        let (mut conn, _file) = self.open()?;
        let mut forget = || -> rusqlite::Result<()> {
            let writing = conn.transaction()?;
            {
                let mut delete = writing.prepare("DELETE FROM creators WHERE id = ?1")?;
                for id in &known {
                    delete.execute([id])?;
                }
            }
            writing.commit()?;
            // What is deleted must not stay in free pages.
            conn.execute_batch("VACUUM")
        };
        forget().map_err(|error| self.failed(error))?;
        Ok(known.len())
    }

    /// Opens it for a change, and makes an empty file where there is none. The file is to be held as long as the connection.
    fn open(&self) -> Result<(Connection, File), MemoryError> {
        let io = |error| MemoryError::Io { path: self.path.clone(), error };
        self.remove_empty_journal();
        let opened = open_ours(&self.path, &KIND).map_err(io)?;
        let conn = backup::open_made(&self.path, &opened.file).map_err(|error| io(io::Error::other(error)))?;
        conn.busy_timeout(self.lock_timeout).map_err(|error| self.failed(error))?;
        Ok((conn, opened.file))
    }

    /// As root, SQLite makes its journal, and then gives it to the owner of the database. A run that was killed in between
    /// has left an empty one that is root's, and no other user could write the memory. The caller holds the lock of `sync`.
    fn remove_empty_journal(&self) {
        let mut name = self.path.clone().into_os_string();
        name.push("-journal");
        if std::fs::symlink_metadata(&name).is_ok_and(|meta| meta.is_file() && meta.len() == 0) {
            // If it stays, opening the memory says what is wrong.
            let _ = std::fs::remove_file(&name);
        }
    }

    fn failed(&self, error: rusqlite::Error) -> MemoryError {
        MemoryError::Sqlite { path: self.path.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    use std::iter::empty;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const DAY: i64 = 86_400;

    fn memory(folder: &Path, prefix: &str) -> Memory {
        let lock_timeout = Duration::from_millis(100);
        Memory { path: folder.join(FILE_NAME), prefix: prefix.to_owned(), lock_timeout }
    }

    fn all(memory: &Memory) -> Option<Vec<Remembered>> {
        let mut all = Vec::new();
        memory.read(&mut |person| all.push(person)).unwrap().then_some(all)
    }

    fn present(id: i64, email: &str, account: u128) -> MemoryUpdate {
        MemoryUpdate { present: vec![Present { id, email: email.into(), account }], ..MemoryUpdate::default() }
    }

    #[test]
    fn a_person_who_is_gone_is_known_until_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (memory, keep) = (memory(folder.path(), "x_"), Duration::from_secs(400 * 86_400));
        assert_eq!((all(&memory), memory.forget(&["a@x"]).unwrap()), (None, 0), "a look makes no file");
        assert!(!memory.path.exists());
        memory.write(&present(1, "a@x", 7), empty(), 10, keep).unwrap();
        memory.write(&present(2, "b@x", 0), empty(), 20, keep).unwrap();
        assert_eq!(std::fs::metadata(&memory.path).unwrap().permissions().mode() & 0o777, 0o600);
        let known = |id, email: &str, account, first, last, was_gone| Remembered {
            id: Some(id),
            email: email.into(),
            account,
            first,
            last,
            was_gone,
        };
        let (a, b) = (known(1, "a@x", 7, 10, 20, false), known(2, "b@x", 0, 20, 20, false));
        assert_eq!(all(&memory), Some(vec![a, b.clone()]));
        memory.write(&MemoryUpdate { gone: vec![1], ..MemoryUpdate::default() }, empty(), 30, keep).unwrap();
        memory.write(&MemoryUpdate { gone: vec![1], ..MemoryUpdate::default() }, empty(), 40, keep).unwrap();
        let b = Remembered { last: 40, ..b };
        assert_eq!(all(&memory), Some(vec![known(1, "a@x", 7, 10, 20, true), b.clone()]));
        // Back, under a new address.
        memory.write(&present(1, "a@y", 0), empty(), 50, keep).unwrap();
        assert_eq!(all(&memory).unwrap()[0], known(1, "a@y", 7, 10, 50, false));
        assert_eq!((memory.forget(&[" A@Y"]).unwrap(), all(&memory).unwrap().len()), (1, 1));
        let bytes = std::fs::read(&memory.path).unwrap();
        assert!(!bytes.windows(3).any(|three| three == b"a@y"), "nothing of it is left in the file");
        // The rest stays as long as it was said.
        memory.write(&MemoryUpdate { gone: vec![2], ..MemoryUpdate::default() }, empty(), 60, keep).unwrap();
        memory.write(&MemoryUpdate::default(), empty(), 60 + 399 * DAY, keep).unwrap();
        assert_eq!(all(&memory).unwrap().len(), 1);
        memory.write(&MemoryUpdate::default(), empty(), 60 + 401 * DAY, keep).unwrap();
        assert_eq!(all(&memory), Some(vec![]));
    }

    #[test]
    fn the_memory_of_other_tables_says_nothing_and_another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let keep = Duration::from_secs(1);
        memory(folder.path(), "x_").write(&present(1, "a@x", 0), empty(), 10, keep).unwrap();
        let other = memory(folder.path(), "y_");
        assert_eq!(all(&other), None);
        other.write(&present(1, "b@x", 0), empty(), 20, keep).unwrap();
        assert_eq!(all(&other).unwrap().len(), 1);
        std::fs::write(&other.path, "a file of another program").unwrap();
        assert!(other.read(&mut |_| {}).is_err() && other.write(&MemoryUpdate::default(), empty(), 30, keep).is_err());
        assert_eq!(std::fs::read(&other.path).unwrap(), b"a file of another program");
    }
}
