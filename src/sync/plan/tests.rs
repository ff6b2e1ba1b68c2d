use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use rusqlite::{Connection, params};

use super::*;
use crate::change::journal::NoJournal;
use crate::change::journal::{FileJournal, load};
use crate::change::{Consent, apply, undo};
use crate::email::same_address;
use crate::lamb::db::LambDb;
use crate::lamb::model::OrganizationRole;
use crate::lamb::people::{CreatorEntry, Role};
use crate::owi::file::people::Standing;
use crate::sqlite::python_json::JsonColumn;
use crate::sync::memory::Remembered;
use crate::sync::policy::PolicyFlags;

/// Plans for people who are all at hand.
fn plan(lamb: &People, owi: impl IntoIterator<Item = OwiPerson>, policy: &Policy, admin: Option<&str>) -> SyncPlan {
    let mut planner = Planner::new(lamb, policy, admin);
    owi.into_iter().for_each(|person| planner.person(person));
    planner.finish(&[])
}

const TABLES: &str = include_str!("../../sandbox/schema/lamb.sql");
const NATIVE: &str = include_str!("../../sandbox/schema/lamb-native.sql");
const ADMIN: &str = "root@admin.owi";
const BY_TABLE: &str = "pupil@uni.example";

/// Few, so that they meet.
const ADDRESSES: &[&str] = &[
    "ada@uni.example",
    "bob@uni.example",
    "o'neil@physics.example",
    "k\u{e9}k@physics.example",
    "noreply@uni.example",
    ADMIN,
    BY_TABLE,
    "7@lamb-lti.local",
    "",
    "ada@physics.example",
    "adda@uni.example",
    "\u{430}da@uni.example",
];

const NAMES: &[&str] = &["", "Ada", "ADA", "O'Neil"];

static HASH: LazyLock<String> = LazyLock::new(|| bcrypt::hash("x", 4).unwrap());

/// A creator's row, and its role.
#[derive(Clone, Debug)]
struct Row {
    email: String,
    name: &'static str,
    created_at: i64,
    organization: Option<i64>,
    role: Option<&'static str>,
    role_elsewhere: bool,
    enabled: bool,
    provider: &'static str,
    hash: Option<String>,
    system_role: &'static str,
}

#[derive(Clone, Debug)]
struct World {
    edition: Edition,
    rows: Vec<Row>,
    people: Vec<OwiPerson>,
    orphans: Vec<Box<str>>,
    policy: Policy,
    turn: Index,
}

fn spelled() -> impl Strategy<Value = String> {
    let plain = 6;
    (select(ADDRESSES), 0..plain + 3).prop_map(move |(address, spelling)| match spelling - plain + 1 {
        1 => address.to_uppercase(),
        2 => format!(" {address}\u{a0}"),
        3 => address.replacen(['a', 'k'], "\u{212a}", usize::from(address.starts_with('k'))),
        _ => address.to_owned(),
    })
}

/// Two that are close by, and one that is not.
fn made() -> impl Strategy<Value = i64> {
    select(vec![5, 86_000, 5_000_000])
}

fn row() -> impl Strategy<Value = Row> {
    let who = (spelled(), select(NAMES), made(), select(vec![Some(1), Some(1), Some(2), None, Some(4711)]));
    let roles = (select(vec![None, None, Some("member"), Some("admin"), Some("owner")]), prop::bool::weighted(0.2));
    let native = (
        select(vec!["password", "password", "lti_creator"]),
        select(vec![None, None, Some(String::new()), Some("no hash".to_owned()), Some(HASH.clone())]),
        select(vec!["user", "user", "admin", "root"]),
    );
    (who, roles, prop::bool::weighted(0.8), native).prop_map(
        |((email, name, created_at, organization), (role, role_elsewhere), enabled, (provider, hash, system_role))| {
            Row { email, name, created_at, organization, role, role_elsewhere, enabled, provider, hash, system_role }
        },
    )
}

