//! A first Ctrl-C ends each command with 130, wherever it waits: for a server, for a lock, for standard input.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, yield_now};
use std::time::Instant;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use rustix::io::ioctl_fionread;

use super::held_locks::naps;
use super::proxy::{self, Way};
use super::run::{BOUND, Output, Run, World};

/// No wait of the program ends by itself before the test gives up: what ended it in [`BOUND`] was the signal.
const PATIENT: &str = "--timeout 600 --lock-timeout 600 --answer-timeout 600";
const OF_A_SERVER: &[&str] = &[
    "diagnose --email teacher@sandbox.test",
    "diagnose --email teacher@sandbox.test --fix --yes",
    "audit",
    "audit --platform",
    "audit --fix --yes",
    "check-owi-user --email teacher@sandbox.test --via api",
    "verify-token --token-file box/tokens/valid.token",
    "verify-token --batch box/tokens/valid.token",
    "refresh-token --email teacher@sandbox.test --out new.token",
    "create-creator --email new@uni.example --create-owi-user --password-stdin --yes",
    "sync --via api --all",
    "sync --all --apply --yes --watch",
    "support-bundle --out bundle.tar.gz --email teacher@sandbox.test",
];

const OF_A_LOCK: &[&str] = &[
    "check-user --email teacher@sandbox.test",
    "create-creator --email admin@admin.owi --yes",
    "assign-role --email teacher@sandbox.test --org lamb --role admin --yes",
    "sync --all --apply --yes",
    "undo last --yes",
];

const OF_STANDARD_INPUT: &[&str] = &[
    "verify-token --token-file -",
    "verify-token --batch -",
    "refresh-token --email teacher@sandbox.test --by login --password-stdin --out new.token",
];

/// Accepts every connection, and says nothing. Tells of each.
fn silent_server() -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            open.push(stream);
            let _ = tell.send(());
        }
    });
    (url, told)
}

/// Starts the command, and interrupts it once it waits. `waits` is told how much of standard input is not read yet.
fn interrupted(run: Run, first: &str, keep_open: bool, mut waits: impl FnMut(&Child, u64) -> bool) -> Output {
    let mut child = run.start();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(first.as_bytes()).unwrap();
    let stdin = keep_open.then_some(stdin);
    let began = Instant::now();
    while !waits(&child, stdin.as_ref().map_or(0, |stdin| ioctl_fionread(stdin).unwrap())) {
        assert!(began.elapsed() < BOUND && child.try_wait().unwrap().is_none(), "{}", run.finish(child));
        yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    run.finish(child)
}

fn patient(world: &World, line: &str) -> Run {
    world.command(&format!("{line} {PATIENT}"))
}

#[test]
fn ends_every_command_that_waits_for_a_server() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, None);
    for line in OF_A_SERVER {
        // Its own, so that no connection of the command before is taken for its.
        let (url, told) = silent_server();
        let run = patient(&world, line).env("OWI_BASE_URL", &url).env("LAMB_BACKEND_HOST", &url);
        interrupted(run, "a password\n", false, |_, _| told.try_recv().is_ok()).expect(130);
    }
}

#[test]
fn ends_every_command_that_waits_for_a_lock() {
    let world = World::plain(Edition::Delegated);
    world.run("create-creator --email student@sandbox.test --force --yes").expect(0);
    let holder = world.lamb();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for line in OF_A_LOCK {
        // SQLite sleeps between its attempts.
        interrupted(patient(&world, line), "", false, |child, _| naps(child).is_some_and(|naps| naps > 30)).expect(130);
    }
}

#[test]
fn ends_every_command_that_waits_for_standard_input() {
    let world = World::plain(Edition::Delegated);
    let sleeps = |child: &Child| {
        fs::read_to_string(format!("/proc/{}/stat", child.id())).is_ok_and(|stat| stat.contains(") S "))
    };
    for line in OF_STANDARD_INPUT {
        interrupted(patient(&world, line), "x", true, |child, unread| unread == 0 && sleeps(child)).expect(130);
    }
}

/// Where Open WebUI was asked for a change, its answer is waited for a little longer, which is told. Then it is unknown.
#[test]
fn tells_what_it_waits_for_after_a_change_was_asked_for() {
    let create = "create-creator --email new@uni.example --create-owi-user --password-stdin --yes";
    for (line, asked, outcome) in [
        (create, "POST /api/v1/auths/add", "it is unknown whether Open WebUI did this"),
        ("diagnose --email pending@sandbox.test --fix --yes", "POST /api/v1/users", "Unknown whether it was done"),
    ] {
        let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, None);
        let (tell, told) = channel();
        let meddle = move |request: String| {
            if !request.starts_with(asked) {
                return Way::On(request);
            }
            let _ = tell.send(());
            Way::Silent
        };
        let run = patient(&world, line).env("OWI_BASE_URL", &proxy::before(world.sandbox.owi_url(), meddle));
        let output = interrupted(run, "a password\n", false, |_, _| told.try_recv().is_ok());
        output.expect(130);
        output.says("waiting up to 5s for Open WebUI's answer").says(outcome).never_says("nothing was changed");
    }
}

/// Before a change is asked for, its account is looked at. Ctrl-C ends that wait at once, and what was done is told.
#[test]
fn ends_a_fix_that_waits_for_a_look_between_two_changes() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, None);
    world.owi().execute("UPDATE user SET role = 'pending' WHERE email = 'teacher@sandbox.test'", []).unwrap();
    let (tell, told) = channel();
    let journal = world.journal();
    let meddle = move |request: String| {
        if !fs::read_to_string(&journal).is_ok_and(|text| text.contains(r#""state":"made""#)) {
            return Way::On(request);
        }
        let _ = tell.send(());
        Way::Silent
    };
    let run = patient(&world, "audit --fix --finding owi-pending --yes");
    let run = run.env("OWI_BASE_URL", &proxy::before(world.sandbox.owi_url(), meddle));
    let output = interrupted(run, "", false, |_, _| told.try_recv().is_ok());
    output.expect(130).says("Partly fixed").says("not tried: interrupted").says("to undo");
}
