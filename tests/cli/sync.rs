//! `sync`: what it plans, what stands against it, and that it carries out what it showed and nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, PASSWORD, Trouble};
use rusqlite::Connection;
use serde_json::Value;

use super::create_creator::{add_account, everything};
use super::run::{EDITIONS, Output, World, rows};

const VERSIONS: [OwiVersion; 3] = [OwiVersion::V0_5_6, OwiVersion::V0_6_43, OwiVersion::V0_12_4];

#[track_caller]
fn snapshot(name: &str, outputs: &[Output]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"20\d{6}T\d{6}Z-[0-9a-f]{6}", "[RUN]");
    settings.add_filter(r"backup-20\d{6}T\d{9}Z", "backup-[TIME]");
    settings.add_filter(r"\d+\.\d{3} s\b", "[N] s");
    settings.add_filter(r#""lock_ms": \d+"#, r#""lock_ms": [N]"#);
    settings.add_filter(r" +\n", "\n");
    let text: Vec<String> = outputs.iter().map(ToString::to_string).collect();
    settings.bind(|| insta::assert_snapshot!(name, text.join("\n")));
}

/// The names of all files in LAMB's folder.
fn names(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.sandbox.dir().join("lamb")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub(super) fn lamb_file(world: &World, name: &str) -> PathBuf {
    world.sandbox.dir().join("lamb").join(name)
}

fn backups(world: &World) -> Vec<PathBuf> {
    let ours = |name: &String| name.starts_with("lamb-auth.backup-2") && name.ends_with("Z.db");
    names(world).into_iter().filter(ours).map(|name| lamb_file(world, &name)).collect()
}

/// The changes of a plan: kind and address.
fn changes(json: &Value) -> Vec<String> {
    let of = |change: &Value| format!("{} {}", change["kind"].as_str().unwrap(), change["email"].as_str().unwrap());
    json["changes"].as_array().unwrap().iter().map(of).collect()
}

/// The creators that this plan would make: `address organization role`.
fn newcomers(world: &World, flags: &str) -> Vec<String> {
    let (_, json) = world.json(&format!("sync {flags}"));
    let all = json["changes"].as_array().unwrap_or_else(|| panic!("{json:#}")).clone();
    let creates = all.into_iter().filter(|change| change["kind"] == "create-creator");
    creates
        .map(|c| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            format!("{} {} {}", text(&c["email"]), text(&c["organization"]["slug"]), text(&c["role"]))
        })
        .collect()
}

fn count(world: &World, email: &str) -> String {
    let email = email.replace('\'', "''");
    let sql = format!("SELECT count(*) FROM {{p}}Creator_users WHERE user_email = '{email}'");
    world.lamb_rows(&sql).remove(0)
}

#[test]
fn a_plan_is_shown_and_then_carried_out() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        let mut outputs: Vec<Output> =
            ["sync", "sync -o json", "sync -o plain"].map(|line| world.run(line)).into_iter().collect();
        assert!(outputs.iter().all(|output| output.code == 1));
        assert_eq!(everything(&world), before);
        outputs.push(world.run("sync --apply --yes"));
        outputs.push(world.run("sync"));
        outputs.push(world.run("sync --apply --yes -o json"));
        assert_eq!(outputs[3..].iter().map(|output| output.code).collect::<Vec<_>>(), [0, 0, 0]);
        outputs.push(world.run("undo last --yes -q"));
        assert_eq!(outputs[6].code, 0, "{}", outputs[6]);
        assert_eq!(everything(&world), before);
        outputs.truncate(6);
        snapshot(&format!("sync_{edition}"), &outputs);
    }
}

#[test]
fn every_version_is_read_from_its_file_and_over_its_api() {
    for edition in EDITIONS {
        for version in VERSIONS {
            let world = World::start(edition, version, None);
            add_account(&world, "new@uni.example", "Nia New", "user");
            let (code, file) = world.json("sync");
            let (code_of_api, api) = world.json("sync --via api");
            assert_eq!((code, code_of_api), (1, 1), "{file:#} {api:#}");
            let creates = |json: &Value| {
                let mut all = changes(json);
                all.retain(|line| line.starts_with("create"));
                all.sort();
                all
            };
            let expected = ["create-creator admin@admin.owi", "create-creator new@uni.example"];
            assert_eq!(creates(&file), expected);
            assert_eq!(creates(&api), expected);
            let conflicts = if version == OwiVersion::V0_12_4 { 1 } else { 2 };
            assert_eq!(file["conflicts"].as_array().unwrap().len(), conflicts, "{file:#}");
            assert_eq!(file["summary"]["students"], 3);
            assert!(api["notes"].to_string().contains("of its users; they are left out"), "{api:#}");
            let done = world.run("sync --via api --apply --yes -o json");
            done.expect(0);
            world.run("check-user --email new@uni.example").expect(0);
            world.run("sync --via api").expect(0);
            let without_hash = edition == Edition::Native;
            assert_eq!(world.run("sync").code, i32::from(without_hash), "the API has no hashes, the file has");
        }
    }
}

#[test]
fn the_same_password_works_after_a_hash_is_copied() {
    let world = World::plain(Edition::Native);
    // Neither who comes in through the LMS nor who has something of their own, were it unusable.
    world.lamb_sql(
        "UPDATE {p}Creator_users SET password_hash = '' WHERE user_email = 'end-user@sandbox.test';
         UPDATE {p}Creator_users SET password_hash = NULL WHERE user_email IN ('inactive@sandbox.test', 'teacher@sandbox.test')",
    );
    let (_, json) = world.json("sync --apply --yes");
    let copied: Vec<String> = changes(&json).into_iter().filter(|line| line.starts_with("copy")).collect();
    assert_eq!(copied, ["copy-password-hash teacher@sandbox.test", "copy-password-hash no-password@sandbox.test"]);
    let hashes = "SELECT user_email FROM {p}Creator_users WHERE password_hash IS NULL ORDER BY id";
    assert_eq!(world.lamb_rows(hashes), ["inactive@sandbox.test", "lti-creator@sandbox.test"]);
    let stored =
        world.lamb_rows("SELECT password_hash FROM {p}Creator_users WHERE user_email = 'teacher@sandbox.test'");
    assert_eq!(stored, rows(&world.owi(), "SELECT password FROM auth WHERE email = 'teacher@sandbox.test'"));
    assert!(world.run("sync").code == 0);
}

