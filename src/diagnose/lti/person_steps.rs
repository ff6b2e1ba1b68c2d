//! The steps of the flow `lti` about one user: which rows the user has, and what stops each launch.

use super::person::{Account, PersonEvidence};
use crate::checks::lti::{self, ACTIVITY_FAILED, ASSISTANT_FAILED, Blocked, Way};
use crate::checks::{account, server, tables};
use crate::findings::{
    Effect, HEADER_UNSENDABLE, Hit, Judged, LTI_ACTIVITY_NOT_READY, LTI_CREATOR_MISSING, LTI_LINK_DANGLING,
    LTI_UNPUBLISHED, Outcome, Severity,
};
use crate::flow::{ByEdition, Earlier, Flow, Names, Step};
use crate::http::FailureKind;
use crate::lamb::Edition;
use crate::lamb::lms::MadeUp;
use crate::lamb::lti_people::{AskedFor, LmsPerson};
use crate::owi::api::answers::ServerAnswer;
use crate::owi::file::db::OwiDb;

/// The ways of one user.
pub(in crate::diagnose) static USER: Flow<PersonEvidence> = Flow {
    id: "lti",
    names: Names::First,
    steps: &[
        Step {
            id: "lms-user",
            title: "the rows that LAMB has of the LMS's user",
            does: ByEdition {
                delegated: "keeps students in lti_users",
                native: "finds a teacher by organization and lti_user_id, and students by the e-mail that it makes of the \
                         user name and the link",
            },
            screen: ByEdition::both(""),
            check: |evidence, _| lms_user(evidence),
        },
        Step {
            id: "open-webui",
            title: "Open WebUI, which signs in each student",
            does: ByEdition::both("signs in by the trusted header, and reads and writes webui.db"),
            screen: ByEdition::both(""),
            check: |evidence, _| open_webui(evidence),
        },
        Step {
            id: "creator-launch",
            title: "the launch into the creator interface",
            does: ByEdition {
                delegated: "has no such launch",
                native: "makes a creator where it finds none, and sends a token",
            },
            screen: ByEdition::both(""),
            check: creator_launch,
        },
        Step {
            id: "activity-launch",
            title: "the launch of an activity",
            does: ByEdition {
                delegated: "has no such launch",
                native: "makes an account in Open WebUI, puts it into the activity's group, and signs it in",
            },
            screen: ByEdition::both(""),
            check: activity_launch,
        },
        Step {
            id: "assistant-launch",
            title: "the launch of a published assistant",
            does: ByEdition::both(
                "makes an account in Open WebUI, puts it into the assistant's group, and signs it in",
            ),
            screen: ByEdition::both(""),
            check: assistant_launch,
        },
    ],
};

fn lms_user(evidence: &PersonEvidence) -> Judged {
    let tables = tables::judge(&evidence.lamb);
    let person = match &evidence.person {
        Ok(person) => person,
        Err(why) => {
            return Judged::instead(Outcome::CouldNotTell, format!("LAMB's database was not read: {why}"))
                .hits(tables.hits);
        }
    };
    let who = match &evidence.asked {
        AskedFor::Id(id, Some(slug)) => format!("the LMS id {id:?} in the organization {slug}"),
        AskedFor::Id(id, None) => format!("the LMS id {id:?}"),
        AskedFor::Address(email) => {
            MadeUp::of(email.as_str()).map_or_else(|| email.to_string(), |made| made.to_string())
        }
    };
    let LmsPerson { teachers, links, activities, assistants, .. } = person;
    let counts = [
        (teachers.len(), "creator"),
        (links.len(), "link to a creator"),
        (activities.len(), "row in an activity"),
        (assistants.len(), "row of the old launch"),
    ];
    let rows: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what}: {count}")).collect();
    if rows.is_empty() && person.holder.is_none() {
        let note = format!(
            "{who}: LAMB has no row of this user from the LMS; no launch came so far, or it came with another id"
        );
        return Judged::instead(Outcome::CouldNotTell, note).hits(tables.hits);
    }
    let rows = if rows.is_empty() { "no row of this id".to_owned() } else { rows.join(", ") };
    let source = evidence.lamb.path.display().to_string();
    let mut judged = Judged::note(format!("{who}: {rows}"));
    for teacher in teachers {
        judged = judged.fact("creator", &teacher.email, &source);
    }
    for user in activities {
        let link = user.activity.as_ref().map_or("(gone)", |activity| activity.resource_link.as_str());
        judged = judged.fact("activity", format!("{} as {}", link, user.email), &source);
    }
    for user in assistants {
        judged = judged.fact("published assistant", format!("{} as {}", user.key, user.email), &source);
    }
    for link in links {
        judged = judged.fact("link", link.email.as_deref().unwrap_or("(creator gone)"), &source);
        if link.email.is_none() {
            let detail =
                format!("the LMS id {:?} is linked to the creator {}, which is gone", link.lms_id, link.creator);
            judged = judged.hits([Hit::new(&LTI_LINK_DANGLING, detail)]);
        }
    }
    judged.hits(tables.hits)
}

