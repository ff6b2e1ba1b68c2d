//! Who gets no creator, and why.

use super::is_garbled;
use crate::email::name::PersonSigns;
use crate::email::{self, Email, Unfit};
use crate::owi::file::people::{OwiPerson, Standing};
use crate::sync::policy::Policy;

/// The longest name that a creator is given: users choose their names in Open WebUI, and must not fill the journal.
const MAX_NAME_BYTES: usize = 1024;

/// Why a user gets no creator.
#[derive(Debug)]
pub(super) enum Left {
    Pending,
    Inactive,
    Unusable(&'static str),
}

impl Left {
    pub(super) const NO_ADDRESS: Self =
        Self::Unusable("no address that LAMB could have: empty, too long or with control characters");
}

/// A user who gets no creator.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub(super) email: Box<str>,
    pub(super) why: Left,
    /// True where the address turned out to be in conflict.
    pub(super) struck: bool,
    /// What else is known of the person.
    pub(super) signs: PersonSigns,
    /// The number of the account.
    pub(super) account: u128,
}

/// Why this account gets no creator.
pub(super) fn why_not(policy: &Policy, person: &OwiPerson) -> Option<Left> {
    if Email::parse(&person.email).is_err() {
        return Some(Left::NO_ADDRESS);
    }
    match email::unfit(&person.email) {
        Some(Unfit::Invisible(_)) => {
            return Some(Left::Unusable("its address has a character that a reader does not see"));
        }
        Some(Unfit::TooLong) => return Some(Left::Unusable("its address is longer than 320 characters")),
        Some(Unfit::NotOneAt) => return Some(Left::Unusable("its address does not have exactly one @")),
        None => {}
    }
    if person.name.len() > MAX_NAME_BYTES {
        return Some(Left::Unusable("its name is longer than 1 KiB"));
    }
    if is_garbled(&person.email) {
        return Some(Left::Unusable("its address is not stored as UTF-8"));
    }
    kept_out(policy, person)
}

/// Why an account is left alone, whether or not it has a creator.
pub(super) fn kept_out(policy: &Policy, person: &OwiPerson) -> Option<Left> {
    match person.standing {
        Standing::NoAuthRow => return Some(Left::Unusable("half an account: no auth row of its id")),
        Standing::OtherEmail => return Some(Left::Unusable("half an account: its auth row has another e-mail")),
        Standing::SwitchedOff if policy.leaves_out_inactive() => return Some(Left::Inactive),
        Standing::SwitchedOff | Standing::Active | Standing::Unknown => {}
    }
    (person.role.as_ref() == "pending" && policy.leaves_out_pending()).then_some(Left::Pending)
}
