//! `sync`.

mod sides;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use self::sides::{Read, read};
use super::assign_role::{find_organization, usable};
use super::context::Context;
use super::exit::{Exit, exit_with};
use super::progress::Progress;
use super::write::{JournalFlag, ask, refusal};
use crate::change::journal::{Counts, FileJournal};
use crate::change::lock::SyncLock;
use crate::change::{Applied, ApplyError, Change, Consent, apply, backup};
use crate::clock;
use crate::email::Email;
use crate::findings::FixStep;
use crate::lamb::db::LambDb;
use crate::render::{self, Format, SyncEnd, SyncView};
use crate::sync::guards;
use crate::sync::memory::{Memory, Present};
use crate::sync::plan::{PlanSummary, SyncPlan};
use crate::sync::policy::{Policy, PolicyFlags};
use crate::sync::saved::{self, SavedPlan, SavedPlanError, Via, save};
use crate::{messages, sqlite};

/// The defaults of `--memory-days`, `--jobs` and `--listing-timeout`.
const MEMORY_DAYS: u32 = 400;
const JOBS: u8 = 4;
const LISTING_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Creators that are written in a second, in round numbers (`benches/sync`).
const PER_SECOND: usize = 100_000;
/// From so many seconds of a locked database on, it is said before.
const WORTH_A_WORD: usize = 2;

/// So old, in seconds, are accounts of which it is known whether they are students'.
const SETTLED: i64 = 2;

/// Keep LAMB's creators in sync with Open WebUI's users
///
/// Compares LAMB with Open WebUI and prints the changes. Makes them only with --apply. Creates missing creators, adds
/// missing role rows, and copies missing password hashes (native edition). With --disable-missing, also disables
/// creators whose Open WebUI user is gone. Deletes nothing. Compares system roles but never changes them. Never creates
/// a creator for an LMS student, whatever the policy says.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  lamb-auth sync\n  lamb-auth sync --rule 'physics.example=physics' --apply\n  lamb-auth sync --plan-out plan.jsonl; lamb-auth sync --plan plan.jsonl --apply --yes\n  lamb-auth sync --watch --include uni.example --apply --yes"
)]
pub(super) struct Arguments {
    /// Make the changes
    ///
    /// Backs up lamb_v4.db, then writes all changes in one transaction.
    #[arg(long, help_heading = "Changes")]
    apply: bool,
    /// Do not ask for confirmation
    #[arg(short, long, requires = "apply", help_heading = "Changes")]
    yes: bool,
    /// Override guards that refuse a change
    #[arg(long, help_heading = "Changes")]
    force: bool,
    /// Do not back up lamb_v4.db first
    #[arg(long, help_heading = "Changes", hide_short_help = true)]
    no_backup: bool,
    /// Forget what earlier runs know of this e-mail, and do nothing else; repeatable
    #[arg(long, value_name = "EMAIL", conflicts_with_all = ["apply", "force", "watch", "plan", "plan_out"], help_heading = "Memory", hide_short_help = true)]
    forget: Vec<Email>,
    /// Days for which a creator is remembered who is gone from LAMB
    #[arg(long, value_name = "DAYS", default_value_t = MEMORY_DAYS, help_heading = "Memory", hide_short_help = true)]
    memory_days: u32,
    /// Save the plan, to review it and apply it later
    #[arg(long, value_name = "FILE", conflicts_with_all = ["apply", "watch"], help_heading = "Changes")]
    plan_out: Option<PathBuf>,
    /// Apply exactly this saved plan, or nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["watch", "plan_out", "via"], help_heading = "Changes")]
    plan: Option<PathBuf>,
    /// Where to read Open WebUI's users
    #[arg(long, value_enum, default_value_t)]
    via: Via,
    /// With --via api: file with an Open WebUI admin's token
    ///
    /// Needed only if LAMB's own ways to get an admin token fail.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    admin_token_file: Option<PathBuf>,
    /// With --via api: how many pages to request at once
    #[arg(long, value_name = "N", default_value_t = JOBS, value_parser = clap::value_parser!(u8).range(1..=16), hide_short_help = true)]
    jobs: u8,
    /// With --via api: how long reading all users may take
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = crate::cli::duration, hide_short_help = true)]
    listing_timeout: Duration,
    /// Keep running, and report new changes
    ///
    /// With --apply --yes, makes them: a user who signs in to Open WebUI for the first time gets a creator within two
    /// intervals.
    #[arg(long, conflicts_with = "disable_missing")]
    watch: bool,
    /// With --watch: time between two checks, such as 5s or 1m
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = interval, hide_short_help = true)]
    interval: Duration,
    #[command(flatten)]
    journal: JournalFlag,
    #[command(flatten)]
    policy: PolicyFlags,
}

