//! The platform's troubles, one by one in both editions: what `diagnose` must say of each.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::people::{assert_failing_steps_say_why, word};
use super::run::World;

/// The exit code, the first failing step, and the finding.
type Told = (i32, &'static str, &'static str);

const OK: Told = (0, "-", "-");

/// A warning: LAMB works.
const fn warns(finding: &'static str) -> Told {
    (0, "-", finding)
}

const fn fails(step: &'static str, finding: &'static str) -> Told {
    (1, step, finding)
}

/// What is said of a teacher for whom all else is well: in the delegated edition, and in the native one, whose LAMB
/// decodes the probe itself and needs Open WebUI only to hand its users on.
fn expected(trouble: Trouble) -> (Told, Told) {
    use Trouble as T;
    let both = |told| (told, told);
    match trouble {
        T::OwiDown => (fails("token-delegation", "owi-down"), warns("owi-down")),
        T::OwiHangs => (fails("token-delegation", "owi-hangs"), warns("owi-hangs")),
        T::OwiError => (fails("token-delegation", "owi-error"), warns("owi-error")),
        T::OwiWrongUrl => (fails("token-delegation", "owi-wrong-url"), warns("owi-wrong-url")),
        T::OwiRedirect => (fails("token-delegation", "owi-redirect"), warns("owi-redirect")),
        // Only the answer to a token shows it, and a native LAMB does not ask about its own.
        T::OwiNotJson => (fails("owi-verdict", "email-missing"), OK),
        T::BackendDown => both(fails("frontend-call", "backend-down")),
        T::BackendHangs => both(fails("frontend-call", "backend-hangs")),
        T::BackendError => both(fails("frontend-call", "backend-error")),
        T::BackendWrong | T::BackendNotFound => both(fails("frontend-call", "backend-wrong")),
        T::BackendRedirect => both(fails("frontend-call", "backend-redirect")),
        // In wal mode a reader is not kept out: the native file is read, see `a_lock_on_a_native_database_is_no_refusal`.
        T::LambDbLocked => (fails("creator-entry", "lamb-db-locked"), OK),
        T::LambDbEmpty => both(fails("creator-entry", "lamb-db-empty")),
        T::LambDbGarbage => both(fails("creator-entry", "lamb-db-garbage")),
        T::LambDbMissing => both(fails("creator-entry", "lamb-db-missing")),
        T::PrefixWrong => both(fails("creator-entry", "prefix-wrong")),
        T::ColumnsMissing => both(fails("creator-entry", "columns-missing")),
        // A delegated LAMB decodes nothing and a native one decodes its own: new sessions are well in both.
        T::OwiSecretChanged => both(OK),
        T::ForgeableSecret => both(warns("forgeable-secret")),
        // A delegated LAMB has no other login.
        T::TrustedHeaderOff => (fails("token-delegation", "trusted-header-off"), warns("trusted-header-off")),
        // Found out by LAMB's own way of signing in.
        T::TrustedHeaderRenamed => (fails("owi-verdict", "trusted-header-off"), warns("trusted-header-off")),
        T::OwiDbMissing => (fails("owi-verdict", "owi-db-missing"), warns("owi-db-missing")),
        T::OwiDbStale => (fails("owi-verdict", "owi-db-stale"), warns("owi-db-stale")),
        // What keeps us from reading keeps Open WebUI from it too.
        T::OwiDbLocked => (fails("owi-verdict", "owi-locked"), warns("owi-locked")),
        T::SharedSecret => both(OK),
        T::Unexplained => both(fails("backend-answer", "answer-differs")),
    }
}

const LINE: &str = "diagnose --email teacher@sandbox.test --timeout 1 --lock-timeout 0.3";

