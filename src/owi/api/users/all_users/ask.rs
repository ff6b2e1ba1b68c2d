//! One page, asked for as often as it takes.

use std::fmt;
use std::sync::Arc;

use super::{ListingError, MAX_USERS};
use crate::http::{Answer, Failure, Patience};
use crate::owi::api::client::OwiClient;
use crate::owi::api::users::{self, Page};
use crate::secret::Secret;

/// An order that the later versions are asked for; 0.5.6 has only [`Order::Newest`] and does not listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The one that is nobody's twice, or nearly: those who were made in one second have no order among them, and
    /// PostgreSQL may put them on other pages each time. It also stays the same while people sign in.
    Email,
    EmailBackwards,
    Newest,
    Oldest,
    Name,
    NameBackwards,
    /// Who was active last comes last, and moves while the pages are turned.
    Active,
    ActiveBackwards,
}

impl Order {
    fn query(self) -> [(&'static str, &'static str); 2] {
        let (by, direction) = match self {
            Self::Email => ("email", "asc"),
            Self::EmailBackwards => ("email", "desc"),
            Self::Newest => ("created_at", "desc"),
            Self::Oldest => ("created_at", "asc"),
            Self::Name => ("name", "asc"),
            Self::NameBackwards => ("name", "desc"),
            Self::Active => ("last_active_at", "asc"),
            Self::ActiveBackwards => ("last_active_at", "desc"),
        };
        [("order_by", by), ("direction", direction)]
    }
}

/// Asks one server as one admin.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    client: OwiClient,
    admin: Arc<Secret>,
    patience: Patience,
}

impl Asker {
    pub(super) fn new(client: &OwiClient, admin: &Secret, patience: Patience) -> Self {
        Self { client: client.clone(), admin: Arc::new(admin.clone()), patience }
    }

    /// What is asked for, without its query.
    pub(super) fn url(&self) -> String {
        format!("{}/api/v1/users/", self.client.base_shown())
    }

    pub(super) fn odd(&self, what: &str) -> ListingError {
        ListingError::Answer(format!("{} {what}", self.url()))
    }

    /// A total that can be believed, so far.
    pub(super) fn count(&self, total: Option<usize>) -> Result<usize, ListingError> {
        let total = total.ok_or_else(|| self.odd("answers users without a total that is a count"))?;
        if total > MAX_USERS { Err(ListingError::TooMany { url: self.url(), total }) } else { Ok(total) }
    }

    /// Each version takes its own words of it: 0.5.6 the range, the later ones page and order.
    pub(super) async fn any(&self, skip: usize, limit: usize, page: usize, order: Order) -> Result<Page, ListingError> {
        let [by, direction] = order.query();
        let (skip, limit, page) = (skip.to_string(), limit.to_string(), page.to_string());
        self.page(&[("skip", &skip), ("limit", &limit), ("page", &page), by, direction], true).await
    }

    /// A range of the bare list; `None` where it cannot be shown. With `twice`, a 500 is not believed at once.
    pub(super) async fn range(
        &self,
        skip: usize,
        limit: usize,
        twice: bool,
    ) -> Result<Option<Vec<serde_json::Value>>, ListingError> {
        match self.page(&[("skip", &skip.to_string()), ("limit", &limit.to_string())], twice).await? {
            Page::List(users) if users.len() > limit => Err(self.odd("answers more users than were asked for")),
            Page::List(users) => Ok(Some(users)),
            Page::Numbered { .. } => Err(self.odd("answers a list once and pages once")),
            Page::Unreadable => Ok(None),
        }
    }

    /// A numbered page and the total, of those in whose name or e-mail `text` is; `None` where it cannot be shown. With
    /// `twice`, a 500 is not believed at once.
    pub(super) async fn numbered(
        &self,
        page: usize,
        order: Order,
        text: &str,
        twice: bool,
    ) -> Result<Option<(Vec<serde_json::Value>, usize)>, ListingError> {
        let [by, direction] = order.query();
        let page = page.to_string();
        let all = [("page", &*page), by, direction, ("query", text)];
        match self.page(if text.is_empty() { &all[..3] } else { &all }, twice).await? {
            Page::Numbered { users, total } => Ok(Some((users, self.count(total)?))),
            Page::List(_) => Err(self.odd("answers pages once and a list once")),
            Page::Unreadable => Ok(None),
        }
    }

    async fn page(&self, query: &[(&str, &str)], twice: bool) -> Result<Page, ListingError> {
        let (came, tries) = self.patience.ask(twice, || self.client.users(&self.admin, query)).await;
        judge(came, tries)
    }
}

/// The end of a request, after its last try.
fn judge(came: Result<Answer, Failure>, tries: u32) -> Result<Page, ListingError> {
    match came {
        Ok(answer) if matches!(answer.status, 401 | 403) => {
            Err(ListingError::Refused(format!("{} answers {}", answer.url, answer.summary())))
        }
        Ok(answer) => {
            users::read(&answer).map_err(|sentence| ListingError::Answer(format!("{sentence}{}", tried(tries))))
        }
        // Pictures and settings are in it, of any size: fewer rows may do.
        Err(failure) if failure.is_too_long() => Ok(Page::Unreadable),
        Err(failure) => Err(ListingError::NoAnswer { failure, tries }),
    }
}

/// The end of a sentence; nothing for a single try.
pub(super) fn tried(tries: u32) -> impl fmt::Display {
    if tries > 1 { format!(" (asked {tries} times)") } else { String::new() }
}
