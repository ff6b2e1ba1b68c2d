//! The command line: the tree, the flags that every command has, and the one place that turns an outcome into an
//! exit code.

mod assign_role;
mod audit;
mod both_halves;
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
mod list_organizations;
mod list_users;
mod lti;
mod owi_change;
mod progress;
mod refresh_token;
mod sandbox;
mod schema;
mod script;
mod support_bundle;
mod sync;
mod undo;
mod update_creator;
mod update_organization;
mod users;
mod verify_batch;
mod verify_token;
mod write;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::builder::{PossibleValue, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::render::{self, Color, Format};
use crate::{messages, version};
use context::Context;
pub use exit::Exit;

/// Find out why a LAMB user cannot sign in, and fix it.
///
/// Lookups change nothing; changes ask first. LAMB's container needs no flags.
#[derive(Debug, Parser)]
#[command(name = "lamb-auth", version = version::SHORT, long_version = version::LONG, propagate_version = true)]
#[command(max_term_width = 100, after_help = help::AFTER, styles = Styles::styled().invalid(render::WARN))]
struct Cli<C: Subcommand> {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: C,
}

/// The flags that every command has.
#[derive(Debug, Args)]
struct Global {
    /// Output format
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    output: Output,
    /// The same as -o json
    #[arg(long, global = true, conflicts_with = "output", hide_short_help = true, help_heading = "Output")]
    json: bool,
    /// When to use colors
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    color: Color,
    /// Print only errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    /// Trace every request and query on stderr; show all evidence
    #[arg(short, long, global = true, help_heading = "Output")]
    verbose: bool,
    /// LAMB's database or its folder [env: LAMB_DB_PATH, a folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Settings")]
    lamb_db: Option<OsString>,
    /// Prefix of LAMB's table names [env: LAMB_DB_PREFIX]
    #[arg(long, global = true, value_name = "PREFIX", help_heading = "Settings")]
    lamb_db_prefix: Option<String>,
    /// Open WebUI's webui.db or its folder [env: OWI_PATH, a folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Settings")]
    owi_db: Option<OsString>,
    /// Open WebUI's base URL [env: OWI_BASE_URL]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    owi_url: Option<String>,
    /// URL of LAMB's backend [env: LAMB_BACKEND_HOST]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    backend_url: Option<String>,
    /// Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]
    #[arg(long, global = true, value_name = "EMAIL", help_heading = "Settings")]
    owi_admin_email: Option<String>,
    /// Read settings from this file instead of ./.env
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    env_file: Option<PathBuf>,
    /// File with one more secret that may have signed a token; repeatable
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    secret_file: Vec<PathBuf>,
    /// Maximum time for one request
    #[arg(long, global = true, value_name = "TIME", default_value = "10s", value_parser = duration, help_heading = "Limits")]
    timeout: Duration,
    /// Maximum wait for another process's lock
    #[arg(long, global = true, value_name = "TIME", default_value = "5s", value_parser = duration, help_heading = "Limits")]
    lock_timeout: Duration,
    /// Maximum wait for the answer to a question
    #[arg(long, global = true, value_name = "TIME", default_value = "10m", value_parser = duration, help_heading = "Limits")]
    answer_timeout: Duration,
}

impl Global {
    /// The output format, asked for by either flag.
    fn format(&self) -> Format {
        match self.output {
            _ if self.json => Format::Json,
            Output::In(format) => format,
            Output::Prometheus => Format::Table,
        }
    }
}

/// What `-o` takes: a format that every command has, or metrics, which only `audit` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    In(Format),
    Prometheus,
}

impl Default for Output {
    fn default() -> Self {
        Self::In(Format::default())
    }
}

impl clap::ValueEnum for Output {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Output; 5] = [
            Output::In(Format::Table),
            Output::In(Format::Json),
            Output::In(Format::Jsonl),
            Output::In(Format::Plain),
            Output::Prometheus,
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::In(format) => format.to_possible_value(),
            Self::Prometheus => Some(PossibleValue::new("prometheus").help("For monitoring: metrics, of audit only")),
        }
    }
}

/// A time as people write it: `5`, `5s`, `1.5s`, `2m`. A bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    duration_of(text, Duration::from_millis(1))
}

