//! `sync --watch`: reports what `sync` would change as it comes up. With `--apply --yes` it makes the changes, so that a
//! user who signs in to Open WebUI for the first time has a creator soon after.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;

use super::super::context::Context;
use super::super::exit::{Exit, exit_of, exit_with};
use super::super::write::ask;
use super::sides::read;
use super::{Arguments, apply_plan, counts, open, organizations_exist, write_memory};
use crate::change::journal::{self, FileJournal, RunState};
use crate::change::lock::SyncLock;
use crate::change::{Change, Consent, backup};
use crate::clock;
use crate::interrupt;
use crate::lamb::db::LambDb;
use crate::messages;
use crate::render;
use crate::sqlite;
use crate::sync::guards;
use crate::sync::plan::SyncPlan;
use crate::sync::policy::Policy;
use crate::sync::saved::Via;

/// How often everything is planned anew: what changes no row's place (an approval, a role) is found then. Less often
/// where planning takes long: one part of the time in `SHARE`, and the longest pause at most.
const FULL_PLAN: Duration = Duration::from_secs(180);
const SHARE: u32 = 1000;
const LONGEST_PAUSE: Duration = Duration::from_secs(1800);
/// When a plan that was refused is made anew: what it doubted may be well a moment later.
const REFUSED: Duration = Duration::from_secs(30);
/// A file that was written to less than this ago may have been written to again since it was looked at.
const SETTLED: Duration = Duration::from_secs(1);
/// Two seconds are enough for LAMB to write down that the account it has just made is a student's.
const SHORT: Duration = Duration::from_secs(2);
/// How often the memory is written where all that it could say is in it.
const REMEMBER: Duration = Duration::from_secs(3600);
/// The budget of `--max-changes` is for so long, in seconds.
const DAY: i64 = 86_400;

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let policy = Policy::load(&arguments.policy)?;
    if !policy.names_its_people() {
        let message = "--watch: select users with --include PATTERN or --all, or with include or all in the policy";
        return Err(exit_with(Exit::Usage, message));
    }
    if policy.disables_missing() {
        return Err(exit_with(Exit::Usage, "--watch never disables creators: remove disable-missing from the policy"));
    }
    if arguments.via == Via::Api {
        let message = "--watch needs webui.db; for a remote Open WebUI, run sync --via api --apply from a timer";
        return Err(exit_with(Exit::Usage, message));
    }
    let consent = consent(arguments)?;
    let stop = stop_signal()?;
    let reports = if consent.is_some() { "" } else { "; changes are only reported (--apply --yes makes them)" };
    let mut watch = Watch::new(arguments, context, policy, consent);
    messages::note(format_args!("polling every {} s; Ctrl-C stops{reports}", arguments.interval.as_secs_f64()));
    if arguments.interval < SHORT && arguments.apply {
        messages::note(
            "warning: with an interval below 2 s, LAMB may not have recorded yet that a new user is a student",
        );
    }
    loop {
        watch.round()?;
        // Ctrl-C in the middle of a transaction waited for the end of it.
        if interrupt::was_hit() {
            return Ok(Exit::Interrupted);
        }
        match stop.recv_timeout(watch.pause()) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    messages::note("stopped by SIGTERM");
    Ok(Exit::Yes)
}

/// A yes to all that will come up; `None` where it is only reported.
fn consent(arguments: &Arguments) -> anyhow::Result<Option<Consent>> {
    match (arguments.apply, arguments.yes) {
        (false, _) => Ok(None),
        (true, true) => Ok(Some(Consent::given())),
        (true, false) => {
            let question = "Make every change that comes up, until the watch ends?";
            ask(|| messages::error("each change will be made without another question"), question).map(Some)
        }
    }
}

/// SIGTERM waits here until the round is over.
fn stop_signal() -> anyhow::Result<Receiver<()>> {
    let mut signals =
        signal_hook::iterator::Signals::new([signal_hook::consts::SIGTERM]).context("cannot handle SIGTERM")?;
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if send.send(()).is_err() {
                break;
            }
        }
    });
    Ok(receive)
}

/// A row of webui.db: its number and the user's id.
type Row = (i64, String);

struct Watch<'a> {
    arguments: &'a Arguments,
    context: &'a Context,
    policy: Policy,
    /// `None` where nothing is written.
    consent: Option<Consent>,
    /// The newest row at the last look, and the one before it: who was there then has settled. LAMB makes a student's
    /// account first and writes down that it is one a moment later.
    seen: Option<Row>,
    /// All users up to this row have been planned for.
    planned: Option<Row>,
    stamp: Option<Stamp>,
    next_full: Instant,
    backed_up: bool,
    /// Whether LAMB has been seen to be what the flags and the policy speak of.
    checked: bool,
    /// What was told already: of the last plan, and of the last look that failed.
    told: Vec<String>,
    trouble: Option<String>,
    /// The changes of the last plan, in words: what is not made is reported once.
    reported: HashSet<String>,
    /// Why the memory could not be written the last time, which was told.
    memory_trouble: Option<String>,
    /// When the memory was last written.
    remembered: Option<Instant>,
}

