//! The journal beside LAMB's database, and `history`, which reads it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, PASSWORD, Trouble};
use serde_json::Value;

use super::create_creator::everything;
use super::run::{EDITIONS, World, rows, snapshot};

const CREATE: &str = "create-creator --email admin@admin.owi --role admin --yes";
const ASSIGN: &str = "assign-role --email teacher@sandbox.test --org physics --role admin --yes";

/// The kinds of lines, in order.
fn kinds(world: &World) -> Vec<String> {
    world.journal_lines().iter().map(|line| line["line"].as_str().unwrap().to_owned()).collect()
}

/// The run that a command says it was.
pub(crate) fn run_of(world: &World, line: &str) -> String {
    let (code, done) = world.json(line);
    assert_eq!(code, 0, "{done:#}");
    done["run"].as_str().unwrap_or_else(|| panic!("{done:#}")).to_owned()
}

/// Writes the journal anew with those lines only that are wanted.
pub(crate) fn keep_lines(world: &World, keep: impl Fn(&Value) -> bool) {
    let lines = world.journal_lines();
    let text: String = lines.iter().filter(|line| keep(line)).map(|line| format!("{line}\n")).collect();
    std::fs::write(world.journal(), text).unwrap();
}

fn is_line(line: &Value, kinds: &[&str]) -> bool {
    line["line"].as_str().is_some_and(|kind| kinds.contains(&kind))
}

fn only_fate(world: &World) -> (Value, String) {
    let (code, told) = world.json("history");
    assert_eq!((code, told["runs"].as_array().map(Vec::len)), (0, Some(1)), "{told:#}");
    (told["runs"][0]["fate"].clone(), world.command("history").env("COLUMNS", "200").run().stdout)
}

#[test]
fn history_shows_every_run_and_each_of_them() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let wide = |line: &str| world.command(line).env("COLUMNS", "160").run();
        let shapes = |line: &str| ["table", "plain", "json"].map(|shape| wide(&format!("{line} -o {shape}")));
        let mut pages: Vec<_> = shapes("history").into();
        world.run(CREATE).expect(0);
        world.run(ASSIGN).expect(0);
        pages.extend(shapes("history"));
        pages.extend(shapes("history last"));
        let first = world.journal_lines()[0]["run"].as_str().unwrap().to_owned();
        pages.extend(shapes(&format!("history {first}")));
        world.run("undo last --yes").expect(0);
        pages.extend(shapes("history --limit 2"));
        pages.push(world.run("history last"));
        snapshot(&format!("history_{edition}"), &pages);
    }
}

