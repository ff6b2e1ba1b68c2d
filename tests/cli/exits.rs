//! Exit codes 2 and 3: what the operator typed wrong, and what was out of reach. The others are in the tests of what
//! they are about; all of them are counted at the end.

use std::ffi::OsStr;
use std::fs::{OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::run::{EDITIONS, Run, World};

/// A wrong command line, and what the error says.
const USAGE: &[(&str, &str)] = &[
    ("", "Usage"),
    ("no-such-command", "unrecognized"),
    ("diagnose", "--email"),
    ("check-user", "--email"),
    ("check-user --email ''", "empty"),
    ("check-user --email '  '", "empty"),
    ("check-user --email \"a\u{7}b@uni.example\"", "control character"),
    ("check-user --email teacher@sandbox.test -o yaml", "plain"),
    ("check-user --email teacher@sandbox.test -q -v", "cannot be used with"),
    ("check-user --email teacher@sandbox.test --lamb-db-prefix 'x; DROP TABLE y'", "not a table prefix"),
    ("check-user --email teacher@sandbox.test --lamb-db-prefix pre-fix", "not a table prefix"),
    ("check-user --email teacher@sandbox.test --env-file nowhere.env", "nowhere.env"),
    ("check-user --email teacher@sandbox.test --secret-file nowhere.key", "nowhere.key"),
    ("check-user --email teacher@sandbox.test --timeout 0", "between 1ms and 1h"),
    ("check-user --email teacher@sandbox.test --timeout=-1", "not a time such as"),
    ("check-user --email teacher@sandbox.test --lock-timeout ever", "not a time such as"),
    ("check-user --email teacher@sandbox.test --lock-timeout NaN", "not a time such as"),
    ("check-user --email teacher@sandbox.test --lamb-db ''", "LAMB_DB_PATH"),
    ("check-owi-user --email teacher@sandbox.test --owi-db ''", "OWI_PATH"),
    ("list-users --org nowhere", "organizations: "),
    ("list-users '['", "a literal ["),
    ("check-owi-user --email teacher@sandbox.test --via pigeon", "api"),
    ("check-owi-user --email teacher@sandbox.test --via api --owi-url 'not a url'", "is not a URL"),
    ("check-owi-user --email teacher@sandbox.test --via api --owi-url ftp://uni.example", "http or https"),
    ("diagnose --email teacher@sandbox.test --backend-url localhost:9099", "http or https"),
    ("diagnose --email teacher@sandbox.test --owi-url ''", "OWI_BASE_URL"),
    ("diagnose -t nowhere.token", "nowhere.token"),
    ("verify-token --for nobody", "lamb"),
    ("create-creator --email admin@admin.owi --org phisics --yes", "organizations: physics"),
    ("create-creator --email admin@admin.owi --org LAMB --yes", "no organization"),
    ("create-creator --email admin@admin.owi --role king --yes", "member"),
    ("create-creator --email admin@admin.owi --name '' --yes", "--name"),
    ("create-creator --email admin@admin.owi --name \"a\nb\" --yes", "--name"),
    ("create-creator --email admin@admin.owi --admin-token-file x --yes", "--create-owi-user"),
    ("assign-role --email teacher@sandbox.test --yes", "--role"),
    ("assign-role --email teacher@sandbox.test --org physics --yes", "--role"),
    ("assign-role --email teacher@sandbox.test --org physik --role member --yes", "organizations: physics"),
    ("explain creator-mising", "did you mean creator-missing?"),
    ("sandbox --edition foreign --list", "possible values: delegated, native"),
    ("sandbox --owi-version 0.7.0 --list", "0.12.4"),
    ("sandbox --trouble none --list", "owi-down"),
    ("sandbox --token nobodys -- verify-token", "tokens: valid"),
    ("completions", "SHELL"),
];

/// Bytes that are not UTF-8: an argument, a path, another setting. Each names what was tried, and no other database is
/// taken in the place of the one that was named.
#[test]
fn bytes_that_are_not_text_are_errors_and_paths_stay_paths() {
    let world = World::plain(Edition::Delegated);
    let odd = OsStr::from_bytes(b"odd-\xff");
    let ends = |line: &str, change: &dyn Fn(&mut Command), code: i32, says: &str| {
        let mut command = world.command(line).process();
        change(&mut command);
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}: {stderr}");
        assert!(stderr.contains(says), "{line}: {stderr}");
    };
    let look = "check-user --email teacher@sandbox.test";
    ends(look, &|it| _ = it.arg(odd), 2, "UTF-8");
    ends("check-user", &|it| _ = it.arg("--email").arg(odd), 2, "UTF-8");
    for name in ["OWI_BASE_URL", "WEBUI_SECRET_KEY", "LAMB_DB_PREFIX"] {
        ends(look, &|it| _ = it.env(name, odd), 2, name);
    }
    let folder = world.cwd.path().join(odd);
    std::os::unix::fs::symlink(world.sandbox.dir().join("lamb"), &folder).unwrap();
    ends(look, &|it| _ = it.env("LAMB_DB_PATH", &folder), 0, "");
    ends(look, &|it| _ = it.env_remove("LAMB_DB_PATH").arg("--lamb-db").arg(&folder), 0, "");
    std::fs::remove_file(&folder).unwrap();
    ends("sync --apply --yes", &|it| _ = it.env("LAMB_DB_PATH", &folder), 3, "odd-");
    assert_eq!(world.journal_lines().len(), 0);
}

