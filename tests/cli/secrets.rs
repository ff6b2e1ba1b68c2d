//! No secret leaves: not in data, not in talk, not with `-v`, whatever goes wrong.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, PASSWORD, Sandbox, Trouble};

use super::run::{Output, World, rows};
use super::streams::LINES;

/// Every secret of a sandbox by a name that may be shown. Words too short to be anybody's secret are left out.
pub(crate) fn secrets(world: &World) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = vec![("password".to_owned(), PASSWORD.to_owned())];
    let told =
        ["OWI_ADMIN_PASSWORD", "LAMB_BEARER_TOKEN", "WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY", "LAMB_JWT_SECRET"];
    all.extend(world.sandbox.env().into_iter().filter(|(name, _)| told.contains(name)).map(|(n, v)| (n.to_owned(), v)));
    for name in world.sandbox.token_names() {
        let token = world.sandbox.token(name).unwrap().expose();
        let token = token.trim_start_matches("Bearer ");
        // Two parts of a token are claims, which are shown; the third is what makes it one.
        all.push((format!("token {name}"), token.to_owned()));
        if let Some((_, signature)) = token.rsplit_once('.') {
            all.push((format!("signature of {name}"), signature.to_owned()));
        }
    }
    for hash in rows(&world.owi(), "SELECT DISTINCT password FROM auth") {
        all.push(("a hash of Open WebUI".to_owned(), hash));
    }
    if world.edition == Edition::Native {
        let sql = "SELECT DISTINCT password_hash FROM {p}Creator_users WHERE password_hash IS NOT NULL";
        all.extend(world.lamb_rows(sql).into_iter().map(|hash| ("a hash of LAMB".to_owned(), hash)));
    }
    all.retain(|(name, text)| text.len() >= 8 && name != "signature of malformed" && name != "token malformed");
    all
}

fn keeps(output: &Output, secrets: &[(String, String)]) {
    let all = output.all();
    for (name, text) in secrets {
        assert!(!all.contains(text.as_str()), "{name} is shown by: {output}");
    }
    assert!(!all.contains("$2b$04$") && !all.contains("$2b$12$"), "a hash is shown by: {output}");
}

#[test]
fn no_command_shows_a_secret() {
    for (edition, version) in [(Edition::Delegated, OwiVersion::V0_5_6), (Edition::Native, OwiVersion::V0_12_4)] {
        let world = World::start(edition, version, None);
        let secrets = secrets(&world);
        assert!(secrets.len() > 30);
        for line in LINES {
            for flags in ["-v -o json", "-v"] {
                keeps(&world.run(&format!("{line} {flags}")), &secrets);
            }
        }
        for line in [
            "create-creator --email admin@admin.owi --yes -v -o json",
            "assign-role --email teacher@sandbox.test --org physics --role admin --yes -v -o json",
            "verify-token -t box/tokens/creator-missing.token --ensure-creator --yes -v",
        ] {
            let output = world.run(line);
            keeps(&output, &secrets);
        }
        let all: Vec<_> = world.sandbox.token_names().map(|name| world.sandbox.token(name).unwrap().expose()).collect();
        for flags in ["-v -o json", "-v -o table"] {
            let line = format!("verify-token --batch - {flags}");
            keeps(&world.command(&line).stdin(all.join("\n")).run(), &secrets);
        }
        let line = "create-creator --email new@uni.example --create-owi-user --password-stdin --yes -v -o json";
        let output = world.command(line).stdin("a brand-new password").run();
        output.expect(0).never_says("a brand-new password");
        keeps(&output, &secrets);
    }
}

#[test]
fn no_token_is_shown() {
    for (edition, version) in [(Edition::Delegated, OwiVersion::V0_12_4), (Edition::Native, OwiVersion::V0_5_6)] {
        let world = World::start(edition, version, None);
        let secrets = secrets(&world);
        for name in world.sandbox.token_names().filter(|name| !name.contains('@')) {
            let token = world.sandbox.token(name).unwrap().expose().to_owned();
            for line in ["verify-token -v -o json", "verify-token -v --for owi", "diagnose -v -o json --replay"] {
                keeps(&world.command(line).env("LAMB_AUTH_TOKEN", &token).run(), &secrets);
            }
            keeps(&world.command("config -v -o json").env("LAMB_AUTH_TOKEN", &token).run(), &secrets);
        }
    }
}

