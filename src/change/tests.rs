use std::time::Duration;

use std::cell::RefCell;
use std::collections::HashSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::assign_role::RoleInput;
use super::journal::{FileJournal, NoJournal, RunState, history, load};
use super::*;
use crate::change::rows::RowChange;
use crate::exit::{Exit, ExitStatus};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::sandbox::{Options, Sandbox};
use crate::settings::{Origin, Prefix};
use crate::sqlite::value::PasswordHash;

mod renames;
mod updates;

/// A LAMB of this edition with the sandbox's people, open for a change.
fn lamb(edition: Edition) -> (Sandbox, LambDb) {
    let sandbox = Sandbox::start_blocking(&Options { edition, ..Options::default() }).unwrap();
    let path = sandbox.dir().join("lamb/lamb_v4.db");
    let prefix = Prefix::parse(edition.default_prefix()).unwrap();
    let db = LambDb::open_for_change(&path, Some((prefix, Origin::Default)), Duration::from_secs(1)).unwrap();
    (sandbox, db)
}

fn dump(db: &mut LambDb) -> Vec<String> {
    let prefix = db.schema().prefix.clone();
    let conn = db.connection();
    let mut all = Vec::new();
    for table in ["Creator_users", "organization_roles", "organizations"] {
        let mut statement = conn.prepare(&format!("SELECT * FROM {} ORDER BY id", prefix.table(table))).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            Ok((0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect::<Vec<_>>().join("|"))
        });
        all.extend(rows.unwrap().map(Result::unwrap));
    }
    all
}

fn confirmed(changes: Vec<Change>) -> Confirmed {
    Plan { changes, ..Plan::default() }.confirm(false, &Consent::given()).unwrap()
}

fn newcomer(organization: Arc<OrganizationRef>, system_role: Option<SystemRole>) -> Change {
    Change::CreateCreator {
        email: "new@sandbox.test".into(),
        name: "Nora New".into(),
        user_type: UserType::Creator,
        organization,
        role: OrganizationRole::Member,
        system_role,
        password_hash: None,
        is_first: false,
        is_student: false,
    }
}

fn system_organization() -> Arc<OrganizationRef> {
    Arc::new(OrganizationRef { id: 1, slug: "lamb".into() })
}

/// Keeps what it is told, and refuses when it is told to.
#[derive(Default)]
struct Witness {
    told: Vec<&'static str>,
    refuses: bool,
}

