//! No room, or no leave to write, wherever `sync --apply` comes to it: a clear word, all of the run or nothing, and
//! nothing left behind that stands in the way of the next run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use lamb_auth::lamb::Edition;
use tempfile::TempDir;

use super::crowd::{Counts, Crowd, can_mount, open, skipped};
use super::run::{EDITIONS, rows};

const NEWCOMERS: usize = 2_000;
const SYNC: &str = "sync --apply --yes --max-changes 100% -q -o plain";

/// A shell script that gets the program and its words as `"$@"`, in the environment that the program would have.
fn script(crowd: &Crowd, line: &str, around: &[&str], script: &str, env: &[(&str, &str)]) -> (i32, String) {
    let program = crowd.command(line).process();
    let (first, rest) = around.split_first().unwrap();
    let mut command = Command::new(first);
    command.args(rest).args(["-c", script, "sh"]).arg(program.get_program()).args(program.get_args());
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.envs(env.iter().copied()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let said: Vec<&str> = said.lines().filter(|line| !line.starts_with("change\t")).collect();
    (output.status.code().unwrap_or(-1), said.join("\n"))
}

/// Sizes of what a run writes.
struct Needs {
    none: Counts,
    all: Counts,
    before: u64,
    journal: u64,
    after: u64,
}

fn needs(template: &Crowd) -> Needs {
    let crowd = template.copy();
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    let (none, before) = (crowd.counts(), size(&crowd.lamb_path()));
    crowd.run(SYNC).expect(0);
    Needs { none, all: crowd.counts(), before, journal: size(&crowd.journal_path()), after: size(&crowd.lamb_path()) }
}

/// What a run came to that had no room: done in spite of it, or nothing at all, and that was said. True where it was
/// done.
fn held_up(crowd: &Crowd, needs: &Needs, code: i32, said: &str, about: &str) -> bool {
    let about = format!("{about}: exit {code}: {said}");
    let fates = crowd.fates();
    crowd.is_whole(&about);
    let fate = fates.last().map(String::as_str);
    if crowd.counts() == needs.all {
        assert_eq!(code, 0, "{about}");
        // `done` may have had no room.
        assert!(matches!(fate, Some("done" | "committed")), "{fates:?}: {about}");
    } else {
        assert_eq!((crowd.counts(), code), (needs.none, 3), "{about}");
        // Before LAMB's database is open there is nothing that could have been changed.
        let clear = ["LAMB's database was not changed", "the disk is full, or a limit on the size of files is reached"];
        assert!(clear.iter().any(|words| said.contains(words)), "{about}");
        assert!(matches!(fate, None | Some("failed" | "never-committed" | "rolled-back")), "{fates:?}: {about}");
    }
    let halves: Vec<_> = crowd.leftovers().into_iter().filter(|name| name.ends_with(".part")).collect();
    assert!(halves.is_empty(), "{halves:?}: {about}");
    code == 0
}

fn on_a_small_disk(edition: Edition) {
    const SCRIPT: &str = r#"
        set -e
        mount -t tmpfs -o size=$SIZE none "$DISK"
        mkdir "$DISK/lamb"
        cp "$FROM" "$DISK/lamb"
        code=0
        "$@" || code=$?
        cp -r "$DISK/lamb" "$FIRST"
        mount -o remount,size=64m "$DISK"
        "$@" >&2
        cp -r "$DISK/lamb" "$SECOND"
        exit $code
    "#;
    let template = Crowd::of(edition, NEWCOMERS);
    let needs = needs(&template);
    let all = needs.before + needs.journal + 2 * needs.after;
    let rooms = [
        ("nothing at all", 0),
        ("the backup", needs.before / 2),
        ("the journal", needs.before + 20_000),
        ("most of the journal", needs.before + needs.journal * 4 / 5),
        ("the database", needs.before + needs.journal + 20_000),
        ("most of the database", needs.before + needs.journal + needs.after / 2),
        ("everything", all),
    ];
    let mut done = 0;
    for (what, room) in rooms {
        let about = format!("{edition}, room for {what}, {room} bytes");
        let [disk, first, second] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let name = |dir: &TempDir| dir.path().display().to_string();
        // A page for each of the folders and for the lock.
        let size = (needs.before.next_multiple_of(4096) + room.next_multiple_of(4096)).to_string();
        let from = template.lamb_path().display().to_string();
        let lamb = format!("{}/lamb", name(&disk));
        let env = [
            ("SIZE", &*size),
            ("DISK", &name(&disk)),
            ("FROM", &from),
            ("FIRST", &name(&first)),
            ("SECOND", &name(&second)),
            ("LAMB_DB_PATH", &lamb),
        ];
        let (code, said) = script(&template, SYNC, &["unshare", "-rm", "sh"], SCRIPT, &env);
        let first = Crowd { dir: first, edition };
        assert!(first.lamb_path().exists(), "{about}: {said}");
        done += usize::from(held_up(&first, &needs, code, &said, &about));
        let second = Crowd { dir: second, edition };
        assert!(second.lamb_path().exists(), "{about}, with room again: {said}");
        assert_eq!(second.counts(), needs.all, "{about}, with room again: {said}");
        second.is_whole(&about);
    }
    assert!((1..=3).contains(&done), "{done} runs were done");
}

#[test]
fn a_disk_that_is_full() {
    if can_mount() {
        EDITIONS.into_iter().for_each(on_a_small_disk);
    } else {
        skipped(
            "a disk that is full",
            "unshare -rm cannot mount a tmpfs here; only the limits of file sizes are checked",
        );
    }
}

/// A write that fails for another reason, which needs no rights: no file may grow beyond a size. The signal that comes
/// with it must not end the program.
#[test]
fn a_limit_on_the_size_of_files() {
    const SCRIPT: &str = r#"ulimit -c 0; ulimit -f "$LIMIT"; exec "$@""#;
    for edition in EDITIONS {
        let template = Crowd::of(edition, NEWCOMERS);
        // Larger than the journal will be: then it is LAMB's database that cannot grow.
        let large = template.copy();
        large.lamb().execute_batch("CREATE TABLE other (much); INSERT INTO other VALUES (zeroblob(4000000))").unwrap();
        let points = [
            ("backup", &template, 30_000, ""),
            ("journal", &template, 400_000, ""),
            ("transaction", &large, 4_000_000, "--no-backup"),
        ];
        // A native LAMB's changes go into the wal, which is smaller than our journal.
        let count = if edition == Edition::Native { 2 } else { 3 };
        for (what, from, limit, more) in points.into_iter().take(count) {
            let crowd = from.copy();
            let needs = needs(from);
            let about = format!("{edition}, at the {what}");
            // As the server has it; else it would be copied to be read, and that is no small file either.
            let server = open(&crowd.owi_path());
            rows(&server, "SELECT count(*) FROM user");
            let line = format!("{SYNC} {more}");
            // In units of 1024 bytes in bash; sh has 512.
            let env = [("LIMIT", &*(limit / 1024).to_string())];
            let (code, said) = script(&crowd, &line, &["bash"], SCRIPT, &env);
            assert!(!held_up(&crowd, &needs, code, &said, &about), "{about}: it was done: {said}");
            crowd.run(&line).expect(0).says("result\tchanged");
            assert_eq!(crowd.counts(), needs.all, "{about}");
            crowd.is_whole(&about);
        }
    }
}

/// A folder that may be read and not written.
fn read_only(how: &str, around: &[&str], begin: &str, end: &str) {
    for edition in EDITIONS {
        let crowd = Crowd::of(edition, 3);
        let none = crowd.counts();
        let program = crowd.dir.path().join("lamb-auth");
        fs::copy(env!("CARGO_BIN_EXE_lamb-auth"), &program).unwrap();
        for (path, mode) in [("", 0o755), ("owi", 0o755), ("owi/webui.db", 0o644), ("lamb/lamb_v4.db", 0o666)] {
            fs::set_permissions(crowd.dir.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
        }
        let lamb = crowd.lamb_folder().display().to_string();
        let env = [("LAMB", &*lamb), ("PROGRAM", &program.display().to_string())];
        let script_of = |end: &str| format!(r#"{begin}; shift; {end} "$PROGRAM" "$@""#);
        let before = crowd.leftovers();
        for line in
            [SYNC, "sync --apply --yes --max-changes 100% --no-backup", "create-creator --email new0@uni.example --yes"]
        {
            let (code, said) = script(&crowd, line, around, &script_of(end), &env);
            assert!(code == 3 && said.contains("cannot be written"), "{how}, {edition}: {line}: exit {code}: {said}");
            assert_eq!(crowd.leftovers(), before, "{how}, {edition}: {line}");
        }
        // Looking goes on.
        let (code, said) = script(&crowd, "sync -o plain", around, &script_of(end), &env);
        assert!(code == 1 && said.contains("create_creator\t3"), "{how}, {edition}: exit {code}: {said}");
        assert_eq!(crowd.counts(), none, "{how}, {edition}");
        fs::set_permissions(crowd.lamb_folder(), fs::Permissions::from_mode(0o755)).unwrap();
        crowd.run(SYNC).expect(0);
    }
}

#[test]
fn a_folder_that_cannot_be_written() {
    if rustix::process::geteuid().is_root() {
        // Root may write everywhere.
        let other = "exec setpriv --reuid 65534 --regid 65534 --clear-groups";
        let tried = Command::new("sh").args(["-c", &format!("{other} true")]).status();
        if tried.is_ok_and(|status| status.success()) {
            read_only("another account", &["sh"], r#"chmod 555 "$LAMB""#, other);
        } else {
            skipped("a folder without leave to write", "root may write everywhere, and setpriv does not work here");
        }
    } else {
        read_only("mode", &["sh"], r#"chmod 555 "$LAMB""#, "exec");
    }
}

#[test]
fn a_file_system_that_is_read_only() {
    if can_mount() {
        let begin = r#"mount --bind "$LAMB" "$LAMB" && mount -o remount,bind,ro "$LAMB""#;
        read_only("mount", &["unshare", "-rm", "sh"], begin, "exec");
    } else {
        skipped("a file system that is read-only", "unshare -rm cannot mount here");
    }
}

/// The journal may be elsewhere, and there may be no such place.
#[test]
fn a_journal_that_cannot_be_written() {
    for edition in EDITIONS {
        let crowd = Crowd::of(edition, 3);
        let none = crowd.counts();
        for place in ["/dev/full", "/nowhere/journal", "/"] {
            let output = crowd.run(&format!("{SYNC} --journal {place}"));
            assert_ne!(output.code, 0, "{output}");
            output.expect(3);
            assert_eq!(crowd.counts(), none, "{output}");
        }
        crowd.run(SYNC).expect(0);
    }
}
