//! `audit --fix`: what is fixed for all at once, kind by kind, and what is not.

use lamb_auth::lamb::Edition::{self, Delegated, Native};
use lamb_auth::sandbox::{OwiVersion, Trouble};
use serde_json::Value;

use super::run::{EDITIONS, World, contents, rows};

fn everything(world: &World) -> (Vec<String>, Vec<String>) {
    (world.lamb_contents(), contents(&world.owi()))
}

/// Kind, e-mail, and how it ended.
fn repairs(report: &Value) -> Vec<String> {
    let all = report["fix"]["repairs"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    let word = |repair: &Value, name: &str| repair[name].as_str().unwrap().to_owned();
    all.iter().map(|one| ["kind", "email", "state"].map(|name| word(one, name)).join(" ")).collect()
}

/// What is fixable in the sandbox, in the order in which it is done.
fn fixable(edition: Edition) -> Vec<&'static str> {
    let mut all = vec![
        "approve-owi-user pending@sandbox.test",
        "set-owi-email renamed@sandbox.test",
        "create-creator admin@admin.owi",
        "set-organization-role no-role@sandbox.test",
        "set-organization-role other-role@sandbox.test",
        "fix-user-config bad-config@sandbox.test",
    ];
    if edition == Native {
        all.insert(5, "copy-password-hash no-password@sandbox.test");
    }
    all
}

/// The one that signs in stays, and so does one that owns anything, even if only a list in JSON says so.
#[test]
fn empty_duplicates_are_deleted_and_no_others() {
    let world = World::plain(Delegated);
    let ids = || rows(&world.owi(), "SELECT id FROM user WHERE email = 'double@sandbox.test' ORDER BY rowid");
    let before = ids();
    let line = "audit --fix --finding owi-duplicate";
    let (code, would) = world.json(&format!("{line} --dry-run"));
    assert_eq!(
        (code, repairs(&would)),
        (1, vec!["delete-owi-user double@sandbox.test pending".to_owned()]),
        "{would:#}"
    );
    world.run(line).expect(4);
    // Without its name, no account is ever deleted.
    let (_, all) = world.json("audit --fix --dry-run");
    assert!(!repairs(&all).iter().any(|one| one.starts_with("delete-owi-user")), "{all:#}");
    world.owi().execute("INSERT INTO \"group\" (id, user_ids) VALUES ('g', json_array(?1))", [&before[1]]).unwrap();
    let (_, would) = world.json(&format!("{line} --dry-run"));
    assert!(repairs(&would).is_empty(), "{would:#}");
    world.owi().execute("DELETE FROM \"group\"", []).unwrap();
    assert_eq!(ids(), before);

    let (code, done) = world.json(&format!("{line} --yes"));
    assert_eq!((code, repairs(&done)), (0, vec!["delete-owi-user double@sandbox.test done".to_owned()]), "{done:#}");
    assert_eq!(ids(), before[..1]);
    assert!(rows(&world.owi(), &format!("SELECT id FROM auth WHERE id = '{}'", before[1])).is_empty());
    world.run("history last").expect(0).says("delete the empty account");
    world.run("undo last --yes").says("nothing restores a deleted account");
    world.run("audit --finding owi-duplicate").expect(0);
}

fn ended(edition: Edition, state: impl Fn(&str) -> &'static str) -> Vec<String> {
    fixable(edition).into_iter().map(|one| format!("{one} {}", state(one))).collect()
}