/// Who, when, what, before, after, how it ended; and the words that take it back are those that work.
#[test]
fn a_change_is_written_down_before_and_after() {
    let world = World::plain(Edition::Delegated);
    let done = world.command(&format!("{ASSIGN} -o json")).env("USER", "someone").run();
    let run = done.expect(0).json()["run"].as_str().unwrap().to_owned();
    assert_eq!(kinds(&world), ["begin", "change", "intent", "done"]);
    let lines = world.journal_lines();
    assert!(lines.iter().all(|line| line["run"] == run.as_str()));
    assert_eq!((&lines[0]["command"], &lines[0]["schema"]), (&Value::from("assign-role"), &Value::from(1)));
    assert!(lines[0]["user"].as_str().unwrap().starts_with("someone (uid "), "{}", lines[0]);
    let row = &lines[1]["rows"][0];
    assert_eq!((row["before"]["role"].as_str(), row["after"]["role"].as_str()), (Some("owner"), Some("admin")));
    assert_eq!(row["before"]["updated_at"], 1_760_000_000);
    // What changed nothing is no run.
    world.run(ASSIGN).expect(0).says("Nothing to do").never_says("undo");
    world.run(&format!("{ASSIGN} --dry-run")).expect(0);
    world.run("assign-role --email operator@sandbox.test --org lamb --role member --yes").expect(4);
    assert_eq!(world.journal_lines().len(), 4);
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_name() {
    let world = World::plain(Edition::Delegated);
    world.run("history last").expect(2).says("no run \"last\"");
    let first = run_of(&world, CREATE);
    let second = run_of(&world, ASSIGN);
    let shown = |name: &str| world.json(&format!("history {name}")).1["run"]["run"].clone();
    assert_eq!(
        (shown(&first), shown(&second), shown("last")),
        (first.as_str().into(), second.as_str().into(), second.as_str().into())
    );
    world.run("history 2").expect(2).says("more than one run begins with");
    world.run("history 19991231T000000Z-000000").expect(2).says("no run");
    // An empty variable in somebody's script names nobody.
    for command in ["history ''", "undo '' --yes", "undo 2 --yes", "undo no-such-run --yes"] {
        world.run(command).expect(2);
    }
    let unambiguous = (1..=first.len()).map(|length| &first[..length]).find(|name| !second.starts_with(name)).unwrap();
    assert_eq!(shown(unambiguous), first.as_str());
    world.run("history --limit 0").expect(2);
    world.run("history --limit 1").expect(0).says("1 older runs are not shown").never_says(&first);
    // A whole name is that run, also where another begins with it.
    let text = std::fs::read_to_string(world.journal()).unwrap();
    std::fs::write(world.journal(), format!("{text}{}", text.replace(&first, &format!("{first}0")))).unwrap();
    assert_eq!(shown(&first), first.as_str());
}

#[test]
fn the_journal_may_be_elsewhere() {
    let world = World::plain(Edition::Delegated);
    std::fs::create_dir(world.cwd.path().join("logs")).unwrap();
    let done = world.run(&format!("{CREATE} --journal 'logs/my journal'"));
    done.expect(0).says("--journal 'logs/my journal'");
    assert!(!world.journal().exists());
    world.run("history").expect(0).says("The journal has no changes");
    world.run("history --journal 'logs/my journal'").expect(0).says("create-creator");
    // In the folder where one is, without a folder's name.
    world.run(&format!("{ASSIGN} --journal here.jsonl")).expect(0);
    assert!(world.cwd.path().join("here.jsonl").exists());
    let undo = done.stdout.lines().find_map(|line| line.split_once("lamb-auth undo ")).unwrap().1;
    world.run(&format!("undo {} --yes", undo.trim())).expect(0);
    assert!(world.run("check-user --email admin@admin.owi").code == 1);
}

#[test]
fn only_the_owner_can_read_the_journal() {
    let world = World::plain(Edition::Native);
    let mode = || std::fs::metadata(world.journal()).unwrap().mode() & 0o777;
    // With the most open of all umasks.
    let run = world.command(CREATE);
    let words = shlex::try_join(run.process().get_args().map(|word| word.to_str().unwrap())).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("umask 0; exec {} {words}", env!("CARGO_BIN_EXE_lamb-auth"))]);
    let process = run.process();
    shell.current_dir(process.get_current_dir().unwrap()).env_clear();
    shell.envs(process.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(shell.status().unwrap().success());
    assert_eq!(mode(), 0o600);
    // What somebody opened is closed again before anything is added.
    std::fs::set_permissions(world.journal(), std::fs::Permissions::from_mode(0o666)).unwrap();
    world.run(ASSIGN).expect(0);
    assert_eq!(mode(), 0o600);
}

/// A run that was killed while it wrote: half a line is left, and the next run's lines are whole.
#[test]
fn half_a_line_spoils_no_other() {
    let world = World::plain(Edition::Delegated);
    let first = run_of(&world, CREATE);
    let mut text = std::fs::read_to_string(world.journal()).unwrap();
    let torn = "{\"line\":\"begin\",\"schema\":1,\"run\":\"20260101T0000";
    text.push_str(torn);
    std::fs::write(world.journal(), &text).unwrap();
    world.run("history").expect(0).says(&first).says("ignored 1 unreadable lines (line 5)");
    let second = run_of(&world, ASSIGN);
    let after = std::fs::read_to_string(world.journal()).unwrap();
    assert!(after.starts_with(&format!("{text}\n{{")), "only ever added to: {after}");
    world.run("history").expect(0).says(&first).says(&second);
    world.run("history -q").expect(0).never_says("cannot be read");
    world.run(&format!("undo {second} --yes")).expect(0);
    world.run(&format!("undo {first} --yes")).expect(0);

    // Torn after its first bytes, with nothing before it.
    let world = World::plain(Edition::Delegated);
    std::fs::write(world.journal(), "{\"li").unwrap();
    let run = run_of(&world, CREATE);
    world.run(&format!("history {run}")).expect(0);
}

