//! The platform's part of an audit.

use crate::audit::report::{Compatibility, Platform};
use crate::render::diagnosis::mark;
use crate::render::sheet::{Sheet, Tone};

/// Adds the platform: a row a check, what was found, and whether LAMB and Open WebUI go together. `evidence`: all that
/// was seen too.
pub(super) fn platform(sheet: Sheet, platform: &Platform, evidence: bool) -> Sheet {
    let rows = platform.checks.iter().map(|check| {
        let (sign, outcome, tone) = mark(check.outcome);
        vec![
            (format!("  {sign} {}", check.id), tone),
            (outcome.to_owned(), tone),
            (check.note.clone(), Tone::Plain),
        ]
    });
    let mut sheet = sheet.people_grid(rows.collect());
    for check in &platform.checks {
        let ids = if check.findings.is_empty() { "-".to_owned() } else { check.findings.join(",") };
        sheet = sheet.plain_row(&["check", check.id, mark(check.outcome).1, &ids, &check.note]);
    }
    sheet = compatibility(sheet, &platform.compatibility).findings(&platform.findings);
    if evidence {
        let facts = platform.checks.iter().flat_map(|check| check.evidence.iter().map(move |fact| (check.id, fact)));
        let rows = facts.map(|(id, fact)| {
            vec![
                (format!("  {id} {}", fact.what), Tone::Faint),
                (fact.value.clone(), Tone::Plain),
                (fact.source.clone(), Tone::Faint),
            ]
        });
        sheet = sheet.people_grid(rows.collect());
    }
    sheet
}

fn compatibility(sheet: Sheet, together: &Compatibility) -> Sheet {
    let told = |value: Option<bool>| value.map_or("could not tell", |yes| if yes { "yes" } else { "no" });
    let tone = |value: Option<bool>| match value {
        Some(true) => Tone::Good,
        Some(false) => Tone::Warn,
        None => Tone::Faint,
    };
    let works = ("LAMB works with this Open WebUI", told(together.works).to_owned(), tone(together.works));
    let starts = together.upgrade_to_0_12_starts;
    let upgrade = match (together.blocking, together.blocking_examples.as_slice()) {
        (0, _) => told(starts).to_owned(),
        (count, examples) => format!("{}: {count} e-mails stand against it ({} …)", told(starts), examples.join(", ")),
    };
    let mut fields = vec![works, ("An upgrade to 0.12 would start", upgrade, tone(starts))];
    fields.extend(together.because.iter().map(|why| ("because", why.clone(), Tone::Plain)));
    sheet.fields(fields)
}
