//! One user that one side lacks: probably there under another address, or removed in LAMB.

use std::cell::OnceCell;

use super::people::{PeopleError, gather};
use super::same_people::SamePeople;
use crate::email::{Email, key};
use crate::findings::{CREATOR_MISSING, Hit, OWI_USER_MISSING, Severity};
use crate::lamb::db::LambDb;
use crate::owi::file::db::OwiDb;
use crate::owi::file::people::account_number;
use crate::repair::is_a_stop;
use crate::settings::Settings;
use crate::setup::Limits;
use crate::sync::removed::{in_words, last_seen};

/// Who is probably one person with two addresses, of all users. Read once, and only if one side lacks a user.
#[derive(Debug, Default)]
pub(crate) struct Pairs(OnceCell<SamePeople>);

impl Pairs {
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
        let mut find =
            || gather(&lamb, Some(&mut owi), &mut |_| {}).and_then(|(mut all, _)| SamePeople::find(&mut all, &lamb));
        let pairs = self.0.get_or_init(|| find().unwrap_or_else(|_: PeopleError| SamePeople::default()));
        if let Some(same) = pairs.of(&key(email.as_str())) {
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
