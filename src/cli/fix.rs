//! `--fix`: the repairs of one person or of many, asked about and done one kind at a time.

mod making;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::exit::{Exit, exit_of};
use super::owi_change;
use super::write::{JournalFlag, WriteFlags, answer};
use crate::change::{Change, Consent};
use crate::messages;
use crate::owi::admin_token::HandedIn;
use crate::owi::api::change::OwiChange;
use crate::render;
use crate::repair::{Doing, Item, KINDS, Repair, RepairKind, RepairOutcome, RepairState, Repairs};
use crate::secret::Secret;

/// So many changes of a kind are listed before the question about them.
const LISTED: usize = 30;

/// Hands in the password of an account that is to be made.
const NEW_PASSWORD_FLAG: &str = "--new-password-stdin";

/// The flags of every command that has `--fix`.
#[derive(Debug, Args)]
pub(super) struct FixFlags {
    /// Fix what is possible; list the rest as manual steps
    ///
    /// Asks before each kind of change.
    #[arg(long, help_heading = "Changes")]
    pub(super) fix: bool,
    /// Show the changes without making them
    #[arg(long, requires = "fix", help_heading = "Changes")]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long, requires = "fix", help_heading = "Changes")]
    yes: bool,
    /// Override guards that refuse a change
    #[arg(long, requires = "fix", help_heading = "Changes")]
    force: bool,
    /// Write a Python script for what needs SQL on webui.db
    ///
    /// Changes nothing. You run the script while Open WebUI is stopped. It removes leftover auth rows, completes
    /// accounts, replaces values that the server cannot read, and makes LAMB's admin one again if no account is.
    #[arg(long, value_name = "FILE", requires = "fix", conflicts_with_all = ["dry_run", "yes", "force", "journal"], help_heading = "Changes", hide_short_help = true)]
    pub(super) script: Option<PathBuf>,
    /// Journal file [default: beside LAMB's database]
    ///
    /// The default name is lamb-auth.journal.jsonl.
    #[arg(long, value_name = "FILE", requires = "fix", help_heading = "Changes")]
    pub(super) journal: Option<PathBuf>,
    /// File with an Open WebUI admin's token
    ///
    /// Needed only if LAMB's own ways to get an admin token fail.
    #[arg(long, value_name = "FILE", requires = "fix", help_heading = "Changes", hide_short_help = true)]
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

/// What came of it.
pub(super) struct Fixed {
    pub(super) outcome: RepairOutcome,
    dry_run: bool,
    /// How what stopped it ends by itself.
    stopped: Option<Exit>,
}

impl Fixed {
    /// True where Ctrl-C ended it: then nothing is looked at again, which could take long.
    pub(super) fn is_interrupted(&self) -> bool {
        self.stopped == Some(Exit::Interrupted)
    }

