//! The first screen of an audit: a line for each finding, and the command that comes next.

use super::super::sheet::{Sheet, Tone, tone, word};
use crate::audit::report::Audit;
use crate::findings::{Finding, FixStep, Outcome, Severity};
use crate::render::diagnosis::mark;

/// A finding about the platform or about people, as a line of the table.
struct Row<'a> {
    finding: &'static Finding,
    severity: Severity,
    /// How many have it; `None` where it is about the platform.
    people: Option<usize>,
    fix: &'a [FixStep],
}

/// All findings, the worst first; of these the platform's.
fn rows(audit: &Audit) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for hit in &audit.platform.findings {
        if rows.iter().all(|row| row.finding != hit.finding) {
            rows.push(Row { finding: hit.finding, severity: hit.severity, people: None, fix: &hit.fix });
        }
    }
    rows.extend(audit.groups.iter().map(|group| Row {
        finding: group.finding,
        severity: group.severity,
        people: Some(group.count),
        fix: &group.fix,
    }));
    rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
    rows
}

/// The first command among the steps.
fn command(fix: &[FixStep]) -> Option<&FixStep> {
    fix.iter().find(|step| matches!(step, FixStep::Command(_)))
}

/// What fixes it, in a word or two.
fn kind(fix: &[FixStep]) -> String {
    match command(fix) {
        Some(FixStep::Command(command)) => {
            let fixes = command.switches.iter().any(|switch| switch == "--fix");
            let name = command.words.first().map_or("", String::as_str);
            if fixes { format!("{name} --fix") } else { name.to_owned() }
        }
        _ => "manual steps".to_owned(),
    }
}

/// Adds the table of findings, and how the checks of the platform came out.
pub(super) fn summary(mut sheet: Sheet, audit: &Audit) -> Sheet {
    let rows = rows(audit);
    let shown = rows.iter().filter(|row| row.severity > Severity::Info).map(|row| {
        let tone = tone(row.severity);
        vec![
            (format!("  {}", row.finding.id), tone),
            (word(row.severity).to_owned(), tone),
            (row.people.map_or_else(|| "platform".to_owned(), |count| count.to_string()), Tone::Plain),
            (kind(row.fix), Tone::Plain),
        ]
    });
    let shown: Vec<_> = shown.collect();
    if !shown.is_empty() {
        sheet = sheet.people_table(&["  finding", "severity", "people", "fix"], shown);
    }
    let info = rows.iter().filter(|row| row.severity == Severity::Info);
    let info = info.map(|row| match row.people {
        Some(count) => format!("{} {count}", row.finding.id),
        None => row.finding.id.to_owned(),
    });
    let info: Vec<String> = info.collect();
    if !info.is_empty() {
        sheet = sheet.text(format!("For information: {}", info.join(", ")));
    }
    match checks(audit) {
        Some(words) if audit.scope.finding.is_none() => sheet.text(words),
        _ => sheet,
    }
}

/// How the checks of the platform came out, in a sentence.
fn checks(audit: &Audit) -> Option<String> {
    let checks = &audit.platform.checks;
    let of = |outcome: Outcome| checks.iter().filter(move |check| check.outcome == outcome).map(|check| check.id);
    let mut words = format!("Platform: {} of {} checks passed", of(Outcome::Passed).count(), checks.len());
    for outcome in [Outcome::Failed, Outcome::CouldNotTell, Outcome::Warned, Outcome::NotReached] {
        let these: Vec<&str> = of(outcome).collect();
        if !these.is_empty() {
            words += &format!("; {}: {}", mark(outcome).1, these.join(", "));
        }
    }
    (!checks.is_empty()).then_some(words)
}

/// The command that comes next: it fixes the worst finding, or shows how. `None` where there is nothing to fix.
pub(super) fn next(audit: &Audit) -> Option<FixStep> {
    let rows = rows(audit);
    let worst = rows.first().filter(|row| row.severity > Severity::Info)?;
    // What is wrong with the platform comes first. Of people's findings, the worst that a command fixes.
    let alike = |row: &&Row<'_>| row.severity == worst.severity && row.people.is_some();
    let fix = command(worst.fix)
        .or_else(|| worst.people.and_then(|_| rows.iter().filter(alike).find_map(|row| command(row.fix))));
    Some(fix.cloned().unwrap_or_else(|| FixStep::command(&["explain", worst.finding.id])))
}