fn person() -> impl Strategy<Value = OwiPerson> {
    use Standing::{Active, NoAuthRow, OtherEmail, SwitchedOff, Unknown};
    let role = select(vec!["user", "user", "user", "admin", "pending", "", "teacher"]);
    let standing = select(vec![Active, Active, Active, Active, SwitchedOff, NoAuthRow, OtherEmail, Unknown]);
    (spelled(), select(NAMES), prop::option::of(made()), role, standing, any::<bool>()).prop_map(
        |(email, name, created_at, role, standing, hash)| OwiPerson {
            account: 1,
            email: email.into(),
            name: name.into(),
            role: role.into(),
            created_at,
            standing,
            hash: hash.then(|| Secret::new(HASH.clone())),
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    let roles = [OrganizationRole::Owner, OrganizationRole::Admin, OrganizationRole::Member];
    let rule = select(vec![
        vec![],
        vec!["physics.example=physics"],
        vec!["ada@*=physics:admin", "*=lamb:owner"],
        vec!["physics.example=nowhere"],
    ]);
    let include = select(vec![vec![], vec![], vec!["uni.example"], vec!["noreply@uni.example", "admin.owi"]]);
    let exclude = select(vec![vec![], vec![], vec!["bob@*"], vec!["k*"]]);
    let owi_role = select(vec![vec![], vec!["admin=owner"], vec!["user=admin"]]);
    let flags: [_; 5] = std::array::from_fn(|_| any::<bool>());
    (prop::option::of(select(roles.to_vec())), rule, include, exclude, owi_role, flags).prop_map(
        |(
            role,
            rule,
            include,
            exclude,
            owi_role,
            [with_pending, with_inactive, disable_missing, assume_new, moves],
        )| {
            let flags = PolicyFlags {
                role,
                rule: rule.iter().map(|text| text.parse().unwrap()).collect(),
                include: include.iter().map(|text| text.parse().unwrap()).collect(),
                exclude: exclude.iter().map(|text| text.parse().unwrap()).collect(),
                owi_role: owi_role.iter().map(|text| text.parse().unwrap()).collect(),
                with_pending,
                with_inactive,
                disable_missing,
                moves,
                assume_new: assume_new.then(|| Email::stored("Ada@physics.example")).into_iter().collect(),
                ..PolicyFlags::default()
            };
            Policy::load(&flags).unwrap()
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let rows = prop_oneof![1 => Just(Vec::new()), 6 => prop::collection::vec(row(), 1..9)];
    let people = prop::collection::vec(person(), 0..12);
    let orphans = prop::collection::vec(spelled().prop_map(Box::from), 0..2);
    let edition = select(vec![Edition::Delegated, Edition::Native]);
    (edition, rows, people, orphans, policy(), any::<Index>()).prop_map(
        |(edition, rows, people, orphans, policy, turn)| World { edition, rows, people, orphans, policy, turn },
    )
}

fn write(path: &Path, world: &World) {
    let mut conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
    let conn = conn.transaction().unwrap();
    conn.execute_batch(&TABLES.replace("{p}", "x_")).unwrap();
    if world.edition == Edition::Native {
        conn.execute_batch(&NATIVE.replace("{p}", "x_")).unwrap();
    }
    conn.execute_batch(
        "INSERT INTO x_organizations VALUES (1,'lamb','LAMB',1,'active','{}',1,1), (2,'physics','P',0,'suspended','{',1,1);
         INSERT INTO x_lti_activity_users (id, activity_id, user_email, user_name) VALUES (1, 1, ' Pupil@uni.example', 'Pupil')",
    )
    .unwrap();
    for row in &world.rows {
        let sql = "INSERT OR IGNORE INTO x_Creator_users (organization_id, user_email, user_name, user_config, created_at, \
                   updated_at, enabled) VALUES (?1, ?2, ?4, '{}', ?5, 6, ?3)";
        if conn.execute(sql, params![row.organization, row.email, row.enabled, row.name, row.created_at]).unwrap() == 0
        {
            continue;
        }
        let id = conn.last_insert_rowid();
        if world.edition == Edition::Native {
            let sql = "UPDATE x_Creator_users SET auth_provider = ?1, password_hash = ?2, role = ?3 WHERE id = ?4";
            conn.execute(sql, params![row.provider, row.hash, row.system_role, id]).unwrap();
        }
        let add = "INSERT INTO x_organization_roles (organization_id, user_id, role, created_at, updated_at) \
                   VALUES (?1, ?2, ?3, 7, 8)";
        if let (Some(organization), Some(role)) = (row.organization, row.role) {
            conn.execute(add, params![organization, id, role]).unwrap();
        }
        if row.role_elsewhere {
            conn.execute(add, params![if row.organization == Some(2) { 1 } else { 2 }, id, "owner"]).unwrap();
        }
    }
    conn.commit().unwrap();
}

/// Every row of every table, `sqlite_sequence` excepted: it remembers ids that were given.
fn dump(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let all = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        let width = statement.column_count();
        let rows = statement.query_map([], |row| {
            Ok((0..width).map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at).unwrap())).collect())
        });
        rows.unwrap().map(|row| row.map(|cells: Vec<String>| cells.join("|")).unwrap()).collect()
    };
    let mut tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence' ORDER BY name")
        .unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |table: &String| {
        let rows = all(&format!("SELECT rowid, * FROM \"{table}\" ORDER BY rowid"));
        rows.into_iter().map(|row| format!("{table}: {row}")).collect::<Vec<_>>()
    };
    tables.iter().flat_map(rows).collect()
}

