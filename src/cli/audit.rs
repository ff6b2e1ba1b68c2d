//! `audit`.

use std::path::PathBuf;

use clap::Args;

use super::context::{Context, block_on};
use super::exit::{Exit, told};
use super::explain::unknown;
use super::progress::Progress;
use crate::audit::{Wanted, Whom, audit};
use crate::change::{check_private, replace_private};
use crate::findings::{self, Finding, Severity};
use crate::render;
use crate::sync::policy::Pattern;
use crate::talk;

/// Look at the whole deployment: everybody of both sides, and the platform once
///
/// Every creator and every user of Open WebUI comes before the judges of diagnose; what is found is told by finding,
/// with how many have it, the first few, and what mends it. Changes nothing. Exit 1 where anything of severity error is
/// found (see --fail-on), 3 where something could not be looked at.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth audit\n  lamb-auth audit --finding creator-missing -o plain\n  lamb-auth audit --email 'physics.example' --fail-on warning\n  lamb-auth audit --html audit.html"
)]
pub(super) struct Arguments {
    /// Only this finding, and everybody who has it
    #[arg(long, value_name = "ID", value_parser = finding)]
    finding: Option<&'static Finding>,
    /// Only addresses like this: a domain, or a pattern with * and ?
    #[arg(long, value_name = "GLOB")]
    email: Option<Pattern>,
    /// Only people with a creator in this organisation
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// Only the platform: servers, files, secrets, and whether this LAMB works with this Open WebUI
    #[arg(long, conflicts_with_all = ["email", "org"])]
    platform: bool,
    /// Make no token for the purpose
    #[arg(long)]
    no_probe: bool,
    /// Write one page for a browser to this file, too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// From which severity on the exit code is 1
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
}

/// From which severity on an audit fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Warnings too
    Warning,
    /// Errors only
    #[default]
    Error,
    /// Nothing that is found
    Never,
}

fn finding(id: &str) -> Result<&'static Finding, String> {
    findings::find(id).ok_or_else(|| unknown(id))
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let wanted = Wanted {
        whom: Whom { email: arguments.email.clone(), organization: arguments.org.clone() },
        finding: arguments.finding,
        platform_only: arguments.platform,
        no_probe: arguments.no_probe,
    };
    if let Some(path) = &arguments.html {
        // Before a long look at everybody, not after it.
        check_private(path).map_err(|error| told(Exit::Usage, format!("--html {}: {error}", path.display())))?;
    }
    let mut progress = Progress::new("reading", None);
    let audited = async { Ok(audit(&context.settings, context.limits, &wanted, &mut |rows| progress.at(rows)).await?) };
    let (audit, listing) = block_on(audited)?;
    drop(progress);
    if let Some(path) = &arguments.html {
        let page = render::audit_html(&audit);
        let cannot = |error| told(Exit::Usage, format!("cannot write {}: {error}", path.display()));
        replace_private(path, page.as_bytes()).map_err(cannot)?;
        talk::note(format_args!(
            "the page is in {}, readable by its owner only: there are e-mails in it",
            path.display()
        ));
    }
    render::show_audit(context.format, &audit, listing.as_ref(), context.verbose)?;
    let fails = match arguments.fail_on {
        FailOn::Never => false,
        FailOn::Error => audit.worst() >= Some(Severity::Error),
        FailOn::Warning => audit.worst() >= Some(Severity::Warning),
    };
    Ok(match (fails, audit.could_not_tell.is_empty()) {
        (true, _) => Exit::No,
        (false, true) => Exit::Yes,
        (false, false) => Exit::CouldNotTell,
    })
}
