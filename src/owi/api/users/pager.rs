//! Pages of users by Open WebUI's admin API: one request, its retries, and what its answer holds.
//!
//! 0.5.6 answers a bare list and takes `skip` and `limit`. The later versions answer numbered pages of 30, with a total.
//! The version is not asked for: the first question has the parameters of both, and the form of the answer tells.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::http::{Answer, Failure, RetryPolicy};
use crate::owi::api::answers::Account;
use crate::owi::api::client::OwiClient;
use crate::secret::Secret;

/// The most users that are listed. A server that has more, or says so, is an error.
pub const MAX_USERS: usize = 4_000_000;
/// How many users of 0.5.6's bare list are asked for at once.
pub(super) const RANGE: usize = 200;
/// Users on a page of 0.6.43 and 0.12.4.
pub(super) const PAGE: usize = 30;
/// The most unreadable rows in one range: with more of them, the server is broken and not the rows.
const MAX_UNREADABLE: usize = 64;

/// Why the users could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// 401 or 403: the token is refused, or is not an admin's. Not retried.
    #[error("{0}")]
    Refused(String),
    /// The answer, after all tries, is something else than users: the text says what was asked and what came.
    #[error("{0}")]
    Answer(String),
    /// No answer, after all tries.
    #[error("{failure}{}", tried(*.tries))]
    NoAnswer {
        /// The last of the failures.
        failure: Failure,
        /// How often it was tried.
        tries: u32,
    },
    /// Twice there were fewer users than there should be.
    #[error(
        "{url} shows {seen} of {total} users, and {unreadable} rows that it cannot read: users come or go, or it \
         shows some twice and others never. The list was read twice; lamb-auth does not work with half a list"
    )]
    Incomplete {
        /// What was asked.
        url: String,
        /// How many users were seen.
        seen: usize,
        /// How many rows could not be shown.
        unreadable: usize,
        /// How many users there should be.
        total: usize,
    },
    /// The whole list took too long.
    #[error(
        "{url} showed {seen} users{} within {} s, and that is not all of them; lamb-auth does not work with half a list",
        of.map_or_else(String::new, |of| format!(" of {of}")),
        bound.as_secs_f32()
    )]
    TooSlow {
        /// What was asked.
        url: String,
        /// How many users were seen.
        seen: usize,
        /// How many there are, if the server says so.
        of: Option<usize>,
        /// How long the whole list may take.
        bound: Duration,
    },
    /// More than [`MAX_USERS`], or more pages than that many users would need.
    #[error("{url} says it has {total} users; more than {MAX_USERS} are not listed")]
    TooMany {
        /// What was asked.
        url: String,
        /// How many users it says it has.
        total: usize,
    },
}

/// An order that the later versions are asked for; 0.5.6 has only [`Order::Newest`] and ignores the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The order that changes least between two pages. By any other key, users with the same value have no order among
    /// them (PostgreSQL may put them on other pages each time), or move when they sign in.
    Email,
    /// The newest users first.
    Newest,
}

impl Order {
    fn query(self) -> [(&'static str, &'static str); 2] {
        let (by, direction) = match self {
            Self::Email => ("email", "asc"),
            Self::Newest => ("created_at", "desc"),
        };
        [("order_by", by), ("direction", direction)]
    }
}

/// A row of a page.
#[derive(Debug)]
pub(super) enum Row {
    /// A user.
    User(Account),
    /// The id of a user without an e-mail, who cannot be used.
    NoEmail(String),
    /// A row without an id, or one that the server could not show: it cannot be told from others.
    NoId,
}

impl Row {
    fn from_json(value: &Value) -> Self {
        let id = || value.get("id").and_then(Value::as_str).map(ToOwned::to_owned);
        Account::from_json(value).map_or_else(|| id().map_or(Self::NoId, Self::NoEmail), Self::User)
    }

    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::User(account) => Some(&account.id),
            Self::NoEmail(id) => Some(id),
            Self::NoId => None,
        }
    }
}

/// An answer of `GET /api/v1/users/`.
#[derive(Debug)]
pub(super) enum Page {
    /// The bare list of 0.5.6.
    List(Vec<Row>),
    /// A page of the later versions; `total` if it is a count.
    Numbered { rows: Vec<Row>, total: Option<usize> },
    /// 500, most likely because one of the rows cannot be read. Or longer than is read: pictures and settings of any
    /// size are in it, and fewer rows may do.
    Unreadable,
}

/// Which kind of pages the server has, with the rows of the first; `None` where they cannot be shown.
pub(super) enum First {
    /// Ranges of the bare list.
    Ranges(Option<Vec<Row>>),
    /// Numbered pages, and how many users they hold in total.
    Numbered(Option<Vec<Row>>, usize),
}

/// Asks one server as one admin.
#[derive(Clone, Debug)]
pub(super) struct Pager {
    client: OwiClient,
    admin: Arc<Secret>,
    retries: RetryPolicy,
}

impl Pager {
    pub(super) fn new(client: &OwiClient, admin: &Secret, retries: RetryPolicy) -> Self {
        Self { client: client.clone(), admin: Arc::new(admin.clone()), retries }
    }

    /// The URL that is asked, without its query.
    pub(super) fn url(&self) -> String {
        format!("{}/api/v1/users/", self.client.base_shown())
    }

    pub(super) fn odd(&self, what: &str) -> UsersError {
        UsersError::Answer(format!("{} {what}", self.url()))
    }

    /// A total, if it is plausible.
    fn count(&self, total: Option<usize>) -> Result<usize, UsersError> {
        let total = total.ok_or_else(|| self.odd("answers users without a total that is a count"))?;
        if total > MAX_USERS { Err(UsersError::TooMany { url: self.url(), total }) } else { Ok(total) }
    }

