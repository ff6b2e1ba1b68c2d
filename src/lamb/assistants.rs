//! The assistants that a creator owns: LAMB lists them in one answer, and one value that it cannot put there fails all.

use rusqlite::types::ValueRef;

use super::db::LambDb;
use crate::email::Email;
use crate::sqlite::DbError;
use crate::sqlite::value::text_of;

/// The columns that LAMB answers with, and whether each must be a whole number (measured with both editions).
const COLUMNS: &[(&str, bool)] = &[
    ("id", true),
    ("RAG_Top_k", true),
    ("created_at", true),
    ("updated_at", true),
    ("name", false),
    ("description", false),
    ("owner", false),
    ("api_callback", false),
    ("system_prompt", false),
    ("prompt_template", false),
    ("RAG_endpoint", false),
    ("RAG_collections", false),
    ("pre_retrieval_endpoint", false),
    ("post_retrieval_endpoint", false),
];

impl LambDb {
    /// What is wrong with the first of this creator's assistants that makes LAMB answer the list with 500, in a sentence.
    /// `None` where all can be listed, and where LAMB lists none: without the table or a column, and where a text is not
    /// UTF-8.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn unreadable_assistant(&self, owner: &Email) -> Result<Option<String>, DbError> {
        self.first_unreadable(owner).map_err(|error| self.db.error(error))
    }

    fn first_unreadable(&self, owner: &Email) -> rusqlite::Result<Option<String>> {
        let name = format!("{}assistants", self.schema().prefix.as_str());
        let mut info = self.db.conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let there = info.query_map([&name], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        let is_there = |column: &str| there.iter().any(|name| name.eq_ignore_ascii_case(column));
        if !COLUMNS.iter().all(|(column, _)| is_there(column)) {
            return Ok(None);
        }
        // Long texts are not read: only what is of a kind that LAMB may not take.
        let select = COLUMNS.iter().map(|(column, is_number)| match is_number {
            true => (*column).to_owned(),
            false => format!("CASE typeof({column}) WHEN 'blob' THEN {column} END"),
        });
        let select = select.collect::<Vec<_>>().join(", ");
        let table = self.schema().prefix.table("assistants");
        let mut statement = self.db.conn.prepare(&format!("SELECT {select} FROM {table} WHERE owner = ?1"))?;
        let mut rows = statement.query([owner.as_str()])?;
        while let Some(row) = rows.next()? {
            let id = text_of(row.get_ref(0)?).unwrap_or_default().into_owned();
            for (at, (column, is_number)) in COLUMNS.iter().enumerate() {
                if let Some(why) = complaint(row.get_ref(at)?, *is_number) {
                    return Ok(Some(format!("{column} of the assistant {id} in {name} {why}")));
                }
            }
        }
        Ok(None)
    }
}

/// Why LAMB cannot put a value into its answer.
fn complaint(value: ValueRef<'_>, is_number: bool) -> Option<&'static str> {
    let text = match value {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Some(std::str::from_utf8(bytes)),
        _ => None,
    };
    match (is_number, value, text) {
        // SQLite hands it to Python as text: then LAMB gets no row at all, and answers with an empty list.
        (_, ValueRef::Text(_), Some(Err(_))) => None,
        (_, _, Some(Err(_))) => Some("is bytes that are not UTF-8"),
        // SQLite stores every whole number that fits as an integer.
        (true, ValueRef::Real(_), _) => Some("is not a whole number"),
        (true, _, Some(Ok(text))) if text.trim().parse::<i64>().is_err() => Some("is not a number"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// Measured with both editions: 500 for these values, 200 for the others.
    #[test]
    fn only_what_lamb_fails_on_is_told() {
        let db = Connection::open_in_memory().unwrap();
        let table = [
            (true, "'many'  X'ff'  ''  2.5  9e30", "NULL  '5'  7  2.0  X'35'  CAST(X'41ff' AS TEXT)"),
            (false, "X'ff'", "NULL  'x'  5  2.5  X'35'  ''  CAST(X'41ff' AS TEXT)"),
        ];
        for (is_number, broken, fine) in table {
            for (values, fails) in [(broken, true), (fine, false)] {
                for value in values.split("  ") {
                    let column = if is_number { "INTEGER" } else { "TEXT" };
                    db.execute_batch(&format!(
                        "DROP TABLE IF EXISTS t; CREATE TABLE t (c {column}); INSERT INTO t VALUES ({value})"
                    ))
                    .unwrap();
                    let found = db.query_row("SELECT c FROM t", [], |row| Ok(complaint(row.get_ref(0)?, is_number)));
                    assert_eq!(found.as_ref().map(Option::is_some), Ok(fails), "{value}: {found:?}");
                }
            }
        }
    }
}
