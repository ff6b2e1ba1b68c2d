//! The whole deployment at a glance.

use std::collections::{BTreeMap, BTreeSet};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, people};
use serde_json::Value;

use super::crowd::Crowd;
use super::people::word;
use super::run::{EDITIONS, World, snapshot};

/// Who has which finding: ids with the e-mails that are named.
fn groups(audit: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let named = |group: &Value| {
        let examples = group["examples"].as_array().unwrap().iter().map(|example| word(&example["email"]));
        let named: BTreeSet<String> = examples.collect();
        assert_eq!(group["count"], named.len(), "fewer than are named: {group:#}");
        (word(&group["id"]), named)
    };
    audit["groups"].as_array().unwrap().iter().map(named).collect()
}

/// Everybody of the sandbox is audited to exactly what `diagnose` finds about them.
fn audit_all(edition: Edition, version: OwiVersion) {
    let world = World::start(edition, version, None);
    let (code, audit) = world.json("audit");
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |id: &str, email: &str| expected.entry(id.to_owned()).or_default().insert(email.to_owned());
    for person in people() {
        if let Some(id) = person.finding_in(edition, version) {
            add(id, person.email);
        }
        // In the native edition no account is as it should be before the first chat: told, not blamed.
        if edition == Edition::Native && !person.in_owi() {
            add("owi-user-missing", person.email);
        }
    }
    assert_eq!(groups(&audit), expected, "{edition} beside {version}: {audit:#}");
    assert_eq!((code, word(&audit["worst"]).as_str()), (1, "error"));
    assert_eq!(audit["people"]["addresses"], people().len(), "{audit:#}");
}

#[test]
fn everybody_is_audited_to_their_trouble_delegated() {
    for version in OwiVersion::ALL {
        audit_all(Edition::Delegated, version);
    }
}

#[test]
fn everybody_is_audited_to_their_trouble_native() {
    for version in OwiVersion::ALL {
        audit_all(Edition::Native, version);
    }
}

#[test]
fn an_audit_is_shown_as_people_grep_and_scripts_want_it() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let outputs = [
            "audit",
            "audit --details",
            "audit -o plain",
            "audit --finding organization-missing",
            "audit --finding owi-pending -o json",
        ]
        .map(|line| world.run(line));
        snapshot(&format!("audit_{edition}"), &outputs);
    }
}

#[test]
fn an_audit_fits_on_a_screen_and_ends_with_the_answer() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let audit = world.command("audit").env("COLUMNS", "80").run();
        audit.expect(1);
        let lines: Vec<&str> = audit.stdout.lines().collect();
        // One line for each of some twenty findings, and eight around them.
        assert!(
            lines.len() <= 30 && lines.iter().all(|line| line.chars().count() <= 80 || line.starts_with("  lamb-auth")),
            "{}",
            audit.stdout
        );
        assert!(lines[0].starts_with("Errors found"), "{}", audit.stdout);
        let [answer, next, command] = lines[lines.len() - 3..] else { panic!("{}", audit.stdout) };
        assert!(answer.starts_with("Errors found: ") && answer.ends_with(" sound"), "{answer}");
        assert_eq!((next, command.trim()), ("Next:", &*word(&world.json("audit").1["next"])));
        // The same, with all that is left out there; each fact once.
        let whole = world.command("audit --details").env("COLUMNS", "80").run();
        whole.expect(1);
        assert!(whole.stdout.ends_with(&format!("{answer}\n{next}\n{command}\n")), "{}", whole.stdout);
        assert_eq!(whole.stdout.matches("double@sandbox.test has").count(), 1, "{}", whole.stdout);
    }
    // A platform that does not work is the first thing to fix.
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(lamb_auth::sandbox::Trouble::OwiDown));
    assert_eq!(world.json("audit --timeout 1").1["next"], "lamb-auth explain owi-down");
}

#[test]
fn an_audit_of_no_address_says_so_first() {
    let world = World::plain(Edition::Delegated);
    let audit = world.run("audit --email nobody@nowhere.example");
    assert!(audit.stdout.starts_with("No address matches nobody@nowhere.example"), "{audit}");
    let lines = world.run("audit --finding creator-missing -o jsonl").expect(1).stdout.clone();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[1]["user"]["email"]), (2, &Value::from("admin@admin.owi")));
    world.run("audit --finding creator-missing --html page.html").expect(1);
    let page = std::fs::read_to_string(world.cwd.path().join("page.html")).unwrap();
    assert!(page.contains("1 user has creator-missing.") && !page.contains("of 26 people"), "{page:.3000}");
}

