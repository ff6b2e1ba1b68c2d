//! `update-creator` and `update-organization`, run as a person runs them.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::create_creator::everything;

use super::run::World;
use super::sync::lamb_file;

#[test]
fn a_creator_is_changed_and_undo_restores_it() {
    let world = World::plain(Edition::Native);
    let before = everything(&world);
    let disabled = "update-creator --email disabled@sandbox.test";
    let (code, plan) = world.json(&format!("{disabled} --enable --dry-run"));
    assert_eq!(
        (code, plan["pending"].as_bool(), plan["changes"][0]["kind"].as_str()),
        (1, Some(true), Some("enable-creator"))
    );
    assert_eq!(everything(&world), before);

    // The finding names the command that fixes it.
    let (_, report) = world.json("check-user --email disabled@sandbox.test");
    let named = report["findings"].as_array().unwrap().iter().find(|hit| hit["id"] == "creator-disabled").unwrap();
    assert_eq!(named["mend"][1]["command"], format!("lamb-auth {disabled} --enable"));
    world.run(&format!("{disabled} --enable --yes")).expect(0);
    world.run(&format!("{disabled} --enable --yes")).expect(0).says("so already");
    world.run("undo last --yes").expect(0);
    assert_eq!(everything(&world), before);

    world
        .run("update-creator --email teacher@sandbox.test --disable --yes")
        .expect(4)
        .says("neither an owner nor an admin");
    world.run("update-creator --email teacher@sandbox.test").expect(2);
    world.run("update-creator --email nobody@sandbox.test --enable --yes").expect(1);
    assert_eq!(everything(&world), before);
}

#[test]
fn a_new_password_is_stored_as_lamb_stores_it() {
    let world = World::plain(Edition::Native);
    let line = "update-creator --email teacher@sandbox.test --set-password --password-stdin --yes";
    world.command(line).stdin("correct horse\n").run().expect(0);
    let stored =
        world.lamb_rows("SELECT password_hash FROM {p}Creator_users WHERE user_email = 'teacher@sandbox.test'");
    assert!(stored[0].starts_with("$2b$12$"), "{stored:?}");
    assert!(bcrypt::verify("correct horse", &stored[0]).unwrap());
    world.run("undo last --yes").expect(4).says("the journal keeps no passwords");

    let world = World::plain(Edition::Delegated);
    world.command(line).stdin("correct horse\n").run().expect(2).says("--owi-too");
}

/// Open WebUI makes its half first; an undo leaves it there, and says so.
#[test]
fn open_webui_makes_the_same_change_with_owi_too() {
    for edition in [Edition::Native, Edition::Delegated] {
        let world = World::plain(edition);
        let before = everything(&world);
        let line = "update-creator --email teacher@sandbox.test --rename married@sandbox.test --owi-too";
        let (code, plan) = world.json(&format!("{line} --dry-run"));
        assert_eq!((code, &plan["in_open_webui"]["kind"]), (1, &"set-owi-email".into()), "{plan:#}");
        assert_eq!(everything(&world), before);
        let done = world.run(&format!("{line} --yes"));
        done.expect(0).says("lamb-auth undo").never_says("creates an empty one");
        // A delegated LAMB's token holds the account's id, and goes on (measured).
        let ends = done.stdout.contains("tokens with the old e-mail stop working");
        assert_eq!(ends, edition == Edition::Native, "{done}");
        world.run("check-user --email married@sandbox.test").expect(0);
        world.run("check-owi-user --email married@sandbox.test").expect(0);
        world.run("check-owi-user --email teacher@sandbox.test").expect(1);
        world.run("diagnose --email married@sandbox.test").expect(0);
        let back = world.run("undo last --yes");
        back.expect(0).says("change the e-mail of married@sandbox.test in Open WebUI to teacher@sandbox.test");
        back.says("rename married@sandbox.test back to teacher@sandbox.test, with");
        assert_eq!(everything(&world), before, "both halves are restored");
        assert_eq!(world.json("undo last --yes").0, 2, "nothing is left to undo");

        // What an interrupted run left: Open WebUI has the new address, LAMB the old one.
        world.rename_in_owi("teacher@sandbox.test", "married@sandbox.test");
        world.run(&format!("{line} --yes")).expect(0);
        world.run("check-user --email married@sandbox.test").expect(0);

        let taken = "update-creator --email married@sandbox.test --rename student@sandbox.test --owi-too --yes";
        world.run(taken).expect(4);
        // The account of another person is not taken over, and no address is chosen that cannot log in.
        let other = "update-creator --email married@sandbox.test --rename";
        world.run(&format!("{other} operator@sandbox.test --owi-too --force --yes")).expect(4);
        world.run(&format!("{other} admin@admin.owi --owi-too --force --yes")).expect(4).says("OWI_ADMIN_EMAIL");
        world.run(&format!("{other} \u{448}@uni.example --owi-too --yes")).expect(4).says("could not log in");
        let local = world.run(&format!("{other} married@school.local --owi-too --dry-run"));
        local.expect(if edition == Edition::Delegated { 4 } else { 1 });
        world.run("update-creator --email married@sandbox.test --name Anna --owi-too --yes").expect(2);
    }
}

