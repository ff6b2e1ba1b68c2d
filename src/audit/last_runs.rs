//! When this LAMB was last kept in step, and last changed.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::change::journal::{self, RunState};
use crate::lamb::db::LambDb;
use crate::sync::memory::Memory;

/// The last runs that succeeded, in unix seconds; `None` where nothing says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LastRuns {
    /// The last `sync` with `--apply`, whether or not it had something to do.
    pub sync: Option<i64>,
    /// The last run in the journal.
    pub run: Option<i64>,
}

impl LastRuns {
    /// Reads the memory of `sync` and the journal. What cannot be read says nothing.
    pub(crate) fn of(lamb: &LambDb, journal: Option<&Path>, lock_timeout: Duration) -> Self {
        let journal = journal.map_or_else(|| journal::default_path(lamb.path()), Path::to_owned);
        let history = journal::heads(&journal).unwrap_or_default();
        let done = history.runs.iter().filter(|run| run.state == RunState::Done && run.begin.is_of(lamb));
        let done = done.filter_map(|run| {
            let ended = run.ended.as_deref()?.parse::<Timestamp>().ok()?.as_second();
            Some((run.begin.command.starts_with("sync"), ended))
        });
        let done: Vec<(bool, i64)> = done.collect();
        let synced = done.iter().filter(|(is_sync, _)| *is_sync).map(|(_, ended)| *ended).max();
        let remembered = Memory::of(lamb, lock_timeout).last_run().unwrap_or_default();
        Self { sync: synced.max(remembered), run: done.iter().map(|(_, ended)| *ended).max() }
    }
}
