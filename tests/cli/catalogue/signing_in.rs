//! What is found only where somebody asks about signing in: `diagnose --flow login`.

use lamb_auth::lamb::Edition::{Delegated, Native};
use lamb_auth::sandbox::{OwiVersion, PASSWORD, Trouble};
use serde_json::{Value, json};

use super::scene::{PLAIN, Scene, play};
use crate::cli::people::word;
use crate::cli::run::{Run, World};

const LOGIN: &str = "diagnose --email teacher@sandbox.test --flow login";
const TYPED: &str = "diagnose --email teacher@sandbox.test --flow login --password-stdin";

/// The teacher types this password.
const fn typed(id: &'static str, make: fn(&World, Run) -> Run, found: &'static [&'static str]) -> Scene {
    Scene { id, line: TYPED, make, found, ..PLAIN }
}

fn owi_sql(world: &World, sql: &str) {
    world.owi().execute_batch(sql).unwrap();
}

/// Open WebUI has another password of the teacher's.
fn store(world: &World, password: &str) {
    let hash = bcrypt::hash(password, 4).unwrap();
    owi_sql(world, &format!("UPDATE auth SET password = '{hash}' WHERE email = 'teacher@sandbox.test'"));
}

fn long() -> String {
    "0123456789".repeat(8)
}

/// LAMB's environment says these addresses for browsers.
fn public(run: Run, owi: &str, lamb: &str) -> Run {
    run.env("OWI_PUBLIC_BASE_URL", owi).env("LAMB_WEB_HOST", lamb)
}

fn swap_ids(world: &World, run: Run) -> Run {
    owi_sql(
        world,
        "UPDATE auth SET id = 'x' || id WHERE email IN ('teacher@sandbox.test', 'pending@sandbox.test');
         UPDATE auth SET id = (SELECT id FROM user WHERE email = 'pending@sandbox.test') WHERE email = 'teacher@sandbox.test';
         UPDATE auth SET id = (SELECT id FROM user WHERE email = 'teacher@sandbox.test') WHERE email = 'pending@sandbox.test'",
    );
    run
}

static SCENES: &[Scene] = &[
    typed("password-wrong", |_, run| run.stdin("another one\n"), &["password-wrong"]),
    typed("password-wrong", |_, run| run.stdin(PASSWORD), &[]),
    typed("password-spelling", |_, run| run.stdin(format!("{PASSWORD} \n")), &["password-spelling"]),
    typed("password-spelling", |_, run| run.stdin(format!("{PASSWORD}.\n")), &["password-wrong"]),
    typed(
        "password-cut",
        |world, run| {
            store(world, &long());
            run.stdin(long() + "9")
        },
        &["password-cut"],
    ),
    typed(
        "password-cut",
        |world, run| {
            store(world, &long()[..72]);
            run.stdin(&long()[..72])
        },
        &[],
    ),
    Scene {
        edition: Native,
        ..typed(
            "password-elsewhere",
            |world, run| {
                store(world, "another one");
                run.stdin("another one")
            },
            &["password-elsewhere"],
        )
    },
    Scene {
        edition: Native,
        ..typed(
            "password-elsewhere",
            |world, run| {
                store(world, "another one");
                run.stdin(PASSWORD)
            },
            &[],
        )
    },
    Scene { id: "other-account", line: LOGIN, make: swap_ids, found: &["other-account", "owi-user-half"], ..PLAIN },
    Scene { id: "other-account", line: LOGIN, ..PLAIN },
    Scene {
        id: "hand-off-missing",
        line: LOGIN,
        version: OwiVersion::V0_12_4,
        found: &["hand-off-missing", "owi-schema-drift"],
        ..PLAIN
    },
    Scene { id: "hand-off-missing", line: LOGIN, ..PLAIN },
    Scene {
        id: "public-url",
        line: LOGIN,
        make: |_, run| public(run, "http://open-webui:8080", "https://lamb.uni.example"),
        found: &["public-url"],
        ..PLAIN
    },
    Scene {
        id: "public-url",
        line: LOGIN,
        make: |_, run| public(run, "http://localhost:8080", "http://localhost:9099"),
        ..PLAIN
    },
];

pub(super) fn told() -> std::collections::BTreeSet<&'static str> {
    super::scene::told(SCENES)
}

