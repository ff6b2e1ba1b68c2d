//! `undo`: what a run did is taken back, all of it or what is left of it, and never anything else.

use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};
use serde_json::{Value, json};

use super::create_creator::everything;
use super::journal::{keep_lines, run_of};
use super::run::{EDITIONS, World, snapshot};

const CREATE: &str = "create-creator --email admin@admin.owi --role admin --yes";
const ASSIGN: &str = "assign-role --email teacher@sandbox.test --org physics --role admin --yes";
/// The creator that [`CREATE`] makes.
const NEW: &str = "(SELECT id FROM {p}Creator_users WHERE user_email = 'admin@admin.owi')";

/// A sandbox after a run, its contents before it, and the run's name.
fn after(edition: Edition, line: &str) -> (World, Vec<String>, String) {
    let world = World::plain(edition);
    let before = world.lamb_contents();
    let run = run_of(&world, line);
    assert_ne!(world.lamb_contents(), before);
    (world, before, run)
}

#[test]
fn undo_restores_every_column() {
    for edition in EDITIONS {
        let mut lines = vec![
            CREATE,
            "create-creator --email student@sandbox.test --yes --force",
            ASSIGN,
            "assign-role --email no-role@sandbox.test --org physics --role owner --yes",
            "assign-role --email teacher@sandbox.test --org lamb --role member --yes --force",
        ];
        if edition == Edition::Native {
            lines.push("assign-role --email teacher@sandbox.test --system-role admin --yes");
            lines.push(
                "assign-role --email teacher@sandbox.test --org physics --role member --system-role admin --yes --force",
            );
        }
        for line in lines {
            let (world, before, run) = after(edition, line);
            world.run(&format!("undo {run} --yes")).expect(0).says("Done");
            assert_eq!(world.lamb_contents(), before, "{edition}: {line}");
        }
    }
}

/// Several runs, newest first; each is the newest that is left.
#[test]
fn last_means_the_newest_run_that_is_not_undone() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let mut states = vec![world.lamb_contents()];
        for line in [CREATE, ASSIGN, "assign-role --email admin@admin.owi --org lamb --role owner --yes"] {
            world.run(line).expect(0);
            states.push(world.lamb_contents());
        }
        states.pop();
        while let Some(state) = states.pop() {
            let (code, done) = world.json("undo last --yes");
            assert_eq!((code, &done["changed"], &done["email"]), (0, &json!(true), &Value::Null), "{done:#}");
            assert!(done["undoes"].is_string());
            assert_eq!(world.lamb_contents(), state, "{edition}");
        }
        world.run("undo last --yes").expect(2).says("no run to undo");
    }
}

#[test]
fn a_second_undo_changes_nothing() {
    let (world, before, run) = after(Edition::Delegated, CREATE);
    world.run(&format!("undo {run} --yes")).expect(0);
    let lines = world.journal_lines().len();
    world.run(&format!("undo {run} --yes")).expect(0).says("Nothing to do").says("already undone");
    assert_eq!((world.lamb_contents(), world.journal_lines().len()), (before, lines));
}

/// It died between the commit and its last line: the rows are there, and can be taken back.
#[test]
fn a_run_without_a_done_line_is_undone() {
    let (world, before, _) = after(Edition::Native, CREATE);
    keep_lines(&world, |line| line["line"] != "done");
    world.run("undo last --yes").expect(0).says("Done");
    assert_eq!(world.lamb_contents(), before);
}

/// Two at once: one is quicker, and the other is told.
#[test]
fn a_race_has_one_winner() {
    let (world, before, run) = after(Edition::Native, CREATE);
    let line = format!("undo {run} --yes -o json");
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| world.command(&line)).map(|run| scope.spawn(|| run.run())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for output in &outputs {
        assert!([0, 4].contains(&output.code), "{output}");
    }
    assert_eq!(outputs.iter().filter(|output| output.json()["changed"] == true).count(), 1);
    assert_eq!(world.lamb_contents(), before);
}

