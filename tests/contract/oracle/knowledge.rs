//! The phantom logout: what LAMB's pages answer by what the knowledge base server answers, a line a state, and what
//! `diagnose --flow knowledge` says of it. All asked of the real LAMB of both editions.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::http::{self, Request};
use super::base::Base;
use super::each_of;
use super::plant::Scene;
use super::row::Row;
use super::run::{LATE, command, same, seen};
use super::tokens;

/// One state, in both editions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    state: String,
    /// What the server answers to `/health` and to all else: a status and a body; `null` is no answer, ever.
    health: Option<(u16, String)>,
    other: Option<(u16, String)>,
    /// Whether nothing listens there at all.
    #[serde(default)]
    is_down: bool,
    /// What the Library Manager answers to all, where that is not what the other server answers.
    library: Option<Library>,
    /// What LAMB answers to each request: the status, and what is in the text.
    lamb: Map<String, Value>,
    /// All findings of the delegated and of the native edition, and what the user sees.
    finds: [Vec<String>; 2],
    sees: [String; 2],
}

/// A Library Manager of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Library {
    Down,
    Answers(u16, String),
}

/// Serves the state for as long as anyone asks.
fn serve(health: Option<(u16, String)>, other: Option<(u16, String)>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut silent = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).unwrap_or(0);
            let is_health = String::from_utf8_lossy(&bytes[..read]).contains(" /health ");
            match if is_health { &health } else { &other } {
                Some((status, body)) => {
                    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
                    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n");
                    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
                }
                None => silent.push(stream),
            }
        }
    });
    url
}

impl State {
    fn complaints(&self, base: &Base, native: bool) -> Vec<String> {
        let down = || "http://127.0.0.1:1".to_owned();
        let url = if self.is_down { down() } else { serve(self.health.clone(), self.other.clone()) };
        let library = match &self.library {
            None => url.clone(),
            Some(Library::Down) => down(),
            Some(Library::Answers(status, body)) => {
                let answer = Some((*status, body.clone()));
                serve(answer.clone(), answer)
            }
        };
        let set = json!({
            "LAMB_KB_SERVER": url, "LAMB_KB_SERVER_TOKEN": "token-of-lamb-for-the-kb",
            "LAMB_LIBRARY_SERVER": library, "LAMB_LIBRARY_TOKEN": "token-of-lamb-for-libraries",
        });
        let id = format!("{}-knowledge: {}", if native { "n" } else { "d" }, self.state);
        let row: Row = serde_json::from_value(json!({
            "id": id, "group": "knowledge", "name": self.state, "settings": {"lamb": set, "tool": set},
            "lamb": {"status": null, "body": ""}, "cause": "", "effect": "nothing",
        }))
        .unwrap();
        let scene = Scene::plant(&row, base);
        let before = seen(&scene);
        let words = ["diagnose", "-o", "json", "--flow", "knowledge", "--email", "alice@campus.edu"];
        let said = command(&scene, &row, &words, "0.5");
        let at = usize::from(native);
        let mut wrong = Vec::new();
        if said.all() != self.finds[at] {
            wrong.push(format!("finds {:?}, and not {:?}", said.all(), self.finds[at]));
        }
        if said.user_sees().unwrap_or_default() != self.sees[at] {
            wrong.push(format!("sees {:?}, and not {:?}", said.user_sees(), self.sees[at]));
        }
        if !before.iter().zip(&seen(&scene)).all(|(before, after)| same(before, after)) {
            wrong.push("diagnose wrote".to_owned());
        }
        let headers = [("Authorization", format!("Bearer {}", tokens::fresh(&row, &scene)))];
        for (request, wanted) in &self.lamb {
            let (method, path) = request.split_once(' ').unwrap();
            let is_there = native || path != "/creator/libraries/plugins";
            let (status, text) = if is_there { (&wanted[0], wanted[1].as_str().unwrap()) } else { (&json!(404), "") };
            let request = Request { method, path, headers: &headers, ..Request::default() };
            let answer = http::send_within(http::address(scene.backend()), &request, LATE).unwrap();
            let body = String::from_utf8_lossy(&answer.body);
            if json!(answer.status) != *status || !body.contains(text) {
                wrong.push(format!("{method} {path} answers {} {body}, and not {status} {text}", answer.status));
            }
        }
        wrong.into_iter().map(|what| format!("{id}: {what}")).collect()
    }
}

#[test]
fn pages_about_knowledge_bases_are_answered_and_told_as_they_were_measured() {
    let lines = include_str!("knowledge.jsonl").lines();
    let states: Vec<State> =
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let cases: Vec<(&State, bool)> = states.iter().flat_map(|state| [(state, false), (state, true)]).collect();
    let base = Base::make();
    let complaints = each_of(&cases, |(state, native)| state.complaints(&base, *native)).concat();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
