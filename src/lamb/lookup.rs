//! What LAMB's database has of one address.

use super::db::{LambDb, LookAlikes};
use super::lms::LmsUser;
use super::model::Creator;
use crate::email::Email;
use crate::sqlite::DbError;

/// Why LAMB does not find a creator whose row has exactly the e-mail that it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfound {
    /// The e-mail is stored as bytes, which is never equal to a text.
    Bytes,
    /// The index that SQLite looks in does not have the row.
    Index,
}

/// What LAMB's database says of an address.
#[derive(Debug)]
pub struct CreatorEvidence {
    /// Looked up, byte for byte as LAMB does.
    pub email: Email,
    /// The creator.
    pub creator: Option<Creator>,
    /// Other spellings of the address among the creators.
    pub other_spellings: Vec<String>,
    /// Why the look-up misses a row of exactly this e-mail, where there is one.
    pub unfound: Option<Unfound>,
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
    let mut evidence = CreatorEvidence {
        email: email.clone(),
        creator: db.creator(email.as_str())?,
        other_spellings: Vec::new(),
        unfound: None,
        lms: None,
        elsewhere: None,
        unreadable_assistant: None,
    };
    if evidence.creator.is_none() {
        let LookAlikes { spellings, as_text, as_bytes } = db.look_alikes(email)?;
        evidence.other_spellings = spellings;
        evidence.unfound = match (as_text, as_bytes) {
            (true, _) => Some(Unfound::Index),
            (_, true) => Some(Unfound::Bytes),
            (false, false) => None,
        };
        evidence.lms = db.lms_user(email)?;
        evidence.elsewhere = db.prefix_that_has(email.as_str())?;
    }
    Ok(evidence)
}

/// Looks an address up; and whether another creator has it in another spelling, which reads every creator's row, and
/// whether LAMB can list the creator's assistants.
///
/// # Errors
/// Where SQLite fails.
pub fn gather(db: &LambDb, email: &Email) -> Result<CreatorEvidence, DbError> {
    let mut evidence = look_up(db, email)?;
    if evidence.creator.is_some() {
        evidence.other_spellings = db.look_alikes(email)?.spellings;
        evidence.unreadable_assistant = db.unreadable_assistant(email)?;
    }
    Ok(evidence)
}
