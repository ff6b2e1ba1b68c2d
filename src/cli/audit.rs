//! `audit`.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::explain::unknown;
use super::fix::{Fix, FixFlags};
use super::progress::Progress;
use super::script;
use crate::audit::{
    AT_ONCE, Audit, AuditRequest, LastRuns, Listing, PeopleFilter, audit, is_of_a_token, is_of_people, plan_repairs,
};
use crate::email::key;
use crate::files::private::{check_private, replace_private, replace_readable};
use crate::findings::{self, CREATOR_MISSING, Finding, FixStep, Severity};
use crate::render::{self, Detail};
use crate::repair::{Doing, ManualStep, RepairOutcome, Repairs};
use crate::sync::policy::Pattern;
use crate::{messages, sqlite};

/// Check all users and the platform
///
/// Runs the checks of diagnose for every creator and every Open WebUI user. The report has a line for
/// each finding, with the number of users. With --details, it also lists the first users and the fix. Without --fix,
/// nothing changes.
///
/// With --fix, it fixes for all users what diagnose --fix fixes for one, then audits again. It asks once for each kind
/// of change. Changes in LAMB are one transaction; changes in Open WebUI are made one after the other. The journal
/// records all of them. With --yes, a change that gives a user access also needs --finding. Such changes are: approve a
/// pending user, set an e-mail in Open WebUI, copy a password. Missing Open WebUI accounts are not created, because
/// each needs its own password. With --finding owi-duplicate, empty duplicate accounts are deleted; nothing restores them.
///
/// Exit codes: 1 if there is a finding of severity error (see --fail-on), 3 if something could not be checked.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth audit --details\n  lamb-auth audit --finding creator-missing -o plain\n  lamb-auth audit --email 'physics.example' --fail-on warning\n  lamb-auth audit --fix --finding role-missing --dry-run",
    after_long_help = "Examples:\n  lamb-auth audit --details\n  lamb-auth audit --finding creator-missing -o plain\n  lamb-auth audit --email 'physics.example' --fail-on warning\n  lamb-auth audit --fix --finding role-missing --dry-run\n  lamb-auth audit -o prometheus --out /var/lib/prometheus/node-exporter/lamb-auth.prom"
)]
pub(super) struct Arguments {
    /// Only this finding, with all users who have it
    #[arg(long, value_name = "ID", value_parser = finding)]
    finding: Option<&'static Finding>,
    /// Only e-mails that match this pattern or domain
    ///
    /// In a pattern, * stands for any text, and ? for one character. Quote it, so that the shell leaves it as it is.
    #[arg(long, value_name = "GLOB")]
    email: Option<Pattern>,
    /// Only users with a creator in this organization
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// Only the platform: servers, files, secrets
    ///
    /// Also whether this LAMB works with this version of Open WebUI.
    #[arg(long, conflicts_with_all = ["email", "org", "fix"])]
    platform: bool,
    /// Do not make a test token
    #[arg(long, alias = "no-probe", hide_short_help = true)]
    no_test_token: bool,
    /// Also who, how to fix each finding, and each check
    ///
    /// Implied by --finding, --platform and -v.
    #[arg(long)]
    details: bool,
    /// Also write the report to this HTML file
    #[arg(long, value_name = "FILE", conflicts_with = "fix")]
    html: Option<PathBuf>,
    /// File for the metrics of -o prometheus
    ///
    /// Written whole or not at all, and readable by all users, as node_exporter's textfile collector wants it.
    #[arg(long, value_name = "FILE", conflicts_with = "fix", hide_short_help = true)]
    out: Option<PathBuf>,
    /// Lowest severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    fix: FixFlags,
}

/// How every page of an audit begins.
const A_PAGE: &[u8] = b"<!DOCTYPE html><html lang=\"en\">";

/// From which severity on an audit fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Warnings and errors
    Warning,
    /// Errors only
    #[default]
    Error,
    /// No finding
    Never,
}

