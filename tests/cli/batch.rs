//! `verify-token --batch`: the same verdicts as one by one, in the order of the lines, whatever the server does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};
use lamb_auth::secret::Secret;
use lamb_auth::token::mint;
use serde_json::{Value, json};

use super::proxy::{self, Way};
use super::run::{EDITIONS, Output, World, snapshot};

/// Writes tokens of the sandbox, by name, into `tokens.txt`; other words as they are.
fn write(world: &World, names: &[&str]) {
    let line = |name: &&str| world.sandbox.token(name).map_or((*name).to_owned(), |token| token.expose().to_owned());
    let text: Vec<_> = names.iter().map(line).collect();
    std::fs::write(world.cwd.path().join("tokens.txt"), text.join("\n")).unwrap();
}

/// The objects of an output, a line each.
fn rows(output: &Output) -> Vec<Value> {
    let row = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {output}"));
    output.stdout.lines().map(row).collect()
}

#[test]
fn one_cause_of_all_refusals_is_told_first() {
    let world = World::plain(Edition::Delegated);
    for (names, cause) in
        [(["expired"; 5], json!("expired")), (["expired", "expired", "expired", "expired", "valid"], Value::Null)]
    {
        write(&world, &names);
        let output = world.run("verify-token --batch tokens.txt -o json");
        let summary = rows(output.expect(1)).pop().unwrap()["summary"].take();
        assert_eq!(summary["one_cause"], cause, "{output}");
        assert_eq!(
            output.stderr.contains("one cause: all 5 tokens are refused as expired"),
            cause != Value::Null,
            "{output}"
        );
    }
}

