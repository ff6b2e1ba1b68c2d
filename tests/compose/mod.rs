//! The static program where it is used: in a container of a real compose stack, by `docker-compose exec`.

mod image;
mod stack;
mod terminal;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use stack::{ADMIN, OWNER, Stack, root, static_program, text, told};
use terminal::Terminal;

/// README's line, word for word: it copies the program into a running stack.
const COPY: &str = r#"docker cp lamb-auth "$(docker-compose ps -q backend)":/usr/local/bin/"#;

#[test]
#[ignore = "needs a Docker engine, docker-compose, `cargo static` and a real Open WebUI; .ci/run has them"]
fn the_seeds_trouble_is_found_and_fixed_in_a_stack() {
    let stack = Stack::start();
    fs::copy(static_program(), stack.path("lamb-auth")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(COPY), "README shows another way into the stack");
    let copied = stack.within("sh").args(["-c", COPY]).output().unwrap();
    assert!(copied.status.success(), "{}", told(&copied));

    let sick = stack.lamb_auth(&[], &["diagnose", "--email", ADMIN, "-o", "json"]).json(1);
    assert_eq!(sick["finding"], "creator-missing", "{sick:#}");
    assert_eq!(sick["first_failing_step"], "backend-answer", "{sick:#}");
    assert_eq!(sick["owi_version"], "0.5.6", "{sick:#}");

    interrupted_at_the_prompt(&stack);
    fixed_as_root(&stack);
    goes_on_as_the_backends_user(&stack);
    completed_through_the_container(&stack);
    without_open_webui(&stack);
    kept_by_the_override(&stack);
}

/// A terminal has colors and is asked; Ctrl-C ends with 130 and changes nothing.
fn interrupted_at_the_prompt(stack: &Stack) {
    let line = format!("docker-compose exec backend lamb-auth diagnose --email {ADMIN}");
    let (code, screen) = Terminal::run(stack.within("timeout"), &line).end();
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("\u{1b}[") && screen.contains("creator-missing"), "{screen}");

    let line = format!("docker-compose exec backend lamb-auth create-creator --email {ADMIN}");
    let mut terminal = Terminal::run(stack.within("timeout"), &line);
    terminal.wait_for("[y/N]");
    terminal.press("\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    let missing = stack.lamb_auth(&[], &["check-user", "--email", ADMIN, "-o", "json"]).json(1);
    assert_eq!(missing["found"], false, "{missing:#}");
}

/// `docker-compose exec` as root, as most stacks have it: what it leaves behind is the backend's.
fn fixed_as_root(stack: &Stack) {
    let made = stack.lamb_auth(&["-u", "0"], &["create-creator", "--email", ADMIN, "--yes", "-o", "json"]).json(0);
    assert_eq!(made["changed"], true, "{made:#}");
    let lamb = stack.path("volume/lamb");
    let files: Vec<_> = fs::read_dir(lamb).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 1, "a journal beside the database: {files:?}");
    for file in files {
        let about = file.metadata().unwrap();
        assert_eq!((about.uid(), about.gid()), OWNER, "{file:?}");
    }
    let well = stack.lamb_auth(&[], &["diagnose", "--email", ADMIN, "-o", "json"]).json(0);
    assert_eq!(well["overall"], "healthy", "{well:#}");
}

/// The backend's own user writes to the same database and the same journal, asked at a terminal.
fn goes_on_as_the_backends_user(stack: &Stack) {
    let line = format!("docker-compose exec backend lamb-auth assign-role --email {ADMIN} --org lamb --role admin");
    let mut terminal = Terminal::run(stack.within("timeout"), &line);
    terminal.wait_for("[y/N]");
    terminal.press("y\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    let found = stack.lamb_auth(&[], &["check-user", "--email", ADMIN, "-o", "json"]).json(0);
    assert_eq!(found["creator"]["organization_role"], "admin", "{found:#}");
    let runs = stack.lamb_auth(&[], &["history", "-o", "json"]).json(0);
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(2), "{runs:#}");
}

/// The script of `docs/completion.md` on the host's `PATH`, loaded as that page says: the container completes.
fn completed_through_the_container(stack: &Stack) {
    let page = fs::read_to_string(root().join("docs/completion.md")).unwrap();
    let script = page.split("```sh\n#!/bin/sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let program = stack.path("bin/lamb-auth");
    fs::create_dir(stack.path("bin")).unwrap();
    fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let shell = "PATH=$PWD/bin:$PATH; source <(COMPLETE=bash lamb-auth); COMP_TYPE=9 COMP_CWORD=3; \
                 COMP_WORDS=(lamb-auth assign-role --org ''); function=$(complete -p lamb-auth); \
                 function=${function#* -F }; ${function%% *} lamb-auth '' --org; echo \"${COMPREPLY[@]}\"";
    let told_of = stack.within("bash").args(["--norc", "-c", shell]).output().unwrap();
    let offered = text(&told_of.stdout);
    assert!(offered.split_whitespace().any(|slug| slug == "lamb"), "{}", told(&told_of));
}

/// A service that is stopped has no name in the network of the stack. Its engine asks elsewhere then, where nobody
/// answers: that is not a connection that is not made.
fn without_open_webui(stack: &Stack) {
    stack.must(&["stop", "--timeout", "1", "openwebui"]);
    let down = stack.lamb_auth(&[], &["--timeout", "2", "diagnose", "--email", ADMIN, "-o", "json"]).json(1);
    assert_eq!(down["finding"], "owi-dns", "{down:#}");
    assert!(down.to_string().contains("(no name server answers within the time allowed (--timeout))"), "{down:#}");
    stack.must(&["start", "openwebui"]);
}

/// With the override the program is there in a new container, too.
fn kept_by_the_override(stack: &Stack) {
    fs::copy(root().join("docs/docker-compose.override.yml"), stack.path("docker-compose.override.yml")).unwrap();
    stack.must(&["up", "-d"]);
    stack.wait_for_backend();
    let found = stack.lamb_auth(&[], &["check-user", "--email", ADMIN, "-o", "json"]).json(0);
    assert_eq!(found["found"], true, "{found:#}");
    let config = stack.lamb_auth(&[], &["config", "-o", "json"]).json(0);
    assert!(config.is_object(), "{config:#}");
}