fn finding(id: &str) -> Result<&'static Finding, String> {
    let finding = findings::find(id).ok_or_else(|| unknown(id))?;
    if is_of_a_token(finding) {
        return Err("this finding is about a token, and an audit has no tokens\n  use lamb-auth verify-token, or diagnose --token-file".to_owned());
    }
    Ok(finding)
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    context.require_a_deployment()?;
    let wanted = AuditRequest {
        filter: PeopleFilter { email: arguments.email.clone(), organization: arguments.org.clone() },
        finding: arguments.finding,
        platform_only: arguments.platform,
        no_test_token: arguments.no_test_token,
        journal: arguments.fix.journal.clone(),
    };
    if let Some(finding) = wanted.finding.filter(|finding| wanted.platform_only && is_of_people(finding)) {
        let message = format!("--platform checks no users, but {} is about users\n  leave out --platform", finding.id);
        return Err(exit_with(Exit::Usage, message));
    }
    check_metrics(arguments, context)?;
    if let Some(file) = &arguments.fix.script {
        if wanted.filter.organization.is_some() {
            return Err(exit_with(
                Exit::Usage,
                "--script fixes Open WebUI's accounts, which have no organization\n  leave out --org",
            ));
        }
        let pattern = &wanted.filter.email;
        let is_wanted = |email: &str| pattern.as_ref().is_none_or(|pattern| pattern.matches(&key(email)));
        return script::write(context, "audit", file, wanted.finding, &is_wanted);
    }
    if arguments.fix.fix {
        return fix(arguments, context, &wanted);
    }
    if let Some(path) = &arguments.html {
        // Before the users are read, which may take long.
        check_private(path, A_PAGE)
            .map_err(|error| exit_with(Exit::Usage, format!("--html {}: {error}", path.display())))?;
    }
    let (audit, listing) = look(context, &wanted)?;
    let shown = if context.metrics {
        write_metrics(arguments, context, &audit)
    } else {
        render::show_audit(context.format, &audit, listing.as_ref(), detail(arguments, context))
    };
    if let Some(path) = &arguments.html {
        let cannot = |error| exit_with(Exit::CouldNotTell, format!("--html {}: {error}", path.display()));
        replace_private(path, render::audit_html(&audit).as_bytes(), A_PAGE).map_err(cannot)?;
        let path = path.display();
        messages::note(format_args!("wrote {path}, readable only by its owner because it contains e-mails"));
    }
    shown?;
    Ok(exit_of(arguments, &audit))
}

/// Metrics are of all users: those of a part would look as if the rest were gone.
fn check_metrics(arguments: &Arguments, context: &Context) -> anyhow::Result<()> {
    let usage = |why: String| Err(exit_with(Exit::Usage, why));
    if !context.metrics {
        return match arguments.out {
            Some(_) => usage("--out is the file of the metrics: add -o prometheus".to_owned()),
            None => Ok(()),
        };
    }
    let flags = [
        ("--finding", arguments.finding.is_some()),
        ("--email", arguments.email.is_some()),
        ("--org", arguments.org.is_some()),
        ("--platform", arguments.platform),
        ("--fix", arguments.fix.fix),
    ];
    if let Some((flag, _)) = flags.iter().find(|(_, is_there)| *is_there) {
        return usage(format!("-o prometheus is about everything: leave out {flag}"));
    }
    match arguments.out.as_deref().map(|path| (path, check_private(path, render::A_METRIC))) {
        Some((path, Err(error))) => usage(format!("--out {}: {error}", path.display())),
        _ => Ok(()),
    }
}

fn write_metrics(arguments: &Arguments, context: &Context, audit: &Audit) -> anyhow::Result<()> {
    let journal = arguments.fix.journal.as_deref();
    let last = sqlite::in_place(|| {
        let lamb = context.lamb();
        lamb.map_or_else(|_| LastRuns::default(), |lamb| LastRuns::of(&lamb, journal, context.limits.lock_timeout))
    });
    let text = render::metrics(audit, &last);
    match &arguments.out {
        None => Ok(render::raw(&text)?),
        Some(path) => replace_readable(path, text.as_bytes(), render::A_METRIC)
            .map_err(|error| exit_with(Exit::CouldNotTell, format!("--out {}: {error}", path.display()))),
    }
}

fn detail(arguments: &Arguments, context: &Context) -> Detail {
    match (context.verbose, arguments.details) {
        (true, _) => Detail::Evidence,
        (false, true) => Detail::Whole,
        (false, false) => Detail::Summary,
    }
}

fn look(context: &Context, wanted: &AuditRequest) -> anyhow::Result<(Audit, Option<Listing>)> {
    sqlite::in_place(|| {
        let mut progress = Progress::new("reading", None);
        block_on(async { Ok(audit(&context.settings, context.limits, wanted, &mut |rows| progress.at(rows)).await?) })
    })
}

fn exit_of(arguments: &Arguments, audit: &Audit) -> Exit {
    let fails = match arguments.fail_on {
        FailOn::Never => false,
        FailOn::Error => audit.worst() >= Some(Severity::Error),
        FailOn::Warning => audit.worst() >= Some(Severity::Warning),
    };
    match (fails, audit.could_not_tell.is_empty()) {
        (true, _) => Exit::No,
        (false, true) => Exit::Yes,
        (false, false) => Exit::CouldNotTell,
    }
}

