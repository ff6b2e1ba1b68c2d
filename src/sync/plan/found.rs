//! The result of planning, to be shown and applied.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::OutOfPolicy;
use crate::change::Plan;
use crate::checks::common_cause::CommonCause;
use crate::checks::same_person::{self, KnownAs, Sign};
use crate::findings::FixStep;
use crate::lamb::Edition;
use crate::sync::common_causes::{CommonCauses, Numbers};
use crate::sync::memory::MemoryUpdate;

/// What a sync would do, and what it leaves alone and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct SyncPlan {
    /// The changes, and what stands against them.
    #[serde(flatten)]
    pub plan: Plan,
    /// What so many have at once that it has one cause. The changes for it are not offered one by one.
    #[serde(skip)]
    pub common_causes: CommonCauses,
    /// People that earlier runs saw. So many of them are gone that it has one cause.
    #[serde(skip)]
    pub lost: Vec<CommonCause>,
    /// E-mails of users who were creators, were removed in LAMB, and are to be created again.
    #[serde(skip)]
    pub recreated: Vec<String>,
    /// What an applied run writes into the memory.
    #[serde(skip)]
    pub memory: MemoryUpdate,
    /// The numbers of the newcomers' accounts, for the memory.
    #[serde(skip)]
    pub accounts: Vec<u128>,
    /// How many of each.
    pub summary: PlanSummary,
    /// One address in several spellings, or several times. It is not changed: the match is ambiguous.
    pub conflicts: Vec<Conflict>,
    /// Users who were creators and are gone in LAMB: they are not created again.
    pub removed: Vec<Removed>,
    /// Creators that a rule of the policy would put elsewhere.
    pub out_of_policy: Vec<OutOfPolicy>,
    /// Accounts that nothing can be made of, each with the reason; those of creators whose account is half gone too.
    pub unusable: Vec<Skipped>,
    /// Creators without a user in Open WebUI: their e-mails.
    pub only_in_lamb: Vec<Box<str>>,
    /// Creators with something to change, whose row is too odd for it.
    pub unsound: Vec<Skipped>,
    /// System roles that differ. They are never changed.
    pub system_roles: Vec<RoleDifference>,
    /// Creators whose Open WebUI user is gone, and who stay enabled all the same.
    pub kept: Vec<Skipped>,
}

impl SyncPlan {
    /// Looks for what many have in common, and puts up what stands against fixing that one by one.
    ///
    /// `creators_ever`: how many creators LAMB's table has had. `is_proven`: the server says that its users were read.
    pub(crate) fn find_common_causes(&mut self, edition: Option<Edition>, creators_ever: usize, is_proven: bool) {
        let PlanSummary { creators, owi_users, newcomers, without_owi_user, .. } = self.summary;
        let accounts_gone = if edition == Some(Edition::Native) { 0 } else { without_owi_user };
        let numbers = Numbers { creators, creators_ever, owi_users, newcomers, accounts_gone };
        self.common_causes = CommonCauses::of(&self.plan.changes, numbers, is_proven);
        self.common_causes.add(std::mem::take(&mut self.lost));
        self.plan.guards.extend(self.common_causes.guards(&self.plan.changes));
    }
}

/// Counts. Each user of Open WebUI is in exactly one of `in_step`, `newcomers`, `conflicting`, `students`, `not_included`,
/// `service_accounts`, `pending`, `inactive`, `removed` and `unusable`, the first that fits. A user who has a creator is in step,
/// even a student.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PlanSummary {
    /// Users of Open WebUI.
    pub owi_users: usize,
    /// Creators of LAMB.
    pub creators: usize,
    /// Users who have their creator.
    pub in_step: usize,
    /// Users who get one.
    pub newcomers: usize,
    /// Users whose address is in conflict, or who are probably a creator with another address.
    pub conflicting: usize,
    /// Students who came in through the LMS.
    pub students: usize,
    /// Not included, or excluded.
    pub not_included: usize,
    /// Accounts of programs.
    pub service_accounts: usize,
    /// Not approved in Open WebUI.
    pub pending: usize,
    /// Switched off in Open WebUI.
    pub inactive: usize,
    /// Creators before, and removed in LAMB since.
    pub removed: usize,
    /// Half an account, or an address that LAMB cannot have.
    pub unusable: usize,
    /// Creators without a user in Open WebUI: normal in the native edition until their first chat.
    pub without_owi_user: usize,
    /// Creators who are probably a user of Open WebUI with another address.
    pub probably_renamed: usize,
    /// Creators of whose account in Open WebUI only an auth row is left.
    pub half_gone: usize,
}

/// An address that is more than one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Conflict {
    /// LAMB's spellings.
    pub lamb: Vec<String>,
    /// Open WebUI's spellings, as often as it has them.
    pub owi: Vec<String>,
    /// Why two addresses are probably one person's; empty where all are spellings of one address.
    pub evidence: Vec<Sign>,
    /// As what an earlier run saw the account, where that is among the evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_as: Option<KnownAs>,
    /// The command that makes them one, where it is known which.
    #[serde(serialize_with = "as_line")]
    #[schemars(with = "Option<String>")]
    pub fix: Option<FixStep>,
}

impl Conflict {
    /// One address in two spellings is made one by LAMB's taking Open WebUI's.
    pub(super) fn with_fix(mut self) -> Self {
        if let ([lamb], [owi]) = (self.lamb.as_slice(), self.owi.as_slice())
            && lamb != owi
        {
            self.fix = Some(same_person::rename(lamb, owi));
        }
        self
    }
}

/// The line to type.
fn as_line<S: Serializer>(fix: &Option<FixStep>, serializer: S) -> Result<S::Ok, S::Error> {
    fix.as_ref().map(FixStep::text).serialize(serializer)
}

/// An address that is left as it is, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Skipped {
    /// The e-mail of the account.
    pub email: String,
    /// The reason, in words.
    pub why: &'static str,
}

/// A user of Open WebUI who was a creator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Removed {
    /// The e-mail of the account.
    pub email: String,
    /// When LAMB was last seen to have the creator, RFC 3339 in UTC.
    pub since: String,
}

/// A system role that differs between the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RoleDifference {
    /// The e-mail of the creator.
    pub email: String,
    /// The system role in LAMB's native edition.
    pub lamb: &'static str,
    /// The role in Open WebUI.
    pub owi: String,
}
