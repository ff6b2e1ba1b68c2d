//! An audit as one page for the browser: nothing beside it is loaded, nothing leaves it, and it reads without
//! JavaScript, on a phone, in the dark and on paper.

mod parts;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::clean;
use super::sheet::word;
use crate::audit::report::{Audit, AuditScope, Group, PeopleTotals};
use crate::clock;
use crate::findings::Severity;
use parts::{group_table, patterns, platform, severity_badge};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page. maud escapes all that is put into it, and at the end what would still fool an eye or an editor (control
/// characters, turns of the writing direction) is shown by its number. Should a script get in all the same, no browser
/// runs it: the policy names the hashes of the page's own.
pub(crate) fn html(audit: &Audit) -> String {
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { "Audit of LAMB and Open WebUI, " (clock::rfc3339(audit.at)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (patterns())
                header {
                    h1 { "Audit of LAMB and Open WebUI" }
                    @for line in headline(audit) { p.lead { (line) } }
                    (facts(audit))
                    (contents(audit))
                }
                main { (sections(audit)) }
                footer { p.faint { "Made by lamb-auth " (crate::version::SHORT) ". It contains e-mail addresses: treat it as personal data." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    clean(&page.into_string())
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn headline(audit: &Audit) -> Vec<String> {
    let mut lines = Vec::new();
    // A count of all that is wrong with people would be read as one of the finding that was asked for.
    if let Some(id) = &audit.scope.finding {
        let users = audit.groups.iter().map(|group| group.count).sum::<usize>();
        lines.push(match (users, audit.platform.findings.len()) {
            (0, 0) => format!("No user has {id}."),
            (0, _) => format!("The platform has {id}."),
            (users, _) => format!("{} {id}.", plural(users, "user has", "users have")),
        });
    } else if let Some(PeopleTotals { addresses, sound, failing, .. }) = audit.people {
        let people = plural(addresses, "person", "people");
        let warned = addresses.saturating_sub(sound).saturating_sub(failing);
        let have = |count: usize| format!("{count} of {people} {}", if count == 1 { "has" } else { "have" });
        lines.push(match (failing, warned) {
            (0, 0) => format!("None of {people} has an error or a warning."),
            (0, warned) => format!("{} a warning, and none an error.", have(warned)),
            (failing, 0) => format!("{} an error.", have(failing)),
            (failing, warned) => format!("{} an error, and {warned} a warning.", have(failing)),
        });
    }
    // Where one finding is asked for, the rest of the platform is not told.
    if audit.scope.finding.is_none() {
        lines.push(match audit.platform.findings.len() {
            0 => "No findings about the platform.".to_owned(),
            count => format!("{} about the platform.", plural(count, "finding", "findings")),
        });
    }
    if !audit.could_not_tell.is_empty() {
        let things = plural(audit.could_not_tell.len(), "thing", "things");
        lines.push(format!("{things} could not be checked. A check that is missing here has not passed."));
    }
    lines
}

fn scope(scope: &AuditScope) -> Markup {
    let AuditScope { platform_only, finding, email, organization } = scope;
    html! {
        @if scope == &AuditScope::default() { "all users, and the platform" }
        @if *platform_only { "the platform only " }
        @if let Some(finding) = finding { "the finding " span.said { (finding) } " " }
        @if let Some(email) = email { "e-mails like " span.said { (email) } " " }
        @if let Some(organization) = organization { "the organization " span.said { (organization) } }
    }
}

fn facts(audit: &Audit) -> Markup {
    let fact = |label: &str, value: Markup| html! { div { dt { (label) } dd { (value) } } };
    let not_known = || html! { "not known" };
    html! {
        dl.facts {
            (fact("When", time(audit.at)))
            (fact("LAMB", audit.edition.map_or_else(not_known, |edition| html! { "edition " (edition) })))
            (fact("Open WebUI", audit.owi_version.as_ref().map_or_else(not_known, |version| html! { (version) })))
            (fact("LAMB's database", html! { span.said { (audit.lamb_db) } }))
            (fact("Open WebUI's database", audit.owi_db.as_ref().map_or_else(not_known, |path| html! { span.said { (path) } })))
            (fact("Looked at", scope(&audit.scope)))
            @if let Some(people) = audit.people {
                (fact("Creators in LAMB", html! { (people.creators) }))
                (fact("Users in Open WebUI", html! { (people.owi_users) }))
                (fact("People", html! { (people.addresses) ", of them " (plural(people.students, "student", "students")) " from the LMS" }))
            }
        }
    }
}

fn contents(audit: &Audit) -> Markup {
    html! {
        nav aria-label="On this page" {
            @if audit.people.is_some() { a href="#people" { "People" } " · " }
            a href="#platform" { "The platform" }
            @if !audit.duplicates.is_empty() { " · " a href="#duplicates" { "Duplicates" } }
            @if !audit.could_not_tell.is_empty() { " · " a href="#not-told" { "What could not be checked" } }
        }
    }
}

fn sections(audit: &Audit) -> Markup {
    html! {
        @if audit.people.is_some() {
            section aria-labelledby="people" {
                h2 id="people" { "People" }
                @if audit.groups.is_empty() {
                    p { "No findings about users." }
                } @else {
                    (chart(audit))
                    (group_table(&audit.groups))
                }
            }
        }
        section aria-labelledby="platform" {
            h2 id="platform" { "The platform" }
            (platform(&audit.platform, audit.edition))
        }
        @if !audit.duplicates.is_empty() {
            section aria-labelledby="duplicates" {
                h2 id="duplicates" { "E-mails that Open WebUI has more than once" }
                @for duplicate in &audit.duplicates { (parts::duplicate(duplicate)) }
                @if audit.more_duplicates > 0 { p { "And " (audit.more_duplicates) " more: audit --finding owi-duplicate." } }
            }
        }
        @if !audit.could_not_tell.is_empty() {
            section aria-labelledby="not-told" {
                h2 id="not-told" { "What could not be checked" }
                ul { @for what in &audit.could_not_tell { li.said { (what) } } }
            }
        }
    }
}

/// How many have what: bars as long as the counts, and the counts beside them. What is by design, like all the
/// students of an LMS, would dwarf what is wrong: it is told in words.
fn chart(audit: &Audit) -> Markup {
    let (told, wrong): (Vec<_>, Vec<_>) = audit.groups.iter().partition(|group| group.severity == Severity::Info);
    let most = wrong.iter().map(|group| group.count).max().unwrap_or(0).max(1);
    let link = |group: &Group| html! { a href={ "#finding-" (group.finding.id) } { (group.finding.title) } };
    html! {
        @if !wrong.is_empty() {
            ul.bars aria-label="How many people have which finding" {
                @for group in &wrong {
                    li {
                        (link(group))
                        (severity_badge(group.severity))
                        svg aria-hidden="true" {
                            rect.room width="100%" height="100%" {}
                            rect width={ (percent(group.count, most)) "%" } height="100%"
                                fill={ "url(#ink-" (word(group.severity)) ")" } {}
                        }
                        span.number { (group.count) }
                    }
                }
            }
        }
        @if !told.is_empty() {
            p { (severity_badge(Severity::Info)) " And by design, or worth knowing:" }
            ul { @for group in told { li { (link(group)) ": " (group.count) } } }
        }
    }
}

/// `count` of `most` in percent, with a decimal. A count of one beside one of ten thousand is still to be seen.
fn percent(count: usize, most: usize) -> String {
    let tenths = (count.saturating_mul(1000) / most).max(5);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn time(seconds: i64) -> Markup {
    let text = clock::rfc3339(seconds);
    html! { time datetime=(text) { (text) } }
}
