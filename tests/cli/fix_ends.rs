//! How `--fix` ends where a server, the network or somebody at the terminal is in the way: it never claims more than is
//! known.

use lamb_auth::lamb::Edition::{Delegated, Native};
use serde_json::Value;

use super::proxy::{self, Way};
use super::run::{World, rows};

const PENDING: &str = "pending@sandbox.test";
const FIX: &str = "diagnose --email pending@sandbox.test --fix";

fn kinds(report: &Value) -> Vec<String> {
    let all = report["fix"]["repairs"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    let word = |repair: &Value, name: &str| repair[name].as_str().unwrap().to_owned();
    all.iter().map(|one| format!("{} {}", word(one, "kind"), word(one, "state"))).collect()
}

fn role(world: &World) -> String {
    rows(&world.owi(), &format!("SELECT role FROM user WHERE email = '{PENDING}'")).remove(0)
}

fn without_a_role(world: &World) {
    world.lamb_sql(&format!(
        "DELETE FROM {{p}}organization_roles WHERE user_id = (SELECT id FROM {{p}}Creator_users WHERE user_email = '{PENDING}')"
    ));
}

/// Beside an Open WebUI whose answers to writes are these.
fn beside(world: &World, line: &str, is_passed_on: bool, answer: &'static str) -> super::run::Run {
    let meddle = move |request: String| {
        let is_write = request.starts_with("POST /api/v1/users") || request.starts_with("POST /api/v1/auths/add");
        match (is_write, is_passed_on) {
            (false, _) => Way::On(request),
            (true, true) => Way::Lost(request, answer),
            (true, false) => Way::Back(answer),
        }
    };
    world.command(line).env("OWI_BASE_URL", &proxy::before(world.sandbox.owi_url(), meddle))
}

const SIGN_IN: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<!doctype html>";
const ELSEWHERE: &str = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const NULL: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnull";

/// The server does it, and the answer does not arrive, or is somebody else's.
#[test]
fn what_is_not_known_is_not_called_refused() {
    for (answer, is_done) in [("", true), (SIGN_IN, true), (ELSEWHERE, true), (SIGN_IN, false), (ELSEWHERE, false)] {
        let world = World::plain(Delegated);
        let line = format!("{FIX} --yes");
        let report = beside(&world, &format!("{line} -o json"), is_done, answer).run();
        let json = report.expect(3).json();
        assert_eq!(kinds(&json), ["approve-owi-user unclear"], "{answer}: {json:#}");
        assert_eq!((&json["fix"]["unclear"], &json["fix"]["changed"]), (&true.into(), &false.into()), "{json:#}");
        assert_eq!(role(&world) == "user", is_done);
        // It was looked at again: the report is of now.
        assert_eq!(json["finding"] == "owi-pending", !is_done, "{json:#}");
        let (_, history) = world.json("history last");
        let made = (&history["run"]["owi_changes"][0]["state"], &history["run"]["fate"]);
        assert_eq!(made, (&"asked".into(), &"unknown-in-open-webui".into()), "{history:#}");
        world.run("undo last --yes").expect(0).says("may have made").says("check whether it did");
        let shown = beside(&World::plain(Delegated), &line, is_done, answer).run();
        shown.expect(3).says("Unknown whether it was done").never_says("nothing was changed");
    }
}

/// An account is made where the server says that it has made this one.
#[test]
fn an_account_is_not_made_by_any_answer() {
    for answer in [SIGN_IN, NULL] {
        let world = World::plain(Delegated);
        let line = "diagnose --email no-owi@sandbox.test --fix --yes --new-password-stdin -o json";
        let report = beside(&world, line, false, answer).stdin("a new password\n").run();
        assert_eq!(kinds(&report.expect(3).json()), ["create-owi-user unclear"], "{report}");
        let line = "create-creator --email new@uni.example --name N --create-owi-user --yes --password-stdin";
        let made = beside(&world, line, false, answer).stdin("a new password\n").run();
        made.expect(3).says("it is unknown whether");
    }
}

/// A server that says yes, and does nothing.
#[test]
fn what_is_found_again_was_not_fixed() {
    const YES: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
    let world = World::plain(Delegated);
    let id = rows(&world.owi(), &format!("SELECT id FROM user WHERE email = '{PENDING}'")).remove(0);
    let yes: &'static str =
        Box::leak(format!("{YES}{{\"id\": \"{id}\", \"email\": \"{PENDING}\", \"role\": \"user\"}}").into_boxed_str());
    for line in [format!("{FIX} --yes"), format!("audit --fix --yes --finding owi-pending --email {PENDING}")] {
        let report = beside(&world, &format!("{line} -o json"), false, yes).run();
        let json = report.expect(1).json();
        assert_eq!(
            (kinds(&json), &json["fix"]["changed"]),
            (vec!["approve-owi-user unchanged".to_owned()], &false.into())
        );
        beside(&world, &line, false, yes).run().expect(1).says("but not fixed").never_says("Fixed");
    }
    // Beside something that was done it is half of it.
    without_a_role(&world);
    let report = beside(&world, &format!("{FIX} --yes -o json"), false, yes).run();
    let both = ["approve-owi-user unchanged", "set-organization-role done"];
    assert_eq!(kinds(&report.expect(5).json()), both, "{report}");
}

/// Ctrl-C at the second question: what was done before it is told, with its way back.
#[test]
fn ctrl_c_after_the_first_kind_tells_what_was_done() {
    let world = World::plain(Native);
    without_a_role(&world);
    let turns = [("Approve this user in Open WebUI?", "y\n"), ("Give this role?", "\u{3}")];
    let output = world.command(FIX).at_a_terminal_in_turn(&turns, || {});
    output.expect(130).says("Partly fixed").says("to undo").never_says("nothing was changed");
    assert_eq!(role(&world), "user");
    let output = World::plain(Native).command(FIX).at_a_terminal_in_turn(&[("Approve this user", "\u{3}")], || {});
    output.expect(130).says("interrupted; nothing was changed");
}

/// What is locked is locked: nobody has changed it.
#[test]
fn a_lock_after_the_question_is_told_as_one() {
    let world = World::plain(Native);
    without_a_role(&world);
    let lock = world.lamb();
    lock.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    let turns = [("Approve this user in Open WebUI?", "y\n"), ("Give this role?", "y\n")];
    let line = format!("{FIX} --lock-timeout 0.2");
    let output = world.command(&line).at_a_terminal_in_turn(&turns, || lock.execute_batch("BEGIN EXCLUSIVE").unwrap());
    output.expect(5).says("locked").says("Partly fixed").never_says("the data changed while");
    assert_eq!(role(&world), "user");
}

/// Somebody else was quicker: the report is of now.
#[test]
fn what_another_process_fixed_is_seen() {
    let world = World::plain(Native);
    let owi = world.owi();
    let sql = format!("UPDATE user SET role = 'user' WHERE email = '{PENDING}'");
    let quicker = || owi.execute_batch(&sql).unwrap();
    let output = world.command(FIX).at_a_terminal_in_turn(&[("Approve this user", "y\n")], quicker);
    let now = output.stdout.rsplit("the data changed while").next().unwrap();
    assert!(output.code == 4 && !now.contains("owi-pending"), "{output}");
}

/// What was handed in is looked at before anything is asked of a server.
#[test]
fn what_is_handed_in_empty_is_wrong_usage() {
    let world = World::plain(Delegated);
    std::fs::write(world.cwd.path().join("none"), "\n").unwrap();
    let asked = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
    let seen = std::sync::Arc::clone(&asked);
    let meddle = move |request: String| {
        if request.starts_with("POST") {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
        Way::On(request)
    };
    let url = proxy::before(world.sandbox.owi_url(), meddle);
    for (line, says) in [
        (format!("{FIX} --yes --no-test-token --admin-token-file none"), "none: the file contains no token"),
        (
            "create-creator --email new@uni.example --create-owi-user --yes --password-stdin --admin-token-file none"
                .to_owned(),
            "none: the file contains no token",
        ),
        ("check-owi-user --via api --email a@x --admin-token-file none".to_owned(), "none: the file contains no token"),
        (
            "diagnose --email no-owi@sandbox.test --fix --yes --no-test-token --new-password-stdin".to_owned(),
            "the password is empty; nothing was changed",
        ),
    ] {
        let output = world.command(&line).env("OWI_BASE_URL", &url).run();
        output.expect(2).says(says);
        assert!(output.stdout.is_empty(), "{output}");
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 0, "nobody was asked to sign in or to write");
    assert!(!world.journal().exists());
}
