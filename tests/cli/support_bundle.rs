//! A support bundle names nobody, and says what those who help need.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use flate2::read::GzDecoder;
use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};
use serde_json::Value;

use super::run::{Output, World, contents, rows};
use super::secrets::secrets;

/// What stands in every text that could name somebody or something.
const MARK: &str = "zyx";

type Files = BTreeMap<String, String>;

fn unpack(bytes: &[u8]) -> Files {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let read = |entry: std::io::Result<tar::Entry<'_, GzDecoder<&[u8]>>>| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (name.strip_prefix("lamb-auth-support/").unwrap().to_owned(), text)
    };
    archive.entries().unwrap().map(read).collect()
}

fn json(files: &Files, name: &str) -> Value {
    serde_json::from_str(&files[name]).unwrap()
}

fn bundle(world: &World, rest: &str) -> (Output, Files) {
    let output = world.run(&format!("support-bundle --out s.tar.gz --force {rest}"));
    let files = unpack(&std::fs::read(world.cwd.path().join("s.tar.gz")).unwrap());
    (output, files)
}

/// Puts the mark into every e-mail, name, organization, password and key of both databases.
fn mark_everything(world: &World) {
    let mail = |column: &str| {
        format!(
            "{column} = CASE WHEN instr({column}, '@') THEN 'zyx.' || replace({column}, '@', '@zyx.') ELSE {column} || 'zyx' END"
        )
    };
    world.lamb_sql(&format!(
        "UPDATE {{p}}Creator_users SET {}, user_name = 'Zyx ' || user_name;
         UPDATE {{p}}lti_users SET {}, user_name = 'Zyx ' || user_name;
         UPDATE {{p}}lti_activity_users SET {}, user_name = 'Zyx ' || user_name;
         UPDATE {{p}}organizations SET slug = 'zyx-' || slug, name = 'Zyx ' || name WHERE slug <> 'lamb';
         UPDATE {{p}}organizations SET name = 'Zyx of all' WHERE slug = 'lamb';
         CREATE TABLE zyx_backup_of_physics (zyx_column TEXT);
         INSERT INTO zyx_backup_of_physics VALUES ('zyx in a table that nobody knows');",
        mail("user_email"),
        mail("user_email"),
        mail("user_email"),
    ));
    let owi = world.owi();
    owi.execute_batch(&format!(
        "UPDATE \"user\" SET {0}, name = 'Zyx ' || name, profile_image_url = 'https://zyx.example/face.png';
         UPDATE auth SET {0};
         CREATE TABLE zyx_notes (id TEXT, user_id TEXT);
         INSERT INTO zyx_notes SELECT 'zyx', id FROM \"user\";
         CREATE VIEW zyx_view AS SELECT * FROM zyx_notes;
         CREATE INDEX zyx_index ON auth (email);",
        mail("email")
    ))
    .unwrap();
    let has_key = rows(&owi, "SELECT count(*) FROM pragma_table_info('user') WHERE name = 'api_key'")[0] == "1";
    owi.execute_batch(if has_key {
        "UPDATE \"user\" SET api_key = 'sk-zyx-' || id"
    } else {
        "INSERT INTO api_key (id, user_id, \"key\", created_at, updated_at) SELECT 'key_zyx' || id, id, 'sk-zyx-' || id, 0, 0 FROM \"user\""
    })
    .unwrap();
}

/// A journal with runs of this program's own, and with lines that somebody wrote into it.
fn write_journal(world: &World) {
    for line in [
        "create-creator --email zyx.admin@zyx.admin.owi --org zyx-physics --yes",
        "assign-role --email zyx.no-role@zyx.sandbox.test --org zyx-physics --role admin --yes",
        "undo last --yes",
    ] {
        run_marked(world, line).expect(0);
    }
    let mut text = std::fs::read_to_string(world.journal()).unwrap();
    let forged = serde_json::json!({
        "line": "begin", "schema": 1, "run": "20261123T134012Z-zyxzyx", "time": "zyx o'clock", "command": "zyx --email zyx",
        "user": "zyx", "version": "zyx", "lamb": "/zyx/lamb_v4.db", "prefix": "zyx_",
        "counts": {"owi_users": 1, "creators": 1}, "backup": "/zyx/backup.db",
    });
    let run = "20261123T134012Z-zyxzyx";
    let change = serde_json::json!({"line": "change", "run": run, "kind": "zyx", "email": "zyx@zyx", "rows": []});
    let failed = serde_json::json!({"line": "failed", "run": run, "time": "zyx", "why": "zyx was there"});
    text.push_str(&format!("{forged}\n{change}\n{failed}\nzyx is no line\n"));
    std::fs::write(world.journal(), text).unwrap();
}

