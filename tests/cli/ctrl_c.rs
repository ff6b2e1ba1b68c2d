//! A first Ctrl-C ends each command with 130, wherever it waits: for a server, for a lock, for standard input.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, yield_now};
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use rustix::io::ioctl_fionread;

use super::held_locks::naps;
use super::run::{BOUND, Run, World};

/// No wait of the program ends by itself before the test gives up.
const PATIENT: &str = "--timeout 600 --lock-timeout 600 --answer-timeout 600";
/// How long the end may take on a machine under load.
const SOON: Duration = Duration::from_secs(5);

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
fn interrupted(run: Run, first: &str, keep_open: bool, mut waits: impl FnMut(&Child, u64) -> bool) {
    let mut child = run.start();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(first.as_bytes()).unwrap();
    let stdin = keep_open.then_some(stdin);
    let began = Instant::now();
    while !waits(&child, stdin.as_ref().map_or(0, |stdin| ioctl_fionread(stdin).unwrap())) {
        assert!(began.elapsed() < BOUND && child.try_wait().unwrap().is_none(), "{}", run.finish(child));
        yield_now();
    }
    let began = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = run.finish(child);
    output.expect(130);
    assert!(began.elapsed() < SOON, "{:?}: {output}", began.elapsed());
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
        interrupted(run, "a password\n", false, |_, _| told.try_recv().is_ok());
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
        interrupted(patient(&world, line), "", false, |child, _| naps(child).is_some_and(|naps| naps > 30));
    }
}

#[test]
fn ends_every_command_that_waits_for_standard_input() {
    let world = World::plain(Edition::Delegated);
    let sleeps = |child: &Child| {
        fs::read_to_string(format!("/proc/{}/stat", child.id())).is_ok_and(|stat| stat.contains(") S "))
    };
    for line in OF_STANDARD_INPUT {
        interrupted(patient(&world, line), "x", true, |child, unread| unread == 0 && sleeps(child));
    }
}
