//! Users by Open WebUI's admin API, page by page: where `webui.db` is elsewhere.

pub mod all_users;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::email::Email;
use crate::http::Answer;
use crate::owi::api::client::{Account, OwiClient};
use crate::secret::Secret;

/// How many users of 0.5.6's bare list are asked for at once.
pub(super) const PAGE: usize = 200;
/// The most pages that are turned: 200,000 users of a list, or 30,000 that match one e-mail.
const MAX_PAGES: usize = 1_000;

/// The users of one address, in any spelling.
#[derive(Debug, Default)]
pub struct Found {
    /// They.
    pub accounts: Vec<Account>,
    /// Rows that the server could not show: it answers 500 for them (measured on all three versions).
    pub unreadable_rows: usize,
}

/// Finds an address. Reads only; leaves the admin's own `last_active_at` behind.
///
/// # Errors
/// A sentence: what was asked, and what came instead of users.
pub async fn find(client: &OwiClient, admin: &Secret, email: &Email) -> Result<Found, String> {
    let mut search = Search { client, admin, email, seen: BTreeSet::new(), found: Found::default() };
    // Each version takes its own words of the first question; the shape of the answer tells which it is.
    let first = [("skip", "0"), ("limit", &*PAGE.to_string()), ("query", email.as_str().trim()), ("page", "1")];
    match page(client, admin, &first).await? {
        Page::List(users) => {
            search.keep(&users);
            if users.len() >= PAGE {
                search.list(vec![(PAGE, PAGE)]).await?;
            }
        }
        Page::Numbered { users, total } => search.numbered(&users, total.unwrap_or(usize::MAX)).await?,
        // Of 0.5.6, where one row spoils the list, or of the others, where it spoils the answer to this very query.
        Page::Unreadable => search.list(vec![(PAGE, PAGE), (0, PAGE)]).await?,
    }
    Ok(search.found)
}

struct Search<'a> {
    client: &'a OwiClient,
    admin: &'a Secret,
    email: &'a Email,
    seen: BTreeSet<String>,
    found: Found,
}

impl Search<'_> {
    /// Keeps those that are meant; true where any of the users is new.
    fn keep(&mut self, users: &[Value]) -> bool {
        let mut any = false;
        for account in users.iter().filter_map(Account::from_json) {
            if self.seen.insert(account.id.clone()) {
                any = true;
                if self.email.same_address(&account.email) {
                    self.found.accounts.push(account);
                }
            }
        }
        any
    }

    /// The bare list of 0.5.6, by ranges. One row that cannot be read spoils its whole range: halve until it stands
    /// alone.
    async fn list(&mut self, mut ranges: Vec<(usize, usize)>) -> Result<(), String> {
        for _ in 0..MAX_PAGES {
            let Some((skip, limit)) = ranges.pop() else { return Ok(()) };
            let query = [("skip", &*skip.to_string()), ("limit", &*limit.to_string())];
            match page(self.client, self.admin, &query).await? {
                Page::List(users) => {
                    let new = self.keep(&users);
                    if new && users.len() >= limit && ranges.is_empty() {
                        ranges.push((skip + limit, PAGE));
                    }
                }
                Page::Numbered { .. } => return Err(self.odd("answers a list once and pages once")),
                Page::Unreadable if limit == 1 => {
                    self.found.unreadable_rows += 1;
                    if ranges.is_empty() {
                        ranges.push((skip + 1, PAGE));
                    }
                }
                Page::Unreadable => {
                    let half = limit / 2;
                    ranges.extend([(skip + half, limit - half), (skip, half)]);
                }
            }
        }
        Err(self.odd("has more pages than were turned"))
    }

    /// The numbered pages of the later versions, already narrowed to the address.
    async fn numbered(&mut self, first: &[Value], total: usize) -> Result<(), String> {
        let mut new = self.keep(first);
        for number in 2..MAX_PAGES {
            if !new || self.seen.len() >= total {
                return Ok(());
            }
            let query = [("query", self.email.as_str().trim()), ("page", &*number.to_string())];
            match page(self.client, self.admin, &query).await? {
                Page::Numbered { users, .. } => new = self.keep(&users),
                Page::List(_) => return Err(self.odd("answers pages once and a list once")),
                Page::Unreadable => {
                    self.found.unreadable_rows += 1;
                    return Ok(());
                }
            }
        }
        Err(self.odd("has more pages than were turned"))
    }

    fn odd(&self, what: &str) -> String {
        format!("{}/api/v1/users/ {what}", self.client.base_shown())
    }
}

/// An answer of `GET /api/v1/users/`, by its shape: no version is asked for.
#[derive(Debug)]
pub(super) enum Page {
    /// The bare list of 0.5.6.
    List(Vec<Value>),
    /// A page of the later versions; `total` where it is a count.
    Numbered { users: Vec<Value>, total: Option<usize> },
    /// 500: a row of it, most likely, cannot be read.
    Unreadable,
}

async fn page(client: &OwiClient, admin: &Secret, query: &[(&str, &str)]) -> Result<Page, String> {
    read(&client.users(admin, query).await.map_err(|failure| failure.to_string())?)
}

/// Reads an answer; a sentence where it is no page of users.
pub(super) fn read(answer: &Answer) -> Result<Page, String> {
    match (answer.status, answer.json()) {
        (200, Some(Value::Array(users))) => Ok(Page::List(users)),
        (200, Some(Value::Object(mut body))) => match body.remove("users") {
            Some(Value::Array(users)) => {
                let total = body.get("total").and_then(Value::as_u64);
                Ok(Page::Numbered { users, total: total.map(|total| usize::try_from(total).unwrap_or(usize::MAX)) })
            }
            _ => Err(format!("{} answers JSON without users", answer.url)),
        },
        (500, _) => Ok(Page::Unreadable),
        _ => Err(format!("{} answers {}", answer.url, answer.summary())),
    }
}
