//! A user who was asked about in a spelling that is stored nowhere: the report is about the stored spelling, and says so.

use super::report::{Overall, Report};
use crate::checks::token_case::TokenCase;
use crate::email::Email;
use crate::evidence::Evidence;
use crate::findings::{EMAIL_SPELLING, Effect, FixStep, Hit, Severity};
use crate::flow::Judgment;
use crate::lamb::Edition;

/// Adds the finding where `asked` is stored nowhere and the judgment is about another spelling of it.
pub(super) fn judge(evidence: &Evidence, mut judged: Judgment, asked: &Email) -> Judgment {
    let start = &evidence.start;
    let Some(stored) = start.subject.email.as_ref().filter(|stored| *stored != asked) else { return judged };
    if start.unknown.as_ref() != Some(asked) {
        return judged;
    }
    let report = Report::new(evidence, judged.clone());
    let is = match report.overall {
        Overall::Healthy => "healthy".to_owned(),
        Overall::Warnings => "works, with warnings".to_owned(),
        Overall::Fails => {
            let (step, finding) = (report.first_failing_step.unwrap_or("-"), report.finding.unwrap_or("-"));
            format!("fails: {step} ({finding})")
        }
        Overall::CouldNotTell | Overall::NotTried => "could not be checked to the end".to_owned(),
    };
    let (asked_text, stored_text) = (asked.as_str(), stored.as_str());
    let detail = format!("no user is stored as {asked_text:?}; {stored_text:?} is stored, and {is}");
    // The login form drops blanks around an e-mail, so they never reach LAMB.
    let is_trimmed = asked_text.trim() == stored_text;
    let is_found =
        is_trimmed || (start.edition == Some(Edition::Delegated) && asked.as_delegated_login() == stored_text);
    let severity = if is_trimmed { Severity::Warning } else { Severity::Error };
    let effect = if is_found { Effect::Nothing } else { Effect::Login };
    let hit = Hit::new(&EMAIL_SPELLING, detail).severity(severity, effect).fixed_by([FixStep::command(&[
        "diagnose",
        "--email",
        stored_text,
    ])]);
    if !is_trimmed && evidence.case().is_none_or(TokenCase::is_test_token) && report.overall != Overall::Fails {
        // What was measured is another spelling's.
        judged.measured = None;
        judged.predicted = Some(match (is_found, start.edition) {
            (true, _) => format!("no error at the login page: LAMB changes this spelling to {stored_text:?} first"),
            (false, Some(Edition::Native)) => format!(
                "\"Invalid credentials\" at the login page, and {:?} (401) for a token with this spelling",
                Edition::Native.refusal()
            ),
            (false, _) => "\"Invalid email or password\" at the login page".to_owned(),
        });
    }
    if let Some((_, last)) = judged.steps.last_mut() {
        last.hits.push(hit);
    }
    judged
}