#[test]
fn verdicts_are_those_of_one_by_one() {
    for (edition, version) in [(Edition::Delegated, OwiVersion::V0_5_6), (Edition::Native, OwiVersion::V0_12_4)] {
        let world = World::start(edition, version, None);
        let names: Vec<&str> = world.sandbox.token_names().collect();
        write(&world, &names);
        for flags in ["", "--for owi", "--offline"] {
            let output = world.run(&format!("verify-token --batch tokens.txt -o json {flags}"));
            let (mut rows, mut counted) = (rows(&output), BTreeMap::<String, u64>::new());
            let summary = rows.pop().unwrap()["summary"].take();
            assert_eq!(rows.len(), names.len(), "{output}");
            for (number, (row, name)) in rows.iter().zip(&names).enumerate() {
                let (_, alone) = world.json(&format!("verify-token -t 'box/tokens/{name}.token' {flags}"));
                for member in ["verdict", "email"] {
                    assert_eq!(row[member], alone[member], "{name} {flags} {edition}: {row:#}");
                }
                // Spans of time go on between the two.
                if !["ago", "only in"].iter().any(|word| row["reason"].as_str().unwrap().contains(word)) {
                    assert_eq!(row["reason"], alone["reason"], "{name} {flags} {edition}");
                }
                assert_eq!(row["line"], number + 1);
                let text = world.sandbox.token(name).unwrap().expose();
                assert!(text.len() < 8 || !output.all().contains(text), "the token {name} is shown: {output}");
                *counted.entry(row["verdict"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            assert_eq!(
                (summary["verdicts"].clone(), summary["tokens"].as_u64()),
                (json!(counted), Some(names.len() as u64))
            );
            output.expect(if flags == "--offline" || counted.len() > 1 { 1 } else { 0 });
        }
    }
}

/// Of two processes at one address, the first has another secret.
#[test]
fn a_refused_token_is_asked_about_again() {
    const REFUSED: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\
                           Connection: close\r\n\r\n{\"detail\":\"401 Unauthorized\"}";
    let world = World::plain(Edition::Delegated);
    write(&world, &["valid"]);
    let asked = Arc::new(AtomicUsize::new(0));
    let url = proxy::before(world.sandbox.owi_url(), move |request| {
        let is_first = request.starts_with("GET /api/v1/auths/") && asked.fetch_add(1, SeqCst).is_multiple_of(2);
        if is_first { Way::Back(REFUSED) } else { Way::On(request) }
    });
    let output = world.command("verify-token --batch tokens.txt -o json").env("OWI_BASE_URL", &url).run();
    assert_eq!(rows(output.expect(1))[0]["verdict"], "answers-vary");
}

#[test]
fn what_people_and_scripts_see() {
    let world = World::plain(Edition::Native);
    write(&world, &["# of today", "valid", "", "expired", "creator-missing", "null", "  ", "owi"]);
    let mut pages: Vec<_> = ["table", "plain", "json"]
        .map(|shape| world.run(&format!("verify-token --batch tokens.txt -o {shape}")))
        .into();
    for line in [
        "verify-token --batch nowhere.txt",
        "verify-token --batch .",
        "verify-token --batch /dev/null -o json",
        "verify-token --batch tokens.txt -t box/tokens/valid.token",
        "verify-token --batch tokens.txt --jobs 0",
        "verify-token --jobs 4 -t box/tokens/valid.token",
    ] {
        pages.push(world.run(line));
    }
    snapshot("verify_token_batch", &pages);
}

/// 1 beats 3, and 3 is no yes.
#[test]
fn exit_codes_are_of_the_worst() {
    let world = World::plain(Edition::Delegated);
    write(&world, &["valid", "valid"]);
    world.run("verify-token --batch tokens.txt -q").expect(0).says("valid");
    write(&world, &["valid", "expired"]);
    world.run("verify-token --batch tokens.txt").expect(1).says("1 expired");
    // Whoever reads no more has seen enough.
    let run = world.command("verify-token --batch tokens.txt");
    let mut child = run.start();
    drop(child.stdout.take());
    assert_eq!(run.finish(child).stderr, "");
    for (trouble, why) in [(Trouble::OwiDown, "refused"), (Trouble::OwiWrongUrl, "is not an Open WebUI")] {
        let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(trouble));
        write(&world, &["valid", "valid"]);
        world.run("verify-token --batch tokens.txt").expect(3).says(why).says("2 could-not-tell");
        write(&world, &["valid", "malformed"]);
        world.run("verify-token --batch tokens.txt").expect(1).says("1 could-not-tell").says("1 malformed");
    }
}

/// A verdict comes as soon as it is known, not at the end of the input.
#[test]
fn verdicts_come_while_the_input_is_open() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let run = world.command("verify-token --batch - -o plain");
        let mut child = run.start();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        for (number, name) in ["valid", "expired", "owi-user-gone", "valid"].iter().enumerate() {
            writeln!(stdin, "{}", world.sandbox.token(name).unwrap().expose()).unwrap();
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            assert!(line.starts_with(&format!("{}\t{name}\t", number + 1)), "{line}");
        }
        drop(stdin);
        run.finish(child).expect(1);
    }
}

#[test]
fn a_line_of_ten_megabytes_is_one_malformed_token() {
    let world = World::plain(Edition::Delegated);
    write(&world, &["valid", &"eyJhbGciOiJIUzI1NiJ9.".repeat(500_000), "valid"]);
    let output = world.run("verify-token --batch tokens.txt -o json");
    let verdicts: Vec<_> = rows(&output).iter().map(|row| row["verdict"].clone()).collect();
    assert_eq!(verdicts, [json!("valid"), json!("malformed"), json!("valid"), Value::Null]);
    assert!(output.expect(1).stdout.len() < 5_000);
    // A file without an end has an end.
    world.run("verify-token --batch /dev/zero").expect(3).says("not a file of tokens");
}

/// An Open WebUI that keeps connections and fails now and then, each time in another way.
struct Shaky {
    url: String,
    versions: Arc<AtomicUsize>,
    busiest: Arc<AtomicUsize>,
}

impl Shaky {
    /// `fails` says what comes of a token's n-th request: a status, or 0 for a connection that breaks.
    fn start(fails: impl Fn(&str, usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (versions, busiest) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (busy, seen) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<BTreeMap<String, usize>>>::default());
        let fails = Arc::new(fails);
        let counters = (Arc::clone(&versions), Arc::clone(&busiest));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (fails, busy, seen) = (Arc::clone(&fails), Arc::clone(&busy), Arc::clone(&seen));
                let (versions, busiest) = counters.clone();
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while let Some((path, token)) = request(&mut reader) {
                        let (status, body) = match path.as_str() {
                            "/api/version" => {
                                versions.fetch_add(1, SeqCst);
                                (200, json!({"version": "0.5.6"}))
                            }
                            "/api/config" => (200, json!({"features": {}})),
                            _ => {
                                busiest.fetch_max(busy.fetch_add(1, SeqCst) + 1, SeqCst);
                                thread::sleep(Duration::from_millis(2));
                                let nth =
                                    *seen.lock().unwrap().entry(token.clone()).and_modify(|n| *n += 1).or_default();
                                busy.fetch_sub(1, SeqCst);
                                let who = json!({"id": token, "email": "a@b", "name": "", "role": "user"});
                                (fails(&token, nth), who)
                            }
                        };
                        // After a 500 the real one closes as well, and does not say so.
                        if status == 0 || !answer(&stream, status, &body) || status == 500 {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, versions, busiest }
    }
}

/// The path and the token's id; `None` where the other side has gone.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut path, mut token) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        match line.trim_end().split_once(' ') {
            None if line.trim_end().is_empty() => return Some((path, token)),
            Some(("GET", rest)) => path = rest.split(' ').next()?.to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("authorization:") => token = value.to_owned(),
            _ => {}
        }
    }
}

