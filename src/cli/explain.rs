//! `explain`.

use clap::Args;

use super::exit::{Exit, exit_with};
use crate::findings;
use crate::render::{self, Format};

/// Explain a finding: meaning, how to tell, how to fix
///
/// Without an id, lists all findings.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth explain creator-missing")]
pub(super) struct Arguments {
    /// The finding's id
    id: Option<String>,
    /// Print all findings as a Markdown page
    #[arg(long, conflicts_with = "id")]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> anyhow::Result<Exit> {
    if arguments.markdown {
        if format != Format::Table {
            return Err(exit_with(Exit::Usage, "--markdown is an output format itself: leave out -o"));
        }
        render::raw(&render::findings_as_markdown())?;
        return Ok(Exit::Yes);
    }
    let view = match &arguments.id {
        None => render::findings(),
        Some(id) => match findings::find(id) {
            Some(finding) => render::finding(finding),
            None => return Err(exit_with(Exit::Usage, unknown(id))),
        },
    };
    render::show(format, &view)?;
    Ok(Exit::Yes)
}

/// What to say of an id that no finding has.
pub(super) fn unknown(id: &str) -> String {
    let likeness = |finding: &&'static findings::Finding| strsim::jaro_winkler(finding.id, id);
    let nearest = findings::catalogue().iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let nearest = nearest.map_or("", |finding| finding.id);
    format!("no finding has the id {id:?}\n  did you mean {nearest}? lamb-auth explain lists all findings")
}
