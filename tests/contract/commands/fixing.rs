//! `diagnose --fix` and `audit --fix` beside real servers: what each version's own API fixes, and that it changes nothing else.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;

use super::stage::{Complaints, Lamb, Stage};

/// Something that is wrong, and what is done about it.
struct Case {
    name: &'static str,
    /// On `webui.db`; `<self.id>` and `<self.email>` are the user's.
    owi: &'static [&'static str],
    /// On `lamb_v4.db`.
    lamb: &'static [&'static str],
    /// The kinds of repairs, in order; none where it is left as a step.
    kinds: &'static [&'static str],
    /// The finding, which is gone after.
    finding: &'static str,
    only: fn(OwiVersion, Edition) -> bool,
}

const CASE: Case = Case { name: "", owi: &[], lamb: &[], kinds: &[], finding: "", only: |_, _| true };
const UPPER: &[&str] = &[
    "UPDATE user SET email = upper(email) WHERE id = '<self.id>'",
    "UPDATE auth SET email = upper(email) WHERE id = '<self.id>'",
];

const CASES: &[Case] = &[
    Case {
        name: "pending",
        owi: &["UPDATE user SET role = 'pending' WHERE id = '<self.id>'"],
        kinds: &["approve-owi-user"],
        finding: "owi-pending",
        ..CASE
    },
    Case {
        name: "pending, and no creator",
        owi: &["UPDATE user SET role = 'pending' WHERE id = '<self.id>'"],
        lamb: &["DELETE FROM {p}Creator_users WHERE user_email = '<self.email>'"],
        kinds: &["approve-owi-user", "create-creator"],
        finding: "creator-missing",
        ..CASE
    },
    Case {
        name: "another e-mail in auth",
        owi: &["UPDATE auth SET email = 'old.' || email WHERE id = '<self.id>'"],
        kinds: &["set-owi-email"],
        finding: "owi-user-half",
        ..CASE
    },
    Case {
        name: "upper case",
        owi: UPPER,
        kinds: &["set-owi-email"],
        finding: "email-spelling",
        only: |version, _| version < OwiVersion::V0_12_4,
        ..CASE
    },
    Case {
        name: "upper case, a step on 0.12",
        owi: UPPER,
        finding: "email-spelling",
        only: |version, _| version >= OwiVersion::V0_12_4,
        ..CASE
    },
    Case {
        name: "a blank before, which anybody may have registered",
        owi: &[
            "UPDATE user SET email = ' ' || email WHERE id = '<self.id>'",
            "UPDATE auth SET email = ' ' || email WHERE id = '<self.id>'",
        ],
        finding: "email-spelling",
        ..CASE
    },
    Case {
        name: "no account",
        owi: &["DELETE FROM user WHERE id = '<self.id>'", "DELETE FROM auth WHERE id = '<self.id>'"],
        kinds: &["create-owi-user"],
        finding: "owi-user-missing",
        only: |_, edition| edition == Edition::Delegated,
        ..CASE
    },
    Case {
        name: "a user_config that is no JSON",
        lamb: &["UPDATE {p}Creator_users SET user_config = '{not json' WHERE user_email = '<self.email>'"],
        kinds: &["fix-user-config"],
        finding: "user-config-broken",
        ..CASE
    },
];

fn repaired(run: &super::stage::Run) -> Vec<String> {
    let all = run.json.pointer("/fix/repairs").and_then(serde_json::Value::as_array);
    let word = |repair: &serde_json::Value| format!("{} {}", repair["kind"], repair["state"]).replace('"', "");
    all.into_iter().flatten().map(word).collect()
}

