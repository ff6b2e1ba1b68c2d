//! `--fix`: the repairs of one person or of many, asked about and done one kind at a time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::assign_role::usable;
use super::context::{Context, block_on};
use super::exit::{Exit, exit_of, told};
use super::owi_change;
use super::write::{JournalFlag, WriteFlags, answer};
use crate::change::journal::{FileJournal, Journal};
use crate::change::{ApplyError, Change, Consent, Plan, apply};
use crate::diagnose::repair::{Doing, Item, KINDS, Kind, MadeRun, Outcome, Repair, Repairs, State};
use crate::findings::Mend;
use crate::interrupt::Shield;
use crate::owi::change::{OwiChange, OwiChangeError};
use crate::render;
use crate::secret::Secret;
use crate::talk;

/// So many changes of a kind are listed before the question about them.
const LISTED: usize = 30;

/// The flags of every command that has `--fix`.
#[derive(Debug, Args)]
pub(super) struct FixFlags {
    /// Mend what can be mended, one kind of change at a time; the rest is told as steps
    #[arg(long, help_heading = "Changes")]
    pub(super) fix: bool,
    /// Show what would be changed, and change nothing
    #[arg(long, requires = "fix", help_heading = "Changes")]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long, requires = "fix", help_heading = "Changes")]
    yes: bool,
    /// Do it although a guard advises against it
    #[arg(long, requires = "fix", help_heading = "Changes")]
    force: bool,
    /// The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB's database]
    #[arg(long, value_name = "FILE", requires = "fix", help_heading = "Changes")]
    journal: Option<PathBuf>,
    /// A token of an Open WebUI admin in a file, where LAMB's own ways of getting one are not open
    #[arg(long, value_name = "FILE", requires = "fix", help_heading = "Changes")]
    pub(super) admin_token_file: Option<PathBuf>,
}

impl FixFlags {
    /// The flags of every writing command among them.
    pub(super) fn write(&self) -> WriteFlags {
        let journal = JournalFlag::new(self.journal.clone());
        WriteFlags { dry_run: self.dry_run, yes: self.yes, force: self.force, journal }
    }
}

/// What is to be fixed, and how.
pub(super) struct Fix<'a> {
    pub(super) context: &'a Context,
    /// As the journal names it.
    pub(super) command: &'static str,
    pub(super) flags: &'a WriteFlags,
    pub(super) admin_token_file: Option<&'a Path>,
    pub(super) password_stdin: bool,
    /// True where `--yes` does not answer for kinds that grant access.
    pub(super) asks_for_access: bool,
    /// Plans once more: a question may have been open for an hour.
    pub(super) again: &'a dyn Fn() -> anyhow::Result<Repairs>,
}

/// What came of it, and the exit code that this asks for; `None` leaves it to how things stand now.
pub(super) struct Fixed {
    pub(super) outcome: Outcome,
    pub(super) exit: Option<Exit>,
}

/// A run that goes through the kinds.
struct Run<'a> {
    fix: &'a Fix<'a>,
    outcome: Outcome,
    /// Kinds and people that were done.
    done: BTreeSet<(&'static str, String)>,
    /// Why nothing more is tried.
    stopped: Option<(String, Exit)>,
}

impl Fix<'_> {
    /// Does all of it that is confirmed.
    ///
    /// # Errors
    /// Where there is nobody to ask, and where it fails before anything was done.
    pub(super) fn carry_out(&self, repairs: Repairs) -> anyhow::Result<Fixed> {
        let Repairs { mut repairs, steps } = repairs;
        let outcome = Outcome { steps, ..Outcome::default() };
        let mut run = Run { fix: self, outcome, done: BTreeSet::new(), stopped: None };
        for kind in &KINDS {
            let (group, rest) = repairs.into_iter().partition(|repair| repair.doing.kind() == kind.name);
            repairs = rest;
            run.kind(kind, group)?;
        }
        let exit = run.exit();
        Ok(Fixed { outcome: run.outcome, exit })
    }
}

