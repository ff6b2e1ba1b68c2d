//! A change of both servers: Open WebUI's API makes its half first, since it may refuse; LAMB's follows.

use std::path::Path;
use std::time::Duration;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_of, exit_with};
use super::owi_change;
use super::write::{WriteRequest, apply_plan, carry_out, consent, journal, settled, tell};
use crate::change::Plan;
use crate::change::journal::Journal;
use crate::findings::FixStep;
use crate::messages;
use crate::render::{Done, Written};
use crate::secret::Secret;

/// What Open WebUI's half needs.
pub(super) struct OwiHalf<'a> {
    /// The new password, where one is set.
    pub(super) password: &'a Secret,
    /// The file with an admin's token.
    pub(super) admin_token_file: Option<&'a Path>,
}

/// Shows the plan, asks, makes both halves, and tells what was done.
pub(super) fn carry_out_both(
    context: &Context,
    request: &WriteRequest<'_>,
    plan: Plan,
    question: &str,
    half: &OwiHalf<'_>,
) -> anyhow::Result<Exit> {
    let Some(change) = plan.in_open_webui.clone() else { return carry_out(context, request, plan, question) };
    if let Some(exit) = settled(context, request, &plan)? {
        return Ok(exit);
    }
    // Checked before the first of two writes, so that the second does not fail.
    drop(context.lamb_for_change()?);
    let handed_in = Context::handed_in(half.admin_token_file)?;
    let consent = consent(&plan, request.flags, question)?;
    let mut journal = journal(request, &context.lamb_for_change()?)?;
    let made = block_on(owi_change::make_first(context, &change, handed_in.as_ref(), half.password, &mut journal));
    let _shield = made.inspect_err(|error| drop(journal.failed(&format!("{error:#}"))))?;
    if !plan.changes.is_empty() {
        let second = || apply_plan(context, request, &mut context.lamb_for_change()?, plan, &consent, journal);
        return second().map_err(|error| {
            let exit = if exit_of(&error) == Exit::Interrupted { Exit::Interrupted } else { Exit::Partly };
            let message = format!(
                "partly done: Open WebUI made its half, but LAMB's database was not changed: {error:#}\n  fix that, then \
                 run the command again"
            );
            exit_with(exit, message)
        });
    }
    if let Err(error) = journal.intent().and_then(|()| journal.done(Duration::ZERO)) {
        messages::error(format_args!("warning: cannot write the journal: {error}"));
    }
    let undo = FixStep::advice(change.way_back());
    tell(context, request, &plan, Written::Done, Some(&Done { created: &[], run: journal.run(), undo: &undo }))?;
    Ok(Exit::Yes)
}