#[test]
fn it_is_shown_first_and_asked_for() {
    for edition in EDITIONS {
        let (world, _, run) = after(edition, CREATE);
        let made = world.lamb_contents();
        let files = || std::fs::read_dir(world.sandbox.dir().join("lamb")).unwrap().count();
        let (count, journal) = (files(), std::fs::read(world.journal()).unwrap());
        let (code, plan) = world.json("undo last --dry-run");
        assert_eq!((code, &plan["pending"], &plan["changed"]), (1, &json!(true), &json!(false)), "{plan:#}");
        assert_eq!(plan["changes"][0]["kind"], "undo");
        world.run(&format!("undo {run}")).expect(4).says("not a terminal");
        let asked = world.command(&format!("undo {run}")).at_a_terminal("n\n");
        asked
            .expect(4)
            .says("Undo create-creator of 20")
            .says(" by ")
            .says("remove what was created for admin@admin.owi")
            .says("not confirmed");
        assert_eq!((world.lamb_contents(), files()), (made, count));
        assert_eq!(std::fs::read(world.journal()).unwrap(), journal);
        world.command(&format!("undo {run}")).at_a_terminal("y\n").expect(0);
        world.run("check-user --email admin@admin.owi").expect(1);
    }
}

#[test]
fn an_undo_is_journalled_and_is_no_run_to_undo() {
    let (world, _, run) = after(Edition::Delegated, CREATE);
    let (code, done) = world.json(&format!("undo {run} --yes"));
    let undo = done["run"].as_str().unwrap();
    assert_eq!(code, 0);
    let (_, told) = world.json(&format!("history {undo}"));
    assert_eq!((&told["run"]["undoes"], &told["run"]["state"]), (&json!(run), &json!("done")), "{told:#}");
    assert!(told["run"]["entries"][0]["rows"].as_array().unwrap().iter().all(|row| row["after"].is_null()));
    world.run(&format!("history {run}")).expect(0).says(&format!("undone by {undo}"));
    world.run(&format!("undo {undo} --yes")).expect(4).says("is itself an undo");
}

/// What somebody changed since is theirs: refused, and left.
#[test]
fn what_was_changed_since_is_left() {
    let cases = [
        ("UPDATE {p}organization_roles SET role = 'owner' WHERE user_id = {new}", "was changed"),
        ("UPDATE {p}Creator_users SET user_name = 'Other' WHERE id = {new}", "was changed"),
        ("UPDATE {p}Creator_users SET enabled = 0 WHERE id = {new}", "was changed"),
        ("UPDATE {p}Creator_users SET user_config = '{\"a\":1}' WHERE id = {new}", "was changed"),
        ("UPDATE {p}Creator_users SET updated_at = updated_at + 1 WHERE id = {new}", "was changed"),
        ("UPDATE {p}Creator_users SET organization_id = 2 WHERE id = {new}", "was changed"),
        (
            "UPDATE {p}Creator_users SET user_email = 'other@uni.example' WHERE id = {new}",
            "does not belong to this creator",
        ),
        ("DELETE FROM {p}organization_roles WHERE user_id = {new}", "a part of it was removed since"),
        ("DELETE FROM {p}Creator_users WHERE id = {new}", "does not belong to this creator"),
        (
            "ALTER TABLE {p}Creator_users ADD COLUMN later TEXT DEFAULT 'x'; \
                 UPDATE {p}Creator_users SET later = 'y' WHERE id = {new}",
            "was changed",
        ),
        (
            "ALTER TABLE {p}organization_roles ADD COLUMN later TEXT; \
                 UPDATE {p}organization_roles SET later = '' WHERE user_id = {new}",
            "was changed",
        ),
    ];
    for ((sql, says), edition) in cases.into_iter().zip(EDITIONS.into_iter().cycle()) {
        let (world, _, run) = after(edition, CREATE);
        world.lamb_sql(&sql.replace("{new}", NEW));
        let changed = world.lamb_contents();
        for flags in ["--yes --force", "--dry-run"] {
            let (code, told) = world.json(&format!("undo {run} {flags}"));
            assert_eq!((code, &told["refused"]), (4, &json!(true)), "{sql}: {told:#}");
            assert!(told["differences"].to_string().contains(says), "{sql}: {told:#}");
        }
        assert_eq!(world.lamb_contents(), changed, "{sql}");
    }
}

