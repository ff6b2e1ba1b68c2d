//! `diagnose`.

use clap::Args;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::fix::{Fix, FixFlags};
use super::lti::LtiArguments;
use super::owi_change;
use super::script;
use super::users::Users;
use super::verify_token::TokenSource;
use crate::audit::Pairs;
use crate::diagnose::report::{Overall, Report};
use crate::diagnose::{self, DiagnosisRequest, FlowName};
use crate::email::Email;
use crate::findings::{CREATOR_MISSING, Hit, OWI_USER_MISSING, PROBABLY_RENAMED};
use crate::render::{self, Reports, View};
use crate::repair::{Gatherer, Repairs};
use crate::secret::Secret;
use crate::token::presented::Presented;
use crate::{messages, sqlite};

/// Find which step fails, why, and how to fix it
///
/// Follows the failing request through its seven steps, for an e-mail, the browser's token, or both. With --flow login,
/// it follows the steps of signing in. It never sends a login: what the user sees is predicted. With --flow lti, it checks
/// the launches from an LMS, for one user or one key. With --flow knowledge, it checks the knowledge base server of the
/// user's organization, whose 401 signs users out. With --flow all, it follows all flows of a user, and ends with a table
/// of the ways in. Without a token,
/// lamb-auth makes a test token. It signs the token with a known secret for 60 seconds, or uses LAMB's trusted sign-in
/// if that cannot create an account. The report says which. Without --fix, nothing changes.
///
/// With --fix, it fixes what it can. In LAMB's database: a missing creator, role or password, and a broken user_config.
/// In Open WebUI, through its API as an admin: a pending account, a missing account, and an e-mail with uppercase
/// letters or two spellings. It asks before each kind of change, records it in the journal, and diagnoses again. The
/// rest is listed as manual steps.
///
/// Several users are diagnosed one after the other. The exit code is then the worst, in the order 1, 3, 0.
///
/// Exit codes: 0 healthy or only warnings, 1 a step fails, 3 could not tell. With --fix, the code describes the new
/// report. Then 1 also means: --dry-run found changes, or a change had no effect. 3 also means: the result of a change
/// is unknown. 4 refused, 5 partly done.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth diagnose teacher@uni.example\n  lamb-auth diagnose -o jsonl - < e-mails.txt\n  lamb-auth diagnose --token-file - < token.txt\n  lamb-auth diagnose --email teacher@uni.example -o json | jq -r .finding\n  lamb-auth diagnose --email teacher@uni.example --fix --dry-run"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    users: Users,
    #[command(flatten)]
    token: TokenSource,
    /// What the user does when it fails
    #[arg(long, value_enum, default_value_t, value_name = "FLOW")]
    flow: FlowName,
    /// Ask for the user's password, and check it offline
    ///
    /// For --flow login and all. The password is compared with the stored hashes, and never sent or kept.
    #[arg(long)]
    password_prompt: bool,
    /// Read the user's password from stdin, and check it offline
    #[arg(long, conflicts_with = "password_prompt", hide_short_help = true)]
    password_stdin: bool,
    /// Do not make a test token
    #[arg(long, alias = "no-probe")]
    no_test_token: bool,
    /// Send the real request even after a failed step
    ///
    /// lamb-auth does not send it if that could do harm.
    #[arg(long, hide_short_help = true)]
    replay: bool,
    #[command(flatten)]
    lti: LtiArguments,
    #[command(flatten)]
    fix: FixFlags,
    /// Read the password of a new Open WebUI account from stdin
    #[arg(long, requires = "fix", conflicts_with = "password_stdin", help_heading = "Changes", hide_short_help = true)]
    new_password_stdin: bool,
}

type Token = Option<(Presented, String)>;

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    stdin_has_one_use(arguments)?;
    let users = arguments.users.read()?;
    if users.len() > 1 || arguments.users.use_stdin() {
        return several(arguments, context, &users);
    }
    let email = users.first();
    if arguments.flow == FlowName::Lti {
        password(arguments, email)?;
        return lti(arguments, context, email);
    }
    arguments.lti.must_be_unused()?;
    let token = arguments.token.read(&context.settings)?;
    let password = password(arguments, email)?;
    if arguments.fix.fix && arguments.flow == FlowName::All {
        return Err(exit_with(Exit::Usage, "--fix fixes what one flow finds: name it, such as --flow login"));
    }
    if arguments.fix.fix {
        let email = email.ok_or_else(|| exit_with(Exit::Usage, "--fix needs a user: pass --email"))?;
        if let Some(file) = &arguments.fix.script {
            return script::write(context, "diagnose", file, None, &|stored| email.same_address(stored));
        }
        return fix(arguments, context, email, &token, &password);
    }
    if token.is_none() && email.is_none() {
        return Err(exit_with(Exit::Usage, "which user? pass --email or --token-file"));
    }
    let (view, exit) = look(arguments, context, email, &token, &password, &Pairs::if_quick())?;
    context.show(&view)?;
    Ok(exit)
}