#[test]
fn garbage_is_told_and_passed_over() {
    let world = World::plain(Edition::Delegated);
    let run = run_of(&world, CREATE);
    let mut bytes = std::fs::read(world.journal()).unwrap();
    bytes.extend(b"\n\nnot json\n\xff\xfe\x00\n[1,2]\n{\"line\":\"later\",\"run\":\"x\"}\n{\"line\":\"done\"}\n{}\n");
    bytes.extend(format!("{{\"line\":\"begin\",\"run\":\"{}\"}}\n", "y".repeat(3 << 20)).bytes());
    std::fs::write(world.journal(), bytes).unwrap();
    world.run("history").expect(0).says(&run).says("unreadable lines (line 7, 8, 9, 10, 11, …)");
    world.run(&format!("history {run}")).expect(0);
    world.run(&format!("undo {run} --yes")).expect(0);
}

/// A line of the run itself that cannot be read, or is missing: what is taken back must be the whole of it.
#[test]
fn a_damaged_run_is_not_undone() {
    for damage in ["change", "intent", "garbage", "twice"] {
        let world = World::plain(Edition::Delegated);
        let run = run_of(&world, CREATE);
        let before = everything(&world);
        match damage {
            "garbage" => {
                let text = std::fs::read_to_string(world.journal()).unwrap();
                std::fs::write(world.journal(), format!("{text}{{\"run\":\"{run}\",\n")).unwrap();
            }
            "twice" => {
                let text = std::fs::read_to_string(world.journal()).unwrap();
                let change = text.lines().find(|line| line.contains("\"change\"")).unwrap().to_owned();
                std::fs::write(world.journal(), format!("{text}{change}\n")).unwrap();
            }
            missing => keep_lines(&world, |line| !is_line(line, &[missing])),
        }
        world.run("undo last --yes").expect(3).says(&run);
        assert_eq!(everything(&world), before, "{damage}");
    }
}

