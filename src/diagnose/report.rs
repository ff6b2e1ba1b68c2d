//! What a flow found: its steps, the first that fails, and what the user sees.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::request::REAL_ANSWER;
use crate::checks::token_case::TokenCase;
use crate::email::Email;
use crate::email::near::NearMatch;
use crate::evidence::Evidence;
use crate::findings::{Effect, Fact, FixStep, Hit, Judged, Outcome, TOKEN_MISSING};
use crate::flow::{Judgment, Names, StepName};
use crate::lamb::Edition;

/// A step of the report.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StepReport {
    #[serde(flatten)]
    pub step: StepName,
    /// How it came out.
    pub outcome: Outcome,
    pub note: String,
    pub findings: Vec<Hit>,
    pub evidence: Vec<Fact>,
    /// What the user sees where this step fails, if the flow says it.
    #[serde(skip)]
    pub seen: Option<String>,
}

/// The answer as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Overall {
    /// Every step passed.
    Healthy,
    Warnings,
    Fails,
    /// Nothing seen was wrong, and something needed was out of reach.
    CouldNotTell,
    /// Nothing seen was wrong; the request itself was not tried, by wish.
    NotTried,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Report {
    /// The id of the flow.
    pub flow: &'static str,
    /// What it is about, where that is no e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who it is about: asked for, or found out from the token.
    pub email: Option<String>,
    /// The `--email` of the request, as it was given.
    pub asked: Option<String>,
    /// The spelling that the steps are about: where no user is stored as asked, the stored one.
    pub judged: Option<String>,
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The version of Open WebUI.
    pub owi_version: Option<String>,
    /// Where the token came from, in a line.
    pub token: String,
    /// True where the check used a test token: the browser's own may still be the cause.
    pub test_token: bool,
    pub overall: Overall,
    /// The id of the first step that fails.
    pub first_failing_step: Option<&'static str>,
    /// The id of its finding; where no step fails, of the worst that was found.
    pub finding: Option<&'static str>,
    /// What the user sees.
    pub user_sees: Option<String>,
    /// True where that is the backend's own answer to this token, false where it is predicted from the findings.
    pub user_sees_measured: bool,
    /// Addresses near the one that was asked about, where neither side has it.
    pub near: Vec<NearMatch>,
    pub steps: Vec<StepReport>,
    /// What comes next where nothing was found.
    #[serde(skip)]
    pub advice: Option<FixStep>,
}

/// What a report is about, besides its steps.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// What it is about, where that is no e-mail.
    pub subject: Option<String>,
    /// The user.
    pub email: Option<String>,
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The version of Open WebUI.
    pub owi_version: Option<String>,
    /// Where the token came from, in a line.
    pub token: String,
    /// True where the check used a test token.
    pub test_token: bool,
    /// True where the request itself was not tried, by wish.
    pub not_tried: bool,
    /// Addresses near the one that was asked about, where neither side has it.
    pub near: Vec<NearMatch>,
}

impl Head {
    /// About the user of this evidence, for a flow that needs no token.
    pub(crate) fn without_token(evidence: &Evidence) -> Self {
        Self {
            email: evidence.start.subject.email.as_ref().map(ToString::to_string),
            edition: evidence.start.edition,
            owi_version: evidence.info().and_then(|info| info.version.clone()),
            token: "none; this flow begins without one".to_owned(),
            near: evidence.near(),
            ..Self::default()
        }
    }
}

impl Report {
    /// Puts the judged steps of a request together with what they were judged from.
    pub(crate) fn new(evidence: &Evidence, judged: Judgment) -> Self {
        let head = Head {
            token: evidence.token_in_words(),
            test_token: evidence.case().is_some_and(TokenCase::is_test_token),
            not_tried: evidence.token.case.as_ref().is_err_and(|none| none.by_wish),
            ..Head::without_token(evidence)
        };
        Self::of(head, judged)
    }

    /// The same report, with what was asked for.
    #[must_use]
    pub(crate) fn asked_for(self, asked: Option<&Email>) -> Self {
        Self { asked: asked.map(ToString::to_string), ..self }
    }

