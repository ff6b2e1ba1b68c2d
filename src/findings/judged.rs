//! What a check returns: how it came out, what it found, and what it saw.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Hit, Severity};

/// How a step came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Works, with warnings.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// What the user sees because of this step, where the table of the flow does not say it.
    pub seen: Option<String>,
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

    /// What the user sees because of this step.
    #[must_use]
    pub fn seen(self, seen: impl Into<String>) -> Self {
        Self { seen: Some(seen.into()), ..self }
    }

    /// How the step came out: what was found counts for more than that something could not be told.
    pub fn outcome(&self) -> Outcome {
        match self.hits.iter().map(|hit| hit.severity).max() {
            Some(Severity::Error) => Outcome::Failed,
            Some(Severity::Warning) if self.instead.is_none_or(|o| o == Outcome::Skipped) => Outcome::Warned,
            _ => self.instead.unwrap_or(Outcome::Passed),
        }
    }

    /// Puts the worst first. Has the note say why a step failed, and what was found where the step did not run.
    pub fn settle(&mut self) -> Outcome {
        // What fails now comes before what fails at the next login.
        self.hits.sort_by_key(|hit| std::cmp::Reverse((hit.severity, hit.effect.is_now())));
        let outcome = self.outcome();
        // What was found says more than why the rest was not looked at.
        let did_not_run = self.instead.is_some_and(|instead| instead != Outcome::Failed);
        if let (true, Outcome::Failed | Outcome::Warned, Some(hit)) = (did_not_run, outcome, self.hits.first()) {
            self.note.clone_from(&hit.detail);
        } else if outcome == Outcome::Failed {
            self.state_why();
        }
        outcome
    }

    /// Puts what is wrong before what was seen: a note that says what works reads as if the step had passed.
    pub fn state_why(&mut self) {
        let Some(hit) = self.hits.first() else { return };
        let title = hit.finding.title;
        if self.note.is_empty() {
            self.note = title.to_owned();
        } else if !self.note.contains(title) && self.note != hit.detail {
            self.note = format!("{title}; {}", self.note);
        }
    }

    /// True where the steps after it may build on it.
    pub fn lets_pass(&self) -> bool {
        match self.outcome() {
            Outcome::Passed | Outcome::Warned | Outcome::Skipped => true,
            // What refuses the next login only does not stop this request.
            Outcome::Failed if self.instead.is_none() => {
                !self.hits.iter().any(|hit| hit.severity == Severity::Error && hit.effect.is_now())
            }
            _ => false,
        }
    }
}
