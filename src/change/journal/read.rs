//! Reading the journal back: all runs at a glance, or one with every change.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::line::{Begin, Entry, LONGEST, Line, MadeAccount, OwiEntry, RunId};
use crate::exit::{Exit, ExitStatus};
use crate::files::open_to_read;

/// How the line of a change begins: what the writer writes, and enough to pass over it.
const CHANGE: &str = r#"{"line":"change","#;

/// How far a run came, by its own lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunState {
    /// Its transaction was committed.
    Done,
    /// It was rolled back, for this reason.
    Failed(String),
    /// Its changes were on the disk, and nothing says whether they were committed: the database knows.
    Intended,
    /// It was still writing its changes down: it cannot have committed them.
    Begun,
}

/// A run without its changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RunSummary {
    /// The line that the run began with.
    #[serde(flatten)]
    pub begin: Begin,
    /// How far it came.
    pub state: RunState,
    /// How many changes, by kind.
    pub changes: BTreeMap<String, u64>,
    /// Open WebUI accounts that it had made, or tried to.
    pub accounts: Vec<MadeAccount>,
    /// Changes to Open WebUI accounts that it had made, or tried to.
    pub owi_changes: Vec<OwiEntry>,
    /// How long LAMB's database was locked for others, in milliseconds.
    pub lock_ms: Option<u64>,
    /// When it ended, RFC 3339 in UTC.
    pub ended: Option<String>,
    /// The last run that undid it, or a part of it.
    pub undone_by: Option<RunId>,
    /// How many of its changes were undone.
    pub undone: u64,
    /// How many changes its own lines say that it has.
    #[serde(skip)]
    said: u64,
}

impl RunSummary {
    /// How many changes it made, or meant to.
    pub(crate) fn total(&self) -> u64 {
        self.said.max(self.changes.values().sum())
    }

    /// True where it does not say how it ended: it died, or it is still at work.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, RunState::Begun | RunState::Intended)
    }

    /// True where all of it was undone.
    pub(crate) fn is_undone(&self) -> bool {
        self.undone_by.is_some() && self.undone >= self.total()
    }
}

/// The whole journal, without the changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// The runs, the oldest first.
    pub runs: Vec<RunSummary>,
    /// Lines that cannot be read, by their number from 1; the last one may be half a line of a killed run.
    pub unreadable: Vec<u64>,
}

impl History {
    /// The run of this name, of a beginning that only it has, or the newest by the word `last`.
    ///
    /// # Errors
    /// [`JournalError::NoRun`] and [`JournalError::Ambiguous`].
    pub(crate) fn find(&self, name: &str) -> Result<&RunSummary, JournalError> {
        if name == "last" {
            return self.runs.last().ok_or_else(|| JournalError::NoRun(name.to_owned()));
        }
        // Every name begins with the empty text.
        if name.is_empty() {
            return Err(JournalError::NoRun(name.to_owned()));
        }
        if let Some(run) = self.runs.iter().find(|run| run.begin.run.as_str() == name) {
            return Ok(run);
        }
        let mut hits = self.runs.iter().filter(|run| run.begin.run.as_str().starts_with(name));
        match (hits.next(), hits.next()) {
            (Some(run), None) => Ok(run),
            (Some(_), Some(_)) => Err(JournalError::Ambiguous(name.to_owned())),
            (None, _) => Err(JournalError::NoRun(name.to_owned())),
        }
    }
}

/// A run with its changes.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// The run without its changes.
    pub summary: RunSummary,
    /// Its changes, in the order in which they were made.
    pub entries: Vec<Entry<'static>>,
}

