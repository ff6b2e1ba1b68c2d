//! All users, address by address: each table is read once from end to end, a sort brings together what belongs
//! together, and no database is locked during the checks.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};

use super::judge::{AddressHit, AuditInput, add, judge};
use super::lms;
use super::members::Members;
use super::record::{Rows, write_lamb, write_owi};
use super::report::PeopleTotals;
use super::same_people::{SameAddresses, SamePeople};
use crate::directory::IN_MEMORY;
pub(crate) use crate::directory::PeopleError;
use crate::email::{self, Email};
use crate::findings::Severity;
use crate::lamb::db::LambDb;
use crate::lamb::every_row::{LambUser, Organizations};
use crate::lamb::lms::LmsUser;
use crate::owi::file::db::OwiDb;
use crate::owi::file::every_row::Half;
use crate::owi::file::groups::{GroupKey, Kept};
use crate::sort::{Sorted, Sorter};
use crate::sync::policy::Pattern;

/// Limits an audit to some users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PeopleFilter {
    /// Only addresses like this.
    pub email: Option<Pattern>,
    /// Only those with a creator in the organization of this slug.
    pub organization: Option<String>,
}

/// Judges all users, in the order of their addresses. `found` gets the findings; `progress`, how many rows were read.
///
/// # Errors
/// [`PeopleError`].
pub(crate) fn judge_all(
    lamb: &LambDb,
    owi: Option<&mut OwiDb>,
    input: &AuditInput,
    filter: &PeopleFilter,
    found: &mut dyn FnMut(&[AddressHit]) -> io::Result<()>,
    progress: &mut dyn FnMut(usize),
) -> Result<PeopleTotals, PeopleError> {
    visit_all(lamb, owi, input, filter, &mut |address| found(address.found), progress)
}

/// An address, judged, with its rows.
pub(super) struct Address<'a> {
    pub(super) found: &'a [AddressHit],
    pub(super) rows: &'a Rows,
    pub(super) lms: Option<&'a LmsUser>,
    /// Who this probably is on the other side, with another address.
    pub(super) same: Option<&'a SameAddresses>,
    /// The prefix of other tables that have this creator.
    pub(super) elsewhere: &'a dyn Fn(&Email) -> Option<String>,
}

/// As [`judge_all`], for who wants to see the rows too.
pub(super) fn visit_all(
    lamb: &LambDb,
    mut owi: Option<&mut OwiDb>,
    input: &AuditInput,
    filter: &PeopleFilter,
    visit: &mut dyn FnMut(&Address<'_>) -> io::Result<()>,
    progress: &mut dyn FnMut(usize),
) -> Result<PeopleTotals, PeopleError> {
    let organizations = lamb.organizations_by_id()?;
    let (mut sorted, members) = gather(lamb, owi.as_deref_mut(), progress)?;
    let owi = owi.as_deref();
    let same = SamePeople::find(&mut sorted, lamb)?;
    let people = PeopleTotals::default();
    let mut judging = Judging { lamb, owi, input, filter, same, people, rows: Rows::default(), members };
    let mut addresses = Addresses { sorted, organizations };
    while let Some(key) = addresses.next(&mut judging.rows)? {
        judging.address(&key, visit)?;
    }
    Ok(judging.people)
}

/// Reads each table once, with all users: one who is not asked about may be the same person as one who is. Tells also
/// how the members of groups are kept, where they were read, which is done only where there are students.
///
/// Both sides are read and sorted at the same time. That is half of the instructions of an audit, and Open WebUI's side is
/// somewhat more than half of them.
pub(super) fn gather(
    lamb: &LambDb,
    owi: Option<&mut OwiDb>,
    progress: &mut dyn FnMut(usize),
) -> Result<(Sorted, Option<Kept>), PeopleError> {
    let Some(owi) = owi else { return Ok((read_lamb(lamb, IN_MEMORY, &mut RowCount::new(progress))?, None)) };
    let has_students = lamb.has_students()?;
    let (count, counted) = mpsc::channel();
    std::thread::scope(|scope| {
        let read = move || read_owi(owi, has_students, &count);
        let theirs = std::thread::Builder::new().spawn_scoped(scope, read).map_err(PeopleError::Thread)?;
        let mut rows = RowCount { rows: 0, elsewhere: Some(counted), progress };
        let ours = read_lamb(lamb, IN_MEMORY / 2, &mut rows);
        match ours {
            Ok(_) => rows.wait(),
            // The other thread ends at its next count.
            Err(_) => drop(rows),
        }
        let theirs = theirs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (ours, (theirs, members)) = (ours?, theirs?);
        Ok((ours.and(theirs)?, members))
    })
}

/// After so many rows the thread that reads Open WebUI's side says so.
const COUNTED_AT_ONCE: usize = 256;

/// Counts the rows that this thread reads, and those that another one says it read.
struct RowCount<'a> {
    rows: usize,
    elsewhere: Option<Receiver<()>>,
    progress: &'a mut dyn FnMut(usize),
}

