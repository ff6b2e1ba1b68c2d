//! Reading the journal back: all runs at a glance, or one with every change.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::finished::Finished;
use super::line::{Begin, Entry, Line, RunId};
use super::lines::each_line;
use super::summary::{RunState, RunSummary};
use crate::exit::{Exit, ExitStatus};
use crate::lamb::db::LambDb;

/// How the line of a change begins: what the writer writes, and enough to pass over it.
pub(super) const CHANGE: &str = r#"{"line":"change","#;

/// The whole journal, without the changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// The runs, the oldest first.
    pub runs: Vec<RunSummary>,
    /// How many lines cannot be read; the last one may be half a line of a killed run.
    pub unreadable: u64,
    /// The first of them, by their number from 1.
    pub first_unreadable: Vec<u64>,
    /// How many bytes of a very long journal were not read. What is left began after them.
    pub unread: u64,
}

/// So many unreadable lines are named.
const NAMED: usize = 100;

impl History {
    /// The run of this name, of a beginning that only it has, or the newest by the word `last`.
    ///
    /// # Errors
    /// [`JournalError::NoRun`] and [`JournalError::Ambiguous`].
    pub(crate) fn find(&self, name: &str) -> Result<&RunSummary, JournalError> {
        if name == "last" {
            return self.runs.last().ok_or_else(|| self.no_run(name));
        }
        // Every name begins with the empty text.
        if name.is_empty() {
            return Err(self.no_run(name));
        }
        if let Some(run) = self.runs.iter().find(|run| run.begin.run.as_str() == name) {
            return Ok(run);
        }
        let mut hits = self.runs.iter().filter(|run| run.begin.run.as_str().starts_with(name));
        match (hits.next(), hits.next()) {
            (Some(run), None) => Ok(run),
            (Some(_), Some(_)) => Err(JournalError::Ambiguous(name.to_owned())),
            (None, _) => Err(self.no_run(name)),
        }
    }

    /// How many changes of this database's creators were undone: creators that are gone by that are not lost.
    pub(crate) fn taken_back(&self, db: &LambDb) -> usize {
        let done = self.runs.iter().filter(|run| run.state == RunState::Done && run.begin.is_of(db));
        let undone = done.filter(|run| run.begin.undoes.is_some()).map(RunSummary::total);
        usize::try_from(undone.sum::<u64>()).unwrap_or(usize::MAX)
    }

    fn no_run(&self, name: &str) -> JournalError {
        JournalError::NoRun { name: name.to_owned(), unread: self.unread }
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
    /// The journal has no run of this name, as far as it was read.
    #[error("the journal has no run {name:?}{}\n  lamb-auth history lists its runs", not_read(*.unread))]
    NoRun {
        /// The name that was asked for.
        name: String,
        /// How many bytes at its beginning were not read.
        unread: u64,
    },
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

fn not_read(unread: u64) -> String {
    if unread == 0 { String::new() } else { format!(" (its first {unread} bytes were not read)") }
}

impl ExitStatus for JournalError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoRun { .. } | Self::NothingLeft | Self::Ambiguous(_) => Exit::Usage,
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
    #[serde(borrow, default)]
    email: Cow<'a, str>,
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
    let mut finished = Finished::default();
    let fail = |error| JournalError::Io { path: path.to_owned(), error };
    let unread = each_line(path, |number, text| {
        if !with_changes && text.starts_with(CHANGE) {
            return;
        }
        if let Ok(glimpse) = serde_json::from_str::<Glimpse<'_>>(text)
            && glimpse.line == "change"
        {
            let place = places.get(&glimpse.run);
            if let Some((at, run)) = place.and_then(|at| Some((*at, history.runs.get_mut(*at)?))) {
                finished.changed(&glimpse.kind, &glimpse.email, at);
                match run.changes.get_mut(&*glimpse.kind) {
                    Some(count) => *count += 1,
                    None => drop(run.changes.insert(glimpse.kind.into_owned(), 1)),
                }
            }
            return;
        }
        match serde_json::from_str::<Line<'_>>(text) {
            Ok(line) => {
                match (&line, line.run().and_then(|run| places.get(run))) {
                    (Line::Account { account, .. }, Some(at)) => finished.asked_for_account(&account.email, *at),
                    (Line::Owi { entry, .. }, Some(at)) => finished.asked(&entry.change, *at),
                    _ => {}
                }
                keep(&mut history, &mut places, line);
            }
            Err(_) => {
                history.unreadable += 1;
                history.first_unreadable.extend((history.first_unreadable.len() < NAMED).then_some(number));
            }
        }
    });
    history.unread = unread.map_err(fail)?;
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
    finished.tell(&mut history.runs);
    Ok(history)
}

