use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::change::OrganizationRef;
use crate::lamb::model::{OrganizationRole, SystemRole, UserType};
use crate::secret::Secret;
use crate::sync::policy::PolicyFlags;

const HASH: &str = "$2b$12$abcdefghijklmnopqrstuuJ5tSHpJ6pZ4a6pmTCZZzzzzzzzzzzzz";

struct Place {
    folder: tempfile::TempDir,
    db: LambDb,
}

impl Place {
    fn make() -> Self {
        Self::with_prefix("x_")
    }

    fn with_prefix(prefix: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        let tables = include_str!("../../sandbox/schema/lamb.sql").replace("{p}", prefix);
        rusqlite::Connection::open(&path).unwrap().execute_batch(&tables).unwrap();
        let db = LambDb::open(&path, None, Duration::from_millis(100)).unwrap();
        Self { folder, db }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("plan.jsonl")
    }

    fn save(&self, changes: &[Change]) -> Result<(), SavedPlanError> {
        save(&self.path(), &self.db, &policy(), Via::Api, changes)
    }

    fn read(&self) -> Result<SavedPlan, SavedPlanError> {
        SavedPlan::read(&self.path(), &self.db)
    }

    /// What reading says of these bytes.
    fn refuses(&self, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(), bytes).unwrap();
        let error = self.read().unwrap_err();
        assert!(matches!(error, SavedPlanError::NotAPlan { .. } | SavedPlanError::Io { .. }), "{error}");
        error.to_string()
    }
}

fn policy() -> Policy {
    let flags = PolicyFlags {
        rule: vec!["*@physics.example=physics:admin".parse().unwrap()],
        exclude: vec!["[[]x]@y".parse().unwrap()],
        max_changes: Some("7%".parse().unwrap()),
        with_pending: true,
        ..PolicyFlags::default()
    };
    Policy::load(&flags).unwrap()
}

fn newcomer(email: &str, hash: Option<&str>) -> Change {
    Change::CreateCreator {
        email: email.into(),
        name: "\"N\u{1b}[31m\n".into(),
        user_type: UserType::Creator,
        organization: Arc::new(OrganizationRef { id: 1, slug: "lamb".into() }),
        role: OrganizationRole::Member,
        system_role: Some(SystemRole::User),
        password_hash: hash.map(Secret::from),
        is_first: false,
        is_student: false,
    }
}

fn some() -> Vec<Change> {
    let copy = Change::CopyPasswordHash { creator: 3, email: "o'neil@x".into(), hash: Secret::from(HASH) };
    let gone = Change::DisableCreator { creator: 4, email: "gone@x".into(), manages: Some(2) };
    vec![newcomer("a@x", Some(HASH)), newcomer("b@x", None), copy, gone]
}

#[test]
fn what_is_saved_is_what_is_carried_out() {
    let place = Place::make();
    place.save(&some()).unwrap();
    let saved = place.read().unwrap();
    assert_eq!((&saved.policy, saved.via), (&policy(), Via::Api));
    // A user came since, and the order is another.
    let mut today = some();
    today.insert(1, newcomer("later@x", None));
    today.reverse();
    saved.narrow(&mut today).unwrap();
    let mut expected = some();
    expected.reverse();
    assert_eq!(today, expected);
    place.save(&[]).unwrap();
    let mut today = some();
    place.read().unwrap().narrow(&mut today).unwrap();
    assert_eq!(today, []);
}

#[test]
fn whatever_differs_is_not_that_plan() {
    let place = Place::make();
    place.save(&some()).unwrap();
    let other_hash = HASH.replace("abc", "abd");
    let elsewhere = |change: Change| match change {
        Change::CreateCreator { email, name, user_type, role, system_role, password_hash, .. } => {
            Change::CreateCreator {
                email,
                name,
                user_type,
                organization: Arc::new(OrganizationRef { id: 2, slug: "physics".into() }),
                role,
                system_role,
                password_hash,
                is_first: false,
                is_student: false,
            }
        }
        other => other,
    };
    let moved: [(&str, Vec<Change>); 5] = [
        ("a@x", some().split_off(1)),
        ("a@x", [vec![newcomer("a@x", Some(&other_hash))], some().split_off(1)].concat()),
        ("a@x", [vec![newcomer("a@x", None)], some().split_off(1)].concat()),
        ("a@x, b@x", some().into_iter().map(elsewhere).collect()),
        ("a@x, b@x, gone@x, o'neil@x", vec![]),
    ];
    for (who, mut today) in moved {
        let error = place.read().unwrap().narrow(&mut today).unwrap_err();
        assert!(matches!(error, SavedPlanError::MovedOn { .. }), "{error}");
        assert!(error.to_string().contains(&format!("are no longer planned, for {who}\n")), "{error}");
    }
    let many: Vec<Change> = (0..9).map(|n| newcomer(&format!("{n}@x"), None)).collect();
    place.save(&many).unwrap();
    let error = place.read().unwrap().narrow(&mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("9 of its 9 changes") && error.contains("4@x, …"), "{error}");
}

/// A plan may be mailed about, and shown: digests tell whether a password is the same, and no more.
#[test]
fn no_hash_is_in_the_file_and_only_its_owner_reads_it() {
    let place = Place::make();
    place.save(&some()).unwrap();
    let text = std::fs::read_to_string(place.path()).unwrap();
    assert!(!text.contains("$2b$") && !text.contains("abcdefghij"), "{text}");
    assert!(text.contains(&digest(HASH)) && text.lines().count() == 5, "{text}");
    let mode = || std::fs::metadata(place.path()).unwrap().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    place.save(&[]).unwrap();
    assert_eq!(mode(), 0o600);
    assert_eq!(std::fs::read_to_string(place.path()).unwrap().lines().count(), 1);
}

