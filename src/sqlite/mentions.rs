//! Whether a text stands anywhere in a file.

use rusqlite::Connection;

/// The first table in which a text stands in any column of any row, as a value or within one, such as a list in JSON.
/// `own`: tables in which the row with this `id` is not looked at.
///
/// Every row of every table is read once.
pub(crate) fn mentions(conn: &Connection, text: &str, own: &[&str]) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
    let tables: Vec<String> = conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    for table in tables {
        let mut info = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns: Vec<String> = info.query_map([&table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let has_it: Vec<String> =
            columns.iter().map(|column| format!("instr(CAST({} AS TEXT), ?1) > 0", quoted(column))).collect();
        if has_it.is_empty() {
            continue;
        }
        let others = if own.contains(&table.as_str()) { "id <> ?1 AND " } else { "" };
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {others}({}))", quoted(&table), has_it.join(" OR "));
        if conn.query_row(&sql, [text], |row| row.get::<_, bool>(0))? {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_column_and_within_json() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE user (id, name); CREATE TABLE \"odd \"\"one\" (a, \"b c\"); CREATE TABLE \"group\" (user_ids JSON);
             INSERT INTO user VALUES ('id-1', 'A'), ('id-2', 'B'), ('id-3', 'C'), ('id-4', 'friend of id-5');
             INSERT INTO \"odd \"\"one\" VALUES (1, 'id-2'); INSERT INTO \"group\" VALUES ('[\"id-9\", \"id-3\"]')",
        )
        .unwrap();
        let found = |text: &str| mentions(&db, text, &["user"]).unwrap();
        assert_eq!((found("id-1"), found("id-2").as_deref()), (None, Some("odd \"one")));
        assert_eq!((found("id-3").as_deref(), found("id-5").as_deref()), (Some("group"), Some("user")));
    }
}