fn keep(history: &mut History, places: &mut BTreeMap<RunId, usize>, line: Line<'_>) {
    let run = line.run().and_then(|run| places.get(run)).and_then(|at| history.runs.get_mut(*at));
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
                finished_by: None,
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

/// A change line, and the user that it is about.
#[derive(Deserialize)]
pub(super) struct Subject<'a> {
    pub(super) run: RunId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) email: Cow<'a, str>,
}

/// Users that runs on this database made or saw as creators, of those that are asked about, each with the time of the
/// last such run. `None` where no sync was applied to it, as far as the journal says.
///
/// # Errors
/// Where the file is there and cannot be read.
pub(crate) fn seen_creators(
    path: &Path,
    db: &LambDb,
    is_asked: &dyn Fn(&str) -> bool,
) -> Result<Option<HashMap<String, String>>, JournalError> {
    let history = heads(path)?;
    let done = history.runs.iter().filter(|run| run.state == RunState::Done && run.begin.is_of(db));
    let runs: BTreeMap<&RunId, &Begin> = done.map(|run| (&run.begin.run, &run.begin)).collect();
    if !runs.values().any(|begin| begin.command.starts_with("sync")) {
        return Ok(None);
    }
    let mut seen = HashMap::new();
    let visit = |_, text: &str| {
        if !text.starts_with(CHANGE) {
            return;
        }
        let Ok(subject) = serde_json::from_str::<Subject<'_>>(text) else { return };
        let Some(begin) = runs.get(&subject.run).filter(|_| is_asked(&subject.email)) else { return };
        // What an undo left of a creator is not known: such a user counts as a newcomer.
        if begin.undoes.is_some() || subject.kind == "undo" {
            seen.remove(&*subject.email);
        } else {
            seen.insert(subject.email.into_owned(), begin.time.clone());
        }
    };
    each_line(path, visit).map_err(|error| JournalError::Io { path: path.to_owned(), error })?;
    Ok(Some(seen))
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
    let no_run = JournalError::NoRun { name: summary.begin.run.to_string(), unread: 0 };
    load_all(path, vec![summary])?.pop().unwrap_or(Err(no_run))
}

/// The changes of several runs, in the same order. One pass, however many they are.
///
/// # Errors
/// Where the file cannot be read; each run has its own, as [`load`].
pub(crate) fn load_all(
    path: &Path,
    summaries: Vec<RunSummary>,
) -> Result<Vec<Result<Run, JournalError>>, JournalError> {
    let places = summaries.iter().map(|summary| summary.begin.run.as_str().to_owned()).zip(0..);
    let places: HashMap<String, usize> = places.collect();
    let mut gathered: Vec<Gathered> = summaries.iter().map(|_| Gathered::default()).collect();
    let read = each_line(path, |number, text| {
        let Some(run) = run_of(text).and_then(|run| gathered.get_mut(*places.get(&*run)?)) else { return };
        match serde_json::from_str::<Line<'_>>(text) {
            Ok(Line::Change { entry, .. }) => run.entries.push(entry),
            Ok(Line::Intent { changes, .. }) => run.intended = Some(changes),
            Ok(_) => {}
            Err(_) => run.unreadable = Some(number),
        }
    });
    read.map_err(|error| JournalError::Io { path: path.to_owned(), error })?;
    Ok(summaries.into_iter().zip(gathered).map(|(summary, found)| found.whole(path, summary)).collect())
}

/// The run that a line is of: as the writer writes it, also in half a line, or as any other tool writes JSON.
fn run_of(text: &str) -> Option<Cow<'_, str>> {
    const NAME: &str = r#""run":""#;
    #[derive(Deserialize)]
    struct OfRun<'a> {
        #[serde(borrow)]
        run: Cow<'a, str>,
    }
    match text.split_once(NAME).and_then(|(_, rest)| rest.split_once('"')) {
        Some((run, _)) => Some(Cow::Borrowed(run)),
        None => serde_json::from_str::<OfRun<'_>>(text).ok().map(|line| line.run),
    }
}