#[test]
fn at_a_terminal_one_is_asked() {
    for (keys, code) in [("y\n", 0), ("n\n", 4), ("\n", 4)] {
        let world = World::plain(Edition::Delegated);
        let output = world.command("sync --apply").at_a_terminal(keys);
        output.expect(code).says("Make these 3 changes?").says("create the creator admin@admin.owi");
        assert_eq!(count(&world, "admin@admin.owi"), i32::from(code == 0).to_string(), "{output}");
        assert_eq!(backups(&world).len(), usize::from(code == 0));
    }
}

#[test]
fn ctrl_c_at_the_question_changes_nothing() {
    let world = World::plain(Edition::Delegated);
    let before = everything(&world);
    let run = world.command("sync --apply");
    let program = run.process();
    let words = std::iter::once(program.get_program()).chain(program.get_args()).map(|word| word.to_str().unwrap());
    let line = shlex::try_join(words).unwrap();
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env_clear().current_dir(program.get_current_dir().unwrap());
    script.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // Not before the question is there: until then it would be the terminal's own Ctrl-C.
    let (mut shown, mut byte) = (Vec::new(), [0]);
    while !shown.ends_with(b"[y/N]") {
        child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
        shown.push(byte[0]);
    }
    std::thread::sleep(Duration::from_millis(100));
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    let stdin = child.stdin.take();
    // With a cursor again, which the question had hidden.
    run.finish(child).expect(130).says("\u{1b}[?25h");
    drop(stdin);
    assert_eq!(everything(&world), before);
    assert!(backups(&world).is_empty());
}

#[test]
fn without_a_terminal_nothing_is_done_unasked() {
    let world = World::plain(Edition::Native);
    let before = everything(&world);
    world.command("sync --apply").stdin("y\n").run().expect(4).says("not a terminal").says("--yes");
    let output = world.run("sync --apply -o json");
    assert_eq!(output.expect(4).json()["exit"].as_i64().unwrap_or(4), 4);
    assert_eq!(everything(&world), before);
    world.run("sync --yes").expect(2).says("--apply");
}

/// People of several kinds in Open WebUI, none of whom LAMB knows.
fn populated(edition: Edition) -> World {
    let world = World::plain(edition);
    for (email, role) in [
        ("ada@physics.example", "user"),
        ("boss@physics.example", "admin"),
        ("cleo@uni.example", "admin"),
        ("dora@uni.example", "pending"),
        ("emil@uni.example", "user"),
        ("noreply@uni.example", "user"),
    ] {
        add_account(&world, email, "", role);
    }
    world.owi().execute_batch("UPDATE auth SET active = 0 WHERE email = 'emil@uni.example'").unwrap();
    world
}

#[test]
fn the_policy_says_who_and_where() {
    let world = populated(Edition::Native);
    let cases: [(&str, &[&str]); 12] = [
        (
            "",
            &[
                "admin@admin.owi lamb admin",
                "ada@physics.example lamb member",
                "boss@physics.example lamb member",
                "cleo@uni.example lamb member",
            ],
        ),
        ("--include admin.owi --org physics --role admin", &["admin@admin.owi physics admin"]),
        (
            "--exclude admin.owi --rule physics.example=physics --owi-role admin=owner",
            &[
                "ada@physics.example physics member",
                "boss@physics.example physics owner",
                "cleo@uni.example lamb owner",
            ],
        ),
        (
            "--include physics.example --rule 'boss@*=physics:member' --rule '*@physics.example=lamb:admin' --owi-role admin=owner",
            &["ada@physics.example lamb admin", "boss@physics.example physics member"],
        ),
        ("--include uni.example", &["cleo@uni.example lamb member"]),
        ("--include uni.example --with-pending", &["cleo@uni.example lamb member", "dora@uni.example lamb member"]),
        ("--include uni.example --with-inactive", &["cleo@uni.example lamb member", "emil@uni.example lamb member"]),
        ("--include noreply@uni.example", &["noreply@uni.example lamb member"]),
        ("--include '*@uni.example' --service-account 'c*'", &["noreply@uni.example lamb member"]),
        ("--include uni.example --exclude 'CLEO@*'", &[]),
        ("--all --exclude '*.example'", &["admin@admin.owi lamb admin"]),
        // Students stay out, whatever is said.
        ("--include student@sandbox.test --include lamb-lti.local --include '*student*'", &[]),
    ];
    for (flags, expected) in cases {
        assert_eq!(newcomers(&world, flags), expected, "{flags}");
    }
    let (_, json) = world.json("sync");
    let summary = &json["summary"];
    assert_eq!((summary["students"].as_i64(), summary["service_accounts"].as_i64()), (Some(3), Some(1)));
    assert_eq!((summary["pending"].as_i64(), summary["inactive"].as_i64()), (Some(1), Some(1)));
}

#[test]
fn a_policy_file_says_the_same_and_flags_beat_it() {
    let world = populated(Edition::Delegated);
    let file = "org = 'physics'\ninclude = ['physics.example', 'uni.example']\nwith-pending = true\n\
                [owi-role]\nadmin = 'admin'\n[[rule]]\nemail = 'ada@*'\norg = 'lamb'\nrole = 'owner'\n";
    std::fs::write(world.cwd.path().join("p.toml"), file).unwrap();
    let expected = [
        "ada@physics.example lamb owner",
        "boss@physics.example physics admin",
        "cleo@uni.example physics admin",
        "dora@uni.example physics member",
    ];
    assert_eq!(newcomers(&world, "--policy p.toml"), expected);
    assert_eq!(
        newcomers(&world, "--policy p.toml --include uni.example --org lamb --owi-role admin=member"),
        ["cleo@uni.example lamb member", "dora@uni.example lamb member"]
    );
    std::fs::write(world.cwd.path().join("p.toml"), "# the policy\n\norganisation = 'physics'\n").unwrap();
    world.run("sync --policy p.toml").expect(2).says("p.toml, line 3: unknown key `organisation`");
    world.run("sync --policy p.toml -o json").expect(2).says("unknown key");
    world.run("sync --policy none.toml").expect(2).says("none.toml");
    std::fs::write(world.cwd.path().join("p.toml"), "[[rule]]\nemail = 'x.example'\norg = 'fysics'\n").unwrap();
    world.run("sync --policy p.toml").expect(2).says("no organization \"fysics\"").says("physics");
    world.run("sync --org nowhere --apply --yes").expect(2).says("no organization \"nowhere\"");
    world.run("sync --rule x.example").expect(2).says("PATTERN=ORG[:ROLE]");
    world.run("sync --all --include x.example").expect(2);
}

