//! Ctrl-C: 130 at any moment, and nothing left behind.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::run::{Run, World};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Starts a sandbox that serves, and waits until it says so; its folder.
fn serving() -> (Run, Child, String) {
    let run = Run::new(vec!["sandbox".to_owned()]);
    let mut child = run.start();
    let mut line = String::new();
    // The note on stderr comes after everything is up.
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let folder =
        line.split_whitespace().find(|word| word.contains("lamb-auth-sandbox-")).unwrap_or_else(|| panic!("{line}"));
    (run, child, folder.trim_end_matches(';').to_owned())
}

#[test]
fn ends_a_sandbox_that_serves() {
    for name in ["INT", "TERM"] {
        let (run, mut child, folder) = serving();
        assert!(Path::new(&folder).join("lamb/lamb_v4.db").exists());
        let mut export = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut export).unwrap();
        assert!(export.starts_with("export LAMB_DB_PATH="), "{export}");
        signal(&child, name);
        run.finish(child).expect(130);
        assert!(!Path::new(&folder).exists(), "{folder} is left behind after SIG{name}");
    }
}

/// The environment that it prints is what a shell can read, and a command outside finds everything by it.
#[test]
fn the_printed_environment_works_outside() {
    let (run, mut child, _) = serving();
    let mut exports = String::new();
    let mut reader = BufReader::new(child.stdout.as_mut().unwrap());
    while !exports.contains("LAMB_AUTH_SANDBOX=") {
        assert_ne!(reader.read_line(&mut exports).unwrap(), 0, "{exports}");
    }
    let script = format!("{exports}exec {} diagnose --email admin@admin.owi -o plain", env!("CARGO_BIN_EXE_lamb-auth"));
    let shell = Command::new("sh").args(["-c", &script]).output().unwrap();
    let told = String::from_utf8_lossy(&shell.stdout).into_owned();
    assert!(shell.status.code() == Some(1) && told.contains("creator-missing"), "{told}");
    signal(&child, "INT");
    run.finish(child).expect(130);
}

/// A diagnosis that waits for a server which never answers.
#[test]
fn ends_a_diagnosis_that_waits() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiHangs));
    let run = world.command("diagnose --email teacher@sandbox.test --timeout 60 -v");
    let mut child = run.start();
    // The trace of the other server's answer: it waits for the one that hangs by then, or soon.
    let mut stderr = BufReader::new(child.stderr.as_mut().unwrap());
    let mut line = String::new();
    while !line.contains("get_assistants") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0);
    }
    let began = Instant::now();
    signal(&child, "INT");
    let output = run.finish(child);
    output.expect(130);
    assert!(output.stdout.is_empty() && began.elapsed() < Duration::from_secs(5), "{output}");
}

/// Ctrl-C at a terminal reaches the sandbox and the command inside: the command ends, then the sandbox, with its code.
#[test]
fn a_sandbox_ends_with_its_command() {
    use std::os::unix::process::CommandExt as _;
    let line = "sandbox --trouble owi-hangs -- diagnose --email teacher@sandbox.test --timeout 60 -v";
    let run = Run::new(line.split(' ').map(str::to_owned).collect());
    // A group of its own stands for the terminal's foreground group.
    let mut command = run.process();
    let mut child =
        command.process_group(0).stderr(Stdio::piped()).stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let (mut line, mut trace) = (String::new(), String::new());
    // The requests and the databases are traced in no order.
    while !(trace.contains("get_assistants") && trace.contains("/lamb-auth-sandbox-")) {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "{trace}");
        trace.push_str(&line);
    }
    let database = trace.split_whitespace().find(|word| word.contains("/lamb-auth-sandbox-")).unwrap_or_default();
    let is_sandbox =
        |path: &&Path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("lamb-auth-sandbox-"));
    let folder = Path::new(database).ancestors().find(is_sandbox);
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    let output = run.finish(child);
    output.expect(130);
    assert!(folder.is_some_and(|folder| !folder.exists()), "{folder:?} is left behind: {trace}");
}

/// Where the terminal of a `docker-compose exec` is closed, the program in the container is not told: it must not wait
/// for ever, with the lock of the runs in its hand.
#[test]
fn an_unanswered_question_times_out() {
    let world = World::plain(Edition::Delegated);
    let before = world.lamb_contents();
    for line in ["create-creator --email admin@admin.owi", "sync --apply"] {
        let left = world.command(&format!("{line} --answer-timeout 0.3")).at_a_terminal("");
        left.expect(4).says("no answer within the limit (--answer-timeout)");
        assert_eq!(world.lamb_contents(), before, "{left}");
    }
    world.run("sync --apply --yes").expect(0);
}

/// Standard input that stays open: nothing comes, or a first byte and no end.
#[test]
fn standard_input_that_stays_silent_is_given_up() {
    let world = World::plain(Edition::Delegated);
    for (line, code, first) in [
        ("verify-token --token-file -", 2, ""),
        ("verify-token --token-file -", 2, "eyJ"),
        ("verify-token --batch -", 2, ""),
        ("refresh-token --email teacher@sandbox.test --by login --password-stdin --out new.token", 2, "secret"),
    ] {
        let run = world.command(&format!("{line} --answer-timeout 0.3"));
        let mut child = run.start();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(first.as_bytes()).unwrap();
        let output = run.finish(child);
        drop(stdin);
        output.expect(code).says("came in time (--answer-timeout)");
    }
}