#[test]
fn a_password_and_an_account_are_told_from_those_that_are_nearly_so() {
    play(SCENES, 0, 1);
}

/// The outcome of each step of a login, by its id.
fn steps(report: &Value) -> Vec<(String, String)> {
    let steps = report["steps"].as_array().unwrap();
    steps.iter().map(|step| (word(&step["id"]), word(&step["outcome"]))).collect()
}

/// What was found of a step that is not reached stays, but it passes for nobody. The password is checked all the same.
#[test]
fn a_login_passes_no_step_after_one_that_fails() {
    for (edition, trouble, people) in [
        (Delegated, None, &["no-owi", "inactive", "disabled"][..]),
        (Delegated, Some(Trouble::OwiDown), &["teacher"]),
        (Native, None, &["disabled", "lti-creator"]),
    ] {
        let world = World::start(edition, OwiVersion::V0_5_6, trouble);
        for name in people {
            let report = world.run(&format!("diagnose --email {name}@sandbox.test --flow login -o json")).json();
            let steps = steps(&report);
            let failing = steps.iter().position(|(_, outcome)| outcome == "failed").unwrap_or(steps.len());
            let after = steps.iter().skip(failing + 1).filter(|(id, _)| !OF_THE_FILES.contains(&id.as_str()));
            let wrong: Vec<_> =
                after.filter(|(_, outcome)| !["failed", "not-reached"].contains(&outcome.as_str())).collect();
            assert!(failing < steps.len() && wrong.is_empty(), "{name}@ {edition}: {steps:?}");
            assert_eq!(steps[8].1, "not-reached", "{name}@ {edition}: {steps:?}");
        }
    }
}

/// Steps that the files answer by themselves.
const OF_THE_FILES: [&str; 2] = ["login-provider", "login-password"];

#[test]
fn a_link_that_does_not_work_is_a_warning_of_its_step_and_of_the_answer() {
    let world = World::plain(Native);
    let report = world.run("diagnose --email no-owi@sandbox.test --flow login -o json").json();
    assert_eq!((&report["overall"], &report["finding"]), (&json!("warnings"), &json!("owi-user-missing")), "{report}");
    assert_eq!(steps(&report)[7], ("login-hand-off".to_owned(), "warned".to_owned()), "{report}");
    assert!(word(&report["user_sees"]).contains("does not work (launch_url token=None)"), "{report}");
}

#[test]
fn what_is_predicted_has_no_condition_that_was_checked() {
    let world = World::plain(Delegated);
    let checked = world.command(TYPED).stdin(PASSWORD).run();
    checked.expect(0).says("the user sees (predicted): LAMB's pages").never_says("if the password is right");
    world.run(LOGIN).expect(0).says("the user sees (predicted): LAMB's pages, if the password is right");
}

/// The launch is the only way in of a creator from an LMS, and a student has no other.
#[test]
fn the_launch_is_among_the_ways_in_of_those_who_come_from_an_lms() {
    let world = World::plain(Native);
    for (email, has_launch) in
        [("lti-creator@sandbox.test", true), ("12345@lamb-lti.local", true), ("teacher@sandbox.test", false)]
    {
        let report = world.run(&format!("diagnose --email {email} --flow all -o json")).json();
        let ways = report["ways_in"].as_array().unwrap();
        assert_eq!(ways.iter().any(|way| way["flow"] == "lti"), has_launch, "{email}: {report}");
    }
}

#[test]
fn all_flows_end_with_one_answer_and_one_next_command() {
    let world = World::plain(Native);
    for (person, answer, next) in [
        ("teacher", "No way in fails, but 1 of 3 could not be told", "set LAMB_KB_SERVER and LAMB_KB_SERVER_TOKEN"),
        ("disabled", "2 of 3 ways in fail", "update-creator --email disabled@sandbox.test --enable"),
    ] {
        let output = world.run(&format!("diagnose --email {person}@sandbox.test --flow all"));
        let out = output.says("sandbox.test, flow request: ").stdout.clone();
        let (_, end) = out.split_once("Next:").unwrap_or_else(|| panic!("no next command: {out}"));
        assert!(!end.contains("Next:") && end.contains(next), "{out}");
        assert!(out.contains(answer), "{out}");
    }
}
