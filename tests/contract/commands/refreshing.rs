//! `refresh-token` against real servers: its token passes `verify-token`, and Open WebUI itself takes it.

use lamb_auth::sandbox::OwiVersion;
use serde_json::Value;

use super::stage::{Complaints, Lamb, Stage};
use crate::contract::server::Settings;

const EMAIL: &str = "refreshed@contract.example";
const PASSWORD: &str = "contract";

/// Runs it, and holds its token against the servers' own answers. `want` is its exit code.
fn refresh(stage: &Stage, lamb: &Lamb, flags: &[&str], want: i32, complaints: &mut Complaints) {
    let about = format!("{} {} {}", stage.version, lamb.edition, flags.join(" "));
    let stdin = if flags.contains(&"--password-stdin") { PASSWORD } else { "" };
    let words = [&["refresh-token", "--email", EMAIL, "--out", "-"], flags].concat();
    let run = lamb.run_in(&words, &[], stdin);
    complaints.hold(&about, &run, want, &[]);
    let Some(token) = run.json.pointer("/token").and_then(Value::as_str) else { return };
    let verified = lamb.run_with_token(&["verify-token", "--email", EMAIL], token);
    complaints.hold(&format!("{about}: verify-token"), &verified, 0, &[("/verdict", "valid")]);
    if run.at("/kind") == "open-web-ui" {
        let answer = stage.ask("GET", "/api/v1/auths/", &format!("Bearer {token}"));
        complaints.equal(&format!("{about}: Open WebUI takes it"), answer.status, 200);
    }
}

fn accounts(stage: &Stage) -> i64 {
    stage.world.open().query_row("SELECT count(*) FROM user", [], |row| row.get(0)).unwrap()
}

fn refresh_all(version: OwiVersion) {
    let mut complaints = Complaints::default();
    let mut stage = Stage::start(version);
    stage.world.add("self", EMAIL);
    let lambs = stage.lambs();
    let before = accounts(&stage);
    let by_login = match version {
        OwiVersion::V0_5_6 => [0, 0],
        OwiVersion::V0_6_43 => [1, 4],
        OwiVersion::V0_12_4 => [1, 0],
    };
    for (lamb, by_login) in lambs.iter().zip(by_login) {
        assert_eq!(lamb.run(&["create-creator", "--email", EMAIL, "--yes"]).code, Some(0));
        refresh(&stage, lamb, &["--by", "trusted"], 0, &mut complaints);
        refresh(&stage, lamb, &["--by", "login", "--password-stdin"], by_login, &mut complaints);
        refresh(&stage, lamb, &["--by", "password", "--password-stdin"], 1, &mut complaints);
        // An e-mail that only LAMB knows: no account is made of it.
        lamb.sql("UPDATE {p}Creator_users SET user_email = 'unknown@contract.example' WHERE user_email = 'refreshed@contract.example'");
        let run = lamb.run(&["refresh-token", "--email", "unknown@contract.example", "--by", "trusted", "--out", "-"]);
        complaints.hold("an e-mail that Open WebUI does not know", &run, 4, &[]);
    }
    complaints.equal("accounts", accounts(&stage), before);

    let untrusting = Settings { trusted_header: None, ..Settings::default() };
    stage.owi.restart(version, untrusting);
    for lamb in &lambs {
        lamb.sql("UPDATE {p}Creator_users SET user_email = 'refreshed@contract.example' WHERE user_email = 'unknown@contract.example'");
        refresh(&stage, lamb, &["--by", "password", "--password-stdin"], 0, &mut complaints);
        refresh(&stage, lamb, &["--by", "trusted"], 1, &mut complaints);
        let words = ["refresh-token", "--email", EMAIL, "--by", "password", "--password-stdin", "--out", "-"];
        let run = lamb.run_in(&words, &[], "not the password");
        complaints.hold("a wrong password", &run, 1, &[]);
    }
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_fresh_token_passes_beside_open_webui_0_5_6() {
    refresh_all(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_fresh_token_passes_beside_open_webui_0_6_43() {
    refresh_all(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_fresh_token_passes_beside_open_webui_0_12_4() {
    refresh_all(OwiVersion::V0_12_4);
}