/// With marked settings, beside those of the sandbox.
fn run_marked(world: &World, line: &str) -> Output {
    std::fs::write(world.cwd.path().join("zyx-secret"), "zyx-a-further-secret-in-a-file").unwrap();
    std::fs::write(world.cwd.path().join("zyx.env"), "OWI_PUBLIC_BASE_URL=https://zyx.uni.example/zyx\n").unwrap();
    world
        .command(&format!("{line} --secret-file zyx-secret --env-file zyx.env"))
        .env("OWI_ADMIN_EMAIL", "zyx.operator@zyx.sandbox.test")
        .env("OWI_ADMIN_NAME", "Zyx Operator")
        .env("LAMB_WEB_HOST", "https://zyx:zyxpassword@zyx.uni.example")
        .env("HTTPS_PROXY", "http://zyxuser:zyxpassword@zyx-proxy:3128")
        .env("NO_PROXY", "127.0.0.1,zyx.uni.example")
        .env("REQUESTS_CA_BUNDLE", "/zyx/ca.pem")
        .env("LAMB_AUTH_TOKEN", "zyx-not-a-token")
        .run()
}

#[test]
fn a_bundle_names_no_user() {
    for (edition, version) in [
        (Edition::Delegated, OwiVersion::V0_5_6),
        (Edition::Delegated, OwiVersion::V0_6_43),
        (Edition::Native, OwiVersion::V0_12_4),
    ] {
        let world = World::start(edition, version, None);
        mark_everything(&world);
        let emails = rows(&world.owi(), "SELECT email FROM \"user\" UNION SELECT 'zyx.nobody@zyx.example'");
        assert!(emails.len() > 15 && emails.iter().all(|email| email.contains(MARK)), "{emails:?}");
        write_journal(&world);
        let asked: Vec<String> =
            emails.iter().chain([&"O'Zyx; \"<b>@zyx.example".to_owned()]).map(|email| quoted(email)).collect();
        let line = format!("support-bundle --out s.tar.gz --email {}", asked.join(" --email "));
        let output = run_marked(&world, &line);
        let files = unpack(&std::fs::read(world.cwd.path().join("s.tar.gz")).unwrap());
        assert!(files.len() > 20, "{output}");
        // All that could be told was told: else nothing of it would prove anything.
        assert_eq!(json(&files, "not-looked-at.json"), serde_json::json!([]), "{output}");
        output.expect(0);
        let mut forbidden: Vec<String> = secrets(&world).into_iter().map(|(_, secret)| secret).collect();
        for folder in [world.sandbox.dir(), world.cwd.path()] {
            forbidden.push(folder.display().to_string());
            forbidden.push(folder.file_name().unwrap().to_string_lossy().into_owned());
        }
        forbidden.extend(rows(&world.owi(), "SELECT id FROM \"user\""));
        for (name, text) in &files {
            assert!(!format!("{name}\n{text}").to_lowercase().contains(MARK), "{name}: {text}");
            assert!(!text.contains('@') || name == "README.txt", "{name}: {text}");
            let parts = |secret: &str| {
                let letters: Vec<char> = secret.chars().collect();
                letters.windows(12.min(letters.len())).map(String::from_iter).collect::<Vec<_>>()
            };
            for part in forbidden.iter().flat_map(|secret| parts(secret)) {
                assert!(!text.contains(&part) && !name.contains(&part), "{name} has {part:?}: {text}");
            }
        }
        // And still it says something.
        let findings = json(&files, "findings.json");
        assert!(findings["groups"].as_array().unwrap().len() > 5, "{findings:#}");
        let journal = json(&files, "journal.json");
        assert_eq!(journal["runs"][0]["command"], "create-creator");
        assert_eq!(journal["runs"][3]["command"], "(other)");
    }
}

fn quoted(word: &str) -> String {
    shlex::try_quote(word).unwrap().into_owned()
}

