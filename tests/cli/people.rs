//! Everybody in the sandbox is diagnosed to exactly their trouble, in both editions and beside all three versions.

use std::collections::BTreeSet;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, people};
use serde_json::Value;

use super::run::World;

/// Every finding of every step, with its severity.
pub(crate) fn findings(report: &Value) -> BTreeSet<(String, String)> {
    let steps = report["steps"].as_array().unwrap().iter();
    let hits = steps.flat_map(|step| step["findings"].as_array().unwrap());
    hits.map(|hit| (word(&hit["id"]), word(&hit["severity"]))).collect()
}

pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

/// A step that fails says why: a row that says what works, with a cross before it, sends its reader elsewhere.
pub(crate) fn assert_failing_steps_say_why(report: &Value) {
    for step in report["steps"].as_array().unwrap().iter().filter(|step| step["outcome"] == "failed") {
        let note = word(&step["note"]);
        let Some(worst) = step["findings"].as_array().unwrap().first() else {
            // An earlier step has the finding.
            assert!(note.contains("the backend returned"), "{step:#}");
            continue;
        };
        let finding = lamb_auth::findings::find(&word(&worst["id"])).unwrap();
        assert!(note.starts_with(finding.title) || note == word(&worst["detail"]), "{step:#}");
    }
}

/// The exit code, the finding that is named, and that no finding is there beside the expected.
fn diagnose_all(edition: Edition, version: OwiVersion) {
    let world = World::start(edition, version, None);
    // From 0.6 the whole deployment has a trouble of its own: LAMB reads every Open WebUI user as missing.
    let drift = version > OwiVersion::V0_5_6;
    for person in people() {
        let (code, report) = world.json(&format!("diagnose --email {}", person.email));
        let about = format!("{} beside {version}, {edition}: {report:#}", person.email);
        let expected = person.finding_in(edition, version);
        let mut found = findings(&report);
        // No login works beside a delegated LAMB then.
        let of_drift = if edition == Edition::Delegated { "error" } else { "warning" };
        assert_eq!(found.remove(&("owi-schema-drift".to_owned(), of_drift.to_owned())), drift, "{about}");
        // No account in Open WebUI is as it should be in the native edition, before the first chat: told, not blamed.
        if edition == Edition::Native && !person.in_owi() {
            assert!(found.remove(&("owi-user-missing".to_owned(), "info".to_owned())), "{about}");
        }
        // Nor can a token be made for them that a delegated LAMB would take.
        if edition == Edition::Delegated && !person.in_owi() {
            assert!(found.remove(&("token-missing".to_owned(), "info".to_owned())), "{about}");
        }
        let ids: BTreeSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, expected.into_iter().collect(), "{about}");

        let worst = found.iter().map(|(_, severity)| severity.as_str()).max_by_key(|s| rank(s)).unwrap_or("info");
        let worst = if drift && rank(of_drift) > rank(worst) { of_drift } else { worst };
        let overall = match worst {
            "error" => "fails",
            "warning" => "warnings",
            _ => "healthy",
        };
        assert_eq!((code, word(&report["overall"]).as_str()), (i32::from(worst == "error"), overall), "{about}");
        assert_eq!(report["first_failing_step"].is_string(), worst == "error", "{about}");
        if let (Some(id), false) = (expected, drift) {
            assert_eq!(report["finding"], id, "{about}");
        }
        assert_eq!(report["steps"].as_array().unwrap().len(), 7, "{about}");
        assert_failing_steps_say_why(&report);
        assert_eq!(report["owi_version"], version.as_str(), "{about}");
    }
}

fn rank(severity: &str) -> usize {
    ["info", "warning", "error"].iter().position(|known| *known == severity).unwrap()
}

