//! What a walk over the seven steps found.

use serde::Serialize;

use crate::findings::{Hit, Severity, TOKEN_MISSING};
use crate::lamb::Edition;

/// One of the seven steps.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// 1 to 7.
    pub number: usize,
    /// Stable.
    pub id: &'static str,
    /// In the words of the report that started this.
    pub title: &'static str,
}

const fn step(number: usize, id: &'static str, title: &'static str) -> Step {
    Step { number, id, title }
}

/// The way of the request, in order.
pub static STEPS: [Step; 7] = [
    step(1, "frontend-call", "the frontend calls /creator/assistant/get_assistants"),
    step(2, "authorization-header", "the backend receives the Authorization header with the token"),
    step(3, "creator-entry", "get_creator_user_from_token() opens LAMB's database"),
    step(4, "token-delegation", "get_user_auth() turns to Open WebUI"),
    step(5, "owi-request", "GET /api/v1/auths/ at Open WebUI"),
    step(6, "owi-verdict", "Open WebUI's verdict on the token"),
    step(7, "backend-answer", "the creator by e-mail, and the answer to the frontend"),
];

/// How a step came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Works, with something to mend.
    Warned,
    /// This is where it breaks.
    Failed,
    /// Not looked at, by design or by wish; the note says why.
    Skipped,
    /// Not looked at, because an earlier step failed; the note says which.
    NotReached,
    /// What the answer needed was out of reach.
    CouldNotTell,
}

/// Something that was seen, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub what: String,
    /// Its value, secrets masked.
    pub value: String,
    /// The file, URL, claim or setting that it came from.
    pub source: String,
}

/// What the judge of a step says.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Instead of passed, where the step did not run or could not tell.
    pub instead: Option<Outcome>,
    /// A line for the table.
    pub note: String,
    /// What was found.
    pub hits: Vec<Hit>,
    /// What was seen.
    pub facts: Vec<Fact>,
}

impl Judged {
    /// Passed, unless a hit says otherwise.
    pub fn note(note: impl Into<String>) -> Self {
        Self { note: note.into(), ..Self::default() }
    }

    /// Did not run, or could not tell.
    pub fn instead(outcome: Outcome, note: impl Into<String>) -> Self {
        Self { instead: Some(outcome), note: note.into(), ..Self::default() }
    }

    /// Blocked by an earlier step.
    pub fn not_reached(by: usize) -> Self {
        Self::instead(Outcome::NotReached, format!("blocked by step {by}, {}", STEPS[by - 1].id))
    }

    /// Adds something that was seen.
    #[must_use]
    pub fn fact(mut self, what: &str, value: impl ToString, source: impl ToString) -> Self {
        self.facts.push(Fact { what: what.to_owned(), value: value.to_string(), source: source.to_string() });
        self
    }

    /// Adds what was found.
    #[must_use]
    pub fn hits(mut self, hits: impl IntoIterator<Item = Hit>) -> Self {
        self.hits.extend(hits);
        self
    }

    /// How the step came out: what was found counts for more than that something could not be told.
    pub fn outcome(&self) -> Outcome {
        match self.hits.iter().map(|hit| hit.severity).max() {
            Some(Severity::Error) => Outcome::Failed,
            Some(Severity::Warning) if self.instead.is_none_or(|o| o == Outcome::Skipped) => Outcome::Warned,
            _ => self.instead.unwrap_or(Outcome::Passed),
        }
    }

    /// Puts the worst first, and has the note say it where the step did not run.
    pub fn settle(&mut self) -> Outcome {
        self.hits.sort_by_key(|hit| std::cmp::Reverse(hit.severity));
        let outcome = self.outcome();
        // What was found says more than why the rest was not looked at.
        let did_not_run = self.instead.is_some_and(|instead| instead != Outcome::Failed);
        if let (true, Outcome::Failed | Outcome::Warned, Some(hit)) = (did_not_run, outcome, self.hits.first()) {
            self.note.clone_from(&hit.detail);
        }
        outcome
    }

    /// True where the steps after it may build on it.
    pub fn lets_pass(&self) -> bool {
        matches!(self.outcome(), Outcome::Passed | Outcome::Warned | Outcome::Skipped)
    }
}