    /// The exit code that this asks for; `None` leaves it to how things stand now.
    pub(super) fn exit(&self) -> Option<Exit> {
        let is_left = |state: &RepairState| !matches!(state, RepairState::Planned | RepairState::Done);
        let left = self.outcome.count(is_left) > 0;
        if self.dry_run {
            let planned = self.outcome.count(|state| *state == RepairState::Planned) > 0;
            return if planned { Some(Exit::No) } else { left.then_some(Exit::Refused) };
        }
        let unchanged = self.outcome.count(|state| *state == RepairState::Unchanged) > 0;
        match (self.outcome.has_changed(), left, self.stopped) {
            (_, _, Some(Exit::Interrupted)) => Some(Exit::Interrupted),
            (true, true, _) => Some(Exit::Partly),
            (false, true, Some(exit)) => Some(exit),
            (false, true, None) if unchanged => Some(Exit::No),
            (false, true, None) => Some(Exit::Refused),
            (_, false, _) => None,
        }
    }
}

/// A run that goes through the kinds.
struct Run<'a> {
    fix: &'a Fix<'a>,
    outcome: RepairOutcome,
    /// An admin's token from a file.
    handed_in: Option<HandedIn>,
    /// The password from stdin, until it is used.
    password: Option<Secret>,
    /// Kinds and people that were done.
    done: BTreeSet<(&'static str, String)>,
    /// Why nothing more is tried.
    stopped: Option<(String, Exit)>,
}

impl Fix<'_> {
    /// Does all of it that is confirmed.
    ///
    /// # Errors
    /// For when there is no terminal to ask at, and for failures before the first try.
    pub(super) fn carry_out(&self, repairs: Repairs) -> anyhow::Result<Fixed> {
        let Repairs { mut repairs, steps } = repairs;
        let Self { flags, .. } = self;
        let outcome = RepairOutcome { steps, ..RepairOutcome::default() };
        let mut run = Run { fix: self, outcome, handed_in: None, password: None, done: BTreeSet::new(), stopped: None };
        let open = |repair: &&Repair| !flags.dry_run && repair.standing(flags.force).is_none();
        // Before anything is asked of a server: what was handed in is as it should be.
        if repairs.iter().filter(open).any(|repair| matches!(repair.doing, Doing::OpenWebUi(_))) {
            run.handed_in = Context::handed_in(self.admin_token_file)?;
        }
        if let Some(first) = repairs.iter().filter(open).find(|repair| is_new_account(repair))
            && self.password_stdin
            && flags.yes
        {
            run.password =
                Some(owi_change::new_password(first.doing.email(), "Open WebUI", (NEW_PASSWORD_FLAG, true))?);
        }
        for kind in &KINDS {
            let (group, rest) = repairs.into_iter().partition(|repair: &Repair| repair.doing.kind() == kind.name);
            repairs = rest;
            if kind.by_itself {
                for one in group {
                    run.kind(kind, vec![one])?;
                }
            } else {
                run.kind(kind, group)?;
            }
        }
        let stopped = run.stopped.map(|(_, exit)| exit);
        Ok(Fixed { outcome: run.outcome, dry_run: flags.dry_run, stopped })
    }
}

fn is_new_account(repair: &Repair) -> bool {
    matches!(repair.doing, Doing::OpenWebUi(OwiChange::CreateOwiUser { .. }))
}

