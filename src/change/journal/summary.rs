//! A run at a glance: how it began, how far it came, and what became of it by the journal alone.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::line::{AccountState, Begin, MadeAccount, OwiEntry, RunId};

/// How far a run came, by its own lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// The later run that made LAMB's half, where this one came to Open WebUI's half only.
    pub finished_by: Option<RunId>,
    /// How many changes its own lines say that it has.
    #[serde(skip)]
    pub(super) said: u64,
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

    /// How far each of its changes in Open WebUI came.
    pub(crate) fn states_in_open_webui(&self) -> impl Iterator<Item = AccountState> {
        let accounts = self.accounts.iter().map(|account| account.state);
        accounts.chain(self.owi_changes.iter().map(|entry| entry.state))
    }

    /// How far it came in Open WebUI: whether that made any of its changes, else whether it may have.
    pub(crate) fn in_open_webui(&self) -> Option<AccountState> {
        self.states_in_open_webui().min_by_key(|state| match state {
            AccountState::Made => 0,
            AccountState::Asked => 1,
            AccountState::Refused => 2,
        })
    }

    /// True where all of it was undone.
    pub(crate) fn is_undone(&self) -> bool {
        self.undone_by.is_some() && self.undone >= self.total()
    }
}
