//! Data on stdout, talk on stderr, and manners at the end of a pipe.

use std::io::{BufRead, BufReader};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::run::{EDITIONS, World};

/// Every command that prints data: a yes, a no, a refusal, an error.
pub(crate) const LINES: &[&str] = &[
    "check-user --email teacher@sandbox.test",
    "check-user --email nobody@uni.example",
    "check-user --email teacher@sandbox.test --with-owi",
    "check-user --email inactive@sandbox.test --with-owi -t box/tokens/lamb.token",
    "check-owi-user --email teacher@sandbox.test",
    "check-owi-user --email operator@sandbox.test --via api",
    "list-users",
    "list-organizations",
    "list-users nobody@uni.example",
    "verify-token -t box/tokens/valid.token",
    "verify-token -t box/tokens/expired.token",
    "verify-token -t box/tokens/valid.token --offline",
    "verify-token -t nowhere.token",
    "refresh-token --email teacher@sandbox.test --by trusted --out new.token",
    "refresh-token --email teacher@sandbox.test --out -",
    "refresh-token --email nobody@uni.example --by trusted --out new.token",
    "diagnose --email teacher@sandbox.test",
    "diagnose --email admin@admin.owi",
    "diagnose --email admin@admin.owi --no-test-token",
    "create-creator --email admin@admin.owi --dry-run",
    "create-creator --email teacher@sandbox.test",
    "create-creator --email student@sandbox.test --yes",
    "create-creator --email admin@admin.owi",
    "create-creator --email admin@admin.owi --org nowhere --yes",
    "assign-role --email no-role@sandbox.test --org physics --role member --dry-run",
    "assign-role --email nobody@uni.example --org physics --role member --dry-run",
    "explain",
    "schema",
    "explain expired",
    "explain no-such-finding",
    "config",
    "config --offline",
    "history",
    "history last",
    "undo last --dry-run",
    "support-bundle --out s.tar.gz --force --email teacher@sandbox.test",
    "support-bundle --who teacher@sandbox.test --key nowhere.key",
];

#[test]
fn json_is_json_whatever_happens() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        for line in LINES {
            let output = world.run(&format!("{line} -o json"));
            let json = output.json();
            assert_eq!(json["error"].is_null(), !output.stderr.contains("error: "), "{output}");
            if json["error"].is_null() {
                let command = line.split(' ').next().unwrap();
                assert_eq!(json["command"], command, "{output}");
            } else {
                assert_eq!(json["error"]["exit_code"], output.code, "{output}");
                assert!(json["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{output}");
            }
        }
    }
}

/// Data is the same with and without talk, but for times; and `-q` leaves nothing on stderr but errors.
#[test]
fn messages_do_not_change_stdout() {
    let world = World::plain(Edition::Native);
    for line in LINES {
        let normal = world.run(&format!("{line} -o plain"));
        let quiet = world.run(&format!("{line} -o plain -q"));
        assert_eq!((normal.code, normal.stdout.lines().count()), (quiet.code, quiet.stdout.lines().count()), "{line}");
        assert!(quiet.stderr.is_empty() || quiet.stderr.starts_with("error: "), "{quiet}");
        let verbose = world.run(&format!("{line} -o json -v"));
        assert_eq!(verbose.code, normal.code, "{line}");
        verbose.json();
    }
    // A note that -q takes away: who is asked as an admin.
    let line = "check-owi-user --email teacher@sandbox.test --via api";
    world.run(line).expect(0).says("asking");
    assert_eq!(world.run(&format!("{line} -q")).stderr, "");
    let traced = world.run("diagnose --email teacher@sandbox.test -v");
    assert!(traced.stderr.contains("SELECT") && traced.stderr.contains("/api/version"), "{traced}");
}

#[test]
fn plain_is_lines_of_tabs() {
    let world = World::plain(Edition::Native);
    for line in LINES {
        let output = world.run(&format!("{line} -o plain"));
        assert!(output.stdout.lines().all(|row| row.contains('\t')), "{output}");
    }
}

/// No color without a terminal, nor with NO_COLOR, nor for a dumb one; else there is some.
#[test]
fn color_is_only_for_terminals_that_accept_it() {
    let world = World::plain(Edition::Delegated);
    for line in LINES {
        world.command(line).env("TERM", "xterm-256color").run().never_says("\u{1b}[");
    }
    let line = "diagnose --email admin@admin.owi";
    let colored = world.command(line).env("TERM", "xterm-256color").at_a_terminal("");
    colored.expect(1).says("\u{1b}[");
    world.command(line).env("NO_COLOR", "1").env("TERM", "xterm-256color").at_a_terminal("").never_says("\u{1b}[");
    world.command(line).env("TERM", "dumb").at_a_terminal("").never_says("\u{1b}[");
    let json = world.command(&format!("{line} -o json")).env("TERM", "xterm-256color").at_a_terminal("");
    json.never_says("\u{1b}[");
    // A person reads both streams there, so an error is told once.
    for (line, said) in [("check-user a@b.c --lamb-db nowhere", "no such file"), ("check-user --odd", "unexpected")] {
        let output = world.command(&format!("{line} -o json")).at_a_terminal("");
        assert_eq!(output.stdout.matches(said).count(), 1, "{output}");
    }
    let asked = |when: &str| world.command(&format!("{line} --color {when}")).env("TERM", "xterm-256color");
    asked("always").env("NO_COLOR", "1").run().says("\u{1b}[");
    asked("never").at_a_terminal("").never_says("\u{1b}[");
}