fn open_webui(evidence: &PersonEvidence) -> Judged {
    let mut judged = server::judge_server(&evidence.owi_base, None, &evidence.server);
    judged.hits.extend(evidence.owi.as_ref().ok().and_then(account::judge_drift));
    for hit in &mut judged.hits {
        (hit.severity, hit.effect) = (Severity::Error, Effect::Launch);
    }
    // Students go to this address, and to no other.
    let link = evidence.link.as_ref();
    judged.hits.extend(link.map(|bad| match (bad.is_no_url, bad.hit.severity) {
        (true, _) => bad.hit.clone().severity(Severity::Error, Effect::Launch),
        (false, severity) => bad.hit.clone().severity(severity, Effect::Launch),
    }));
    match evidence.edition {
        // The launch of a student waits, and so does that of a new teacher (measured).
        _ if hangs(&evidence.server) => judged.seen("nothing: after a click in the LMS the page never ends"),
        Some(Edition::Delegated) => judged.seen(ASSISTANT_FAILED),
        _ => judged.seen(ACTIVITY_FAILED),
    }
}

fn hangs(server: &ServerAnswer) -> bool {
    matches!(server, ServerAnswer::Unreachable(failure) if failure.kind == FailureKind::Hangs)
}

/// A step of which the user has no row.
fn none(what: &str) -> Judged {
    Judged::instead(Outcome::Skipped, format!("the user has no row for this launch; {what}"))
}

fn with(judged: Judged, found: Vec<Blocked>) -> Judged {
    let seen = found.iter().max_by_key(|blocked| blocked.hit.severity).map(|blocked| blocked.seen);
    let judged = judged.hits(found.into_iter().map(|blocked| blocked.hit));
    match (seen, &judged.seen) {
        (Some(seen), None) => judged.seen(seen),
        _ => judged,
    }
}

fn creator_launch(evidence: &PersonEvidence, earlier: Earlier<'_>) -> Judged {
    let Ok(person) = &evidence.person else { return earlier.blocked_by("lms-user") };
    if evidence.edition == Some(Edition::Delegated) {
        return none("a delegated LAMB has no such launch");
    }
    let (slug, lms_id) = match &evidence.asked {
        AskedFor::Id(id, slug) => (slug.as_deref(), Some(id.as_str())),
        AskedFor::Address(_) => (None, None),
    };
    if person.teachers.is_empty() {
        let held = person.holder.as_ref().and_then(|holder| lti::judge_holder(holder, slug, lms_id));
        if let Some(held) = held {
            return with(Judged::note("LAMB cannot make the creator"), vec![held]);
        }
        let Some(address) = evidence.asked.teachers_address() else {
            return none("LAMB makes a creator at the first launch; pass --org to check the e-mail that it would make");
        };
        let has_account = evidence.own.as_ref().is_some_and(|matches| !matches.is_empty());
        if has_account && matches!(evidence.asked, AskedFor::Address(_)) {
            let detail = format!("Open WebUI has {address}, and LAMB has no such creator");
            let hit = Hit::new(&LTI_CREATOR_MISSING, detail).severity(Severity::Warning, Effect::Launch);
            return Judged::note("LAMB makes the creator at the next launch").hits([hit]);
        }
        return none(&format!("the next one makes {address}"));
    }
    let mut found = Vec::new();
    for (teacher, account) in person.teachers.iter().zip(&evidence.teachers) {
        found.extend(lti::judge_teacher(teacher));
        found.extend(chat(evidence, teacher.email.as_str(), &teacher.name, account));
    }
    let emails: Vec<&str> = person.teachers.iter().map(|teacher| teacher.email.as_str()).collect();
    with(Judged::note(format!("LAMB finds {}", emails.join(", "))), found)
}

