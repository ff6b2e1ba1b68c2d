//! The whole deployment at a glance: everybody of both sides, and the platform once, before the judges that `diagnose`
//! uses for one person.

mod judge;
mod listing;
mod people;
mod record;
pub mod report;
mod sort;
mod tally;

use crate::findings::Finding;
use crate::owi::db::OwiDb;
pub use judge::{Found, Ground};
pub use listing::Listing;
pub use people::{PeopleError, Whom, judge_all};
pub use report::Audit;
use tally::Tally;

use crate::lamb::db::LambDb;
use report::{Group, People};

/// What is asked for.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Of whom.
    pub whom: Whom,
    /// The one finding that is asked for, and then everybody who has it.
    pub finding: Option<&'static Finding>,
    /// The platform alone.
    pub platform_only: bool,
    /// No token is made for the purpose.
    pub no_probe: bool,
}

/// Everybody, judged and counted.
#[derive(Debug)]
pub struct Everybody {
    /// How many were looked at.
    pub people: People,
    /// What was found.
    pub groups: Vec<Group>,
    /// Everybody who has the finding that was asked for.
    pub listing: Option<Listing>,
}

/// Judges everybody and counts.
///
/// # Errors
/// [`PeopleError`].
pub fn everybody(
    lamb: &LambDb,
    owi: Option<&OwiDb>,
    ground: &Ground,
    wanted: &Wanted,
    progress: &mut dyn FnMut(usize),
) -> Result<Everybody, PeopleError> {
    let mut tally = Tally::new(wanted.finding)?;
    let people = judge_all(lamb, owi, ground, &wanted.whom, &mut |found| tally.add(found), progress)?;
    let (groups, listing) = tally.finish()?;
    Ok(Everybody { people, groups, listing })
}

#[cfg(test)]
mod tests;
