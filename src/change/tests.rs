use std::time::Duration;

use super::assign_role::Facts;
use super::*;
use crate::change::rows::RowChange;
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::sandbox::{Options, Sandbox};
use crate::settings::{Origin, Prefix};

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
    fn change(&mut self, _: &Change, rows: &[RowChange<'_>]) -> std::io::Result<()> {
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

/// Applies, without anybody who watches.
fn apply(db: &mut LambDb, plan: Confirmed, journal: &mut dyn Journal) -> Result<Applied, ApplyError> {
    super::apply(db, plan, journal, &mut |_| {})
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
        assert_eq!((creator.enabled, creator.user_config_is_json), (true, true));
        assert_eq!(creator.created_at, creator.updated_at);
        assert_eq!(journal.told, ["change", "intent", "done"]);
    }
}

#[test]
fn what_moved_since_the_plan_stops_all_of_it() {
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
    // Planned while somebody else managed physics, which nobody does now.
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

#[test]
fn somebody_elses_lock_is_waited_for_and_then_told() {
    let (sandbox, _db) = lamb(Edition::Delegated);
    let path = sandbox.dir().join("lamb/lamb_v4.db");
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut db = LambDb::open_for_change(&path, None, Duration::from_millis(50)).unwrap();
    let before = dump(&mut db);
    let error = apply(&mut db, confirmed(vec![newcomer(system_organization(), None)]), &mut NoJournal).unwrap_err();
    assert!(error.to_string().contains("locked by another process"), "{error}");
    assert_eq!(dump(&mut db), before);
}

#[test]
fn a_role_is_guarded_where_it_would_hurt() {
    let (_sandbox, db) = lamb(Edition::Native);
    let creator = db.creator("operator@sandbox.test").unwrap().unwrap();
    let organizations = db.organizations().unwrap();
    let organization = |slug: &str| organizations.iter().find(|o| o.slug == slug).unwrap();
    let facts = |current: &str, managers, admins| Facts {
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
