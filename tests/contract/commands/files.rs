//! Somebody holds a lock on the server's `webui.db`, or LAMB looks into another file than the server.

use lamb_auth::sandbox::OwiVersion;

use super::stage::{Complaints, Lamb, Stage, open};

const WHO: &str = "plain@contract.example";

fn hold(version: OwiVersion, begin: &str, judge: impl Fn(&Stage, &Lamb, &mut Complaints)) {
    let stage = Stage::start(version);
    let [lamb, _] = stage.lambs();
    let mut complaints = Complaints::default();
    assert_eq!(lamb.run(&["create-creator", "--email", WHO, "--yes"]).code, Some(0));
    let holder = open(&stage.owi.db_path());
    holder.execute_batch(begin).unwrap();
    judge(&stage, &lamb, &mut complaints);
    drop(holder);
    complaints.hold("after the lock", &lamb.run(&["diagnose", "--email", WHO]), 0, &[]);
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn an_exclusive_lock_on_open_webui_0_5_6() {
    hold(OwiVersion::V0_5_6, "BEGIN EXCLUSIVE", |stage, lamb, complaints| {
        let words = ["--lock-timeout", "0.2", "diagnose", "--email", WHO];
        let run = lamb.run_with_token(&words, &stage.word("plain.token"));
        complaints.hold("own token", &run, 1, &[("/finding", "owi-locked"), ("/first_failing_step", "owi-verdict")]);
        let run = lamb.run_with_token(&["--lock-timeout", "0.2", "verify-token"], &stage.word("plain.token"));
        complaints.hold("own token", &run, 3, &[("/verdict", "could-not-tell")]);
        let run = lamb.run(&["--lock-timeout", "0.2", "check-owi-user", "--email", WHO]);
        complaints.hold("by file", &run, 3, &[]);
    });
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_write_lock_on_open_webui_0_5_6() {
    hold(OwiVersion::V0_5_6, "BEGIN IMMEDIATE", |_, lamb, complaints| {
        let run = lamb.run(&["--timeout", "20", "diagnose", "--email", WHO]);
        complaints.hold("it takes 5 s", &run, 0, &[("/finding", "owi-slow")]);
        complaints.hold("by file", &lamb.run(&["check-owi-user", "--email", WHO]), 0, &[("/found", "true")]);
    });
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn an_exclusive_lock_on_open_webui_0_12_4() {
    hold(OwiVersion::V0_12_4, "BEGIN EXCLUSIVE", |_, lamb, complaints| {
        let run = lamb.run(&["diagnose", "--email", WHO]);
        complaints.hold("in wal mode readers go on", &run, 0, &[("/overall", "warnings")]);
        complaints.hold("by file", &lamb.run(&["check-owi-user", "--email", WHO]), 0, &[("/found", "true")]);
    });
}

/// `OWI_PATH` is a copy of the first days: what the server made since is not in it.
fn another_file(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let [lamb, _] = stage.lambs();
    let mut complaints = Complaints::default();
    let old = lamb.sandbox.dir().join("old");
    std::fs::create_dir(&old).unwrap();
    stage.world.open().execute("VACUUM INTO ?1", [old.join("webui.db").to_str()]).unwrap();
    stage.world.add("late", "late@contract.example");
    let env = [("OWI_PATH", old.to_str().unwrap())];
    let token = stage.word("late.token");
    let count = || stage.world.stored("late@contract.example");

    let run = lamb.run_in(&["diagnose", "--token-file", "-"], &env, &token);
    // LAMB refuses the token for the creator that it lacks; that the file is stale is said beside it.
    complaints.hold("the token of a new user", &run, 1, &[("/finding", "creator-missing")]);
    complaints.equal("and the file is stale", run.findings().contains(&"owi-db-stale".to_owned()), true);
    let run = lamb.run_in(&["diagnose", "--email", WHO], &env, "");
    complaints.equal("it agrees about an older user", run.findings().contains(&"owi-db-stale".to_owned()), false);
    stage.world.open().execute("UPDATE user SET name = 'Renamed' WHERE email = ?1", [WHO]).unwrap();
    let run = lamb.run_in(&["diagnose", "--email", WHO], &env, "");
    complaints.equal("the server contradicts it", run.findings().contains(&"owi-db-stale".to_owned()), true);
    let words = ["create-creator", "--email", "late@contract.example", "--yes"];
    complaints.hold("somebody new", &lamb.run_in(&words, &env, ""), 4, &[("/refused", "true")]);
    let ensure = ["verify-token", "--ensure-creator", "--yes", "--token-file", "-"];
    complaints.hold("--ensure-creator", &lamb.run_in(&ensure, &env, &token), 4, &[]);
    let words = [&words[..], &["--create-owi-user", "--password-stdin"]].concat();
    complaints.hold("whom the server has already", &lamb.run_in(&words, &env, "a password"), 4, &[]);
    complaints.equal("one account still", count(), 1);
    let words =
        ["create-creator", "--email", "later@contract.example", "--create-owi-user", "--password-stdin", "--yes"];
    let run = lamb.run_in(&words, &env, "a password");
    complaints.hold("whom nobody has", &run, 5, &[]);
    complaints.equal("whom nobody has", stage.world.stored("later@contract.example"), 1);
    let check = ["check-user", "--email", "later@contract.example"];
    complaints.hold("no creator was made", &lamb.run(&check), 1, &[]);

    // With the right file, the token makes its own creator.
    complaints.hold("--ensure-creator", &lamb.run_in(&ensure, &[], &token), 0, &[("/changed", "true")]);
    complaints.hold("and once more", &lamb.run_in(&ensure, &[], &token), 0, &[("/verdict", "valid")]);
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn another_file_than_that_of_open_webui_0_5_6() {
    another_file(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn another_file_than_that_of_open_webui_0_12_4() {
    another_file(OwiVersion::V0_12_4);
}
