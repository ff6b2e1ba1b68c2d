//! Writing the journal: whole lines only, at the end only.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Journal;
use super::line::{AccountState, Begin, Counts, Entry, LONGEST, Line, MadeAccount, OwiEntry, RunId, SCHEMA};
use crate::change::Change;
use crate::change::rename::Renamed;
use crate::change::rows::RowChange;
use crate::clock;
use crate::files::private::{Kind, Opened, open_ours, sibling_path, sync_folder};
use crate::lamb::db::LambDb;
use crate::owi::api::change::OwiChange;

/// The journal's name, beside LAMB's database.
const FILE_NAME: &str = "lamb-auth.journal.jsonl";

/// So many bytes are gathered before they are written.
const CHUNK: usize = 256 << 10;

/// Where the journal of a database is, where nothing says otherwise.
pub(crate) fn default_path(database: &Path) -> PathBuf {
    sibling_path(database, FILE_NAME)
}

/// A run in the journal's file. Nothing is written before the first line of it is due.
#[derive(Debug)]
pub(crate) struct FileJournal {
    path: PathBuf,
    begin: Begin,
    file: Option<File>,
    has_begun: bool,
    /// True once the `begin` line is in the file as a whole.
    is_named: bool,
    /// True where the file may end in half a line.
    torn: bool,
    waiting: Vec<u8>,
    changes: u64,
}

impl FileJournal {
    /// A run of this command, on this database, from now on.
    pub(crate) fn new(path: PathBuf, command: &str, db: &LambDb) -> Self {
        let begin = Begin {
            schema: SCHEMA,
            run: RunId::new(),
            time: clock::rfc3339(clock::now()),
            command: command.to_owned(),
            user: user(),
            version: crate::version::SHORT.to_owned(),
            lamb: db.path().to_owned(),
            prefix: db.schema().prefix.as_str().to_owned(),
            counts: None,
            backup: None,
            undoes: None,
        };
        let (file, waiting) = (None, Vec::new());
        Self { path, begin, file, has_begun: false, is_named: false, torn: false, waiting, changes: 0 }
    }

    /// How many people the run saw.
    #[must_use]
    pub(crate) fn with_counts(mut self, counts: Counts) -> Self {
        self.begin.counts = Some(counts);
        self
    }

    /// The copy of the database that was made first.
    #[must_use]
    pub(crate) fn with_backup(mut self, backup: Option<PathBuf>) -> Self {
        self.begin.backup = backup;
        self
    }

    /// The run that this one undoes.
    #[must_use]
    pub(crate) fn undoing(mut self, run: RunId) -> Self {
        self.begin.undoes = Some(run);
        self
    }

    /// The name of this run.
    pub(crate) fn run(&self) -> &RunId {
        &self.begin.run
    }

    /// Sees whether the journal can be written, before anything depends on it.
    ///
    /// # Errors
    /// Where it cannot, with the file's name.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        self.file().map(drop)
    }

    /// Notes how far the making of an Open WebUI account came; on the disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written down.
    pub(crate) fn account(&mut self, account: MadeAccount) -> io::Result<()> {
        self.note_made(account.state);
        self.begin()?;
        push(&mut self.waiting, &Line::Account { run: Cow::Borrowed(&self.begin.run), account })?;
        self.flush()
    }

    /// Notes how far a change in Open WebUI came; on the disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written down.
    pub(crate) fn owi_change(&mut self, change: &OwiChange, state: AccountState) -> io::Result<()> {
        // The lines of accounts that are made were there before those of other changes.
        if let OwiChange::CreateOwiUser { email, .. } = change {
            return self.account(MadeAccount { email: email.clone(), state });
        }
        self.note_made(state);
        self.begin()?;
        let entry = OwiEntry { change: change.clone(), state };
        push(&mut self.waiting, &Line::Owi { run: Cow::Borrowed(&self.begin.run), entry })?;
        self.flush()
    }

    fn note_made(&self, state: AccountState) {
        if state == AccountState::Made {
            crate::committed::record(self.begin.run.as_str());
        }
    }

    fn file(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let name = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display()));
            // `--journal` may name another file, such as a database.
            let Opened { mut file, is_new } = open_ours(&self.path, &KIND).map_err(name)?;
            if is_new {
                sync_folder(&self.path).map_err(name)?;
            }
            // A run that was killed while it wrote may have left half a line.
            if file.metadata().map_err(name)?.len() > 0 {
                let mut last = [0];
                file.seek(SeekFrom::End(-1)).map_err(name)?;
                file.read_exact(&mut last).map_err(name)?;
                self.torn = last != *b"\n";
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
        if self.torn {
            self.waiting.insert(0, b'\n');
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let written = self.file()?.write_all(&waiting);
        self.torn = written.is_err();
        self.is_named |= self.has_begun && written.is_ok();
        waiting.clear();
        self.waiting = waiting;
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.file()?.sync_data()
    }
}

const KIND: Kind = Kind { name: "journal", is_begun_by: begins_a_journal };

/// The very first line may have been torn before it could be recognized (`{` begins most JSON): then a line of ours
/// must follow, or nothing at all.
fn begins_a_journal(head: &[u8]) -> bool {
    const BEGINNING: &[u8] = b"{\"line\":";
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    if first.starts_with(BEGINNING) {
        return true;
    }
    // A first write of which a full disk took nothing leaves an empty first line.
    let is_torn = BEGINNING.starts_with(first);
    is_torn && (first.len() == head.len() || lines.any(|line| line.starts_with(BEGINNING)))
}

fn push(waiting: &mut Vec<u8>, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *waiting, line)?;
    waiting.push(b'\n');
    Ok(())
}

