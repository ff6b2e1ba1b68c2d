//! One user that one side lacks: probably there under another address, or removed in LAMB.

use std::cell::OnceCell;

use super::people::{PeopleError, gather};
use super::same_people::{SamePeople, one_side_lacks_the_user};
use crate::email::{Email, key};
use crate::findings::{CREATOR_MISSING, FixStep, Hit, OWI_USER_MISSING, PROBABLY_RENAMED, Severity};
use crate::lamb::db::LambDb;
use crate::owi::file::db::OwiDb;
use crate::owi::file::people::account_number;
use crate::repair::is_a_stop;
use crate::settings::Settings;
use crate::setup::Limits;
use crate::sync::removed::{in_words, last_seen};

/// So many users of both sides are read within about two seconds. A million on each side takes seven.
const QUICK: i64 = 500_000;

/// Who is probably one person with two addresses, of all users. Read once, and only if one side lacks a user.
#[derive(Debug)]
pub(crate) struct Pairs {
    found: OnceCell<SamePeople>,
    /// The most users that are read for it.
    at_most: i64,
}

impl Pairs {
    /// However many users there are: before a change, or for many users at once.
    pub(crate) fn of_all() -> Self {
        Self { found: OnceCell::new(), at_most: i64::MAX }
    }

    /// For one user who waits: where there are very many users, the finding says that they were not compared.
    pub(crate) fn if_quick() -> Self {
        Self { found: OnceCell::new(), at_most: QUICK }
    }

    /// Makes the finding that one side lacks this user say what all users and the memory of `sync` tell of it. What
    /// cannot be read tells nothing.
    pub(crate) fn weigh(&self, settings: &Settings, limits: Limits, email: &Email, hits: &mut [&mut Hit]) {
        let has = |finding| hits.iter().any(|hit| hit.finding == finding && hit.severity > Severity::Info);
        let has_no_creator = has(&CREATOR_MISSING);
        // A user that neither side has is no other user's half.
        if has_no_creator == has(&OWI_USER_MISSING) || hits.iter().any(|hit| is_a_stop(hit)) {
            return;
        }
        let open = || {
            let lamb = LambDb::open(&settings.lamb_db().ok()?.0, settings.prefix().ok()?, limits.lock_timeout).ok()?;
            let owi = OwiDb::open(&settings.owi_db().ok()?.0, limits.lock_timeout).ok()?;
            Some((lamb, owi))
        };
        let Some((lamb, mut owi)) = open() else { return };
        let users = count(&lamb, &owi);
        let same = if users > self.at_most {
            let all = FixStep::command(&["audit", "--finding", PROBABLY_RENAMED.id]);
            let why = format!("; not compared with the other users (about {users}): {} does that", all.text());
            hits.iter_mut().filter(|hit| one_side_lacks_the_user(hit)).for_each(|hit| hit.detail += &why);
            None
        } else {
            let mut find = || {
                gather(&lamb, Some(&mut owi), &mut |_| {}).and_then(|(mut all, _)| SamePeople::find(&mut all, &lamb))
            };
            let pairs = self.found.get_or_init(|| find().unwrap_or_else(|_: PeopleError| SamePeople::default()));
            pairs.of(&key(email.as_str()))
        };
        if let Some(same) = same {
            for hit in hits {
                same.weigh_one(hit);
            }
        } else if has_no_creator {
            let account = owi.find(email).ok().and_then(|all| Some(account_number(all.exact.first()?.id.as_bytes())));
            if let [Some(last)] = last_seen(&lamb, &[(email.as_str(), account.unwrap_or(0))])[..] {
                let seen = format!("; {}", in_words(last));
                hits.iter_mut().filter(|hit| hit.finding == &CREATOR_MISSING).for_each(|hit| hit.detail += &seen);
            }
        }
    }
}

/// How many users both sides have, nearly: Open WebUI's rows are numbered from 1.
fn count(lamb: &LambDb, owi: &OwiDb) -> i64 {
    let users = owi.newest().ok().flatten().map_or(0, |(rowid, _)| rowid);
    lamb.creator_count().unwrap_or(0).saturating_add(users)
}
