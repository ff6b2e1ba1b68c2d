//! Everybody in LAMB, as little of each as is needed to keep creators in step with Open WebUI.

use super::Edition;
use super::model::{Organization, SystemRole};
use crate::stored::PasswordHash;

/// A creator. Small: there may be a million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// The e-mail, byte for byte.
    pub email: Box<str>,
    /// The organisation's id as it is stored: NULL and dangling ids occur.
    pub organization: Option<i64>,
    /// The role in its own organisation.
    pub role: Role,
    /// False where login is refused.
    pub enabled: bool,
    /// Only in the native edition.
    pub native: Option<Native>,
}

/// A creator's role in its own organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// There is no row.
    Missing,
    /// Owner or admin.
    Manager,
    /// Any other.
    Member,
}

/// What only the native edition stores of a creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Native {
    /// `None` where it is neither `user` nor `admin`.
    pub system_role: Option<SystemRole>,
    /// True where `auth_provider` is `password`.
    pub signs_in_by_password: bool,
    /// Whether `password_hash` is there and sound.
    pub password: PasswordHash,
}

/// LAMB's side, as of one moment.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Who issues tokens here.
    pub edition: Edition,
    /// All organisations.
    pub organizations: Vec<Organization>,
    /// All creators, by id.
    pub creators: Vec<Entry>,
    /// The e-mails of `lti_users` and `lti_activity_users`: students who came in through the LMS.
    pub students: Vec<Box<str>>,
}
