//! What every writing command does alike: show the plan, ask or be told not to ask, apply, tell.

use std::io::{IsTerminal, stderr, stdin};

use clap::Args;

use super::context::Context;
use super::exit::{Exit, told};
use crate::change::{Consent, NoJournal, Plan, apply};
use crate::lamb::db::LambDb;
use crate::render::{self, Written, written};
use crate::talk;

/// The flags of every writing command.
#[derive(Debug, Args)]
pub(super) struct WriteFlags {
    /// Show what would be changed, and change nothing
    #[arg(long, help_heading = "Changes")]
    pub(super) dry_run: bool,
    /// Do not ask
    #[arg(short, long, help_heading = "Changes")]
    pub(super) yes: bool,
    /// Do it although a guard advises against it
    #[arg(long, help_heading = "Changes")]
    pub(super) force: bool,
}

/// What is written, and for whom.
pub(super) struct Errand<'a> {
    pub(super) command: &'static str,
    pub(super) email: &'a str,
    pub(super) flags: &'a WriteFlags,
}

/// Where nothing is to be applied, tells so and ends.
pub(super) fn settled(context: &Context, errand: &Errand<'_>, plan: &Plan) -> anyhow::Result<Option<Exit>> {
    let (end, exit) = if !plan.standing(errand.flags.force).is_empty() {
        (Written::Refused, Exit::Refused)
    } else if !plan.differences.is_empty() {
        (Written::Different, Exit::No)
    } else if plan.changes.is_empty() {
        (Written::NothingToDo, Exit::Yes)
    } else if errand.flags.dry_run {
        (Written::Planned, Exit::No)
    } else {
        return Ok(None);
    };
    context.show(&written(errand.command, errand.email, plan, end, errand.flags.force, &[]))?;
    Ok(Some(exit))
}

/// Asks, where there is somebody to ask; `--yes` answers for them.
pub(super) fn consent(plan: &Plan, flags: &WriteFlags, question: &str) -> anyhow::Result<Consent> {
    if flags.yes {
        return Ok(Consent::given());
    }
    if !stdin().is_terminal() || !stderr().is_terminal() {
        let message =
            "refused: there is no terminal to ask at\n  add --yes to do it, or --dry-run to see what would be done";
        return Err(told(Exit::Refused, message));
    }
    for change in &plan.changes {
        talk::error(format_args!("  {}", render::clean(&change.to_string())));
    }
    for note in &plan.notes {
        talk::error(format_args!("  note: {}", render::clean(note)));
    }
    let theme = dialoguer::theme::SimpleTheme;
    let answer = dialoguer::Confirm::with_theme(&theme).with_prompt(question).default(false).interact_opt();
    match answer {
        Ok(Some(true)) => Ok(Consent::given()),
        Ok(_) => Err(told(Exit::Refused, "not confirmed; nothing was changed")),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Err(told(Exit::Interrupted, "interrupted; nothing was changed"))
        }
        Err(error) => Err(told(Exit::Refused, format!("could not ask ({error}); nothing was changed"))),
    }
}

/// Applies a plan that was shown, and tells what was done.
pub(super) fn carry_out(
    context: &Context,
    errand: &Errand<'_>,
    db: &mut LambDb,
    plan: Plan,
    consent: &Consent,
) -> anyhow::Result<Exit> {
    let shown = plan.clone();
    let confirmed = plan.confirm(errand.flags.force, consent).map_err(|guards| {
        let reasons: Vec<_> = guards.iter().map(|guard| guard.reason.as_str()).collect();
        told(Exit::Refused, format!("refused: {}", reasons.join("; ")))
    })?;
    let applied = apply(db, confirmed, &mut NoJournal)?;
    let force = errand.flags.force;
    context.show(&written(errand.command, errand.email, &shown, Written::Done, force, &applied.created))?;
    Ok(if applied.interrupted { Exit::Interrupted } else { Exit::Yes })
}