impl<'a> RowCount<'a> {
    fn new(progress: &'a mut dyn FnMut(usize)) -> Self {
        Self { rows: 0, elsewhere: None, progress }
    }

    /// One more was read here.
    fn one(&mut self) {
        self.rows += 1;
        if self.rows.is_multiple_of(COUNTED_AT_ONCE) {
            let said = self.elsewhere.iter().flat_map(Receiver::try_iter).count();
            self.rows += said * COUNTED_AT_ONCE;
        }
        (self.progress)(self.rows);
    }

    /// Counts what the other thread reads until it is done.
    fn wait(mut self) {
        for () in self.elsewhere.take().into_iter().flatten() {
            self.rows += COUNTED_AT_ONCE;
            (self.progress)(self.rows);
        }
    }
}

fn read_lamb(lamb: &LambDb, in_memory: usize, rows: &mut RowCount<'_>) -> Result<Sorted, PeopleError> {
    let mut sorter = Sorter::new(in_memory);
    lamb.every_row::<PeopleError>(&mut |row| {
        rows.one();
        let address = match row {
            LambUser::Creator(creator) => creator.email.as_str(),
            LambUser::Student(student) => &student.email,
        };
        let key = email::key(address);
        Ok(sorter.push(key.as_bytes(), |out| write_lamb(row, &key, out))?)
    })?;
    Ok(sorter.finish()?)
}

fn read_owi(owi: &OwiDb, has_students: bool, count: &Sender<()>) -> Result<(Sorted, Option<Kept>), PeopleError> {
    let mut sorter = Sorter::new(IN_MEMORY / 2);
    let mut members = has_students.then(Members::new);
    let mut rows = 0_usize;
    owi.every_row::<PeopleError>(&mut |half| {
        rows += 1;
        if rows.is_multiple_of(COUNTED_AT_ONCE) {
            count.send(()).map_err(|_| io::Error::other("LAMB's side could not be read"))?;
        }
        let address = match &half {
            Half::User(user) => user.email.as_str(),
            Half::Auth(auth) => &auth.email,
        };
        let key = email::key(address);
        if let (Half::User(user), Some(members)) = (&half, &mut members) {
            members.account(&user.id, &key)?;
        }
        Ok(sorter.push(key.as_bytes(), |out| write_owi(&half, &key, out))?)
    })?;
    let kept = members.map(|members| members.read(owi, &mut sorter)).transpose()?.flatten();
    Ok((sorter.finish()?, kept))
}

/// The sorted rows, an address at a time.
struct Addresses {
    sorted: Sorted,
    organizations: Organizations,
}

impl Addresses {
    /// Reads all rows of the next address, and gives its key.
    fn next(&mut self, rows: &mut Rows) -> io::Result<Option<String>> {
        rows.clear();
        let organizations = &self.organizations;
        self.sorted.next_group(|key, value| rows.add(key, value, organizations))
    }
}

