//! Users by Open WebUI's admin API, page by page: where `webui.db` is elsewhere.

use serde_json::Value;

use super::client::{Account, OwiClient, ServerInfo};
use crate::email::Email;
use crate::secret::Secret;

/// How many users of 0.5.6's bare list are asked for at once.
const PAGE: usize = 200;
/// The most pages that are turned: at 30 a page some 300,000 users that match one e-mail.
const MAX_PAGES: usize = 10_000;

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
pub async fn find(client: &OwiClient, info: &ServerInfo, admin: &Secret, email: &Email) -> Result<Found, String> {
    let mut found = Found::default();
    let mut keep = |users: &[Value]| {
        let accounts = users.iter().filter_map(Account::from_json);
        found.accounts.extend(accounts.filter(|account| email.same_address(&account.email)));
    };
    if info.release() < Some((0, 6)) {
        let mut ranges = vec![(0, PAGE)];
        while let Some((skip, limit)) = ranges.pop() {
            match page(client, admin, &[("skip", &skip.to_string()), ("limit", &limit.to_string())]).await? {
                Page::Users(users) => {
                    keep(&users);
                    if users.len() == limit && limit == PAGE {
                        ranges.push((skip + PAGE, PAGE));
                    }
                }
                // One row that cannot be read spoils its whole page: halve until it stands alone.
                Page::Unreadable if limit == 1 => found.unreadable_rows += 1,
                Page::Unreadable => {
                    let half = limit / 2;
                    if limit == PAGE {
                        ranges.push((skip + PAGE, PAGE));
                    }
                    ranges.extend([(skip + half, limit - half), (skip, half)]);
                }
            }
        }
        return Ok(found);
    }
    let query = email.as_str().trim().to_owned();
    let mut seen = 0;
    for number in 1..=MAX_PAGES {
        match page(client, admin, &[("query", &query), ("page", &number.to_string())]).await? {
            Page::Users(users) if users.is_empty() => break,
            Page::Users(users) => {
                seen += users.len();
                keep(&users);
            }
            Page::Unreadable => {
                return Err(format!(
                    "{}/api/v1/users/ answers 500: a row that matches {query} cannot be read",
                    client.base()
                ));
            }
        }
        if seen < 30 * number {
            break;
        }
    }
    Ok(found)
}

enum Page {
    Users(Vec<Value>),
    Unreadable,
}

async fn page(client: &OwiClient, admin: &Secret, query: &[(&str, &str)]) -> Result<Page, String> {
    let answer = client.users(admin, query).await.map_err(|failure| failure.to_string())?;
    match (answer.status, answer.json()) {
        (200, Some(Value::Array(users))) => Ok(Page::Users(users)),
        (200, Some(Value::Object(mut body))) => match body.remove("users") {
            Some(Value::Array(users)) => Ok(Page::Users(users)),
            _ => Err(format!("{} answers JSON without users", answer.url)),
        },
        (500, _) => Ok(Page::Unreadable),
        _ => Err(format!("{} answers {}", answer.url, answer.summary())),
    }
}
