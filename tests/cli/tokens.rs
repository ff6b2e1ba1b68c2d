//! Every kind of token at every door: the verdict of `verify-token` and its exit code, and what `diagnose` makes of
//! the same token.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;

use super::people::{findings, word};
use super::run::{EDITIONS, World};

/// What the four questions say of a token: for LAMB, for Open WebUI, without asking anyone, and the finding that
/// `diagnose` names (`-` where the token is well).
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const UNASKED: &str = "could-not-tell";

/// Open WebUI issues the token, and LAMB asks it about every one.
const DELEGATED: &[Row] = &[
    ("valid", "valid", "valid", UNASKED, "-"),
    ("owi", "valid", "valid", UNASKED, "-"),
    ("expired", "expired", "expired", "expired", "expired"),
    ("not-yet-valid", "not-yet-valid", "not-yet-valid", "not-yet-valid", "not-yet-valid"),
    ("wrong-secret", "wrong-secret", "wrong-secret", UNASKED, "wrong-secret"),
    ("forgeable", "wrong-secret", "wrong-secret", UNASKED, "wrong-secret"),
    ("owi-user-gone", "owi-user-gone", "owi-user-gone", UNASKED, "owi-user-gone"),
    ("owi-row-unreadable", "owi-row-unreadable", "owi-row-unreadable", UNASKED, "owi-row-unreadable"),
    ("wrong-kind", "wrong-kind", "wrong-kind", UNASKED, "wrong-kind"),
    ("lamb", "wrong-kind", "wrong-kind", UNASKED, "wrong-kind"),
    ("null", "wrong-kind", "wrong-kind", "wrong-kind", "wrong-kind"),
    ("api-key", "wrong-kind", "wrong-kind", "wrong-kind", "wrong-kind"),
    // It strips every "Bearer "; Open WebUI does not.
    ("doubled", "valid", "malformed", UNASKED, "bearer-doubled"),
    ("malformed", "malformed", "malformed", "malformed", "malformed"),
    ("creator-missing", "creator-missing", "valid", UNASKED, "creator-missing"),
    ("creator-disabled", "creator-disabled", "valid", UNASKED, "creator-disabled"),
    ("revoked", "revoked", "revoked", UNASKED, "revoked"),
];

/// LAMB issues the token, and asks Open WebUI only about those that it does not decode.
const NATIVE: &[Row] = &[
    ("valid", "valid", "wrong-kind", UNASKED, "-"),
    ("lamb", "valid", "wrong-kind", UNASKED, "-"),
    ("owi", "valid", "valid", UNASKED, "-"),
    ("expired", "expired", "wrong-kind", "expired", "expired"),
    ("not-yet-valid", "not-yet-valid", "wrong-kind", "not-yet-valid", "not-yet-valid"),
    ("wrong-secret", "wrong-secret", "wrong-kind", UNASKED, "wrong-secret"),
    ("forgeable", "wrong-secret", "wrong-kind", UNASKED, "wrong-secret"),
    ("owi-user-gone", "owi-user-gone", "owi-user-gone", UNASKED, "owi-user-gone"),
    ("owi-row-unreadable", "owi-row-unreadable", "owi-row-unreadable", UNASKED, "owi-row-unreadable"),
    ("wrong-kind", "wrong-kind", "wrong-kind", "wrong-kind", "wrong-kind"),
    ("null", "wrong-kind", "wrong-kind", "wrong-kind", "wrong-kind"),
    ("api-key", "wrong-kind", "wrong-kind", "wrong-kind", "wrong-kind"),
    ("doubled", "malformed", "malformed", UNASKED, "malformed"),
    ("malformed", "malformed", "malformed", "malformed", "malformed"),
    ("creator-missing", "creator-missing", "wrong-kind", UNASKED, "creator-missing"),
    ("creator-disabled", "creator-disabled", "wrong-kind", UNASKED, "creator-disabled"),
    ("stale-role", "valid", "wrong-kind", UNASKED, "stale-role"),
    ("shared-secret-trap", "shared-secret-trap", "wrong-secret", UNASKED, "shared-secret-trap"),
    ("revoked", "revoked", "revoked", UNASKED, "revoked"),
];