#[test]
fn a_new_password_of_both_servers_is_sent_once_and_never_shown() {
    let hash = "SELECT a.password FROM auth a JOIN user u ON u.id = a.id WHERE u.email = 'teacher@sandbox.test'";
    for edition in [Edition::Native, Edition::Delegated] {
        let world = World::plain(edition);
        let line = "update-creator --email teacher@sandbox.test --set-password --password-stdin --owi-too -o json";
        let planned = world.command(&format!("{line} --dry-run")).stdin("correct horse\n").run();
        planned.expect(1).never_says("correct horse");
        // What changes nothing asks for no password.
        world.run(&format!("{} --dry-run", line.replace(" --password-stdin", ""))).expect(1).says("set-owi-password");
        let done = world.command(&format!("{line} --yes")).stdin("correct horse\n").run();
        done.expect(0).never_says("correct horse");
        let changes = done.json()["changes"].as_array().unwrap().len();
        assert_eq!(changes, usize::from(edition == Edition::Native), "{done}");
        let stored: String = world.owi().query_row(hash, [], |row| row.get(0)).unwrap();
        assert!(bcrypt::verify("correct horse", &stored).unwrap());
        world.run("history last").expect(0).never_says("correct horse");
        done.never_says("lamb-auth undo");
        world.run("undo last --yes").says("nothing restores the old password");
    }
}

/// LAMB's database is locked when its turn comes: the half that was made is told by the error, by JSON and by the
/// history, `undo` restores it, and the same command finishes it.
#[test]
fn a_run_that_is_half_done_says_which_half_and_what_puts_it_right() {
    for edition in [Edition::Native, Edition::Delegated] {
        let world = World::plain(edition);
        let before = everything(&world);
        let line = "update-creator --email teacher@sandbox.test --rename married@sandbox.test --owi-too --yes";
        let locked = |line: &str| {
            let lock = world.lamb();
            lock.execute_batch("BEGIN IMMEDIATE").unwrap();
            let output = world.run(&format!("{line} -o json --lock-timeout 0.2"));
            lock.execute_batch("ROLLBACK").unwrap();
            output.expect(5).says("partly done").never_says("nothing was changed");
            output.json()["error"]["half_done"].clone()
        };
        let half = locked(line);
        assert_eq!(
            (&half["made"]["kind"], &half["made"]["before"]),
            (&"set-owi-email".into(), &"teacher@sandbox.test".into())
        );
        let undo = half["undo"].as_str().unwrap().strip_prefix("lamb-auth ").unwrap().to_owned();
        assert!(half["why"].as_str().unwrap().contains("locked"), "{half:#}");
        let (_, told) = world.json("history");
        assert_eq!(told["runs"][0]["fate"], "only-in-open-webui", "{told:#}");
        let shown = world.run("history last");
        shown.expect(0).says("partly done: Open WebUI made 1 change").says("LAMB's database was not changed");
        world.run("check-owi-user --email married@sandbox.test").expect(0);
        world.run("check-user --email teacher@sandbox.test").expect(0);
        world.run(&format!("{undo} --yes")).expect(0);
        assert_eq!(everything(&world), before);
        world.run("history").expect(0).says("undone by");

        // The same command finishes it, in a run with LAMB's half. Each of the two is undone by its own command.
        let first = locked(line)["run"].as_str().unwrap().to_owned();
        // There is no half in LAMB that --force could ask for.
        world.rename_in_owi("married@sandbox.test", "again@sandbox.test");
        let refused = world.run(&format!("undo {first} --yes --force"));
        refused.expect(4).says("another e-mail: again@sandbox.test").never_says("LAMB's half alone");
        world.run(&format!("undo {first} --yes --force --owi-db missing.db")).expect(3).says("missing.db");
        world.rename_in_owi("again@sandbox.test", "married@sandbox.test");
        world.run(line).expect(0);
        // One half without the other would leave the user with two e-mails.
        let told = world.json("history").1["runs"].clone();
        let later = told[0]["run"].as_str().unwrap().to_owned();
        let (fate, by) = (&told[1]["fate"], &told[1]["finished_by"]);
        assert_eq!((fate, by), (&"finished-later".into(), &later.as_str().into()), "{told:#}");
        world.run("history").says("finished by");
        let (both, refused) = (everything(&world), world.run(&format!("undo {first} --yes")));
        refused.expect(4).says("LAMB's creator has the e-mail").says(&format!("lamb-auth undo {later}"));
        assert_eq!(everything(&world), both);
        world.run("undo last --yes").expect(0).says(&format!("lamb-auth undo {first}"));
        assert_eq!(world.json(&format!("history {first}")).1["run"]["fate"], "only-in-open-webui");
        world.run("undo last --yes").expect(0);
        assert_eq!(everything(&world), before);

        // An undo may be half done too.
        world.run(line).expect(0);
        assert_eq!(locked("undo last --yes")["made"]["email"], "teacher@sandbox.test");
        world.run("undo last --yes").expect(0).says("has the e-mail teacher@sandbox.test in Open WebUI already");
        assert_eq!(everything(&world), before);
        let told = world.json("history").1["runs"].clone();
        assert_eq!(
            (&told[1]["fate"], &told[1]["finished_by"]),
            (&"finished-later".into(), &told[0]["run"]),
            "{told:#}"
        );

        // A request without an answer that changed nothing: there is nothing to undo, and the run before it is named.
        let named = world.json("update-creator --email teacher@sandbox.test --name Anna --yes").1;
        let (journal, newest) = (lamb_file(&world, "lamb-auth.journal.jsonl"), "29991231T235959Z-aaaaaa");
        let lines = std::fs::read_to_string(&journal).unwrap();
        let of_first = lines.lines().filter(|line| line.contains(&first)).take(2);
        let asked: String = of_first.map(|line| line.replace(&first, newest) + "\n").collect();
        assert!(asked.contains("\"asked\""), "{asked}");
        std::fs::write(&journal, lines + &asked).unwrap();
        assert_eq!(world.json("history").1["runs"][0]["fate"], "unknown-in-open-webui");
        let undo = format!("undo {}", named["run"].as_str().unwrap());
        let stays = world.run("undo last --yes");
        stays.expect(0).says("has the e-mail teacher@sandbox.test in Open WebUI already");
        stays.says("to undo the run before it (update-creator of ").says(&format!("lamb-auth {undo}"));
        world.run(&format!("{undo} --yes")).expect(0);
        assert_eq!(everything(&world), before);
    }
}

