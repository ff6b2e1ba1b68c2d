//! `audit` beside real servers: people whom their own API made, each broken by SQL in another way, and found to have
//! exactly that; and the server's own word for it, by their token and by their sign-in.

use std::collections::{BTreeMap, BTreeSet};

use lamb_auth::sandbox::OwiVersion;
use serde_json::Value;

use super::stage::{Complaints, Lamb, Stage};
use crate::contract::http::Request;

/// Somebody with something wrong, or nearly.
struct Person {
    /// The part of the e-mail before the `@`.
    name: &'static str,
    /// Done to `webui.db`; `<self.id>` and `<self.email>` are theirs.
    owi: &'static [&'static str],
    /// Done to `lamb_v4.db`.
    lamb: &'static [&'static str],
    /// The one finding that they have in both editions; empty where all is well.
    found: &'static str,
    /// Whether the server takes their token, before 0.12 and from then on.
    token: [bool; 2],
    /// Whether it signs them in by the trusted header; `None` where that depends, or makes an account.
    signs_in: [Option<bool>; 2],
    only: fn(OwiVersion) -> bool,
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const BEFORE_0_12: fn(OwiVersion) -> bool = |version| version < OwiVersion::V0_12_4;
const FROM_0_12: fn(OwiVersion) -> bool = |version| version >= OwiVersion::V0_12_4;
const FROM_0_6: fn(OwiVersion) -> bool = |version| version > OwiVersion::V0_5_6;
const ONLY_0_5: fn(OwiVersion) -> bool = |version| version == OwiVersion::V0_5_6;

const WELL: Person =
    Person { name: "", owi: &[], lamb: &[], found: "", token: [true; 2], signs_in: [YES; 2], only: |_| true };

/// A row that can be read, however odd.
const fn readable(name: &'static str, owi: &'static [&'static str]) -> Person {
    Person { name, owi, ..WELL }
}

const fn unreadable(name: &'static str, owi: &'static [&'static str]) -> Person {
    Person { name, owi, found: "owi-row-unreadable", token: [false; 2], signs_in: [NO; 2], ..WELL }
}

/// An account that lets nobody in.
const fn shut(name: &'static str, found: &'static str, owi: &'static [&'static str]) -> Person {
    Person { name, owi, found, signs_in: [NO; 2], ..WELL }
}

/// The same; and 0.12 refuses their tokens too.
const fn shut_out(name: &'static str, found: &'static str, owi: &'static [&'static str]) -> Person {
    Person { token: [true, false], ..shut(name, found, owi) }
}

/// Only LAMB's row is other than it should be: Open WebUI sees nothing of that.
const fn lamb(name: &'static str, found: &'static str, lamb: &'static [&'static str]) -> Person {
    Person { name, lamb, found, ..WELL }
}

const fn only(only: fn(OwiVersion) -> bool, person: Person) -> Person {
    Person { only, ..person }
}

/// A row of nobody's in `auth`, with their e-mail, before their own.
const STRAY: &[&str] = &[
    "CREATE TEMP TABLE stray AS SELECT * FROM auth WHERE id = '<self.id>'",
    "UPDATE stray SET id = 'stray of ' || id",
    "INSERT INTO auth SELECT * FROM stray",
    "DROP TABLE stray",
    "UPDATE auth SET rowid = (SELECT max(rowid) + 1 FROM auth) WHERE id = '<self.id>'",
];