/// The change is made and the disk takes no report: stderr names the run, which the journal has.
#[test]
fn a_report_that_cannot_be_written_is_exit_6_after_a_change_and_3_before_one() {
    let world = World::plain(Edition::Delegated);
    let into_full = |line: &str| {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = world.command(line).process().stdout(full).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for line in [
        "create-creator --email admin@admin.owi --yes",
        "assign-role --email no-role@sandbox.test --org physics --role member --yes",
        "undo last --yes",
        "sync --apply --yes",
    ] {
        let planned = line.replace("--apply --yes", "").replace("--yes", "--dry-run");
        assert_eq!(into_full(&planned).0, Some(3), "{planned}");
        let (code, stderr) = into_full(line);
        assert_eq!(code, Some(6), "{line}: {stderr}");
        let run = world.journal_lines().iter().rev().find_map(|it| it["run"].as_str().map(str::to_owned)).unwrap();
        assert!(stderr.contains(&format!("lamb-auth history {run}")), "{line}: {stderr}");
    }
}

#[test]
fn what_is_typed_wrong_is_exit_2() {
    let world = World::plain(Edition::Delegated);
    let before = super::create_creator::everything(&world);
    for (line, says) in USAGE {
        let output = world.run(line);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{output}");
        output.says(says);
    }
    assert_eq!(super::create_creator::everything(&world), before);
}

/// Only a command that needs a thing fails for the lack of it.
#[test]
fn a_setting_is_needed_only_where_it_is_used() {
    let world = World::plain(Edition::Delegated);
    let broken = |line: &str| world.command(line).env("OWI_BASE_URL", "ftp://x").env("OWI_PATH", "").run().code;
    assert_eq!(broken("check-user --email teacher@sandbox.test"), 0);
    assert_eq!(broken("explain"), 0);
    assert_eq!(broken("completions bash"), 0);
    assert_eq!(broken("schema diagnose"), 0);
    assert_eq!(broken("sandbox --list"), 0);
    assert_eq!(broken("verify-token -t box/tokens/valid.token --offline"), 3);
    assert_eq!(broken("check-owi-user --email teacher@sandbox.test"), 2);
    assert_eq!(broken("verify-token -t box/tokens/valid.token"), 2);
    assert_eq!(broken("diagnose --email teacher@sandbox.test"), 2);
    // `config` shows all of it.
    assert_eq!(broken("config"), 1);
}

/// A list of all that is missing would send its reader to start servers that are on another machine.
#[test]
fn no_settings_at_all_are_told_before_anything_else() {
    for line in ["diagnose --email teacher@uni.example", "audit --timeout 1.5s"] {
        let run = Run::new(line.split(' ').map(str::to_owned).collect()).run();
        run.expect(2).says("no LAMB settings found here").never_says("backend-down");
    }
}

#[test]
fn the_nearest_organization_comes_first() {
    let world = World::plain(Edition::Delegated);
    for (typed, nearest) in [("phisics", "physics"), ("close", "closed"), ("lam", "lamb"), ("brocken", "broken")] {
        let output = world.run(&format!("create-creator --email admin@admin.owi --org {typed} --yes"));
        output.expect(2).says(&format!("organizations: {nearest}, "));
    }
}

/// What the answer needed was out of reach: never a "no".
#[test]
fn out_of_reach_is_exit_3() {
    use Trouble as T;
    let email = "--email teacher@sandbox.test";
    for (edition, trouble, line, says) in [
        (Edition::Delegated, T::LambDbLocked, "check-user", "locked"),
        (Edition::Delegated, T::LambDbEmpty, "check-user", "empty"),
        (Edition::Native, T::LambDbGarbage, "check-user", "not an SQLite database"),
        (Edition::Native, T::LambDbMissing, "check-user", "no such file"),
        (Edition::Delegated, T::OwiDbLocked, "check-owi-user", "locked"),
        (Edition::Delegated, T::OwiDbMissing, "check-owi-user", "no such file"),
        (Edition::Delegated, T::OwiDown, "check-owi-user --via api", "refused"),
        (Edition::Delegated, T::OwiHangs, "check-owi-user --via api", "no answer"),
        (Edition::Delegated, T::OwiError, "check-owi-user --via api", "500"),
        (Edition::Delegated, T::OwiWrongUrl, "check-owi-user --via api", "not an Open WebUI"),
        (Edition::Delegated, T::OwiRedirect, "check-owi-user --via api", "redirects"),
        (Edition::Delegated, T::OwiDown, "verify-token -t box/tokens/valid.token", "could-not-tell"),
        (Edition::Delegated, T::OwiHangs, "verify-token -t box/tokens/valid.token", "could-not-tell"),
        (Edition::Delegated, T::LambDbLocked, "verify-token -t box/tokens/valid.token", "locked"),
        (Edition::Native, T::LambDbMissing, "verify-token -t box/tokens/valid.token", "edition is not known"),
        (Edition::Delegated, T::LambDbLocked, "create-creator --yes", "locked"),
        (Edition::Delegated, T::LambDbLocked, "assign-role --org physics --role member --yes", "locked"),
        (Edition::Native, T::LambDbLocked, "assign-role --org physics --role member --yes --force", "locked"),
        (Edition::Delegated, T::OwiDbLocked, "verify-token -t box/tokens/valid.token", "locked"),
    ] {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
        let before = std::time::Instant::now();
        let output = world.run(&format!("{line} {email} --timeout 0.5 --lock-timeout 0.2 -o json"));
        output.expect(3).says(says);
        let json = output.json();
        if !json["error"].is_null() {
            assert_eq!(json["error"]["exit_code"], 3, "{trouble} {line}: {output}");
        }
        assert!(before.elapsed().as_secs() < 8, "{trouble} {line} took {:?}", before.elapsed());
    }
}

/// A file that the operating system keeps back. Root is refused nothing.
/// Neither a bug nor a server that seems to be down.
#[test]
fn too_few_open_files_are_exit_3() {
    let world = World::plain(Edition::Delegated);
    for line in ["diagnose --email teacher@sandbox.test", "history", "verify-token -t box/tokens/valid.token"] {
        for limit in [6, 10] {
            let script = format!("ulimit -n {limit} && exec {} {line}", env!("CARGO_BIN_EXE_lamb-auth"));
            let output = Command::new("sh").args(["-c", &script]).envs(world.sandbox.env()).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code() == Some(3) && told.contains("(ulimit -n)"), "{line}: {told}");
        }
    }
}

#[test]
fn an_unreadable_file_is_exit_3() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let file = world.sandbox.dir().join("lamb/lamb_v4.db");
        std::fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
        if std::fs::File::open(&file).is_ok() {
            return;
        }
        for line in ["check-user", "create-creator --yes", "diagnose"] {
            world.run(&format!("{line} --email teacher@sandbox.test")).expect(3).says("cannot be read");
        }
    }
}

/// Every row of the API that cannot be shown makes a "no" a "could not tell".
#[test]
fn a_no_needs_every_row_to_be_seen() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, None);
    world.run("check-owi-user --email nobody@uni.example --via api").expect(3).says("owi-row-unreadable");
    world.owi().execute_batch("UPDATE user SET settings = 'null'").unwrap();
    world.run("check-owi-user --email nobody@uni.example --via api").expect(1);
}

/// The first two are the documentation's, the rest are met in the tests of what they are about.
#[test]
fn the_codes_are_told_in_the_help() {
    let help = super::run::Run::new(vec!["--help".to_owned()]).run();
    help.expect(0);
    for code in ["0  yes", "1  no", "2  wrong", "3  could not", "4  refused", "5  partly", "130  interrupted"] {
        help.says(code);
    }
}