impl Run<'_> {
    fn push(&mut self, repair: Repair, state: State) {
        if state == State::Done {
            self.done.insert((repair.doing.kind(), repair.doing.email().to_owned()));
        }
        self.outcome.items.push(Item { repair, state });
    }

    fn refuse_all(&mut self, repairs: Vec<Repair>, why: &str, way_out: &str) {
        for repair in repairs {
            self.push(repair, State::Refused(why.to_owned(), way_out.to_owned()));
        }
    }

    /// One kind: what nothing stands against is asked about and done.
    fn kind(&mut self, kind: &'static Kind, group: Vec<Repair>) -> anyhow::Result<()> {
        let flags = self.fix.flags;
        let mut go = Vec::new();
        for repair in group {
            let waits = repair
                .after
                .filter(|before| !flags.dry_run && !self.done.contains(&(*before, repair.doing.email().to_owned())));
            match (repair.standing(flags.force).cloned(), waits) {
                (Some(guard), _) => self.push(repair, State::Refused(guard.reason, guard.way_out)),
                (None, Some(before)) => {
                    let why = format!("it builds on {before}, which was not done");
                    self.push(repair, State::Refused(why, "repeat the command, and confirm both".to_owned()));
                }
                (None, None) => go.push(repair),
            }
        }
        if go.is_empty() {
            return Ok(());
        }
        if let Some((why, _)) = &self.stopped {
            let why = format!("it was not tried: {}", why.lines().next().unwrap_or_default());
            self.refuse_all(go, &why, "mend that, and repeat the command");
            return Ok(());
        }
        if self.fix.asks_for_access && kind.grants_access && flags.yes {
            for repair in go {
                let way_out = format!("name it by --finding {}, or answer at a terminal", repair.finding);
                self.push(repair, State::Refused("--yes does not answer for what gives access".to_owned(), way_out));
            }
            return Ok(());
        }
        if flags.dry_run {
            go.into_iter().for_each(|repair| self.push(repair, State::Planned));
            return Ok(());
        }
        let Some(consent) = self.consent(kind, &go)? else {
            self.refuse_all(go, "not confirmed", "repeat the command, and confirm it");
            return Ok(());
        };
        let go = self.still_so(go)?;
        if go.is_empty() {
            return Ok(());
        }
        let all = go.clone();
        let tried = match go.first().map(|repair| &repair.doing) {
            Some(Doing::Lamb(_)) => self.in_lamb(go, &consent),
            _ => self.in_open_webui(go),
        };
        let Err(error) = tried else { return Ok(()) };
        let exit = exit_of(&error);
        if exit == Exit::Interrupted && !self.outcome.has_changed() {
            return Err(error);
        }
        let why = format!("{error:#}");
        let tried = |repair: &Repair| self.outcome.items.iter().any(|item| item.repair == *repair);
        let untried: Vec<Repair> = all.into_iter().filter(|repair| !tried(repair)).collect();
        for repair in untried {
            self.push(repair, State::Failed(why.clone()));
        }
        self.stopped = Some((why, exit));
        Ok(())
    }

    fn consent(&self, kind: &Kind, go: &[Repair]) -> anyhow::Result<Option<Consent>> {
        if self.fix.flags.yes {
            return Ok(Some(Consent::given()));
        }
        let show = || {
            for repair in go.iter().take(LISTED) {
                talk::error(format_args!("  {}", render::clean(&repair.doing.to_string())));
                for note in &repair.notes {
                    talk::error(format_args!("    note: {}", render::clean(note)));
                }
            }
            if go.len() > LISTED {
                talk::error(format_args!("  and {} more (--dry-run shows all)", go.len() - LISTED));
            }
        };
        let question = if go.len() == 1 { kind.one.to_owned() } else { format!("{} {}", go.len(), kind.many) };
        answer(show, &question)
    }

    /// Only what is planned still, in the same way.
    fn still_so(&mut self, go: Vec<Repair>) -> anyhow::Result<Vec<Repair>> {
        if self.fix.flags.yes {
            return Ok(go);
        }
        let now = (self.fix.again)()?;
        let force = self.fix.flags.force;
        let is_so = |repair: &Repair| {
            now.repairs.iter().any(|again| again.doing == repair.doing && again.standing(force).is_none())
        };
        let (go, moved) = go.into_iter().partition(is_so);
        self.refuse_all(moved, "something changed since you were asked", "look again, and repeat the command");
        Ok(go)
    }

    fn in_lamb(&mut self, go: Vec<Repair>, consent: &Consent) -> anyhow::Result<()> {
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
        let confirmed = plan.confirm(flags.force, consent).map_err(|_| told(Exit::Refused, "refused"))?;
        let applied = apply(&mut db, confirmed, &mut journal, &mut |_| {})?;
        let back = flags.journal.about("undo", journal.run());
        if !flags.yes {
            // Whoever ends it at the next question shall know what was done before.
            talk::note(format_args!("done: {} (way back: {})", in_words(&go), back.text()));
        }
        self.outcome.runs.push(MadeRun { run: journal.run().clone(), back });
        self.outcome.created.extend(&applied.created);
        go.into_iter().for_each(|repair| self.push(repair, State::Done));
        if applied.interrupted { Err(told(Exit::Interrupted, "interrupted")) } else { Ok(()) }
    }

    fn in_open_webui(&mut self, go: Vec<Repair>) -> anyhow::Result<()> {
        let fix = self.fix;
        let is_new = |doing: &Doing| matches!(doing, Doing::OpenWebUi(OwiChange::CreateOwiUser { .. }));
        let password = match go.iter().find(|repair| is_new(&repair.doing)) {
            Some(repair) => owi_change::new_password(repair.doing.email(), fix.password_stdin)?,
            None => Secret::new(String::new()),
        };
        let db = fix.context.lamb()?;
        let mut journal = FileJournal::new(fix.flags.journal.path(db.path()), fix.command, &db);
        journal.open().map_err(ApplyError::Journal)?;
        drop(db);
        // From here on Ctrl-C waits for the end of a request, and what was done is told.
        let shield = Shield::raise();
        let before = self.outcome.count(|state| *state == State::Done);
        let tried = block_on(self.ask_open_webui(go, &password, &shield, &mut journal));
        let made = self.outcome.count(|state| *state == State::Done) - before;
        // LAMB's database has no part in it: nothing of the run is there to be taken back.
        let ended = match &tried {
            Err(error) if made == 0 => journal.failed(&format!("{error:#}")),
            _ if made == 0 => journal.failed("Open WebUI made none of it"),
            _ => journal.intent().and_then(|()| journal.done(std::time::Duration::ZERO)),
        };
        if let Err(error) = ended {
            talk::error(format_args!("warning: the journal cannot be written: {error}"));
        }
        if made > 0 {
            let way_back = self.outcome.items.iter().rev().find_map(|item| match &item.repair.doing {
                Doing::OpenWebUi(change) if item.state == State::Done => Some(change.way_back()),
                _ => None,
            });
            let back = match way_back.filter(|_| made == 1) {
                Some(way_back) => Mend::advice(way_back),
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
        shield: &Shield,
        journal: &mut FileJournal,
    ) -> anyhow::Result<()> {
        let fix = self.fix;
        let client = fix.context.owi()?;
        let admin = owi_change::admin(fix.context, &client, fix.admin_token_file).await?;
        for repair in go {
            let Doing::OpenWebUi(change) = &repair.doing else { continue };
            if shield.was_hit() {
                return Err(told(Exit::Interrupted, "interrupted"));
            }
            if let Err(why) = owi_change::is_known(fix.context, &client, &admin, change).await? {
                self.push(repair, State::Refused(why, "look again, and repeat the command".to_owned()));
                continue;
            }
            let state = match owi_change::make(&client, &admin, change, password, journal).await {
                Ok(()) => {
                    if !fix.flags.yes {
                        talk::note(format_args!("done: {}", render::clean(&change.to_string())));
                    }
                    State::Done
                }
                Err(error @ OwiChangeError::Refused(_)) => {
                    let look = Mend::command(&["check-owi-user", "--email", change.email()]);
                    State::Refused(error.to_string(), look.text().to_owned())
                }
                // Whoever does not answer now does not answer about the next one either.
                Err(error) => return Err(told(Exit::CouldNotTell, error.to_string())),
            };
            self.push(repair, state);
        }
        if shield.was_hit() { Err(told(Exit::Interrupted, "interrupted")) } else { Ok(()) }
    }

    fn exit(&self) -> Option<Exit> {
        let left = self.outcome.count(|state| matches!(state, State::Refused(..) | State::Failed(_))) > 0;
        let stopped = self.stopped.as_ref().map(|(_, exit)| *exit);
        if self.fix.flags.dry_run {
            let planned = self.outcome.count(|state| *state == State::Planned) > 0;
            return if planned { Some(Exit::No) } else { left.then_some(Exit::Refused) };
        }
        match (self.outcome.has_changed(), left, stopped) {
            (_, _, Some(Exit::Interrupted)) => Some(Exit::Interrupted),
            (true, true, _) => Some(Exit::Partly),
            (false, true, Some(exit)) => Some(exit),
            (false, true, None) => Some(Exit::Refused),
            (_, false, _) => None,
        }
    }
}

/// What was done, in a few words.
fn in_words(done: &[Repair]) -> String {
    match done {
        [only] => render::clean(&only.doing.to_string()),
        [first, ..] => format!("{} × {}", done.len(), first.doing.kind()),
        [] => String::new(),
    }
}
