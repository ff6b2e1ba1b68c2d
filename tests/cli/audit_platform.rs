//! `audit --platform`: what it shows, what it ends with, and what it leaves behind.

use std::io::Write;
use std::os::unix::fs::{MetadataExt as _, chown};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};
use serde_json::Value;

use super::people::word;
use super::run::{EDITIONS, World, rows, snapshot};

const LINE: &str = "audit --platform --timeout 1 --lock-timeout 0.3";

/// The sandbox with an admin on both sides, a manager for everybody, and nobody who is there twice.
fn whole(edition: Edition, version: OwiVersion, trouble: Option<Trouble>) -> World {
    let world = World::start(edition, version, trouble);
    let fix = "UPDATE {p}Creator_users SET user_email = 'admin@admin.owi' WHERE id = 1;
                UPDATE {p}organization_roles SET role = 'owner'";
    world.lamb_sql(fix);
    let once = "DELETE FROM user WHERE email = 'double@sandbox.test' AND rowid <>
                (SELECT min(rowid) FROM user WHERE email = 'double@sandbox.test')";
    world.owi().execute_batch(once).unwrap();
    world
}

fn check<'a>(audit: &'a Value, id: &str) -> &'a Value {
    let checks = audit["platform"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id}: {audit:#}"))
}

fn outcome(audit: &Value, id: &str) -> String {
    word(&check(audit, id)["outcome"])
}

fn findings(audit: &Value) -> Vec<String> {
    audit["platform"]["findings"].as_array().unwrap().iter().map(|hit| word(&hit["id"])).collect()
}

#[test]
fn the_platform_is_shown_as_people_grep_and_scripts_want_it() {
    use Trouble as T;
    for edition in EDITIONS {
        let healthy = whole(edition, OwiVersion::V0_5_6, None);
        let mut outputs: Vec<_> = [LINE, &format!("{LINE} -o plain")].map(|line| healthy.run(line)).into();
        for trouble in [T::OwiDown, T::OwiSecretChanged, T::OwiDbStale, T::TrustedHeaderRenamed] {
            outputs.push(whole(edition, OwiVersion::V0_5_6, Some(trouble)).run(LINE));
        }
        let newer = whole(edition, OwiVersion::V0_6_43, Some(T::ForgeableSecret));
        outputs.extend([LINE, &format!("{LINE} -o plain")].map(|line| newer.run(line)));
        snapshot(&format!("audit_platform_{edition}"), &outputs);
    }
}

/// The exit code with `--fail-on error`, `warning` and `never`, in the delegated and in the native edition.
#[test]
fn the_exit_code_goes_by_the_worst_and_by_what_could_not_be_told() {
    use Trouble as T;
    let table: &[(Option<Trouble>, [[i32; 3]; 2])] = &[
        (None, [[0, 0, 0], [0, 0, 0]]),
        // Not to know the secret is no trouble where a sign-in tells whose file it is.
        (Some(T::OwiSecretChanged), [[0, 0, 0], [0, 0, 0]]),
        (Some(T::ForgeableSecret), [[0, 1, 0], [0, 1, 0]]),
        (Some(T::TrustedHeaderOff), [[1, 1, 0], [0, 1, 0]]),
        // Another file does not say whether the admin is one in Open WebUI.
        (Some(T::OwiDbStale), [[1, 1, 3], [3, 1, 3]]),
        // Whether the file is the server's own cannot be asked.
        (Some(T::OwiDown), [[1, 1, 3], [3, 1, 3]]),
        (Some(T::OwiDbMissing), [[1, 1, 3], [3, 1, 3]]),
    ];
    for (trouble, wanted) in table {
        for (edition, codes) in EDITIONS.into_iter().zip(wanted) {
            let world = whole(edition, OwiVersion::V0_5_6, *trouble);
            let ended = ["error", "warning", "never"].map(|from| world.run(&format!("{LINE} --fail-on {from}")).code);
            assert_eq!(ended, *codes, "{trouble:?}, {edition}");
        }
    }
}

#[test]
fn what_could_not_be_told_is_said_with_what_would_tell_it() {
    // 0.12 is not signed in to: it would make accounts.
    let world = whole(Edition::Native, OwiVersion::V0_12_4, Some(Trouble::OwiSecretChanged));
    let (code, audit) = world.json(LINE);
    assert_eq!((code, outcome(&audit, "owi-db").as_str()), (3, "could-not-tell"), "{audit:#}");
    let [untold] = audit["could_not_tell"].as_array().unwrap().as_slice() else { panic!("{audit:#}") };
    assert!(word(untold).ends_with("without its secret: set WEBUI_SECRET_KEY"), "{untold}");
    world.run(LINE).expect(3).says("Could not tell: only warnings found");
}

