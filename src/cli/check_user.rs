//! `check-user`.

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use crate::diagnose::steps::{backend_answer, creator_entry};
use crate::email::Email;
use crate::findings::{CREATOR_MISSING, Effect, Hit, Severity};
use crate::render;

/// Show a creator as LAMB sees it
///
/// Exit 0 where LAMB finds a creator of exactly this e-mail, 1 where it has none, or has a row that it cannot use;
/// other spellings are told.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth check-user --email teacher@uni.example")]
pub(super) struct Arguments {
    /// The e-mail, in LAMB's own spelling
    #[arg(short, long)]
    email: Email,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let db = context.lamb()?;
    let (email, schema) = (&arguments.email, db.schema());
    let path = db.path().display().to_string();
    let mut hits = creator_entry::judge_tables(&path, schema);
    let evidence = db.at_once(|db| backend_answer::look_up(db, email))?;
    let judged = backend_answer::judge_creator(&evidence, schema.edition(), None, None, &path);
    // That there is none is what was asked, and no finding; nor is that it may be wanted.
    hits.extend(judged.into_iter().filter(|hit| hit.finding != &CREATOR_MISSING));
    let unusable =
        |hit: &Hit| hit.severity == Severity::Error && matches!(hit.effect, Effect::Refused | Effect::Crashes);
    let usable = evidence.creator.is_some() && !hits.iter().any(unusable);
    context.show(&render::creator(&evidence, usable, &hits, schema.edition(), &path))?;
    Ok(if usable { Exit::Yes } else { Exit::No })
}