fn exit_of(verdict: &str) -> i32 {
    match verdict {
        "valid" => 0,
        UNASKED => 3,
        _ => 1,
    }
}

fn table(edition: Edition) -> &'static [Row] {
    if edition == Edition::Native { NATIVE } else { DELEGATED }
}

fn verify_all(edition: Edition, version: OwiVersion) {
    let world = World::start(edition, version, None);
    for &(token, for_lamb, for_owi, offline, found) in table(edition) {
        if world.sandbox.token(token).is_none() {
            assert!(token == "revoked" && version < OwiVersion::V0_12_4, "{token} is not in the sandbox");
            continue;
        }
        let file = format!("--token-file box/tokens/{token}.token");
        for (flags, expected) in [("", for_lamb), ("--for owi", for_owi), ("--offline", offline)] {
            let (code, report) = world.json(&format!("verify-token {file} {flags}"));
            let told = (word(&report["verdict"]), code);
            assert_eq!(
                told,
                (expected.to_owned(), exit_of(expected)),
                "{token} {flags} {edition} {version}: {report:#}"
            );
            let text = world.sandbox.token(token).unwrap().expose();
            assert!(text.len() < 8 || !report.to_string().contains(text), "the token itself is shown: {report:#}");
        }
        let (code, report) = world.json(&format!("diagnose {file}"));
        let about = format!("{token} {edition} {version}: {report:#}");
        let fine = for_lamb == "valid";
        let drift = version > OwiVersion::V0_5_6;
        // The token is good, and no login works beside a delegated LAMB.
        let no_login = drift && edition == Edition::Delegated;
        assert_eq!(code, i32::from(!fine || no_login), "{about}");
        match (found, fine && drift) {
            ("-", true) => assert_eq!(report["finding"], "owi-schema-drift", "{about}"),
            ("-", false) => assert!(report["finding"].is_null(), "{about}"),
            (id, true) => assert!(findings(&report).iter().any(|(known, _)| known == id), "{about}"),
            (id, false) if no_login => assert!(findings(&report).iter().any(|(known, _)| known == id), "{about}"),
            (id, false) => assert_eq!(report["finding"], id, "{about}"),
        }
        assert!(word(&report["token"]).starts_with("given by box/tokens/"), "{about}");
    }
}

#[test]
fn every_token_is_in_the_table() {
    for edition in EDITIONS {
        let world = World::start(edition, OwiVersion::V0_12_4, None);
        for name in world.sandbox.token_names().filter(|name| !name.contains('@')) {
            assert!(table(edition).iter().any(|row| row.0 == name), "{name} has no row ({edition})");
        }
    }
}

#[test]
fn delegated_beside_0_5_6() {
    verify_all(Edition::Delegated, OwiVersion::V0_5_6);
}

#[test]
fn delegated_beside_0_6_43() {
    verify_all(Edition::Delegated, OwiVersion::V0_6_43);
}

#[test]
fn delegated_beside_0_12_4() {
    verify_all(Edition::Delegated, OwiVersion::V0_12_4);
}

#[test]
fn native_beside_0_5_6() {
    verify_all(Edition::Native, OwiVersion::V0_5_6);
}

#[test]
fn native_beside_0_6_43() {
    verify_all(Edition::Native, OwiVersion::V0_6_43);
}

#[test]
fn native_beside_0_12_4() {
    verify_all(Edition::Native, OwiVersion::V0_12_4);
}

