//! The stream against the look-ups of `diagnose`, in worlds made by chance.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;

use super::judge::AddressHit;
use super::judge::judge_evidence;
use super::{AuditInput, PeopleFilter, judge_all};
use crate::email::Email;
use crate::findings::{CREATOR_MISSING, OWI_USER_MISSING, PROBABLY_RENAMED, Severity};
use crate::lamb::db::LambDb;
use crate::lamb::lookup;
use crate::owi::file::db::OwiDb;

const WAIT: Duration = Duration::from_millis(500);

/// LAMB's tables without keys and checks: anything can be in them.
const LAMB: &str = "CREATE TABLE LAMB_organizations (id, slug, name, status, config);
    CREATE TABLE LAMB_Creator_users (id, user_email, user_name, user_type, enabled, organization_id, user_config, created_at,
        updated_at, lti_user_id, auth_provider, password_hash, role);
    CREATE TABLE LAMB_organization_roles (organization_id, user_id, role);
    CREATE TABLE LAMB_lti_users (user_email);
    INSERT INTO LAMB_organizations VALUES (1, 'lamb', 'L', 'active', '{}'), (2, 'shut', 'S', 'suspended', '{');";
const OWI: &str =
    "CREATE TABLE user (id, email, name, role, profile_image_url, settings, created_at, updated_at, last_active_at);
    CREATE TABLE auth (id, email, password, active);";

/// An address in one of its spellings, or none.
fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => "[ab]@[xy]",
        3 => "[AB]@x",
        1 => " a@x",
        1 => Just("É@x".to_owned()),
        1 => Just("é@x".to_owned()),
        1 => Just("s@lamb-lti.local".to_owned()),
        1 => Just(String::new()),
    ]
}

/// E-mail, enabled, organization, where there is a role, and how odd the rest is.
type Creator = (String, i64, Option<i64>, Option<i64>, u8);

#[derive(Clone, Debug)]
struct World {
    creators: Vec<Creator>,
    users: Vec<(String, u8, u8)>,
    auths: Vec<(String, u8, bool)>,
    students: Vec<String>,
}

fn world() -> impl Strategy<Value = World> {
    let creator = (address(), 0_i64..2, proptest::option::of(1_i64..4), proptest::option::of(1_i64..3), 0_u8..4);
    let user = (address(), 0_u8..6, 0_u8..4);
    let auth = (address(), 0_u8..6, any::<bool>());
    let all = (
        proptest::collection::vec(creator, 0..5),
        proptest::collection::vec(user, 0..5),
        proptest::collection::vec(auth, 0..5),
        proptest::collection::vec(address(), 0..2),
    );
    all.prop_map(|(creators, mut users, mut auths, students)| {
        // As every server keeps it: an id once in each of its tables, an e-mail once in LAMB's.
        users.sort_by_key(|user| user.1);
        users.dedup_by_key(|user| user.1);
        // In any order: of two rows with one e-mail a sign-in finds the first.
        let mut ids = Vec::new();
        auths.retain(|auth| {
            let new = !ids.contains(&auth.1);
            ids.push(auth.1);
            new
        });
        let mut known = Vec::new();
        let creators = creators.into_iter().filter(|creator| {
            let new = !known.contains(&creator.0);
            known.push(creator.0.clone());
            new
        });
        World { creators: creators.collect(), users, auths, students }
    })
}

