//! All users by Open WebUI's admin API, page by page.
//!
//! A listing is whole or an error. The servers count rows to find a page, so a user who comes or goes meanwhile moves
//! the others from page to page. What was seen is compared with what the server counts or, where it counts nothing, the
//! ranges are compared with each other; if they disagree, the list is read once more. A user who goes in the same moment
//! as another comes may hide a third until the next listing.

mod gathered;
mod numbered;
mod ranges;

use std::time::Duration;

use super::pager::{First, Order, Page, Pager, Row};
use super::{MAX_USERS, UsersError};
use crate::http::RetryPolicy;
use crate::messages;
use crate::owi::api::answers::Account;
use crate::owi::api::client::OwiClient;
use crate::owi::file::people::OwiPerson;
use crate::secret::Secret;
use gathered::Gathered;

/// The most requests at once.
pub const MAX_JOBS: usize = 16;

/// How all users are asked for.
#[derive(Clone, Copy, Debug)]
pub struct ListOptions {
    /// Requests at once, from 1 to [`MAX_JOBS`]; a number outside is replaced by the nearest inside.
    pub jobs: usize,
    /// How often one page is asked for where the server is overloaded or does not answer, from 1 to 10.
    pub tries: u32,
    /// How long the whole list may take: a server that answers each page in the last moment would never end.
    pub bound: Duration,
}

/// All users that the server showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllUsers {
    /// Each user once, in no order. The API tells neither their
    /// [`Standing`](crate::owi::file::people::Standing) nor their password hash.
    pub people: Vec<OwiPerson>,
    /// Users that the server has and could not show. It answers 500 for the page they are on (measured on 0.5.6, 0.6.43
    /// and 0.12.4), or the page is too long, or they have no id or e-mail. The bare list of 0.5.6 is halved until they
    /// stand alone. A numbered page always has 30 users: searches find the sound ones among them, except a few that
    /// are too much like an unreadable one, which are counted here too.
    pub unreadable_rows: usize,
}

/// Lists all users. Reads only; each page changes the admin's own `last_active_at`. `progress` is told how many were
/// seen, and of how many if the server says so; it starts from 0 again if the list is read once more.
///
/// # Errors
/// [`UsersError`]. A listing that is not whole is an error, never a short list.
pub async fn all(
    client: &OwiClient,
    admin: &Secret,
    options: &ListOptions,
    progress: &mut dyn FnMut(usize, Option<usize>),
) -> Result<AllUsers, UsersError> {
    let pager = Pager::new(client, admin, RetryPolicy::new(options.tries));
    let (mut seen, mut of, bound) = (0, None, options.bound);
    let mut watch = |now: usize, total: Option<usize>| {
        (seen, of) = (now, total);
        progress(now, total);
    };
    let listing = list_all(&pager, options.jobs.clamp(1, MAX_JOBS), &mut watch);
    match tokio::time::timeout(bound, listing).await {
        Ok(listing) => listing,
        Err(_) => Err(UsersError::TooSlow { url: pager.url(), seen, of, bound }),
    }
}

/// How the newest users are asked for, in this order, until some are shown: `skip`, `limit` and `page`, of which each
/// version uses its own. One row that cannot be read makes the server refuse all that are asked for with it.
const WINDOWS: [(usize, usize, usize); 7] =
    [(0, 30, 1), (0, 5, 2), (5, 5, 3), (10, 5, 2), (15, 5, 2), (20, 5, 2), (25, 5, 2)];

/// The newest users, 30 at most. If those cannot be shown, fewer of them, or the ones before. The list is empty only if
/// the server has no users.
///
/// # Errors
/// As [`all`].
pub async fn newest(client: &OwiClient, admin: &Secret) -> Result<Vec<Account>, UsersError> {
    let pager = Pager::new(client, admin, RetryPolicy::new(2));
    for (number, (skip, limit, page)) in WINDOWS.into_iter().enumerate() {
        let rows = match pager.any(skip, limit, page, Order::Newest, "").await? {
            Page::List(rows) | Page::Numbered { rows, .. } => rows,
            Page::Unreadable => continue,
        };
        if number == 0 || !rows.is_empty() {
            let account = |row| if let Row::User(account) = row { Some(account) } else { None };
            return Ok(rows.into_iter().filter_map(account).collect());
        }
    }
    Err(pager.odd("answers 500 for the newest of its users"))
}

/// One pass through all pages.
struct Pass<'a> {
    pager: &'a Pager,
    jobs: usize,
    progress: &'a mut dyn FnMut(usize, Option<usize>),
    gathered: Gathered,
}

/// How a pass ended.
enum PassEnd {
    /// All users were seen, except so many rows that cannot be read.
    Whole { unreadable: usize },
    /// Some are missing.
    Short { unreadable: usize, total: usize },
}

async fn list_all(
    pager: &Pager,
    jobs: usize,
    progress: &mut dyn FnMut(usize, Option<usize>),
) -> Result<AllUsers, UsersError> {
    let mut again = false;
    loop {
        let mut pass = Pass { pager, jobs, progress: &mut *progress, gathered: Gathered::default() };
        let end = match pager.first("").await? {
            First::Ranges(rows) => ranges::read(&mut pass, rows).await?,
            First::Numbered(rows, total) => numbered::read(&mut pass, rows, total, again).await?,
        };
        let seen = pass.gathered.people();
        match end {
            PassEnd::Whole { unreadable } => return Ok(pass.gathered.finish(unreadable)),
            PassEnd::Short { unreadable, total } if again => {
                return Err(UsersError::Incomplete { url: pager.url(), seen, unreadable, total });
            }
            PassEnd::Short { total, .. } => {
                messages::trace(format_args!("{} shows {seen} of {total} users: once more", pager.url()));
            }
        }
        again = true;
    }
}

impl Pass<'_> {
    fn tell(&mut self, of: Option<usize>) {
        let seen = self.gathered.people();
        (self.progress)(seen, of.map(|of| of.max(seen)));
    }
}

#[cfg(test)]
mod tests;