#[test]
fn system_roles_are_told_and_never_changed() {
    let world = World::plain(Edition::Native);
    world.owi().execute_batch("UPDATE user SET role = 'admin' WHERE email = 'teacher@sandbox.test'").unwrap();
    world.lamb_sql("UPDATE {p}Creator_users SET role = 'admin' WHERE user_email = 'end-user@sandbox.test'");
    let (_, json) = world.json("sync --apply --yes");
    assert_eq!(
        json["system_roles"],
        serde_json::json!([
            { "email": "teacher@sandbox.test", "lamb": "user", "owi": "admin" },
            { "email": "end-user@sandbox.test", "lamb": "admin", "owi": "user" },
        ])
    );
    let admins = "SELECT user_email FROM {p}Creator_users WHERE role = 'admin' ORDER BY id";
    // LAMB's own admin, who is new, is one from the start.
    let expected = ["operator@sandbox.test", "end-user@sandbox.test", "admin@admin.owi"];
    assert_eq!(world.lamb_rows(admins), expected);
    world.run("sync").expect(0).says("differ; never changed");
}

#[test]
fn a_creator_without_a_user_is_disabled_only_with_the_flag() {
    let world = World::plain(Edition::Delegated);
    // Gone: two managers, of whom one is the last, and a member. Half gone: one. The rest has an account.
    world
        .owi()
        .execute_batch(
            "DELETE FROM user WHERE email IN ('operator@sandbox.test', 'no-role@sandbox.test', 'end-user@sandbox.test', 'disabled@sandbox.test');
             DELETE FROM auth WHERE email IN ('operator@sandbox.test', 'no-role@sandbox.test', 'disabled@sandbox.test');
             INSERT INTO user SELECT 'second', name, 'MIXED.case@sandbox.test', role, profile_image_url, NULL, created_at,
                updated_at, last_active_at, settings, info, oauth_sub FROM user WHERE email = 'teacher@sandbox.test'",
        )
        .unwrap();
    let (_, json) = world.json("sync");
    assert!(!changes(&json).iter().any(|line| line.starts_with("disable")), "{json:#}");
    let (code, json) = world.json("sync --disable-missing --include sandbox.test --apply --yes");
    assert_eq!(code, 0, "{json:#}");
    let disabled: Vec<String> = changes(&json).into_iter().filter(|line| line.starts_with("disable")).collect();
    assert_eq!(disabled, ["disable-creator no-owi@sandbox.test", "disable-creator no-role@sandbox.test"]);
    assert_eq!(json["kept"][0]["email"], "operator@sandbox.test");
    assert_eq!(json["summary"]["half_gone"], 1);
    let off = "SELECT user_email FROM {p}Creator_users WHERE enabled = 0 ORDER BY id";
    assert_eq!(world.lamb_rows(off), ["no-owi@sandbox.test", "disabled@sandbox.test", "no-role@sandbox.test"]);
    world.run("sync --disable-missing").expect(1);
    world.run("undo last --yes").expect(0);
    // With another who manages, the first may go; not if it is the bootstrap admin.
    world.lamb_sql(
        "UPDATE {p}Creator_users SET organization_id = 1 WHERE user_email = 'other-role@sandbox.test';
        UPDATE {p}organization_roles SET role = 'owner' WHERE organization_id = 1",
    );
    let line = "sync --disable-missing --include operator@sandbox.test";
    let (_, json) = world.json(line);
    assert_eq!(changes(&json), ["disable-creator operator@sandbox.test"]);
    let (_, json) = world.json(&format!("{line} --owi-admin-email Operator@sandbox.test"));
    assert_eq!((changes(&json).len(), json["kept"][0]["why"].as_str()), (0, Some("it is OWI_ADMIN_EMAIL")));
}