/// What was changed in Open WebUI since is left there, unless the user says that LAMB's half is enough.
#[test]
fn undo_of_both_halves_is_refused_where_open_webui_changed_since() {
    let world = World::plain(Edition::Native);
    let line = "update-creator --email teacher@sandbox.test --rename married@sandbox.test --owi-too --yes";
    world.run(line).expect(0);
    world.rename_in_owi("married@sandbox.test", "again@sandbox.test");
    let changed = everything(&world);
    world.run("undo last --yes").expect(4).says("another e-mail: again@sandbox.test").says("LAMB's half alone");
    assert_eq!(everything(&world), changed);
    world.rename_in_owi("again@sandbox.test", "married@sandbox.test");
    world.rename_in_owi("operator@sandbox.test", "teacher@sandbox.test");
    world.run("undo last --yes").expect(4).says("another account of teacher@sandbox.test");
    world.run("undo last --yes --force").expect(0);
    world.run("check-user --email teacher@sandbox.test").expect(0);
}

/// Nothing is changed in LAMB where Open WebUI refuses.
#[test]
fn open_webui_may_refuse_its_half() {
    let line = "update-creator --email teacher@sandbox.test --rename married@sandbox.test --owi-too --yes";
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiDown));
    let before = everything(&world);
    world.run(line).expect(3);
    assert_eq!(everything(&world), before);
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiDbStale));
    let before = everything(&world);
    world.run(line).expect(4);
    assert_eq!(everything(&world), before);
    let world = World::plain(Edition::Delegated);
    let before = everything(&world);
    world
        .owi()
        .execute_batch(
            "INSERT INTO auth SELECT 'left', email, password, active FROM auth WHERE email = 'teacher@sandbox.test'",
        )
        .unwrap();
    world.run(line).expect(4).says("exactly one account");
    assert_eq!(everything(&world), before);
}

#[test]
fn an_organization_is_activated() {
    let world = World::plain(Edition::Delegated);
    world.lamb_sql("UPDATE {p}organizations SET status = 'suspended' WHERE slug = 'physics'");
    let before = everything(&world);
    let (code, done) = world.json("update-organization --org physics --activate --yes");
    assert_eq!((code, done["changes"][0]["organization"].as_str()), (0, Some("physics")), "{done:#}");
    assert_eq!(world.lamb_rows("SELECT status FROM {p}organizations WHERE slug = 'physics'"), ["active"]);
    world.run("undo last --yes").expect(0);
    assert_eq!(everything(&world), before);
    world.run("update-organization --org physics --reset-config --yes").expect(0).says("so already");
}

