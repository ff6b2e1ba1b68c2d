//! `create-creator` beside real servers: from an account that is there, and with one that the server's API makes first.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use serde_json::Value;

use super::stage::{Complaints, Lamb, Stage};
use crate::contract::http::{Request, address, send};

const PLAIN: &str = "plain@contract.example";

fn create(lamb: &Lamb, email: &str, more: &[&str]) -> super::stage::Run {
    lamb.run(&[&["create-creator", "--email", email], more].concat())
}

/// What `auth.password` of Open WebUI is.
pub(super) fn owi_hash(stage: &Stage, email: &str) -> Option<String> {
    let sql = "SELECT password FROM auth WHERE email = ?1";
    stage.world.open().query_row(sql, [email], |row| row.get(0)).unwrap()
}

pub(super) fn creator(lamb: &Lamb, email: &str, column: &str) -> Option<String> {
    lamb.text(&format!("SELECT CAST({column} AS TEXT) FROM {{p}}Creator_users WHERE user_email = '{email}'"))
}

/// `POST /creator/login` at LAMB's backend.
pub(super) fn login(lamb: &Lamb, email: &str, password: &str) -> Value {
    let body = format!("email={}&password={password}", email.replace('@', "%40"));
    let content_type = "application/x-www-form-urlencoded";
    let request =
        Request { method: "POST", path: "/creator/login", body: Some(&body), content_type, ..Request::default() };
    send(address(lamb.sandbox.backend_url()), &request).unwrap().json().unwrap()
}

/// The row is as LAMB would have written it, and the hash Open WebUI's own, byte for byte.
fn as_lamb_writes_it(stage: &Stage, lamb: &Lamb, email: &str, name: &str, complaints: &mut Complaints) {
    let about = format!("{} {}: the creator {email}", stage.version, lamb.edition);
    let mut is = |column: &str, should: Option<&str>| {
        let value = creator(lamb, email, column);
        complaints.equal(&format!("{about}: {column}"), value.as_deref(), should);
    };
    is("user_name", Some(name));
    is("user_type", Some("creator"));
    is("user_config", Some("{}"));
    is("organization_id", Some("1"));
    is("enabled", Some("1"));
    is("created_at - updated_at", Some("0"));
    if lamb.edition == Edition::Native {
        is("role", Some("user"));
        is("auth_provider", Some("password"));
        is("lti_user_id", None);
        is("password_hash", owi_hash(stage, email).as_deref());
    }
}

/// From accounts that are there.
fn from_accounts(stage: &mut Stage, lamb: &Lamb, complaints: &mut Complaints) {
    let about = |what: &str| format!("{} {}: {what}", stage.version, lamb.edition);
    let pending = create(lamb, PLAIN, &["--dry-run"]);
    complaints.hold(&about("--dry-run"), &pending, 1, &[("/changed", "false"), ("/pending", "true")]);
    complaints.hold(&about("--dry-run wrote nothing"), &lamb.run(&["check-user", "--email", PLAIN]), 1, &[]);
    complaints.hold(&about("no terminal, no --yes"), &create(lamb, PLAIN, &[]), 4, &[]);
    complaints.hold(&about("plain"), &create(lamb, PLAIN, &["--yes"]), 0, &[("/changed", "true")]);
    as_lamb_writes_it(stage, lamb, PLAIN, "plain", complaints);
    let role = lamb.run(&["check-user", "--email", PLAIN]);
    complaints.hold(&about("its role"), &role, 0, &[("/creator/organization_role", "member")]);

    let upper = create(lamb, "PLAIN@contract.example", &["--yes"]);
    complaints.hold(&about("another spelling"), &upper, 4, &[("/refused", "true")]);
    let nobody = create(lamb, "nobody@contract.example", &["--yes"]);
    complaints.hold(&about("nobody in Open WebUI"), &nobody, 4, &[("/refused", "true")]);

    let admin = create(lamb, "admin@admin.owi", &["--yes"]);
    complaints.hold(&about("an admin"), &admin, 0, &[("/changed", "true")]);
    as_lamb_writes_it(stage, lamb, "admin@admin.owi", "Admin User", complaints);
    let told = admin.at("/notes").contains("--role admin");
    complaints.equal(&about("that Open WebUI says admin is told"), told, true);

    let email = format!("waits-{}@contract.example", lamb.edition);
    stage.world.add("self", &email);
    stage.world.sql("UPDATE user SET role = 'pending' WHERE id = '<self.id>'");
    let about = |what: &str| format!("{} {}: {what}", stage.version, lamb.edition);
    complaints.hold(&about("pending"), &create(lamb, &email, &["--yes"]), 4, &[("/refused", "true")]);
    let forced = create(lamb, &email, &["--yes", "--force", "--name", "Somebody Else", "--role", "owner"]);
    complaints.hold(&about("pending, by force"), &forced, 0, &[("/changed", "true")]);
    as_lamb_writes_it(stage, lamb, &email, "Somebody Else", complaints);
}

