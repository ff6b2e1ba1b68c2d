//! `undo`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;

use super::assign_role::usable;
use super::both_halves::{OwiHalf, make_both};
use super::context::Context;
use super::exit::{Exit, exit_with};
use super::write::{WriteFlags, WriteRequest, consent, tell};
use crate::change::journal::fate;
use crate::change::journal::{self, FileJournal, History, JournalError, Run, RunId, RunState, RunSummary};
use crate::change::undo::OwiNow;
use crate::change::{Change, Guard, Plan, lock, undo};
use crate::email::Email;
use crate::findings::FixStep;
use crate::lamb::db::LambDb;
use crate::messages;
use crate::owi::api::change::OwiChange;
use crate::render::{Written, clean};
use crate::secret::Secret;
use crate::sync::memory::Memory;

/// Between two looks whether a sync has ended.
const A_MOMENT: Duration = Duration::from_millis(50);

/// Undo the changes of a run
///
/// Restores the old values, and removes only rows that the run created. A row that was changed since, or that LAMB's
/// tables refer to, stays and is listed. Asks first, or needs --yes.
///
/// In Open WebUI, it restores an e-mail that the run changed there. A new account, a role, a password and a deletion stay
/// as they are.
///
/// Refused unless --force: an organization would lose its last owner or admin, or LAMB its last system admin. Also if the
/// account in Open WebUI changed since. Then --force undoes LAMB's half alone, and the run needs one.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth history\n  lamb-auth undo last --dry-run\n  lamb-auth undo 20261123T134012Z-1a2b3c"
)]
pub(super) struct Arguments {
    /// The run: its id, the start of its id, or last
    run: String,
    /// File with an Open WebUI admin's token
    ///
    /// Needed only if LAMB's own ways to get an admin token fail.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    admin_token_file: Option<PathBuf>,
    #[command(flatten)]
    write: WriteFlags,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let db = context.lamb()?;
    usable(&db)?;
    let path = arguments.write.journal.path(db.path());
    let history = journal::history(&path)?;
    let mut run = journal::load_whole(&path, meant(&history, &arguments.run)?.clone())?;
    if run.summary.is_open() {
        let id = run.summary.begin.run.clone();
        if let Some(holder) = lock::holder(db.path()) {
            return Err(exit_with(
                Exit::CouldNotTell,
                format!("{id} is still running (process {holder})\n  wait until it ends, then run the command again"),
            ));
        }
        // It may have come to its end between the two looks.
        run = journal::load(&path, id.as_str())?;
    }
    let id = run.summary.begin.run.clone();
    let request = WriteRequest { command: "undo", email: id.as_str(), flags: &arguments.write };
    let mut plan = make_plan(&run, &db)?;
    let about = |run: &RunId| arguments.write.journal.about("undo", run);
    plan.notes.extend(history.runs.iter().filter(|run| run.finished_by.as_ref() == Some(&id)).flat_map(|half| {
        let undo = undo::reversed(half).map(|_| about(&half.begin.run));
        let stays = undo.is_none().then(|| undo::left_in_open_webui(half)).into_iter().flatten();
        undo.map(|undo| undo::half_of_earlier(half, &undo)).into_iter().chain(stays)
    }));
    let back = undo::reversed(&run.summary);
    if let Some(back) = &back {
        plan.guards.extend(lamb_followed(&run, back, &db, &about)?);
    }
    drop(db);
    if let Some(back) = back {
        let now = in_open_webui(context, &back).context("cannot read Open WebUI's account");
        // Where Open WebUI has the only half, there is no undo without a look at it.
        let now = match now {
            Err(error) if plan.changes.is_empty() && plan.differences.is_empty() => return Err(error),
            now => now.map_err(|error| format!("{error:#}")),
        };
        undo::in_open_webui(&mut plan, back, now);
    }
    let left = plan.differences.len();
    if !plan.standing(arguments.write.force).is_empty() {
        tell(context, &request, &plan, Written::Refused, None)?;
        return Ok(Exit::Refused);
    }
    if plan.is_empty() {
        if arguments.run == "last"
            && let Some(older) = undoable(&history.runs).nth(1)
        {
            plan.notes.push(undo::run_before(&older.begin, &about(&older.begin.run)));
        }
        let (end, exit) = if left == 0 { (Written::NothingToDo, Exit::Yes) } else { (Written::Refused, Exit::Refused) };
        tell(context, &request, &plan, end, None)?;
        return Ok(exit);
    }
    if arguments.write.dry_run {
        tell(context, &request, &plan, Written::Planned, None)?;
        return Ok(Exit::No);
    }
    let undone: Vec<String> = plan.changes.iter().filter_map(undone_creation).collect();
    let admin_token_file = arguments.admin_token_file.as_deref();
    let half = OwiHalf { password: &|| Ok(Secret::new("")), admin_token_file, again: None };
    let ready = half.ready(context)?;
    let consent = consent(&plan, &arguments.write, &question(&run.summary))?;
    let journal = || {
        let mut journal = FileJournal::new(path.clone(), "undo", &context.lamb_for_change()?).undoing(id.clone());
        journal.open().map_err(crate::change::ApplyError::Journal)?;
        Ok(journal)
    };
    let exit = make_both(context, &request, plan, &consent, (&half, ready), &journal)?;
    // A creator that the run made was not removed by a person: the next sync may create it again.
    let undone: Vec<&str> = undone.iter().map(String::as_str).collect();
    if !undone.is_empty()
        && let Err(error) = forget(context, &undone)
    {
        messages::error(format_args!("warning: sync will take the undone creators for removed ones: {error:#}"));
    }
    Ok(if left > 0 && exit == Exit::Yes { Exit::Partly } else { exit })
}