#[rustfmt::skip]
const PEOPLE: &[Person] = &[
    readable("well", &[]),
    Person {
        name: "gone", owi: &["DELETE FROM user WHERE id = '<self.id>'", "DELETE FROM auth WHERE id = '<self.id>'"],
        found: "owi-user-missing", token: [false; 2], signs_in: [NO, None], ..WELL
    },

    unreadable("settings.not.json", &["UPDATE user SET settings = '{not json' WHERE id = '<self.id>'"]),
    unreadable("settings.empty", &["UPDATE user SET settings = '' WHERE id = '<self.id>'"]),
    unreadable("settings.text", &["UPDATE user SET settings = '\"text\"' WHERE id = '<self.id>'"]),
    unreadable("settings.ui", &["UPDATE user SET settings = '{\"ui\": 5}' WHERE id = '<self.id>'"]),
    unreadable("info.list", &["UPDATE user SET info = '[]' WHERE id = '<self.id>'"]),
    unreadable("created.word", &["UPDATE user SET created_at = 'abc' WHERE id = '<self.id>'"]),
    unreadable("updated.fraction", &["UPDATE user SET updated_at = 1.5 WHERE id = '<self.id>'"]),
    unreadable("active.empty", &["UPDATE user SET last_active_at = '' WHERE id = '<self.id>'"]),
    unreadable("name.bytes", &["UPDATE user SET name = X'ff' WHERE id = '<self.id>'"]),
    only(ONLY_0_5, unreadable("key.bytes", &["UPDATE user SET api_key = CAST(X'ff' AS TEXT) WHERE id = '<self.id>'"])),
    only(FROM_0_6, unreadable("oauth.not.json", &["UPDATE user SET oauth = '{not json' WHERE id = '<self.id>'"])),
    only(FROM_0_6, unreadable("birth.word", &["UPDATE user SET date_of_birth = 'abc' WHERE id = '<self.id>'"])),
    only(FROM_0_6, unreadable("bio.bytes", &["UPDATE user SET bio = X'ff' WHERE id = '<self.id>'"])),
    only(FROM_0_6, unreadable("status.word", &["UPDATE user SET status_expires_at = 'abc' WHERE id = '<self.id>'"])),
    only(FROM_0_12, unreadable("scim.list", &["UPDATE user SET scim = '[]' WHERE id = '<self.id>'"])),
    only(FROM_0_12, unreadable("variables.empty", &["UPDATE user SET variables = '' WHERE id = '<self.id>'"])),
    only(FROM_0_12, unreadable("mfa.list", &["UPDATE auth SET mfa = '[]' WHERE id = '<self.id>'"])),
    only(FROM_0_12, readable("mfa.empty", &["UPDATE auth SET mfa = '{}' WHERE id = '<self.id>'"])),
    only(FROM_0_12, unreadable("stamp.bytes", &["UPDATE auth SET session_stamp = X'ff' WHERE id = '<self.id>'"])),
    readable("settings.odd", &["UPDATE user SET settings = '{\"ui\": null, \"a\": NaN, \"b\": 1e999}' WHERE id = '<self.id>'"]),
    readable("info.bytes", &["UPDATE user SET info = X'7b7d', name = X'41' WHERE id = '<self.id>'"]),
    readable("created.odd", &["UPDATE user SET created_at = '1_000', updated_at = X'31' WHERE id = '<self.id>'"]),
    only(FROM_0_6, readable("birth.date", &["UPDATE user SET date_of_birth = '2000-01-31', bio = X'41' WHERE id = '<self.id>'"])),
    only(FROM_0_12, readable("variables.list", &["UPDATE user SET variables = '[]', profile_image_url = NULL WHERE id = '<self.id>'"])),

    lamb("stranger", "creator-missing", &["DELETE FROM {p}Creator_users WHERE user_email = '<self.email>'"]),
    lamb("lamb.case", "email-spelling", &["UPDATE {p}Creator_users SET user_email = upper(user_email) WHERE user_email = '<self.email>'"]),
    lamb("lamb.blank", "email-spelling", &["UPDATE {p}Creator_users SET user_email = user_email || ' ' WHERE user_email = '<self.email>'"]),
    shut("owi.case", "email-spelling", &[
        "UPDATE user SET email = upper(email) WHERE id = '<self.id>'", "UPDATE auth SET email = upper(email) WHERE id = '<self.id>'",
    ]),
    Person {
        lamb: &["UPDATE {p}Creator_users SET user_email = upper(user_email) WHERE user_email = '<self.email>'"],
        ..shut("both.case", "email-spelling", &[
            "UPDATE user SET email = upper(email) WHERE id = '<self.id>'", "UPDATE auth SET email = upper(email) WHERE id = '<self.id>'",
        ])
    },

    shut_out("no.auth", "owi-user-half", &["DELETE FROM auth WHERE id = '<self.id>'"]),
    Person {
        token: [false; 2], signs_in: [NO, None],
        ..shut("no.user", "owi-user-half", &["DELETE FROM user WHERE id = '<self.id>'"])
    },
    shut("other.email", "owi-user-half", &["UPDATE auth SET email = 'x' || email WHERE id = '<self.id>'"]),
    shut_out("other.id", "owi-user-half", &["UPDATE auth SET id = 'x' || id WHERE id = '<self.id>'"]),
    only(BEFORE_0_12, shut("stray", "owi-user-half", STRAY)),
    only(FROM_0_12, readable("stray", STRAY)),
    only(BEFORE_0_12, Person {
        found: "owi-duplicate", signs_in: [None; 2],
        ..readable("twice", &[
            "CREATE TEMP TABLE copy AS SELECT * FROM user WHERE id = '<self.id>'", "UPDATE copy SET id = 'copy of ' || id",
            "INSERT INTO user SELECT * FROM copy",
        ])
    }),

    Person { found: "owi-pending", ..readable("pending", &["UPDATE user SET role = 'pending' WHERE id = '<self.id>'"]) },
    Person { found: "owi-pending", ..readable("no.role", &["UPDATE user SET role = 'teacher' WHERE id = '<self.id>'"]) },
    shut_out("inactive", "owi-inactive", &["UPDATE auth SET active = 0 WHERE id = '<self.id>'"]),
    shut("active.two", "owi-inactive", &["UPDATE auth SET active = 2 WHERE id = '<self.id>'"]),
    Person { found: "owi-password-unsound", ..readable("no.password", &["UPDATE auth SET password = '' WHERE id = '<self.id>'"]) },
];

