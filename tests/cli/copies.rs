//! The private copy of a database in wal mode that nobody has open: hashes are in it, and it does not stay.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::yield_now;
use std::time::Instant;

use lamb_auth::lamb::Edition;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::run::{BOUND, Run, World};

const LOOK: &str = "check-user --email teacher@sandbox.test";

/// A sandbox whose LAMB file is in wal mode and takes a while to copy, and a temporary folder for nothing else.
struct Place {
    world: World,
    tmp: TempDir,
    size: u64,
}

impl Place {
    fn make() -> Self {
        let world = World::plain(Edition::Delegated);
        world.lamb().pragma_update(None, "journal_mode", "wal").unwrap();
        let place = Self { size: fs::metadata(lamb(&world)).unwrap().len(), world, tmp: tempfile::tempdir().unwrap() };
        place.resize(1 << 30);
        // With a second name it is never read in place.
        fs::hard_link(lamb(&place.world), lamb(&place.world).with_extension("other")).unwrap();
        place
    }

    /// What follows the last page is no matter to SQLite, and takes no room while it is a hole.
    fn resize(&self, size: u64) {
        File::options().write(true).open(lamb(&self.world)).unwrap().set_len(size).unwrap();
    }

    fn look(&self) -> Run {
        self.world.command(LOOK).env("TMPDIR", &self.tmp.path().display().to_string())
    }

    /// The copy, as far as it has come.
    fn copy(&self) -> Option<PathBuf> {
        let folder = fs::read_dir(self.tmp.path()).unwrap().next()?.unwrap().path();
        let copy = folder.join("copy.db");
        fs::metadata(&copy).is_ok_and(|meta| meta.len() > 0).then_some(copy)
    }

    /// Starts a look, and holds it in the middle of its copy.
    fn held(&self, run: &Run) -> (Child, PathBuf) {
        let mut child = run.start();
        let began = Instant::now();
        let copy = loop {
            if let Some(copy) = self.copy() {
                break copy;
            }
            assert!(child.try_wait().unwrap().is_none() && began.elapsed() < BOUND, "it made no copy");
            yield_now();
        };
        kill(&child, Signal::STOP);
        let stat = format!("/proc/{}/stat", child.id());
        while !fs::read_to_string(&stat).unwrap().contains(") T ") {
            assert!(began.elapsed() < BOUND);
            yield_now();
        }
        assert!(fs::metadata(&copy).unwrap().len() < 1 << 30, "the copy was too quick to be held");
        (child, copy)
    }
}

fn lamb(world: &World) -> PathBuf {
    world.sandbox.dir().join("lamb/lamb_v4.db")
}

fn kill(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn an_interrupted_copy_is_removed() {
    let place = Place::make();
    let run = place.look();
    let (child, copy) = place.held(&run);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    kill(&child, Signal::INT);
    kill(&child, Signal::CONT);
    let output = run.finish(child);
    assert!(output.stdout.is_empty(), "{output}");
    output.expect(130);
    assert!(is_empty(place.tmp.path()), "{} is left behind", copy.display());
}

/// Nobody can remove a copy when killed; the next who makes one does it.
#[test]
fn the_copy_of_a_killed_process_is_removed_by_the_next() {
    let place = Place::make();
    for signal in [Signal::KILL, Signal::TERM, Signal::HUP] {
        place.resize(1 << 30);
        let run = place.look();
        let (child, copy) = place.held(&run);
        // While it lives, its copy stays, whoever looks.
        place.resize(place.size);
        place.look().run().expect(0);
        assert!(copy.exists(), "{signal:?}");
        kill(&child, signal);
        kill(&child, Signal::CONT);
        run.finish(child).expect(-1);
        assert!(copy.exists(), "{signal:?}");
        fs::create_dir(place.tmp.path().join("else")).unwrap();
        place.look().run().expect(0);
        assert!(!copy.parent().unwrap().exists(), "{signal:?}");
        fs::remove_dir(place.tmp.path().join("else")).unwrap();
        assert!(is_empty(place.tmp.path()), "{signal:?}");
    }
}

/// A database that no process has open is read in place by each command that only looks, once it has rested, and not
/// copied; then each of them says so.
#[test]
fn an_idle_database_is_read_in_place_by_commands_that_only_look() {
    const IN_PLACE: &str = "in place: no process had it open";
    let world = World::plain(Edition::Delegated);
    world.lamb().pragma_update(None, "journal_mode", "wal").unwrap();
    let look = |line: &str| world.command(&format!("{line} -v")).run();
    let began = Instant::now();
    while !look(LOOK).stderr.contains(IN_PLACE) {
        assert!(began.elapsed() < BOUND, "it is never read in place");
    }
    let email = "teacher@sandbox.test";
    for line in ["check-user --with-owi", "check-user --email nobody@x", "diagnose", "diagnose --flow all"]
        .map(|line| if line.contains('@') { line.to_owned() } else { format!("{line} --email {email}") })
        .into_iter()
        .chain(["audit", "audit --details", "sync", "list-organizations"].map(str::to_owned))
    {
        let told = look(&line);
        assert!(told.stderr.contains(IN_PLACE) && !told.stderr.contains("private copy"), "{line}: {told}");
    }
    // What is applied is planned from files that hold still.
    let told = look("sync --apply --yes --all --max-changes 100%");
    assert!(!told.stderr.contains(IN_PLACE), "{told}");
}
