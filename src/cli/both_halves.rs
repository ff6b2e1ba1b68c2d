//! A change of both servers: Open WebUI's API makes its half first, since it may refuse; LAMB's follows.

use std::path::Path;
use std::time::Duration;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_of};
use super::owi_change;
use super::write::{WriteRequest, apply_plan, consent, journal, settled, tell};
use crate::change::half_done::HalfDone;
use crate::change::journal::{FileJournal, Journal};
use crate::change::{Consent, Plan};
use crate::findings::FixStep;
use crate::messages;
use crate::owi::admin_token::HandedIn;
use crate::owi::api::change::OwiChange;
use crate::render::{Done, OutputError, Written};
use crate::secret::Secret;

/// What Open WebUI's half needs.
pub(super) struct OwiHalf<'a> {
    /// The new password, where one is set.
    pub(super) password: &'a dyn Fn() -> anyhow::Result<Secret>,
    /// The file with an admin's token.
    pub(super) admin_token_file: Option<&'a Path>,
    /// Plans LAMB's half once Open WebUI has made its own, where that depends on what it made.
    pub(super) again: Option<&'a dyn Fn() -> anyhow::Result<Plan>>,
}

/// What is known to be ready before anything is asked.
pub(super) struct Ready(Option<HandedIn>);

impl OwiHalf<'_> {
    /// Checked before the first of two writes, so that the second does not fail.
    pub(super) fn ready(&self, context: &Context) -> anyhow::Result<Ready> {
        drop(context.lamb_for_change()?);
        Ok(Ready(Context::handed_in(self.admin_token_file)?))
    }
}

/// Shows the plan, asks, makes both halves, and tells what was done.
pub(super) fn carry_out_both(
    context: &Context,
    request: &WriteRequest<'_>,
    plan: Plan,
    question: &str,
    half: &OwiHalf<'_>,
) -> anyhow::Result<Exit> {
    if let Some(exit) = settled(context, request, &plan)? {
        return Ok(exit);
    }
    let ready = half.ready(context)?;
    let consent = consent(&plan, request.flags, question)?;
    let journal = || journal(request, &context.lamb_for_change()?);
    make_both(context, request, plan, &consent, (half, ready), &journal)
}

/// Makes Open WebUI's half of a confirmed plan, where it has one, and then LAMB's.
pub(super) fn make_both(
    context: &Context,
    request: &WriteRequest<'_>,
    mut plan: Plan,
    consent: &Consent,
    (half, Ready(handed_in)): (&OwiHalf<'_>, Ready),
    journal: &dyn Fn() -> anyhow::Result<FileJournal>,
) -> anyhow::Result<Exit> {
    let Some(change) = plan.in_open_webui.clone() else {
        return apply_plan(context, request, &mut context.lamb_for_change()?, plan, consent, journal()?);
    };
    let password = (half.password)()?;
    let mut journal = journal()?;
    let made = block_on(owi_change::make_first(context, &change, handed_in.as_ref(), &password, &mut journal));
    let _shield = made.inspect_err(|error| drop(journal.failed(&format!("{error:#}"))))?;
    if plan.changes.is_empty() {
        if let Err(error) = journal.intent().and_then(|()| journal.done(Duration::ZERO)) {
            messages::error(format_args!("warning: cannot write the journal: {error}"));
        }
        let undo = undo_of(request, &change, &journal);
        let undo = plan.can_be_undone().then_some(&undo);
        tell(context, request, &plan, Written::Done, Some(&Done { created: &[], run: journal.run(), undo }))?;
        return Ok(Exit::Yes);
    }
    let (run, undo) = (journal.run().clone(), undo_of(request, &change, &journal));
    let mut ready = || {
        if let Some(again) = half.again {
            plan = Plan { in_open_webui: Some(change.clone()), ..again()? };
        }
        context.lamb_for_change()
    };
    let made = ready().inspect_err(|error| drop(journal.failed(&format!("{error:#}"))));
    made.and_then(|mut db| apply_plan(context, request, &mut db, plan, consent, journal)).map_err(|error| {
        // Both halves are made, and only the report was lost.
        if error.is::<OutputError>() {
            return error;
        }
        let next = FixStep::advice("fix that, then run the same command again");
        let is_interrupted = exit_of(&error) == Exit::Interrupted;
        HalfDone { made: change, run, next, undo, why: format!("{error:#}"), is_interrupted }.into()
    })
}

/// What undoes Open WebUI's half: `undo` where its API can.
fn undo_of(request: &WriteRequest<'_>, change: &OwiChange, journal: &FileJournal) -> FixStep {
    match change.reversed() {
        Some(_) if request.command != "undo" => request.flags.journal.about("undo", journal.run()),
        _ => FixStep::advice(change.how_to_undo()),
    }
}