/// Columns that a newer LAMB added, and that nobody wrote to, are in nobody's way.
#[test]
fn columns_that_nobody_wrote_to_are_no_change() {
    for column in [
        "TEXT",
        "TEXT DEFAULT 'x''y'",
        "TEXT DEFAULT 0",
        "INTEGER DEFAULT '7'",
        "BOOLEAN DEFAULT FALSE",
        "REAL DEFAULT 1",
        "REAL DEFAULT 0.5",
        "TEXT DEFAULT -1.5",
        "TEXT NOT NULL DEFAULT \"q\"",
    ] {
        let (world, _, run) = after(Edition::Delegated, CREATE);
        world.lamb_sql(&format!("ALTER TABLE {{p}}Creator_users ADD COLUMN later {column}"));
        world.run(&format!("undo {run} --yes")).expect(0);
        world.run("check-user --email admin@admin.owi").expect(1);
    }
}

/// A default that only SQLite could work out: nobody is blamed, and nothing is removed.
#[test]
fn an_unknown_default_is_not_reported_as_a_change() {
    let (world, _, run) = after(Edition::Delegated, CREATE);
    world.lamb_sql("ALTER TABLE {p}Creator_users ADD COLUMN later TEXT");
    // SQLite adds no such column to a table that has rows; LAMB makes such a table anew.
    world.lamb_sql(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'later TEXT', \
         'later TEXT DEFAULT CURRENT_TIMESTAMP') WHERE name = '{p}Creator_users'; PRAGMA writable_schema = RESET",
    );
    let before = world.lamb_contents();
    let told = world.run(&format!("undo {run} --yes"));
    told.expect(4).says("is unknown whether the column later").never_says("since");
    assert_eq!(world.lamb_contents(), before);
}

/// Somebody else removed it all: no undo did.
#[test]
fn rows_that_are_gone_are_not_reported_as_undone() {
    let (world, before, run) = after(Edition::Native, CREATE);
    world.lamb_sql(&format!("DELETE FROM {{p}}organization_roles WHERE user_id = {NEW}"));
    world.lamb_sql(&format!("DELETE FROM {{p}}Creator_users WHERE id = {NEW}"));
    let told = world.run(&format!("undo {run} --yes"));
    told.expect(0).says("not there (any more): 1 of the run's 1").never_says("already undone");
    assert_eq!(world.lamb_contents(), before);
}

/// Others lost their role since the run: taking it back would leave nobody, and is refused until it is forced.
#[test]
fn undo_leaves_no_organization_without_an_admin_unless_forced() {
    const NOBODY: &str = "would be left with neither an owner nor an admin";
    let refused = |world: &World, run: &str, says: &str| {
        let before = world.lamb_contents();
        for flags in ["--yes", "--dry-run", ""] {
            world.run(&format!("undo {run} {flags}")).expect(4).says(says).says("--force");
        }
        let (code, told) = world.json(&format!("undo {run} --yes"));
        assert_eq!((code, &told["refused"], &told["changed"]), (4, &json!(true), &json!(false)), "{told:#}");
        assert_eq!(world.lamb_contents(), before);
        world.run(&format!("undo {run} --yes --force")).expect(0).says("Done");
    };
    for edition in EDITIONS {
        // By a role that is put back.
        let world = World::plain(edition);
        let run = run_of(&world, "assign-role --email no-role@sandbox.test --org physics --role owner --yes");
        world.run("assign-role --email teacher@sandbox.test --org physics --role member --yes").expect(0);
        refused(&world, &run, &format!("physics {NOBODY}"));
        // By a creator that is removed.
        let (world, _, run) = after(edition, CREATE);
        world.lamb_sql(&format!(
            "UPDATE {{p}}organization_roles SET role = 'member' WHERE organization_id = 1 AND user_id <> {NEW}"
        ));
        refused(&world, &run, &format!("lamb {NOBODY}"));
        // Who is disabled manages nothing.
        let (world, _, run) = after(edition, CREATE);
        world.lamb_sql(&format!("UPDATE {{p}}Creator_users SET enabled = 0 WHERE organization_id = 1 AND id <> {NEW}"));
        refused(&world, &run, &format!("lamb {NOBODY}"));
    }
    let teacher = "assign-role --email teacher@sandbox.test --system-role admin --yes";
    let (world, _, run) = after(Edition::Native, teacher);
    world.lamb_sql("UPDATE {p}Creator_users SET role = 'user' WHERE user_email <> 'teacher@sandbox.test'");
    refused(&world, &run, "teacher@sandbox.test is the last system admin of this LAMB");
}