impl Run<'_> {
    fn push(&mut self, repair: Repair, state: RepairState) {
        if state == RepairState::Done {
            self.done.insert((repair.doing.kind(), repair.doing.email().to_owned()));
        }
        self.outcome.items.push(Item { repair, state });
    }

    fn refuse_all(&mut self, repairs: Vec<Repair>, why: &str, way_out: &str) {
        for repair in repairs {
            self.push(repair, RepairState::Refused(why.to_owned(), way_out.into()));
        }
    }

    /// Nothing more is tried. Where nothing was, there is nothing to tell but the error.
    fn stop(&mut self, left: Vec<Repair>, error: anyhow::Error) -> anyhow::Result<()> {
        if !self.outcome.is_stale {
            return Err(error);
        }
        let why = format!("{error:#}");
        self.not_tried(left, &why);
        self.stopped = Some((why, exit_of(&error)));
        Ok(())
    }

    fn not_tried(&mut self, left: Vec<Repair>, why: &str) {
        let why = format!("not tried: {}", why.lines().next().unwrap_or_default());
        self.refuse_all(left, &why, "fix that, then run the command again");
    }

    /// One kind: what nothing stands against is asked about and done.
    fn kind(&mut self, kind: &'static RepairKind, group: Vec<Repair>) -> anyhow::Result<()> {
        let flags = self.fix.flags;
        let mut go = Vec::new();
        for repair in group {
            let waits = repair
                .after
                .filter(|before| !flags.dry_run && !self.done.contains(&(*before, repair.doing.email().to_owned())));
            match (repair.standing(flags.force).cloned(), waits) {
                (Some(guard), _) => self.push(repair, RepairState::Refused(guard.reason, guard.way_out)),
                (None, Some(before)) => {
                    let why = format!("it needs {before} first, which was not done");
                    self.push(repair, RepairState::Refused(why, "run the command again and confirm both".into()));
                }
                (None, None) => go.push(repair),
            }
        }
        if go.is_empty() {
            return Ok(());
        }
        if let Some((why, _)) = &self.stopped {
            let why = why.clone();
            self.not_tried(go, &why);
            return Ok(());
        }
        if self.fix.asks_for_access && kind.grants_access && flags.yes {
            for repair in go {
                let way_out = format!("pass --finding {}, or run it in a terminal and answer", repair.finding);
                self.push(
                    repair,
                    RepairState::Refused(
                        "--yes alone does not confirm a change that gives access".to_owned(),
                        way_out.into(),
                    ),
                );
            }
            return Ok(());
        }
        if flags.dry_run {
            go.into_iter().for_each(|repair| self.push(repair, RepairState::Planned));
            return Ok(());
        }
        let (consent, password) = match self.consent(kind, &go) {
            Ok(Some(answers)) => answers,
            Ok(None) => {
                self.refuse_all(go, "not confirmed", "run the command again and confirm it");
                return Ok(());
            }
            Err(error) => return self.stop(go, error),
        };
        let all = go.clone();
        let go = match self.still_so(go) {
            Ok(go) if go.is_empty() => return Ok(()),
            Ok(go) => go,
            Err(error) => return self.stop(all, error),
        };
        self.outcome.is_stale = true;
        let told = self.outcome.items.len();
        let tried = match go.first().map(|repair| &repair.doing) {
            Some(Doing::Lamb(_)) => self.in_lamb(go.clone(), &consent),
            _ => self.in_open_webui(go.clone(), &password),
        };
        let Err(error) = tried else { return Ok(()) };
        let why = format!("{error:#}");
        let items = self.outcome.items.get(told..).unwrap_or_default();
        let is_untried = |repair: &Repair| !items.iter().any(|item| item.repair == *repair);
        let untried: Vec<Repair> = go.into_iter().filter(is_untried).collect();
        if items.is_empty() {
            for repair in untried {
                self.push(repair, RepairState::Failed(why.clone()));
            }
        } else {
            self.not_tried(untried, &why);
        }
        self.stopped = Some((why, exit_of(&error)));
        Ok(())
    }

    /// The yes, and the password of an account that is to be made.
    fn consent(&mut self, kind: &RepairKind, go: &[Repair]) -> anyhow::Result<Option<(Consent, Secret)>> {
        let consent = if self.fix.flags.yes { Some(Consent::given()) } else { self.ask(kind, go)? };
        let Some(consent) = consent else { return Ok(None) };
        let password = match (go.iter().find(|repair| is_new_account(repair)), self.password.take()) {
            (None, unused) => {
                self.password = unused;
                Secret::new(String::new())
            }
            (Some(_), Some(password)) => password,
            (Some(new), None) => {
                let from_stdin = self.fix.password_stdin;
                owi_change::new_password(new.doing.email(), "Open WebUI", (NEW_PASSWORD_FLAG, from_stdin))?
            }
        };
        Ok(Some((consent, password)))
    }

    fn ask(&self, kind: &RepairKind, go: &[Repair]) -> anyhow::Result<Option<Consent>> {
        let show = || {
            for repair in go.iter().take(LISTED) {
                messages::error(format_args!("  {}", render::clean(&repair.doing.to_string())));
                for note in &repair.notes {
                    messages::error(format_args!("    note: {}", render::clean(note)));
                }
            }
            if go.len() > LISTED {
                messages::error(format_args!("  and {} more (--dry-run shows all)", go.len() - LISTED));
            }
        };
        let question = if go.len() == 1 { kind.one.to_owned() } else { format!("{} {}", go.len(), kind.many) };
        answer(show, &question, if self.outcome.is_stale { "" } else { "; nothing was changed" })
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
        let (go, moved): (_, Vec<Repair>) = go.into_iter().partition(is_so);
        // What cannot be read any more is not planned either. No other process has changed it.
        if !moved.is_empty() {
            drop(self.fix.context.lamb()?);
        }
        if moved.iter().any(needs_owi) {
            drop(self.fix.context.owi_db()?);
        }
        for repair in moved {
            self.outcome.is_stale = true;
            let again = now.repairs.iter().find(|again| again.doing == repair.doing);
            let (why, way_out) = match again.and_then(|again| again.standing(force)) {
                Some(guard) => (guard.reason.clone(), guard.way_out.clone()),
                None => ("the data changed while you were asked".into(), "run the command again".into()),
            };
            self.push(repair, RepairState::Refused(why, way_out));
        }
        Ok(go)
    }
}

/// True for what is planned from `webui.db`.
fn needs_owi(repair: &Repair) -> bool {
    match &repair.doing {
        Doing::OpenWebUi(_) => true,
        Doing::Lamb(change) => matches!(change, Change::CreateCreator { .. } | Change::CopyPasswordHash { .. }),
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
