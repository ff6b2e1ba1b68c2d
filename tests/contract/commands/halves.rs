//! Half an account on a real server: which remedies work, and which do not. The commands are those that the program
//! names, run while the server is stopped.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use serde_json::{Value, json};

use super::stage::{Complaints, Lamb, Stage};
use crate::contract::http::Request;
use crate::contract::server::Settings;

/// How one user's account is broken.
struct Case {
    name: &'static str,
    /// On `webui.db`.
    plant: &'static [&'static str],
    /// True where the user may be deleted and created again, and the sign-in fails all the same.
    can_be_made_again: bool,
    /// True where the account is created after the command was run.
    is_made_after: bool,
    only: fn(OwiVersion) -> bool,
}

const CASES: [Case; 4] = [
    Case {
        name: "leftover",
        plant: &[
            "CREATE TEMP TABLE leftover AS SELECT * FROM auth WHERE id = '<leftover.id>'",
            "UPDATE leftover SET id = 'leftover of ' || id",
            "DELETE FROM auth WHERE id = '<leftover.id>'",
            "INSERT INTO auth SELECT * FROM leftover",
            "UPDATE leftover SET id = '<leftover.id>'",
            "INSERT INTO auth SELECT * FROM leftover",
            "DROP TABLE leftover",
        ],
        can_be_made_again: true,
        is_made_after: false,
        only: |version| version < OwiVersion::V0_12_4,
    },
    Case {
        name: "other-id",
        plant: &["UPDATE auth SET id = 'x' || id WHERE id = '<other-id.id>'"],
        can_be_made_again: false,
        is_made_after: false,
        only: |_| true,
    },
    Case {
        name: "no-auth",
        plant: &["DELETE FROM auth WHERE id = '<no-auth.id>'"],
        can_be_made_again: false,
        is_made_after: false,
        only: |_| true,
    },
    Case {
        name: "no-user",
        plant: &["DELETE FROM user WHERE id = '<no-user.id>'"],
        can_be_made_again: false,
        is_made_after: true,
        // 0.12 signs such a user up at the next sign-in.
        only: |version| version < OwiVersion::V0_12_4,
    },
];

fn email(case: &Case) -> String {
    format!("{}@half.example", case.name)
}

/// Asks as the admin, and gives the status.
fn admin(stage: &Stage, method: &str, path: &str, body: Option<&Value>) -> u16 {
    let headers = [("Authorization", format!("Bearer {}", stage.word("admin.token")))];
    let body = body.map(Value::to_string);
    let request = Request { method, path, headers: &headers, body: body.as_deref(), ..Request::default() };
    stage.world.send(&request).status
}

fn set_password(stage: &Stage, id: &str, email: &str) -> u16 {
    let body = json!({"name": "Half", "email": email, "profile_image_url": "/user.png", "role": "user", "password": "a new one.9"});
    admin(stage, "POST", &format!("/api/v1/users/{id}/update"), Some(&body))
}

fn create(stage: &Stage, email: &str) -> u16 {
    let body = json!({"name": "Half", "email": email, "password": "contract", "role": "user"});
    admin(stage, "POST", "/api/v1/auths/add", Some(&body))
}

/// The SQL of the command that the program names, for this very file.
fn named(lamb: &Lamb, stage: &Stage, email: &str) -> String {
    let found = lamb.run(&["check-owi-user", "--email", email]);
    let steps = found.json["findings"].as_array().into_iter().flatten();
    let half = steps.filter(|hit| hit["id"] == "owi-user-half");
    let steps = half.filter_map(|hit| hit["mend"].as_array()).flatten().filter_map(|step| step["advice"].as_str());
    let line = steps.filter_map(|step| step.strip_prefix("run: ")).next();
    let words = line.and_then(shlex::split).unwrap_or_else(|| panic!("no command: {found:?}"));
    let [program, file, sql] = words.as_slice() else { panic!("{words:?}") };
    assert_eq!((program.as_str(), file.as_str()), ("sqlite3", stage.owi.db_path().to_str().unwrap()));
    sql.clone()
}

fn half(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let lamb = stage.lamb(Edition::Native);
    let mut complaints = Complaints::default();
    let cases: Vec<&Case> = CASES.iter().filter(|case| (case.only)(version)).collect();
    let mut commands = Vec::new();
    for case in &cases {
        let (email, about) = (email(case), format!("{version} {}", case.name));
        stage.world.add(case.name, &email);
        stage.world.sql_all(case.plant);
        complaints.equal(&format!("{about}, planted"), stage.signs_in(&email), false);
        if !case.is_made_after {
            set_password(&stage, &stage.word(&format!("{}.id", case.name)), &email);
            complaints.equal(&format!("{about}, with a new password"), stage.signs_in(&email), false);
        }
        if case.can_be_made_again {
            let id = stage.word(&format!("{}.id", case.name));
            complaints.equal(&about, admin(&stage, "DELETE", &format!("/api/v1/users/{id}"), None), 200);
            complaints.equal(&about, create(&stage, &email), 200);
            complaints.equal(&format!("{about}, created again"), stage.signs_in(&email), false);
        }
        commands.push(named(&lamb, &stage, &email));
    }
    stage.owi.kill();
    commands.iter().for_each(|sql| stage.world.open().execute_batch(sql).unwrap());
    stage.owi.restart(version, Settings::default());
    for case in &cases {
        let (email, about) = (email(case), format!("{version} {}, fixed", case.name));
        if case.is_made_after {
            complaints.equal(&about, create(&stage, &email), 200);
        }
        complaints.equal(&about, stage.signs_in(&email), true);
        if case.name == "no-auth" {
            complaints.equal(&about, set_password(&stage, &stage.word("no-auth.id"), &email), 200);
            let sql = "SELECT count(*) FROM auth WHERE id = ?1 AND password LIKE '$2%'";
            let set: i64 = stage.world.open().query_row(sql, [stage.word("no-auth.id")], |row| row.get(0)).unwrap();
            complaints.equal(&format!("{about}, password set"), set, 1);
        }
        let rows = (stage.world.stored_in("user", &email), stage.world.stored_in("auth", &email));
        complaints.equal(&about, rows, (1, 1));
    }
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn half_an_account_is_fixed_on_open_webui_0_5_6() {
    half(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn half_an_account_is_fixed_on_open_webui_0_6_43() {
    half(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn half_an_account_is_fixed_on_open_webui_0_12_4() {
    half(OwiVersion::V0_12_4);
}