/// Each way in: a file, stdin, the environment; and which one wins.
#[test]
fn a_token_comes_by_file_stdin_or_environment() {
    let world = World::plain(Edition::Delegated);
    let [valid, expired] = ["valid", "expired"].map(|name| world.sandbox.token(name).unwrap().expose().to_owned());
    let verdict = |output: super::run::Output| word(&output.json()["verdict"]);
    let by_stdin = world.command("verify-token -t - -o json").stdin(format!("Authorization: Bearer {valid}\r\n")).run();
    assert_eq!(verdict(by_stdin), "valid");
    let by_environment = world.command("verify-token -o json").env("LAMB_AUTH_TOKEN", &expired).run();
    assert_eq!(verdict(by_environment), "expired");
    let both = world.command("verify-token -t box/tokens/valid.token -o json").env("LAMB_AUTH_TOKEN", &expired).run();
    assert_eq!(verdict(both), "valid");
    world.run("verify-token").expect(2).says("LAMB_AUTH_TOKEN");
    world.run("verify-token -t nowhere.token").expect(2).says("nowhere.token");
    // Never by an argument.
    world.command("verify-token").arg(&valid).run().expect(2);
}

/// `--email` asks whose it is; another spelling is not stored.
#[test]
fn another_users_token_is_told() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        for (email, verdict) in [
            ("teacher@sandbox.test", "valid"),
            ("Teacher@Sandbox.Test", "email-spelling"),
            ("operator@sandbox.test", "other-user"),
        ] {
            let (code, report) = world.json(&format!("verify-token -t box/tokens/valid.token --email {email}"));
            assert_eq!((report["verdict"].as_str(), code), (Some(verdict), exit_of(verdict)), "{email}: {report:#}");
        }
        let (code, report) = world.json("diagnose -t box/tokens/valid.token --email operator@sandbox.test");
        assert_eq!((code, report["finding"].as_str()), (1, Some("other-user")), "{report:#}");
        let sees = report["user_sees"].as_str().unwrap();
        assert!(sees.contains("teacher@sandbox.test") && !sees.contains("401"), "{report:#}");
        // What one user is in Open WebUI is not said of another.
        let (code, report) = world.json("diagnose -t box/tokens/valid.token --email admin@admin.owi");
        let missing = report["steps"][6]["findings"].to_string();
        assert!(code == 1 && missing.contains("creator-missing"), "{report:#}");
        assert!(missing.contains("role admin)") && missing.contains("--role admin"), "{report:#}");
    }
}

/// Everybody's own token gets the verdict that their trouble asks for.
#[test]
fn every_users_own_token_is_judged() {
    use lamb_auth::sandbox::people;
    for (edition, version) in [(Edition::Delegated, OwiVersion::V0_5_6), (Edition::Native, OwiVersion::V0_12_4)] {
        let world = World::start(edition, version, None);
        for person in people().iter().filter(|person| world.sandbox.token(person.email).is_some()) {
            let (code, report) = world.json(&format!("verify-token -t 'box/tokens/{}.token'", person.email));
            let native = edition == Edition::Native;
            let verdict = match person.finding_in(edition, version) {
                Some("creator-missing" | "lms-student") => "creator-missing",
                Some("email-spelling") => "email-spelling",
                Some("user-config-broken" | "organization-config-broken") => "creator-missing",
                Some("creator-disabled") => "creator-disabled",
                Some("owi-row-unreadable") if !native => "owi-row-unreadable",
                _ => "valid",
            };
            let about = format!("{} {edition} {version}: {report:#}", person.email);
            assert_eq!((report["verdict"].as_str(), code), (Some(verdict), exit_of(verdict)), "{about}");
        }
    }
}

/// Measured: 0.5.6 and 0.6.43 take a user's API key at `auths/`. It is still no session token; that it is refused is
/// not said.
#[test]
fn an_api_key_is_the_wrong_kind_and_not_called_refused() {
    let world = World::plain(Edition::Delegated);
    let output = world.run("verify-token -t box/tokens/api-key.token");
    output.expect(1).says("wrong-kind").says("some versions accept it here").never_says("refuses this token");
}
