//! What LAMB's database has of one address.

use super::db::LambDb;
use super::lms::LmsUser;
use super::model::Creator;
use crate::email::Email;
use crate::sqlite::DbError;

/// What LAMB's database says of an address.
#[derive(Debug)]
pub struct CreatorEvidence {
    /// Looked up, byte for byte as LAMB does.
    pub email: Email,
    /// The creator.
    pub creator: Option<Creator>,
    /// Other spellings of the address among the creators.
    pub other_spellings: Vec<String>,
    /// What the address is to the LMS, where it has no creator.
    pub lms: Option<LmsUser>,
    /// The prefix of other tables in the same file that have the creator.
    pub elsewhere: Option<String>,
    /// What is wrong with the first of the creator's own assistants that makes LAMB's list fail.
    pub unreadable_assistant: Option<String>,
}

/// Looks an address up. Where the creator is there, that is one look-up by an index and no more.
///
/// # Errors
/// Where SQLite fails.
pub fn look_up(db: &LambDb, email: &Email) -> Result<CreatorEvidence, DbError> {
    let creator = db.creator(email.as_str())?;
    let (other_spellings, lms, elsewhere) = match creator {
        Some(_) => (Vec::new(), None, None),
        None => (db.other_spellings(email)?, db.lms_user(email)?, db.prefix_that_has(email.as_str())?),
    };
    Ok(CreatorEvidence { email: email.clone(), creator, other_spellings, lms, elsewhere, unreadable_assistant: None })
}

/// Looks an address up; and whether another creator has it in another spelling, which reads every creator's row, and
/// whether LAMB can list the creator's assistants.
///
/// # Errors
/// Where SQLite fails.
pub fn gather(db: &LambDb, email: &Email) -> Result<CreatorEvidence, DbError> {
    let mut evidence = look_up(db, email)?;
    if evidence.creator.is_some() {
        evidence.other_spellings = db.other_spellings(email)?;
        evidence.unreadable_assistant = db.unreadable_assistant(email)?;
    }
    Ok(evidence)
}