#[test]
fn the_width_is_obeyed() {
    let world = World::plain(Edition::Delegated);
    for (columns, most) in [("60", 60), ("100", 100), ("7", 40), ("100000", 160)] {
        for line in ["explain", "explain owi-user-gone", "diagnose --email admin@admin.owi"] {
            let output = world.command(line).env("COLUMNS", columns).run();
            let widest = output.stdout.lines().filter(|row| !row.contains('→')).map(|row| row.chars().count()).max();
            // What cannot be broken (a path, an id) may stand out; a table may not.
            assert!(widest.unwrap() <= most + 25, "{columns}: {} in {output}", widest.unwrap());
        }
    }
}

/// `| head -1` ends the run quietly: whoever reads has seen enough.
#[test]
fn a_closed_pipe_ends_quietly() {
    let world = World::plain(Edition::Delegated);
    for line in [
        "explain",
        "explain -o json",
        "completions bash",
        "diagnose --email admin@admin.owi",
        "audit",
        "audit --finding creator-missing -o plain",
        "config",
        "--help",
    ] {
        let run = world.command(line);
        let mut child = run.start();
        drop(child.stdout.take());
        let output = run.finish(child);
        assert!(output.stderr.is_empty(), "{output}");
        assert!([0, 1].contains(&output.code), "{output}");
    }
    // A pipe that is closed after the first line.
    let run = world.command("completions zsh");
    let mut child = run.start();
    let mut first = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = run.finish(child);
    assert!(first.starts_with("#compdef") && output.stderr.is_empty() && output.code == 0, "{first}{output}");
}

/// A closed stderr keeps nobody from the work.
#[test]
fn a_closed_stderr_is_no_matter() {
    let world = World::plain(Edition::Delegated);
    let run = world.command("check-owi-user --email teacher@sandbox.test --via api -v");
    let mut child = run.start();
    drop(child.stderr.take());
    run.finish(child).expect(0).says("teacher@sandbox.test");
}

/// Settings: flag over environment over file, each told with its origin, and secrets masked.
#[test]
fn config_tells_where_each_value_comes_from() {
    let world = World::start(Edition::Native, OwiVersion::V0_5_6, Some(Trouble::BackendDown));
    std::fs::write(world.cwd.path().join(".env"), "LAMB_WEB_HOST=http://from.file\nOWI_ADMIN_EMAIL=file@uni.example\n")
        .unwrap();
    std::fs::write(world.cwd.path().join("other.env"), "LAMB_WEB_HOST=http://from.other\n").unwrap();
    let row = |line: &str, name: &str| {
        let (code, config) = world.json(line);
        let the_backend_is_asked = !line.ends_with("--offline");
        assert_eq!(code, i32::from(the_backend_is_asked), "the backend is down");
        config["settings"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(row("config", "LAMB_WEB_HOST")["value"], "http://from.file");
    assert!(row("config", "LAMB_WEB_HOST")["origin"].as_str().unwrap().ends_with("/.env"));
    assert_eq!(row("config --env-file other.env", "LAMB_WEB_HOST")["value"], "http://from.other");
    assert_eq!(row("config", "OWI_ADMIN_EMAIL")["origin"], "environment");
    assert_eq!(row("config --owi-admin-email me@uni.example", "OWI_ADMIN_EMAIL")["origin"], "--owi-admin-email");
    assert_eq!(row("config", "WEBUI_JWT_SECRET_KEY")["value"], serde_json::Value::Null);
    assert!(row("config", "LAMB_JWT_SECRET")["value"].as_str().unwrap().starts_with("****"));
    assert_eq!(row("config", "OWI_BASE_URL")["there"], true);
    assert_eq!(row("config", "LAMB_BACKEND_HOST")["there"], false);
    assert_eq!(row("config --offline", "LAMB_BACKEND_HOST")["there"], serde_json::Value::Null);
    assert_eq!(row("config --lamb-db nowhere", "LAMB_DB_PATH")["there"], false);
}

#[test]
fn a_wrong_command_line_is_json_too() {
    let world = World::plain(Edition::Delegated);
    assert_eq!(world.run("check-user -o json").json()["error"]["exit_code"], 2);
}
