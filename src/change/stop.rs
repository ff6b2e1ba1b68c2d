//! Why a transaction stops before its commit.

use rusqlite::ErrorCode;

use super::Change;
use crate::email::one_line;

/// Whatever it is, the transaction is rolled back: nothing was changed.
pub(super) enum Stop {
    Moved(String),
    Refused(String),
    /// The tables hold something else than what was written.
    Differs(String),
    Journal(std::io::Error),
    Sqlite(rusqlite::Error),
}

impl Stop {
    /// If LAMB's tables refuse a row, the reason names its e-mail: the row is at fault, not the database.
    pub(super) fn of(self, change: &Change) -> Self {
        match self {
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Self::Refused(format!("LAMB's tables refuse {}: {error}", one_line(change.email())))
            }
            other => other,
        }
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}