#[test]
fn several_users_are_told_one_after_the_other_and_the_worst_counts() {
    let world = World::plain(Edition::Delegated);
    let (one, two) = ("teacher@sandbox.test", "admin@admin.owi");
    world.run(&format!("diagnose {one}")).expect(0).says(&format!("{one}: Healthy"));
    let output = world.run(&format!("diagnose {two} {one}"));
    output.expect(1);
    let titles: Vec<&str> =
        output.stdout.lines().filter(|line| line.contains(": Fails") || line.contains(": Healthy")).collect();
    assert!(titles.len() == 4 && titles[0].starts_with(two) && titles[3].starts_with(one), "{output}");
    let listed = format!("\n{one}\n  {two}\n");
    let output = world.command("diagnose -o jsonl -").stdin(listed.clone()).run();
    let lines: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<String> = lines.iter().map(|report| word(&report["overall"])).collect();
    assert_eq!((output.code, told), (1, vec!["healthy".to_owned(), "fails".to_owned()]));
    let output = world.command("diagnose -o json -").stdin(listed).run();
    assert_eq!(output.json()["reports"][1]["finding"], "creator-missing", "{output}");
    for (line, says) in [
        ("diagnose - - -q", "stdin"),
        ("diagnose - --token-file -", "stdin can be read once"),
        ("diagnose a@b.c d@e.f --fix", "--fix fixes one user"),
        ("diagnose a@b.c d@e.f --token-file box/tokens/valid.token", "a token belongs to one user"),
        ("diagnose --email a@b.c d@e.f", "cannot be used with"),
        ("diagnose -", "it has no e-mail"),
        ("check-user", "required"),
    ] {
        world.run(line).expect(2).says(says);
    }
    assert_eq!(world.run(&format!("check-user {one}")).stdout, world.run(&format!("check-user --email {one}")).stdout);
    world.run(&format!("check-owi-user {one} --via db")).expect(0);
}

#[test]
fn delegated_beside_0_5_6() {
    diagnose_all(Edition::Delegated, OwiVersion::V0_5_6);
}

#[test]
fn delegated_beside_0_6_43() {
    diagnose_all(Edition::Delegated, OwiVersion::V0_6_43);
}

#[test]
fn delegated_beside_0_12_4() {
    diagnose_all(Edition::Delegated, OwiVersion::V0_12_4);
}

#[test]
fn native_beside_0_5_6() {
    diagnose_all(Edition::Native, OwiVersion::V0_5_6);
}

#[test]
fn native_beside_0_6_43() {
    diagnose_all(Edition::Native, OwiVersion::V0_6_43);
}

#[test]
fn native_beside_0_12_4() {
    diagnose_all(Edition::Native, OwiVersion::V0_12_4);
}

fn ids(found: &Value) -> BTreeSet<String> {
    found["users"].as_array().unwrap().iter().map(|user| word(&user["id"])).collect()
}