fn fix(stage: &mut Stage, lamb: &Lamb, number: usize, case: &Case, complaints: &mut Complaints) {
    let email = format!("fix{number}-{}@contract.example", lamb.edition);
    let about = format!("{} {} {}", stage.version, lamb.edition, case.name);
    stage.world.add("self", &email);
    // What a change of another field must leave as it is. No two have the same name: they would probably be one person.
    let name = format!("Zoë O'Neil the {number}th");
    let kept = format!(
        "UPDATE user SET name = '{}', profile_image_url = 'data:image/png;base64,AAAA' WHERE id = '<self.id>'",
        name.replace('\'', "''")
    );
    stage.world.sql_all(&[&kept]);
    complaints.hold(&about, &lamb.run(&["create-creator", "--email", &email, "--yes"]), 0, &[]);
    stage.world.sql_all(case.owi);
    case.lamb.iter().for_each(|statement| lamb.sql(&stage.world.expand(statement)));

    let words = ["diagnose", "--email", &email, "--fix", "--new-password-stdin"];
    let would = lamb.run_in(&[&words[..], &["--dry-run"]].concat(), &[], "");
    let ends = |state: &str| case.kinds.iter().map(|kind| format!("{kind} {state}")).collect::<Vec<_>>();
    complaints.equal(&format!("{about}, --dry-run"), repaired(&would), ends("pending"));
    let before = would.findings().contains(&case.finding.to_owned());
    complaints.equal(&format!("{about}: the finding is there before"), before, true);
    let done = lamb.run_in(&[&words[..], &["--yes"]].concat(), &[], "a new pass-word.9");
    complaints.equal(&about, repaired(&done), ends("done"));
    let is_step = done.at("/fix/steps").contains(case.finding);
    complaints.equal(&format!("{about}: a step"), is_step, case.kinds.is_empty());
    if !case.kinds.is_empty() {
        complaints.hold(&about, &done, 0, &[]);
        let after = lamb.run(&["diagnose", "--email", &email]);
        complaints.hold(&about, &after, 0, &[]);
        complaints.equal(
            &format!("{about}: the finding is there after"),
            after.findings().contains(&case.finding.to_owned()),
            false,
        );
        let one = (stage.world.stored_in("user", &email), stage.world.stored_in("auth", &email));
        complaints.equal(&format!("{about}: both halves"), one, (1, 1));
        let sql = format!("SELECT role || '|' || name || '|' || profile_image_url FROM user WHERE email = '{email}'");
        let row: String = stage.world.open().query_row(&sql, [], |row| row.get(0)).unwrap();
        let is = if case.finding == "owi-user-missing" {
            row.starts_with("user|")
        } else {
            row == format!("user|{name}|data:image/png;base64,AAAA")
        };
        complaints.equal(&format!("{about}: {row}"), is, true);
        // They sign in as LAMB has them sign in.
        complaints.equal(&about, &stage.world.sign_in(&email)["email"], &serde_json::json!(email));
    }
    stage.world.remove("self");
}

/// The same for several at once.
fn fix_many(stage: &mut Stage, lamb: &Lamb, complaints: &mut Complaints) {
    let about = format!("{} {}, many", stage.version, lamb.edition);
    let address = |name: &str| format!("many-{name}-{}@contract.example", lamb.edition);
    for name in ["one", "two", "three"] {
        stage.world.add(name, &address(name));
    }
    complaints.hold(&about, &lamb.run(&["create-creator", "--email", &address("three"), "--yes"]), 0, &[]);
    stage.world.sql_all(&[
        "UPDATE user SET role = 'pending' WHERE id IN ('<one.id>', '<two.id>')",
        "UPDATE auth SET email = 'old.' || email WHERE id = '<three.id>'",
    ]);
    let these = format!("many-*-{}@contract.example", lamb.edition);
    let fix = |more: &[&str]| lamb.run(&[&["audit", "--fix", "--yes", "--email", &these], more].concat());
    // Whom nobody named waits, and with them what builds on it.
    let unnamed = fix(&[]);
    let ends = [
        "approve-owi-user refused",
        "approve-owi-user refused",
        "set-owi-email refused",
        "create-creator refused",
        "create-creator refused",
    ];
    complaints.equal(&about, repaired(&unnamed), ends.map(str::to_owned).to_vec());
    complaints.hold(&about, &unnamed, 4, &[]);
    let named = fix(&["--finding", "owi-pending"]);
    complaints.equal(&about, repaired(&named), vec!["approve-owi-user done".to_owned(); 2]);
    complaints.hold(&about, &named, 0, &[]);
    let half = fix(&["--finding", "owi-user-half"]);
    complaints.equal(&about, repaired(&half), vec!["set-owi-email done".to_owned()]);
    complaints.hold(&about, &half, 0, &[]);
    let rest = fix(&[]);
    complaints.equal(&about, repaired(&rest), vec!["create-creator done".to_owned(); 2]);
    // No login works beside a delegated LAMB on the later versions, whatever is fixed.
    let drifted = lamb.edition == Edition::Delegated && stage.version > OwiVersion::V0_5_6;
    complaints.hold(&about, &rest, i32::from(drifted), &[]);
    complaints.equal(&about, repaired(&fix(&[])), Vec::<String>::new());
    for name in ["one", "two", "three"] {
        complaints.hold(&about, &lamb.run(&["diagnose", "--email", &address(name)]), 0, &[]);
        complaints.equal(&about, stage.world.stored_in("auth", &address(name)), 1);
        stage.world.remove(name);
    }
}