/// The journal of another database, or one that says so; the folder says nothing, containers have it elsewhere.
#[test]
fn a_run_of_another_database_is_refused() {
    let (world, before, run) = after(Edition::Delegated, CREATE);
    let made = world.lamb_contents();
    let text = std::fs::read_to_string(world.journal()).unwrap();
    let lamb = world.journal_lines()[0]["lamb"].as_str().unwrap().to_owned();
    for other in ["/opt/lamb/other.db", "", "/", "/opt/lamb/lamb_v4.db/.."] {
        std::fs::write(world.journal(), text.replace(&lamb, other)).unwrap();
        world.run(&format!("undo {run} --yes --force")).expect(4).says("refused").says("changed");
        assert_eq!(world.lamb_contents(), made, "{other}");
    }
    std::fs::write(world.journal(), text.replace(&lamb, "/elsewhere/lamb_v4.db")).unwrap();
    world.run(&format!("undo {run} --yes")).expect(0);
    assert_eq!(world.lamb_contents(), before);
}

/// A run of two changes, of which one was changed since: the other is taken back, and the exit code says so.
#[test]
fn rows_changed_since_are_left_and_the_others_undone() {
    let line = "assign-role --email teacher@sandbox.test --org physics --role member --system-role admin --yes --force";
    let (world, before, run) = after(Edition::Native, line);
    world.lamb_sql("UPDATE {p}organization_roles SET role = 'admin' WHERE organization_id = 2 AND user_id = 2");
    let others = |rows: &[String]| -> Vec<String> {
        rows.iter()
            .filter(|row| {
                !row.starts_with("LAMB_organization_roles: 2,") && !row.starts_with("LAMB_organization_roles: 2|")
            })
            .cloned()
            .collect()
    };
    let asked = world.command(&format!("undo {run}")).at_a_terminal("n\n");
    asked.expect(4).says("unchanged: teacher@sandbox.test: the row organization_roles 2 was changed since");
    world.run(&format!("undo {run} --dry-run")).expect(1).says("the row organization_roles 2 was changed");
    let (code, told) = world.json(&format!("undo {run} --yes"));
    assert_eq!((code, &told["changed"]), (5, &json!(true)), "{told:#}");
    assert_eq!(told["differences"].as_array().map(Vec::len), Some(1));
    let after = world.lamb_contents();
    assert_eq!(others(&after), others(&before));
    assert!(after.len() == before.len() && after != before);
    // It is not all undone: it is still the last, and never the one before it.
    world.run(&format!("history {run}")).expect(0).says("1 of 2 undone by");
    world.run("undo last --yes").expect(4).says("already undone");
    assert_eq!(world.lamb_contents(), after);
}

