//! `refresh-token`: a token by each way that a deployment has, that passes `verify-token`; and every way in which there
//! is none, told apart.

use std::os::unix::fs::{PermissionsExt, symlink};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, PASSWORD, Trouble};

use super::run::{EDITIONS, Output, World, contents, snapshot};

const TEACHER: &str = "teacher@sandbox.test";

/// The command with the teacher's password by stdin, where a way takes one.
fn refresh(world: &World, line: &str) -> Output {
    refresh_with(world, line, PASSWORD)
}

fn refresh_with(world: &World, line: &str, password: &str) -> Output {
    let stdin = if line.contains("trusted") { "" } else { "--password-stdin" };
    world.command(&format!("refresh-token {line} {stdin}")).stdin(format!("{password}\n")).run()
}

/// One line on stdout, which `verify-token` takes as this e-mail's.
fn passes(world: &World, email: &str, output: &Output) {
    output.expect(0);
    assert_eq!(output.stdout.lines().count(), 1, "{output}");
    assert!(!output.stderr.contains(output.stdout.trim()), "{output}");
    let line = format!("verify-token -t - --email {email}");
    world.command(&line).stdin(output.stdout.clone()).run().expect(0).says("valid");
}

/// Without `--by`: whatever the deployment has. In both editions, beside all three versions.
#[test]
fn the_token_passes_verify_token_everywhere() {
    for version in OwiVersion::ALL {
        for edition in EDITIONS {
            let world = World::start(edition, version, None);
            let (way, line) = match (edition, version) {
                // LAMB reads every password as wrong beside a table that it does not know.
                (Edition::Delegated, OwiVersion::V0_6_43 | OwiVersion::V0_12_4) => {
                    let refused = refresh(&world, "--email teacher@sandbox.test");
                    refused.expect(2).says("uses trusted sign-in, which uses no password");
                    ("trusted sign-in", "refresh-token --email teacher@sandbox.test")
                }
                // And a native one would make another admin at each login.
                (Edition::Native, OwiVersion::V0_6_43) => {
                    let before = contents(&world.owi());
                    refresh(&world, "--email teacher@sandbox.test").expect(4).says("another admin").says("--force");
                    assert_eq!(before, contents(&world.owi()));
                    ("LAMB's login", "refresh-token --email teacher@sandbox.test --password-stdin --force")
                }
                _ => ("LAMB's login", "refresh-token --email teacher@sandbox.test --password-stdin"),
            };
            let output = world.command(line).stdin(PASSWORD).run();
            passes(&world, TEACHER, &output);
            output.says(&format!("for teacher@sandbox.test, by {way}: "));
        }
    }
}

/// Trusted sign-in and the password of an Open WebUI without the header: both give tokens that either edition takes.
#[test]
fn each_way_gives_a_token_that_passes() {
    for version in OwiVersion::ALL {
        for edition in EDITIONS {
            let world = World::start(edition, version, None);
            let accounts = contents(&world.owi());
            passes(&world, TEACHER, &refresh(&world, "--email teacher@sandbox.test --by trusted"));
            refresh(&world, "--email teacher@sandbox.test --by password").expect(1).says("takes no password");
            assert_eq!(accounts, contents(&world.owi()), "{edition} {version}");

            let world = World::start(edition, version, Some(Trouble::TrustedHeaderOff));
            passes(&world, TEACHER, &refresh(&world, "--email teacher@sandbox.test --by password"));
            refresh(&world, "--email teacher@sandbox.test --by trusted").expect(1).says("is off");
            if edition == Edition::Delegated {
                passes(&world, TEACHER, &refresh(&world, "--email teacher@sandbox.test"));
                refresh(&world, "--email teacher@sandbox.test --by login").expect(1).says("--by password");
            }
        }
    }
}

#[test]
fn what_people_and_scripts_see() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let mut pages = vec![
            refresh(&world, "--email teacher@sandbox.test --out new.token"),
            refresh(&world, "--email teacher@sandbox.test --by trusted --out new.token -o json"),
            refresh(&world, "--email teacher@sandbox.test -o json"),
            refresh_with(&world, "--email teacher@sandbox.test", "wrong"),
            world.run("refresh-token --email teacher@sandbox.test"),
            world.run("refresh-token --email teacher@sandbox.test --by trusted --password-stdin"),
            world.run("refresh-token --email nobody@uni.example"),
        ];
        for person in
            ["mixed.case", "Mixed.Case", "disabled", "inactive", "pending", "half", "no-owi", "bad-config", "no-role"]
        {
            pages.push(refresh(&world, &format!("--email {person}@sandbox.test --out person.token")));
            pages.push(refresh(&world, &format!("--email {person}@sandbox.test --by trusted --out person.token")));
        }
        for person in ["lti-creator", "no-password", "bad-password"] {
            pages.push(refresh(&world, &format!("--email {person}@sandbox.test --out person.token")));
        }
        snapshot(&format!("refresh_token_{edition}"), &pages);
    }
}

