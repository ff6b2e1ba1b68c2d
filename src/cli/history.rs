//! `history`.

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use super::write::JournalFlag;
use crate::change::journal::fate::{self, Fate};
use crate::change::journal::{self, State, Summary};
use crate::lamb::db::LambDb;
use crate::render::{RunRow, history, run as show_run};
use crate::talk;

/// Show what this program has changed here: all runs, or one with every change
///
/// Reads the journal beside LAMB's database. Where a run died before it could say how it ended, the database is asked
/// whether its changes are there. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lamb-auth history\n  lamb-auth history last -o json")]
pub(super) struct Arguments {
    /// A run: its name, the beginning of it, or last
    run: Option<String>,
    /// How many of the newest runs are shown
    #[arg(long, value_name = "N", default_value = "20", conflicts_with = "run", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    journal: JournalFlag,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let (database, _) = context.settings.lamb_db()?;
    let path = arguments.journal.path(&database);
    if let Some(name) = &arguments.run {
        let run = journal::load(&path, name)?;
        let fate = fate_of(context, &path, &run.summary);
        context.show(&show_run(&RunRow { summary: &run.summary, fate }, &run.entries))?;
        return Ok(Exit::Yes);
    }
    let all = journal::history(&path)?;
    if !all.unreadable.is_empty() {
        let lines: Vec<_> = all.unreadable.iter().take(5).map(ToString::to_string).collect();
        talk::note(format_args!(
            "{}: {} of its lines cannot be read (line {}{}): a run that was killed leaves half of one",
            path.display(),
            all.unreadable.len(),
            lines.join(", "),
            if all.unreadable.len() > lines.len() { ", …" } else { "" }
        ));
    }
    let skipped = all.runs.len().saturating_sub(arguments.limit as usize);
    if skipped > 0 {
        talk::note(format_args!("{skipped} older runs are not shown (--limit)"));
    }
    let rows: Vec<RunRow<'_>> = all
        .runs
        .iter()
        .skip(skipped)
        .map(|summary| RunRow { summary, fate: fate_of(context, &path, summary) })
        .collect();
    context.show(&history(&path, &rows))?;
    Ok(Exit::Yes)
}

/// What became of a run. The database is opened only for those that died without a word.
fn fate_of(context: &Context, path: &std::path::Path, summary: &Summary) -> Option<Fate> {
    match summary.state {
        State::Done => return Some(Fate::Done),
        State::Failed(_) => return Some(Fate::Failed),
        State::Begun => return Some(Fate::NeverCommitted),
        State::Intended => {}
    }
    let ask = || -> anyhow::Result<Fate> {
        let run = journal::load(path, summary.begin.run.as_str())?;
        Ok(fate::of(&run, &open_as_then(context, summary)?)?)
    };
    match ask() {
        Ok(fate) => Some(fate),
        Err(error) => {
            talk::note(format_args!("what became of {} could not be asked: {error:#}", summary.begin.run));
            None
        }
    }
}

/// LAMB's database with the tables that the run wrote to.
fn open_as_then(context: &Context, summary: &Summary) -> anyhow::Result<LambDb> {
    let (database, _) = context.settings.lamb_db()?;
    let prefix = crate::settings::Prefix::parse(&summary.begin.prefix);
    let prefix = prefix.map(|prefix| (prefix, crate::settings::Origin::Default));
    Ok(LambDb::open(&database, prefix, context.limits.lock_timeout)?)
}