/// LAMB's tables in which a creator is named, as it has them, with a row that names the new one.
const REFERENCES: &[(&str, &str)] = &[
    (
        "assistants",
        "DROP TABLE IF EXISTS {p}assistants; CREATE TABLE {p}assistants (id INTEGER PRIMARY KEY, name TEXT, owner TEXT NOT NULL); INSERT INTO {p}assistants VALUES (1, 'a', 'admin@admin.owi')",
    ),
    (
        "assistants",
        "DROP TABLE IF EXISTS {p}assistants; CREATE TABLE {p}assistants (id INTEGER PRIMARY KEY, owner TEXT); INSERT INTO {p}assistants VALUES (1, ' Admin@Admin.OWI')",
    ),
    (
        "collections",
        "DROP TABLE IF EXISTS {p}collections; CREATE TABLE {p}collections (id TEXT PRIMARY KEY, owner TEXT); INSERT INTO {p}collections VALUES ('c', 'admin@admin.owi')",
    ),
    (
        "rubrics",
        "DROP TABLE IF EXISTS {p}rubrics; CREATE TABLE {p}rubrics (id INTEGER PRIMARY KEY, owner_email TEXT NOT NULL); INSERT INTO {p}rubrics VALUES (1, 'admin@admin.owi')",
    ),
    (
        "prompt_templates",
        "DROP TABLE IF EXISTS {p}prompt_templates; CREATE TABLE {p}prompt_templates (id INTEGER PRIMARY KEY, owner_email TEXT NOT NULL, FOREIGN KEY (owner_email) REFERENCES {p}Creator_users (user_email) ON DELETE CASCADE); INSERT INTO {p}prompt_templates VALUES (1, 'admin@admin.owi')",
    ),
    (
        "odd_name",
        "DROP TABLE IF EXISTS {p}odd_name; CREATE TABLE {p}odd_name (what TEXT REFERENCES {p}Creator_users (user_email) ON DELETE CASCADE); INSERT INTO {p}odd_name VALUES ('admin@admin.owi')",
    ),
    (
        "assistant_shares",
        "DROP TABLE IF EXISTS {p}assistant_shares; CREATE TABLE {p}assistant_shares (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, shared_by INTEGER, FOREIGN KEY (user_id) REFERENCES {p}Creator_users (id) ON DELETE CASCADE); INSERT INTO {p}assistant_shares VALUES (1, {new}, NULL)",
    ),
    (
        "assistant_shares",
        "DROP TABLE IF EXISTS {p}assistant_shares; CREATE TABLE {p}assistant_shares (id INTEGER PRIMARY KEY, user_id INTEGER, shared_by INTEGER); INSERT INTO {p}assistant_shares VALUES (1, 1, {new})",
    ),
    (
        "kb_registry",
        "DROP TABLE IF EXISTS {p}kb_registry; CREATE TABLE {p}kb_registry (kb_id TEXT PRIMARY KEY, owner_user_id INTEGER NOT NULL REFERENCES {p}Creator_users (id) ON DELETE CASCADE); INSERT INTO {p}kb_registry VALUES ('k', {new})",
    ),
    (
        "lti_identity_links",
        "DROP TABLE IF EXISTS {p}lti_identity_links; CREATE TABLE {p}lti_identity_links (id INTEGER PRIMARY KEY, creator_user_id TEXT REFERENCES {p}creator_USERS (id) ON DELETE SET NULL); INSERT INTO {p}lti_identity_links VALUES (1, {new})",
    ),
    (
        "implicit",
        "DROP TABLE IF EXISTS {p}implicit; CREATE TABLE {p}implicit (what REFERENCES {p}Creator_users ON DELETE CASCADE); INSERT INTO {p}implicit VALUES ({new})",
    ),
    (
        "later_audit",
        "DROP TABLE IF EXISTS {p}later_audit; CREATE TABLE {p}later_audit (id INTEGER PRIMARY KEY, actor_user_id INTEGER NOT NULL, FOREIGN KEY (actor_user_id) REFERENCES {p}Creator_users (id)); INSERT INTO {p}later_audit VALUES (1, {new})",
    ),
    (
        "organization_roles",
        "INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at) VALUES (2, {new}, 'member', 5, 5)",
    ),
    (
        "role_notes",
        "DROP TABLE IF EXISTS {p}role_notes; CREATE TABLE {p}role_notes (role INTEGER REFERENCES {p}organization_roles (id) ON DELETE CASCADE); INSERT INTO {p}role_notes SELECT id FROM {p}organization_roles WHERE user_id = {new}",
    ),
    (
        "Creator_users",
        "ALTER TABLE {p}Creator_users ADD COLUMN invited INTEGER REFERENCES {p}Creator_users (id); UPDATE {p}Creator_users SET invited = {new} WHERE id = 1",
    ),
    (
        "lti_users",
        "INSERT INTO {p}lti_users (user_email, user_name, assistant_id) VALUES ('admin@admin.owi', 'A', '12')",
    ),
    (
        "seats",
        "DROP TABLE IF EXISTS {p}seats; CREATE TABLE {p}seats (holder TEXT); INSERT INTO {p}seats VALUES ('admin@admin.owi')",
    ),
    (
        "tasks",
        "DROP TABLE IF EXISTS {p}tasks; CREATE TABLE {p}tasks (assignee INTEGER); INSERT INTO {p}tasks VALUES ({new})",
    ),
    (
        "teams",
        "DROP TABLE IF EXISTS {p}teams; CREATE TABLE {p}teams (team_member_id INTEGER); INSERT INTO {p}teams VALUES ({new})",
    ),
    (
        "logins",
        "DROP TABLE IF EXISTS {p}logins; CREATE TABLE {p}logins (UserName TEXT); INSERT INTO {p}logins VALUES ('admin@admin.owi')",
    ),
    ("no prefix", "CREATE TABLE unprefixed (owner TEXT); INSERT INTO unprefixed VALUES ('admin@admin.owi')"),
];

