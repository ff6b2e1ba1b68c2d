//! What is found only where knowledge bases are asked about: `diagnose --flow knowledge`.

use lamb_auth::lamb::Edition::{Delegated, Native};

use super::scene::{PLAIN, Scene, play};
use crate::cli::proxy::{self, Way};
use crate::cli::run::{Run, World};

const LINE: &str = "diagnose --flow knowledge --email teacher@sandbox.test";

macro_rules! answer {
    ($status:literal, $body:literal) => {
        concat!($status, "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n", $body)
    };
}

/// An organization that has another server than the others.
const OWN_SERVER: &str =
    r#"{"setups": {"default": {"knowledge_base": {"server_url": "URL", "api_token": "token-of-the-kb-server"}}}}"#;

/// The token that the knowledge base server wants.
const TOKEN: &str = "token-of-the-kb-server";

/// A knowledge base server that wants this token, and no token for `/health`.
fn kb_server(request: &str) -> &'static str {
    let has_token = request.contains(&format!("Bearer {TOKEN}\r\n"));
    match (request.split(' ').nth(1).unwrap_or_default(), has_token) {
        ("/health", _) => answer!("HTTP/1.1 200 OK", "{\"status\":\"ok\"}"),
        ("/collections?skip=0&limit=1" | "/ingestion/plugins" | "/plugins", true) => answer!("HTTP/1.1 200 OK", "[]"),
        ("/collections?skip=0&limit=1" | "/ingestion/plugins" | "/plugins", false) => {
            answer!("HTTP/1.1 401 Unauthorized", "{\"detail\":\"Invalid API key\"}")
        }
        _ => answer!("HTTP/1.1 404 Not Found", "{\"detail\":\"Not Found\"}"),
    }
}

/// Knowledge bases are at this server; LAMB's environment has the token.
fn at(run: Run, answer: fn(&str) -> &'static str, token: &str) -> Run {
    let url = proxy::before("http://127.0.0.1:1", move |request| Way::Back(answer(&request)));
    run.env("LAMB_KB_SERVER", &url).env("LAMB_KB_SERVER_TOKEN", token)
}

/// The organization has these settings, with `URL` for the server's.
fn with_config(world: &World, run: Run, config: &str) -> Run {
    let url = proxy::before("http://127.0.0.1:1", |request| Way::Back(kb_server(&request)));
    world.lamb_sql(&format!(
        "UPDATE {{p}}organizations SET config = '{}' WHERE slug = 'physics'",
        config.replace("URL", &url)
    ));
    run
}

fn unhealthy(request: &str) -> &'static str {
    match request.split(' ').nth(1) {
        Some("/health") => answer!("HTTP/1.1 503 Service Unavailable", "{\"detail\":\"starting\"}"),
        _ => kb_server(request),
    }
}

fn web_page(_: &str) -> &'static str {
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!doctype html><title>It works!</title>"
}

const fn scene(id: &'static str, make: fn(&World, Run) -> Run, found: &'static [&'static str]) -> Scene {
    Scene { id, line: LINE, make, found, edition: Native, ..PLAIN }
}

#[rustfmt::skip]
pub(super) const SCENES: &[Scene] = &[
    scene("kb-token-mismatch", |_, run| at(run, kb_server, "another-token-of-lamb"), &["kb-token-mismatch"]),
    Scene { edition: Delegated, ..scene("kb-token-mismatch", |_, run| at(run, kb_server, "another-token-of-lamb"), &["kb-token-mismatch"]) },
    scene("kb-token-mismatch", |_, run| at(run, kb_server, TOKEN), &[]),
    scene("kb-token-mismatch", |_, run| { let run = at(run, kb_server, TOKEN); let url = proxy::before("http://127.0.0.1:1", |request| Way::Back(kb_server(&request))); run.env("LAMB_LIBRARY_SERVER", &url).env("LAMB_LIBRARY_TOKEN", "another-token-of-lamb") }, &["kb-token-mismatch"]),

    // Both editions ask the list of plugins at the server of the environment, whatever the organization has.
    scene("kb-token-mismatch", |w, run| at(with_config(w, run, OWN_SERVER), kb_server, "another-token-of-lamb"), &["kb-token-mismatch"]),
    Scene { edition: Delegated, ..scene("kb-token-mismatch", |w, run| at(with_config(w, run, OWN_SERVER), kb_server, "another-token-of-lamb"), &["kb-token-mismatch"]) },
    scene("kb-token-mismatch", |w, run| at(with_config(w, run, OWN_SERVER), kb_server, TOKEN), &[]),

    scene("kb-server-down", |_, run| run.env("LAMB_KB_SERVER", "http://127.0.0.1:1").env("LAMB_KB_SERVER_TOKEN", TOKEN), &["kb-server-down"]),
    scene("kb-server-down", |_, run| at(run, unhealthy, TOKEN), &["kb-server-down"]),
    scene("kb-server-down", |_, run| at(run, web_page, TOKEN), &["kb-server-down"]),
    scene("kb-server-down", |_, run| at(run, kb_server, TOKEN), &[]),

    scene("kb-old-key-wins", |w, run| with_config(w, run, r#"{"setups": {"default": {"knowledge_base": {"server_url": "URL", "api_token": "token-of-the-kb-server"}}}, "kb_server": {"url": "URL", "api_key": "a-newer-token"}}"#), &["kb-old-key-wins"]),
    scene("kb-old-key-wins", |w, run| with_config(w, run, r#"{"kb_server": {"url": "URL", "api_key": "token-of-the-kb-server"}}"#), &[]),
];

#[test]
fn a_phantom_logout_is_told_from_a_real_one() {
    play(SCENES, 0, 1);
}

/// No output has the token, and the user reads what the browser does.
#[test]
fn the_report_names_what_the_user_sees_and_no_token() {
    let world = World::plain(Native);
    let run = at(world.command(LINE), kb_server, "another-token-of-lamb");
    let output = run.run();
    output.expect(1).says("kb-token-mismatch").says("without a message").never_says("another-token-of-lamb");
    let server = "http://kb:url-password@127.0.0.1:1/";
    let run = world.command(LINE).env("LAMB_KB_SERVER", server).env("LAMB_KB_SERVER_TOKEN", TOKEN);
    run.run().says("http://****@127.0.0.1:1").never_says("url-password");
}

/// As every other flow says it: LAMB makes students of an LMS no creators.
#[test]
fn a_student_of_an_lms_is_no_missing_creator() {
    let world = World::plain(Native);
    let output = world.run("diagnose --email 12345@lamb-lti.local --flow knowledge");
    output.expect(1).says("lms-student").never_says("creator-missing").never_says("--fix");
}

#[test]
fn a_server_that_is_not_set_here_is_not_said_to_be_the_organizations() {
    let world = World::plain(Native);
    let run = with_config(&world, world.command(LINE), OWN_SERVER);
    run.run().expect(0).says("LAMB_KB_SERVER is not set here").never_says("that of LAMB's environment");
}
