//! What `update-creator --rename` plans, changes and undoes.

use super::super::rename::{self, RenameInput};
use super::*;
use crate::email::Email;
use crate::owi::file::db::{OwiMatches, OwiUser};

const OLD: &str = "teacher@sandbox.test";
const NEW: &str = "married@sandbox.test";

/// The tables of LAMB that name a creator by e-mail, with and without a foreign key, and those of the LMS.
fn with_tables(edition: Edition) -> (Sandbox, LambDb) {
    let (sandbox, mut db) = lamb(edition);
    let p = db.schema().prefix.as_str().to_owned();
    let sql = format!(
        "DROP TABLE {p}assistants;
         DROP TABLE IF EXISTS {p}prompt_templates;
         DROP TABLE IF EXISTS {p}lti_activities;
         DROP TABLE IF EXISTS {p}lti_identity_links;
         DROP TABLE {p}lti_users;
         CREATE TABLE {p}assistants (id INTEGER PRIMARY KEY, owner TEXT, UNIQUE (owner, id));
         CREATE TABLE {p}prompt_templates (id INTEGER PRIMARY KEY, owner_email TEXT NOT NULL,
             FOREIGN KEY (owner_email) REFERENCES {p}Creator_users (user_email) ON DELETE CASCADE);
         CREATE TABLE {p}lti_activities (id INTEGER PRIMARY KEY, owner_email TEXT, configured_by_email TEXT);
         CREATE TABLE {p}lti_identity_links (id INTEGER PRIMARY KEY, lms_email TEXT, creator_user_id INTEGER);
         CREATE TABLE {p}lti_users (id INTEGER PRIMARY KEY, assistant_owner TEXT, user_email TEXT);
         INSERT INTO {p}assistants VALUES (1, '{OLD}'), (2, 'Teacher@sandbox.test'), (3, '{OLD}');
         INSERT INTO {p}prompt_templates VALUES (7, '{OLD}');
         INSERT INTO {p}lti_activities VALUES (4, 'operator@sandbox.test', '{OLD}');
         INSERT INTO {p}lti_identity_links VALUES (5, '{OLD}', 2);
         INSERT INTO {p}lti_users VALUES (6, '{OLD}', '{OLD}'), (8, 'x', 'student@uni.example');"
    );
    db.connection().execute_batch(&sql).unwrap();
    (sandbox, db)
}

fn names(db: &mut LambDb, email: &str) -> Vec<String> {
    let p = db.schema().prefix.as_str().to_owned();
    let columns = [
        "assistants.owner",
        "prompt_templates.owner_email",
        "lti_activities.configured_by_email",
        "lti_identity_links.lms_email",
        "lti_users.assistant_owner",
        "lti_users.user_email",
        "Creator_users.user_email",
    ];
    let found = columns.iter().filter_map(|place| {
        let (table, column) = place.split_once('.').unwrap();
        let sql = format!("SELECT count(*) FROM {p}{table} WHERE {column} = ?1");
        let count: i64 = db.connection().query_row(&sql, [email], |row| row.get(0)).unwrap();
        (count > 0).then(|| format!("{count} {place}"))
    });
    found.collect()
}

fn planned(db: &LambDb, new: &str, owi: OwiMatches) -> Plan {
    let new = Email::stored(new);
    let creator = db.creator(OLD).unwrap().unwrap();
    let (old_names, new_names) = rename::names(db, &creator.email, &new).unwrap();
    let facts = RenameInput {
        edition: db.schema().edition().unwrap(),
        creator: &creator,
        old: old_names,
        new: new_names,
        creators: db.look_alikes(&new).unwrap(),
        lms: db.lms_user(&new).unwrap(),
        owi,
        owi_before: OwiMatches::default(),
        owi_too: false,
        bootstrap_admin: Some("operator@sandbox.test"),
    };
    rename::plan(&new, facts)
}

fn run(db: &mut LambDb, plan: Plan, journal: &mut dyn Journal) -> Result<Applied, ApplyError> {
    apply(db, plan.confirm(false, &Consent::given()).unwrap(), journal)
}

#[test]
fn a_rename_keeps_every_reference_and_undo_restores_it() {
    let (_sandbox, mut db) = with_tables(Edition::Native);
    let (rows, named) = (dump(&mut db), names(&mut db, OLD));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let plan = planned(&db, NEW, OwiMatches::default());
    assert_eq!(plan.guards, []);
    assert_eq!(plan.notes.iter().filter(|note| note.starts_with("changes with it")).count(), 4, "{plan:#?}");
    let mut journal = FileJournal::new(path.clone(), "update-creator", &db);
    run(&mut db, plan, &mut journal).unwrap();

    let moved = "2 assistants.owner|1 prompt_templates.owner_email|1 lti_activities.configured_by_email|\
                 1 lti_users.assistant_owner|1 Creator_users.user_email";
    assert_eq!(names(&mut db, NEW).join("|"), moved);
    // What the LMS says of the address stays.
    assert_eq!(names(&mut db, OLD), ["1 lti_identity_links.lms_email", "1 lti_users.user_email"]);
    assert_eq!(names(&mut db, "Teacher@sandbox.test"), ["1 assistants.owner"]);

    let plan = undo::plan(&load(&path, "last").unwrap(), &db).unwrap();
    assert_eq!((plan.differences.len(), plan.changes.len()), (0, 1), "{plan:#?}");
    run(&mut db, plan, &mut NoJournal).unwrap();
    assert_eq!((dump(&mut db), names(&mut db, OLD), names(&mut db, NEW)), (rows, named, Vec::new()));
}