    /// The report of any flow.
    pub(crate) fn of(head: Head, mut judged: Judgment) -> Self {
        let Head { subject, email, edition, owi_version, token, test_token, not_tried, near } = head;
        let (flow, names, measured) = (judged.flow, judged.names, judged.measured.take());
        let settled = |(step, mut judged): (StepName, Judged)| {
            let outcome = judged.settle();
            if outcome == Outcome::Warned {
                judged.state_why();
            }
            let seen = judged.seen.or_else(|| step.screen.of(edition).map(Cow::into_owned));
            StepReport { seen, step, outcome, note: judged.note, findings: judged.hits, evidence: judged.facts }
        };
        let steps: Vec<StepReport> = judged.steps.into_iter().map(settled).collect();
        let any = |outcome| steps.iter().any(|step| step.outcome == outcome);
        // What refuses the request now comes before what refuses the next login, whichever step sees it.
        let fails = |step: &&StepReport| step.outcome == Outcome::Failed;
        let fails_now =
            |step: &&StepReport| names == Names::First || step.findings.first().is_none_or(|hit| hit.effect.is_now());
        let failing = steps.iter().filter(fails).find(fails_now).or_else(|| steps.iter().find(fails));
        let hit = failing.and_then(|step| step.findings.first());
        let screen = failing.and_then(|step| step.seen.clone());
        // Where nothing fails: of the worst that there is the last, which is the nearest to the user; but not that the
        // walk had no token.
        let worst = steps.iter().flat_map(|step| &step.findings).filter(|hit| hit.finding != &TOKEN_MISSING);
        let first = worst.max_by_key(|hit| hit.severity);
        let overall = if failing.is_some() {
            Overall::Fails
        } else if any(Outcome::CouldNotTell) || any(Outcome::NotReached) {
            Overall::CouldNotTell
        } else if not_tried {
            Overall::NotTried
        } else if any(Outcome::Warned) {
            Overall::Warnings
        } else {
            Overall::Healthy
        };
        Self {
            flow,
            subject,
            asked: None,
            judged: email.clone(),
            email,
            edition,
            owi_version,
            token,
            test_token,
            overall,
            first_failing_step: failing.map(|step| step.step.id),
            finding: hit.or(first).map(|hit| hit.finding.id),
            user_sees_measured: measured.is_some(),
            user_sees: match (measured, hit) {
                (None, _) if screen.is_some() => screen,
                (Some(seen), Some(hit)) if hit.effect == Effect::Login => {
                    Some(format!("{seen} now, with this token; the next login fails"))
                }
                (Some(seen), _) => Some(seen),
                (None, Some(hit)) if hit.effect.is_now() => Some(hit.effect.seen(edition)),
                (None, hit) => judged.predicted.or_else(|| hit.map(|hit| hit.effect.seen(edition))),
            },
            near,
            steps,
            advice: None,
        }
    }

    /// True where the real request was made, and LAMB answered it as it should.
    pub(crate) fn lamb_accepts(&self) -> bool {
        let last = self.steps.last().filter(|step| matches!(step.outcome, Outcome::Passed | Outcome::Warned));
        let is_real = |fact: &&Fact| fact.what == REAL_ANSWER;
        last.and_then(|step| step.evidence.iter().find(is_real)).is_some_and(|fact| fact.value.starts_with("200"))
    }

    /// True where only a test token of LAMB's own kind was tried. A native LAMB decodes it without Open WebUI: how Open WebUI
    /// answers to its own tokens, which this LAMB accepts as well, is not known.
    pub(crate) fn tried_lambs_token_only(&self) -> bool {
        let is_skipped = |step: &StepReport| step.step.id == "owi-request" && step.outcome == Outcome::Skipped;
        self.test_token && self.steps.iter().any(is_skipped)
    }

    /// The first hit of the step that is named as the first that fails.
    pub(crate) fn main_hit(&self) -> Option<(&StepReport, &Hit)> {
        let step = self.steps.iter().find(|step| Some(step.step.id) == self.first_failing_step)?;
        Some((step, step.findings.first()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{CREATOR_MISSING, OWI_INACTIVE, OWI_PENDING, Severity};
    use crate::flow::ByEdition;

    /// A flow of four steps that says what it is told to.
    fn report(judged: [Judged; 4]) -> Report {
        let names = ["one", "two", "three", "four"];
        let steps = (1..)
            .zip(names)
            .map(|(number, id)| StepName {
                number,
                id,
                title: "",
                screen: ByEdition::default(),
                does: ByEdition::default(),
            })
            .zip(judged)
            .collect();
        Report::of(
            Head::default(),
            Judgment {
                flow: "test",
                names: Names::FirstNow,
                measured: None,
                predicted: None,
                other_edition: None,
                steps,
            },
        )
    }

    #[test]
    fn a_no_beats_could_not_tell_and_the_first_failing_step_is_named() {
        let mut judged: [Judged; 4] = Default::default();
        assert_eq!(report(Default::default()).overall, Overall::Healthy);
        judged[1].instead = Some(Outcome::CouldNotTell);
        judged[2].hits.push(Hit::new(&OWI_PENDING, "x"));
        judged[3].hits.push(Hit::new(&CREATOR_MISSING, "x"));
        let report = report(judged);
        assert_eq!(report.overall, Overall::Fails);
        assert_eq!((report.first_failing_step, report.finding), (Some("four"), Some("creator-missing")));
        assert_eq!(report.steps[2].outcome, Outcome::Warned);
    }

    #[test]
    fn what_refuses_now_is_named_before_what_refuses_the_next_login() {
        let mut judged: [Judged; 4] = Default::default();
        judged[1].hits.push(Hit::new(&OWI_INACTIVE, "x").severity(Severity::Error, Effect::Login));
        judged[3].hits.push(Hit::new(&CREATOR_MISSING, "x"));
        let report = report(judged);
        assert_eq!((report.first_failing_step, report.finding), (Some("four"), Some("creator-missing")));
    }

    #[test]
    fn a_step_that_was_not_reached_is_never_healthy() {
        let mut judged: [Judged; 4] = Default::default();
        judged[3] = Judged::instead(Outcome::NotReached, "blocked by step 1, one");
        assert_eq!(report(judged).overall, Overall::CouldNotTell);
    }
}
