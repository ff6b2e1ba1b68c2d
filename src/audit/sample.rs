//! An audit of a middling university, for the tests of what shows one.

use super::report::{
    Audit, AuditScope, Check, Compatibility, Duplicate, DuplicateAccount, Example, Group, Owned, PeopleTotals,
    PlatformReport,
};
use crate::findings::{self, Finding, FixStep, Hit, Severity};
use crate::findings::{Fact, Outcome};
use crate::lamb::Edition;

fn group(finding: &'static Finding, severity: Severity, count: usize, fix: &[FixStep]) -> Group {
    let examples = (0..count.min(5)).map(|number| Example {
        email: format!("{}-{number}@uni.example", finding.id),
        detail: format!("{}: seen in /data/lamb/lamb_v4.db, row {number}", finding.title),
        command: None,
    });
    Group { finding, severity, count, examples: examples.collect(), fix: fix.to_vec() }
}

fn account(id: &str, email: &str, signs_in: Option<bool>, owns: &[(&str, usize)]) -> DuplicateAccount {
    DuplicateAccount {
        id: id.to_owned(),
        email: email.to_owned(),
        role: "user".to_owned(),
        created_at: Some(1_760_000_000),
        last_active_at: signs_in.and(Some(1_795_000_000)),
        is_active: signs_in != Some(false),
        signs_in,
        signs_in_by_password: signs_in,
        owns: owns.iter().map(|(what, count)| Owned { what: (*what).to_owned(), count: *count }).collect(),
    }
}

fn platform() -> PlatformReport {
    let check = |id, title, outcome, note: &str| Check {
        id,
        title,
        outcome,
        note: note.to_owned(),
        findings: if outcome == Outcome::Failed { vec!["bootstrap-admin"] } else { Vec::new() },
        evidence: vec![Fact { what: "looked at".to_owned(), value: note.to_owned(), source: "webui.db".to_owned() }],
    };
    PlatformReport {
        checks: vec![
            check("lamb-db", "LAMB's database", Outcome::Passed, "/data/lamb/lamb_v4.db is readable and whole"),
            check("owi-server", "Open WebUI answers", Outcome::Passed, "http://openwebui:8080 is Open WebUI 0.6.43"),
            check("owi-settings", "Open WebUI's settings", Outcome::Warned, "JWT_EXPIRES_IN is -1"),
            check("admins", "The admin account that LAMB uses", Outcome::Failed, "admin@uni.example is pending"),
            check("backend", "LAMB's backend", Outcome::CouldNotTell, "no answer within 10 s"),
        ],
        findings: vec![
            Hit::new(&findings::BOOTSTRAP_ADMIN, "admin@uni.example has role pending in webui.db"),
            Hit::new(&findings::OWI_UPGRADE_BLOCKED, "2 e-mails differ by case only").fixed_by([FixStep::command(&[
                "audit",
                "--finding",
                "owi-duplicate",
            ])]),
        ],
        compatibility: Compatibility {
            works: Some(true),
            because: vec!["Open WebUI 0.6.43 has all columns that a delegated LAMB reads.".to_owned()],
            upgrade_to_0_12_starts: Some(false),
            blocking: 2,
            blocking_examples: vec!["ada@uni.example".to_owned(), "bob@uni.example".to_owned()],
        },
    }
}

