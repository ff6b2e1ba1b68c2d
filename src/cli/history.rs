//! `history`.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use super::write::JournalFlag;
use crate::change::journal::fate::{self, Fate};
use crate::change::journal::{self, JournalError, Run, RunId, RunSummary};
use crate::change::lock;
use crate::lamb::db::LambDb;
use crate::messages;
use crate::render::{self, Format, RunRow, history, history_lines, run as show_run};
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
        let mut fates = fates(context, &path, std::slice::from_ref(&run.summary), at_work)?;
        let fate = fates.remove(&run.summary.begin.run);
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
    tell_gaps(&path, &all);
    let skipped = all.runs.len().saturating_sub(arguments.limit as usize);
    if skipped > 0 {
        messages::note(format_args!("{skipped} older runs are not shown; pass --limit to show more"));
    }
    let shown = all.runs.split_off(skipped);
    let mut fates = fates(context, &path, &shown, at_work)?;
    let rows = shown.iter().rev().map(|summary| RunRow { summary, fate: fates.remove(&summary.begin.run) });
    let rows: Vec<RunRow<'_>> = rows.collect();
    match context.format {
        Format::Jsonl => render::raw(&history_lines(&rows))?,
        _ => context.show(&history(&path, &rows))?,
    }
    Ok(Exit::Yes)
}

/// What of the journal is not in the list.
fn tell_gaps(path: &Path, all: &journal::History) {
    let path = path.display();
    if all.unread > 0 {
        let unread = all.unread;
        messages::note(format_args!("{path}: did not read its first {unread} bytes; older runs are not shown"));
    }
    if all.unreadable > 0 {
        let lines: Vec<_> = all.first_unreadable.iter().take(5).map(ToString::to_string).collect();
        messages::note(format_args!(
            "{path}: ignored {} unreadable lines (line {}{}); a killed run can leave half a line",
            all.unreadable,
            lines.join(", "),
            if all.unreadable > lines.len() as u64 { ", …" } else { "" }
        ));
    }
}

/// What became of each run, where that can be told. The journal is read once more for all those that died without a
/// word, and the database is opened once for runs of one prefix. `at_work`: a process holds the lock of those who write,
/// and may be such a run.
fn fates(
    context: &Context,
    path: &Path,
    runs: &[RunSummary],
    at_work: bool,
) -> Result<BTreeMap<RunId, Fate>, JournalError> {
    let mut fates = BTreeMap::new();
    let mut unknown = Vec::new();
    for summary in runs {
        let by_its_lines = fate::by_its_lines(summary);
        let told = if at_work && summary.is_open() { Some(Fate::AtWork) } else { by_its_lines };
        match told {
            Some(fate) => drop(fates.insert(summary.begin.run.clone(), fate)),
            None => unknown.push(summary.clone()),
        }
    }
    if unknown.is_empty() {
        return Ok(fates);
    }
    let mut open = None;
    for (run, summary) in journal::load_all(path, unknown.clone())?.into_iter().zip(&unknown) {
        match run.map_err(Into::into).and_then(|run| fate_of(context, &run, &mut open)) {
            Ok(fate) => drop(fates.insert(summary.begin.run.clone(), fate)),
            Err(error) => {
                messages::note(format_args!("could not check the result of {}: {error:#}", summary.begin.run));
            }
        }
    }
    Ok(fates)
}

/// A database with the tables of a prefix, or why it could not be opened: each attempt may wait for a lock.
type LastOpen = Option<(String, Result<LambDb, String>)>;

/// The fate of a run that only the database knows. `open`: the database of the run before.
fn fate_of(context: &Context, run: &Run, open: &mut LastOpen) -> anyhow::Result<Fate> {
    let begin = &run.summary.begin;
    let (database, _) = context.settings.lamb_db()?;
    if !begin.names(&database) {
        anyhow::bail!("the run changed {}, but this database is {}", begin.lamb.display(), database.display());
    }
    if open.as_ref().is_none_or(|(prefix, _)| *prefix != begin.prefix) {
        // Closed first: to open a file again in one process drops the locks of those who have it open.
        *open = None;
        let db = open_as_then(context, &database, &begin.prefix).map_err(|error| format!("{error:#}"));
        *open = Some((begin.prefix.clone(), db));
    }
    match open {
        Some((_, Ok(db))) => Ok(fate::of(run, db)?),
        Some((_, Err(why))) => anyhow::bail!("{why}"),
        None => anyhow::bail!("the database is not open"),
    }
}

/// LAMB's database with the tables that the run wrote to.
fn open_as_then(context: &Context, database: &Path, prefix: &str) -> anyhow::Result<LambDb> {
    // Without a prefix LAMB's tables would be looked for, and others might be found.
    let Some(prefix) = Prefix::parse(prefix) else {
        anyhow::bail!("{prefix:?} is not a table prefix");
    };
    Ok(LambDb::open(database, Some((prefix, Origin::Default)), context.limits.lock_timeout)?)
}