fn by_no_trouble(edition: Edition) {
    // Where the files are not at hand, what is in them is taken from a sandbox that is well: they are alike.
    let well = secrets(&World::plain(edition));
    for &trouble in Trouble::ALL {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
        let known: Vec<_> = well.iter().cloned().chain(tokens(&world.sandbox)).collect();
        for line in ["diagnose -t box/tokens/owi.token", "check-owi-user --email teacher@sandbox.test --via api"] {
            keeps(&world.run(&format!("{line} -v -o json --timeout 0.2 --lock-timeout 0.1")), &known);
        }
    }
}

#[test]
fn no_trouble_of_a_delegated_lamb_shows_a_secret() {
    by_no_trouble(Edition::Delegated);
}

#[test]
fn no_trouble_of_a_native_lamb_shows_a_secret() {
    by_no_trouble(Edition::Native);
}

fn tokens(sandbox: &Sandbox) -> Vec<(String, String)> {
    let tokens = sandbox.token_names().map(|name| (name.to_owned(), sandbox.token(name).unwrap().expose().to_owned()));
    tokens.filter(|(name, text)| text.len() >= 8 && name != "malformed").collect()
}

/// A password in a URL, a secret in a file, a `.env` that is half understood.
#[test]
fn no_setting_shows_a_secret() {
    let world = World::plain(Edition::Delegated);
    std::fs::write(world.cwd.path().join("key"), "a-further-secret-in-a-file\n").unwrap();
    std::fs::write(
        world.cwd.path().join("bad.env"),
        "this line has hunter2222 in it\nOWI_ADMIN_PASSWORD='hunter3333\n",
    )
    .unwrap();
    for line in [
        "config -v",
        "config -v -o json",
        "diagnose --email admin@admin.owi -v -o json",
        "verify-token -t box/tokens/valid.token -v",
    ] {
        let output = world
            .command(&format!("{line} --secret-file key --env-file bad.env --timeout 1"))
            .env("OWI_BASE_URL", "http://operator:hunter4444@127.0.0.1:9")
            .env("HTTPS_PROXY", "http://proxy:hunter5555@127.0.0.1:9")
            .run();
        for secret in ["a-further-secret-in-a-file", "hunter2222", "hunter3333", "hunter4444", "hunter5555"] {
            output.never_says(secret);
        }
    }
    let unusable = world.run("diagnose --email admin@admin.owi --owi-url ftp://operator:hunter6666@uni.example");
    unusable.expect(2).never_says("hunter6666");
}

/// A crash while a token is read: no core dump, which would have the token in it.
#[test]
fn a_crash_leaves_no_core_dump() {
    let world = World::plain(Edition::Delegated);
    for (variable, dumps) in [("", false), ("LAMB_AUTH_CORE_DUMPS=1", true)] {
        let program = env!("CARGO_BIN_EXE_lamb-auth");
        let line =
            format!("ulimit -S -c $(ulimit -H -c) && exec env {variable} {program} verify-token --token-file - -v");
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(world.cwd.path()).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.envs(world.sandbox.env()).spawn().unwrap();
        let limits = format!("/proc/{}/limits", child.id());
        // Until it is our program, and has set its limits: then it waits for the token.
        let is_set = || {
            let name = std::fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap();
            let limits = std::fs::read_to_string(&limits).unwrap();
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
            let words: Vec<&str> = core.split_whitespace().collect();
            name.trim() == "lamb-auth" && words[4] == if dumps { words[5] } else { "0" }
        };
        while !is_set() {
            std::thread::yield_now();
        }
        assert!(Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap().success());
        let status = child.wait().unwrap();
        assert!(dumps || !status.core_dumped(), "{status}");
    }
}
