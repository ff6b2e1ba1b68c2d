//! `completions`.

use clap::Args;
use clap_complete::Shell;

use super::exit::Exit;
use crate::render;

/// Print the completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth completions bash > /etc/bash_completion.d/lamb-auth")]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::tree(), "lamb-auth", &mut script);
    // clap_complete 4.6.11 spells a program with a hyphen in two ways in bash's script, so that nothing below a command
    // is completed; where it spells it in one, this finds nothing.
    let script = String::from_utf8_lossy(&script).replace("lamb__subcmd__auth__", "lamb__auth__");
    render::raw(&script)?;
    Ok(Exit::Yes)
}
