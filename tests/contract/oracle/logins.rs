//! Signing in, as it was measured on the real LAMB of both editions, a line a state: what the stand-in answers to the
//! login and which rows it changes, and what `diagnose --flow login` says of the same state before. `README.md` has the
//! format.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::http::{self, Request};
use super::base::Base;
use super::each_of;
use super::judge::Said;
use super::plant::{Scene, password};
use super::row::{File, Row};
use super::run::{LATE, SILENCE, Seen, command_with, same, seen};

/// One state, and how a login ends there in each edition that it was measured on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// The table of the facts that it is a row of.
    table: String,
    state: String,
    /// SQL for LAMB's database, `{p}` being the prefix; what only the native edition has; and for Open WebUI's.
    #[serde(default)]
    lamb: String,
    #[serde(default)]
    native_lamb: String,
    #[serde(default)]
    owi: String,
    /// Whatever else is planted, in the fields of `Row`.
    #[serde(default)]
    more: Map<String, Value>,
    email: Option<String>,
    password: Option<String>,
    delegated: Option<End>,
    native: Option<End>,
}

/// How it ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// The error; or `ok`, and behind it what is wrong with the link: no token, no link, or whose account it opens.
    answer: String,
    /// What the values at these pointers of the answer contain.
    #[serde(default)]
    data: BTreeMap<String, String>,
    /// The databases in which the login changes rows.
    #[serde(default)]
    writes: Vec<File>,
    /// What these queries count after it.
    #[serde(default)]
    after: Vec<(File, String, i64)>,
    /// What the first page answers to the login's token.
    page: Option<u16>,
    /// Every finding of `diagnose`.
    finds: Vec<String>,
    /// What it says that the user sees, where the answer does not say that.
    sees: Option<String>,
}

/// A state in one edition.
struct Case<'a> {
    state: &'a State,
    end: &'a End,
    row: Row,
}

impl State {
    fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        [("d", &self.delegated), ("n", &self.native)].into_iter().filter_map(|(edition, end)| {
            let end = end.as_ref()?;
            Some(Case { state: self, end, row: self.row(edition) })
        })
    }

    fn row(&self, edition: &str) -> Row {
        let native = edition == "n";
        let statements = |texts: &[&str]| -> Vec<Value> {
            let all = texts.iter().flat_map(|text| text.split("; ")).filter(|sql| !sql.is_empty());
            all.map(|sql| json!([sql.replace("{p}", if native { "LAMB_" } else { "" }), []])).collect()
        };
        let mut row = json!({
            "id": format!("{edition}-{}: {}", self.table, self.state), "group": self.table, "name": self.state,
            "lamb_sql": statements(&[&self.lamb, if native { &self.native_lamb } else { "" }]),
            "owi_sql": statements(&[&self.owi]), "lamb": {"status": null, "body": ""}, "cause": "", "effect": "login",
        });
        row.as_object_mut().unwrap().extend(self.more.clone());
        serde_json::from_value(row).unwrap()
    }
}

