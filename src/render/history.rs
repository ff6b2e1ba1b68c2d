//! `history`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::json::output;
use super::sheet::{Sheet, Tone};
use super::{View, line_with_schema};
use crate::change::journal::fate::Fate;
use crate::change::journal::{AccountState, Entry, RunId, RunState, RunSummary};
use crate::change::rows::{Columns, RowChange};
use crate::clock;

/// A run, and what became of it; `None` where that could not be told.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RunRow<'a> {
    #[serde(flatten)]
    pub summary: &'a RunSummary,
    /// What became of it; null where that could not be told.
    pub fate: Option<Fate>,
}

/// All runs of a journal, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct History<'a> {
    /// The file that was read.
    journal: &'a Path,
    runs: &'a [RunRow<'a>],
}

/// One run of the list, as a line of `-o jsonl`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunLine<'a> {
    run: &'a RunRow<'a>,
}

/// One run with every change.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WholeRun<'a> {
    run: RunWithEntries<'a>,
}

/// A run with every change.
#[derive(Debug, Serialize, JsonSchema)]
struct RunWithEntries<'a> {
    #[serde(flatten)]
    row: &'a RunRow<'a>,
    /// What it did to the rows of LAMB's database.
    entries: Vec<Entry<'static>>,
}

impl RunRow<'_> {
    fn outcome(&self) -> (String, Tone) {
        if let Some(by) = &self.summary.undone_by {
            let (undone, of) = (self.summary.undone, self.summary.total());
            let part = if self.summary.is_undone() { String::new() } else { format!("{undone} of {of} ") };
            return (format!("{part}undone by {by}"), Tone::Faint);
        }
        let why = match &self.summary.state {
            RunState::Failed(why) => why.lines().next().unwrap_or_default(),
            _ => "",
        };
        match &self.fate {
            // Without a last line a run has died, or is still at work: from here they look alike.
            None => ("not finished; unknown whether it is in the database".to_owned(), Tone::Warn),
            Some(Fate::Done) => match self.count_in_open_webui(AccountState::Asked) {
                0 => ("done".to_owned(), Tone::Good),
                asked => (format!("done; it is unknown whether Open WebUI made {}", changes(asked)), Tone::Warn),
            },
            Some(Fate::Failed) => (why.to_owned(), Tone::Bad),
            Some(Fate::AtWork) => ("still running".to_owned(), Tone::Warn),
            Some(Fate::NeverCommitted) => {
                ("not finished: stopped or still running; the database has none of it".to_owned(), Tone::Warn)
            }
            Some(Fate::RolledBack) => (
                "not finished: stopped at the commit, or still there; the database has none of it".to_owned(),
                Tone::Warn,
            ),
            Some(Fate::OnlyInOpenWebui) => {
                let made = changes(self.count_in_open_webui(AccountState::Made));
                let why = if why.is_empty() { "the run stopped, and LAMB's database has none of it" } else { why };
                (format!("partly done: Open WebUI made {made}; {why}"), Tone::Warn)
            }
            Some(Fate::FinishedLater) => {
                let by = self.summary.finished_by.as_ref().map_or("a later run", RunId::as_str);
                (format!("Open WebUI's half only; finished by {by}"), Tone::Good)
            }
            Some(Fate::UnknownInOpenWebui) if why.is_empty() => {
                let asked = changes(self.count_in_open_webui(AccountState::Asked));
                let text =
                    "not finished: stopped or still running; LAMB's database has none of it, Open WebUI may have made";
                (format!("{text} {asked}"), Tone::Warn)
            }
            Some(Fate::UnknownInOpenWebui) => (why.to_owned(), Tone::Warn),
            Some(Fate::Committed) => {
                ("done: the database has it, but the run stopped before it was recorded".to_owned(), Tone::Good)
            }
            Some(Fate::Unclear { there, of }) => {
                (format!("not finished: {there} of its {of} rows are in the database as the run left them"), Tone::Warn)
            }
        }
    }

    /// How many of its changes in Open WebUI came so far.
    fn count_in_open_webui(&self, state: AccountState) -> usize {
        self.summary.states_in_open_webui().filter(|found| *found == state).count()
    }

    fn what(&self) -> String {
        let accounts = self.summary.accounts.iter().filter(|account| account.state == AccountState::Made).count();
        let accounts = (accounts > 0).then(|| format!("{accounts} owi-account"));
        let changes = self.summary.changes.iter().map(|(kind, count)| format!("{count} {kind}"));
        let mut in_owi: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in self.summary.owi_changes.iter().filter(|entry| entry.state == AccountState::Made) {
            *in_owi.entry(entry.change.kind()).or_default() += 1;
        }
        let in_owi = in_owi.into_iter().map(|(kind, count)| format!("{count} {kind}"));
        let all: Vec<String> = changes.chain(accounts).chain(in_owi).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
    }
}

fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