#[test]
fn what_something_refers_to_is_left() {
    // The editions by turns: the tables are the same, and a sandbox takes its time.
    for ((table, sql), edition) in REFERENCES.iter().zip(EDITIONS.into_iter().cycle()) {
        let (world, _, run) = after(edition, CREATE);
        world.lamb_sql(&sql.replace("{new}", NEW));
        let referred = world.lamb_contents();
        let table = if *table == "no prefix" { "unprefixed" } else { table };
        for flags in ["--yes --force", "--dry-run"] {
            let (code, told) = world.json(&format!("undo {run} {flags}"));
            assert_eq!((code, &told["refused"]), (4, &json!(true)), "{sql}: {told:#}");
            let why = told["differences"].to_string();
            assert!(why.contains(table) && why.contains("refers to it"), "{sql}: {why}");
        }
        assert_eq!(world.lamb_contents(), referred, "{sql}");
    }
    let (world, _, run) = after(Edition::Native, CREATE);
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}audit_log (organization_id, actor_user_id, action, created_at) VALUES (1, {NEW}, 'x', 1)"
    ));
    world.run(&format!("undo {run} --yes")).expect(4).says("audit_log.actor_user_id refers to it");
}

/// What only looks like a reference: another's, a number that means something else, another set of tables.
#[test]
fn rows_that_only_refer_to_others_do_not_block_undo() {
    for edition in EDITIONS {
        for sql in [
            "DROP TABLE IF EXISTS {p}assistants; CREATE TABLE {p}assistants (id INTEGER PRIMARY KEY, owner TEXT); INSERT INTO {p}assistants VALUES ({new}, 'teacher@sandbox.test')",
            "DROP TABLE IF EXISTS {p}consents; CREATE TABLE {p}consents (user_id INTEGER REFERENCES {p}lti_users (id)); INSERT INTO {p}consents VALUES ({new})",
            "DROP TABLE IF EXISTS {p}shares; CREATE TABLE {p}shares (is_owner BOOLEAN, lti_user_id TEXT); INSERT INTO {p}shares VALUES ({new}, {new})",
            "CREATE TABLE old_Creator_users AS SELECT * FROM {p}Creator_users; CREATE TABLE old_assistants (owner TEXT); \
             INSERT INTO old_assistants VALUES ('admin@admin.owi')",
        ] {
            let world = World::plain(edition);
            let run = run_of(&world, CREATE);
            world.lamb_sql(&sql.replace("{new}", NEW));
            let undone = world.command(&format!("undo {run} --yes")).env("LAMB_DB_PREFIX", world.prefix()).run();
            undone.expect(0);
            world.command("check-user --email admin@admin.owi").env("LAMB_DB_PREFIX", world.prefix()).run().expect(1);
        }
    }
}

/// A trigger that a look at the tables does not show takes other rows along: then nothing is removed.
#[test]
fn nothing_goes_along_unseen() {
    let (world, _, run) = after(Edition::Delegated, CREATE);
    world.lamb_sql(
        "DROP TABLE IF EXISTS {p}hidden; CREATE TABLE {p}hidden (what TEXT); INSERT INTO {p}hidden VALUES ('kept'); \
         CREATE TRIGGER along AFTER DELETE ON {p}Creator_users BEGIN DELETE FROM {p}hidden; END",
    );
    let before = world.lamb_contents();
    world.run(&format!("undo {run} --yes")).expect(4).says("LAMB's database was not changed").says("trigger \"along\"");
    assert_eq!(world.lamb_contents(), before);
}

