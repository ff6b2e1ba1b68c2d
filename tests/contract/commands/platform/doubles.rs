//! Several accounts of one e-mail: whom the audit says that a sign-in finds, and whom the server finds.

use std::collections::BTreeMap;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use serde_json::{Value, json};

use super::super::stage::{Complaints, Run, Stage};
use crate::contract::http::{Answer, Request, send};
use crate::contract::server::Settings;

/// One row of `user`: the last letters of its id, and how the e-mail is spelled.
type User = (&'static str, Spelling);

#[derive(Clone, Copy)]
enum Spelling {
    Lower,
    Upper,
    Blank,
    /// In lower case, in a row that the server cannot read.
    Unreadable,
}

/// Accounts of one e-mail: the rows in the order in which they are written.
struct Double {
    name: &'static str,
    users: &'static [User],
    /// The last letters of the id, and whether it is switched on.
    auths: &'static [(&'static str, bool)],
}

use Spelling::{Blank, Lower, Unreadable, Upper};

const DOUBLES: &[Double] = &[
    Double { name: "equal", users: &[("a", Lower), ("b", Lower)], auths: &[("a", true), ("b", true)] },
    Double { name: "auth-later", users: &[("a", Lower), ("b", Lower)], auths: &[("b", true), ("a", true)] },
    Double { name: "off", users: &[("a", Lower), ("b", Lower)], auths: &[("a", false), ("b", true)] },
    Double { name: "auth-later-off", users: &[("a", Lower), ("b", Lower)], auths: &[("b", false), ("a", true)] },
    Double { name: "all-off", users: &[("a", Lower), ("b", Lower)], auths: &[("a", false), ("b", false)] },
    Double { name: "no-auth", users: &[("a", Lower), ("b", Lower)], auths: &[("b", true)] },
    Double { name: "no-user", users: &[("a", Lower), ("b", Lower)], auths: &[("c", true), ("a", true), ("b", true)] },
    Double { name: "upper", users: &[("a", Upper), ("b", Upper)], auths: &[("a", true), ("b", true)] },
    Double {
        name: "upper-first",
        users: &[("a", Upper), ("b", Lower), ("c", Lower)],
        auths: &[("a", true), ("c", true), ("b", true)],
    },
    Double { name: "blank", users: &[("a", Blank), ("b", Blank)], auths: &[("a", true), ("b", true)] },
    Double {
        name: "blank-first",
        users: &[("a", Blank), ("b", Lower), ("c", Lower)],
        auths: &[("a", true), ("b", true), ("c", true)],
    },
    Double { name: "unreadable", users: &[("a", Unreadable), ("b", Lower)], auths: &[("a", true), ("b", true)] },
    Double { name: "unreadable-last", users: &[("a", Lower), ("b", Unreadable)], auths: &[("a", true), ("b", true)] },
    Double { name: "unreadable-user", users: &[("a", Unreadable), ("b", Lower)], auths: &[("b", true), ("a", true)] },
];

impl Double {
    fn address(&self) -> String {
        format!("{}@double.example", self.name)
    }

    fn id(&self, last: &str) -> String {
        format!("{}-{last}", self.name)
    }

    fn email(&self, spelling: Spelling) -> String {
        match spelling {
            Lower | Unreadable => self.address(),
            Upper => self.address().to_uppercase(),
            Blank => format!("{} ", self.address()),
        }
    }

    /// Writes the rows, each a copy of `plain`'s.
    fn write(&self, stage: &Stage) {
        for (id, spelling) in self.users {
            row(
                stage,
                "user",
                &self.id(id),
                &self.email(*spelling),
                match spelling {
                    Unreadable => "settings = '{not json'",
                    _ => "name = name",
                },
            );
        }
        for (id, active) in self.auths {
            let spelling = self.users.iter().find(|(user, _)| user == id).map_or(Lower, |(_, spelling)| *spelling);
            row(stage, "auth", &self.id(id), &self.email(spelling), &format!("active = {}", i32::from(*active)));
        }
    }
}

fn row(stage: &Stage, table: &str, id: &str, email: &str, more: &str) {
    stage.world.sql_all(&[
        &format!("CREATE TEMP TABLE copy AS SELECT * FROM {table} WHERE id = '<plain.id>'"),
        &format!("UPDATE copy SET id = '{id}', email = '{email}', {more}"),
        &format!("INSERT INTO {table} SELECT * FROM copy"),
    ]);
}