impl Journal for Witness {
    fn change(&mut self, _: &Change, rows: &[RowChange<'_>], _: &[Renamed]) -> std::io::Result<()> {
        assert!(!rows.is_empty());
        self.told.push("change");
        Ok(())
    }

    fn intent(&mut self) -> std::io::Result<()> {
        self.told.push("intent");
        if self.refuses { Err(std::io::Error::other("disk full")) } else { Ok(()) }
    }

    fn done(&mut self, _: Duration) -> std::io::Result<()> {
        self.told.push("done");
        Ok(())
    }

    fn failed(&mut self, _: &str) -> std::io::Result<()> {
        self.told.push("failed");
        Ok(())
    }
}

/// Applies without a journal.
fn apply(db: &mut LambDb, plan: Confirmed, journal: &mut dyn Journal) -> Result<Applied, ApplyError> {
    super::apply(db, plan, journal, &mut |_| {})
}

/// A plan may hold a million.
#[test]
fn a_change_is_small() {
    assert!(size_of::<Change>() <= 64, "{}", size_of::<Change>());
}

#[test]
fn a_creator_and_its_role_are_written_together_and_journalled() {
    for edition in [Edition::Delegated, Edition::Native] {
        let (_sandbox, mut db) = lamb(edition);
        let system_role = (edition == Edition::Native).then_some(SystemRole::User);
        let mut journal = Witness::default();
        let plan = confirmed(vec![newcomer(system_organization(), system_role)]);
        let applied = apply(&mut db, plan, &mut journal).unwrap();
        let creator = db.creator("new@sandbox.test").unwrap().unwrap();
        assert_eq!(applied.created, [creator.id]);
        assert_eq!(creator.organization_role.as_deref(), Some("member"));
        assert_eq!((creator.enabled, creator.user_config.problem()), (true, None));
        assert_eq!(creator.created_at, creator.updated_at);
        assert_eq!(journal.told, ["change", "intent", "done"]);
    }
}

/// So many that some are written at once, and some are left over.
fn newcomers(count: usize) -> Vec<Change> {
    let named = |at: usize| {
        let mut change = newcomer(system_organization(), None);
        if let Change::CreateCreator { email, .. } = &mut change {
            *email = format!("new{at}@sandbox.test").into();
        }
        change
    };
    (0..count).map(named).collect()
}

/// The role of each creator of [`newcomers`] that a run has made: its id, its creator and what it is.
fn roles(db: &mut LambDb) -> Vec<(i64, i64, String)> {
    let prefix = db.schema().prefix.clone();
    let sql = format!(
        "SELECT r.id, c.id, r.role FROM {} c JOIN {} r ON r.user_id = c.id WHERE c.user_email LIKE 'new%' ORDER BY c.id",
        prefix.table("Creator_users"),
        prefix.table("organization_roles")
    );
    let mut statement = db.connection().prepare(&sql).unwrap();
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    statement.query_map([], read).unwrap().map(Result::unwrap).collect()
}

#[test]
fn many_new_creators_get_a_role_each_and_are_journalled_in_their_order() {
    let (sandbox, mut db) = lamb(Edition::Delegated);
    let path = sandbox.dir().join("journal");
    let mut journal = FileJournal::new(path.clone(), "sync", &db);
    let applied = apply(&mut db, confirmed(newcomers(150)), &mut journal).unwrap();
    let roles = roles(&mut db);
    assert!(roles.iter().map(|(_, creator, _)| creator).eq(&applied.created) && roles.len() == 150);
    assert!(roles.iter().all(|(_, _, role)| role == "member"));
    let run = load(&path, journal.run().as_str()).unwrap();
    let emails: Vec<&str> = run.entries.iter().map(|entry| &*entry.email).collect();
    assert!(emails.iter().copied().eq(newcomers(150).iter().map(Change::email)), "{emails:?}");
    let told = run.entries.iter().map(|entry| (entry.rows[1].id, entry.rows[0].id));
    assert!(told.eq(roles.iter().map(|(id, creator, _)| (*id, *creator))));
}

/// A row of a creator who is gone, with the id that one of many gets.
#[test]
fn a_role_that_is_there_already_is_set_in_place_among_many() {
    let (_sandbox, mut db) = lamb(Edition::Delegated);
    let next = "SELECT seq + 70 FROM sqlite_sequence WHERE name = 'Creator_users'";
    let left = format!(
        "PRAGMA foreign_keys = OFF;
         INSERT INTO organization_roles VALUES (9000, 1, ({next}), 'admin', 1, 1)"
    );
    db.connection().execute_batch(&left).unwrap();
    let applied = apply(&mut db, confirmed(newcomers(150)), &mut NoJournal).unwrap();
    let roles = roles(&mut db);
    assert_eq!(roles[69], (9000, applied.created[69], "member".to_owned()));
    assert!(roles.len() == 150 && roles.iter().filter(|(id, ..)| *id > 9000).count() == 149);
}

/// As [`a_trigger_that_changes_what_was_written_or_anything_else_stops_the_run_and_is_named`], where many are written at once.
#[test]
fn what_a_trigger_does_beside_many_new_creators_stops_the_run() {
    for (body, told) in [
        (
            "AFTER INSERT ON Creator_users BEGIN INSERT INTO log VALUES (1); END",
            "new0@sandbox.test and 63 more writes 128",
        ),
        ("BEFORE INSERT ON organization_roles WHEN new.user_id % 50 = 0 BEGIN SELECT RAISE(IGNORE); END", "ignored"),
        (
            "AFTER INSERT ON organization_roles WHEN new.id % 50 = 0 BEGIN UPDATE Creator_users SET user_name = 'x' WHERE id = new.user_id; END",
            "63 more writes",
        ),
    ] {
        let (_sandbox, mut db) = lamb(Edition::Delegated);
        let addition = format!("CREATE TABLE log (what INTEGER); CREATE TRIGGER \"gets in\" {body}");
        db.connection().execute_batch(&addition).unwrap();
        let before = dump(&mut db);
        let error = apply(&mut db, confirmed(newcomers(150)), &mut NoJournal).unwrap_err();
        assert!(matches!(error, ApplyError::Differs { .. }) && error.to_string().contains(told), "{body}: {error}");
        assert_eq!(dump(&mut db), before, "{body}");
    }
}

/// What is written after a rollback would be committed row by row: LAMB's foreign key is what stops it in most tables.
#[test]
fn a_trigger_that_rolls_back_leaves_nothing_of_the_run() {
    let rolls_back = "CREATE TABLE roles AS SELECT * FROM organization_roles; DROP TABLE organization_roles;
        CREATE TABLE organization_roles (id INTEGER PRIMARY KEY, organization_id INTEGER, user_id INTEGER, role TEXT,
          created_at INTEGER, updated_at INTEGER, UNIQUE (organization_id, user_id));
        INSERT INTO organization_roles SELECT * FROM roles; DROP TABLE roles;
        CREATE TRIGGER back BEFORE INSERT ON organization_roles WHEN new.user_id % 40 = 0
          BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    for count in [150, 63] {
        let (_sandbox, mut db) = lamb(Edition::Delegated);
        db.connection().execute_batch(rolls_back).unwrap();
        let before = dump(&mut db);
        let error = apply(&mut db, confirmed(newcomers(count)), &mut NoJournal).unwrap_err();
        assert!(error.to_string().contains("no"), "{error}");
        assert_eq!(dump(&mut db), before, "{count}");
    }
}

#[test]
fn a_row_that_changed_since_the_plan_stops_the_run() {
    let (_sandbox, mut db) = lamb(Edition::Delegated);
    let creator = db.creator("teacher@sandbox.test").unwrap().unwrap();
    let organization = OrganizationRef { id: 2, slug: "physics".into() };
    let role = |organization: &OrganizationRef, before: Option<&str>, email: &str| Change::SetOrganizationRole {
        creator: creator.id,
        email: email.into(),
        organization: Arc::new(organization.clone()),
        before: before.map(Into::into),
        after: OrganizationRole::Member,
        other_managers: 0,
    };
    let renamed = OrganizationRef { slug: "chemistry".into(), ..organization.clone() };
    let existing = Change::CreateCreator {
        email: " TEACHER@sandbox.test".into(),
        name: "x".into(),
        user_type: UserType::Creator,
        organization: system_organization(),
        role: OrganizationRole::Member,
        system_role: None,
        password_hash: None,
        is_first: false,
        is_student: false,
    };
    // Planned while physics had another manager; now it has none.
    let mut alone = role(&organization, Some("owner"), "teacher@sandbox.test");
    if let Change::SetOrganizationRole { other_managers, .. } = &mut alone {
        *other_managers = 1;
    }
    let stale = [
        role(&organization, Some("admin"), "teacher@sandbox.test"),
        role(&organization, None, "teacher@sandbox.test"),
        role(&organization, Some("owner"), "other@sandbox.test"),
        role(&renamed, Some("owner"), "teacher@sandbox.test"),
        alone,
        existing,
    ];
    for change in stale {
        let before = dump(&mut db);
        // The first change of the plan is sound: it must not stay behind.
        let plan = confirmed(vec![newcomer(system_organization(), None), change.clone()]);
        let error = apply(&mut db, plan, &mut NoJournal).unwrap_err();
        assert!(matches!(error, ApplyError::Moved(_)), "{change}: {error}");
        assert_eq!(dump(&mut db), before, "{change}");
    }
}

#[test]
fn without_a_journal_entry_nothing_is_changed() {
    let (_sandbox, mut db) = lamb(Edition::Delegated);
    let before = dump(&mut db);
    let mut journal = Witness { refuses: true, ..Witness::default() };
    let error = apply(&mut db, confirmed(vec![newcomer(system_organization(), None)]), &mut journal).unwrap_err();
    assert!(matches!(error, ApplyError::Journal(_)), "{error}");
    assert_eq!((dump(&mut db), journal.told), (before, vec!["change", "intent", "failed"]));
}

/// Applies a newcomer beside this addition to LAMB's tables; its error, where it was refused and left nothing behind.
fn applied_beside(addition: &str) -> Option<String> {
    let (_sandbox, mut db) = lamb(Edition::Delegated);
    db.connection().execute_batch(addition).unwrap();
    let before = dump(&mut db);
    let mut journal = Witness::default();
    match apply(&mut db, confirmed(vec![newcomer(system_organization(), None)]), &mut journal) {
        Ok(_) => None,
        Err(error) => {
            assert!(matches!(error, ApplyError::Differs { .. }), "{addition}: {error}");
            assert_eq!(error.exit(), Exit::Refused);
            assert_eq!(dump(&mut db), before, "{addition}");
            assert!(!journal.told.contains(&"intent"), "{addition}: {:?}", journal.told);
            Some(error.to_string())
        }
    }
}

#[test]
fn a_trigger_that_changes_what_was_written_or_anything_else_stops_the_run_and_is_named() {
    let bodies = [
        "BEFORE INSERT ON Creator_users BEGIN SELECT RAISE(IGNORE); END",
        "BEFORE INSERT ON organization_roles BEGIN SELECT RAISE(IGNORE); END",
        "AFTER INSERT ON Creator_users BEGIN DELETE FROM Creator_users WHERE id = 1; END",
        "AFTER INSERT ON Creator_users BEGIN UPDATE Creator_users SET enabled = 0 WHERE id = 1; END",
        "AFTER INSERT ON Creator_users BEGIN UPDATE Creator_users SET user_name = 'x' WHERE id = new.id; END",
        "AFTER INSERT ON organization_roles BEGIN UPDATE Creator_users SET user_email = 'x' WHERE id = new.user_id; END",
        "AFTER INSERT ON Creator_users BEGIN INSERT INTO log VALUES (new.user_email); END",
        "BEFORE INSERT ON organization_roles BEGIN DELETE FROM organization_roles; END",
    ];
    for body in bodies {
        let told = applied_beside(&format!("CREATE TABLE log (what TEXT); CREATE TRIGGER \"gets in\" {body}"));
        let told = told.unwrap_or_else(|| panic!("{body} was not noticed"));
        assert!(
            told.starts_with("LAMB's database was not changed: ") && told.contains("trigger \"gets in\" on "),
            "{told}"
        );
    }
    let harmless =
        "CREATE TRIGGER harmless AFTER INSERT ON Creator_users WHEN new.id < 0 BEGIN DELETE FROM Creator_users; END";
    assert_eq!(applied_beside(harmless), None);
}

/// No trigger is needed: a row that is in the way goes without a word, and SQLite does not count it.
#[test]
fn a_row_that_an_insert_would_replace_stops_the_run() {
    let replaces = "ALTER TABLE organization_roles RENAME TO old;
         CREATE TABLE organization_roles (id INTEGER PRIMARY KEY, organization_id INTEGER UNIQUE ON CONFLICT REPLACE,
             user_id INTEGER, role TEXT, created_at INTEGER, updated_at INTEGER);
         INSERT INTO organization_roles VALUES (1, 1, 1, 'admin', 1, 1)";
    let told = applied_beside(replaces).unwrap();
    assert!(told.contains("organization_roles should have 2 rows now, and has 1"), "{told}");
}

/// Columns declared in another way, as an older LAMB or a hand may have: what SQLite makes of a value is that value.
#[test]
fn what_the_affinity_of_a_column_makes_of_a_value_is_no_difference() {
    let other = "ALTER TABLE organization_roles RENAME TO old;
         CREATE TABLE organization_roles (id INTEGER PRIMARY KEY, organization_id TEXT, user_id TEXT, role TEXT,
             created_at TEXT, updated_at TEXT)";
    assert_eq!(applied_beside(other), None);
}

#[test]
fn the_lock_of_another_process_is_waited_for_and_then_reported() {
    let (sandbox, _db) = lamb(Edition::Delegated);
    let path = sandbox.dir().join("lamb/lamb_v4.db");
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut db = LambDb::open_for_change(&path, None, Duration::from_millis(50)).unwrap();
    let before = dump(&mut db);
    let error = apply(&mut db, confirmed(vec![newcomer(system_organization(), None)]), &mut NoJournal).unwrap_err();
    let told = format!("{:#}", anyhow::Error::from(error));
    assert!(
        told.starts_with("LAMB's database was not changed: ") && told.contains("locked by another process"),
        "{told}"
    );
    assert_eq!(dump(&mut db), before);
}

#[test]
fn a_role_is_guarded_where_it_would_hurt() {
    let (_sandbox, db) = lamb(Edition::Native);
    let creator = db.creator("operator@sandbox.test").unwrap().unwrap();
    let organizations = db.organizations().unwrap();
    let organization = |slug: &str| organizations.iter().find(|o| o.slug == slug).unwrap();
    let facts = |current: &str, managers, admins| RoleInput {
        edition: Edition::Native,
        creator: &creator,
        current_role: Some(current.to_owned()),
        other_managers: managers,
        other_system_admins: admins,
    };
    let member = OrganizationRole::Member;
    let guards = |plan: Plan| plan.guards.into_iter().map(|guard| guard.reason).collect::<Vec<_>>().join("; ");
    let last = assign_role::plan(Some((organization("lamb"), member)), None, &facts("admin", 0, 1));
    assert_eq!(guards(last.clone()), "lamb would be left with neither an owner nor an admin");
    assert!(last.notes.iter().any(|note| note.contains("tokens already issued")));
    let one_of_two = assign_role::plan(Some((organization("lamb"), member)), None, &facts("admin", 1, 1));
    assert_eq!(guards(one_of_two), "");
    let elsewhere = assign_role::plan(Some((organization("physics"), member)), None, &facts("owner", 1, 1));
    assert!(guards(elsewhere).contains("this one would have no effect"));
    let system = assign_role::plan(None, Some(SystemRole::User), &facts("admin", 1, 0));
    assert!(guards(system).contains("the last system admin"));
    let nothing = assign_role::plan(Some((organization("lamb"), OrganizationRole::Admin)), None, &facts("admin", 0, 0));
    assert_eq!((nothing.changes.len(), nothing.guards.len()), (0, 0));
}

#[test]
fn force_lifts_only_what_may_be_forced() {
    let plan = Plan { guards: vec![Guard::soft("a student")], ..Plan::default() };
    assert!(plan.clone().confirm(false, &Consent::given()).is_err());
    assert!(plan.clone().confirm(true, &Consent::given()).is_ok());
    let plan = Plan { guards: vec![Guard::soft("a student"), Guard::hard("no account", "make one")], ..plan };
    assert_eq!(plan.standing(true).len(), 1);
    assert!(plan.confirm(true, &Consent::given()).is_err());
}

/// The second change of a plan finds its row changed: the run is in the history, as failed.
#[test]
fn a_run_that_was_rolled_back_is_told() {
    let (sandbox, mut db) = lamb(Edition::Delegated);
    let path = sandbox.dir().join("journal");
    let gone = Change::DisableCreator { creator: 900, email: "gone@sandbox.test".into(), manages: None };
    let plan = confirmed(vec![newcomer(system_organization(), None), gone]);
    let mut journal = FileJournal::new(path.clone(), "sync", &db);
    let error = apply(&mut db, plan, &mut journal).unwrap_err();
    let told = history(&path).unwrap();
    assert_eq!(told.runs[0].state, RunState::Failed(error.to_string()));
    assert_eq!((told.runs.len(), told.unreadable), (1, 0));
}

/// What one step of a random sequence asks for.
#[derive(Clone, Debug)]
enum Step {
    Create(u8, OrganizationRole),
    Role(u8, i64, OrganizationRole),
    System(u8, SystemRole),
    Copy(u8),
    Disable(u8),
    Enable(u8),
    Type(u8, UserType),
    Name(u8, &'static str),
    Move(u8, i64, OrganizationRole),
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let role =
        || prop::sample::select(vec![OrganizationRole::Owner, OrganizationRole::Admin, OrganizationRole::Member]);
    let system = prop::sample::select(vec![SystemRole::User, SystemRole::Admin]);
    let step = prop_oneof![
        (0..4_u8, role()).prop_map(|(who, role)| Step::Create(who, role)),
        (0..8_u8, 1..4_i64, role()).prop_map(|(who, organization, role)| Step::Role(who, organization, role)),
        (0..8_u8, system).prop_map(|(who, role)| Step::System(who, role)),
        (0..8_u8).prop_map(Step::Copy),
        (0..8_u8).prop_map(Step::Disable),
        (0..8_u8).prop_map(Step::Enable),
        (0..8_u8, prop::sample::select(vec![UserType::Creator, UserType::EndUser]))
            .prop_map(|(who, user_type)| Step::Type(who, user_type)),
        (0..8_u8, prop::sample::select(vec!["N", "Żaneta", "O'Neil"])).prop_map(|(who, name)| Step::Name(who, name)),
        (0..8_u8, 1..4_i64, role()).prop_map(|(who, organization, role)| Step::Move(who, organization, role)),
    ];
    prop::collection::vec(prop::collection::vec(step, 1..4), 1..6)
}

/// Who moves in a step.
fn who_moves(step: &Step) -> Option<u8> {
    match step {
        Step::Move(who, ..) => Some(*who),
        _ => None,
    }
}

/// The first four are new, the others are the sandbox's.
fn address(who: u8) -> String {
    match who {
        0..4 => format!("new{who}@sandbox.test"),
        4 => "operator@sandbox.test".to_owned(),
        5 => "teacher@sandbox.test".to_owned(),
        6 => "no-password@sandbox.test".to_owned(),
        _ => "lti-creator@sandbox.test".to_owned(),
    }
}

/// The change that a step comes to where the database is as it is; none where it would change nothing.
fn change_of(step: &Step, db: &LambDb) -> Option<Change> {
    let native = db.schema().edition() == Some(Edition::Native);
    let organization = |id: i64| {
        let all = db.organizations().unwrap();
        Arc::new(OrganizationRef::from(all.iter().find(|organization| organization.id == id).unwrap()))
    };
    let creator = |who: u8| db.creator(&address(who)).unwrap();
    match step {
        Step::Create(who, role) => creator(*who).is_none().then(|| Change::CreateCreator {
            email: address(*who).into(),
            name: "N".into(),
            user_type: UserType::Creator,
            organization: organization(2),
            role: *role,
            system_role: native.then_some(SystemRole::User),
            password_hash: (native && who % 2 == 0).then(|| Secret::from("$2b$12$made")),
            is_first: false,
            is_student: false,
        }),
        Step::Role(who, id, role) => {
            let creator = creator(*who)?;
            let before = db.role_in(*id, creator.id).unwrap();
            (before.as_deref() != Some(role.as_str())).then(|| Change::SetOrganizationRole {
                creator: creator.id,
                email: creator.email.as_str().into(),
                organization: organization(*id),
                before: before.map(Into::into),
                after: *role,
                other_managers: 0,
            })
        }
        Step::System(who, role) => {
            let creator = creator(*who)?;
            let before = creator.native?.system_role;
            (before != role.as_str()).then(|| Change::SetSystemRole {
                creator: creator.id,
                email: creator.email.as_str().into(),
                before: before.into(),
                after: *role,
                other_admins: 0,
            })
        }
        Step::Copy(who) => {
            let creator = creator(*who)?;
            let is_missing = creator.native?.password_hash == PasswordHash::Missing;
            let (id, email) = (creator.id, creator.email.as_str().into());
            is_missing.then(|| Change::CopyPasswordHash { creator: id, email, hash: Secret::from("$2b$12$copied") })
        }
        Step::Disable(who) => {
            let creator = creator(*who)?;
            let (id, email) = (creator.id, creator.email.as_str().into());
            creator.enabled.then_some(Change::DisableCreator { creator: id, email, manages: None })
        }
        Step::Enable(who) => {
            let creator = creator(*who)?;
            let (id, email) = (creator.id, creator.email.as_str().into());
            (!creator.enabled).then_some(Change::EnableCreator { creator: id, email, before: 0 })
        }
        Step::Type(who, after) => {
            let creator = creator(*who)?;
            let (id, email, before) = (creator.id, creator.email.as_str().into(), creator.user_type.as_str().into());
            (creator.user_type != after.as_str()).then_some(Change::SetUserType {
                creator: id,
                email,
                before,
                after: *after,
            })
        }
        Step::Name(who, after) => {
            let creator = creator(*who)?;
            let (id, email, before) = (creator.id, creator.email.as_str().into(), creator.name.as_str().into());
            let after = (*after).into();
            (before != after).then_some(Change::SetUserName { creator: id, email, before, after })
        }
        Step::Move(who, to, role) => {
            let creator = creator(*who)?;
            (creator.organization_id != Some(*to)).then(|| Change::MoveCreator {
                creator: creator.id,
                email: creator.email.as_str().into(),
                from: None,
                before: creator.organization_id,
                to: organization(*to),
                role: *role,
                is_managed: false,
            })
        }
    }
}

/// What is broken is replaced only while it is broken in just that way.
#[test]
fn a_user_config_is_fixed_unless_another_process_was_quicker() {
    for edition in [Edition::Delegated, Edition::Native] {
        let (_sandbox, mut db) = lamb(edition);
        let id = db.creator("bad-config@sandbox.test").unwrap().unwrap().id;
        let before = db.raw_columns(id).unwrap().unwrap().user_config.unwrap();
        let fix = |before: &str| {
            let email = "bad-config@sandbox.test".into();
            confirmed(vec![Change::FixUserConfig { creator: id, email, before: before.into() }])
        };
        let other = apply(&mut db, fix("{another"), &mut NoJournal).unwrap_err();
        assert!(matches!(other, ApplyError::Moved(_)), "{other}");
        apply(&mut db, fix(&before), &mut NoJournal).unwrap();
        assert_eq!(db.raw_columns(id).unwrap().unwrap().user_config.as_deref(), Some("{}"));
        assert!(db.creator("bad-config@sandbox.test").unwrap().unwrap().user_config.problem().is_none());
        assert!(matches!(apply(&mut db, fix(&before), &mut NoJournal), Err(ApplyError::Moved(_))));
    }
}

/// Any runs, taken back the newest first, give the database back as it was before each of them.
#[test]
fn undo_restores_the_database_after_any_changes() {
    for edition in [Edition::Delegated, Edition::Native] {
        let (sandbox, mut db) = lamb(edition);
        let pristine = sandbox.dir().join("pristine.db");
        db.connection().execute("VACUUM INTO ?1", [pristine.to_str().unwrap()]).unwrap();
        let count = RefCell::new((0, 0));
        let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&steps(), |runs| {
            let folder = tempfile::tempdir().unwrap();
            let (file, path) = (folder.path().join("lamb_v4.db"), folder.path().join("journal"));
            std::fs::copy(&pristine, &file).unwrap();
            let prefix = Some((Prefix::parse(edition.default_prefix()).unwrap(), Origin::Default));
            let mut db = LambDb::open_for_change(&file, prefix, Duration::from_secs(1)).unwrap();
            let mut done = Vec::new();
            for steps in &runs {
                // No run has the same change twice, but it may change one row twice.
                let mut seen = HashSet::new();
                // Nor a move beside a role of the same creator, which the move takes along.
                let moving: HashSet<u8> = steps.iter().filter_map(who_moves).collect();
                let changes: Vec<Change> = steps
                    .iter()
                    .filter(|step| !matches!(step, Step::Role(who, ..) if moving.contains(who)))
                    .filter_map(|step| change_of(step, &db))
                    .filter(|change| {
                        let place = match change {
                            Change::SetOrganizationRole { organization, .. } => organization.id,
                            _ => 0,
                        };
                        seen.insert((change.kind(), change.email().to_owned(), place))
                    })
                    .collect();
                if changes.is_empty() {
                    continue;
                }
                let before = dump(&mut db);
                let mut journal = FileJournal::new(path.clone(), "sync", &db);
                let made = changes.len();
                apply(&mut db, confirmed(changes), &mut journal).unwrap();
                done.push((journal.run().clone(), before, made));
                count.borrow_mut().0 += made;
            }
            while let Some((id, before, made)) = done.pop() {
                let run = load(&path, id.as_str()).unwrap();
                prop_assert_eq!(run.entries.len(), made);
                let plan = undo::plan(&run, &db).unwrap();
                prop_assert!(plan.differences.is_empty(), "{:?}", plan.differences);
                let mut journal = FileJournal::new(path.clone(), "undo", &db).undoing(id.clone());
                // Of those who came, some were the first who manage something: to take them back is to be forced.
                apply(&mut db, plan.confirm(true, &Consent::given()).unwrap(), &mut journal).unwrap();
                prop_assert_eq!(dump(&mut db), before);
                prop_assert!(history(&path).unwrap().find(id.as_str()).unwrap().is_undone());
                count.borrow_mut().1 += 1;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            prop_assert!(!text.contains("$2b$"), "a hash is in the journal");
            Ok(())
        });
        outcome.unwrap();
        // Not all of it was "nothing to do".
        assert!(count.borrow().0 > 100 && count.borrow().1 > 60, "{count:?}");
    }
}

/// The others lose their role between the plan and the transaction: the last one's is not taken then.
#[test]
fn guards_that_changed_since_the_plan_stop_the_undo() {
    let (_sandbox, mut db) = lamb(Edition::Delegated);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut change = newcomer(system_organization(), None);
    if let Change::CreateCreator { role, .. } = &mut change {
        *role = OrganizationRole::Admin;
    }
    let mut journal = FileJournal::new(path.clone(), "create-creator", &db);
    apply(&mut db, confirmed(vec![change]), &mut journal).unwrap();
    let plan = undo::plan(&load(&path, "last").unwrap(), &db).unwrap();
    assert!(plan.guards.is_empty() && plan.changes.len() == 1, "{plan:?}");
    let roles = db.schema().prefix.table("organization_roles");
    let creators = db.schema().prefix.table("Creator_users");
    let demote = format!(
        "UPDATE {roles} SET role = 'member' WHERE user_id <> \
         (SELECT id FROM {creators} WHERE user_email = 'new@sandbox.test')"
    );
    db.connection().execute_batch(&demote).unwrap();
    let before = dump(&mut db);
    let moved = apply(&mut db, plan.confirm(false, &Consent::given()).unwrap(), &mut NoJournal);
    assert!(matches!(moved, Err(ApplyError::Moved(_))), "{moved:?}");
    assert_eq!(dump(&mut db), before);
}