fn planned(lamb: &People, people: &[OwiPerson], world: &World) -> SyncPlan {
    planned_after(lamb, people, world, &[])
}

/// Where an earlier run has seen these people.
fn planned_after(lamb: &People, people: &[OwiPerson], world: &World, past: &[Remembered]) -> SyncPlan {
    let mut planner = Planner::new(lamb, &world.policy, Some(" Root@Admin.owi"));
    people.iter().cloned().for_each(|person| planner.person(person));
    past.iter().cloned().for_each(|person| planner.remember(person));
    planner.finish(&world.orphans)
}

/// Every second newcomer of a plan, as one that was a creator and has been removed in LAMB.
fn removed_before(found: &SyncPlan, from: usize) -> Vec<Remembered> {
    let newcomers = found.plan.changes.iter().filter_map(|change| match change {
        Change::CreateCreator { email, .. } => Some(email.clone()),
        _ => None,
    });
    let gone = |email| Remembered { id: None, email, account: 0, first: 1, last: 2, was_gone: true };
    newcomers.skip(from % 2).step_by(2).map(gone).collect()
}

fn open(path: &Path) -> LambDb {
    LambDb::open_for_change(path, None, Duration::from_secs(1)).unwrap()
}

fn lamb_people(path: &Path) -> People {
    LambDb::open(path, None, Duration::from_secs(1)).unwrap().people(&mut |_| {}).unwrap()
}

/// What two plans have in common whatever order the people came in: who is first is about the order.
fn without_order(found: &SyncPlan) -> Vec<String> {
    let line = |change: &Change| {
        let mut json = serde_json::to_value(change).unwrap();
        json.as_object_mut().unwrap().remove("is_first");
        format!("{json} {change}")
    };
    let mut lines: Vec<String> = found.plan.changes.iter().map(line).collect();
    lines.sort();
    lines
}

fn same<'a, T>(all: &'a [T], email: &'a str, of: impl Fn(&T) -> &str + 'a) -> Vec<&'a T> {
    all.iter().filter(|one| same_address(of(one), email)).collect()
}

/// True where a creator and a user, each on one side only, are probably one person: said anew, one pair at a time.
fn are_one_person(creator: &CreatorEntry, person: &OwiPerson, lamb: &People, world: &World) -> bool {
    let in_lamb = |email: &str| same(&lamb.creators, email, |creator| &creator.email).len();
    let in_owi = |email: &str| same(&world.people, email, |person| &person.email).len();
    let only_in_lamb = in_lamb(&creator.email) == 1 && in_owi(&creator.email) == 0;
    let key = crate::email::key(&creator.email).into_owned();
    if !only_in_lamb || in_lamb(&person.email) != 0 || in_owi(&person.email) != 1 || world.policy.is_new(&person.email)
    {
        return false;
    }
    if key.ends_with("@lamb-lti.local") || is_student(&person.email) || person.email.trim().is_empty() {
        return false;
    }
    let theirs = crate::email::key(&person.email).into_owned();
    if key.replace('\u{430}', "a") == theirs.replace('\u{430}', "a") {
        return true;
    }
    let signs = |person: &OwiPerson| PersonSigns::of(&person.name, &person.email, person.created_at);
    let (ours, their) = (creator.signs, signs(person));
    let of_lamb = lamb.creators.iter().filter(|other| other.signs.name == ours.name).count();
    let known = |other: &&OwiPerson| in_lamb(&other.email) > 0 || !is_student(&other.email);
    let of_owi = world.people.iter().filter(known).filter(|other| signs(other).name == ours.name).count();
    let part = |key: &str, at: usize| key.split('@').nth(at).map(ToOwned::to_owned);
    let close_by = ours.created_at > 0 && their.created_at > 0 && ours.created_at.abs_diff(their.created_at) <= 86_400;
    let more = part(&key, 0) == part(&theirs, 0) || part(&key, 1) == part(&theirs, 1) || close_by;
    ours.name != 0 && ours.name == their.name && of_lamb == 1 && of_owi == 1 && more
}