/// A step of the report.
#[derive(Debug, Serialize)]
pub struct StepReport {
    /// Which.
    #[serde(flatten)]
    pub step: &'static Step,
    /// How it came out.
    pub outcome: Outcome,
    /// A line.
    pub note: String,
    /// What was found.
    pub findings: Vec<Hit>,
    /// What was seen.
    pub evidence: Vec<Fact>,
}

/// The answer as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overall {
    /// Every step passed.
    Healthy,
    /// Works, with something to mend.
    Warnings,
    /// A step fails.
    Fails,
    /// Nothing seen was wrong, and something needed was out of reach.
    CouldNotTell,
    /// Nothing seen was wrong; the request itself was not tried, by wish.
    NotTried,
}

/// A whole walk.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Who it is about: asked for, or found out from the token.
    pub email: Option<String>,
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The version of Open WebUI.
    pub owi_version: Option<String>,
    /// Where the token came from, in a line.
    pub token: String,
    /// The answer.
    pub overall: Overall,
    /// The id of the first step that fails.
    pub first_failing_step: Option<&'static str>,
    /// The id of its finding; where no step fails, of the worst that was found.
    pub finding: Option<&'static str>,
    /// What the user sees.
    pub user_sees: Option<String>,
    /// All seven.
    pub steps: Vec<StepReport>,
}

impl Report {
    /// Puts the judged steps together.
    pub fn new(
        email: Option<String>,
        edition: Option<Edition>,
        owi_version: Option<String>,
        token: String,
        judged: [Judged; 7],
    ) -> Self {
        let steps: Vec<StepReport> = STEPS
            .iter()
            .zip(judged)
            .map(|(step, mut judged)| {
                let outcome = judged.settle();
                StepReport { step, outcome, note: judged.note, findings: judged.hits, evidence: judged.facts }
            })
            .collect();
        let any = |outcome| steps.iter().any(|step| step.outcome == outcome);
        let failing = steps.iter().find(|step| step.outcome == Outcome::Failed);
        let hit = failing.and_then(|step| step.findings.first());
        // Where nothing fails: of the worst that there is the last, which is the nearest to the user; but not that the
        // walk had no token.
        let worst = steps.iter().flat_map(|step| &step.findings).filter(|hit| hit.finding != &TOKEN_MISSING);
        let first = worst.max_by_key(|hit| hit.severity);
        let overall = if failing.is_some() {
            Overall::Fails
        } else if any(Outcome::CouldNotTell) || any(Outcome::NotReached) {
            Overall::CouldNotTell
        } else if steps[1].outcome == Outcome::Skipped {
            Overall::NotTried
        } else if any(Outcome::Warned) {
            Overall::Warnings
        } else {
            Overall::Healthy
        };
        Self {
            email,
            edition,
            owi_version,
            token,
            overall,
            first_failing_step: failing.map(|step| step.step.id),
            finding: hit.or(first).map(|hit| hit.finding.id),
            user_sees: hit.map(|hit| hit.effect.seen(edition)),
            steps,
        }
    }

    /// The first hit of the first step that fails.
    pub fn main_hit(&self) -> Option<(&StepReport, &Hit)> {
        let step = self.steps.iter().find(|step| step.outcome == Outcome::Failed)?;
        Some((step, step.findings.first()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{CREATOR_MISSING, OWI_PENDING};

    fn report(judged: [Judged; 7]) -> Report {
        Report::new(None, None, None, String::new(), judged)
    }

    #[test]
    fn a_no_beats_could_not_tell_and_the_first_failing_step_is_named() {
        let mut judged: [Judged; 7] = Default::default();
        assert_eq!(report(Default::default()).overall, Overall::Healthy);
        judged[2].instead = Some(Outcome::CouldNotTell);
        judged[5].hits.push(Hit::new(&OWI_PENDING, "x"));
        judged[6].hits.push(Hit::new(&CREATOR_MISSING, "x"));
        let report = report(judged);
        assert_eq!(report.overall, Overall::Fails);
        assert_eq!((report.first_failing_step, report.finding), (Some("backend-answer"), Some("creator-missing")));
        assert_eq!(report.steps[5].outcome, Outcome::Warned);
    }

    #[test]
    fn a_step_that_was_not_reached_is_never_healthy() {
        let mut judged: [Judged; 7] = Default::default();
        judged[4] = Judged::not_reached(3);
        assert_eq!(report(judged).overall, Overall::CouldNotTell);
    }
}