struct Judging<'a> {
    lamb: &'a LambDb,
    owi: Option<&'a OwiDb>,
    input: &'a AuditInput,
    filter: &'a PeopleFilter,
    same: SamePeople,
    people: PeopleTotals,
    rows: Rows,
    /// How the file keeps the members of groups, where they were read.
    members: Option<Kept>,
}

impl Judging<'_> {
    fn address(&mut self, key: &str, visit: &mut dyn FnMut(&Address<'_>) -> io::Result<()>) -> Result<(), PeopleError> {
        if !self.is_asked_about(key) {
            return Ok(());
        }
        self.pair_halves()?;
        self.find_other_roles()?;
        let rows = &self.rows;
        let mut ask = |group: GroupKey<'_>, account: Option<&str>| {
            lms::membership(self.owi, self.members, (key, rows), group, account)
        };
        let of_lms = lms::judge(rows, self.input, &mut ask);
        // A student who has no account yet is told only for what stops the next launch.
        if rows.creators.is_empty() && rows.users.is_empty() && rows.auths.is_empty() && of_lms.is_empty() {
            return Ok(());
        }
        let table = || Ok::<_, PeopleError>(rows.student.as_ref().map(|table| self.lamb.student_by_table(table)));
        let lms = LmsUser::of(key, table)?;
        // One look-up each, for the few that LAMB does not have, and only where there are other tables at all.
        let elsewhere = |email: &Email| self.lamb.prefix_that_has(email.as_str()).ok().flatten();
        let mut all = judge(&mut self.rows, lms.as_ref(), self.input, &elsewhere);
        let rows = &self.rows;
        of_lms.into_iter().for_each(|(email, hit)| add(&mut all, email, hit, rows, lms.as_ref()));
        let same = self.same.of(key);
        for found in &mut all {
            found.is_fixable &= !same.is_some_and(|same| same.weigh(&mut found.hit));
        }
        self.people.addresses += 1;
        self.people.creators += rows.creators.len() + rows.more_creators;
        self.people.owi_users += rows.users.len() + rows.more_users;
        self.people.students += usize::from(matches!(lms, Some(LmsUser::Student(_))) && rows.creators.is_empty());
        self.people.failing += usize::from(all.iter().any(|found| found.hit.severity == Severity::Error));
        self.people.sound += usize::from(all.iter().all(|found| found.hit.severity == Severity::Info));
        Ok(visit(&Address { found: &all, rows, lms: lms.as_ref(), same, elsewhere: &elsewhere })?)
    }

    fn is_asked_about(&self, key: &str) -> bool {
        if self.filter.email.as_ref().is_some_and(|pattern| !pattern.matches(key)) {
            return false;
        }
        let Some(slug) = &self.filter.organization else { return true };
        let organizations = self.rows.creators.iter().filter_map(|creator| creator.organization.as_ref());
        organizations.into_iter().any(|organization| organization.slug == *slug)
    }

    /// Only for creators without a role in their own organization. A lock is held while all rows are read.
    fn find_other_roles(&mut self) -> Result<(), PeopleError> {
        for creator in self.rows.creators.iter_mut().filter(|creator| creator.organization_role.is_none()) {
            creator.roles_elsewhere = self.lamb.roles_elsewhere(creator)?;
        }
        Ok(())
    }

    /// Gives each user its `auth` row, and keeps those that have no user. Nearly always both are here; where the two
    /// disagree about the e-mail, the other is looked up by its id.
    fn pair_halves(&mut self) -> Result<(), PeopleError> {
        let Some(owi) = self.owi else { return Ok(()) };
        for user in &mut self.rows.users {
            let auth = match self.rows.auths.iter().position(|auth| auth.id == user.id) {
                Some(at) => Some(self.rows.auths.remove(at)),
                None => owi.auth_by_id(&user.id)?,
            };
            user.set_auth(auth);
        }
        let mut orphans = Vec::new();
        for auth in self.rows.auths.drain(..) {
            if owi.user_by_id(&auth.id)?.is_none() {
                orphans.push(auth);
            }
        }
        self.rows.auths = orphans;
        Ok(())
    }
}
