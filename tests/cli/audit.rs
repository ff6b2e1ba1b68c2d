//! The whole deployment at a glance.

use std::collections::{BTreeMap, BTreeSet};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, people};
use serde_json::Value;

use super::people::word;
use super::run::{EDITIONS, World, snapshot};

/// Who has which finding: ids with the e-mails that are named.
fn groups(audit: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let named = |group: &Value| {
        let examples = group["examples"].as_array().unwrap().iter().map(|example| word(&example["email"]));
        let named: BTreeSet<String> = examples.collect();
        assert_eq!(group["count"], named.len(), "fewer than are named: {group:#}");
        (word(&group["id"]), named)
    };
    audit["groups"].as_array().unwrap().iter().map(named).collect()
}

/// Everybody of the sandbox is audited to exactly what `diagnose` finds about them.
fn audit_all(edition: Edition, version: OwiVersion) {
    let world = World::start(edition, version, None);
    let (code, audit) = world.json("audit");
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |id: &str, email: &str| expected.entry(id.to_owned()).or_default().insert(email.to_owned());
    for person in people() {
        if let Some(id) = person.finding_in(edition, version) {
            add(id, person.email);
        }
        // In the native edition no account is as it should be before the first chat: told, not blamed.
        if edition == Edition::Native && !person.in_owi() {
            add("owi-user-missing", person.email);
        }
    }
    assert_eq!(groups(&audit), expected, "{edition} beside {version}: {audit:#}");
    assert_eq!((code, word(&audit["worst"]).as_str()), (1, "error"));
    assert_eq!(audit["people"]["addresses"], people().len(), "{audit:#}");
}

#[test]
fn everybody_is_audited_to_their_trouble_delegated() {
    for version in OwiVersion::ALL {
        audit_all(Edition::Delegated, version);
    }
}

#[test]
fn everybody_is_audited_to_their_trouble_native() {
    for version in OwiVersion::ALL {
        audit_all(Edition::Native, version);
    }
}

#[test]
fn an_audit_is_shown_as_people_grep_and_scripts_want_it() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let outputs =
            ["audit", "audit -o plain", "audit --finding organization-missing", "audit --finding owi-pending -o json"]
                .map(|line| world.run(line));
        snapshot(&format!("audit_{edition}"), &outputs);
    }
}

#[test]
fn a_finding_lists_everybody_who_has_it() {
    let world = World::plain(Edition::Delegated);
    world.lamb_sql(
        "INSERT INTO Creator_users (id, user_email, user_name, user_config, created_at, updated_at)
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2500)
        SELECT 1000 + n, printf('user%04d@many.test', n), 'U', '{}', 1, 1 FROM n",
    );
    let (code, audit) = world.json("audit --finding owi-user-missing");
    let users = audit["users"].as_array().unwrap();
    assert_eq!((code, users.len()), (1, 2501));
    assert_eq!(audit["groups"][0]["count"], 2501);
    assert_eq!(users[0]["email"], "no-owi@sandbox.test");
    assert_eq!(users[2500]["email"], "user2500@many.test");
    assert_eq!(audit["groups"][0]["examples"].as_array().unwrap().len(), 5, "a few are enough beside that");
    let plain = world.run("audit --finding owi-user-missing -o plain --email many.test");
    assert_eq!(plain.stdout.lines().filter(|line| line.starts_with("user\tuser")).count(), 2500);
    // What hangs on each account is told beside them, not in their place.
    let (_, audit) = world.json("audit --finding owi-duplicate");
    let told = (word(&audit["users"][0]["email"]), word(&audit["duplicates"][0]["address"]));
    assert_eq!(told, ("double@sandbox.test".to_owned(), "double@sandbox.test".to_owned()));
}

#[test]
fn people_are_chosen_by_address_and_organisation() {
    let world = World::plain(Edition::Delegated);
    let (code, audit) = world.json("audit --email 'no-*@sandbox.test'");
    let found: Vec<String> = groups(&audit).into_keys().collect();
    assert_eq!(found, ["organization-missing", "owi-user-missing", "role-missing"]);
    assert_eq!((code, &audit["people"]["addresses"]), (1, &Value::from(4)));
    let (_, audit) = world.json("audit --org closed");
    assert_eq!(groups(&audit).into_keys().collect::<Vec<_>>(), ["organization-suspended"]);
    world.run("audit --org nope").expect(2).says("it has").says("closed");
    world.run("audit --email ''").expect(2);
    world.run("audit --finding creator-mising").expect(2).says("did you mean creator-missing?");
}

#[test]
fn what_is_found_fails_from_the_asked_severity_on() {
    let world = World::plain(Edition::Delegated);
    for (line, code) in [
        ("audit --email closed-org@sandbox.test", 0),
        ("audit --email closed-org@sandbox.test --fail-on warning", 1),
        ("audit --finding end-user --fail-on warning", 0),
        ("audit --fail-on never", 0),
        ("audit --fail-on error", 1),
    ] {
        world.run(line).expect(code);
    }
}

#[test]
fn those_without_an_address_have_nothing_in_common() {
    let world = World::plain(Edition::Delegated);
    let insert = "INSERT INTO user (id, email, name, role, profile_image_url, created_at, updated_at, last_active_at)
        VALUES ('n1', '', 'N', 'user', '/p', 1, 1, 1), ('n2', '  ', 'M', 'user', '/p', 1, 1, 1), ('n3', '', 'L', 'user', '/p', 1, 1, 1)";
    world.owi().execute_batch(insert).unwrap();
    let (_, audit) = world.json("audit");
    let count = |id: &str| {
        let groups = audit["groups"].as_array().unwrap().iter();
        groups.filter(|group| group["id"] == id).map(|group| group["count"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((count("owi-user-half"), count("creator-missing"), count("owi-duplicate")), (5, 4, 1), "{audit:#}");
}
