//! The steps of the flow `knowledge`: the organization, the address and token that LAMB uses, and the servers' answers.

use super::gather::{Asked, KnowledgeEvidence};
use crate::checks::tables;
use crate::findings::{
    CREATOR_MISSING, Effect, FixStep, Hit, Judged, KB_OLD_KEY_WINS, KB_SERVER_DOWN, KB_TOKEN_MISMATCH,
    ORGANIZATION_CONFIG_BROKEN, ORGANIZATION_MISSING, Outcome, Severity,
};
use crate::flow::{ByEdition, Earlier, Flow, Names, Step};
use crate::http::{Answer, Failure, FailureKind};

/// Opening a knowledge base.
pub(in crate::diagnose) static KNOWLEDGE: Flow<KnowledgeEvidence> = Flow {
    id: "knowledge",
    names: Names::First,
    steps: &[
        Step {
            id: "organization",
            title: "the user's organization and its settings",
            does: ByEdition::both("finds the organization of the creator, and reads its config"),
            screen: ByEdition::both(""),
            check: |evidence, _| organization(evidence),
        },
        Step {
            id: "kb-settings",
            title: "the address and the token of the knowledge base server",
            does: ByEdition {
                delegated: "reads setups.default.knowledge_base, else LAMB_KB_SERVER and LAMB_KB_SERVER_TOKEN",
                native: "reads setups.default.knowledge_base, then kb_server, else LAMB_KB_SERVER and LAMB_KB_SERVER_TOKEN",
            },
            screen: ByEdition::both(""),
            check: settings,
        },
        Step {
            id: "kb-health",
            title: "the knowledge base server's /health",
            does: ByEdition::both("asks before each other request, for five seconds"),
            screen: ByEdition::both("\"Knowledge Base server offline\" in place of the knowledge bases"),
            check: health,
        },
        Step {
            id: "kb-read",
            title: "a read at the knowledge base server, with LAMB's token",
            does: ByEdition::both("passes the server's status and text on to the browser"),
            screen: ByEdition::both(""),
            check: read,
        },
        Step {
            id: "library-read",
            title: "a read at the Library Manager, with LAMB's token",
            does: ByEdition { delegated: "has no Library Manager", native: "passes a 401 on to the browser" },
            screen: ByEdition::both(""),
            check: library,
        },
    ],
};

fn organization(evidence: &KnowledgeEvidence) -> Judged {
    let start = &evidence.user.start;
    let tables = tables::judge(&start.lamb);
    let Some(email) = &start.subject.email else {
        return Judged::instead(Outcome::CouldNotTell, "no user is known: pass --email").hits(tables.hits);
    };
    let Some(creator) = evidence.creator() else {
        if start.subject.creator_is_missing() {
            let detail = format!("LAMB has no creator {email}");
            let fix = FixStep::command(&["diagnose", "--email", email.as_str()]);
            return Judged::note("no such creator").hits([Hit::new(&CREATOR_MISSING, detail).fixed_by([fix])]);
        }
        return Judged::instead(Outcome::CouldNotTell, "LAMB's database was not read").hits(tables.hits);
    };
    let Some(organization) = &creator.organization else {
        let hit = Hit::new(&ORGANIZATION_MISSING, format!("{email} belongs to no organization"));
        return Judged::note("no organization").hits([hit.severity(Severity::Error, Effect::KnowledgeBases)]);
    };
    if let Some(why) = organization.config_problem(start.edition) {
        let detail = format!("config of the organization {} {why}", organization.slug);
        let hit = Hit::new(&ORGANIZATION_CONFIG_BROKEN, detail);
        return Judged::note("the settings cannot be read").hits([hit.severity(Severity::Error, Effect::Crashes)]);
    }
    if evidence.config.is_none() {
        return Judged::instead(Outcome::CouldNotTell, format!("the settings of {} were not read", organization.slug));
    }
    Judged::note(format!("{email} belongs to {}", organization.slug)).hits(tables.hits)
}

