//! `findings.json` and `diagnose/`: what is wrong, without the words in which it was told: those name people.

use serde::Serialize;

use super::allow::{AllowedValue, OWI_TABLES, ROLES, Word};
use super::pseudonym::{Key, Pseudonym};
use crate::audit::report::{self, Audit, DuplicateAccount, PeopleTotals};
use crate::diagnose::report::{Overall, Report};
use crate::findings::{Effect, Hit, ORGANIZATION_UNMANAGED, Severity};
use crate::findings::{Fact, Outcome};
use crate::lamb::Edition;

/// A finding, here and now.
#[derive(Debug, Serialize)]
struct BundleFinding {
    id: &'static str,
    severity: Severity,
    effect: Effect,
}

impl BundleFinding {
    fn of(hit: &Hit) -> Self {
        Self { id: hit.finding.id, severity: hit.severity, effect: hit.effect }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Findings {
    people: Option<PeopleCounts>,
    checks: Vec<CheckOutcome>,
    platform: Vec<BundleFinding>,
    lamb_works_with_owi: Option<bool>,
    upgrade_to_0_12_starts: Option<bool>,
    blocking: usize,
    groups: Vec<GroupCount>,
    duplicates: Vec<DuplicateAccounts>,
    could_not_tell: usize,
}

#[derive(Debug, Serialize)]
struct PeopleCounts {
    creators: usize,
    owi_users: usize,
    addresses: usize,
    students: usize,
    sound: usize,
    failing: usize,
}

#[derive(Debug, Serialize)]
struct CheckOutcome {
    id: &'static str,
    outcome: Outcome,
    findings: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct GroupCount {
    id: &'static str,
    severity: Severity,
    count: usize,
    examples: Vec<Pseudonym>,
}

#[derive(Debug, Serialize)]
struct DuplicateAccounts {
    address: Pseudonym,
    accounts: Vec<BundleAccount>,
}

#[derive(Debug, Serialize)]
struct BundleAccount {
    role: Word,
    is_active: bool,
    signs_in: Option<bool>,
    signs_in_by_password: Option<bool>,
    #[serde(rename = "hangs")]
    owns: Vec<OwnedCount>,
}

#[derive(Debug, Serialize)]
struct OwnedCount {
    what: Word,
    count: usize,
}

/// The words of an audit for owned rows that are not named after their table.
const OWNED: &[&str] = &[
    "api-keys",
    "channel-messages",
    "chats",
    "files",
    "folders",
    "functions",
    "groups",
    "groups-made",
    "memories",
    "models",
    "notes",
    "prompts",
    "tags",
    "tools",
];

pub(super) fn findings(audit: &Audit, key: &Key) -> Findings {
    let people = |people: PeopleTotals| {
        let PeopleTotals { creators, owi_users, addresses, students, sound, failing } = people;
        PeopleCounts { creators, owi_users, addresses, students, sound, failing }
    };
    let groups = audit.groups.iter().map(|group| {
        let name = |text: &str| {
            if group.finding == &ORGANIZATION_UNMANAGED { key.organization(text) } else { key.user(text) }
        };
        let examples = group.examples.iter().map(|example| name(&example.email)).collect();
        GroupCount { id: group.finding.id, severity: group.severity, count: group.count, examples }
    });
    let compatibility = &audit.platform.compatibility;
    Findings {
        people: audit.people.map(people),
        checks: audit
            .platform
            .checks
            .iter()
            .map(|check| CheckOutcome { id: check.id, outcome: check.outcome, findings: check.findings.clone() })
            .collect(),
        platform: audit.platform.findings.iter().map(BundleFinding::of).collect(),
        lamb_works_with_owi: compatibility.works,
        upgrade_to_0_12_starts: compatibility.upgrade_to_0_12_starts,
        blocking: compatibility.blocking,
        groups: groups.collect(),
        duplicates: audit
            .duplicates
            .iter()
            .map(|duplicate| DuplicateAccounts {
                address: key.user(&duplicate.address),
                accounts: duplicate.accounts.iter().map(account).collect(),
            })
            .collect(),
        could_not_tell: audit.could_not_tell.len(),
    }
}

fn account(account: &DuplicateAccount) -> BundleAccount {
    let known = [OWNED, OWI_TABLES].concat();
    let owned = |owned: &report::Owned| OwnedCount { what: Word::one_of(&owned.what, &known), count: owned.count };
    BundleAccount {
        role: Word::one_of(&account.role, ROLES),
        is_active: account.is_active,
        signs_in: account.signs_in,
        signs_in_by_password: account.signs_in_by_password,
        owns: account.owns.iter().map(owned).collect(),
    }
}

/// A walk over the seven steps.
#[derive(Debug, Serialize)]
pub(super) struct Diagnosis {
    user: Pseudonym,
    edition: Option<Edition>,
    owi_version: Option<Word>,
    overall: Overall,
    first_failing_step: Option<&'static str>,
    finding: Option<&'static str>,
    steps: Vec<BundleStep>,
}

#[derive(Debug, Serialize)]
struct BundleStep {
    id: &'static str,
    outcome: Outcome,
    findings: Vec<BundleFinding>,
    evidence: Vec<Seen>,
}

#[derive(Debug, Serialize)]
struct Seen {
    what: &'static str,
    value: AllowedValue,
}

pub(super) fn diagnosis(email: &str, report: &Report, key: &Key) -> Diagnosis {
    let steps = report.steps.iter().map(|step| BundleStep {
        id: step.step.id,
        outcome: step.outcome,
        findings: step.findings.iter().map(BundleFinding::of).collect(),
        evidence: step.evidence.iter().filter_map(|fact| seen(fact, key)).collect(),
    });
    Diagnosis {
        user: key.user(email),
        edition: report.edition,
        owi_version: report.owi_version.as_deref().map(Word::version),
        overall: report.overall,
        first_failing_step: report.first_failing_step,
        finding: report.finding,
        steps: steps.collect(),
    }
}

/// The form that a value must have to be told.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// One of these.
    OneOf(&'static [&'static str]),
    Number,
    /// `true` or `false`, or one of these.
    Switch(&'static [&'static str]),
    Version,
    Time,
    /// An answer of a server: its status alone.
    Status,
    /// That it is there.
    Presence,
    User,
    /// The slug of an organization.
    Organization,
}