/// Every key of every file: what is not here cannot slip in.
const KEYS: &[(&str, &str)] = &[
    (
        "counts.json",
        "lamb lamb.prefix lamb.roles lamb.roles.count lamb.roles.what lamb.switched_on lamb.tables \
         lamb.tables.rows lamb.tables.table owi owi.prefix owi.roles owi.roles.count owi.roles.what \
         owi.switched_on owi.tables owi.tables.rows owi.tables.table",
    ),
    (
        "diagnose/*.json",
        "edition finding first_failing_step overall owi_version steps steps.evidence steps.evidence.value \
         steps.evidence.what steps.findings steps.findings.effect steps.findings.id steps.findings.severity \
         steps.id steps.outcome user",
    ),
    (
        "findings.json",
        "blocking checks checks.findings checks.id checks.outcome could_not_tell duplicates \
         duplicates.accounts duplicates.accounts.hangs duplicates.accounts.hangs.count \
         duplicates.accounts.hangs.what duplicates.accounts.is_active duplicates.accounts.role \
         duplicates.accounts.signs_in duplicates.accounts.signs_in_by_password duplicates.address groups \
         groups.count groups.examples groups.id groups.severity lamb_works_with_owi people people.addresses \
         people.creators people.failing people.owi_users people.sound people.students platform \
         platform.effect platform.id platform.severity upgrade_to_0_12_starts",
    ),
    (
        "journal.json",
        "older_runs runs runs.changes runs.changes.count runs.changes.kind runs.command runs.had_backup \
         runs.lock_ms runs.owi_accounts runs.state runs.time runs.undoes_another runs.undone runs.version \
         unreadable_lines",
    ),
    ("not-looked-at.json", "part why"),
    (
        "schemas.json",
        "lamb lamb.journal_mode lamb.other_tables lamb.sets lamb.sets.prefix lamb.sets.tables \
         lamb.sets.tables.columns lamb.sets.tables.columns.default lamb.sets.tables.columns.key \
         lamb.sets.tables.columns.kind lamb.sets.tables.columns.length lamb.sets.tables.columns.name \
         lamb.sets.tables.columns.not_null lamb.sets.tables.indexes lamb.sets.tables.indexes.columns \
         lamb.sets.tables.indexes.partial lamb.sets.tables.indexes.unique lamb.sets.tables.name lamb.triggers \
         lamb.user_version lamb.views owi owi.journal_mode owi.other_tables owi.sets owi.sets.prefix \
         owi.sets.tables owi.sets.tables.columns owi.sets.tables.columns.default owi.sets.tables.columns.key \
         owi.sets.tables.columns.kind owi.sets.tables.columns.length owi.sets.tables.columns.name \
         owi.sets.tables.columns.not_null owi.sets.tables.indexes owi.sets.tables.indexes.columns \
         owi.sets.tables.indexes.partial owi.sets.tables.indexes.unique owi.sets.tables.name owi.triggers \
         owi.user_version owi.views",
    ),
    (
        "settings.json",
        "from is_default is_empty name there url url.has_path url.has_user url.host url.port url.scheme value",
    ),
    ("versions.json", "architecture bundle edition lamb_auth lamb_auth_commit os owi_version sqlite"),
];

/// The keys of a value, as paths.
fn keys(value: &Value, path: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                keys(member, &path, all);
                all.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, path, all)),
        _ => {}
    }
}