/// Checks that follow each other faster would leave the servers no rest.
fn interval(text: &str) -> Result<Duration, String> {
    crate::cli::duration_of(text, Duration::from_millis(100))
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    if !arguments.forget.is_empty() {
        return forget(arguments, context);
    }
    let flags_said = arguments.policy != PolicyFlags::default();
    if arguments.plan.is_some() && flags_said {
        return Err(exit_with(Exit::Usage, "--plan: the saved plan contains its policy; leave out the policy flags"));
    }
    if let Some(path) = &arguments.plan_out {
        saved::check(path)
            .map_err(|error| exit_with(Exit::Usage, format!("--plan-out {}: {error}", path.display())))?;
    }
    if arguments.watch {
        return watch::run(arguments, context);
    }
    // Before anything is read: what is read must still be so when it is applied.
    let (path, _) = context.settings.lamb_db()?;
    let _lock = if arguments.apply { Some(lock(context, &path)?) } else { None };
    // What is written out, or applied, is planned from files that hold still.
    let only_looks = !arguments.apply && arguments.plan_out.is_none();
    let Planned { mut read, policy, via, doubtful } =
        if only_looks { sqlite::in_place(|| plan(arguments, context)) } else { plan(arguments, context) }?;
    let pending = !read.found.plan.changes.is_empty();
    let view = view(context, arguments, &read.found);
    if arguments.apply && !pending && !doubtful {
        warn(write_memory(context, arguments, &read.found, None));
    }
    if !arguments.apply || !pending {
        let (end, exit) = match (doubtful, pending) {
            (true, _) => (SyncEnd::Refused, Exit::Refused),
            (false, true) => (SyncEnd::Planned(next(arguments)), Exit::No),
            (false, false) => (SyncEnd::InStep, Exit::Yes),
        };
        context.show(&render::sync(&view, &end))?;
        return Ok(exit);
    }
    if !read.found.plan.standing(arguments.force).is_empty() {
        context.show(&render::sync(&view, &SyncEnd::Refused))?;
        return Ok(Exit::Refused);
    }
    let consent = consent(context, arguments, &view)?;
    if !arguments.yes {
        still_so(context, arguments, &policy, via, &mut read)?;
    }
    settle(context, via, read.found.summary.newcomers)?;
    carry_out(context, arguments, read, &consent)
}

/// What makes the changes that are shown.
fn next(arguments: &Arguments) -> FixStep {
    let plan = arguments.plan.as_ref().or(arguments.plan_out.as_ref()).map(|path| path.display().to_string());
    match plan {
        Some(path) => FixStep::command(&["sync", "--plan", &path]).switched(&["--apply"]),
        None => same_with_apply(arguments),
    }
}

/// The command as it was typed, and `--apply`.
fn same_with_apply(arguments: &Arguments) -> FixStep {
    let Arguments {
        apply: _,
        yes: _,
        forget: _,
        plan_out: _,
        plan: _,
        watch: _,
        interval: _,
        force,
        no_backup,
        memory_days,
        via,
        admin_token_file,
        jobs,
        listing_timeout,
        journal,
        policy,
    } = arguments;
    let (mut words, mut switches) = policy.typed();
    let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
    if *memory_days != MEMORY_DAYS {
        add("--memory-days", memory_days.to_string());
    }
    if *via == Via::Api {
        add("--via", "api".to_owned());
    }
    if *jobs != JOBS {
        add("--jobs", jobs.to_string());
    }
    if *listing_timeout != LISTING_TIMEOUT {
        add("--listing-timeout", format!("{}s", listing_timeout.as_secs_f64()));
    }
    if let Some(file) = admin_token_file {
        add("--admin-token-file", file.display().to_string());
    }
    words.extend(journal.typed());
    switches.extend(
        [("--force", force), ("--no-backup", no_backup)].iter().filter(|(_, set)| **set).map(|(flag, _)| *flag),
    );
    switches.push("--apply");
    let words: Vec<&str> = ["sync"].into_iter().chain(words.iter().map(String::as_str)).collect();
    FixStep::command(&words).switched(&switches)
}

/// What both sides call for.
struct Planned {
    read: Read,
    policy: Policy,
    via: Via,
    /// True where what was read may mean nothing, and no flag overrides that.
    doubtful: bool,
}