fn diagnose_all(edition: Edition) {
    for &trouble in Trouble::ALL {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
        if edition == Edition::Native && matches!(trouble, Trouble::ForgeableSecret | Trouble::Unexplained) {
            // The real request is made only where LAMB would copy no password hash.
            world.lamb_sql("UPDATE {p}Creator_users SET password_hash = '' WHERE password_hash IS NULL");
        }
        let (code, report) = world.json(LINE);
        let (delegated, native) = expected(trouble);
        let (told, finding, step) = (
            if edition == Edition::Native { native } else { delegated },
            &report["finding"],
            &report["first_failing_step"],
        );
        assert_eq!(
            (code, word(step).as_str(), word(finding).as_str()),
            told,
            "{trouble} in the {edition} edition: {report:#}"
        );
        // Somewhere between: a step that is not passed says why.
        for step in report["steps"].as_array().unwrap() {
            assert!(!word(&step["note"]).is_empty(), "{trouble}: {step:#}");
        }
        assert_failing_steps_say_why(&report);
        assert!(code != 1 || report["user_sees"].is_string(), "{trouble}: {report:#}");
    }
}

#[test]
fn delegated() {
    diagnose_all(Edition::Delegated);
}

#[test]
fn native() {
    diagnose_all(Edition::Native);
}

/// A token that is at hand: what was "could not tell" has an answer.
#[test]
fn with_the_browsers_token() {
    use Edition::{Delegated, Native};
    use Trouble as T;
    for (edition, trouble, token, told) in [
        (Delegated, T::OwiSecretChanged, "valid", OK),
        (Native, T::OwiSecretChanged, "owi", OK),
        (Native, T::SharedSecret, "owi", fails("authorization-header", "shared-secret-trap")),
        (Native, T::SharedSecret, "valid", OK),
        (Native, T::OwiDown, "owi", fails("token-delegation", "owi-down")),
        (Native, T::OwiHangs, "owi", fails("token-delegation", "owi-hangs")),
        (Native, T::OwiNotJson, "owi", fails("owi-verdict", "email-missing")),
        (Native, T::OwiDbStale, "owi", warns("owi-db-stale")),
        (Delegated, T::ForgeableSecret, "forgeable", warns("forgeable-secret")),
        (Native, T::ForgeableSecret, "forgeable", warns("forgeable-secret")),
    ] {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
        let (code, report) = world.json(&format!("{LINE} --token-file box/tokens/{token}.token"));
        let found = (code, word(&report["first_failing_step"]), word(&report["finding"]));
        assert_eq!((found.0, found.1.as_str(), found.2.as_str()), told, "{trouble}, {edition}, {token}: {report:#}");
    }
}

/// The creators are there, under another prefix: nobody is missing, and nobody is to be created.
#[test]
fn a_wrong_prefix_reports_no_user_as_missing() {
    for edition in super::run::EDITIONS {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(Trouble::PrefixWrong));
        world.run(LINE).expect(1).never_says("create-creator");
    }
}

/// LAMB answers 200 after five seconds of waiting for the lock (measured): slow, not refused.
#[test]
fn a_lock_on_a_native_database_is_no_refusal() {
    let options = lamb_auth::sandbox::Options {
        edition: Edition::Native,
        trouble: Some(Trouble::LambDbLocked),
        ..lamb_auth::sandbox::Options::default()
    };
    World::with(&options).run(LINE).never_says("backend refuses");
}

/// The server has the teacher, the file has not: advice that goes by the file alone is wrong.
#[test]
fn a_stale_file_is_not_called_healthy() {
    let world = World::start(Edition::Native, OwiVersion::V0_5_6, Some(Trouble::OwiDbStale));
    world.run(LINE).never_says("Create the account");
}

/// An old copy of the file has every user. What the server says about one of them is not what stands there.
#[test]
fn a_role_or_a_name_that_the_server_contradicts_shows_an_old_copy() {
    let changes = [(Edition::Delegated, "role = 'admin'"), (Edition::Native, "name = 'Married'")];
    for (edition, change) in changes {
        let world = World::start(edition, OwiVersion::V0_5_6, None);
        let old = world.cwd.path().join("old");
        std::fs::create_dir(&old).unwrap();
        std::fs::copy(world.sandbox.dir().join("owi/webui.db"), old.join("webui.db")).unwrap();
        let with_old = || world.command(LINE).env("OWI_PATH", old.to_str().unwrap()).run();
        with_old().never_says("owi-db-stale");
        world.owi().execute(&format!("UPDATE user SET {change} WHERE email = 'teacher@sandbox.test'"), []).unwrap();
        with_old().says("owi-db-stale").says(change.split('\'').nth(1).unwrap());
        world.run(LINE).never_says("owi-db-stale");
    }
}
