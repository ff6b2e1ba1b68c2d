//! Writing the journal: whole lines only, at the end only.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Journal;
use super::line::{Account, Begin, Counts, Entry, Line, RunId, SCHEMA};
use crate::change::Change;
use crate::change::beside::{beside, open_private, sync_folder};
use crate::change::rows::RowChange;
use crate::clock;
use crate::lamb::db::LambDb;

/// The journal's name, beside LAMB's database.
const FILE_NAME: &str = "lamb-auth.journal.jsonl";

/// So many bytes are gathered before they are written.
const CHUNK: usize = 256 << 10;

/// Where the journal of a database is, where nothing says otherwise.
pub fn default_path(database: &Path) -> PathBuf {
    beside(database, FILE_NAME)
}

/// A run in the journal's file. Nothing is written before the first line of it is due.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    begin: Begin,
    file: Option<File>,
    has_begun: bool,
    torn: bool,
    waiting: Vec<u8>,
    changes: u64,
}

impl FileJournal {
    /// A run of this command, on this database, from now on.
    pub fn new(path: PathBuf, command: &str, db: &LambDb) -> Self {
        let begin = Begin {
            schema: SCHEMA,
            run: RunId::new(),
            time: clock::rfc3339(clock::now()),
            command: command.to_owned(),
            user: user(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            lamb: db.path().to_owned(),
            prefix: db.schema().prefix.as_str().to_owned(),
            counts: None,
            backup: None,
            undoes: None,
        };
        Self { path, begin, file: None, has_begun: false, torn: false, waiting: Vec::new(), changes: 0 }
    }

    /// How many people the run saw.
    #[must_use]
    pub fn with_counts(mut self, counts: Counts) -> Self {
        self.begin.counts = Some(counts);
        self
    }

    /// The copy of the database that was made first.
    #[must_use]
    pub fn with_backup(mut self, backup: Option<PathBuf>) -> Self {
        self.begin.backup = backup;
        self
    }

    /// The run that this one takes back.
    #[must_use]
    pub fn undoing(mut self, run: RunId) -> Self {
        self.begin.undoes = Some(run);
        self
    }

    /// The run's name.
    pub fn run(&self) -> &RunId {
        &self.begin.run
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sees whether the journal can be written, before anything depends on it.
    ///
    /// # Errors
    /// Where it cannot, with the file's name.
    pub fn open(&mut self) -> io::Result<()> {
        self.file().map(drop)
    }

    /// Notes how far the making of an Open WebUI account came; on the disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written down.
    pub fn account(&mut self, account: Account) -> io::Result<()> {
        self.begin()?;
        push(&mut self.waiting, &Line::Account { run: Cow::Borrowed(&self.begin.run), account })?;
        self.flush()
    }

    fn file(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let name = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display()));
            let is_new = !self.path.exists();
            let mut file =
                open_private(&self.path, OpenOptions::new().read(true).append(true).create(true)).map_err(name)?;
            if is_new {
                sync_folder(&self.path).map_err(name)?;
            }
            // A run that was killed while it wrote may have left half a line.
            if file.metadata().map_err(name)?.len() > 0 {
                let mut last = [0];
                file.seek(SeekFrom::End(-1)).map_err(name)?;
                file.read_exact(&mut last).map_err(name)?;
                if last != *b"\n" {
                    self.waiting.push(b'\n');
                }
            }
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("the journal is not open"))
    }

    fn begin(&mut self) -> io::Result<()> {
        self.open()?;
        if !self.has_begun {
            self.has_begun = true;
            push(&mut self.waiting, &Line::Begin(Cow::Borrowed(&self.begin)))?;
        }
        Ok(())
    }

    /// Hands over whole lines: what another process appends never stands inside one.
    fn write(&mut self) -> io::Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let written = self.file()?.write_all(&waiting);
        self.torn |= written.is_err();
        waiting.clear();
        self.waiting = waiting;
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.file()?.sync_data()
    }
}

fn push(waiting: &mut Vec<u8>, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *waiting, line)?;
    waiting.push(b'\n');
    Ok(())
}

impl Journal for FileJournal {
    fn change(&mut self, change: &Change, rows: &[RowChange<'_>]) -> io::Result<()> {
        self.begin()?;
        self.changes += 1;
        let (kind, email) = (Cow::Borrowed(change.kind()), Cow::Borrowed(change.email()));
        let entry = Entry { kind, email, rows: Cow::Borrowed(rows) };
        push(&mut self.waiting, &Line::Change { run: Cow::Borrowed(&self.begin.run), entry })?;
        if self.waiting.len() >= CHUNK { self.write() } else { Ok(()) }
    }

    fn intent(&mut self) -> io::Result<()> {
        self.begin()?;
        let changes = self.changes;
        push(&mut self.waiting, &Line::Intent { run: Cow::Borrowed(&self.begin.run), changes })?;
        self.flush()
    }

    fn done(&mut self, held: Duration) -> io::Result<()> {
        let line = Line::Done {
            run: Cow::Borrowed(&self.begin.run),
            time: clock::rfc3339(clock::now()),
            changes: self.changes,
            lock_ms: u64::try_from(held.as_millis()).unwrap_or(u64::MAX),
        };
        push(&mut self.waiting, &line)?;
        self.flush()
    }

    fn failed(&mut self, why: &str) -> io::Result<()> {
        if !self.has_begun {
            return Ok(());
        }
        let time = clock::rfc3339(clock::now());
        // What a full disk did not take is not worth another try; half a line may be there.
        self.waiting.clear();
        if self.torn {
            self.waiting.push(b'\n');
        }
        push(&mut self.waiting, &Line::Failed { run: Cow::Borrowed(&self.begin.run), time, why: why.to_owned() })?;
        self.flush()
    }
}

/// Who runs this: the name that the session says, and the number that the system knows.
fn user() -> String {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name: String = name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(64).collect();
    let uid = rustix::process::getuid().as_raw();
    if name.is_empty() { format!("uid {uid}") } else { format!("{name} (uid {uid})") }
}