/// Why the journal does not tell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// The journal cannot be read.
    #[error("{path}: {error}")]
    Io {
        /// The path of the journal.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// The journal has no run of this name.
    #[error("the journal has no run {0:?}\n  lamb-auth history lists its runs")]
    NoRun(String),
    /// All that can be undone is undone.
    #[error("the journal has no run to undo\n  lamb-auth history lists its runs")]
    NothingLeft,
    /// More than one name begins like this.
    #[error("more than one run begins with {0:?}; type more of its name")]
    Ambiguous(String),
    /// Lines of the run cannot be read, or fewer are there than it says.
    #[error("{path}: run {run} cannot be read whole: {why}")]
    Damaged {
        /// The path of the journal.
        path: PathBuf,
        /// The run whose lines are missing.
        run: RunId,
        /// What is missing, in words.
        why: String,
    },
}

impl ExitStatus for JournalError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoRun(_) | Self::NothingLeft | Self::Ambiguous(_) => Exit::Usage,
            Self::Io { .. } | Self::Damaged { .. } => Exit::CouldNotTell,
        }
    }
}

/// A change line, without the rows.
#[derive(Deserialize)]
struct Glimpse<'a> {
    #[serde(borrow)]
    line: Cow<'a, str>,
    run: RunId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// All runs. No journal is an empty one.
///
/// # Errors
/// Where the file is there and cannot be read.
pub(crate) fn history(path: &Path) -> Result<History, JournalError> {
    read(path, true)
}

/// All runs without the kinds of their changes: quick, however many changes there are.
///
/// # Errors
/// Where the file is there and cannot be read.
pub(crate) fn heads(path: &Path) -> Result<History, JournalError> {
    read(path, false)
}

fn read(path: &Path, with_changes: bool) -> Result<History, JournalError> {
    let mut history = History::default();
    let mut places: BTreeMap<RunId, usize> = BTreeMap::new();
    each_line(path, |number, text| {
        if !with_changes && text.starts_with(CHANGE) {
            return;
        }
        if let Ok(glimpse) = serde_json::from_str::<Glimpse<'_>>(text)
            && glimpse.line == "change"
        {
            if let Some(run) = places.get(&glimpse.run).and_then(|at| history.runs.get_mut(*at)) {
                match run.changes.get_mut(&*glimpse.kind) {
                    Some(count) => *count += 1,
                    None => drop(run.changes.insert(glimpse.kind.into_owned(), 1)),
                }
            }
            return;
        }
        match serde_json::from_str::<Line<'_>>(text) {
            Ok(line) => keep(&mut history, &mut places, line),
            Err(_) => history.unreadable.push(number),
        }
    })?;
    let undoing: Vec<(RunId, RunId, u64)> = history
        .runs
        .iter()
        .filter(|run| run.state == RunState::Done)
        .filter_map(|run| Some((run.begin.undoes.clone()?, run.begin.run.clone(), run.total())))
        .collect();
    for (undone, by, changes) in undoing {
        if let Some(run) = places.get(&undone).and_then(|at| history.runs.get_mut(*at)) {
            run.undone_by = Some(by);
            // As many as a line says, and a line may say anything.
            run.undone = run.undone.saturating_add(changes);
        }
    }
    Ok(history)
}

fn keep(history: &mut History, places: &mut BTreeMap<RunId, usize>, line: Line<'_>) {
    let run = match &line {
        Line::Begin(_) | Line::Change { .. } => None,
        Line::Account { run, .. }
        | Line::Owi { run, .. }
        | Line::Intent { run, .. }
        | Line::Done { run, .. }
        | Line::Failed { run, .. } => places.get(&**run).and_then(|at| history.runs.get_mut(*at)),
    };
    match line {
        Line::Begin(begin) => {
            let begin = begin.into_owned();
            // Once more after a write that failed half-way: the same run.
            if places.contains_key(&begin.run) {
                return;
            }
            places.insert(begin.run.clone(), history.runs.len());
            history.runs.push(RunSummary {
                begin,
                state: RunState::Begun,
                changes: BTreeMap::new(),
                accounts: Vec::new(),
                owi_changes: Vec::new(),
                lock_ms: None,
                ended: None,
                undone_by: None,
                undone: 0,
                said: 0,
            });
        }
        line => {
            if let Some(run) = run {
                end(run, line);
            }
        }
    }
}