#[test]
fn no_new_key_slips_in() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut look = |files: &Files| {
        for (name, text) in files.iter().filter(|(name, _)| name.as_str() != "README.txt") {
            let name = if name.starts_with("diagnose/") { "diagnose/*.json" } else { name };
            keys(&serde_json::from_str(text).unwrap(), "", seen.entry(name.to_owned()).or_default());
        }
    };
    let world = World::plain(Edition::Delegated);
    let chats = "CREATE TABLE chat (id TEXT, user_id TEXT); INSERT INTO chat SELECT 'a chat', id FROM \"user\"";
    world.owi().execute_batch(chats).unwrap();
    world.run("assign-role --email no-role@sandbox.test --org physics --role admin --yes").expect(0);
    look(&bundle(&world, "--email teacher@sandbox.test --email pending@sandbox.test").1);
    look(&bundle(&World::start(Edition::Native, OwiVersion::V0_12_4, None), "--email double@sandbox.test").1);
    look(&bundle(&World::start(Edition::Native, OwiVersion::V0_5_6, Some(Trouble::OwiDbMissing)), "").1);
    let seen: Vec<(String, String)> =
        seen.into_iter().map(|(name, keys)| (name, keys.into_iter().collect::<Vec<_>>().join(" "))).collect();
    let expected: Vec<(String, String)> = KEYS
        .iter()
        .map(|(name, keys)| ((*name).to_owned(), keys.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_operator_alone_knows_who_is_who() {
    let world = World::plain(Edition::Delegated);
    let (output, files) = bundle(&world, "--email admin@admin.owi -o json");
    output.expect(0).says("keep it, and do not send it");
    let members = output.json()["members"].as_array().unwrap().len();
    assert_eq!(members, files.len());
    let key = world.cwd.path().join("s.tar.gz.key");
    for file in ["s.tar.gz", "s.tar.gz.key"] {
        assert_eq!(std::fs::metadata(world.cwd.path().join(file)).unwrap().mode() & 0o777, 0o600, "{file}");
    }
    let (code, told) = world.json("support-bundle --who ' Admin@ADMIN.owi ' --key s.tar.gz.key");
    assert_eq!(code, 0);
    let pseudonym = told["pseudonym"].as_str().unwrap();
    assert!(files.contains_key(&format!("diagnose/{pseudonym}.json")), "{pseudonym} {:?}", files.keys());
    assert_eq!(json(&files, &format!("diagnose/{pseudonym}.json"))["finding"], "creator-missing");
    // The same person in the next bundle, and in no bundle of another key.
    let before = std::fs::read(&key).unwrap();
    let (output, again) = bundle(&world, "--email admin@admin.owi");
    output.expect(0).never_says("a new key");
    assert_eq!(files.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    assert_eq!(std::fs::read(&key).unwrap(), before);
    let (_, other) = bundle(&world, "--email admin@admin.owi --key another.key");
    assert!(!other.contains_key(&format!("diagnose/{pseudonym}.json")));
    world.run("support-bundle --who a@b --key nowhere.key").expect(2).says("no such file");
    assert!(!world.cwd.path().join("nowhere.key").exists(), "a question makes no key");
    std::fs::write(world.cwd.path().join("wrong.key"), "not a key").unwrap();
    world.run("support-bundle --out s.tar.gz --force --key wrong.key").expect(2).says("not a key file");
}

#[test]
fn looking_changes_nothing_and_the_same_is_the_same() {
    let world = World::plain(Edition::Native);
    let look = || {
        let names = |folder: &Path| {
            let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let dir = world.sandbox.dir();
        (names(&dir.join("lamb")), names(&dir.join("owi")), world.lamb_contents(), contents(&world.owi()))
    };
    let before = look();
    world.run("support-bundle --out one.tar.gz --key key").expect(0);
    world.run("support-bundle --out two.tar.gz --key key --email teacher@sandbox.test").expect(0);
    world.run("support-bundle --out three.tar.gz --key key").expect(0);
    assert!(before == look());
    let read = |name: &str| std::fs::read(world.cwd.path().join(name)).unwrap();
    assert_eq!(read("one.tar.gz"), read("three.tar.gz"));
    let mut names: Vec<_> = std::fs::read_dir(world.cwd.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["box", "key", "one.tar.gz", "three.tar.gz", "two.tar.gz"]);
}

#[test]
fn nothing_is_written_over_unasked() {
    let world = World::plain(Edition::Delegated);
    let file = world.cwd.path().join("s.tar.gz");
    std::fs::write(&file, "mine").unwrap();
    world.run("support-bundle --out s.tar.gz --force").expect(2).says("is not replaced");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    std::fs::write(&file, b"\x1f\x8bmine").unwrap();
    world.run("support-bundle --out s.tar.gz").expect(2).says("of another kind");
    assert_eq!(std::fs::read(&file).unwrap(), b"\x1f\x8bmine");
    for (line, says) in [
        ("--out box/lamb/lamb_v4.db --force", "must end in .tar.gz"),
        ("--out nowhere/s.tar.gz", "no such folder"),
        ("--out - -o json --key key", "leave out -o"),
        ("--out -", "--key"),
        ("", "--out"),
        ("--who a@b", "--key"),
    ] {
        world.run(&format!("support-bundle {line}")).expect(2).says(says);
    }
    assert!(!world.cwd.path().join("s.tar.gz.key").exists(), "refused before anything is made");
    world.run("support-bundle --out s.tar.gz --force").expect(0);
    assert!(unpack(&std::fs::read(&file).unwrap()).contains_key("README.txt"));
    // An older bundle is replaced, as the other files are that this program makes.
    world.run("support-bundle --out s.tar.gz").expect(0);
    let run = world.command("support-bundle --out - --key key").process().output().unwrap();
    assert!(run.status.success());
    assert!(unpack(&run.stdout).contains_key("findings.json"));
}

#[test]
fn what_could_not_be_looked_at_is_told_and_the_rest_is_there() {
    for (trouble, part, why) in [
        (Trouble::OwiDbMissing, "webui.db", "missing"),
        (Trouble::LambDbMissing, "lamb_v4.db", "missing"),
        (Trouble::LambDbGarbage, "lamb_v4.db", "not-a-database"),
        (Trouble::LambDbLocked, "lamb_v4.db", "locked"),
    ] {
        let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(trouble));
        let (output, files) = bundle(&world, "--email teacher@sandbox.test --lock-timeout 0.1 --timeout 1");
        output.expect(3).says(&format!("{part} ({why})"));
        let missing = json(&files, "not-looked-at.json");
        let told = missing.as_array().unwrap().iter().any(|missing| missing["part"] == part && missing["why"] == why);
        assert!(told, "{missing:#}");
        assert_eq!(files.keys().filter(|name| name.starts_with("diagnose/")).count(), 1);
    }
    // Settings that cannot be used are what a bundle is for.
    let world = World::plain(Edition::Delegated);
    let (output, files) = bundle(&world, "--email teacher@sandbox.test --owi-url ftp://secret.uni.example");
    output.expect(3).says("ftp");
    assert!(!files.contains_key("findings.json") && files.contains_key("schemas.json"));
    assert!(files.values().all(|text| !text.contains("secret.uni")));
}