fn is_student(email: &str) -> bool {
    let key = email.trim().to_lowercase();
    key.ends_with("@lamb-lti.local") || key == BY_TABLE
}

/// Everything that must hold of each single change, said anew.
fn judge(change: &Change, lamb: &People, world: &World) {
    let email = change.email();
    let creators = same(&lamb.creators, email, |creator| &creator.email);
    let people = same(&world.people, email, |person| &person.email);
    assert!(!is_student(email), "a student: {change}");
    assert_eq!(world.policy.scope(email), Scope::In, "{change}");
    assert!(people.len() <= 1 && people.iter().all(|person| &*person.email == email), "a conflict: {change}");
    for person in &people {
        assert!(!matches!(person.standing, Standing::NoAuthRow | Standing::OtherEmail), "half an account: {change}");
        assert!(!(person.standing == Standing::SwitchedOff && world.policy.leaves_out_inactive()), "{change}");
        assert!(!(&*person.role == "pending" && world.policy.leaves_out_pending()), "{change}");
    }
    let creator = match change {
        Change::CreateCreator { password_hash, system_role, .. } => {
            assert!(creators.is_empty() && people.len() == 1, "{change}");
            let one = lamb.creators.iter().find(|creator| are_one_person(creator, people[0], lamb, world));
            assert_eq!(one, None, "not a newcomer: {change}");
            let native = world.edition == Edition::Native;
            assert_eq!(*system_role, native.then_some(SystemRole::User));
            assert!(native || password_hash.is_none());
            return;
        }
        _ => creators[0],
    };
    assert!(creators.len() == 1 && creator.enabled && &*creator.email == email, "{change}");
    match change {
        Change::SetOrganizationRole { before, organization, .. } => {
            assert!(before.is_none() && creator.role == Role::Missing && creator.organization == Some(organization.id));
        }
        Change::CopyPasswordHash { .. } => {
            let native = creator.native.unwrap();
            assert!(native.signs_in_by_password && native.password == PasswordHash::Missing && people.len() == 1);
        }
        Change::DisableCreator { .. } => {
            assert!(world.policy.disables_missing() && world.edition == Edition::Delegated && people.is_empty());
            let covered = |person: &&OwiPerson| world.policy.scope(&person.email) != Scope::ServiceAccount;
            let others = world.people.iter().filter(covered);
            assert_eq!(
                others.into_iter().find(|person| are_one_person(creator, person, lamb, world)),
                None,
                "{change}"
            );
            assert!(!same_address(email, ADMIN) && !world.orphans.iter().any(|orphan| same_address(orphan, email)));
        }
        Change::MoveCreator { before, to, role, .. } => {
            let (organization, of_rule) = world.policy.rule_for(email).unwrap();
            assert!(world.policy.moves() && organization == to.slug && *before == creator.organization, "{change}");
            assert!(of_rule.is_none_or(|of_rule| of_rule == *role) && *before != Some(to.id), "{change}");
            assert!(!same_address(email, ADMIN), "{change}");
        }
        _ => panic!("never planned: {change}"),
    }
}

/// Organizations with an enabled manager.
fn managed(lamb: &People) -> std::collections::BTreeSet<i64> {
    let managers = lamb.creators.iter().filter(|creator| creator.enabled && creator.role == Role::Manager);
    managers.filter_map(|creator| creator.organization).collect()
}

