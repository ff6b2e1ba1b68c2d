//! Looking changes nothing: neither a byte of LAMB's folder nor a row of Open WebUI's, in both journal modes.
//!
//! What may move is `last_active_at`, which Open WebUI itself writes when it is asked about a token.

use std::collections::BTreeMap;
use std::path::Path;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble, people};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::run::{World, contents};

type Files = BTreeMap<String, Vec<u8>>;

/// Every file below a folder, with what its bytes come to. SQLite's shared memory is no content: whoever has the
/// file open, the servers among them, keeps locks and marks in there.
fn files(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = if name.ends_with("-shm") { Vec::new() } else { std::fs::read(&path).unwrap() };
            (name, Sha256::digest(bytes).to_vec())
        })
        .collect()
}

struct Seen {
    lamb: Files,
    owi_names: Vec<String>,
    owi_rows: Vec<String>,
    cwd: Vec<String>,
}

fn look(world: &World, owi: Option<&Connection>) -> Seen {
    let names = |folder: &Path| files(folder).into_keys().collect();
    let cwd =
        std::fs::read_dir(world.cwd.path()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    Seen {
        lamb: files(&world.sandbox.dir().join("lamb")),
        owi_names: names(&world.sandbox.dir().join("owi")),
        owi_rows: owi.map(contents).unwrap_or_default(),
        cwd: cwd.collect(),
    }
}

/// The ways of looking that differ from person to person.
const LOOKS: &[&str] = &[
    "diagnose",
    "diagnose --fix --dry-run --force",
    "create-creator --dry-run --force",
    "assign-role --org physics --role admin --dry-run --force",
];

/// Those that differ only by whether the person is there.
const MORE: &[&str] = &[
    "check-user",
    "check-user --with-owi",
    "check-owi-user",
    "check-owi-user --via api",
    "diagnose --no-test-token",
    "diagnose --replay",
    "create-creator --dry-run",
    "create-creator --dry-run --create-owi-user",
    "assign-role --org physics --role admin --dry-run",
];

const LOOKS_WITH: &[&str] = &[
    "verify-token",
    "verify-token --for owi",
    "verify-token --offline",
    "verify-token --ensure-creator --dry-run",
    "diagnose",
    "diagnose --replay",
];

fn lines(looks: &[&str], rest: &str) -> Vec<String> {
    looks.iter().map(|line| format!("{line} {rest}")).collect()
}

/// `held`: somebody has both files open, as the servers do; else their `-wal` and `-shm` are gone.
fn nothing_changes(edition: Edition, version: OwiVersion, held: bool) {
    let world = World::start(edition, version, None);
    let lamb = held.then(|| {
        let lamb = world.lamb();
        // An uncheckpointed change, so that the wal has something in it.
        lamb.execute_batch(&format!(
            "UPDATE {}organizations SET name = 'Physics' WHERE slug = 'physics'",
            world.prefix()
        ))
        .unwrap();
        lamb
    });
    let owi = world.owi();
    contents(&owi);
    let owi = if held {
        owi
    } else {
        drop(owi);
        Connection::open_in_memory().unwrap()
    };
    let seen = |world: &World| {
        if held {
            look(world, Some(&owi))
        } else {
            let owi = world.owi();
            let seen = look(world, Some(&owi));
            drop(owi);
            Seen { owi_names: files(&world.sandbox.dir().join("owi")).into_keys().collect(), ..seen }
        }
    };
    let few = [
        "teacher@sandbox.test",
        "admin@admin.owi",
        "nobody@uni.example",
        "Teacher@SANDBOX.test",
        " teacher@sandbox.test ",
    ];
    let everybody = people().iter().map(|person| person.email).chain(few);
    let mut lines: Vec<String> = everybody.flat_map(|email| lines(LOOKS, &format!("--email '{email}'"))).collect();
    lines.extend(few.iter().flat_map(|email| self::lines(MORE, &format!("--email '{email}'"))));
    lines.extend(
        world
            .sandbox
            .token_names()
            .filter(|name| !name.contains('@'))
            .flat_map(|token| self::lines(LOOKS_WITH, &format!("-t box/tokens/{token}.token"))),
    );
    lines.extend(
        [
            "audit",
            "audit --platform",
            "audit --fix --dry-run --force",
            "audit --finding creator-missing",
            "config",
            "config --offline",
            "explain",
            "history",
            "history -o json",
            "schema audit",
        ]
        .map(str::to_owned),
    );
    let before = seen(&world);
    assert_eq!(before.lamb.len(), if edition == Edition::Native && held { 3 } else { 1 }, "{:?}", before.lamb.keys());
    // One look at the end costs little; where it differs, the culprit is found by looking after each.
    let culprit_wanted = std::env::var_os("FIND_CULPRIT").is_some();
    for line in &lines {
        let output = world.run(&format!("{line} --timeout 5 -q"));
        assert!([0, 1, 3, 4].contains(&output.code), "{output}");
        if culprit_wanted {
            compare(&before, &seen(&world), line);
        }
    }
    compare(&before, &seen(&world), "one of all commands (FIND_CULPRIT=1 tells which)");
    drop(lamb);
}

fn compare(before: &Seen, after: &Seen, line: &str) {
    assert!(before.lamb == after.lamb, "{line}: {:?} became {:?}", before.lamb.keys(), after.lamb.keys());
    assert_eq!(before.owi_names, after.owi_names, "{line}");
    for (before, after) in before.owi_rows.iter().zip(&after.owi_rows) {
        assert_eq!(before, after, "{line}");
    }
    assert_eq!(before.owi_rows.len(), after.owi_rows.len(), "{line}");
    assert_eq!(before.cwd, after.cwd, "{line}");
}

#[test]
fn delegated_in_delete_mode() {
    nothing_changes(Edition::Delegated, OwiVersion::V0_5_6, false);
}

#[test]
fn delegated_in_delete_mode_and_open_elsewhere() {
    nothing_changes(Edition::Delegated, OwiVersion::V0_6_43, true);
}

#[test]
fn native_in_wal_mode() {
    nothing_changes(Edition::Native, OwiVersion::V0_12_4, false);
}

#[test]
fn native_in_wal_mode_and_open_elsewhere() {
    nothing_changes(Edition::Native, OwiVersion::V0_12_4, true);
}

#[test]
fn native_beside_the_version_that_lamb_ships() {
    nothing_changes(Edition::Native, OwiVersion::V0_5_6, true);
}

/// Where something is wrong, looking does not make it worse: no file is made where one is missing, none is fixed.
#[test]
fn a_platform_in_trouble_is_left_untouched() {
    use Trouble as T;
    let held_by_lock = [T::LambDbLocked, T::OwiDbLocked];
    for &trouble in Trouble::ALL.iter().filter(|trouble| !held_by_lock.contains(trouble)) {
        let world = World::start(Edition::Native, OwiVersion::V0_5_6, Some(trouble));
        let before = (files(&world.sandbox.dir().join("lamb")), contents(&world.owi()));
        let mut lines = lines(LOOKS, "--email teacher@sandbox.test");
        lines.extend(
            ["check-user --email admin@admin.owi", "check-owi-user --email admin@admin.owi", "config"]
                .map(str::to_owned),
        );
        lines.push("diagnose --replay -t box/tokens/owi.token".to_owned());
        for line in lines {
            let output = world.run(&format!("{line} --timeout 0.2 --lock-timeout 0.1 -q"));
            assert!([0, 1, 3, 4].contains(&output.code), "{trouble}: {output}");
        }
        let after = (files(&world.sandbox.dir().join("lamb")), contents(&world.owi()));
        assert!(before == after, "{trouble}: {:?} became {:?}", before.0.keys(), after.0.keys());
        let extra = world.sandbox.dir().join("owi-empty/webui.db");
        assert!(!extra.exists(), "{trouble}: {} was made", extra.display());
    }
}