/// The token is in the JSON only where stdout was named for it.
#[test]
fn json_has_the_token_only_where_it_was_asked_for() {
    let world = World::plain(Edition::Native);
    let output = refresh(&world, "--email teacher@sandbox.test --out - -o json");
    let (code, json) = (output.code, output.json());
    assert_eq!((code, &json["by"], &json["out"]), (0, &"login".into(), &serde_json::Value::Null), "{json:#}");
    let token = json["token"].as_str().unwrap().to_owned();
    world.command("verify-token -t -").stdin(token).run().expect(0);
    let days = json["expires_in"].as_i64().unwrap() / 86_000;
    assert_eq!(days, 7);
    let json = refresh(&world, "--email teacher@sandbox.test --out new.token -o json").json();
    assert!(json["token"].is_null() && json["out"] == "new.token", "{json:#}");
}

/// A file that only its owner reads, and nothing but a file; the old one stays where no new token can be had.
#[test]
fn the_file_is_private_and_the_old_one_is_kept() {
    let world = World::plain(Edition::Native);
    let path = world.cwd.path().join("new.token");
    std::fs::write(&path, "eyJ.the.old.one\n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    refresh_with(&world, "--email teacher@sandbox.test --out new.token", "wrong").expect(1);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "eyJ.the.old.one\n");
    let output = refresh(&world, "--email teacher@sandbox.test --out new.token");
    output.expect(0).says("written to new.token");
    assert_eq!(output.stdout, "");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    world.run("verify-token -t new.token").expect(0);

    symlink(&path, world.cwd.path().join("link.token")).unwrap();
    for (out, why) in [
        ("link.token", "links are not followed"),
        (".", "not a regular file"),
        ("/dev/null", "not a regular file"),
        ("nowhere/new.token", "no such folder"),
    ] {
        refresh(&world, &format!("--email teacher@sandbox.test --out {out}")).expect(2).says(why);
    }
    assert!(!world.cwd.path().join(".new.token").exists());
}

/// Out of reach is no refusal; and no password goes to what is no LAMB.
#[test]
fn troubles_are_told_apart() {
    use Trouble as T;
    for (edition, trouble, code, says) in [
        (Edition::Delegated, T::OwiDown, 3, "refused"),
        (Edition::Delegated, T::OwiWrongUrl, 3, "is not an Open WebUI"),
        (Edition::Delegated, T::BackendDown, 3, "no password was sent"),
        (Edition::Delegated, T::BackendWrong, 3, "no password was sent"),
        (Edition::Native, T::BackendNotFound, 3, "no password was sent"),
        (Edition::Native, T::BackendHangs, 3, "no password was sent"),
        (Edition::Native, T::OwiDown, 0, "the chat will not open"),
        (Edition::Native, T::OwiHangs, 3, "would wait with it"),
        (Edition::Delegated, T::LambDbLocked, 3, "--by password"),
        (Edition::Native, T::LambDbMissing, 3, "lamb_v4.db"),
        (Edition::Delegated, T::TrustedHeaderRenamed, 1, "could get no token of Open WebUI"),
        (Edition::Native, T::TrustedHeaderRenamed, 0, "got no token of Open WebUI"),
        // Its own tokens need none of Open WebUI's secrets.
        (Edition::Native, T::OwiSecretChanged, 0, "by LAMB's login"),
    ] {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
        let output = refresh(&world, "--email teacher@sandbox.test --timeout 1 --lock-timeout 0.2");
        output.expect(code).says(says);
        assert_eq!(output.stdout.is_empty(), code != 0, "{output}");
    }
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(T::TrustedHeaderRenamed));
    refresh(&world, "--email teacher@sandbox.test --by trusted").expect(1).says("of another name");
    // What LAMB would not take is not handed out.
    let world = World::start(Edition::Native, OwiVersion::V0_5_6, Some(T::SharedSecret));
    let output = refresh(&world, "--email teacher@sandbox.test --by trusted");
    output.expect(1).says("shared-secret-trap");
    assert_eq!(output.stdout, "");
    // Another secret than LAMB's at hand: it has just issued the token all the same.
    let world = World::plain(Edition::Native);
    let output = world
        .command("refresh-token --email teacher@sandbox.test --password-stdin")
        .env("LAMB_JWT_SECRET", "another secret")
        .stdin(PASSWORD)
        .run();
    output.expect(0).says("is not at hand here");
}