/// Reads both sides, and plans. Writes the plan where that is asked for.
fn plan(arguments: &Arguments, context: &Context) -> anyhow::Result<Planned> {
    let db = open(context)?;
    let saved = arguments.plan.as_deref().map(|path| SavedPlan::read(path, &db)).transpose()?;
    let (policy, via) = match &saved {
        Some(saved) => (saved.policy.clone(), saved.via),
        None => (Policy::load(&arguments.policy)?, arguments.via),
    };
    let mut read = read(context, arguments, &db, &policy, via, None)?;
    if let Some(saved) = saved {
        saved.narrow(&mut read.found.plan.changes)?;
    }
    let too_many = guards::too_many(&read.found, &policy, None);
    let doubts = std::mem::take(&mut read.doubts);
    let doubtful = doubts.iter().any(|guard| !(arguments.force && guard.can_be_forced));
    read.found.plan.guards.extend(doubts.into_iter().chain(too_many));
    // First what no flag overrides.
    read.found.plan.guards.sort_by_key(|guard| guard.can_be_forced);
    if let Some(path) = &arguments.plan_out {
        save(path, &db, &policy, via, &read.found.plan.changes)?;
        messages::note(format_args!("wrote the plan to {}", path.display()));
    }
    Ok(Planned { read, policy, via, doubtful })
}

/// Takes people out of the memory.
fn forget(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let emails: Vec<&str> = arguments.forget.iter().map(Email::as_str).collect();
    let (path, _) = context.settings.lamb_db()?;
    let _lock = lock(context, &path)?;
    let known = Memory::of(&open(context)?, context.limits.lock_timeout).forget(&emails)?;
    messages::note(format_args!("forgot {known} of {} e-mails; the journal keeps what runs changed", emails.len()));
    Ok(Exit::Yes)
}

/// Writes down which users this run saw and created.
fn write_memory(
    context: &Context,
    arguments: &Arguments,
    found: &SyncPlan,
    applied: Option<&Applied>,
) -> anyhow::Result<()> {
    let memory = Memory::of(&open(context)?, context.limits.lock_timeout);
    let keep = Duration::from_secs(u64::from(arguments.memory_days) * 86_400);
    let created = applied.into_iter().flat_map(|applied| created(applied, &found.accounts));
    memory.write(&found.memory, created, clock::now(), keep).context("the memory of sync could not be written")
}

/// The changes are made already: what fails after them is a warning.
fn warn(written: anyhow::Result<()>) {
    if let Err(error) = written {
        messages::error(format_args!("warning: {error:#}"));
    }
}

/// The creators that were made, each with its account in Open WebUI.
fn created<'a>(applied: &'a Applied, accounts: &'a [u128]) -> impl Iterator<Item = Present<&'a str>> {
    let created = applied.changes.iter().filter(|change| matches!(change, Change::CreateCreator { .. }));
    // A saved plan may have left some out: then it is not known whose the numbers are.
    let accounts = if accounts.len() == applied.created.len() { accounts } else { &[] };
    let accounts = accounts.iter().copied().chain(std::iter::repeat(0));
    let present =
        |((change, id), account): ((&'a Change, &'a i64), u128)| Present { id: *id, email: change.email(), account };
    created.zip(&applied.created).zip(accounts).map(present)
}

/// Reads both sides once more: a question may have been open for an hour. What was shown must still be planned; what
/// is planned beside it waits for another day.
fn still_so(
    context: &Context,
    arguments: &Arguments,
    policy: &Policy,
    via: Via,
    read: &mut Read,
) -> anyhow::Result<()> {
    let shown = SavedPlan::shown(policy, via, &read.found.plan.changes)?;
    let mut again = self::sides::read(context, arguments, &open(context)?, policy, via, None)?;
    let moved = |what: String| {
        exit_with(Exit::Refused, format!("refused: {what} while you were asked\n  run the command again"))
    };
    if let Err(SavedPlanError::MovedOn { gone, .. }) = shown.narrow(&mut again.found.plan.changes) {
        return Err(moved(format!("the data of {} changed", gone.join(", "))));
    }
    again.found.plan.guards.extend(std::mem::take(&mut again.doubts));
    if let [guard, ..] = again.found.plan.standing(arguments.force).as_slice() {
        return Err(moved(format!("this guard came up ({})", guard.reason)));
    }
    *read = again;
    Ok(())
}

/// Waits until the newest account is some seconds old. LAMB makes a student's account first, and writes down that it is
/// a student's a moment later: inside the transaction that is looked at again.
fn settle(context: &Context, via: Via, newcomers: usize) -> anyhow::Result<()> {
    if newcomers == 0 {
        return Ok(());
    }
    let age = match via {
        Via::File => context.owi_db()?.newest_made_at()?.map_or(SETTLED, |made| clock::now() - made),
        Via::Api => SETTLED - 1,
    };
    // Another clock may be ahead: its newest account is taken for just made.
    if (-SETTLED..SETTLED).contains(&age) {
        std::thread::sleep(Duration::from_secs((SETTLED - age.max(0)).unsigned_abs()));
    }
    Ok(())
}