#[test]
fn a_creator_goes_where_the_policy_says_only_with_move() {
    for edition in [Edition::Delegated, Edition::Native] {
        let world = World::plain(edition);
        let policy = "[[rule]]\nemail = 'anna@uni.example'\norg = 'physics'\nrole = 'admin'\n";
        std::fs::write(world.cwd.path().join("p.toml"), policy).unwrap();
        add_account(&world, "anna@uni.example", "Anna", "user");
        world.run("create-creator --email anna@uni.example --yes").expect(0);
        let line = "sync --policy p.toml --include anna@uni.example";
        let (_, json) = world.json(line);
        let listed: Vec<_> = json["out_of_policy"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
        assert_eq!((changes(&json), listed), (vec![], vec![&Value::from("anna@uni.example")]), "{json:#}");
        let before = everything(&world);
        world.run(&format!("{line} --apply --yes")).expect(0);
        assert_eq!(everything(&world), before);

        let (code, json) = world.json(&format!("{line} --move --apply --yes"));
        assert_eq!((code, changes(&json)), (0, vec!["move-creator anna@uni.example".to_owned()]), "{json:#}");
        let whereabouts = "SELECT o.slug || ' ' || r.role FROM {p}Creator_users c
            JOIN {p}organizations o ON o.id = c.organization_id
            JOIN {p}organization_roles r ON r.user_id = c.id
            WHERE c.user_email = 'anna@uni.example'";
        assert_eq!(world.lamb_rows(whereabouts), ["physics admin"]);
        assert_eq!(changes(&world.json(&format!("{line} --move")).1), Vec::<String>::new());
        world.run("undo last --yes").expect(0);
        assert_eq!(everything(&world), before);
    }
}

#[test]
fn a_creator_removed_in_lamb_is_not_created_again() {
    let world = World::plain(Edition::Delegated);
    let (code, first) = world.json("sync --apply --yes");
    let made =
        changes(&first).iter().find_map(|line| line.strip_prefix("create-creator ").map(ToOwned::to_owned)).unwrap();
    assert_eq!(code, 0, "{first:#}");
    let memory = lamb_file(&world, "lamb-auth.memory.db");
    assert_eq!(std::fs::metadata(&memory).unwrap().permissions().mode() & 0o777, 0o600);
    let seen = Connection::open(&memory).unwrap();
    let creators = world.lamb_rows("SELECT id || ' ' || user_email FROM {p}Creator_users ORDER BY id");
    assert_eq!(rows(&seen, "SELECT id || ' ' || email FROM creators ORDER BY id"), creators);
    drop(seen);
    world.run(&format!("update-creator --email {made} --org physics --role admin --yes --force")).expect(0);
    // A role in another organization is not what it was at home.
    world.run(&format!("assign-role --email {made} --org lamb --role owner --yes --force")).expect(0);
    // One whom sync had made, and one whom it had only seen.
    world.lamb_sql(&format!(
        "DELETE FROM {{p}}organization_roles WHERE user_id IN
            (SELECT id FROM {{p}}Creator_users WHERE user_email IN ('{made}', 'teacher@sandbox.test'));
         DELETE FROM {{p}}Creator_users WHERE user_email IN ('{made}', 'teacher@sandbox.test')"
    ));
    let removed = |json: &Value| -> Vec<String> {
        let mut emails: Vec<String> =
            json["removed"].as_array().unwrap().iter().map(|one| one["email"].as_str().unwrap().to_owned()).collect();
        emails.sort();
        emails
    };
    let both = [made.clone(), "teacher@sandbox.test".to_owned()];
    for line in ["sync", "sync --apply --yes", "sync --apply --yes"] {
        let (code, json) = world.json(line);
        assert_eq!((code, changes(&json), removed(&json)), (0, vec![], both.to_vec()), "{json:#}");
    }
    // A look tells it. All at once, they are a person's to decide; one by name is created again.
    let told = world.run("diagnose --email teacher@sandbox.test -o json");
    told.expect(1).says("sync saw it as a creator until").says("removed in LAMB");
    world.run("diagnose --email teacher@sandbox.test --fix --dry-run").expect(1).says("create-creator");
    let all = world.run("audit --fix --dry-run -o json");
    all.says("sync --recreate teacher@sandbox.test").says(&format!("sync --recreate {made}"));
    all.never_says("\"kind\": \"create-creator\"");
    // The journal knows the one that it made.
    let kept = std::fs::read(&memory).unwrap();
    std::fs::remove_file(&memory).unwrap();
    assert_eq!(removed(&world.json("sync").1), both[..1]);
    let journal = lamb_file(&world, "lamb-auth.journal.jsonl");
    let lines = std::fs::read(&journal).unwrap();
    std::fs::remove_file(&journal).unwrap();
    world.run("sync").expect(1).says("neither the memory nor the journal");
    world.run("sync --apply --yes").expect(4).says("neither the memory nor the journal");
    std::fs::write(&journal, lines).unwrap();
    std::fs::write(&memory, kept).unwrap();
    // Wanted again, by the policy and by name, and forgotten.
    std::fs::write(world.cwd.path().join("again.toml"), "recreate = true\n").unwrap();
    let again = changes(&world.json("sync --policy again.toml").1);
    assert_eq!(again.iter().filter(|line| line.starts_with("create-creator ")).count(), 2, "{again:?}");
    assert_eq!(changes(&world.json("sync --recreate Teacher@sandbox.test").1), ["create-creator teacher@sandbox.test"]);
    let again = world.json(&format!("sync --recreate {made} --recreate teacher@sandbox.test")).1;
    let told = |text: &str| again["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains(text));
    let restore = format!("lamb-auth update-creator --email {made} --org physics --role admin");
    assert!(told("before, type creator in physics, role admin") && told(&restore), "{again:#}");
    assert!(told("teacher@sandbox.test: the journal does not know the organization"), "{again:#}");
    // The command that applies it is the one that was typed.
    let typed = "sync --max-changes 50% --recreate Teacher@sandbox.test";
    world
        .run(typed)
        .expect(1)
        .says("Next:\n  lamb-auth sync --recreate Teacher@sandbox.test --max-changes '50%' --apply");
    world.run(&format!("sync --forget {made}")).expect(0).says("forgot 1 of 1");
    assert_eq!(changes(&world.json("sync").1), [format!("create-creator {made}")]);
}

/// The e-mail and the name changed in Open WebUI: only the account's id says who it is.
#[test]
fn an_account_that_sync_has_seen_is_the_same_person_under_any_email() {
    let world = World::plain(Edition::Delegated);
    world.run("sync --apply --yes").expect(0);
    world.rename_in_owi("teacher@sandbox.test", "zoe@elsewhere.example");
    world
        .owi()
        .execute("UPDATE user SET name = 'Z', created_at = 5 WHERE email = 'zoe@elsewhere.example'", [])
        .unwrap();
    let (code, found) = world.json("sync --disable-missing --apply --yes");
    let touches = |line: &&String| line.contains("teacher@") || line.contains("zoe@");
    assert_eq!((code, changes(&found).iter().find(touches)), (0, None), "{found:#}");
    let conflict = found["conflicts"].as_array().unwrap().iter().find(|one| one["owi"][0] == "zoe@elsewhere.example");
    let conflict = conflict.unwrap();
    assert_eq!(conflict["evidence"], serde_json::json!(["same-account"]));
    assert_eq!(conflict["known_as"]["email"], "teacher@sandbox.test");
    let words = "the same account in Open WebUI, by its id: sync saw it as teacher@sandbox.test";
    world.run("sync").expect(0).says(words);
    world.run("audit --finding probably-renamed -o json").expect(1).says(words);
    let rename = "update-creator --email teacher@sandbox.test --rename zoe@elsewhere.example";
    let lamb = world.lamb_contents();
    for email in ["teacher@sandbox.test", "zoe@elsewhere.example"] {
        for line in ["diagnose", "diagnose --fix --yes --email"] {
            let told = world.run(&format!("{line} {email} -o json"));
            told.expect(1).says("probably-renamed").says(words).says(rename);
        }
    }
    assert_eq!(world.lamb_contents(), lamb, "no second creator");
    world.run("sync -o plain").never_says("zoe@elsewhere.example;");
    let said_new = world.json("sync --assume-new zoe@elsewhere.example").1;
    assert_eq!(changes(&said_new), ["create-creator zoe@elsewhere.example"]);
    // Removed in LAMB as well: it is not created again under the new address.
    let delete = "DELETE FROM {p}organization_roles WHERE user_id = (SELECT id FROM {p}Creator_users WHERE user_email = \
                  'teacher@sandbox.test'); DELETE FROM {p}Creator_users WHERE user_email = 'teacher@sandbox.test'";
    world.lamb_sql(delete);
    let (_, found) = world.json("sync");
    assert_eq!((changes(&found), found["removed"][0]["email"].as_str()), (vec![], Some("zoe@elsewhere.example")));
}

#[test]
fn a_native_lamb_disables_no_creator() {
    let world = World::plain(Edition::Native);
    world.run("sync --disable-missing --apply --yes").expect(2).says("delegated");
    std::fs::write(world.cwd.path().join("p.toml"), "disable-missing = true\n").unwrap();
    world.run("sync --policy p.toml").expect(2).says("delegated");
}

#[test]
fn a_saved_plan_is_carried_out_exactly() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let flags = "--include admin.owi --include sandbox.test --role admin";
        world.run(&format!("sync {flags} --plan-out plan.jsonl")).expect(1).says("plan.jsonl");
        let file = world.cwd.path().join("plan.jsonl");
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        assert!(!std::fs::read_to_string(&file).unwrap().contains("$2b$"));
        // Elsewhere things go on: somebody comes who would be planned today.
        add_account(&world, "later@sandbox.test", "", "user");
        world.lamb_sql("UPDATE {p}Creator_users SET user_name = 'Other' WHERE user_email = 'teacher@sandbox.test'");
        let (code, json) = world.json("sync --plan plan.jsonl");
        let planned = changes(&json);
        assert_eq!((code, planned.len()), (1, if edition == Edition::Native { 4 } else { 3 }), "{json:#}");
        let (code, json) = world.json("sync --plan plan.jsonl --apply --yes");
        assert_eq!((code, changes(&json)), (0, planned), "{json:#}");
        assert_eq!((count(&world, "later@sandbox.test"), count(&world, "admin@admin.owi")), ("0".into(), "1".into()));
        // Its changes are made: the plan is out of date.
        world.run("sync --plan plan.jsonl --apply --yes").expect(4).says("the plan is out of date");
        assert_eq!(newcomers(&world, flags), ["later@sandbox.test lamb admin"]);
    }
}

