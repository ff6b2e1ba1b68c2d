//! The journal: every change that any command makes, in a file of JSON lines that only grows, beside LAMB's database.
//!
//! A run is a `begin` line, a line for each change with its rows before and after, an `intent` line that is on the
//! disk before the transaction is committed, and a `done` line after it. A run without `done` died in between: whether
//! its changes are there is the database's to say ([`fate`]).

pub(crate) mod fate;
mod file;
mod finished;
mod line;
mod lines;
mod places;
mod read;
mod summary;

use std::io;
use std::time::Duration;

use super::Change;
use super::rename::Renamed;
use super::rows::RowChange;

pub(crate) use file::{FileJournal, default_path};
pub(crate) use line::{AccountState, Begin, Counts, Entry, RunId};
pub(crate) use places::{LastPlace, last_places};
pub(crate) use read::{History, JournalError, Run, heads, history, load, load_all, load_whole, seen_creators};
pub(crate) use summary::{RunState, RunSummary};

/// What keeps an account of changes, called in this order inside the one transaction, and not always by the same thread.
pub(crate) trait Journal: Send {
    /// One change, and what it did to the rows; nothing is committed yet.
    ///
    /// # Errors
    /// Where it cannot be written down; then none of the changes is made.
    fn change(&mut self, change: &Change, rows: &[RowChange<'_>], renamed: &[Renamed]) -> io::Result<()>;

    /// All of them are about to be committed: what was written down must be on the disk when this returns.
    ///
    /// # Errors
    /// As for [`change`](Self::change).
    fn intent(&mut self) -> io::Result<()>;

    /// Committed, after the write lock was held for so long.
    ///
    /// # Errors
    /// Where it cannot be written down; the changes are made.
    fn done(&mut self, held: Duration) -> io::Result<()>;

    /// Rolled back: none of the changes is made.
    ///
    /// # Errors
    /// Where it cannot be written down.
    fn failed(&mut self, why: &str) -> io::Result<()>;
}

/// Keeps no journal, for tests.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct NoJournal;

#[cfg(test)]
impl Journal for NoJournal {
    fn change(&mut self, _: &Change, _: &[RowChange<'_>], _: &[Renamed]) -> io::Result<()> {
        Ok(())
    }

    fn intent(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn done(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }

    fn failed(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
}