/// The same, of at least this length.
fn duration_of(text: &str, least: Duration) -> Result<Duration, String> {
    let with_unit = if text.parse::<f64>().is_ok() { format!("{text}s") } else { text.to_owned() };
    let span = with_unit.parse::<jiff::SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok());
    let span = span.ok_or_else(|| "not a time such as 5, 5s or 2m".to_owned())?;
    if (least..=Duration::from_secs(3600)).contains(&span) {
        return Ok(span);
    }
    Err(format!("must be between {least:?} and 1h"))
}

/// The commands, twice: clap builds a deferred one only when its name is typed, which takes half of the start of a
/// look-up away. Help, completions and manual pages walk through all of them, so they need the other.
macro_rules! commands {
    ($name:ident, defer = $defer:tt) => {
        #[derive(Debug, Subcommand)]
        #[command(defer = $defer)]
        enum $name {
            Diagnose(diagnose::Arguments),
            Audit(audit::Arguments),
            CheckUser(check_user::Arguments),
            CheckOwiUser(check_owi_user::Arguments),
            ListUsers(list_users::Arguments),
            ListOrganizations(list_organizations::Arguments),
            VerifyToken(verify_token::Arguments),
            RefreshToken(refresh_token::Arguments),
            CreateCreator(create_creator::Arguments),
            AssignRole(assign_role::Arguments),
            UpdateCreator(update_creator::Arguments),
            UpdateOrganization(update_organization::Arguments),
            Sync(Box<sync::Arguments>),
            History(history::Arguments),
            Undo(undo::Arguments),
            SupportBundle(support_bundle::Arguments),
            Explain(explain::Arguments),
            Config(config::Arguments),
            Schema(schema::Arguments),
            Sandbox(sandbox::Arguments),
            Completions(completions::Arguments),
            /// The options of every command
            #[command(hide = true)]
            Options,
            /// The version; the same as --version
            #[command(hide = true, after_help = "Example:\n  lamb-auth version")]
            Version,
        }
    };
}
commands!(Command, defer = true);
commands!(WholeCommand, defer = false);

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(exit::report_bug));
    crate::secret::keep_out_of_core_dumps();
    if complete::answered() {
        return ExitCode::SUCCESS;
    }
    let cli = match parsed() {
        Ok(cli) => cli,
        Err(error) if error.kind() == ErrorKind::DisplayVersion && exit::json_is_wanted() => {
            return version(Format::Json).map_or_else(|error| exit::report(&error, Format::Json), ExitCode::from);
        }
        Err(error) => {
            // Help and version go to stdout and are no error; a closed pipe is none either.
            let text = error.to_string();
            let shown = crate::shown::clean(&text);
            let as_json = error.use_stderr() && exit::json_is_wanted();
            // With colors, unless an argument holds what must not be shown.
            if as_json && exit::are_both_terminals() {
                // The JSON says it.
            } else if shown == text {
                let _ = error.print();
            } else {
                messages::error(shown.trim_end());
            }
            if as_json {
                let _ = crate::render::error_as_json(&shown, Exit::Usage as u8, None);
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    crate::interrupt::install();
    crate::interrupt::set_answer_timeout(cli.global.answer_timeout);
    let format = cli.global.format();
    let level = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => messages::Level::Quiet,
        (_, true) => messages::Level::Verbose,
        _ => messages::Level::Normal,
    };
    messages::set_level(level);
    if level == messages::Level::Normal && !format.is_json() {
        crate::waiting::allow();
    }
    render::set_color(cli.global.color);
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error, format),
    }
}

/// The command line. The help and the tips of an error come from the whole tree, which parses the same.
fn parsed() -> Result<Cli<Command>, clap::Error> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let matches = of_one_command(&words).and_then(|tree| tree.try_get_matches_from(&words).ok());
    let matches =
        matches.map_or_else(|| tree().try_get_matches_from(&words), Ok).map_err(|error| with_tip(error, &words))?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut tree()))
}

/// Flags that newcomers try, and the flag that does this. clap itself names only flags that are spelled alike.
const TRIED: &[(&str, &str)] = &[("new-email", "--rename"), ("password-prompt", "--set-password")];

/// The error with a tip, where the flag is one that newcomers try, and the command has the one that does this.
fn with_tip(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    let has = |meant: &str| {
        let tree = tree();
        let named = words.iter().skip(1).find_map(|word| tree.find_subcommand(word));
        let mut flags = named.into_iter().flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_long);
        flags.any(|flag| meant.strip_prefix("--") == Some(flag))
    };
    if let Some(ContextValue::String(tried)) = error.get(ContextKind::InvalidArg)
        && let Some((_, meant)) = TRIED.iter().find(|(name, _)| tried.strip_prefix("--") == Some(*name))
        && has(meant)
    {
        error.insert(ContextKind::SuggestedArg, ContextValue::String((*meant).to_owned()));
    }
    error
}