#[test]
fn a_saved_plan_that_does_not_hold_is_not_carried_out() {
    let moves: [(&str, &str, &str); 6] = [
        ("", "UPDATE user SET role = 'pending' WHERE email = 'admin@admin.owi'", "admin@admin.owi"),
        ("", "UPDATE user SET name = 'Somebody' WHERE email = 'admin@admin.owi'", "admin@admin.owi"),
        (
            "",
            "UPDATE auth SET password = replace(password, '$2b$', '$2a$') WHERE email = 'no-password@sandbox.test'",
            "no-password@sandbox.test",
        ),
        ("", "DELETE FROM user WHERE email = 'admin@admin.owi'", "admin@admin.owi"),
        (
            "INSERT INTO {p}lti_users (id, user_email, user_name, assistant_id) VALUES (99, 'Admin@admin.owi', 'A', '1')",
            "",
            "admin@admin.owi",
        ),
        (
            "UPDATE {p}Creator_users SET organization_id = 1 WHERE user_email = 'no-role@sandbox.test'",
            "",
            "no-role@sandbox.test",
        ),
    ];
    for (lamb, owi, who) in moves {
        let world = World::plain(Edition::Native);
        world.run("sync --plan-out plan.jsonl").expect(1);
        world.lamb_sql(lamb);
        world.owi().execute_batch(owi).unwrap();
        let before = everything(&world);
        let output = world.run("sync --plan plan.jsonl --apply --yes");
        output.expect(4).says("1 of its 4 changes are no longer planned").says(who);
        assert_eq!(everything(&world), before, "{output}");
        world.run("sync --plan plan.jsonl").expect(4);
    }
}

#[test]
fn a_plan_file_is_one_or_is_refused() {
    let world = World::plain(Edition::Delegated);
    std::fs::write(world.cwd.path().join("notes.txt"), "mine\n").unwrap();
    world.run("sync --plan-out notes.txt").expect(2).says("another kind");
    assert_eq!(std::fs::read_to_string(world.cwd.path().join("notes.txt")).unwrap(), "mine\n");
    world.run("sync --plan notes.txt --apply --yes").expect(2).says("not a plan that `sync --plan-out` wrote");
    world.run("sync --plan none --apply --yes").expect(2).says("none");
    world.run("sync --plan-out box/lamb/lamb_v4.db").expect(2);
    // Before anything is read, which may take long.
    world
        .run("sync --plan-out notes.txt --owi-db nowhere")
        .expect(2)
        .says("--plan-out notes.txt")
        .never_says("nowhere");
    world.run("sync --plan-out plan --apply").expect(2);
    world.run("sync --plan-out plan -q").expect(1);
    world.run("sync --plan plan --org physics").expect(2).says("contains its policy");
    world.run("sync --plan plan --via api").expect(2).says("--via");
    let native = World::plain(Edition::Native);
    std::fs::copy(world.cwd.path().join("plan"), native.cwd.path().join("plan")).unwrap();
    native.run("sync --plan plan --apply --yes").expect(4).says("was made for");
}

