//! One page, asked for as often as it takes.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use super::super::client::OwiClient;
use super::super::users::{self, Page};
use super::{ListingError, MAX_USERS};
use crate::http::{Answer, Failure, FailureKind};
use crate::secret::Secret;

/// The first pause, which doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause, whatever `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

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

/// What happens between two tries.
#[derive(Clone, Debug)]
pub(super) enum Pauses {
    /// Time goes by.
    Slept,
    /// Nothing but a note of it.
    #[cfg(test)]
    Noted(Arc<std::sync::Mutex<Vec<Duration>>>),
}

impl Pauses {
    async fn take(&self, length: Duration) {
        match self {
            Self::Slept => tokio::time::sleep(length).await,
            #[cfg(test)]
            Self::Noted(notes) => notes.lock().unwrap().push(length),
        }
    }
}

/// Asks one server as one admin.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    client: OwiClient,
    admin: Arc<Secret>,
    tries: u32,
    pauses: Pauses,
}

impl Asker {
    pub(super) fn new(client: &OwiClient, admin: &Secret, tries: u32, pauses: Pauses) -> Self {
        Self { client: client.clone(), admin: Arc::new(admin.clone()), tries: tries.clamp(1, 10), pauses }
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
        let (mut tries, mut crashes) = (0, 0);
        loop {
            let came = self.client.users(&self.admin, query).await;
            // A lock that is held for long answers 500 as well, and goes away.
            if twice && crashes == 0 && came.as_ref().is_ok_and(|answer| answer.status == 500) {
                crashes += 1;
                self.pauses.take(pause(1, None)).await;
                continue;
            }
            tries += 1;
            let told = match &came {
                Ok(answer) if is_overload(answer) => answer.retry_after,
                Err(failure) if may_pass(failure) => None,
                _ => return judge(came, tries),
            };
            if tries >= self.tries {
                return judge(came, tries);
            }
            self.pauses.take(pause(tries, told)).await;
        }
    }
}

fn is_overload(answer: &Answer) -> bool {
    matches!(answer.status, 429 | 502..=504)
}

/// True for what a server that starts anew, or has too much to do, makes of a request.
fn may_pass(failure: &Failure) -> bool {
    use FailureKind::{Broken, ConnectTimeout, Hangs, Refused};
    matches!(failure.kind, Broken | ConnectTimeout | Hangs | Refused) && !failure.is_too_long()
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

/// How long to wait after so many tries: twice as long each time, or as the server says, never more than
/// [`LONGEST_PAUSE`]. Up to a half is left to chance, so that requests that failed together do not return together.
fn pause(tries: u32, retry_after: Option<u64>) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(8));
    let chance = f64::from(u32::try_from(RandomState::new().hash_one(tries) >> 32).unwrap_or_default());
    let part = 1.0 + chance / f64::from(u32::MAX) / 2.0;
    // What the server asks for is waited for in full.
    let least = retry_after.map_or(doubled, |seconds| doubled.max(Duration::from_secs(seconds)));
    least.min(LONGEST_PAUSE).mul_f64(part).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_seconds() {
        for (tries, least) in [(1, 250), (2, 500), (3, 1000), (4, 2000), (5, 4000), (6, 5000), (u32::MAX, 5000)] {
            let least = Duration::from_millis(least);
            let is = pause(tries, None);
            assert!(is >= least && is <= least.mul_f64(1.5).min(LONGEST_PAUSE), "{tries}: {is:?}");
        }
    }

    #[test]
    fn a_server_that_says_when_is_obeyed_within_reason() {
        assert!(pause(1, Some(3)) >= Duration::from_secs(3));
        assert_eq!(pause(1, Some(u64::MAX)), LONGEST_PAUSE);
        assert!(pause(3, Some(0)) >= Duration::from_secs(1));
    }

    #[test]
    fn no_two_pauses_are_alike() {
        let pauses: std::collections::BTreeSet<_> = (0..20).map(|_| pause(1, None)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}