/// What a later line says of its run.
fn end(run: &mut RunSummary, line: Line<'_>) {
    match line {
        Line::Account { account, .. } => {
            run.accounts.retain(|known| known.email != account.email);
            run.accounts.push(account);
        }
        Line::Owi { entry, .. } => {
            run.owi_changes.retain(|known| known.change != entry.change);
            run.owi_changes.push(entry);
        }
        Line::Intent { changes, .. } => (run.state, run.said) = (RunState::Intended, changes),
        Line::Done { time, lock_ms, changes, .. } => {
            run.said = changes;
            (run.state, run.lock_ms, run.ended) = (RunState::Done, Some(lock_ms), Some(time));
        }
        Line::Failed { time, why, .. } => (run.state, run.ended) = (RunState::Failed(why), Some(time)),
        Line::Begin(_) | Line::Change { .. } => {}
    }
}

/// One run with every change.
///
/// # Errors
/// [`JournalError`]; also where lines of it are missing: only a whole run can be undone.
pub(crate) fn load(path: &Path, name: &str) -> Result<Run, JournalError> {
    load_whole(path, history(path)?.find(name)?.clone())
}

/// The changes of a run that was found in the [`history`] already.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_whole(path: &Path, summary: RunSummary) -> Result<Run, JournalError> {
    let mut entries = Vec::new();
    let mut intended = None;
    let mut unreadable = None;
    let id = summary.begin.run.clone();
    each_line(path, |number, text| {
        // Cheap, before the whole line is taken apart: the name stands in every line of the run.
        if !text.contains(id.as_str()) {
            return;
        }
        match serde_json::from_str::<Line<'_>>(text) {
            Ok(Line::Change { run, entry }) if *run == id => entries.push(entry),
            Ok(Line::Intent { run, changes }) if *run == id => intended = Some(changes),
            Ok(_) => {}
            Err(_) => unreadable = Some(number),
        }
    })?;
    let damaged = |why: String| JournalError::Damaged { path: path.to_owned(), run: summary.begin.run.clone(), why };
    let is_whole = matches!(summary.state, RunState::Done | RunState::Intended);
    match (unreadable, intended) {
        (Some(number), _) if is_whole => return Err(damaged(format!("line {number} is not one of ours"))),
        (_, Some(said)) if said != entries.len() as u64 => {
            return Err(damaged(format!("it says {said} changes, {} are there", entries.len())));
        }
        (_, None) if is_whole => return Err(damaged("it does not say how many changes it has".to_owned())),
        _ => {}
    }
    Ok(Run { summary, entries })
}

