//! What only SQL on `webui.db` fixes, and what only a deletion does, on real servers: the script is run while the server
//! is stopped, and the server starts on the file; an empty duplicate account goes by the server's own API.

use std::process::Command;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;

use super::stage::{Complaints, Stage};
use crate::contract::http::Request;
use crate::contract::server::Settings;

const PEOPLE: [&str; 3] = ["leftover", "noauth", "broken"];

const PLANT: [&str; 8] = [
    "CREATE TEMP TABLE leftover AS SELECT * FROM auth WHERE id = '<leftover.id>'",
    "UPDATE leftover SET id = 'o''neil \" ' || id",
    "INSERT INTO auth SELECT * FROM leftover",
    "DROP TABLE leftover",
    "DELETE FROM user WHERE id = '<leftover.id>'",
    "DELETE FROM auth WHERE id = '<noauth.id>'",
    "UPDATE user SET settings = '[1', created_at = 'never' WHERE id = '<broken.id>'",
    "UPDATE user SET role = 'user' WHERE role = 'admin'",
];

fn script(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let lamb = stage.lamb(Edition::Native);
    let mut complaints = Complaints::default();
    for name in PEOPLE {
        stage.world.add(name, &format!("{name}@script.example"));
    }
    let admin: String =
        stage.world.open().query_row("SELECT email FROM user WHERE role = 'admin'", [], |row| row.get(0)).unwrap();
    stage.world.sql_all(&PLANT);
    let path = lamb.sandbox.dir().join("fix.py");
    let words = ["--owi-admin-email", &admin, "audit", "--fix", "--script", path.to_str().unwrap()];
    let planned = lamb.run(&words);
    assert_eq!(planned.code, Some(1), "{planned:?}");
    // Two leftover rows, a row without its half, two values, and the admin. Many of the stage have no auth row either.
    let steps = planned.json["steps"].as_array().cloned().unwrap_or_default();
    let emails = steps.iter().filter_map(|step| step["email"].as_str());
    let ours = emails.filter(|email| email.ends_with("@script.example") || *email == admin).count();
    complaints.equal(&format!("{version}: {planned:?}"), ours, 6);
    let python = || Command::new("python3").arg(&path).output().unwrap();
    let refused = python();
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("stop Open WebUI first"));
    stage.owi.kill();
    let done = python();
    assert!(done.status.success(), "{version}: {}", String::from_utf8_lossy(&done.stderr));
    stage.owi.restart(version, Settings::default());
    for name in ["noauth", "broken"] {
        complaints.equal(&format!("{version} {name}"), stage.signs_in(&format!("{name}@script.example")), true);
    }
    complaints.equal(&format!("{version} admin"), stage.signs_in(&admin), true);
    let role: String =
        stage.world.open().query_row("SELECT role FROM user WHERE email = ?1", [&admin], |row| row.get(0)).unwrap();
    complaints.equal(&format!("{version} admin"), role.as_str(), "admin");
    complaints.equal(&format!("{version} leftover"), stage.world.stored_in("auth", "leftover@script.example"), 0);
    let again = lamb.run(&words);
    complaints.equal(&format!("{version} again: {again:?}"), again.code, Some(0));
    complaints.end();
}

/// A second account of the e-mail, newer and empty; and one that owns a chat.
fn duplicates(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let lamb = stage.lamb(Edition::Delegated);
    let mut complaints = Complaints::default();
    stage.world.add("double", "double@script.example");
    for id in ["0000aaaa-empty", "0000aaaa-owner"] {
        for table in ["user", "auth"] {
            let copy = [
                format!("CREATE TEMP TABLE copy AS SELECT * FROM {table} WHERE id = '<double.id>'"),
                format!("UPDATE copy SET id = '{id}'"),
                format!("INSERT INTO {table} SELECT * FROM copy"),
                "DROP TABLE copy".to_owned(),
            ];
            stage.world.sql_all(&copy.each_ref().map(String::as_str));
        }
    }
    let chat = "INSERT INTO chat (id, user_id, title, chat, created_at, updated_at, archived)
                VALUES ('chat', '0000aaaa-owner', 'T', '{}', 1, 1, 0)";
    stage.world.open().execute(chat, []).unwrap();
    let ids = || {
        let db = stage.world.open();
        let mut statement =
            db.prepare("SELECT id FROM user WHERE email = 'double@script.example' ORDER BY rowid").unwrap();
        statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    let first = stage.word("double.id");
    let done = lamb.run(&["audit", "--fix", "--finding", "owi-duplicate", "--yes"]);
    let repairs = done.json["fix"]["repairs"].as_array().cloned().unwrap_or_default();
    complaints.equal(&format!("{version}: {done:?}"), repairs.len(), 1);
    complaints.equal(&format!("{version}: {done:?}"), ids(), vec![first, "0000aaaa-owner".to_owned()]);
    complaints.equal(&format!("{version}"), stage.world.stored_in("auth", "double@script.example"), 2);
    complaints.equal(&format!("{version}"), stage.signs_in("double@script.example"), true);
    // What the advice says of the other one: as the admin panel does it, with another e-mail.
    let headers = [("Authorization", format!("Bearer {}", stage.word("admin.token")))];
    let body = r#"{"role":"user","name":"Double","email":"before@script.example","profile_image_url":"/user.png"}"#;
    let path = "/api/v1/users/0000aaaa-owner/update";
    let request = Request { method: "POST", path, headers: &headers, body: Some(body), ..Request::default() };
    complaints.equal(&format!("{version} update"), stage.world.send(&request).status, 200);
    let double = ("double@script.example", "owi-duplicate");
    let told = lamb.run(&["diagnose", "--email", double.0]).findings().contains(&double.1.to_owned());
    complaints.equal(&format!("{version} still double"), told, false);
    for table in ["user", "auth"] {
        complaints.equal(&format!("{version} {table}"), stage.world.stored_in(table, "before@script.example"), 1);
    }
    let chats = "SELECT count(*) FROM chat WHERE user_id = '0000aaaa-owner'";
    let chats: i64 = stage.world.open().query_row(chats, [], |row| row.get(0)).unwrap();
    complaints.equal(&format!("{version} chats"), chats, 1);
    complaints.equal(&format!("{version} sign-in"), stage.signs_in("double@script.example"), true);
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_script_is_run_on_open_webui_0_5_6() {
    script(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_script_is_run_on_open_webui_0_6_43() {
    script(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn a_script_is_run_on_open_webui_0_12_4() {
    script(OwiVersion::V0_12_4);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn an_empty_duplicate_is_deleted_and_the_other_gets_another_email_on_open_webui_0_5_6() {
    duplicates(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn an_empty_duplicate_is_deleted_and_the_other_gets_another_email_on_open_webui_0_6_43() {
    duplicates(OwiVersion::V0_6_43);
}
