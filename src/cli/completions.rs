//! `completions`.

use clap::Args;
use clap_complete::Shell;

use super::exit::Exit;
use crate::render;

/// Print the completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth completions bash > /etc/bash_completion.d/lamb-auth")]
pub(super) struct Arguments {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::tree(), "lamb-auth", &mut script);
    render::raw(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Yes)
}