#[test]
fn more_changes_than_allowed_are_refused() {
    let world = World::plain(Edition::Delegated);
    let before = everything(&world);
    for (max, code) in [("2", 4), ("0", 4), ("11%", 4), ("0%", 4)] {
        let output = world.run(&format!("sync --apply --yes --max-changes {max}"));
        output.expect(code).says("3 changes are planned").says("--max-changes 3");
        world.run(&format!("sync --apply --yes --force --max-changes {max}")).expect(4);
        world.run(&format!("sync --max-changes {max}")).expect(1).says("3 changes are planned");
    }
    assert_eq!(everything(&world), before);
    assert!(backups(&world).is_empty());
    world.run("sync --max-changes many").expect(2);
    world.run("sync --apply --yes --max-changes 12%").expect(0);
}

#[test]
fn an_empty_or_shrunken_side_is_refused() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        world.run("sync --apply --yes").expect(0);
        let before = everything(&world);
        let owi = world.owi();
        owi.execute_batch("DELETE FROM user WHERE rowid > 10; DELETE FROM auth WHERE id NOT IN (SELECT id FROM user)")
            .unwrap();
        let output = world.run("sync -o json");
        output.expect(4).says("at the last sync it had 26");
        assert_eq!(output.json()["guards"][0]["can_be_forced"], true);
        world.run("sync --apply --yes").expect(4).says("Refused");
        world.run("sync --force").expect(0);
        owi.execute_batch("DELETE FROM user; DELETE FROM auth").unwrap();
        for line in ["sync", "sync --apply --yes", "sync --apply --yes --force"] {
            world.run(line).expect(4).says("Open WebUI has no users");
        }
        assert_eq!(everything(&world), before);
    }
}

#[test]
fn a_stale_file_is_refused_and_a_silent_server_is_a_note() {
    for edition in EDITIONS {
        let world = World::start(edition, OwiVersion::V0_5_6, Some(Trouble::OwiDbStale));
        let before = everything(&world);
        for line in ["sync", "sync --apply --yes", "sync --apply --yes --force"] {
            world.run(line).expect(4).says("Open WebUI does not use").says("owi-db-stale");
        }
        assert_eq!(everything(&world), before);
        world.run("sync --via api").expect(1).never_says("does not use");
        for trouble in [Trouble::OwiDown, Trouble::OwiHangs, Trouble::OwiError, Trouble::OwiSecretChanged] {
            let world = World::start(edition, OwiVersion::V0_6_43, Some(trouble));
            world.run("sync --timeout 0.3").expect(1).says("could not check whether webui.db");
            world.run("sync --apply --yes --timeout 0.3").expect(0).says("could not check whether webui.db");
            assert_eq!(count(&world, "admin@admin.owi"), "1");
            if trouble != Trouble::OwiSecretChanged {
                world.run("sync --via api --timeout 0.3").expect(3);
            }
        }
    }
}

/// A user whom the server has and the file lacks gives a copy away, were all others the same.
#[test]
fn a_copy_of_yesterday_is_refused() {
    for version in VERSIONS {
        let world = World::start(Edition::Delegated, version, None);
        // 0.5.6 cannot list anybody whose page has a row that it cannot read; then it is a note.
        world.owi().execute_batch("UPDATE user SET settings = 'null'").unwrap();
        let copy = world.cwd.path().join("copy");
        std::fs::create_dir(&copy).unwrap();
        world.owi().execute("VACUUM INTO ?1", [copy.join("webui.db").display().to_string()]).unwrap();
        world.run("sync --owi-db copy").expect(1).never_says("could not check whether webui.db");
        add_account(&world, "today@uni.example", "", "user");
        world.owi().execute_batch("UPDATE user SET created_at = 1900000000 WHERE email = 'today@uni.example'").unwrap();
        world.run("sync --owi-db copy").expect(4).says("today@uni.example");
        world.run("sync").expect(1).never_says("could not check whether webui.db");
    }
}

#[test]
fn files_that_are_not_there_or_not_lambs_are_told() {
    let cases = [
        (Trouble::OwiDbMissing, 3),
        (Trouble::LambDbMissing, 3),
        (Trouble::LambDbEmpty, 3),
        (Trouble::LambDbGarbage, 3),
        (Trouble::PrefixWrong, 4),
        (Trouble::ColumnsMissing, 4),
        (Trouble::OwiDbLocked, 3),
    ];
    for (trouble, code) in cases {
        let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(trouble));
        let before = names(&world);
        world.run("sync --lock-timeout 0.1").expect(code);
        assert_eq!(names(&world), before, "{trouble}");
        world.run("sync --apply --yes --lock-timeout 0.1").expect(code);
        assert!(backups(&world).is_empty(), "{trouble}");
    }
}

