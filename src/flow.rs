//! A flow is data: an ordered table of steps, each with the check that judges it. The engine, the report and the
//! renderers know no step by name.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::findings::Judged;
use crate::findings::Outcome;
use crate::lamb::Edition;

/// A step's place and name in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct StepName {
    /// Its place in the flow, from 1.
    pub number: usize,
    /// Its stable id, such as `creator-entry`.
    pub id: &'static str,
    /// What happens there, in a few words.
    pub title: &'static str,
    /// The sentence on the screen where this step fails; empty where the effect of the finding says what the user sees.
    #[serde(skip)]
    pub screen: ByEdition,
    /// What LAMB does there.
    #[serde(skip)]
    pub does: ByEdition,
}

/// A text about each edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByEdition {
    /// About the delegated edition.
    pub delegated: &'static str,
    /// About the native edition.
    pub native: &'static str,
}

impl ByEdition {
    /// The same text for both editions.
    pub(crate) const fn both(text: &'static str) -> Self {
        Self { delegated: text, native: text }
    }

    /// The text about this edition; where the edition is not known, both. `None` where there is none.
    pub(crate) fn of(self, edition: Option<Edition>) -> Option<Cow<'static, str>> {
        let text = match edition {
            Some(Edition::Delegated) => Cow::Borrowed(self.delegated),
            Some(Edition::Native) => Cow::Borrowed(self.native),
            None if self.delegated == self.native => Cow::Borrowed(self.native),
            None => Cow::Owned(format!("{} (delegated), {} (native)", self.delegated, self.native)),
        };
        (!text.is_empty()).then_some(text)
    }
}

/// A step of a flow over evidence of the type `E`.
pub(crate) struct Step<E> {
    /// Its stable id.
    pub id: &'static str,
    /// What happens there, in a few words.
    pub title: &'static str,
    /// As in [`StepName`].
    pub does: ByEdition,
    /// As in [`StepName`].
    pub screen: ByEdition,
    /// The check: pure, from the evidence and from what the steps before it said.
    pub check: fn(&E, Earlier<'_>) -> Judged,
}

/// Which step is named as the one that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// The first.
    First,
    /// The first that fails at once, before one that fails at the next login only: the user has a session.
    FirstNow,
}

/// A flow: what happens one after the other when a user does one thing.
pub(crate) struct Flow<E: 'static> {
    /// Its stable id, as `--flow` names it.
    pub id: &'static str,
    /// Which step is named where several fail.
    pub names: Names,
    /// Its steps, in order.
    pub steps: &'static [Step<E>],
}

/// What the steps before one said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier<'a>(&'a [(StepName, Judged)]);

impl Earlier<'_> {
    /// True where the step of this id failed.
    pub(crate) fn failed(self, id: &str) -> bool {
        self.0.iter().any(|(name, judged)| name.id == id && judged.outcome() == Outcome::Failed)
    }

    /// The same step, where all before it let it happen. After a failed one it does not happen, and what was found of it
    /// stays: it counts as passed for no user, but an error in it counts.
    pub(crate) fn reached(self, judged: Judged) -> Judged {
        let failed = self.0.iter().find(|(_, judged)| judged.outcome() == Outcome::Failed);
        match failed {
            Some((name, _)) if judged.outcome() != Outcome::Failed => {
                let Judged { instead, note, .. } = self.blocked_by(name.id);
                Judged { instead, note, ..judged }
            }
            _ => judged,
        }
    }

    /// What to say of a step that the earlier step of this id blocks.
    pub(crate) fn blocked_by(self, id: &str) -> Judged {
        blocked_by(self.0.iter().map(|(name, _)| *name), id)
    }
}

fn blocked_by(mut names: impl Iterator<Item = StepName>, id: &str) -> Judged {
    let number = names.find(|name| name.id == id).map_or(0, |name| name.number);
    Judged::instead(Outcome::NotReached, format!("blocked by step {number}, {id}"))
}