fn build(world: &World, folder: &std::path::Path) -> (LambDb, OwiDb) {
    let lamb = Connection::open(folder.join("lamb_v4.db")).unwrap();
    lamb.execute_batch(LAMB).unwrap();
    for (id, (email, enabled, organization, role, kind)) in (1_i64..).zip(&world.creators) {
        let config = ["{}", "{}", "{", ""][usize::from(*kind)];
        let hash = [None, Some(""), Some("x"), None][usize::from(*kind)];
        let insert = "INSERT INTO LAMB_Creator_users VALUES (?1, ?2, 'N', 'creator', ?3, ?4, ?5, 1, 2, NULL, 'password', ?6, 'user')";
        lamb.execute(insert, (id, email, enabled, organization, config, hash)).unwrap();
        if let Some(role) = role {
            lamb.execute("INSERT INTO LAMB_organization_roles VALUES (?1, ?2, 'member')", (role, id)).unwrap();
        }
    }
    for student in &world.students {
        lamb.execute("INSERT INTO LAMB_lti_users VALUES (?1)", [student]).unwrap();
    }
    let owi = Connection::open(folder.join("webui.db")).unwrap();
    owi.execute_batch(OWI).unwrap();
    for (email, id, kind) in &world.users {
        let (role, settings) =
            [("user", "null"), ("pending", "{}"), ("user", "{"), ("admin", "[]")][usize::from(*kind)];
        let insert = "INSERT INTO user VALUES (?1, ?2, 'N', ?3, '/p', ?4, 1, 2, 3)";
        owi.execute(insert, (id.to_string(), email, role, settings)).unwrap();
    }
    for (email, id, active) in &world.auths {
        owi.execute("INSERT INTO auth VALUES (?1, ?2, 'h', ?3)", (id.to_string(), email, active)).unwrap();
    }
    drop((lamb, owi));
    let open = LambDb::open(&folder.join("lamb_v4.db"), None, WAIT).unwrap();
    (open, OwiDb::open(&folder.join("webui.db"), WAIT).unwrap())
}

/// By address and finding: the worst severity.
type Told = BTreeMap<(String, &'static str), Severity>;

fn add(told: &mut Told, email: &Email, id: &'static str, severity: Severity) {
    let worst = told.entry((email.key(), id)).or_insert(severity);
    *worst = severity.max(*worst);
}

fn by_stream(lamb: &LambDb, owi: &mut OwiDb, input: &AuditInput) -> Told {
    let mut told = Told::new();
    let mut found = |all: &[AddressHit]| {
        for one in all {
            add(&mut told, &one.email, one.hit.finding.id, one.hit.severity);
        }
        Ok(())
    };
    judge_all(lamb, Some(owi), input, &PeopleFilter::default(), &mut found, &mut |_| {}).unwrap();
    told
}

/// As `diagnose` looks each spelling up. Half an account is looked up only if no other row has its address.
fn by_look_ups(world: &World, lamb: &LambDb, owi: &OwiDb, input: &AuditInput) -> Told {
    let whole: Vec<&String> =
        world.creators.iter().map(|creator| &creator.0).chain(world.users.iter().map(|user| &user.0)).collect();
    let alone = |half: &&String| !whole.iter().any(|email| Email::stored(half.as_str()).same_address(email));
    let halves = world.auths.iter().map(|auth| &auth.0).filter(alone);
    let mut told = Told::new();
    // Those without an address are judged one by one, which no look-up by address does.
    for email in whole.iter().copied().chain(halves).filter(|email| !email.is_empty()).map(Email::stored) {
        let matches = owi.find(&email).unwrap();
        let evidence = lookup::gather(lamb, &email).unwrap();
        // An auth row with an unused address, whose user has another one: the finding is that user's.
        if evidence.creator.is_some() || !matches.is_empty() {
            for hit in judge_evidence(&evidence, &matches, input) {
                add(&mut told, &email, hit.finding.id, hit.severity);
            }
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_stream_judges_every_user_as_a_look_up_does(world in world()) {
        let folder = tempfile::tempdir().unwrap();
        let (lamb, mut owi) = build(&world, folder.path());
        let input = AuditInput { edition: lamb.schema().edition(), release: None, owi_admin: None, first_admins: Vec::new(), lamb: "L".into(), owi: Some("O".into()) };
        let mut streamed = by_stream(&lamb, &mut owi, &input);
        streamed.retain(|(key, _), _| !key.is_empty());
        // That two addresses are one user's is seen only beside the others: a look-up says that each lacks the other side.
        let mut looked_up = by_look_ups(&world, &lamb, &owi, &input);
        for (key, id) in streamed.keys().filter(|(_, id)| *id == PROBABLY_RENAMED.id) {
            for missing in [CREATOR_MISSING.id, OWI_USER_MISSING.id] {
                if let Some(severity) = looked_up.remove(&(key.clone(), missing)) {
                    looked_up.insert((key.clone(), *id), severity);
                }
            }
        }
        prop_assert_eq!(streamed, looked_up);
    }
}