pub(crate) fn audit() -> Audit {
    use Severity::{Error, Info, Warning};
    let sync = FixStep::command(&["sync", "--apply"]);
    let each = FixStep::advice("one at a time: an admin decides which account stays");
    let role = FixStep::command(&["assign-role", "--email", "E", "--org", "physics", "--role", "member"]);
    let groups = vec![
        group(&findings::CREATOR_MISSING, Error, 412, std::slice::from_ref(&sync)),
        group(&findings::OWI_USER_MISSING, Error, 37, std::slice::from_ref(&each)),
        group(&findings::EMAIL_SPELLING, Error, 12, std::slice::from_ref(&each)),
        group(&findings::OWI_INACTIVE, Error, 9, std::slice::from_ref(&each)),
        group(&findings::CREATOR_DISABLED, Error, 8, &[]),
        group(&findings::OWI_ROW_UNREADABLE, Error, 3, std::slice::from_ref(&each)),
        group(&findings::USER_CONFIG_BROKEN, Error, 1, std::slice::from_ref(&each)),
        group(&findings::OWI_PENDING, Warning, 63, std::slice::from_ref(&each)),
        group(&findings::ROLE_MISSING, Warning, 21, &[role, sync]),
        group(&findings::ORGANIZATION_MISSING, Warning, 14, std::slice::from_ref(&each)),
        group(&findings::OWI_DUPLICATE, Warning, 2, std::slice::from_ref(&each)),
        group(&findings::ROLE_ELSEWHERE, Warning, 2, &[]),
        group(&findings::ORGANIZATION_UNMANAGED, Warning, 1, &[]),
        group(&findings::LMS_STUDENT, Info, 1893, &[]),
        group(&findings::LTI_CREATOR, Info, 5, &[]),
    ];
    let duplicate = Duplicate {
        address: "ada@uni.example".to_owned(),
        accounts: vec![
            account("8f14e45f-ceea-467f-ab1e-5c3a2a1f0e11", "Ada@Uni.Example", Some(false), &[("chats", 41)]),
            account(
                "c9f0f895-fb98-4ab9-959f-d4b1c2e9a122",
                "ada@uni.example",
                Some(true),
                &[("chats", 3), ("files", 2)],
            ),
            account("45c48cce-2e2d-4fbd-a1aa-fc51c7c6ad26", " ada@uni.example", None, &[]),
        ],
        advice: vec![
            FixStep::advice("Copy webui.db away."),
            FixStep::command(&["check-owi-user", "--email", "Ada@Uni.Example"]),
            FixStep::advice("Delete the accounts that own nothing in the admin panel."),
        ],
    };
    Audit {
        at: 1_795_393_110,
        scope: AuditScope::default(),
        edition: Some(Edition::Delegated),
        owi_version: Some("0.6.43".to_owned()),
        lamb_db: "/data/lamb/lamb_v4.db".to_owned(),
        owi_db: Some("/data/owi/webui.db".to_owned()),
        people: Some(PeopleTotals {
            creators: 2044,
            owi_users: 4310,
            addresses: 4377,
            students: 1893,
            sound: 3812,
            failing: 482,
        }),
        is_one_sided: false,
        platform: platform(),
        groups,
        duplicates: vec![duplicate],
        more_duplicates: 2,
        could_not_tell: vec!["7 creators: their organization's row could not be read".to_owned()],
    }
}

/// The same, with every text from outside replaced by this one.
pub(crate) fn hostile(text: &str) -> Audit {
    let mut audit = audit();
    let all = |texts: &mut dyn Iterator<Item = &mut String>| texts.for_each(|it| text.clone_into(it));
    let fix = |it: &mut FixStep| match it {
        FixStep::Command(it) => it.words = vec![text.to_owned()],
        FixStep::Advice(it) => text.clone_into(it),
    };
    audit.scope = AuditScope {
        platform_only: false,
        finding: Some(text.to_owned()),
        email: Some(text.to_owned()),
        organization: Some(text.to_owned()),
    };
    all(&mut [&mut audit.lamb_db].into_iter().chain(&mut audit.owi_db).chain(&mut audit.owi_version));
    all(&mut audit.could_not_tell.iter_mut());
    for group in &mut audit.groups {
        group.fix.iter_mut().for_each(fix);
        for example in &mut group.examples {
            all(&mut [&mut example.email, &mut example.detail].into_iter());
        }
    }
    for check in &mut audit.platform.checks {
        all(&mut [&mut check.note].into_iter());
        for fact in &mut check.evidence {
            all(&mut [&mut fact.what, &mut fact.value, &mut fact.source].into_iter());
        }
    }
    for hit in &mut audit.platform.findings {
        all(&mut [&mut hit.detail].into_iter());
        hit.fix.iter_mut().for_each(fix);
    }
    let compatibility = &mut audit.platform.compatibility;
    all(&mut compatibility.because.iter_mut().chain(&mut compatibility.blocking_examples));
    for duplicate in &mut audit.duplicates {
        all(&mut [&mut duplicate.address].into_iter());
        duplicate.advice.iter_mut().for_each(fix);
        for account in &mut duplicate.accounts {
            let owns = account.owns.iter_mut().map(|owned| &mut owned.what);
            all(&mut [&mut account.id, &mut account.email, &mut account.role].into_iter().chain(owns));
        }
    }
    audit
}
