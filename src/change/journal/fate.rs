//! What became of a run that died between intent and done: the database says it.

use rusqlite::Connection;
use serde::Serialize;

use super::read::{Run, State};
use crate::change::rows::RowChange;
use crate::change::write::stored_row;
use crate::lamb::db::LambDb;
use crate::lamb::schema::TableSet;
use crate::sqlite::DbError;

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Done, and it said so.
    Done,
    /// Nothing of it is in the database, and it said so.
    Failed,
    /// It died before it could have committed: nothing of it is in the database.
    NeverCommitted,
    /// It died after the commit: its changes are in the database.
    Committed,
    /// It died before the commit: none of its changes is in the database.
    RolledBack,
    /// So many of its rows are as it left them, of so many: others wrote to them since, or it is another database.
    Unclear {
        /// As the run left them.
        there: usize,
        /// All.
        of: usize,
    },
}

/// Asks the database where the journal does not know.
///
/// # Errors
/// Where SQLite fails.
pub fn of(run: &Run, db: &LambDb) -> Result<Fate, DbError> {
    match run.summary.state {
        State::Done => return Ok(Fate::Done),
        State::Failed(_) => return Ok(Fate::Failed),
        State::Begun => return Ok(Fate::NeverCommitted),
        State::Intended => {}
    }
    let Some(set) = &db.schema().tables else { return Ok(Fate::Unclear { there: 0, of: run.entries.len() }) };
    let count = || -> rusqlite::Result<(usize, usize)> {
        let (mut there, mut of) = (0, 0);
        for row in run.entries.iter().flat_map(|entry| entry.rows.iter()) {
            of += 1;
            there += usize::from(is_there(db.reading(), set, row)?);
        }
        Ok((there, of))
    };
    let (there, of) = count().map_err(|error| db.error(error))?;
    Ok(match there {
        0 => Fate::RolledBack,
        all if all == of => Fate::Committed,
        _ => Fate::Unclear { there, of },
    })
}

/// Whether a row is as the run left it. A row that it made, and that somebody changed since, is there too: what was
/// written once and never changes (the address, whose role it is, when it was made) tells.
fn is_there(conn: &Connection, set: &TableSet, row: &RowChange<'_>) -> rusqlite::Result<bool> {
    const LASTING: &[&str] = &["user_email", "user_id", "created_at"];
    let stored = stored_row(conn, set, row.table, row.id)?;
    Ok(match (&row.before, &row.after, stored) {
        (_, None, None) => true,
        (_, None, Some(_)) | (_, Some(_), None) => false,
        (before, Some(after), Some(stored)) => after.0.iter().all(|(name, cell)| {
            let counts = before.is_some() || LASTING.contains(&&**name);
            !counts || stored.get(&**name).is_some_and(|value| cell.is(value))
        }),
    })
}
