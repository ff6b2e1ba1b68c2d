//! `sandbox`.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::Stdio;

use anyhow::Context as _;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tokio::signal::unix::{SignalKind, signal};

use super::context::block_on;
use super::exit::{Exit, exit_with};
use crate::interrupt::Shield;
use crate::lamb::Edition;
use crate::messages;
use crate::render::{self, Format};
use crate::sandbox::{Options, OwiVersion, Sandbox, Trouble};
use crate::settings::KEYS;
use crate::shown::{PROGRAM_VARIABLE, program, quoted};

/// Try lamb-auth on a temporary test deployment
///
/// Starts a LAMB database, a webui.db, and stand-ins for both servers on free local ports. Each test user has one
/// problem. With a COMMAND, runs it there and ends with its exit code. Without one, prints the environment to export
/// and runs until Ctrl-C. Leaves nothing behind.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth sandbox -- diagnose --email admin@admin.owi\n  lamb-auth sandbox --token expired -- verify-token\n  lamb-auth sandbox --trouble owi-hangs -- --timeout 1 diagnose --email teacher@sandbox.test\n  lamb-auth sandbox --list"
)]
pub(super) struct Arguments {
    /// LAMB's edition
    #[arg(long, default_value = "delegated", value_parser = editions())]
    edition: Edition,
    /// Open WebUI's version
    #[arg(long, default_value = "0.5.6", value_name = "VERSION", value_parser = versions())]
    owi_version: OwiVersion,
    /// Problem of the whole platform; see --list
    #[arg(long, value_name = "TROUBLE", hide_possible_values = true, value_parser = troubles())]
    trouble: Option<Trouble>,
    /// Set LAMB_AUTH_TOKEN to this test token; see --list
    #[arg(long, value_name = "NAME")]
    token: Option<String>,
    /// List the test users, tokens and problems
    #[arg(long)]
    list: bool,
    /// A lamb-auth command with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

fn editions() -> impl TypedValueParser<Value = Edition> {
    PossibleValuesParser::new(["delegated", "native"])
        .map(|name| if name == "native" { Edition::Native } else { Edition::Delegated })
}

fn versions() -> impl TypedValueParser<Value = OwiVersion> {
    PossibleValuesParser::new(OwiVersion::ALL.map(OwiVersion::as_str)).try_map(|name| name.parse())
}

fn troubles() -> impl TypedValueParser<Value = Trouble> {
    PossibleValuesParser::new(Trouble::ALL.iter().map(|trouble| trouble.id())).try_map(|name| name.parse())
}

pub(super) fn run(arguments: &Arguments, format: Format) -> anyhow::Result<Exit> {
    // Ctrl-C is for the command inside; the folder is removed when it has ended.
    let _shield = Shield::raise();
    block_on(serve(arguments, format))
}

/// How a command in this sandbox is called. What it suggests is called so too: without it, the same words would be about
/// a real deployment, or about none.
fn called() -> String {
    let own = std::env::args_os().skip(1).take_while(|word| word != "--");
    let own = own.map(|word| quoted(&word.to_string_lossy()));
    [program().to_owned()].into_iter().chain(own).chain(["--".to_owned()]).collect::<Vec<_>>().join(" ")
}

async fn serve(arguments: &Arguments, format: Format) -> anyhow::Result<Exit> {
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let options = Options {
        edition: arguments.edition,
        owi_version: arguments.owi_version,
        trouble: arguments.trouble,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await?;
    if arguments.list {
        render::show(format, &render::sandbox(arguments.edition, arguments.owi_version, &sandbox))?;
        return Ok(Exit::Yes);
    }
    let mut env = sandbox.env();
    if let Some(name) = &arguments.token {
        let Some(token) = sandbox.token(name) else {
            let names: Vec<_> = sandbox.token_names().collect();
            return Err(exit_with(Exit::Usage, format!("there is no token {name:?}\n  tokens: {}", names.join(", "))));
        };
        env.push(("LAMB_AUTH_TOKEN", token.expose().to_owned()));
    }
    env.push(("LAMB_AUTH_SANDBOX", sandbox.dir().display().to_string()));
    if arguments.command.is_empty() {
        let exports =
            env.iter().map(|(name, value)| format!("export {name}={}\n", shlex::try_quote(value).unwrap_or_default()));
        render::raw(&exports.collect::<String>())?;
        let how = if std::io::stdout().is_terminal() { "export these in another terminal; " } else { "" };
        messages::note(format_args!("the sandbox runs in {}; {how}Ctrl-C stops it", sandbox.dir().display()));
        tokio::select! { _ = interrupted.recv() => {}, _ = terminated.recv() => {} }
        return Ok(Exit::Interrupted);
    }
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut child = tokio::process::Command::new(program)
        .args(&arguments.command)
        // Whatever the shell or a .env file says of a deployment must not shine through: set and empty hides both.
        .envs(KEYS.iter().map(|key| (key.name, "")))
        .envs(env)
        .env(PROGRAM_VARIABLE, called())
        .env_remove(super::complete::VARIABLE)
        .stdin(Stdio::inherit())
        .spawn()
        .context("cannot run the command")?;
    loop {
        tokio::select! {
            ended = child.wait() => {
                let status = ended?;
                return Ok(status.code().map_or(Exit::Interrupted, Exit::from_code));
            }
            // The terminal sends Ctrl-C to the command as well: wait for it to end.
            _ = interrupted.recv() => {}
            _ = terminated.recv() => { child.start_kill()?; }
        }
    }
}
