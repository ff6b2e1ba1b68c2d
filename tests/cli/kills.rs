//! SIGKILL of commands that write, at many points of them: the database is whole and has all of the run or nothing,
//! `history` tells which, and the next run finishes the job.
//!
//! The points are facts that can be seen from outside (a file is there, or has grown so far; a line is in the journal)
//! and shares of the time that a whole run takes. By default some 20 points an edition; `LAMB_AUTH_KILLS=200` spreads
//! about that many more over the run, and kills the other commands more often too.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Child;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use lamb_auth::lamb::Edition;

use super::crowd::{Counts, Crowd};
use super::run::{BOUND, Run, World, rows};

const NEWCOMERS: usize = 2_000;
const SYNC: &str = "sync --apply --yes --max-changes 100% -q";

/// Where the program is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// The lock file is there.
    Lock,
    /// The unfinished backup has so many bytes.
    Part(u64),
    /// The backup is finished.
    Backup,
    /// Our journal has so many bytes.
    Journal(u64),
    /// SQLite's own journal, or its wal, has so many bytes: it is there before anything is committed.
    Sqlite(u64),
    /// LAMB's file has so many bytes.
    Database(u64),
    /// The last line of our journal is this one.
    Line(&'static str),
    /// `intent` was written, and SQLite's own journal is gone: just committed.
    Committed,
    /// So long after the start.
    After(Duration),
}

/// How far the files came in a run that was let be.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    took: Duration,
    part: u64,
    journal: u64,
    sqlite: u64,
    database: u64,
}

/// A file that grows, or a name that comes.
fn size(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|meta| meta.len())
}

fn named(folder: &Path, suffix: &str) -> Option<u64> {
    let mut entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let path = entries.find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("lamb-auth.backup-") && name.ends_with(suffix)
    })?;
    size(&path)
}

/// The end of the journal has this kind of line.
fn ends_with(journal: &Path, line: &str) -> bool {
    let tail = || -> std::io::Result<Vec<u8>> {
        let mut file = fs::File::open(journal)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(400)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).map(|_| tail)
    };
    tail().is_ok_and(|tail| String::from_utf8_lossy(&tail).contains(&format!(r#"{{"line":"{line}""#)))
}

struct Watcher<'a> {
    crowd: &'a Crowd,
    began: Instant,
    sqlite: std::path::PathBuf,
}

impl<'a> Watcher<'a> {
    fn new(crowd: &'a Crowd) -> Self {
        let suffix = if crowd.edition == Edition::Native { "-wal" } else { "-journal" };
        let sqlite = crowd.lamb_folder().join(format!("lamb_v4.db{suffix}"));
        Self { crowd, began: Instant::now(), sqlite }
    }

    fn is_at(&self, point: Point) -> bool {
        let folder = self.crowd.lamb_folder();
        match point {
            Point::Lock => folder.join("lamb-auth.sync.lock").exists(),
            Point::Part(least) => named(&folder, ".part").is_some_and(|size| size >= least),
            Point::Backup => named(&folder, ".db").is_some(),
            Point::Journal(least) => size(&self.crowd.journal_path()).is_some_and(|size| size >= least),
            Point::Sqlite(least) => size(&self.sqlite).is_some_and(|size| size >= least.max(1)),
            Point::Database(least) => size(&self.crowd.lamb_path()).is_some_and(|size| size >= least),
            Point::Line(line) => ends_with(&self.crowd.journal_path(), line),
            Point::Committed => {
                ends_with(&self.crowd.journal_path(), "intent") && size(&self.sqlite).is_none_or(|size| size == 0)
            }
            Point::After(time) => self.began.elapsed() >= time,
        }
    }

    /// Kills it at the point, or lets it end where it was too quick. True where it was killed.
    fn kill(&self, child: &mut Child, point: Point) -> bool {
        while child.try_wait().unwrap().is_none() {
            if self.is_at(point) {
                child.kill().unwrap();
                return child.wait().unwrap().code().is_none();
            }
            assert!(self.began.elapsed() < BOUND, "{point:?} is never reached");
            yield_now();
        }
        false
    }
}

/// Lets one run be, and sees how far the files come.
fn measure(crowd: &Crowd) -> Extent {
    let watcher = Watcher::new(crowd);
    let mut extent = Extent::default();
    let mut child = crowd.start(SYNC);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let folder = crowd.lamb_folder();
        extent.part = extent.part.max(named(&folder, ".part").unwrap_or_default());
        extent.sqlite = extent.sqlite.max(size(&watcher.sqlite).unwrap_or_default());
        yield_now();
    };
    assert!(status.success(), "{status}: {}", crowd.run(SYNC));
    extent.took = watcher.began.elapsed();
    extent.journal = size(&crowd.journal_path()).unwrap();
    extent.database = size(&crowd.lamb_path()).unwrap();
    extent
}

