//! `history`.

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use super::write::JournalFlag;
use crate::change::journal::fate::{self, Fate};
use crate::change::journal::{self, RunSummary};
use crate::change::lock;
use crate::lamb::db::LambDb;
use crate::messages;
use crate::render::{Format, RunRow, history, run as show_run};
use crate::settings::{Origin, Prefix};

/// Rows of one run that people are shown.
const ENOUGH: usize = 100;

/// Show what lamb-auth changed here: all runs, or one run
///
/// Reads the journal next to LAMB's database. If a run stopped without a result, lamb-auth looks for its changes in the
/// database. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lamb-auth history\n  lamb-auth history last -o json")]
pub(super) struct Arguments {
    /// The run: its id, the start of its id, or last
    run: Option<String>,
    /// How many runs to show, newest first
    #[arg(long, value_name = "N", default_value = "20", conflicts_with = "run", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    journal: JournalFlag,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let (database, _) = context.settings.lamb_db()?;
    let path = arguments.journal.path(&database);
    if let Some(name) = &arguments.run {
        let mut run = journal::load(&path, name)?;
        let at_work = run.summary.is_open() && lock::holder(&database).is_some();
        if run.summary.is_open() && !at_work {
            // It may have come to its end between the two looks.
            run = journal::load(&path, run.summary.begin.run.as_str())?;
        }
        let fate = fate_of(context, &path, &run.summary, at_work);
        let limit = if context.format == Format::Table && !context.verbose { ENOUGH } else { usize::MAX };
        context.show(&show_run(&RunRow { summary: &run.summary, fate }, &run.entries, limit))?;
        return Ok(Exit::Yes);
    }
    let mut all = journal::history(&path)?;
    let is_open = |all: &journal::History| all.runs.iter().any(RunSummary::is_open);
    let at_work = is_open(&all) && lock::holder(&database).is_some();
    if is_open(&all) && !at_work {
        all = journal::history(&path)?;
    }
    if !all.unreadable.is_empty() {
        let lines: Vec<_> = all.unreadable.iter().take(5).map(ToString::to_string).collect();
        messages::note(format_args!(
            "{}: ignored {} unreadable lines (line {}{}); a killed run can leave half a line",
            path.display(),
            all.unreadable.len(),
            lines.join(", "),
            if all.unreadable.len() > lines.len() { ", …" } else { "" }
        ));
    }
    let skipped = all.runs.len().saturating_sub(arguments.limit as usize);
    if skipped > 0 {
        messages::note(format_args!("{skipped} older runs are not shown; pass --limit to show more"));
    }
    let rows: Vec<RunRow<'_>> = all
        .runs
        .iter()
        .skip(skipped)
        .map(|summary| RunRow { summary, fate: fate_of(context, &path, summary, at_work) })
        .collect();
    context.show(&history(&path, &rows))?;
    Ok(Exit::Yes)
}

/// What became of a run. The database is opened only for those that died without a word. `at_work`: a process holds
/// the lock of those who write, and may be that run.
fn fate_of(context: &Context, path: &std::path::Path, summary: &RunSummary, at_work: bool) -> Option<Fate> {
    if at_work && summary.is_open() {
        return Some(Fate::AtWork);
    }
    if let Some(fate) = fate::by_its_lines(&summary.state) {
        return Some(fate);
    }
    let ask = || -> anyhow::Result<Fate> {
        let run = journal::load_whole(path, summary.clone())?;
        Ok(fate::of(&run, &open_as_then(context, summary)?)?)
    };
    match ask() {
        Ok(fate) => Some(fate),
        Err(error) => {
            messages::note(format_args!("could not check the result of {}: {error:#}", summary.begin.run));
            None
        }
    }
}

/// LAMB's database with the tables that the run wrote to.
fn open_as_then(context: &Context, summary: &RunSummary) -> anyhow::Result<LambDb> {
    let (database, _) = context.settings.lamb_db()?;
    let begin = &summary.begin;
    if !begin.names(&database) {
        anyhow::bail!("the run changed {}, but this database is {}", begin.lamb.display(), database.display());
    }
    // Without a prefix LAMB's tables would be looked for, and others might be found.
    let Some(prefix) = Prefix::parse(&begin.prefix) else {
        anyhow::bail!("{:?} is not a table prefix", begin.prefix);
    };
    Ok(LambDb::open(&database, Some((prefix, Origin::Default)), context.limits.lock_timeout)?)
}