/// A change of both servers, and the undo of its half in Open WebUI: the server takes each, and the user can sign in.
fn both_halves(stage: &mut Stage, lamb: &Lamb, complaints: &mut Complaints) {
    let about = format!("{} {}, both halves", stage.version, lamb.edition);
    let address = |name: &str| format!("{name}-{}@contract.example", lamb.edition);
    let (old, new) = (address("unmarried"), address("married"));
    stage.world.add("self", &old);
    complaints.hold(&about, &lamb.run(&["create-creator", "--email", &old, "--yes"]), 0, &[]);
    let hash = |stage: &Stage| -> String {
        let sql = "SELECT password FROM auth WHERE id = '<self.id>'";
        stage.world.open().query_row(&stage.world.expand(sql), [], |row| row.get(0)).unwrap()
    };
    let is_there =
        |stage: &Stage, email: &str| (stage.world.stored_in("user", email), stage.world.stored_in("auth", email));
    let before = hash(stage);
    let rename = ["update-creator", "--email", &old, "--rename", &new, "--owi-too", "--yes"];
    complaints.hold(&about, &lamb.run(&rename), 0, &[]);
    complaints.equal(&about, (is_there(stage, &new), is_there(stage, &old)), ((1, 1), (0, 0)));
    complaints.equal(&about, &stage.world.sign_in(&new)["email"], &serde_json::json!(new));
    complaints.hold(&about, &lamb.run(&["undo", "last", "--yes"]), 0, &[]);
    complaints.equal(&about, (is_there(stage, &new), is_there(stage, &old)), ((0, 0), (1, 1)));
    complaints.equal(&about, &stage.world.sign_in(&old)["email"], &serde_json::json!(old));
    complaints.equal(&format!("{about}: the password"), hash(stage) == before, true);
    let password = ["update-creator", "--email", &old, "--set-password", "--password-stdin", "--owi-too", "--yes"];
    complaints.hold(&about, &lamb.run_in(&password, &[], "a new pass-word.9"), 0, &[]);
    complaints.equal(&about, bcrypt::verify("a new pass-word.9", &hash(stage)).unwrap_or(false), true);
    stage.world.remove("self");
}

fn fix_all(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let lambs = stage.lambs();
    let mut complaints = Complaints::default();
    for lamb in &lambs {
        // The first creator of a delegated LAMB is its admin: somebody else shall not be the first.
        complaints.hold("the admin", &lamb.run(&["create-creator", "--email", "admin@admin.owi", "--yes"]), 0, &[]);
        for (number, case) in CASES.iter().enumerate().filter(|(_, case)| (case.only)(version, lamb.edition)) {
            fix(&mut stage, lamb, number, case, &mut complaints);
        }
        fix_many(&mut stage, lamb, &mut complaints);
        both_halves(&mut stage, lamb, &mut complaints);
    }
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn fixing_beside_open_webui_0_5_6() {
    fix_all(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn fixing_beside_open_webui_0_6_43() {
    fix_all(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn fixing_beside_open_webui_0_12_4() {
    fix_all(OwiVersion::V0_12_4);
}
