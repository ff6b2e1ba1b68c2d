//! The bound on every statement. A file may have a view, a trigger or a generated column that never ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// SQLite asks after so many steps of its machine whether it may go on; a look-up takes some hundred.
pub(super) const STEPS_AT_ONCE: i32 = 1000;

/// What a statement may take in a file of any size: less than a second.
const STEPS: u64 = 20_000_000;

/// What it may take for each page: a page has some hundred rows at most, and reading or comparing one takes some hundred
/// steps. Ten times that is room.
const STEPS_A_PAGE: u64 = 100_000;

/// Counts the steps of the statement that runs.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    /// How often SQLite asked since the statement began.
    asked: Arc<AtomicU64>,
    most: u64,
}

impl Bound {
    /// For a file of so many pages.
    pub(super) fn new(pages: u64) -> Self {
        let steps = STEPS.saturating_add(pages.saturating_mul(STEPS_A_PAGE));
        Self { asked: Arc::default(), most: steps / STEPS_AT_ONCE.unsigned_abs() as u64 }
    }

    /// A statement begins. SQLite also says so of each trigger, as a comment: triggers count as their statement.
    pub(super) fn begins(&self, sql: &str) {
        if !sql.starts_with("--") {
            self.asked.store(0, Ordering::Relaxed);
        }
    }

    /// Counts; true where the statement must end now.
    pub(super) fn is_reached(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.most
    }
}