/// The findings of people, with the e-mails of all who have them, in lower case; and those of the platform.
fn audited(lamb: &Lamb) -> (BTreeMap<String, BTreeSet<String>>, BTreeSet<String>) {
    let words = ["audit", "--email", "audited.example"];
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = lamb.run(&words).json;
    let who = |id: &String| {
        let listed = lamb.run(&[&words[..], &["--finding", id]].concat()).json;
        let emails = listed["users"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap());
        (id.clone(), emails.map(|email| email.trim().to_lowercase()).collect())
    };
    (ids(&all["groups"]).iter().map(who).collect(), ids(&all["platform"]["findings"]).into_iter().collect())
}

/// What is wrong with the whole: its people's e-mails, and what the sandbox's LAMB has in it.
fn of_the_platform(version: OwiVersion) -> BTreeSet<String> {
    let mut ids = vec!["organization-unmanaged", "bootstrap-admin"];
    ids.extend((version < OwiVersion::V0_12_4).then_some("owi-upgrade-blocked"));
    ids.extend((version > OwiVersion::V0_5_6).then_some("owi-schema-drift"));
    ids.into_iter().map(ToOwned::to_owned).collect()
}

fn signs_in(stage: &Stage, email: &str) -> bool {
    let headers = [("X-User-Email", email.to_owned()), ("X-User-Name", "A".to_owned())];
    let body = Some(r#"{"email":"","password":""}"#);
    let path = "/api/v1/auths/signin";
    stage.world.send(&Request { method: "POST", path, headers: &headers, body, ..Request::default() }).status == 200
}

fn audit_all(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let lambs = stage.lambs();
    let people: Vec<&Person> = PEOPLE.iter().filter(|person| (person.only)(version)).collect();
    let email = |person: &Person| format!("{}@audited.example", person.name);
    let mut c = Complaints::default();
    people.iter().for_each(|person| stage.world.add(person.name, &email(person)));
    for lamb in &lambs {
        let made = lamb.run(&["sync", "--include", "audited.example", "--apply", "--yes"]);
        c.hold("sync", &made, 0, &[("/summary/newcomers", &people.len().to_string())]);
    }
    let mut should = BTreeMap::<String, BTreeSet<String>>::new();
    for person in &people {
        let fill = |sql: &&str| stage.world.expand(&sql.replace("<self.", &format!("<{}.", person.name)));
        let sql: Vec<String> = person.owi.iter().map(fill).collect();
        stage.world.sql_all(&sql.iter().map(String::as_str).collect::<Vec<_>>());
        person.lamb.iter().map(fill).for_each(|sql| lambs.iter().for_each(|lamb| lamb.sql(&sql)));
        if !person.found.is_empty() {
            should.entry(person.found.to_owned()).or_default().insert(email(person));
        }
    }
    for lamb in &lambs {
        let (found, platform) = audited(lamb);
        for id in found.keys().chain(should.keys()).collect::<BTreeSet<_>>() {
            c.equal(&format!("{version} {}: {id}", lamb.edition), found.get(id), should.get(id));
        }
        c.equal(&format!("{version} {}: the platform", lamb.edition), platform, of_the_platform(version));
    }
    // A sign-in may make accounts, and comes last.
    let at = usize::from(version >= OwiVersion::V0_12_4);
    for person in &people {
        let token = format!("Bearer {}", stage.word(&format!("{}.token", person.name)));
        let taken = stage.ask("GET", "/api/v1/auths/", &token).status == 200;
        c.equal(&format!("{version} {}: their token is taken", person.name), taken, person.token[at]);
        if let Some(signed_in) = person.signs_in[at] {
            c.equal(&format!("{version} {}: they sign in", person.name), signs_in(&stage, &email(person)), signed_in);
        }
    }
    c.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn auditing_beside_open_webui_0_5_6() {
    audit_all(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn auditing_beside_open_webui_0_6_43() {
    audit_all(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn auditing_beside_open_webui_0_12_4() {
    audit_all(OwiVersion::V0_12_4);
}
