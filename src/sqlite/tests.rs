use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

const WAIT: Duration = Duration::from_millis(50);

/// A folder with a database of one table and one row, in the journal mode asked for; no process has it open.
fn database(mode: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b?#%.db");
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", mode).unwrap();
    conn.execute_batch("CREATE TABLE t(x); INSERT INTO t VALUES (1)").unwrap();
    (folder, path)
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

fn rows(db: &Database) -> i64 {
    db.conn.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).unwrap()
}

fn trouble(path: &Path) -> String {
    format!("{:?}", Database::open_read_only(path, WAIT).unwrap_err().trouble)
}

#[test]
fn reading_leaves_no_trace_in_either_journal_mode() {
    for mode in ["delete", "wal"] {
        let (folder, path) = database(mode);
        let before = contents(folder.path());
        let db = Database::open_read_only(&path, WAIT).unwrap();
        assert_eq!(rows(&db), 1);
        assert_eq!(db.is_snapshot(), mode == "wal");
        drop(db);
        assert_eq!(contents(folder.path()), before, "{mode}");
    }
}

#[test]
fn sees_what_a_live_writer_has_only_in_its_wal() {
    let (folder, path) = database("wal");
    let writer = Connection::open(&path).unwrap();
    writer.execute("INSERT INTO t VALUES (2)", []).unwrap();
    let before = contents(folder.path());
    let db = Database::open_read_only(&path, WAIT).unwrap();
    assert_eq!((rows(&db), db.is_snapshot()), (2, false));
    drop(db);
    let wal = |files: &BTreeMap<String, Vec<u8>>| files.get("a b?#%.db-wal").cloned();
    assert_eq!(wal(&contents(folder.path())), wal(&before));
    drop(writer);
}

#[test]
fn reads_a_wal_whose_shm_is_gone() {
    let (folder, path) = database("wal");
    let writer = Connection::open(&path).unwrap();
    writer.execute("INSERT INTO t VALUES (2)", []).unwrap();
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    let before = contents(folder.path());
    let db = Database::open_read_only(&copy, WAIT).unwrap();
    assert_eq!((rows(&db), db.is_snapshot()), (2, true));
    drop(db);
    assert_eq!(contents(folder.path()).len(), before.len());
}

#[test]
fn reads_past_the_journal_of_a_crashed_writer() {
    let (folder, path) = database("delete");
    let writer = Connection::open(&path).unwrap();
    // A cache of one page makes the writer spill into the file before it commits.
    writer.execute_batch("PRAGMA cache_size=1; BEGIN; CREATE TABLE big(x)").unwrap();
    for _ in 0..200 {
        writer.execute("INSERT INTO big VALUES (randomblob(2000))", []).unwrap();
    }
    let crashed = folder.path().join("crashed.db");
    fs::copy(&path, &crashed).unwrap();
    fs::copy(beside(&path, "-journal"), beside(&crashed, "-journal")).unwrap();
    let before = fs::read(&crashed).unwrap();
    let db = Database::open_read_only(&crashed, WAIT).unwrap();
    assert_eq!((rows(&db), db.is_snapshot()), (1, true));
    assert_eq!(fs::read(&crashed).unwrap(), before);
}

#[test]
fn each_trouble_has_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    assert_eq!(trouble(&folder.path().join("none.db")), "Missing");
    assert_eq!(trouble(&file("plain", b"x").join("below-a-file.db")), "Missing");
    assert_eq!(trouble(folder.path()), "Folder");
    assert_eq!(trouble(&file("empty.db", b"")), "Empty");
    assert_eq!(trouble(&file("short.db", b"SQLite")), "NotADatabase");
    assert_eq!(trouble(&file("text.db", &[b'x'; 4096])), "NotADatabase");
    let (_kept, path) = database("delete");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0x55);
    assert!(trouble(&file("damaged.db", &bytes)).starts_with("Damaged"));
}

/// SQLite would wait for a writer.
#[test]
fn a_pipe_beside_the_file_is_told_and_not_opened() {
    for (mode, suffix) in [("delete", "-journal"), ("wal", "-wal"), ("wal", "-shm")] {
        let (_folder, path) = database(mode);
        assert!(std::process::Command::new("mkfifo").arg(beside(&path, suffix)).status().unwrap().success());
        let told = trouble(&path);
        assert!(told.starts_with("Unreadable") && told.contains("is not a file"), "{suffix}: {told}");
        assert!(Database::open_for_change(&path, WAIT).is_err());
    }
}

#[test]
fn an_exclusive_lock_is_waited_for_and_then_told() {
    let (_folder, path) = database("delete");
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(trouble(&path), "Locked(50ms)");
    holder.execute_batch("COMMIT").unwrap();
    assert_eq!(rows(&Database::open_read_only(&path, WAIT).unwrap()), 1);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_done() {
    let (folder, path) = database("delete");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let root = fs::OpenOptions::new().append(true).open(&path).is_ok();
    if !root {
        let error = Database::open_for_change(&path, WAIT).unwrap_err();
        assert!(matches!(error.trouble, DbTrouble::ReadOnly(_)), "{error}");
    }
    let error = Database::open_for_change(&folder.path().join("none.db"), WAIT).unwrap_err();
    assert!(matches!(error.trouble, DbTrouble::Missing));
}

/// A view that never ends, in the place of a table, and a trigger that never ends: both end, and the next statement works.
#[test]
fn a_statement_that_does_not_end_is_ended() {
    const FOREVER: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    let (_folder, path) = database("delete");
    let other = Connection::open(&path).unwrap();
    other.execute_batch(&format!("CREATE VIEW v AS {FOREVER}")).unwrap();
    let trigger =
        format!("CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET x = (SELECT max(x) FROM ({FOREVER})); END");
    other.execute_batch(&trigger).unwrap();
    let db = Database::open_for_change(&path, WAIT).unwrap();
    let endless = |result: rusqlite::Result<()>| {
        let trouble = db.error(result.unwrap_err()).trouble;
        assert!(matches!(trouble, DbTrouble::Endless), "{trouble}");
        assert_eq!(rows(&db), 1, "nothing is written, and the next statement has its own bound");
    };
    endless(db.conn.query_row("SELECT count(*) FROM v", [], |_| Ok(())));
    let mut all = db.conn.prepare("SELECT x FROM v").unwrap();
    endless(all.query_map([], |_| Ok(())).unwrap().collect());
    endless(db.conn.execute("INSERT INTO t VALUES (2)", []).map(drop));
    endless(db.conn.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (2); COMMIT"));
}

/// The longest honest work: the bound grows with the file.
#[test]
fn a_large_table_is_read_sorted_and_joined_whole() {
    let (_folder, path) = database("delete");
    let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200000) INSERT INTO t SELECT x FROM n";
    Connection::open(&path).unwrap().execute_batch(fill).unwrap();
    let db = Database::open_read_only(&path, WAIT).unwrap();
    let sql = "SELECT count(*) FROM (SELECT lower(a.x) AS l FROM t a JOIN t b USING (x) ORDER BY hex(b.x), l)";
    assert_eq!(db.conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 200_003);
}

#[test]
fn a_path_that_is_not_utf_8_is_opened_byte_for_byte() {
    let (folder, path) = database("delete");
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff%20 \xc3\xa9?.db"));
    fs::rename(&path, &odd).unwrap();
    assert_eq!(rows(&Database::open_read_only(&odd, WAIT).unwrap()), 1);
}
