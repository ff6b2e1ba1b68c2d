//! `verify-token`.

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone};
use crate::checks::token::Verdict;
use crate::clock;
use crate::findings::{CREATOR_DISABLED, WRONG_KIND};
use crate::token::inspect::{Lifetime, Signature};
use crate::verify::TokenReport;

/// The verdict and the inspection. The token itself is never shown.
pub(crate) fn token(report: &TokenReport) -> View {
    let json = output("verify-token", report);
    let verdict = report.judged.verdict;
    let (tone, recipient) = (tone(verdict), report.recipient.describe());
    let inspection = &report.token;
    let lifetime = match inspection.lifetime {
        Lifetime::Endless => ("no expiry".to_owned(), Tone::Plain),
        Lifetime::Running { expires_in } => (format!("expires in {}", clock::in_words(expires_in)), Tone::Good),
        Lifetime::Expired { expired_since } => (format!("expired {} ago", clock::in_words(expired_since)), Tone::Bad),
        Lifetime::NotYet { valid_in } => (format!("valid in {}", clock::in_words(valid_in)), Tone::Bad),
    };
    let signed = match &inspection.signature {
        Signature::By { secret, forgeable: false } => (secret.clone(), Tone::Good),
        Signature::By { secret, forgeable: true } => {
            (format!("{secret}, a published secret: anyone can sign with it"), Tone::Warn)
        }
        Signature::UnknownSecret => ("none of the known secrets".to_owned(), Tone::Warn),
        Signature::OtherAlgorithm => ("an algorithm that no server here accepts".to_owned(), Tone::Bad),
        Signature::None => ("unsigned".to_owned(), Tone::Faint),
    };
    let mut fields = vec![
        ("Verdict", verdict.id().to_owned(), tone),
        ("Reason", report.judged.reason.clone(), Tone::Plain),
        ("For", recipient.to_owned(), Tone::Plain),
        ("Kind", inspection.kind.describe().to_owned(), Tone::Plain),
    ];
    if let Some(email) = &report.email {
        fields.push(("Email", email.clone(), Tone::Plain));
    }
    if let Some(claims) = &inspection.claims {
        fields.push(("Algorithm", inspection.algorithm.clone().unwrap_or_default(), Tone::Plain));
        fields.push(("Lifetime", lifetime.0, lifetime.1));
        for (label, time) in [("Issued", inspection.issued), ("Expires", inspection.expires)] {
            fields.extend(time.map(|time| (label, time.to_string(), Tone::Plain)));
        }
        fields.push(("Signed by", signed.0, signed.1));
        let shown = claims.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        fields.push(("Claims", shown.join(" "), Tone::Faint));
    }
    let mut sheet = Sheet::default().title(tone, headline(report)).fields(fields).findings(&report.warnings);
    for fix in &report.fix {
        sheet = sheet.text(format!("→ {}", fix.text()));
    }
    View { json, sheet }
}

pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Valid => Tone::Good,
        Verdict::CouldNotTell => Tone::Warn,
        Verdict::Refused(_) => Tone::Bad,
    }
}

fn headline(report: &TokenReport) -> String {
    let recipient = report.recipient.describe();
    match report.judged.verdict {
        Verdict::Valid => format!("Valid: {recipient} accepts this token"),
        Verdict::CouldNotTell => format!("Could not tell whether {recipient} accepts this token"),
        Verdict::Refused(finding) if *finding == CREATOR_DISABLED => {
            format!("creator-disabled: this token's user cannot log in to {recipient}")
        }
        Verdict::Refused(finding) if *finding == WRONG_KIND => {
            format!("wrong-kind: not the kind of token that {recipient} wants")
        }
        Verdict::Refused(finding) => format!("{}: {recipient} refuses this token", finding.id),
    }
}