/// How many more kills are wanted.
fn more() -> u64 {
    std::env::var("LAMB_AUTH_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn points(extent: Extent, before: u64) -> Vec<Point> {
    let steps = 3 + more() / 5;
    let spread = |from: u64, to: u64| (0..steps).map(move |step| from + to.saturating_sub(from) * step / steps);
    let mut points = vec![Point::Lock, Point::Backup, Point::Line("intent"), Point::Committed, Point::Line("done")];
    points.extend(spread(0, extent.part).map(Point::Part));
    points.extend(spread(0, extent.journal).map(Point::Journal));
    points.extend(spread(0, extent.sqlite).map(Point::Sqlite));
    points.extend(spread(before + 1, extent.database).map(Point::Database));
    let took = u64::try_from(extent.took.as_micros()).unwrap();
    points.extend(spread(took / steps, took + took / steps).map(|time| Point::After(Duration::from_micros(time))));
    points
}

/// After a kill: whole, all or nothing, and `history` says so. True where all of it is there.
fn all_or_nothing(crowd: &Crowd, none: Counts, all: Counts, about: &str) -> bool {
    // Read-only and before anything is fixed: SQLite's journal may be hot.
    let fates = crowd.fates();
    crowd.is_whole(about);
    let is = crowd.counts();
    let fate = fates.last().map(String::as_str);
    if is == all {
        assert!(matches!(fate, Some("done" | "committed")), "{about}: all is there, history says {fates:?}");
    } else {
        assert_eq!(is, none, "{about}: neither all nor nothing");
        assert!(matches!(fate, None | Some("never-committed" | "rolled-back")), "{about}: history says {fates:?}");
    }
    is == all
}

fn kill_everywhere(edition: Edition) {
    let began = Instant::now();
    let template = Crowd::of(edition, NEWCOMERS);
    let none = template.counts();
    let before = size(&template.lamb_path()).unwrap();
    let whole = template.copy();
    let extent = measure(&whole);
    let all = whole.counts();
    assert_eq!(all.creators - none.creators, NEWCOMERS as i64);
    assert!(all.roles > none.roles && (edition == Edition::Delegated || all.passwords > none.passwords));

    let (mut killed, mut committed) = (0, 0);
    let points = points(extent, before);
    let mut crowd = template.copy();
    for (number, &point) in points.iter().enumerate() {
        let about = format!("{edition}, killed at {point:?}");
        let mut child = crowd.start(SYNC);
        let hit = Watcher::new(&crowd).kill(&mut child, point);
        killed += usize::from(hit);
        let there = all_or_nothing(&crowd, none, all, &about);
        committed += usize::from(hit && there);
        // Every third time the debris is left for the next run to cope with, which is killed too.
        if !there && number % 3 == 0 {
            continue;
        }
        crowd.run(&format!("{SYNC} -o plain")).expect(0).says(if there {
            "result\tin-step"
        } else {
            "result\tchanged"
        });
        assert_eq!(crowd.counts(), all, "{about}, and once more");
        if number % 4 == 0 {
            crowd.is_whole(&about);
            crowd.run(&format!("{SYNC} -o plain")).expect(0).says("result\tin-step");
        }
        let left = crowd.leftovers();
        let is_backup = |name: &String| name.starts_with("lamb-auth.backup-") && name.ends_with(".db");
        // A run with nothing to do makes no backup, and so leaves what is there.
        let unexpected = left.iter().filter(|name| !is_backup(name)).count();
        assert!(there || unexpected == 0, "{about}: {left:?} is left behind");
        crowd = template.copy();
    }
    eprintln!(
        "{edition}: {killed} kills at {} points of {NEWCOMERS} users, {committed} of them after the commit, in {:.1} s \
         ({extent:?}); LAMB_AUTH_KILLS=N makes more",
        points.len(),
        began.elapsed().as_secs_f64()
    );
    // A machine under load may let some runs end before they are hit.
    assert!(killed * 4 >= points.len() * 3, "only {killed} of {} were hit", points.len());
    assert!(committed > 0 && committed < killed, "{committed} of {killed} had been committed");
}

#[test]
fn delegated_in_delete_mode() {
    kill_everywhere(Edition::Delegated);
}

#[test]
fn native_in_wal_mode() {
    kill_everywhere(Edition::Native);
}

/// When a command is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Its journal ends with this line.
    Line(&'static str),
    /// Its journal says so often that Open WebUI is asked, or that it made a change.
    InOpenWebui(&'static str, usize),
    /// So long after the start.
    After(Duration),
}
use Moment::{InOpenWebui, Line};

/// Runs a command until that moment, and kills it there, unless it was quicker. How long it ran.
fn kill_at(world: &World, line: &str, stdin: &str, moment: Option<Moment>) -> Duration {
    let length = fs::metadata(world.journal()).map_or(0, |meta| meta.len() as usize);
    let mut child = world.command(line).start();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let began = Instant::now();
    let has_grown = || fs::read(world.journal()).unwrap_or_default().get(length..).unwrap_or_default().to_owned();
    let count = |state: &str| String::from_utf8_lossy(&has_grown()).matches(&format!(r#""state":"{state}""#)).count();
    let is_there = || match moment {
        Some(Line(kind)) => String::from_utf8_lossy(&has_grown()).contains(&format!(r#"{{"line":"{kind}""#)),
        Some(InOpenWebui(state, times)) => count(state) >= times,
        Some(Moment::After(time)) => began.elapsed() >= time,
        None => false,
    };
    while child.try_wait().unwrap().is_none() && !is_there() {
        assert!(began.elapsed() < BOUND, "{line}: {moment:?} does not come");
        yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    // What the journal says stays there, also where the command was quicker than the kill.
    assert!(!matches!(moment, Some(Line(_) | InOpenWebui(..))) || is_there(), "{line}: {moment:?} did not come");
    began.elapsed()
}

/// A command that changes Open WebUI, LAMB or both.
#[derive(Default)]
struct Killed {
    /// What is run before, to its end.
    before: Option<&'static str>,
    line: &'static str,
    stdin: &'static str,
    /// Where it is killed.
    points: &'static [Moment],
    /// True where the command cannot be repeated once it is done.
    once: bool,
    /// What is true once it is done.
    goals: &'static [&'static str],
    /// Who has another e-mail after it, on both sides.
    renames: Option<[&'static str; 2]>,
}

const RENAME: &str = "update-creator --email teacher@sandbox.test --rename wed@sandbox.test --owi-too --yes";

fn killed() -> [Killed; 9] {
    [
        Killed {
            line: "create-creator --email new@uni.example --create-owi-user --password-stdin --yes",
            stdin: "a new password",
            points: &[Line("begin"), Line("account"), InOpenWebui("made", 1), Line("intent"), Line("done")],
            goals: &["check-user --email new@uni.example"],
            ..Killed::default()
        },
        Killed {
            line: "diagnose --email teacher@sandbox.test --fix --yes",
            points: &[Line("intent"), Line("done")],
            goals: &["check-user --email teacher@sandbox.test"],
            ..Killed::default()
        },
        Killed {
            line: "audit --fix --finding role-missing --yes",
            points: &[Line("begin"), Line("intent"), Line("done")],
            goals: &["audit --finding role-missing --fail-on warning"],
            ..Killed::default()
        },
        Killed {
            line: "audit --fix --finding owi-pending --yes",
            points: &[Line("begin"), Line("owi"), Line("done")],
            goals: &["audit --finding owi-pending --fail-on warning"],
            ..Killed::default()
        },
        Killed {
            line: "update-creator --email operator@sandbox.test --rename married@sandbox.test --yes",
            points: &[Line("begin"), Line("intent"), Line("done")],
            once: true,
            goals: &["check-user --email married@sandbox.test"],
            ..Killed::default()
        },
        Killed {
            line: "update-creator --email teacher@sandbox.test --org lamb --yes",
            points: &[Line("begin"), Line("intent"), Line("done")],
            goals: &["update-creator --email teacher@sandbox.test --org lamb --dry-run"],
            ..Killed::default()
        },
        // Between the two halves, both ways.
        Killed {
            line: RENAME,
            points: &[InOpenWebui("asked", 1), InOpenWebui("made", 1), Line("intent"), Line("done")],
            once: true,
            goals: &["check-user --email wed@sandbox.test", "check-owi-user --email wed@sandbox.test"],
            renames: Some(["teacher@sandbox.test", "wed@sandbox.test"]),
            ..Killed::default()
        },
        Killed {
            before: Some(RENAME),
            line: "undo last --yes",
            points: &[InOpenWebui("asked", 1), InOpenWebui("made", 1), Line("intent")],
            once: true,
            goals: &["check-user --email teacher@sandbox.test", "check-owi-user --email teacher@sandbox.test"],
            renames: Some(["wed@sandbox.test", "teacher@sandbox.test"]),
            ..Killed::default()
        },
        // Within a deletion, and between two.
        Killed {
            line: "audit --fix --finding owi-duplicate --yes",
            points: &[InOpenWebui("asked", 1), InOpenWebui("made", 1), InOpenWebui("asked", 2), InOpenWebui("made", 3)],
            goals: &["audit --finding owi-duplicate --fail-on warning", "check-owi-user --email double@sandbox.test"],
            ..Killed::default()
        },
    ]
}

/// `history` must not say less or more than there is.
fn is_true(world: &World, fate: &str, [from, to]: [&str; 2], about: &str) {
    let has = |side: &str, email: &str| world.run(&format!("{side} --email {email}")).code == 0;
    let in_owi = (has("check-owi-user", from), has("check-owi-user", to));
    let in_lamb = (has("check-user", from), has("check-user", to));
    let (old, new) = ((true, false), (false, true));
    match fate {
        "done" | "committed" => assert_eq!((in_owi, in_lamb), (new, new), "{about}"),
        "only-in-open-webui" => assert_eq!((in_owi, in_lamb), (new, old), "{about}"),
        "unknown-in-open-webui" => assert!((in_owi == old || in_owi == new) && in_lamb == old, "{about}"),
        _ => assert_eq!((in_owi, in_lamb), (old, old), "{about}: {fate}"),
    }
}

/// In Open WebUI, in LAMB, or in both: the same command again finishes the job, and each run has a fate.
#[test]
fn a_killed_fix_and_a_killed_creation_are_finished_by_the_next_run() {
    let world = |before: Option<&str>| {
        let world = World::plain(Edition::Delegated);
        world.lamb_sql("DELETE FROM {p}organization_roles WHERE user_id = 2");
        // As it is where Open WebUI has the new e-mail, and LAMB follows.
        world.rename_in_owi("operator@sandbox.test", "married@sandbox.test");
        let owi = world.owi();
        for id in ["aaaaaaaa-0000-4000-8000-000000000002", "aaaaaaaa-0000-4000-8000-000000000003"] {
            for table in ["user", "auth"] {
                let sql = "CREATE TEMP TABLE one AS SELECT * FROM {t} WHERE id = (SELECT max(id) FROM user WHERE \
                           email = 'double@sandbox.test'); UPDATE one SET id = '{id}'; INSERT INTO {t} SELECT * FROM one; \
                           DROP TABLE one";
                owi.execute_batch(&sql.replace("{t}", table).replace("{id}", id)).unwrap();
            }
        }
        if let Some(line) = before {
            world.run(line).expect(0);
        }
        world
    };
    for Killed { before, line, stdin, points, once, goals, renames } in killed() {
        let mut moments = points.to_vec();
        let shares = u32::try_from(more() / 10).unwrap();
        if shares > 0 {
            let took = kill_at(&world(before), line, stdin, None);
            moments.extend((1..=shares).map(|share| Moment::After(took * share / shares)));
        }
        for moment in moments {
            let about = format!("{line}, {moment:?}");
            let world = world(before);
            kill_at(&world, line, stdin, Some(moment));
            let (code, told) = world.json("history");
            assert_eq!(code, 0, "{about}");
            let fates = told["runs"].as_array().unwrap().iter().map(|run| run["fate"].as_str().map(str::to_owned));
            let known =
                ["done", "committed", "never-committed", "rolled-back", "only-in-open-webui", "unknown-in-open-webui"];
            assert!(fates.into_iter().all(|fate| fate.is_some_and(|fate| known.contains(&&*fate))), "{told:#}");
            // The newest is first: the run itself, unless it was killed before it had begun.
            let runs = told["runs"].as_array().unwrap();
            let own = if runs.len() > usize::from(before.is_some()) { runs.first() } else { None };
            let fate = own.map_or("never-committed", |run| run["fate"].as_str().unwrap_or_default());
            renames.iter().for_each(|pair| is_true(&world, fate, *pair, &about));
            if !(once && ["done", "committed"].contains(&fate)) {
                world.command(line).stdin(stdin).run().expect(0);
            }
            for goal in goals {
                world.run(goal).expect(0);
            }
            assert_eq!(rows(&world.lamb(), "PRAGMA integrity_check"), ["ok"], "{about}");
        }
    }
}

/// Two processes undo one run: it is undone once, and the other is told so.
#[test]
fn of_two_undos_at_once_one_undoes() {
    for _ in 0..=more() / 20 {
        two_undos_at_once();
    }
}

fn two_undos_at_once() {
    let crowd = Crowd::of(Edition::Delegated, 300);
    let none = crowd.counts();
    crowd.run(SYNC).expect(0);
    let runs = [crowd.command("undo last --yes --force"), crowd.command("undo last --yes --force")];
    let children = runs.each_ref().map(Run::start);
    let outputs: Vec<_> = runs.into_iter().zip(children).map(|(run, child)| run.finish(child)).collect();
    let codes: Vec<i32> = outputs.iter().map(|output| output.code).collect();
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 2, 3, 4].contains(code)), "{codes:?}: {}", outputs[1]);
    assert_eq!(crowd.counts(), none);
    crowd.is_whole("two undos");
    let journal = fs::read_to_string(crowd.journal_path()).unwrap();
    assert_eq!(journal.matches("{\"line\":\"done\"").count(), 2, "a sync and one undo");
}