/// With a trigger that writes in its stead, or without: a view in the place of a table is not written.
#[test]
fn nothing_is_written_to_a_view() {
    let (world, _, run) = after(Edition::Delegated, CREATE);
    world.lamb_sql(
        "ALTER TABLE {p}Creator_users RENAME TO kept; CREATE VIEW {p}Creator_users AS SELECT * FROM kept;
         CREATE TRIGGER instead INSTEAD OF INSERT ON {p}Creator_users BEGIN SELECT 1; END",
    );
    let before = world.lamb_contents();
    for line in [
        "create-creator --email student@sandbox.test --yes",
        "assign-role --email teacher@sandbox.test --org lamb --role admin --yes",
        "sync --all --apply --yes",
        &format!("undo {run} --yes"),
    ] {
        world.run(line).expect(4).says("a view or a virtual table").says("lamb-table-is-view");
    }
    assert_eq!(world.lamb_contents(), before);
}

/// Somebody who may write to the journal, or a journal of another database: nothing else is ever changed by it.
#[test]
fn a_journal_that_lies_changes_nothing() {
    let made = |id: i64, email: &str, more: &str| {
        format!(r#"[{{"table":"Creator_users","id":{id},"before":null,"after":{{"user_email":"{email}"{more}}}}}]"#)
    };
    let set = |table: &str, id: i64, before: &str, after: &str| {
        format!(r#"[{{"table":"{table}","id":{id},"before":{{{before}}},"after":{{{after}}}}}]"#)
    };
    let teacher = "teacher@sandbox.test";
    let lamb = World::plain(Edition::Native).sandbox.dir().join("lamb/lamb_v4.db");
    let lamb = lamb.display();
    let lies = [
        made(2, teacher, ""),
        made(2, teacher, r#","organization_id":2,"user_name":"Tom Teacher","created_at":7,"updated_at":1760000000"#),
        made(-2, teacher, ""),
        made(i64::MIN, teacher, ""),
        r#"[{"table":"Creator_users","id":2,"before":null,"after":{}}]"#.to_owned(),
        r#"[{"table":"Creator_users","id":2,"before":null,"after":null}]"#.to_owned(),
        r#"[{"table":"Creator_users","id":2,"before":{"role":"admin"},"after":null}]"#.to_owned(),
        r#"[{"table":"organizations","id":2,"before":null,"after":{"slug":"physics"}}]"#.to_owned(),
        r#"[{"table":"sqlite_schema","id":2,"before":null,"after":{}}]"#.to_owned(),
        "[]".to_owned(),
        set("Creator_users", 2, r#""enabled\" = 0; --":1"#, r#""enabled\" = 0; --":1"#),
        set("Creator_users", 2, r#""user_email":"x@y""#, r#""user_email":"teacher@sandbox.test""#),
        set("Creator_users", 2, r#""id":900"#, r#""id":2"#),
        set("Creator_users", 2, r#""enabled":0,"updated_at":1"#, r#""updated_at":1760000000"#),
        set("Creator_users", 2, r#""enabled":0"#, r#""enabled":0"#),
        set("Creator_users", 1, r#""enabled":0"#, r#""enabled":1"#),
        set("Creator_users", 2, r#""password_hash":{"sha256":"00"}"#, r#""password_hash":{"sha256":"00"}"#),
        set("organization_roles", 1, r#""role":"member""#, r#""role":"admin""#),
        set("organization_roles", 2, r#""user_id":1"#, r#""user_id":2"#),
        set("organization_roles", 2, r#""role":"member""#, r#""role":"admin""#),
        set("organization_roles", 999, r#""role":"member""#, r#""role":"admin""#),
    ];
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = world.lamb_contents();
        for rows in &lies {
            let prefix = world.prefix();
            let text = [
                format!(
                    r#"{{"line":"begin","schema":1,"run":"lie","time":"","command":"sync","user":"","version":"","lamb":"{lamb}","prefix":"{prefix}"}}"#
                ),
                format!(r#"{{"line":"change","run":"lie","kind":"\u001b[31mset","email":"{teacher}","rows":{rows}}}"#),
                r#"{"line":"intent","run":"lie","changes":1}"#.to_owned(),
                r#"{"line":"done","run":"lie","time":"","changes":1,"lock_ms":1}"#.to_owned(),
            ];
            std::fs::write(world.journal(), text.join("\n") + "\n").unwrap();
            let output = world.run("undo lie --yes --force");
            assert!([0, 3, 4].contains(&output.code) && !output.stdout.contains('\u{1b}'), "{rows}: {output}");
            assert!(output.code != 0 || output.stdout.contains("Nothing to do"), "{rows}: {output}");
            assert_eq!(world.lamb_contents(), before, "{rows}: {output}");
            assert!([0, 3].contains(&world.run("history lie").code), "{rows}");
        }
    }
}

/// A run that wrote to tables that LAMB does not read.
#[test]
fn the_tables_of_another_prefix_are_refused() {
    let (world, _, run) = after(Edition::Delegated, CREATE);
    let text = std::fs::read_to_string(world.journal()).unwrap();
    std::fs::write(world.journal(), text.replace(r#""prefix":"""#, r#""prefix":"old_""#)).unwrap();
    let before = world.lamb_contents();
    world.run(&format!("undo {run} --yes")).expect(4).says("prefix \"old_\"");
    assert_eq!(world.lamb_contents(), before);

    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::PrefixWrong));
    world.run("undo last --yes").expect(4).says("prefix");
}

#[test]
fn a_locked_database_is_left() {
    for lock in ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"] {
        let (world, _, run) = after(Edition::Delegated, CREATE);
        let made = everything(&world);
        let holder = world.lamb();
        holder.execute_batch(lock).unwrap();
        world.run(&format!("undo {run} --yes --lock-timeout 0.1")).expect(3).says("locked");
        drop(holder);
        assert_eq!(everything(&world), made);
        world.run(&format!("undo {run} --yes")).expect(0);
    }
}

#[test]
fn without_a_journal_there_is_nothing_to_undo() {
    let world = World::plain(Edition::Delegated);
    world.run("undo last --yes").expect(2);
    world.run("undo 20260101T000000Z-000000 --yes").expect(2).says("no run");
    assert!(!world.journal().exists());
}

/// Whoever waits for somebody else's lock may give up: nothing is written by then.
#[test]
fn ctrl_c_ends_the_wait_for_a_lock() {
    let (world, _, run) = after(Edition::Delegated, CREATE);
    let (made, journal) = (world.lamb_contents(), std::fs::read(world.journal()).unwrap());
    let holder = world.lamb();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let line = world.command(&format!("undo {run} --yes --lock-timeout 60 -v"));
    let mut child = line.start();
    let mut trace = String::new();
    let mut stderr = child.stderr.take().unwrap();
    // The last that it does before it waits.
    while !trace.contains("cache_size") {
        let mut bytes = [0; 4096];
        let read = stderr.read(&mut bytes).unwrap();
        assert_ne!(read, 0, "{trace}");
        trace.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    std::thread::sleep(Duration::from_millis(50));
    let began = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    line.finish(child).expect(130);
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(holder);
    assert_eq!((world.lamb_contents(), std::fs::read(world.journal()).unwrap()), (made, journal));
}

#[test]
fn pages() {
    for edition in EDITIONS {
        let (world, _, run) = after(edition, CREATE);
        let wide = |line: &str| world.command(line).env("COLUMNS", "160").run();
        let mut pages: Vec<_> =
            ["table", "plain", "json"].iter().map(|shape| wide(&format!("undo {run} --dry-run -o {shape}"))).collect();
        world.lamb_sql("DROP TABLE IF EXISTS {p}assistants; CREATE TABLE {p}assistants (owner TEXT); INSERT INTO {p}assistants VALUES ('admin@admin.owi')");
        pages.push(wide(&format!("undo {run} --yes")));
        world.lamb_sql("DELETE FROM {p}assistants");
        pages.push(wide(&format!("undo {run} --yes")));
        pages.push(wide(&format!("undo {run} --yes")));
        pages.push(wide("undo last --yes"));
        pages.push(wide("undo nothing"));
        snapshot(&format!("undo_{edition}"), &pages);
    }
}
