//! The steps of the flow `knowledge`: the organization, the address and token that LAMB uses, and the servers' answers.

use super::gather::{Asked, KnowledgeEvidence};
use crate::checks::tables;
use crate::diagnose::request::creator_hits;
use crate::findings::{
    Effect, FixStep, Hit, Judged, KB_OLD_KEY_WINS, KB_SERVER_DOWN, KB_TOKEN_MISMATCH, ORGANIZATION_CONFIG_BROKEN,
    ORGANIZATION_MISSING, Outcome, Severity,
};
use crate::flow::{ByEdition, Earlier, Flow, Names, Step};
use crate::http::{Answer, Failure, FailureKind};
use crate::lamb::Edition;
use crate::settings::mask_url;

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
            id: "kb-plugins",
            title: "the list of ingestion plugins, at the server of LAMB's environment",
            does: ByEdition::both("asks `LAMB_KB_SERVER` for every organization, and passes its status on"),
            screen: ByEdition::both(""),
            check: plugins,
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
        if let Some(Ok(found)) = &start.subject.creator {
            // Why there is none, in the words of the other flows.
            let why = creator_hits(&evidence.user, found).into_iter().take(1);
            let hits = why.map(|hit| Hit { severity: Severity::Error, ..hit });
            return Judged::note(format!("no creator {email}")).hits(hits);
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

/// The settings without which the server cannot be asked.
pub(super) fn to_set(evidence: &KnowledgeEvidence) -> Option<FixStep> {
    let server = &evidence.knowledge.as_ref()?.server;
    let missing: Vec<&str> =
        [("LAMB_KB_SERVER", server.url.is_none()), ("LAMB_KB_SERVER_TOKEN", server.token.is_none())]
            .into_iter()
            .filter_map(|(name, is_missing)| is_missing.then_some(name))
            .collect();
    let names = missing.join(" and ");
    let advice = format!("set {names} for lamb-auth, as in the environment of LAMB's backend, or pass its --env-file");
    (!missing.is_empty()).then(|| FixStep::advice(advice))
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
            format!(
                "{}: no token is set for it, and LAMB_KB_SERVER_TOKEN is not set in this environment",
                mask_url(&url.value)
            ),
        ),
        (Some(url), Some(token)) => Judged::note(format!(
            "{} from {}, token {} from {}",
            mask_url(&url.value),
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
        Some(answer) => judge_read(evidence, asked, answer, Page::KNOWLEDGE_BASES),
    }
}

fn plugins(evidence: &KnowledgeEvidence, earlier: Earlier<'_>) -> Judged {
    let Some(own) = &evidence.knowledge else { return earlier.blocked_by("organization") };
    let Some(asked) = &evidence.plugins else {
        let what = match &own.server.url {
            Some(_) if !evidence.has_environment => "LAMB_KB_SERVER is not set here",
            Some(_) => "the organization's server is that of LAMB's environment, as far as these settings tell",
            None => "no address is known",
        };
        return Judged::instead(Outcome::Skipped, what);
    };
    match (&asked.read, &asked.health) {
        (Some(answer), _) => judge_read(evidence, asked, answer, Page::PLUGINS),
        (None, Some(Ok(answer))) => down(format!("{} answers {}", answer.url, answer.summary())),
        (None, Some(Err(failure))) => no_answer(failure),
        (None, None) => Judged::instead(Outcome::Skipped, "no address is known"),
    }
}

fn library(evidence: &KnowledgeEvidence, earlier: Earlier<'_>) -> Judged {
    if evidence.config.is_none() {
        return earlier.blocked_by("organization");
    }
    match evidence.library.as_ref().and_then(|asked| Some((asked, asked.read.as_ref()?))) {
        None => Judged::instead(Outcome::Skipped, "LAMB has no Library Manager here, as far as these settings tell"),
        Some((asked, answer)) => judge_read(evidence, asked, answer, Page::LIBRARIES),
    }
}

/// A page of LAMB's that passes on what a server says.
#[derive(Clone, Copy, Debug)]
struct Page {
    /// What LAMB puts in front of the server's text.
    words: &'static str,
    /// What LAMB says where the server does not answer.
    no_answer: &'static str,
    /// What LAMB says where the answer is no JSON.
    no_json: &'static str,
    /// When the user meets it.
    when: &'static str,
}

impl Page {
    const KNOWLEDGE_BASES: Self = Self {
        words: "KB server error",
        no_answer: "Unable to connect to KB server",
        no_json: "Expecting value",
        when: "a knowledge base is opened or created",
    };
    const PLUGINS: Self = Self {
        words: "KB server error fetching plugins",
        no_answer: "Unable to connect to KB server",
        no_json: "Error getting ingestion plugins: Expecting value",
        when: "the form that adds files to a knowledge base is opened",
    };
    const LIBRARIES: Self = Self {
        words: "Library Manager error",
        no_answer: "Unable to connect to Library Manager",
        no_json: "Internal Server Error",
        when: "the page that adds to a library is opened",
    };

    /// Only a 401 signs the user out, and only in the native edition.
    fn seen(self, evidence: &KnowledgeEvidence, words: &str, is_401: bool) -> String {
        if is_401 && evidence.user.start.edition == Some(Edition::Native) {
            return format!("the login page, without a message, when {}", self.when);
        }
        format!("{words:?} when {}", self.when)
    }
}

/// The answer to a read with LAMB's token.
fn judge_read(evidence: &KnowledgeEvidence, asked: &Asked, answer: &Result<Answer, Failure>, page: Page) -> Judged {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return no_answer(failure).seen(page.seen(evidence, page.no_answer, false)),
    };
    let says = format!("{} answers {}", answer.url, answer.summary());
    let fact = |judged: Judged| judged.fact("answer", answer.summary(), &answer.url);
    match answer.status {
        200 if answer.json().is_some() => fact(Judged::note(format!("{} accepts LAMB's token", answer.url))),
        401 => {
            let source = asked.server.token.as_ref().map_or("(none)", |token| token.source.as_str());
            let words = page.words;
            let detail = format!("{says} to the token of {source}; LAMB passes it on as 401 \"{words}: ...\"");
            let hit = Hit::new(&KB_TOKEN_MISMATCH, detail);
            fact(Judged::note(says).hits([hit])).seen(page.seen(evidence, words, true))
        }
        200 => {
            let seen = page.seen(evidence, page.no_json, false);
            fact(down(format!("{says}, which is no JSON: another program answers there"))).seen(seen)
        }
        _ => fact(down(says)).seen(page.seen(evidence, page.words, false)),
    }
}
