//! What is found only where somebody asks about signing in: `diagnose --flow login`.

use lamb_auth::lamb::Edition::Native;
use lamb_auth::sandbox::{OwiVersion, PASSWORD};

use super::scene::{PLAIN, Scene, play};
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
