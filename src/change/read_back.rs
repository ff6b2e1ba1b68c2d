//! What the tables hold after a write, compared with what the journal says of it. The file is another program's: a
//! trigger, a cascade or a conflict clause in it may have done more, less or something else.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, Statement, Transaction};

use super::Change;
use super::rows::{Columns, RowChange, Table};
use super::stop::Stop;
use super::writer::Wrote;
use crate::email::one_line;
use crate::lamb::db::LambDb;
use crate::lamb::schema::TableSet;

/// Follows one transaction.
pub(super) struct ReadBack<'t> {
    tx: &'t Transaction<'t>,
    set: &'t TableSet,
    /// How many rows SQLite says were written before the next change: by statements, triggers and cascades.
    written: u64,
    /// How many rows each table must have at the end.
    counts: BTreeMap<Table, i64>,
    readers: BTreeMap<Table, Reader<'t>>,
}

/// Reads rows of one table. A run may write a million of them: nothing is prepared or named twice.
struct Reader<'t> {
    statement: Statement<'t>,
    columns: Vec<String>,
}

impl<'t> Reader<'t> {
    fn new(tx: &'t Transaction<'t>, set: &TableSet, table: Table) -> rusqlite::Result<Self> {
        let table = set.prefix.table(table.name());
        let statement = tx.prepare(&format!("SELECT id, * FROM {table} WHERE id BETWEEN ?1 AND ?2 ORDER BY id"))?;
        let columns = statement.column_names().map(ToOwned::to_owned).collect();
        Ok(Self { statement, columns })
    }

    /// The first of these rows, with ids that follow each other, that does not hold what it should, or that is there and
    /// should not be.
    fn first_other<'w>(&mut self, run: &[Written<'w>]) -> rusqlite::Result<Option<Written<'w>>> {
        let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else { return Ok(None) };
        let mut rows = self.statement.query([first.id, last.id])?;
        for written in run {
            let is_so = match (rows.next()?, &written.0.after) {
                (Some(row), Some(after)) => row.get::<_, i64>(0)? == written.0.id && holds(row, &self.columns, after)?,
                (row, after) => row.is_none() && after.is_none(),
            };
            if !is_so {
                return Ok(Some(*written));
            }
        }
        Ok(None)
    }
}

/// A row that was written, and the change that it belongs to.
type Written<'w> = (&'w RowChange<'w>, &'w Change);

/// True where the row has all of that.
fn holds(row: &Row<'_>, columns: &[String], after: &Columns<'_>) -> rusqlite::Result<bool> {
    for (name, cell) in &after.0 {
        let Some(at) = columns.iter().position(|column| *column == **name) else { return Ok(false) };
        if !cell.is(row.get_ref(at)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl<'t> ReadBack<'t> {
    /// Before the first change is written.
    pub(super) fn begin(tx: &'t Transaction<'t>, set: &'t TableSet) -> rusqlite::Result<Self> {
        let counts = Table::ALL.map(|table| Ok((table, count(tx, set, table)?)));
        let counts = counts.into_iter().collect::<rusqlite::Result<_>>()?;
        let readers = Table::ALL.map(|table| Ok((table, Reader::new(tx, set, table)?)));
        let readers = readers.into_iter().collect::<rusqlite::Result<_>>()?;
        Ok(Self { tx, set, written: tx.total_changes(), counts, readers })
    }

    /// After each batch: exactly its rows were written, and each holds what it should.
    pub(super) fn check<'w>(&mut self, batch: &'w [Change], wrote: &'w [Wrote<'w>]) -> Result<(), Stop> {
        let written = self.tx.total_changes() - self.written;
        self.written += written;
        let renamed = |wrote: &Wrote<'_>| wrote.renamed.iter().map(|of| of.rows.len()).sum::<usize>();
        let expected = wrote.iter().map(|wrote| wrote.rows.len() + renamed(wrote)).sum::<usize>() as u64;
        if written != expected {
            let first = batch.first().map(|change| one_line(change.email())).unwrap_or_default();
            let more = match batch.len() {
                0 | 1 => String::new(),
                all => format!(" and {} more", all - 1),
            };
            let what = format!("the change for {first}{more} writes {expected} rows, but SQLite counted {written}");
            return Err(Stop::Differs(what));
        }
        let rows = |(change, wrote): (_, &'w Wrote<'_>)| wrote.rows.iter().map(move |row| (row, change));
        let mut rows: Vec<Written<'w>> = batch.iter().zip(wrote).flat_map(rows).collect();
        for (row, _) in &rows {
            let change = i64::from(row.after.is_some()) - i64::from(row.before.is_some());
            *self.counts.entry(row.table).or_default() += change;
        }
        // New rows of one table follow each other: one statement reads all of them.
        rows.sort_by_key(|(row, _)| row.table);
        let follows = |(a, _): &Written<'_>, (b, _): &Written<'_>| {
            a.table == b.table && a.id.checked_add(1) == Some(b.id) && a.after.is_some() && b.after.is_some()
        };
        for run in rows.chunk_by(follows) {
            let [(RowChange { table, .. }, _), ..] = run else { continue };
            let other = match self.readers.get_mut(table) {
                Some(reader) => reader.first_other(run)?,
                None => run.first().copied(),
            };
            if let Some((_, change)) = other {
                let (table, email) = (table.name(), one_line(change.email()));
                return Err(Stop::Differs(format!("{table} does not hold what was written for {email}")));
            }
        }
        Ok(())
    }

    /// After the last change. SQLite does not count a row that an insert replaced.
    pub(super) fn end(self) -> Result<(), Stop> {
        for (table, wanted) in &self.counts {
            let found = count(self.tx, self.set, *table)?;
            if found != *wanted {
                let what = format!("{} should have {wanted} rows now, and has {found}", table.name());
                return Err(Stop::Differs(what));
            }
        }
        Ok(())
    }
}

/// The triggers of the written tables, which may be the reason for a difference.
pub(super) fn triggers(db: &LambDb, set: &TableSet) -> Vec<String> {
    let is_written = |table: &str| {
        Table::ALL.iter().any(|ours| table.eq_ignore_ascii_case(&format!("{}{}", set.prefix.as_str(), ours.name())))
    };
    // A file that cannot be read any more has told nothing else either.
    let all = db.triggers().unwrap_or_default();
    all.iter().filter(|trigger| is_written(&trigger.table)).map(ToString::to_string).collect()
}

fn count(conn: &Connection, set: &TableSet, table: Table) -> rusqlite::Result<i64> {
    conn.query_row(&format!("SELECT count(*) FROM {}", set.prefix.table(table.name())), [], |row| row.get(0))
}