fn forget(context: &Context, undone: &[&str]) -> anyhow::Result<()> {
    let (path, _) = context.settings.lamb_db()?;
    // A sync that writes the memory holds it for a moment.
    let until = Instant::now() + context.limits.lock_timeout;
    let _lock = loop {
        match lock::SyncLock::take(&path) {
            Err(lock::LockError::Held { .. }) if Instant::now() < until => std::thread::sleep(A_MOMENT),
            taken => break taken?,
        }
    };
    Memory::of(&context.lamb()?, context.limits.lock_timeout).forget(undone)?;
    Ok(())
}

/// What stands against the undo of a run that made Open WebUI's half only, where LAMB's creator has got the new e-mail
/// since. `about`: the command that undoes a run.
fn lamb_followed(
    run: &Run,
    back: &OwiChange,
    db: &LambDb,
    about: &dyn Fn(&RunId) -> FixStep,
) -> anyhow::Result<Option<Guard>> {
    let (_, since) = back.account().unwrap_or_default();
    if !fate::is_not_in_lamb(run, db)? || db.creator(since)?.is_none() || db.creator(back.email())?.is_some() {
        return Ok(None);
    }
    let later = run.summary.finished_by.as_ref().map(|later| (later, about(later)));
    Ok(Some(undo::of_one_half(back, later)))
}

/// What Open WebUI has now of the account that this change restores.
fn in_open_webui(context: &Context, back: &OwiChange) -> anyhow::Result<OwiNow> {
    let db = context.owi_db()?;
    let account = back.account().map(|(id, _)| db.user_by_id(id)).transpose()?.flatten();
    Ok(OwiNow { account, before: db.find(&Email::stored(back.email()))? })
}

/// The e-mail of a creator that goes because its creation is undone.
fn undone_creation(change: &Change) -> Option<String> {
    match change {
        Change::Undo { email, undone } if &*undone.kind_of_old == "create-creator" => Some(email.to_string()),
        _ => None,
    }
}

/// Which run it is, for people. The journal may say anything: one line, and nothing that a terminal obeys.
fn question(run: &RunSummary) -> String {
    let begin = &run.begin;
    let line = |text: &str| clean(text).replace('\n', " ");
    format!("Undo {} of {} by {}?", line(&begin.command), line(&begin.time), line(&begin.user))
}

/// The run that is meant: `last` is the newest that there is something of to take back.
fn meant<'a>(history: &'a History, said: &str) -> anyhow::Result<&'a RunSummary> {
    if said != "last" {
        return Ok(history.find(said)?);
    }
    undoable(&history.runs).next().ok_or_else(|| JournalError::NothingLeft.into())
}

/// Runs that there may be something of to undo, the newest first.
fn undoable(runs: &[RunSummary]) -> impl Iterator<Item = &RunSummary> {
    // What failed, and may have been done in Open WebUI, is not passed over for an older one: it is told, and left.
    let is_there = |run: &RunSummary| {
        matches!(run.state, RunState::Done | RunState::Intended) || undo::has_made_in_open_webui(run)
    };
    runs.iter().rev().filter(move |run| run.begin.undoes.is_none() && !run.is_undone() && is_there(run))
}

fn make_plan(run: &Run, db: &LambDb) -> anyhow::Result<Plan> {
    let begin = &run.summary.begin;
    let id = &begin.run;
    if begin.prefix != db.schema().prefix.as_str() {
        let message = format!("refused: {id} changed tables with the prefix {:?}, but LAMB reads others", begin.prefix);
        return Err(exit_with(Exit::Refused, message));
    }
    if !begin.is_of(db) {
        let message =
            format!("refused: {id} changed {}, but this database is {}", begin.lamb.display(), db.path().display());
        return Err(exit_with(Exit::Refused, format!("{message}\n  run undo where that database is")));
    }
    if begin.undoes.is_some() {
        let message = format!("refused: {id} is itself an undo\n  run the original command again");
        return Err(exit_with(Exit::Refused, message));
    }
    if fate::is_not_in_lamb(run, db)? {
        let mut notes = vec![format!("{id} did not finish, and changed nothing in the database")];
        notes.extend(undo::left_in_open_webui(&run.summary));
        return Ok(Plan { notes, ..Plan::default() });
    }
    Ok(undo::plan(run, db)?)
}