#[test]
fn one_sync_at_a_time() {
    let world = World::plain(Edition::Native);
    let lock = lamb_file(&world, "lamb-auth.sync.lock");
    let mut holder = Command::new("flock")
        .args([
            lock.as_os_str(),
            "sh".as_ref(),
            "-c".as_ref(),
            "echo $$ > \"$0\"; echo held; read x".as_ref(),
            lock.as_os_str(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let pid = std::fs::read_to_string(&lock).unwrap();
    let before = everything(&world);
    world.run("sync --apply --yes").expect(4).says(&format!("process {}", pid.trim()));
    world.run("sync --apply --yes --force").expect(4);
    assert_eq!(everything(&world), before);
    world.run("sync").expect(1);
    drop(holder.stdin.take());
    holder.wait().unwrap();
    // Its number still stands there; nobody holds it.
    assert_eq!(std::fs::read_to_string(&lock).unwrap(), pid);
    world.run("sync --apply --yes").expect(0);
    assert_eq!(std::fs::metadata(&lock).unwrap().mode() & 0o777, 0o600);
}

fn tables(db: &Connection) -> Vec<String> {
    let mut all = Vec::new();
    for table in rows(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        all.extend(rows(db, &format!("SELECT * FROM \"{table}\"")).into_iter().map(|row| format!("{table}|{row}")));
    }
    all
}

#[test]
fn a_backup_is_the_database_before() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        // In wal mode something that is in the wal only.
        let held = world.lamb();
        held.execute_batch(&format!("UPDATE {}organizations SET name = 'Q'", world.prefix())).unwrap();
        let before = tables(&held);
        let output = world.run("sync --apply --yes -o json");
        let backup = backups(&world).remove(0);
        assert_eq!(Path::new(output.expect(0).json()["backup"].as_str().unwrap()).file_name(), backup.file_name());
        assert_eq!(std::fs::metadata(&backup).unwrap().mode() & 0o777, 0o600);
        let copy = Connection::open(&backup).unwrap();
        assert_eq!(tables(&copy), before);
        assert_eq!(rows(&copy, "PRAGMA integrity_check"), ["ok"]);
        world.run("undo last --yes").expect(0);
        let output = world.run("sync --apply --yes --no-backup -o json");
        assert_eq!((output.expect(0).json()["backup"].clone(), backups(&world).len()), (Value::Null, 1));
    }
}

#[test]
fn five_backups_are_kept_and_no_file_of_others_is_touched() {
    let world = World::plain(Edition::Delegated);
    let foreign = [
        "lamb-auth.backup-20261123T134012123Z.db.bak",
        "lamb-auth.backup-before-exam.db",
        "lamb-auth.backup-20261123.db",
        "my-lamb-auth.backup-20261123T134012123Z.db",
        "lamb_v4.db.backup",
        "lamb-auth.backup-20261123T134012123Z.DB",
    ];
    foreign.iter().for_each(|name| std::fs::write(lamb_file(&world, name), name).unwrap());
    let old = "lamb-auth.backup-20201123T134012123Z";
    std::fs::write(lamb_file(&world, &format!("{old}.db")), "the oldest").unwrap();
    std::fs::write(lamb_file(&world, &format!("{old}.part")), "of a killed run").unwrap();
    let mut made = Vec::new();
    for _ in 0..6 {
        let output = world.run("sync --apply --yes -o json");
        made.push(output.expect(0).json()["backup"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
        world.run("undo last --yes -q").expect(0);
    }
    let kept: Vec<String> =
        backups(&world).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(kept, made[1..]);
    assert!(!names(&world).iter().any(|name| name.ends_with(".part")));
    for name in foreign {
        assert_eq!(std::fs::read_to_string(lamb_file(&world, name)).unwrap(), name);
    }
}

/// A plan that nothing comes of costs no old backup.
#[test]
fn without_a_journal_nothing_is_changed() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let (before, folder) = (everything(&world), names(&world));
        std::fs::create_dir(world.cwd.path().join("folder")).unwrap();
        for journal in ["no/such/folder/j", "folder", "/dev/full"] {
            world.run(&format!("sync --apply --yes --journal {journal}")).expect(3);
        }
        assert_eq!(everything(&world), before);
        assert!(backups(&world).is_empty());
        let left: Vec<String> = names(&world).into_iter().filter(|name| name != "lamb-auth.sync.lock").collect();
        assert_eq!(left, folder);
    }
}

#[test]
fn the_result_names_the_lock_time_and_the_undo_command() {
    let world = World::plain(Edition::Delegated);
    let output = world.run("sync --apply --yes --journal 'a journal'");
    output.expect(0).says("lock held").says("lamb-auth undo 20").says("--journal 'a journal'").says("(creator ");
    let line = output.stdout.lines().find(|line| line.contains("lamb-auth undo")).unwrap();
    let undo = &line[line.find("lamb-auth undo").unwrap() + "lamb-auth ".len()..];
    let before = World::plain(Edition::Delegated);
    world.run(&format!("{undo} --yes")).expect(0);
    assert_eq!(everything(&world), everything(&before));
    let json = world.run("sync --apply --yes -o json").json();
    assert!(json["lock_ms"].is_u64() && json["run"].is_string(), "{json:#}");
    assert_eq!(json["created"].as_array().unwrap().len(), 1);
}

/// All bytes of both folders; shared memory is no content.
fn bytes(world: &World) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for folder in ["lamb", "owi"] {
        for entry in std::fs::read_dir(world.sandbox.dir().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_memory = path.to_string_lossy().ends_with("-shm");
            let bytes = if is_memory { Vec::new() } else { std::fs::read(&path).unwrap() };
            all.insert(path, bytes);
        }
    }
    all
}

/// With the server silent not even `last_active_at` moves.
#[test]
fn looking_changes_no_byte_of_any_file() {
    for (edition, version) in [
        (Edition::Delegated, OwiVersion::V0_5_6),
        (Edition::Native, OwiVersion::V0_5_6),
        (Edition::Native, OwiVersion::V0_12_4),
    ] {
        let world = World::start(edition, version, Some(Trouble::OwiDown));
        let before = bytes(&world);
        for line in
            ["sync", "sync -v -o json", "sync --force --all", "sync -o plain --with-pending", "sync --apply --org none"]
        {
            let output = world.run(line);
            assert!([1, 2].contains(&output.code), "{output}");
            assert_eq!(
                bytes(&world)
                    .into_iter()
                    .filter(|(path, _)| !path.ends_with("lamb-auth.sync.lock"))
                    .collect::<BTreeMap<_, _>>(),
                before,
                "{line}"
            );
        }
        assert_eq!(std::fs::read_dir(world.cwd.path()).unwrap().count(), 1);
    }
    // Beside a server that answers: LAMB's side is left alone, and of the other only that one column moves.
    let world = World::plain(Edition::Native);
    let lamb = |world: &World| {
        bytes(world).into_iter().filter(|(path, _)| path.to_string_lossy().contains("/lamb/")).collect::<Vec<_>>()
    };
    let owi = |world: &World| rows(&world.owi(), "SELECT id, name, email, role, updated_at, settings FROM user");
    let before = (lamb(&world), owi(&world));
    world.run("sync").expect(1);
    world.run("sync --via api").expect(1);
    assert_eq!((lamb(&world), owi(&world)), before);
}