impl Case<'_> {
    fn email(&self) -> &str {
        self.state.email.as_deref().unwrap_or("alice@campus.edu")
    }

    fn password(&self) -> &str {
        self.state.password.as_deref().unwrap_or_else(|| password(self.email()))
    }

    fn never_answers(&self) -> bool {
        self.end.answer == "no answer"
    }

    /// All that is not as it was measured.
    fn complaints(&self, base: &Base) -> Vec<String> {
        let scene = Scene::plant(&self.row, base);
        // While locks are held no file may be read here: that would end them.
        let before = seen(&scene);
        let locks = scene.lock(&self.row);
        let words = ["diagnose", "-o", "json", "--flow", "login", "--email", self.email(), "--password-stdin"];
        let timeout = if self.row.owi.is_some() { "1" } else { "10" };
        let said = command_with(&scene, &self.row, &words, timeout, self.password());
        let mut wrong = self.said_wrong(&said);
        let compared = self.row.locks.is_empty();
        if compared && !changed(&before, &seen(&scene)).is_empty() {
            wrong.push("diagnose wrote".to_owned());
        }
        let answer = self.login(&scene);
        drop(locks);
        let ended = self.ended(&scene, &answer);
        if ended != self.end.answer {
            wrong.push(format!("the stand-in answers {ended:?}: {answer:?}"));
        }
        let data = self.end.data.iter().map(|(pointer, wanted)| (pointer, wanted, text_at(&answer, pointer)));
        wrong.extend(data.filter(|(_, wanted, is)| !is.contains(wanted.as_str())).map(|wrong| format!("{wrong:?}")));
        if compared && !self.never_answers() {
            let changed = changed(&before, &seen(&scene));
            if changed != self.end.writes {
                wrong.push(format!("the login changes {changed:?}"));
            }
        }
        for (file, sql, count) in &self.end.after {
            let db = rusqlite::Connection::open(scene.file(*file)).unwrap();
            let prefix = if self.row.is_native() { "LAMB_" } else { "" };
            let is: i64 = db.query_row(&sql.replace("{p}", prefix), [], |row| row.get(0)).unwrap();
            if is != *count {
                wrong.push(format!("{sql} is {is} and not {count}"));
            }
        }
        if let Some(page) = self.end.page {
            let token = text_at(&answer, "/data/token");
            let is = get(scene.backend(), "/creator/assistant/get_assistants", &token).map(|answer| answer.status);
            if is != Some(page) {
                wrong.push(format!("the first page answers {is:?} and not {page}"));
            }
        }
        wrong.into_iter().map(|what| format!("{}: {what}", self.row.id)).collect()
    }

    fn said_wrong(&self, said: &Said) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut found = said.all();
        found.sort_unstable();
        found.dedup();
        if found != self.end.finds {
            wrong.push(format!("finds {found:?}, and not {:?}", self.end.finds));
        }
        let sees = said.user_sees().unwrap_or_default();
        let wanted = self.sees();
        if sees != wanted {
            wrong.push(format!("sees {sees:?}, and not {wanted:?}"));
        }
        wrong
    }

    fn sees(&self) -> String {
        const PAGES: &str = "LAMB's pages";
        let broken = |link: &str| format!("{PAGES}; the link to Open WebUI does not work (launch_url {link})");
        match (&self.end.sees, self.end.answer.as_str()) {
            (Some(sees), _) => sees.clone(),
            (None, "ok") => PAGES.to_owned(),
            (None, "ok, token=None") => broken("token=None"),
            (None, "ok, null") => broken("null"),
            (None, "not a valid email address") => "[object Object]".to_owned(),
            (None, error) => error.to_owned(),
        }
    }

    fn login(&self, scene: &Scene) -> Option<Value> {
        let body: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("email", self.email())
            .append_pair("password", self.password())
            .finish();
        let content_type = "application/x-www-form-urlencoded";
        let request =
            Request { method: "POST", path: "/creator/login", body: Some(&body), content_type, ..Request::default() };
        let limit = if self.never_answers() { SILENCE } else { LATE };
        http::send_within(http::address(scene.backend()), &request, limit).ok()?.json()
    }

    /// The end in the words of the table. A link is followed as a browser does: the token in it says whose it is.
    fn ended(&self, scene: &Scene, answer: &Option<Value>) -> String {
        let Some(answer) = answer else { return "no answer".to_owned() };
        match (&answer["error"], answer["data"]["launch_url"].as_str()) {
            (Value::String(error), _) => error.clone(),
            (Value::Array(_), _) => "not a valid email address".to_owned(),
            (_, None) => "ok, null".to_owned(),
            (_, Some(link)) if link.ends_with("/api/v1/auths/complete?token=None") => "ok, token=None".to_owned(),
            (_, Some(link)) => {
                let owi = scene.env.get("OWI_BASE_URL").unwrap();
                let begins = scene.env.get("OWI_PUBLIC_BASE_URL").unwrap_or(owi);
                let Some(token) = link.strip_prefix(&format!("{begins}/api/v1/auths/complete?token=")) else {
                    return format!("ok, but the link is {link}");
                };
                let session = get(owi, "/api/v1/auths/", token).and_then(|answer| answer.json()).unwrap_or_default();
                let whose = session["email"].as_str().unwrap_or("nobody").to_owned();
                let stored = answer["data"]["email"].as_str().unwrap_or_default().to_lowercase();
                if whose == stored { "ok".to_owned() } else { format!("ok, {whose}") }
            }
        }
    }
}

/// The databases whose rows differ.
fn changed(before: &[Seen; 2], after: &[Seen; 2]) -> Vec<File> {
    let files = [File::Lamb, File::Owi].into_iter().zip(before.iter().zip(after));
    files.filter(|(_, (before, after))| !same(before, after)).map(|(file, _)| file).collect()
}

fn get(base: &str, path: &str, token: &str) -> Option<http::Answer> {
    let headers = [("Authorization", format!("Bearer {token}"))];
    http::send_within(http::address(base), &Request { path, headers: &headers, ..Request::default() }, LATE).ok()
}

fn text_at(answer: &Option<Value>, pointer: &str) -> String {
    let found = answer.as_ref().and_then(|answer| answer.pointer(pointer)).cloned().unwrap_or_default();
    found.as_str().map_or_else(|| found.to_string(), str::to_owned)
}

#[test]
fn logins_are_answered_and_told_as_they_were_measured() {
    let only = std::env::var("ORACLE_ONLY").unwrap_or_default();
    let lines = include_str!("logins.jsonl").lines();
    let states: Vec<State> =
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let cases: Vec<Case<'_>> =
        states.iter().flat_map(State::cases).filter(|case| case.row.id.contains(&only)).collect();
    let base = Base::make();
    let complaints = each_of(&cases, |case| case.complaints(&base)).concat();
    assert!(
        complaints.is_empty(),
        "{} complaints of {} logins:\n{}",
        complaints.len(),
        cases.len(),
        complaints.join("\n")
    );
}