/// What a teacher meets behind the launch, in Open WebUI: that is a warning, as LAMB itself lets the teacher in.
fn chat(evidence: &PersonEvidence, email: &str, name: &str, account: &Account) -> Vec<Blocked> {
    let mut found = judge(evidence, email, name, account, Way::Chat);
    for blocked in &mut found {
        blocked.hit.severity = blocked.hit.severity.min(Severity::Warning);
    }
    // The name has its own words there.
    found.retain(|blocked| blocked.hit.finding != &HEADER_UNSENDABLE);
    found
}

fn judge(evidence: &PersonEvidence, email: &str, name: &str, account: &Account, way: Way<'_>) -> Vec<Blocked> {
    let file =
        evidence.owi.as_ref().map_or_else(|_| "webui.db".to_owned(), |db: &OwiDb| db.path().display().to_string());
    let release = evidence.server.info().and_then(crate::owi::api::answers::ServerInfo::release);
    lti::judge_account(&lti::Account { email, name, matches: account.matches.as_ref(), file: &file, release, way })
}

fn activity_launch(evidence: &PersonEvidence, earlier: Earlier<'_>) -> Judged {
    let Ok(person) = &evidence.person else { return earlier.blocked_by("lms-user") };
    if evidence.edition == Some(Edition::Delegated) {
        return none("a delegated LAMB has no such launch");
    }
    if person.activities.is_empty() {
        return none("LAMB makes it when the user opens an activity");
    }
    let mut found = Vec::new();
    for (user, account) in person.activities.iter().zip(&evidence.activities) {
        let email = &user.email;
        match &user.activity {
            None => found.push(not_ready(format!("the activity of {email} is gone"))),
            Some(activity) if activity.status != "active" => {
                found.push(not_ready(format!(
                    "the activity {:?} has the status {:?}",
                    activity.resource_link, activity.status
                )));
            }
            Some(_) => {}
        }
        // LAMB puts no one into the group of an activity that is not active.
        let active = user.activity.as_ref().filter(|activity| activity.status == "active");
        let group = active.map(|activity| activity.group.as_str()).zip(account.membership);
        found.extend(judge(evidence, email, &user.name, account, Way::Activity(group)));
    }
    with(Judged::note(format!("{} of the user's activities checked", person.activities.len())), found)
}

fn not_ready(detail: String) -> Blocked {
    Blocked {
        hit: Hit::new(&LTI_ACTIVITY_NOT_READY, detail),
        seen: "\"Activity Not Ready Yet\" after a click in the LMS",
    }
}

fn assistant_launch(evidence: &PersonEvidence, earlier: Earlier<'_>) -> Judged {
    let Ok(person) = &evidence.person else { return earlier.blocked_by("lms-user") };
    if person.assistants.is_empty() {
        return none("LAMB makes it when the user opens the published assistant");
    }
    let mut found = Vec::new();
    for (user, account) in person.assistants.iter().zip(&evidence.assistants) {
        let email = &user.email;
        if user.group.is_none() {
            found.push(Blocked {
                hit: Hit::new(
                    &LTI_UNPUBLISHED,
                    format!("no published assistant has the key {:?} of {email}", user.key),
                ),
                // A user that LAMB knows is signed in all the same; a new one is refused.
                seen: "\"404: No published assistant found for this oauth_consumer_name\" (500), for new users",
            });
        }
        let group = user.group.as_deref().zip(account.membership);
        found.extend(judge(evidence, email, "", account, Way::Assistant(group)));
    }
    with(Judged::note(format!("{} published assistants of the user checked", person.assistants.len())), found)
}