/// What `check-user` and `check-owi-user` say of everybody, against what is known of them; the file and the admin's
/// API must agree.
#[test]
fn both_checks_find_every_sandbox_user() {
    for (edition, version) in [
        (Edition::Delegated, OwiVersion::V0_5_6),
        (Edition::Native, OwiVersion::V0_6_43),
        (Edition::Native, OwiVersion::V0_12_4),
    ] {
        let world = World::start(edition, version, None);
        for person in people() {
            let (email, about) = (person.email, format!("{} beside {version}, {edition}", person.email));
            // LAMB's spelling is another for one of them.
            let spelled = person.in_lamb() && person.finding != Some("email-spelling");
            // A row that LAMB cannot work with is found, and still a "no".
            let broken = matches!(person.finding, Some("user-config-broken" | "organization-config-broken"));
            let (code, creator) = world.json(&format!("check-user --email {email}"));
            assert_eq!((code, creator["found"].as_bool()), (i32::from(!spelled || broken), Some(spelled)), "{about}");
            assert_eq!(creator["usable"].as_bool(), Some(spelled && !broken), "{about}");
            assert_eq!(creator["other_spellings"].as_array().unwrap().is_empty(), spelled || !person.in_lamb());

            let (code, user) = world.json(&format!("check-owi-user --email {email}"));
            assert_eq!(
                (code, user["found"].as_bool()),
                (i32::from(!person.in_owi()), Some(person.in_owi())),
                "{about}"
            );
            let copies = if person.finding_in(edition, version) == Some("owi-duplicate") { 2 } else { 1 };
            assert_eq!(user["users"].as_array().unwrap().len(), usize::from(person.in_owi()) * copies, "{about}");

            // A row that cannot be read cannot be shown by the API either, and it spoils what it is shown with.
            let hidden = person.finding == Some("owi-row-unreadable");
            let output = world.run(&format!("check-owi-user --email {email} --via api -o json"));
            match (hidden, person.in_owi()) {
                (true, _) => assert_eq!(output.code, 3, "{about}: {output}"),
                (false, true) => {
                    assert_eq!(output.code, 0, "{about}: {output}");
                    assert_eq!(ids(&output.json()), ids(&user), "{about}");
                }
                // On 0.5.6 the list has no search: the missing one may be the one that cannot be shown.
                (false, false) => {
                    let code = if version == OwiVersion::V0_5_6 { 3 } else { 1 };
                    assert_eq!(output.code, code, "{about}: {output}");
                }
            }
        }
    }
}

/// A typing error is answered with the address that was meant, whichever side has it; a number of another student is not.
#[test]
fn an_unknown_address_is_answered_with_those_near_it() {
    let world = World::plain(Edition::Native);
    world.lamb_sql(
        "UPDATE {p}Creator_users SET user_email = '12345@sandbox.test' WHERE user_email = 'no-role@sandbox.test'",
    );
    let near = |found: &Value| {
        let near = found["near"].as_array().unwrap().iter();
        near.map(|near| (word(&near["email"]), near["in_lamb"] == true, near["in_owi"] == true)).collect::<Vec<_>>()
    };
    let both = [("teacher@sandbox.test".to_owned(), true, true)];
    for line in ["check-user", "check-user --with-owi", "check-owi-user", "diagnose", "diagnose --flow login"] {
        let (code, found) = world.json(&format!("{line} --email techer@sandbox.test"));
        assert_eq!((code, near(&found)), (1, both.to_vec()), "{line}: {found:#}");
        world.run(&format!("{line} --email techer@sandbox.test")).says("similar: \"teacher@sandbox.test\"");
        let (_, found) = world.json(&format!("{line} --email 12346@sandbox.test"));
        assert!(near(&found).is_empty(), "{line}: {found:#}");
        let (_, found) = world.json(&format!("{line} --email teacher@sandbox.test"));
        assert!(near(&found).is_empty(), "{line}: {found:#}");
    }
    let (_, found) = world.json("check-user --email no-owl@sandbox.test");
    assert_eq!(near(&found)[0], ("no-owi@sandbox.test".to_owned(), true, false));
}

/// What is wrong with a person is what was asked; the deployment's own trouble comes beside it.
#[test]
fn a_persons_own_warning_is_the_finding() {
    let world = World::start(Edition::Native, OwiVersion::V0_6_43, None);
    let (_, report) = world.json("diagnose --email no-role@sandbox.test");
    assert_eq!(report["finding"], "role-missing");
}

/// Times are RFC 3339 in every output.
#[test]
fn times_are_written_alike() {
    let world = World::plain(Edition::Native);
    let (_, report) = world.json("verify-token -t box/tokens/valid.token");
    assert_eq!(
        report["creator"]["created_at"],
        world.json("check-user --email teacher@sandbox.test").1["creator"]["created_at"]
    );
}

/// A file that nobody opened says nothing.
#[test]
fn check_owi_user_says_nothing_about_lamb() {
    World::plain(Edition::Delegated)
        .run("check-owi-user --email nobody@uni.example")
        .never_says("The creator exists in LAMB");
}