/// What the lines of one run say.
#[derive(Default)]
struct Gathered {
    entries: Vec<Entry<'static>>,
    intended: Option<u64>,
    /// The last line of the run that cannot be read.
    unreadable: Option<u64>,
}

impl Gathered {
    /// Only a whole run can be undone.
    fn whole(self, path: &Path, summary: RunSummary) -> Result<Run, JournalError> {
        let entries = self.entries;
        let damaged =
            |why: String| JournalError::Damaged { path: path.to_owned(), run: summary.begin.run.clone(), why };
        let is_whole = matches!(summary.state, RunState::Done | RunState::Intended);
        match (self.unreadable, self.intended) {
            (Some(number), _) if is_whole => return Err(damaged(format!("line {number} is not one of ours"))),
            (_, Some(said)) if said != entries.len() as u64 => {
                return Err(damaged(format!("it says {said} changes, {} are there", entries.len())));
            }
            (_, None) if is_whole => return Err(damaged("it does not say how many changes it has".to_owned())),
            _ => {}
        }
        Ok(Run { summary, entries })
    }
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
    const HALF_A_CHANGE: &str = "{\"line\":\"change\",\"run\":\"a\",\"kind\":";
    const INTENT: &str = "{\"line\":\"intent\",\"run\":\"a\",\"changes\":1}";
    const DONE: &str = "{\"line\":\"done\",\"run\":\"a\",\"time\":\"\",\"changes\":1,\"lock_ms\":0}";

    proptest! {
        /// Whatever is in the file, each of its lines is a line of a run, or is told as none.
        #[test]
        fn any_file_is_read(lines in proptest::collection::vec(prop_oneof![
            "\\PC{0,40}",
            Just(HALF_A_CHANGE.to_owned()),
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
            prop_assert_eq!(told.unreadable, unreadable.len() as u64);
            prop_assert_eq!(&told.first_unreadable, &unreadable);

            let Some(began) = lines.iter().position(|line| *line == begin("a", "")) else {
                prop_assert!(told.runs.is_empty());
                let has_none = matches!(load(file.path(), "a"), Err(JournalError::NoRun { .. }));
                prop_assert!(has_none);
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
            let is_spoilt = state != RunState::Begun && lines.iter().any(|line| *line == HALF_A_CHANGE);
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

    /// And each run that it has can be loaded, or the reason is told.
    #[test]
    fn any_mutated_journal_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        crate::mutated::survives("journals", |bytes| {
            std::fs::write(file.path(), bytes).unwrap();
            let told = history(file.path()).unwrap();
            for run in &told.runs {
                match load(file.path(), run.begin.run.as_str()) {
                    Ok(loaded) => assert_eq!(&loaded.summary, run),
                    Err(error) => assert!(matches!(error, JournalError::Damaged { .. }), "{error}"),
                }
            }
        });
    }

    /// However many runs are loaded, the file is read once, and each run has its own lines.
    #[test]
    fn runs_that_are_loaded_together_are_as_if_loaded_alone() {
        let of = |run: &str, line: &str| line.replace("\"a\"", &format!("{run:?}"));
        let runs = ["a", "b", "c", "d"];
        let mut lines: Vec<String> = runs.iter().map(|run| begin(run, "")).collect();
        for run in ["b", "a", "d", "b"] {
            lines.push(of(run, A_CHANGE));
        }
        lines.extend(runs.map(|run| of(run, INTENT)));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join("\n")).unwrap();
        let summaries = history(file.path()).unwrap().runs;
        let together = load_all(file.path(), summaries.clone()).unwrap();
        assert_eq!(together.len(), runs.len());
        for (summary, loaded) in summaries.into_iter().zip(together) {
            let alone = load(file.path(), summary.begin.run.as_str()).map_err(|error| error.to_string());
            let alone = alone.map(|run| (run.summary, run.entries));
            assert_eq!(loaded.map(|run| (run.summary, run.entries)).map_err(|error| error.to_string()), alone);
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
        assert!(matches!(history(file.path()).unwrap().find(""), Err(JournalError::NoRun { .. })));
        std::fs::write(file.path(), format!("{}\n{}\n", begin("abc", ""), begin("abcd", ""))).unwrap();
        let told = history(file.path()).unwrap();
        assert_eq!(told.find("abc").unwrap().begin.run.as_str(), "abc");
        assert!(matches!(told.find("ab"), Err(JournalError::Ambiguous(_))));
        assert_eq!(told.find("last").unwrap().begin.run.as_str(), "abcd");
    }
}