#[test]
fn all_users_are_fixed_kind_by_kind_and_undone() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        let (code, would) = world.json("audit --fix --dry-run");
        assert_eq!((code, repairs(&would)), (1, ended(edition, |_| "pending")), "{would:#}");
        // What it is about to do is left to nobody.
        let manual = would["fix"]["steps"].to_string();
        for planned in ["\"creator-missing", "\"role-missing", "create-creator --email admin@admin.owi"] {
            assert!(!manual.contains(planned), "{planned}: {would:#}");
        }
        assert!(manual.contains("creator-disabled"), "{would:#}");
        world.run("audit --fix").expect(4).says("--yes");
        assert_eq!(everything(&world), before);
        assert!(!world.journal().exists());

        let (code, report) = world.json("audit --fix --yes");
        let access = ["approve-owi-user", "set-owi-email", "copy-password-hash"];
        let is_left = |one: &str| access.iter().any(|kind| one.starts_with(kind));
        let state = |one: &str| if is_left(one) { "refused" } else { "done" };
        assert_eq!((code, repairs(&report)), (5, ended(edition, state)), "{report:#}");
        // What is left is told once for all who have it.
        let findings: Vec<_> =
            report["fix"]["steps"].as_array().unwrap().iter().map(|s| s["finding"].as_str().unwrap()).collect();
        for (finding, is_left) in [("owi-pending", true), ("creator-disabled", true), ("role-missing", false)] {
            assert_eq!(findings.contains(&finding), is_left, "{finding}: {findings:?}");
        }
        assert_eq!(report["fix"]["steps"][1]["number"], 2);
        let groups = report["groups"].to_string();
        // LAMB's own admin was created as one.
        assert!(!report["platform"]["findings"].to_string().contains("no creator admin@admin.owi"), "{report:#}");
        for role in world.lamb_rows(
            "SELECT r.role FROM {p}organization_roles r JOIN {p}Creator_users c ON c.id = r.user_id \
            WHERE c.user_email = 'admin@admin.owi'",
        ) {
            assert_eq!(role, "admin");
        }
        for fixed in ["creator-missing", "role-missing", "role-elsewhere", "user-config-broken"] {
            assert!(!groups.contains(fixed), "{fixed}: {report:#}");
        }
        // A run of each kind, and each of LAMB's is taken back by the command that is named.
        let runs = report["fix"]["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 3, "{report:#}");
        for run in runs {
            if let Some(undo) = run["back"]["command"].as_str() {
                world.run(&format!("{} --yes", undo.trim_start_matches("lamb-auth "))).expect(0);
            }
        }
        assert_eq!(world.lamb_contents(), before.0);
    }
}

/// Whom nobody named is not let in.
#[test]
fn pending_people_are_approved_by_name_only() {
    for version in OwiVersion::ALL {
        let world = World::start(Delegated, version, None);
        world
            .owi()
            .execute_batch(
                "UPDATE user SET role = 'pending' WHERE email IN ('teacher@sandbox.test', 'student@sandbox.test')",
            )
            .unwrap();
        let roles = || rows(&world.owi(), "SELECT email FROM user WHERE role = 'pending' ORDER BY email");
        let all = ["pending@sandbox.test", "student@sandbox.test", "teacher@sandbox.test"];
        let (_, report) = world.json("audit --fix --yes --force --email 'teacher@*'");
        assert_eq!(repairs(&report), ["approve-owi-user teacher@sandbox.test refused"], "{report:#}");
        let (_, report) = world.json("audit --fix --yes --finding creator-missing");
        assert_eq!(repairs(&report), ["create-creator admin@admin.owi done"], "{report:#}");
        assert_eq!(roles(), all);

        let (code, report) = world.json("audit --fix --yes --force --finding owi-pending");
        let ends = ["pending@sandbox.test done", "teacher@sandbox.test done"];
        assert_eq!(
            (code, repairs(&report)),
            (0, ends.map(|end| format!("approve-owi-user {end}")).to_vec()),
            "{report:#}"
        );
        assert_eq!(roles(), ["student@sandbox.test"], "never a student");
        let back = report["fix"]["runs"][0]["back"]["command"].as_str().unwrap();
        world.run(back.trim_start_matches("lamb-auth ")).expect(0).says("approve pending@").says("approve teacher@");
    }
}

/// Whoever has the password of an account gets somebody's creator: not without having been named.
#[test]
fn what_gives_access_is_done_by_name_only() {
    let world = World::plain(Native);
    for (finding, one) in [
        ("password-missing", "copy-password-hash no-password@sandbox.test"),
        ("owi-user-half", "set-owi-email renamed@sandbox.test"),
    ] {
        let email = one.split(' ').next_back().unwrap();
        let (code, report) = world.json(&format!("audit --fix --yes --force --email {email}"));
        assert_eq!((code, repairs(&report)), (4, vec![format!("{one} refused")]), "{report:#}");
        assert!(report["fix"]["repairs"][0]["way_out"].as_str().unwrap().contains(finding), "{report:#}");
        let (code, report) = world.json(&format!("audit --fix --yes --finding {finding}"));
        assert_eq!((code, repairs(&report)), (0, vec![format!("{one} done")]), "{report:#}");
    }
}

#[test]
fn it_is_narrowed() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        for (line, should) in [
            ("--finding role-missing", &["set-organization-role no-role@sandbox.test pending"][..]),
            ("--email 'no-role@*'", &["set-organization-role no-role@sandbox.test pending"]),
            ("--email admin.owi", &["create-creator admin@admin.owi pending"]),
            ("--org lamb", &[]),
            ("--finding creator-disabled", &[]),
        ] {
            let (_, report) = world.json(&format!("audit --fix --dry-run {line}"));
            assert_eq!(repairs(&report), should, "{line}: {report:#}");
        }
        world.run("audit --fix --org nowhere --yes").expect(2).says("physics");
        assert_eq!(everything(&world), before);
    }
}