fn settings(evidence: &KnowledgeEvidence, earlier: Earlier<'_>) -> Judged {
    let Some(asked) = &evidence.knowledge else { return earlier.blocked_by("organization") };
    let judged = match (&asked.server.url, &asked.server.token) {
        (None, _) => Judged::instead(
            Outcome::CouldNotTell,
            "the organization names no server, and LAMB_KB_SERVER is not set in this environment",
        ),
        (Some(url), None) => Judged::instead(
            Outcome::CouldNotTell,
            format!("{}: no token is set for it, and LAMB_KB_SERVER_TOKEN is not set in this environment", url.value),
        ),
        (Some(url), Some(token)) => Judged::note(format!(
            "{} from {}, token {} from {}",
            url.value,
            url.source,
            token.value.masked(),
            token.source
        )),
    };
    let hits = asked.server.hidden.iter().map(|(hidden, by)| {
        Hit::new(&KB_OLD_KEY_WINS, format!("{hidden} has no effect: LAMB reads {by}, which says something else"))
    });
    judged.hits(hits)
}

fn health(evidence: &KnowledgeEvidence, earlier: Earlier<'_>) -> Judged {
    let Some(asked) = &evidence.knowledge else { return earlier.blocked_by("organization") };
    let Some(answer) = &asked.health else {
        return Judged::instead(Outcome::Skipped, "no address is known");
    };
    match answer {
        Ok(answer) if answer.status == 200 => Judged::note(format!("{} answers 200", answer.url)),
        Ok(answer) => down(format!("{} answers {}", answer.url, answer.summary())),
        Err(failure) => no_answer(failure),
    }
}

fn down(detail: String) -> Judged {
    Judged::note(detail.clone()).hits([Hit::new(&KB_SERVER_DOWN, detail)])
}

/// A name that only LAMB's container knows is no fault of the server's.
fn no_answer(failure: &Failure) -> Judged {
    match failure.kind {
        FailureKind::Dns => {
            let note = format!("{failure}; run lamb-auth inside the backend's container");
            Judged::instead(Outcome::CouldNotTell, note)
        }
        _ => down(failure.to_string()),
    }
}

fn read(evidence: &KnowledgeEvidence, earlier: Earlier<'_>) -> Judged {
    let Some(asked) = &evidence.knowledge else { return earlier.blocked_by("organization") };
    match &asked.read {
        None if asked.health.is_some() => earlier.blocked_by("kb-health"),
        None => Judged::instead(Outcome::Skipped, "no address is known"),
        Some(answer) => judge_read(asked, answer, "KB server error"),
    }
}

fn library(evidence: &KnowledgeEvidence, earlier: Earlier<'_>) -> Judged {
    if evidence.config.is_none() {
        return earlier.blocked_by("organization");
    }
    match evidence.library.as_ref().and_then(|asked| Some((asked, asked.read.as_ref()?))) {
        None => Judged::instead(Outcome::Skipped, "LAMB has no Library Manager here, as far as these settings tell"),
        Some((asked, answer)) => judge_read(asked, answer, "Library Manager error"),
    }
}

/// The answer to a read with LAMB's token. `words`: what LAMB puts in front of the server's text.
fn judge_read(asked: &Asked, answer: &Result<Answer, Failure>, words: &str) -> Judged {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return no_answer(failure),
    };
    let says = format!("{} answers {}", answer.url, answer.summary());
    let fact = |judged: Judged| judged.fact("answer", answer.summary(), &answer.url);
    match answer.status {
        200 if answer.json().is_some() => fact(Judged::note(format!("{} accepts LAMB's token", answer.url))),
        401 => {
            let source = asked.server.token.as_ref().map_or("(none)", |token| token.source.as_str());
            let detail = format!("{says} to the token of {source}; LAMB passes it on as 401 \"{words}: ...\"");
            fact(Judged::note(says).hits([Hit::new(&KB_TOKEN_MISMATCH, detail)]))
        }
        200 => fact(down(format!("{says}, which is no JSON: another program answers there"))),
        _ => fact(down(says)),
    }
}
