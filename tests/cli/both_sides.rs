//! `check-user --with-owi`: both stores side by side, held against what a login really does.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, PASSWORD, Trouble, people};

use super::run::{EDITIONS, World, snapshot};

/// Whoever it says can log in, can; and in the delegated edition, whoever it says cannot, cannot.
#[test]
fn what_it_says_of_everybody_is_what_a_login_does() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        for person in people() {
            let (code, pair) = world.json(&format!("check-user --email {} --with-owi", person.email));
            let can = pair["can_log_in"].as_bool().unwrap();
            let about = format!("{} {edition}: {pair:#}", person.email);
            assert_eq!(code, i32::from(!can), "{about}");
            assert_eq!(pair["obstacles"].as_array().unwrap().is_empty(), can, "{about}");
            assert_eq!(pair["open_webui"]["found"].as_bool(), Some(person.in_owi()), "{about}");
            let line = format!("refresh-token --email {} --by login --password-stdin --out new.token", person.email);
            let login = world.command(&line).stdin(PASSWORD).run();
            // A native LAMB logs in without Open WebUI, and the chat stays closed.
            let half = edition == Edition::Native
                && matches!(
                    person.finding,
                    Some("owi-user-missing" | "owi-user-half" | "owi-inactive" | "owi-row-unreadable")
                );
            // Such a creator signs in through the LMS, and by no password.
            let by_lms = edition == Edition::Native && person.email.starts_with("lti-creator@");
            assert!(login.code == i32::from(!can) || half && !can || by_lms && can, "{about} {login}");
        }
    }
}

#[test]
fn what_people_and_scripts_see() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let mut pages: Vec<_> = ["table", "plain", "json"]
            .map(|shape| world.run(&format!("check-user --email teacher@sandbox.test --with-owi -o {shape}")))
            .into();
        for person in ["operator", "mixed.case", "no-owi", "inactive", "bad-password", "double"] {
            pages.push(world.run(&format!("check-user --email {person}@sandbox.test --with-owi")));
        }
        for token in ["lamb", "owi", "expired"] {
            let line = "check-user --email teacher@sandbox.test --with-owi -t";
            pages.push(world.run(&format!("{line} box/tokens/{token}.token")));
        }
        pages.push(world.run("check-user --email operator@sandbox.test --with-owi -t box/tokens/lamb.token"));
        pages.push(world.run("check-user --email teacher@sandbox.test -t box/tokens/lamb.token"));
        snapshot(&format!("check_user_with_owi_{edition}"), &pages);
    }
}

/// The hashes are compared as they are stored, and the four notions of an admin are told apart.
#[test]
fn hashes_and_admins_are_compared() {
    let world = World::plain(Edition::Native);
    let pair =
        |email: &str| world.json(&format!("check-user --email {email} --with-owi -t box/tokens/stale-role.token")).1;
    assert_eq!(pair("teacher@sandbox.test")["password_hashes"], "same");
    assert_eq!(pair("no-password@sandbox.test")["password_hashes"], "only-open-web-ui");
    assert_eq!(pair("no-owi@sandbox.test")["password_hashes"], "not-known");
    let other = bcrypt::hash("another", 4).unwrap();
    world.lamb_sql(&format!(
        "UPDATE {{p}}Creator_users SET password_hash = '{other}', role = 'user' WHERE user_email LIKE 'teacher%'"
    ));
    let teacher = pair("teacher@sandbox.test");
    assert_eq!((&teacher["password_hashes"], &teacher["can_log_in"]), (&"different".into(), &true.into()));
    assert!(!teacher.to_string().contains(&other[..20]), "{teacher:#}");
    let admin = &teacher["admin"];
    assert_eq!((&admin["open_webui"], &admin["system"]), (&"user".into(), &"user".into()));
    assert_eq!((&admin["token"]["role"], &admin["token"]["believed"]), (&"admin".into(), &true.into()));
    let operator = pair("operator@sandbox.test");
    assert_eq!(operator["admin"]["organization_lamb"], "admin");
    assert!(operator["admin"]["token"].is_null(), "it is another's token");
    let delegated = World::plain(Edition::Delegated);
    let (_, pair) = delegated.json("check-user --email teacher@sandbox.test --with-owi -t box/tokens/lamb.token");
    assert_eq!(
        (&pair["admin"]["system"], &pair["admin"]["token"]["believed"]),
        (&serde_json::Value::Null, &false.into())
    );
}

/// A file that cannot be read is no "no", unless LAMB's side says one.
#[test]
fn a_side_that_cannot_be_read_is_told() {
    let world = World::start(Edition::Native, OwiVersion::V0_5_6, Some(Trouble::OwiDbMissing));
    let line = |email: &str| format!("check-user --email {email} --with-owi");
    world.run(&line("teacher@sandbox.test")).expect(3).says("Unknown whether").says("not readable");
    world.run(&line("nobody@uni.example")).expect(1).says("no creator");
    World::start(Edition::Native, OwiVersion::V0_5_6, Some(Trouble::LambDbMissing))
        .run(&line("teacher@sandbox.test"))
        .expect(3);
    // Beside a table that it cannot read, a delegated LAMB logs nobody in.
    let world = World::start(Edition::Delegated, OwiVersion::V0_12_4, None);
    world.run(&line("teacher@sandbox.test")).expect(1).says("owi-schema-drift");
}
