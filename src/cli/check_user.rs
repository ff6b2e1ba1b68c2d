//! `check-user`.

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use crate::diagnose::steps::creator_entry;
use crate::email::Email;
use crate::findings::{COLUMNS_MISSING, EMAIL_SPELLING, Hit, LAMB_TABLES_MISSING, LMS_STUDENT, Mend};
use crate::render;

/// Show a creator as LAMB sees it
///
/// Exit 0 where LAMB has a creator of exactly this e-mail, 1 where it has none; other spellings are told.
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
    let creator = db.creator(email.as_str())?;
    let mut hits = Vec::new();
    if schema.prefix_is_wrong() {
        hits.push(creator_entry::prefix_wrong(&path, schema));
    } else if schema.tables.is_none() {
        hits.push(Hit::new(&LAMB_TABLES_MISSING, format!("{path} has no tables with the prefix {}", schema.prefix)));
    }
    if let Some(set) = schema.tables.as_ref().filter(|set| set.is_incomplete()) {
        hits.push(Hit::new(&COLUMNS_MISSING, format!("{path} lacks {}", set.missing.join(", "))));
    }
    let mut others = Vec::new();
    if creator.is_none() {
        others = db.other_spellings(email)?;
        for other in &others {
            let detail = format!("{path} has {other:?}, not {:?}", email.as_str());
            hits.push(Hit::new(&EMAIL_SPELLING, detail).mended_by([Mend::command(&["check-user", "--email", other])]));
        }
        if let Some(why) = db.student(email)? {
            hits.push(Hit::new(&LMS_STUDENT, format!("{email} is a student who came in through the LMS ({why})")));
        }
    }
    context.show(&render::creator(email.as_str(), creator.as_ref(), &others, &hits, schema.edition(), &path))?;
    Ok(if creator.is_some() { Exit::Yes } else { Exit::No })
}