#[test]
fn a_rename_is_not_undone_where_the_new_address_has_gained_rows() {
    let (_sandbox, mut db) = with_tables(Edition::Native);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = FileJournal::new(path.clone(), "update-creator", &db);
    let plan = planned(&db, NEW, OwiMatches::default());
    run(&mut db, plan, &mut journal).unwrap();
    let assistants = db.schema().prefix.table("assistants");

    // A row that is gone is no obstacle.
    db.connection().execute_batch(&format!("DELETE FROM {assistants} WHERE id = 3")).unwrap();
    let loaded = load(&path, "last").unwrap();
    let stale = undo::plan(&loaded, &db).unwrap();
    assert_eq!(stale.differences, Vec::<String>::new());
    db.connection().execute_batch(&format!("INSERT INTO {assistants} VALUES (9, '{NEW}')")).unwrap();
    let plan = undo::plan(&loaded, &db).unwrap();
    assert_eq!(plan.changes, []);
    assert!(plan.differences[0].contains("has gained rows"), "{plan:?}");
    let moved = run(&mut db, stale, &mut NoJournal);
    assert!(matches!(moved, Err(ApplyError::Moved(_))), "{moved:?}");
}

/// Nothing is changed where a row would be left with a foreign key to the old address: what the LMS says of it stays.
#[test]
fn a_rename_after_which_a_foreign_key_would_lead_nowhere_is_rolled_back() {
    let (_sandbox, mut db) = with_tables(Edition::Native);
    let p = db.schema().prefix.as_str().to_owned();
    let sql = format!(
        "DROP TABLE {p}lti_identity_links;
         CREATE TABLE {p}lti_identity_links (id INTEGER PRIMARY KEY, creator_user_id INTEGER,
             lms_email TEXT REFERENCES {p}Creator_users (user_email));
         INSERT INTO {p}lti_identity_links VALUES (5, 2, '{OLD}')"
    );
    db.connection().execute_batch(&sql).unwrap();
    let (rows, named) = (dump(&mut db), names(&mut db, OLD));
    let plan = planned(&db, NEW, OwiMatches::default());
    let refused = run(&mut db, plan, &mut NoJournal);
    assert!(matches!(&refused, Err(ApplyError::Differs { what, .. }) if what.contains("foreign key")), "{refused:?}");
    assert_eq!((dump(&mut db), names(&mut db, OLD)), (rows, named));
}

#[test]
fn a_rename_is_refused_where_open_webui_has_the_address_in_another_way() {
    let (_sandbox, db) = with_tables(Edition::Native);
    let account = |email: &str| OwiUser::for_test("an id", email);
    let guard = |new: &str, owi: OwiMatches| planned(&db, new, owi).guards.first().map(|guard| guard.reason.clone());
    let spelled = OwiMatches { other_spellings: vec![account("Married@sandbox.test")], ..OwiMatches::default() };
    assert!(guard(NEW, spelled).unwrap().contains("spells this address \"Married@sandbox.test\""));
    let there = || OwiMatches { exact: vec![account(NEW)], ..OwiMatches::default() };
    assert_eq!(guard(NEW, there()), None, "the account that the person has now");
    let none = OwiMatches::default;
    assert!(guard("mar\u{200b}ried@sandbox.test", none()).unwrap().contains("not an address for a creator"));
    assert!(guard("\u{448}@uni.example", none()).unwrap().contains("could not log in"));
    assert!(guard("married.sandbox.test", none()).unwrap().contains("not an address for a creator"));
}

#[test]
fn a_rename_to_an_address_of_another_user_is_refused() {
    let (_sandbox, db) = with_tables(Edition::Native);
    for (new, why) in [
        ("operator@sandbox.test", "already"),
        ("Operator@sandbox.test", "already"),
        ("student@uni.example", "lti_users"),
        ("someone@lamb-lti.local", "choose an address"),
    ] {
        let plan = planned(&db, new, OwiMatches::default());
        let guard = plan.guards.first().unwrap_or_else(|| panic!("{new} is free"));
        assert!(!guard.can_be_forced);
        assert!(format!("{} {}", guard.reason, guard.way_out.text()).contains(why), "{guard:?}");
    }
    // Another spelling of the creator's own address is the fix of email-spelling.
    assert_eq!(planned(&db, "TEACHER@sandbox.test", OwiMatches::default()).guards, []);
    let (_sandbox, db) = with_tables(Edition::Delegated);
    assert!(planned(&db, NEW, OwiMatches::default()).guards[0].reason.contains("could not log in"));
}
