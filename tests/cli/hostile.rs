//! Input that nobody sends by mistake: bounded in time and size, answered like any other, and harmless to a terminal.

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;

use super::run::{EDITIONS, Output, Run, World};

/// Ends soon, by one of the known codes, and without a panic.
fn survives(run: Run) -> Output {
    let began = Instant::now();
    let output = run.run();
    assert!([0, 1, 2, 3, 4].contains(&output.code), "{output}");
    assert!(!output.stderr.contains("panicked"), "{output}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}: {output}", began.elapsed());
    output
}

#[test]
fn ten_megabytes_are_no_token() {
    let world = World::plain(Edition::Delegated);
    let huge = "eyJhbGciOiJIUzI1NiJ9.".repeat(500_000);
    std::fs::write(world.cwd.path().join("huge"), &huge).unwrap();
    for line in [
        "verify-token -t huge -o json",
        "verify-token -t huge --for owi -o json",
        "verify-token -t huge --offline -o json",
    ] {
        let output = survives(world.command(line));
        assert_eq!((output.code, output.json()["verdict"].as_str()), (1, Some("malformed")), "{output}");
        assert!(output.all().len() < 10_000, "{} bytes", output.all().len());
    }
    let output = survives(world.command("verify-token -t - -o json").stdin(huge.clone()));
    assert_eq!((output.code, output.json()["verdict"].as_str()), (1, Some("malformed")));
    let output = survives(world.command("diagnose -t - -o json").stdin(huge));
    assert_eq!((output.code, output.json()["finding"].as_str()), (1, Some("malformed")));
    // A file without an end.
    let output = survives(world.command("verify-token -t /dev/zero -o json"));
    assert_eq!(output.json()["verdict"], "malformed");
}

#[test]
fn odd_tokens_are_malformed_or_of_the_wrong_kind() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let valid = world.sandbox.token("valid").unwrap().expose().to_owned();
        let (head, tail) = valid.split_once('.').unwrap();
        for (token, verdict) in [
            (String::new(), "malformed"),
            ("\n\n".to_owned(), "malformed"),
            ("\0".to_owned(), "malformed"),
            (format!("{head}.\0{tail}"), "malformed"),
            (format!("{head}.\n{tail}"), "malformed"),
            (format!("{valid} {valid}"), "malformed"),
            (format!("{valid}.{valid}"), "malformed"),
            (head.to_owned(), "malformed"),
            ("..".to_owned(), "malformed"),
            ("é.é.é".to_owned(), "malformed"),
            ("\u{1b}[2J\u{1b}[31m".to_owned(), "malformed"),
            ("undefined".to_owned(), "wrong-kind"),
            ("Basic dXNlcjpwYXNz".to_owned(), "wrong-kind"),
            ("sk-0123456789abcdef0123456789abcdef".to_owned(), "wrong-kind"),
            // "alg":"none", and a signature of nothing.
            ("eyJhbGciOiJub25lIn0.eyJpZCI6IngifQ.".to_owned(), "malformed"),
        ] {
            for line in ["verify-token -t - -o json", "verify-token -t - --for owi -o json"] {
                let output = survives(world.command(line).stdin(token.clone()));
                let told = output.json()["verdict"].clone();
                assert_eq!((told.as_str(), output.code), (Some(verdict), 1), "{token:?}: {output}");
                output.never_says("\u{1b}");
            }
            let output = survives(world.command("diagnose -t - -o json").stdin(token.clone()));
            assert_eq!(output.json()["first_failing_step"], "authorization-header", "{token:?}: {output}");
        }
        // Bytes that are no text.
        let output =
            survives(world.command("verify-token -t - -o json").stdin([0xff, 0xfe, 0x80, b'.', 0xc3, b'.', 0x28]));
        assert_eq!(output.json()["verdict"], "malformed");
    }
}

/// A signature that no header can carry.
#[test]
fn a_header_smuggled_in_a_token_is_malformed() {
    let world = World::plain(Edition::Delegated);
    let valid = world.sandbox.token("valid").unwrap().expose().to_owned();
    for tail in ["\r\nX-Injected: yes", " x", "\0", "\u{7f}"] {
        let output = survives(world.command("verify-token -t - -o json").stdin(format!("{valid}{tail}")));
        assert_eq!((output.json()["verdict"].as_str(), output.code), (Some("malformed"), 1), "{output}");
    }
}