fn counted_once(summary: &PlanSummary) -> usize {
    let left_out = summary.students + summary.not_included + summary.service_accounts + summary.pending;
    summary.in_step
        + summary.newcomers
        + summary.conflicting
        + left_out
        + summary.inactive
        + summary.unusable
        + summary.removed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_is_applied_once_and_can_be_undone(world in world()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        write(&path, &world);
        let lamb = lamb_people(&path);
        let found = planned(&lamb, &world.people, &world);
        found.plan.changes.iter().for_each(|change| judge(change, &lamb, &world));
        prop_assert_eq!(found.summary.owi_users, world.people.len());
        prop_assert_eq!(counted_once(&found.summary), world.people.len(), "{:?}", found);
        let creates = found.plan.changes.iter().filter(|change| matches!(change, Change::CreateCreator { .. }));
        prop_assert_eq!(found.summary.newcomers, creates.count());

        let mut turned = world.people.clone();
        let by = world.turn.index(turned.len().max(1));
        turned.rotate_left(by);
        turned.reverse();
        let again = planned(&lamb, &turned, &world);
        prop_assert_eq!(without_order(&again), without_order(&found));
        prop_assert_eq!(again.summary, found.summary);
        if found.plan.changes.is_empty() {
            return Ok(());
        }
        // Who was removed is left out, and nothing is planned that was not planned before.
        let past = removed_before(&found, by);
        let after = planned_after(&lamb, &world.people, &world, &past);
        prop_assert_eq!(after.summary.removed, past.len());
        let (with, without) = (without_order(&after), without_order(&found));
        prop_assert!(with.iter().all(|change| without.contains(change)), "{:?}", with);
        let is_back = |change: &Change| past.iter().any(|gone| same_address(&gone.email, change.email()));
        prop_assert!(!after.plan.changes.iter().any(is_back), "{:?}", after.plan.changes);

        let before = dump(&path);
        let mut db = open(&path);
        let mut journal = FileJournal::new(folder.path().join("journal"), "sync", &db);
        let confirmed = found.plan.confirm(true, &Consent::given()).unwrap();
        apply(&mut db, confirmed, &mut journal, &mut |_| {}).unwrap();
        drop(db);
        let after = lamb_people(&path);
        prop_assert!(managed(&after).is_superset(&managed(&lamb)));
        let rest = planned(&after, &world.people, &world);
        // The first who manage an organization may have come just now: then one who was kept there for it can be moved.
        let was_kept = |email: &str| found.out_of_policy.iter().any(|out| out.email == email && out.kept.is_some());
        let again = rest.plan.changes.iter().filter(|change| match change {
            Change::MoveCreator { email, .. } => !was_kept(email),
            _ => true,
        });
        prop_assert_eq!(again.collect::<Vec<_>>(), Vec::<&Change>::new(), "planned again");
        prop_assert_eq!(counted_once(&rest.summary), world.people.len());

        let run = load(&folder.path().join("journal"), journal.run().as_str()).unwrap();
        let mut db = open(&path);
        let back = undo::plan(&run, &db).unwrap();
        prop_assert_eq!(&back.differences, &Vec::<String>::new());
        // Of those who came, some were the first who manage something: to take them back is to be forced.
        let confirmed = back.confirm(true, &Consent::given()).unwrap();
        apply(&mut db, confirmed, &mut NoJournal, &mut |_| {}).unwrap();
        drop(db);
        prop_assert_eq!(dump(&path), before);
    }
}

