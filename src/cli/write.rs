//! What every writing command does alike: show the plan, ask or be told not to ask, apply, tell.

use std::io::{IsTerminal, stderr, stdin};
use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::exit::{Exit, exit_with};
use crate::change::journal::{FileJournal, Journal, RunId, default_path};
use crate::change::{ApplyError, Consent, Guard, Plan, apply};
use crate::files;
use crate::findings::FixStep;
use crate::interrupt;
use crate::lamb::db::LambDb;
use crate::messages;
use crate::render::{self, Done, Written, written};

/// The flags of every writing command.
#[derive(Debug, Args)]
pub(super) struct WriteFlags {
    /// Show the changes without making them
    #[arg(long, help_heading = "Changes")]
    pub(super) dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long, help_heading = "Changes")]
    pub(super) yes: bool,
    /// Override guards that refuse a change
    #[arg(long, help_heading = "Changes")]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) journal: JournalFlag,
}

/// Where the journal is.
#[derive(Debug, Args)]
pub(super) struct JournalFlag {
    /// Journal file [default: beside LAMB's database]
    ///
    /// The default name is lamb-auth.journal.jsonl.
    #[arg(long, value_name = "FILE", help_heading = "Changes")]
    journal: Option<PathBuf>,
}

impl JournalFlag {
    /// The flag as it is typed.
    pub(super) fn typed(&self) -> impl Iterator<Item = String> {
        self.journal.iter().flat_map(|path| ["--journal".to_owned(), path.display().to_string()])
    }

    /// As if this had been said.
    pub(super) fn new(journal: Option<PathBuf>) -> Self {
        Self { journal }
    }

    /// Its path, for this database.
    pub(super) fn path(&self, database: &Path) -> PathBuf {
        self.journal.clone().unwrap_or_else(|| default_path(database))
    }

    /// The command that does this to a run of the same journal.
    pub(super) fn about(&self, command: &str, run: &RunId) -> FixStep {
        let flag: Vec<String> = self.typed().collect();
        let words = [command, run.as_str()].into_iter().chain(flag.iter().map(String::as_str));
        FixStep::command(&words.collect::<Vec<_>>())
    }
}

/// The change to write, and the user it is for.
pub(super) struct WriteRequest<'a> {
    pub(super) command: &'static str,
    pub(super) email: &'a str,
    pub(super) flags: &'a WriteFlags,
}

/// Where nothing is to be applied, tells so and ends.
pub(super) fn settled(context: &Context, request: &WriteRequest<'_>, plan: &Plan) -> anyhow::Result<Option<Exit>> {
    let (end, exit) = if !plan.standing(request.flags.force).is_empty() {
        (Written::Refused, Exit::Refused)
    } else if !plan.differences.is_empty() {
        (Written::Different, Exit::No)
    } else if plan.is_empty() {
        (Written::NothingToDo, Exit::Yes)
    } else if request.flags.dry_run {
        (Written::Planned, Exit::No)
    } else {
        return Ok(None);
    };
    tell(context, request, plan, end, None)?;
    Ok(Some(exit))
}

/// Shows the plan and its end.
pub(super) fn tell(
    context: &Context,
    request: &WriteRequest<'_>,
    plan: &Plan,
    end: Written,
    done: Option<&Done<'_>>,
) -> anyhow::Result<()> {
    context.show(&written(request.command, request.email, plan, end, request.flags.force, done))
}

/// Asks at a terminal; `--yes` answers in advance.
pub(super) fn consent(plan: &Plan, flags: &WriteFlags, question: &str) -> anyhow::Result<Consent> {
    if flags.yes {
        return Ok(Consent::given());
    }
    let show = || {
        for change in plan.in_words() {
            messages::error(format_args!("  {}", render::clean(&change)));
        }
        for difference in &plan.differences {
            messages::error(format_args!("  unchanged: {}", render::clean(difference)));
        }
        for note in &plan.notes {
            messages::error(format_args!("  note: {}", render::clean(note)));
        }
    };
    ask(show, question)
}