/// The steps of a flow as they were judged.
#[derive(Clone, Debug)]
pub(crate) struct Judgment {
    /// The id of the flow.
    pub flow: &'static str,
    /// Which step is named where several fail.
    pub names: Names,
    /// What the user sees, where that was measured and not predicted.
    pub measured: Option<String>,
    /// What the user sees, where that is predicted and the finding's effect does not say it.
    pub predicted: Option<String>,
    /// The edition that LAMB's own answer shows, where that is not the one that was assumed.
    pub other_edition: Option<Edition>,
    /// Each step with what its check said.
    pub steps: Vec<(StepName, Judged)>,
}

impl<E> Flow<E> {
    /// Runs every check over the evidence, in order.
    pub(crate) fn judge(&self, evidence: &E) -> Judgment {
        let mut steps: Vec<(StepName, Judged)> = Vec::with_capacity(self.steps.len());
        for (number, step) in (1..).zip(self.steps) {
            let judged = (step.check)(evidence, Earlier(&steps));
            let Step { id, title, screen, does, .. } = *step;
            steps.push((StepName { number, id, title, screen, does }, judged));
        }
        let Self { id, names, .. } = *self;
        Judgment { flow: id, names, measured: None, predicted: None, other_edition: None, steps }
    }
}

impl Judgment {
    /// What the step of this id said; of an id that the flow does not have, nothing.
    pub(crate) fn get(&self, id: &str) -> Option<&Judged> {
        self.steps.iter().find(|(name, _)| name.id == id).map(|(_, judged)| judged)
    }

    /// The same, to be changed by what was learned later.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Judged> {
        self.steps.iter_mut().find(|(name, _)| name.id == id).map(|(_, judged)| judged)
    }

    /// All that was found, in the order of the steps.
    pub(crate) fn hits(&self) -> impl Iterator<Item = &crate::findings::Hit> {
        self.steps.iter().flat_map(|(_, judged)| &judged.hits)
    }

    /// The same, to be changed by what was learned later.
    pub(crate) fn hits_mut(&mut self) -> impl Iterator<Item = &mut crate::findings::Hit> {
        self.steps.iter_mut().flat_map(|(_, judged)| &mut judged.hits)
    }

    /// The steps before the last one on which the last cannot build.
    pub(crate) fn blocking(&self) -> impl Iterator<Item = StepName> {
        let before = self.steps.split_last().map_or(&[][..], |(_, before)| before);
        before.iter().filter(|(_, judged)| !judged.lets_pass()).map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{CREATOR_MISSING, Hit, OWI_PENDING, Severity};

    /// The outcomes of three steps: the first as given, the others only where it lets them happen.
    fn outcomes(first: Severity) -> Vec<Outcome> {
        const NONE: ByEdition = ByEdition { delegated: "", native: "" };
        fn step(id: &'static str, check: fn(&Severity, Earlier<'_>) -> Judged) -> Step<Severity> {
            Step { id, title: "", does: NONE, screen: NONE, check }
        }
        let steps = Box::leak(Box::new([
            step("one", |first, _| {
                let hit = Hit::new(&CREATOR_MISSING, "x");
                Judged::default().hits([Hit { severity: *first, ..hit }])
            }),
            step("two", |_, earlier| earlier.reached(Judged::note("works"))),
            step("three", |_, earlier| {
                let hit = Hit::new(&OWI_PENDING, "x");
                earlier.reached(Judged::note("works").hits([Hit { severity: Severity::Warning, ..hit }]))
            }),
        ]));
        let judgment = Flow { id: "test", names: Names::First, steps }.judge(&first);
        assert_eq!(judgment.get("three").map(|judged| judged.hits.len()), Some(1), "what was found stays");
        judgment.steps.iter().map(|(_, judged)| judged.outcome()).collect()
    }

    #[test]
    fn a_step_after_a_failed_one_is_not_reached() {
        use Outcome::{Failed, NotReached, Passed, Warned};
        assert_eq!(outcomes(Severity::Error), [Failed, NotReached, NotReached]);
        assert_eq!(outcomes(Severity::Warning), [Warned, Passed, Warned]);
    }
}