/// True where the creator and the user are each on one side only, and neither is left out of what is compared.
fn may_be_paired(creator: &CreatorEntry, person: &OwiPerson, lamb: &People, world: &World) -> bool {
    let in_lamb = |email: &str| same(&lamb.creators, email, |creator| &creator.email).len();
    let in_owi = |email: &str| same(&world.people, email, |person| &person.email).len();
    let is_of_lms = crate::email::key(&creator.email).ends_with("@lamb-lti.local") || is_student(&person.email);
    let is_covered = match world.policy.scope(&person.email) {
        Scope::In => true,
        Scope::NotIncluded => world.policy.disables_missing(),
        Scope::ServiceAccount => false,
    };
    (in_lamb(&creator.email), in_owi(&creator.email)) == (1, 0)
        && (in_lamb(&person.email), in_owi(&person.email)) == (0, 1)
        && !(is_of_lms || person.email.trim().is_empty() || world.policy.is_new(&person.email))
        && is_covered
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// An account that sync saw as a creator's is that creator's under any e-mail: neither half is a newcomer or gone.
    #[test]
    fn an_account_that_was_a_creators_is_never_a_newcomers(mut world in world()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        write(&path, &world);
        let lamb = lamb_people(&path);
        (1..).zip(&mut world.people).for_each(|(number, person)| person.account = number);
        let by = world.turn.index(world.people.len().max(1));
        let owner = |at: usize| world.people.get((at + by) % world.people.len().max(1));
        let seen = |(at, creator): (usize, &CreatorEntry)| Some(Remembered {
            id: Some(creator.id),
            email: creator.email.clone(),
            account: owner(at)?.account,
            first: 1,
            last: 2,
            was_gone: false,
        });
        let past: Vec<Remembered> = lamb.creators.iter().enumerate().take(world.people.len()).filter_map(seen).collect();
        let found = planned_after(&lamb, &world.people, &world, &past);
        prop_assert_eq!(counted_once(&found.summary), world.people.len(), "{:?}", found);
        for (at, creator) in lamb.creators.iter().enumerate().take(past.len()) {
            let Some(person) = owner(at).filter(|person| may_be_paired(creator, person, &lamb, &world)) else { continue };
            let touches = |change: &&Change| match change {
                Change::CreateCreator { email, .. } => *email == person.email,
                Change::DisableCreator { email, .. } => *email == creator.email,
                _ => false,
            };
            prop_assert_eq!(found.plan.changes.iter().find(touches), None, "{:?}", found);
            let told = found.conflicts.iter().find(|one| one.known_as.is_some() && one.owi == [&*person.email]);
            prop_assert_eq!(told.map(|one| &*one.lamb[0]), Some(&*creator.email), "{:?}", found);
        }
    }
}

pub(super) fn creator(id: i64, email: &str, role: Role) -> CreatorEntry {
    CreatorEntry {
        id,
        email: email.into(),
        organization: Some(1),
        role,
        enabled: true,
        is_sound: true,
        native: None,
        signs: PersonSigns::default(),
    }
}

pub(super) fn lamb(creators: Vec<CreatorEntry>) -> People {
    let organization = crate::lamb::model::Organization {
        id: 1,
        slug: "lamb".into(),
        name: "LAMB".into(),
        status: "active".into(),
        config: JsonColumn::Falsy,
    };
    People {
        edition: Edition::Delegated,
        organizations: vec![organization],
        creators,
        students: vec![],
        lms_addresses: vec![],
    }
}

pub(super) fn user(email: &str, role: &str, standing: Standing) -> OwiPerson {
    OwiPerson {
        account: 1,
        email: email.into(),
        name: "N".into(),
        role: role.into(),
        created_at: None,
        standing,
        hash: Some(Secret::new(HASH.clone())),
    }
}

pub(super) fn flags(flags: PolicyFlags) -> Policy {
    Policy::load(&flags).unwrap()
}

/// What a policy without a word plans for these, as sentences.
fn changes(lamb: &People, people: Vec<OwiPerson>) -> Vec<String> {
    let found = plan(lamb, people, &flags(PolicyFlags::default()), Some(ADMIN));
    found.plan.changes.iter().map(ToString::to_string).collect()
}

/// LAMB's own login accepts a hash whatever Open WebUI thinks of the account.
#[test]
fn no_hash_of_an_inactive_account_is_copied() {
    let native = Native { system_role: None, signs_in_by_password: true, password: PasswordHash::Missing };
    for (standing, copied) in [(Standing::Active, 1), (Standing::SwitchedOff, 0), (Standing::OtherEmail, 0)] {
        let creator = CreatorEntry { native: Some(native), ..creator(1, "a@x", Role::Member) };
        let lamb = People { edition: Edition::Native, ..lamb(vec![creator]) };
        assert_eq!(changes(&lamb, vec![user("a@x", "user", standing)]).len(), copied, "{standing:?}");
    }
}

