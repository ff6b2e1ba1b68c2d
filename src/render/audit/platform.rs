//! The platform's part of an audit.

use super::Detail;
use crate::audit::report::{Compatibility, PlatformReport};
use crate::findings::Hit;
use crate::render::diagnosis::mark;
use crate::render::sheet::{Sheet, Tone, word};

/// Adds the platform: a row a check, whether LAMB and Open WebUI go together, and what was found. `detail`: how much
/// of it people see.
pub(super) fn platform(mut sheet: Sheet, platform: &PlatformReport, detail: Detail) -> Sheet {
    let is_told = detail >= Detail::Whole;
    let rows = platform.checks.iter().map(|check| {
        let (sign, outcome, tone) = mark(check.outcome);
        vec![(format!("  {sign} {}", check.id), tone), (outcome.to_owned(), tone), (check.note.clone(), Tone::Plain)]
    });
    if is_told {
        sheet = sheet.title(Tone::Plain, "The platform").people_grid(rows.collect());
    }
    for check in &platform.checks {
        let ids = if check.findings.is_empty() { "-".to_owned() } else { check.findings.join(",") };
        sheet = sheet.plain_row(&["check", check.id, mark(check.outcome).1, &ids, &check.note]);
    }
    sheet = compatibility(sheet, &platform.compatibility, is_told);
    if is_told {
        sheet = sheet.people_findings(platform.findings.clone());
    }
    sheet = plain_findings(sheet, &platform.findings);
    if detail == Detail::Evidence {
        let facts = platform.checks.iter().flat_map(|check| check.evidence.iter().map(move |fact| (check.id, fact)));
        let rows = facts.map(|(id, fact)| {
            vec![
                (format!("  {id}: {}", fact.what), Tone::Faint),
                (fact.value.clone(), Tone::Plain),
                (fact.source.clone(), Tone::Faint),
            ]
        });
        sheet = sheet.people_grid(rows.collect());
    }
    sheet
}

/// As findings about people: one line with how many, then one for each.
fn plain_findings(mut sheet: Sheet, hits: &[Hit]) -> Sheet {
    let mut told: Vec<&str> = Vec::new();
    for hit in hits {
        let id = hit.finding.id;
        if told.contains(&id) {
            continue;
        }
        told.push(id);
        let same: Vec<&Hit> = hits.iter().filter(|other| other.finding.id == id).collect();
        let count = same.len().to_string();
        sheet = sheet.plain_row(&["finding", id, word(hit.severity), &count, hit.finding.title]);
        for hit in same {
            sheet = sheet.plain_row(&["example", id, "-", &hit.detail]).plain_fixes(id, &hit.fix);
        }
    }
    sheet
}

fn compatibility(mut sheet: Sheet, together: &Compatibility, is_told: bool) -> Sheet {
    let told = |value: Option<bool>| match value {
        Some(true) => ("yes", Tone::Good),
        Some(false) => ("no", Tone::Warn),
        None => ("could not tell", Tone::Faint),
    };
    let (works, works_tone) = told(together.works);
    let (starts, starts_tone) = told(together.upgrade_to_0_12_starts);
    let mut upgrade = starts.to_owned();
    if together.blocking > 0 {
        let rest = match together.blocking - together.blocking_examples.len().min(together.blocking) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        upgrade = format!("{starts}, because of {}{rest}", together.blocking_examples.join(", "));
    }
    let mut rows = vec![
        vec![("  LAMB works with this version".to_owned(), Tone::Faint), (works.to_owned(), works_tone)],
        vec![("  an upgrade to 0.12 would start".to_owned(), Tone::Faint), (upgrade.clone(), starts_tone)],
    ];
    rows.extend(
        together.because.iter().map(|why| vec![("  because".to_owned(), Tone::Faint), (why.clone(), Tone::Plain)]),
    );
    if is_told {
        sheet = sheet.people_grid(rows);
    }
    sheet = sheet.plain_row(&["compatibility", "works", works]);
    sheet = sheet.plain_row(&["compatibility", "upgrade-to-0.12-starts", starts]);
    for email in &together.blocking_examples {
        sheet = sheet.plain_row(&["compatibility", "blocking", email]);
    }
    for why in &together.because {
        sheet = sheet.plain_row(&["compatibility", "because", why]);
    }
    sheet
}