/// Shows what is meant, and asks.
pub(super) fn ask(show: impl FnOnce(), question: &str) -> anyhow::Result<Consent> {
    answer(show, question, "; nothing was changed")?
        .ok_or_else(|| exit_with(Exit::Refused, "not confirmed; nothing was changed"))
}

/// As [`ask`], where a "no" is an answer like another. `so_far`: what an error says of what was done before.
pub(super) fn answer(show: impl FnOnce(), question: &str, so_far: &str) -> anyhow::Result<Option<Consent>> {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        let message = "refused: not a terminal: pass --yes to apply\n  run it with --dry-run first to see the changes";
        return Err(exit_with(Exit::Refused, message));
    }
    show();
    match interrupt::with_question(|| is_confirmed(question)) {
        Ok(true) => Ok(Some(Consent::given())),
        Ok(false) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
            // The terminal has shown ^C on the line of the question.
            messages::error("");
            Err(exit_with(Exit::Interrupted, format!("interrupted{so_far}")))
        }
        Err(error) => Err(exit_with(Exit::Refused, format!("could not ask ({error}){so_far}"))),
    }
}

/// Asks until the answer is a yes or a no. An empty line is a no, and so is the end of the input (Ctrl-D).
fn is_confirmed(question: &str) -> std::io::Result<bool> {
    loop {
        messages::question(format_args!("{question} [y/N]"));
        let Some(answer) = files::stdin::typed_line()? else {
            messages::error("");
            return Ok(false);
        };
        match answer.to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            _ => messages::error("answer y for yes, or n for no"),
        }
    }
}

/// The journal of this request; that it can be written is known before anything depends on it.
pub(super) fn journal(request: &WriteRequest<'_>, db: &LambDb) -> anyhow::Result<FileJournal> {
    let mut journal = FileJournal::new(request.flags.journal.path(db.path()), request.command, db);
    journal.open().map_err(ApplyError::Journal)?;
    Ok(journal)
}

/// What stands against a plan, in a line.
pub(super) fn refusal(guards: &[Guard]) -> String {
    let reasons: Vec<_> = guards.iter().map(|guard| guard.reason.as_str()).collect();
    format!("refused: {}", reasons.join("; "))
}

/// Shows the plan, asks, applies it, and tells what was done: the whole of a command that changes only LAMB's database.
pub(super) fn carry_out(
    context: &Context,
    request: &WriteRequest<'_>,
    plan: Plan,
    question: &str,
) -> anyhow::Result<Exit> {
    if let Some(exit) = settled(context, request, &plan)? {
        return Ok(exit);
    }
    let consent = consent(&plan, request.flags, question)?;
    let mut db = context.lamb_for_change()?;
    let journal = journal(request, &db)?;
    apply_plan(context, request, &mut db, plan, &consent, journal)
}

/// Refuses a display name that LAMB could not show.
pub(super) fn check_name(name: Option<&str>) -> anyhow::Result<()> {
    if name.is_some_and(|name| name.trim().is_empty() || name.chars().any(char::is_control)) {
        return Err(exit_with(Exit::Usage, "--name must not be empty or contain control characters"));
    }
    Ok(())
}

/// Applies a plan that was shown, and tells what was done.
pub(super) fn apply_plan(
    context: &Context,
    request: &WriteRequest<'_>,
    db: &mut LambDb,
    plan: Plan,
    consent: &Consent,
    mut journal: FileJournal,
) -> anyhow::Result<Exit> {
    let shown = plan.clone();
    let confirmed = plan.confirm(request.flags.force, consent).map_err(|guards| {
        let why = refusal(&guards);
        // Where an account was made first, the run is begun.
        let _ = journal.failed(&why);
        exit_with(Exit::Refused, why)
    })?;
    let applied = apply(db, confirmed, &mut journal, &mut |_| {})?;
    let undo = request.flags.journal.about("undo", journal.run());
    let undo = shown.can_be_undone().then_some(&undo);
    let done = Done { created: &applied.created, run: journal.run(), undo };
    tell(context, request, &shown, Written::Done, Some(&done))?;
    Ok(if applied.interrupted { Exit::Interrupted } else { Exit::Yes })
}