#[test]
fn suggested_commands_begin_with_what_their_reader_types() {
    let world = World::plain(Edition::Delegated);
    let wrapper = "docker-compose exec backend lamb-auth";
    let run = |line: &str| world.command(line).env("LAMB_AUTH_COMMAND", wrapper).run();
    for line in ["audit --details", "diagnose admin@admin.owi", "check-user nobody@x.test", "diagnose"] {
        let output = run(line);
        let bare = output.all().replace(&format!("{wrapper} "), "");
        assert!(!bare.contains("lamb-auth audit") && !bare.contains("lamb-auth create-creator"), "{output}");
        assert!(line.starts_with("check") || line == "diagnose" || output.all().contains(wrapper), "{output}");
    }
    assert!(word(&world.json("audit").1["next"]).starts_with("lamb-auth audit --finding"));
}

#[test]
fn a_finding_lists_everybody_who_has_it() {
    let world = World::plain(Edition::Delegated);
    world.lamb_sql(
        "INSERT INTO Creator_users (id, user_email, user_name, user_config, created_at, updated_at)
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2500)
        SELECT 1000 + n, printf('user%04d@many.example', n), 'U', '{}', 1, 1 FROM n",
    );
    let (code, audit) = world.json("audit --finding owi-user-missing");
    let users = audit["users"].as_array().unwrap();
    assert_eq!((code, users.len()), (1, 2501));
    assert_eq!(audit["groups"][0]["count"], 2501);
    assert_eq!(users[0]["email"], "no-owi@sandbox.test");
    assert_eq!(users[2500]["email"], "user2500@many.example");
    assert_eq!(audit["groups"][0]["examples"].as_array().unwrap().len(), 5, "a few are enough beside that");
    let plain = world.run("audit --finding owi-user-missing -o plain --email many.example");
    assert_eq!(plain.stdout.lines().filter(|line| line.starts_with("user\tuser")).count(), 2500);
    // What hangs on each account is told beside them, not in their place.
    let (_, audit) = world.json("audit --finding owi-duplicate");
    let told = (word(&audit["users"][0]["email"]), word(&audit["duplicates"][0]["address"]));
    assert_eq!(told, ("double@sandbox.test".to_owned(), "double@sandbox.test".to_owned()));
}

#[test]
fn people_are_chosen_by_address_and_organization() {
    let world = World::plain(Edition::Delegated);
    let (code, audit) = world.json("audit --email 'no-*@sandbox.test'");
    let found: Vec<String> = groups(&audit).into_keys().collect();
    assert_eq!(found, ["organization-missing", "owi-user-missing", "role-missing"]);
    assert_eq!((code, &audit["people"]["addresses"]), (1, &Value::from(4)));
    let (_, audit) = world.json("audit --org closed");
    assert_eq!(groups(&audit).into_keys().collect::<Vec<_>>(), ["organization-suspended"]);
    world.run("audit --org nope").expect(2).says("it has").says("closed");
    world.run("audit --email ''").expect(2);
    world.run("audit --finding creator-mising").expect(2).says("did you mean creator-missing?");
}

#[test]
fn what_is_found_fails_from_the_asked_severity_on() {
    let world = World::plain(Edition::Delegated);
    for (line, code) in [
        ("audit --email closed-org@sandbox.test", 0),
        ("audit --email closed-org@sandbox.test --fail-on warning", 1),
        ("audit --finding end-user --fail-on warning", 0),
        ("audit --fail-on never", 0),
        ("audit --fail-on error", 1),
    ] {
        world.run(line).expect(code);
    }
}