fn view<'a>(context: &Context, arguments: &Arguments, found: &'a SyncPlan) -> SyncView<'a> {
    SyncView { found, force: arguments.force, verbose: context.verbose, format: context.format }
}

fn lock(context: &Context, path: &Path) -> anyhow::Result<SyncLock> {
    // What cannot be written at all gets its own error, and no lock file beside it.
    drop(context.lamb_for_change()?);
    SyncLock::take(path).map_err(|error| match error {
        held @ crate::change::lock::LockError::Held { .. } => exit_with(Exit::Refused, format!("refused: {held}")),
        error => error.into(),
    })
}

fn open(context: &Context) -> anyhow::Result<LambDb> {
    let db = context.lamb()?;
    usable(&db)?;
    Ok(db)
}

fn organizations_exist(db: &LambDb, policy: &Policy) -> anyhow::Result<()> {
    if db.organizations()?.is_empty() {
        // A LAMB that starts for the first time writes its own organization a little later.
        let message = format!("{} has no organizations: LAMB has not been started yet", db.path().display());
        return Err(exit_with(Exit::CouldNotTell, message));
    }
    policy.organizations().try_for_each(|slug| find_organization(db, slug).map(drop))
}

fn consent(context: &Context, arguments: &Arguments, view: &SyncView<'_>) -> anyhow::Result<Consent> {
    let changes = view.found.plan.changes.len();
    let seconds = changes / PER_SECOND;
    let long = (seconds >= WORTH_A_WORD).then(|| {
        format!("LAMB's database will be locked for about {seconds} seconds; LAMB may refuse users during this time")
    });
    if arguments.yes {
        long.iter().for_each(messages::note);
        return Ok(Consent::given());
    }
    let plan = render::sync(&SyncView { format: Format::Table, ..*view }, &SyncEnd::Asked).sheet;
    let long = long.map(|long| format!(" {long}.")).unwrap_or_default();
    let question =
        if changes == 1 { "Make this change?".to_owned() } else { format!("Make these {changes} changes?{long}") };
    ask(|| context.show_on_stderr(&plan), &question)
}

/// Backup, transaction, report.
fn carry_out(context: &Context, arguments: &Arguments, read: Read, consent: &Consent) -> anyhow::Result<Exit> {
    let mut db = context.lamb_for_change()?;
    let Read { mut found, .. } = read;
    let path = arguments.journal.path(db.path());
    let mut journal = FileJournal::new(path, "sync", &db).with_counts(counts(&found.summary));
    // Where it cannot be written nothing will be changed: no backup is made then, and no old one forgotten.
    journal.open().map_err(ApplyError::Journal)?;
    let backup = if arguments.no_backup { None } else { Some(backup::take(&db, context.limits.lock_timeout)?) };
    let mut journal = journal.with_backup(backup.clone());
    let applied = apply_plan(&mut db, &mut found, arguments.force, consent, &mut journal)?;
    let undo = arguments.journal.about("undo", journal.run());
    // Its cache is as large as the plan.
    drop(db);
    warn(write_memory(context, arguments, &found, Some(&applied)));
    let end = SyncEnd::Done { applied: &applied, run: journal.run(), backup: backup.as_deref(), undo: &undo };
    context.show(&render::sync(&view(context, arguments, &found), &end))?;
    Ok(if applied.interrupted { Exit::Interrupted } else { Exit::Yes })
}

fn counts(summary: &PlanSummary) -> Counts {
    Counts { owi_users: summary.owi_users as u64, creators: summary.creators as u64 }
}

/// Applies the plan, which moves into what was applied.
fn apply_plan(
    db: &mut LambDb,
    found: &mut SyncPlan,
    force: bool,
    consent: &Consent,
    journal: &mut FileJournal,
) -> anyhow::Result<Applied> {
    let plan = std::mem::take(&mut found.plan);
    found.plan.notes.clone_from(&plan.notes);
    let mut progress = Progress::new("writing", Some(plan.changes.len() as u64));
    let confirmed = plan.confirm(force, consent).map_err(|guards| exit_with(Exit::Refused, refusal(&guards)))?;
    journal.open().map_err(ApplyError::Journal)?;
    let applied = apply(db, confirmed, journal, &mut |done| progress.at(done))?;
    if applied.lock_held > Duration::from_secs(2) {
        let held = applied.lock_held.as_secs_f64();
        messages::note(format_args!(
            "LAMB's database was locked for {held:.1} s, until {}",
            clock::rfc3339(clock::now())
        ));
    }
    Ok(applied)
}
