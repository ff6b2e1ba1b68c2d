//! `list-organizations`.

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use super::list_users::readable;
use crate::lamb::lti::global_key_of;
use crate::{render, sqlite};

/// List organizations: status, people, managers, LMS keys
///
/// Managers are enabled owners and admins whose own organization it is. For the keys of an LMS, it shows whether they
/// are there, and never a secret. Exit codes: 0 if there are organizations, 1 if there is none.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth list-organizations -o plain")]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let (all, stored, path) = sqlite::in_place(|| -> anyhow::Result<_> {
        let db = context.lamb()?;
        readable(&db, true)?;
        Ok((db.organization_list()?, db.global_key()?, db.path().display().to_string()))
    })?;
    // What is stored on the admin page wins over the environment.
    let activities = stored.or_else(|| global_key_of(&context.settings)).map(|key| key.source);
    context.show(&render::organizations(&all, activities.as_deref(), &path))?;
    Ok(if all.is_empty() { Exit::No } else { Exit::Yes })
}
