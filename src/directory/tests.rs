use std::time::Duration;

use rusqlite::Connection;

use super::*;

struct Files {
    _folder: tempfile::TempDir,
    lamb: LambDb,
    owi: OwiDb,
}

/// The schemas of the sandbox, with these rows.
fn files(lamb: &str, owi: &str) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let (lamb_path, owi_path) = (folder.path().join("lamb_v4.db"), folder.path().join("webui.db"));
    let conn = Connection::open(&lamb_path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(&include_str!("../sandbox/schema/lamb.sql").replace("{p}", "")).unwrap();
    conn.execute_batch(
        "INSERT INTO organizations (id, slug, name, is_system, status, config, created_at, updated_at)
         VALUES (1, 'lamb', 'L', 1, 'active', '{}', 0, 0), (2, 'physics', 'P', 0, 'active', '{}', 0, 0);",
    )
    .unwrap();
    conn.execute_batch(lamb).unwrap();
    let conn = Connection::open(&owi_path).unwrap();
    conn.execute_batch(include_str!("../sandbox/schema/owi-0.5.6.sql")).unwrap();
    conn.execute_batch(owi).unwrap();
    let wait = Duration::from_millis(100);
    let (lamb, owi) = (LambDb::open(&lamb_path, None, wait).unwrap(), OwiDb::open(&owi_path, wait).unwrap());
    Files { _folder: folder, lamb, owi }
}

fn some() -> Files {
    let creator = |id: u32, organization: u32, email: &str, name: &str, enabled: u8| {
        format!(
            "INSERT INTO Creator_users (id, organization_id, user_email, user_name, created_at, updated_at, enabled)
             VALUES ({id}, {organization}, '{email}', '{name}', {id}00, 0, {enabled});"
        )
    };
    let account = |id: &str, email: &str, name: &str, role: &str, seen: u32| {
        format!(
            "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
             VALUES ('{id}', '{name}', '{email}', '{role}', '/', 50, 50, {seen});"
        )
    };
    let lamb = [
        creator(1, 1, "ann@uni.example", "Ann Zander", 1),
        creator(2, 2, "Bob@uni.example", "Bob", 1),
        creator(3, 2, "carl@uni.example", "Çarl", 0),
        creator(4, 9, "dora@uni.example", "", 1),
        "INSERT INTO organization_roles (organization_id, user_id, role, created_at, updated_at)
         VALUES (1, 1, 'owner', 0, 0), (2, 2, 'member', 0, 0);
         INSERT INTO lti_users (user_email, user_name, assistant_id) VALUES ('stud@uni.example', 'S', '1'), ('gone@x', 'G', '1');"
            .to_owned(),
    ];
    let owi = [
        account("a", "ann@uni.example", "Ann", "admin", 300),
        account("b", "bob@uni.example", "Bob", "user", 900),
        account("s", "stud@uni.example", "Stud", "pending", 100),
        account("h", "half@uni.example", "Half", "user", 0),
        "INSERT INTO auth VALUES ('a', 'ann@uni.example', 'x', 1), ('b', 'bob@uni.example', 'x', 1),
            ('s', 'stud@uni.example', 'x', 0), ('h', 'other@uni.example', 'x', 1), ('o', 'orphan@uni.example', 'x', 1);"
            .to_owned(),
    ];
    files(&lamb.concat(), &owi.concat())
}

fn listed(files: &Files, filter: &ListFilter, order: ListOrder) -> (Vec<Entry>, ListEnd) {
    let mut all = Vec::new();
    let end = list::<PeopleError>(&files.lamb, Some(&files.owi), filter, order, &mut |_| {}, &mut |entry| {
        all.push(entry.clone());
        Ok(())
    });
    (all, end.unwrap())
}

fn emails(files: &Files, filter: &ListFilter, order: ListOrder) -> Vec<String> {
    listed(files, filter, order).0.iter().map(|entry| entry.email().to_owned()).collect()
}

fn like(pattern: &str) -> ListFilter {
    ListFilter { pattern: Some(pattern.parse().unwrap()), ..ListFilter::default() }
}

const ALL: [&str; 7] = ["ann", "Bob", "carl", "dora", "half", "orphan", "stud"];

fn at_uni(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}@uni.example")).collect()
}