#[test]
fn two_accounts_without_an_address_are_no_duplicates() {
    let people = vec![user("", "user", Standing::Active), user(" ", "user", Standing::Active)];
    let found = plan(&lamb(vec![]), people, &flags(PolicyFlags::default()), None);
    assert_eq!((found.summary.unusable, found.summary.conflicting, found.conflicts), (2, 0, vec![]));
}

/// An account that is left out still counts as a second one of its address, and only as that.
#[test]
fn a_duplicate_of_an_excluded_user_is_a_conflict() {
    for (role, standing) in
        [("pending", Standing::Active), ("user", Standing::SwitchedOff), ("user", Standing::NoAuthRow)]
    {
        let mut people = vec![user("a@x", role, standing), user("A@x", "user", Standing::Active)];
        for _ in 0..2 {
            let found = plan(&lamb(vec![]), people.clone(), &flags(PolicyFlags::default()), None);
            let summary = PlanSummary { owi_users: 2, conflicting: 2, ..PlanSummary::default() };
            assert_eq!((found.summary, found.plan.changes.len(), found.unusable), (summary, 0, vec![]));
            people.reverse();
        }
    }
}

#[test]
fn the_first_creator_is_the_bootstrap_admin_however_spelled() {
    let people = vec![user("a@x", "user", Standing::Active), user("root@admin.owi", "admin", Standing::Active)];
    let found = plan(&lamb(vec![]), people.clone(), &flags(PolicyFlags::default()), Some("Root@admin.owi "));
    assert_eq!((found.plan.changes[0].email(), found.plan.guards.len()), ("root@admin.owi", 0));
    let found = plan(&lamb(vec![]), people, &flags(PolicyFlags::default()), None);
    assert!(found.plan.guards[0].reason.contains("a@x would be the very first creator"));
}

#[test]
fn a_creator_without_a_user_is_disabled_unless_the_last_manager() {
    let policy = flags(PolicyFlags { disable_missing: true, ..PolicyFlags::default() });
    let cases: [(Vec<CreatorEntry>, &[&str], &[&str]); 5] = [
        (vec![creator(1, "a@x", Role::Manager)], &[], &["a@x"]),
        (vec![creator(1, "a@x", Role::Manager), creator(2, "b@x", Role::Manager)], &[], &["a@x", "b@x"]),
        (vec![creator(1, "a@x", Role::Manager), creator(2, ADMIN, Role::Manager)], &["disable a@x"], &[ADMIN]),
        (vec![creator(1, "a@x", Role::Manager), creator(2, "in@x", Role::Manager)], &["disable a@x"], &[]),
        // A creator who is disabled needs no role.
        (vec![creator(1, "a@x", Role::Missing), creator(2, "b@x", Role::Member)], &["disable a@x", "disable b@x"], &[]),
    ];
    for (creators, disabled, kept) in cases {
        let shown = format!("{creators:?}");
        let lamb = lamb(creators.into_iter().chain([creator(9, "in@y", Role::Member)]).collect());
        let people = ["in@x", "in@y"].map(|email| user(email, "user", Standing::Active));
        let known = people.into_iter().filter(|person| lamb.creators.iter().any(|c| c.email == person.email));
        let found = plan(&lamb, known, &policy, Some(ADMIN));
        let lines: Vec<String> = found.plan.changes.iter().map(ToString::to_string).collect();
        assert_eq!(lines, disabled, "{shown}");
        assert_eq!(found.kept.iter().map(|kept| &*kept.email).collect::<Vec<_>>(), kept, "{shown}");
    }
}

/// A role that the same plan gives counts, else the next plan would go on where this one stopped.
#[test]
fn a_newcomer_who_manages_frees_the_last_manager() {
    let policy =
        flags(PolicyFlags { disable_missing: true, role: Some(OrganizationRole::Owner), ..PolicyFlags::default() });
    let lamb = lamb(vec![creator(1, "a@x", Role::Manager)]);
    let found = plan(&lamb, vec![user("new@x", "user", Standing::Active)], &policy, None);
    assert_eq!((found.plan.changes.len(), found.kept.len()), (2, 0));
}

