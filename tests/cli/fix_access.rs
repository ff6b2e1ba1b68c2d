//! `--fix` lets nobody in whom somebody keeps out, and gives nobody somebody else's creator.

use lamb_auth::lamb::Edition::Native;

use super::fix::{everything, fix, kinds};
use super::run::{EDITIONS, World};

/// With sign-up on, anyone can register an address that only looks like a creator's.
#[test]
fn no_user_is_given_the_creator_of_another() {
    let strangers = [
        ("no-owi@sandbox.test", " no-owi@sandbox.test"),
        ("no-owi@sandbox.test", "no-owi@sandbox.test\u{a0}"),
        ("kim@sandbox.test", "\u{212a}im@sandbox.test"),
    ];
    for edition in EDITIONS {
        for (creator, spelled) in strangers {
            let world = World::plain(edition);
            world.lamb_sql(&format!(
                "UPDATE {{p}}Creator_users SET user_email = '{creator}' WHERE user_email = 'no-owi@sandbox.test'"
            ));
            for table in ["user", "auth"] {
                let sql = format!("UPDATE {table} SET email = ?1 WHERE email = 'student@sandbox.test'");
                world.owi().execute(&sql, [spelled]).unwrap();
            }
            let before = everything(&world);
            let (_, report) = world.json(&format!("{} --yes --force", fix(creator)));
            assert!(kinds(&report).is_empty(), "{spelled:?}: {report:#}");
            let steps = report["fix"]["steps"].to_string();
            assert!(steps.contains("email-spelling") && steps.contains("who made this account"), "{report:#}");
            let (_, report) = world.json("audit --fix --yes --force --finding email-spelling");
            assert!(kinds(&report).is_empty(), "{spelled:?}: {report:#}");
            assert_eq!(everything(&world), before, "{spelled:?}");
        }
    }
}

/// Whose the e-mail in `auth` is, somebody else may say.
#[test]
fn an_account_of_two_people_is_left_to_a_person() {
    let email = "renamed@sandbox.test";
    for (owi, lamb) in [
        ("UPDATE user SET email = 'old.name@sandbox.test' WHERE email = 'student@sandbox.test'", ""),
        ("UPDATE auth SET email = 'Old.Name@sandbox.test' WHERE email = 'student@sandbox.test'", ""),
        ("UPDATE auth SET email = 'renamed@sandbox.test' WHERE email = 'student@sandbox.test'", ""),
        (
            "",
            "UPDATE {p}Creator_users SET user_email = 'old.name@sandbox.test' WHERE user_email = 'no-owi@sandbox.test'",
        ),
    ] {
        let world = World::plain(Native);
        world.owi().execute_batch(owi).unwrap();
        world.lamb_sql(lamb);
        let before = everything(&world);
        for line in [fix(email), format!("audit --fix --finding owi-user-half --email {email}")] {
            let (_, report) = world.json(&format!("{line} --yes --force"));
            assert!(kinds(&report).is_empty(), "{owi}{lamb}: {report:#}");
        }
        let (_, report) = world.json(&format!("{} --yes", fix(email)));
        assert!(report["fix"]["steps"].to_string().contains("whose account this is"), "{owi}{lamb}: {report:#}");
        assert_eq!(everything(&world), before);
    }
}

/// LAMB's own login asks no Open WebUI: nobody is let in by it whom Open WebUI or LAMB itself keeps out.
#[test]
fn no_password_is_copied_for_a_pending_or_disabled_user() {
    let email = "no-password@sandbox.test";
    for (owi, lamb, kind) in [
        ("UPDATE auth SET active = 0 WHERE email = 'no-password@sandbox.test'", "", ""),
        (
            "UPDATE user SET role = 'pending' WHERE email = 'no-password@sandbox.test';
             UPDATE auth SET active = 0 WHERE email = 'no-password@sandbox.test'",
            "",
            "",
        ),
        ("UPDATE user SET role = 'pending' WHERE email = 'no-password@sandbox.test'", "", "approve-owi-user done"),
        ("", "UPDATE {p}Creator_users SET enabled = 0 WHERE user_email = 'no-password@sandbox.test'", ""),
        (
            "UPDATE user SET role = 'pending' WHERE email = 'no-password@sandbox.test'",
            "UPDATE {p}Creator_users SET enabled = 0 WHERE user_email = 'no-password@sandbox.test'",
            "",
        ),
    ] {
        let world = World::plain(Native);
        world.owi().execute_batch(owi).unwrap();
        world.lamb_sql(lamb);
        let before = world.lamb_contents();
        let (_, report) = world.json(&format!("{} --yes --force", fix(email)));
        assert_eq!(kinds(&report).join(", "), kind, "{owi}{lamb}: {report:#}");
        assert_eq!(world.lamb_contents(), before, "{owi}{lamb}");
    }
}
