//! What the tables hold after a write, compared with what the journal says of it. The file is another program's: a
//! trigger, a cascade or a conflict clause in it may have done more, less or something else.

use std::collections::BTreeMap;

use rusqlite::{Connection, Statement, Transaction};

use super::Change;
use super::rows::{Columns, Table};
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
        let statement = tx.prepare(&format!("SELECT * FROM {} WHERE id = ?1", set.prefix.table(table.name())))?;
        let columns = statement.column_names().map(ToOwned::to_owned).collect();
        Ok(Self { statement, columns })
    }

    /// True where the row of this id holds all of that, and where there is none if there should be none.
    fn holds(&mut self, id: i64, after: Option<&Columns<'_>>) -> rusqlite::Result<bool> {
        let mut rows = self.statement.query([id])?;
        let (row, after) = match (rows.next()?, after) {
            (Some(row), Some(after)) => (row, after),
            (row, after) => return Ok(row.is_none() && after.is_none()),
        };
        for (name, cell) in &after.0 {
            let Some(at) = self.columns.iter().position(|column| *column == **name) else { return Ok(false) };
            if !cell.is(row.get_ref(at)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }
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

    /// After each change: exactly its rows were written, and each holds what it should.
    pub(super) fn check(&mut self, change: &Change, wrote: &Wrote<'_>) -> Result<(), Stop> {
        let email = one_line(change.email());
        let written = self.tx.total_changes() - self.written;
        self.written += written;
        let renamed: usize = wrote.renamed.iter().map(|of| of.rows.len()).sum();
        let expected = (wrote.rows.len() + renamed) as u64;
        if written != expected {
            let what = format!("the change for {email} writes {expected} rows, but SQLite counted {written}");
            return Err(Stop::Differs(what));
        }
        for row in &wrote.rows {
            let reader = self.readers.get_mut(&row.table);
            let is_so = reader.map_or(Ok(false), |reader| reader.holds(row.id, row.after.as_ref()))?;
            if !is_so {
                let table = row.table.name();
                return Err(Stop::Differs(format!("{table} does not hold what was written for {email}")));
            }
            let change = i64::from(row.after.is_some()) - i64::from(row.before.is_some());
            *self.counts.entry(row.table).or_default() += change;
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