#[test]
fn no_secret_is_in_any_output() {
    for (edition, version) in [(Edition::Delegated, OwiVersion::V0_5_6), (Edition::Native, OwiVersion::V0_12_4)] {
        let world = World::start(edition, version, None);
        let mut secrets = rows(&world.owi(), "SELECT DISTINCT password FROM auth");
        secrets.push(PASSWORD.to_owned());
        let told = ["OWI_ADMIN_PASSWORD", "LAMB_BEARER_TOKEN", "WEBUI_SECRET_KEY", "LAMB_JWT_SECRET"];
        secrets.extend(
            world.sandbox.env().into_iter().filter(|(name, _)| told.contains(name)).map(|(_, value)| value.to_owned()),
        );
        secrets.retain(|secret| secret.len() >= 8);
        for line in [
            "sync -v",
            "sync -v -o json --via api",
            "sync -v -o plain --plan-out p",
            "sync -v --plan p -o json",
            "sync -v -o json --apply --yes",
            "history last -v -o json",
        ] {
            let output = world.run(line);
            for secret in &secrets {
                output.never_says(secret);
            }
            output.never_says("$2b$").never_says("eyJ");
        }
        let journal = std::fs::read_to_string(lamb_file(&world, "lamb-auth.journal.jsonl")).unwrap();
        assert!(!journal.contains("$2b$"));
    }
}

#[test]
fn odd_people_are_shown_whole_and_harmless() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let (long, longer) = ("x".repeat(1_000), "x".repeat(10_000));
        add_account(&world, "o'neil\"\\@uni.example", "'; DROP TABLE Creator_users; --", "user");
        add_account(&world, "tab\there@uni.example", "Tab", "user");
        add_account(&world, "red\u{1b}[31m@uni.example", "\u{1b}]0;title\u{7}", "user");
        add_account(&world, "name@uni.example", &format!("\u{1b}[31m{long}\n"), "user");
        add_account(&world, &format!("{longer}@uni.example"), "Long", "user");
        add_account(&world, &format!("{}@uni.example", &long[..320]), "Over 320 characters", "user");
        add_account(&world, "novel@uni.example", &longer, "user");
        let (code, json) = world.json("sync --include uni.example --apply --yes");
        assert_eq!(code, 0, "{json:#}");
        assert_eq!(changes(&json), ["create-creator o'neil\"\\@uni.example", "create-creator name@uni.example"]);
        assert_eq!(json["summary"]["unusable"], 5, "{json:#}");
        for line in ["sync --include uni.example -v", "sync --include uni.example -o plain", "history last"] {
            world.run(line).never_says("\u{1b}[31m").never_says("\u{7}");
        }
        let name = world.lamb_rows("SELECT user_name FROM {p}Creator_users WHERE user_email = 'name@uni.example'");
        assert_eq!(name, [format!("\u{1b}[31m{long}\n")], "byte for byte, as LAMB would store it");
        world.run("sync --include uni.example").expect(0);
        world.run("undo last --yes").expect(0);
    }
}

#[test]
fn users_without_an_address_are_unusable() {
    let world = World::plain(Edition::Delegated);
    let owi = world.owi();
    owi.execute_batch(
        "CREATE TABLE loose AS SELECT * FROM user; DROP TABLE user; ALTER TABLE loose RENAME TO user;
         UPDATE user SET email = NULL WHERE email IN ('admin@admin.owi', 'student@sandbox.test')",
    )
    .unwrap();
    let (code, json) = world.json("sync");
    assert_eq!((code, json["summary"]["unusable"].as_i64()), (1, Some(2)), "{json:#}");
    assert_eq!(changes(&json).iter().filter(|line| line.starts_with("create")).count(), 0);
}

/// Everybody whom LAMB lacks, at once; with a bound that says when it is too slow.
#[test]
fn ten_thousand_creators_are_made_in_one_run() {
    let world = World::plain(Edition::Native);
    let hash = rows(&world.owi(), "SELECT password FROM auth LIMIT 1").remove(0);
    world
        .owi()
        .execute_batch(&format!(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
             INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
             SELECT 'n' || n, 'N' || n, 'n' || n || '@uni.example', 'user', '', 1, 1, 1 FROM n;
             INSERT INTO auth (id, email, password, active) SELECT id, email, '{hash}', 1 FROM user WHERE id LIKE 'n%' AND email LIKE '%uni.example'"
        ))
        .unwrap();
    world.run("sync --apply --yes").expect(4).says("--max-changes");
    let began = Instant::now();
    let output = world.run("sync --apply --yes --max-changes 100%");
    output.expect(0).says("and 9984 more");
    assert!(output.stdout.len() < 20_000 && began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    world.run("sync").expect(0);
    world.run("undo last --yes").expect(0);
    assert_eq!(world.lamb_rows("SELECT count(*) FROM {p}Creator_users"), ["22"]);
    let mut text = String::new();
    std::fs::File::open(lamb_file(&world, "lamb-auth.journal.jsonl")).unwrap().read_to_string(&mut text).unwrap();
    assert!(text.lines().count() > 20_000);
    let mode = std::fs::metadata(lamb_file(&world, "lamb-auth.journal.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// With an old copy of `webui.db` and no server that could tell, nearly everybody would be disabled.
#[test]
fn no_creator_is_disabled_by_the_file_alone() {
    let world = World::plain(Edition::Delegated);
    world.owi().execute_batch("DELETE FROM user WHERE rowid > 2; DELETE FROM auth WHERE rowid > 2").unwrap();
    let enabled = || world.lamb_rows("SELECT count(*) FROM {p}Creator_users WHERE enabled = 1");
    let before = enabled();
    let line = "sync --disable-missing --apply --yes --no-backup -o plain";
    let output = world.command(line).env("OWI_BASE_URL", "http://127.0.0.1:9").run();
    output
        .expect(4)
        .says("nothing proves that the list of Open WebUI's users is complete")
        .says("creators would be disabled at once");
    let output = world.command(line).env("OWI_ADMIN_EMAIL", "").run();
    output.expect(4).says("OWI_ADMIN_EMAIL is not set");
    assert_eq!(enabled(), before);
}

/// A restore took the roles of nearly all creators: the cause is told once, and not a change for each of them.
#[test]
fn what_most_creators_have_is_told_as_one_cause() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, None);
    world.lamb().execute("DELETE FROM organization_roles", []).unwrap();
    world.run("sync").expect(1).says("common cause").says("have role-missing").never_says("make teacher@sandbox.test");
    let told = world.run("-o json sync").json();
    assert_eq!(told["common_causes"][0]["finding"], "role-missing", "{told}");
    world.run("sync --apply --yes").expect(4).says("find that cause first");
    world.run("sync --apply --yes --force").expect(0);
    assert_eq!(world.run("-o json sync").json()["common_causes"], serde_json::json!([]));
}