#[test]
fn a_flag_that_is_not_there_leads_to_the_one_that_is() {
    let world = World::plain(Edition::Native);
    let line = "update-creator --email teacher@sandbox.test";
    world
        .run(&format!("{line} --new-email married@sandbox.test"))
        .expect(2)
        .says("tip: a similar argument exists: '--rename'");
    world.run(&format!("{line} --password-prompt")).expect(2).says("tip: a similar argument exists: '--set-password'");
    // Not to a flag that the command lacks.
    let other = world.run("create-creator --email teacher@sandbox.test --password-prompt");
    other.expect(2).never_says("--set-password");
    world.run("assign-role --email teacher@sandbox.test --new-email a@b.c").expect(2).never_says("--rename");
}

#[test]
fn a_creator_is_renamed_and_undo_restores_it() {
    let world = World::plain(Edition::Native);
    let before = everything(&world);
    let line = "update-creator --email teacher@sandbox.test --rename married@sandbox.test";
    let (code, plan) = world.json(&format!("{line} --dry-run"));
    assert_eq!((code, plan["changes"][0]["kind"].as_str()), (1, Some("rename-creator")), "{plan:#}");
    world.run(&format!("{line} --yes")).expect(0).says("knowledge base server keeps the old e-mail");
    world.run("check-user --email teacher@sandbox.test").expect(1);
    let (_, run) = world.json("history last");
    assert_eq!(run["run"]["entries"][0]["email"], "married@sandbox.test");
    world.run("undo last --yes").expect(0);
    assert_eq!(everything(&world), before);
    world.run(&format!("{line} --disable")).expect(2);

    let world = World::plain(Edition::Delegated);
    world.run(&format!("{line} --yes")).expect(4).says("could not log in");
    // After Open WebUI has the new e-mail, sync knows the person and names the command.
    world.rename_in_owi("teacher@sandbox.test", "married@sandbox.test");
    let only = "sync --include teacher@sandbox.test --include married@sandbox.test --disable-missing";
    let (code, found) = world.json(&format!("{only} --apply --yes"));
    assert_eq!((code, found["changes"].as_array().map(Vec::len)), (0, Some(0)), "{found:#}");
    let conflict = found["conflicts"].as_array().unwrap().iter().find(|one| one["owi"][0] == "married@sandbox.test");
    assert_eq!(conflict.unwrap()["fix"], format!("lamb-auth {line}"), "{found:#}");
    world.run(&format!("{line} --yes")).expect(0);
    let (_, found) = world.json(only);
    assert_eq!((&found["summary"]["probably_renamed"], &found["changes"]), (&0.into(), &serde_json::json!([])));
}

/// The evidence is a name, so a person decides. The measured cause stays the finding.
#[test]
fn fix_creates_no_second_half_of_a_user_who_is_probably_renamed() {
    let world = World::plain(Edition::Delegated);
    world.rename_in_owi("teacher@sandbox.test", "married@sandbox.test");
    let before = everything(&world);
    let rename = "If they are one person: lamb-auth update-creator --email teacher@sandbox.test --rename \
                  married@sandbox.test";
    let new = "If they are two people: lamb-auth create-creator --email married@sandbox.test";
    for (email, finding) in [("married@sandbox.test", "creator-missing"), ("teacher@sandbox.test", "owi-user-missing")]
    {
        world
            .run(&format!("diagnose {email} -v"))
            .expect(1)
            .says("probably one person")
            .never_says("Fix automatically");
        let line = format!("diagnose --email {email} --fix --yes --new-password-stdin -o json");
        let fixed = world.command(&line).stdin("correct horse\n").run().expect(1).json();
        let fix = &fixed["fix"];
        assert_eq!((&fix["repairs"], &fixed["finding"]), (&serde_json::json!([]), &finding.into()), "{fixed:#}");
        let steps = fix["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["finding"] == finding).unwrap();
        assert_eq!(step["mend"], serde_json::json!([{ "advice": rename }, { "advice": new }]), "{step:#}");
    }
    assert_eq!(everything(&world), before);
    // Among very many users, a look does not search for long, and says so. What changes something does.
    world.owi().execute("UPDATE user SET rowid = 2000000 WHERE email = 'married@sandbox.test'", []).unwrap();
    let before = everything(&world);
    let quick = world.run("diagnose married@sandbox.test -o json");
    quick.expect(1).says("lamb-auth audit --finding probably-renamed").never_says("probably one person");
    world.run("diagnose --email married@sandbox.test --fix --yes").expect(1).says("probably one person");
    world.run("audit --fix --finding probably-renamed --yes").says("update-creator").says("create-creator");
    world.run("audit --fix --yes --email *married@sandbox.test").expect(1);
    assert_eq!(everything(&world), before);
}