/// The report of one user in one flow, or in all of them.
fn look(
    arguments: &Arguments,
    context: &Context,
    email: Option<&Email>,
    token: &Token,
    password: &Option<Secret>,
    pairs: &Pairs,
) -> anyhow::Result<(View, Exit)> {
    if arguments.flow == FlowName::All {
        context.require_a_deployment()?;
        let all = sqlite::in_place(|| {
            let request = request(arguments, email, token, password);
            let mut all =
                block_on(async { Ok(diagnose::all::run(&context.settings, context.limits, request).await?) })?;
            all.reports.iter_mut().for_each(|(_, report)| weigh(context, report, pairs));
            Ok::<_, anyhow::Error>(all)
        })?;
        return Ok((render::all_flows(&all, context.verbose), exit_of(all.overall())));
    }
    let report = diagnose(arguments, context, email, token, password, pairs)?;
    Ok((render::diagnosis_to_fix(&report, context.verbose), exit_of(report.overall)))
}

/// Several users, one after the other. The exit code is the worst: a "no", else that something could not be told.
fn several(arguments: &Arguments, context: &Context, users: &[Email]) -> anyhow::Result<Exit> {
    let refused = [
        (arguments.fix.fix, "--fix fixes one user: pass one e-mail, or use audit --fix with --email or --finding"),
        (arguments.flow == FlowName::Lti, "--flow lti is about one user: pass one e-mail"),
        (arguments.password_prompt || arguments.password_stdin, "a password belongs to one user: pass one e-mail"),
        (
            arguments.token.read(&context.settings)?.is_some(),
            "a token belongs to one user: pass one e-mail, or no token",
        ),
    ];
    if let Some((_, why)) = refused.iter().find(|(is_wanted, _)| *is_wanted) {
        return Err(exit_with(Exit::Usage, *why));
    }
    arguments.lti.must_be_unused()?;
    let mut reports = Reports::new(context.format);
    let mut worst = Exit::Yes;
    let pairs = Pairs::of_all();
    for email in users {
        let (view, exit) = look(arguments, context, Some(email), &None, &None, &pairs)?;
        reports.push(view)?;
        worst = match (worst, exit) {
            (Exit::No, _) | (_, Exit::No) => Exit::No,
            (Exit::CouldNotTell, _) | (_, Exit::CouldNotTell) => Exit::CouldNotTell,
            _ => exit,
        };
    }
    reports.end()?;
    Ok(worst)
}

/// Refuses two things that are both read from stdin.
fn stdin_has_one_use(arguments: &Arguments) -> anyhow::Result<()> {
    let token = arguments.token.token_file.as_deref().is_some_and(|path| path.as_os_str() == "-");
    let uses = [
        ("the list of users", arguments.users.use_stdin()),
        ("the token", token),
        ("the password", arguments.password_stdin),
        ("the new password", arguments.new_password_stdin),
    ];
    let uses: Vec<&str> = uses.iter().filter(|(_, is_used)| *is_used).map(|(what, _)| *what).collect();
    match uses.as_slice() {
        [first, second, ..] => {
            Err(exit_with(Exit::Usage, format!("stdin can be read once, but has two uses: {first} and {second}")))
        }
        _ => Ok(()),
    }
}

/// A launch from an LMS: there is no token, and nothing here to fix.
fn lti(arguments: &Arguments, context: &Context, email: Option<&Email>) -> anyhow::Result<Exit> {
    if arguments.fix.fix {
        return Err(exit_with(Exit::Usage, "--fix does not work with --flow lti"));
    }
    let report = sqlite::in_place(|| {
        let request = arguments.lti.request(email, !arguments.no_test_token)?;
        block_on(async { Ok(diagnose::lti::run(&context.settings, context.limits, request).await?) })
    })?;
    context.show(&render::diagnosis(&report, context.verbose))?;
    Ok(exit_of(report.overall))
}

fn diagnose(
    arguments: &Arguments,
    context: &Context,
    email: Option<&Email>,
    token: &Token,
    password: &Option<Secret>,
    pairs: &Pairs,
) -> anyhow::Result<Report> {
    context.require_a_deployment()?;
    sqlite::in_place(|| {
        let request = request(arguments, email, token, password);
        let mut report = block_on(async { Ok(diagnose::run(&context.settings, context.limits, request).await?) })?;
        weigh(context, &mut report, pairs);
        Ok(report)
    })
}

