//! `refresh-token`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::owi_change;
use crate::email::Email;
use crate::files::private::{check_private, replace_private};
use crate::messages;
use crate::refresh::{Fresh, RefreshRequest, Way, prepare};
use crate::render::{self, Format};
use crate::secret::Secret;

/// How every token begins: `{"` in base64.
const A_TOKEN: &[u8] = b"eyJ";

/// Get a new token for a user, without the user's browser
///
/// Prints only the token on stdout, or writes it to --out FILE, which only its owner can read. Messages on stderr name
/// the user and the token's lifetime. lamb-auth checks the token like verify-token, and withholds one that LAMB would
/// refuse.
///
/// Without --by, lamb-auth picks the way whose token this LAMB's pages accept. Usually it is LAMB's login, with the
/// user's password. If Open WebUI trusts no header, it is Open WebUI's password sign-in. If a delegated LAMB cannot
/// read Open WebUI's database, it is trusted sign-in.
///
/// A login has the same effects as in the browser: a native LAMB creates an Open WebUI account for a creator without
/// one. Trusted sign-in is only used for an e-mail that this server is known to have.
///
/// Exit codes: 0 with a token, 1 refused, 3 not reachable, 4 stopped by a guard.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth refresh-token --email teacher@uni.example --out token.txt\n  lamb-auth refresh-token --email teacher@uni.example --password-stdin < password.txt\n  lamb-auth refresh-token --email teacher@uni.example --by trusted | lamb-auth diagnose --token-file -"
)]
pub(super) struct Arguments {
    /// The e-mail as LAMB spells it
    #[arg(short, long)]
    email: Email,
    /// How to get the token [default: the way that fits]
    #[arg(long, value_enum, value_name = "WAY")]
    by: Option<Way>,
    /// Read the user's password from stdin
    #[arg(long)]
    password_stdin: bool,
    /// File for the token, - for stdout; required with -o json
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Log in even if LAMB may write to Open WebUI's database
    #[arg(long)]
    force: bool,
}

impl Arguments {
    /// The file that the token goes to; none for stdout.
    fn file(&self) -> Option<&Path> {
        self.out.as_deref().filter(|path| path.as_os_str() != "-")
    }
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    if arguments.by == Some(Way::Trusted) && arguments.password_stdin {
        return Err(exit_with(Exit::Usage, "--password-stdin: trusted sign-in uses no password"));
    }
    // JSON is kept, piped and logged as a whole: the operator must have asked for a token in it.
    if context.format.is_json() && arguments.out.is_none() {
        let message = "-o json needs --out FILE, or --out - to put the token into the JSON";
        return Err(exit_with(Exit::Usage, message));
    }
    if let Some(path) = arguments.file() {
        check_private(path, A_TOKEN)
            .map_err(|error| exit_with(Exit::Usage, format!("--out {}: {error}", path.display())))?;
    }
    let fresh = block_on(async {
        let order = RefreshRequest { email: &arguments.email, way: arguments.by, force: arguments.force };
        let ready = prepare(&context.settings, context.limits, &order).await?;
        let password = if ready.way.takes_password() {
            Some(ask_password(arguments, ready.way)?)
        } else if arguments.password_stdin {
            let message = "--password-stdin: this deployment uses trusted sign-in, which uses no password";
            return Err(exit_with(Exit::Usage, message));
        } else {
            None
        };
        Ok(ready.take(password.as_ref()).await?)
    })?;
    hand_out(arguments, context, &fresh)
}

fn hand_out(arguments: &Arguments, context: &Context, fresh: &Fresh) -> anyhow::Result<Exit> {
    let email = arguments.email.as_str();
    if let Some(path) = arguments.file() {
        let line = Secret::new(format!("{}\n", fresh.token.expose()));
        replace_private(path, line.expose().as_bytes(), A_TOKEN)
            .map_err(|error| exit_with(Exit::CouldNotTell, format!("--out {}: {error}", path.display())))?;
    }
    for note in &fresh.notes {
        messages::note(format_args!("note: {}", render::clean(note)));
    }
    messages::note(render::clean(&render::refreshed_words(email, fresh, arguments.file())));
    match (context.format, arguments.file()) {
        (Format::Json | Format::Jsonl, Some(file)) => context.show(&render::refreshed(email, fresh, Some(file)))?,
        (Format::Json | Format::Jsonl, None) => {
            render::show_with_token(&render::refreshed(email, fresh, None), &fresh.token)?
        }
        (_, None) => render::raw(&format!("{}\n", fresh.token.expose()))?,
        (_, Some(_)) => {}
    }
    Ok(Exit::Yes)
}

/// The user's password: never an argument, never shown.
fn ask_password(arguments: &Arguments, way: Way) -> anyhow::Result<Secret> {
    let password = if arguments.password_stdin {
        crate::files::stdin::password()
            .map_err(|error| exit_with(Exit::Usage, format!("cannot read the password from stdin: {error}")))?
    } else if owi_change::can_ask() {
        let prompt = format!("Password of {} for {way}", render::clean(arguments.email.as_str()));
        owi_change::ask_password(prompt, false)
            .map_err(|error| exit_with(Exit::Refused, format!("no password ({error}); nothing was sent")))?
    } else {
        let message = format!("refused: {way} needs the user's password, and this is not a terminal");
        return Err(exit_with(Exit::Refused, format!("{message}\n  pass the password with --password-stdin")));
    };
    if password.is_empty() {
        return Err(exit_with(Exit::Usage, "the password is empty; nothing was sent"));
    }
    Ok(password)
}
