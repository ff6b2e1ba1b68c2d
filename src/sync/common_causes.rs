//! What so many have at once that it has one cause: then the cause is told, and the changes are not offered one by one.

use crate::change::{Change, Guard};
use crate::checks::common_cause::{self, CommonCause, Counted};
use crate::findings::{CREATOR_MISSING, Finding, OWI_USER_MISSING, ROLE_MISSING};

/// The numbers that a sync found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    /// Creators in LAMB.
    pub(crate) creators: usize,
    /// How many creators LAMB's table has had, those that are gone too.
    pub(crate) creators_ever: usize,
    /// Users in Open WebUI.
    pub(crate) owi_users: usize,
    /// Users in Open WebUI who get a creator.
    pub(crate) newcomers: usize,
    /// Creators whose account is gone. In the native edition, a creator has none until the first chat: 0 there.
    pub(crate) accounts_gone: usize,
}

/// The common causes of what a sync found, judged as an audit does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CommonCauses {
    pub(crate) all: Vec<CommonCause>,
    /// True where the server itself says that the list of users is its own. If not, an account that only this list has
    /// may be another server's.
    is_proven: bool,
}

impl CommonCauses {
    /// Looks for them. Passwords are copied as LAMB itself copies them: many of those are an upgrade.
    pub(crate) fn of(changes: &[Change], numbers: Numbers, is_proven: bool) -> Self {
        let Numbers { creators, creators_ever, owi_users, newcomers, accounts_gone } = numbers;
        let roles = changes.iter().filter(|change| is_for(change, &ROLE_MISSING)).count();
        let findings = [(&CREATOR_MISSING, newcomers), (&ROLE_MISSING, roles), (&OWI_USER_MISSING, accounts_gone)];
        let all = common_cause::find(&Counted { creators, owi_users, creators_ever, findings: &findings });
        Self { all, is_proven }
    }

    /// Adds causes that were found in another way, where they are not known yet.
    pub(crate) fn add(&mut self, causes: Vec<CommonCause>) {
        for cause in causes {
            if !self.all.iter().any(|known| known.finding == cause.finding) {
                self.all.push(cause);
            }
        }
    }

    /// True for a change that is not offered by itself.
    pub(crate) fn hold_back(&self, change: &Change) -> bool {
        self.all.iter().any(|cause| self.is_behind(cause, change))
    }

    fn is_behind(&self, cause: &CommonCause, change: &Change) -> bool {
        let may_be_of_another_file = !self.is_proven && cause.finding == &OWI_USER_MISSING;
        is_for(change, cause.finding) || (may_be_of_another_file && is_for(change, &CREATOR_MISSING))
    }

    /// What stands against these changes.
    pub(crate) fn guards(&self, changes: &[Change]) -> Vec<Guard> {
        let causes = self.all.iter().filter(|cause| changes.iter().any(|change| self.is_behind(cause, change)));
        causes.map(CommonCause::guard).collect()
    }
}

/// True for a change that is made because of this finding.
fn is_for(change: &Change, finding: &Finding) -> bool {
    match change {
        Change::CreateCreator { .. } => finding == &CREATOR_MISSING,
        Change::SetOrganizationRole { .. } => finding == &ROLE_MISSING,
        Change::DisableCreator { .. } => finding == &OWI_USER_MISSING,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::OrganizationRef;
    use crate::lamb::model::{OrganizationRole, UserType};

    fn role() -> Change {
        let organization = Arc::new(OrganizationRef { id: 1, slug: "lamb".into() });
        let (before, after) = (None, OrganizationRole::Member);
        Change::SetOrganizationRole { creator: 1, email: "a@x".into(), organization, before, after, other_managers: 0 }
    }

    fn newcomer() -> Change {
        Change::CreateCreator {
            email: "b@x".into(),
            name: "B".into(),
            user_type: UserType::Creator,
            organization: Arc::new(OrganizationRef { id: 1, slug: "lamb".into() }),
            role: OrganizationRole::Member,
            system_role: None,
            password_hash: None,
            is_first: false,
            is_student: false,
        }
    }

    /// Of a hundred creators so many have no role and so many no account. What is told, how many changes are held back,
    /// and how many guards stand.
    fn held(
        roles: usize,
        gone: usize,
        newcomers: usize,
        ever: usize,
        proven: bool,
    ) -> (Vec<&'static str>, usize, usize) {
        let owi_users = 100 - gone + newcomers;
        let numbers = Numbers { creators: 100, creators_ever: ever, owi_users, newcomers, accounts_gone: gone };
        let changes = [vec![role(); roles], vec![newcomer(); newcomers]].concat();
        let causes = CommonCauses::of(&changes, numbers, proven);
        let told = causes.all.iter().map(|cause| cause.finding.id).collect();
        let held = changes.iter().filter(|change| causes.hold_back(change)).count();
        (told, held, causes.guards(&changes).len())
    }

    #[test]
    fn changes_with_one_cause_are_held_back() {
        assert_eq!(held(3, 3, 3, 100, false), (vec![], 0, 0), "as on any day");
        assert_eq!(held(95, 0, 1, 100, false), (vec!["role-missing"], 95, 1));
        assert_eq!(held(1, 30, 9, 100, false), (vec!["owi-user-missing"], 9, 1));
        assert_eq!(held(1, 30, 9, 100, true), (vec!["owi-user-missing"], 0, 0), "told, and no guard");
        assert_eq!(held(0, 0, 60, 160, true), (vec!["creator-missing"], 60, 1));
        assert_eq!(held(0, 0, 60, 100, true), (vec![], 0, 0), "LAMB has lost none");
    }
}
