//! `audit`.

mod duplicates;
mod platform;
mod summary;

use anyhow::Context as _;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{line, output, value};
use super::layout::wrap;
use super::sheet::{Sheet, Style, Tone, tone, word};
use super::stream::{cut, flat};
use super::{Format, View, show, stream};
use crate::audit::Listing;
use crate::audit::report::{Audit, AuditScope, Example, Group, PeopleTotals};
use crate::findings::{FixStep, Hit, OWI_DUPLICATE, Severity};

/// Writes an audit to stdout, and then the listed users one by one: there may be a million.
///
/// # Errors
/// Where stdout cannot be written, or the listing cannot be read.
pub(crate) fn show_audit(
    format: Format,
    found: &Audit,
    listing: Option<&Listing>,
    detail: Detail,
) -> anyhow::Result<()> {
    let mut view = audit(found, detail);
    let Some(listing) = listing else { return Ok(show(format, &view)?) };
    if let Some(all) = view.json.as_object_mut() {
        // They follow one by one.
        all.remove("users");
    }
    let style = Style::of_stdout();
    let (begin, end) = match format {
        Format::Table => (view.sheet.body(style), view.sheet.end(style)),
        Format::Plain => (view.sheet.plain(), String::new()),
        Format::Json => (stream::json_begin(&view.json, "users"), stream::json_end(serde_json::json!({}))),
        Format::Jsonl => (super::line_with_schema(&view.json), String::new()),
    };
    let mut lines = stream::Lines::default();
    lines.push(&begin)?;
    for (number, example) in listing.read().enumerate() {
        let example = example.context("cannot read the list of users from its temporary file")?;
        let line = match format {
            Format::Json => stream::json_entry(number == 0, value(example)),
            Format::Jsonl => super::line_with_schema(&output("audit", ExampleLine { user: example })),
            Format::Plain => {
                let command = example.command.as_deref().unwrap_or("-");
                format!("user\t{}\t{}\t{}\n", flat(&example.email), flat(&example.detail), flat(command))
            }
            Format::Table => {
                let command = example.command.map(|command| format!("    → {}\n", flat(&command)));
                let (email, detail) = (cut(&flat(&example.email), LONG), cut(&flat(&example.detail), LONGEST));
                let line = format!("  {email:<36}  {detail}");
                let fits = line.chars().count() <= style.width();
                let line = if fits { line } else { format!("  {email}\n{}", wrap(&detail, style.width(), "    ")) };
                format!("{line}\n{}", command.unwrap_or_default())
            }
        };
        lines.push(&line)?;
    }
    lines.push(&end)?;
    Ok(lines.flush()?)
}

/// An audit of all users and of the platform.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AuditFields<'a> {
    #[serde(flatten)]
    audit: &'a Audit,
    /// The worst severity of all findings; null where there is none.
    worst: Option<Severity>,
    /// With `--finding`: all who have it. With `-o jsonl`, each of them is a line. Null where they could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Option<&'a [Example]>>,
    /// The command that comes next; null where there is nothing to fix.
    next: Option<String>,
}

/// One user with `--finding` and `-o jsonl`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ExampleLine {
    user: Example,
}

/// So many characters of an e-mail, and of what was seen, are shown to people; awk and JSON get them all.
const LONG: usize = 80;
const LONGEST: usize = 600;

/// How much of an audit people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// The answer, a line for each finding, and the next command.
    Summary,
    /// Also the users of each finding, how to fix it, and the checks of the platform.
    Whole,
    /// Also all that was seen of the platform.
    Evidence,
}

/// An audit.
pub(crate) fn audit(audit: &Audit, detail: Detail) -> View {
    // What was asked for by its name is told whole.
    let is_asked_for = audit.scope.finding.is_some() || audit.scope.platform_only;
    let detail = if is_asked_for { detail.max(Detail::Whole) } else { detail };
    let edition = audit.edition.map_or_else(|| "edition not known".to_owned(), |edition| edition.to_string());
    let owi = audit.owi_version.as_deref().unwrap_or("not reached");
    let (tone, conclusion) = conclusion(audit);
    let mut sheet = Sheet::default()
        .title(tone, format!("{conclusion} (LAMB {edition}, Open WebUI {owi})"))
        .plain_row(&["result", audit.worst().map_or("sound", word)]);
    if let Some(people) = &audit.people {
        let PeopleTotals { creators, owi_users, addresses, students, .. } = people;
        let person = if *addresses == 1 { "person" } else { "people" };
        sheet = sheet.text(format!(
            "{addresses} {person}: {creators} creators, {owi_users} users of Open WebUI, {students} students"
        ));
        for (what, count) in counts(people) {
            sheet = sheet.plain_row(&["people", what, &count.to_string()]);
        }
    }
    sheet = summary::summary(sheet, audit);
    // Where one finding is asked for, the platform is only told as far as it has it.
    if audit.scope.finding.is_none() || !audit.platform.findings.is_empty() {
        sheet = platform::platform(sheet, &audit.platform, detail);
    }
    if detail >= Detail::Whole {
        sheet = people_details(sheet, audit);
    }
    for group in &audit.groups {
        sheet = plain_group(sheet, group);
    }
    sheet = duplicates::duplicates(sheet, &audit.duplicates, audit.more_duplicates, detail);
    for why in &audit.could_not_tell {
        sheet = sheet.text(format!("could not tell: {why}")).plain_row(&["could-not-tell", why]);
    }
    let next = summary::next(audit);
    let fields = AuditFields {
        audit,
        worst: audit.worst(),
        users: audit.scope.finding.is_some().then_some(None),
        next: next.as_ref().map(line),
    };
    let json = output("audit", fields);
    let answer = match &audit.people {
        Some(people) if audit.scope.finding.is_none() => format!("{conclusion}: {}", people_in_brief(people)),
        _ => conclusion,
    };
    if detail == Detail::Summary && audit.worst().is_some() {
        sheet = sheet.text("--details shows the users of each finding, and how to fix it");
    }
    View { json, sheet: sheet.closing(tone, answer, next) }
}

