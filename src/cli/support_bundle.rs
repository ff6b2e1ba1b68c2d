//! `support-bundle`.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::config;
use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::progress::Progress;
use super::write::JournalFlag;
use crate::audit::{self, AuditRequest};
use crate::bundle::pseudonym::{Key, KeyError};
use crate::bundle::{self, Bundle, BundleInput};
use crate::change::journal;
use crate::diagnose::{self, DiagnosisRequest, FlowName};
use crate::email::Email;
use crate::files::private::{check_private, replace_private};
use crate::messages;
use crate::render::{self, Format};

/// Create an anonymized support archive
///
/// The archive shows versions, which settings are set, the structure of both databases, and counts. It also has the
/// audit's findings, the newest runs of the journal, and the diagnosis of each --email. It has no e-mails, names,
/// organizations, secrets, tokens, hashes, paths or hosts: only numbers, yes or no, fixed words and pseudonyms. Changes
/// nothing.
///
/// Pseudonyms stay the same in all archives with the same key. If there is no key, lamb-auth creates one. Keep the key
/// and do not send it: with the key, --who shows a user's pseudonym.
///
/// Exit code 3: something could not be checked. The archive is written anyway, and says what is missing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth support-bundle --out support.tar.gz --email teacher@uni.example\n  lamb-auth support-bundle --who teacher@uni.example --key support.tar.gz.key"
)]
pub(super) struct Arguments {
    /// Archive to write, .tar.gz; - for stdout
    #[arg(long, value_name = "FILE", required_unless_present = "who")]
    out: Option<PathBuf>,
    /// Also diagnose this user; repeatable
    #[arg(short, long)]
    email: Vec<Email>,
    /// Key of the pseudonyms [default: OUT.key]
    ///
    /// Created if it does not exist. Without this flag: the archive's path with .key at its end.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print this user's pseudonym; write no archive
    #[arg(long, value_name = "EMAIL", requires = "key", conflicts_with_all = ["out", "email", "force"])]
    who: Option<Email>,
    /// Replace an archive that another program made
    #[arg(long)]
    force: bool,
    /// Do not make a test token
    #[arg(long, alias = "no-probe")]
    no_test_token: bool,
    #[command(flatten)]
    journal: JournalFlag,
}

/// How an archive of any program begins.
const GZIP: &[u8] = b"\x1f\x8b";

/// Where the archive goes, and how a file must begin that it may replace.
enum Target<'a> {
    Stdout,
    File(&'a Path, &'static [u8]),
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    if let (Some(email), Some(path)) = (&arguments.who, &arguments.key) {
        let key = Key::load(path).map_err(unusable)?;
        let key =
            key.ok_or_else(|| exit_with(Exit::Usage, format!("cannot read the key {}: no such file", path.display())))?;
        context.show(&render::pseudonym(email, &key.user(email.as_str())))?;
        return Ok(Exit::Yes);
    }
    let target = target(arguments, context)?;
    let key = key(arguments, &target)?;
    let bundle = gather(arguments, context, &key)?;
    for missing in &bundle.not_looked_at {
        messages::note(format_args!("not checked: {} ({})", missing.part, missing.why));
    }
    let archive = bundle::archive(&bundle.members).context("cannot make the archive")?;
    match target {
        Target::Stdout => stdout().lock().write_all(&archive).map_err(render::OutputError::from)?,
        Target::File(path, old) => {
            replace_private(path, &archive, old)
                .map_err(|error| exit_with(Exit::CouldNotTell, format!("--out {}: {error}", path.display())))?;
            context.show(&render::bundled(path, &bundle))?;
        }
    }
    Ok(if bundle.not_looked_at.is_empty() { Exit::Yes } else { Exit::CouldNotTell })
}

fn unusable(error: KeyError) -> anyhow::Error {
    exit_with(Exit::Usage, error.to_string())
}