#[test]
fn odd_emails_are_answered_or_refused() {
    let world = World::plain(Edition::Delegated);
    let long = format!("{}@uni.example", "x".repeat(2000));
    for (email, code) in [
        ("", 2),
        (" ", 2),
        ("a\nb@uni.example", 2),
        ("a\tb@uni.example", 2),
        ("\u{1b}[31mred@uni.example", 2),
        (long.as_str(), 2),
        ("teacher@sandbox.test' OR '1'='1", 1),
        ("%@sandbox.test", 1),
        ("*", 1),
        ("\u{202e}tset.xobdnas@rehcaet", 1),
        ("teacher@sandbox.test\u{200b}", 1),
    ] {
        let flag = format!("--email={email}");
        for line in [
            "check-user",
            "check-owi-user",
            "diagnose",
            "create-creator --yes",
            "assign-role --org lamb --role member --yes",
        ] {
            let output = survives(world.command(line).arg(&flag));
            let refused = code == 1 && line.starts_with("create");
            assert_eq!(output.code, if refused { 4 } else { code }, "{output}");
            output.never_says("\u{202e}").never_says("\u{1b}");
        }
    }
}

/// What the databases say goes to a terminal only in a harmless form; in JSON it is escaped as JSON is.
#[test]
fn what_the_databases_say_is_made_harmless() {
    let world = World::start(Edition::Native, OwiVersion::V0_5_6, None);
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[31mTom\nfound\ttrue\u{202e}\u{200b}\u{7f}\u{9b}2J\u{2066}\u{feff}";
    world
        .lamb()
        .execute("UPDATE LAMB_Creator_users SET user_name = ?1 WHERE user_email = 'teacher@sandbox.test'", [evil])
        .unwrap();
    world.owi().execute("UPDATE user SET name = ?1, role = ?1 WHERE email = 'teacher@sandbox.test'", [evil]).unwrap();
    world
        .lamb()
        .execute("UPDATE LAMB_organizations SET slug = 'phy' || ?1, name = ?1 WHERE slug = 'physics'", [evil])
        .unwrap();
    for line in [
        "check-user --email teacher@sandbox.test",
        "check-owi-user --email teacher@sandbox.test",
        "check-owi-user --email teacher@sandbox.test --via api",
        "list-users teacher",
        "list-organizations",
        "diagnose --email teacher@sandbox.test -v",
        "diagnose -t box/tokens/owi.token -v",
        "create-creator --email admin@admin.owi --org nowhere --yes",
        "create-creator --email teacher@sandbox.test --org lamb",
    ] {
        for format in ["table", "plain", "json"] {
            let output = survives(world.command(&format!("{line} -o {format}")));
            for raw in ["\u{1b}", "\u{7}", "\u{202e}", "\u{200b}", "\u{7f}", "\u{9b}", "\u{2066}", "\u{feff}"] {
                output.never_says(raw);
            }
        }
        let plain = survives(world.command(&format!("{line} -o plain")));
        assert!(!plain.stdout.lines().any(|row| row.starts_with("found\ttrue\\u")), "a row is forged: {plain}");
    }
    let name = world.command("check-user --email teacher@sandbox.test -o json").run().json()["creator"]["name"].clone();
    assert_eq!(name, evil);
}

/// Messages about arguments too, of clap and of lamb-auth itself.
#[test]
fn an_argument_is_made_harmless_in_messages() {
    let world = World::plain(Edition::Delegated);
    let evil = "\u{1b}[31mTom\u{202e}\u{200b}\u{7f}\u{9b}2J";
    for line in ["explain", "audit --org", "check-user --odd", "diagnose --token-file", "sync --plan", "list-users"] {
        for format in ["table", "json"] {
            let output = survives(world.command(&format!("-o {format} {line}")).arg(evil));
            for raw in ["\u{1b}", "\u{202e}", "\u{200b}", "\u{7f}", "\u{9b}"] {
                output.never_says(raw);
            }
        }
    }
}

/// A server can answer with the token that it was just sent, or with a secret that it knows.
#[test]
fn a_token_in_an_answer_is_not_shown() {
    let world = World::plain(Edition::Delegated);
    let jwt = world.sandbox.token("valid").unwrap().expose().to_owned();
    let (opaque, secret) = ("opaque-token-of-a-teacher", "the-secret-of-the-server");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = String::new();
            let mut lines = std::io::BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).is_ok_and(|read| read > 0) {}
            let sent = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).unwrap_or(secret);
            let echo = format!("{sent} and {secret}");
            let body = serde_json::json!({
                "version": format!("0.6.43 {echo}"), "id": echo, "email": format!("teacher@sandbox.test{sent}"),
                "name": echo, "role": echo, "detail": echo,
            });
            let (body, kind) = (body.to_string(), "HTTP/1.1 200 OK\r\nContent-Type: application/json");
            let _ = write!(stream, "{kind}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    for token in [jwt.as_str(), opaque] {
        std::fs::write(world.cwd.path().join("token"), token).unwrap();
        for command in ["diagnose -v -t token", "verify-token -v -t token --for owi", "verify-token --batch token"] {
            for format in ["table", "plain", "json"] {
                let line = format!("{command} -o {format} --owi-url {url}");
                let output = survives(world.command(&line).env("WEBUI_SECRET_KEY", secret));
                for hidden in [token, secret] {
                    output.never_says(hidden);
                }
                // In a table, a long word can be broken.
                assert!(!output.stdout.split_whitespace().collect::<String>().contains(token), "{output}");
            }
        }
    }
}