impl<'a> Watch<'a> {
    fn new(arguments: &'a Arguments, context: &'a Context, policy: Policy, consent: Option<Consent>) -> Self {
        Self {
            arguments,
            context,
            policy,
            seen: None,
            planned: None,
            stamp: None,
            next_full: Instant::now(),
            // What writes nothing needs no backup.
            backed_up: arguments.no_backup || consent.is_none(),
            consent,
            checked: false,
            told: Vec::new(),
            trouble: None,
            reported: HashSet::new(),
            memory_trouble: None,
            remembered: None,
        }
    }

    /// Until the next look: a little less while a command waits, so that two intervals are enough for them.
    fn pause(&self) -> Duration {
        if self.seen == self.planned { self.arguments.interval } else { self.arguments.interval * 4 / 5 }
    }

    /// One look. What fails is told once and tried again; only what can never succeed ends the watch.
    fn round(&mut self) -> anyhow::Result<()> {
        match self.look() {
            Ok(()) => {
                if self.trouble.take().is_some() {
                    say("working again");
                }
                Ok(())
            }
            Err(error) if !self.checked && exit_of(&error) == Exit::Usage => Err(error),
            Err(error) if error.chain().any(|cause| cause.is::<std::io::Error>() && is_closed(cause)) => Err(error),
            Err(error) => {
                // Whatever was read before may be another file's.
                self.stamp = None;
                let trouble = format!("{error:#}");
                if self.trouble.as_ref() != Some(&trouble) {
                    say(&format!("{trouble}; will retry"));
                    self.trouble = Some(trouble);
                }
                Ok(())
            }
        }
    }

    fn look(&mut self) -> anyhow::Result<()> {
        let (path, _) = self.context.settings.owi_db()?;
        if !self.checked {
            // A wrong organization is reported at the start, not at the first new user.
            organizations_exist(&open(self.context)?, &self.policy)?;
            self.checked = true;
        }
        if !self.backed_up {
            self.back_up()?;
        }
        let full = Instant::now() >= self.next_full;
        let stamp = Stamp::of(&path);
        if !full && self.seen == self.planned && stamp.is_some() && stamp == self.stamp {
            return Ok(());
        }
        let owi = self.context.owi_db()?;
        let newest = owi.newest()?;
        let settled = std::mem::replace(&mut self.seen, newest);
        self.stamp = stamp.filter(Stamp::can_be_trusted);
        let Some(settled) = settled else { return Ok(()) };
        // Rows are numbered anew, or it is another file: who has settled is not known any more.
        if self.seen.as_ref().is_none_or(|seen| seen.0 < settled.0) || !owi.row_is(settled.0, &settled.1)? {
            self.planned = None;
            self.next_full = Instant::now();
            return Ok(());
        }
        drop(owi);
        if !full && self.planned.as_ref() == Some(&settled) {
            return Ok(());
        }
        let (took, refused) = self.plan(settled.0)?;
        self.planned = Some(settled);
        // What was refused may be so for a moment only: a file that was just replaced, a server that starts.
        let pause = if refused { REFUSED } else { FULL_PLAN.max(took * SHARE).min(LONGEST_PAUSE) };
        self.next_full = Instant::now() + pause.max(self.arguments.interval * 10);
        Ok(())
    }

    fn back_up(&mut self) -> anyhow::Result<()> {
        let (path, _) = self.context.settings.lamb_db()?;
        let db = self.context.lamb_for_change()?;
        let _lock = SyncLock::take(&path)?;
        // A container that starts over and over must not push out the copies of before.
        if let Some(there) = backup::of_now(db.path()) {
            messages::note(format_args!("backup: {} is already current", there.display()));
        } else {
            let backup = backup::take(&db, self.context.limits.lock_timeout)?;
            messages::note(format_args!("backup: {}", backup.display()));
        }
        self.backed_up = true;
        Ok(())
    }

