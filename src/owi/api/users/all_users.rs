//! All users by Open WebUI's admin API, page by page: where `webui.db` is on another machine or no SQLite file.
//!
//! A listing is whole or an error. The servers turn pages by counting rows, so somebody who comes or goes meanwhile
//! moves the others from page to page: what was seen is held against what the server counts, or the ranges against
//! each other where it counts nothing, and all begins anew once where they disagree. Somebody who goes in the same
//! moment as somebody else comes may hide a third until the next time.

mod ask;
mod gathered;
mod numbered;
mod ranges;

use crate::http::{Failure, Patience};
use crate::messages;
use crate::owi::api::client::{Account, OwiClient};
use crate::owi::api::users::Page;
use crate::owi::file::people::Person;
use crate::secret::Secret;
use ask::{Asker, Order};
use gathered::Gathered;

/// The most users that are listed. A server that has more, or says so, is an error.
pub const MAX_USERS: usize = 4_000_000;
/// The most requests at once.
pub const MAX_JOBS: usize = 16;

/// How all users are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Requests at once, from 1 to [`MAX_JOBS`]; what is outside is taken for the nearest.
    pub jobs: usize,
    /// How often one page is asked for where the server is overloaded or does not answer, from 1 to 10.
    pub tries: u32,
}

/// What came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Everybody once, in no order. [`Standing`](crate::owi::file::people::Standing) is unknown to the API, and so are hashes.
    pub people: Vec<Person>,
    /// Users whom the server has and could not show: it answers 500 for the page they are on (measured on 0.5.6,
    /// 0.6.43 and 0.12.4), or it is too long, or they have no id or e-mail. The bare list of 0.5.6 is halved until they
    /// stand alone. A numbered page has 30 users, whatever is asked for: other orders and searches find the sound ones
    /// among them, but for a few who are too much like a spoilt one, and counted with it.
    pub unreadable_rows: usize,
}

/// Why there is no listing.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// 401 or 403: the token is not taken, or is no admin's. Not asked again.
    #[error("{0}")]
    Refused(String),
    /// Something else than users, after all tries: what was asked, and what came.
    #[error("{0}")]
    Answer(String),
    /// No answer, after all tries.
    #[error("{failure}{}", ask::tried(*.tries))]
    NoAnswer {
        /// The last of the failures.
        failure: Failure,
        /// How often it was asked.
        tries: u32,
    },
    /// Twice there were fewer than there should be.
    #[error(
        "{url} shows {seen} of {total} users, and {unreadable} rows that it cannot read: users come or go, or it \
         shows some twice and others never. The list began anew once; nothing is done by half a list"
    )]
    Incomplete {
        /// What was asked.
        url: String,
        /// Users of whom something was seen.
        seen: usize,
        /// Rows that could not be shown.
        unreadable: usize,
        /// How many there should be.
        total: usize,
    },
    /// More than [`MAX_USERS`], or more pages than that many users would need.
    #[error("{url} says it has {total} users; more than {MAX_USERS} are not listed")]
    TooMany {
        /// What was asked.
        url: String,
        /// How many it says there are.
        total: usize,
    },
}

/// Everybody, once. Reads only; each page leaves the admin's own `last_active_at` behind. `progress` is told how many
/// were seen, and of how many where the server says so; it starts from 0 again where the listing does.
///
/// # Errors
/// [`ListingError`]: a sentence. A listing that is not whole is an error, never a short list.
pub async fn all(
    client: &OwiClient,
    admin: &Secret,
    options: &Options,
    progress: &mut dyn FnMut(usize, Option<usize>),
) -> Result<Listing, ListingError> {
    let asker = Asker::new(client, admin, Patience::new(options.tries));
    everybody(&asker, options.jobs.clamp(1, MAX_JOBS), progress).await
}

/// How the newest users are asked for, in this order, until some are shown: `skip`, `limit` and `page`, of which each
/// version takes its own. One row that cannot be read spoils all that are asked for with it.
const WINDOWS: [(usize, usize, usize); 7] =
    [(0, 30, 1), (0, 5, 2), (5, 5, 3), (10, 5, 2), (15, 5, 2), (20, 5, 2), (25, 5, 2)];

/// The users who came last: 30 at most. Where those cannot be shown, fewer of them, or the next. None at all only where
/// the server has none.
///
/// # Errors
/// As [`all`].
pub async fn newest(client: &OwiClient, admin: &Secret) -> Result<Vec<Account>, ListingError> {
    let asker = Asker::new(client, admin, Patience::new(2));
    for (number, (skip, limit, page)) in WINDOWS.into_iter().enumerate() {
        let users = match asker.any(skip, limit, page, Order::Newest).await? {
            Page::List(users) | Page::Numbered { users, .. } => users,
            Page::Unreadable => continue,
        };
        if number == 0 || !users.is_empty() {
            return Ok(users.iter().filter_map(Account::from_json).collect());
        }
    }
    Err(asker.odd("answers 500 for the newest of its users"))
}

/// One run through all pages.
struct Turn<'a> {
    asker: &'a Asker,
    jobs: usize,
    progress: &'a mut dyn FnMut(usize, Option<usize>),
    gathered: Gathered,
}

/// How a run ended.
enum Verdict {
    /// All are there, but for so many rows that cannot be read.
    Whole { unreadable: usize },
    /// Some are missing.
    Short { unreadable: usize, total: usize },
}

async fn everybody(
    asker: &Asker,
    jobs: usize,
    progress: &mut dyn FnMut(usize, Option<usize>),
) -> Result<Listing, ListingError> {
    let mut again = false;
    loop {
        let mut turn = Turn { asker, jobs, progress: &mut *progress, gathered: Gathered::default() };
        match turn.run(again).await? {
            Verdict::Whole { unreadable } => return Ok(turn.gathered.finish(unreadable)),
            Verdict::Short { unreadable, total } if again => {
                let seen = turn.gathered.people();
                return Err(ListingError::Incomplete { url: asker.url(), seen, unreadable, total });
            }
            Verdict::Short { total, .. } => messages::trace(format_args!(
                "{} shows {} of {total} users: once more",
                asker.url(),
                turn.gathered.people()
            )),
        }
        again = true;
    }
}

impl Turn<'_> {
    /// The shape of the first answer tells which kind of pages there are.
    async fn run(&mut self, again: bool) -> Result<Verdict, ListingError> {
        match self.asker.any(0, crate::owi::api::users::PAGE, 1, Order::Email).await? {
            Page::List(users) => ranges::take(self, Some(gathered::rows(&users))).await,
            Page::Numbered { users, total } => {
                let total = self.asker.count(total)?;
                numbered::take(self, Some(gathered::rows(&users)), total, again).await
            }
            // Far behind the last user there is nothing that could not be read.
            Page::Unreadable => match self.asker.any(MAX_USERS, 1, MAX_USERS / numbered::PAGE, Order::Email).await? {
                Page::List(_) => ranges::take(self, None).await,
                Page::Numbered { total, .. } => numbered::take(self, None, self.asker.count(total)?, again).await,
                Page::Unreadable => Err(self.asker.odd("answers 500, even for an empty page")),
            },
        }
    }

    fn tell(&mut self, of: Option<usize>) {
        let seen = self.gathered.people();
        (self.progress)(seen, of.map(|of| of.max(seen)));
    }
}

#[cfg(test)]
mod tests;
