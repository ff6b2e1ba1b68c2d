//! Asks the whole table, and tells every disagreement at once.

use lamb_auth::sandbox::{Options, OwiVersion, Sandbox};
use serde_json::Value;

use super::http::{Answer, Request};
use super::requests::{Look, Row, table};
use super::server::{RealOwi, Settings};
use super::world::{Place, SettingsBy, World};

/// What a row read: its name, and aspect by aspect what was found. The first aspect is the answer as a whole.
type Reading = (&'static Row, Vec<(String, String)>);

/// One line of the table in a failure message: the row, the aspect, and the two sides of it.
type Disagreement = [String; 4];

/// Asks every row: first those of a closed server, then those of an open one.
fn ask_all(world: &mut World) -> Vec<Reading> {
    let mut readings = Vec::new();
    for open in [false, true] {
        world.set_open(open);
        for (number, row) in table().filter(|row| row.open == open).enumerate() {
            if row.needs.is_none_or(|(table, column)| world.has_column(table, column)) {
                readings.push((row, ask(world, row, number)));
            }
        }
    }
    readings
}

fn ask(world: &mut World, row: &Row, number: usize) -> Vec<(String, String)> {
    let own_user = !row.sql.is_empty();
    if own_user {
        world.add("self", &format!("self{number}-{}@contract.example", row.open));
        row.sql.iter().for_each(|statement| world.sql(statement));
    }
    let headers: Vec<_> = row.headers.iter().map(|(name, value)| (*name, world.expand(value))).collect();
    let (path, body) = (world.expand(row.path), row.body.map(|body| world.expand(body)));
    let (method, body) = (row.method, body.as_deref());
    let request = Request { method, path: &path, headers: &headers, is_latin1: true, body, ..Request::default() };
    let answer = world.send(&request);
    let json = answer.json().unwrap_or_default();
    let mut reading = vec![("answer".to_owned(), summary(&answer))];
    reading.extend(row.looks.iter().flat_map(|look| looked(world, look, &json)));
    if own_user {
        world.remove("self");
    }
    reading
}

/// Status and, in this order: the `detail`, else the class of body.
fn summary(answer: &Answer) -> String {
    let kind = match answer.header("content-type").unwrap_or_default() {
        t if t.starts_with("application/json") => "json",
        t if t.starts_with("text/html") => "html",
        t if t.starts_with("text/plain") => "text",
        other => other,
    };
    let detail = answer.json().and_then(|json| json.get("detail").cloned());
    let meaning = match detail {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => kind.to_owned(),
    };
    format!("{} {meaning}", answer.status)
}

fn looked(world: &World, look: &Look, json: &Value) -> Vec<(String, String)> {
    let at = |pointer: &str| json.pointer(pointer);
    let list = |pointer: &str| at(pointer).and_then(Value::as_array);
    let number = |count: Option<usize>| count.map_or("no list".to_owned(), |n| n.to_string());
    let one = |aspect: String, found: String| vec![(aspect, found)];
    match *look {
        Look::Has(pointer, keys) => {
            let has = |key| at(pointer).is_some_and(|value| value.get(key).is_some());
            keys.iter().map(|key| (format!("{pointer}/{key}"), has(key).to_string())).collect()
        }
        Look::Value(pointer) => {
            let found = at(pointer).map_or("absent".to_owned(), Value::to_string);
            one(format!("value of {pointer}"), world.mask(&found))
        }
        Look::Kind(pointer) => one(format!("kind of {pointer}"), kind(at(pointer)).to_owned()),
        Look::Len(pointer) => one(format!("entries in {pointer}"), number(list(pointer).map(Vec::len))),
        Look::Bulk(pointer) => {
            let bulk = |user: &&Value| user["email"].as_str().is_some_and(|email| email.starts_with("bulk"));
            one(format!("users bulk… in {pointer}"), number(list(pointer).map(|l| l.iter().filter(bulk).count())))
        }
        Look::Password(password) => one("the password is set".to_owned(), world.has_password(password).to_string()),
        Look::StoredAuth(email) => one(format!("rows of {email} in auth"), world.stored_in("auth", email).to_string()),
        Look::Stored(email) => one(format!("rows of {email}"), world.stored(email).to_string()),
    }
}

fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "absent",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

/// Where the answers are not what was measured when the table was written.
fn against_the_table(readings: &[Reading], version: OwiVersion) -> Vec<Disagreement> {
    let wanted = |row: &Row| row.want[version as usize].to_owned();
    readings
        .iter()
        .filter(|(row, reading)| reading[0].1 != wanted(row))
        .map(|(row, reading)| [row.name.to_owned(), "answer".to_owned(), wanted(row), reading[0].1.clone()])
        .collect()
}

fn tell(heading: [&str; 2], disagreements: Vec<Disagreement>) {
    let heading = ["request", "aspect", heading[0], heading[1]].map(str::to_owned);
    let lines: Vec<String> = [heading].iter().chain(&disagreements).map(|line| line.join(" | ")).collect();
    let told = lines.join("\n");
    assert!(disagreements.is_empty(), "{} disagreements:\n{told}", disagreements.len());
}

/// Where the stand-in reads otherwise than the real server: aspect by aspect, or in one line where all is different.
fn against_each_other(stand_in: &[Reading], real: &[Reading]) -> Vec<Disagreement> {
    let names = |readings: &[Reading]| readings.iter().map(|(row, _)| row.name).collect::<Vec<_>>();
    assert_eq!(names(stand_in), names(real), "both must have been asked the same");
    let mut found = Vec::new();
    for ((row, one), (_, other)) in stand_in.iter().zip(real) {
        let off = one.iter().zip(other).filter(|(one, other)| one != other);
        let line = |((aspect, one), (_, other)): (&(String, String), &(String, String))| {
            [row.name.to_owned(), aspect.clone(), one.clone(), other.clone()]
        };
        found.extend(off.map(line).take(if one[0] == other[0] { usize::MAX } else { 1 }));
    }
    found
}

fn stand_in(version: OwiVersion) -> Vec<Reading> {
    let sandbox = Sandbox::start_blocking(&Options { owi_version: version, ..Options::default() }).unwrap();
    let secret = sandbox.env().into_iter().find(|(name, _)| *name == "WEBUI_SECRET_KEY").unwrap().1;
    let (url, db) = (sandbox.owi_url().to_owned(), sandbox.dir().join("owi/webui.db"));
    ask_all(&mut World::prepare(Place { url, db, secret, settings: SettingsBy::File }))
}

fn real(version: OwiVersion) -> Vec<Reading> {
    let server = RealOwi::start(version, Settings::default());
    let (url, db, secret) = (server.url(), server.db_path(), server.secret().to_owned());
    ask_all(&mut World::prepare(Place { url, db, secret, settings: SettingsBy::Api }))
}

/// The real server's answers, held against the stand-in's and against what was measured when the table was written.
fn compare(version: OwiVersion) {
    let real = real(version);
    let mut found = against_each_other(&stand_in(version), &real);
    let drifted = against_the_table(&real, version).into_iter();
    found.extend(drifted.map(|[row, aspect, one, other]| [row, format!("{aspect}, as the table has it"), one, other]));
    tell(["the stand-in (or the table)", "the real server"], found);
}

#[test]
fn stand_in_answers_as_measured() {
    let of = |version| against_the_table(&stand_in(version), version).into_iter().map(move |found| (version, found));
    let found = OwiVersion::ALL.into_iter().flat_map(of);
    let named = found.map(|(version, [row, aspect, one, other])| [format!("{version}: {row}"), aspect, one, other]);
    tell(["measured", "the stand-in"], named.collect());
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn stand_in_agrees_with_open_webui_0_5_6() {
    compare(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn stand_in_agrees_with_open_webui_0_6_43() {
    compare(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn stand_in_agrees_with_open_webui_0_12_4() {
    compare(OwiVersion::V0_12_4);
}
