//! All users, creators and Open WebUI accounts side by side, for `list-users`: each table is read once, a sort brings
//! together what belongs together, and neither database is locked while the list is shown.

mod entry;
mod filter;

use std::io;

use crate::email;
use crate::email::near::{NearMatch, Nearest, Side};
use crate::exit::ExitStatus;
use crate::lamb::db::LambDb;
use crate::lamb::every_row::LambUser;
use crate::owi::file::db::{OwiDb, OwiDbError};
use crate::owi::file::every_row::Half;
use crate::sort::{Sorted, Sorter};
use crate::sqlite::DbError;

pub(crate) use entry::{Entry, ListedAccount, Presence};
pub(crate) use filter::{ListFilter, ListOrder, ListRole, UserPattern};

/// How much is sorted in memory, in bytes.
pub(crate) const IN_MEMORY: usize = 24 << 20;

/// Why people could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeopleError {
    /// LAMB's database.
    #[error(transparent)]
    Lamb(#[from] DbError),
    /// Open WebUI's.
    #[error(transparent)]
    Owi(#[from] OwiDbError),
    /// The temporary files of the sort.
    #[error("cannot write or read a temporary file: {0}; check that TMPDIR (or /tmp) has room")]
    Io(io::Error),
    /// The thread that reads Open WebUI's side.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl From<io::Error> for PeopleError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl ExitStatus for PeopleError {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lamb(error) => error.hint(),
            Self::Owi(error) => error.hint(),
            Self::Io(_) | Self::Thread(_) => None,
        }
    }
}

/// How many entries of each kind a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Counts {
    /// Only in LAMB.
    pub lamb: usize,
    /// Only in Open WebUI.
    pub owi: usize,
    /// In both.
    pub both: usize,
    /// In one or both, but not once and alike.
    pub conflict: usize,
}

impl Counts {
    /// All entries.
    pub(crate) fn total(&self) -> usize {
        self.lamb + self.owi + self.both + self.conflict
    }

    fn add(&mut self, presence: Presence) {
        *match presence {
            Presence::Lamb => &mut self.lamb,
            Presence::Owi => &mut self.owi,
            Presence::Both => &mut self.both,
            Presence::Conflict => &mut self.conflict,
        } += 1;
    }
}

/// What a list ends with.
#[derive(Debug, Default)]
pub(crate) struct ListEnd {
    pub counts: Counts,
    /// Where nothing matches: addresses near the pattern.
    pub near: Vec<NearMatch>,
}

/// Visits the users that the filter wants, in this order. `progress` gets the number of rows read so far.
///
/// # Errors
/// [`PeopleError`], or with what `visit` fails with.
pub(crate) fn list<E: From<PeopleError>>(
    lamb: &LambDb,
    owi: Option<&OwiDb>,
    filter: &ListFilter,
    order: ListOrder,
    progress: &mut dyn FnMut(usize),
    visit: &mut dyn FnMut(&Entry) -> Result<(), E>,
) -> Result<ListEnd, E> {
    let mut nearest = filter.pattern.as_ref().and_then(UserPattern::searched_for).map(Nearest::new);
    let mut sorted = gather(lamb, owi, filter, nearest.as_mut(), progress)?;
    let mut counts = Counts::default();
    let mut ordered = Sorter::new(IN_MEMORY);
    while let Some(entry) = next(&mut sorted, owi)? {
        if !filter.wants(&entry) {
            continue;
        }
        counts.add(entry.presence());
        match order.key(&entry) {
            None => visit(&entry)?,
            Some(key) => ordered.push(&key, |out| entry::write(&entry, out)).map_err(PeopleError::Io)?,
        }
    }
    drop(sorted);
    let mut ordered = ordered.finish().map_err(PeopleError::Io)?;
    while let Some(entry) = ordered.next(|_, value| entry::read(value)).map_err(PeopleError::Io)? {
        visit(&entry.map_err(PeopleError::Io)?)?;
    }
    let near = nearest.filter(|_| counts.total() == 0).map(Nearest::finish).unwrap_or_default();
    Ok(ListEnd { counts, near })
}

/// Reads each table once.
fn gather(
    lamb: &LambDb,
    owi: Option<&OwiDb>,
    filter: &ListFilter,
    mut nearest: Option<&mut Nearest>,
    progress: &mut dyn FnMut(usize),
) -> Result<Sorted, PeopleError> {
    let mut sorter = Sorter::new(IN_MEMORY);
    let mut rows = 0;
    let mut count = || {
        rows += 1;
        progress(rows);
    };
    let slugs = lamb.organizations_by_id()?;
    lamb.every_row::<PeopleError>(&mut |row| {
        count();
        let email = match row {
            LambUser::Creator(creator) => {
                nearest.iter_mut().for_each(|nearest| nearest.offer(creator.email.as_str(), Side::Lamb));
                creator.email.as_str()
            }
            LambUser::Student(student) => &student.email,
        };
        let key = email::key(email);
        if filter.may_want(&key) {
            sorter.push(key.as_bytes(), |out| entry::write_lamb(row, &slugs, out))?;
        }
        Ok(())
    })?;
    let Some(owi) = owi else { return Ok(sorter.finish()?) };
    owi.every_row::<PeopleError>(&mut |half| {
        count();
        let email = match &half {
            Half::User(user) => {
                nearest.iter_mut().for_each(|nearest| nearest.offer(user.email.as_str(), Side::OpenWebUi));
                user.email.as_str()
            }
            Half::Auth(auth) => &auth.email,
        };
        let key = email::key(email);
        if filter.may_want(&key) {
            sorter.push(key.as_bytes(), |out| entry::write_owi(&half, out))?;
        }
        Ok(())
    })?;
    Ok(sorter.finish()?)
}

/// The next address that has more than a student's row.
fn next(sorted: &mut Sorted, owi: Option<&OwiDb>) -> Result<Option<Entry>, PeopleError> {
    loop {
        let mut rows = entry::Rows::default();
        let Some(key) = sorted.next_group(|_, value| rows.add(value))? else { return Ok(None) };
        if let Some(entry) = rows.into_entry(key, owi)? {
            return Ok(Some(entry));
        }
    }
}

#[cfg(test)]
mod tests;