/// If one side lacks the user, looks for it among all users.
fn weigh(context: &Context, report: &mut Report, pairs: &Pairs) {
    let Some(email) = report.judged.as_deref().map(Email::stored) else { return };
    let mut hits: Vec<&mut Hit> = report.steps.iter_mut().flat_map(|step| &mut step.findings).collect();
    pairs.weigh(&context.settings, context.limits, &email, &mut hits);
    let is_renamed = hits.iter().any(|hit| hit.finding == &PROBABLY_RENAMED);
    if is_renamed && report.finding.is_some_and(|id| [CREATOR_MISSING.id, OWI_USER_MISSING.id].contains(&id)) {
        report.finding = Some(PROBABLY_RENAMED.id);
    }
}

fn request(arguments: &Arguments, email: Option<&Email>, token: &Token, password: &Option<Secret>) -> DiagnosisRequest {
    DiagnosisRequest {
        flow: arguments.flow,
        email: email.cloned(),
        token: token.clone(),
        password: password.clone(),
        test_token: !arguments.no_test_token,
        replay: arguments.replay,
    }
}

/// The user's password, where one is handed in: never by an argument.
fn password(arguments: &Arguments, email: Option<&Email>) -> anyhow::Result<Option<Secret>> {
    let flag = match (arguments.password_prompt, arguments.password_stdin) {
        (false, false) => return Ok(None),
        (true, _) => "--password-prompt",
        (_, true) => "--password-stdin",
    };
    let usage = |why: &str| exit_with(Exit::Usage, format!("{flag}: {why}"));
    if !matches!(arguments.flow, FlowName::Login | FlowName::All) {
        return Err(usage("only signing in has a password: add --flow login or all"));
    }
    let password = if arguments.password_stdin {
        crate::files::stdin::password().map_err(|error| usage(&format!("cannot read stdin: {error}")))?
    } else if owi_change::can_ask() {
        let email = email.map_or("the user", Email::as_str);
        let prompt = format!("Password of {} (checked offline)", render::clean(email));
        owi_change::ask_password(prompt, false).map_err(|error| usage(&format!("no password ({error})")))?
    } else {
        return Err(usage("this is not a terminal; pass the password with --password-stdin"));
    };
    if password.is_empty() {
        return Err(usage("the password is empty"));
    }
    Ok(Some(password))
}

fn exit_of(overall: Overall) -> Exit {
    match overall {
        Overall::Healthy | Overall::Warnings => Exit::Yes,
        Overall::Fails => Exit::No,
        Overall::CouldNotTell | Overall::NotTried => Exit::CouldNotTell,
    }
}

fn fix(
    arguments: &Arguments,
    context: &Context,
    email: &Email,
    token: &Token,
    password: &Option<Secret>,
) -> anyhow::Result<Exit> {
    let flags = arguments.fix.write();
    let has_password = arguments.new_password_stdin || owi_change::can_ask();
    let look = || -> anyhow::Result<(Report, Repairs)> {
        let report = diagnose(arguments, context, Some(email), token, password, &Pairs::of_all())?;
        let judged = report.email.as_deref().map_or_else(|| email.clone(), Email::stored);
        let hits: Vec<Hit> = report.steps.iter().flat_map(|step| &step.findings).cloned().collect();
        let gatherer = Gatherer::open(&context.settings, context.limits, has_password);
        let repairs = block_on(async { Ok(gatherer.plan(email, &judged, &hits).await?) })?;
        Ok((report, repairs))
    };
    let (report, repairs) = look()?;
    if !flags.dry_run && !flags.yes && !repairs.repairs.is_empty() {
        context.show_on_stderr(&render::diagnosis(&report, context.verbose).sheet);
    }
    let fix = Fix {
        context,
        command: "diagnose --fix",
        flags: &flags,
        admin_token_file: arguments.fix.admin_token_file.as_deref(),
        password_stdin: arguments.new_password_stdin,
        asks_for_access: false,
        again: &|| Ok(look()?.1),
    };
    let mut fixed = fix.carry_out(repairs)?;
    if fixed.is_interrupted() {
        context.show(&render::fixed_only("diagnose", &fixed.outcome))?;
        return Ok(Exit::Interrupted);
    }
    let was = render::Before {
        overall: report.overall,
        first_failing_step: report.first_failing_step,
        finding: report.finding,
    };
    let again = if fixed.outcome.is_stale { Some(look()) } else { None };
    let (before, now, exit) = match again {
        None => (None, report, None),
        Some(Ok((now, left))) => {
            fixed.outcome.look_again(&left);
            // What was fixed may have been in the way of seeing the rest.
            fixed.outcome.steps = left.steps;
            (Some(was), now, None)
        }
        // What was done is reported all the same.
        Some(Err(error)) => {
            messages::error(format_args!(
                "warning: cannot diagnose again; the report below is from before the changes: {}",
                render::clean(&format!("{error:#}"))
            ));
            (None, report, Some(Exit::CouldNotTell))
        }
    };
    context.show(&render::fixed(&fixed.outcome, before, render::diagnosis(&now, context.verbose)))?;
    Ok(fixed.exit().or(exit).unwrap_or_else(|| exit_of(now.overall)))
}