/// All runs, the newest first.
pub(crate) fn history(journal: &Path, runs: &[RunRow<'_>]) -> View {
    let json = output("history", History { journal, runs });
    if runs.is_empty() {
        let sheet = Sheet::default().text(format!("The journal has no changes: {}", journal.display()));
        return View { json, sheet };
    }
    let rows = runs.iter().map(|run| {
        vec![
            (run.summary.begin.run.to_string(), Tone::Plain),
            (run.summary.begin.command.clone(), Tone::Plain),
            (run.summary.begin.user.clone(), Tone::Faint),
            (run.what(), Tone::Plain),
            run.outcome(),
        ]
    });
    View { json, sheet: Sheet::default().grid(&["RUN", "COMMAND", "BY", "CHANGES", "OUTCOME"], rows.collect()) }
}

/// The same, each run as a JSON object on a line.
pub(crate) fn history_lines(runs: &[RunRow<'_>]) -> String {
    runs.iter().map(|run| line_with_schema(&output("history", RunLine { run }))).collect()
}

/// One run, with every change. `limit`: the most rows in the table; JSON has all.
pub(crate) fn run(row: &RunRow<'_>, entries: &[Entry<'_>], limit: usize) -> View {
    let begin = &row.summary.begin;
    let (outcome, tone) = row.outcome();
    let mut fields = vec![
        ("Outcome", outcome, tone),
        ("Command", begin.command.clone(), Tone::Plain),
        ("By", begin.user.clone(), Tone::Plain),
        ("Began", begin.time.clone(), Tone::Plain),
        ("Changes", row.what(), Tone::Plain),
    ];
    fields.extend(row.summary.lock_ms.map(|ms| {
        let text = if ms < 10_000 {
            format!("{ms} ms")
        } else {
            clock::in_words(i64::try_from(ms / 1000).unwrap_or(i64::MAX))
        };
        ("Lock held", text, Tone::Plain)
    }));
    fields.extend(begin.backup.as_ref().map(|path| ("Backup", path.display().to_string(), Tone::Plain)));
    fields.extend(row.summary.finished_by.as_ref().map(|run| ("Finished by", run.to_string(), Tone::Plain)));
    fields.extend(begin.undoes.as_ref().map(|run| ("Undoes", run.to_string(), Tone::Plain)));
    let in_words = |state| match state {
        AccountState::Asked => "may have been made: Open WebUI gave no valid answer",
        AccountState::Made => "made",
        AccountState::Refused => "refused by Open WebUI",
    };
    for account in &row.summary.accounts {
        fields.push(("OWI account", format!("{} {}", account.email, in_words(account.state)), Tone::Plain));
    }
    for entry in &row.summary.owi_changes {
        fields.push(("OWI change", format!("{}: {}", entry.change, in_words(entry.state)), Tone::Plain));
    }
    let entries: Vec<Entry<'static>> = entries.iter().map(without_keys).collect();
    let rows = entries.iter().flat_map(|entry| {
        entry.rows.iter().map(|row| {
            vec![
                (entry.kind.to_string(), Tone::Plain),
                (entry.email.to_string(), Tone::Plain),
                (format!("{} {}", row.table.name(), row.id), Tone::Faint),
                (what_happened(row), Tone::Plain),
            ]
        })
    });
    let rows: Vec<_> = rows.take(limit).collect();
    let all: usize = entries.iter().map(|entry| entry.rows.len()).sum();
    let mut sheet = Sheet::default()
        .title(tone, format!("Run {}", begin.run))
        .plain_row(&["run", begin.run.as_str()])
        .fields(fields);
    if !rows.is_empty() {
        sheet = sheet.grid(&["CHANGE", "WHO", "ROW", "WHAT"], rows);
        if all > limit {
            sheet = sheet.text(format!("and {} more rows (-v, -o json and -o plain show all)", all - limit));
        }
    }
    View { json: output("history", WholeRun { run: RunWithEntries { row, entries } }), sheet }
}

/// The entry as it may be shown: the journal itself keeps an organization's config as it was.
fn without_keys(entry: &Entry<'_>) -> Entry<'static> {
    Entry {
        kind: Cow::Owned(entry.kind.to_string()),
        email: Cow::Owned(entry.email.to_string()),
        was_student: entry.was_student,
        renamed: entry.renamed.clone(),
        rows: entry.rows.iter().map(RowChange::without_keys).collect(),
    }
}

/// What happened to a row, in a line.
fn what_happened(row: &RowChange<'_>) -> String {
    let list = |columns: &Columns<'_>| {
        columns.0.iter().map(|(name, cell)| format!("{name}={cell}")).collect::<Vec<_>>().join(" ")
    };
    match (&row.before, &row.after) {
        (None, Some(after)) => format!("made: {}", list(after)),
        (Some(before), None) => format!("removed: {}", list(before)),
        (Some(before), Some(after)) => {
            let changed = after.0.iter().filter(|(name, _)| name != "updated_at").map(|(name, cell)| {
                let old = before.get(name).map_or_else(|| "?".to_owned(), ToString::to_string);
                format!("{name}: {old} → {cell}")
            });
            changed.collect::<Vec<_>>().join(", ")
        }
        (None, None) => String::new(),
    }
}