/// By address, the ids that the audit says are found: by the header, and by password.
fn told(run: &Run, c: &mut Complaints) -> BTreeMap<String, [Option<String>; 2]> {
    let all = run.json["duplicates"].as_array().cloned().unwrap_or_default();
    let mut told = BTreeMap::new();
    for duplicate in all {
        let address = duplicate["address"].as_str().unwrap().to_owned();
        let accounts = duplicate["accounts"].as_array().unwrap();
        let found = ["signs_in", "signs_in_by_password"].map(|way| {
            c.equal(
                &format!("{address}: measured, {way}"),
                accounts.iter().any(|account| account[way].is_null()),
                false,
            );
            let mut found = accounts.iter().filter(|account| account[way] == true);
            let first = found.next().and_then(|account| account["id"].as_str()).map(ToOwned::to_owned);
            c.equal(&format!("{address}: only one signs in, {way}"), found.count(), 0);
            first
        });
        told.insert(address, found);
    }
    told
}

fn post(stage: &Stage, headers: &[(&str, String)], body: &Value) -> Answer {
    let body = body.to_string();
    let path = "/api/v1/auths/signin";
    send(stage.owi.address(), &Request { method: "POST", path, headers, body: Some(&body), ..Request::default() })
        .unwrap()
}

/// The id of whom a sign-in found, and what the server says where it found nobody.
fn who(answer: &Answer) -> (Option<String>, String) {
    let id = answer.json().and_then(|json| json["id"].as_str().map(ToOwned::to_owned));
    // 0.12 makes an account for whom it does not find, whatever its settings say.
    let found = id.filter(|id| answer.status == 200 && DOUBLES.iter().any(|double| id.starts_with(double.name)));
    let said: String = String::from_utf8_lossy(&answer.body).chars().take(100).collect();
    (found, format!("{} {said}", answer.status))
}

fn sign_in(version: OwiVersion) {
    let mut stage = Stage::start(version);
    let mut c = Complaints::default();
    // Where it makes accounts for whoever is not found, each try would change what the next one finds.
    stage.world.set_open(false);
    // 0.12 has an index against most of this; without it, its look-ups are seen at work.
    let index = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '%UNIQUE%lower%email%'";
    let indices: Vec<String> = {
        let db = stage.world.open();
        let mut statement = db.prepare(index).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    c.equal("the index of 0.12", indices.len(), usize::from(version == OwiVersion::V0_12_4));
    indices.iter().for_each(|name| stage.world.sql(&format!("DROP INDEX \"{name}\"")));
    // 0.12 reads all rows that it finds, and fails at one that it cannot read, where its index lets in but one.
    let doubles = DOUBLES.iter().filter(|double| version < OwiVersion::V0_12_4 || double.name != "unreadable-last");
    let doubles: Vec<&Double> = doubles.collect();
    doubles.iter().for_each(|double| double.write(&stage));

    let lamb = stage.lamb(Edition::Delegated);
    let run = lamb.run(&["audit", "--finding", "owi-duplicate"]);
    c.hold("audit", &run, 0, &[]);
    let told = told(&run, &mut c);
    let addresses: Vec<String> = told.keys().cloned().collect();
    let mut wanted: Vec<String> = doubles.iter().map(|double| double.address()).collect();
    wanted.sort();
    c.equal("everybody who is there twice", addresses, wanted);

    for (address, [by_header, _]) in &told {
        let headers = [("X-User-Email", address.clone()), ("X-User-Name", "Double".to_owned())];
        let (id, said) = who(&post(&stage, &headers, &json!({"email": "", "password": ""})));
        c.equal(&format!("{version}, {address}, by the header ({said})"), by_header.clone(), id);
    }
    stage.owi.restart(version, Settings { trusted_header: None, ..Settings::default() });
    for (address, [_, by_password]) in &told {
        let (id, said) = who(&post(&stage, &[], &json!({"email": address, "password": "contract"})));
        c.equal(&format!("{version}, {address}, by password ({said})"), by_password.clone(), id);
    }
    c.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn who_signs_in_on_open_webui_0_5_6() {
    sign_in(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn who_signs_in_on_open_webui_0_6_43() {
    sign_in(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn who_signs_in_on_open_webui_0_12_4() {
    sign_in(OwiVersion::V0_12_4);
}