/// A tree that has only the first command that is named. What it parses means the same in the whole tree; clap copies
/// the flags of every command into each command of a tree, which takes a third of the start of a look-up.
fn of_one_command(words: &[OsString]) -> Option<clap::Command> {
    let all = Command::augment_subcommands(clap::Command::new("all"));
    let named = words.iter().skip(1).find_map(|word| all.find_subcommand(word))?.clone();
    let tree = clap::Command::new("lamb-auth").subcommand(named).subcommand_required(true);
    Some(Global::augment_args(tree.disable_help_subcommand(true)))
}

fn run(cli: Cli<Command>) -> anyhow::Result<Exit> {
    crate::clock::check().context("cannot use this machine's clock; set it, and try again")?;
    crate::files::check_limit().context("cannot open files; raise the limit, and try again")?;
    if cli.global.output == Output::Prometheus && !matches!(cli.command, Command::Audit(_)) {
        return Err(exit::exit_with(Exit::Usage, "-o prometheus is for audit only"));
    }
    // These need no settings, and must work where the settings are broken.
    match cli.command {
        Command::Explain(arguments) => return explain::run(&arguments, cli.global.format()),
        Command::Completions(arguments) => return completions::run(&arguments),
        Command::Sandbox(arguments) => return sandbox::run(&arguments, cli.global.format()),
        Command::Schema(arguments) => return schema::run(&arguments, cli.global.format()),
        Command::Options => return options(),
        Command::Version => return version(cli.global.format()),
        _ => {}
    }
    let context = Context::new(&cli.global)?;
    match cli.command {
        Command::Diagnose(arguments) => diagnose::run(&arguments, &context),
        Command::Audit(arguments) => audit::run(&arguments, &context),
        Command::CheckUser(arguments) => check_user::run(&arguments, &context),
        Command::CheckOwiUser(arguments) => check_owi_user::run(&arguments, &context),
        Command::ListUsers(arguments) => list_users::run(&arguments, &context),
        Command::ListOrganizations(arguments) => list_organizations::run(&arguments, &context),
        Command::VerifyToken(arguments) => verify_token::run(&arguments, &context),
        Command::RefreshToken(arguments) => refresh_token::run(&arguments, &context),
        Command::CreateCreator(arguments) => create_creator::run(&arguments, &context),
        Command::AssignRole(arguments) => assign_role::run(&arguments, &context),
        Command::UpdateCreator(arguments) => update_creator::run(&arguments, &context),
        Command::UpdateOrganization(arguments) => update_organization::run(&arguments, &context),
        Command::Sync(arguments) => sync::run(&arguments, &context),
        Command::History(arguments) => history::run(&arguments, &context),
        Command::Undo(arguments) => undo::run(&arguments, &context),
        Command::SupportBundle(arguments) => support_bundle::run(&arguments, &context),
        Command::Config(arguments) => config::run(&arguments, &context),
        Command::Explain(_)
        | Command::Completions(_)
        | Command::Sandbox(_)
        | Command::Schema(_)
        | Command::Options
        | Command::Version => Ok(Exit::Yes),
    }
}

/// Prints the same as `lamb-auth --version`, which tells nothing of formats, in the format that was asked for.
fn version(format: Format) -> anyhow::Result<Exit> {
    render::show(format, &render::version())?;
    Ok(Exit::Yes)
}

/// Prints the same as `lamb-auth help options`.
fn options() -> anyhow::Result<Exit> {
    let mut tree = tree();
    tree.build();
    if let Some(options) = tree.find_subcommand_mut(help::OPTIONS) {
        options.print_long_help().map_err(render::OutputError::from)?;
    }
    Ok(Exit::Yes)
}

/// The schema of each command's JSON, made from the types. The program prints the committed ones.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    render::made_schemas()
}

/// The whole tree, for help, completions and manual pages.
pub fn tree() -> clap::Command {
    complete::with_hints(help::grouped(Cli::<WholeCommand>::command()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_command_is_known_to_the_texts_that_name_it() {
        let tree = super::tree();
        let commands = tree.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
        let commands: BTreeSet<&str> = commands.map(clap::Command::get_name).collect();
        assert_eq!(commands, BTreeSet::from(crate::shown::COMMANDS));
    }
}
