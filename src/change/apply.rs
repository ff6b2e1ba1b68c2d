//! The one transaction: short, immediate, and with everything that the plan relied on read again inside it.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use rusqlite::{Transaction, TransactionBehavior};
use serde::Serialize;

use super::read_back::{self, ReadBack};
use super::stop::Stop;
use super::writer::{self, Writer, Wrote};
use super::{Change, Confirmed, Journal, check};
use crate::clock;
use crate::exit::{Exit, ExitStatus};
use crate::interrupt::Shield;
use crate::lamb::db::LambDb;
use crate::lamb::schema::TableSet;
use crate::sqlite::DbError;

/// How much SQLite may keep in memory before it writes to the file, in KiB. Until then those who read are not in the
/// way of those who write: some 100,000 creators fit in.
const CACHE_KIB: i64 = 48 << 10;

/// So many batches of changes may wait for the journal.
const BATCHES_WAITING: usize = 4;

/// The result of a plan that was applied.
#[derive(Debug, Serialize)]
pub(crate) struct Applied {
    /// The changes, as they were planned.
    pub changes: Vec<Change>,
    /// The ids of creators that were made, in order.
    pub created: Vec<i64>,
    /// How long LAMB's database was locked for others.
    #[serde(skip)]
    pub lock_held: Duration,
    /// True where Ctrl-C came while the transaction ran.
    #[serde(skip)]
    pub interrupted: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// What the plan relied on has changed. Exit code 4.
    #[error(
        "LAMB's database was not changed: {0} since the plan was made\n  check the data, then run the command again"
    )]
    Moved(String),
    /// One of the changes cannot be made, now or later. Exit code 4.
    #[error("LAMB's database was not changed: {0}\n  leave them out, then run the command again")]
    Refused(String),
    /// LAMB's tables hold something else than what was written. Exit code 4.
    #[error("LAMB's database was not changed: {what}{}", in_words(.triggers))]
    Differs {
        /// What differs.
        what: String,
        /// The triggers of the tables that were written.
        triggers: Vec<String>,
    },
    #[error("LAMB's database was not changed")]
    Db(#[from] DbError),
    /// LAMB's tables are missing.
    #[error("LAMB's database was not changed: its tables are not there")]
    NoTables,
    /// The journal could not be written.
    #[error("LAMB's database was not changed: the journal cannot be written: {0}")]
    Journal(std::io::Error),
}

fn in_words(triggers: &[String]) -> String {
    match triggers {
        [] => "\n  look for a cascade or a conflict clause: sqlite3 FILE .schema".to_owned(),
        triggers => format!("\n  remove what does this, then run the command again: {}", triggers.join(", ")),
    }
}

impl ExitStatus for ApplyError {
    fn exit(&self) -> Exit {
        match self {
            Self::Moved(_) | Self::Refused(_) | Self::Differs { .. } => Exit::Refused,
            Self::Db(_) | Self::NoTables | Self::Journal(_) => Exit::CouldNotTell,
        }
    }
}

/// Applies a plan: all of it, or nothing. `progress` is told how many changes are written.
///
/// # Errors
/// [`ApplyError`]; then nothing was changed, and the journal says so where it can.
pub(crate) fn apply(
    db: &mut LambDb,
    plan: Confirmed,
    journal: &mut dyn Journal,
    progress: &mut dyn FnMut(usize),
) -> Result<Applied, ApplyError> {
    let set = db.schema().tables.clone().ok_or(ApplyError::NoTables)?;
    let mut shield = None;
    match run(db, &set, &plan.0, journal, progress, &mut shield) {
        Ok((created, lock_held)) => {
            // The change is made; a journal that fails now must not say otherwise.
            if let Err(error) = journal.done(lock_held) {
                crate::messages::error(format_args!(
                    "warning: the change is made, but the journal could not be finished: {error}"
                ));
            }
            Ok(Applied {
                changes: plan.0,
                created,
                lock_held,
                interrupted: shield.is_some_and(|shield| shield.was_hit()),
            })
        }
        Err(stop) => {
            let error = match stop {
                Stop::Moved(what) => ApplyError::Moved(what),
                Stop::Refused(what) => ApplyError::Refused(what),
                Stop::Differs(what) => ApplyError::Differs { what, triggers: read_back::triggers(db, &set) },
                Stop::Journal(error) => ApplyError::Journal(error),
                Stop::Sqlite(error) => ApplyError::Db(db.error(error)),
            };
            let why = match &error {
                ApplyError::Db(cause) => format!("{error}: {cause}"),
                _ => error.to_string(),
            };
            // What could not be written down is without a `done`, and that says enough.
            let _ = journal.failed(&why);
            Err(error)
        }
    }
}

fn run(
    db: &mut LambDb,
    set: &TableSet,
    changes: &[Change],
    journal: &mut dyn Journal,
    progress: &mut dyn FnMut(usize),
    shield: &mut Option<Shield>,
) -> Result<(Vec<i64>, Duration), Stop> {
    let conn = db.connection();
    // Explicit, because builds differ: a role must never point to a creator or organization that is not there.
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    let transaction = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    // Not before: while it waits for a lock, Ctrl-C may end the run, and nothing is written yet.
    *shield = Some(Shield::raise());
    let locked = Instant::now();
    check::before(&transaction, set, changes)?;
    let created = write(&transaction, set, changes, journal, progress)?;
    check::after(&transaction, set, changes)?;
    journal.intent().map_err(Stop::Journal)?;
    transaction.commit()?;
    Ok((created, locked.elapsed()))
}

/// Writes all changes, reads them back, and hands them to the journal. Returns the ids of the creators that were made.
///
/// A second thread writes the journal's lines, which would take a fifth of the time that the database is locked.
fn write(
    transaction: &Transaction<'_>,
    set: &TableSet,
    changes: &[Change],
    journal: &mut dyn Journal,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<i64>, Stop> {
    let mut created = Vec::new();
    let mut read_back = ReadBack::begin(transaction, set)?;
    let mut writer = Writer::new(transaction, set, clock::now())?;
    // A slow disk must not let the lines pile up in memory.
    let (to_journal, written) = mpsc::sync_channel::<(&[Change], Vec<Wrote<'_>>)>(BATCHES_WAITING);
    std::thread::scope(|scope| {
        let keep = move || {
            written.iter().try_for_each(|(batch, wrote)| {
                batch.iter().zip(&wrote).try_for_each(|(change, one)| journal.change(change, &one.rows, &one.renamed))
            })
        };
        let journal = std::thread::Builder::new().spawn_scoped(scope, keep).map_err(Stop::Journal)?;
        let mut done = 0;
        for batch in writer::batches(changes) {
            let wrote = writer.write(batch)?;
            read_back.check(batch, &wrote)?;
            created.extend(wrote.iter().filter_map(|one| one.created));
            // Where the journal has failed, it says below why.
            if to_journal.send((batch, wrote)).is_err() {
                break;
            }
            for _ in batch {
                done += 1;
                progress(done);
            }
        }
        drop(to_journal);
        journal.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map_err(Stop::Journal)
    })?;
    read_back.end()?;
    Ok(created)
}