fn answer(mut stream: &TcpStream, status: u16, body: &Value) -> bool {
    let body = if status == 200 { body.to_string() } else { json!({"detail": "not now"}).to_string() };
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).is_ok()
}

fn many(count: usize) -> String {
    let token = |n: usize| mint::sign(&json!({"id": format!("u{n}")}), &Secret::from("x")).unwrap().expose().to_owned();
    (0..count).map(|n| token(n) + "\n").collect()
}

#[test]
fn a_shaky_server_is_asked_again() {
    let world = World::plain(Edition::Delegated);
    let first = AtomicUsize::new(0);
    // Of the first requests about each token, every fourth fails.
    let server = Shaky::start(move |_, nth| match (nth, first.fetch_add(usize::from(nth == 0), SeqCst) % 20) {
        (0, 3) => 429,
        (0, 7) => 500,
        (0, 11) => 503,
        (0, 15) => 0,
        _ => 200,
    });
    for jobs in [1, 8] {
        let line = format!("verify-token --batch - --for owi --owi-url {} --jobs {jobs} -o json", server.url);
        let output = world.command(&line).stdin(many(60)).run();
        let rows = rows(&output);
        let lines: Vec<_> = rows[..60].iter().map(|row| row["line"].as_u64().unwrap()).collect();
        assert_eq!(lines, (1..=60).collect::<Vec<_>>());
        output.expect(0);
        assert_eq!(rows[60]["summary"]["valid"], 60, "{output}");
        if jobs == 1 {
            assert!(rows[60]["summary"]["retries"].as_u64().unwrap() >= 6, "{output}");
            assert_eq!(server.busiest.load(SeqCst), 1);
        }
    }
    assert!((2..=8).contains(&server.busiest.load(SeqCst)));
    assert_eq!(server.versions.load(SeqCst), 2, "what the server is, is asked once a run");
}

/// One that says 429 to everything is not waited for once and again: what cannot be told is told.
#[test]
fn a_server_that_stays_overloaded_ends_the_waiting() {
    let world = World::plain(Edition::Delegated);
    let server = Shaky::start(|_, _| 429);
    let line = format!("verify-token --batch - --for owi --owi-url {} --jobs 4", server.url);
    let output = world.command(&line).stdin(many(200)).run();
    output.expect(3).says("200 could-not-tell").says("429");
}
