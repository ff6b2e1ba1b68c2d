//! The changes of one kind, once they are confirmed.

use super::{Run, in_words};
use crate::change::journal::{FileJournal, Journal};
use crate::change::{ApplyError, Change, Consent, Plan, apply};
use crate::cli::assign_role::usable;
use crate::cli::context::block_on;
use crate::cli::exit::{Exit, exit_with};
use crate::cli::owi_change;
use crate::findings::FixStep;
use crate::interrupt::{self, Shield};
use crate::messages;
use crate::owi::api::change::OwiChangeError;
use crate::render;
use crate::repair::{Doing, MadeRun, Repair, RepairState};
use crate::secret::Secret;

impl Run<'_> {
    pub(super) fn in_lamb(&mut self, go: Vec<Repair>, consent: &Consent) -> anyhow::Result<()> {
        let flags = self.fix.flags;
        let lamb = |repair: &Repair| match &repair.doing {
            Doing::Lamb(change) => Some(change.clone()),
            Doing::OpenWebUi(_) => None,
        };
        let changes: Vec<Change> = go.iter().filter_map(lamb).collect();
        let mut db = self.fix.context.lamb_for_change()?;
        usable(&db)?;
        let mut journal = FileJournal::new(flags.journal.path(db.path()), self.fix.command, &db);
        journal.open().map_err(ApplyError::Journal)?;
        let plan = Plan { changes, ..Plan::default() };
        let confirmed = plan.confirm(flags.force, consent).map_err(|_| exit_with(Exit::Refused, "refused"))?;
        let applied = apply(&mut db, confirmed, &mut journal, &mut |_| {})?;
        let back = flags.journal.about("undo", journal.run());
        if !flags.yes {
            // An operator who stops at the next question has to know what was done before.
            messages::note(format_args!("done: {} (undo: {})", in_words(&go), back.text()));
        }
        self.outcome.runs.push(MadeRun { run: journal.run().clone(), back });
        self.outcome.created.extend(&applied.created);
        go.into_iter().for_each(|repair| self.push(repair, RepairState::Done));
        if applied.interrupted { Err(exit_with(Exit::Interrupted, "interrupted")) } else { Ok(()) }
    }

    pub(super) fn in_open_webui(&mut self, go: Vec<Repair>, password: &Secret) -> anyhow::Result<()> {
        let fix = self.fix;
        let db = fix.context.lamb()?;
        let mut journal = FileJournal::new(fix.flags.journal.path(db.path()), fix.command, &db);
        journal.open().map_err(ApplyError::Journal)?;
        drop(db);
        // Where something was done already, Ctrl-C waits for the end of a request, and what was done is told.
        let mut shield = (!self.outcome.runs.is_empty()).then(Shield::raise);
        let before = self.outcome.count(|state| *state == RepairState::Done);
        let tried = block_on(self.ask_open_webui(go, password, &mut shield, &mut journal));
        let made = self.outcome.count(|state| *state == RepairState::Done) - before;
        // LAMB's database has no part in it: nothing of the run is there to be taken back.
        let ended = match &tried {
            Err(error) if made == 0 => journal.failed(&format!("{error:#}")),
            _ if made == 0 => journal.failed("Open WebUI made none of the changes"),
            _ => journal.intent().and_then(|()| journal.done(std::time::Duration::ZERO)),
        };
        if let Err(error) = ended {
            messages::error(format_args!("warning: cannot write the journal: {error}"));
        }
        if made > 0 {
            let how_to_undo = self.outcome.items.iter().rev().find_map(|item| match &item.repair.doing {
                Doing::OpenWebUi(change) if item.state == RepairState::Done => Some(change.how_to_undo()),
                _ => None,
            });
            let back = match how_to_undo.filter(|_| made == 1) {
                Some(how_to_undo) => FixStep::advice(how_to_undo),
                // Of many, the journal names each.
                None => fix.flags.journal.about("history", journal.run()),
            };
            self.outcome.runs.push(MadeRun { run: journal.run().clone(), back });
        }
        tried
    }

    async fn ask_open_webui(
        &mut self,
        go: Vec<Repair>,
        password: &Secret,
        shield: &mut Option<Shield>,
        journal: &mut FileJournal,
    ) -> anyhow::Result<()> {
        let fix = self.fix;
        let client = fix.context.owi()?;
        let admin = owi_change::admin(fix.context, &client, self.handed_in.as_ref()).await?;
        let shield = shield.get_or_insert_with(Shield::raise);
        for repair in go {
            let Doing::OpenWebUi(change) = &repair.doing else { continue };
            // Nothing is asked for yet: Ctrl-C need not wait.
            let known = tokio::select! {
                () = interrupt::hit() => return Err(exit_with(Exit::Interrupted, "interrupted")),
                known = owi_change::is_known(fix.context, &client, &admin, change) => known?,
            };
            if let Err(why) = known {
                self.push(repair, RepairState::Refused(why, "run the command again".into()));
                continue;
            }
            let state = match owi_change::make(&client, &admin, change, password, journal).await {
                Ok(()) => {
                    if !fix.flags.yes {
                        messages::note(format_args!("done: {}", render::clean(&change.to_string())));
                    }
                    RepairState::Done
                }
                Err(error @ OwiChangeError::Refused(_)) => {
                    let look = FixStep::command(&["check-owi-user", "--email", change.email()]);
                    RepairState::Refused(error.to_string(), look)
                }
                // A server that does not answer now does not answer about the next one either.
                Err(error @ OwiChangeError::Unclear(_)) => {
                    let why = error.to_string();
                    self.push(repair, RepairState::Unclear(why.clone()));
                    let exit = if shield.was_hit() { Exit::Interrupted } else { Exit::CouldNotTell };
                    return Err(exit_with(exit, why));
                }
                Err(error) => return Err(exit_with(Exit::CouldNotTell, error.to_string())),
            };
            self.push(repair, state);
        }
        if shield.was_hit() { Err(exit_with(Exit::Interrupted, "interrupted")) } else { Ok(()) }
    }
}