impl Journal for FileJournal {
    fn change(&mut self, change: &Change, rows: &[RowChange<'_>], renamed: &[Renamed]) -> io::Result<()> {
        self.begin()?;
        self.changes += 1;
        let (kind, email) = (Cow::Borrowed(change.kind()), Cow::Borrowed(change.email_after()));
        let was_student = matches!(change, Change::CreateCreator { is_student: true, .. });
        let entry = Entry { kind, email, was_student, rows: Cow::Borrowed(rows), renamed: renamed.to_vec() };
        let before = self.waiting.len();
        push(&mut self.waiting, &Line::Change { run: Cow::Borrowed(&self.begin.run), entry })?;
        // What cannot be read back cannot be undone.
        if self.waiting.len() - before > LONGEST {
            return Err(io::Error::other(format!(
                "what is written for {} is too long for a line of it",
                change.email()
            )));
        }
        if self.waiting.len() >= CHUNK { self.write() } else { Ok(()) }
    }

    fn intent(&mut self) -> io::Result<()> {
        self.begin()?;
        let changes = self.changes;
        push(&mut self.waiting, &Line::Intent { run: Cow::Borrowed(&self.begin.run), changes })?;
        self.flush()
    }

    fn done(&mut self, held: Duration) -> io::Result<()> {
        crate::committed::record(self.begin.run.as_str());
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
        // What a full disk did not take is not worth another try; but a run without its first line says nothing.
        self.waiting.clear();
        if !self.is_named {
            push(&mut self.waiting, &Line::Begin(Cow::Borrowed(&self.begin)))?;
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
    match (name.as_str(), uid) {
        // A container sets no name.
        ("", 0) => "root".to_owned(),
        ("", _) => format!("uid {uid}"),
        _ => format!("{name} (uid {uid})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::journal::{RunState, history};

    fn journal(path: &Path) -> FileJournal {
        let begin = Begin {
            schema: SCHEMA,
            run: RunId::new(),
            time: String::new(),
            command: "assign-role".to_owned(),
            user: user(),
            version: String::new(),
            lamb: PathBuf::new(),
            prefix: String::new(),
            counts: None,
            backup: None,
            undoes: None,
        };
        let (path, file, waiting) = (path.to_owned(), None, Vec::new());
        FileJournal { path, begin, file, has_begun: false, is_named: false, torn: false, waiting, changes: 0 }
    }

    /// A disk that takes nothing for a while: whatever is there afterwards, each run is there once, and as failed.
    #[test]
    fn a_run_that_failed_has_a_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "{\"li").unwrap();
        for named in [false, true] {
            let mut journal = journal(&path);
            journal.begin().unwrap();
            if named {
                journal.flush().unwrap();
            }
            // Open for reading only: every write fails.
            let good = journal.file.replace(File::open(&path).unwrap());
            journal.intent().unwrap_err();
            journal.file = good;
            journal.failed("the disk is full").unwrap();
            let told = history(&path).unwrap();
            let run = told.find(journal.run().as_str()).unwrap();
            assert_eq!(run.state, RunState::Failed("the disk is full".to_owned()));
        }
        let told = history(&path).unwrap();
        assert_eq!((told.runs.len(), told.first_unreadable), (2, vec![1]));
    }

    /// A run in Open WebUI alone: asked, then made; a later word counts.
    #[test]
    fn what_open_webui_was_asked_for_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = journal(&path);
        let change = OwiChange::ApproveOwiUser { id: "1".to_owned(), email: "o'neil\n@x".to_owned() };
        let new = OwiChange::CreateOwiUser { email: "new@x".to_owned(), name: "N".to_owned() };
        journal.owi_change(&change, AccountState::Asked).unwrap();
        let told = |path: &Path| history(path).unwrap().runs.remove(0);
        assert_eq!(told(&path).owi_changes, [OwiEntry { change: change.clone(), state: AccountState::Asked }]);
        assert_eq!(told(&path).state, RunState::Begun);
        journal.owi_change(&change, AccountState::Made).unwrap();
        journal.owi_change(&new, AccountState::Refused).unwrap();
        journal.intent().unwrap();
        journal.done(Duration::ZERO).unwrap();
        let run = told(&path);
        assert_eq!(run.owi_changes, [OwiEntry { change, state: AccountState::Made }]);
        assert_eq!(run.accounts, [MadeAccount { email: "new@x".to_owned(), state: AccountState::Refused }]);
        assert_eq!((run.total(), run.state), (0, RunState::Done));
    }

    #[test]
    fn only_a_journal_is_written_to() {
        let far = format!("{{\n{}\n{{\"line\":", "x".repeat(64 << 10));
        for (head, is_one) in [
            ("", true),
            ("{", true),
            ("{\"line\"", true),
            ("{\"line\":", true),
            ("{\"line\":\"begin\",", true),
            ("{\"li\n{\"line\":\"begin\"}\n", true),
            ("\n{\"line\":\"begin\"}\n", true),
            ("{\nnot ours\n{\"line\":\"begin\"}\n", true),
            ("{\n \"a\": 1\n}\n", false),
            ("{\n", false),
            ("\n", false),
            ("\n\nDear all,\n", false),
            ("{\"lines\": 1}\n", false),
            ("Dear all,\n{\"line\":\"begin\"}\n", false),
            ("{\n \"a\": {\"line\":1}\n}\n", false),
            (&far, false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            std::fs::write(&path, head).unwrap();
            assert_eq!(open_ours(&path, &KIND).is_ok(), is_one, "{head:.60}");
        }
    }

    #[test]
    fn a_run_that_did_not_begin_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = journal(&path);
        journal.open().unwrap();
        journal.failed("nothing was to be done").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }
}