/// Each finding with the first few who have it, and how to fix it for them.
fn people_details(mut sheet: Sheet, audit: &Audit) -> Sheet {
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        // The accounts of one e-mail, and how to merge them, have their own part of the page.
        let is_here = |group: &&Group| group.finding != &OWI_DUPLICATE || audit.duplicates.is_empty();
        let these = audit.groups.iter().filter(|group| group.severity == severity).filter(is_here);
        let these: Vec<Hit> = these.map(as_hit).collect();
        if !these.is_empty() {
            sheet = sheet.title(super::sheet::tone(severity), heading(severity)).people_findings(these);
        }
    }
    sheet
}

fn counts(people: &PeopleTotals) -> [(&'static str, usize); 6] {
    [
        ("creators", people.creators),
        ("owi-users", people.owi_users),
        ("addresses", people.addresses),
        ("students", people.students),
        ("sound", people.sound),
        ("failing", people.failing),
    ]
}

/// How many have what, in half a line.
fn people_in_brief(people: &PeopleTotals) -> String {
    let PeopleTotals { addresses, sound, failing, .. } = people;
    format!("{failing} with errors, {} with warnings, {sound} sound", addresses - sound - failing)
}

fn conclusion(audit: &Audit) -> (Tone, String) {
    let untold = !audit.could_not_tell.is_empty();
    if let Some(id) = &audit.scope.finding {
        let found = audit.groups.iter().map(|group| group.count).sum::<usize>() + audit.platform.findings.len();
        return match (found, audit.worst()) {
            (0, _) if untold => {
                (Tone::Warn, format!("Could not tell: {id} was not found, but some checks could not run"))
            }
            (0, _) => (Tone::Good, format!("No user has {id}")),
            (_, worst) => {
                let users = audit.groups.iter().map(|group| group.count).sum::<usize>();
                let users = match users {
                    0 => String::new(),
                    1 => ", 1 user".to_owned(),
                    users => format!(", {users} users"),
                };
                (tone(worst.unwrap_or(Severity::Info)), format!("Found: {id}{users}"))
            }
        };
    }
    if let (Some(PeopleTotals { addresses: 0, .. }), Some(wanted)) = (&audit.people, no_match(&audit.scope)) {
        return (Tone::Warn, wanted);
    }
    match audit.worst() {
        Some(Severity::Error) => (tone(Severity::Error), "Errors found".to_owned()),
        Some(Severity::Warning) if untold => {
            (Tone::Warn, "Could not tell: only warnings found, but some checks could not run".to_owned())
        }
        Some(Severity::Warning) => (tone(Severity::Warning), "No errors, only warnings".to_owned()),
        _ if untold => (Tone::Warn, "Could not tell: no problem found, but some checks could not run".to_owned()),
        _ => (Tone::Good, "Healthy: no problems found".to_owned()),
    }
}

/// What to say where the users that were asked for do not exist; `None` where all were.
fn no_match(scope: &AuditScope) -> Option<String> {
    match (&scope.email, &scope.organization) {
        (None, None) => None,
        (Some(email), None) => Some(format!("No address matches {email} (* and ? are wildcards)")),
        (None, Some(slug)) => Some(format!("No creator is in the organization {slug}")),
        (Some(email), Some(slug)) => {
            Some(format!("No address of a creator in {slug} matches {email} (* and ? are wildcards)"))
        }
    }
}

fn heading(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Errors: these users cannot work or cannot log in",
        Severity::Warning => "Warnings: works now, will cause problems later",
        Severity::Info => "For information",
    }
}

/// As a finding of one user is shown: with how many have it, and who they are, in place of what was seen.
fn as_hit(group: &Group) -> Hit {
    let names: Vec<String> = group.examples.iter().map(|example| cut(&flat(&example.email), LONG)).collect();
    let rest = group.count - names.len().min(group.count);
    let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
    let detail = match (group.count, group.examples.first()) {
        (1, Some(only)) if only.detail.contains(&only.email) => cut(&only.detail, LONGEST),
        (1, Some(only)) => format!("{}: {}", cut(&flat(&only.email), LONG), cut(&only.detail, LONGEST)),
        (count, _) => format!("{count}: {}{rest}", names.join(", ")),
    };
    let fix = if group.count > 1 { own_commands(group) } else { group.fix.clone() };
    Hit::new(group.finding, detail).severity(group.severity, group.finding.effect).fixed_by(fix)
}

/// How to fix it for all of them, and the commands for those who are named.
fn own_commands(group: &Group) -> Vec<FixStep> {
    let named = group.examples.iter().filter_map(|example| example.command.as_deref());
    group.fix.iter().cloned().chain(named.map(|command| FixStep::advice(command.to_owned()))).collect()
}

fn plain_group(mut sheet: Sheet, group: &Group) -> Sheet {
    let (id, count) = (group.finding.id, group.count.to_string());
    sheet = sheet.plain_row(&["finding", id, word(group.severity), &count, group.finding.title]);
    for Example { email, detail, command } in &group.examples {
        sheet = sheet.plain_row(&["example", id, email, detail, command.as_deref().unwrap_or("-")]);
    }
    sheet.plain_fixes(id, &group.fix)
}