/// Of a spelling, the command is whole; where a person must choose the e-mail, it has a place for that.
#[test]
fn who_needs_another_email_is_listed_with_the_command() {
    let world = World::plain(Edition::Delegated);
    world.lamb_sql(
        "UPDATE {p}Creator_users SET user_email = 'a@b@sandbox.test' WHERE user_email = 'no-owi@sandbox.test';
         UPDATE {p}Creator_users SET user_name = 'Łukasz' WHERE user_email = 'teacher@sandbox.test'",
    );
    for (finding, email, command) in [
        (
            "email-spelling",
            "mixed.case@sandbox.test",
            "--email Mixed.Case@sandbox.test --rename mixed.case@sandbox.test",
        ),
        ("email-invalid", "a@b@sandbox.test", "--email a@b@sandbox.test --rename NEW --owi-too"),
        ("header-unsendable", "teacher@sandbox.test", "--email teacher@sandbox.test --name NAME"),
    ] {
        let (_, audit) = world.json(&format!("audit --finding {finding}"));
        let users = audit["users"].as_array().unwrap();
        let of = users.iter().find(|user| user["email"].as_str().unwrap().eq_ignore_ascii_case(email));
        let command = format!("lamb-auth update-creator {command}");
        assert_eq!(of.unwrap()["command"], command, "{audit:#}");
        world.run(&format!("audit --finding {finding}")).says(&format!("→ {command}"));
    }
    // The command of the first does what it says.
    let rename = "update-creator --email Mixed.Case@sandbox.test --rename mixed.case@sandbox.test --yes";
    world.run(rename).expect(0);
    world.run("audit --finding email-spelling").expect(0);
}