/// Where no journal can be written nothing is changed; where none can be read, that is said.
#[test]
fn what_is_no_journal_is_left_alone() {
    let world = World::plain(Edition::Delegated);
    let path = |name: &str| world.cwd.path().join(name);
    std::fs::create_dir(path("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    std::fs::write(path("target"), "").unwrap();
    std::os::unix::fs::symlink(path("target"), path("link")).unwrap();
    std::fs::write(path("letter"), "Dear all,\n").unwrap();
    std::fs::write(path("c.json"), "{\n \"a\": 1\n}\n").unwrap();
    std::fs::write(path("blank"), "\n\nDear all,\n").unwrap();
    for name in ["c.json", "blank"] {
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    std::fs::set_permissions(path("letter"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let webui = || {
        let meta = std::fs::metadata(world.sandbox.dir().join("owi/webui.db")).unwrap();
        (meta.len(), meta.mode(), everything(&world))
    };
    let before = webui();
    for (name, says) in [
        ("folder", "folder"),
        ("pipe", "not a regular file"),
        ("link", "links are not followed"),
        ("letter", "not a journal of lamb-auth"),
        ("c.json", "not a journal of lamb-auth"),
        ("blank", "not a journal of lamb-auth"),
        ("box/owi/webui.db", "not a journal of lamb-auth"),
        ("box/lamb/lamb_v4.db", "not a journal of lamb-auth"),
        ("nowhere/journal", "nowhere/journal"),
        ("/proc/journal", "/proc/journal"),
        ("/dev/full", "not a regular file"),
    ] {
        world.run(&format!("{CREATE} --journal {name}")).expect(3).says("LAMB's database was not changed").says(says);
    }
    assert_eq!(webui(), before);
    assert_eq!(std::fs::read_to_string(path("target")).unwrap(), "");
    for name in ["letter", "c.json", "blank"] {
        assert_eq!(std::fs::metadata(path(name)).unwrap().mode() & 0o777, 0o644, "{name}");
    }
    assert_eq!(std::fs::read_to_string(path("c.json")).unwrap(), "{\n \"a\": 1\n}\n");
    for name in ["folder", "pipe", "/dev/zero"] {
        for command in ["history", "history last", "undo last --yes"] {
            world.run(&format!("{command} --journal {name}")).expect(3).says(name);
        }
    }
}

/// The journal of a user who has no right to it.
#[test]
fn what_cannot_be_read_is_no_empty_journal() {
    let world = World::plain(Edition::Delegated);
    world.run(CREATE).expect(0);
    std::fs::set_permissions(world.journal(), std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    if std::fs::read(world.journal()).is_err() {
        world.run("history").expect(3).says("ermission denied");
        world.run("undo last --yes").expect(3);
    }
}

/// The run's own lines say how far it came; where they do not say how it ended, the database does.
#[test]
fn a_run_that_died_is_what_the_database_says() {
    for edition in EDITIONS {
        // After the commit.
        let world = World::plain(edition);
        world.run(CREATE).expect(0);
        keep_lines(&world, |line| !is_line(line, &["done"]));
        let (fate, shown) = only_fate(&world);
        assert_eq!(fate, "committed");
        assert!(shown.contains("done: the database has it"), "{shown}");
        // Somebody wrote to the rows since: they are the run's all the same.
        world.lamb_sql(
            "UPDATE {p}Creator_users SET user_name = 'New', updated_at = 5 WHERE user_email = 'admin@admin.owi'",
        );
        assert_eq!(only_fate(&world).0, "committed");
        // A part of it.
        world.lamb_sql("DELETE FROM {p}organization_roles WHERE user_id = (SELECT id FROM {p}Creator_users WHERE user_email = 'admin@admin.owi')");
        let (fate, shown) = only_fate(&world);
        assert_eq!(fate["unclear"]["there"], 1, "{fate}");
        assert!(shown.contains("1 of its 2 rows"), "{shown}");
        // None of it.
        world.lamb_sql("DELETE FROM {p}Creator_users WHERE user_email = 'admin@admin.owi'");
        let (fate, shown) = only_fate(&world);
        assert_eq!(fate, "rolled-back");
        assert!(shown.contains("the database has none of it"), "{shown}");
        world.run("undo last --yes").expect(0).says("changed nothing in the database");
        // Somebody else's row has the id now.
        world.lamb_sql(
            "INSERT INTO {p}Creator_users (id, organization_id, user_email, user_name, created_at, updated_at) \
             SELECT max(id) + 1, 1, 'else@uni.example', 'E', 7, 7 FROM {p}Creator_users",
        );
        assert_eq!(only_fate(&world).0, "rolled-back");
        // Before the intent was written, nothing can have been committed.
        keep_lines(&world, |line| !is_line(line, &["intent"]));
        assert_eq!(only_fate(&world).0, "never-committed");
        world.run("undo last --yes").expect(2).says("no run to undo");
        // It said itself that it failed.
        let run = world.journal_lines()[0]["run"].as_str().unwrap().to_owned();
        let text = std::fs::read_to_string(world.journal()).unwrap();
        let failed = format!(
            "{{\"line\":\"failed\",\"run\":\"{run}\",\"time\":\"\",\"why\":\"nothing was changed: a disk\\nmore\"}}"
        );
        std::fs::write(world.journal(), format!("{text}{failed}\n")).unwrap();
        let (fate, shown) = only_fate(&world);
        assert_eq!(fate, "failed");
        assert!(shown.contains("nothing was changed: a disk"), "{shown}");
        world.run(&format!("undo {run} --yes")).expect(0).says("changed nothing in the database");
    }
}

/// A run without an end, while somebody holds the lock, may come to one yet.
#[test]
fn a_run_at_work_is_neither_dead_nor_done() {
    for without in [&["done"][..], &["intent", "done"]] {
        let world = World::plain(Edition::Delegated);
        let run = run_of(&world, CREATE);
        keep_lines(&world, |line| !is_line(line, without));
        let path = world.sandbox.dir().join("lamb/lamb-auth.sync.lock");
        assert_ne!(only_fate(&world).0, "at-work");
        assert!(!path.exists(), "who looks makes no lock");
        let lock = std::fs::File::create(&path).unwrap();
        lock.lock().unwrap();
        let made = world.lamb_contents();
        let (fate, shown) = only_fate(&world);
        assert_eq!(fate, "at-work");
        assert!(shown.contains("still running"), "{shown}");
        assert_eq!(world.json(&format!("history {run}")).1["run"]["fate"], "at-work");
        for flags in ["--yes --force", "--dry-run"] {
            world.run(&format!("undo {run} {flags}")).expect(3).says("still running");
        }
        assert_eq!(world.lamb_contents(), made);
        // Not by closing it: what another test starts at this moment may have it open, too.
        lock.unlock().unwrap();
        assert_ne!(only_fate(&world).0, "at-work");
    }
    // Who has an end is not at work.
    let world = World::plain(Edition::Delegated);
    let run = run_of(&world, CREATE);
    let lock = std::fs::File::create(world.sandbox.dir().join("lamb/lamb-auth.sync.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(only_fate(&world).0, "done");
    // Its changes are undone all the same. The memory belongs to the sync that holds the lock, and undo says so.
    let undone = world.run(&format!("undo {run} --yes --lock-timeout 0.2"));
    undone.expect(0).says("sync will take the undone creators for removed ones: another sync is running");
}

/// By whatever links the database is named: it has one journal and one lock.
#[test]
fn every_spelling_of_the_database_has_one_journal() {
    let world = World::plain(Edition::Delegated);
    let at = |name: &str| world.cwd.path().join(name);
    let real = world.sandbox.dir().join("lamb");
    std::os::unix::fs::symlink(&real, at("folder")).unwrap();
    std::fs::create_dir(at("linked")).unwrap();
    std::os::unix::fs::symlink(real.join("lamb_v4.db"), at("linked/lamb_v4.db")).unwrap();
    let via = |name: &str, line: &str| world.command(line).env("LAMB_DB_PATH", at(name).to_str().unwrap()).run();
    via("linked", CREATE).expect(0);
    via("folder", ASSIGN).expect(0);
    assert_eq!(world.json("history").1["runs"].as_array().map(Vec::len), Some(2));
    assert!(!at("linked/lamb-auth.journal.jsonl").exists());
    // Another name for the same file is no other database.
    via("linked", "undo last --yes").expect(0);
    world.run("undo last --yes").expect(0);
    world.run("check-user --email admin@admin.owi").expect(1);
    keep_lines(&world, |line| !is_line(line, &["done"]));
    let lock = std::fs::File::create(real.join("lamb-auth.sync.lock")).unwrap();
    lock.lock().unwrap();
    for name in ["linked", "folder"] {
        via(name, "history").expect(0).says("still running");
    }
}

/// What a journal says of the tables is not made up for: no others are asked instead.
#[test]
fn a_run_of_other_tables_is_not_asked_of_these() {
    let world = World::plain(Edition::Delegated);
    world.run(CREATE).expect(0);
    keep_lines(&world, |line| !is_line(line, &["done"]));
    assert_eq!(only_fate(&world).0, "committed");
    let text = std::fs::read_to_string(world.journal()).unwrap();
    let prefix = format!("\"prefix\":\"{}\"", world.prefix());
    for (from, to) in [(prefix.as_str(), r#""prefix":"a\" b""#), ("lamb_v4.db", "other.db")] {
        std::fs::write(world.journal(), text.replace(from, to)).unwrap();
        let (fate, shown) = only_fate(&world);
        assert_eq!(fate, Value::Null, "{to}");
        assert!(shown.contains("unknown whether it is in the database"), "{shown}");
        world.run("undo last --yes").expect(4).says("refused");
    }
}

/// A changed row that is neither as it was nor as the run left it says nothing about the run.
#[test]
fn a_role_that_was_set_again_since_is_unclear() {
    let world = World::plain(Edition::Delegated);
    world.run(ASSIGN).expect(0);
    keep_lines(&world, |line| !is_line(line, &["done"]));
    assert_eq!(only_fate(&world).0, "committed");
    let set = |role: &str, at: &str| {
        world.lamb_sql(&format!(
            "UPDATE {{p}}organization_roles SET role = '{role}', updated_at = {at} WHERE organization_id = 2 AND user_id = \
             (SELECT id FROM {{p}}Creator_users WHERE user_email = 'teacher@sandbox.test')"
        ));
    };
    set("member", "5");
    assert_eq!(only_fate(&world).0["unclear"]["of"], 1);
    set("owner", "1760000000");
    assert_eq!(only_fate(&world).0, "rolled-back");
    // What cannot be asked is not known.
    std::fs::rename(world.sandbox.dir().join("lamb/lamb_v4.db"), world.sandbox.dir().join("away.db")).unwrap();
    let told = world.run("history");
    told.expect(0).says("not finished; unknown").says("could not check the result");
}

/// Killed after the undo's commit: the run that it took back is done, whatever the rows look like now.
#[test]
fn an_undone_run_was_committed() {
    let world = World::plain(Edition::Delegated);
    let run = run_of(&world, CREATE);
    world.run("undo last --yes").expect(0);
    keep_lines(&world, |line| !(is_line(line, &["done"]) && line["run"] == run.as_str()));
    let (_, told) = world.json(&format!("history {run}"));
    assert_eq!(told["run"]["fate"], "committed");
    world.run(&format!("history {run}")).expect(0).says("undone by");
}

#[test]
fn a_change_that_lambs_tables_refuse_is_none() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, None);
    world.lamb_sql(
        "CREATE TRIGGER refuses BEFORE UPDATE ON {p}organization_roles BEGIN SELECT RAISE(ABORT, 'not today'); END",
    );
    world.run(ASSIGN).expect(4).says("not today").says("teacher@sandbox.test");
    // Nothing of it was written down: there was nothing to write down.
    assert!(kinds(&world).is_empty());
    world.run("history").expect(0).says("The journal has no changes");
}

/// Neither a hash nor a password nor a token is ever in the journal, nor shown from it.
#[test]
fn no_secret_is_in_it() {
    for (edition, version) in [(Edition::Native, OwiVersion::V0_12_4), (Edition::Delegated, OwiVersion::V0_5_6)] {
        let world = World::start(edition, version, None);
        let mut outputs = vec![world.run(&format!("{CREATE} -v"))];
        let line = "create-creator --email new@uni.example --create-owi-user --password-stdin --yes -v";
        outputs.push(world.command(line).stdin("a brand-new password").run());
        if edition == Edition::Native {
            outputs.push(world.run("assign-role --email teacher@sandbox.test --system-role admin --yes -v"));
        }
        for shape in ["table", "plain", "json"] {
            outputs.push(world.run(&format!("history -v -o {shape}")));
            for line in world.journal_lines().iter().filter(|line| line["line"] == "begin") {
                let run = line["run"].as_str().unwrap();
                outputs.push(world.run(&format!("history {run} -v -o {shape}")));
                outputs.push(world.run(&format!("undo {run} -v --dry-run -o {shape}")));
            }
        }
        outputs.push(world.run("undo last --yes -v -o json"));
        let mut all = std::fs::read_to_string(world.journal()).unwrap();
        all.extend(outputs.iter().map(ToString::to_string));
        let mut secrets = rows(&world.owi(), "SELECT DISTINCT password FROM auth WHERE length(password) > 8");
        secrets.extend(["a brand-new password".to_owned(), PASSWORD.to_owned(), "$2b$".to_owned()]);
        let tokens = world.sandbox.token_names().map(|name| world.sandbox.token(name).unwrap().expose());
        secrets.extend(tokens.filter_map(|token| Some(token.rsplit_once('.')?.1.to_owned())).filter(|s| s.len() > 8));
        for secret in secrets {
            assert!(!all.contains(&secret), "{secret} is shown or journalled");
        }
        assert_eq!(all.contains("sha256"), edition == Edition::Native);
    }
}

const WITH_ACCOUNT: &str =
    "create-creator --email new@uni.example --create-owi-user --password-stdin --yes --timeout 2 --lock-timeout 0.2";

fn accounts(world: &World) -> Vec<String> {
    rows(&world.owi(), "SELECT email FROM user WHERE email = 'new@uni.example'")
}

/// The account is made over Open WebUI's own interface, and is nothing that could be taken back there.
#[test]
fn an_account_that_was_made_is_left() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = world.lamb_contents();
        world.command(WITH_ACCOUNT).stdin("pw pw pw").run().expect(0);
        assert_eq!(kinds(&world), ["begin", "account", "account", "change", "intent", "done"]);
        world.run("history").expect(0).says("1 create-creator, 1 owi-account");
        world.run("history last").expect(0).says("new@uni.example made");
        let undone = world.run("undo last --yes");
        undone.expect(0).says("the Open WebUI account new@uni.example that the run had made stays");
        assert_eq!((world.lamb_contents(), accounts(&world).len()), (before, 1));
    }
}

#[test]
fn half_of_two_is_journalled_as_that() {
    // The account is made, and then somebody else holds LAMB's database.
    let world = World::plain(Edition::Delegated);
    let lock = world.lamb();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    world.command(WITH_ACCOUNT).stdin("pw pw pw").run().expect(5);
    lock.execute_batch("ROLLBACK").unwrap();
    drop(lock);
    assert_eq!(kinds(&world), ["begin", "account", "account", "failed"]);
    world.run("history").expect(0).says("1 owi-account").says("locked");
    let run = world.journal_lines()[0]["run"].as_str().unwrap().to_owned();
    world.run(&format!("undo {run} --yes")).expect(0).says("that the run had made stays");

    // Open WebUI refuses it.
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::TrustedHeaderOff));
    let refused =
        format!("{WITH_ACCOUNT} --owi-admin-email nobody@uni.example --admin-token-file box/tokens/valid.token");
    world.command(&refused).stdin("pw pw pw").run().expect(4).says("Open WebUI refused this");
    let told: Vec<_> = world.journal_lines().iter().map(|line| line["state"].clone()).collect();
    assert_eq!(told, [Value::Null, "asked".into(), "refused".into(), Value::Null]);
    assert_eq!((kinds(&world).pop().as_deref(), accounts(&world).len()), (Some("failed"), 0));
    world.run("history last").expect(0).says("Open WebUI refused this");
    let run = world.journal_lines()[0]["run"].as_str().unwrap().to_owned();
    world.run(&format!("undo {run} --yes")).expect(0).never_says("stays");

    // It never answered: nobody knows.
    let world = World::plain(Edition::Delegated);
    world.command(WITH_ACCOUNT).stdin("pw pw pw").run().expect(0);
    keep_lines(&world, |line| line["state"] != "made" && !is_line(line, &["change", "intent", "done"]));
    world.run("history last").expect(0).says("may have been made").says("stopped or still running");
    let run = world.journal_lines()[0]["run"].as_str().unwrap().to_owned();
    world.run(&format!("undo {run} --yes")).expect(0).says("that the run may have made stays");

    // It was never asked: nothing was begun.
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::TrustedHeaderOff));
    world.command(&format!("{WITH_ACCOUNT} --owi-admin-email nobody@uni.example")).stdin("pw pw pw").run().expect(3);
    assert!(kinds(&world).is_empty(), "{:?}", kinds(&world));
}

/// Several at once: every line is whole, and every run complete.
#[test]
fn several_write_to_one_journal() {
    let world = World::plain(Edition::Delegated);
    let emails: Vec<_> = ["teacher", "operator", "no-role", "other-role"].map(|n| format!("{n}@sandbox.test")).into();
    std::thread::scope(|scope| {
        for email in &emails {
            let line = format!("assign-role --email {email} --org physics --role admin --yes --force");
            let run = world.command(&line);
            scope.spawn(|| run.run().expect(0).code);
        }
    });
    let (_, told) = world.json("history");
    let fates: Vec<_> = told["runs"].as_array().unwrap().iter().map(|run| run["fate"].as_str().unwrap()).collect();
    assert_eq!(fates, ["done"; 4]);
}