fn target<'a>(arguments: &'a Arguments, context: &Context) -> anyhow::Result<Target<'a>> {
    let path = arguments.out.as_deref().unwrap_or(Path::new("-"));
    let usage = |what: String| exit_with(Exit::Usage, format!("--out {}: {what}", path.display()));
    if path.as_os_str() == "-" {
        if context.format != Format::Table {
            return Err(usage("the archive goes to stdout: leave out -o".to_owned()));
        }
        if arguments.key.is_none() {
            return Err(usage("pass --key FILE for the key of the pseudonyms".to_owned()));
        }
        if stdout().is_terminal() {
            return Err(usage("the archive is binary, and stdout is a terminal".to_owned()));
        }
        return Ok(Target::Stdout);
    }
    // What is replaced is another support bundle. With --force it is any archive, and never a database.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !name.ends_with(".tar.gz") && !name.ends_with(".tgz") {
        return Err(usage("the archive's name must end in .tar.gz".to_owned()));
    }
    let old = if arguments.force { GZIP } else { bundle::BEGIN };
    check_private(path, old).map_err(|error| usage(error.to_string()))?;
    Ok(Target::File(path, old))
}

fn key(arguments: &Arguments, target: &Target<'_>) -> anyhow::Result<Key> {
    let path = match (&arguments.key, target) {
        (Some(path), _) => path.clone(),
        (None, Target::File(out, _)) => {
            let mut name = out.as_os_str().to_owned();
            name.push(".key");
            PathBuf::from(name)
        }
        (None, Target::Stdout) => return Err(exit_with(Exit::Usage, "pass --key FILE for the key of the pseudonyms")),
    };
    if let Some(key) = Key::load(&path).map_err(unusable)? {
        return Ok(key);
    }
    let key = Key::make(&path).map_err(|error| exit_with(Exit::CouldNotTell, error.to_string()))?;
    let path = path.display();
    messages::note(format_args!(
        "created the key {path}: keep it, and do not send it. It shows which users the archive is about"
    ));
    Ok(key)
}

fn gather(arguments: &Arguments, context: &Context, key: &Key) -> anyhow::Result<Bundle> {
    let (settings, limits) = (&context.settings, context.limits);
    let probe = !arguments.no_test_token;
    let rows = config::rows(context, false).inspect_err(|error| note("settings", error));
    let there = rows.ok().map(|rows| rows.iter().map(|row| (row.name, row.there)).collect::<BTreeMap<_, _>>());
    let mut progress = Progress::new("reading", None);
    let wanted = AuditRequest { no_test_token: !probe, ..AuditRequest::default() };
    // What is wrong with the settings is what a bundle is for: it is told, and the rest is looked at all the same.
    let audited = block_on(async { Ok(audit::audit(settings, limits, &wanted, &mut |rows| progress.at(rows)).await?) });
    drop(progress);
    let audited = audited.inspect_err(|error| note("audit", error));
    let walked = |email: &Email| {
        let inquiry = DiagnosisRequest {
            flow: FlowName::Request,
            email: Some(email.clone()),
            token: None,
            password: None,
            test_token: probe,
            replay: false,
        };
        let report = block_on(async { Ok(diagnose::run(settings, limits, inquiry).await?) });
        (email.to_string(), report.inspect_err(|error| note("diagnose", error)).ok())
    };
    let reports: Vec<_> = arguments.email.iter().map(walked).collect();
    let journal = settings.lamb_db().map(|(database, _)| journal::history(&arguments.journal.path(&database)));
    let material = BundleInput {
        settings,
        there: there.as_ref(),
        audit: audited.as_ref().ok().map(|(audit, _)| audit),
        journal: journal.unwrap_or_else(|_| Ok(journal::History::default())),
        reports: &reports,
        lock_timeout: limits.lock_timeout,
    };
    bundle::bundle(material, key).context("cannot write the bundle's files")
}

/// What went wrong, in words: they are for the operator, and not in the bundle.
fn note(what: &str, error: &anyhow::Error) {
    messages::note(format_args!("{what}: {}", render::clean(&format!("{error:#}"))));
}