/// Trusted sign-in can make accounts: it is only tried where this very server has the e-mail in this spelling.
#[test]
fn trusted_sign_in_is_proven_first() {
    for version in OwiVersion::ALL {
        let world = World::start(Edition::Native, version, None);
        let open = "UPDATE config SET data = json_set(data, '$.ui.enable_signup', json('true'))";
        if version < OwiVersion::V0_12_4 {
            world.owi().execute_batch(open).unwrap();
        }
        let before = contents(&world.owi());
        for email in ["no-owi@sandbox.test", "Mixed.Case@sandbox.test"] {
            let output = refresh(&world, &format!("--email {email} --by trusted --force"));
            output.expect(4).says("could make another account");
            assert_eq!(output.stdout, "");
        }
        assert_eq!(before, contents(&world.owi()), "{version}");
        // LAMB's login would sign in by the same header.
        if version != OwiVersion::V0_6_43 {
            let login = "--email Mixed.Case@sandbox.test --by login";
            refresh(&world, login).expect(4).says("could make an account").says("--force");
            assert_eq!(before, contents(&world.owi()), "{version}");
        }
    }
    // The file is an old copy: the server's API says what is so.
    let world = World::start(Edition::Delegated, OwiVersion::V0_12_4, Some(Trouble::OwiDbStale));
    let output = world.run("refresh-token --email teacher@sandbox.test --by trusted");
    assert!([0, 4].contains(&output.code), "{output}");
    assert!(output.code == 4 || world.command("verify-token -t -").stdin(output.stdout.clone()).run().code == 0);
    // No file and no secret: the admin's API is asked.
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiSecretChanged));
    passes(&world, TEACHER, &refresh(&world, "--email teacher@sandbox.test --by trusted"));
}

/// More sign-ins than the newest Open WebUI lets through: later, and not "refused".
#[test]
fn too_many_sign_ins_are_not_a_refusal() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_12_4, Some(Trouble::TrustedHeaderOff));
    let line = "--email teacher@sandbox.test --by password";
    let last = (0..30).map(|_| refresh_with(&world, line, "wrong")).find(|output| output.code != 1);
    last.expect("it never answers 429").expect(3).says("429");
}

/// The password is typed at the terminal, and is not seen there.
#[test]
fn the_password_is_typed_unseen() {
    let world = World::plain(Edition::Native);
    let run = world.command("refresh-token --email teacher@sandbox.test --out new.token");
    let output = run.at_a_terminal_after("Password of teacher@sandbox.test", &format!("{PASSWORD}\n"));
    output.expect(0).says("valid for").never_says(PASSWORD);
    world.run("verify-token -t new.token").expect(0);
}

/// Ctrl-D and an empty line leave the prompt, and Ctrl-C ends the program; each says so on a line of its own.
#[test]
fn a_password_prompt_that_is_left_says_so() {
    let world = World::plain(Edition::Native);
    let refresh = "refresh-token --email teacher@sandbox.test --out new.token";
    let check = "diagnose teacher@sandbox.test --flow login --password-prompt";
    let left = "error: no password (the prompt was left without one); nothing was sent";
    for (line, keys, code, says) in [
        (refresh, "\u{4}", 4, left),
        (refresh, "\n", 4, left),
        (refresh, "\u{3}", 130, "interrupted: the question was left without an answer"),
        (check, "\u{4}", 2, "error: --password-prompt: no password (the prompt was left without one)"),
    ] {
        let output = world.command(line).at_a_terminal_after("Password of teacher@sandbox.test", keys);
        output.expect(code);
        let mut lines = output.stdout.lines().map(|line| line.trim_end().trim_start_matches("\u{1b}[?25h"));
        assert!(lines.any(|line| line == says), "{says:?} is no line of {output}");
    }
    assert!(!world.cwd.path().join("new.token").exists());
}
