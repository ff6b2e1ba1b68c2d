//! What stands in the way of a change, and what `--force` lifts. Nothing is written where a guard holds.

use lamb_auth::lamb::Edition;

use super::create_creator::everything;
use super::run::{EDITIONS, World};

/// A change that a guard stops, until it is forced.
struct Case {
    /// SQL on LAMB's database before, `{p}` being the prefix.
    lamb: &'static str,
    line: &'static str,
    /// What the refusal says.
    says: &'static str,
    /// The only edition in which it is so; `None` for both.
    only: Option<Edition>,
}

const fn case(line: &'static str, says: &'static str) -> Case {
    Case { lamb: "", line, says, only: None }
}

fn soft_guards() -> Vec<Case> {
    vec![
        case("create-creator --email student@sandbox.test", "lti_users"),
        case("create-creator --email activity.student@sandbox.test", "lti_activity_users"),
        case("create-creator --email 12345@lamb-lti.local", "LMS"),
        Case {
            lamb: "DELETE FROM {p}Creator_users WHERE user_email = 'pending@sandbox.test'",
            ..case("create-creator --email pending@sandbox.test", "pending in Open WebUI")
        },
        Case {
            lamb: "DELETE FROM {p}Creator_users WHERE user_email = 'double@sandbox.test'",
            ..case("create-creator --email double@sandbox.test", "2 times")
        },
        Case {
            lamb: "DELETE FROM {p}Creator_users",
            only: Some(Edition::Delegated),
            ..case("create-creator --email teacher@sandbox.test", "very first creator")
        },
        case("assign-role --email teacher@sandbox.test --org lamb --role admin", "would have no effect"),
        case("assign-role --email no-org@sandbox.test --org lamb --role member", "would have no effect"),
        case("assign-role --email teacher@sandbox.test --org physics --role member", "neither an owner nor an admin"),
        case("assign-role --email operator@sandbox.test --org lamb --role member", "neither an owner nor an admin"),
        Case {
            only: Some(Edition::Native),
            ..case("assign-role --email operator@sandbox.test --system-role user", "last system admin")
        },
        Case {
            // A disabled admin is nobody who could help.
            lamb: "UPDATE {p}Creator_users SET role = 'admin' WHERE user_email = 'disabled@sandbox.test'",
            only: Some(Edition::Native),
            ..case("assign-role --email operator@sandbox.test --system-role user", "last system admin")
        },
    ]
}

#[test]
fn a_guard_holds_until_it_is_forced() {
    for edition in EDITIONS {
        for case in soft_guards().iter().filter(|case| case.only.is_none_or(|only| only == edition)) {
            let world = World::plain(edition);
            world.lamb_sql(case.lamb);
            let before = everything(&world);
            for flags in ["", "--yes", "--dry-run", "--yes --dry-run"] {
                let output = world.run(&format!("{} {flags} -o json", case.line));
                output.expect(4).says(case.says);
                let json = output.json();
                assert_eq!(
                    (json["refused"].as_bool(), json["changed"].as_bool()),
                    (Some(true), Some(false)),
                    "{output}"
                );
                assert_eq!(json["guards"][0]["can_be_forced"], true, "{output}");
            }
            assert_eq!(everything(&world), before, "{}: refused, and still something changed", case.line);
            world.run(&format!("{} --force --dry-run", case.line)).expect(1);
            world.run(&format!("{} --force", case.line)).expect(4).says("not a terminal");
            assert_eq!(everything(&world), before, "{}: not confirmed, and still something changed", case.line);
            world.run(&format!("{} --force --yes", case.line)).expect(0);
            assert_ne!(everything(&world), before, "{}: forced, and nothing changed", case.line);
        }
    }
}

/// The bootstrap admin may be the first; in the native edition, whose id 1 means nothing, anybody may.
#[test]
fn the_first_creator_may_be_the_bootstrap_admin() {
    for (edition, email) in [
        (Edition::Delegated, "admin@admin.owi"),
        (Edition::Native, "admin@admin.owi"),
        (Edition::Native, "teacher@sandbox.test"),
    ] {
        let world = World::plain(edition);
        world.lamb_sql("DELETE FROM {p}Creator_users; DELETE FROM {p}organization_roles;");
        world.run(&format!("create-creator --email {email} --yes")).expect(0);
    }
}

/// A second manager, a second admin: then one may go.
#[test]
fn the_last_but_one_may_go() {
    let world = World::plain(Edition::Native);
    world.run("assign-role --email no-role@sandbox.test --org physics --role admin --yes").expect(0);
    world.run("assign-role --email teacher@sandbox.test --org physics --role member --yes").expect(0);
    world.run("assign-role --email teacher@sandbox.test --system-role admin --yes").expect(0);
    world.run("assign-role --email operator@sandbox.test --system-role user --yes").expect(0);
    world.run("assign-role --email teacher@sandbox.test --system-role user --yes").expect(4);
}

/// What no force lifts.
#[test]
fn some_guards_are_hard() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        for (line, says) in [
            ("create-creator --email nobody@uni.example", "--create-owi-user"),
            ("create-creator --email lti_creator_a_7@lamb-lti.local --create-owi-user", "open LAMB from the LMS"),
            ("create-creator --email Admin@Admin.owi", "admin@admin.owi"),
            ("create-creator --email MIXED.case@sandbox.test", "Mixed.Case@sandbox.test"),
        ] {
            let output = world.run(&format!("{line} --force --yes -o json"));
            output.expect(4).says(says);
            assert_eq!(output.json()["guards"][0]["can_be_forced"], false, "{output}");
        }
        assert_eq!(everything(&world), before);
    }
}

/// Half an account is none: an auth row without its user.
#[test]
fn half_an_account_is_refused() {
    let world = World::plain(Edition::Delegated);
    world.owi().execute_batch("DELETE FROM user WHERE email = 'admin@admin.owi'").unwrap();
    world.run("create-creator --email admin@admin.owi --yes --force").expect(4).says("owi-user-half");
}

/// Nothing is written to tables that LAMB does not read, or only half has.
#[test]
fn unusable_tables_are_not_written() {
    use lamb_auth::sandbox::{OwiVersion, Trouble};
    for edition in EDITIONS {
        for (trouble, says) in [(Trouble::PrefixWrong, "prefix"), (Trouble::ColumnsMissing, "columns-missing")] {
            let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
            for line in [
                "create-creator --email admin@admin.owi --yes --force",
                "assign-role --email teacher@sandbox.test --org physics --role admin --yes --force",
            ] {
                world.run(line).expect(4).says(says);
            }
            let count = world.lamb_rows("SELECT count(*) FROM {p}Creator_users WHERE user_email = 'admin@admin.owi'");
            assert_eq!(count, ["0"], "{trouble}");
        }
    }
}

/// With a terminal there is a question, and only "y" is a yes: the end of the input (Ctrl-D) is a no.
#[test]
fn at_a_terminal_one_is_asked() {
    for (answer, code, rows) in [("y", 0, "1"), ("n", 4, "0"), ("", 4, "0"), ("\u{4}", 4, "0")] {
        let world = World::plain(Edition::Delegated);
        let line = "create-creator --email admin@admin.owi";
        let output = world.command(line).at_a_terminal(&format!("{answer}\n"));
        output.expect(code).says("Create this creator?").says("create the creator admin@admin.owi");
        let count = world.lamb_rows("SELECT count(*) FROM {p}Creator_users WHERE user_email = 'admin@admin.owi'");
        assert_eq!(count, [rows], "{answer:?}: {output}");
    }
}