/// What is told of the evidence of a walk. What is not here (paths, ids, settings' values, words of servers) is not.
const FACTS: &[(&str, Form)] = &[
    ("algorithm", Form::OneOf(&["HS256", "HS384", "HS512", "RS256", "none"])),
    ("answer", Form::Status),
    ("answer without a token", Form::Status),
    ("asked about this token", Form::Switch(&[])),
    ("claim email", Form::User),
    ("claim role", Form::OneOf(ROLES)),
    ("creator", Form::Number),
    ("e-mail", Form::User),
    ("edition", Form::OneOf(&["delegated", "native", "unknown"])),
    ("enabled", Form::Switch(&[])),
    ("expires", Form::Time),
    ("issued", Form::Time),
    ("kind", Form::OneOf(&["a LAMB token", "an Open WebUI token"])),
    ("organization", Form::Organization),
    ("organization role", Form::OneOf(ROLES)),
    ("predicted", Form::Number),
    ("real answer", Form::Status),
    ("role", Form::OneOf(ROLES)),
    (
        "signed by",
        Form::OneOf(&["LAMB_JWT_SECRET", "WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY", "none of the known secrets"]),
    ),
    ("signup", Form::Switch(&["not told"])),
    ("through a proxy", Form::Presence),
    ("trusted header", Form::Switch(&["not told"])),
    ("version", Form::Version),
];

fn seen(fact: &Fact, key: &Key) -> Option<Seen> {
    let (what, form) = FACTS.iter().find(|(what, _)| *what == fact.what)?;
    let text = fact.value.as_str();
    let number = |text: &str| text.parse().map_or(AllowedValue::Word(Word::one_of("", &[])), AllowedValue::Number);
    let value = match form {
        Form::OneOf(known) => AllowedValue::Word(Word::one_of(text, known)),
        Form::Number => number(text),
        Form::Switch(known) => match text.parse() {
            Ok(on) => AllowedValue::Switch(on),
            Err(_) => AllowedValue::Word(Word::one_of(text, known)),
        },
        Form::Version => AllowedValue::Word(Word::version(text)),
        Form::Time => AllowedValue::Word(Word::time(text)),
        Form::Status => number(text.get(..3).unwrap_or_default()),
        Form::Presence => AllowedValue::Switch(true),
        Form::User => AllowedValue::Pseudonym(key.user(text)),
        Form::Organization if text == "none" => AllowedValue::Word(Word::own("none")),
        Form::Organization => AllowedValue::Pseudonym(key.organization(text)),
    };
    Some(Seen { what, value })
}
