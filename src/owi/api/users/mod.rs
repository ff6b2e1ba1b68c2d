//! Users by Open WebUI's admin API, where `webui.db` is on another machine: those with one e-mail, or all of them.

pub mod all_users;
mod pager;

use std::collections::BTreeSet;

use crate::email::Email;
use crate::http::RetryPolicy;
use crate::owi::api::answers::Account;
use crate::owi::api::client::OwiClient;
use crate::secret::Secret;
use pager::{First, Order, Pager, RANGE, Row};
pub use pager::{MAX_USERS, UsersError};

/// The most pages that are read for one e-mail: 200,000 users of a bare list, or 30,000 that match.
const MAX_PAGES: usize = 1_000;

/// The users with one e-mail, in any spelling, as the admin API shows them.
#[derive(Debug, Default)]
pub struct ApiMatches {
    /// The accounts that the server showed.
    pub accounts: Vec<Account>,
    /// Rows that the server could not show: it answers 500 for them (measured on 0.5.6, 0.6.43 and 0.12.4).
    pub unreadable_rows: usize,
}

/// Finds the users with an e-mail. Reads only; changes the admin's own `last_active_at`.
///
/// # Errors
/// [`UsersError`]: what was asked, and what came instead of users.
pub async fn find(client: &OwiClient, admin: &Secret, email: &Email) -> Result<ApiMatches, UsersError> {
    let pager = Pager::new(client, admin, RetryPolicy::new(1));
    let text = email.as_str().trim();
    let mut search = Search { email, seen: BTreeSet::new(), found: ApiMatches::default() };
    match pager.first(text).await? {
        First::Ranges(mut first) => {
            for number in 0..MAX_PAGES {
                let rows = match first.take() {
                    Some(rows) => rows,
                    None => pager.range(number * RANGE).await?,
                };
                let is_last = rows.len() < RANGE;
                if !search.keep(rows) || is_last {
                    return Ok(search.found);
                }
            }
        }
        First::Numbered(mut first, total) => {
            for number in 1..MAX_PAGES {
                let rows = match (number, first.take()) {
                    (1, rows) => rows,
                    _ => pager.numbered(number, Order::Email, text, false).await?.map(|(rows, _)| rows),
                };
                let Some(rows) = rows else {
                    search.found.unreadable_rows += 1;
                    return Ok(search.found);
                };
                if !search.keep(rows) || search.seen.len() >= total {
                    return Ok(search.found);
                }
            }
        }
    }
    Err(pager.odd("has more pages than lamb-auth reads"))
}

struct Search<'a> {
    email: &'a Email,
    seen: BTreeSet<String>,
    found: ApiMatches,
}

impl Search<'_> {
    /// Keeps the accounts with the e-mail; true if any of the rows is new.
    fn keep(&mut self, rows: Vec<Row>) -> bool {
        let mut any = false;
        for row in rows {
            match row {
                Row::User(account) if self.seen.insert(account.id.clone()) => {
                    any = true;
                    if self.email.same_address(&account.email) {
                        self.found.accounts.push(account);
                    }
                }
                Row::User(_) | Row::NoEmail(_) => {}
                Row::NoId => {
                    any = true;
                    self.found.unreadable_rows += 1;
                }
            }
        }
        any
    }
}