#[test]
fn each_kind_is_asked_about_once() {
    let world = World::plain(Delegated);
    let output = world.command("audit --fix").at_a_terminal("n\nn\nn\ny\nn\n");
    output
        .expect(5)
        .says("Approve this user in Open WebUI?")
        .says("2 roles to give. Continue?")
        .says("undo: lamb-auth undo");
    let (_, report) = world.json("audit --fix --dry-run");
    let left = ended(Delegated, |_| "pending").into_iter().filter(|one| !one.starts_with("set-organization-role"));
    assert_eq!(repairs(&report), left.collect::<Vec<_>>());
}

#[test]
fn nothing_is_done_on_files_that_are_not_the_servers_or_not_read() {
    for (trouble, code) in [
        (Trouble::OwiDbStale, 4),
        (Trouble::PrefixWrong, 1),
        (Trouble::ColumnsMissing, 1),
        (Trouble::LambDbMissing, 1),
        (Trouble::LambDbGarbage, 1),
    ] {
        for edition in EDITIONS {
            let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
            let before = contents(&world.owi());
            let (is, report) = world.json("audit --fix --yes --force");
            assert_eq!((is, &report["fix"]["changed"]), (code, &Value::Bool(false)), "{trouble} {edition}: {report:#}");
            assert_eq!(contents(&world.owi()), before, "{trouble}");
            assert!(!world.journal().exists(), "{trouble}");
        }
    }
}

/// More than can be looked through by a person are refused, before anything is asked.
#[test]
fn a_crowd_is_not_fixed_at_once() {
    let world = World::plain(Delegated);
    let columns = rows(
        &world.owi(),
        "SELECT name FROM pragma_table_info('user') WHERE name NOT IN ('id', 'email', 'api_key', 'oauth_sub')",
    );
    let columns = columns.iter().map(|name| format!(", \"{name}\"")).collect::<String>();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)";
    world
        .owi()
        .execute_batch(&format!(
            "INSERT INTO user (id, email{columns}) {numbers} SELECT 'crowd-' || i, 'crowd' || i || '@crowd.example'{columns} \
             FROM n, user WHERE email = 'teacher@sandbox.test';
             INSERT INTO auth (id, email, password, active) SELECT id, email, '', 1 FROM user WHERE email LIKE '%@crowd.example'",
        ))
        .unwrap();
    let before = everything(&world);
    for more in ["--yes", "--dry-run"] {
        world.run(&format!("audit --fix {more}")).expect(4).says("1006 users").says("sync --apply");
    }
    assert_eq!(everything(&world), before);
    let (_, report) = world.json("audit --fix --yes --email crowd.example");
    assert_eq!((report["fix"]["created"].as_array().unwrap().len(), &report["fix"]["runs"][1]), (1000, &Value::Null));
    world.run("undo last --yes").expect(0);
    assert_eq!(everything(&world), before);
}

/// What nearly all lack was lost at once: its cause is told first, and users are fixed one by one only if forced.
#[test]
fn users_with_one_cause_are_fixed_only_if_forced() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        world.lamb_sql("DELETE FROM {p}organization_roles");
        let told = world.run("audit --details").expect(1).stdout.clone();
        let [cause, list] =
            ["common-cause: ", "role-missing: "].map(|text| told.find(text).unwrap_or_else(|| panic!("{told}")));
        assert!(cause < list, "{told}");
        assert!(!told.contains("--finding role-missing --fix"), "{told}");
        assert!(world.run("audit --finding role-missing").expect(1).stdout.contains("common-cause: "));
        let before = everything(&world);
        let (code, report) = world.json("audit --fix --yes --finding role-missing");
        let refused = report["fix"]["repairs"].as_array().unwrap();
        assert!(code == 4 && refused.len() > 10, "{report:#}");
        for repair in refused {
            assert!(
                repair["state"] == "refused" && repair["why"].as_str().unwrap().contains("common-cause"),
                "{repair:#}"
            );
            assert!(repair["way_out"].as_str().unwrap().contains("--force"), "{repair:#}");
        }
        assert_eq!(everything(&world), before);
        let (_, report) = world.json("audit --fix --yes --force --finding role-missing");
        assert!(repairs(&report).iter().all(|repair| repair.ends_with(" done")), "{report:#}");
    }
}

#[test]
fn its_flags() {
    let world = World::plain(Delegated);
    for line in ["--fix --platform", "--fix --html x.html", "--yes", "--dry-run", "--force"] {
        world.run(&format!("audit {line}")).expect(2);
    }
}

/// Nobody but the sound is left: then there is nothing to do.
#[test]
fn nothing_to_fix() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let output = world.run("audit --fix --yes --email 'teacher@*'");
        output.says("Nothing");
        assert!(!world.journal().exists());
    }
}