fn each_line(path: &Path, mut visit: impl FnMut(u64, &str)) -> Result<(), JournalError> {
    let fail = |error| JournalError::Io { path: path.to_owned(), error };
    let Some(file) = open_to_read(path).map_err(fail)? else { return Ok(()) };
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = io::Read::take(&mut reader, LONGEST as u64).read_until(b'\n', &mut line).map_err(fail)?;
        if read == 0 {
            break;
        }
        // A line that is no text is no line of ours: it counts as unreadable, and the rest goes on.
        let text = std::str::from_utf8(&line).unwrap_or("?").trim_end();
        if !text.is_empty() {
            visit(number, text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn begin(run: &str, more: &str) -> String {
        format!(
            "{{\"line\":\"begin\",\"schema\":1,\"run\":\"{run}\",\"time\":\"\",\"command\":\"\",\"user\":\"\",\"version\":\"\",\"lamb\":\"\",\"prefix\":\"\"{more}}}"
        )
    }

    const A_CHANGE: &str = "{\"line\":\"change\",\"run\":\"a\",\"kind\":\"k\",\"email\":\"e\",\"rows\":[]}";
    const INTENT: &str = "{\"line\":\"intent\",\"run\":\"a\",\"changes\":1}";
    const DONE: &str = "{\"line\":\"done\",\"run\":\"a\",\"time\":\"\",\"changes\":1,\"lock_ms\":0}";

    proptest! {
        /// Whatever is in the file, each of its lines is a line of a run, or is told as none.
        #[test]
        fn any_file_is_read(lines in proptest::collection::vec(prop_oneof![
            "\\PC{0,40}",
            Just(begin("a", "")),
            Just(A_CHANGE.to_owned()),
            Just(INTENT.to_owned()),
            Just(DONE.to_owned()),
        ], 0..12)) {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), lines.join("\n")).unwrap();
            let told = history(file.path()).unwrap();

            let is_ours = |line: &&String| *line == &begin("a", "") || [A_CHANGE, INTENT, DONE].contains(&&***line);
            let garbage = |line: &String| !is_ours(&line) && !line.trim_end().is_empty();
            let unreadable: Vec<u64> =
                (1..).zip(&lines).filter(|(_, line)| garbage(line)).map(|(number, _)| number).collect();
            prop_assert_eq!(&told.unreadable, &unreadable);

            let Some(began) = lines.iter().position(|line| *line == begin("a", "")) else {
                prop_assert!(told.runs.is_empty());
                prop_assert!(matches!(load(file.path(), "a"), Err(JournalError::NoRun(_))));
                return Ok(());
            };
            let of_run = &lines[began..];
            let state = match of_run.iter().rev().find(|line| [INTENT, DONE].contains(&line.as_str())) {
                None => RunState::Begun,
                Some(line) if line == DONE => RunState::Done,
                Some(_) => RunState::Intended,
            };
            let count = |lines: &[String]| lines.iter().filter(|line| *line == A_CHANGE).count();
            prop_assert_eq!(told.runs.len(), 1);
            prop_assert_eq!(&told.runs[0].state, &state);
            prop_assert_eq!(told.runs[0].changes.get("k").copied().unwrap_or(0), count(of_run) as u64);

            let changes = count(&lines);
            let is_told = lines.iter().any(|line| line == INTENT);
            let is_spoilt = state != RunState::Begun && lines.iter().any(|line| garbage(line) && line.contains('a'));
            let is_whole = if is_told { changes == 1 } else { state == RunState::Begun };
            match load(file.path(), "a") {
                Ok(run) => {
                    prop_assert!(is_whole && !is_spoilt);
                    prop_assert_eq!(run.entries.len(), changes);
                }
                Err(error) => {
                    prop_assert!(!is_whole || is_spoilt, "{}", error);
                    let is_damaged = matches!(error, JournalError::Damaged { .. });
                    prop_assert!(is_damaged, "{}", error);
                }
            }
        }
    }

    /// Numbers that no run has are no reason to fall over.
    #[test]
    fn a_journal_that_lies_about_numbers_is_read() {
        let end = |run: &str| {
            let most = u64::MAX;
            format!("{{\"line\":\"done\",\"run\":\"{run}\",\"time\":\"\",\"changes\":{most},\"lock_ms\":{most}}}")
        };
        let undoes = ",\"undoes\":\"a\"";
        let lines = [begin("a", ""), end("a"), begin("b", undoes), end("b"), begin("c", undoes), end("c")];
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join("\n")).unwrap();
        let told = history(file.path()).unwrap();
        let run = told.find("a").unwrap();
        assert_eq!((run.undone, run.total(), run.is_undone()), (u64::MAX, u64::MAX, true));
        assert!(matches!(load(file.path(), "a"), Err(JournalError::Damaged { .. })));
    }

    #[test]
    fn a_run_is_found_by_no_less_than_a_letter() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), begin("abc", "")).unwrap();
        assert!(matches!(history(file.path()).unwrap().find(""), Err(JournalError::NoRun(_))));
        std::fs::write(file.path(), format!("{}\n{}\n", begin("abc", ""), begin("abcd", ""))).unwrap();
        let told = history(file.path()).unwrap();
        assert_eq!(told.find("abc").unwrap().begin.run.as_str(), "abc");
        assert!(matches!(told.find("ab"), Err(JournalError::Ambiguous(_))));
        assert_eq!(told.find("last").unwrap().begin.run.as_str(), "abcd");
    }
}