#[test]
fn without_a_probe_nothing_is_left_behind_and_what_is_skipped_is_said() {
    for edition in EDITIONS {
        let world = whole(edition, OwiVersion::V0_5_6, None);
        let seen = || rows(&world.owi(), "SELECT id, last_active_at FROM user ORDER BY id");
        let before = seen();
        let (code, audit) = world.json(&format!("{LINE} --no-test-token"));
        assert_eq!((code, seen()), (0, before.clone()), "{audit:#}");
        for id in ["owi-db", "secrets", "trusted-header"] {
            assert_eq!(outcome(&audit, id), "skipped", "{edition}, {id}: {audit:#}");
            assert!(word(&check(&audit, id)["note"]).contains("(--no-test-token)"), "{edition}, {id}: {audit:#}");
        }
        // With one, it is seen on the server's side.
        let (code, _) = world.json(LINE);
        assert_eq!(code, 0);
        assert_ne!(seen(), before, "{edition}");
    }
}

#[test]
fn a_platform_has_no_people() {
    let world = World::plain(Edition::Delegated);
    for line in ["audit --platform --email 'a@x'", "audit --platform --org lamb"] {
        world.run(line).expect(2).says("cannot be used with");
    }
    let (code, audit) = world.json(LINE);
    assert_eq!((code, &audit["people"], &audit["groups"]), (0, &Value::Null, &Value::Array(Vec::new())), "{audit:#}");
    assert_eq!(audit["scope"]["platform_only"], true);
    // One finding of it, and nothing else.
    let (_, audit) = world.json("audit --platform --finding owi-upgrade-blocked");
    assert_eq!(findings(&audit), ["owi-upgrade-blocked"]);
}

#[test]
fn an_upgrade_that_has_stopped_half_way_is_told() {
    // Nothing answers: neither version starts with such a file.
    let world = World::start(Edition::Native, OwiVersion::V0_6_43, Some(Trouble::OwiDown));
    world.owi().execute_batch("UPDATE alembic_version SET version_num = '959eaac8f909'").unwrap();
    let (code, audit) = world.json(LINE);
    let together = &audit["platform"]["compatibility"];
    assert_eq!((code, &together["upgrade_to_0_12_starts"]), (3, &Value::Bool(false)), "{audit:#}");
    assert_eq!(together["blocking_examples"], serde_json::json!(["double@sandbox.test"]), "{together:#}");
    world
        .run(&format!("{LINE} -o plain"))
        .expect(3)
        .says("to 0.12 has stopped half-way, at duplicate e-mails")
        .says("mend\towi-upgrade-blocked\tneither the old nor the new Open WebUI starts with this file")
        .never_says("Before the upgrade");
}

#[test]
fn files_of_another_user_beside_a_database_are_found() {
    for edition in EDITIONS {
        let world = whole(edition, OwiVersion::V0_5_6, None);
        let lamb = world.lamb();
        lamb.pragma_update(None, "journal_mode", "wal").unwrap();
        lamb.execute_batch("CREATE TABLE kept_open (x)").unwrap();
        let (code, audit) = world.json(LINE);
        assert_eq!((code, findings(&audit)), (0, Vec::new()), "{audit:#}");
        assert!(word(&check(&audit, "wal-files")["note"]).starts_with("2 found"), "{audit:#}");

        let wal = world.sandbox.dir().join("lamb/lamb_v4.db-wal");
        if let Err(error) = chown(&wal, Some(4_242_424), None) {
            // Past the test runner, which keeps what the macros print of a test that passes.
            let why = format!("NOT TESTED: a file cannot be given to another user ({error}): run this as root\n");
            std::io::stderr().write_all(why.as_bytes()).unwrap();
            return;
        }
        // Looking leaves it so: opened by root, SQLite would give the file to the owner of the database. The stand-in for
        // the backend, which is root here as well, does that: it is not asked.
        const DIAGNOSE: &str = "--backend-url http://127.0.0.1:9 diagnose --email teacher@sandbox.test";
        for line in [DIAGNOSE, "check-user --email teacher@sandbox.test", "sync"] {
            let output = world.run(line);
            assert!([0, 1, 4].contains(&output.code), "{output}");
            assert_eq!(std::fs::metadata(&wal).unwrap().uid(), 4_242_424, "{line}");
        }
        let (_, report) = world.json(DIAGNOSE);
        let told = report["steps"][2]["findings"].as_array().unwrap().iter().map(|hit| word(&hit["id"]));
        assert_eq!(told.collect::<Vec<_>>(), ["wal-owner"], "{report:#}");
        // What is written would give it away too.
        let refused = world.run("sync --all --apply --yes");
        assert_eq!(refused.code, 3, "{refused}");
        refused.says("belongs to another user").says("--reference=");
        assert_eq!(std::fs::metadata(&wal).unwrap().uid(), 4_242_424);
        let (code, audit) = world.json(LINE);
        assert_eq!((code, findings(&audit)), (0, vec!["wal-owner".to_owned()]), "{audit:#}");
        assert_eq!(outcome(&audit, "wal-files"), "warned");
        let hit = &audit["platform"]["findings"][0];
        let detail = word(&hit["detail"]);
        assert!(detail.ends_with("lamb_v4.db-wal of uid 4242424") && !detail.contains("-shm"), "{detail}");
        assert!(word(&hit["mend"][0]["advice"]).contains("--reference="), "{hit:#}");
    }
}
