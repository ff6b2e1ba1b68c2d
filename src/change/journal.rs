//! The place of the journal: every change passes here before it is committed, and again after.

use super::Change;

/// What keeps an account of changes. The intent is written and flushed before the commit, so that a run that dies
/// in between can be told.
pub trait Journal {
    /// About to be committed.
    ///
    /// # Errors
    /// Where it cannot be written down; then the change is not made.
    fn intent(&mut self, changes: &[Change]) -> std::io::Result<()>;

    /// Committed.
    ///
    /// # Errors
    /// Where it cannot be written down; the change is made.
    fn done(&mut self, changes: &[Change]) -> std::io::Result<()>;
}

/// No account is kept.
#[derive(Debug)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn intent(&mut self, _: &[Change]) -> std::io::Result<()> {
        Ok(())
    }

    fn done(&mut self, _: &[Change]) -> std::io::Result<()> {
        Ok(())
    }
}
