//! What became of a run. If it died between intent and done, the database says it.

use rusqlite::Connection;
use schemars::JsonSchema;
use serde::Serialize;

use super::line::AccountState;
use super::read::Run;
use super::summary::{RunState, RunSummary};
use crate::change::current_rows::stored_row;
use crate::change::rows::{Cell, Columns, RowChange};
use crate::lamb::db::LambDb;
use crate::lamb::schema::TableSet;
use crate::sqlite::DbError;

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fate {
    /// Done, and it said so.
    Done,
    /// Nothing of it is in the database, and it said so.
    Failed,
    /// It has no end yet, and a run is still at work in this database.
    AtWork,
    /// It did not come as far as the commit: nothing of it is in the database.
    NeverCommitted,
    /// It died after the commit: its changes are in the database.
    Committed,
    /// It did not come to the commit: none of its changes is in the database.
    RolledBack,
    /// Open WebUI made a change of the run; nothing of the run is in LAMB's database.
    OnlyInOpenWebui,
    /// Nothing of the run is in LAMB's database, and it is unknown whether Open WebUI made its change.
    UnknownInOpenWebui,
    /// It came to Open WebUI's half only, and a later run made LAMB's half: see `finished_by`.
    FinishedLater,
    /// So many of its rows are as it left them, of so many: others wrote to them since, or it is another database.
    Unclear {
        /// As the run left them.
        there: usize,
        /// How many rows it wrote.
        of: usize,
    },
}

/// What became of a run by its own lines; `None` where only the database knows.
pub(crate) fn by_its_lines(run: &RunSummary) -> Option<Fate> {
    match run.state {
        RunState::Done => Some(Fate::Done),
        RunState::Failed(_) => Some(without_lamb(Fate::Failed, run)),
        RunState::Begun => Some(without_lamb(Fate::NeverCommitted, run)),
        RunState::Intended => None,
    }
}

/// The fate of a run of which LAMB's database has nothing: Open WebUI may have made its half.
fn without_lamb(fate: Fate, run: &RunSummary) -> Fate {
    match run.in_open_webui() {
        Some(AccountState::Made | AccountState::Asked) if run.finished_by.is_some() => Fate::FinishedLater,
        Some(AccountState::Made) => Fate::OnlyInOpenWebui,
        Some(AccountState::Asked) => Fate::UnknownInOpenWebui,
        Some(AccountState::Refused) | None => fate,
    }
}

/// True where LAMB's database has nothing of the run.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn is_not_in_lamb(run: &Run, db: &LambDb) -> Result<bool, DbError> {
    Ok(match run.summary.state {
        RunState::Failed(_) | RunState::Begun => true,
        RunState::Done => false,
        RunState::Intended => {
            let fate = of(run, db)?;
            matches!(fate, Fate::RolledBack | Fate::OnlyInOpenWebui | Fate::UnknownInOpenWebui | Fate::FinishedLater)
        }
    })
}

/// Asks the database where the journal does not know.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn of(run: &Run, db: &LambDb) -> Result<Fate, DbError> {
    if let Some(fate) = by_its_lines(&run.summary) {
        return Ok(fate);
    }
    // An undo found its changes there.
    if run.summary.undone_by.is_some() {
        return Ok(Fate::Committed);
    }
    let of = run.entries.iter().map(|entry| entry.rows.len()).sum();
    let Some(set) = &db.schema().tables else { return Ok(Fate::Unclear { there: 0, of }) };
    let count = || -> rusqlite::Result<(usize, usize)> {
        let (mut there, mut absent) = (0, 0);
        for row in run.entries.iter().flat_map(|entry| entry.rows.iter()) {
            match seen(db.reading(), set, row)? {
                Seen::There => there += 1,
                Seen::Absent => absent += 1,
                Seen::Unclear => {}
            }
        }
        Ok((there, absent))
    };
    let (there, absent) = count().map_err(|error| db.error(error))?;
    Ok(if absent == of {
        without_lamb(Fate::RolledBack, &run.summary)
    } else if there == of {
        Fate::Committed
    } else {
        Fate::Unclear { there, of }
    })
}

/// What the database has of a row's change.
enum Seen {
    There,
    Absent,
    /// It is neither as it was before nor as the run left it: it was written to since.
    Unclear,
}

/// A row that the run made, and that was changed since, is there too: what was written once and never changes
/// (the address, whose role it is, when it was made) tells.
fn seen(conn: &Connection, set: &TableSet, row: &RowChange<'_>) -> rusqlite::Result<Seen> {
    const LASTING: &[&str] = &["user_email", "user_id", "created_at"];
    let stored = stored_row(conn, set, row.table, row.id)?;
    let is = |name: &str, cell: &Cell<'_>| {
        stored.as_ref().and_then(|stored| stored.get(name)).is_some_and(|value| cell.is(value.into()))
    };
    let all = |columns: &Columns<'_>| columns.0.iter().all(|(name, cell)| is(name, cell));
    Ok(match (&row.before, &row.after) {
        (_, None) if stored.is_none() => Seen::There,
        (None, Some(_)) if stored.is_none() => Seen::Absent,
        (None, Some(after)) => {
            let lasting = after.0.iter().filter(|(name, _)| LASTING.contains(&&**name));
            if lasting.clone().all(|(name, cell)| is(name, cell)) {
                Seen::There
            } else if lasting.filter(|(name, _)| name == "created_at").all(|(name, cell)| is(name, cell)) {
                // Made in the same second, of another address: renamed since, or another creator with this id.
                Seen::Unclear
            } else {
                Seen::Absent
            }
        }
        (_, Some(after)) if all(after) => Seen::There,
        (Some(before), _) if all(before) => Seen::Absent,
        _ => Seen::Unclear,
    })
}
