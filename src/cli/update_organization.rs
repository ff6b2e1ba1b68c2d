//! `update-organization`.

use clap::{ArgGroup, Args};

use super::assign_role::{find_organization, usable};
use super::context::Context;
use super::exit::Exit;
use super::write::{WriteFlags, WriteRequest, carry_out};
use crate::change::update_organization::{OrganizationInput, plan};
use crate::lamb::Edition;

/// Change an organization: its status or its config
///
/// Asks first, or needs --yes. undo restores the old values.
///
/// Refused unless --force: to replace a config that LAMB can read.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("update").multiple(true).required(true),
    override_usage = "lamb-auth update-organization --org <SLUG> <CHANGE>... [OPTIONS]",
    after_help = "Example:\n  lamb-auth update-organization --org physics --activate"
)]
pub(super) struct Arguments {
    /// The organization's slug
    #[arg(long, value_name = "SLUG")]
    org: String,
    /// Set the status to active
    #[arg(long, group = "update")]
    activate: bool,
    /// Replace config by {}
    ///
    /// The organization loses its model providers and its knowledge base server. The journal keeps the old text.
    #[arg(long, group = "update")]
    reset_config: bool,
    #[command(flatten)]
    write: WriteFlags,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let request = WriteRequest { command: "update-organization", email: &arguments.org, flags: &arguments.write };
    let db = context.lamb()?;
    usable(&db)?;
    let organization = find_organization(&db, &arguments.org)?;
    let config = db.organization_config(organization.id)?;
    let facts = OrganizationInput {
        edition: db.schema().edition().unwrap_or(Edition::Delegated),
        organization: &organization,
        config: config.as_deref(),
    };
    let plan = plan(arguments.activate, arguments.reset_config, &facts);
    drop(db);
    carry_out(context, &request, plan, "Make these changes?")
}
