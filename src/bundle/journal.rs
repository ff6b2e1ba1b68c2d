//! `journal.json`: the last runs of this program, without whose rows they changed.

use serde::Serialize;

use super::allow::Word;
use crate::change::Change;
use crate::change::journal::{History, RunState, RunSummary};

/// So many of the newest runs are told.
const RUNS: usize = 50;

#[derive(Debug, Serialize)]
pub(super) struct BundleJournal {
    runs: Vec<BundleRun>,
    older_runs: usize,
    unreadable_lines: u64,
}

#[derive(Debug, Serialize)]
struct BundleRun {
    time: Word,
    command: Word,
    version: Word,
    state: &'static str,
    changes: Vec<Changes>,
    owi_accounts: usize,
    lock_ms: Option<u64>,
    undoes_another: bool,
    undone: u64,
    had_backup: bool,
}

#[derive(Debug, Serialize)]
struct Changes {
    kind: Word,
    count: u64,
}

const COMMANDS: &[&str] = &[
    "assign-role",
    "audit --fix",
    "create-creator",
    "diagnose --fix",
    "sync",
    "sync --watch",
    "undo",
    "update-creator",
    "update-organization",
];

pub(super) fn journal(history: &History) -> BundleJournal {
    let older_runs = history.runs.len().saturating_sub(RUNS);
    BundleJournal {
        runs: history.runs.iter().skip(older_runs).map(run).collect(),
        older_runs,
        unreadable_lines: history.unreadable,
    }
}

fn run(run: &RunSummary) -> BundleRun {
    let changes =
        run.changes.iter().map(|(kind, count)| Changes { kind: Word::one_of(kind, Change::KINDS), count: *count });
    BundleRun {
        time: Word::time(&run.begin.time),
        command: Word::one_of(&run.begin.command, COMMANDS),
        version: Word::version(&run.begin.version),
        state: match run.state {
            RunState::Done => "done",
            RunState::Failed(_) => "failed",
            RunState::Intended => "intended",
            RunState::Begun => "begun",
        },
        changes: changes.collect(),
        owi_accounts: run.accounts.len(),
        lock_ms: run.lock_ms,
        undoes_another: run.begin.undoes.is_some(),
        undone: run.undone,
        had_backup: run.begin.backup.is_some(),
    }
}
