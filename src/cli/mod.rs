//! The command line: the tree, the flags that every command has, and the one place that turns an outcome into an
//! exit code.

mod assign_role;
mod audit;
mod check_owi_user;
mod check_user;
mod complete;
mod completions;
mod config;
mod context;
mod create_creator;
mod diagnose;
mod exit;
mod explain;
mod fix;
mod help;
mod history;
mod owi_change;
mod persons;
mod progress;
mod refresh_token;
mod sandbox;
mod support_bundle;
mod sync;
mod undo;
mod verify_batch;
mod verify_token;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::render::Format;
use crate::{messages, version};
use context::Context;
pub use exit::Exit;

/// Finds out why a LAMB user cannot sign in, and mends it.
///
/// Looking changes nothing; writing asks first. Needs no flag in LAMB's container.
#[derive(Debug, Parser)]
#[command(name = "lamb-auth", version = version::SHORT, long_version = version::LONG, propagate_version = true)]
#[command(max_term_width = 100, after_help = help::AFTER)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The flags that every command has.
#[derive(Debug, Args)]
struct Global {
    /// How data is shown on stdout
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    output: Format,
    /// No notes on stderr, errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    /// Trace each request and query on stderr; all evidence in reports
    #[arg(short, long, global = true, help_heading = "Output")]
    verbose: bool,
    /// LAMB's database, or its folder [env: LAMB_DB_PATH, a folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Settings")]
    lamb_db: Option<String>,
    /// What LAMB puts before its tables' names [env: LAMB_DB_PREFIX]
    #[arg(long, global = true, value_name = "PREFIX", help_heading = "Settings")]
    lamb_db_prefix: Option<String>,
    /// Open WebUI's webui.db, or its folder [env: OWI_PATH, a folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Settings")]
    owi_db: Option<String>,
    /// Open WebUI's base URL [env: OWI_BASE_URL]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    owi_url: Option<String>,
    /// LAMB's backend [env: LAMB_BACKEND_HOST]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    backend_url: Option<String>,
    /// The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]
    #[arg(long, global = true, value_name = "EMAIL", help_heading = "Settings")]
    owi_admin_email: Option<String>,
    /// Read settings from this file instead of ./.env
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    env_file: Option<PathBuf>,
    /// A further secret that may have signed a token, alone in a file; may be repeated
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    secret_file: Vec<PathBuf>,
    /// How long one request may take
    #[arg(long, global = true, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = "Limits")]
    timeout: Duration,
    /// How long to wait for another process's lock
    #[arg(long, global = true, value_name = "SECONDS", default_value = "5", value_parser = seconds, help_heading = "Limits")]
    lock_timeout: Duration,
    /// How long a question waits for its answer
    #[arg(long, global = true, value_name = "SECONDS", default_value = "600", value_parser = seconds, help_heading = "Limits")]
    answer_timeout: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if !(0.001..=3600.0).contains(&number) {
        return Err("between 0.001 and 3600 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(number))
}

#[derive(Debug, Subcommand)]
enum Command {
    Diagnose(diagnose::Arguments),
    Audit(audit::Arguments),
    CheckUser(check_user::Arguments),
    CheckOwiUser(check_owi_user::Arguments),
    VerifyToken(verify_token::Arguments),
    RefreshToken(refresh_token::Arguments),
    CreateCreator(create_creator::Arguments),
    AssignRole(assign_role::Arguments),
    Sync(Box<sync::Arguments>),
    History(history::Arguments),
    Undo(undo::Arguments),
    SupportBundle(support_bundle::Arguments),
    Explain(explain::Arguments),
    Config(config::Arguments),
    Sandbox(sandbox::Arguments),
    Completions(completions::Arguments),
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    if complete::answered() {
        return ExitCode::SUCCESS;
    }
    let parsed = tree()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut tree())));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no error; a closed pipe is none either.
            let _ = error.print();
            if error.use_stderr() && exit::json_is_wanted(std::env::args()) {
                let _ = crate::render::error_as_json(&error.to_string(), Exit::Usage as u8);
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    crate::interrupt::install();
    crate::interrupt::set_answer_timeout(cli.global.answer_timeout);
    messages::set_level(match (cli.global.quiet, cli.global.verbose) {
        (true, _) => messages::Level::Quiet,
        (_, true) => messages::Level::Verbose,
        _ => messages::Level::Normal,
    });
    let format = cli.global.output;
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error, format),
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    // These two need no settings, and must work where those are broken.
    match cli.command {
        Command::Explain(arguments) => return explain::run(&arguments, cli.global.output),
        Command::Completions(arguments) => return completions::run(&arguments),
        Command::Sandbox(arguments) => return sandbox::run(&arguments),
        _ => {}
    }
    let context = Context::new(&cli.global)?;
    match cli.command {
        Command::Diagnose(arguments) => diagnose::run(&arguments, &context),
        Command::Audit(arguments) => audit::run(&arguments, &context),
        Command::CheckUser(arguments) => check_user::run(&arguments, &context),
        Command::CheckOwiUser(arguments) => check_owi_user::run(&arguments, &context),
        Command::VerifyToken(arguments) => verify_token::run(&arguments, &context),
        Command::RefreshToken(arguments) => refresh_token::run(&arguments, &context),
        Command::CreateCreator(arguments) => create_creator::run(&arguments, &context),
        Command::AssignRole(arguments) => assign_role::run(&arguments, &context),
        Command::Sync(arguments) => sync::run(&arguments, &context),
        Command::History(arguments) => history::run(&arguments, &context),
        Command::Undo(arguments) => undo::run(&arguments, &context),
        Command::SupportBundle(arguments) => support_bundle::run(&arguments, &context),
        Command::Config(arguments) => config::run(&arguments, &context),
        Command::Explain(_) | Command::Completions(_) | Command::Sandbox(_) => Ok(Exit::Yes),
    }
}

/// The tree, for completions and manual pages.
pub fn tree() -> clap::Command {
    complete::with_hints(help::grouped(Cli::command()))
}