/// Words and files that are no settings.
#[test]
fn odd_settings_are_refused() {
    let world = World::plain(Edition::Delegated);
    for (line, code) in [
        ("check-user --email a@b --env-file /", 2),
        ("check-user --email a@b --secret-file /", 2),
        ("check-user --email a@b --lamb-db /dev/null", 3),
        ("check-user --email a@b --lamb-db box/lamb/lamb_v4.db/x", 3),
        ("check-owi-user --email a@b --owi-db box/lamb/lamb_v4.db", 3),
        ("check-user --email a@b --lamb-db box/owi/webui.db", 3),
        ("config --lamb-db /dev/null --owi-db /dev/null", 1),
        ("diagnose --email a@b --owi-url http://127.0.0.1:1 --timeout 0.2", 1),
    ] {
        let output = survives(world.command(line));
        assert_eq!(output.code, code, "{output}");
    }
}

/// A `.env` of ten megabytes, and one that is no text.
#[test]
fn odd_env_files_are_survived() {
    let world = World::plain(Edition::Delegated);
    let env = world.cwd.path().join(".env");
    std::fs::write(&env, "A='".repeat(3_000_000)).unwrap();
    survives(world.command("check-user --email teacher@sandbox.test")).expect(0);
    std::fs::write(&env, [0xff, 0xfe, 0x00]).unwrap();
    survives(world.command("check-user --email teacher@sandbox.test")).expect(0).says(".env");
    std::fs::remove_file(&env).unwrap();
    std::fs::create_dir(&env).unwrap();
    survives(world.command("check-user --email teacher@sandbox.test")).expect(0);
}

/// A pipe into which nobody writes is no reason to wait for ever, whoever names it.
#[test]
fn no_command_waits_for_ever_for_a_pipe() {
    let world = World::plain(Edition::Delegated);
    assert!(std::process::Command::new("mkfifo").arg(world.cwd.path().join("pipe")).status().unwrap().success());
    let lines = [
        "sync --plan pipe --apply --yes",
        "sync --all --policy pipe",
        "config --env-file pipe",
        "verify-token -t pipe",
        "verify-token -t box/tokens/none --offline --secret-file pipe",
        "verify-token --batch pipe",
        "check-owi-user --email teacher@sandbox.test --via api --admin-token-file pipe",
    ];
    // All at once: most of them are patient for a while.
    let started: Vec<_> = lines.map(|line| world.command(line)).into_iter().map(|run| (run.start(), run)).collect();
    for (child, run) in started {
        let output = run.finish(child);
        assert!([2, 3].contains(&output.code), "{output}");
        let told = output.says("pipe").all();
        assert!(told.contains("this is not a regular file") || told.contains("nothing came out of it"), "{output}");
    }
}

/// Secrets come out of other programs without ever being in a file.
#[test]
fn what_a_program_writes_into_a_pipe_is_read() {
    let world = World::plain(Edition::Delegated);
    let pipe = world.cwd.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for line in ["verify-token --offline -t pipe -o json", "verify-token --offline --batch pipe -o json"] {
        let pipe = pipe.clone();
        let writer = std::thread::spawn(move || std::fs::write(pipe, "no.token.this\n"));
        world.run(line).expect(1).says("malformed");
        writer.join().unwrap().unwrap();
    }
}