    /// The first page of those with `text` in their name or e-mail; of all users if it is empty. 0.5.6 does not filter.
    pub(super) async fn first(&self, text: &str) -> Result<First, UsersError> {
        match self.any(0, RANGE, 1, Order::Email, text).await? {
            Page::List(rows) if rows.len() > RANGE => Err(self.odd("answers more users than were asked for")),
            Page::List(rows) => Ok(First::Ranges(Some(rows))),
            Page::Numbered { rows, total } => Ok(First::Numbered(Some(rows), self.count(total)?)),
            // Far behind the last user there is no row that could be unreadable.
            Page::Unreadable => match self.any(MAX_USERS, 1, MAX_USERS / PAGE, Order::Email, text).await? {
                Page::List(_) => Ok(First::Ranges(None)),
                Page::Numbered { total, .. } => Ok(First::Numbered(None, self.count(total)?)),
                Page::Unreadable => Err(self.odd("answers 500, even for an empty page")),
            },
        }
    }

    /// One page, with the parameters of all versions.
    pub(super) async fn any(
        &self,
        skip: usize,
        limit: usize,
        page: usize,
        order: Order,
        text: &str,
    ) -> Result<Page, UsersError> {
        let [by, direction] = order.query();
        let (skip, limit, page) = (skip.to_string(), limit.to_string(), page.to_string());
        let query = [("skip", &*skip), ("limit", &*limit), ("page", &*page), by, direction, ("query", text)];
        self.page(if text.is_empty() { &query[..5] } else { &query }, true).await
    }

    /// [`RANGE`] rows of the bare list from `skip` on, fewer at its end. One row that cannot be read makes the server
    /// refuse all that are asked for with it: the range is halved until that row stands alone.
    pub(super) async fn range(&self, skip: usize) -> Result<Vec<Row>, UsersError> {
        let mut found = Vec::with_capacity(RANGE);
        let mut parts = vec![(skip, RANGE)];
        let mut unreadable = 0;
        while let Some((skip, limit)) = parts.pop() {
            // In between, a 500 that goes away costs no more than two smaller requests.
            let twice = limit == RANGE || limit == 1;
            match self.page(&[("skip", &skip.to_string()), ("limit", &limit.to_string())], twice).await? {
                Page::Numbered { .. } => return Err(self.odd("answers a list once and pages once")),
                Page::List(rows) if rows.len() > limit => {
                    return Err(self.odd("answers more users than were asked for"));
                }
                Page::List(rows) => {
                    let ended = rows.len() < limit;
                    found.extend(rows);
                    if ended {
                        break;
                    }
                }
                Page::Unreadable if limit == 1 => {
                    unreadable += 1;
                    if unreadable > MAX_UNREADABLE {
                        return Err(self.odd(&format!("answers 500 for {unreadable} users in a row, or nearly")));
                    }
                    found.push(Row::NoId);
                }
                Page::Unreadable => {
                    let half = limit / 2;
                    parts.extend([(skip + half, limit - half), (skip, half)]);
                }
            }
        }
        Ok(found)
    }

    /// A numbered page and the total, of those with `text` in their name or e-mail; `None` where it cannot be shown.
    /// With `twice`, a 500 is asked for once more.
    pub(super) async fn numbered(
        &self,
        page: usize,
        order: Order,
        text: &str,
        twice: bool,
    ) -> Result<Option<(Vec<Row>, usize)>, UsersError> {
        let [by, direction] = order.query();
        let page = page.to_string();
        let query = [("page", &*page), by, direction, ("query", text)];
        match self.page(if text.is_empty() { &query[..3] } else { &query }, twice).await? {
            Page::Numbered { rows, total } => Ok(Some((rows, self.count(total)?))),
            Page::List(_) => Err(self.odd("answers pages once and a list once")),
            Page::Unreadable => Ok(None),
        }
    }

    async fn page(&self, query: &[(&str, &str)], twice: bool) -> Result<Page, UsersError> {
        let (answer, tries) = self.retries.send(twice, || self.client.users(&self.admin, query)).await;
        match answer {
            Ok(answer) if matches!(answer.status, 401 | 403) => {
                Err(UsersError::Refused(format!("{} answers {}", answer.url, answer.summary())))
            }
            Ok(answer) => read(&answer).map_err(|why| UsersError::Answer(format!("{why}{}", tried(tries)))),
            Err(failure) if failure.is_too_long() => Ok(Page::Unreadable),
            Err(failure) => Err(UsersError::NoAnswer { failure, tries }),
        }
    }
}

/// Reads an answer; a sentence if it is no page of users.
fn read(answer: &Answer) -> Result<Page, String> {
    let rows = |users: &[Value]| users.iter().map(Row::from_json).collect();
    match (answer.status, answer.json()) {
        (200, Some(Value::Array(users))) => Ok(Page::List(rows(&users))),
        (200, Some(Value::Object(body))) => match body.get("users") {
            Some(Value::Array(users)) => {
                let total = body.get("total").and_then(Value::as_u64);
                let total = total.map(|total| usize::try_from(total).unwrap_or(usize::MAX));
                Ok(Page::Numbered { rows: rows(users), total })
            }
            _ => Err(format!("{} answers JSON without users", answer.url)),
        },
        (500, _) => Ok(Page::Unreadable),
        _ => Err(format!("{} answers {}", answer.url, answer.summary())),
    }
}

/// The end of a sentence; empty for a single try.
fn tried(tries: u32) -> impl fmt::Display {
    if tries > 1 { format!(" (asked {tries} times)") } else { String::new() }
}