#[test]
fn creators_and_accounts_of_an_address_are_one_entry() {
    let files = some();
    let (all, end) = listed(&files, &ListFilter::default(), ListOrder::Email);
    assert_eq!(all.iter().map(|entry| entry.email().to_owned()).collect::<Vec<_>>(), at_uni(&ALL));
    assert_eq!(end.counts, Counts { lamb: 2, owi: 1, both: 1, conflict: 3 });
    let of = |name: &str| all.iter().find(|entry| entry.address.starts_with(name)).unwrap();
    let ann = of("ann");
    assert_eq!(ann.creators[0].organization.as_deref(), Some("lamb"));
    assert_eq!((ann.creators[0].role.as_deref(), ann.accounts[0].is_active), (Some("owner"), Some(true)));
    // Only case tells them apart, and that is no match for LAMB.
    assert_eq!((of("bob").creators.len(), of("bob").accounts.len()), (1, 1));
    assert_eq!((of("half").accounts[0].halves_agree, of("half").accounts[0].is_active), (false, Some(true)));
    assert_eq!(of("orphan").auth_without_user, ["o"]);
    assert!(of("stud").is_student && !ann.is_student);
    assert_eq!(of("dora").creators[0].organization, None);
}

#[test]
fn a_pattern_is_a_part_of_an_email_or_a_name_or_a_glob_over_one() {
    let files = some();
    let found = |pattern: &str| emails(&files, &like(pattern), ListOrder::Email);
    assert_eq!(found("ANN@uni"), at_uni(&["ann"]));
    assert_eq!(found("zander"), at_uni(&["ann"]));
    assert_eq!(found("c\u{327}arl"), at_uni(&["carl"]));
    assert_eq!(found("*n@uni.example"), at_uni(&["ann", "orphan"]));
    assert_eq!(found("?ob"), at_uni(&["Bob"]));
    assert_eq!(found("@uni.example"), at_uni(&ALL));
    assert!("".parse::<UserPattern>().is_err() && "[".parse::<UserPattern>().is_err());
}

#[test]
fn each_filter_leaves_out_the_others() {
    let files = some();
    let found = |filter: ListFilter| emails(&files, &filter, ListOrder::Email);
    let none = ListFilter::default;
    assert_eq!(found(ListFilter { organization: Some("physics".to_owned()), ..none() }), at_uni(&["Bob", "carl"]));
    assert_eq!(found(ListFilter { disabled: true, ..none() }), at_uni(&["carl", "stud"]));
    for (only, names) in [
        (Presence::Lamb, &["carl", "dora"][..]),
        (Presence::Owi, &["stud"]),
        (Presence::Both, &["ann"]),
        (Presence::Conflict, &["Bob", "half", "orphan"]),
    ] {
        assert_eq!(found(ListFilter { only: Some(only), ..none() }), at_uni(names));
    }
    for (role, names) in [
        (ListRole::Owner, &["ann"][..]),
        (ListRole::Admin, &[]),
        (ListRole::Member, &["Bob"]),
        (ListRole::None, &["carl", "dora"]),
        (ListRole::SystemAdmin, &["ann"]),
        (ListRole::Pending, &["stud"]),
    ] {
        assert_eq!(found(ListFilter { role: Some(role), ..none() }), at_uni(names), "{role:?}");
    }
}

#[test]
fn users_without_the_value_that_is_sorted_by_come_last() {
    let files = some();
    let sorted = |order| emails(&files, &ListFilter::default(), order);
    assert_eq!(sorted(ListOrder::Name), at_uni(&["ann", "Bob", "half", "stud", "carl", "dora", "orphan"]));
    assert_eq!(sorted(ListOrder::Org), at_uni(&["ann", "Bob", "carl", "dora", "half", "orphan", "stud"]));
    assert_eq!(sorted(ListOrder::Created)[..3], at_uni(&["dora", "carl", "Bob"]));
    assert_eq!(sorted(ListOrder::LastActive), at_uni(&["Bob", "ann", "stud", "half", "carl", "dora", "orphan"]));
}

#[test]
fn addresses_near_the_pattern_are_named_only_if_nothing_matches() {
    let files = some();
    let near = |pattern: &str| {
        let (_, end) = listed(&files, &like(pattern), ListOrder::Email);
        end.near.iter().map(|near| (near.email.clone(), near.in_lamb, near.in_owi)).collect::<Vec<_>>()
    };
    assert_eq!(near("cral@uni.example"), [("carl@uni.example".to_owned(), true, false)]);
    assert_eq!(near("annn@uni.example"), [("ann@uni.example".to_owned(), true, true)]);
    assert!(near("carl").is_empty() && near("x*@uni.example").is_empty());
}

#[test]
fn without_open_webuis_file_creators_are_listed() {
    let files = some();
    let mut all = Vec::new();
    let filter = ListFilter::default();
    let end = list::<PeopleError>(&files.lamb, None, &filter, ListOrder::Email, &mut |_| {}, &mut |entry| {
        all.push(entry.email().to_owned());
        Ok(())
    });
    assert_eq!((all, end.unwrap().counts.total()), (at_uni(&["ann", "Bob", "carl", "dora"]), 4));
}
