//! A run of two halves that came to its first half only.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::journal::RunId;
use crate::exit::{Exit, ExitStatus};
use crate::findings::FixStep;
use crate::owi::api::change::OwiChange;

/// Open WebUI made its half, and LAMB's half was not made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HalfDone {
    /// What Open WebUI made.
    pub made: OwiChange,
    /// The run in the journal.
    pub run: RunId,
    /// What makes the other half.
    #[serde(serialize_with = "super::as_text")]
    #[schemars(with = "String")]
    pub next: FixStep,
    /// What undoes the half that was made.
    #[serde(serialize_with = "super::as_text")]
    #[schemars(with = "String")]
    pub undo: FixStep,
    /// Why LAMB's half was not made.
    pub why: String,
    /// True where Ctrl-C stopped it.
    #[serde(skip)]
    pub is_interrupted: bool,
}

impl fmt::Display for HalfDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, next, undo, why, .. } = self;
        writeln!(f, "partly done: only Open WebUI's half was made")?;
        writeln!(f, "  made in Open WebUI: {made}")?;
        writeln!(f, "  LAMB's half is missing: {}", why.replace('\n', "\n  "))?;
        writeln!(f, "  to finish: {}", next.text())?;
        write!(f, "  to undo it: {}", undo.text())
    }
}

impl std::error::Error for HalfDone {}

impl ExitStatus for HalfDone {
    fn exit(&self) -> Exit {
        if self.is_interrupted { Exit::Interrupted } else { Exit::Partly }
    }
}