/// Where there is no account yet: Open WebUI's own API makes it.
fn with_an_account(stage: &Stage, lamb: &Lamb, complaints: &mut Complaints) {
    const PASSWORD: &str = "a new pass-word.9";
    let about = |what: &str| format!("{} {}: {what}", stage.version, lamb.edition);
    let email = format!("new-{}@contract.example", lamb.edition);
    let words = |email| ["create-creator", "--email", email, "--create-owi-user", "--password-stdin", "--yes"];
    let upper = email.to_uppercase();
    let refused = lamb.run_in(&words(&upper), &[], PASSWORD);
    complaints.hold(&about("in upper case"), &refused, 4, &[("/refused", "true")]);
    complaints.equal(&about("in upper case"), stage.world.stored(&upper) + stage.world.stored(&email), 0);

    let made = lamb.run_in(&words(&email), &[], &format!("{PASSWORD}\n"));
    complaints.hold(&about("with an account"), &made, 0, &[("/changed", "true")]);
    complaints.equal(&about("one account"), stage.world.stored(&email), 1);
    as_lamb_writes_it(stage, lamb, &email, email.split('@').next().unwrap(), complaints);
    let hash = owi_hash(stage, &email).unwrap_or_default();
    complaints.equal(&about("its password"), bcrypt::verify(PASSWORD, &hash).ok(), Some(true));
    let token = stage.world.sign_in(&email)["token"].as_str().unwrap_or_default().to_owned();
    complaints.hold(&about("its token"), &lamb.run_with_token(&["verify-token"], &token), 0, &[("/verdict", "valid")]);
    // Beside a newer Open WebUI, LAMB's own login fails, or multiplies admins.
    if stage.version == OwiVersion::V0_5_6 {
        let answer = login(lamb, &email, "a+new+pass-word.9");
        complaints.equal(&about("login to LAMB"), &answer["success"], &Value::Bool(true));
        complaints.equal(&about("the hand-off"), answer.to_string().contains("token=None"), false);
    }

    // With an admin's token that was handed in, where LAMB's own ways are closed.
    let file = lamb.sandbox.dir().join("admin-token");
    std::fs::write(&file, stage.word("admin.token")).unwrap();
    let email = format!("handed-{}@contract.example", lamb.edition);
    let closed = [("OWI_ADMIN_EMAIL", ""), ("OWI_ADMIN_PASSWORD", "")];
    complaints.hold(&about("no way to an admin"), &lamb.run_in(&words(&email), &closed, PASSWORD), 3, &[]);
    complaints.equal(&about("no way to an admin"), stage.world.stored(&email), 0);
    let handed = [&words(&email)[..], &["--admin-token-file", file.to_str().unwrap()]].concat();
    complaints.hold(&about("--admin-token-file"), &lamb.run_in(&handed, &closed, PASSWORD), 0, &[("/changed", "true")]);
}

/// Everything is well with the new creator.
fn diagnosed_well(stage: &Stage, lamb: &Lamb, complaints: &mut Complaints) {
    let overall = if stage.version == OwiVersion::V0_5_6 { "healthy" } else { "warnings" };
    let about = format!("{} {}", stage.version, lamb.edition);
    for words in [&["diagnose", "--email", PLAIN][..], &["diagnose", "--email", PLAIN, "--replay"]] {
        complaints.hold(&about, &lamb.run(words), 0, &[("/overall", overall), ("/email", PLAIN)]);
    }
    let given = lamb.run_with_token(&["diagnose", "--email", PLAIN], &stage.word("plain.token"));
    complaints.hold(&format!("{about}, own token"), &given, 0, &[("/overall", overall)]);
    let given = lamb.run_with_token(&["diagnose"], &stage.word("plain.token"));
    complaints.hold(&format!("{about}, own token alone"), &given, 0, &[("/overall", overall), ("/email", PLAIN)]);
}

fn create_all(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let mut complaints = Complaints::default();
    for lamb in stage.lambs() {
        from_accounts(&mut stage, &lamb, &mut complaints);
        with_an_account(&stage, &lamb, &mut complaints);
        diagnosed_well(&stage, &lamb, &mut complaints);
    }
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn creators_are_made_beside_open_webui_0_5_6() {
    create_all(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn creators_are_made_beside_open_webui_0_6_43() {
    create_all(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn creators_are_made_beside_open_webui_0_12_4() {
    create_all(OwiVersion::V0_12_4);
}
