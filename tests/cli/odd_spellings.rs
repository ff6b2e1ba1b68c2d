//! E-mails that a header cannot hold, that a look-up compares otherwise, or that the eye takes for others. A trusted
//! sign-in with the wrong bytes makes an account: no command that only looks may send one.

use std::io::{Read, Write};
use std::net::TcpStream;

use lamb_auth::clock;
use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use lamb_auth::secret::Secret;
use lamb_auth::token::mint;
use rusqlite::Connection;

use super::run::{World, contents};

/// How an e-mail is typed, and how `user` stores it, as SQL. LAMB and `auth` store what is typed.
pub(crate) const SPELLINGS: &[(&str, &str)] = &[
    ("josé@odd.example", "'josé@odd.example'"),
    ("ÿµß@odd.example", "'ÿµß@odd.example'"),
    ("ZOË@odd.example", "'ZOË@odd.example'"),
    ("zoë2@odd.example", "'ZOË2@odd.example'"),
    ("łukasz@odd.example", "'łukasz@odd.example'"),
    ("😀@odd.example", "'😀@odd.example'"),
    ("jose\u{301}@odd.example", "'jose\u{301}@odd.example'"),
    ("zo\u{200b}e@odd.example", "'zo\u{200b}e@odd.example'"),
    ("\u{a0}blank@odd.example", "'\u{a0}blank@odd.example'"),
    ("nul@odd.example", "'nul' || char(0) || '@odd.example'"),
    ("Mixed.Case@odd.example", "'Mixed.Case@odd.example'"),
    ("bytes@odd.example", "CAST('bytes@odd.example' AS BLOB)"),
    ("ñ.bytes@odd.example", "CAST('ñ.bytes@odd.example' AS BLOB)"),
];

/// The id of Open WebUI's user of this number.
fn id(number: usize) -> String {
    format!("odd-{number:02}")
}

/// Puts all of them into `webui.db`.
pub(crate) fn plant_accounts(owi: &Connection) {
    for (number, (typed, stored)) in SPELLINGS.iter().enumerate() {
        let id = id(number);
        owi.execute_batch(&format!(
            "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
             VALUES ('{id}', 'Odd', {stored}, 'user', '/user.png', 1, 1, 1);
             INSERT INTO auth (id, email, password, active) VALUES ('{id}', '{typed}', 'no hash', 1);"
        ))
        .unwrap();
    }
}

/// Puts all of them into `lamb_v4.db`.
pub(crate) fn plant_creators(lamb: &Connection, edition: Edition) {
    let p = edition.default_prefix();
    for (typed, _) in SPELLINGS {
        lamb.execute_batch(&format!(
            "INSERT INTO {p}Creator_users (organization_id, user_email, user_name, user_config, created_at, updated_at)
             VALUES (1, '{typed}', 'Odd', '{{}}', 1, 1);
             INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at)
             SELECT 1, id, 'member', 1, 1 FROM {p}Creator_users WHERE user_email = '{typed}'"
        ))
        .unwrap();
    }
}

/// A token of the user of this number.
pub(crate) fn token(number: usize, version: OwiVersion, secret: &Secret) -> String {
    let newest = version == OwiVersion::V0_12_4;
    let claims = mint::owi_session_claims(&id(number), None, newest, clock::now(), 600);
    mint::sign(&claims, secret).unwrap().expose().to_owned()
}

/// Commands that look at one of them; `TOKEN` stands for the file with the token.
pub(crate) const LOOKS: &[&[&str]] = &[
    &["diagnose"],
    &["diagnose", "--replay"],
    &["diagnose", "--token-file", "TOKEN"],
    &["diagnose", "--fix", "--dry-run", "--force"],
    &["check-user", "--with-owi"],
    &["create-creator", "--dry-run"],
    &["refresh-token", "--by", "trusted", "--out", "-"],
];

fn nothing_is_made(edition: Edition, version: OwiVersion, open: bool) {
    let world = World::start(edition, version, None);
    let owi = world.owi();
    plant_accounts(&owi);
    plant_creators(&world.lamb(), edition);
    if open && version != OwiVersion::V0_12_4 {
        owi.execute_batch("UPDATE config SET data = json_set(data, '$.ui.enable_signup', json('true'))").unwrap();
    }
    let secret = world.sandbox.env().into_iter().find(|(name, _)| *name == "WEBUI_SECRET_KEY").unwrap().1;
    let state = || (contents(&owi), contents(&world.lamb()));
    let before = state();
    for (number, (email, _)) in SPELLINGS.iter().enumerate() {
        let file = world.cwd.path().join("token");
        std::fs::write(&file, token(number, version, &Secret::new(&*secret))).unwrap();
        let mut commands: Vec<Vec<&str>> =
            LOOKS.iter().map(|words| [words, &["--email", email][..]].concat()).collect();
        commands.push(vec!["support-bundle", "--email", email, "--out", "bundle.tar.gz", "--force"]);
        commands.push(vec!["--owi-admin-email", email, "check-owi-user", "--email", email, "--via", "api"]);
        commands.push(vec!["--owi-admin-email", email, "audit", "--email", email]);
        for words in commands {
            let mut run = world.command("--timeout 5");
            for word in &words {
                run = run.arg(if *word == "TOKEN" { "token" } else { word });
            }
            let output = run.run();
            assert!([0, 1, 3, 4].contains(&output.code), "{output}");
            let after = state();
            assert!(
                after == before,
                "{edition} {version}, signup {open}: {words:?} changed {:?}",
                changed(&before, &after)
            );
        }
    }
    // The comparison sees what a header in UTF-8 does: it makes an account of those bytes, read as Latin-1.
    sign_in(&world, "josé@odd.example".as_bytes());
    let made = changed(&before, &state());
    assert_eq!(made.iter().any(|row| row.contains("josã©@odd.example")), open, "{edition} {version}: {made:?}");
}

/// A trusted sign-in with these bytes in the header.
fn sign_in(world: &World, email: &[u8]) {
    let url = world.sandbox.env().into_iter().find(|(name, _)| *name == "OWI_BASE_URL").unwrap().1;
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let body = r#"{"email":"","password":""}"#;
    let head = format!(
        "Host: owi\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let request = [b"POST /api/v1/auths/signin HTTP/1.1\r\nX-User-Email: ", email, b"\r\n", head.as_bytes()].concat();
    stream.write_all(&request).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
}

type State = (Vec<String>, Vec<String>);

fn changed(before: &State, after: &State) -> Vec<String> {
    let new = |before: &[String], after: &[String]| after.iter().filter(|row| !before.contains(row)).cloned().collect();
    let (owi, lamb): (Vec<String>, Vec<String>) = (new(&before.0, &after.0), new(&before.1, &after.1));
    [owi, lamb].concat()
}

#[test]
fn looking_makes_no_account_with_signup_on_delegated() {
    nothing_is_made(Edition::Delegated, OwiVersion::V0_5_6, true);
}

#[test]
fn looking_makes_no_account_with_signup_on_native() {
    nothing_is_made(Edition::Native, OwiVersion::V0_6_43, true);
}

#[test]
fn looking_makes_no_account_with_signup_off() {
    nothing_is_made(Edition::Delegated, OwiVersion::V0_6_43, false);
}

#[test]
fn looking_makes_no_account_where_a_sign_in_always_would() {
    nothing_is_made(Edition::Native, OwiVersion::V0_12_4, true);
}
