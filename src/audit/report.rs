//! What an audit found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::clock;
use crate::findings::{Fact, Outcome};
use crate::findings::{Finding, FixStep, Hit, Severity};
use crate::lamb::Edition;

/// A user who has a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Example {
    /// Their e-mail, in the spelling that was judged; for a finding about an organization, its slug.
    pub email: String,
    /// What was seen, with its source.
    pub detail: String,
    /// The command that fixes it for this user; `None` where one fixes it for many, or none does.
    pub command: Option<String>,
}

/// A finding about people, with those who have it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Group {
    /// Which finding.
    #[serde(flatten, serialize_with = "id_and_title")]
    #[schemars(with = "FindingName")]
    pub finding: &'static Finding,
    /// The worst severity of any user.
    pub severity: Severity,
    /// How many have it.
    pub count: usize,
    /// The first few, in the order of their addresses.
    pub examples: Vec<Example>,
    /// How to fix it for all of them: commands first.
    #[serde(rename = "mend")]
    pub fix: Vec<FixStep>,
}

/// What is said of a finding in a group.
#[derive(Serialize, JsonSchema)]
struct FindingName {
    /// Its stable id.
    id: &'static str,
    /// The problem in one line.
    title: &'static str,
}

fn id_and_title<S: Serializer>(finding: &&'static Finding, serializer: S) -> Result<S::Ok, S::Error> {
    FindingName { id: finding.id, title: finding.title }.serialize(serializer)
}

/// How many were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PeopleTotals {
    /// Creators in LAMB.
    pub creators: usize,
    /// Users in Open WebUI.
    pub owi_users: usize,
    /// Addresses, each in all its spellings on both sides.
    pub addresses: usize,
    /// Of these, students who came in through the LMS and are no creators.
    pub students: usize,
    /// Of these, addresses of which nothing is found that is worse than information.
    pub sound: usize,
    /// Of these, addresses of which an error is found.
    pub failing: usize,
}

/// One thing that was looked at about the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Check {
    /// A stable word for it.
    pub id: &'static str,
    pub title: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    pub note: String,
    /// The ids of what was found, the worst first.
    pub findings: Vec<&'static str>,
    pub evidence: Vec<Fact>,
}

/// Would this LAMB work with this Open WebUI, and could that be upgraded?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Compatibility {
    /// Whether LAMB works with it; `None` where that could not be told.
    pub works: Option<bool>,
    /// Why, a sentence each.
    pub because: Vec<String>,
    /// Whether an upgrade to 0.12 would start, as far as its e-mails go; `None` where that could not be told.
    pub upgrade_to_0_12_starts: Option<bool>,
    /// How many e-mails stand against that.
    pub blocking: usize,
    /// The first few of them.
    pub blocking_examples: Vec<String>,
}

/// The platform, looked at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct PlatformReport {
    /// What was looked at.
    pub checks: Vec<Check>,
    pub findings: Vec<Hit>,
    /// LAMB and Open WebUI together.
    pub compatibility: Compatibility,
}

/// One of several Open WebUI accounts of one e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DuplicateAccount {
    pub id: String,
    /// Its spelling of the e-mail.
    pub email: String,
    pub role: String,
    /// Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<i64>,
    /// Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub last_active_at: Option<i64>,
    /// True where its own `auth` row is there and switched on.
    pub is_active: bool,
    /// True where LAMB's way of signing in finds it: the trusted header. `None` where that was not measured for this
    /// version.
    pub signs_in: Option<bool>,
    /// The same of a sign-in with a password, where the server takes any.
    pub signs_in_by_password: Option<bool>,
    #[serde(rename = "hangs")]
    pub owns: Vec<Owned>,
}

/// Rows that an account owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Owned {
    /// A word: `chats`, `files`, `groups`, `api-keys`, ….
    pub what: String,
    pub count: usize,
}

/// An e-mail that Open WebUI has more than once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Duplicate {
    /// The address, as its spellings share it.
    pub address: String,
    /// Its accounts, oldest first.
    pub accounts: Vec<DuplicateAccount>,
    /// How a person would merge them, step by step.
    pub advice: Vec<FixStep>,
}

/// What was asked for, where not everything was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct AuditScope {
    pub platform_only: bool,
    /// Only this finding, and all users who have it.
    pub finding: Option<String>,
    /// Only addresses like this.
    pub email: Option<String>,
    /// Only creators of this organization.
    pub organization: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Audit {
    /// When. Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize")]
    #[schemars(with = "String")]
    pub at: i64,
    /// What was asked for.
    pub scope: AuditScope,
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The version of Open WebUI, where it answers.
    pub owi_version: Option<String>,
    /// LAMB's database.
    pub lamb_db: String,
    /// Open WebUI's; `None` where nothing says where it is.
    pub owi_db: Option<String>,
    /// How many users were checked; `None` if none were.
    pub people: Option<PeopleTotals>,
    /// True where Open WebUI's side could not be read: its numbers are then not known.
    #[serde(skip)]
    pub is_one_sided: bool,
    pub platform: PlatformReport,
    /// What was found about people, the worst first.
    pub groups: Vec<Group>,
    /// The first few e-mails that Open WebUI has more than once.
    pub duplicates: Vec<Duplicate>,
    /// How many more e-mails than these it has more than once.
    pub more_duplicates: usize,
    /// What could not be checked, and why.
    pub could_not_tell: Vec<String>,
}

impl Audit {
    /// The worst that was found anywhere.
    pub(crate) fn worst(&self) -> Option<Severity> {
        let platform = self.platform.findings.iter().map(|hit| hit.severity);
        platform.chain(self.groups.iter().map(|group| group.severity)).max()
    }
}
