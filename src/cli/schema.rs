//! `schema`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::exit::Exit;
use crate::render::{self, Format, SCHEMAS};

/// Print the JSON Schema of a command's output
///
/// It describes what the command prints with -o json, and each line of -o jsonl. The schema error describes what each
/// command prints with -o json where it fails. Without a name, lists the schemas.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lamb-auth schema\n  lamb-auth schema diagnose > diagnose.schema.json")]
pub(super) struct Arguments {
    /// The command, or error
    #[arg(value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|(name, _)| name)), hide_possible_values = true)]
    command: Option<String>,
    /// List the schemas
    #[arg(long, conflicts_with = "command")]
    list: bool,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> anyhow::Result<Exit> {
    render::show_schema(arguments.command.as_deref(), format)?;
    Ok(Exit::Yes)
}