#[test]
fn tampered_and_truncated_plans_are_refused() {
    let place = Place::make();
    place.save(&some()).unwrap();
    let text = std::fs::read_to_string(place.path()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(place.refuses(&text[..text.len() - 1]).contains("cut off"));
    assert!(place.refuses(&text[..text.len() - 20]).contains("cut off"));
    assert!(place.refuses(lines[..4].join("\n") + "\n").contains("says 4 changes, and has 3"));
    assert!(place.refuses(text.clone() + lines[4] + "\n").contains("line 6 appears twice"));
    assert!(place.refuses(text.clone() + "{}\n").contains("has more"));
    assert!(place.refuses(lines[1..].join("\n") + "\n").contains("line 1: "));
    assert!(place.refuses(text.replacen("\"schema\":1", "\"schema\":2", 1)).contains("schema 2"));
    assert!(place.refuses(text.replacen("\"changes\":4", "\"changes\":4,\"more\":1", 1)).contains("unknown field"));
    assert!(place.refuses(text.replacen("\"policy\":{", "\"policy\":{\"orgs\":1,", 1)).contains("orgs"));
    // A change that was made up is read, and is not among those that are planned.
    std::fs::write(place.path(), text.replacen("a@x", "mallory@x", 1)).unwrap();
    let error = place.read().unwrap().narrow(&mut some()).unwrap_err().to_string();
    assert!(error.contains("1 of its 4 changes are no longer planned, for mallory@x"), "{error}");
}

#[test]
fn foreign_and_huge_files_are_no_plans() {
    let place = Place::make();
    assert!(place.refuses("").contains("it is empty"));
    for foreign in ["\n", "hello\n", "{}\n", "[]\n", "null\n", "{\"schema\":1}\n", "SQLite format 3\0\n"] {
        assert!(place.refuses(foreign).contains("is not a plan that `sync --plan-out` wrote: line 1: "), "{foreign:?}");
    }
    assert!(place.refuses(b"\xff\xfe\n").contains("UTF-8"));
    let huge = std::fs::File::create(place.path()).unwrap();
    huge.set_len(1 << 33).unwrap();
    assert!(place.read().unwrap_err().to_string().contains("longer than any"));
    // Honest at its beginning, and endless.
    std::fs::remove_file(place.path()).unwrap();
    place.save(&[]).unwrap();
    let mut text = std::fs::read_to_string(place.path()).unwrap();
    text += &(0..100_000).map(|n| format!("{n}\n")).collect::<String>();
    assert!(place.refuses(text).contains("says 0 changes, and has more"));
    std::fs::remove_file(place.path()).unwrap();
    assert!(matches!(place.read().unwrap_err(), SavedPlanError::Io { .. }));
    std::fs::create_dir(place.path()).unwrap();
    assert!(matches!(place.read().unwrap_err(), SavedPlanError::Io { .. }));
}

#[test]
fn a_plan_is_for_one_database() {
    let (place, other) = (Place::make(), Place::with_prefix("y_"));
    place.save(&some()).unwrap();
    let error = SavedPlan::read(&place.path(), &other.db).unwrap_err();
    assert!(matches!(error, SavedPlanError::OtherDatabase { .. }), "{error}");
    // The same by another path, as inside and outside of a container.
    let moved = Place::make();
    SavedPlan::read(&place.path(), &moved.db).unwrap();
}

#[test]
fn what_is_no_plan_is_never_written_over() {
    let place = Place::make();
    let path = place.path();
    for foreign in ["keep me", "{\"schema\":1,\"file\":\"lamb-auth something else\"}\n", "\u{fffd}", " "] {
        std::fs::write(&path, foreign).unwrap();
        let error = place.save(&some()).unwrap_err().to_string();
        assert!(error.contains("a file of another kind"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), foreign);
    }
    std::fs::write(&path, b"\xff\xfe\xfd").unwrap();
    assert!(place.save(&some()).is_err());
    // An empty file is what `mktemp` makes.
    std::fs::write(&path, "").unwrap();
    place.save(&some()).unwrap();
    place.save(&some()).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(place.save(&some()).unwrap_err().to_string().contains("not a regular file"));
    std::fs::remove_dir(&path).unwrap();
    let target = place.folder.path().join("target");
    std::os::unix::fs::symlink(&target, &path).unwrap();
    assert!(place.save(&some()).unwrap_err().to_string().contains("links are not followed"));
    assert!(!target.exists());
    let database = place.db.path().to_owned();
    assert!(save(&database, &place.db, &policy(), Via::File, &some()).is_err());
}

/// It must not wait for a writer of the pipe.
#[test]
fn a_pipe_is_not_written_to() {
    let place = Place::make();
    assert!(std::process::Command::new("mkfifo").arg(place.path()).status().unwrap().success());
    assert!(place.save(&some()).unwrap_err().to_string().contains("not a regular file"));
}

/// A plan out of a mutated file has exactly the lines that it says, or is refused.
#[test]
fn any_plan_is_read_or_refused() {
    let place = Place::make();
    crate::mutated::survives("plans", |bytes| {
        std::fs::write(place.path(), bytes).unwrap();
        if let Ok(plan) = place.read() {
            assert_eq!(plan.lines.len() + 1, bytes.iter().filter(|byte| **byte == b'\n').count());
        }
    });
}
