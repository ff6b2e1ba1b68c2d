//! `diagnose`.

use clap::Args;

use super::context::{Context, block_on};
use super::exit::{Exit, told};
use super::verify_token::TokenSource;
use crate::diagnose::report::Overall;
use crate::diagnose::{Inquiry, walk};
use crate::email::Email;
use crate::render;

/// Walk the seven steps of the failing request, and say which one fails, why, and what mends it
///
/// With an e-mail, with the browser's token, or with both. Without a token one is made for the purpose: signed with the
/// secret at hand for sixty seconds, else by LAMB's own trusted sign-in where that cannot create an account; the report
/// says which. Changes nothing. Exit 0 healthy (warnings too), 1 a step fails, 3 could not tell.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth diagnose --email teacher@uni.example\n  lamb-auth diagnose --token-file - < token.txt\n  lamb-auth diagnose --email teacher@uni.example -o json | jq -r .finding"
)]
pub(super) struct Arguments {
    /// The user's e-mail
    #[arg(short, long)]
    email: Option<Email>,
    #[command(flatten)]
    token: TokenSource,
    /// Make no token for the purpose
    #[arg(long)]
    no_probe: bool,
    /// Replay the real request even after a failed step, where that does no harm
    #[arg(long)]
    replay: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let token = arguments.token.read(&context.settings)?;
    if token.is_none() && arguments.email.is_none() {
        return Err(told(Exit::Usage, "whom shall this be about? give --email, or a token by --token-file"));
    }
    let inquiry =
        Inquiry { email: arguments.email.clone(), token, probe: !arguments.no_probe, replay: arguments.replay };
    let report = block_on(async { Ok(walk(&context.settings, context.limits, inquiry).await?) })?;
    context.show(&render::diagnosis(&report, context.verbose))?;
    Ok(match report.overall {
        Overall::Healthy | Overall::Warnings | Overall::NotTried => Exit::Yes,
        Overall::Fails => Exit::No,
        Overall::CouldNotTell => Exit::CouldNotTell,
    })
}
