//! What came of repairs.

use super::{Repair, Step};
use crate::change::journal::RunId;
use crate::findings::Mend;

/// How one of them ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It would be done.
    Planned,
    /// It was done.
    Done,
    /// It was not: why, and the way out.
    Refused(String, String),
    /// It was tried, and was not done, or may not have been.
    Failed(String),
}

impl State {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Planned => "pending",
            Self::Done => "done",
            Self::Refused(..) => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

/// A repair, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// It.
    pub repair: Repair,
    /// How it ended.
    pub state: State,
}

/// A run in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRun {
    /// Its name.
    pub run: RunId,
    /// What takes it back; of what was made in Open WebUI, how a person does it.
    pub back: Mend,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// By this program.
    pub items: Vec<Item>,
    /// By a person.
    pub steps: Vec<Step>,
    /// What was written, run by run.
    pub runs: Vec<MadeRun>,
    /// The ids of creators that were made.
    pub created: Vec<i64>,
}

impl Outcome {
    /// How many ended so.
    pub fn count(&self, is: impl Fn(&State) -> bool) -> usize {
        self.items.iter().filter(|item| is(&item.state)).count()
    }

    /// True where anything was done.
    pub fn has_changed(&self) -> bool {
        self.count(|state| *state == State::Done) > 0
    }
}