#[test]
fn those_without_an_address_have_nothing_in_common() {
    let world = World::plain(Edition::Delegated);
    let insert = "INSERT INTO user (id, email, name, role, profile_image_url, created_at, updated_at, last_active_at)
        VALUES ('n1', '', 'N', 'user', '/p', 1, 1, 1), ('n2', '  ', 'M', 'user', '/p', 1, 1, 1), ('n3', '', 'L', 'user', '/p', 1, 1, 1)";
    world.owi().execute_batch(insert).unwrap();
    let (_, audit) = world.json("audit");
    let count = |id: &str| {
        let groups = audit["groups"].as_array().unwrap().iter();
        groups.filter(|group| group["id"] == id).map(|group| group["count"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((count("owi-user-half"), count("creator-missing"), count("owi-duplicate")), (5, 4, 1), "{audit:#}");
}

#[test]
fn a_page_takes_no_other_files_place() {
    let world = World::plain(Edition::Delegated);
    let before = world.lamb_contents();
    for path in ["box/lamb/lamb_v4.db", "box/owi/webui.db", "box/tokens/valid.token"] {
        world.run(&format!("audit --fail-on never --html {path}")).expect(2).says("is not replaced");
    }
    assert_eq!(world.lamb_contents(), before);
    let page = world.cwd.path().join("page.html");
    std::fs::write(&page, "").unwrap();
    for _ in 0..2 {
        world.run("audit --fail-on never --html page.html").expect(0).says("readable only by its owner");
        assert!(std::fs::read_to_string(&page).unwrap().contains("Audit of LAMB"));
    }
    world.run("audit --html no/such/folder.html").expect(2);
    world.run("refresh-token --email teacher@sandbox.test --by trusted --out box/lamb/lamb_v4.db").expect(2);
    assert_eq!(world.lamb_contents(), before);
}

/// Trouble with people costs nobody what was seen of the platform.
#[test]
fn what_cannot_be_read_is_told_beside_the_rest() {
    let world = World::plain(Edition::Delegated);
    let run = world.command("audit -o json --finding creator-missing").env("TMPDIR", "/no/such/folder").run();
    let audit = run.expect(3).json();
    assert_eq!((&audit["people"], &audit["users"]), (&Value::Null, &Value::Null), "{run}");
    assert!(word(&audit["could_not_tell"][0]).contains("check that TMPDIR (or /tmp) has room"), "{run}");
    let run = world.command("audit -o json --lamb-db box/owi/webui.db").run();
    assert_eq!(run.expect(1).json()["people"], Value::Null, "{run}");
}

#[test]
fn what_an_audit_cannot_find_is_not_called_sound() {
    let world = World::plain(Edition::Delegated);
    world.run("audit --finding expired").expect(2).says("about a token");
    world.run("audit --platform --finding creator-missing").expect(2).says("leave out --platform");
    world.run("audit --email nobody.example --fail-on never").expect(3).says("no matching users");
    let (_, audit) = world.json("audit --finding owi-slow");
    assert_eq!(
        (&audit["users"], &audit["platform"]["checks"]),
        (&Value::from(Vec::<Value>::new()), &Value::from(Vec::<Value>::new()))
    );
    world.run("audit --finding owi-slow").expect(0).says("No user has owi-slow").never_says("Healthy");
}

#[test]
fn only_those_are_counted_who_are_asked_about() {
    let world = World::plain(Edition::Delegated);
    let (_, all) = world.json("audit");
    let (_, some) = world.json("audit --org closed");
    let (_, none) = world.json("audit --email student@sandbox.test");
    let count = |audit: &Value| {
        ["creators", "owi_users", "addresses", "students"].map(|name| audit["people"][name].as_u64().unwrap())
    };
    assert_eq!((count(&all), count(&some), count(&none)), ([22, 26, 26, 3], [1, 1, 1, 0], [0, 1, 1, 1]));
    // A command for a group is for those who were asked about.
    let pending = "INSERT INTO user (id, email, name, role, profile_image_url, created_at, updated_at, last_active_at)
        VALUES ('p1', 'p1@pend.example', 'P', 'pending', '/p', 1, 1, 1), ('p2', 'p2@pend.example', 'P', 'pending', '/p', 1, 1, 1)";
    world.owi().execute_batch(pending).unwrap();
    let fixes = world.run("audit --email pend.example -o plain");
    fixes
        .says("mend\tcreator-missing\tlamb-auth audit --finding creator-missing --email pend.example --fix --dry-run")
        .never_says("sync --apply");
}

/// Whoever signs up with a thousand spellings of one address shall not fill the memory.
#[test]
fn many_rows_of_one_address_are_one_person() {
    let world = World::plain(Edition::Delegated);
    let many = "INSERT INTO user (id, email, name, role, profile_image_url, created_at, updated_at, last_active_at)
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1500)
        SELECT 'id' || n, iif(n % 2, 'crowd@many.example', printf('%*scrowd@many.example', n % 400, ' ')), 'U', 'user', '/p', 1, 1, 1 FROM n";
    world.owi().execute_batch(many).unwrap();
    let (_, audit) = world.json("audit --email many.example");
    assert_eq!(
        (&audit["people"]["owi_users"], &audit["people"]["addresses"]),
        (&Value::from(1500), &Value::from(1)),
        "{audit:#}"
    );
    let duplicate = audit["groups"].as_array().unwrap().iter().find(|group| group["id"] == "owi-duplicate").unwrap();
    assert!(word(&duplicate["examples"][0]["detail"]).len() < 1000, "{audit:#}");
}

/// `sync` and `audit` agree: what an undo took back is not lost. What is gone otherwise is.
#[test]
fn creators_that_an_undo_took_back_are_not_lost() {
    let crowd = Crowd::of(Edition::Delegated, 300);
    crowd.run("sync --apply --yes --max-changes 100% -q").expect(0);
    crowd.run("undo last --yes --force -q").expect(0);
    for line in ["audit --details", "audit --details --fix --dry-run"] {
        crowd.run(line).never_says("LAMB has had");
    }
    std::fs::remove_file(crowd.journal_path()).unwrap();
    crowd.run("audit --details").says("LAMB has had 901 creators, and has 601: 300 are creator-missing");
}

/// A student who is the only admin of Open WebUI cannot be made a user by another admin: the report makes one first.
#[test]
fn a_student_who_is_the_only_admin_is_named_with_a_fix_that_works() {
    let world = World::plain(Edition::Delegated);
    let student = "student@sandbox.test";
    world.owi().execute("UPDATE user SET role = 'admin' WHERE email = ?1", [student]).unwrap();
    world.run("-o plain audit --finding lms-admin").says("has the role admin").never_says("the only admin");
    world.owi().execute("UPDATE user SET role = 'user' WHERE email <> ?1", [student]).unwrap();
    let only = "It is the only admin that can sign in";
    world.run(&format!("diagnose --email {student}")).says(only).says("UPDATE user SET role");
    let told = world.run("-o json audit --finding lms-admin").json();
    assert!(word(&told["groups"][0]["examples"][0]["detail"]).ends_with(only), "{told:#}");
    let line = told.to_string();
    let sql = &line[line.find("UPDATE user SET role").expect("the fix")..];
    world.owi().execute_batch(&sql[..=sql.find(';').unwrap()]).unwrap();
    world.run("-o plain audit --finding lms-admin").says("has the role admin").never_says(only);
}