    /// Plans for all users up to this row, and applies or reports it. How long the planning took, and whether it was
    /// refused.
    fn plan(&mut self, up_to: i64) -> anyhow::Result<(Duration, bool)> {
        let (database, _) = self.context.settings.lamb_db()?;
        // Checked first: while another command applies changes, every plan would be for nothing.
        let _lock = self.consent.as_ref().map(|_| SyncLock::take(&database)).transpose()?;
        let db = open(self.context)?;
        let mut read = read(self.context, self.arguments, &db, &self.policy, Via::File, Some(up_to))?;
        let mut notes = std::mem::take(&mut read.found.plan.notes);
        let path = self.arguments.journal.path(db.path());
        let doubts = std::mem::take(&mut read.doubts);
        read.found.plan.guards.extend(doubts);
        if !read.found.plan.changes.is_empty() {
            let spent = spent(&path, &db)?;
            read.found.plan.guards.extend(guards::too_many(&read.found, &self.policy, Some(spent)));
        }
        let standing = read.found.plan.standing(self.arguments.force);
        notes.extend(standing.iter().map(|guard| format!("refused: {}; {}", guard.reason, guard.way_out.text())));
        let refused = !standing.is_empty();
        let conflicts = read.found.conflicts.len();
        if conflicts > 0 {
            notes.push(format!("{conflicts} e-mails have conflicts; lamb-auth sync lists them"));
        }
        self.say_new(notes);
        drop(db);
        if refused {
            return Ok((read.took, refused));
        }
        if read.found.plan.changes.is_empty() {
            self.remember(&read.found);
            return Ok((read.took, refused));
        }
        let Some(consent) = &self.consent else {
            self.report(&read.found.plan.changes)?;
            return Ok((read.took, false));
        };
        let mut db = self.context.lamb_for_change()?;
        let mut journal = FileJournal::new(path, "sync --watch", &db).with_counts(counts(&read.found.summary));
        let applied = apply_plan(&mut db, &mut read.found, self.arguments.force, consent, &mut journal)?;
        drop(db);
        let written = write_memory(self.context, self.arguments, &read.found, Some(&applied));
        self.tell_memory(written);
        let time = clock::rfc3339(clock::now());
        let mut ids = applied.created.iter().copied();
        for change in &applied.changes {
            let id = if matches!(change, Change::CreateCreator { .. }) { ids.next() } else { None };
            let made = Some((journal.run(), id));
            render::raw(&render::watched(self.context.format, change, made, &time))?;
        }
        Ok((read.took, false))
    }

    /// Writes down who was seen, where a plan has no change: who comes and goes in LAMB alone is known by that. What the
    /// memory has already is not written at each plan, for a write waits for the disk: then only now and then, so that it
    /// says when a creator was last seen.
    fn remember(&mut self, found: &SyncPlan) {
        let is_due = self.remembered.is_none_or(|last| last.elapsed() >= REMEMBER);
        if self.consent.is_some() && (is_due || !found.memory.is_empty()) {
            let written = write_memory(self.context, self.arguments, found, None);
            self.tell_memory(written);
            self.remembered = Some(Instant::now());
        }
    }

    /// Says once that the memory cannot be written: it is tried again at each plan.
    fn tell_memory(&mut self, written: anyhow::Result<()>) {
        let trouble = written.err().map(|error| format!("warning: {error:#}"));
        if let Some(trouble) = trouble.as_ref().filter(|new| self.memory_trouble.as_ref() != Some(*new)) {
            say(trouble);
        }
        self.memory_trouble = trouble;
    }

    /// Shows the changes that the last plan did not have.
    fn report(&mut self, changes: &[Change]) -> anyhow::Result<()> {
        let time = clock::rfc3339(clock::now());
        let planned: HashSet<String> = changes.iter().map(ToString::to_string).collect();
        for change in changes.iter().filter(|change| !self.reported.contains(&change.to_string())) {
            render::raw(&render::watched(self.context.format, change, None, &time))?;
        }
        self.reported = planned;
        Ok(())
    }

    /// Says what the last plan did not say already: a server that is down is down at every look.
    fn say_new(&mut self, notes: Vec<String>) {
        notes.iter().filter(|note| !self.told.contains(note)).for_each(|note| say(note));
        self.told = notes;
    }
}

/// Also with `-q`: a watch that is refused or out of order must not look healthy.
fn say(text: &str) {
    messages::error(format_args!("{}  {}", clock::rfc3339(clock::now()), render::clean(text)));
}

fn is_closed(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// How many changes watching has made within the last day.
fn spent(journal: &Path, db: &LambDb) -> anyhow::Result<usize> {
    let since = clock::now() - DAY;
    let history = journal::heads(journal)?;
    let recent = history.runs.iter().filter(|run| {
        let time = run.begin.time.parse::<jiff::Timestamp>().map_or(i64::MAX, jiff::Timestamp::as_second);
        let ours = run.begin.command == "sync --watch" && run.begin.is_of(db);
        ours && time > since && matches!(run.state, RunState::Done | RunState::Intended)
    });
    Ok(recent.map(|run| usize::try_from(run.total()).unwrap_or(usize::MAX)).fold(0, usize::saturating_add))
}

/// What changes with every write to a database: of the file and of its wal. Open WebUI writes all the time, so a new
/// stamp says little; an old one says that nothing happened, without opening anything.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp([Option<FileState>; 2], SystemTime);

/// Device, inode, length, and the time of the last write.
type FileState = (u64, u64, u64, i64, i64);

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let mut latest = SystemTime::UNIX_EPOCH;
        let mut of = |path: PathBuf| {
            let meta = std::fs::metadata(path).ok()?;
            latest = latest.max(meta.modified().ok()?);
            Some((meta.dev(), meta.ino(), meta.len(), meta.mtime(), meta.mtime_nsec()))
        };
        let files = ["", "-wal"].map(|suffix| of(sqlite::beside(path, suffix)));
        files[0]?;
        Some(Self(files, latest))
    }

    /// False where another write could have got the same time.
    fn can_be_trusted(&self) -> bool {
        SystemTime::now().duration_since(self.1).is_ok_and(|ago| ago > SETTLED)
    }
}
