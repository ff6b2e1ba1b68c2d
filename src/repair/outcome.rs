//! What came of repairs.

use super::{Doing, ManualStep, Repair, Repairs};
use crate::change::journal::RunId;
use crate::findings::{Finding, FixStep};
use crate::owi::api::change::OwiChange;

/// How one of them ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RepairState {
    /// It would be done.
    Planned,
    Done,
    /// It was not: why, and the way out.
    Refused(String, FixStep),
    /// It was tried, and was not done.
    Failed(String),
    /// It was requested, and it is unknown whether it was done.
    Unclear(String),
    /// It was reported as done, but its finding is still there.
    Unchanged,
}

impl RepairState {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Planned => "pending",
            Self::Done => "done",
            Self::Refused(..) => "refused",
            Self::Failed(_) => "failed",
            Self::Unclear(_) => "unclear",
            Self::Unchanged => "unchanged",
        }
    }
}

/// A repair, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub repair: Repair,
    pub state: RepairState,
}

/// A run in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MadeRun {
    pub run: RunId,
    /// The command that undoes it, or the manual steps for a change in Open WebUI.
    pub back: FixStep,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RepairOutcome {
    pub items: Vec<Item>,
    /// By a person.
    pub steps: Vec<ManualStep>,
    /// What was written, run by run.
    pub runs: Vec<MadeRun>,
    /// The ids of creators that were made.
    pub created: Vec<i64>,
    /// True if the data may have changed since the checks: a repair was tried, or another process was
    /// quicker.
    pub is_stale: bool,
}

impl RepairOutcome {
    /// How many ended so.
    pub(crate) fn count(&self, is: impl Fn(&RepairState) -> bool) -> usize {
        self.items.iter().filter(|item| is(&item.state)).count()
    }

    /// What would be done for this finding.
    pub(crate) fn planned(&self, finding: &Finding) -> impl Iterator<Item = &Doing> {
        let planned = self.items.iter().filter(|item| item.state == RepairState::Planned);
        planned.filter(|item| item.repair.finding == finding.id).map(|item| &item.repair.doing)
    }

    /// True where anything was done. What LAMB's database took is written, whatever is found after it.
    pub(crate) fn has_changed(&self) -> bool {
        self.items.iter().any(|item| match item.state {
            RepairState::Done => true,
            RepairState::Unchanged => matches!(item.repair.doing, Doing::Lamb(_)),
            RepairState::Planned | RepairState::Refused(..) | RepairState::Failed(_) | RepairState::Unclear(_) => false,
        })
    }

    /// Compares with what is found now: a finding that the same user still has was not fixed.
    pub(crate) fn look_again(&mut self, now: &Repairs) {
        for item in self.items.iter_mut().filter(|item| item.state == RepairState::Done) {
            let (finding, email) = (item.repair.finding, item.repair.doing.email());
            // Of several accounts of one e-mail, each is deleted by itself.
            let deletes = matches!(item.repair.doing, Doing::OpenWebUi(OwiChange::DeleteOwiUser { .. }));
            let is_same = |again: &Repair| match deletes {
                true => again.doing == item.repair.doing,
                false => again.finding == finding && again.doing.email() == email,
            };
            let planned = now.repairs.iter().any(is_same);
            let left = now.steps.iter().any(|step| step.finding == finding && step.email.as_deref() == Some(email));
            if planned || left {
                item.state = RepairState::Unchanged;
            }
        }
    }
}
