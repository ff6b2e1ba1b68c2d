//! `verify-token`.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;

use super::context::{Context, block_on};
use super::create_creator::{self, CreateRequest};
use super::exit::{Exit, exit_with};
use super::owi_change;
use super::verify_batch::{BatchFlags, verify_batch};
use super::write::WriteFlags;
use crate::change::create_creator::NewCreator;
use crate::checks::token::Verdict;
use crate::email::Email;
use crate::files;
use crate::findings::CREATOR_MISSING;
use crate::owi::api::answers::SessionAnswer;
use crate::render;
use crate::settings::Settings;
use crate::token::presented::{MAX_BYTES, Presented};
use crate::verify::{Audience, TokenReport, VerifyRequest, verify};

/// Where a token comes from. Never from an argument: the process list shows arguments to all users of the machine.
#[derive(Debug, Args)]
pub(super) struct TokenSource {
    /// File with the token, - for stdin
    ///
    /// Without this flag, the environment variable LAMB_AUTH_TOKEN.
    #[arg(short, long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
}

impl TokenSource {
    /// The token, and by which way it came. Reads no more than could be one.
    pub(super) fn read(&self, settings: &Settings) -> anyhow::Result<Option<(Presented, String)>> {
        let limit = MAX_BYTES as u64 + 1024;
        let read = match &self.token_file {
            None => {
                let Some(secret) = settings.secret("LAMB_AUTH_TOKEN") else { return Ok(None) };
                return Ok(Some((Presented::read(secret.expose()).hidden(), "LAMB_AUTH_TOKEN".to_owned())));
            }
            Some(path) if path.as_os_str() == "-" => {
                if std::io::stdin().is_terminal() {
                    crate::messages::note("paste the token, then press Enter and Ctrl-D");
                }
                files::stdin::read_up_to(limit).map(|bytes| (bytes, "stdin".to_owned()))
            }
            Some(path) => files::read_up_to(path, limit).map(|bytes| (bytes, path.display().to_string())),
        };
        let (bytes, by) = read.map_err(|error| {
            let path = self.token_file.as_deref().unwrap_or(std::path::Path::new("stdin"));
            exit_with(Exit::Usage, format!("cannot read the token from {}: {error}", path.display()))
        })?;
        Ok(Some((Presented::read(&String::from_utf8_lossy(&bytes)).hidden(), by)))
    }
}

/// Check whether LAMB accepts a token, and if not, why
///
/// Inspects the token locally, then asks Open WebUI, then looks up the creator. Prints one verdict: valid, expired,
/// not-yet-valid, wrong-secret, claims-refused, owi-user-gone, owi-row-unreadable, revoked, wrong-kind, malformed,
/// shared-secret-trap, email-missing, email-spelling, other-user, creator-missing, creator-disabled or could-not-tell.
///
/// With --batch, prints one verdict per token, in the order of the file. With -o json, each line is an object, and the
/// last is a summary. Tokens are never shown. If Open WebUI is overloaded or drops a connection, lamb-auth retries.
///
/// A 401 in the browser whose text begins with "KB server error" or "Library Manager error" is not about the token. For
/// that, use diagnose --flow knowledge.
///
/// Exit codes: 0 valid, 1 refused, 3 could not tell. With --batch: 0 all valid, 1 any refused, 3 none refused but some
/// could not be checked.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth verify-token --token-file token.txt\n  docker-compose exec -T backend lamb-auth verify-token -t - < token.txt\n  lamb-auth verify-token -t token.txt --offline\n  lamb-auth verify-token --batch tokens.txt --jobs 16 -o plain"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    token: TokenSource,
    /// Which server must accept the token
    #[arg(long = "for", value_enum, default_value = "lamb", value_name = "WHO")]
    audience: Audience,
    /// The user that the token must belong to
    #[arg(short, long)]
    email: Option<Email>,
    /// Inspect the token locally; send no request
    ///
    /// Opens no database either.
    #[arg(long)]
    offline: bool,
    /// Create the creator if only that is missing
    ///
    /// Works like create-creator.
    #[arg(long, conflicts_with = "offline")]
    ensure_creator: bool,
    #[command(flatten)]
    batch: BatchFlags,
    #[command(flatten)]
    write: WriteFlags,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let write = &arguments.write;
    if (write.dry_run || write.yes || write.force) && !arguments.ensure_creator {
        return Err(exit_with(Exit::Usage, "--dry-run, --yes and --force need --ensure-creator"));
    }
    if let Some(path) = &arguments.batch.batch {
        return verify_batch(&arguments.batch, path, arguments.audience, arguments.offline, context);
    }
    // clap does not ask for --batch where --token-file, which rules it out, is given.
    if arguments.batch.jobs.is_some() {
        return Err(exit_with(Exit::Usage, "--jobs needs --batch"));
    }
    let Some((presented, by)) = arguments.token.read(&context.settings)? else {
        let message = "no token: pass --token-file FILE (- for stdin), or set LAMB_AUTH_TOKEN";
        return Err(exit_with(Exit::Usage, message));
    };
    if arguments.ensure_creator && arguments.audience == Audience::Owi {
        return Err(exit_with(Exit::Usage, "--ensure-creator does not work with --for owi"));
    }
    let request = VerifyRequest {
        presented,
        by,
        audience: arguments.audience,
        email: arguments.email.clone(),
        offline: arguments.offline,
    };
    let report = block_on(async { Ok(verify(&context.settings, context.limits, request).await?) })?;
    let missing = report.judged.verdict.is(&CREATOR_MISSING) && report.creator.is_none();
    if arguments.ensure_creator && missing {
        return ensure_creator(arguments, context, &report);
    }
    context.show(&render::token(&report))?;
    Ok(match report.judged.verdict {
        Verdict::Valid => Exit::Yes,
        Verdict::CouldNotTell => Exit::CouldNotTell,
        Verdict::Refused(_) => Exit::No,
    })
}

/// The account must be one that Open WebUI itself has just named, and that its file knows: otherwise the file is not
/// the server's, and what would be copied from it belongs to other users.
fn ensure_creator(arguments: &Arguments, context: &Context, report: &TokenReport) -> anyhow::Result<Exit> {
    let Some(email) = report.email.as_deref() else {
        return Err(exit_with(Exit::CouldNotTell, "the token has no e-mail"));
    };
    if let Some(SessionAnswer::Accepted(account)) = &report.open_webui {
        let db = context.owi_db()?;
        if db.user_by_id(&account.id)?.is_none() {
            let message = owi_change::stale(email, &account.id, &db.path().display().to_string());
            return Err(exit_with(Exit::Refused, message));
        }
    }
    crate::messages::note(render::clean(&report.judged.reason));
    let creator = NewCreator::of(Email::stored(email));
    create_creator::carry_out(
        context,
        &CreateRequest { creator, flags: &arguments.write, admin_token_file: None, password_stdin: false },
    )
}