#[test]
fn half_an_account_is_neither_gone_nor_there() {
    let policy = flags(PolicyFlags { disable_missing: true, ..PolicyFlags::default() });
    let lamb = lamb(vec![creator(1, "a@x", Role::Member)]);
    let found = Planner::new(&lamb, &policy, None).finish(&["A@x".into(), "other@x".into()]);
    assert!(found.plan.changes.is_empty());
    assert_eq!((found.summary.half_gone, found.summary.unusable, found.unusable.len()), (1, 0, 1));
}

/// What was read for it cannot be looked for, and one such change would stop all others.
#[test]
fn an_address_that_is_no_text_is_left_alone() {
    let lamb = lamb(vec![creator(1, "b\u{fffd}@x", Role::Missing), creator(2, "c\u{fffd}@x", Role::Missing)]);
    let people = ["a\u{fffd}@x", "b\u{fffd}@x"].map(|email| user(email, "user", Standing::Active));
    let policy = flags(PolicyFlags { disable_missing: true, ..PolicyFlags::default() });
    let found = plan(&lamb, people, &policy, None);
    assert_eq!((found.plan.changes, found.summary.unusable, found.summary.in_step), (vec![], 1, 1));
}

/// Only for accounts whose person is certain.
#[test]
fn system_roles_are_compared_whatever_the_order() {
    let native =
        Native { system_role: Some(SystemRole::User), signs_in_by_password: true, password: PasswordHash::Sound };
    let creators = ["a@x", "b@x"].map(|email| CreatorEntry { native: Some(native), ..creator(1, email, Role::Member) });
    let lamb = People { edition: Edition::Native, ..lamb(creators.to_vec()) };
    let admin = |email| user(email, "admin", Standing::Active);
    let found = plan(&lamb, vec![admin("a@x"), admin("a@x"), admin("b@x")], &flags(PolicyFlags::default()), None);
    assert_eq!(found.plan.changes, []);
    assert_eq!(found.system_roles, [RoleDifference { email: "b@x".to_owned(), lamb: "user", owi: "admin".to_owned() }]);
}

/// An e-mail that changed at the university is no newcomer, and its old one is not gone.
#[test]
fn a_changed_email_is_a_conflict_unless_it_is_said_to_be_new() {
    let signs = |email: &str| PersonSigns::of("Anna Rossi", email, Some(5));
    let anna = CreatorEntry { signs: signs("anna@old.example"), ..creator(1, "anna@old.example", Role::Member) };
    let lamb = lamb(vec![anna, creator(2, "bob@x", Role::Manager)]);
    let person = |email: &str, role| OwiPerson { name: "ANNA ROSSI".into(), ..user(email, role, Standing::Active) };
    let bob = || user("bob@x", "user", Standing::Active);
    let disable = PolicyFlags { disable_missing: true, ..PolicyFlags::default() };
    // Also where the policy leaves the new account out, the old creator is not disabled.
    let excluded = PolicyFlags { exclude: vec!["new.example".parse().unwrap()], ..disable.clone() };
    for (flags_of, role, newcomer) in [(&disable, "user", 1), (&disable, "pending", 0), (&excluded, "user", 0)] {
        let found = plan(&lamb, [bob(), person("anna@new.example", role)], &flags(flags_of.clone()), None);
        assert_eq!((found.plan.changes, found.conflicts.len()), (vec![], 1));
        assert_eq!((found.summary.conflicting, found.summary.probably_renamed), (newcomer, 1));
        assert_eq!(found.summary.without_owi_user, 0);
        let fix = found.conflicts[0].fix.as_ref().unwrap().text().into_owned();
        assert_eq!(fix, "lamb-auth update-creator --email anna@old.example --rename anna@new.example");
    }
    let new = PolicyFlags { assume_new: vec![Email::stored("Anna@new.example")], ..disable };
    let found = plan(&lamb, [bob(), person("anna@new.example", "user")], &flags(new), None);
    let changes: Vec<String> = found.plan.changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes[1..], ["disable anna@old.example"]);
    assert!(changes[0].contains("anna@new.example") && found.conflicts.is_empty());
}