/// `--fix`.
fn fix(arguments: &Arguments, context: &Context, wanted: &AuditRequest) -> anyhow::Result<Exit> {
    let flags = arguments.fix.write();
    let plan = || -> anyhow::Result<Repairs> {
        let mut progress = Progress::new("reading", None);
        let planned =
            async { Ok(plan_repairs(&context.settings, context.limits, wanted, &mut |rows| progress.at(rows)).await?) };
        let planned = block_on(planned)?;
        if planned.more > 0 {
            let all = planned.people + planned.more;
            let message = format!(
                "refused: {all} users need a fix, but one run fixes at most {AT_ONCE}\n  select fewer with --finding, --email or \
                 --org; lamb-auth sync --apply creates any number of missing creators"
            );
            return Err(exit_with(Exit::Refused, message));
        }
        Ok(planned.repairs)
    };
    let fix = Fix {
        context,
        command: "audit --fix",
        flags: &flags,
        admin_token_file: arguments.fix.admin_token_file.as_deref(),
        password_stdin: false,
        asks_for_access: wanted.finding.is_none(),
        again: &plan,
    };
    let planned = plan()?;
    let removed = planned.steps.clone();
    let mut fixed = fix.carry_out(planned)?;
    if fixed.is_interrupted() {
        context.show(&render::fixed_only("audit", &fixed.outcome))?;
        return Ok(Exit::Interrupted);
    }
    if fixed.outcome.is_stale {
        match plan() {
            Ok(left) => fixed.outcome.look_again(&left),
            Err(error) => cannot_look(&error),
        }
    }
    let now = match look(context, wanted) {
        Ok((now, _)) => now,
        Err(error) if !fixed.outcome.is_stale => return Err(error),
        // What was done is reported all the same.
        Err(error) => {
            cannot_look(&error);
            context.show(&render::fixed_only("audit", &fixed.outcome))?;
            return Ok(fixed.exit().unwrap_or(Exit::CouldNotTell));
        }
    };
    fixed.outcome.steps = removed.into_iter().chain(steps(&now, &fixed.outcome)).collect();
    context.show(&render::fixed(&fixed.outcome, None, render::audit(&now, detail(arguments, context))))?;
    Ok(fixed.exit().unwrap_or_else(|| exit_of(arguments, &now)))
}

fn cannot_look(error: &anyhow::Error) {
    let error = render::clean(&format!("{error:#}"));
    messages::error(format_args!("warning: cannot audit again after the changes: {error}"));
}

/// True where the step's command creates the creator that is planned.
fn creates(step: &FixStep, doing: &Doing) -> bool {
    let FixStep::Command(command) = step else { return false };
    matches!(command.words.as_slice(), [name, flag, email, ..]
        if name == "create-creator" && flag == "--email" && email == doing.email())
}

/// What is left for a person: a step for each finding, not for each who has it. What is planned is not left.
fn steps(audit: &Audit, outcome: &RepairOutcome) -> Vec<ManualStep> {
    let platform = audit.platform.findings.iter().filter(|hit| hit.severity > Severity::Info);
    let platform = platform.filter_map(|hit| {
        // LAMB's own admin is the only user that a finding about the platform creates.
        let fix = hit.fix.iter().filter(|step| !outcome.planned(&CREATOR_MISSING).any(|doing| creates(step, doing)));
        let fix: Vec<FixStep> = fix.cloned().collect();
        let detail = hit.detail.clone();
        (!fix.is_empty()).then_some(ManualStep { email: None, finding: hit.finding.id, detail, fix })
    });
    let people = audit.groups.iter().filter(|group| group.severity > Severity::Info).filter_map(|group| {
        let planned: HashSet<&str> = outcome.planned(group.finding).map(Doing::email).collect();
        let left = group.count.saturating_sub(planned.len());
        let named = group.examples.iter().map(|example| example.email.as_str());
        let named: Vec<&str> = named.filter(|email| !planned.contains(email)).collect();
        let rest = if left > named.len() { "…" } else { "" };
        let names: Vec<&str> = named.into_iter().chain([rest]).filter(|name| !name.is_empty()).collect();
        let detail = format!("{left}: {}", names.join(", "));
        (left > 0).then(|| ManualStep { email: None, finding: group.finding.id, detail, fix: group.fix.clone() })
    });
    platform.chain(people).collect()
}
